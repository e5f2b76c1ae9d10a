//! The threads that wait at addresses of one shared memory, first come, first
//! served. Invariant: a waiter is in its queue, or it has been notified, or it has
//! left; all three change under the lock, so that no notification is lost.
//! Spec: threads proposal, "Wait and notify operators".

use core::sync::atomic::{AtomicBool, Ordering};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How a wait ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum WaitResult {
    /// Another thread notified this one.
    Ok = 0,
    /// Memory did not hold the expected value.
    Mismatch = 1,
    /// The time was up.
    TimedOut = 2,
}

/// Who waits at which byte of the memory.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    queues: Mutex<Queues>,
}

type Queues = HashMap<usize, VecDeque<Arc<Waiter>>>;

/// A thread that waits.
#[derive(Debug)]
struct Waiter {
    thread: Thread,
    notified: AtomicBool,
}

/// How long a thread sleeps before it asks whether it is to go on waiting.
const SLICE: Duration = Duration::from_millis(50);

/// Asked now and then while a thread waits; an error ends the wait.
pub(super) type Poll<'a, E> = &'a mut dyn FnMut() -> Result<(), E>;

impl Waiters {
    /// Waits at an address for a notification, if `matches` says that memory holds
    /// the expected value, until the deadline if there is one.
    pub(super) fn wait<E>(
        &self,
        address: usize,
        matches: impl FnOnce() -> bool,
        deadline: Option<Instant>,
        mut poll: Option<Poll<'_, E>>,
    ) -> Result<WaitResult, E> {
        let mut queues = self.lock();
        // Whoever changes the value notifies afterwards, and that takes the lock.
        if !matches() {
            return Ok(WaitResult::Mismatch);
        }
        let waiter = Arc::new(Waiter { thread: thread::current(), notified: AtomicBool::new(false) });
        queues.entry(address).or_default().push_back(waiter.clone());
        drop(queues);
        let place = Place { waiters: self, address, waiter: &waiter };
        while !waiter.notified.load(Ordering::Acquire) {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                // The notification may have come at the last moment.
                return Ok(if place.leave() { WaitResult::TimedOut } else { WaitResult::Ok });
            }
            let sleep = match &mut poll {
                Some(poll) => {
                    poll()?;
                    Some(left.map_or(SLICE, |left| left.min(SLICE)))
                }
                None => left,
            };
            match sleep {
                Some(time) => thread::park_timeout(time),
                None => thread::park(),
            }
        }
        Ok(WaitResult::Ok)
    }

    /// Wakes up to `count` threads that wait at an address, those that have waited
    /// longest first, and returns how many they were.
    pub(super) fn notify(&self, address: usize, count: u32) -> u32 {
        let mut queues = self.lock();
        let Some(queue) = queues.get_mut(&address) else { return 0 };
        let count = queue.len().min(count as usize);
        let woken: Vec<Arc<Waiter>> = queue.drain(..count).collect();
        if queue.is_empty() {
            queues.remove(&address);
        }
        for waiter in &woken {
            waiter.notified.store(true, Ordering::Release);
        }
        drop(queues);
        for waiter in &woken {
            waiter.thread.unpark();
        }
        count as u32
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        // Nothing can panic between the parts of a change.
        self.queues.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// A waiter's place in its queue, given up however the wait ends.
struct Place<'a> {
    waiters: &'a Waiters,
    address: usize,
    waiter: &'a Arc<Waiter>,
}

impl Place<'_> {
    /// Leaves the queue; false if the waiter was not there any more.
    fn leave(&self) -> bool {
        let mut queues = self.waiters.lock();
        let Some(queue) = queues.get_mut(&self.address) else { return false };
        let Some(at) = queue.iter().position(|waiter| Arc::ptr_eq(waiter, self.waiter)) else { return false };
        queue.remove(at);
        if queue.is_empty() {
            queues.remove(&self.address);
        }
        true
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.waiter.notified.load(Ordering::Acquire) {
            self.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::sync::atomic::AtomicU32;

    type Never = core::convert::Infallible;

    fn wait(waiters: &Waiters, address: usize, timeout: Option<Duration>) -> WaitResult {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        let Ok(result) = waiters.wait::<Never>(address, || true, deadline, None);
        result
    }

    fn waiting(waiters: &Waiters, address: usize) -> usize {
        waiters.lock().get(&address).map_or(0, VecDeque::len)
    }

    fn until(condition: impl Fn() -> bool) {
        while !condition() {
            thread::yield_now();
        }
    }

    #[test]
    fn nobody_waits_for_another_value() {
        let waiters = Waiters::default();
        let Ok(result) = waiters.wait::<Never>(0, || false, None, None);
        assert_eq!(result, WaitResult::Mismatch);
        assert_eq!(waiting(&waiters, 0), 0);
    }

    #[test]
    fn a_wait_ends_in_time() {
        let waiters = Waiters::default();
        let start = Instant::now();
        assert_eq!(wait(&waiters, 8, Some(Duration::from_millis(30))), WaitResult::TimedOut);
        assert!(start.elapsed() >= Duration::from_millis(30));
        assert_eq!(wait(&waiters, 8, Some(Duration::ZERO)), WaitResult::TimedOut);
        assert!(waiters.lock().is_empty());
        assert_eq!(waiters.notify(8, 1), 0);
    }

    #[test]
    fn the_first_is_woken_first() {
        let waiters = Waiters::default();
        let woken = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for n in 0..4 {
                let (waiters, woken) = (&waiters, &woken);
                scope.spawn(move || {
                    assert_eq!(wait(waiters, 4, None), WaitResult::Ok);
                    woken.lock().unwrap().push(n);
                });
                until(|| waiting(waiters, 4) == n + 1);
            }
            assert_eq!(waiters.notify(0, u32::MAX), 0);
            assert_eq!(waiters.notify(4, 0), 0);
            for n in 1..3 {
                assert_eq!(waiters.notify(4, 1), 1);
                until(|| woken.lock().unwrap().len() == n);
            }
            assert_eq!(woken.lock().unwrap()[..], [0, 1]);
            assert_eq!(waiters.notify(4, u32::MAX), 2);
        });
        assert!(waiters.lock().is_empty());
    }

    #[test]
    fn an_error_of_the_poll_ends_the_wait() {
        let waiters = Waiters::default();
        let mut polls = 0;
        let poll: Poll<'_, &str> = &mut || {
            polls += 1;
            if polls == 3 { Err("enough") } else { Ok(()) }
        };
        assert_eq!(waiters.wait(0, || true, None, Some(poll)), Err("enough"));
        assert!(waiters.lock().is_empty());
    }

    #[test]
    fn no_notification_is_lost() {
        const ROUNDS: u32 = 2000;
        let (waiters, value) = (Waiters::default(), AtomicU32::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                for round in 0..ROUNDS {
                    while value.load(Ordering::SeqCst) == round {
                        let matches = || value.load(Ordering::SeqCst) == round;
                        let Ok(_) = waiters.wait::<Never>(0, matches, None, None);
                    }
                }
            });
            for round in 0..ROUNDS {
                value.store(round + 1, Ordering::SeqCst);
                waiters.notify(0, 1);
            }
        });
        assert!(waiters.lock().is_empty());
    }
}
