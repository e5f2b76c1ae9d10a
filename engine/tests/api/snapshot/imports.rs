//! Imports other than functions: they may be used but not changed, for what they hold is
//! not the module's own.

use dayfly::{
    Engine, Extern, Func, Global, GlobalType, Instance, Linker, Memory, MemoryType, Module, Ref, RefType,
    Result, Snapshot, Store, Table, TableType, Val, ValType,
};

/// A store with something to import, and a linker that offers it.
struct World {
    engine: Engine,
    store: Store<()>,
    linker: Linker<()>,
}

fn world() -> World {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(4))).unwrap();
    memory.write(&mut store, 0, b"host").unwrap();
    let ty = TableType { element: RefType::FUNCREF, min: 4, max: None, table64: false, shared: false };
    let table = Table::new(&mut store, ty, Ref::Func(None)).unwrap();
    let base = GlobalType { content: ValType::I32, mutable: false, shared: false };
    let base = Global::new(&mut store, base, Val::I32(16)).unwrap();
    let counter = GlobalType { content: ValType::I32, mutable: true, shared: false };
    let counter = Global::new(&mut store, counter, Val::I32(0)).unwrap();
    let hook = Func::wrap(&mut store, || 77);
    let mut linker = Linker::new(&engine);
    let items: [(&str, Extern); 5] = [
        ("memory", memory.into()),
        ("table", table.into()),
        ("base", base.into()),
        ("counter", counter.into()),
        ("hook", hook.into()),
    ];
    for (name, item) in items {
        linker.define(&store, "env", name, item).unwrap();
    }
    World { engine, store, linker }
}

const IMPORTS: &str = r#"
    (import "env" "memory" (memory 1 4)) (import "env" "table" (table 4 funcref))
    (import "env" "base" (global $base i32)) (import "env" "counter" (global $counter (mut i32)))
    (import "env" "hook" (func $hook (result i32)))"#;

fn take(world: &mut World, body: &str) -> Result<Module> {
    let module = Module::new(&world.engine, format!("(module {IMPORTS} {body})"))?;
    let bytes = Snapshot::new().take(&mut world.store, &world.linker, &module)?;
    Module::from_binary(&world.engine, &bytes)
}

#[test]
fn segments_for_imports_are_written_again() {
    const BODY: &str = r#"
        (memory $own 1) (table $mine 3 funcref)
        (global $at (mut i32) (global.get $base))
        (data (global.get $base) "module") (data (memory $own) (i32.const 0) "own")
        (elem (i32.const 1) func $f) (elem (table $mine) (i32.const 0) func $f $hook)
        (func $f (result i32) (global.get $at))
        (func (export "wizer-initialize")
            (global.set $at (i32.load8_u (global.get $base)))
            (i32.store8 $own (i32.const 1) (call $hook)))
        (func (export "call") (param i32) (result i32) (call_indirect $mine (result i32) (local.get 0)))
        (func (export "own") (result i32) (i32.load8_u $own (i32.const 1)))"#;
    let mut first = world();
    let bytes = take(&mut first, BODY).unwrap().parsed().bytes().to_vec();

    let mut second = world();
    let module = Module::from_binary(&second.engine, &bytes).unwrap();
    assert_eq!(module.parsed().imports().len(), 5);
    let instance = second.linker.instantiate(&mut second.store, &module).unwrap();
    let memory = second.linker.get(&mut second.store, "env", "memory").unwrap().into_memory().unwrap();
    assert_eq!(&memory.data(&second.store)[..22], b"host\0\0\0\0\0\0\0\0\0\0\0\0module");
    let table = second.linker.get(&mut second.store, "env", "table").unwrap().into_table().unwrap();
    assert!(!table.get(&mut second.store, 1).unwrap().is_null());
    let call = instance.get_typed_func::<i32, i32>(&mut second.store, "call").unwrap();
    assert_eq!(call.call(&mut second.store, 0).unwrap(), i32::from(b'm'));
    assert_eq!(call.call(&mut second.store, 1).unwrap(), 77);
    let own = instance.get_typed_func::<(), i32>(&mut second.store, "own").unwrap();
    assert_eq!(own.call(&mut second.store, ()).unwrap(), 77);
}

#[test]
fn changed_imports_are_named() {
    let changes = [
        ("memory 0 (`env::memory`)", "(i32.store8 (i32.const 70) (i32.const 1))"),
        ("memory 0 (`env::memory`)", "(drop (memory.grow (i32.const 1)))"),
        ("table 0 (`env::table`)", "(table.set (i32.const 3) (ref.func $init))"),
        ("global 1 (`env::counter`)", "(global.set $counter (i32.const 1))"),
    ];
    for (name, change) in changes {
        let mut world = world();
        let as_init = format!(r#"(func $init (export "wizer-initialize") {change})"#);
        let error = take(&mut world, &as_init).unwrap_err().to_string();
        assert!(error.starts_with(&format!("initialisation changed {name}")), "{error}");
    }
    let mut world = world();
    let as_start =
        r#"(func $s (global.set $counter (i32.const 5))) (start $s) (func (export "wizer-initialize"))"#;
    let error = take(&mut world, as_start).unwrap_err().to_string();
    assert!(error.starts_with("initialisation changed global 1 (`env::counter`)"), "{error}");
}

#[test]
fn functions_that_are_not_granted_can_be_imported() {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "a" "b" (func $denied (result i32)))
            (table 1 funcref)
            (elem declare func $denied)
            (func (export "wizer-initialize") (table.set (i32.const 0) (ref.func $denied)))
            (func (export "call") (result i32) (call_indirect (result i32) (i32.const 0))))"#,
    )
    .unwrap();
    let bytes = Snapshot::new().take(Store::new(&engine, ()), &Linker::new(&engine), &module).unwrap();
    let module = Module::from_binary(&engine, &bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let granted = Func::wrap(&mut store, || 3);
    let instance = Instance::new(&mut store, &module, &[granted.into()]).unwrap();
    let call = instance.get_typed_func::<(), i32>(&mut store, "call").unwrap();
    assert_eq!(call.call(&mut store, ()).unwrap(), 3);
}
