//! How long references of the host keep objects alive, and what becomes of those that
//! are used too long or in the wrong store.

use crate::{engine, func, instance_in};
use dayfly::{
    AnyRef, Caller, Engine, ExternRef, Func, FuncType, I31, Instance, Module, OwnedRooted, RootScope, Rooted,
    Store, Val, ValType,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts how many of its kind are alive.
struct Counted(Arc<AtomicU32>);

impl Counted {
    fn new(count: &Arc<AtomicU32>) -> Counted {
        count.fetch_add(1, Ordering::Relaxed);
        Counted(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn alive(count: &Arc<AtomicU32>) -> u32 {
    count.load(Ordering::Relaxed)
}

fn number(store: &Store<impl Send>, value: &ExternRef) -> i32 {
    *value.data(store).unwrap().unwrap().downcast_ref().unwrap()
}

#[test]
fn a_scope_ends_its_roots_alone() {
    let mut store = Store::new(&Engine::default(), ());
    let count = Arc::default();
    let outer = ExternRef::new(&mut store, Counted::new(&count)).unwrap();
    let (inner, innermost) = {
        let mut scope = RootScope::new(&mut store);
        let inner = ExternRef::new(&mut scope, Counted::new(&count)).unwrap();
        let innermost = {
            let mut scope = RootScope::new(&mut scope);
            ExternRef::new(&mut scope, Counted::new(&count)).unwrap()
        };
        assert!(innermost.data(&scope).is_err());
        assert!(inner.data(&scope).is_ok());
        (inner, innermost)
    };
    store.gc();
    assert_eq!(alive(&count), 1);
    assert!(outer.data(&store).unwrap().is_some());
    // Others take their places, which does not bring them back.
    let again = [(); 2].map(|()| ExternRef::new(&mut store, 0).unwrap());
    for gone in [inner, innermost] {
        let error = gone.data(&store).unwrap_err();
        assert_eq!(error.to_string(), "a reference was used after the scope it was rooted in");
        assert!(gone.to_owned_rooted(&mut store).is_err());
        assert!(Rooted::ref_eq(&store, &gone, &outer).is_err());
        assert!(Val::from(gone).ty(&store).is_err());
        assert!(AnyRef::convert_extern(&mut store, gone).is_err());
    }
    assert_eq!(again.map(|value| number(&store, &value)), [0, 0]);
}

#[test]
fn a_reference_whose_scope_ended_is_not_given_to_a_guest() {
    let mut store = Store::new(&Engine::default(), ());
    let value = ExternRef::new(RootScope::new(&mut store), 1).unwrap();
    let take = Func::wrap(&mut store, |_: Option<Rooted<ExternRef>>| {});
    let text = "an argument does not fit the function: a reference was used after the scope";
    let typed = take.typed::<Rooted<ExternRef>, ()>(&store).unwrap();
    let error = typed.call(&mut store, value).unwrap_err();
    assert!(format!("{error:#}").starts_with(text), "{error:#}");
    let error = take.call(&mut store, &[value.into()], &mut []).unwrap_err();
    assert!(format!("{error:#}").contains("a reference was used after the scope"), "{error:#}");
    let give = Func::wrap(&mut store, move || value);
    assert!(give.call(&mut store, &[], &mut [Val::I32(0)]).is_err());
    let ty = FuncType::new([], [ValType::EXTERNREF]);
    let give = Func::new(&mut store, ty, move |_, _, results| {
        results[0] = value.into();
        Ok(())
    });
    assert!(give.call(&mut store, &[], &mut [Val::I32(0)]).is_err());
}

#[test]
fn roots_of_a_host_call_end_when_it_returns() {
    type Kept = Vec<Rooted<ExternRef>>;
    let engine = Engine::default();
    let counted: Arc<AtomicU32> = Arc::default();
    let mut store = Store::new(&engine, Kept::new());
    let make = {
        let count = counted.clone();
        Func::wrap(&mut store, move |mut caller: Caller<'_, Kept>, how: i32| {
            let kept = ExternRef::new(&mut caller, Counted::new(&count))?;
            caller.data_mut().push(kept);
            match how {
                0 => Ok(()),
                1 => Err(dayfly::Error::msg("failed")),
                _ => panic!("panicked"),
            }
        })
    };
    let keep = Func::wrap(&mut store, |mut caller: Caller<'_, Kept>, value: Option<Rooted<ExternRef>>| {
        caller.data_mut().extend(value);
        value
    });
    for how in 0..3 {
        let call = AssertUnwindSafe(|| make.call(&mut store, &[Val::I32(how)], &mut []));
        assert_eq!(matches!(catch_unwind(call), Ok(Ok(()))), how == 0);
    }
    store.gc();
    assert_eq!(alive(&counted), 0);
    let value = ExternRef::new(&mut store, Counted::new(&counted)).unwrap();
    let typed = keep.typed::<Rooted<ExternRef>, Option<Rooted<ExternRef>>>(&store).unwrap();
    let back = typed.call(&mut store, value).unwrap().unwrap();
    assert!(Rooted::ref_eq(&store, &back, &value).unwrap(), "results are rooted in the caller's scope");
    assert_eq!(store.data().len(), 4);
    for gone in store.data().clone() {
        assert!(gone.data(&store).is_err());
    }
}

#[test]
fn an_owned_reference_lives_until_its_last_clone_is_dropped() {
    let mut store = Store::new(&engine(|config| config.gc_torture(true)), ());
    let count = Arc::default();
    let make = |store: &mut Store<()>| {
        let mut scope = RootScope::new(store);
        let value = ExternRef::new(&mut scope, Counted::new(&count)).unwrap();
        value.to_owned_rooted(&mut scope).unwrap()
    };
    let owned: Vec<OwnedRooted<ExternRef>> = (0..50).map(|_| make(&mut store)).collect();
    for _ in 0..100 {
        store.gc();
    }
    assert_eq!(alive(&count), 50);
    let clone = owned[7].clone();
    let rooted = {
        let mut scope = RootScope::new(&mut store);
        let rooted = clone.to_rooted(&mut scope);
        assert!(OwnedRooted::ref_eq(&scope, &rooted, &owned[7]).unwrap());
        assert!(!OwnedRooted::ref_eq(&scope, &owned[8], &owned[7]).unwrap());
        rooted
    };
    assert!(rooted.data(&store).is_err());
    std::thread::spawn(move || drop(owned)).join().unwrap();
    store.gc();
    assert_eq!(alive(&count), 1);
    assert!(clone.data(&store).unwrap().unwrap().is::<Counted>());
    drop(clone);
    drop(make(&mut store));
    store.gc();
    assert_eq!(alive(&count), 0);
}

#[test]
fn an_owned_reference_may_outlive_its_store() {
    let count = Arc::default();
    let mut store = Store::new(&Engine::default(), ());
    let value = ExternRef::new(&mut store, Counted::new(&count)).unwrap();
    let owned = value.to_owned_rooted(&mut store).unwrap();
    drop(store);
    assert_eq!(alive(&count), 0);
    assert!(format!("{owned:?}").starts_with("OwnedRooted<ExternRef>("));
}

#[test]
fn roots_of_another_store_are_refused() {
    fn panics(name: &str, run: impl FnOnce()) {
        let payload = catch_unwind(AssertUnwindSafe(run)).expect_err(name);
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"object used with the wrong store"), "{name}");
    }
    let engine = Engine::default();
    let (mut other, mut store) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let value = ExternRef::new(&mut other, 1).unwrap();
    let owned = value.to_owned_rooted(&mut other).unwrap();
    let any = AnyRef::from_i31(&mut other, I31::default());
    panics("data", || drop(value.data(&store)));
    panics("owned data", || drop(owned.data(&store)));
    panics("owned to rooted", || assert!(owned.to_rooted(&mut store).data(&store).is_ok()));
    panics("rooted to owned", || drop(value.to_owned_rooted(&mut store)));
    panics("conversion", || drop(AnyRef::convert_extern(&mut store, value)));
    panics("i31", || drop(any.as_i31(&store)));
    panics("type", || drop(any.ty(&store)));
    panics("comparison", || drop(Rooted::ref_eq(&store, &value, &value)));
    let take = Func::wrap(&mut store, |_: Option<OwnedRooted<ExternRef>>| {});
    let typed = take.typed::<OwnedRooted<ExternRef>, ()>(&store).unwrap();
    let error = typed.call(&mut store, owned).unwrap_err();
    assert_eq!(format!("{error:#}"), "an argument does not fit the function: a reference of another store");
    let error = take.call(&mut store, &[value.into()], &mut []).unwrap_err();
    assert!(format!("{error:#}").ends_with("a reference of another store"), "{error:#}");
}

#[test]
fn the_same_object_can_have_several_roots() {
    let mut store = Store::new(&Engine::default(), ());
    let value = ExternRef::new(&mut store, 1).unwrap();
    let owned = value.to_owned_rooted(&mut store).unwrap();
    let again = owned.to_rooted(&mut store);
    assert!(!Rooted::rooted_eq(value, again));
    assert!(Rooted::ref_eq(&store, &value, &again).unwrap());
    let copy = value;
    assert!(Rooted::rooted_eq(value, copy));
}

/// What guests and stores hold, without a root of the host.
const HOLDERS: &str = r#"(module
    (import "" "gc" (func $gc))
    (type $box (struct (field i32) (field (ref null any))))
    (type $boxes (array (mut (ref null $box))))
    (global $g (export "g") (mut (ref null $box)) (struct.new $box (i32.const 1) (ref.null any)))
    (global $constant (ref $boxes)
        (array.new_fixed $boxes 2
            (struct.new $box (i32.const 2) (ref.i31 (i32.const 5)))
            (struct.new $box (i32.const 3) (array.new_default $boxes (i32.const 7)))))
    (table $t (export "t") 4 (ref null $box) (struct.new $box (i32.const 4) (ref.null any)))
    (elem (table $t) (i32.const 1) (ref null $box) (item (struct.new $box (i32.const 5) (global.get $constant))))
    (elem $passive (ref null $box) (item (struct.new $box (i32.const 6) (ref.null any))))
    (func $value (param $b (ref null $box)) (result i32) (struct.get $box 0 (local.get $b)))
    (func $deep (param $b (ref null $box)) (param $n i32) (result i32)
        (if (result i32) (local.get $n)
            (then (i32.add
                (call $deep (struct.new $box (local.get $n) (local.get $b)) (i32.sub (local.get $n) (i32.const 1)))
                (call $value (local.get $b))))
            (else (call $gc) (call $value (local.get $b)))))
    (func (export "sum") (result i32) (local $l (ref null $box))
        (local.set $l (struct.new $box (i32.const 7) (ref.null any)))
        (call $gc)
        (i32.add (call $value (struct.new $box (i32.const 8) (local.get $l)))
            (i32.add (call $value (local.get $l)) (call $statics))))
    (func $statics (result i32)
        (call $gc)
        (i32.add (call $value (global.get $g))
        (i32.add (call $value (array.get $boxes (global.get $constant) (i32.const 0)))
        (i32.add (call $value (array.get $boxes (global.get $constant) (i32.const 1)))
        (i32.add (call $value (table.get $t (i32.const 0)))
        (i32.add (call $value (table.get $t (i32.const 1)))
            (call $value (array.get $boxes (array.new_elem $boxes $passive (i32.const 0) (i32.const 1))
                (i32.const 0)))))))))
    (func (export "deep") (param i32) (result i32)
        (call $deep (struct.new $box (i32.const 100) (ref.null any)) (local.get 0))))"#;

#[test]
fn guests_keep_what_they_hold() {
    for torture in [false, true] {
        let engine = engine(|config| config.gc_torture(torture));
        let mut store = Store::new(&engine, ());
        let gc = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| caller.gc());
        let module = Module::new(&engine, HOLDERS).unwrap();
        let instance = Instance::new(&mut store, &module, &[gc.into()]).unwrap();
        let sum = func::<(), i32>(&mut store, instance, "sum");
        let deep = func::<i32, i32>(&mut store, instance, "deep");
        for _ in 0..3 {
            assert_eq!(sum.call(&mut store, ()).unwrap(), 8 + 7 + 1 + 2 + 3 + 4 + 5 + 6);
            assert_eq!(deep.call(&mut store, 50).unwrap(), 100 + 50 * 51 / 2);
        }
        assert!(store.gc_stats().collections >= 9);
        // What the store holds is all that is left.
        let live = |store: &mut Store<()>| {
            store.gc();
            store.gc_stats().live_bytes
        };
        let before = live(&mut store);
        instance.get_global(&mut store, "g").unwrap().set(&mut store, Val::AnyRef(None)).unwrap();
        let after = live(&mut store);
        assert_eq!(before - after, 16);
        let table = instance.get_table(&mut store, "t").unwrap();
        table.fill(&mut store, 0, dayfly::Ref::Any(None), 4).unwrap();
        // The two boxes; all else is held by the other global and the segment.
        assert_eq!(after - live(&mut store), 32);
    }
}

#[test]
fn a_stale_reference_is_never_another_object() {
    let (mut store, _) = instance_in(&engine(|config| config.gc_torture(true)), "(module)");
    let mut gone = Vec::new();
    for round in 0..20 {
        let mut scope = RootScope::new(&mut store);
        let made: Vec<_> = (0..round).map(|n| ExternRef::new(&mut scope, round * 100 + n).unwrap()).collect();
        for (n, value) in made.iter().enumerate() {
            let data = value.data(&scope).unwrap().unwrap();
            assert_eq!(data.downcast_ref(), Some(&(round * 100 + n as i32)));
        }
        assert!(gone.iter().all(|value: &Rooted<ExternRef>| value.data(&scope).is_err()));
        gone.extend(made);
    }
}
