//! Recursion is bounded: it traps, whichever stack it uses up, and leaves no damage.

use crate::{engine, func, instance, instance_in};
use dayfly::{Caller, Engine, Func, Instance, Linker, Module, Store, Trap, WasmBacktrace};

fn is_overflow(error: &dayfly::Error) -> bool {
    error.downcast_ref::<Trap>() == Some(&Trap::StackOverflow)
}

#[test]
fn deep_recursion_of_a_guest_traps() {
    let (mut store, instance) = instance(
        r#"(module (func $down (export "down") (param i64) (result i64)
            (if (result i64) (i64.eqz (local.get 0))
                (then (i64.const 0))
                (else (i64.add (i64.const 1) (call $down (i64.sub (local.get 0) (i64.const 1))))))))"#,
    );
    let down = func::<i64, i64>(&mut store, instance, "down");
    assert_eq!(down.call(&mut store, 1000).unwrap(), 1000);
    let error = down.call(&mut store, i64::MAX).unwrap_err();
    assert!(is_overflow(&error));
    assert_eq!(error.to_string(), "call stack exhausted");
    let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
    assert_eq!(backtrace.frames().len(), WasmBacktrace::MAX_FRAMES);
    assert!(backtrace.omitted() > 0);
    assert_eq!(down.call(&mut store, 1000).unwrap(), 1000);
}

#[test]
fn a_larger_stack_goes_deeper() {
    let wat = r#"(module (func $down (export "down") (param i32)
        (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1)))))))"#;
    let deepest = |bytes: usize| {
        let (mut store, instance) = instance_in(&engine(|c| c.max_wasm_stack(bytes)), wat);
        let down = func::<i32, ()>(&mut store, instance, "down");
        let mut depth = 1;
        while down.call(&mut store, depth * 2).is_ok() {
            depth *= 2;
        }
        depth
    };
    assert!(deepest(8 << 20) > deepest(64 << 10));
}

#[test]
fn guest_and_host_calling_each_other_trap() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    let again = |mut caller: Caller<'_, u32>| -> dayfly::Result<()> {
        *caller.data_mut() += 1;
        let run = caller.get_export("run").unwrap().into_func().unwrap();
        run.typed::<(), ()>(&caller)?.call(&mut caller, ())
    };
    linker.func_wrap("", "again", again).unwrap();
    let wat = r#"(module (import "" "again" (func $again)) (func (export "run") (call $again)))"#;
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = func::<(), ()>(&mut store, instance, "run");
    let error = run.call(&mut store, ()).unwrap_err();
    assert!(is_overflow(&error), "{error:?}");
    let first = *store.data();
    assert!(first > 10, "{first}");
    assert!(is_overflow(&run.call(&mut store, ()).unwrap_err()));
    assert_eq!(*store.data(), 2 * first, "nothing of the stack was lost");
}

#[test]
fn small_threads_trap_too() {
    let engine = Engine::default();
    let work = move || {
        let mut store = Store::new(&engine, None::<Func>);
        let f = Func::wrap(&mut store, |mut caller: Caller<'_, Option<Func>>| -> dayfly::Result<()> {
            let f = caller.data().unwrap();
            f.call(&mut caller, &[], &mut [])
        });
        *store.data_mut() = Some(f);
        is_overflow(&f.call(&mut store, &[], &mut []).unwrap_err())
    };
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(work).unwrap();
    assert!(thread.join().unwrap());
}

#[test]
fn mutual_recursion_between_instances_traps() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let first = Module::new(
        &engine,
        r#"(module (table (export "t") 1 funcref) (func (export "run") (call_indirect (i32.const 0))))"#,
    )
    .unwrap();
    let first = Instance::new(&mut store, &first, &[]).unwrap();
    let second = Module::new(
        &engine,
        r#"(module
            (import "" "t" (table 1 funcref)) (import "" "run" (func $run))
            (func $back (call $run)) (elem (i32.const 0) func $back))"#,
    )
    .unwrap();
    let imports = ["t", "run"].map(|name| first.get_export(&mut store, name).unwrap());
    Instance::new(&mut store, &second, &imports).unwrap();
    assert!(is_overflow(&func::<(), ()>(&mut store, first, "run").call(&mut store, ()).unwrap_err()));
}
