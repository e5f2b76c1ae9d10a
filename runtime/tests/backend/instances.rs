//! What an instance starts with, and that instances do not see each other.

use crate::*;
use dayfly_runtime::builtins;
use dayfly_runtime::gc::ObjectKind;
use dayfly_runtime::instantiate::InstantiateError;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::VmGlobal;

unsafe fn nothing(_: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
    Ok(())
}

const DATA: &str = r#"(module
    (memory (export "memory") 4)
    (memory (export "other") 1)
    (data (i32.const 70000) "hello")
    (data (i32.const 1) "first")
    (data (i32.const 3) "over")
    (data (memory 1) (i32.const 65535) "z"))"#;

#[test]
fn images_and_copies_give_the_same_contents() {
    // Besides what overlaps: many small pieces, a large one, and gaps that were filled before.
    let large = [b'x'; 100_000];
    let pieces: String =
        (0..100).map(|n| format!("(data (i32.const {}) \"abcd\")", 20_000 + n * 7)).collect();
    let text = std::str::from_utf8(&large).unwrap();
    let more = format!(
        r#"(data (i32.const 100000) "{text}") {pieces} (data (i32.const 40100) "far")
        (data (i32.const 40002) "late") (data (i32.const 39990) "a") (data (i32.const 40050) "b"))"#
    );
    let data = DATA.trim_end_matches(')').to_owned() + ")" + &more;
    let contents = |memory_images| {
        let mut store = store_with(RuntimeConfig { memory_images, ..RuntimeConfig::default() });
        let blueprint = blueprint(&store, &data, &[]);
        let [first, second] = [(); 2].map(|()| {
            let instance = store.instantiate(&blueprint, &[]).unwrap();
            let bytes = |name| store.memory_data(memory(&store, instance, name)).to_vec();
            (bytes("memory"), bytes("other"))
        });
        assert_eq!(blueprint.expect_instances(), memory_images && cfg!(target_os = "linux"));
        assert_eq!(first, second);
        second
    };
    let (image, other) = contents(true);
    assert!(image[20_000..20_000 + 100 * 7].chunks(7).all(|piece| piece == b"abcd\0\0\0"));
    assert!(image[100_000..].starts_with(&large) && image[30_000..39_990].iter().all(|&b| b == 0));
    assert_eq!(&image[40_000..40_010], b"\0\0late\0\0\0\0");
    assert_eq!(&image[40_100..40_104], b"far\0");
    assert_eq!(&image[..8], b"\0fiover\0");
    assert_eq!(&image[69_999..70_006], b"\0hello\0");
    assert_eq!((image.len(), other.len(), other[65_535]), (4 << 16, 1 << 16, b'z'));
    assert_eq!((image, other), contents(false));
}

#[test]
fn instances_of_an_image_are_isolated() {
    let mut store = store();
    let blueprint = blueprint(&store, DATA, &[]);
    let [one, other] = [(); 2].map(|()| {
        let instance = store.instantiate(&blueprint, &[]).unwrap();
        memory(&store, instance, "memory")
    });
    store.memory_data_mut(one).fill(0xaa);
    assert_eq!(&store.memory_data(other)[..8], b"\0fiover\0");
    let instance = store.instantiate(&blueprint, &[]).unwrap();
    let later = memory(&store, instance, "memory");
    assert_eq!(store.memory_data(later), store.memory_data(other));
}

#[test]
fn globals_tables_and_the_start_function() {
    unsafe fn start(vm: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        // SAFETY: the module has a table with two entries.
        unsafe { builtins::table_set(vm, 0, 1, 0) }?;
        Ok(())
    }
    let mut store = store();
    let wat = r#"(module
        (import "" "base" (global i32))
        (global (export "sum") i32 (i32.add (global.get 0) (i32.const 2)))
        (global (export "wide") v128 (v128.const i64x2 7 9))
        (global (export "func") (mut funcref) (ref.func 0))
        (table (export "table") 3 funcref)
        (elem (i32.const 0) func 0 1 1)
        (func)
        (func (export "one"))
        (start 2)
        (func))"#;
    let i32_type =
        dayfly_parser::GlobalType { content: dayfly_parser::ValType::I32, mutable: false, shared: false };
    // SAFETY: the value is an i32.
    let base = unsafe { store.new_global(i32_type, [40, 0]) };
    let blueprint = blueprint(&store, wat, &[nothing, nothing, start]);
    let instance = store.instantiate(&blueprint, &[base.into()]).unwrap();
    let global = |name| match store.instance_export(instance, name) {
        Some(Extern::Global(global)) => store.global_get_slots(global),
        other => panic!("{other:?}"),
    };
    assert_eq!((global("sum")[0], global("wide")), (42, [7, 9]));
    let Some(Extern::Table(table)) = store.instance_export(instance, "table") else { panic!() };
    let one = store.func_to_slot(Some(func(&store, instance, "one")));
    let entries = [0, 1, 2, 3].map(|n| store.table_get_slot(table, n));
    assert_eq!(entries, [Some(global("func")[0]), Some(0), Some(one), None]);
    // SAFETY: the slot was read from a table of functions.
    assert_eq!(unsafe { store.slot_to_func(one) }, Some(func(&store, instance, "one")));
}

#[test]
fn a_segment_out_of_bounds_traps_after_earlier_ones() {
    let mut store = store();
    let provider = instance(
        &mut store,
        r#"(module (table (export "table") 2 funcref) (memory (export "memory") 1))"#,
        &[],
    );
    let table = store.instance_export(provider, "table").unwrap();
    let memory = memory(&store, provider, "memory");
    let wat = |segments: &str| {
        format!(r#"(module (import "" "t" (table 2 funcref)) (import "" "m" (memory 1)) (func) {segments})"#)
    };
    let elements = wat("(elem (i32.const 0) func 0) (elem (i32.const 2) func 0) (data (i32.const 0) \"x\")");
    let data = wat("(data (i32.const 1) \"y\") (data (i32.const 65536) \"z\") (data (i32.const 2) \"z\")");
    for (wat, trap) in [(elements, Trap::TableOutOfBounds), (data, Trap::MemoryOutOfBounds)] {
        let blueprint = blueprint(&store, &wat, &[nothing]);
        let error = store.instantiate(&blueprint, &[table.clone(), memory.into()]).unwrap_err();
        assert!(
            matches!(error, InstantiateError::Failure(f) if matches!(f.fault, Fault::Trap(t) if t == trap))
        );
    }
    let Extern::Table(table) = table else { panic!() };
    assert_ne!(store.table_get_slot(table, 0), Some(0));
    assert_eq!(&store.memory_data(memory)[..3], b"\0y\0");
}

#[test]
fn passive_segments_last_until_they_are_dropped() {
    unsafe fn segments(vm: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        // SAFETY: the indices are of the module below.
        unsafe {
            builtins::memory_init(vm, 0, 1, 0, 1, 3)?;
            assert_eq!(builtins::memory_init(vm, 0, 1, 0, 5, 3), Err(Trap::MemoryOutOfBounds));
            assert_eq!(builtins::memory_init(vm, 0, 1, 65_534, 0, 3), Err(Trap::MemoryOutOfBounds));
            assert_eq!(builtins::memory_init(vm, 0, 0, 0, 0, 1), Err(Trap::MemoryOutOfBounds));
            builtins::data_drop(vm, 1);
            assert_eq!(builtins::memory_init(vm, 0, 1, 0, 0, 1), Err(Trap::MemoryOutOfBounds));
            builtins::memory_init(vm, 0, 1, 0, 0, 0)?;

            builtins::table_init(vm, 0, 0, 0, 0, 2)?;
            builtins::table_init(vm, 0, 1, 2, 1, 1)?;
            assert_eq!(builtins::table_get(vm, 0, 0), Ok(builtins::func_ref(vm, 0) as usize as Slot));
            assert_eq!(builtins::table_get(vm, 0, 2), Ok(builtins::func_ref(vm, 0) as usize as Slot));
            assert_eq!(builtins::table_init(vm, 0, 0, 2, 0, 2), Err(Trap::TableOutOfBounds));
            builtins::elem_drop(vm, 0);
            builtins::elem_drop(vm, 1);
            for elem in 0..3 {
                assert_eq!(builtins::table_init(vm, 0, elem, 0, 0, 1), Err(Trap::TableOutOfBounds));
            }
        }
        Ok(())
    }
    let mut store = store();
    let wat = r#"(module
        (memory (export "memory") 1) (table 3 funcref)
        (data (i32.const 9) "active") (data "passive")
        (elem func 0 0) (elem funcref (ref.null func) (ref.func 0)) (elem declare func 0)
        (func (export "run") unreachable))"#;
    let blueprint = blueprint(&store, wat, &[segments]);
    for _ in 0..2 {
        let instance = store.instantiate(&blueprint, &[]).unwrap();
        call(&mut store, instance, "run", &[]).unwrap();
        let memory = memory(&store, instance, "memory");
        assert_eq!(&store.memory_data(memory)[..4], b"ass\0");
    }
}

#[test]
fn bulk_operators_check_both_ranges() {
    unsafe fn bulk(vm: *mut Vm, _: *mut Slot) -> Result<(), Fault> {
        // SAFETY: the indices are of the module below.
        unsafe {
            builtins::memory_fill(vm, 1, 4, 0x55, 4)?;
            builtins::memory_copy(vm, 0, 1, 65_534, 6, 2)?;
            assert_eq!(builtins::memory_copy(vm, 0, 1, 65_535, 6, 2), Err(Trap::MemoryOutOfBounds));
            assert_eq!(builtins::memory_fill(vm, 0, u64::MAX, 1, 2), Err(Trap::MemoryOutOfBounds));
            builtins::table_fill(vm, 0, 0, 3, 2)?;
            builtins::table_copy(vm, 1, 0, 1, 0, 2)?;
            builtins::table_copy(vm, 1, 1, 0, 1, 2)?;
            assert_eq!((0..3).map(|n| builtins::table_get(vm, 1, n).unwrap()).collect::<Vec<_>>(), [3, 3, 3]);
            assert_eq!(builtins::table_copy(vm, 1, 0, 2, 0, 2), Err(Trap::TableOutOfBounds));
            assert_eq!(builtins::table_get(vm, 1, 3), Err(Trap::TableOutOfBounds));
            assert_eq!(builtins::table_size(vm, 1), 3);
        }
        Ok(())
    }
    let mut store = store();
    let wat = r#"(module (memory (export "memory") 1) (memory 1) (table 2 externref) (table 3 externref)
        (func (export "run") unreachable))"#;
    let instance = instance(&mut store, wat, &[bulk]);
    // Entries stand for host values that the store has.
    for _ in 0..3 {
        store.new_extern(Arc::new(())).unwrap();
    }
    call(&mut store, instance, "run", &[]).unwrap();
    let memory = memory(&store, instance, "memory");
    assert_eq!(&store.memory_data(memory)[65_533..], [0, 0x55, 0x55]);
}

#[test]
fn globals_are_shared_with_importers() {
    let mut store = store();
    let exporter = instance(&mut store, r#"(module (global (export "g") (mut i64) (i64.const 5)))"#, &[]);
    let global = store.instance_export(exporter, "g").unwrap();
    let wat = r#"(module (import "" "g" (global (mut i64))) (export "again" (global 0)))"#;
    let blueprint = blueprint(&store, wat, &[]);
    let importer = store.instantiate(&blueprint, core::slice::from_ref(&global)).unwrap();
    assert_eq!(store.instance_export(importer, "again").as_ref(), Some(&global));
    let Extern::Global(global) = global else { panic!() };
    // SAFETY: the value is an i64.
    unsafe { store.global_set_slots(global, [6, 0]) };
    let vm = store.instance_vm(importer.id());
    let layout = blueprint.shape().layout().imported_global(dayfly_parser::GlobalIdx(0));
    // SAFETY: the layout places the pointer to the imported global there.
    let seen = unsafe { **dayfly_runtime::vm::field::<*const VmGlobal>(vm, layout) };
    assert_eq!(seen, VmGlobal([6, 0]));
}

#[test]
fn host_values_come_back_out_of_slots() {
    let mut store = store();
    let value: Arc<dyn Any + Send + Sync> = Arc::new(7u8);
    let [first, second] = [(); 2].map(|()| store.new_extern(value.clone()).unwrap());
    let slot = store.root_to_slot(store.id(), second);
    assert_ne!(slot, store.root_to_slot(store.id(), first));
    // SAFETY: the slots hold a host value of this store and null.
    let [again, null] = unsafe { [store.slot_to_root(slot), store.slot_to_root(0)] };
    assert_eq!(store.root_to_slot(store.id(), again.unwrap()), slot);
    assert_eq!(null, None);
    let Some(ObjectKind::Host(index)) = store.object_kind(second) else { panic!("it is a host value") };
    assert_eq!(store.host_value(index).downcast_ref(), Some(&7u8));
}
