//! Random modules do what they do in another engine: `foreign.txt` is what wasmi 2.0.0 did, written by
//! `fuzz/examples/record.rs`. The fuzz target `foreign` makes the same comparison with wasmi at hand.

use crate::plain::{self, NO_ROOM, sum};
use crate::{in_parallel, modules};
use dayfly::{Config, Engine, Strategy};
use std::sync::atomic::{AtomicU64, Ordering};

const RECORD: &str = include_str!("foreign.txt");

fn engine(strategy: Strategy) -> Option<Engine> {
    let mut config = Config::new();
    config.strategy(strategy).checked_compilation(true).parallel_compilation(false);
    config.wasm_wide_arithmetic(true).wasm_custom_page_sizes(true);
    Engine::new(&config).ok()
}

#[test]
fn engines_do_what_another_does() {
    let rows: Vec<&str> = RECORD.lines().skip(1).collect();
    let (compared, lines) = (AtomicU64::new(0), AtomicU64::new(0));
    in_parallel(
        0..rows.len() as u64,
        || (),
        |(), row| {
            let mut words = rows[row as usize].split(' ');
            let [seed, count, expected] = [10, 10, 16].map(|radix| {
                let word = words.next().expect("a row has three words");
                u64::from_str_radix(word, radix).expect("a row is of numbers")
            });
            let wasm = modules::of_numbers(seed).ok_or("wasm-smith gives another module now: record anew")?;
            for strategy in [Strategy::Interpreter, Strategy::Compiler, Strategy::Mixed(seed)] {
                let Some(engine) = engine(strategy) else { continue };
                let seen = plain::describe(&engine, &wasm);
                if seen.iter().any(|line| line == NO_ROOM) {
                    return Err(format!("seed {seed}, {strategy:?}: there is no room"));
                }
                if seen.len() as u64 != count || sum(seen.join("\n").as_bytes()) != expected {
                    return Err(format!("seed {seed}, {strategy:?}:\n{}", seen.join("\n")));
                }
                compared.fetch_add(1, Ordering::Relaxed);
                lines.fetch_add(count, Ordering::Relaxed);
            }
            Ok(())
        },
    );
    let [compared, lines] = [compared, lines].map(AtomicU64::into_inner);
    println!("{compared} runs of modules, {lines} lines, as in another engine");
    assert!(compared > 200 && lines > 4 * compared, "the modules show nothing");
}
