//! Functions that are compiled when they are first called. Where there is no compiler there is nothing to test.

use crate::{func, instance_in};
use dayfly::{
    Config, Engine, Func, Instance, Linker, Module, ParseError, Store, Strategy, Trap, WasmBacktrace,
};
use std::sync::Barrier;

/// The compiler, with what a test wants of it.
fn lazy(configure: impl FnOnce(&mut Config) -> &mut Config) -> Option<Engine> {
    let mut config = Config::new();
    configure(config.strategy(Strategy::Compiler).lazy_compilation(true));
    Engine::new(&config).ok()
}

/// `n` functions, each of which calls the next, directly or by a table, and is too large to come with its caller.
fn chain(n: usize) -> String {
    let padding = "(drop (i32.mul (local.get 0) (i32.const 12345678)))".repeat(10);
    let body = |k: usize| {
        let next = match k + 1 {
            last if last == n => "(local.get 0)".to_owned(),
            next if k.is_multiple_of(2) => format!("(call {next} (i32.add (local.get 0) (i32.const 1)))"),
            next => format!(
                "(call_indirect (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)) (i32.const {next}))"
            ),
        };
        format!("(func (export \"f{k}\") (param i32) (result i32) {padding} {next})")
    };
    let all: Vec<String> = (0..n).map(|k| k.to_string()).collect();
    format!("(module (table funcref (elem {})) {})", all.join(" "), (0..n).map(body).collect::<String>())
}

#[test]
fn instances_share_what_was_compiled_whenever_they_were_made() {
    let Some(engine) = lazy(|c| c) else { return };
    let module = Module::new(&engine, chain(20)).unwrap();
    let mut store = Store::new(&engine, ());
    let pre = Linker::new(&engine).instantiate_pre(&module).unwrap();
    let before = pre.instantiate(&mut store).unwrap();
    let call = |store: &mut Store<()>, instance, name: &str| {
        func::<i32, i32>(&mut *store, instance, name).call(store, 100).unwrap()
    };
    assert_eq!(call(&mut store, before, "f10"), 109);
    let other = pre.instantiate(&mut store).unwrap();
    for instance in [other, before, other] {
        assert_eq!((call(&mut store, instance, "f0"), call(&mut store, instance, "f19")), (119, 100));
    }
    drop(store);
    for _ in 0..3 {
        let mut store = Store::new(&engine, ());
        let used_again = pre.instantiate(&mut store).unwrap();
        assert_eq!(call(&mut store, used_again, "f5"), 114);
    }
}

#[test]
fn threads_may_call_first_at_once() {
    const THREADS: usize = 8;
    let Some(engine) = lazy(|c| c) else { return };
    for round in 0..10 {
        let module = Module::new(&engine, chain(12)).unwrap();
        let barrier = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (engine, module, barrier) = (&engine, &module, &barrier);
                scope.spawn(move || {
                    let mut store = Store::new(engine, ());
                    let instance = Instance::new(&mut store, module, &[]).unwrap();
                    barrier.wait();
                    let first = (thread * round) % 12;
                    for k in (first..12).chain(0..first) {
                        let f = func::<i32, i32>(&mut store, instance, &format!("f{k}"));
                        assert_eq!(f.call(&mut store, 5).unwrap(), 5 + 11 - k as i32);
                    }
                });
            }
        });
    }
}

#[test]
fn a_function_that_is_not_valid_fails_when_it_is_called() {
    let Some(engine) = lazy(|c| c.lazy_validation(true)) else { return };
    let wat = r#"(module
        (func $small (param i32) (result i32) (i64.const 1))
        (func (export "bad") (result i32) (i64.const 1))
        (func (export "worse") (param i32) (result i32) (call $small (call $small (local.get 0))))
        (func (export "good") (param i32) (result i32)
            (if (result i32) (local.get 0) (then (call $small (i32.const 1))) (else (i32.const 7)))))"#;
    let (mut store, instance) = instance_in(&engine, wat);
    for _ in 0..2 {
        let bad = func::<(), i32>(&mut store, instance, "bad").call(&mut store, ());
        assert!(bad.unwrap_err().downcast_ref::<ParseError>().is_some());
        let good = func::<i32, i32>(&mut store, instance, "good");
        assert_eq!(good.call(&mut store, 0).unwrap(), 7);
        assert!(good.call(&mut store, 1).unwrap_err().downcast_ref::<ParseError>().is_some());
        let worse = func::<i32, i32>(&mut store, instance, "worse");
        assert!(worse.call(&mut store, 1).unwrap_err().downcast_ref::<ParseError>().is_some());
    }
}

#[test]
fn what_is_too_costly_is_interpreted_among_what_is_compiled() {
    let Some(engine) = lazy(|c| c) else { return };
    let deep = format!("{}{}", "(loop ".repeat(300), ")".repeat(300));
    let wat = format!(
        r#"(module
        (import "" "look" (func $look))
        (func $costly (param i32) (result i32) {deep}
            (if (i32.eqz (local.get 0)) (then (call $look) (return (i32.const 0))))
            (i32.add (i32.const 2) (call $cheap (i32.sub (local.get 0) (i32.const 1)))))
        (func $cheap (param i32) (result i32)
            (drop (i32.mul (i32.const 1234567) (i32.const 7654321))) (drop (i32.mul (i32.const 1234567) (i32.const 7654321)))
            (drop (i32.mul (i32.const 1234567) (i32.const 7654321))) (drop (i32.mul (i32.const 1234567) (i32.const 7654321)))
            (if (i32.eqz (local.get 0)) (then (unreachable)))
            (call $costly (i32.sub (local.get 0) (i32.const 1))))
        (func (export "run") (param i32) (result i32) (call $costly (local.get 0))))"#
    );
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, 0);
    let look = Func::wrap(&mut store, |mut caller: dayfly::Caller<'_, usize>| {
        *caller.data_mut() = WasmBacktrace::capture(&caller).frames().len();
    });
    let instance = Instance::new(&mut store, &module, &[look.into()]).unwrap();
    let run = func::<i32, i32>(&mut store, instance, "run");
    for _ in 0..2 {
        assert_eq!(run.call(&mut store, 8).unwrap(), 8);
        assert_eq!(*store.data(), 10, "all frames are seen, whoever runs them");
        let error = run.call(&mut store, 9).unwrap_err();
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
        assert_eq!(error.downcast_ref::<WasmBacktrace>().unwrap().frames().len(), 11);
    }
}

#[test]
fn functions_are_compiled_at_the_end_of_the_stack() {
    let Some(engine) = lazy(|c| c) else { return };
    // At every depth another function is called for the first time, until there is no more room.
    let wat = format!(
        r#"(module (table funcref (elem {})) (type $f (func (result i32)))
        (func $deeper (export "run") (param $n i32) (result i32)
            (if (i32.eqz (i32.and (local.get $n) (i32.const 63)))
                (then (drop (call_indirect (type $f) (i32.rem_u (i32.shr_u (local.get $n) (i32.const 6)) (i32.const 200))))))
            (call $deeper (i32.add (local.get $n) (i32.const 1))))
        {})"#,
        (1..=200).map(|n| format!("{n} ")).collect::<String>(),
        (0..200).map(|n| format!("(func (type $f) (i32.const {n}))")).collect::<String>(),
    );
    let (mut store, instance) = instance_in(&engine, &wat);
    for _ in 0..2 {
        let error = func::<i32, i32>(&mut store, instance, "run").call(&mut store, 0).unwrap_err();
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow));
    }
}

#[test]
fn tail_calls_to_functions_without_code_take_no_stack_for_long() {
    let Some(engine) = lazy(|c| c) else { return };
    let padding = "(drop (i32.mul (local.get 0) (i32.const 12345678)))".repeat(10);
    let body = |name: &str, next: &str| {
        format!(
            "(func ${name} (export \"{name}\") (param i32) (result i32) {padding}
                (if (i32.eqz (local.get 0)) (then (return (i32.const 42))))
                (return_call ${next} (i32.sub (local.get 0) (i32.const 1))))"
        )
    };
    let wat = format!("(module {} {} {})", body("a", "b"), body("b", "c"), body("c", "a"));
    let (mut store, instance) = instance_in(&engine, &wat);
    assert_eq!(func::<i32, i32>(&mut store, instance, "a").call(&mut store, 3_000_000).unwrap(), 42);
}

#[test]
fn all_of_a_module_is_serialized() {
    let Some(engine) = lazy(|c| c) else { return };
    let module = Module::new(&engine, chain(20)).unwrap();
    let mut config = Config::new();
    let eager = Engine::new(config.strategy(Strategy::Compiler)).unwrap();
    let expected = Module::new(&eager, chain(20)).unwrap().serialize().unwrap();
    assert!(module.serialize().unwrap() == expected);
}
