//! Stand-ins for imports that nobody provides.

use crate::func;
use dayfly::{Engine, LinkError, Linker, Module, Store, UnknownImportError};

const NEEDY: &str = r#"
    (module
        (import "env" "add" (func $add (param i32) (result i32)))
        (import "env" "pair" (func $pair (param i64) (result f64 externref)))
        (import "env" "known" (func $known (result i32)))
        (func (export "add") (result i32) (call $add (i32.const 1)))
        (func (export "pair") (result f64 externref) (call $pair (i64.const 1)))
        (func (export "known") (result i32) (call $known)))"#;

#[test]
fn functions_that_fail_when_called() {
    let engine = Engine::default();
    let module = Module::new(&engine, NEEDY).unwrap();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("env", "known", || 3).unwrap();
    linker.define_unknown_imports_as_traps(&module).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    assert_eq!(func::<(), i32>(&mut store, instance, "known").call(&mut store, ()).unwrap(), 3);
    let error = func::<(), i32>(&mut store, instance, "add").call(&mut store, ()).unwrap_err();
    assert_eq!(error.to_string(), "unknown import: `env::add` has not been defined");
    let error = error.downcast_ref::<UnknownImportError>().unwrap();
    assert_eq!((error.module(), error.name()), ("env", "add"));
}

#[test]
fn only_functions_can_fail_when_called() {
    let engine = Engine::default();
    let module = Module::new(&engine, r#"(module (import "env" "m" (memory 1)))"#).unwrap();
    let mut linker = Linker::<()>::new(&engine);
    linker.define_unknown_imports_as_traps(&module).unwrap();
    assert!(linker.instantiate(Store::new(&engine, ()), &module).unwrap_err().is::<LinkError>());
}

#[test]
fn functions_that_return_zero_and_null() {
    let engine = Engine::default();
    let module = Module::new(&engine, NEEDY).unwrap();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("env", "known", || 3).unwrap();
    let mut store = Store::new(&engine, ());
    linker.define_unknown_imports_as_default_values(&mut store, &module).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    assert_eq!(func::<(), i32>(&mut store, instance, "add").call(&mut store, ()).unwrap(), 0);
    let pair = func::<(), (f64, Option<dayfly::Rooted<dayfly::ExternRef>>)>(&mut store, instance, "pair");
    assert!(matches!(pair.call(&mut store, ()).unwrap(), (0.0, None)));
    assert_eq!(func::<(), i32>(&mut store, instance, "known").call(&mut store, ()).unwrap(), 3);
}

#[test]
fn everything_else_by_default() {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (type $s (sub (func (result i32))))
            (import "a" "m" (memory $m 2 4)) (export "m" (memory $m))
            (import "a" "t" (table 3 (ref null $s)))
            (import "a" "g" (global (mut i64)))
            (import "a" "n" (global funcref))
            (import "a" "f" (func (type $s)))
            (import "a" "f" (func $again (type $s)))
            (func (export "size") (result i32) (i32.add (table.size 0) (call $again))))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_default_values(&mut store, &module).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    assert_eq!(func::<(), i32>(&mut store, instance, "size").call(&mut store, ()).unwrap(), 3);
    assert_eq!(instance.get_memory(&mut store, "m").unwrap().size(&store), 2);
}

#[test]
fn what_has_no_default_is_said() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut error = |wat: &str| {
        let module = Module::new(&engine, wat).unwrap();
        let mut linker = Linker::<()>::new(&engine);
        linker.define_unknown_imports_as_default_values(&mut store, &module).unwrap_err().to_string()
    };
    assert_eq!(
        error(r#"(module (import "a" "b" (func (result (ref func)))))"#),
        "`a::b` cannot be defined by a default: (ref func) has none"
    );
    assert!(error(r#"(module (import "a" "t" (tag (param i32))))"#).contains("tag [i32] -> [] has none"));
}
