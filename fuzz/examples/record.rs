//! Writes what wasmi does with random modules, for `engine/tests/random/foreign.rs`, which compares ours with it:
//! `cargo run --release --example record > ../engine/tests/random/foreign.txt`.
//! Invariant: only modules are told in which nothing depends on the room that an engine gives.

use dayfly_fuzz::foreign::describe;
use dayfly_fuzz::modules::of_numbers;
use dayfly_fuzz::plain::{NO_ROOM, sum};

/// Modules that are tried.
const SEEDS: u64 = 400;

fn main() {
    println!("seed, lines of `plain::describe` in wasmi 2.0.0, their sum");
    for seed in 0..SEEDS {
        let Some(lines) = of_numbers(seed).and_then(|wasm| describe(&wasm)) else { continue };
        if lines.iter().all(|line| line != NO_ROOM) {
            println!("{seed} {} {:x}", lines.len(), sum(lines.join("\n").as_bytes()));
        }
    }
}
