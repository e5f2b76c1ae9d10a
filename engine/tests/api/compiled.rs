//! What the compiler changes about a program must not be seen from outside: expanded calls
//! show in backtraces, fuel is the interpreter's. Where there is no compiler there is nothing to test.

use crate::{func, instance_in};
use dayfly::{Config, Engine, Func, Instance, Module, Store, Strategy, Trap, WasmBacktrace};

/// The compiler, with what a test wants of it.
fn compiler(configure: impl FnOnce(&mut Config) -> &mut Config) -> Option<Engine> {
    let mut config = Config::new();
    configure(config.strategy(Strategy::Compiler));
    Engine::new(&config).ok()
}

const CHAIN: &str = r#"
    (module
        (import "" "look" (func $look))
        (func $divide (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
        (func $twice (param i32) (result i32)
            (i32.add (call $divide (i32.const 8) (local.get 0))
                (call $divide (i32.const 6) (i32.sub (local.get 0) (i32.const 1)))))
        (func $look_twice (call $look) (call $look))
        (func (export "run") (param i32) (result i32) (call $look_twice) (call $twice (local.get 0)))
        (func $even (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
        (func $odd (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
        (func (export "even") (param i32) (result i32) (call $even (local.get 0))))"#;

/// The frames of a backtrace: functions and offsets.
fn frames(backtrace: &WasmBacktrace) -> Vec<(u32, Option<usize>)> {
    backtrace.frames().iter().map(|frame| (frame.func_index(), frame.module_offset())).collect()
}

#[test]
fn expanded_calls_show_in_backtraces() {
    let run = |inlining| {
        let engine = compiler(|config| config.inlining(inlining))?;
        let mut store = Store::new(&engine, Vec::new());
        let look = Func::wrap(&mut store, |mut caller: dayfly::Caller<'_, Vec<_>>| {
            let seen = frames(&WasmBacktrace::capture(&caller));
            caller.data_mut().push(seen);
        });
        let module = Module::new(&engine, CHAIN).unwrap();
        let instance = Instance::new(&mut store, &module, &[look.into()]).unwrap();
        let run = func::<i32, i32>(&mut store, instance, "run");
        assert_eq!(run.call(&mut store, 2).unwrap(), 10);
        for divisor in [0, 1] {
            let error = run.call(&mut store, divisor).unwrap_err();
            assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::IntegerDivideByZero));
            let seen = frames(error.downcast_ref().unwrap());
            store.data_mut().push(seen);
        }
        let even = func::<i32, i32>(&mut store, instance, "even");
        assert_eq!([10, 11].map(|n| even.call(&mut store, n).unwrap()), [1, 0]);
        Some(store.into_data())
    };
    let (Some(expanded), Some(called)) = (run(true), run(false)) else { return };
    assert_eq!(expanded, called);
    let functions = |at: usize| called[at].iter().map(|(func, _)| *func).collect::<Vec<_>>();
    assert_eq!((functions(0), functions(7)), (vec![3, 4], vec![1, 2, 4]));
    assert_ne!(called[4], called[7], "which of the two calls it was");
}

#[test]
fn objects_outlive_calls_that_were_expanded() {
    let engine = compiler(|config| config.gc_torture(true));
    let Some(engine) = engine else { return };
    let (mut store, instance) = instance_in(
        &engine,
        r#"(module
            (type $pair (struct (field i32) (field (ref null $pair))))
            (func $cons (param i32 (ref null $pair)) (result (ref $pair))
                (struct.new $pair (local.get 0) (local.get 1)))
            (func (export "run") (result i32)
                (local $a (ref $pair)) (local $b (ref $pair))
                (local.set $a (call $cons (i32.const 1) (ref.null $pair)))
                (local.set $b (call $cons (i32.const 20) (local.get $a)))
                (local.set $b (call $cons (i32.const 300) (local.get $b)))
                (i32.add
                    (i32.add (struct.get $pair 0 (local.get $a)) (struct.get $pair 0 (local.get $b)))
                    (struct.get $pair 0 (struct.get $pair 1 (local.get $b))))))"#,
    );
    assert_eq!(func::<(), i32>(&mut store, instance, "run").call(&mut store, ()).unwrap(), 321);
}

const BURNING: &str = r#"
    (module
        (memory 1)
        (func $step (param i32) (result i32)
            (if (result i32) (i32.and (local.get 0) (i32.const 1))
                (then (i32.add (local.get 0) (i32.const 3))) (else (i32.div_u (local.get 0) (i32.const 2)))))
        (func (export "run") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum) (call $step (local.get $n))))
                (if (i32.eq (local.get $n) (i32.const 3))
                    (then (drop (i32.load (i32.const -4)))))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))"#;

#[test]
fn fuel_is_the_interpreters() {
    let run = |strategy, fuel, n| {
        let mut config = Config::new();
        let engine = Engine::new(config.consume_fuel(true).strategy(strategy)).ok()?;
        let (mut store, instance) = instance_in(&engine, BURNING);
        store.set_fuel(fuel).unwrap();
        let result = func::<i32, i32>(&mut store, instance, "run").call(&mut store, n);
        let trap = result.map_err(|error| *error.downcast_ref::<Trap>().unwrap());
        Some((trap, store.get_fuel().unwrap()))
    };
    // Used up in every place; a trap; the end.
    for (fuel, n) in (0..150).map(|fuel| (fuel, 2)).chain([(10_000, 2), (10_000, 50)]) {
        let compiled = run(Strategy::Compiler, fuel, n);
        if compiled.is_some() {
            assert_eq!(compiled, run(Strategy::Interpreter, fuel, n), "{fuel} for {n}");
        }
    }
}
