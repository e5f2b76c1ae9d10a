//! Errors and panics of host functions, on their way through guests.

use crate::func;
use dayfly::{
    Caller, Context, Engine, Error, Func, FuncType, Instance, Module, Result, Store, Trap, Val, ValType,
    WasmBacktrace,
};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Debug, PartialEq)]
struct Code(i32);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}", self.0)
    }
}

impl std::error::Error for Code {}

/// A guest that calls `host`, an instance of it and its function.
fn guest<T: 'static>(store: &mut Store<T>, engine: &Engine, host: Func) -> Instance {
    let wat = r#"(module $guest
        (import "" "host" (func $host))
        (func $inner (call $host))
        (func $run (export "run") (call $inner)))"#;
    Instance::new(store, &Module::new(engine, wat).unwrap(), &[host.into()]).unwrap()
}

#[test]
fn a_host_error_comes_out_as_itself() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let host = Func::wrap(&mut store, || -> Result<()> { Err(Code(7)).context("while working") });
    let instance = guest(&mut store, &engine, host);
    let run = func::<(), ()>(&mut store, instance, "run");
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Code>(), Some(&Code(7)));
    assert!(error.downcast_ref::<Trap>().is_none());
    assert_eq!(format!("{error:#}"), "while working: code 7");
    assert_eq!(error.downcast_ref::<WasmBacktrace>().unwrap().frames().len(), 2);
    assert_eq!(error.downcast::<Code>().unwrap(), Code(7));
}

#[test]
fn an_error_crosses_several_guests_and_may_be_handled_in_between() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let fail = Func::wrap(&mut store, || -> Result<()> { Err(Code(1).into()) });
    let innermost = guest(&mut store, &engine, fail);
    let run = func::<(), ()>(&mut store, innermost, "run");
    let pass = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| {
        run.call(&mut caller, ()).context("passed on")
    });
    let outer = guest(&mut store, &engine, pass);
    let error = func::<(), ()>(&mut store, outer, "run").call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Code>(), Some(&Code(1)));
    assert_eq!(format!("{error:#}"), "passed on: code 1");
    assert_eq!(error.downcast_ref::<WasmBacktrace>().unwrap().frames().len(), 4);

    let handle = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| {
        assert!(run.call(&mut caller, ()).is_err());
    });
    let outer = guest(&mut store, &engine, handle);
    func::<(), ()>(&mut store, outer, "run").call(&mut store, ()).unwrap();
}

#[test]
fn a_host_function_may_trap() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let host = Func::wrap(&mut store, || -> Result<()> { Err(Trap::IntegerOverflow.into()) });
    let instance = guest(&mut store, &engine, host);
    let error = func::<(), ()>(&mut store, instance, "run").call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::IntegerOverflow));
}

#[test]
fn a_panic_goes_on_in_the_host() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0);
    let host = Func::wrap(&mut store, |mut caller: Caller<'_, i32>| {
        *caller.data_mut() += 1;
        if *caller.data() < 3 {
            std::panic::panic_any(*caller.data());
        }
    });
    let instance = guest(&mut store, &engine, host);
    let run = func::<(), ()>(&mut store, instance, "run");
    let mut panics = || {
        let payload = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, ()))).unwrap_err();
        *payload.downcast::<i32>().unwrap()
    };
    assert_eq!((panics(), panics()), (1, 2));
    run.call(&mut store, ()).unwrap();
    assert_eq!(*store.data(), 3, "the store works on after panics");
}

#[test]
fn a_panic_passes_through_nested_calls() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let panics = Func::wrap(&mut store, || -> () { panic!("deep inside") });
    let innermost = guest(&mut store, &engine, panics);
    let run = func::<(), ()>(&mut store, innermost, "run");
    let pass = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| {
        // A panic is not an error that could be dropped here.
        let dropped = run.call(&mut caller, ());
        assert!(dropped.is_ok(), "the host went on");
    });
    let outer = guest(&mut store, &engine, pass);
    let run = func::<(), ()>(&mut store, outer, "run");
    let payload = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, ()))).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"deep inside"));
}

#[test]
fn a_result_of_a_wrong_type_is_an_error() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = FuncType::new([], [ValType::I32, ValType::FUNCREF]);
    let f = Func::new(&mut store, ty.clone(), |_, _, results| {
        results[0] = Val::I64(1);
        Ok(())
    });
    let mut results = [Val::I32(0); 2];
    let error = f.call(&mut store, &[], &mut results).unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        "a host function returned a value that does not fit its type: type mismatch: expected i32, found i64"
    );
    // A place that was not written holds `i32` zero, which is no reference.
    let f = Func::new(&mut store, ty, |_, _, _| Ok(()));
    let error = f.call(&mut store, &[], &mut results).unwrap_err();
    assert!(format!("{error:#}").contains("expected funcref, found i32"), "{error:#}");
}

#[test]
fn references_of_another_store_are_refused() {
    let engine = Engine::default();
    let mut other = Store::new(&engine, ());
    let foreign = Func::wrap(&mut other, || {});
    let mut store = Store::new(&engine, ());
    let take = Func::wrap(&mut store, |_: Option<Func>| {});
    let error = take.call(&mut store, &[foreign.into()], &mut []).unwrap_err();
    assert!(format!("{error:#}").contains("a reference of another store"), "{error:#}");
    let typed = take.typed::<Option<Func>, ()>(&store).unwrap();
    let error = typed.call(&mut store, Some(foreign)).unwrap_err();
    assert_eq!(format!("{error:#}"), "an argument does not fit the function: a reference of another store");
    let give = Func::wrap(&mut store, move || foreign);
    let error = give.call(&mut store, &[], &mut [Val::I32(0)]).unwrap_err();
    assert!(format!("{error:#}").ends_with("a reference of another store"), "{error:#}");
    let give = Func::new(&mut store, FuncType::new([], [ValType::FUNCREF]), move |_, _, results| {
        results[0] = foreign.into();
        Ok(())
    });
    assert!(give.call(&mut store, &[], &mut [Val::I32(0)]).is_err());
}

#[test]
fn errors_convert_from_and_to_standard_ones() {
    fn fails() -> Result<()> {
        String::from_utf8(vec![0xff])?;
        Ok(())
    }
    fn boxed() -> Result<(), Box<dyn std::error::Error>> {
        Ok(fails()?)
    }
    assert!(fails().unwrap_err().is::<std::string::FromUtf8Error>());
    assert!(boxed().unwrap_err().to_string().contains("invalid utf-8"));
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}
