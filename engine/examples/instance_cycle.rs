//! What a fresh instance for each request costs: `{Store::new, instantiate, look up an export,
//! call it, drop}`, where the guest reads a word and writes to some pages.
//!
//! ```sh
//! cargo run --release -p dayfly --example instance_cycle
//! ```

use dayfly::{Engine, InstancePre, Linker, Module, Result, Store};
use std::time::{Duration, Instant};

/// Cycles that one sample takes, so that the clock does not count.
const BATCH: u32 = 16;

fn main() -> Result<()> {
    println!("one cycle, ns: median and 99th percentile of 4000 samples of {BATCH} cycles");
    println!("{:<12} {:>7} {:>9} {:>9}", "module", "pages", "median", "p99");
    let engine = Engine::default();
    for (name, kib) in [("no memory", 0), ("64 KiB", 64), ("2 MiB", 2048), ("16 MiB", 16 << 10)] {
        let module = Module::new(&engine, guest(kib))?;
        let pre = Linker::new(&engine).instantiate_pre(&module)?;
        for pages in [0, 1, 4, 16, 64] {
            if kib / 4 >= pages || pages == 0 {
                let (median, p99) = measure(&engine, &pre, pages as i32)?;
                println!("{name:<12} {pages:>7} {:>9} {:>9}", nanos(median), nanos(p99));
            }
        }
    }
    threads(&engine)
}

/// The throughput of one and two threads, 2 MiB, one page written.
fn threads(engine: &Engine) -> Result<()> {
    let module = Module::new(engine, guest(2048))?;
    let pre = Linker::new(engine).instantiate_pre(&module)?;
    for count in [1, 2] {
        let total: u64 = std::thread::scope(|scope| {
            let run = || {
                let (start, mut cycles) = (Instant::now(), 0);
                while start.elapsed() < Duration::from_secs(1) {
                    for _ in 0..1000 {
                        cycle(engine, &pre, 1).unwrap();
                    }
                    cycles += 1000;
                }
                cycles
            };
            let threads: Vec<_> = (0..count).map(|_| scope.spawn(run)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        println!("{count} threads: {total} cycles in a second");
    }
    Ok(())
}

fn measure(engine: &Engine, pre: &InstancePre<()>, pages: i32) -> Result<(Duration, Duration)> {
    for _ in 0..2000 {
        cycle(engine, pre, pages)?;
    }
    let mut samples = Vec::new();
    for _ in 0..4000 {
        let start = Instant::now();
        for _ in 0..BATCH {
            cycle(engine, pre, pages)?;
        }
        samples.push(start.elapsed() / BATCH);
    }
    samples.sort_unstable();
    Ok((samples[samples.len() / 2], samples[samples.len() * 99 / 100]))
}

fn cycle(engine: &Engine, pre: &InstancePre<()>, pages: i32) -> Result<()> {
    let mut store = Store::new(engine, ());
    let instance = pre.instantiate(&mut store)?;
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run")?;
    // The guest sees what it wrote before only if the instance is not fresh.
    assert_eq!(run.call(&mut store, pages)?, 7);
    Ok(())
}

/// A module with an image of so many KiB, a table of 1000 functions and 50 globals.
fn guest(kib: usize) -> String {
    if kib == 0 {
        return r#"(module (func (export "run") (param i32) (result i32) i32.const 7))"#.to_owned();
    }
    let data = "\\07\\00\\00\\00".repeat(kib * 256);
    let globals = "(global (mut i64) (i64.const 5))".repeat(50);
    format!(
        r#"(module
            (memory (export "memory") {})
            (table 1000 funcref)
            (elem (i32.const 0) func {})
            {globals}
            (data (i32.const 0) "{data}")
            (func $f (export "run") (param $pages i32) (result i32)
                (local $first i32)
                (local.set $first (i32.load (i32.const 128)))
                (global.set 3 (i64.const 9))
                (loop $next
                    (if (local.get $pages) (then
                        (local.set $pages (i32.sub (local.get $pages) (i32.const 1)))
                        (i32.store offset=128 (i32.shl (local.get $pages) (i32.const 12)) (i32.const 1))
                        (br $next))))
                (local.get $first)))"#,
        kib / 64,
        "$f ".repeat(1000)
    )
}

fn nanos(duration: Duration) -> u128 {
    duration.as_nanos()
}
