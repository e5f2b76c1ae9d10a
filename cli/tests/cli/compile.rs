//! Compiling ahead of time, and the cache of compiled modules.

use crate::command::{command, dayfly, finish};
use std::fs;
use std::path::Path;

/// Whether this machine has a compiler; if not, it is told.
fn has_compiler() -> bool {
    let found = dayfly(&["--engine", "jit", "--invoke", "add", "add.wat", "1", "2"]).status == Some(0);
    if !found {
        eprintln!("skipped: no compiler for this machine");
    }
    found
}

#[test]
fn a_compiled_module_runs() {
    if !has_compiler() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("add.dfa");
    let output = output.to_str().unwrap();
    dayfly(&["compile", "add.wat", "-o", output]).exits(0).prints("");
    dayfly(&["--invoke", "add", output, "1", "2"]).exits(0).prints("3\n");
    // It can be replaced while it is there.
    dayfly(&["compile", "-W", "fuel=1", "add.wat", "-o", output]).exits(0);
    dayfly(&["--invoke", "add", output, "1", "2"]).exits(1).complains(&["add.dfa", "fuel=true", "again"]);
    dayfly(&["-W", "fuel=1000", "--invoke", "add", output, "1", "2"]).exits(0).prints("3\n");
    dayfly(&["--engine", "interp", "--invoke", "add", output, "1", "2"]).exits(1);
    // Native code does not come in the place of a module.
    let disguised = folder.path().join("add.wasm");
    fs::copy(output, &disguised).unwrap();
    dayfly(&["--invoke", "add", disguised.to_str().unwrap(), "1", "2"])
        .exits(1)
        .complains(&["it is compiled"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(output, fs::Permissions::from_mode(0o666)).unwrap();
        dayfly(&["-W", "fuel=1000", "--invoke", "add", output, "1", "2"])
            .exits(1)
            .complains(&["others can write"]);
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn compiling_names_its_output_after_the_module() {
    if !has_compiler() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/add.wat"), folder.path().join("add.wat"))
        .unwrap();
    let mut compile = command(&["compile", "add.wat"]);
    compile.current_dir(folder.path());
    finish(compile, b"").exits(0);
    assert!(folder.path().join("add.dfa").exists());
    dayfly(&["compile", "--engine", "interp", "add.wat"]).exits(1).complains(&["interpreted"]);
    dayfly(&["compile", "none.wasm"]).exits(1).complains(&["none.wasm"]);
}

#[test]
fn runs_are_remembered() {
    if !has_compiler() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Large enough to be worth it.
    let module = folder.path().join("large.wat");
    let funcs: String =
        (0..1500).map(|n| format!("(func (param i32) (result i32) (i32.const {n}))\n")).collect();
    let start = "(func (export \"one\") (result i32) (i32.const 1))";
    fs::write(&module, format!("(module {start} {funcs})")).unwrap();
    let run = |options: &[&str], home: &Path| {
        let module = module.to_str().unwrap();
        let mut command = command(&[options, &["--engine", "jit", "--invoke", "one", module]].concat());
        command.env("XDG_CACHE_HOME", home);
        finish(command, b"").exits(0).prints("1\n");
    };
    let kept = |home: &Path| fs::read_dir(home.join("dayfly")).map_or(0, Iterator::count);
    let homes = [folder.path().join("a"), folder.path().join("b")];
    run(&[], &homes[0]);
    run(&[], &homes[0]);
    assert_eq!(kept(&homes[0]), 1);
    run(&["--no-cache"], &homes[1]);
    assert_eq!(kept(&homes[1]), 0);
}
