//! Many instances of one module.

use crate::{engine, func};
use dayfly::{
    Caller, Engine, Instance, InstancePre, Linker, Module, Ref, RefType, Store, Strategy, Table, TableType,
    Trap,
};
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

#[test]
fn what_an_instance_that_is_not_whole_left_in_a_table_can_be_called() {
    const FAILS: &str = r#"(module
        (type $f (func (result i32)))
        (type $refs (array (mut funcref)))
        (type $eqs (array (mut eqref)))
        (import "" "table" (table 10 funcref))
        (table $own 4 funcref)
        (elem (table 0) (i32.const 0) func $array $init $table $objects)
        (elem (table 0) (i32.const 9) func $array $init)
        (elem $passive funcref (item ref.null func) (item ref.func $seven))
        (elem $numbers eqref (item (ref.i31 (i32.const 5))) (item (array.new_default $eqs (i32.const 3))))
        (func $seven (result i32) (i32.const 7))
        (func $array (result i32)
            (array.len (array.new_elem $refs $passive (i32.const 0) (i32.const 2))))
        (func $init (result i32)
            (local $refs (ref $refs))
            (local.set $refs (array.new_default $refs (i32.const 3)))
            (array.init_elem $refs $passive (local.get $refs) (i32.const 1) (i32.const 0) (i32.const 2))
            (ref.is_null (array.get $refs (local.get $refs) (i32.const 2))))
        (func $table (result i32)
            (table.init $own $passive (i32.const 0) (i32.const 0) (i32.const 2))
            (call_indirect $own (type $f) (i32.const 1)))
        (func $objects (result i32)
            (local $eqs (ref $eqs))
            (local.set $eqs (array.new_elem $eqs $numbers (i32.const 0) (i32.const 2)))
            (array.len (ref.cast (ref $eqs) (array.get $eqs (local.get $eqs) (i32.const 1))))))"#;
    for strategy in [Strategy::Interpreter, Strategy::Compiler] {
        let engine = engine(|config| config.strategy(strategy));
        let mut store = Store::new(&engine, ());
        let ty = TableType { element: RefType::FUNCREF, min: 10, max: None, table64: false, shared: false };
        let table = Table::new(&mut store, ty, Ref::Func(None)).unwrap();
        let failed = Instance::new(&mut store, &Module::new(&engine, FAILS).unwrap(), &[table.into()]);
        assert_eq!(failed.unwrap_err().downcast_ref::<Trap>(), Some(&Trap::TableOutOfBounds));
        for (n, expected) in [2, 0, 7, 3].into_iter().enumerate() {
            let func = table.get(&mut store, n as u64).unwrap().as_func().unwrap();
            assert_eq!(func.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), expected, "{n}");
        }
    }
}
