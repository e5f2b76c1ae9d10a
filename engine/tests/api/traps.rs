//! Traps come out of calls with the place where they happened.

use crate::{func, instance};
use dayfly::{Engine, Func, Instance, Module, Store, Trap, WasmBacktrace};

const FAULTY: &str = r#"
    (module $faulty
        (table 2 funcref)
        (memory 1)
        (func $div (export "div") (param i32 i32) (result i32)
            (i32.div_s (local.get 0) (local.get 1)))
        (func $outer (export "outer") (param i32) (result i32)
            (call $div (local.get 0) (i32.const 0)))
        (func (export "unnamed") (unreachable))
        (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
        (func (export "convert") (param f32) (result i32) (i32.trunc_f32_s (local.get 0)))
        (func (export "indirect") (param i32) (call_indirect (local.get 0))))"#;

#[test]
fn a_trap_is_found_by_its_type() {
    let (mut store, instance) = instance(FAULTY);
    let div = func::<(i32, i32), i32>(&mut store, instance, "div");
    assert_eq!(div.call(&mut store, (7, 2)).unwrap(), 3);
    let mut trap = |a, b| *div.call(&mut store, (a, b)).unwrap_err().downcast_ref::<Trap>().unwrap();
    assert_eq!(trap(1, 0), Trap::IntegerDivideByZero);
    assert_eq!(trap(i32::MIN, -1), Trap::IntegerOverflow);

    let load = func::<i32, i32>(&mut store, instance, "load");
    assert_eq!(load.call(&mut store, 65532).unwrap(), 0);
    let error = load.call(&mut store, 65533).unwrap_err();
    assert_eq!(error.to_string(), "out of bounds memory access");
    let convert = func::<f32, i32>(&mut store, instance, "convert");
    assert!(convert.call(&mut store, f32::NAN).unwrap_err().to_string().contains("conversion"));
    let indirect = func::<i32, ()>(&mut store, instance, "indirect");
    let mut trap = |n| *indirect.call(&mut store, n).unwrap_err().downcast_ref::<Trap>().unwrap();
    assert_eq!(trap(0), Trap::UninitializedElement);
    assert_eq!(trap(2), Trap::UndefinedElement);
    // The store goes on working.
    assert_eq!(div.call(&mut store, (9, 3)).unwrap(), 3);
}

#[test]
fn a_backtrace_names_functions_and_offsets() {
    let (mut store, instance) = instance(FAULTY);
    let error = func::<i32, i32>(&mut store, instance, "outer").call(&mut store, 1).unwrap_err();
    let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
    let frames: Vec<_> = backtrace
        .frames()
        .iter()
        .map(|frame| (frame.module_name().unwrap(), frame.func_index(), frame.func_name().unwrap()))
        .collect();
    assert_eq!(frames, [("faulty", 0, "div"), ("faulty", 1, "outer")]);
    let offsets: Vec<_> = backtrace.frames().iter().map(|frame| frame.module_offset().unwrap()).collect();
    let binary = wat::parse_str(FAULTY).unwrap();
    assert_eq!(binary[offsets[0]], 0x6d, "i32.div_s");
    assert_eq!(binary[offsets[1]], 0x10, "call");
    assert_eq!(
        format!("{error:?}"),
        format!(
            "integer divide by zero\n\nerror while executing at wasm backtrace:\n    0: {:#6x} - faulty!div\n    1: {:#6x} - faulty!outer",
            offsets[0], offsets[1]
        )
    );
    // Without a name of its own a function is shown by its export.
    let error = func::<(), ()>(&mut store, instance, "unnamed").call(&mut store, ()).unwrap_err();
    assert!(format!("{error:?}").ends_with("faulty!unnamed"), "{error:?}");
}

#[test]
fn frames_without_any_name() {
    let (mut store, instance) = instance(
        r#"(module (func unreachable) (func call 0) (func (export "run") (call_indirect (i32.const 0)))
            (table 1 1 funcref) (elem (i32.const 0) func 1))"#,
    );
    let error = func::<(), ()>(&mut store, instance, "run").call(&mut store, ()).unwrap_err();
    let text = error.downcast_ref::<WasmBacktrace>().unwrap().to_string();
    assert!(text.contains("<unknown>!<wasm function 0>"), "{text}");
    assert!(text.lines().last().unwrap().ends_with("<unknown>!run"), "{text}");
}

#[test]
fn a_backtrace_spans_instances_and_host_functions() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let inner = Module::new(&engine, r#"(module $inner (func $fail (export "fail") unreachable))"#).unwrap();
    let inner = Instance::new(&mut store, &inner, &[]).unwrap();
    let fail = func::<(), ()>(&mut store, inner, "fail");
    let host = Func::wrap(&mut store, move |mut caller: dayfly::Caller<'_, ()>| fail.call(&mut caller, ()));
    let outer = r#"(module $outer (import "" "" (func $host)) (func $run (export "run") (call $host)))"#;
    let outer = Module::new(&engine, outer).unwrap();
    let outer = Instance::new(&mut store, &outer, &[host.into()]).unwrap();
    let error = func::<(), ()>(&mut store, outer, "run").call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
    let frames = error.downcast_ref::<WasmBacktrace>().unwrap().frames();
    let names: Vec<_> = frames.iter().map(|f| (f.module_name().unwrap(), f.func_name().unwrap())).collect();
    assert_eq!(names, [("inner", "fail"), ("outer", "run")]);
}

#[test]
fn a_host_function_sees_who_called() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Vec::new());
    let look = Func::wrap(&mut store, |mut caller: dayfly::Caller<'_, Vec<String>>| {
        let backtrace = WasmBacktrace::capture(&caller);
        let names = backtrace.frames().iter().map(|f| f.func_name().unwrap().to_owned()).collect();
        *caller.data_mut() = names;
    });
    let module = Module::new(
        &engine,
        r#"(module (import "" "" (func $look))
            (func $inner (call $look)) (func $outer (export "run") (call $inner)))"#,
    )
    .unwrap();
    let instance = Instance::new(&mut store, &module, &[look.into()]).unwrap();
    func::<(), ()>(&mut store, instance, "run").call(&mut store, ()).unwrap();
    assert_eq!(store.data(), &["inner", "outer"]);
    assert!(WasmBacktrace::capture(&store).frames().is_empty());
}

#[test]
fn a_start_function_and_segments_can_trap() {
    let engine = Engine::default();
    let instantiate = |wat: &str| {
        let module = Module::new(&engine, wat).unwrap();
        *Instance::new(Store::new(&engine, ()), &module, &[]).unwrap_err().downcast_ref::<Trap>().unwrap()
    };
    assert_eq!(instantiate("(module (func $s unreachable) (start $s))"), Trap::Unreachable);
    let data = r#"(module (memory 1) (data (i32.const 65535) "ab"))"#;
    assert_eq!(instantiate(data), Trap::MemoryOutOfBounds);
    let elem = "(module (table 1 funcref) (func) (elem (i32.const 1) func 0))";
    assert_eq!(instantiate(elem), Trap::TableOutOfBounds);
}
