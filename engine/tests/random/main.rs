//! Random modules, run in two ways that must not differ in anything that can be seen.
//! `DAYFLY_RANDOM_MODULES=n` runs the first `n` modules instead of some hundreds,
//! `DAYFLY_RANDOM_MODULES=m..n` those from `m` on.

mod agreement;
mod artifact;
mod calls;
mod engines;
mod foreign;
mod modules;
mod plain;
mod portrait;
mod reuse;
mod torture;
mod world;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

const THREADS: usize = 2;

/// Bytes of stack of a thread: frames differ in size, and none may be the last that fits.
const STACK: usize = 96 << 20;

/// The seeds to run; of an ordinary run `ordinary`.
fn seeds(ordinary: u64) -> Range<u64> {
    let number = |text: &str| text.parse().expect("DAYFLY_RANDOM_MODULES is a number or two");
    match std::env::var("DAYFLY_RANDOM_MODULES") {
        Ok(seeds) => match seeds.split_once("..") {
            Some((first, end)) => number(first)..number(end),
            None => 0..number(&seeds),
        },
        Err(_) => 0..ordinary,
    }
}

/// Runs all seeds on some threads, each of which has what `start` makes; in the end all
/// seeds that went wrong are told.
fn in_parallel<T>(
    seeds: Range<u64>,
    start: impl Fn() -> T + Sync,
    run: impl Fn(&mut T, u64) -> Result<(), String> + Sync,
) {
    let (next, wrong) = (AtomicU64::new(seeds.start), Mutex::new(Vec::new()));
    let work = || {
        let mut own = start();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| run(&mut own, seed)));
            if let Err(difference) = outcome.unwrap_or_else(|_| Err("panic".to_owned())) {
                wrong.lock().unwrap().push(format!("module {seed}: {difference}"));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).unwrap();
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} modules went wrong:\n{}", wrong.len(), wrong.join("\n"));
}
