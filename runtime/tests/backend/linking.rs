//! Imports: what matches, and what an error says.

use crate::*;
use dayfly_parser::{GlobalType, MemoryType, ValType};
use dayfly_runtime::instantiate::InstantiateError;
use dayfly_runtime::link::LinkError;

fn link_error(store: &mut StoreOpaque, wat: &str, imports: &[Extern]) -> LinkError {
    let blueprint = blueprint(store, wat, &[]);
    match store.instantiate(&blueprint, imports) {
        Err(InstantiateError::Link(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn errors_name_both_sides() {
    let mut store = store();
    let memory: Extern = store.new_memory(MemoryType::new(3, None)).unwrap().into();
    let wat = r#"(module (import "env" "memory" (memory 1 2)))"#;
    let error = link_error(&mut store, wat, std::slice::from_ref(&memory));
    let text = "incompatible import type for `env::memory`: expected memory 1..2, found memory 3";
    assert_eq!(error.to_string(), text);
    assert_eq!((error.module(), error.name(), error.is_missing()), ("env", "memory", false));

    let wat = r#"(module (import "env" "f" (func (param i32) (result i64))))"#;
    let error = link_error(&mut store, wat, &[memory]);
    let text = "incompatible import type for `env::f`: expected function [i32] -> [i64], found memory 3";
    assert_eq!(error.to_string(), text);

    let error = link_error(&mut store, wat, &[]);
    let text = "unknown import: `env::f` has not been defined: expected function [i32] -> [i64]";
    assert_eq!((error.to_string().as_str(), error.is_missing()), (text, true));
}

#[test]
fn the_present_size_of_a_memory_counts() {
    let mut store = store();
    let memory = store.new_memory(MemoryType::new(1, Some(3))).unwrap();
    let blueprint = blueprint(&store, r#"(module (import "" "m" (memory 2 3)))"#, &[]);
    assert!(store.instantiate(&blueprint, &[memory.into()]).is_err());
    assert_eq!(store.memory_grow(memory, 1).unwrap(), 1);
    assert!(store.instantiate(&blueprint, &[memory.into()]).is_ok());
}

#[test]
fn function_types_are_compared_by_structure() {
    let mut store = store();
    let wat = r#"(module
        (type $a (func)) (type $f (func (param (ref null $a)) (result i32)))
        (func (export "f") (type $f) unreachable))"#;
    unsafe fn nothing(_: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        Ok(())
    }
    let exporter = instance(&mut store, wat, &[nothing]);
    let f = store.instance_export(exporter, "f").unwrap();
    let wat = r#"(module
        (type (func (param f64))) (type $b (func)) (type $g (func (param (ref null $b)) (result i32)))
        (import "" "f" (func (type $g))))"#;
    let blueprint = blueprint(&store, wat, &[]);
    assert!(store.instantiate(&blueprint, std::slice::from_ref(&f)).is_ok());
    let wat = r#"(module (import "" "f" (func (param funcref) (result i32))))"#;
    assert!(!link_error(&mut store, wat, &[f]).is_missing());
}

#[test]
fn immutable_globals_do_not_match_mutable_ones() {
    let mut store = store();
    let ty = GlobalType { content: ValType::I32, mutable: false, shared: false };
    // SAFETY: the value is an i32.
    let global = unsafe { store.new_global(ty, [1, 0]) };
    let error = link_error(&mut store, r#"(module (import "" "g" (global (mut i32))))"#, &[global.into()]);
    assert!(error.to_string().ends_with("expected mutable global i32, found global i32"), "{error}");
}
