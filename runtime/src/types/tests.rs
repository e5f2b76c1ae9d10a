//! Tests of canonical types: identity of groups, subtyping.

use super::*;
use dayfly_parser::{Config, HeapType, Module};
use std::sync::Arc;

fn module(types: &str) -> Arc<Module> {
    let bytes = wat::parse_str(format!("(module {types})")).unwrap();
    Module::new(bytes, &Config::default()).unwrap()
}

fn register(registry: &TypeRegistry, types: &str) -> Box<[TypeId]> {
    registry.register_module(&module(types)).unwrap()
}

#[test]
fn groups_of_the_same_structure_are_the_same() {
    let registry = TypeRegistry::new();
    let list = "(rec (type $list (struct (field i32) (field (ref null $list)))))";
    let a = register(&registry, list);
    let b = register(&registry, &format!("(type (func)) {list} (type (func (param (ref 1))))"));
    assert_eq!(a[0], b[1]);
    let c = register(&registry, "(type (struct (field i64)))");
    assert_ne!(a[0], c[0]);
    // The same types in one group and in two are different types.
    let apart = register(&registry, "(type $a (struct)) (type $b (func))");
    let together = register(&registry, "(rec (type $a (struct)) (type $b (func)))");
    assert_ne!(apart[0], together[0]);
    assert_ne!(apart[1], together[1]);
}

#[test]
fn recursion_is_by_position_in_the_group() {
    let registry = TypeRegistry::new();
    let group = "(rec (type $a (func (result (ref $b)))) (type $b (func (result (ref $a)))))";
    let one = register(&registry, group);
    let other = register(&registry, &format!("(type (struct)) (type (array i8)) {group}"));
    assert_eq!(one[..], other[2..]);
    let swapped = "(rec (type $a (func (result (ref $a)))) (type $b (func (result (ref $b)))))";
    let swapped = register(&registry, swapped);
    assert_ne!(one[0], swapped[0]);
    let result = registry.func(one[0]).results[0];
    assert_eq!(result, ValType::Ref(RefType { nullable: false, heap: one[1].heap() }));
}

#[test]
fn host_functions_share_ids_with_modules() {
    let registry = TypeRegistry::new();
    let ids = register(&registry, "(type (func (param i32) (result i64)))");
    let host = registry.register_func(&FuncType::new([ValType::I32], [ValType::I64]));
    assert_eq!(ids[0], host);
}

#[test]
fn subtypes_by_display() {
    let registry = TypeRegistry::new();
    let ids = register(
        &registry,
        "(type $a (sub (struct))) (type $b (sub $a (struct (field i32))))
         (type $c (sub final $b (struct (field i32) (field i64)))) (type $d (sub $a (struct (field f32))))",
    );
    let [a, b, c, d] = ids[..] else { panic!() };
    let is = |x, y| registry.is_subtype(x, y);
    assert!(is(a, a) && is(b, a) && is(c, a) && is(c, b) && is(d, a));
    assert!(!is(a, b) && !is(d, b) && !is(b, d) && !is(c, d) && !is(b, c));
}

#[test]
fn abstract_types_stand_above_and_below() {
    use HeapType::*;
    let registry = TypeRegistry::new();
    let ids = register(&registry, "(type (struct)) (type (array i8)) (type (func))");
    let [s, a, f] = [ids[0].heap(), ids[1].heap(), ids[2].heap()];
    let is = |x, y| registry.heap_is_subtype(x, y);
    for above in [Struct, Eq, Any] {
        assert!(is(s, above) && is(None, above), "{above}");
    }
    assert!(is(a, Array) && is(f, Func) && is(None, s) && is(None, a) && is(NoFunc, f) && is(I31, Eq));
    assert!(is(NoExtern, Extern) && is(NoExn, Exn) && is(Eq, Any));
    assert!(!is(s, Array) && !is(f, Any) && !is(s, Func) && !is(NoFunc, s) && !is(None, f) && !is(Any, Eq));
    assert!(!is(None, Func) && !is(NoFunc, Any) && !is(I31, Struct) && !is(Func, f) && !is(Any, s));
}

#[test]
fn null_belongs_to_nullable_references_alone() {
    let registry = TypeRegistry::new();
    let func = |nullable| RefType { nullable, heap: HeapType::Func };
    assert!(registry.ref_is_subtype(func(false), func(true)));
    assert!(!registry.ref_is_subtype(func(true), func(false)));
    assert!(!registry.val_is_subtype(ValType::I32, ValType::I64));
}

#[test]
fn many_types_are_found_from_many_threads() {
    let registry = TypeRegistry::new();
    let func = |n: usize| FuncType::new(vec![ValType::I32; n], []);
    std::thread::scope(|scope| {
        for start in [0, 100, 200] {
            let registry = &registry;
            scope.spawn(move || {
                for n in start..start + 300 {
                    let id = registry.register_func(&func(n));
                    assert_eq!(registry.func(id).params.len(), n);
                }
            });
        }
    });
    let mut ids: Vec<_> = (0..500).map(|n| registry.register_func(&func(n)).0).collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..500).collect::<Vec<_>>());
}
