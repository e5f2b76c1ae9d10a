//! Memories that stores share: linking, growth, waiting and notifying.

use crate::*;
use core::sync::atomic::AtomicBool;
use dayfly_parser::{MemoryIdx, MemoryType};
use dayfly_runtime::builtins;
use dayfly_runtime::limits::{StoreLimits, StoreLimitsBuilder};
use dayfly_runtime::memory::SharedMemory;
use dayfly_runtime::store::EpochAction;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::VmMemory;
use std::thread;

const PAGE: usize = 1 << 16;

/// An engine as far as the runtime needs one.
struct Engine(Arc<Shared>);

impl AsRef<Arc<Shared>> for Engine {
    fn as_ref(&self) -> &Arc<Shared> {
        &self.0
    }
}

fn store_of(engine: &Arc<Shared>) -> Box<StoreOpaque> {
    StoreOpaque::new(engine.clone(), Box::new(()))
}

fn shared_memory(engine: &Arc<Shared>, min: u64, max: u64) -> SharedMemory {
    let ty = MemoryType { shared: true, ..MemoryType::new(min, Some(max)) };
    SharedMemory::new(&Engine(engine.clone()), ty).unwrap()
}

/// An instance that imports a memory.
fn importer(store: &mut StoreOpaque, wat: &str, memory: &SharedMemory, bodies: &'static [Body]) -> Instance {
    let blueprint = blueprint(store, wat, bodies);
    store.instantiate(&blueprint, &[memory.clone().into()]).unwrap()
}

fn seen(store: &StoreOpaque, instance: Instance, memory: u32) -> VmMemory {
    let offset = store.instance_blueprint(instance.id()).shape().layout().memory(MemoryIdx(memory));
    // SAFETY: the instance is alive and has so many memories.
    unsafe { VmMemory::read(dayfly_runtime::vm::field(store.instance_vm(instance.id()), offset)) }
}

const IMPORT: &str = r#"(module
    (import "" "m" (memory 1 8 shared)) (export "m" (memory 0))
    (func (export "wait") (param i64 i32 i64) (result i32) unreachable)
    (func (export "notify") (param i64 i32) (result i32) unreachable))"#;

unsafe fn wait(vm: *mut Vm, slots: *mut Slot) -> Result<(), Fault> {
    // SAFETY: the module has a memory, and the function three parameters.
    unsafe {
        let (address, expected, timeout) = (*slots, *slots.add(1) as u32, *slots.add(2) as i64);
        *slots = done(vm, builtins::memory_atomic_wait32(vm, 0, address, 0, expected, timeout))?.into();
    }
    Ok(())
}

unsafe fn notify(vm: *mut Vm, slots: *mut Slot) -> Result<(), Fault> {
    // SAFETY: the module has a memory, and the function two parameters.
    unsafe { *slots = builtins::memory_atomic_notify(vm, 0, *slots, 0, *slots.add(1) as u32)?.into() };
    Ok(())
}

#[test]
fn all_stores_see_growth() {
    let engine = Shared::new(RuntimeConfig::default());
    let memory = shared_memory(&engine, 1, 8);
    let mut stores = [store_of(&engine), store_of(&engine)];
    let instances = stores.each_mut().map(|store| importer(store, IMPORT, &memory, &[wait, notify]));
    let lens = || [0, 1].map(|n| seen(&stores[n], instances[n], 0).len);
    assert_eq!(lens(), [PAGE; 2]);
    assert_eq!(memory.grow(2).unwrap(), 1);
    assert_eq!(lens(), [3 * PAGE; 2]);
    assert_eq!(seen(&stores[0], instances[0], 0).base, seen(&stores[1], instances[1], 0).base);
    drop(stores);
    assert_eq!(memory.grow(1).unwrap(), 3);
    assert!(memory.grow(5).is_err());
    assert_eq!((memory.size(), memory.ty().min, memory.ty().max), (4, 4, Some(8)));
}

#[test]
fn an_export_is_the_same_memory() {
    let engine = Shared::new(RuntimeConfig::default());
    let (mut first, mut second) = (store_of(&engine), store_of(&engine));
    let wat = r#"(module (memory (export "m") 1 2 shared) (data (i32.const 3) "data"))"#;
    let blueprint = blueprint(&first, wat, &[]);
    let owners = [(); 2].map(|()| first.instantiate(&blueprint, &[]).unwrap());
    let [memory, other] = owners.map(|owner| match first.instance_export(owner, "m") {
        Some(Extern::SharedMemory(memory)) => memory,
        found => panic!("{found:?}"),
    });
    assert_ne!(memory, other);
    let read = |memory: &SharedMemory| {
        let mut bytes = [0; 4];
        memory.read(3, &mut bytes).unwrap();
        bytes
    };
    memory.write(3, b"else").unwrap();
    assert_eq!((read(&memory), read(&other)), (*b"else", *b"data"));
    let wat = r#"(module (import "" "m" (memory 1 2 shared)) (export "again" (memory 0))
        (data (i32.const 5) "!"))"#;
    for store in [&mut first, &mut second] {
        memory.write(3, b"else").unwrap();
        let instance = importer(store, wat, &memory, &[]);
        assert_eq!(store.instance_export(instance, "again"), Some(memory.clone().into()));
        assert_eq!(read(&memory), *b"el!e");
    }
    // It outlives the store that made it.
    drop(first);
    assert_eq!(read(&memory), *b"el!e");
}

#[test]
fn types_are_checked() {
    let engine = Shared::new(RuntimeConfig::default());
    let mut store = store_of(&engine);
    let new = |ty| SharedMemory::new(&Engine(engine.clone()), ty).unwrap_err().to_string();
    assert_eq!(new(MemoryType::new(1, Some(1))), "invalid memory type");
    assert_eq!(new(MemoryType { shared: true, ..MemoryType::new(1, None) }), "invalid memory type");
    let memory = shared_memory(&engine, 1, 2);
    for wat in [
        r#"(module (import "" "m" (memory 1 2)))"#,
        r#"(module (import "" "m" (memory 1 1 shared)))"#,
        r#"(module (import "" "m" (memory 2 2 shared)))"#,
        r#"(module (import "" "m" (memory i64 1 2 shared)))"#,
    ] {
        let blueprint = blueprint(&store, wat, &[]);
        assert!(store.instantiate(&blueprint, &[memory.clone().into()]).is_err(), "{wat}");
    }
    memory.grow(1).unwrap();
    importer(&mut store, r#"(module (import "" "m" (memory 2 2 shared)))"#, &memory, &[]);
}

#[test]
#[should_panic(expected = "shared memory and store are of different engines")]
fn engines_are_told_apart() {
    let memory = shared_memory(&Shared::new(RuntimeConfig::default()), 1, 8);
    importer(&mut store(), IMPORT, &memory, &[wait, notify]);
}

#[test]
fn limits_count_what_a_store_makes() {
    let limits = StoreLimitsBuilder::new().memory_size(2 * PAGE).memories(2).build();
    let mut store = StoreOpaque::new(Shared::new(RuntimeConfig::default()), Box::new(limits));
    store.set_limiter(Some(Box::new(|data| data.downcast_mut::<StoreLimits>().unwrap())));
    let wat = r#"(module (memory (export "m") 1 8 shared) (func (export "grow") (param i64) (result i64)
        unreachable))"#;
    let instance = instance(&mut store, wat, &[resources::grow]);
    assert_eq!(call(&mut store, instance, "grow", &[1]).unwrap(), 1);
    assert_eq!(call(&mut store, instance, "grow", &[1]).unwrap(), builtins::REFUSED);
    let Some(Extern::SharedMemory(memory)) = store.instance_export(instance, "m") else { panic!() };
    memory.grow(3).unwrap();
    let wat = r#"(module (import "" "a" (memory 1 8 shared)) (import "" "b" (memory 1 8 shared)))"#;
    let blueprint = blueprint(&store, wat, &[]);
    let engine = store.shared().clone();
    let mut link = |others: [&SharedMemory; 2]| {
        store.instantiate(&blueprint, &others.map(|memory| memory.clone().into())).map(|_| ())
    };
    let (second, third) = (shared_memory(&engine, 1, 8), shared_memory(&engine, 1, 8));
    link([&memory, &memory]).unwrap();
    link([&memory, &second]).unwrap();
    link([&second, &memory]).unwrap();
    let error = link([&memory, &third]).unwrap_err();
    assert_eq!(error.to_string(), "limit exceeded: 3 memories requested, 2 allowed");
}

#[test]
fn waiting_ends_by_notification_or_time() {
    let engine = Shared::new(RuntimeConfig::default());
    let memory = shared_memory(&engine, 1, 8);
    let entered = |args: [Slot; 3]| {
        let mut store = store_of(&engine);
        let instance = importer(&mut store, IMPORT, &memory, &[wait, notify]);
        call(&mut store, instance, "wait", &args)
    };
    let trap = |args| match entered(args).unwrap_err().fault {
        Fault::Trap(trap) => trap,
        fault => panic!("{fault:?}"),
    };
    assert_eq!(entered([8, 1, u64::MAX]).unwrap(), 1);
    assert_eq!(entered([8, 0, 1_000_000]).unwrap(), 2);
    assert_eq!(trap([2, 0, 0]), Trap::UnalignedAtomic);
    assert_eq!(trap([PAGE as u64, 0, 0]), Trap::MemoryOutOfBounds);
    assert_eq!(trap([!3, 0, 0]), Trap::MemoryOutOfBounds);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| entered([8, 0, u64::MAX]).unwrap());
        let mut store = store_of(&engine);
        let instance = importer(&mut store, IMPORT, &memory, &[wait, notify]);
        while call(&mut store, instance, "notify", &[8, 1]).unwrap() == 0 {
            thread::yield_now();
        }
        assert_eq!(waiting.join().unwrap(), 0);
        assert_eq!(call(&mut store, instance, "notify", &[8, 1]).unwrap(), 0);
    });
}

#[test]
fn nobody_waits_on_a_memory_of_one_store() {
    let mut store = store();
    let wat = r#"(module (memory 1)
        (func (export "wait") (param i64 i32 i64) (result i32) unreachable)
        (func (export "notify") (param i64 i32) (result i32) unreachable))"#;
    let instance = instance(&mut store, wat, &[wait, notify]);
    let failure = call(&mut store, instance, "wait", &[0, 1, 0]).unwrap_err();
    assert!(matches!(failure.fault, Fault::Trap(Trap::ExpectedSharedMemory)));
    assert_eq!(call(&mut store, instance, "notify", &[0, 1]).unwrap(), 0);
    let failure = call(&mut store, instance, "notify", &[PAGE as u64, 1]).unwrap_err();
    assert!(matches!(failure.fault, Fault::Trap(Trap::MemoryOutOfBounds)));
}

#[test]
fn the_epoch_interrupts_a_wait() {
    let engine = Shared::new(RuntimeConfig { epoch_interruption: true, ..RuntimeConfig::default() });
    let memory = shared_memory(&engine, 1, 8);
    let mut store = store_of(&engine);
    let instance = importer(&mut store, IMPORT, &memory, &[wait, notify]);
    let mut extended = false;
    store.set_epoch_callback(Some(Box::new(move |_| {
        let first = !core::mem::replace(&mut extended, true);
        if first { EpochAction::Continue(1) } else { EpochAction::Trap }
    })));
    store.set_epoch_deadline(1);
    let done = AtomicBool::new(false);
    let failure = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                engine.increment_epoch();
                thread::yield_now();
            }
        });
        let failure = call(&mut store, instance, "wait", &[0, 0, u64::MAX]).unwrap_err();
        done.store(true, Ordering::Relaxed);
        failure
    });
    assert!(matches!(failure.fault, Fault::Trap(Trap::Interrupt)));
    assert_eq!(memory.atomic_notify(0, 1), Ok(0));
}
