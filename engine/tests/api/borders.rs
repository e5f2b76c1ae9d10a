//! Calls between host and guests, few values in registers and many in memory, by every maker of code.

use crate::func;
use dayfly::{
    Caller, Config, Engine, Error, ExternRef, Linker, Module, Result, Rooted, Store, Strategy, Trap, V128,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

/// Engines with all makers of code, and with what code has to count besides.
fn engines() -> Vec<Engine> {
    let mut engines = Vec::new();
    for strategy in [Strategy::Interpreter, Strategy::Compiler, Strategy::Mixed(1), Strategy::Mixed(2)] {
        for (counts, lazy) in [(false, false), (true, false), (false, true), (true, true)] {
            let mut config = Config::new();
            config.strategy(strategy).consume_fuel(counts).epoch_interruption(counts);
            config.lazy_compilation(lazy);
            // Without a compiler there is only the interpreter.
            engines.extend(Engine::new(&config));
        }
    }
    engines
}

fn store<T: 'static>(engine: &Engine, data: T) -> Store<T> {
    let mut store = Store::new(engine, data);
    // Only engines that count fuel take some.
    let _ = store.set_fuel(1 << 40);
    store.set_epoch_deadline(1);
    store
}

/// Types of functions that pass their arguments to the host and give what it gives.
const PASSED: [&str; 8] = [
    "",
    "(param i32) (result i32)",
    "(param f32 f64) (result f64)",
    "(param i64 f32 i32 f64) (result f32)",
    "(param i64 i64 i64 i64)",
    "(param i32 i64 i32 i64 i32) (result i64)",
    "(param v128 i32) (result v128)",
    "(param externref i32) (result externref)",
];

fn passing() -> String {
    let imports = |(n, ty): (usize, &&str)| format!("(import \"host\" \"{n}\" (func $h{n} {ty}))");
    let export = |(n, ty): (usize, &&str)| {
        let params = ty.split(')').next().unwrap().split_whitespace().skip(1).count();
        let args: String = (0..params).map(|at| format!("(local.get {at})")).collect();
        format!(
            "(func (export \"{n}\") {ty} (call $h{n} {args}))(func (export \"tail{n}\") {ty} (return_call $h{n} {args}))"
        )
    };
    let all = || PASSED.iter().enumerate();
    format!("(module {} {})", all().map(imports).collect::<String>(), all().map(export).collect::<String>())
}

#[test]
fn values_cross_unchanged_however_many() -> Result<()> {
    let nan = f32::from_bits(0x7fa0_0001);
    for engine in engines() {
        let module = Module::new(&engine, passing())?;
        let mut linker = Linker::<u32>::new(&engine);
        linker.func_wrap("host", "0", |mut caller: Caller<'_, u32>| *caller.data_mut() += 1)?;
        linker.func_wrap("host", "1", |n: i32| !n)?;
        linker.func_wrap("host", "2", |x: f32, y: f64| f64::from(x) - y)?;
        linker.func_wrap("host", "3", move |a: i64, x: f32, b: i32, y: f64| {
            assert_eq!((a, x.to_bits(), b, y), (i64::MIN + 1, nan.to_bits(), -1, -0.5));
            x
        })?;
        linker.func_wrap("host", "4", |mut caller: Caller<'_, u32>, a: i64, b: i64, c: i64, d: i64| {
            *caller.data_mut() += (a + 2 * b + 3 * c + 4 * d) as u32;
        })?;
        linker.func_wrap("host", "5", |a: i32, b: i64, c: i32, d: i64, e: i32| {
            i64::from(a) + 2 * b + 3 * i64::from(c) + 4 * d + 5 * i64::from(e)
        })?;
        linker.func_wrap("host", "6", |v: V128, n: i32| V128(v.0.map(|byte| byte ^ n as u8)))?;
        linker.func_wrap("host", "7", |x: Option<Rooted<ExternRef>>, _: i32| x)?;
        let mut store = store(&engine, 0);
        let instance = linker.instantiate(&mut store, &module)?;
        for prefix in ["", "tail"] {
            let name = |n: u32| format!("{prefix}{n}");
            *store.data_mut() = 0;
            func::<(), ()>(&mut store, instance, &name(0)).call(&mut store, ())?;
            assert_eq!(func::<i32, i32>(&mut store, instance, &name(1)).call(&mut store, -5)?, 4);
            let f = func::<(f32, f64), f64>(&mut store, instance, &name(2));
            assert_eq!(f.call(&mut store, (1.5, -1e300))?, 1e300);
            let f = func::<(i64, f32, i32, f64), f32>(&mut store, instance, &name(3));
            assert_eq!(f.call(&mut store, (i64::MIN + 1, nan, -1, -0.5))?.to_bits(), nan.to_bits());
            let f = func::<(i64, i64, i64, i64), ()>(&mut store, instance, &name(4));
            f.call(&mut store, (1000, 100, 10, 1))?;
            assert_eq!(*store.data(), 1235);
            let f = func::<(i32, i64, i32, i64, i32), i64>(&mut store, instance, &name(5));
            assert_eq!(f.call(&mut store, (-1, 2, -3, 4, -5))?, -1 + 4 - 9 + 16 - 25);
            let f = func::<(V128, i32), V128>(&mut store, instance, &name(6));
            assert_eq!(f.call(&mut store, (V128([3; 16]), 1))?, V128([2; 16]));
            let value = ExternRef::new(&mut store, "kept")?;
            let f = func::<(Option<Rooted<ExternRef>>, i32), Option<Rooted<ExternRef>>>(
                &mut store,
                instance,
                &name(7),
            );
            let same = f.call(&mut store, (Some(value), 0))?.expect("it is not null");
            assert_eq!(same.data(&store)?.unwrap().downcast_ref::<&str>(), Some(&"kept"));
            assert!(f.call(&mut store, (None, 0))?.is_none());
        }
    }
    Ok(())
}

/// What the host does when it is called with the key.
fn fail(n: i32) -> Result<i32> {
    match n {
        1 => Err(Error::msg("refused")),
        2 => Err(Trap::Interrupt.into()),
        3 => panic!("out of bounds"),
        n => Ok(n),
    }
}

#[test]
fn failures_cross_any_number_of_borders() -> Result<()> {
    let wat = r#"(module
        (import "host" "fail" (func $fail (param i32) (result i32)))
        (import "host" "again" (func $again (param i32 i32) (result i32)))
        (func $down (export "down") (param $n i32) (param $deep i32) (result i32)
            (if (i32.eq (local.get $n) (i32.const 4)) (then unreachable))
            (if (result i32) (local.get $deep)
                (then (i32.add (i32.const 1)
                    (call $again (local.get $n) (i32.sub (local.get $deep) (i32.const 1)))))
                (else (call $fail (local.get $n))))))"#;
    for engine in engines() {
        let module = Module::new(&engine, wat)?;
        let mut linker = Linker::<()>::new(&engine);
        linker.func_wrap("host", "fail", fail)?;
        linker.func_wrap("host", "again", |mut caller: Caller<'_, ()>, n: i32, deep: i32| {
            let down = caller.get_export("down").unwrap().into_func().unwrap();
            down.typed::<(i32, i32), i32>(&caller)?.call(&mut caller, (n, deep))
        })?;
        let mut store = store(&engine, ());
        let instance = linker.instantiate(&mut store, &module)?;
        let down = func::<(i32, i32), i32>(&mut store, instance, "down");
        for deep in [0, 1, 5] {
            assert_eq!(down.call(&mut store, (10, deep))?, 10 + deep);
            let error = down.call(&mut store, (1, deep)).unwrap_err();
            assert_eq!(error.to_string(), "refused");
            for (n, trap) in [(2, Trap::Interrupt), (4, Trap::Unreachable)] {
                let error = down.call(&mut store, (n, deep)).unwrap_err();
                assert_eq!(error.downcast_ref::<Trap>(), Some(&trap));
            }
            let panic = catch_unwind(AssertUnwindSafe(|| down.call(&mut store, (3, deep)))).unwrap_err();
            assert_eq!(panic.downcast_ref::<&str>(), Some(&"out of bounds"));
            assert_eq!(down.call(&mut store, (11, deep))?, 11 + deep);
        }
    }
    Ok(())
}

#[test]
fn calls_in_the_place_of_others_go_from_instance_to_instance() -> Result<()> {
    let wat = r#"(module
        (import "other" "f" (func $f (param i32 i64) (result i64)))
        (func (export "f") (param i32 i64) (result i64)
            (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
            (return_call $f (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 3)))))"#;
    let last = r#"(module (func (export "f") (param i32 i64) (result i64)
        (if (i32.eq (local.get 0) (i32.const 7)) (then unreachable))
        (i64.mul (local.get 1) (i64.const 2))))"#;
    for engine in engines() {
        let mut store = store(&engine, ());
        let mut linker = Linker::<()>::new(&engine);
        let mut instance = linker.instantiate(&mut store, &Module::new(&engine, last)?)?;
        let module = Module::new(&engine, wat)?;
        for _ in 0..4 {
            linker = Linker::new(&engine);
            linker.instance(&mut store, "other", instance)?;
            instance = linker.instantiate(&mut store, &module)?;
        }
        let f = func::<(i32, i64), i64>(&mut store, instance, "f");
        assert_eq!(f.call(&mut store, (9, 100))?, 224);
        assert_eq!(f.call(&mut store, (2, 100))?, 106);
        let error = f.call(&mut store, (11, 0)).unwrap_err();
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
    }
    Ok(())
}

#[test]
#[should_panic(expected = "object used with the wrong store")]
fn a_typed_function_stays_with_its_store() {
    let engine = Engine::default();
    let module = Module::new(&engine, r#"(module (func (export "f") (param i32)))"#).unwrap();
    let mut own = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut own, &module).unwrap();
    let f = func::<i32, ()>(&mut own, instance, "f");
    let _ = f.call(&mut Store::new(&engine, ()), 1);
}

#[test]
fn a_store_that_changes_threads_keeps_to_each_ones_stack() {
    let wat = r#"(module (func $f (export "f") (param i32) (result i32)
        (i32.add (i32.const 1) (call $f (local.get 0)))))"#;
    for engine in engines() {
        let module = Module::new(&engine, wat).unwrap();
        let mut own = store(&engine, ());
        let instance = Linker::new(&engine).instantiate(&mut own, &module).unwrap();
        let f = func::<i32, i32>(&mut own, instance, "f");
        for stack in [4 << 20, 128 << 10, 2 << 20, 128 << 10] {
            own = thread::Builder::new()
                .stack_size(stack)
                .spawn(move || {
                    for _ in 0..2 {
                        let error = f.call(&mut own, 0).unwrap_err();
                        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow));
                    }
                    own
                })
                .unwrap()
                .join()
                .unwrap();
        }
    }
}
