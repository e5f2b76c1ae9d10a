//! The operators of the GC heap as code calls them, with frames whose roots are
//! made by hand; constant expressions; everything that is a root.

use super::{Body, blueprint, call, done, instance, store_with};
use dayfly_parser::{HeapType, RefType, TagIdx, TypeIdx};
use dayfly_runtime::builtins;
use dayfly_runtime::config::RuntimeConfig;
use dayfly_runtime::fault::Fault;
use dayfly_runtime::gc::{EncodedRefType, Storage};
use dayfly_runtime::store::{InstanceId, StoreOpaque};
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Activation, ActivationKind, Frame, Slot, Vm, VmStore, VmTag, field};

/// The slots of a frame, as an engine would keep them.
#[repr(C)]
struct HandMade {
    activation: Activation,
    slots: [Slot; 8],
    /// How many of the slots, from the first on, hold references to the GC heap.
    references: usize,
}

unsafe fn no_frames(_: *const Activation, _: *mut VmStore, _: &mut dyn FnMut(Frame) -> bool) {}

unsafe fn first_slots(this: *const Activation, each: &mut dyn FnMut(*mut Slot)) {
    // SAFETY: all activations here begin a `HandMade`.
    unsafe {
        let this = this.cast::<HandMade>().cast_mut();
        let slots = (&raw mut (*this).slots).cast::<Slot>();
        (0..(*this).references).for_each(|n| each(slots.add(n)));
    }
}

static KIND: ActivationKind = ActivationKind { walk: no_frames, roots: first_slots };

/// Runs with a frame, of whose slots the first are roots.
///
/// # Safety
/// The store is entered and not borrowed; the slots that are roots hold references.
unsafe fn with_frame<R>(vm: *mut Vm, references: usize, run: impl FnOnce(*mut Slot) -> R) -> R {
    // SAFETY: the activation is linked while it is alive.
    unsafe {
        let vm_store = (*vm).store;
        let prev = (*vm_store).activation;
        let activation = Activation { prev, kind: &KIND };
        let mut frame = HandMade { activation, slots: [0; 8], references };
        let frame = &raw mut frame;
        (*vm_store).activation = frame.cast();
        let result = run((&raw mut (*frame).slots).cast());
        (*vm_store).activation = prev;
        result
    }
}

/// The canonical id of a type of the module.
unsafe fn ty(vm: *mut Vm, index: u32) -> u32 {
    // SAFETY: the instance is alive.
    unsafe { builtins::blueprint(vm).shape().type_id(TypeIdx(index)).0 }
}

/// Reads an element or field as code does.
unsafe fn read<T: Copy>(vm: *mut Vm, object: Slot, offset: usize) -> T {
    // SAFETY: the callers read what is inside of an object of this heap.
    unsafe { (*(*vm).store).gc_base.add(object as usize + offset).cast::<T>().read() }
}

/// Makes garbage, so that everything moves under torture.
unsafe fn churn(vm: *mut Vm, ty: u32) {
    // SAFETY: the type is a structure's.
    unsafe { builtins::struct_new(vm, ty, core::ptr::null()) }.unwrap();
}

fn torture() -> Box<StoreOpaque> {
    store_with(RuntimeConfig { gc_torture: true, ..RuntimeConfig::default() })
}

/// Runs a body in an instance of a module whose only own function is "run".
fn run(store: &mut StoreOpaque, wat: &str, bodies: &'static [Body]) {
    // Data segments that no code names are never kept.
    let names_data = if wat.contains("(data") { "(data.drop 0)" } else { "" };
    let wat = format!("(module {wat} (func (export \"run\") {names_data} unreachable))");
    let instance = instance(store, &wat, bodies);
    call(store, instance, "run", &[]).unwrap();
}

#[test]
fn arrays_of_each_storage() {
    unsafe fn body(vm: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        let value: [Slot; 2] = [0x8877_6655_4433_2211, 0x1234_5678_9abc_def1];
        for (index, bytes) in [1usize, 2, 4, 8, 4, 8, 16].into_iter().enumerate() {
            // SAFETY: the slots of the frame are roots while they hold references.
            unsafe {
                let ty = ty(vm, index as u32);
                with_frame(vm, 2, |slots| -> Result<(), Fault> {
                    *slots = done(vm, builtins::array_new(vm, ty, value.as_ptr(), 5))?.into();
                    *slots.add(1) = done(vm, builtins::array_new(vm, ty, core::ptr::null(), 5))?.into();
                    assert_eq!(read::<u32>(vm, *slots, 4), 5);
                    let contents = |n: usize| -> Vec<u8> {
                        (0..5 * bytes).map(|at| read(vm, *slots.add(n), 8 + at)).collect()
                    };
                    let element = &value.map(Slot::to_le_bytes).concat()[..bytes];
                    assert_eq!(contents(0), element.repeat(5));
                    assert_eq!(contents(1), vec![0; 5 * bytes]);
                    let [full, empty] = [*slots as u32, *slots.add(1) as u32];
                    // Copies overlap in both directions.
                    builtins::array_copy(vm, ty, empty, 1, ty, full, 0, 2)?;
                    builtins::array_copy(vm, ty, empty, 2, ty, empty, 1, 3)?;
                    builtins::array_copy(vm, ty, empty, 0, ty, empty, 1, 2)?;
                    let zero = vec![0; bytes];
                    assert_eq!(contents(1), [element, element, element, element, &zero].concat());
                    builtins::array_fill(vm, ty, full, 1, [0, 0].as_ptr(), 3)?;
                    assert_eq!(contents(0), [element, &zero, &zero, &zero, element].concat());
                    builtins::array_init_data(vm, ty, full, 0, 3, 1, 2)?;
                    let data: Vec<u8> = (1..=2 * bytes as u8).collect();
                    assert_eq!(contents(0)[3 * bytes..], data);
                    *slots = done(vm, builtins::array_new_data(vm, ty, 0, 1, 2))?.into();
                    assert_eq!(read::<u32>(vm, *slots, 4), 2);
                    let bytes: Vec<u8> = (0..2 * bytes).map(|at| read(vm, *slots, 8 + at)).collect();
                    assert_eq!(bytes, data);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
    let data: String = (0..40).map(|n| format!("\\{n:02x}")).collect();
    let types = "(type (array (mut i8))) (type (array (mut i16))) (type (array (mut i32)))
        (type (array (mut i64))) (type (array (mut f32))) (type (array (mut f64))) (type (array (mut v128)))";
    let wat = format!("{types} (data \"{data}\") (type (func)) (memory 0)");
    run(&mut store_with(RuntimeConfig::default()), &wat, &[body]);
    run(&mut torture(), &wat, &[body]);
}

#[test]
fn bounds_of_arrays_and_segments() {
    unsafe fn body(vm: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        // SAFETY: the store is alive.
        let trap = |result| match unsafe { done::<u32>(vm, result) } {
            Err(Fault::Trap(trap)) => trap,
            other => panic!("{other:?}"),
        };
        // SAFETY: nothing allocates after the arrays are made, except what traps.
        unsafe {
            let (wide, refs) = (ty(vm, 0), ty(vm, 1));
            let array = done(vm, builtins::array_new(vm, wide, core::ptr::null(), 4))?;
            let fill = |index, len| builtins::array_fill(vm, wide, array, index, [1, 0].as_ptr(), len);
            assert_eq!(fill(4, 0), Ok(()));
            for (index, len) in [(5, 0), (3, 2), (u32::MAX, 1), (1, u32::MAX)] {
                assert_eq!(fill(index, len), Err(Trap::ArrayOutOfBounds));
                let copy = builtins::array_copy(vm, wide, array, 0, wide, array, index, len);
                assert_eq!(copy, Err(Trap::ArrayOutOfBounds));
                let copy = builtins::array_copy(vm, wide, array, index, wide, array, 0, len);
                assert_eq!(copy, Err(Trap::ArrayOutOfBounds));
                let init = builtins::array_init_data(vm, wide, array, 0, index, 0, len);
                assert_eq!(init, Err(Trap::ArrayOutOfBounds));
                let init = builtins::array_init_elem(vm, refs, array, 0, index, 0, len);
                assert_eq!(init, Err(Trap::ArrayOutOfBounds));
            }
            let null = builtins::array_copy(vm, wide, 0, 0, wide, array, 9, 9);
            assert_eq!(null, Err(Trap::NullArrayReference));
            let null = builtins::array_copy(vm, wide, array, 9, wide, 0, 0, 9);
            assert_eq!(null, Err(Trap::NullArrayReference));
            let null = builtins::array_fill(vm, wide, 0, 9, [0].as_ptr(), 9);
            assert_eq!(null, Err(Trap::NullArrayReference));
            // The data segment has 16 bytes, the element segment 2 items.
            for (offset, len) in [(9, 1), (0, 3), (17, 0), (u32::MAX, u32::MAX), (0, u32::MAX)] {
                let new = builtins::array_new_data(vm, wide, 0, offset, len);
                assert_eq!(trap(new), Trap::MemoryOutOfBounds);
                let new = builtins::array_new_elem(vm, refs, 0, offset, len);
                assert_eq!(trap(new), Trap::TableOutOfBounds);
            }
            assert_eq!(builtins::array_init_data(vm, wide, array, 0, 0, 9, 1), Err(Trap::MemoryOutOfBounds));
            let elements = done(vm, builtins::array_new(vm, refs, core::ptr::null(), 4))?;
            assert_eq!(
                builtins::array_init_elem(vm, refs, elements, 0, 0, 1, 2),
                Err(Trap::TableOutOfBounds)
            );
            builtins::data_drop(vm, 0);
            builtins::elem_drop(vm, 0);
            assert_eq!(trap(builtins::array_new_data(vm, wide, 0, 0, 1)), Trap::MemoryOutOfBounds);
            assert_eq!(trap(builtins::array_new_elem(vm, refs, 0, 0, 1)), Trap::TableOutOfBounds);
            done(vm, builtins::array_new_data(vm, wide, 0, 0, 0))?;
            done(vm, builtins::array_new_elem(vm, refs, 0, 0, 0))?;
            // Active segments are as if dropped.
            assert_eq!(trap(builtins::array_new_elem(vm, refs, 1, 0, 1)), Trap::TableOutOfBounds);
            let before = (*vm.cast::<Vm>()).store;
            let next = (*before).gc_next;
            assert_eq!(
                trap(builtins::array_new(vm, wide, core::ptr::null(), u32::MAX)),
                Trap::AllocationTooLarge
            );
            assert_eq!((*before).gc_next, next);
        }
        Ok(())
    }
    let wat = r#"(type (array (mut i64))) (type (array (mut anyref))) (type (func)) (memory 0) (table 1 anyref)
        (data "0123456789abcdef") (elem anyref (ref.i31 (i32.const 1)) (ref.i31 (i32.const 2)))
        (elem (table 0) (i32.const 0) anyref (ref.i31 (i32.const 1)))"#;
    run(&mut store_with(RuntimeConfig::default()), wat, &[body]);
}

#[test]
fn structures_hold_their_fields_while_everything_moves() {
    unsafe fn body(vm: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        // SAFETY: slots 0 and 1 are roots; 2 and after are the operands of others.
        unsafe {
            let (list, mixed) = (ty(vm, 0), ty(vm, 1));
            with_frame(vm, 2, |slots| -> Result<(), Fault> {
                for n in 0..200u64 {
                    // The operands stand in a row: the reference is in slot 1, a root.
                    *slots.add(1) = *slots;
                    *slots = done(vm, builtins::struct_new(vm, list, slots.add(1)))?.into();
                    *slots.add(1) = 0;
                    assert_eq!(read::<u32>(vm, *slots, 12), 0, "{n}");
                }
                let mut count = 0;
                let mut at = *slots;
                while at != 0 {
                    assert_eq!(read::<u32>(vm, at, 0), list);
                    at = read::<u32>(vm, at, 8).into();
                    count += 1;
                }
                assert_eq!(count, 200);
                Ok(())
            })?;
            with_frame(vm, 1, |slots| -> Result<(), Fault> {
                let func = builtins::func_ref(vm, 0) as usize as Slot;
                for (n, value) in [0x181, 9, func, 7, 8, 0x1_0001].into_iter().enumerate() {
                    *slots.add(n) = value;
                }
                // Slot 0 is an i8 that looks like an `i31`; it is an operand, not a root.
                let object = with_frame(vm, 0, |_| done(vm, builtins::struct_new(vm, mixed, slots)))?;
                *slots = object.into();
                churn(vm, list);
                let layout =
                    builtins::blueprint(vm).shape().types().gc_type(dayfly_runtime::types::TypeId(mixed));
                let storages: Vec<_> = layout.fields().iter().map(|f| f.storage).collect();
                assert_eq!(storages, [Storage::I8, Storage::Ref, Storage::Func, Storage::V128, Storage::I16]);
                let offset = |n: usize| layout.fields()[n].offset as usize;
                assert_eq!(read::<u8>(vm, *slots, offset(0)), 0x81);
                assert_eq!(read::<u32>(vm, *slots, offset(1)), 9);
                assert_eq!(read::<u64>(vm, *slots, offset(2)), func);
                assert_eq!(read::<[u64; 2]>(vm, *slots, offset(3)), [7, 8]);
                assert_eq!(read::<u16>(vm, *slots, offset(4)), 1);
                Ok(())
            })
        }
    }
    let wat = "(type $list (struct (field (ref null $list) i32)))
        (type (struct (field i8 anyref funcref v128 i16))) (type (func)) (elem declare func 0)";
    let wat = wat.replace("(field (ref null $list) i32)", "(field (ref null $list)) (field i32)");
    run(&mut store_with(RuntimeConfig::default()), &wat, &[body]);
    run(&mut torture(), &wat, &[body]);
}

#[test]
fn references_are_tested_against_every_type() {
    unsafe fn body(vm: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        use HeapType::*;
        // SAFETY: nothing allocates after the last object is made.
        unsafe {
            let id = |n| Concrete(TypeIdx(ty(vm, n)));
            let (object, array) = with_frame(vm, 2, |slots| -> Result<_, Fault> {
                *slots = done(vm, builtins::struct_new(vm, ty(vm, 1), [4].as_ptr()))?.into();
                *slots.add(1) = done(vm, builtins::array_new(vm, ty(vm, 3), core::ptr::null(), 0))?.into();
                Ok((*slots, *slots.add(1)))
            })?;
            let func = builtins::func_ref(vm, 0) as usize as Slot;
            let is = |value, heap, nullable| {
                builtins::ref_matches(vm, value, EncodedRefType::new(RefType { nullable, heap }))
            };
            let all = [Any, Eq, I31, Struct, Array, None, id(0), id(1), id(2), id(3)];
            for (value, expected) in [
                (9, vec![Any, Eq, I31]),
                (object, vec![Any, Eq, Struct, id(0), id(1)]),
                (array, vec![Any, Eq, Array, id(3)]),
            ] {
                for heap in all {
                    assert_eq!(is(value, heap, false), expected.contains(&heap), "{value} {heap}");
                    assert_eq!(is(value, heap, true), expected.contains(&heap), "{value} {heap}");
                }
                assert!(is(value, Extern, false) && !is(value, NoExtern, true));
            }
            for heap in [Func, id(4), id(5)] {
                assert!(is(func, heap, false), "{heap}");
            }
            assert!(!is(func, id(6), true) && !is(func, NoFunc, true));
            for heap in all.into_iter().chain([Func, NoFunc, Extern, NoExtern, Exn, NoExn, id(4)]) {
                assert!(is(0, heap, true) && !is(0, heap, false), "{heap}");
            }
        }
        Ok(())
    }
    let wat = "(type $a (sub (struct))) (type $b (sub $a (struct (field i32)))) (type $c (sub $b (struct (field i32 i32))))
        (type (array i8)) (type $f (sub (func))) (type $g (sub $f (func))) (type (func (param i32)))
        (elem declare func 0)";
    let wat = format!("(module {wat} (func (export \"run\") (type $g) unreachable))");
    for mut store in [store_with(RuntimeConfig::default()), torture()] {
        let instance = instance(&mut store, &wat, &[body]);
        call(&mut store, instance, "run", &[]).unwrap();
    }
}

#[test]
fn host_values_match_any_alone() {
    unsafe fn body(vm: *mut Vm, slots: *mut Slot) -> Result<(), Fault> {
        use HeapType::*;
        // SAFETY: the argument is a host value.
        unsafe {
            for (heap, expected) in [(Any, true), (Eq, false), (I31, false), (Struct, false), (Array, false)]
            {
                let ty = EncodedRefType::new(RefType { nullable: true, heap });
                assert_eq!(builtins::ref_matches(vm, *slots, ty), expected, "{heap}");
            }
            let concrete = RefType { nullable: true, heap: Concrete(TypeIdx(ty(vm, 0))) };
            assert!(!builtins::ref_matches(vm, *slots, EncodedRefType::new(concrete)));
        }
        Ok(())
    }
    let mut store = torture();
    let wat = "(module (type (struct)) (func (export \"run\") (param externref) unreachable))";
    let instance = instance(&mut store, wat, &[body]);
    let root = store.new_extern(std::sync::Arc::new(1)).unwrap();
    let slot = store.root(root).unwrap().into();
    call(&mut store, instance, "run", &[slot]).unwrap();
}

#[test]
fn exceptions_carry_their_payload_past_collections() {
    unsafe fn body(vm: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        // SAFETY: slot 0 is a root; the tag is one of the module.
        unsafe {
            let offset = builtins::blueprint(vm).shape().layout().tag(TagIdx(0));
            let tag: *const VmTag = field::<*const VmTag>(vm, offset).read();
            with_frame(vm, 2, |slots| -> Result<(), Fault> {
                *slots.add(1) = done(vm, builtins::struct_new(vm, ty(vm, 0), [77].as_ptr()))?.into();
                for (n, value) in [5, 6, u64::MAX].into_iter().enumerate() {
                    *slots.add(2 + n) = value;
                }
                *slots = done(vm, builtins::exn_new(vm, tag, slots.add(1)))?.into();
                *slots.add(1) = 0;
                (*(*vm).store).exception = *slots as u32;
                *slots = 0;
                churn(vm, ty(vm, 0));
                let exn = (*(*vm).store).exception;
                assert_eq!(builtins::exn_tag(vm, exn), tag);
                let mut payload = [0; 5];
                builtins::exn_payload(vm, exn, payload.as_mut_ptr());
                assert_eq!(payload[1..], [5, 6, u64::MAX, 0]);
                assert_eq!(read::<u32>(vm, payload[0], 8), 77);
                (*(*vm).store).exception = 0;
                Ok(())
            })
        }
    }
    let wat = "(type (struct (field i32))) (tag (param (ref 0) v128 f64))";
    run(&mut store_with(RuntimeConfig::default()), wat, &[body]);
    run(&mut torture(), wat, &[body]);
}

#[test]
fn globals_tables_and_segments_are_roots() {
    /// Reads `list`, a chain of structures with ascending numbers.
    unsafe fn numbers(vm: *mut Vm, list: Slot) -> Vec<u32> {
        let mut numbers = Vec::new();
        let mut at = list;
        while at != 0 {
            // SAFETY: the callers pass lists of this heap.
            unsafe {
                numbers.push(read(vm, at, 8));
                at = read::<u32>(vm, at, 12).into();
            }
        }
        numbers
    }
    unsafe fn body(vm: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        // SAFETY: indices are of the module below.
        unsafe {
            for _ in 0..3 {
                churn(vm, ty(vm, 0));
                let layout = builtins::blueprint(vm).shape().layout();
                let global = |n| *field::<Slot>(vm, layout.global(dayfly_parser::GlobalIdx(n)));
                assert_eq!(numbers(vm, global(0)), [1, 2, 3]);
                assert_eq!(numbers(vm, global(1)), [9, 1, 2, 3]);
                assert_eq!(read::<u32>(vm, global(1), 12), global(0) as u32);
                assert_eq!(read::<u32>(vm, global(2), 4), 3);
                assert_eq!(
                    (0..3).map(|n| read(vm, global(2), 8 + 4 * n)).collect::<Vec<u32>>(),
                    [global(0) as u32, global(1) as u32, 0]
                );
                assert_eq!(read::<u16>(vm, global(3), 8 + 2 * 6), 0x1234);
                assert_eq!(read::<u32>(vm, global(4), 4), 5);
                assert_eq!(global(5), 0xffff_ffff);
                for n in 0..3 {
                    assert_eq!(numbers(vm, builtins::table_get(vm, 0, n)?), [8]);
                }
                assert_eq!(numbers(vm, builtins::table_get(vm, 1, 1)?), [4]);
                assert_eq!(builtins::table_get(vm, 1, 2)?, global(0));
                let array = done(vm, builtins::array_new_elem(vm, ty(vm, 1), 1, 0, 3))?;
                assert_eq!(numbers(vm, read::<u32>(vm, array.into(), 8).into()), [5, 6]);
                assert_eq!(numbers(vm, read::<u32>(vm, array.into(), 12).into()), [7]);
            }
        }
        Ok(())
    }
    let node = |number: u32, next: &str| format!("(struct.new $list (i32.const {number}) {next})");
    let null = "(ref.null $list)";
    let wat = format!(
        "(type $list (struct (field i32) (field (ref null $list)))) (type $lists (array (mut (ref null $list))))
         (type $short (array i16)) (type $zeros (array i64))
         (global (ref null $list) {})
         (global (ref null $list) {})
         (global (ref $lists) (array.new_fixed $lists 3 (global.get 0) (global.get 1) {null}))
         (global (ref $short) (array.new $short (i32.const 0x1234) (i32.const 7)))
         (global (ref $zeros) (array.new_default $zeros (i32.const 5)))
         (global externref (extern.convert_any (ref.i31 (i32.const -1))))
         (table 3 (ref $list) {})
         (table 4 (ref null $list))
         (elem (table 1) (i32.const 1) (ref null $list) {} (global.get 0))
         (elem (ref null $list) {} {} {null})",
        node(1, &node(2, &node(3, null))),
        node(9, "(global.get 0)"),
        node(8, null),
        node(4, null),
        node(5, &node(6, null)),
        node(7, null),
    );
    run(&mut store_with(RuntimeConfig::default()), &wat, &[body]);
    run(&mut torture(), &wat, &[body]);
}

#[test]
fn deep_constant_expressions_and_their_failure() {
    unsafe fn nothing(_: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        Ok(())
    }
    let depth = 400;
    let open = "(struct.new $list (i32.const 1) ".repeat(depth);
    let list = "(type $list (struct (field i32) (field (ref null $list))))";
    let wat = format!("{list} (global (ref $list) {open}(ref.null $list){})", ")".repeat(depth));
    run(&mut torture(), &wat, &[nothing]);

    let mut store = store_with(RuntimeConfig { max_gc_heap: 64 << 10, ..RuntimeConfig::default() });
    for (len, message) in [(1 << 30, "allocation size too large"), (15_000, "GC heap exhausted")] {
        let array = format!("(array.new_default $bytes (i32.const {len}))");
        let wat = format!(
            "(module (type $bytes (array i8)) (type $all (array (ref $bytes)))
             (global (ref $all) (array.new_fixed $all 6 {})))",
            array.repeat(6)
        );
        let blueprint = blueprint(&store, &wat, &[]);
        let error = store.instantiate(&blueprint, &[]).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    // Nothing of the failed ones is left behind as a root but what their globals hold.
    store.gc();
    assert_eq!(store.gc_stats().live_bytes, 0);
    assert_eq!(store.instance_blueprint(InstanceId(0)).module().globals().len(), 1);
}
