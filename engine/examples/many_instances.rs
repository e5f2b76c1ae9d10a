//! Links a module once and instantiates it for every request, on several threads.
//! `cargo run --release -p dayfly --example many_instances`

use dayfly::{Caller, Engine, InstancePre, Linker, Module, Result, Store};
use std::thread;
use std::time::Instant;

const THREADS: u32 = 4;
const REQUESTS: u32 = 2_000;

/// What a request comes with.
struct Request {
    number: u32,
}

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"
        (module
            (import "request" "number" (func $number (result i32)))
            (memory 1)
            (global $served (mut i32) (i32.const 0))
            ;; Every instance starts from the same state: `served` is 1 after each request.
            (func (export "handle") (result i32)
                (global.set $served (i32.add (global.get $served) (i32.const 1)))
                (i32.store (i32.const 0) (call $number))
                (i32.mul (i32.load (i32.const 0)) (global.get $served))))
        "#,
    )?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("request", "number", |caller: Caller<'_, Request>| caller.data().number)?;
    // All imports are found and checked here.
    let pre = linker.instantiate_pre(&module)?;

    let start = Instant::now();
    let workers: Vec<_> = (0..THREADS)
        .map(|worker| {
            let (engine, pre) = (engine.clone(), pre.clone());
            thread::spawn(move || serve(&engine, &pre, worker))
        })
        .collect();
    let mut sum = 0;
    for worker in workers {
        sum += worker.join().expect("workers do not panic")?;
    }
    let (count, time) = (THREADS * REQUESTS, start.elapsed());
    println!("{count} instances on {THREADS} threads in {time:?}, {:?} each; sum {sum}", time / count);
    Ok(())
}

fn serve(engine: &Engine, pre: &InstancePre<Request>, worker: u32) -> Result<u64> {
    let mut sum = 0;
    for n in 0..REQUESTS {
        let number = worker * REQUESTS + n;
        let mut store = Store::new(engine, Request { number });
        let instance = pre.instantiate(&mut store)?;
        let handle = instance.get_typed_func::<(), u32>(&mut store, "handle")?;
        let answer = handle.call(&mut store, ())?;
        assert_eq!(answer, number, "no state is left over from another request");
        sum += u64::from(answer);
    }
    Ok(sum)
}
