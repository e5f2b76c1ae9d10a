//! The interpreter, the compiler, and both at once, function by function: they return, trap
//! and throw the same, and leave the same in memories, globals and tables.

use crate::world::World;
use crate::{compare, in_parallel, modules, seeds};
use dayfly::{Config, Strategy};
use std::sync::atomic::{AtomicU64, Ordering};

/// Modules of an ordinary run.
const MODULES: u64 = 160;

/// Bytes of stacks that guests get: more than they need, as frames differ in size.
const STACK: usize = 32 << 20;

/// Bytes of heap that guests get.
const HEAP: u64 = 4 << 20;

/// What was seen, to be sure that enough was.
#[derive(Default)]
struct Totals {
    modules: AtomicU64,
    lines: AtomicU64,
    traps: AtomicU64,
    cut: AtomicU64,
}

/// A world of one engine; `None` if the machine has no compiler.
fn world(strategy: Strategy, metered: bool) -> Option<World> {
    let mut config = Config::new();
    config.strategy(strategy).checked_compilation(true).parallel_compilation(false);
    config.max_wasm_stack(STACK).max_native_stack(STACK).max_gc_heap_size(HEAP);
    config.consume_fuel(metered).epoch_interruption(metered);
    config.wasm_wide_arithmetic(true).wasm_custom_page_sizes(true);
    World::new(&mut config).ok()
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
    let start =
        || (world(Strategy::Interpreter, metered).unwrap(), world(Strategy::Compiler, metered).unwrap());
    in_parallel(seeds, start, |(interpreter, compiler), seed| {
        let Some(wasm) = modules::of_everything(seed) else { return Ok(()) };
        let expected = interpreter.observe(&wasm);
        if expected.is_empty() {
            return Ok(());
        }
        let compared = compare(&expected, &compiler.observe(&wasm), is_about_room)?;
        let mut mixed = world(Strategy::Mixed(seed), metered).unwrap();
        compare(&expected, &mixed.observe(&wasm), is_about_room)
            .map_err(|difference| format!("mixed: {difference}"))?;
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

/// Whether the room for frames or objects is used up, which comes sooner in one engine
/// than in another: they differ in what a frame takes and in how long a reference lives.
fn is_about_room(line: &str) -> bool {
    line.contains("trap: call stack exhausted") || line.contains("trap: GC heap exhausted")
}
