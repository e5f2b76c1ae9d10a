//! The interpreter, the compiler, both at once, function by function, and the compiler at first calls: they return, trap
//! and throw the same, and leave the same in memories, globals and tables.

use crate::agreement::{compare, is_about_room, lazy_world, world};
use crate::{in_parallel, modules, seeds};
use dayfly::Strategy;
use std::sync::atomic::{AtomicU64, Ordering};

/// Modules of an ordinary run.
const MODULES: u64 = 160;

/// Modules that an engine sees one after the other.
const MODULES_OF_AN_ENGINE: u64 = 1_000;

/// What was seen, to be sure that enough was.
#[derive(Default)]
struct Totals {
    modules: AtomicU64,
    lines: AtomicU64,
    traps: AtomicU64,
    cut: AtomicU64,
}

#[test]
fn all_engines_do_the_same() {
    compare_engines(MODULES, false);
}

#[test]
fn all_engines_burn_the_same_fuel() {
    compare_engines(MODULES / 2, true);
}

fn compare_engines(modules: u64, metered: bool) {
    if world(Strategy::Compiler, metered).is_none() {
        println!("skipped: there is no compiler for this machine");
        return;
    }
    let (seeds, totals) = (seeds(modules), Totals::default());
    let count = seeds.end - seeds.start;
    let worlds =
        || (world(Strategy::Interpreter, metered).unwrap(), world(Strategy::Compiler, metered).unwrap());
    let start = || (worlds(), 0);
    in_parallel(seeds, start, |((interpreter, compiler), used), seed| {
        // An engine keeps the types of all that it ever had, and these have a limit.
        *used += 1;
        if *used % MODULES_OF_AN_ENGINE == 0 {
            (*interpreter, *compiler) = worlds();
        }
        let Some(wasm) = modules::of_everything(seed) else { return Ok(()) };
        let expected = interpreter.observe(&wasm);
        if expected.is_empty() {
            return Ok(());
        }
        let compared = compare(&expected, &compiler.observe(&wasm), is_about_room)?;
        let mut mixed = world(Strategy::Mixed(seed), metered).unwrap();
        compare(&expected, &mixed.observe(&wasm), is_about_room)
            .map_err(|difference| format!("mixed: {difference}"))?;
        // Of both kinds, for a mixture has borders of its own.
        let made = if seed % 4 == 0 { Strategy::Mixed(seed) } else { Strategy::Compiler };
        let mut lazy = lazy_world(made, metered).unwrap();
        compare(&expected, &lazy.observe(&wasm), is_about_room)
            .map_err(|difference| format!("lazily: {difference}"))?;
        let traps = expected.iter().filter(|line| line.contains("trap: ")).count();
        totals.modules.fetch_add(1, Ordering::Relaxed);
        totals.lines.fetch_add(compared as u64, Ordering::Relaxed);
        totals.traps.fetch_add(traps as u64, Ordering::Relaxed);
        totals.cut.fetch_add(u64::from(compared < expected.len()), Ordering::Relaxed);
        Ok(())
    });
    let [modules, lines, traps, cut] =
        [totals.modules, totals.lines, totals.traps, totals.cut].map(AtomicU64::into_inner);
    println!("{modules} modules, {lines} observations, {traps} traps, {cut} modules used up their room");
    assert!(modules > count / 2 && lines > 4 * modules, "the modules show nothing");
    assert!(traps > 0 && cut < modules / 10, "the modules trap never or for want of room");
}
