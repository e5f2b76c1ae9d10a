//! Random modules that make objects all the time: with a collection at every
//! allocation, which moves all objects, they do the same as without.
//! `DAYFLY_RANDOM_MODULES=n` runs `n` modules instead of some hundreds.

mod portrait;
mod random;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use world::World;

/// Modules of an ordinary run.
const MODULES: u64 = 240;

const THREADS: usize = 2;

/// What was seen, to be sure that enough was.
#[derive(Default)]
struct Totals {
    modules: AtomicU64,
    lines: AtomicU64,
    collections: AtomicU64,
    objects: AtomicU64,
}

#[test]
fn random_modules_do_the_same() {
    let count = match std::env::var("DAYFLY_RANDOM_MODULES") {
        Ok(count) => count.parse().expect("DAYFLY_RANDOM_MODULES is a number"),
        Err(_) => MODULES,
    };
    let (next, totals) = (AtomicU64::new(0), Totals::default());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let (mut plain, mut torture) = (World::new(false), World::new(true));
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= count {
                        break;
                    }
                    compare(seed, &mut plain, &mut torture, &totals);
                }
                totals.collections.fetch_add(torture.collections, Ordering::Relaxed);
            });
        }
    });
    let [modules, lines, collections, objects] =
        [totals.modules, totals.lines, totals.collections, totals.objects].map(AtomicU64::into_inner);
    println!("{modules} modules, {lines} observations, {objects} of objects, {collections} collections");
    assert!(modules > count / 2 && collections > 10 * modules, "the modules make no objects");
    assert!(objects > modules, "the modules show no objects");
}

fn compare(seed: u64, plain: &mut World, torture: &mut World, totals: &Totals) {
    let Some(wasm) = random::module(seed) else { return };
    let (expected, seen) = (plain.observe(&wasm), torture.observe(&wasm));
    for (expected, seen) in expected.iter().zip(&seen) {
        assert_eq!(expected, seen, "module {seed}");
    }
    assert_eq!(expected.len(), seen.len(), "module {seed}");
    let objects = seen.iter().filter(|line| line.contains(['{', '['])).count();
    totals.modules.fetch_add(1, Ordering::Relaxed);
    totals.lines.fetch_add(seen.len() as u64, Ordering::Relaxed);
    totals.objects.fetch_add(objects as u64, Ordering::Relaxed);
}
