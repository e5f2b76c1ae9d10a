//! Memories, globals, tables and segments of every kind.

use super::super::func;
use super::{assert_same, snapshot, take};
use dayfly::parser::SegmentMode;
use dayfly::{ExternType, Snapshot};

#[test]
fn memories_start_with_what_was_written() {
    let module = assert_same(
        r#"(module
            (memory (export "m") 1 5)
            (data (i32.const 100) "was here")
            (func (export "wizer-initialize")
                (i32.store8 (i32.const 0) (i32.const 1))
                (i32.store8 (i32.const 100) (i32.const 0))
                (drop (memory.grow (i32.const 2)))
                (i32.store8 (i32.const 196607) (i32.const 2))))"#,
    );
    let Some(ExternType::Memory(ty)) = module.get_export("m") else { panic!("a memory") };
    assert_eq!((ty.min, ty.max), (3, Some(5)));
    assert_eq!(module.parsed().data().len(), 3, "zeros are left out");
    assert!(module.parsed().data().iter().all(|data| data.mode != SegmentMode::Passive));
}

#[test]
fn memories_may_be_many_wide_shared_and_of_small_pages() {
    let module = assert_same(
        r#"(module
            (memory $a 1) (memory $b i64 1 8) (memory $c 1 2 shared) (memory $d 10 200 (pagesize 1))
            (data (memory $b) (i64.const 7) "b")
            (func (export "wizer-initialize")
                (i32.store $a (i32.const 65532) (i32.const -1))
                (drop (memory.grow $b (i64.const 2)))
                (i64.store $b (i64.const 190000) (i64.const -2))
                (i32.store $c (i32.const 16) (i32.const 3))
                (drop (memory.grow $d (i32.const 90)))
                (i32.store8 $d (i32.const 99) (i32.const 4))))"#,
    );
    let sizes: Vec<_> = module.parsed().memories().iter().map(|memory| memory.min).collect();
    assert_eq!(sizes, [1, 3, 1, 100]);
}

#[test]
fn globals_start_with_their_values() {
    let module = assert_same(
        r#"(module
            (global $i (export "i") (mut i32) (i32.const 1))
            (global (mut i64) (i64.const 2))
            (global $f (mut f32) (f32.const 0))
            (global $d (mut f64) (f64.const 0))
            (global $v (mut v128) (v128.const i64x2 0 0))
            (global $r (mut funcref) (ref.null func))
            (global $a (mut anyref) (ref.null any))
            (global $e (mut externref) (ref.null extern))
            (global $x (mut exnref) (ref.null exn))
            (global (mut i32) (i32.mul (i32.const 6) (i32.const 7)))
            (func $init (export "wizer-initialize")
                (global.set $i (i32.const -5))
                (global.set $f (f32.const nan:0x200001))
                (global.set $d (f64.const -0))
                (global.set $v (v128.const i64x2 0x8123456789abcdef 0xfedcba9876543210))
                (global.set $r (ref.func $init))
                (global.set $a (ref.i31 (i32.const -3)))))"#,
    );
    assert!(matches!(module.get_export("i"), Some(ExternType::Global(ty)) if ty.mutable));
}

#[test]
fn immutable_globals_may_hold_immutable_objects() {
    let module = assert_same(
        r#"(module
            (type $s (struct (field i32) (field funcref)))
            (type $a (array i8))
            (global $s (ref $s) (struct.new $s (i32.const 5) (ref.func $f)))
            (global $a anyref (array.new_default $a (i32.const 3)))
            (global $t anyref (global.get $s))
            (func $f)
            (func (export "wizer-initialize"))
            (func (export "f") (result funcref) (struct.get $s 1 (global.get $s))))"#,
    );
    assert_eq!(module.parsed().globals().len(), 3);
}

#[test]
fn tables_start_with_their_entries() {
    let (mut store, instance) = snapshot(
        r#"(module
            (table $t 4 funcref)
            (table $u 2 20 funcref)
            (elem (table $t) (i32.const 0) func $one $one)
            (elem declare func $three)
            (func $one (result i32) i32.const 1)
            (func $two (result i32) i32.const 2)
            (func $three (result i32) i32.const 3)
            (elem $passive func $two $two)
            (func (export "wizer-initialize")
                (table.set $t (i32.const 0) (ref.null func))
                (table.init $t $passive (i32.const 3) (i32.const 1) (i32.const 1))
                (drop (table.grow $u (ref.func $three) (i32.const 8))))
            (func (export "t") (param i32) (result i32) (call_indirect $t (result i32) (local.get 0)))
            (func (export "u") (param i32) (result i32) (call_indirect $u (result i32) (local.get 0)))
            (func (export "again")
                (table.init $t $passive (i32.const 2) (i32.const 0) (i32.const 2)))
            (func (export "size") (result i32) (table.size $u)))"#,
    );
    let t = func::<i32, i32>(&mut store, instance, "t");
    let u = func::<i32, i32>(&mut store, instance, "u");
    assert!(t.call(&mut store, 0).is_err());
    assert_eq!(t.call(&mut store, 1).unwrap(), 1);
    assert!(t.call(&mut store, 2).is_err());
    assert_eq!(t.call(&mut store, 3).unwrap(), 2);
    assert!(u.call(&mut store, 1).is_err());
    assert_eq!(u.call(&mut store, 9).unwrap(), 3);
    assert_eq!(func::<(), i32>(&mut store, instance, "size").call(&mut store, ()).unwrap(), 10);
    func::<(), ()>(&mut store, instance, "again").call(&mut store, ()).unwrap();
    assert_eq!(t.call(&mut store, 2).unwrap(), 2);
}

#[test]
fn tables_of_every_type_are_written() {
    assert_same(
        r#"(module
            (type $f (func (result i32)))
            (table $null 3 (ref null $f))
            (table $full 2 9 (ref $f) (ref.func $one))
            (table $preset 3 funcref (ref.func $one))
            (table $i31 3 i31ref)
            (table $wide i64 3 funcref)
            (table $extern 2 externref)
            (table $empty 0 (ref $f) (ref.func $two))
            (elem declare func $two)
            (func $one (type $f) i32.const 1)
            (func $two (type $f) i32.const 2)
            (func (export "wizer-initialize")
                (table.set $null (i32.const 1) (ref.func $two))
                (table.set $full (i32.const 1) (ref.func $two))
                (drop (table.grow $full (ref.func $two) (i32.const 2)))
                (table.set $preset (i32.const 1) (ref.null func))
                (table.set $preset (i32.const 2) (ref.func $two))
                (table.set $i31 (i32.const 2) (ref.i31 (i32.const 8)))
                (table.set $wide (i64.const 2) (ref.func $one))))"#,
    );
}

#[test]
fn dropped_segments_stay_dropped_and_others_are_there() {
    let (mut store, instance) = snapshot(
        r#"(module
            (memory (export "m") 1) (table 8 funcref)
            (data $dropped "dropped") (data $active (i32.const 0) "active") (data $kept "kept")
            (elem $edropped func $f) (elem (i32.const 0) func $f) (elem $ekept func $f $f)
            (func $f (export "f"))
            (func (export "wizer-initialize") (data.drop $dropped) (elem.drop $edropped))
            (func (export "dropped") (memory.init $dropped (i32.const 9) (i32.const 0) (i32.const 1)))
            (func (export "active") (memory.init $active (i32.const 9) (i32.const 0) (i32.const 1)))
            (func (export "kept") (memory.init $kept (i32.const 9) (i32.const 0) (i32.const 4)))
            (func (export "edropped") (table.init $edropped (i32.const 3) (i32.const 0) (i32.const 1)))
            (func (export "ekept") (table.init $ekept (i32.const 3) (i32.const 0) (i32.const 2)))
            (func (export "none") (memory.init $dropped (i32.const 0) (i32.const 0) (i32.const 0))))"#,
    );
    let mut works = |name| func::<(), ()>(&mut store, instance, name).call(&mut store, ()).is_ok();
    assert_eq!(["dropped", "active", "edropped"].map(&mut works), [false; 3]);
    assert_eq!(["kept", "ekept", "none"].map(&mut works), [true; 3]);
    let memory = instance.get_memory(&mut store, "m").unwrap();
    assert_eq!(&memory.data(&store)[..14], b"active\0\0\0kept\0");
}

#[test]
fn segments_that_code_cannot_name_are_gone() {
    let module = assert_same(
        r#"(module
            (memory 1) (table 2 funcref)
            (data "never") (data (i32.const 0) "a") (data (i32.const 4) "b") (elem func $f)
            (elem (i32.const 0) func $f)
            (func $f)
            (func (export "wizer-initialize") (i32.store8 (i32.const 4) (i32.const 0))))"#,
    );
    let parsed = module.parsed();
    assert_eq!((parsed.data().len(), parsed.elements().len()), (1, 1));
}

#[test]
fn functions_that_code_refers_to_stay_declared() {
    let (mut store, instance) = snapshot(
        r#"(module
            (table 1 funcref)
            (elem (i32.const 0) func $f)
            (func $f (result i32) i32.const 7)
            (func (export "wizer-initialize") (table.set (i32.const 0) (ref.null func)))
            (func (export "get") (result funcref) (ref.func $f)))"#,
    );
    let get = func::<(), Option<dayfly::Func>>(&mut store, instance, "get");
    let f = get.call(&mut store, ()).unwrap().unwrap();
    assert_eq!(f.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 7);
}

#[test]
fn start_and_reactor_functions_run_once() {
    let module = assert_same(
        r#"(module
            (global $n (export "n") (mut i32) (i32.const 0))
            (func $add (param i32)
                (global.set $n (i32.add (i32.mul (global.get $n) (i32.const 10)) (local.get 0))))
            (start $start)
            (func $start (call $add (i32.const 1)))
            (func (export "_initialize") (call $add (i32.const 2)))
            (func (export "wizer-initialize") (call $add (i32.const 3)))
            (func (export "run")))"#,
    );
    assert!(module.parsed().start().is_none());
    let names: Vec<_> = module.exports().map(|export| export.name().to_owned()).collect();
    assert_eq!(names, ["n", "run"]);
}

#[test]
fn exports_are_renamed_and_removed_as_asked() {
    const WAT: &str = r#"(module
        (global $n (mut i32) (i32.const 0))
        (func (export "wizer.initialize") (global.set $n (i32.const 5)))
        (func (export "_start") (unreachable))
        (func (export "wizer.resume") (result i32) (global.get $n)))"#;
    let names = |snapshot: &Snapshot| -> Vec<String> {
        let module = take(snapshot, WAT).unwrap();
        module.exports().map(|export| export.name().to_owned()).collect()
    };
    assert_eq!(names(&Snapshot::new()), ["_start", "wizer.resume"]);
    assert_eq!(names(Snapshot::new().rename_func("_start", "wizer.resume")), ["_start"]);
    let mut swap = Snapshot::new();
    swap.rename_func("_start", "wizer.resume").rename_func("wizer.resume", "_start").keep_init_func(true);
    assert_eq!(names(&swap), ["wizer.initialize", "wizer.resume", "_start"]);

    let module = take(Snapshot::new().rename_func("_start", "wizer.resume"), WAT).unwrap();
    let mut store = dayfly::Store::new(module.engine(), ());
    let instance = dayfly::Instance::new(&mut store, &module, &[]).unwrap();
    assert_eq!(func::<(), i32>(&mut store, instance, "_start").call(&mut store, ()).unwrap(), 5);
}

#[test]
fn a_snapshot_of_a_snapshot_is_the_same() {
    let snapshot = Snapshot::new().keep_init_func(true).clone();
    let once = take(
        &snapshot,
        r#"(module
            (memory 1) (table 4 funcref) (global (mut i32) (i32.const 1))
            (data $d "passive") (data (i32.const 9) "active")
            (elem (i32.const 2) func $f)
            (func $f (export "wizer-initialize") (i32.store (i32.const 0) (i32.const 3)))
            (func (export "init") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))"#,
    )
    .unwrap();
    let engine = once.engine().clone();
    let store = dayfly::Store::new(&engine, ());
    let twice = snapshot.take(store, &dayfly::Linker::new(&engine), &once).unwrap();
    // The old run leaves a placeholder, for code could name it; all else is the same.
    let parsed = [once, dayfly::Module::from_binary(&engine, &twice).unwrap()];
    assert_eq!(parsed.map(|module| module.parsed().data().len()), [3, 4]);
}

#[test]
fn names_and_other_custom_sections_are_kept() {
    let module = take(
        &Snapshot::new(),
        r#"(module $named
            (memory 1) (data $hello (i32.const 0) "hello") (@custom "mine" (after data) "abc")
            (func $init (export "wizer-initialize")))"#,
    )
    .unwrap();
    assert_eq!(module.name(), Some("named"));
    assert_eq!(module.parsed().names().func(dayfly::parser::FuncIdx(0)), Some("init"));
    assert_eq!(module.custom_sections("mine").collect::<Vec<_>>(), [b"abc"]);
    let names = module.custom_sections("name").next().unwrap();
    assert!(!names.windows(5).any(|bytes| bytes == b"hello"), "the segment has another index");
}
