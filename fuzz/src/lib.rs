//! The oracles of the targets: those of the tests, by their paths, and a comparison with another engine.

#[path = "../../engine/tests/random/agreement.rs"]
pub mod agreement;
mod apart;
#[path = "../../engine/tests/random/artifact.rs"]
pub mod artifact;
#[path = "../../engine/tests/random/calls.rs"]
pub mod calls;
#[path = "../../wasi/tests/drive/mod.rs"]
pub mod drive;
pub mod foreign;
#[path = "../../engine/tests/random/modules.rs"]
pub mod modules;
#[path = "../../engine/tests/random/plain.rs"]
pub mod plain;
#[path = "../../engine/tests/random/portrait.rs"]
pub mod portrait;
#[path = "../../parser/tests/parser/reading.rs"]
pub mod reading;
#[path = "../../engine/tests/random/world.rs"]
pub mod world;

use agreement::{compare, is_about_room, world};
use dayfly::Strategy;

/// Runs a module in the interpreter, the compiler, and both, and panics if they differ.
pub fn differ(wasm: &[u8], seed: u64, metered: bool) {
    let see = |strategy| world(strategy, metered).map(|mut world| world.observe(wasm));
    let Some(expected) = see(Strategy::Interpreter).filter(|lines| !lines.is_empty()) else { return };
    for strategy in [Strategy::Compiler, Strategy::Mixed(seed)] {
        let Some(seen) = see(strategy) else { continue };
        if let Err(difference) = compare(&expected, &seen, is_about_room) {
            panic!("{strategy:?}: {difference}");
        }
    }
}
