//! Memories from outside and from host functions.

use crate::{func, instance};
use dayfly::{Caller, Engine, Func, Instance, Memory, MemoryType, Module, Store};

#[test]
fn host_and_guest_see_the_same_bytes() {
    let (mut store, instance) = instance(
        r#"(module (memory (export "m") 1 2)
            (data (i32.const 3) "data")
            (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
            (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#,
    );
    let memory = instance.get_memory(&mut store, "m").unwrap();
    assert_eq!(memory.ty(&store), MemoryType::new(1, Some(2)));
    assert_eq!(&memory.data(&store)[2..8], b"\0data\0");
    memory.data_mut(&mut store)[3] = b'D';
    let load = func::<i32, i32>(&mut store, instance, "load");
    assert_eq!(load.call(&mut store, 3).unwrap(), i32::from(b'D'));
    func::<(i32, i32), ()>(&mut store, instance, "store").call(&mut store, (65535, 7)).unwrap();
    assert_eq!(memory.data(&store)[65535], 7);

    assert_eq!(func::<i32, i32>(&mut store, instance, "grow").call(&mut store, 1).unwrap(), 1);
    assert_eq!((memory.size(&store), memory.data_size(&store)), (2, 2 << 16));
    assert_eq!(memory.ty(&store), MemoryType::new(2, Some(2)));
    assert!(memory.grow(&mut store, 1).is_err());
    assert_eq!(load.call(&mut store, 65536).unwrap(), 0);
}

#[test]
fn reads_and_writes_are_all_or_nothing() {
    let mut store = Store::new(&Engine::default(), ());
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    memory.write(&mut store, 65532, &[1, 2, 3, 4]).unwrap();
    assert!(memory.write(&mut store, 65533, &[9, 9, 9, 9]).is_err());
    let mut buffer = [0; 4];
    memory.read(&store, 65532, &mut buffer).unwrap();
    assert_eq!(buffer, [1, 2, 3, 4]);
    assert!(memory.read(&store, usize::MAX, &mut buffer).is_err());
    assert!(memory.read(&store, 65536, &mut []).is_ok());
    assert_eq!(memory.read(&store, 65537, &mut []).unwrap_err().to_string(), "out of bounds memory access");
}

#[test]
fn a_caller_reads_and_changes_the_guests_memory() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0u64);
    let sum = Func::wrap(&mut store, |mut caller: Caller<'_, u64>, at: u32, len: u32| {
        let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
        assert!(caller.get_export("nothing").is_none());
        let (bytes, total) = memory.data_and_store_mut(&mut caller);
        for byte in &mut bytes[at as usize..][..len as usize] {
            *total += u64::from(*byte);
            *byte = 0;
        }
    });
    let module = Module::new(
        &engine,
        r#"(module (import "" "sum" (func $sum (param i32 i32)))
            (memory (export "memory") 1) (data (i32.const 0) "\01\02\03\04")
            (func (export "run") (result i32) (call $sum (i32.const 1) (i32.const 2)) (i32.load (i32.const 0))))"#,
    )
    .unwrap();
    let instance = Instance::new(&mut store, &module, &[sum.into()]).unwrap();
    let run = func::<(), u32>(&mut store, instance, "run");
    assert_eq!(run.call(&mut store, ()).unwrap(), 0x0400_0001);
    assert_eq!(*store.data(), 5);
}

#[test]
fn a_memory_grown_by_the_host_during_a_call_is_seen_by_the_guest() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let grow = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| {
        let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
        memory.grow(&mut caller, 1).unwrap();
        memory.data_mut(&mut caller)[65536] = 42;
    });
    let module = Module::new(
        &engine,
        r#"(module (import "" "grow" (func $grow)) (memory (export "memory") 1)
            (func (export "run") (result i32) (call $grow) (i32.load8_u (i32.const 65536))))"#,
    )
    .unwrap();
    let instance = Instance::new(&mut store, &module, &[grow.into()]).unwrap();
    assert_eq!(func::<(), i32>(&mut store, instance, "run").call(&mut store, ()).unwrap(), 42);
}

#[test]
fn types_of_memories_are_checked() {
    let mut store = Store::new(&Engine::default(), ());
    let mut error = |ty| format!("{:#}", Memory::new(&mut store, ty).unwrap_err());
    assert_eq!(error(MemoryType::new(2, Some(1))), "invalid memory type: the maximum is below the minimum");
    assert!(error(MemoryType::new(65537, None)).contains("above what its addresses can reach"));
    let odd = MemoryType { page_size_log2: 12, ..MemoryType::new(1, None) };
    assert!(error(odd).contains("pages are of 1 or 65536 bytes"));
    let shared = MemoryType { shared: true, ..MemoryType::new(1, None) };
    assert!(error(shared).contains("needs a maximum"));
}

#[test]
fn an_empty_memory_is_empty() {
    let mut store = Store::new(&Engine::default(), ());
    let memory = Memory::new(&mut store, MemoryType::new(0, None)).unwrap();
    assert!(memory.data(&store).is_empty());
    assert!(memory.data_mut(&mut store).is_empty());
    assert_eq!(memory.grow(&mut store, 1).unwrap(), 0);
    assert_eq!(memory.data(&store).len(), 1 << 16);
}

#[test]
fn memories_of_bytes_and_of_64_bits() {
    let (mut store, instance) = instance(
        r#"(module
            (memory (export "small") 3 5 (pagesize 1))
            (memory (export "wide") i64 1)
            (func (export "grow") (result i32) (memory.grow 0 (i32.const 2)))
            (func (export "load") (param i64) (result i64) (i64.load 1 (local.get 0))))"#,
    );
    let small = instance.get_memory(&mut store, "small").unwrap();
    assert_eq!((small.page_size(&store), small.data_size(&store)), (1, 3));
    assert_eq!(func::<(), i32>(&mut store, instance, "grow").call(&mut store, ()).unwrap(), 3);
    assert_eq!(small.data(&store), [0; 5]);
    let wide = instance.get_memory(&mut store, "wide").unwrap();
    wide.write(&mut store, 8, &77u64.to_le_bytes()).unwrap();
    let load = func::<i64, i64>(&mut store, instance, "load");
    assert_eq!(load.call(&mut store, 8).unwrap(), 77);
    assert!(load.call(&mut store, -1).is_err());
}
