//! Calls in both directions, typed and untyped.

use crate::{func, instance};
use dayfly::{Caller, Engine, Func, FuncType, Instance, Module, Ref, Result, Store, V128, Val, ValType};

#[test]
fn host_to_host_without_a_guest() {
    let mut store = Store::new(&Engine::default(), 10);
    let add =
        Func::wrap(&mut store, |caller: Caller<'_, i32>, a: i32, b: i64| i64::from(a + caller.data()) + b);
    assert_eq!(add.ty(&store).to_string(), "[i32 i64] -> [i64]");
    let typed = add.typed::<(i32, i64), i64>(&store).unwrap();
    assert_eq!(typed.call(&mut store, (1, 2)).unwrap(), 13);
    let mut results = [Val::I32(0)];
    add.call(&mut store, &[Val::I32(1), Val::I64(2)], &mut results).unwrap();
    assert_eq!(results[0].unwrap_i64(), 13);
}

#[test]
fn counts_and_types_are_checked() {
    let mut store = Store::new(&Engine::default(), ());
    let f = Func::wrap(&mut store, |_: i32, _: f32| 1i64);
    let mut call = |args: &[Val], results: &mut [Val]| f.call(&mut store, args, results).unwrap_err();
    let args = [Val::I32(0), Val::F32(0)];
    assert_eq!(format!("{:#}", call(&args[..1], &mut [Val::I32(0)])), "expected 2 arguments, found 1");
    assert_eq!(format!("{:#}", call(&args, &mut [])), "expected 1 places for results, found 0");
    assert_eq!(
        format!("{:#}", call(&[Val::I32(0), Val::F64(0)], &mut [Val::I32(0)])),
        "argument 1 does not fit the function: type mismatch: expected f32, found f64"
    );
    let error = f.typed::<(i32, f32), i32>(&store).unwrap_err();
    assert_eq!(
        error.to_string(),
        "type mismatch: the function has type [i32 f32] -> [i64], it was asked for as [i32 f32] -> [i32]"
    );
    assert!(f.typed::<i32, i64>(&store).is_err());
    assert!(f.typed::<(i32, f32), ()>(&store).is_err());
}

#[test]
fn sixteen_parameters_and_results_of_all_types() {
    type Many = (i32, u32, i64, u64, f32, f64, V128, V128, V128, V128, V128, V128, V128, i32, i32, f64);
    let mut store = Store::new(&Engine::default(), ());
    let all = |a: i32,
               b: u32,
               c: i64,
               d: u64,
               e: f32,
               f: f64,
               g: V128,
               h: V128,
               i: V128,
               j: V128,
               k: V128,
               l: V128,
               m: V128,
               n: i32,
               o: i32,
               p: f64|
     -> Many { (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) };
    let f = Func::wrap(&mut store, all);
    let v = |n: u8| V128([n; 16]);
    let args: Many = (-1, 2, -3, 4, -5.5, 6.5, v(7), v(8), v(9), v(10), v(11), v(12), v(13), -14, 15, 1e300);
    let typed = f.typed::<Many, Many>(&store).unwrap();
    let (.., m, n, o, p) = typed.call(&mut store, args).unwrap();
    assert_eq!((m, n, o, p), (args.12, args.13, args.14, args.15));
    let vals = [
        Val::from(-1i32),
        2u32.into(),
        (-3i64).into(),
        4u64.into(),
        (-5.5f32).into(),
        6.5f64.into(),
        v(7).into(),
        v(8).into(),
        v(9).into(),
        v(10).into(),
        v(11).into(),
        v(12).into(),
        v(13).into(),
        (-14i32).into(),
        15i32.into(),
        1e300f64.into(),
    ];
    let mut results = [Val::I32(0); 16];
    f.call(&mut store, &vals, &mut results).unwrap();
    assert_eq!(format!("{results:?}"), format!("{vals:?}"));
}

#[test]
fn functions_with_types_given_at_run_time() {
    let mut store = Store::new(&Engine::default(), 5);
    let ty = FuncType::new(vec![ValType::I64; 12], vec![ValType::I64; 11]);
    let f = Func::new(&mut store, ty.clone(), |mut caller: Caller<'_, i32>, args, results| {
        *caller.data_mut() += 1;
        results.copy_from_slice(&args[1..]);
        Ok(())
    });
    assert_eq!(f.ty(&store), ty);
    let args: Vec<_> = (0..12).map(Val::I64).collect();
    let mut results = vec![Val::I32(0); 11];
    f.call(&mut store, &args, &mut results).unwrap();
    assert_eq!(results.iter().map(Val::unwrap_i64).collect::<Vec<_>>(), (1..12).collect::<Vec<_>>());
    assert_eq!(*store.data(), 6);
}

#[test]
fn multi_value_results_of_a_guest() {
    let (mut store, instance) = instance(
        r#"(module
            (func (export "swap") (param i32 i64) (result i64 i32) local.get 1 local.get 0)
            (func (export "many") (param v128) (result v128 f32 f64 v128)
                local.get 0 f32.const 1.5 f64.const -2.5 (i64x2.splat (i64.const 9))))"#,
    );
    let swap = func::<(i32, i64), (i64, i32)>(&mut store, instance, "swap");
    assert_eq!(swap.call(&mut store, (-1, i64::MIN)).unwrap(), (i64::MIN, -1));
    let many = func::<V128, (V128, f32, f64, V128)>(&mut store, instance, "many");
    let v = V128(core::array::from_fn(|n| n as u8));
    let (a, b, c, d) = many.call(&mut store, v).unwrap();
    assert!(a == v && b == 1.5 && c == -2.5 && d == V128::from_u64x2([9, 9]));
    let mut results = [Val::I32(0); 4];
    many.func().call(&mut store, &[v.into()], &mut results).unwrap();
    assert_eq!(results[0].unwrap_v128(), v);
    assert_eq!(results[1].unwrap_f32(), 1.5);
    assert_eq!(results[2].unwrap_f64(), -2.5);
}

#[test]
fn a_guest_calls_wrapped_closures_of_every_shape() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Vec::<String>::new());
    let nothing = Func::wrap(&mut store, || {});
    let data = Func::wrap(&mut store, |mut caller: Caller<'_, Vec<String>>, v: V128, x: f32| {
        caller.data_mut().push(format!("{} {x}", v.to_u64x2()[1]));
    });
    let fallible = Func::wrap(&mut store, |n: i64| -> Result<(i32, i64)> { Ok((n as i32, n + 1)) });
    let module = Module::new(
        &engine,
        r#"(module
            (import "" "nothing" (func $nothing))
            (import "" "data" (func $data (param v128 f32)))
            (import "" "fallible" (func $fallible (param i64) (result i32 i64)))
            (func (export "run") (result i32 i64)
                (call $nothing)
                (call $data (v128.const i64x2 3 4) (f32.const 0.5))
                (call $fallible (i64.const 41))))"#,
    )?;
    let instance = Instance::new(&mut store, &module, &[nothing.into(), data.into(), fallible.into()])?;
    let run = func::<(), (i32, i64)>(&mut store, instance, "run");
    assert_eq!(run.call(&mut store, ())?, (41, 42));
    assert_eq!(store.data(), &["4 0.5"]);
    Ok(())
}

#[test]
fn a_host_function_calls_back_into_its_guest() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0);
    let twice = Func::wrap(&mut store, |mut caller: Caller<'_, i32>, n: i32| -> Result<i32> {
        let double = caller.get_export("double").unwrap().into_func().unwrap();
        let double = double.typed::<i32, i32>(&caller)?;
        let first = double.call(&mut caller, n)?;
        *caller.data_mut() += first;
        double.call(&mut caller, first)
    });
    let module = Module::new(
        &engine,
        r#"(module
            (import "" "twice" (func $twice (param i32) (result i32)))
            (func (export "double") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
            (func (export "run") (param i32) (result i32)
                (i32.add (call $twice (local.get 0)) (i32.const 1))))"#,
    )
    .unwrap();
    let instance = Instance::new(&mut store, &module, &[twice.into()]).unwrap();
    let run = func::<i32, i32>(&mut store, instance, "run");
    assert_eq!(run.call(&mut store, 5).unwrap(), 21);
    assert_eq!(*store.data(), 10);
}

#[test]
fn functions_as_values() {
    let (mut store, instance) = instance(
        r#"(module
            (type $unary (func (param i32) (result i32)))
            (table $t 1 funcref)
            (func $inc (export "inc") (type $unary) (i32.add (local.get 0) (i32.const 1)))
            (func (export "get") (result funcref) (ref.func $inc))
            (func (export "call") (param funcref i32) (result i32)
                (table.set $t (i32.const 0) (local.get 0))
                (call_indirect $t (type $unary) (local.get 1) (i32.const 0)))
            (func (export "typed") (param (ref null $unary)) (result i32)
                (ref.is_null (local.get 0))))"#,
    );
    let get = func::<(), Option<Func>>(&mut store, instance, "get");
    let inc = get.call(&mut store, ()).unwrap().unwrap();
    assert_eq!(inc, instance.get_func(&mut store, "inc").unwrap());
    let call = func::<(Option<Func>, i32), i32>(&mut store, instance, "call");
    assert_eq!(call.call(&mut store, (Some(inc), 41)).unwrap(), 42);
    let host = Func::wrap(&mut store, |n: i32| n * 10);
    assert_eq!(call.call(&mut store, (Some(host), 7)).unwrap(), 70);
    let other = Func::wrap(&mut store, |n: i64| n);
    assert!(call.call(&mut store, (Some(other), 7)).is_err());

    // A parameter of a concrete type takes what is of that type.
    let typed = instance.get_func(&mut store, "typed").unwrap();
    let mut results = [Val::I32(9)];
    typed.call(&mut store, &[Val::from(inc)], &mut results).unwrap();
    assert_eq!(results[0].unwrap_i32(), 0);
    typed.call(&mut store, &[Val::FuncRef(None)], &mut results).unwrap();
    assert_eq!(results[0].unwrap_i32(), 1);
    let error = typed.call(&mut store, &[Val::from(other)], &mut results).unwrap_err();
    assert!(format!("{error:#}").contains("found funcref"), "{error:#}");
    let types = [
        Ref::Func(Some(inc)).ty(&store).unwrap().to_string(),
        Val::from(inc).ty(&store).unwrap().to_string(),
    ];
    assert_eq!(types[0], types[1]);
}
