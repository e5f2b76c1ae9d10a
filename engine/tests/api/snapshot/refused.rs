//! What a snapshot cannot hold is an error that names it.

use super::refusal;
use super::take;
use dayfly::{Engine, Linker, Module, Snapshot, Store};

#[track_caller]
fn assert_refused(wat: &str, parts: &[&str]) {
    let error = refusal(wat);
    for part in parts {
        assert!(error.contains(part), "expected {part:?} in {error:?}");
    }
}

#[test]
fn objects_that_may_change() {
    assert_refused(
        r#"(module
            (type $s (struct (field (mut i32))))
            (global (export "state") (ref $s) (struct.new $s (i32.const 1)))
            (func (export "wizer-initialize")))"#,
        &["global 0 (`state`)", "an object of the heap"],
    );
    assert_refused(
        r#"(module
            (type $s (struct (field i32)))
            (global $g (mut anyref) (ref.null any))
            (func (export "wizer-initialize") (global.set $g (struct.new $s (i32.const 1)))))"#,
        &["global 0", "an object of the heap"],
    );
    assert_refused(
        r#"(module
            (type $a (array i8))
            (table 1 anyref) (table $t 3 anyref)
            (func (export "wizer-initialize")
                (table.set $t (i32.const 2) (array.new_default $a (i32.const 1)))))"#,
        &["entry 2 of table 1", "an object of the heap"],
    );
    assert_refused(
        r#"(module
            (type $s (struct (field (mut i32))))
            (elem $e (ref $s) (item (struct.new $s (i32.const 1))))
            (func (export "wizer-initialize"))
            (func (export "drop") (elem.drop $e)))"#,
        &["element segment 0", "an object of the heap"],
    );
}

#[test]
fn exceptions() {
    assert_refused(
        r#"(module
            (tag $t)
            (global $g (mut exnref) (ref.null exn))
            (func (export "wizer-initialize")
                (global.set $g
                    (block $caught (result exnref)
                        (try_table (catch_all_ref $caught) (throw $t))
                        (unreachable)))))"#,
        &["global 0", "an exception"],
    );
}

#[test]
fn host_values() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "value", |mut caller: dayfly::Caller<'_, ()>| {
            dayfly::ExternRef::new(&mut caller, 1)
        })
        .unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "value" (func $value (result (ref extern))))
            (global $g (mut externref) (ref.null extern))
            (func (export "wizer-initialize") (global.set $g (call $value))))"#,
    )
    .unwrap();
    let error = Snapshot::new().take(Store::new(&engine, ()), &linker, &module).unwrap_err();
    assert_eq!(error.to_string(), "global 0 refers to a value of the host, which a module cannot start with");
}

#[test]
fn functions_of_others() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    let other = |mut caller: dayfly::Caller<'_, ()>| Some(dayfly::Func::wrap(&mut caller, || {}));
    linker.func_wrap("host", "other", other).unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "other" (func $other (result funcref)))
            (table (export "t") 2 funcref)
            (func (export "wizer-initialize") (table.set (i32.const 1) (call $other))))"#,
    )
    .unwrap();
    let error = Snapshot::new().take(Store::new(&engine, ()), &linker, &module).unwrap_err();
    assert!(
        error.to_string().starts_with("entry 1 of table 0 (`t`) refers to a function that is neither"),
        "{error}"
    );
}

#[test]
fn initialisation_that_fails() {
    assert_refused(
        r#"(module (func (export "wizer-initialize") unreachable))"#,
        &["the initialisation function `wizer-initialize` failed", "unreachable"],
    );
    assert_refused(
        r#"(module (func $s unreachable) (start $s) (func (export "wizer-initialize")))"#,
        &["the start function failed"],
    );
    assert_refused(
        r#"(module (import "a" "b" (func $f)) (func (export "wizer-initialize") (call $f)))"#,
        &["`a::b`", "not granted"],
    );
    assert_refused(
        r#"(module (import "a" "b" (memory 1)) (func (export "wizer-initialize")))"#,
        &["cannot instantiate the module", "a", "b"],
    );
}

#[test]
fn functions_that_are_not_there() {
    assert_refused(
        r#"(module (func (export "a")) (memory (export "m") 1))"#,
        &["`wizer-initialize`", "but: `a`"],
    );
    assert_refused(
        r#"(module (func (export "wizer-initialize") (param i32)))"#,
        &["take and return nothing"],
    );
    const WAT: &str =
        r#"(module (func (export "wizer-initialize")) (func (export "f")) (memory (export "m") 1))"#;
    let error = |snapshot: &Snapshot| take(snapshot, WAT).unwrap_err().to_string();
    assert!(error(Snapshot::new().init_func("m")).contains("no function `m`"));
    assert!(error(Snapshot::new().rename_func("g", "x")).contains("no function `x`"));
    assert!(error(Snapshot::new().rename_func("g", "f").rename_func("h", "f")).contains("renamed once"));
    assert!(
        error(Snapshot::new().rename_func("g", "f").rename_func("g", "wizer-initialize"))
            .contains("renamed once")
    );
}
