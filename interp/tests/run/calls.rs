//! Calls of every kind, within an instance and between instances, and what they
//! do to stacks: guest recursion is bounded by the guest stack alone.

use crate::{blueprint, call, engine, instance};
use dayfly_runtime::host::{Caller, Error, Store, WasmBacktrace};
use dayfly_runtime::store::{Extern, Func, Instance};
use dayfly_runtime::trap::Trap;

#[test]
fn recursion() {
    let wat = "(module (func $fib (export \"f\") (param i32) (result i32)
        (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
            (then (local.get 0))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                           (call $fib (i32.sub (local.get 0) (i32.const 2))))))))";
    assert_eq!(call::<i32, i32>(wat, 15), Ok(610));
}

#[test]
#[cfg_attr(miri, ignore = "filling a stack takes long")]
fn unbounded_recursion_traps() {
    let wat = "(module (func $f (export \"f\") (result i32) (i32.add (call $f) (i32.const 1))))";
    assert_eq!(call::<(), i32>(wat, ()), Err(Trap::StackOverflow));
}

#[test]
fn tail_calls_take_no_stack() {
    let wat = "(module (func $even (export \"f\") (param i32 i64 i64) (result i64)
            (if (i32.eqz (local.get 0)) (then (return (local.get 2))))
            (return_call $odd (i32.sub (local.get 0) (i32.const 1))))
        (func $odd (param i32) (result i64) (local i64 i64 i64)
            (if (i32.eqz (local.get 0)) (then (return (i64.const -1))))
            (return_call $even (i32.sub (local.get 0) (i32.const 1)) (i64.const 1) (i64.const 2))))";
    let calls = if cfg!(miri) { 100 } else { 1_000_000 };
    assert_eq!(call::<(i32, i64, i64), i64>(wat, (calls, 0, 0)), Ok(2));
    assert_eq!(call::<(i32, i64, i64), i64>(wat, (calls + 1, 0, 0)), Ok(-1));
}

#[test]
fn indirect_calls_check_index_null_and_type() {
    let wat = "(module (type $t (func (result i32))) (table 4 funcref)
        (elem (i32.const 0) $a $b)
        (func $a (result i32) i32.const 42) (func $b (result i64) i64.const 1)
        (func (export \"f\") (param i32) (result i32) (call_indirect (type $t) (local.get 0))))";
    assert_eq!(call::<i32, i32>(wat, 0), Ok(42));
    assert_eq!(call::<i32, i32>(wat, 1), Err(Trap::BadSignature));
    assert_eq!(call::<i32, i32>(wat, 2), Err(Trap::UninitializedElement));
    assert_eq!(call::<i32, i32>(wat, 4), Err(Trap::UndefinedElement));
}

/// Two instances that call each other's functions, each with its own global and memory.
fn pair(caller: &str) -> (Store<()>, Instance) {
    let engine = engine();
    let mut store = Store::new(&engine, ());
    let callee = "(module (memory 1) (data (i32.const 0) \"\\2a\") (global $g (mut i32) (i32.const 1000))
        (func (export \"get\") (param i32) (result i32)
            (i32.add (local.get 0) (i32.add (global.get $g) (i32.load8_u (i32.const 0)))))
        (func (export \"fail\") (param i32) (result i32) unreachable))";
    let callee = Instance::new(&mut store, &blueprint(&engine, callee), &[]).expect("callee");
    let get: Extern = callee.get_func(&mut store, "get").expect("get").into();
    let fail: Extern = callee.get_func(&mut store, "fail").expect("fail").into();
    let caller = blueprint(&engine, caller);
    let imports = if caller.0.module().imports().len() == 2 { vec![get, fail] } else { vec![get] };
    let caller = Instance::new(&mut store, &caller, &imports).expect("caller");
    (store, caller)
}

#[test]
fn the_callers_instance_is_back_after_a_call_to_another() {
    let (mut store, caller) = pair(
        "(module (import \"m\" \"get\" (func $get (param i32) (result i32)))
        (memory 1) (data (i32.const 0) \"\\07\") (global $g (mut i32) (i32.const 5))
        (func (export \"f\") (param i32) (result i32)
            (i32.add (call $get (local.get 0)) (i32.add (global.get $g) (i32.load8_u (i32.const 0))))))",
    );
    let f = caller.get_typed_func::<i32, i32>(&mut store, "f").expect("f");
    assert_eq!(f.call(&mut store, 1).expect("no trap"), 1 + 1000 + 42 + 5 + 7);
}

#[test]
fn a_tail_call_to_another_instance_still_comes_back_to_the_caller() {
    let (mut store, caller) = pair(
        "(module (import \"m\" \"get\" (func $get (param i32) (result i32)))
        (memory 1) (data (i32.const 0) \"\\07\") (global $g (mut i32) (i32.const 5))
        (func $middle (param i64 i32) (result i32) (local i64) (return_call $get (local.get 1)))
        (func (export \"f\") (param i32) (result i32)
            (i32.add (call $middle (i64.const 9) (local.get 0))
                     (i32.add (global.get $g) (i32.load8_u (i32.const 0))))))",
    );
    let f = caller.get_typed_func::<i32, i32>(&mut store, "f").expect("f");
    assert_eq!(f.call(&mut store, 1).expect("no trap"), 1 + 1000 + 42 + 5 + 7);
}

#[test]
fn backtraces_cross_instances() {
    let (mut store, caller) = pair(
        "(module (import \"m\" \"get\" (func $get (param i32) (result i32)))
        (import \"m\" \"fail\" (func $fail (param i32) (result i32)))
        (func $inner (param i32) (result i32) (i32.add (call $fail (local.get 0)) (i32.const 1)))
        (func (export \"f\") (param i32) (result i32) (i32.add (call $inner (local.get 0)) (i32.const 1))))",
    );
    let f = caller.get_typed_func::<i32, i32>(&mut store, "f").expect("f");
    let error = f.call(&mut store, 1).expect_err("a trap");
    let trace = error.downcast_ref::<WasmBacktrace>().expect("a backtrace");
    let funcs: Vec<u32> = trace.frames().iter().map(|frame| frame.func_index()).collect();
    assert_eq!(funcs, [1, 2, 3]);
    assert!(trace.frames().iter().all(|frame| frame.module_offset().is_some()));
}

#[test]
#[cfg_attr(miri, ignore = "filling a stack takes long")]
fn host_functions_call_back_in() {
    let engine = engine();
    let mut store = Store::new(&engine, 0u32);
    let wat = "(module (import \"h\" \"again\" (func $again (param i32) (result i32)))
        (func (export \"f\") (param i32) (result i32)
            (if (i32.eqz (local.get 0)) (then (return (i32.const 100))))
            (i32.add (call $again (i32.sub (local.get 0) (i32.const 1))) (i32.const 1))))";
    let again = Func::wrap(&mut store, |mut caller: Caller<'_, u32>, n: i32| {
        *caller.data_mut() += 1;
        let f = caller.get_export("f").and_then(Extern::into_func).expect("f");
        let f = f.typed::<i32, i32>(&caller)?;
        let result = f.call(&mut caller, n)?;
        Ok::<i32, Error>(result)
    });
    let instance = Instance::new(&mut store, &blueprint(&engine, wat), &[again.into()]).expect("instance");
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f").expect("f");
    assert_eq!(f.call(&mut store, 20).expect("no trap"), 120);
    assert_eq!(*store.data(), 20);
    let error = f.call(&mut store, 1_000_000).expect_err("the stack ends");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow));
    assert_eq!(f.call(&mut store, 3).expect("the store is still good"), 103);
}

#[test]
fn locals_are_zero_in_every_call() {
    let (mut store, instance) = instance(
        "(module (func (export \"f\") (param i32) (result i64) (local i64 v128 i64)
            (local.set 1 (i64.add (local.get 1) (i64.extend_i32_s (local.get 0))))
            (local.set 3 (i64.add (local.get 3) (i64.const 1)))
            (i64.add (local.get 1) (i64.add (local.get 3) (i64x2.extract_lane 1 (local.get 2))))))",
    );
    let f = instance.get_typed_func::<i32, i64>(&mut store, "f").expect("f");
    for n in 0..3 {
        assert_eq!(f.call(&mut store, n).expect("no trap"), n as i64 + 1);
    }
}
