//! Shared memories: guests of several stores, each on its own thread.

use crate::{engine, func};
use dayfly::{
    Caller, Engine, Extern, Func, Instance, Linker, Memory, MemoryType, Module, Result, SharedMemory, Store,
    StoreLimitsBuilder, Trap, WaitResult,
};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

fn shared(engine: &Engine, min: u64, max: u64) -> SharedMemory {
    let ty = MemoryType { shared: true, ..MemoryType::new(min, Some(max)) };
    SharedMemory::new(engine, ty).unwrap()
}

fn guest(module: &Module, memory: &SharedMemory) -> (Store<()>, Instance) {
    let mut store = Store::new(module.engine(), ());
    let instance = Instance::new(&mut store, module, &[memory.clone().into()]).unwrap();
    (store, instance)
}

fn u32_at(memory: &SharedMemory, offset: usize) -> u32 {
    let mut bytes = [0; 4];
    memory.read(offset, &mut bytes).unwrap();
    u32::from_le_bytes(bytes)
}

#[test]
fn additions_of_all_threads_are_counted() {
    const THREADS: u32 = 4;
    const ROUNDS: u32 = 20_000;
    let engine = Engine::default();
    let text = r#"(module
        (import "" "memory" (memory 1 1 shared))
        (func (export "add") (param $n i32)
            (loop $again
                (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
                (drop (i64.atomic.rmw.sub (i32.const 8) (i64.const 3)))
                (drop (i32.atomic.rmw8.add_u offset=16 (i32.const 1) (i32.const 1)))
                (drop (i64.atomic.rmw16.xor_u offset=18 (i32.const 0) (i64.const 0x5555)))
                ;; An addition by compare and exchange.
                (loop $retry (local.set $old (i32.load (i32.const 20)))
                    (br_if $retry (i32.ne (local.get $old)
                        (i32.atomic.rmw.cmpxchg (i32.const 20) (local.get $old)
                            (i32.add (local.get $old) (i32.const 2))))))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#;
    let text = text.replace("(param $n i32)", "(param $n i32) (local $old i32)");
    let module = Module::new(&engine, text).unwrap();
    let memory = shared(&engine, 1, 1);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let (mut store, instance) = guest(&module, &memory);
                func::<u32, ()>(&mut store, instance, "add").call(&mut store, ROUNDS).unwrap();
            });
        }
    });
    const TOTAL: u32 = THREADS * ROUNDS;
    let mut bytes = [0; 24];
    memory.read(0, &mut bytes).unwrap();
    assert_eq!(bytes[..4], TOTAL.to_le_bytes());
    assert_eq!(bytes[8..16], (-3 * i64::from(TOTAL)).to_le_bytes());
    assert_eq!(bytes[16..20], [0, TOTAL as u8, 0, 0]);
    assert_eq!(bytes[20..], (2 * TOTAL).to_le_bytes());
}

/// Takes a lock in memory by waiting for it, so that plain accesses do not race.
#[test]
fn a_lock_of_wait_and_notify_excludes() {
    const THREADS: u32 = 3;
    const ROUNDS: u32 = 2_000;
    let engine = Engine::default();
    let text = r#"(module
        (import "" "memory" (memory 1 1 shared))
        (func $lock (loop $retry
            (if (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1))
                (then
                    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 1) (i64.const -1)))
                    (br $retry)))))
        (func $unlock
            (i32.atomic.store (i32.const 0) (i32.const 0))
            (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
        (func (export "run") (param $n i32)
            (loop $again
                (call $lock)
                (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
                (i64.store (i32.const 72) (i64.add (i64.load (i32.const 72)) (i64.const 5)))
                (call $unlock)
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#;
    let module = Module::new(&engine, text).unwrap();
    let memory = shared(&engine, 1, 1);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let (mut store, instance) = guest(&module, &memory);
                func::<u32, ()>(&mut store, instance, "run").call(&mut store, ROUNDS).unwrap();
            });
        }
    });
    assert_eq!((u32_at(&memory, 64), u32_at(&memory, 72)), (THREADS * ROUNDS, 5 * THREADS * ROUNDS));
}

/// Growth is made known to one instance after the other; a thread that has seen it
/// must be able to use it at once.
#[test]
fn what_is_seen_to_have_grown_can_be_used() {
    const PAGES: u64 = 300;
    let engine = Engine::default();
    let text = r#"(module
        (import "" "memory" (memory 1 300 shared))
        (func (export "grow") (result i32) (memory.grow (i32.const 1)))
        (func (export "follow") (local $size i32)
            (loop $again
                (local.set $size (memory.size))
                (i32.store8 (i32.sub (i32.mul (local.get $size) (i32.const 65536)) (i32.const 1))
                    (local.get $size))
                (drop (i32.atomic.load (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4))))
                (memory.fill (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 2))
                    (i32.const 0xee) (i32.const 2))
                (br_if $again (i32.lt_u (local.get $size) (i32.const 300))))))"#;
    let module = Module::new(&engine, text).unwrap();
    let memory = shared(&engine, 1, PAGES);
    let ready = Barrier::new(3);
    thread::scope(|scope| {
        let follow = || {
            let (mut store, _) = guest(&module, &memory);
            // Many instances make the time longer in which only some know of growth.
            let imports = [memory.clone().into()];
            let instances: Vec<_> =
                (0..4000).map(|_| Instance::new(&mut store, &module, &imports).unwrap()).collect();
            let follow = func::<(), ()>(&mut store, *instances.last().unwrap(), "follow");
            ready.wait();
            follow.call(&mut store, ())
        };
        let followers = [scope.spawn(follow), scope.spawn(follow)];
        let (mut store, instance) = guest(&module, &memory);
        let grow = func::<(), u32>(&mut store, instance, "grow");
        ready.wait();
        for pages in 1..PAGES {
            assert_eq!(u64::from(grow.call(&mut store, ()).unwrap()), pages);
        }
        assert_eq!(grow.call(&mut store, ()).unwrap(), u32::MAX);
        for follower in followers {
            follower.join().unwrap().unwrap();
        }
    });
    assert_eq!(memory.size(), PAGES);
}

#[test]
fn the_host_waits_and_notifies_too() {
    let engine = Engine::default();
    let memory = shared(&engine, 1, 1);
    let start = Instant::now();
    let timeout = Duration::from_millis(20);
    assert_eq!(memory.atomic_wait64(8, 0, Some(timeout)), Ok(WaitResult::TimedOut));
    assert!(start.elapsed() >= timeout);
    assert_eq!(memory.atomic_wait64(8, 1, None), Ok(WaitResult::Mismatch));
    assert_eq!(memory.atomic_wait64(4, 0, None), Err(Trap::UnalignedAtomic));
    assert_eq!(memory.atomic_notify(1 << 16, 1), Err(Trap::MemoryOutOfBounds));
    let text = r#"(module
        (import "" "memory" (memory 1 1 shared))
        (func (export "wait") (result i32) (memory.atomic.wait64 (i32.const 8) (i64.const 0) (i64.const -1))))"#;
    let module = Module::new(&engine, text).unwrap();
    thread::scope(|scope| {
        let waiting = [(); 3].map(|()| {
            scope.spawn(|| {
                let (mut store, instance) = guest(&module, &memory);
                func::<(), u32>(&mut store, instance, "wait").call(&mut store, ()).unwrap()
            })
        });
        let mut woken = 0;
        while woken < 3 {
            woken += memory.atomic_notify(8, u32::MAX).unwrap();
            thread::yield_now();
        }
        assert_eq!(waiting.map(|thread| thread.join().unwrap()), [0; 3]);
    });
}

#[test]
fn a_waiting_guest_is_interrupted() {
    let engine = engine(|c| c.epoch_interruption(true));
    let text = r#"(module
        (import "" "memory" (memory 1 1 shared))
        (func (export "wait") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))"#;
    let module = Module::new(&engine, text).unwrap();
    let (mut store, instance) = guest(&module, &shared(&engine, 1, 1));
    store.set_epoch_deadline(1);
    let done = AtomicBool::new(false);
    let error = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(20));
            engine.increment_epoch();
            let late = Instant::now() + Duration::from_secs(20);
            while !done.load(Ordering::Relaxed) {
                assert!(Instant::now() < late, "the guest waits on");
                thread::yield_now();
            }
        });
        let error = func::<(), u32>(&mut store, instance, "wait").call(&mut store, ()).unwrap_err();
        done.store(true, Ordering::Relaxed);
        error
    });
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt));
}

#[test]
fn a_linker_gives_a_shared_memory_to_every_store() {
    let engine = Engine::default();
    let memory = shared(&engine, 1, 1);
    let mut linker = Linker::<()>::new(&engine);
    linker.define(&Store::new(&engine, ()), "env", "memory", memory.clone()).unwrap();
    let peek = |mut caller: Caller<'_, ()>| -> u32 {
        assert!(caller.get_export("memory").unwrap().into_memory().is_none());
        let memory = caller.get_export("memory").and_then(Extern::into_shared_memory).unwrap();
        u32_at(&memory, 4)
    };
    linker.func_wrap("env", "peek", peek).unwrap();
    let text = r#"(module
        (import "env" "memory" (memory 1 1 shared)) (export "memory" (memory 0))
        (import "env" "peek" (func $peek (result i32)))
        (func (export "next") (result i32)
            (i32.store (i32.const 4) (i32.add (i32.load (i32.const 4)) (i32.const 1)))
            (call $peek)))"#;
    let module = Module::new(&engine, text).unwrap();
    let linked = linker.instantiate_pre(&module).unwrap();
    for expected in 1..4 {
        let mut store = Store::new(&engine, ());
        let instance = linked.instantiate(&mut store).unwrap();
        assert_eq!(instance.get_shared_memory(&mut store, "memory"), Some(memory.clone()));
        assert!(instance.get_memory(&mut store, "memory").is_none());
        assert_eq!(func::<(), u32>(&mut store, instance, "next").call(&mut store, ()).unwrap(), expected);
    }
}

#[test]
fn kinds_of_memory_are_not_mixed_up() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = MemoryType { shared: true, ..MemoryType::new(1, Some(2)) };
    let error = Memory::new(&mut store, ty).unwrap_err();
    assert_eq!(format!("{error:#}"), "invalid memory type: it is shared: use `SharedMemory::new`");
    let error = SharedMemory::new(&engine, MemoryType::new(1, Some(2))).unwrap_err();
    assert_eq!(format!("{error:#}"), "invalid memory type: it is not shared: use `Memory::new`");
    let error = SharedMemory::new(&engine, MemoryType { max: None, ..ty }).unwrap_err();
    assert_eq!(format!("{error:#}"), "invalid memory type: a shared memory needs a maximum");
    let private: Extern = Memory::new(&mut store, MemoryType::new(1, Some(2)))?.into();
    let shared = SharedMemory::new(&engine, ty)?;
    assert_eq!((shared.ty(), shared.page_size(), shared.data_size()), (ty, 1 << 16, 1 << 16));
    let of_shared = Module::new(&engine, r#"(module (import "" "m" (memory 1 2 shared)))"#)?;
    let of_private = Module::new(&engine, r#"(module (import "" "m" (memory 1 2)))"#)?;
    for (module, item) in [(&of_shared, &private), (&of_private, &shared.into())] {
        let error = Instance::new(&mut store, module, std::slice::from_ref(item)).unwrap_err();
        assert!(error.to_string().starts_with("incompatible import type"), "{error}");
    }
    Ok(())
}

#[test]
fn growth_by_a_guest_is_limited() {
    let engine = Engine::default();
    let text = r#"(module
        (import "" "memory" (memory 1 9 shared))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;
    let module = Module::new(&engine, text).unwrap();
    let memory = shared(&engine, 1, 9);
    let mut store = Store::new(&engine, StoreLimitsBuilder::new().memory_size(3 << 16).build());
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, &module, &[memory.clone().into()]).unwrap();
    let grow = func::<i32, i32>(&mut store, instance, "grow");
    assert_eq!(grow.call(&mut store, 3).unwrap(), -1);
    assert_eq!(grow.call(&mut store, 2).unwrap(), 1);
    assert_eq!(memory.grow(5).unwrap(), 3);
    assert_eq!(grow.call(&mut store, 1).unwrap(), -1);
    assert_eq!(grow.call(&mut store, 0).unwrap(), 8);
}

/// A host function may block on what another guest does.
#[test]
fn threads_that_the_host_starts_for_a_guest() {
    let engine = Engine::default();
    let text = r#"(module
        (import "" "memory" (memory i64 1 1 shared))
        (import "" "start" (func $start (param i32)))
        (func (export "main") (result i32)
            (call $start (i32.const 1))
            (call $start (i32.const 2))
            (loop $wait
                (drop (memory.atomic.wait32 offset=8 (i64.const 0) (i32.const 0) (i64.const 1000000)))
                (br_if $wait (i32.lt_u (i32.atomic.load offset=8 (i64.const 0)) (i32.const 2))))
            (i32.atomic.load (i64.const 0)))
        (func (export "thread") (param i32)
            (drop (i32.atomic.rmw.or (i64.const 0) (i32.shl (i32.const 1) (local.get 0))))
            (drop (i32.atomic.rmw.add (i64.const 8) (i32.const 1)))
            (drop (memory.atomic.notify (i64.const 8) (i32.const -1)))))"#;
    let module = Module::new(&engine, text).unwrap();
    let ty = MemoryType { shared: true, memory64: true, ..MemoryType::new(1, Some(1)) };
    let memory = SharedMemory::new(&engine, ty).unwrap();
    let mut linker = Linker::<()>::new(&engine);
    let mut store = Store::new(&engine, ());
    linker.define(&store, "", "memory", memory.clone()).unwrap();
    let of_thread = module.clone();
    linker
        .func_wrap("", "start", move |n: i32| {
            let (engine, module, memory) = (of_thread.engine().clone(), of_thread.clone(), memory.clone());
            thread::spawn(move || {
                let mut store = Store::new(&engine, ());
                let start = Func::wrap(&mut store, |_: i32| {});
                let instance = Instance::new(&mut store, &module, &[memory.into(), start.into()]).unwrap();
                func::<i32, ()>(&mut store, instance, "thread").call(&mut store, n).unwrap();
            });
        })
        .unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    assert_eq!(func::<(), u32>(&mut store, instance, "main").call(&mut store, ()).unwrap(), 6);
}
