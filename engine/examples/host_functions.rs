//! Gives a guest functions of the host, which keep state, fail, and are found by
//! name. `cargo run -p dayfly --example host_functions`

use dayfly::{Caller, Engine, Error, FuncType, Linker, Module, Result, Store, Val, ValType, WasmBacktrace};

/// The data of the store: what host functions work on.
#[derive(Default)]
struct Host {
    log: Vec<String>,
}

fn main() -> Result<()> {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);

    // A closure: its types are the function's. `Caller` gives access to the store.
    linker.func_wrap("host", "log", |mut caller: Caller<'_, Host>, value: i32| {
        caller.data_mut().log.push(format!("the guest says {value}"));
    })?;
    // An error ends the guest's call and comes out of it unchanged.
    linker.func_wrap("host", "sqrt", |x: f64| -> Result<f64> {
        if x < 0.0 { Err(Error::msg(format!("no square root of {x}"))) } else { Ok(x.sqrt()) }
    })?;
    // A function whose type is known only at run time.
    let ty = FuncType::new([ValType::I32, ValType::I32], [ValType::I32]);
    linker.func_new("host", "max", ty, |_, args, results| {
        results[0] = Val::I32(args[0].unwrap_i32().max(args[1].unwrap_i32()));
        Ok(())
    })?;

    let module = Module::new(
        &engine,
        r#"
        (module $guest
            (import "host" "log" (func $log (param i32)))
            (import "host" "sqrt" (func $sqrt (param f64) (result f64)))
            (import "host" "max" (func $max (param i32 i32) (result i32)))
            (func (export "run") (param f64) (result f64)
                (call $log (call $max (i32.const 3) (i32.const 7)))
                (call $sqrt (local.get 0))))
        "#,
    )?;
    let mut store = Store::new(&engine, Host::default());
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<f64, f64>(&mut store, "run")?;

    println!("run(2) = {}", run.call(&mut store, 2.0)?);
    let error = run.call(&mut store, -1.0).unwrap_err();
    println!("run(-1) fails: {error}");
    if let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() {
        println!("{backtrace}");
    }
    println!("log: {:?}", store.data().log);
    Ok(())
}
