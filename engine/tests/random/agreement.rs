//! Whether engines agree about a module: what each lets see of it, line by line.

use crate::world::World;
use dayfly::{Config, Strategy};

/// Bytes of stacks that guests get: more than they need, as frames differ in size.
const STACK: usize = 32 << 20;

/// Bytes of heap that guests get.
const HEAP: u64 = 4 << 20;

/// A world of one engine; `None` if the machine has no compiler.
pub fn world(strategy: Strategy, metered: bool) -> Option<World> {
    world_of(Config::new(), strategy, metered)
}

/// As `world`, but functions are compiled when they are first called.
pub fn lazy_world(strategy: Strategy, metered: bool) -> Option<World> {
    let mut config = Config::new();
    config.lazy_compilation(true);
    world_of(config, strategy, metered)
}

fn world_of(mut config: Config, strategy: Strategy, metered: bool) -> Option<World> {
    config.strategy(strategy).checked_compilation(true).parallel_compilation(false);
    config.max_wasm_stack(STACK).max_native_stack(STACK).max_gc_heap_size(HEAP);
    config.consume_fuel(metered).epoch_interruption(metered);
    config.wasm_wide_arithmetic(true).wasm_custom_page_sizes(true);
    World::new(&mut config).ok()
}

/// Compares two runs of a module, up to the first line for which `ends` holds, after which
/// they may differ. Gives how many lines are the same, or the first that differs.
pub fn compare(expected: &[String], seen: &[String], ends: impl Fn(&str) -> bool) -> Result<usize, String> {
    for (line, (expected, seen)) in expected.iter().zip(seen).enumerate() {
        if ends(expected) || ends(seen) {
            return Ok(line);
        }
        if expected != seen {
            return Err(format!("line {line} is\n  {seen}\nbut should be\n  {expected}"));
        }
    }
    match (expected.len(), seen.len()) {
        (expected, seen) if expected == seen => Ok(seen),
        (expected, seen) => Err(format!("{seen} lines, but should be {expected}")),
    }
}

/// Whether the room for frames or objects is used up, which comes sooner in one engine
/// than in another: they differ in what a frame takes and in how long a reference lives.
pub fn is_about_room(line: &str) -> bool {
    line.contains("trap: call stack exhausted") || line.contains("trap: GC heap exhausted")
}
