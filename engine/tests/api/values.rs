//! Values and references, and their types.

use crate::func;
use dayfly::{
    Engine, ExternRef, Func, HeapType, Instance, Module, Ref, RefType, Rooted, Store, V128, Val, ValType,
};

#[test]
fn conversions_and_accessors() {
    assert_eq!(Val::from(-1i32).i32(), Some(-1));
    assert_eq!(Val::from(u32::MAX).unwrap_i32(), -1);
    assert_eq!(Val::from(u64::MAX).unwrap_i64(), -1);
    assert_eq!(Val::from(0.25f32).f32(), Some(0.25));
    assert_eq!(Val::from(-0.0f64).unwrap_f64().to_bits(), 1 << 63);
    assert_eq!(Val::F32(0x7fa0_0000).unwrap_f32().to_bits(), 0x7fa0_0000);
    assert_eq!(Val::from(V128([1; 16])).v128(), Some(V128([1; 16])));
    assert_eq!(Val::I32(0).i64(), None);
    assert_eq!(Val::null_func_ref().funcref(), Some(None));
    assert!(Val::null_extern_ref().unwrap_externref().is_none());
    assert!(Val::I32(1).ref_().is_none());
    assert!(matches!(Val::FuncRef(None).ref_(), Some(Ref::Func(None))));
}

#[test]
#[should_panic(expected = "expected i64, found f32")]
fn unwrapping_another_kind_panics() {
    Val::F32(0).unwrap_i64();
}

#[test]
fn defaults() {
    assert_eq!(Val::default_for_ty(ValType::F64).unwrap().unwrap_f64(), 0.0);
    assert!(Val::default_for_ty(ValType::EXTERNREF).unwrap().unwrap_externref().is_none());
    let strict = ValType::Ref(RefType { nullable: false, heap: HeapType::Func });
    assert!(Val::default_for_ty(strict).is_none());
}

#[test]
fn types_of_values() {
    let mut store = Store::new(&Engine::default(), ());
    let f = Func::wrap(&mut store, |_: i32| {});
    let g = Func::wrap(&mut store, |_: i32| {});
    let h = Func::wrap(&mut store, |_: i64| {});
    let ty = |val: Val| val.ty(&store).unwrap();
    assert_eq!(ty(f.into()), ty(g.into()));
    assert_ne!(ty(f.into()), ty(h.into()));
    assert_eq!(ty(Val::FuncRef(None)).to_string(), "nullfuncref");
    assert_eq!(ty(Val::ExternRef(None)).to_string(), "nullexternref");
    assert_eq!(ty(Val::I64(0)), ValType::I64);
}

fn data(store: &Store<()>, value: Rooted<ExternRef>) -> &(dyn std::any::Any + Send + Sync) {
    value.data(store).unwrap().unwrap()
}

#[test]
fn host_values_travel_through_a_guest() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(
        &engine,
        r#"(module
            (table $t 4 externref)
            (global (export "g") (mut externref) (ref.null extern))
            (func (export "put") (param i32 externref) (table.set $t (local.get 0) (local.get 1)))
            (func (export "take") (param i32) (result externref)
                (global.set 0 (table.get $t (local.get 0)))
                (table.get $t (local.get 0))))"#,
    )
    .unwrap();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let put = func::<(i32, Option<Rooted<ExternRef>>), ()>(&mut store, instance, "put");
    let take = func::<i32, Option<Rooted<ExternRef>>>(&mut store, instance, "take");
    let text = ExternRef::new(&mut store, String::from("text")).unwrap();
    let number = ExternRef::new(&mut store, 17u8).unwrap();
    put.call(&mut store, (1, Some(text))).unwrap();
    put.call(&mut store, (2, Some(number))).unwrap();
    assert!(take.call(&mut store, 0).unwrap().is_none());
    let back = take.call(&mut store, 1).unwrap().unwrap();
    assert_eq!(data(&store, back).downcast_ref::<String>().unwrap(), "text");
    let back = take.call(&mut store, 2).unwrap().unwrap();
    assert_eq!(data(&store, back).downcast_ref(), Some(&17u8));
    assert!(data(&store, back).downcast_ref::<String>().is_none());
    let global = instance.get_global(&mut store, "g").unwrap();
    let back = global.get(&mut store).unwrap_externref().unwrap();
    assert_eq!(data(&store, back).downcast_ref(), Some(&17u8));
    global.set(&mut store, Val::ExternRef(None)).unwrap();
    assert!(global.set(&mut store, Val::FuncRef(None)).is_err());
}

#[test]
fn null_of_any_type_crosses() {
    let (mut store, instance) = crate::instance(
        r#"(module
            (global (export "any") anyref (ref.null any))
            (global (export "exn") exnref (ref.null exn))
            (func (export "f") (param anyref) (result i32) (ref.is_null (local.get 0))))"#,
    );
    for name in ["any", "exn"] {
        let global = instance.get_global(&mut store, name).unwrap();
        assert!(global.get(&mut store).ref_().unwrap().is_null(), "{name}");
    }
    let f = instance.get_func(&mut store, "f").unwrap();
    let mut results = [Val::I32(0)];
    f.call(&mut store, &[Val::AnyRef(None)], &mut results).unwrap();
    assert_eq!(results[0].unwrap_i32(), 1);
    assert!(f.call(&mut store, &[Val::FuncRef(None)], &mut results).is_err());
}
