//! Limits on memory, tables and counts, asked of the store's data.

use crate::{func, instance_in};
use dayfly::{
    Engine, Error, Instance, Memory, MemoryType, Module, ResourceError, ResourceLimiter, Result, Store,
    StoreLimits, StoreLimitsBuilder,
};

const GROWING: &str = r#"
    (module
        (memory (export "m") 1)
        (table (export "t") 1 funcref)
        (func (export "grow_memory") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "grow_table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))"#;

fn limited(limits: StoreLimits) -> (Store<StoreLimits>, Result<Instance>) {
    let engine = Engine::default();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    let module = Module::new(&engine, GROWING).unwrap();
    let instance = Instance::new(&mut store, &module, &[]);
    (store, instance)
}

#[test]
fn growth_is_refused_above_the_limit() {
    let limits = StoreLimitsBuilder::new().memory_size(3 << 16).table_elements(5).build();
    let (mut store, instance) = limited(limits);
    let instance = instance.unwrap();
    let memory = func::<i32, i32>(&mut store, instance, "grow_memory");
    let table = func::<i32, i32>(&mut store, instance, "grow_table");
    assert_eq!(memory.call(&mut store, 2).unwrap(), 1);
    assert_eq!(memory.call(&mut store, 1).unwrap(), -1);
    assert_eq!(table.call(&mut store, 4).unwrap(), 1);
    assert_eq!(table.call(&mut store, 1).unwrap(), -1);
    // The host is bound by it too, and sees why.
    let error = instance.get_memory(&mut store, "m").unwrap().grow(&mut store, 1).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(ResourceError::Limit { .. })), "{error}");
    assert!(error.to_string().contains("262144 bytes of memory requested"), "{error}");
    assert!(Memory::new(&mut store, MemoryType::new(4, None)).is_err());
}

#[test]
fn growth_can_be_made_to_trap() {
    let limits = StoreLimitsBuilder::new().memory_size(1 << 16).trap_on_grow_failure(true).build();
    let (mut store, instance) = limited(limits);
    let memory = func::<i32, i32>(&mut store, instance.unwrap(), "grow_memory");
    let error = memory.call(&mut store, 1).unwrap_err();
    assert_eq!(error.to_string(), "forcing trap when growing memory to 131072 bytes");
}

#[test]
fn instantiation_is_bound_too() {
    for (limits, words) in [
        (StoreLimitsBuilder::new().memory_size(100), "65536 bytes of memory requested"),
        (StoreLimitsBuilder::new().table_elements(0), "1 table elements requested"),
        (StoreLimitsBuilder::new().instances(0), "1 instances requested, 0 allowed"),
        (StoreLimitsBuilder::new().memories(0), "1 memories requested, 0 allowed"),
        (StoreLimitsBuilder::new().tables(0), "1 tables requested, 0 allowed"),
    ] {
        let (_, instance) = limited(limits.build());
        let error = instance.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// Counts what is asked, and fails at some point.
#[derive(Default)]
struct Watching {
    asked: Vec<(usize, usize, Option<usize>)>,
    fail: bool,
}

impl ResourceLimiter for Watching {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.asked.push((current, desired, maximum));
        if self.fail { Err(Error::msg("no more")) } else { Ok(true) }
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
        Ok(false)
    }
}

#[test]
fn a_limiter_of_ones_own() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Watching::default());
    store.limiter(|data| data);
    let wat = r#"(module (memory 1 3) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, wat).unwrap(), &[]).unwrap();
    let grow = func::<i32, i32>(&mut store, instance, "grow");
    assert_eq!(grow.call(&mut store, 1).unwrap(), 1);
    const PAGE: usize = 1 << 16;
    assert_eq!(store.data().asked, [(0, PAGE, Some(3 * PAGE)), (PAGE, 2 * PAGE, Some(3 * PAGE))]);
    store.data_mut().fail = true;
    assert_eq!(grow.call(&mut store, 1).unwrap_err().to_string(), "no more");
    store.data_mut().fail = false;
    assert_eq!(grow.call(&mut store, 1).unwrap(), 2);
}

#[test]
fn a_panic_of_the_limiter_goes_on_in_the_host() {
    struct Panicking;
    impl ResourceLimiter for Panicking {
        fn memory_growing(&mut self, current: usize, _: usize, _: Option<usize>) -> Result<bool> {
            if current > 0 { panic!("in the limiter") } else { Ok(true) }
        }
        fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool> {
            Ok(true)
        }
    }
    let engine = Engine::default();
    let mut store = Store::new(&engine, Panicking);
    store.limiter(|data| data);
    let instance = Instance::new(&mut store, &Module::new(&engine, GROWING).unwrap(), &[]).unwrap();
    let grow = func::<i32, i32>(&mut store, instance, "grow_memory");
    let run = std::panic::AssertUnwindSafe(|| grow.call(&mut store, 1));
    let payload = std::panic::catch_unwind(run).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"in the limiter"));
}

#[test]
fn without_a_limiter_types_bound_growth() {
    let (mut store, instance) = instance_in(&Engine::default(), GROWING);
    let grow = func::<i32, i32>(&mut store, instance, "grow_memory");
    assert_eq!(grow.call(&mut store, 65536).unwrap(), -1);
    assert_eq!(grow.call(&mut store, -1).unwrap(), -1);
    assert_eq!(grow.call(&mut store, 9).unwrap(), 1);
}
