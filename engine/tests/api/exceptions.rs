//! Exceptions between guests and the host: thrown, caught, passed on and looked at.

use crate::{engine, func, instance};
use dayfly::{
    Caller, Engine, Error, ExnRef, ExnRefPre, ExnType, ExternRef, Func, FuncType, Instance, Module, Ref,
    Result, RootScope, Rooted, Store, Tag, TagType, ThrownException, Trap, Val, ValType, WasmBacktrace,
};

fn tag_type() -> TagType {
    TagType::new(FuncType::new([ValType::I32, ValType::EXTERNREF], []))
}

/// A store, a tag of an `i32` and an `externref`, and what makes exceptions of it.
fn thrower(engine: &Engine) -> (Store<()>, Tag, ExnRefPre) {
    let mut store = Store::new(engine, ());
    let tag = Tag::new(&mut store, tag_type()).unwrap();
    let pre = ExnRefPre::new(&mut store, ExnType::from_tag_type(engine, &tag_type()).unwrap());
    (store, tag, pre)
}

/// A host function that throws its argument.
fn throwing(store: &mut Store<()>, tag: Tag, pre: &ExnRefPre) -> Func {
    let pre = pre.clone();
    Func::wrap(store, move |mut caller: Caller<'_, ()>, n: i32| -> Result<()> {
        let value = ExternRef::new(&mut caller, n)?;
        let exception = ExnRef::new(&mut caller, &pre, &tag, &[Val::I32(n), value.into()])?;
        caller.gc();
        caller.throw(exception)
    })
}

const CATCHER: &str = r#"(module
    (import "" "tag" (tag $tag (param i32 externref)))
    (import "" "throw" (func $throw (param i32)))
    (tag $other (param i32 externref))
    (func (export "catch") (param i32) (result i32 externref)
        (block $caught (result i32 externref)
            (try_table (catch $other $caught) (catch $tag $caught) (call $throw (local.get 0)))
            (i32.const -1) (ref.null extern)))
    (func (export "catch_ref") (param i32) (result exnref)
        (block $caught (result exnref)
            (try_table (catch_all_ref $caught) (call $throw (local.get 0)))
            (ref.null exn)))
    (func (export "tail") (param i32) (return_call $throw (local.get 0)))
    (func (export "miss") (param i32)
        (block $caught (result i32 externref)
            (try_table (catch $other $caught) (call $throw (local.get 0)))
            (return))
        (drop) (drop))
    (func (export "rethrow") (param exnref) (throw_ref (local.get 0)))
    (func (export "own") (param i32) (throw $tag (local.get 0) (ref.null extern))))"#;

fn catcher(store: &mut Store<()>, tag: Tag, throw: Func) -> Instance {
    use dayfly::EngineOf;
    let module = Module::new(&store.engine(), CATCHER).unwrap();
    Instance::new(store, &module, &[tag.into(), throw.into()]).unwrap()
}

/// The number in an exception of `thrower`'s tag.
fn number(store: &mut Store<()>, exception: Rooted<ExnRef>) -> i32 {
    let fields: Vec<_> = exception.fields(&mut *store).unwrap().collect();
    if let Some(value) = fields[1].unwrap_externref() {
        assert_eq!(value.data(&*store).unwrap().unwrap().downcast_ref(), Some(&fields[0].unwrap_i32()));
    }
    fields[0].unwrap_i32()
}

#[test]
fn a_guest_catches_what_the_host_throws() {
    for torture in [false, true] {
        let (mut store, tag, pre) = thrower(&engine(|config| config.gc_torture(torture)));
        let throw = throwing(&mut store, tag, &pre);
        let instance = catcher(&mut store, tag, throw);
        let catch = func::<i32, (i32, Option<Rooted<ExternRef>>)>(&mut store, instance, "catch");
        for n in 0..5 {
            let (number, value) = catch.call(&mut store, n).unwrap();
            assert_eq!(number, n);
            assert_eq!(value.unwrap().data(&store).unwrap().unwrap().downcast_ref(), Some(&n));
        }
        let catch_ref = func::<i32, Option<Rooted<ExnRef>>>(&mut store, instance, "catch_ref");
        let exception = catch_ref.call(&mut store, 8).unwrap().unwrap();
        store.gc();
        assert_eq!(number(&mut store, exception), 8);
        assert!(!store.has_pending_exception());
    }
}

#[test]
fn the_host_looks_at_what_nobody_caught() {
    let (mut store, tag, pre) = thrower(&Engine::default());
    let throw = throwing(&mut store, tag, &pre);
    let instance = catcher(&mut store, tag, throw);
    for (name, frames) in [("miss", 1), ("tail", 1), ("own", 1)] {
        let error = func::<i32, ()>(&mut store, instance, name).call(&mut store, 6).unwrap_err();
        assert!(error.is::<ThrownException>(), "{name}: {error:#}");
        assert_eq!(error.to_string(), "uncaught exception");
        if name != "tail" {
            assert_eq!(error.downcast_ref::<WasmBacktrace>().unwrap().frames().len(), frames, "{name}");
        }
        assert!(store.has_pending_exception());
        store.gc();
        let exception = store.take_pending_exception().unwrap();
        assert_eq!((number(&mut store, exception), exception.tag(&mut store).unwrap()), (6, tag));
        assert!(!store.has_pending_exception() && store.take_pending_exception().is_none());
        // And throws it again.
        let rethrow = func::<Rooted<ExnRef>, ()>(&mut store, instance, "rethrow");
        assert!(rethrow.call(&mut store, exception).unwrap_err().is::<ThrownException>());
        let again = store.take_pending_exception().unwrap();
        assert!(Rooted::ref_eq(&store, &again, &exception).unwrap());
    }
    let rethrow = func::<Option<Rooted<ExnRef>>, ()>(&mut store, instance, "rethrow");
    let error = rethrow.call(&mut store, None).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::NullExceptionReference));
    assert!(!store.has_pending_exception());
}

/// How a host function in the middle treats the error of a nested call.
type Treatment = fn(&mut Caller<'_, ()>, Error) -> Result<()>;

/// Calls a guest that calls the host, which calls a guest that throws 3. The first
/// guest catches all, and gives 1 if it did.
fn through_the_host(store: &mut Store<()>, engine: &Engine, treatment: Treatment) -> Result<i32> {
    let inner = Module::new(
        engine,
        r#"(module $inner (tag $t (export "t") (param i32))
        (func (export "throw") (throw $t (i32.const 3))))"#,
    )?;
    let inner = Instance::new(&mut *store, &inner, &[])?;
    let throw = inner.get_typed_func::<(), ()>(&mut *store, "throw")?;
    let middle =
        Func::wrap(&mut *store, move |mut caller: Caller<'_, ()>| match throw.call(&mut caller, ()) {
            Ok(()) => Ok(()),
            Err(error) => treatment(&mut caller, error),
        });
    let outer = Module::new(
        engine,
        r#"(module $outer
        (import "" "middle" (func $middle))
        (func (export "catch") (result i32)
            (block $caught (try_table (catch_all $caught) (call $middle)) (return (i32.const 0)))
            (i32.const 1))
        (func (export "pass") (result i32) (call $middle) (i32.const 0)))"#,
    )?;
    let outer = Instance::new(&mut *store, &outer, &[middle.into()])?;
    let caught = outer.get_typed_func::<(), i32>(&mut *store, "catch")?.call(&mut *store, ())?;
    let passed = outer.get_typed_func::<(), i32>(&mut *store, "pass")?.call(&mut *store, ());
    match (caught, passed) {
        (0, passed) => passed,
        (_, Err(error)) => {
            assert!(error.is::<ThrownException>(), "what is caught is an exception if it is not");
            let frames = error.downcast_ref::<WasmBacktrace>().unwrap().frames().to_vec();
            let modules: Vec<_> = frames.iter().map(|frame| frame.module_name().unwrap()).collect();
            assert_eq!(modules.last(), Some(&"outer"));
            Ok(caught)
        }
        (_, Ok(_)) => panic!("it was caught, but only if somebody would"),
    }
}

#[test]
fn an_exception_passes_through_the_host() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    assert_eq!(through_the_host(&mut store, &engine, |_, error| Err(error)).unwrap(), 1);
    let context = |_: &mut Caller<'_, ()>, error: Error| Err(error.context("in the middle"));
    assert_eq!(through_the_host(&mut store, &engine, context).unwrap(), 1);
    // What the host in the middle added is seen at the end.
    assert!(store.take_pending_exception().is_some());
}

#[test]
fn context_and_frames_of_an_exception_are_kept() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(
        &engine,
        r#"(module $m (import "" "f" (func $f)) (tag $t)
        (func $throw (export "throw") (throw $t))
        (func $call (export "call") (call $f)))"#,
    )
    .unwrap();
    let slot: std::sync::Arc<std::sync::OnceLock<Func>> = Default::default();
    let target = slot.clone();
    let f = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| {
        let result = target.get().unwrap().call(&mut caller, &[], &mut []);
        result.map_err(|error| error.context("in the middle"))
    });
    let instance = Instance::new(&mut store, &module, &[f.into()]).unwrap();
    slot.set(instance.get_func(&mut store, "throw").unwrap()).unwrap();
    let error = func::<(), ()>(&mut store, instance, "call").call(&mut store, ()).unwrap_err();
    assert_eq!(format!("{error:#}"), "in the middle: uncaught exception");
    let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
    let names: Vec<_> = backtrace.frames().iter().map(|frame| frame.func_name().unwrap()).collect();
    assert_eq!(names, ["throw", "call"]);
    assert!(store.has_pending_exception());
}

#[test]
fn an_exception_that_the_host_takes_is_its_own() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let swallow: Treatment = |caller, _| {
        assert!(caller.has_pending_exception());
        caller.take_pending_exception().unwrap();
        Ok(())
    };
    assert_eq!(through_the_host(&mut store, &engine, swallow).unwrap(), 0);
    // The error alone is no exception: no guest catches it.
    let taken: Treatment = |caller, error| {
        caller.take_pending_exception().unwrap();
        Err(error)
    };
    let error = through_the_host(&mut store, &engine, taken).unwrap_err();
    assert!(error.is::<ThrownException>());
    assert!(!store.has_pending_exception());
    let again: Treatment = |caller, _| {
        let exception = caller.take_pending_exception().unwrap();
        caller.gc();
        assert_eq!(exception.field(&mut *caller, 0)?.unwrap_i32(), 3);
        caller.throw(exception)
    };
    assert_eq!(through_the_host(&mut store, &engine, again).unwrap(), 1);
    let other: Treatment = |_, _| Err(Trap::IntegerOverflow.into());
    let error = through_the_host(&mut store, &engine, other).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::IntegerOverflow));
}

#[test]
fn an_error_that_no_exception_belongs_to_is_an_error() {
    let (mut store, tag, _) = thrower(&Engine::default());
    let fake = Func::wrap(&mut store, |_: i32| -> Result<()> { Err(ThrownException.into()) });
    let instance = catcher(&mut store, tag, fake);
    let catch_ref = func::<i32, Option<Rooted<ExnRef>>>(&mut store, instance, "catch_ref");
    assert!(catch_ref.call(&mut store, 0).unwrap_err().is::<ThrownException>());
    assert!(!store.has_pending_exception());
}

#[test]
fn exceptions_are_checked_when_they_are_made() {
    let engine = Engine::default();
    let (mut store, tag, pre) = thrower(&engine);
    let error = ExnRef::new(&mut store, &pre, &tag, &[Val::I32(1)]).unwrap_err();
    assert_eq!(error.to_string(), "expected 2 fields, found 1");
    let error = ExnRef::new(&mut store, &pre, &tag, &[Val::I32(1), Val::I32(1)]).unwrap_err();
    assert!(format!("{error:#}").starts_with("value 1 of 2: type mismatch"), "{error:#}");
    let other = Tag::new(&mut store, TagType::new(FuncType::new([ValType::I32], []))).unwrap();
    let error = ExnRef::new(&mut store, &pre, &other, &[Val::I32(1), Val::ExternRef(None)]).unwrap_err();
    assert_eq!(error.to_string(), "the tag is of another type than (exn (field i32) (field externref))");
    let made = ExnRef::new(&mut store, &pre, &tag, &[Val::I32(1), Val::ExternRef(None)]).unwrap();
    assert_eq!(made.ty(&store).unwrap().tag_type(), tag_type());
    assert!(made.field(&mut store, 2).is_err());
    assert!(made.matches_ty(&store, &dayfly::HeapType::Exn).unwrap());
    assert!(Ref::from(made).as_exn().is_some());
    assert!(!store.has_pending_exception(), "making one does not throw it");
}

#[test]
fn an_exception_whose_scope_ended_is_not_thrown() {
    let (mut store, tag, pre) = thrower(&Engine::default());
    let gone = {
        let mut scope = RootScope::new(&mut store);
        ExnRef::new(&mut scope, &pre, &tag, &[Val::I32(1), Val::ExternRef(None)]).unwrap()
    };
    let error = store.throw::<()>(gone).unwrap_err();
    assert!(!error.is::<ThrownException>() && !store.has_pending_exception());
    assert!(gone.tag(&mut store).is_err());
}

#[test]
fn a_start_function_may_throw() {
    let engine = Engine::default();
    let module = Module::new(&engine, "(module (tag $t) (func $f (throw $t)) (start $f))").unwrap();
    let mut store = Store::new(&engine, ());
    let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    assert!(error.is::<ThrownException>());
    assert!(store.take_pending_exception().is_some());
}

#[test]
fn tags_are_told_apart_by_identity() {
    let (mut store, first) = instance(
        r#"(module (tag $t (export "t") (param i32)) (func (export "throw") (throw $t (i32.const 1))))"#,
    );
    let throw = func::<(), ()>(&mut store, first, "throw");
    let tag = first.get_tag(&mut store, "t").unwrap();
    throw.call(&mut store, ()).unwrap_err();
    let exception = store.take_pending_exception().unwrap();
    assert_eq!(exception.tag(&mut store).unwrap(), tag);
    let ty = tag.ty(&store);
    let same = Tag::new(&mut store, ty).unwrap();
    assert_ne!(exception.tag(&mut store).unwrap(), same);
}
