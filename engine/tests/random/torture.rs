//! Modules that make objects all the time: with a collection at every allocation, which
//! moves all objects, they do the same as without.

use crate::agreement::compare;
use crate::world::World;
use crate::{in_parallel, modules, seeds};
use dayfly::Config;
use std::sync::atomic::{AtomicU64, Ordering};

/// Modules of an ordinary run.
const MODULES: u64 = 240;

/// Bytes of heap that guests get: few, so that some use them up.
const HEAP: u64 = 256 << 10;

/// What was seen, to be sure that enough was.
#[derive(Default)]
struct Totals {
    modules: AtomicU64,
    lines: AtomicU64,
    collections: AtomicU64,
    objects: AtomicU64,
}

#[test]
fn collections_change_nothing() {
    let (seeds, totals) = (seeds(MODULES), Totals::default());
    let count = seeds.end - seeds.start;
    let world = |torture| World::new(Config::new().gc_torture(torture).max_gc_heap_size(HEAP));
    let start = || (world(false).unwrap(), world(true).unwrap());
    in_parallel(seeds, start, |(plain, torture), seed| {
        let Some(wasm) = modules::of_objects(seed) else { return Ok(()) };
        let (expected, seen) = (plain.observe(&wasm), torture.observe(&wasm));
        compare(&expected, &seen, |_| false)?;
        let objects = seen.iter().filter(|line| line.contains(['{', '['])).count();
        totals.modules.fetch_add(1, Ordering::Relaxed);
        totals.lines.fetch_add(seen.len() as u64, Ordering::Relaxed);
        totals.objects.fetch_add(objects as u64, Ordering::Relaxed);
        totals.collections.fetch_add(std::mem::take(&mut torture.collections), Ordering::Relaxed);
        Ok(())
    });
    let [modules, lines, collections, objects] =
        [totals.modules, totals.lines, totals.collections, totals.objects].map(AtomicU64::into_inner);
    println!("{modules} modules, {lines} observations, {objects} of objects, {collections} collections");
    assert!(modules > count / 2 && collections > 10 * modules, "the modules make no objects");
    assert!(objects > modules, "the modules show no objects");
}
