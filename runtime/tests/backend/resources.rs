//! Growth, limits, fuel and epochs.

use crate::*;
use dayfly_parser::MemoryType;
use dayfly_runtime::builtins;
use dayfly_runtime::instantiate::InstantiateError;
use dayfly_runtime::limits::{ResourceError, StoreLimits, StoreLimitsBuilder};
use dayfly_runtime::store::{EpochAction, FuelDisabled};
use dayfly_runtime::trap::Trap;

const PAGE: usize = 1 << 16;

fn limited(limits: StoreLimitsBuilder) -> Box<StoreOpaque> {
    let mut store = StoreOpaque::new(Shared::new(RuntimeConfig::default()), Box::new(limits.build()));
    store.set_limiter(Some(Box::new(|data| data.downcast_mut::<StoreLimits>().unwrap())));
    store
}

pub unsafe fn grow(vm: *mut Vm, slots: *mut Slot) -> Result<(), Fault> {
    // SAFETY: the module has a memory, and the function one parameter.
    unsafe { *slots = done(vm, builtins::memory_grow(vm, 0, *slots))? };
    Ok(())
}

unsafe fn grow_table(vm: *mut Vm, slots: *mut Slot) -> Result<(), Fault> {
    // SAFETY: the module has a table, and the function one parameter.
    unsafe { *slots = done(vm, builtins::table_grow(vm, 0, *slots, 0))? };
    Ok(())
}

const GROWING: &str = r#"(module
    (memory (export "memory") 1 10) (table (export "table") 1 5 funcref)
    (func (export "grow") (param i64) (result i64) unreachable)
    (func (export "grow-table") (param i64) (result i64) unreachable))"#;

#[test]
fn everybody_sees_a_memory_grow() {
    let mut store = store();
    let owner = instance(&mut store, GROWING, &[grow, grow_table]);
    let memory = memory(&store, owner, "memory");
    let blueprint = blueprint(&store, r#"(module (import "" "m" (memory 1)))"#, &[]);
    let importer = store.instantiate(&blueprint, &[memory.into()]).unwrap();
    let seen = |store: &StoreOpaque, instance: Instance| {
        // SAFETY: the instance is alive.
        unsafe { (*store.instance_vm(instance.id())).mem0 }
    };
    let base = seen(&store, owner).base;
    store.memory_data_mut(memory)[PAGE - 1] = 7;
    assert_eq!(store.memory_grow(memory, 2).unwrap(), 1);
    assert_eq!(call(&mut store, owner, "grow", &[4]).unwrap(), 3);
    for instance in [owner, importer] {
        assert_eq!((seen(&store, instance).base, seen(&store, instance).len), (base, 7 * PAGE));
    }
    let bytes = store.memory_data(memory);
    assert_eq!((bytes.len(), bytes[PAGE - 1]), (7 * PAGE, 7));
    assert!(bytes[PAGE..].iter().all(|b| *b == 0));
    assert_eq!(call(&mut store, owner, "grow", &[4]).unwrap(), builtins::REFUSED);
    assert_eq!(call(&mut store, owner, "grow", &[u64::MAX]).unwrap(), builtins::REFUSED);
    assert_eq!(call(&mut store, owner, "grow", &[0]).unwrap(), 7);
}

#[test]
fn a_table_grows_up_to_its_maximum() {
    let mut store = store();
    let instance = instance(&mut store, GROWING, &[grow, grow_table]);
    assert_eq!(call(&mut store, instance, "grow-table", &[4]).unwrap(), 1);
    assert_eq!(call(&mut store, instance, "grow-table", &[1]).unwrap(), builtins::REFUSED);
    let Some(Extern::Table(table)) = store.instance_export(instance, "table") else { panic!() };
    assert_eq!(store.table_size(table), 5);
    // SAFETY: null is a value of the element type.
    let error = unsafe { store.table_grow_slot(table, 1, 0) }.unwrap_err();
    assert_eq!(error.to_string(), "limit exceeded: 6 table elements requested, 5 allowed");
}

#[test]
fn the_limiter_refuses_or_fails() {
    let mut store = limited(StoreLimitsBuilder::new().memory_size(2 * PAGE));
    let instance = instance(&mut store, GROWING, &[grow, grow_table]);
    assert_eq!(call(&mut store, instance, "grow", &[1]).unwrap(), 1);
    assert_eq!(call(&mut store, instance, "grow", &[1]).unwrap(), builtins::REFUSED);

    let mut store = limited(StoreLimitsBuilder::new().memory_size(2 * PAGE).trap_on_grow_failure(true));
    let instance = crate::instance(&mut store, GROWING, &[grow, grow_table]);
    let failure = call(&mut store, instance, "grow", &[2]).unwrap_err();
    let Fault::Host(error) = failure.fault else { panic!("{failure:?}") };
    assert_eq!(error.to_string(), "forcing trap when growing memory to 196608 bytes");
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let mut store = limited(StoreLimitsBuilder::new().memories(2).instances(2).table_elements(4));
    let wat = r#"(module (memory 1) (table 5 funcref))"#;
    let blueprint = blueprint(&store, wat, &[]);
    for _ in 0..5 {
        let error = store.instantiate(&blueprint, &[]).unwrap_err();
        assert!(matches!(&error, InstantiateError::Resource(ResourceError::Limit { .. })), "{error}");
    }
    let small = crate::blueprint(&store, "(module (memory 1))", &[]);
    store.instantiate(&small, &[]).unwrap();
    store.instantiate(&small, &[]).unwrap();
    let error = store.instantiate(&small, &[]).unwrap_err();
    assert_eq!(error.to_string(), "limit exceeded: 3 instances requested, 2 allowed");
    let error = store.new_memory(MemoryType::new(0, None)).unwrap_err();
    assert_eq!(error.to_string(), "limit exceeded: 3 memories requested, 2 allowed");
}

#[test]
fn a_panic_of_the_limiter_reaches_the_host() {
    let mut store = store();
    let instance = instance(&mut store, GROWING, &[grow, grow_table]);
    store.set_limiter(Some(Box::new(|_| panic!("no limits today"))));
    let call = || call(&mut store, instance, "grow", &[1]);
    let panic = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"no limits today"));
}

#[test]
fn fuel_is_kept_where_it_is_counted() {
    let mut store = store_with(RuntimeConfig { fuel: true, ..RuntimeConfig::default() });
    assert_eq!(store.fuel(), Ok(0));
    store.set_fuel(u64::MAX).unwrap();
    assert_eq!(store.fuel(), Ok(u64::MAX));
    let burn = |store: &mut StoreOpaque, cost| {
        // SAFETY: the block is alive, and nobody else uses it.
        unsafe { (*store.vm_store()).fuel.burn(cost) }
    };
    assert!(burn(&mut store, u32::MAX.into()));
    assert_eq!(store.fuel(), Ok(u64::MAX - u64::from(u32::MAX)));
    store.set_fuel(3).unwrap();
    assert!(burn(&mut store, 3) && burn(&mut store, 0) && !burn(&mut store, 1));
    assert_eq!(store.fuel(), Ok(0));
    store.set_fuel(3).unwrap();
    assert!(!burn(&mut store, 4));
    assert_eq!(store.fuel(), Ok(0));
    let mut store = crate::store();
    assert_eq!((store.fuel(), store.set_fuel(1)), (Err(FuelDisabled), Err(FuelDisabled)));
}

#[test]
fn the_epoch_callback_decides() {
    unsafe fn reached(vm: *mut Vm, slots: *mut Slot) -> Result<(), Fault> {
        // SAFETY: the store is entered, and the function has one result.
        unsafe {
            done(vm, builtins::epoch_reached(vm))?;
            *slots = (*(*vm).store).epoch_deadline;
        }
        Ok(())
    }
    let mut store = store();
    let wat = r#"(module (func (export "run") (result i64) unreachable))"#;
    let instance = instance(&mut store, wat, &[reached]);
    let failure = call(&mut store, instance, "run", &[]).unwrap_err();
    assert!(matches!(failure.fault, Fault::Trap(Trap::Interrupt)));
    let mut times = 0;
    store.set_epoch_callback(Some(Box::new(move |store| {
        times += 1;
        store.shared().increment_epoch();
        if times < 3 { EpochAction::Continue(10) } else { EpochAction::Trap }
    })));
    assert_eq!(call(&mut store, instance, "run", &[]).unwrap(), 11);
    assert_eq!(call(&mut store, instance, "run", &[]).unwrap(), 12);
    assert!(call(&mut store, instance, "run", &[]).is_err());
}
