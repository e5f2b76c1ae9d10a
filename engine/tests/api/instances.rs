//! Many instances of one module.

use crate::{engine, func};
use dayfly::{Caller, Engine, Instance, InstancePre, Linker, Module, Store};
use std::thread;

const REQUEST: &str = r#"
    (module
        (import "host" "id" (func $id (result i32)))
        (memory (export "memory") 2)
        (data (i32.const 100) "\05")
        (table 2 funcref) (elem (i32.const 1) func $id)
        (global $calls (mut i32) (i32.const 0))
        (func (export "handle") (result i32)
            (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
            (i32.store8 (i32.const 100) (i32.add (i32.load8_u (i32.const 100)) (i32.const 1)))
            (i32.add
                (i32.mul (call_indirect (result i32) (i32.const 1)) (i32.const 100))
                (i32.add (i32.load8_u (i32.const 100)) (global.get $calls)))))"#;

fn pre(engine: &Engine) -> InstancePre<u32> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "id", |caller: Caller<'_, u32>| *caller.data()).unwrap();
    linker.instantiate_pre(&Module::new(engine, REQUEST).unwrap()).unwrap()
}

#[test]
fn one_linked_module_many_stores_and_threads() {
    let engine = Engine::default();
    let pre = pre(&engine);
    thread::scope(|scope| {
        for thread in 0..4 {
            let (engine, pre) = (&engine, &pre);
            scope.spawn(move || {
                for n in 0..100 {
                    let id = thread * 100 + n;
                    let mut store = Store::new(engine, id);
                    let instance = pre.instantiate(&mut store).unwrap();
                    let handle = func::<(), u32>(&mut store, instance, "handle");
                    assert_eq!(handle.call(&mut store, ()).unwrap(), id * 100 + 6 + 1, "a fresh state");
                    assert_eq!(handle.call(&mut store, ()).unwrap(), id * 100 + 7 + 2);
                }
            });
        }
    });
}

#[test]
fn instances_of_one_store_do_not_share_state() {
    let engine = engine(|c| c.memory_init_cow(false));
    let pre = pre(&engine);
    let mut store = Store::new(&engine, 0);
    let handles: Vec<_> = (0..20)
        .map(|_| {
            let instance = pre.instantiate(&mut store).unwrap();
            func::<(), u32>(&mut store, instance, "handle")
        })
        .collect();
    for handle in &handles {
        assert_eq!(handle.call(&mut store, ()).unwrap(), 7);
    }
    for handle in handles.iter().rev() {
        assert_eq!(handle.call(&mut store, ()).unwrap(), 9);
    }
}

#[test]
fn modules_are_compiled_and_linked_on_any_thread() {
    let engine = Engine::default();
    let modules: Vec<Module> = thread::scope(|scope| {
        let compile = |n: u32| {
            let engine = &engine;
            let wat = format!(
                r#"(module (func (export "f") (param i32) (result i32 i64) i32.const {n} i64.const 0))"#
            );
            scope.spawn(move || Module::new(engine, wat).unwrap())
        };
        let workers: Vec<_> = (0..8).map(compile).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let mut store = Store::new(&engine, ());
    for (n, module) in modules.iter().enumerate() {
        let instance = Instance::new(&mut store, module, &[]).unwrap();
        let f = func::<i32, (u32, i64)>(&mut store, instance, "f");
        assert_eq!(f.call(&mut store, 0).unwrap().0, n as u32);
    }
}
