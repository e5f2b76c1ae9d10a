//! Threads on which functions are compiled that are called for the first time. Whoever calls waits meanwhile; the
//! thread is there for its stack, of which the caller may have used up its own. It waits for the next caller for a
//! while: what a compiler has allocated, the next function needs again.

use super::Worker;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;
use std::time::Duration;

/// Stack of a thread.
const STACK: usize = 8 << 20;

/// How long a thread waits for something to do before it ends.
const PATIENCE: Duration = Duration::from_millis(500);

/// How many wait at once.
const MAX_IDLE: usize = 4;

/// Something to be done.
type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// Threads that wait for something to do.
#[derive(Default)]
pub struct Threads {
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    jobs: Sender<Job>,
    /// Threads are left behind when a process forks.
    process: u32,
}

impl Threads {
    /// Runs a job on one of the threads, and waits for its end. `None` if it panicked, or there is no thread to be had.
    pub fn run<R: Send + 'static>(&self, job: impl FnOnce(&mut Worker) -> R + Send + 'static) -> Option<R> {
        let (done, result) = sync_channel(1);
        let mut job: Job = Box::new(move |worker| {
            let made = catch_unwind(AssertUnwindSafe(|| job(worker)));
            if made.is_err() {
                *worker = Worker::new();
            }
            // Nobody waits any more if this is in vain.
            let _ = done.send(made.ok());
        });
        loop {
            let jobs = match self.take() {
                Some(jobs) => jobs,
                None => start()?,
            };
            match jobs.send(job) {
                Ok(()) => {
                    let result = result.recv().ok().flatten();
                    self.give(jobs);
                    return result;
                }
                // It has lost patience.
                Err(back) => job = back.0,
            }
        }
    }

    fn take(&self) -> Option<Sender<Job>> {
        let mut idle = self.idle.lock().unwrap_or_else(|e| e.into_inner());
        idle.retain(|idle| idle.process == std::process::id());
        Some(idle.pop()?.jobs)
    }

    fn give(&self, jobs: Sender<Job>) {
        let mut idle = self.idle.lock().unwrap_or_else(|e| e.into_inner());
        if idle.len() < MAX_IDLE {
            idle.push(Idle { jobs, process: std::process::id() });
        }
    }
}

fn start() -> Option<Sender<Job>> {
    let (jobs, todo) = channel();
    let work = move || work(&todo);
    thread::Builder::new().name("dayfly compiler".to_owned()).stack_size(STACK).spawn(work).ok()?;
    Some(jobs)
}

fn work(todo: &Receiver<Job>) {
    let mut worker = Worker::new();
    while let Ok(job) = todo.recv_timeout(PATIENCE) {
        job(&mut worker);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::ThreadId;

    #[test]
    fn threads_are_used_again_and_survive_panics() {
        let threads = Threads::default();
        let id = || threads.run(|_| thread::current().id());
        let first: Option<ThreadId> = id();
        assert!(first.is_some() && id() == first);
        assert_eq!(
            threads.run(|_| if thread::current().name().is_some() {
                panic!("as Cranelift does")
            }),
            None
        );
        assert_eq!(id(), first);
        thread::sleep(2 * PATIENCE);
        assert!(id().is_some_and(|second| Some(second) != first));
    }

    #[test]
    fn many_run_at_once() {
        let threads = Threads::default();
        let barrier = std::sync::Arc::new(std::sync::Barrier::new(2 * MAX_IDLE));
        thread::scope(|scope| {
            for n in 0..2 * MAX_IDLE {
                let (threads, barrier) = (&threads, barrier.clone());
                scope.spawn(move || assert_eq!(threads.run(move |_| (barrier.wait(), n).1), Some(n)));
            }
        });
        assert!(threads.idle.lock().unwrap().len() <= MAX_IDLE);
    }
}
