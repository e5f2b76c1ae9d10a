//! Bounds what guests use: fuel, time, memory, stack.
//! `cargo run -p dayfly --example limits_and_interruption`

use dayfly::{Config, Engine, Instance, Module, Result, Store, StoreLimits, StoreLimitsBuilder, Trap};
use std::thread;
use std::time::{Duration, Instant};

const GUEST: &str = r#"
    (module
        (memory (export "memory") 1)
        (func (export "spin") (loop $again (br $again)))
        (func (export "grow") (result i32) (memory.grow (i32.const 100)))
        (func $recurse (export "recurse") (call $recurse)))
"#;

fn main() -> Result<()> {
    fuel()?;
    time()?;
    memory_and_stack()
}

/// Fuel is exact: the same guest stops at the same place every time.
fn fuel() -> Result<()> {
    let engine = Engine::new(Config::new().consume_fuel(true))?;
    let module = Module::new(&engine, GUEST)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(100_000)?;
    let instance = Instance::new(&mut store, &module, &[])?;
    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    let error = spin.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
    println!("fuel: {error}, {} left", store.get_fuel()?);
    Ok(())
}

/// Epochs are cheap: another thread ticks, guests look at a counter.
fn time() -> Result<()> {
    let engine = Engine::new(Config::new().epoch_interruption(true))?;
    let module = Module::new(&engine, GUEST)?;
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    let instance = Instance::new(&mut store, &module, &[])?;
    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;

    let ticker = engine.clone();
    let timer = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        ticker.increment_epoch();
    });
    let start = Instant::now();
    let error = spin.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
    println!("epoch: {error} after {} ms", start.elapsed().as_millis());
    timer.join().expect("the timer does not panic");
    Ok(())
}

/// A limiter in the store's data is asked before memory grows; the guest sees a refusal
/// as -1. Endless recursion is a trap.
fn memory_and_stack() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;
    let limits: StoreLimits = StoreLimitsBuilder::new().memory_size(1 << 20).build();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, &module, &[])?;

    let grow = instance.get_typed_func::<(), i32>(&mut store, "grow")?;
    println!("memory: growing by 100 pages gives {}", grow.call(&mut store, ())?);
    let recurse = instance.get_typed_func::<(), ()>(&mut store, "recurse")?;
    println!("stack: {}", recurse.call(&mut store, ()).unwrap_err());
    Ok(())
}
