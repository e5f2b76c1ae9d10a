//! A million instances alive at once, each of which has written to some pages of a memory with
//! a 2 MiB image: what they weigh, what parking and waking one takes, and that each finds again
//! what it wrote.
//!
//! ```sh
//! cargo run --release -p dayfly --example parked_instances -- 1000000
//! ```

use dayfly::{Engine, InstancePark, Linker, Module, Result};
use std::time::{Duration, Instant};

fn main() -> Result<()> {
    let count: u32 = std::env::args().nth(1).map_or(100_000, |arg| arg.parse().expect("a number"));
    let engine = Engine::default();
    let module = Module::new(&engine, guest())?;
    let pre = Linker::new(&engine).instantiate_pre(&module)?;
    let mut park = InstancePark::new(pre);
    park.keep_awake(0);
    let before = resident();
    let mut times = Vec::with_capacity(count as usize);
    for key in 0..count {
        let start = Instant::now();
        let found = step(&mut park, key)?;
        times.push(start.elapsed());
        assert_eq!(found, 0, "the instance is fresh");
    }
    report("made, run, parked", &mut times);
    let bytes = resident().saturating_sub(before);
    println!(
        "{} instances: {} MiB resident, {} bytes each",
        park.len(),
        bytes >> 20,
        bytes / park.len().max(1)
    );
    times.clear();
    let (mut random, mut woken) = (1_u64, vec![0; count as usize]);
    for _ in 0..400_000.min(count) {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let key = (random >> 33) as u32 % count;
        let start = Instant::now();
        let found = step(&mut park, key)?;
        times.push(start.elapsed());
        woken[key as usize] += 1;
        assert_eq!(found, woken[key as usize], "the instance finds what it wrote");
    }
    report("woken at random, run, parked", &mut times);
    for key in 0..count {
        assert_eq!(step(&mut park, key)?, woken[key as usize] + 1);
    }
    println!("the state of all of them is as it should be");
    Ok(())
}

/// Lets an instance run; returns how often it has run before, as all lines that it wrote say.
fn step(park: &mut InstancePark<u32, ()>, key: u32) -> Result<i32> {
    park.with(
        key,
        || (),
        |store, instance| instance.get_typed_func::<i32, i32>(&mut *store, "run")?.call(store, key as i32),
    )
}

/// Counts in 8 lines of 4 pages, and checks that they agree. `run` gets the instance's key.
fn guest() -> String {
    let data = "\\07\\00\\00\\00".repeat(2 << 18);
    format!(
        r#"(module
            (memory 32) (data (i32.const 0) "{data}")
            (func (export "run") (param $key i32) (result i32) (local $line i32) (local $at i32) (local $count i32)
                (local.set $count (i32.sub (i32.load (i32.const 400000)) (i32.const 7)))
                (loop $next
                    ;; Line n: page n / 8 of four, line n % 8 in it.
                    (local.set $at (i32.add
                        (i32.mul (i32.shr_u (local.get $line) (i32.const 3)) (i32.const 400000))
                        (i32.add (i32.const 400000)
                            (i32.shl (i32.and (local.get $line) (i32.const 7)) (i32.const 6)))))
                    (if (i32.ne (i32.load (local.get $at)) (i32.add (local.get $count) (i32.const 7)))
                        (then unreachable))
                    (if (local.get $count) (then
                        (if (i32.ne (i32.load offset=4 (local.get $at)) (local.get $key)) (then unreachable))))
                    (i32.store (local.get $at) (i32.add (local.get $count) (i32.const 8)))
                    (i32.store offset=4 (local.get $at) (local.get $key))
                    (local.set $line (i32.add (local.get $line) (i32.const 1)))
                    (br_if $next (i32.lt_u (local.get $line) (i32.const 32))))
                (local.get $count)))"#
    )
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: usize| times[times.len() * part / 1000].as_nanos();
    println!("{what}: median {} ns, p99 {} ns", at(500), at(990));
}

/// Bytes that the process takes of memory, where the system tells.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).map_or(0, |pages| pages * 4096)
}
