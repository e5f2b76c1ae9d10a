//! Compiled modules in files, and the cache of them.

use crate::func;
use dayfly::{ArtifactError, Cache, Config, Engine, Instance, Module, Store, Strategy, Trap};
use std::fs;
use std::path::{Path, PathBuf};

/// Calls by table and by type, objects, exceptions, memory, all of it with types of their own.
const WAT: &str = r#"(module
    (type $point (struct (field $x (mut i32)) (field $y i64)))
    (type $op (func (param i32 i32) (result i32)))
    (type $line (array (mut (ref null $point))))
    (tag $bad (param i32))
    (memory 1)
    (data (i32.const 16) "\2a\00\00\00")
    (table funcref (elem $add $sub $trap))
    (func $add (type $op) (i32.add (local.get 0) (local.get 1)))
    (func $sub (type $op) (i32.sub (local.get 0) (local.get 1)))
    (func $trap (param i64))
    (func (export "op") (param i32 i32 i32) (result i32)
        (call_indirect (type $op) (local.get 1) (local.get 2) (local.get 0)))
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
    (func $throw (param i32) (throw $bad (local.get 0)))
    (func (export "catch") (param i32) (result i32)
        (block $h (result i32)
            (try_table (catch $bad $h) (call $throw (local.get 0)))
            (i32.const -1)))
    (func (export "objects") (param i32) (result i32) (local $line (ref $line)) (local $i i32)
        (local.set $line (array.new_default $line (i32.const 10)))
        (loop $next
            (array.set $line (local.get $line) (local.get $i)
                (struct.new $point (i32.add (local.get 0) (local.get $i)) (i64.const 7)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $i) (i32.const 10))))
        (struct.get $point $x (ref.cast (ref $point) (array.get $line (local.get $line) (i32.const 9))))))"#;

/// An engine with the compiler; `None`, which is told, on machines without one.
fn compiler(configure: impl FnOnce(&mut Config) -> &mut Config) -> Option<Engine> {
    let mut config = Config::new();
    configure(config.strategy(Strategy::Compiler));
    let engine = Engine::new(&config);
    if engine.is_err() {
        eprintln!("skipped: no compiler for this machine");
    }
    engine.ok()
}

fn put(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join("module.dfa");
    fs::write(&path, bytes).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    path
}

#[track_caller]
fn works(engine: &Engine, module: &Module) {
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, module, &[]).unwrap();
    let op = func::<(i32, i32, i32), i32>(&mut store, instance, "op");
    assert_eq!(op.call(&mut store, (0, 40, 2)).unwrap(), 42);
    assert_eq!(op.call(&mut store, (1, 40, 2)).unwrap(), 38);
    let trap = |result: dayfly::Result<i32>| result.unwrap_err().downcast_ref::<Trap>().copied();
    assert_eq!(trap(op.call(&mut store, (2, 40, 2))), Some(Trap::BadSignature));
    let load = func::<i32, i32>(&mut store, instance, "load");
    assert_eq!(load.call(&mut store, 16).unwrap(), 42);
    assert_eq!(trap(load.call(&mut store, -1)), Some(Trap::MemoryOutOfBounds));
    let catch = func::<i32, i32>(&mut store, instance, "catch");
    assert_eq!(catch.call(&mut store, 5).unwrap(), 5);
    let objects = func::<i32, i32>(&mut store, instance, "objects");
    assert_eq!(objects.call(&mut store, 100).unwrap(), 109);
}

#[test]
fn a_compiled_module_works_in_another_engine() {
    let folder = tempfile::tempdir().unwrap();
    let Some(engine) = compiler(|c| c) else { return };
    let module = Module::new(&engine, WAT).unwrap();
    works(&engine, &module);
    let path = put(folder.path(), &module.serialize().unwrap());
    for types in [0, 20] {
        // An engine in which the module's types get other numbers, and objects move all the time.
        let other = compiler(|c| c.gc_torture(types > 0)).unwrap();
        let types: String =
            (0..types).map(|n| format!("(type (struct {}))", "(field i64)".repeat(n))).collect();
        let _types = Module::new(&other, format!("(module {types})")).unwrap();
        let loaded = Module::deserialize_file(&other, &path).unwrap();
        works(&other, &loaded);
        assert_eq!(loaded.exports().len(), 4);
        assert_eq!(loaded.serialize().unwrap(), module.serialize().unwrap());
    }
}

#[test]
fn memories_start_from_the_file_and_leave_it_as_it_is() {
    const MEMORIES: &str = r#"(module
        (memory (export "a") 3) (memory (export "b") 1) (memory (export "c") 1)
        (data (memory 0) (i32.const 70000) "first") (data (memory 0) (i32.const 70003) "later")
        (data (memory 1) (i32.const 65535) "!") (data "passive"))"#;
    let folder = tempfile::tempdir().unwrap();
    let Some(engine) = compiler(|c| c) else { return };
    let bytes = Module::new(&engine, MEMORIES).unwrap().serialize().unwrap();
    let path = put(folder.path(), &bytes);
    for images in [true, false] {
        let engine = compiler(|c| c.memory_init_cow(images)).unwrap();
        let module = Module::deserialize_file(&engine, &path).unwrap();
        for _ in 0..3 {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            let [a, b, c] = ["a", "b", "c"].map(|name| instance.get_memory(&mut store, name).unwrap());
            assert_eq!(&a.data(&store)[69_999..70_010], b"\0firlater\0\0");
            assert!(a.data(&store)[..69_999].iter().all(|byte| *byte == 0));
            assert_eq!(b.data(&store).iter().position(|byte| *byte != 0), Some(65_535));
            assert!(c.data(&store).iter().all(|byte| *byte == 0));
            a.write(&mut store, 69_990, &[0xff; 40]).unwrap();
            b.write(&mut store, 65_530, &[0xff; 6]).unwrap();
        }
    }
    assert_eq!(fs::read(&path).unwrap(), bytes);
    // What is mostly zeros is not stored.
    let sparse = r#"(module (memory 160) (data (i32.const 0) "a") (data (i32.const 9000000) "b"))"#;
    assert!(Module::new(&engine, sparse).unwrap().serialize().unwrap().len() < 200_000);
}

#[test]
fn what_is_no_compiled_module_for_the_engine_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let Some(engine) = compiler(|c| c) else { return };
    let bytes = Module::new(&engine, WAT).unwrap().serialize().unwrap();
    assert!(Module::is_serialized(&bytes) && !Module::is_serialized(b"\0asm\x01\0\0\0"));
    let error = |engine: &Engine, bytes: &[u8]| {
        let error = Module::deserialize_file(engine, put(folder.path(), bytes)).unwrap_err();
        format!("{:?}", error.downcast_ref::<ArtifactError>())
    };
    for at in (16..bytes.len()).step_by(997) {
        let mut bad = bytes.clone();
        bad[at] ^= 0x80;
        assert!(error(&engine, &bad).contains("Damaged"), "byte {at}");
    }
    assert!(error(&engine, b"\0asm\x01\0\0\0").contains("NotAnArtifact"));
    let fuel = compiler(|c| c.consume_fuel(true)).unwrap();
    assert!(error(&fuel, &bytes).contains("fuel=false"));
    let interpreter = crate::engine(|c| c.strategy(Strategy::Interpreter));
    assert_eq!(error(&interpreter, &bytes), "None");
    assert!(Module::new(&interpreter, WAT).unwrap().serialize().is_err());
    // Bytes that are no module for anyone are none for `new`, whatever they are.
    assert!(Module::new(&engine, &bytes).is_err());
}

#[test]
fn a_file_that_was_found_whole_is_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let Some(engine) = compiler(|c| c) else { return };
    let data = "x".repeat(200_000);
    let large = format!("{} (data \"{data}\"))", WAT.strip_suffix(')').unwrap());
    let module = Module::new(&engine, large).unwrap();
    let good = module.serialize().unwrap();
    let path = put(folder.path(), &good);
    let changed = |seconds| {
        let time = std::time::SystemTime::now() - std::time::Duration::from_secs(seconds);
        fs::File::open(&path).unwrap().set_modified(time).unwrap();
    };
    changed(1000);
    for _ in 0..3 {
        works(&engine, &Module::deserialize_file(&engine, &path).unwrap());
    }
    // The same file, with other bytes in places that are read at once, later or never.
    for at in (16..good.len()).step_by(good.len() / 50) {
        let mut bad = good.clone();
        bad[at] ^= 4;
        for (seconds, bytes, whole) in [(500, &bad, false), (300, &good, true), (200, &bad, false)] {
            fs::write(&path, bytes).unwrap();
            if seconds != 200 {
                changed(seconds);
            }
            let loaded = Module::deserialize_file(&engine, &path);
            assert_eq!(loaded.is_ok(), whole, "byte {at}");
        }
    }
    fs::write(&path, &good[..good.len() - 4096]).unwrap();
    assert!(Module::deserialize_file(&engine, &path).is_err());
}

/// The files of a cache.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn cache(folder: &Path) -> Cache {
    Cache::new(folder).min_module_size(0)
}

#[test]
fn a_module_is_compiled_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("made/when/needed");
    let with_cache = || compiler(|c| c.cache(Some(cache(&folder))));
    let Some(engine) = with_cache() else { return };
    works(&engine, &Module::new(&engine, WAT).unwrap());
    let [file] = &files(&folder)[..] else { panic!("{:?}", files(&folder)) };
    // Its use is noted if the last one was long ago: so a hit can be seen.
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(100_000);
    let used = || fs::metadata(file).unwrap().modified().unwrap();
    fs::File::open(file).unwrap().set_modified(long_ago).unwrap();
    let engine = with_cache().unwrap();
    works(&engine, &Module::new(&engine, WAT).unwrap());
    assert!(used().elapsed().unwrap().as_secs() < 50_000, "the file was used");
    // A damaged file is written anew.
    let good = fs::read(file).unwrap();
    fs::write(file, &good[..good.len() / 2]).unwrap();
    works(&engine, &Module::new(&engine, WAT).unwrap());
    assert_eq!(fs::read(file).unwrap(), good);
    // Other settings, another file.
    let fuel = compiler(|c| c.cache(Some(cache(&folder))).consume_fuel(true)).unwrap();
    Module::new(&fuel, WAT).unwrap();
    assert_eq!(files(&folder).len(), 2);
}

#[test]
fn a_cache_is_for_many_at_once() {
    let folder = tempfile::tempdir().unwrap();
    if compiler(|c| c).is_none() {
        return;
    }
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..4 {
                    let engine = compiler(|c| c.cache(Some(cache(folder.path())))).unwrap();
                    works(&engine, &Module::new(&engine, WAT).unwrap());
                }
            });
        }
    });
    assert_eq!(files(folder.path()).len(), 1, "{:?}", files(folder.path()));
}

#[test]
fn a_cache_does_not_grow_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let module = |n: i32| format!("(module (func (export \"f\") (result i32) (i32.const {n})))");
    let Some(plain) = compiler(|c| c) else { return };
    let size = Module::new(&plain, module(0)).unwrap().serialize().unwrap().len() as u64;
    let small = cache(folder.path()).max_size(3 * size + size / 2);
    let engine = compiler(|c| c.cache(Some(small))).unwrap();
    for n in 0..10 {
        Module::new(&engine, module(n)).unwrap();
        assert!(files(folder.path()).len() <= 3);
    }
    assert_eq!(files(folder.path()).len(), 3);
    std::thread::scope(|scope| {
        for thread in 1..5 {
            let (engine, module) = (&engine, &module);
            scope.spawn(move || {
                for n in 0..10 {
                    Module::new(engine, module(thread * 100 + n)).unwrap();
                }
            });
        }
    });
    Module::new(&engine, module(10)).unwrap();
    assert!(files(folder.path()).len() <= 3, "{:?}", files(folder.path()));
}

#[test]
fn a_cache_that_cannot_be_used_is_no_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let Some(engine) = compiler(|c| c.cache(Some(cache(&file.path().join("below a file"))))) else { return };
    works(&engine, &Module::new(&engine, WAT).unwrap());
}
