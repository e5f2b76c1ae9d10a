//! Uses of the API that a careless or hostile user might make: no undefined
//! behaviour, whatever safe code does.

use crate::func;
use dayfly::{
    AsContextMut, Caller, Engine, Func, Global, GlobalType, HeapType, Instance, Memory, MemoryType, Module,
    RefType, Store, Val, ValType,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn exchanging_stores_and_contexts() {
    let engine = Engine::default();
    let (mut a, mut b) = (Store::new(&engine, 1), Store::new(&engine, 2));
    let f = Func::wrap(&mut a, |caller: Caller<'_, i32>| *caller.data());
    let f = f.typed::<(), i32>(&a).unwrap();
    std::mem::swap(&mut a, &mut b);
    assert_eq!(f.call(&mut b, ()).unwrap(), 1, "the function went with its store");
    assert!(catch_unwind(AssertUnwindSafe(|| f.call(&mut a, ()))).is_err());
    {
        let (mut x, mut y) = (a.as_context_mut(), b.as_context_mut());
        std::mem::swap(&mut x, &mut y);
        assert_eq!((*x.data(), *y.data()), (1, 2));
    }
    assert_eq!((a.into_data(), b.into_data()), (2, 1));
}

#[test]
fn replacing_the_data_from_a_host_function() {
    let mut store = Store::new(&Engine::default(), Some(String::from("first")));
    let f = Func::wrap(&mut store, |mut caller: Caller<'_, Option<String>>| {
        let old = caller.data_mut().take();
        *caller.data_mut() = Some(String::from("second"));
        assert_eq!(old.as_deref(), Some("first"));
    });
    f.call(&mut store, &[], &mut []).unwrap();
    assert_eq!(store.into_data().as_deref(), Some("second"));
}

#[test]
fn using_another_store_inside_a_host_function() {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module (import "" "" (func $host (param i32) (result i32)))
            (func (export "run") (param i32) (result i32) (i32.add (call $host (local.get 0)) (i32.const 1))))"#,
    )
    .unwrap();
    let mut inner = Store::new(&engine, ());
    let add = Func::wrap(&mut inner, |n: i32| n + 100);
    let instance = Instance::new(&mut inner, &module, &[add.into()]).unwrap();
    let run = func::<i32, i32>(&mut inner, instance, "run");
    let inner = std::sync::Mutex::new(inner);
    let mut outer = Store::new(&engine, ());
    let host = Func::wrap(&mut outer, move |n: i32| run.call(&mut *inner.lock().unwrap(), n));
    let instance = Instance::new(&mut outer, &module, &[host.into()]).unwrap();
    assert_eq!(func::<i32, i32>(&mut outer, instance, "run").call(&mut outer, 5).unwrap(), 107);
}

#[test]
fn an_error_from_another_store_keeps_both_backtraces() {
    let engine = Engine::default();
    let failing = Module::new(&engine, r#"(module $inner (func $f (export "f") unreachable))"#).unwrap();
    let mut inner = Store::new(&engine, ());
    let instance = Instance::new(&mut inner, &failing, &[]).unwrap();
    let f = func::<(), ()>(&mut inner, instance, "f");
    let inner = std::sync::Mutex::new(inner);
    let mut outer = Store::new(&engine, ());
    let host = Func::wrap(&mut outer, move || f.call(&mut *inner.lock().unwrap(), ()));
    let module = r#"(module $outer (import "" "" (func $h)) (func $g (export "g") (call $h)))"#;
    let instance = Instance::new(&mut outer, &Module::new(&engine, module).unwrap(), &[host.into()]).unwrap();
    let error = func::<(), ()>(&mut outer, instance, "g").call(&mut outer, ()).unwrap_err();
    let frames = error.downcast_ref::<dayfly::WasmBacktrace>().unwrap().frames();
    let modules: Vec<_> = frames.iter().map(|frame| frame.module_name().unwrap()).collect();
    assert_eq!(modules, ["inner", "outer"]);
}

#[test]
fn growing_a_memory_while_a_host_function_runs_in_its_guest() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, None::<Memory>);
    let grow = Func::wrap(&mut store, |mut caller: Caller<'_, Option<Memory>>| {
        let memory = caller.data().unwrap();
        for _ in 0..20 {
            memory.grow(&mut caller, 3).unwrap();
        }
    });
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    *store.data_mut() = Some(memory);
    let module = Module::new(
        &engine,
        r#"(module (import "" "m" (memory 1)) (import "" "grow" (func $grow))
            (func (export "run") (result i32)
                (i32.store (i32.const 8) (i32.const 5))
                (call $grow)
                (i32.store (i32.const 3997692) (i32.const 6))
                (i32.add (i32.load (i32.const 8)) (i32.load (i32.const 3997692)))))"#,
    )
    .unwrap();
    let instance = Instance::new(&mut store, &module, &[memory.into(), grow.into()]).unwrap();
    assert_eq!(func::<(), i32>(&mut store, instance, "run").call(&mut store, ()).unwrap(), 11);
}

#[test]
fn type_indices_out_of_nowhere() {
    let mut store = Store::new(&Engine::default(), ());
    for index in [0, 1000, u32::MAX] {
        let heap = HeapType::Concrete(dayfly::parser::TypeIdx(index));
        let content = ValType::Ref(RefType { nullable: true, heap });
        let ty = GlobalType { content, mutable: true, shared: false };
        // An error or a panic, whichever; nothing is made that holds a wrong value.
        let made = catch_unwind(AssertUnwindSafe(|| Global::new(&mut store, ty, Val::I32(0))));
        assert!(!matches!(made, Ok(Ok(_))), "{index}");
    }
}

#[test]
fn forgetting_a_store_and_dropping_in_odd_orders() {
    let engine = Engine::default();
    let module = Module::new(&engine, r#"(module (memory 1) (func (export "f")))"#).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = func::<(), ()>(&mut store, instance, "f");
    drop((module, engine));
    f.call(&mut store, ()).unwrap();
    drop(store);
    // Handles of a store that is gone are of no other store.
    let mut other = Store::new(&Engine::default(), ());
    assert!(catch_unwind(AssertUnwindSafe(|| f.call(&mut other, ()))).is_err());
}
