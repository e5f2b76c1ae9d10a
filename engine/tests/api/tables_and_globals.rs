//! Tables, globals and tags from outside.

use crate::{func, instance};
use dayfly::parser::{ExportItem, GlobalIdx, TableIdx};
use dayfly::{
    Engine, ExternRef, Func, FuncType, Global, GlobalType, HeapType, Instance, InstanceItem, Module, Ref,
    RefType, Store, Table, TableType, Tag, TagType, Trap, Val, ValType,
};

fn table_type(element: RefType, min: u64, max: Option<u64>) -> TableType {
    TableType { element, min, max, table64: false, shared: false }
}

#[test]
fn a_table_is_shared_with_the_guest() {
    let (mut store, instance) = instance(
        r#"(module
            (type $f (func (result i32)))
            (table (export "t") 2 4 funcref)
            (func $one (export "one") (type $f) i32.const 1)
            (elem (i32.const 1) func $one)
            (func (export "call") (param i32) (result i32) (call_indirect (type $f) (local.get 0)))
            (func (export "size") (result i32) (table.size 0)))"#,
    );
    let table = instance.get_table(&mut store, "t").unwrap();
    let call = func::<i32, i32>(&mut store, instance, "call");
    assert_eq!(call.call(&mut store, 1).unwrap(), 1);
    let one = instance.get_func(&mut store, "one").unwrap();
    assert_eq!(table.get(&mut store, 1).unwrap().as_func(), Some(one));
    assert!(table.get(&mut store, 0).unwrap().is_null());
    assert!(table.get(&mut store, 2).is_none());

    let host = Func::wrap(&mut store, || 2);
    table.set(&mut store, 0, host.into()).unwrap();
    assert_eq!(call.call(&mut store, 0).unwrap(), 2);
    assert_eq!(table.grow(&mut store, 2, one.into()).unwrap(), 2);
    assert_eq!(func::<(), i32>(&mut store, instance, "size").call(&mut store, ()).unwrap(), 4);
    assert_eq!(call.call(&mut store, 3).unwrap(), 1);
    assert!(table.grow(&mut store, 1, Ref::Func(None)).is_err());
    table.fill(&mut store, 1, host.into(), 3).unwrap();
    assert_eq!(call.call(&mut store, 3).unwrap(), 2);
    let error = table.fill(&mut store, 2, Ref::Func(None), 3).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::TableOutOfBounds));
    assert_eq!(call.call(&mut store, 3).unwrap(), 2, "nothing was written");
    assert_eq!(table.ty(&store), table_type(RefType::FUNCREF, 4, Some(4)));
}

#[test]
fn entries_are_checked() {
    let mut store = Store::new(&Engine::default(), ());
    let table = Table::new(&mut store, table_type(RefType::FUNCREF, 2, None), Ref::Func(None)).unwrap();
    let value = ExternRef::new(&mut store, 1).unwrap();
    let error = table.set(&mut store, 0, value.into()).unwrap_err();
    assert_eq!(format!("{error:#}"), "entry of a table: type mismatch: expected funcref, found externref");
    assert!(table.set(&mut store, 2, Ref::Func(None)).is_err());
    assert!(table.grow(&mut store, 1, Ref::Extern(None)).is_err());
    let strict = RefType { nullable: false, heap: HeapType::Func };
    let error = Table::new(&mut store, table_type(strict, 1, None), Ref::Func(None)).unwrap_err();
    assert!(format!("{error:#}").contains("found null"), "{error:#}");
    let error =
        Table::new(&mut store, table_type(RefType::FUNCREF, 2, Some(1)), Ref::Func(None)).unwrap_err();
    assert!(format!("{error:#}").contains("the maximum is below the minimum"), "{error:#}");
}

#[test]
fn copying_between_tables() {
    let mut store = Store::new(&Engine::default(), ());
    let f = Func::wrap(&mut store, || {});
    let from = Table::new(&mut store, table_type(RefType::FUNCREF, 3, None), f.into()).unwrap();
    let to = Table::new(&mut store, table_type(RefType::FUNCREF, 3, None), Ref::Func(None)).unwrap();
    Table::copy(&mut store, &to, 1, &from, 0, 2).unwrap();
    let nulls: Vec<_> = (0..3).map(|n| to.get(&mut store, n).unwrap().is_null()).collect();
    assert_eq!(nulls, [true, false, false]);
    assert!(Table::copy(&mut store, &to, 2, &from, 0, 2).is_err());
    let externs = Table::new(&mut store, table_type(RefType::EXTERNREF, 3, None), Ref::Extern(None)).unwrap();
    let error = Table::copy(&mut store, &externs, 0, &from, 0, 1).unwrap_err();
    assert!(error.to_string().contains("entries of funcref copied to a table of externref"), "{error}");
}

#[test]
fn globals_are_shared_with_the_guest() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = |content, mutable| GlobalType { content, mutable, shared: false };
    let counter = Global::new(&mut store, ty(ValType::I64, true), Val::I64(40)).unwrap();
    let fixed = Global::new(&mut store, ty(ValType::V128, false), Val::V128(dayfly::V128([7; 16]))).unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (import "" "counter" (global $c (mut i64)))
            (import "" "fixed" (global $v v128))
            (global (export "own") (mut f32) (f32.const 0.5))
            (func (export "run") (result i32)
                (global.set $c (i64.add (global.get $c) (i64.const 2)))
                (i8x16.extract_lane_u 9 (global.get $v))))"#,
    )
    .unwrap();
    let instance = Instance::new(&mut store, &module, &[counter.into(), fixed.into()]).unwrap();
    assert_eq!(func::<(), i32>(&mut store, instance, "run").call(&mut store, ()).unwrap(), 7);
    assert_eq!(counter.get(&mut store).unwrap_i64(), 42);
    let own = instance.get_global(&mut store, "own").unwrap();
    assert_eq!(own.get(&mut store).unwrap_f32(), 0.5);
    own.set(&mut store, Val::from(2.5f32)).unwrap();
    assert_eq!(own.get(&mut store).unwrap_f32(), 2.5);
    assert_eq!(own.ty(&store), ty(ValType::F32, true));
    assert_eq!(fixed.set(&mut store, Val::I32(1)).unwrap_err().to_string(), "the global is immutable");
    let error = counter.set(&mut store, Val::I32(1)).unwrap_err();
    assert_eq!(format!("{error:#}"), "value of a global: type mismatch: expected i64, found i32");
    assert!(Global::new(&mut store, ty(ValType::I32, false), Val::I64(0)).is_err());
}

#[test]
fn tags_carry_parameters() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = TagType::new(FuncType::new([ValType::I32], []));
    let tag = Tag::new(&mut store, ty.clone()).unwrap();
    assert_eq!(tag.ty(&store), ty);
    assert!(Tag::new(&mut store, TagType::new(FuncType::new([], [ValType::I32]))).is_err());
}

#[test]
fn what_is_not_exported_can_be_looked_at() {
    let (mut store, instance) = instance(
        r#"(module (table 2 funcref) (global $g (mut i32) (i32.const 7)) (elem (i32.const 1) $f)
            (func $f (export "f") (result i32) (global.set $g (i32.const 8)) (global.get $g)))"#,
    );
    // Compiled code counts on what nobody writes: it is to be had as something that cannot be written.
    let Some(InstanceItem::Table(table)) = instance.item(&store, ExportItem::Table(TableIdx(0))) else {
        panic!("a table")
    };
    let Some(InstanceItem::Global(global)) = instance.item(&store, ExportItem::Global(GlobalIdx(0))) else {
        panic!("a global")
    };
    assert_eq!((table.size(&store), global.get(&mut store).i32()), (2, Some(7)));
    let entries = [0, 1].map(|n| table.get(&mut store, n).unwrap());
    let f = func::<(), i32>(&mut store, instance, "f");
    assert!(entries[0].is_null() && entries[1].as_func() == Some(*f.func()));
    assert!(table.get(&mut store, 2).is_none());
    assert_eq!(f.call(&mut store, ()).unwrap(), 8);
    assert_eq!(global.get(&mut store).i32(), Some(8));
}
