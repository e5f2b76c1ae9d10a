//! Uses of the API that a careless or hostile user might make: no undefined
//! behaviour, whatever safe code does.

use crate::{engine, func};
use dayfly::{
    AsContextMut, Caller, Engine, ExternRef, Func, Global, GlobalType, HeapType, Instance, Linker, Memory,
    MemoryType, Module, RefType, ResourceLimiter, Result, Store, Strategy, Trap, UpdateDeadline, Val,
    ValType,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

const STRATEGIES: [Strategy; 2] = [Strategy::Interpreter, Strategy::Compiler];

#[test]
fn exchanging_stores_and_contexts() {
    let engine = Engine::default();
    let (mut a, mut b) = (Store::new(&engine, 1), Store::new(&engine, 2));
    let f = Func::wrap(&mut a, |caller: Caller<'_, i32>| *caller.data());
    let f = f.typed::<(), i32>(&a).unwrap();
    std::mem::swap(&mut a, &mut b);
    assert_eq!(f.call(&mut b, ()).unwrap(), 1, "the function went with its store");
    assert!(catch_unwind(AssertUnwindSafe(|| f.call(&mut a, ()))).is_err());
    {
        let (mut x, mut y) = (a.as_context_mut(), b.as_context_mut());
        std::mem::swap(&mut x, &mut y);
        assert_eq!((*x.data(), *y.data()), (1, 2));
    }
    assert_eq!((a.into_data(), b.into_data()), (2, 1));
}

#[test]
fn replacing_the_data_from_a_host_function() {
    let mut store = Store::new(&Engine::default(), Some(String::from("first")));
    let f = Func::wrap(&mut store, |mut caller: Caller<'_, Option<String>>| {
        let old = caller.data_mut().take();
        *caller.data_mut() = Some(String::from("second"));
        assert_eq!(old.as_deref(), Some("first"));
    });
    f.call(&mut store, &[], &mut []).unwrap();
    assert_eq!(store.into_data().as_deref(), Some("second"));
}

#[test]
fn using_another_store_inside_a_host_function() {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module (import "" "" (func $host (param i32) (result i32)))
            (func (export "run") (param i32) (result i32) (i32.add (call $host (local.get 0)) (i32.const 1))))"#,
    )
    .unwrap();
    let mut inner = Store::new(&engine, ());
    let add = Func::wrap(&mut inner, |n: i32| n + 100);
    let instance = Instance::new(&mut inner, &module, &[add.into()]).unwrap();
    let run = func::<i32, i32>(&mut inner, instance, "run");
    let inner = std::sync::Mutex::new(inner);
    let mut outer = Store::new(&engine, ());
    let host = Func::wrap(&mut outer, move |n: i32| run.call(&mut *inner.lock().unwrap(), n));
    let instance = Instance::new(&mut outer, &module, &[host.into()]).unwrap();
    assert_eq!(func::<i32, i32>(&mut outer, instance, "run").call(&mut outer, 5).unwrap(), 107);
}

#[test]
fn an_error_from_another_store_keeps_both_backtraces() {
    let engine = Engine::default();
    let failing = Module::new(&engine, r#"(module $inner (func $f (export "f") unreachable))"#).unwrap();
    let mut inner = Store::new(&engine, ());
    let instance = Instance::new(&mut inner, &failing, &[]).unwrap();
    let f = func::<(), ()>(&mut inner, instance, "f");
    let inner = std::sync::Mutex::new(inner);
    let mut outer = Store::new(&engine, ());
    let host = Func::wrap(&mut outer, move || f.call(&mut *inner.lock().unwrap(), ()));
    let module = r#"(module $outer (import "" "" (func $h)) (func $g (export "g") (call $h)))"#;
    let instance = Instance::new(&mut outer, &Module::new(&engine, module).unwrap(), &[host.into()]).unwrap();
    let error = func::<(), ()>(&mut outer, instance, "g").call(&mut outer, ()).unwrap_err();
    let frames = error.downcast_ref::<dayfly::WasmBacktrace>().unwrap().frames();
    let modules: Vec<_> = frames.iter().map(|frame| frame.module_name().unwrap()).collect();
    assert_eq!(modules, ["inner", "outer"]);
}

#[test]
fn growing_a_memory_while_a_host_function_runs_in_its_guest() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, None::<Memory>);
    let grow = Func::wrap(&mut store, |mut caller: Caller<'_, Option<Memory>>| {
        let memory = caller.data().unwrap();
        for _ in 0..20 {
            memory.grow(&mut caller, 3).unwrap();
        }
    });
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    *store.data_mut() = Some(memory);
    let module = Module::new(
        &engine,
        r#"(module (import "" "m" (memory 1)) (import "" "grow" (func $grow))
            (func (export "run") (result i32)
                (i32.store (i32.const 8) (i32.const 5))
                (call $grow)
                (i32.store (i32.const 3997692) (i32.const 6))
                (i32.add (i32.load (i32.const 8)) (i32.load (i32.const 3997692)))))"#,
    )
    .unwrap();
    let instance = Instance::new(&mut store, &module, &[memory.into(), grow.into()]).unwrap();
    assert_eq!(func::<(), i32>(&mut store, instance, "run").call(&mut store, ()).unwrap(), 11);
}

#[test]
fn type_indices_out_of_nowhere() {
    let mut store = Store::new(&Engine::default(), ());
    for index in [0, 1000, u32::MAX] {
        let heap = HeapType::Concrete(dayfly::parser::TypeIdx(index));
        let content = ValType::Ref(RefType { nullable: true, heap });
        let ty = GlobalType { content, mutable: true, shared: false };
        // An error or a panic, whichever; nothing is made that holds a wrong value.
        let made = catch_unwind(AssertUnwindSafe(|| Global::new(&mut store, ty, Val::I32(0))));
        assert!(!matches!(made, Ok(Ok(_))), "{index}");
    }
}

#[test]
fn forgetting_a_store_and_dropping_in_odd_orders() {
    let engine = Engine::default();
    let module = Module::new(&engine, r#"(module (memory 1) (func (export "f")))"#).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = func::<(), ()>(&mut store, instance, "f");
    drop((module, engine));
    f.call(&mut store, ()).unwrap();
    drop(store);
    // Handles of a store that is gone are of no other store.
    let mut other = Store::new(&Engine::default(), ());
    assert!(catch_unwind(AssertUnwindSafe(|| f.call(&mut other, ()))).is_err());
}

#[test]
fn values_that_run_guests_when_a_collection_drops_them() {
    /// Makes a store with an instance, calls it and is glad that it traps.
    struct Busy(Module);

    impl Drop for Busy {
        fn drop(&mut self) {
            let mut store = Store::new(self.0.engine(), ());
            let instance = Instance::new(&mut store, &self.0, &[]).unwrap();
            ExternRef::new(&mut store, 5).unwrap();
            let trap = func::<(), ()>(&mut store, instance, "trap").call(&mut store, ()).unwrap_err();
            assert_eq!(trap.downcast_ref::<Trap>(), Some(&Trap::MemoryOutOfBounds));
        }
    }

    for strategy in STRATEGIES {
        let engine = engine(|config| config.strategy(strategy));
        let trap = r#"(module (memory 1) (func (export "trap") (drop (i32.load (i32.const -8)))))"#;
        let trap = Module::new(&engine, trap).unwrap();
        // Keeps every other one, with more than the heap has room for in between.
        let module = r#"(module
            (type $list (struct (field externref) (field (ref null $list))))
            (type $bytes (array (mut i8)))
            (import "" "new" (func $new (result externref)))
            (func (export "run") (param $n i32) (result i32) (local $list (ref null $list)) (local $count i32)
                (loop $more
                    (local.set $list (struct.new $list (call $new) (local.get $list)))
                    (drop (call $new))
                    (drop (array.new_default $bytes (i32.const 10000)))
                    (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (loop $next
                    (if (ref.is_null (local.get $list)) (then (return (local.get $count))))
                    (local.set $count (i32.add (local.get $count) (i32.const 1)))
                    (local.set $list (struct.get $list 1 (local.get $list)))
                    (br $next))
                (unreachable)))"#;
        let module = Module::new(&engine, module).unwrap();
        let mut store = Store::new(&engine, ());
        let new = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| {
            ExternRef::new(&mut caller, Busy(trap.clone())).map(Some)
        });
        let instance = Instance::new(&mut store, &module, &[new.into()]).unwrap();
        let run = func::<i32, i32>(&mut store, instance, "run");
        assert_eq!(run.call(&mut store, 100).unwrap(), 100);
        assert!(store.gc_stats().collections > 0);
        assert_eq!(run.call(&mut store, 100).unwrap(), 100);
    }
}

#[test]
fn limiters_that_panic_leave_a_store_that_can_be_used() {
    struct Moody(u32);

    impl Moody {
        fn asked(&mut self) -> Result<bool> {
            self.0 += 1;
            assert!(!self.0.is_multiple_of(11), "not today");
            Ok(true)
        }
    }

    impl ResourceLimiter for Moody {
        fn memory_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
            self.asked()
        }

        fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
            self.asked()
        }
    }

    let module = r#"(module
        (type $bytes (array (mut i8)))
        (memory 1) (memory 1) (table 2 externref) (table 3 funcref)
        (global $bytes (mut (ref $bytes)) (array.new_default $bytes (i32.const 10)))
        (func (export "run") (result i32) (local $bytes (ref $bytes))
            (local.set $bytes (array.new $bytes (i32.const 7) (i32.const 300000)))
            (drop (memory.grow (i32.const 1)))
            (drop (table.grow 0 (ref.null extern) (i32.const 1)))
            (global.set $bytes (local.get $bytes))
            (array.get_u $bytes (global.get $bytes) (i32.const 299999))))"#;
    for strategy in STRATEGIES {
        let engine = engine(|config| config.strategy(strategy).check_instance_reuse(true));
        let module = Module::new(&engine, module).unwrap();
        let pre = Linker::new(&engine).instantiate_pre(&module).unwrap();
        let (mut panics, mut results) = (0, 0);
        for n in 0..36 {
            let mut store = Store::new(&engine, Moody(n));
            store.limiter(|moody| moody);
            for round in 0..8 {
                let made = catch_unwind(AssertUnwindSafe(|| match round % 2 {
                    0 => pre.instantiate(&mut store),
                    _ => Instance::new(&mut store, &module, &[]),
                }));
                let Ok(instance) = made else { continue };
                let instance = instance.unwrap();
                let run = func::<(), i32>(&mut store, instance, "run");
                for _ in 0..3 {
                    match catch_unwind(AssertUnwindSafe(|| run.call(&mut store, ()))) {
                        Ok(result) => results += i32::from(result.unwrap() == 7),
                        Err(_) => panics += 1,
                    }
                }
                // It succeeds, is not possible, or panics; afterwards the instance is whole, or gone.
                let _ = catch_unwind(AssertUnwindSafe(|| instance.reset(&mut store)));
                if let Ok(result) = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, ()))) {
                    assert_eq!(result.unwrap(), 7);
                }
            }
        }
        assert!(panics > 0 && results > 0, "{panics} {results}");
    }
}

#[test]
fn epoch_callbacks_that_panic_in_the_middle_of_a_guest() {
    let module = r#"(module
        (type $box (struct (field i32)))
        (func (export "run") (param $n i32) (result i32) (local $box (ref $box))
            (local.set $box (struct.new $box (local.get $n)))
            (loop $more
                (drop (struct.new $box (i32.const 4)))
                (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (struct.get $box 0 (local.get $box))))"#;
    for strategy in STRATEGIES {
        let engine = engine(|config| config.strategy(strategy).epoch_interruption(true));
        let module = Module::new(&engine, module).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = func::<i32, i32>(&mut store, instance, "run");
        for n in 0..20 {
            let panics = n % 2 == 0;
            let kept = ExternRef::new(&mut store, n).unwrap();
            store.set_epoch_deadline(0);
            store.epoch_deadline_callback(move |mut context| {
                ExternRef::new(&mut context, "of the callback").unwrap();
                context.gc();
                assert!(!panics, "not now");
                Ok(UpdateDeadline::Continue(5))
            });
            let result = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, 100)));
            assert_eq!(result.ok().map(Result::unwrap), (!panics).then_some(100));
            assert_eq!(kept.data(&store).unwrap().unwrap().downcast_ref(), Some(&n));
        }
    }
}
