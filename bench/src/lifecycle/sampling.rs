//! Times of something that takes less than the clock can tell alone.

use anyhow::Result;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// What was found, in nanoseconds.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Times {
    /// The median over small batches of the mean of each.
    pub median: f64,
    /// The 99th percentile of single ones, the clock's own time included.
    pub p99: f64,
    /// How many a second, all threads together.
    pub per_second: f64,
    /// How many in a second of a thread's own processor time: what other programs take of the
    /// processors is not counted, what threads cost each other is.
    pub per_cpu_second: f64,
}

/// A batch takes at least so long, or is as long as this many.
const BATCH: Duration = Duration::from_micros(20);
const MAX_BATCH: u64 = 64;

/// How long is warmed up.
const WARM_UP: Duration = Duration::from_millis(10);

/// Times `work`, which does something a number of times, on some threads at once.
pub fn times(threads: usize, time: Duration, work: impl Fn(u64) -> Result<()> + Sync) -> Result<Times> {
    let barrier = Barrier::new(threads);
    let of_threads = thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let warm = warm_up(&work);
                    barrier.wait();
                    sample(time, warm?, &work)
                })
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().expect("a measuring thread panicked"))
            .collect::<Result<Vec<_>>>()
    })?;
    let per_second = of_threads.iter().map(|samples| samples.per_second).sum();
    let done: f64 = of_threads.iter().map(|samples| samples.done).sum();
    let cpu: f64 = of_threads.iter().map(|samples| samples.cpu).sum();
    let together = |of: fn(&Samples) -> &[f64]| -> Vec<f64> {
        of_threads.iter().flat_map(|samples| of(samples).iter().copied()).collect()
    };
    Ok(Times {
        median: quantile(together(|samples| &samples.means), 0.5),
        p99: quantile(together(|samples| &samples.single), 0.99),
        per_second,
        per_cpu_second: done / cpu,
    })
}

struct Samples {
    means: Vec<f64>,
    single: Vec<f64>,
    per_second: f64,
    done: f64,
    /// Seconds that the thread worked for them.
    cpu: f64,
}

/// The size of a batch.
fn warm_up(work: impl Fn(u64) -> Result<()>) -> Result<u64> {
    let start = Instant::now();
    let mut done = 0;
    while done < 8 || start.elapsed() < WARM_UP {
        work(1)?;
        done += 1;
    }
    let each = start.elapsed().as_nanos() as u64 / done;
    Ok((BATCH.as_nanos() as u64 / each.max(1)).clamp(1, MAX_BATCH))
}

fn sample(time: Duration, batch: u64, work: impl Fn(u64) -> Result<()>) -> Result<Samples> {
    let (start, worked) = (Instant::now(), thread_time());
    let (mut means, mut last) = (Vec::new(), start);
    while means.len() < 8 || last - start < time {
        work(batch)?;
        let now = Instant::now();
        means.push((now - last).as_nanos() as f64 / batch as f64);
        last = now;
    }
    let done = means.len() as f64 * batch as f64;
    let (per_second, cpu) = (done / (last - start).as_secs_f64(), thread_time() - worked);
    let start = Instant::now();
    let (mut single, mut last) = (Vec::new(), start);
    while single.len() < 8 || last - start < time {
        work(1)?;
        let now = Instant::now();
        single.push((now - last).as_nanos() as f64);
        last = now;
    }
    Ok(Samples { means, single, per_second, done, cpu })
}

fn thread_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The value below which a part of all values is.
pub fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part).round() as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_sorted_values() {
        assert_eq!(quantile(vec![3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile((0..=100).rev().map(f64::from).collect(), 0.99), 99.0);
        assert!(quantile(Vec::new(), 0.5).is_nan());
    }

    #[test]
    fn work_is_timed_on_every_thread() {
        let work = |times| {
            (0..times).for_each(|_| thread::sleep(Duration::from_micros(200)));
            Ok(())
        };
        let found = times(2, Duration::from_millis(5), work).unwrap();
        assert!(found.median > 200_000.0 && found.p99 >= found.median / 2.0);
        assert!(found.per_second > 100.0 && found.per_second < 10_000.0);
        assert!(times(1, Duration::ZERO, |_| anyhow::bail!("no")).is_err());
    }
}
