//! Structures, arrays, `i31` and host values: made, read, written and passed on.

use crate::{func, instance};
use dayfly::{
    AnyRef, ArrayRef, ArrayRefPre, ArrayType, AsContextMut, Engine, EngineOf, EqRef, ExternRef, FieldType,
    Finality, Func, FuncType, Global, GlobalType, HeapType, I31, Instance, Module, OwnedRooted, Ref, RefType,
    Rooted, StorageType, Store, StructRef, StructRefPre, StructType, Table, TableType, Trap, V128, Val,
    ValType,
};

const POINT: &str = "(type $point (struct (field i32) (field (mut i32))))";

fn field(ty: ValType, mutable: bool) -> FieldType {
    FieldType { storage: StorageType::Val(ty), mutable }
}

fn nullable(heap: HeapType) -> ValType {
    ValType::Ref(RefType { nullable: true, heap })
}

fn point_type(engine: &Engine) -> StructType {
    StructType::new(engine, [field(ValType::I32, false), field(ValType::I32, true)]).unwrap()
}

fn point(mut store: impl AsContextMut, x: i32, y: i32) -> Rooted<StructRef> {
    let ty = point_type(&store.as_context_mut().engine());
    let pre = StructRefPre::new(&mut store, ty);
    StructRef::new(&mut store, &pre, &[Val::I32(x), Val::I32(y)]).unwrap()
}

fn bytes(store: &mut Store<()>, bytes: &[u8]) -> Rooted<ArrayRef> {
    let ty = FieldType { storage: StorageType::I8, mutable: true };
    let ty = ArrayType::new(&store.engine(), ty).unwrap();
    let pre = ArrayRefPre::new(&mut *store, ty);
    ArrayRef::new_from_i8_slice(store, &pre, bytes).unwrap()
}

#[test]
fn a_structure_holds_a_value_of_each_type() {
    let mut store = Store::new(&Engine::default(), ());
    let engine = store.engine();
    let packed = [StorageType::I8, StorageType::I16].map(|storage| FieldType { storage, mutable: true });
    let types =
        [ValType::I64, ValType::F32, ValType::F64, ValType::V128, ValType::FUNCREF, ValType::EXTERNREF];
    let types = types.into_iter().chain([nullable(HeapType::Any), nullable(HeapType::Exn)]);
    let fields = packed.into_iter().chain(types.map(|ty| field(ty, true)));
    let ty = StructType::new(&engine, fields).unwrap();
    let f = Func::wrap(&mut store, || {});
    let value = ExternRef::new(&mut store, 5u64).unwrap();
    let inner = point(&mut store, 1, 2);
    let vals = [
        Val::I32(0x1ff),
        Val::I32(-1),
        Val::I64(i64::MIN),
        Val::from(0.5f32),
        Val::from(-0.25f64),
        Val::V128(V128([9; 16])),
        f.into(),
        value.into(),
        inner.into(),
        Val::ExnRef(None),
    ];
    let pre = StructRefPre::new(&mut store, ty);
    let made = StructRef::new(&mut store, &pre, &vals).unwrap();
    store.gc();
    let read: Vec<_> = made.fields(&mut store).unwrap().collect();
    assert_eq!(read.len(), vals.len());
    assert_eq!((read[0].unwrap_i32(), read[1].unwrap_i32()), (0xff, 0xffff));
    assert_eq!((read[2].unwrap_i64(), read[3].unwrap_f32(), read[4].unwrap_f64()), (i64::MIN, 0.5, -0.25));
    assert_eq!(read[5].unwrap_v128(), V128([9; 16]));
    assert_eq!(read[6].unwrap_funcref(), Some(f));
    assert!(Rooted::ref_eq(&store, &read[7].unwrap_externref().unwrap(), &value).unwrap());
    assert!(Rooted::ref_eq(&store, &read[8].unwrap_anyref().unwrap(), &inner.to_anyref()).unwrap());
    assert!(read[9].unwrap_exnref().is_none());
    made.set_field(&mut store, 8, Val::null_any_ref()).unwrap();
    made.set_field(&mut store, 1, Val::I32(0x10002)).unwrap();
    assert!(made.field(&mut store, 8).unwrap().unwrap_anyref().is_none());
    assert_eq!(made.field(&mut store, 1).unwrap().unwrap_i32(), 2);
}

#[test]
fn fields_are_checked() {
    let mut store = Store::new(&Engine::default(), ());
    let engine = store.engine();
    let ty = point_type(&engine);
    let pre = StructRefPre::new(&mut store, ty);
    let error = StructRef::new(&mut store, &pre, &[Val::I32(1)]).unwrap_err();
    assert_eq!(error.to_string(), "expected 2 fields, found 1");
    let error = StructRef::new(&mut store, &pre, &[Val::I32(1), Val::I64(2)]).unwrap_err();
    assert_eq!(format!("{error:#}"), "value 1 of 2: type mismatch: expected i32, found i64");
    let made = point(&mut store, 1, 2);
    let error = made.set_field(&mut store, 0, Val::I32(3)).unwrap_err();
    assert_eq!(error.to_string(), "field 0 is immutable");
    assert!(made.set_field(&mut store, 1, Val::AnyRef(None)).is_err());
    assert_eq!(made.field(&mut store, 2).unwrap_err().to_string(), "there is no field 2");
    assert!(made.set_field(&mut store, usize::MAX, Val::I32(0)).is_err());
    assert_eq!(made.field(&mut store, 0).unwrap().unwrap_i32(), 1);
    // A field of a concrete type takes that alone.
    let ty = ValType::Ref(RefType { nullable: false, heap: point_type(&engine).heap_type() });
    let outer = StructType::new(&engine, [field(ty, true)]).unwrap();
    let pre = StructRefPre::new(&mut store, outer);
    let outer = StructRef::new(&mut store, &pre, &[made.into()]).unwrap();
    assert!(outer.set_field(&mut store, 0, outer.into()).is_err());
    assert!(outer.set_field(&mut store, 0, Val::AnyRef(None)).is_err());
}

#[test]
fn types_of_the_host_are_those_of_modules() {
    let (mut store, instance) = instance(&format!(
        r#"(module {POINT}
            (type $base (sub (struct (field anyref))))
            (type $derived (sub final $base (struct (field eqref) (field i64))))
            (global (export "point") (ref null $point) (ref.null $point))
            (global (export "derived") (ref null $derived) (ref.null $derived)))"#
    ));
    let engine = store.engine();
    let mut global = |name| {
        let ty = instance.get_global(&mut store, name).unwrap().ty(&store).content.as_ref().unwrap();
        StructType::from_heap_type(&engine, ty.heap).unwrap()
    };
    let (found, derived) = (global("point"), global("derived"));
    assert_eq!(found, point_type(&engine));
    assert_eq!(found.to_string(), "(struct (field i32) (field (mut i32)))");
    assert_eq!((found.finality(), found.supertype()), (Finality::Final, None));
    let base = derived.supertype().unwrap();
    assert!(derived.matches(&base) && !base.matches(&derived) && !found.matches(&base));
    assert_eq!((base.finality(), base.fields().len()), (Finality::NonFinal, 1));
    let fields = [field(nullable(HeapType::Eq), false), field(ValType::I64, false)];
    let same = StructType::with_finality_and_supertype(&engine, Finality::Final, Some(&base), fields);
    assert_eq!(same.unwrap(), derived);
    assert_eq!(derived.field(1), Some(fields[1]));
    assert!(ArrayType::from_heap_type(&engine, found.heap_type()).is_none());
    assert!(StructType::from_heap_type(&engine, HeapType::Struct).is_none());
    assert!(
        StructType::from_heap_type(&engine, HeapType::Concrete(dayfly::parser::TypeIdx(u32::MAX))).is_none()
    );
}

#[test]
fn impossible_types_are_refused() {
    let engine = Engine::default();
    let derive = |above: &StructType, fields: &[FieldType]| {
        StructType::with_finality_and_supertype(&engine, Finality::NonFinal, Some(above), fields.to_vec())
            .map_err(|error| error.to_string())
    };
    let [fixed, mutable] = [field(ValType::I32, false), field(ValType::I32, true)];
    let error = derive(&point_type(&engine), &[fixed, mutable]).unwrap_err();
    assert_eq!(error, "a type cannot derive from a final one");
    let base = StructType::with_finality_and_supertype(&engine, Finality::NonFinal, None, [fixed, mutable]);
    let base = base.unwrap();
    for fields in [&[fixed][..], &[mutable, mutable], &[fixed, fixed], &[field(ValType::I64, false), mutable]]
    {
        let error = derive(&base, fields).unwrap_err();
        assert_eq!(error, "the fields do not match those of the supertype");
    }
    let mut deep = base;
    for _ in 0..63 {
        deep = derive(&deep, &[fixed, mutable]).unwrap();
    }
    assert!(derive(&deep, &[fixed, mutable]).is_err());
    let unknown = HeapType::Concrete(dayfly::parser::TypeIdx(1 << 20));
    assert!(StructType::new(&engine, [field(nullable(unknown), false)]).is_err());
    assert!(ArrayType::new(&engine, field(nullable(unknown), false)).is_err());
    assert!(StructType::new(&engine, std::iter::repeat(fixed)).unwrap_err().to_string().contains("10000"));
}

#[test]
fn arrays_are_read_and_written() {
    let mut store = Store::new(&Engine::default(), ());
    let engine = store.engine();
    let ty = ArrayType::new(&engine, field(nullable(HeapType::Any), true)).unwrap();
    let pre = ArrayRefPre::new(&mut store, ty.clone());
    let made = point(&mut store, 1, 2);
    let array = ArrayRef::new(&mut store, &pre, &made.into(), 3).unwrap();
    store.gc();
    assert_eq!(array.len(&store).unwrap(), 3);
    for value in array.elems(&mut store).unwrap().collect::<Vec<_>>() {
        assert!(Rooted::ref_eq(&store, &value.unwrap_anyref().unwrap(), &made.to_anyref()).unwrap());
    }
    array.set(&mut store, 2, array.into()).unwrap();
    let itself = array.get(&mut store, 2).unwrap().unwrap_anyref().unwrap();
    assert!(itself.unwrap_array(&store).unwrap().matches_ty(&store, &ty).unwrap());
    assert_eq!(array.get(&mut store, 3).unwrap_err().to_string(), "there is no element 3");
    assert!(array.set(&mut store, 3, Val::AnyRef(None)).is_err());
    assert!(array.set(&mut store, 0, Val::I32(0)).is_err());
    let wrong = ArrayRef::new(&mut store, &pre, &Val::I32(0), 1).unwrap_err();
    assert!(wrong.to_string().contains("expected anyref, found i32"), "{wrong}");

    let wide = ArrayType::new(&engine, field(ValType::V128, false)).unwrap();
    let pre = ArrayRefPre::new(&mut store, wide);
    let vals = [1, 2, 3].map(|n| Val::V128(V128([n; 16])));
    let array = ArrayRef::new_fixed(&mut store, &pre, &vals).unwrap();
    assert_eq!(array.get(&mut store, 1).unwrap().unwrap_v128(), V128([2; 16]));
    assert_eq!(array.set(&mut store, 1, vals[0]).unwrap_err().to_string(), "the elements are immutable");
    assert!(ArrayRef::new_fixed(&mut store, &pre, &[vals[0], Val::I32(1)]).is_err());
    let error = ArrayRef::new(&mut store, &pre, &vals[0], u32::MAX).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge));
}

#[test]
fn arrays_of_bytes_are_copied_whole() {
    let mut store = Store::new(&Engine::default(), ());
    let array = bytes(&mut store, b"bytes");
    let mut buffer = [0; 5];
    array.copy_to_i8_slice(&mut store, &mut buffer).unwrap();
    assert_eq!(&buffer, b"bytes");
    assert_eq!(array.get(&mut store, 0).unwrap().unwrap_i32(), i32::from(b'b'));
    assert!(array.copy_to_i8_slice(&mut store, &mut [0; 4]).is_err());
    let empty = bytes(&mut store, b"");
    empty.copy_to_i8_slice(&mut store, &mut []).unwrap();
    let ty = ArrayType::new(&store.engine(), field(ValType::I32, true)).unwrap();
    let pre = ArrayRefPre::new(&mut store, ty);
    let error = ArrayRef::new_from_i8_slice(&mut store, &pre, b"x").unwrap_err();
    assert_eq!(error.to_string(), "the elements are not of type i8");
    let words = ArrayRef::new(&mut store, &pre, &Val::I32(1), 1).unwrap();
    assert!(words.copy_to_i8_slice(&mut store, &mut [0]).is_err());
}

#[test]
fn references_are_told_apart() {
    let mut store = Store::new(&Engine::default(), ());
    let i31 = AnyRef::from_i31(&mut store, I31::wrapping_i32(-2));
    let structure = point(&mut store, 1, 2);
    let array = bytes(&mut store, b"x");
    let host = ExternRef::new(&mut store, 'h').unwrap();
    let host = AnyRef::convert_extern(&mut store, host).unwrap();
    let all = [i31, structure.to_anyref(), array.into(), host];
    let which = |store: &Store<()>, is: fn(&AnyRef, &Store<()>) -> dayfly::Result<bool>| {
        all.map(|reference| is(&reference, store).unwrap())
    };
    assert_eq!(which(&store, |r, s| r.is_i31(s)), [true, false, false, false]);
    assert_eq!(which(&store, |r, s| r.is_struct(s)), [false, true, false, false]);
    assert_eq!(which(&store, |r, s| r.is_array(s)), [false, false, true, false]);
    assert_eq!(which(&store, |r, s| r.is_eqref(s)), [true, true, true, false]);
    let types = all.map(|reference| reference.ty(&store).unwrap());
    let own = [structure.ty(&store).unwrap().heap_type(), array.ty(&store).unwrap().heap_type()];
    assert_eq!(types, [HeapType::I31, own[0], own[1], HeapType::Any]);
    assert!(all[1].matches_ty(&store, &HeapType::Struct).unwrap());
    assert!(all[1].matches_ty(&store, &own[0]).unwrap());
    assert!(!all[1].matches_ty(&store, &own[1]).unwrap());
    assert!(!all[1].matches_ty(&store, &HeapType::None).unwrap());
    assert_eq!(i31.as_i31(&store).unwrap().map(I31::get_i32), Some(-2));
    assert!(host.as_eqref(&mut store).unwrap().is_none());
    let eq: Rooted<EqRef> = all[2].unwrap_eqref(&mut store).unwrap();
    assert!(eq.is_array(&store).unwrap() && eq.as_struct(&store).unwrap().is_none());
    assert_eq!(eq.ty(&store).unwrap(), own[1]);
    assert_eq!(EqRef::from_i31(&mut store, I31::wrapping_u32(7)).unwrap_i31(&store).unwrap().get_u32(), 7);
    let val = Val::from(structure);
    assert_eq!(val.ty(&store).unwrap(), ValType::Ref(RefType { nullable: false, heap: own[0] }));
    assert!(val.matches_ty(&store, &nullable(HeapType::Eq)).unwrap());
    assert!(!Ref::from(host).matches_ty(&store, &nullable(HeapType::Eq).as_ref().unwrap()).unwrap());
}

#[test]
#[should_panic(expected = "a structure")]
fn unwrapping_another_kind_panics() {
    let mut store = Store::new(&Engine::default(), ());
    let i31 = AnyRef::from_i31(&mut store, I31::default());
    let _ = i31.unwrap_struct(&store);
}

#[test]
fn inside_and_outside_are_the_same_object() {
    let (mut store, instance) = instance(
        r#"(module
            (func (export "in") (param externref) (result anyref) (any.convert_extern (local.get 0)))
            (func (export "out") (param anyref) (result externref) (extern.convert_any (local.get 0))))"#,
    );
    assert!(instance.get_typed_func::<Rooted<ExternRef>, Rooted<AnyRef>>(&mut store, "in").is_err());
    let inside = func::<Rooted<ExternRef>, Option<Rooted<AnyRef>>>(&mut store, instance, "in");
    let outside = func::<Option<Rooted<AnyRef>>, Option<Rooted<ExternRef>>>(&mut store, instance, "out");
    let value = ExternRef::new(&mut store, String::from("text")).unwrap();
    let any = inside.call(&mut store, value).unwrap().unwrap();
    let back = outside.call(&mut store, Some(any)).unwrap().unwrap();
    assert!(Rooted::ref_eq(&store, &back, &value).unwrap());
    back.data_mut(&mut store).unwrap().unwrap().downcast_mut::<String>().unwrap().push('s');
    assert_eq!(value.data(&store).unwrap().unwrap().downcast_ref::<String>().unwrap(), "texts");
    let structure = point(&mut store, 4, 5);
    let external = outside.call(&mut store, Some(structure.into())).unwrap().unwrap();
    assert!(external.data(&store).unwrap().is_none());
    let again = AnyRef::convert_extern(&mut store, external).unwrap().unwrap_struct(&store).unwrap();
    assert_eq!(again.field(&mut store, 1).unwrap().unwrap_i32(), 5);
    let both = [again, structure].map(|r| ExternRef::convert_any(&mut store, r.into()).unwrap());
    assert!(Rooted::ref_eq(&store, &both[0], &both[1]).unwrap());
    assert!(outside.call(&mut store, None).unwrap().is_none());
}

#[test]
fn typed_functions_check_types_of_modules() {
    let (mut store, instance) = instance(&format!(
        r#"(module {POINT}
            (type $f (func (result i32)))
            (func (export "sum") (param (ref $point) i32) (result i32)
                (i32.add (local.get 1)
                    (i32.add (struct.get $point 0 (local.get 0)) (struct.get $point 1 (local.get 0)))))
            (func (export "is_null") (param (ref null $point)) (result i32) (ref.is_null (local.get 0)))
            (func (export "call") (param (ref $f)) (result i32) (call_ref $f (local.get 0)))
            (func (export "i31") (param (ref i31)) (result (ref null i31)) (local.get 0)))"#
    ));
    let sum = func::<(Rooted<StructRef>, i32), i32>(&mut store, instance, "sum");
    let made = point(&mut store, 1, 2);
    assert_eq!(sum.call(&mut store, (made, 3)).unwrap(), 6);
    let other = StructType::new(&store.engine(), []).unwrap();
    let pre = StructRefPre::new(&mut store, other);
    let other = StructRef::new(&mut store, &pre, &[]).unwrap();
    let error = sum.call(&mut store, (other, 3)).unwrap_err();
    assert!(
        format!("{error:#}").starts_with("an argument does not fit the function: type mismatch"),
        "{error:#}"
    );
    let sum = func::<(Option<Rooted<AnyRef>>, i32), i32>(&mut store, instance, "sum");
    assert_eq!(sum.call(&mut store, (Some(made.into()), 3)).unwrap(), 6);
    assert!(sum.call(&mut store, (None, 3)).is_err());
    let owned = made.to_owned_rooted(&mut store).unwrap();
    let sum = func::<(OwnedRooted<StructRef>, i32), i32>(&mut store, instance, "sum");
    assert_eq!(sum.call(&mut store, (owned, 4)).unwrap(), 7);
    let is_null = func::<Option<Rooted<EqRef>>, i32>(&mut store, instance, "is_null");
    assert_eq!(is_null.call(&mut store, None).unwrap(), 1);
    assert_eq!(is_null.call(&mut store, Some(made.into())).unwrap(), 0);
    assert!(is_null.call(&mut store, Some(other.into())).is_err());
    let call = func::<Func, i32>(&mut store, instance, "call");
    let (one, none) = (Func::wrap(&mut store, || 1), Func::wrap(&mut store, || {}));
    assert_eq!(call.call(&mut store, one).unwrap(), 1);
    assert!(call.call(&mut store, none).is_err());
    let i31 = func::<I31, Option<I31>>(&mut store, instance, "i31");
    assert_eq!(i31.call(&mut store, I31::wrapping_u32(9)).unwrap(), I31::new_u32(9));
    assert!(instance.get_typed_func::<(Rooted<ArrayRef>, i32), i32>(&mut store, "sum").is_err());
    assert!(instance.get_typed_func::<Rooted<ExternRef>, i32>(&mut store, "is_null").is_err());
}

#[test]
fn host_functions_take_and_give_references() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let swap =
        Func::wrap(&mut store, |mut caller: dayfly::Caller<'_, ()>, value: Option<Rooted<StructRef>>| {
            let value = value.unwrap();
            let [x, y] = [0, 1].map(|n| value.field(&mut caller, n).unwrap().unwrap_i32());
            caller.gc();
            Some(point(&mut caller, y, x))
        });
    let keep = Func::wrap(&mut store, |value: Option<OwnedRooted<EqRef>>| value);
    let point_ref = ValType::Ref(RefType { nullable: false, heap: point_type(&engine).heap_type() });
    let double =
        Func::new(&mut store, FuncType::new([point_ref], [point_ref]), |mut caller, args, results| {
            let value = args[0].unwrap_anyref().unwrap().unwrap_struct(&caller)?;
            let [x, y] = [0, 1].map(|n| value.field(&mut caller, n).unwrap().unwrap_i32());
            results[0] = point(&mut caller, 2 * x, 2 * y).into();
            Ok(())
        });
    let module = Module::new(
        &engine,
        format!(
            r#"(module {POINT}
                (import "" "swap" (func $swap (param structref) (result structref)))
                (import "" "keep" (func $keep (param eqref) (result eqref)))
                (import "" "double" (func $double (param (ref $point)) (result (ref $point))))
                (func (export "run") (param i32 i32) (result (ref $point))
                    (local $first (ref null $point))
                    (local.set $first (struct.new $point (local.get 0) (local.get 1)))
                    (call $double (ref.cast (ref $point) (call $keep (ref.cast eqref
                        (call $swap (local.get $first)))))))
                (func (export "wrong") (result (ref $point))
                    (call $double (ref.cast (ref $point) (call $swap (ref.null none))))))"#
        ),
    )
    .unwrap();
    let instance = Instance::new(&mut store, &module, &[swap.into(), keep.into(), double.into()]).unwrap();
    let run = func::<(i32, i32), Rooted<StructRef>>(&mut store, instance, "run");
    let made = run.call(&mut store, (3, 4)).unwrap();
    let values: Vec<_> = made.fields(&mut store).unwrap().map(|value| value.unwrap_i32()).collect();
    assert_eq!(values, [8, 6]);
    // What a host function gives is checked against a type that it was given.
    let bad = Func::new(&mut store, FuncType::new([], [point_ref]), |_, _, results| {
        results[0] = Val::AnyRef(None);
        Ok(())
    });
    let error = bad.call(&mut store, &[], &mut [Val::I32(0)]).unwrap_err();
    assert!(format!("{error:#}").contains("found null"), "{error:#}");
}

#[test]
fn tables_and_globals_hold_objects_of_the_host() {
    let mut store = Store::new(&Engine::default(), ());
    let engine = store.engine();
    let element = RefType { nullable: true, heap: point_type(&engine).heap_type() };
    let ty = TableType { element, min: 2, max: None, table64: false, shared: false };
    let first = point(&mut store, 1, 1);
    let table = Table::new(&mut store, ty, first.into()).unwrap();
    let global_type = |content| GlobalType { content, mutable: true, shared: false };
    let global = Global::new(&mut store, global_type(nullable(HeapType::Eq)), Val::AnyRef(None)).unwrap();
    let module = Module::new(
        &engine,
        format!(
            r#"(module {POINT}
                (import "" "t" (table $t 2 (ref null $point)))
                (import "" "g" (global $g (mut eqref)))
                (func (export "sum") (result i32)
                    (global.set $g (table.get $t (i32.const 1)))
                    (i32.add
                        (struct.get $point 0 (table.get $t (i32.const 0)))
                        (struct.get $point 0 (ref.cast (ref $point) (global.get $g))))))"#
        ),
    )
    .unwrap();
    let instance = Instance::new(&mut store, &module, &[table.into(), global.into()]).unwrap();
    let second = point(&mut store, 20, 0);
    table.set(&mut store, 1, second.into()).unwrap();
    store.gc();
    assert_eq!(func::<(), i32>(&mut store, instance, "sum").call(&mut store, ()).unwrap(), 21);
    let read = global.get(&mut store).unwrap_anyref().unwrap();
    assert!(Rooted::ref_eq(&store, &read, &second.to_anyref()).unwrap());
    assert_eq!(table.grow(&mut store, 2, second.into()).unwrap(), 2);
    table.fill(&mut store, 0, Ref::Any(None), 2).unwrap();
    let nulls = [0, 1, 2, 3].map(|n| table.get(&mut store, n).unwrap().as_any().is_none());
    assert_eq!(nulls, [true, true, false, false]);
    let i31 = AnyRef::from_i31(&mut store, I31::default());
    assert!(table.set(&mut store, 0, i31.into()).is_err(), "the table is of points");
    global.set(&mut store, i31.into()).unwrap();
    let host = ExternRef::new(&mut store, ()).unwrap();
    let host = AnyRef::convert_extern(&mut store, host).unwrap();
    assert!(global.set(&mut store, host.into()).is_err(), "a host value is no eqref");
}
