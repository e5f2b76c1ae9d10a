//! Stores: their data, what may cross threads, handles used with the wrong one.

use crate::instance;
use dayfly::{
    AsContext, AsContextMut, Caller, Config, Engine, EngineOf, Error, ExternRef, Func, Instance, InstancePre,
    Linker, Memory, MemoryType, Module, ModuleOf, OwnedRooted, Rooted, Store, StoreContextMut, TypedFunc,
    Val,
};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

fn send<T: Send>() {}
fn send_sync<T: Send + Sync>() {}

#[test]
fn what_may_cross_threads() {
    send_sync::<Config>();
    send_sync::<Engine>();
    send_sync::<Module>();
    send_sync::<Error>();
    // Whatever the data of their stores is.
    send_sync::<Linker<Rc<()>>>();
    send_sync::<InstancePre<Rc<()>>>();
    send::<Store<Cell<u8>>>();
    send_sync::<Store<u8>>();
    send_sync::<(Instance, Func, Memory, Rooted<ExternRef>, OwnedRooted<ExternRef>, Val)>();
    send_sync::<TypedFunc<(i32, i32), i64>>();
}

#[test]
fn a_store_moves_to_another_thread() {
    let (mut store, instance) = instance(r#"(module (func (export "f") (result i32) i32.const 6))"#);
    let f = instance.get_typed_func::<(), i32>(&mut store, "f").unwrap();
    assert_eq!(f.call(&mut store, ()).unwrap(), 6);
    let thread = std::thread::spawn(move || (f.call(&mut store, ()).unwrap(), store));
    let (result, mut store) = thread.join().unwrap();
    assert_eq!((result, f.call(&mut store, ()).unwrap()), (6, 6));
}

#[test]
fn data_is_reached_and_given_back() {
    let mut store = Store::new(&Engine::default(), String::from("a"));
    store.data_mut().push('b');
    assert_eq!(store.as_context().data(), "ab");
    store.as_context_mut().data_mut().push('c');
    fn with_context(mut context: StoreContextMut<'_, String>) -> usize {
        context.data_mut().push('d');
        context.data().len()
    }
    assert_eq!(with_context(store.as_context_mut()), 4);
    assert_eq!(store.into_data(), "abcd");
}

#[test]
fn everything_is_dropped_with_the_store() {
    struct Counted(Arc<AtomicU32>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let drops = Arc::new(AtomicU32::new(0));
    let counted = || Counted(drops.clone());
    let mut store = Store::new(&Engine::default(), counted());
    ExternRef::new(&mut store, counted()).unwrap();
    let captured = counted();
    Func::wrap(&mut store, move || {
        let _ = &captured;
    });
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    drop(store);
    assert_eq!(drops.load(Ordering::Relaxed), 3);
    drop(Store::new(&Engine::default(), counted()).into_data());
    assert_eq!(drops.load(Ordering::Relaxed), 4);
}

#[test]
fn handles_of_another_store_panic() {
    fn panics(name: &str, run: impl FnOnce()) {
        let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).expect_err(name);
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"object used with the wrong store"), "{name}");
    }
    let engine = Engine::default();
    let (mut other, mut store) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let func = Func::wrap(&mut other, || {});
    let typed = func.typed::<(), ()>(&other).unwrap();
    let memory = Memory::new(&mut other, MemoryType::new(1, None)).unwrap();
    let value = ExternRef::new(&mut other, ()).unwrap();
    let module = Module::new(&engine, "(module)").unwrap();
    let instance = Instance::new(&mut other, &module, &[]).unwrap();
    panics("ty", || drop(func.ty(&store)));
    panics("call", || func.call(&mut store, &[], &mut []).unwrap());
    panics("typed call", || typed.call(&mut store, ()).unwrap());
    panics("data", || drop(memory.data(&store).to_vec()));
    panics("write", || memory.write(&mut store, 0, &[1]).unwrap());
    panics("value", || assert!(value.data(&store).unwrap().unwrap().is::<()>()));
    panics("export", || assert!(instance.get_export(&mut store, "").is_none()));
    panics("module", || drop(instance.module(&store)));
    panics("define", || drop(Linker::new(&engine).define(&store, "", "", memory)));
}

#[test]
fn stores_and_modules_of_different_engines_do_not_mix() {
    let (a, b) = (Engine::default(), Engine::default());
    let module = Module::new(&a, "(module)").unwrap();
    let run = std::panic::AssertUnwindSafe(|| Instance::new(Store::new(&b, ()), &module, &[]));
    assert!(std::panic::catch_unwind(run).is_err());
    let mut linker = Linker::<()>::new(&a);
    linker.func_wrap("", "f", || {}).unwrap();
    let module = Module::new(&b, r#"(module (import "" "f" (func)))"#).unwrap();
    let run = std::panic::AssertUnwindSafe(|| drop(linker.instantiate_pre(&module)));
    assert!(std::panic::catch_unwind(run).is_err());
}

#[test]
fn the_engine_and_the_module_are_found_again() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, false);
    assert!(Engine::same(&store.engine(), &engine));
    let module = Module::new(&engine, "(module $named)").unwrap();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    assert_eq!(instance.module(&store).name(), Some("named"));
    let same = engine.clone();
    let f = Func::wrap(&mut store, move |mut caller: Caller<'_, bool>| {
        *caller.data_mut() = Engine::same(&caller.engine(), &same) && caller.instance().is_none();
    });
    f.call(&mut store, &[], &mut []).unwrap();
    assert!(*store.data());
}

#[test]
fn a_store_outlives_its_engine_and_module() {
    let (mut store, instance) = {
        let engine = Engine::default();
        let module =
            Module::new(&engine, r#"(module (func (export "f") (result i64) i64.const 9))"#).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        (store, instance)
    };
    let f = instance.get_typed_func::<(), i64>(&mut store, "f").unwrap();
    assert_eq!(f.call(&mut store, ()).unwrap(), 9);
}
