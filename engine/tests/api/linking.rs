//! Imports found by name, and what is said when they are not.

use crate::func;
use dayfly::{
    Engine, Error, Extern, Func, FuncType, Global, GlobalType, Instance, LinkError, Linker, Memory,
    MemoryType, Module, Ref, RefType, Store, Table, TableType, Val, ValType,
};

fn link(engine: &Engine, linker: &Linker<()>, wat: &str) -> Result<(), Error> {
    let module = Module::new(engine, wat).unwrap();
    linker.instantiate(Store::new(engine, ()), &module).map(drop)
}

#[test]
fn a_missing_import_is_named_with_its_type() {
    let engine = Engine::default();
    let wat = r#"(module (import "env" "now" (func (param i32) (result i64))))"#;
    let error = link(&engine, &Linker::new(&engine), wat).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown import: `env::now` has not been defined: expected function [i32] -> [i64]"
    );
    let error = error.downcast_ref::<LinkError>().unwrap();
    assert_eq!((error.module(), error.name(), error.is_missing()), ("env", "now", true));
    assert_eq!((error.expected(), error.found()), ("function [i32] -> [i64]", None));
}

#[test]
fn a_mismatch_names_both_types() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("env", "f", |_: i32| 0f32).unwrap();
    let text = |wat: &str| link(&engine, &linker, wat).unwrap_err().to_string();
    assert_eq!(
        text(r#"(module (import "env" "f" (func (param i64) (result f32))))"#),
        "incompatible import type for `env::f`: expected function [i64] -> [f32], found function [i32] -> [f32]"
    );
    assert_eq!(
        text(r#"(module (import "env" "f" (memory 1)))"#),
        "incompatible import type for `env::f`: expected memory 1, found function [i32] -> [f32]"
    );
}

#[test]
fn what_belongs_to_a_store_is_checked_when_linked() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(3))).unwrap();
    linker.define(&store, "env", "memory", memory).unwrap();
    let ty = GlobalType { content: ValType::I32, mutable: true, shared: false };
    let global = Global::new(&mut store, ty, Val::I32(5)).unwrap();
    linker.define(&store, "env", "global", global).unwrap();
    let ty = TableType { element: RefType::FUNCREF, min: 2, max: None, table64: false, shared: false };
    let table = Table::new(&mut store, ty, Ref::Func(None)).unwrap();
    linker.define(&store, "env", "table", table).unwrap();

    let mut instantiate = |wat: &str| linker.instantiate(&mut store, &Module::new(&engine, wat).unwrap());
    instantiate(r#"(module (import "env" "memory" (memory 1 3)))"#).unwrap();
    instantiate(r#"(module (import "env" "table" (table 1 funcref)))"#).unwrap();
    instantiate(r#"(module (import "env" "global" (global (mut i32))))"#).unwrap();
    for (wat, words) in [
        (r#"(module (import "env" "memory" (memory 2 3)))"#, "expected memory 2..3, found memory 1..3"),
        (r#"(module (import "env" "memory" (memory 1 2)))"#, "expected memory 1..2, found memory 1..3"),
        (r#"(module (import "env" "memory" (memory i64 1 3)))"#, "expected memory i64 1..3"),
        (r#"(module (import "env" "table" (table 3 funcref)))"#, "found table 2 of funcref"),
        (r#"(module (import "env" "table" (table 1 externref)))"#, "expected table 1 of externref"),
        (r#"(module (import "env" "global" (global i32)))"#, "expected global i32, found mutable global i32"),
    ] {
        let error = instantiate(wat).unwrap_err();
        assert!(error.is::<LinkError>());
        assert!(error.to_string().contains(words), "{error}");
    }

    // A memory that has grown satisfies what it did not before, also when linked ahead.
    let module = Module::new(&engine, r#"(module (import "env" "memory" (memory 2 3)))"#).unwrap();
    let pre = linker.instantiate_pre(&module).unwrap();
    assert!(pre.instantiate(&mut store).is_err());
    memory.grow(&mut store, 1).unwrap();
    pre.instantiate(&mut store).unwrap();
}

#[test]
fn names_are_defined_once_unless_shadowing_is_allowed() {
    let engine = Engine::default();
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("a", "f", || 1).unwrap();
    let error = linker.func_wrap("a", "f", || 2).unwrap_err();
    assert!(error.to_string().contains("`a::f` is defined twice"), "{error}");
    linker.func_wrap("b", "f", || 3).unwrap();
    linker.allow_shadowing(true).func_wrap("a", "f", || 2).unwrap();
    let mut store = Store::new(&engine, ());
    let f = linker.get(&mut store, "a", "f").unwrap().into_func().unwrap();
    assert_eq!(f.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 2);
    assert!(linker.get(&mut store, "a", "g").is_none());
    assert!(linker.get(&mut store, "c", "f").is_none());
}

#[test]
fn instances_and_aliases() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let module = Module::new(
        &engine,
        r#"(module
            (memory (export "memory") 1)
            (global (export "g") i32 (i32.const 7))
            (func (export "f") (result i32) i32.const 8))"#,
    )
    .unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    linker.instance(&mut store, "lib", instance).unwrap();
    linker.alias("lib", "f", "env", "eight").unwrap();
    linker.alias_module("lib", "same").unwrap();
    assert!(linker.alias("lib", "nothing", "x", "y").is_err());
    assert!(linker.alias_module("nothing", "x").is_err());
    let module = Module::new(
        &engine,
        r#"(module
            (import "env" "eight" (func $f (result i32)))
            (import "same" "g" (global $g i32))
            (import "same" "memory" (memory 1))
            (func (export "sum") (result i32) (i32.add (call $f) (global.get $g))))"#,
    )
    .unwrap();
    let user = linker.instantiate(&mut store, &module).unwrap();
    assert_eq!(func::<(), i32>(&mut store, user, "sum").call(&mut store, ()).unwrap(), 15);
}

#[test]
fn modules_are_commands_or_libraries() {
    let engine = Engine::default();
    let counter = r#"
        (global $n (mut i32) (i32.const 0))
        (func $count (export "count") (result i32)
            (global.set $n (i32.add (global.get $n) (i32.const 1)))
            (global.get $n))"#;
    let command = Module::new(&engine, format!(r#"(module {counter} (func (export "_start")))"#)).unwrap();
    let library = format!(r#"(module {counter} (func (export "_initialize") (drop (call $count))))"#);
    let library = Module::new(&engine, library).unwrap();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.module(&mut store, "command", &command).unwrap();
    linker.module(&mut store, "library", &library).unwrap();
    let mut count = |module: &str| {
        let count = linker.get(&mut store, module, "count").and_then(Extern::into_func).unwrap();
        count.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap()
    };
    assert_eq!((count("command"), count("command")), (1, 1), "a command starts anew");
    assert_eq!((count("library"), count("library")), (2, 3), "a library is initialised and keeps its state");
}

#[test]
fn imports_in_order() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let f = Func::wrap(&mut store, || 1);
    let module = Module::new(&engine, r#"(module (import "x" "y" (func (result i32))))"#).unwrap();
    Instance::new(&mut store, &module, &[f.into()]).unwrap();
    let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    assert!(error.downcast_ref::<LinkError>().unwrap().is_missing());
    let error = Instance::new(&mut store, &module, &[f.into(), f.into()]).unwrap_err();
    assert_eq!(error.to_string(), "the module has 1 imports, 2 were given");
}

#[test]
fn a_function_type_of_the_host_is_the_same_as_a_modules() {
    let engine = Engine::default();
    let mut linker = Linker::<()>::new(&engine);
    let ty = FuncType::new([ValType::FUNCREF, ValType::V128], [ValType::EXTERNREF]);
    linker
        .func_new("h", "f", ty, |_, _, results| {
            results[0] = Val::ExternRef(None);
            Ok(())
        })
        .unwrap();
    let wat = r#"(module (import "h" "f" (func (param funcref v128) (result externref))))"#;
    link(&engine, &linker, wat).unwrap();
}
