//! Stores and instances that are used again, as a host sees them.

use crate::{engine, func};
use dayfly::{
    AnyRef, AsContextMut, Caller, Config, Engine, Extern, ExternRef, Func, I31, Instance, InstancePark,
    InstancePre, Linker, MemoryTracking, Module, OwnedRooted, Ref, ResourceLimiter, Result, Rooted, Store,
    StoreLimitsBuilder, StructRef, Trap,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const COUNTER: &str = r#"(module
    (memory (export "memory") 2 10)
    (data (i32.const 4096) "start")
    (global $count (mut i32) (i32.const 0))
    (table (export "table") 4 20 funcref)
    (func (export "count") (result i32)
        (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i32.add (i32.load (i32.const 8)) (global.get $count)))
    (func (export "spin") (loop $l (br $l)))
    (func (export "grow") (result i32) (memory.grow (i32.const 1))))"#;

fn pre(engine: &Engine, wat: &str) -> InstancePre<()> {
    Linker::new(engine).instantiate_pre(&Module::new(engine, wat).unwrap()).unwrap()
}

fn count(store: &mut Store<()>, instance: Instance) -> i32 {
    func::<(), i32>(&mut *store, instance, "count").call(store, ()).unwrap()
}

#[test]
fn each_store_has_a_fresh_instance() {
    let engine = engine(|config| config.check_instance_reuse(true));
    let pre = pre(&engine, COUNTER);
    let mut alive = Vec::new();
    for round in 0..40 {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store).unwrap();
        assert_eq!(count(&mut store, instance), 2);
        assert_eq!(count(&mut store, instance), 4);
        if round % 3 == 0 {
            alive.push((store, instance));
        }
    }
    // Those that stayed are not disturbed by what the others left.
    for (store, instance) in &mut alive {
        assert_eq!(count(store, *instance), 6);
    }
}

#[test]
#[should_panic(expected = "object used with the wrong store")]
fn handles_end_with_their_store() {
    let engine = Engine::default();
    let pre = pre(&engine, COUNTER);
    let mut store = Store::new(&engine, ());
    let instance = pre.instantiate(&mut store).unwrap();
    let stale = func::<(), i32>(&mut store, instance, "count");
    drop(store);
    let mut store = Store::new(&engine, ());
    pre.instantiate(&mut store).unwrap();
    let _ = stale.call(&mut store, ());
}

#[test]
fn an_instance_is_reset_in_place() {
    let engine = engine(|config| config.check_instance_reuse(true).consume_fuel(true));
    let pre = pre(&engine, COUNTER);
    let mut store = Store::new(&engine, ());
    store.set_fuel(10_000).unwrap();
    let instance = pre.instantiate(&mut store).unwrap();
    let counting = func::<(), i32>(&mut store, instance, "count");
    for _ in 0..3 {
        assert_eq!(counting.call(&mut store, ()).unwrap(), 2);
        func::<(), i32>(&mut store, instance, "grow").call(&mut store, ()).unwrap();
        let fuel = store.get_fuel().unwrap();
        instance.reset(&mut store).unwrap();
        assert_eq!(store.get_fuel().unwrap(), fuel);
        assert_eq!(instance.get_memory(&mut store, "memory").unwrap().size(&store), 2);
    }
    store.set_fuel(100).unwrap();
    let spin = func::<(), ()>(&mut store, instance, "spin");
    assert_eq!(spin.call(&mut store, ()).unwrap_err().downcast_ref(), Some(&Trap::OutOfFuel));
    instance.reset(&mut store).unwrap();
    store.set_fuel(1000).unwrap();
    assert_eq!(counting.call(&mut store, ()).unwrap(), 2);
}

#[test]
fn handles_of_what_a_reset_drops_are_refused() {
    let engine = Engine::default();
    let pre = pre(&engine, COUNTER);
    let other = r#"(module
        (import "" "table" (table $theirs 4 funcref))
        (memory (export "memory") 1) (table (export "table") 1 funcref) (tag (export "tag"))
        (global (export "global") (mut i32) (i32.const 7))
        (export "theirs" (table $theirs))
        (elem (table $theirs) (i32.const 1) func $f)
        (func $f (export "f") (result i32) (i32.const 77)))"#;
    let other = Module::new(&engine, other).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = pre.instantiate(&mut store).unwrap();
    let counting = func::<(), i32>(&mut store, instance, "count");
    let own = instance.get_table(&mut store, "table").unwrap();
    let mut before: Option<[Extern; 5]> = None;
    for _ in 0..3 {
        let further = Instance::new(&mut store, &other, &[own.into()]).unwrap();
        assert_eq!(further.get_table(&mut store, "theirs"), Some(own));
        let f = func::<(), i32>(&mut store, further, "f");
        assert_eq!(f.call(&mut store, ()).unwrap(), 77);
        let Some(Ref::Func(Some(found))) = own.get(&mut store, 1) else { panic!("a function") };
        assert_eq!(found, *f.func());
        let all = ["f", "memory", "table", "global", "tag"];
        let all = all.map(|name| further.get_export(&mut store, name).unwrap());
        assert!(before.as_ref().is_none_or(|before| *before != all));
        before = Some(all.clone());
        let host = Func::wrap(&mut store, || 5);
        assert_eq!(counting.call(&mut store, ()).unwrap(), 2);

        instance.reset(&mut store).unwrap();
        let panics = |run: &mut dyn FnMut()| {
            let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
            assert_eq!(panic.downcast_ref(), Some(&"object used with the wrong store"));
        };
        panics(&mut || assert!(f.call(&mut store, ()).is_err()));
        panics(&mut || assert!(further.get_export(&mut store, "f").is_none()));
        assert!(own.set(&mut store, 0, Ref::Func(Some(found))).is_err());
        for item in all {
            panics(&mut || match &item {
                Extern::Func(func) => panic!("{:?}", func.ty(&store)),
                Extern::Memory(memory) => panic!("{:?}", memory.size(&store)),
                Extern::Table(table) => panic!("{:?}", table.size(&store)),
                Extern::Global(global) => panic!("{:?}", global.get(&mut store)),
                Extern::Tag(tag) => panic!("{:?}", tag.ty(&store)),
                Extern::SharedMemory(memory) => panic!("{memory:?}"),
            });
        }
        // What belongs to the instance goes on, and so do functions of the host.
        assert!(own.get(&mut store, 1).unwrap().is_null());
        own.set(&mut store, 1, Ref::Func(Some(host))).unwrap();
        assert_eq!(host.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 5);
    }
}

#[test]
fn references_that_a_reset_ended_do_not_come_back_as_others() {
    let engine = Engine::default();
    let wat = r#"(module
        (type $s (struct (field i64)))
        (func (export "make") (result structref) (struct.new $s (i64.const 1)))
        (func (export "is") (param structref) (result i32)
            (drop (block $b (result (ref $s))
                (br_on_cast $b structref (ref $s) (local.get 0)) (return (i32.const 0))))
            (i32.const 1)))"#;
    let pre = pre(&engine, wat);
    let mut store = Store::new(&engine, ());
    let instance = pre.instantiate(&mut store).unwrap();
    let make = func::<(), Option<Rooted<StructRef>>>(&mut store, instance, "make");
    let is = func::<Option<Rooted<StructRef>>, i32>(&mut store, instance, "is");
    let is_owned = func::<OwnedRooted<StructRef>, i32>(&mut store, instance, "is");
    let scoped = make.call(&mut store, ()).unwrap().unwrap();
    let owned = scoped.to_owned_rooted(&mut store).unwrap();
    assert_eq!(is.call(&mut store, Some(scoped)).unwrap(), 1);
    instance.reset(&mut store).unwrap();
    let later = AnyRef::from_i31(&mut store, I31::wrapping_u32(0x3fff_fff0));
    let later = later.to_owned_rooted(&mut store).unwrap();
    assert!(is.call(&mut store, Some(scoped)).is_err());
    assert!(is_owned.call(&mut store, owned.clone()).is_err());
    drop(owned);
    store.gc();
    assert!(later.is_i31(&store).unwrap());
}

#[test]
fn what_starts_warm_is_an_instance_of_the_module() {
    let engine = Engine::default();
    let cold = pre(&engine, COUNTER);
    let wat = r#"(module (global $a (mut i64) (i64.const 0)) (global $b (mut i64) (i64.const 0))
        (table 9 funcref) (elem declare func $f)
        (func $f (export "f") (table.set (i32.const 7) (ref.func $f)) (global.set $b (i64.const 1))))"#;
    let other = pre(&engine, wat);
    let warm = cold.warm(Store::new(&engine, ()), |store, _| {
        let mut another = Store::new(&engine, ());
        let instance = other.instantiate(&mut another)?;
        func::<(), ()>(&mut another, instance, "f").call(&mut another, ())?;
        *store = another;
        Ok(())
    });
    assert!(warm.is_err());
}

#[test]
fn what_starts_warm_without_its_heap_refers_to_nothing() {
    let engine = Engine::default();
    let wat = r#"(module
        (type $s (struct (field i64) (field (ref null $s))))
        (global $s (mut (ref null $s)) (ref.null $s))
        (table 2 100 (ref null $s))
        (func (export "begin") (local i32)
            (drop (table.grow (ref.null $s) (i32.const 10)))
            (loop $l
                (global.set $s (struct.new $s (i64.const 1) (global.get $s)))
                (table.set (i32.const 1) (global.get $s))
                (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000))))))"#;
    let linker = Linker::new(&engine);
    let cold = linker.instantiate_pre(&Module::new(&engine, wat).unwrap()).unwrap();
    let all = || StoreLimitsBuilder::new().build();
    let few_entries = || StoreLimitsBuilder::new().table_elements(5).build();
    let no_heap = || StoreLimitsBuilder::new().memory_size(0).build();
    let warm = cold.warm(Store::new(&engine, all()), |store, instance| {
        func::<(), ()>(&mut *store, instance, "begin").call(store, ())
    });
    let Ok(warm) = warm else { return };
    for limits in [few_entries(), no_heap(), no_heap()] {
        let mut store = Store::new(&engine, limits);
        store.limiter(|limits| limits);
        assert!(warm.instantiate(&mut store).is_err());
        *store.data_mut() = all();
        let values = [0, 1, 2].map(|n| ExternRef::new(&mut store, n).unwrap());
        store.gc();
        for (n, value) in (0..).zip(values) {
            assert_eq!(value.data(&store).unwrap().unwrap().downcast_ref(), Some(&n));
        }
        store.gc();
        assert!(store.gc_stats().live_bytes < 1000);
    }
}

/// A value of the host that panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("boom");
    }
}

#[test]
fn a_value_that_panics_when_a_reset_drops_it_leaves_a_fresh_instance() {
    let engine = engine(|config| config.check_instance_reuse(true));
    let pre = pre(&engine, COUNTER);
    let mut store = Store::new(&engine, ());
    let instance = pre.instantiate(&mut store).unwrap();
    for _ in 0..3 {
        assert_eq!(count(&mut store, instance), 2);
        ExternRef::new(&mut store, Bomb).unwrap();
        assert!(catch_unwind(AssertUnwindSafe(|| instance.reset(&mut store))).is_err());
    }
    assert_eq!(count(&mut store, instance), 2);
    instance.reset(&mut store).unwrap();
    assert_eq!(count(&mut store, instance), 2);
}

/// Has objects that it cannot do without, of which the second needs a larger heap than the first.
const ON_THE_HEAP: &str = r#"(module
    (type $pair (struct (field (mut i32)) (field (mut i32))))
    (type $numbers (array (mut i64)))
    (global $pair (ref $pair) (struct.new $pair (i32.const 3) (i32.const 4)))
    (global $numbers (ref $numbers) (array.new $numbers (i64.const 5) (i32.const 100000)))
    (table $table 2 2 (ref $pair) (struct.new $pair (i32.const 5) (i32.const 6)))
    (func (export "count") (result i32)
        (struct.set $pair 0 (global.get $pair)
            (i32.add (struct.get $pair 0 (global.get $pair)) (struct.get $pair 1 (table.get $table (i32.const 1)))))
        (i32.add (struct.get $pair 0 (global.get $pair)) (array.len (global.get $numbers)))))"#;

/// Counts down what a store may still grow by, and refuses or panics then.
struct Patience {
    left: u32,
    panics: bool,
}

impl Patience {
    fn asked(&mut self) -> Result<bool> {
        assert!(self.left > 0 || !self.panics, "no more");
        let allowed = self.left > 0;
        self.left = self.left.saturating_sub(1);
        Ok(allowed)
    }
}

impl ResourceLimiter for Patience {
    fn memory_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        self.asked()
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        Ok(true)
    }
}

fn patient(engine: &Engine, left: u32, panics: bool) -> Store<Patience> {
    let mut store = Store::new(engine, Patience { left, panics });
    store.limiter(|patience| patience);
    store
}

#[test]
fn an_instance_that_a_reset_cannot_make_whole_is_gone() {
    for (panics, left) in [(false, 0), (false, 1), (true, 0), (true, 1)] {
        let engine = engine(|config| config.check_instance_reuse(true));
        let module = Module::new(&engine, ON_THE_HEAP).unwrap();
        let pre = Linker::new(&engine).instantiate_pre(&module).unwrap();
        let mut store = patient(&engine, u32::MAX, panics);
        let instance = pre.instantiate(&mut store).unwrap();
        let count = func::<(), i32>(&mut store, instance, "count");
        assert_eq!(count.call(&mut store, ()).unwrap(), 100_009);
        instance.reset(&mut store).unwrap();
        assert_eq!(count.call(&mut store, ()).unwrap(), 100_009);
        store.data_mut().left = left;
        let reset = catch_unwind(AssertUnwindSafe(|| instance.reset(&mut store)));
        assert!(if panics { reset.is_err() } else { reset.unwrap().is_err() });
        assert!(catch_unwind(AssertUnwindSafe(|| count.call(&mut store, ()))).is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| instance.get_func(&mut store, "count"))).is_err());
        // The store can have others.
        store.data_mut().left = u32::MAX;
        ExternRef::new(&mut store, 5).unwrap();
        store.gc();
        let instance = pre.instantiate(&mut store).unwrap();
        let count = func::<(), i32>(&mut store, instance, "count");
        store.gc();
        assert_eq!(count.call(&mut store, ()).unwrap(), 100_009);
    }
}

#[test]
fn a_warm_instance_without_a_heap_leaves_nothing() {
    for panics in [false, true] {
        let engine = engine(|config| config.check_instance_reuse(true));
        let module = Module::new(&engine, ON_THE_HEAP).unwrap();
        let cold = Linker::new(&engine).instantiate_pre(&module).unwrap();
        let warm = cold.warm(patient(&engine, u32::MAX, panics), |store, instance| {
            assert_eq!(func::<(), i32>(&mut *store, instance, "count").call(store, ())?, 100_009);
            Ok(())
        });
        let warm = warm.unwrap();
        let mut store = patient(&engine, 0, panics);
        let made = catch_unwind(AssertUnwindSafe(|| warm.instantiate(&mut store)));
        assert!(if panics { made.is_err() } else { made.unwrap().is_err() });
        // What it would have had on the heap is not looked for by collections.
        store.data_mut().left = u32::MAX;
        let values: Vec<_> = (0..1000).map(|n| ExternRef::new(&mut store, n).unwrap()).collect();
        store.gc();
        for (n, value) in (0..1000).zip(values) {
            assert_eq!(value.data(&store).unwrap().unwrap().downcast_ref::<i32>(), Some(&n));
        }
        let mut store = patient(&engine, u32::MAX, panics);
        let instance = warm.instantiate(&mut store).unwrap();
        assert_eq!(func::<(), i32>(&mut store, instance, "count").call(&mut store, ()).unwrap(), 100_015);
    }
}

#[test]
fn a_value_that_panics_when_a_reset_drops_it_leaves_objects_of_a_fresh_instance() {
    let engine = engine(|config| config.check_instance_reuse(true));
    let pre = pre(&engine, ON_THE_HEAP);
    let mut store = Store::new(&engine, ());
    let instance = pre.instantiate(&mut store).unwrap();
    for _ in 0..3 {
        ExternRef::new(&mut store, Bomb).unwrap();
        assert!(catch_unwind(AssertUnwindSafe(|| instance.reset(&mut store))).is_err());
        assert_eq!(count(&mut store, instance), 100_009);
    }
}

#[test]
fn what_the_host_has_on_the_heap_stays_there_when_an_instance_is_made() {
    let engine = engine(|config| config.check_instance_reuse(true));
    let wat = r#"(module
        (type $s (struct (field i64)))
        (global $s (mut (ref null $s)) (ref.null $s))
        (func (export "begin") (global.set $s (struct.new $s (i64.const 1))))
        (func (export "same") (param externref) (result externref)
            (drop (struct.new $s (i64.const 1)))
            (local.get 0)))"#;
    let cold = pre(&engine, wat);
    for _ in 0..3 {
        let mut store = Store::new(&engine, ());
        let value = ExternRef::new(&mut store, 42).unwrap();
        let instance = cold.instantiate(&mut store).unwrap();
        let same = func::<Rooted<ExternRef>, Option<Rooted<ExternRef>>>(&mut store, instance, "same");
        for given in [value, ExternRef::new(&mut store, 42).unwrap(), value] {
            let got = same.call(&mut store, given).unwrap().unwrap();
            assert!(Rooted::ref_eq(&store, &got, &given).unwrap());
            assert_eq!(got.data(&store).unwrap().unwrap().downcast_ref(), Some(&42));
        }
        drop(store);
        cold.instantiate(&mut Store::new(&engine, ())).unwrap();
    }
    let warm = cold.warm(Store::new(&engine, ()), |store, instance| {
        func::<(), ()>(&mut *store, instance, "begin").call(store, ())
    });
    let Ok(warm) = warm else { return };
    let mut store = Store::new(&engine, ());
    let value = ExternRef::new(&mut store, 42).unwrap();
    assert!(warm.instantiate(&mut store).is_err(), "it is to be the first in its store");
    assert_eq!(value.data(&store).unwrap().unwrap().downcast_ref(), Some(&42));
    warm.instantiate(&mut Store::new(&engine, ())).unwrap();
}

#[test]
fn functions_in_segments_are_those_of_the_instance_that_goes_on() {
    let engine = Engine::default();
    let wat = r#"(module
        (type $f (func (result i32)))
        (global $g (mut i32) (i32.const 0))
        (table $t 1 (ref null $f))
        (elem $kept (ref null $f) (ref.func $count))
        (elem $other (ref null $f) (ref.func $count))
        (func $count (type $f)
            (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g))
        (func (export "begin") (elem.drop $other))
        (func (export "count") (result i32)
            (table.init $t $kept (i32.const 0) (i32.const 0) (i32.const 1))
            (call_indirect $t (type $f) (i32.const 0)))
        (func (export "get") (result i32) (global.get $g)))"#;
    let pre = pre(&engine, wat);
    let begin = |store: &mut Store<()>, instance: Instance| {
        func::<(), ()>(&mut *store, instance, "begin").call(store, ())
    };
    let get = |store: &mut Store<()>, instance| func::<(), i32>(&mut *store, instance, "get").call(store, ());
    let mut park = InstancePark::new(pre.clone());
    park.with(0, || (), begin).unwrap();
    park.park_all();
    // It has the parts that the other left, which goes on in others.
    let mut store = Store::new(&engine, ());
    let instance = pre.instantiate(&mut store).unwrap();
    for n in 1..4 {
        park.with(
            0,
            || (),
            |store, instance| {
                assert_eq!(count(store, instance), n);
                assert_eq!(get(store, instance)?, n);
                Ok(())
            },
        )
        .unwrap();
        park.park_all();
        assert_eq!(get(&mut store, instance).unwrap(), 0);
    }
    let Ok(warm) = pre.warm(Store::new(&engine, ()), begin) else { return };
    let mut stores = [(); 3].map(|()| Store::new(&engine, ()));
    let instances = stores.each_mut().map(|store| warm.instantiate(store).unwrap());
    for (store, instance) in stores.iter_mut().zip(instances) {
        assert_eq!((count(store, instance), get(store, instance).unwrap()), (1, 1));
    }
    assert_eq!(get(&mut store, instance).unwrap(), 0);
}

#[test]
fn what_cannot_be_reset_says_so() {
    let engine = Engine::default();
    let module = Module::new(&engine, COUNTER).unwrap();
    let mut store = Store::new(&engine, ());
    let alone = Instance::new(&mut store, &module, &[]).unwrap();
    let error = alone.reset(&mut store).unwrap_err().to_string();
    assert!(error.starts_with("the instance cannot be reset"), "{error}");
    // Its code runs.
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("", "reset", |mut caller: Caller<'_, Option<Instance>>| {
            let instance = caller.data().unwrap();
            assert!(instance.reset(&mut caller).is_err());
        })
        .unwrap();
    let wat = r#"(module (import "" "reset" (func $reset)) (func (export "run") (call $reset)))"#;
    let pre = linker.instantiate_pre(&Module::new(&engine, wat).unwrap()).unwrap();
    let mut store = Store::new(&engine, None);
    let instance = pre.instantiate(&mut store).unwrap();
    *store.data_mut() = Some(instance);
    func::<(), ()>(&mut store, instance, "run").call(&mut store, ()).unwrap();
    instance.reset(&mut store).unwrap();
}

#[test]
fn start_functions_run_for_each_instance() {
    let engine = engine(|config| config.check_instance_reuse(true));
    let mut linker = Linker::<u32>::new(&engine);
    linker.func_wrap("", "started", |mut caller: Caller<'_, u32>| *caller.data_mut() += 1).unwrap();
    let wat = r#"(module (import "" "started" (func $started)) (memory 1)
        (func $start (i32.store (i32.const 0) (i32.const 1)) (call $started)) (start $start)
        (func (export "get") (result i32) (i32.load (i32.const 0))))"#;
    let cold = linker.instantiate_pre(&Module::new(&engine, wat).unwrap()).unwrap();
    for _ in 0..5 {
        let mut store = Store::new(&engine, 0);
        let instance = cold.instantiate(&mut store).unwrap();
        assert_eq!(*store.data(), 1);
        instance.reset(&mut store).unwrap();
        assert_eq!(*store.data(), 2);
        assert_eq!(func::<(), i32>(&mut store, instance, "get").call(&mut store, ()).unwrap(), 1);
    }
    let Ok(warm) = cold.warm(Store::new(&engine, 0), |_, _| Ok(())) else { return };
    for _ in 0..3 {
        let mut store = Store::new(&engine, 0);
        let instance = warm.instantiate(&mut store).unwrap();
        assert_eq!(*store.data(), 0);
        assert_eq!(func::<(), i32>(&mut store, instance, "get").call(&mut store, ()).unwrap(), 1);
    }
}

#[test]
fn a_limiter_is_asked_about_instances_that_are_used_again() {
    let engine = Engine::default();
    let pre = pre(&engine, COUNTER);
    drop_one(&engine, &pre);
    let linker = Linker::new(&engine);
    let module = Module::new(&engine, COUNTER).unwrap();
    let pre = linker.instantiate_pre(&module).unwrap();
    for (bytes, entries, fits) in [(1 << 20, 100, true), (65536, 100, false), (1 << 20, 3, false)] {
        let limits = StoreLimitsBuilder::new().memory_size(bytes).table_elements(entries).build();
        let mut store = Store::new(&engine, limits);
        store.limiter(|limits| limits);
        let made = pre.instantiate(&mut store);
        assert_eq!(made.is_ok(), fits, "{bytes} {entries}");
        if let Err(error) = made {
            // Nothing is left in the store that would stand in the way.
            assert!(error.to_string().starts_with("limit exceeded"), "{error}");
            assert_eq!(pre.instantiate(&mut store).unwrap_err().to_string(), error.to_string());
        }
    }
}

fn drop_one(engine: &Engine, pre: &InstancePre<()>) {
    let mut store = Store::new(engine, ());
    let instance = pre.instantiate(&mut store).unwrap();
    count(&mut store, instance);
}

#[test]
fn idle_memory_is_given_back() {
    let engine = Engine::default();
    let pre = pre(&engine, COUNTER);
    drop_one(&engine, &pre);
    let idle = engine.release_idle_memory();
    assert_eq!(idle, usize::from(cfg!(target_os = "linux")));
    assert_eq!(engine.release_idle_memory(), 0);
    drop_one(&engine, &pre);
}

#[test]
fn instances_that_wait_beside_the_stores_take_no_more_than_was_said() {
    // Each writes to a quarter of a MiB; the last is still in the store.
    let wat = "(module (memory 4) (func (export \"run\") (memory.fill (i32.const 0) (i32.const 1) (i32.const 262144))))";
    for (max, left) in [(0, 1), (1 << 20, 4), (1 << 30, 10)] {
        let engine = engine(|config| config.max_idle_memory(max));
        // The second time, those of before are gone with their templates.
        for _ in 0..2 {
            let pres: Vec<_> = (0..10).map(|_| pre(&engine, wat)).collect();
            for _ in 0..3 {
                for pre in &pres {
                    let mut store = Store::new(&engine, ());
                    let instance = pre.instantiate(&mut store).unwrap();
                    func::<(), ()>(&mut store, instance, "run").call(&mut store, ()).unwrap();
                }
            }
            assert_eq!(engine.release_idle_memory(), if cfg!(target_os = "linux") { left } else { 0 });
        }
    }
}

#[test]
fn an_engine_ends_with_what_waits_in_it() {
    struct Dropped(Arc<AtomicU32>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicU32::new(0));
    let engine = Engine::default();
    let guard = Dropped(dropped.clone());
    let mut linker = Linker::<()>::new(&engine);
    linker
        .func_wrap("", "f", move || {
            let _ = &guard;
        })
        .unwrap();
    let wat = r#"(module (import "" "f" (func $f)) (memory 1) (func (export "run") (call $f)))"#;
    let pre = linker.instantiate_pre(&Module::new(&engine, wat).unwrap()).unwrap();
    drop(linker);
    let mut last = Store::new(&engine, ());
    for _ in 0..3 {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store).unwrap();
        func::<(), ()>(&mut store, instance, "run").call(&mut store, ()).unwrap();
        last = store;
    }
    drop((pre, engine));
    assert_eq!(dropped.load(Ordering::SeqCst), 0, "the store uses the function");
    drop(last);
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[test]
fn host_values_end_with_their_store() {
    let engine = Engine::default();
    let wat = r#"(module (global (export "kept") (mut externref) (ref.null extern)))"#;
    let pre = pre(&engine, wat);
    let value = Arc::new(());
    for _ in 0..3 {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store).unwrap();
        let kept = instance.get_global(&mut store, "kept").unwrap();
        assert!(kept.get(&mut store).unwrap_externref().is_none());
        let reference = ExternRef::new(&mut store, value.clone()).unwrap();
        kept.set(&mut store, dayfly::Val::ExternRef(Some(reference))).unwrap();
        let owned = reference.to_owned_rooted(&mut store).unwrap();
        assert_eq!(Arc::strong_count(&value), 2);
        drop(store);
        assert_eq!(Arc::strong_count(&value), 1);
        drop(owned);
    }
}

#[test]
fn stores_with_more_than_an_instance_are_used_again() {
    let engine = engine(|config| config.check_instance_reuse(true));
    let pre = pre(&engine, COUNTER);
    for _ in 0..5 {
        let mut store = Store::new(&engine, ());
        let before = Func::wrap(&mut store, || 7_i32);
        let instance = pre.instantiate(&mut store).unwrap();
        let other = pre.instantiate(&mut store).unwrap();
        assert_eq!((count(&mut store, instance), count(&mut store, other)), (2, 2));
        assert_eq!(count(&mut store, other), 4);
        assert_eq!(before.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 7);
        let table = instance.get_table(&mut store, "table").unwrap();
        table.set(&mut store, 1, Ref::Func(Some(before))).unwrap();
        table.grow(store.as_context_mut(), 9, Ref::Func(Some(before))).unwrap();
    }
}

#[test]
fn without_reuse_all_is_as_ever() {
    for (reuse, how) in [(false, None), (true, Some(MemoryTracking::Discard))] {
        let mut config = Config::new();
        config.instance_reuse(reuse).memory_tracking(how);
        let engine = Engine::new(&config).unwrap();
        let pre = pre(&engine, COUNTER);
        for _ in 0..5 {
            drop_one(&engine, &pre);
        }
    }
}
