//! The commands that examine modules and scripts.

use crate::command::{command, dayfly, finish};
use std::process::Stdio;

#[test]
fn help_and_version() {
    let help = dayfly(&["--help"]).exits(0).stdout;
    for part in ["Examples:", "--dir", "--invoke", "wast", "inspect", "completions"] {
        assert!(help.contains(part), "{part} in\n{help}");
    }
    assert!(dayfly(&["--version"]).exits(0).stdout.starts_with("dayfly "));
    let list = dayfly(&["-W", "help"]).exits(0).stdout;
    for part in ["fuel=N", "timeout=", "max-memory-size=", "unknown-imports-trap", "tail-call"] {
        assert!(list.contains(part), "{part} in\n{list}");
    }
    assert!(dayfly(&["-S", "help"]).exits(0).stdout.contains("inherit-env"));
    assert!(dayfly(&["completions", "bash"]).exits(0).stdout.contains("_dayfly"));
}

#[test]
fn validate_tells_of_every_file() {
    dayfly(&["validate", "add.wat", "trap.wat"]).exits(0).prints("add.wat: valid\ntrap.wat: valid\n");
    dayfly(&["validate", "add.wat", "invalid.wat", "none.wasm", "trap.wat"])
        .exits(1)
        .prints("add.wat: valid\ntrap.wat: valid\n")
        .complains(&["`invalid.wat`", "type mismatch", "`none.wasm`"]);
    dayfly(&["validate"]).exits(2);
}

#[test]
fn inspect_shows_needs_and_offers() {
    let text = dayfly(&["inspect", "echo.wat"]).exits(0).stdout;
    for part in [
        "wasi_snapshot_preview1.fd_read",
        "(func (param i32 i32 i32 i32) (result i32))",
        "_start",
        "(memory 4)",
        "256 KiB at first",
        "9 (6 imported)",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(dayfly(&["inspect", "add.wat"]).exits(0).stdout.contains("simd"));
}

#[test]
fn inspect_writes_json() {
    let text = dayfly(&["inspect", "--json", "unknown.wat"]).exits(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["imports"][0]["module"], "env");
    assert_eq!(json["imports"][0]["type"], "(func (param i32) (result i64))");
    assert_eq!(json["exports"][1]["name"], "leave");
    assert_eq!((&json["functions"], &json["imported_functions"]), (&3.into(), &1.into()));
    assert_eq!(json["features"], serde_json::json!([]));
    assert!(json["memories"].as_array().unwrap().is_empty());
}

#[test]
fn objdump_shows_one_function_or_all() {
    let all = dayfly(&["objdump", "trap.wat"]).exits(0).stdout;
    for part in
        ["function 0 `divide` [i32] -> [i32]:", "function 1 `middle`", "function 2 `_start`", "i32.div_s"]
    {
        assert!(all.contains(part), "{part} in\n{all}");
    }
    for wanted in ["1", "middle"] {
        let one = dayfly(&["objdump", "trap.wat", wanted]).exits(0).stdout;
        assert!(one.starts_with("function 1 `middle` [i32] -> [i32]:\n"), "{one}");
        assert!(!one.contains("`divide` [i32]"), "{one}");
    }
    assert!(dayfly(&["objdump", "trap.wat", "_start"]).exits(0).stdout.starts_with("function 2"));
    dayfly(&["objdump", "trap.wat", "nothing"]).exits(1).complains(&["no function `nothing`"]);
    dayfly(&["objdump", "trap.wat", "7"]).exits(1).complains(&["no function `7`"]);
    dayfly(&["objdump", "unknown.wat", "0"]).exits(1).complains(&["imported"]);
}

#[test]
fn wast_prints_failures_and_totals() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("deeper")).unwrap();
    let good = "(assert_invalid (module (func (result i32))) \"type mismatch\")\n";
    std::fs::write(folder.path().join("good.wast"), good).unwrap();
    let bad = "(module (func (export \"one\") (result i32) (i32.const 1)))
        (assert_return (invoke \"one\") (i32.const 1))
        (assert_return (invoke \"one\") (i32.const 2))";
    let bad_path = folder.path().join("deeper/bad.wast");
    std::fs::write(&bad_path, bad).unwrap();

    let path = folder.path().to_str().unwrap();
    let failure = format!("{}:3: result 0: expected (i32.const 2), got (i32.const 1)\n", bad_path.display());
    dayfly(&["wast", path]).exits(1).prints(&format!("{failure}2 passed, 1 failed, 0 skipped\n"));
    dayfly(&["wast", "--engine", "interp", "--quiet", path])
        .exits(1)
        .prints("2 passed, 1 failed, 0 skipped\n");
    let good_path = folder.path().join("good.wast");
    dayfly(&["wast", good_path.to_str().unwrap()]).exits(0).prints("1 passed, 0 failed, 0 skipped\n");
    dayfly(&["wast", "."]).exits(1).complains(&["no script"]);
    dayfly(&["wast", "none.wast"]).exits(1).complains(&["none.wast"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut command = command(&["inspect", "echo.wat"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdout(Stdio::from(writer));
    let output = command.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn no_colour_is_asked_for_by_the_environment() {
    let mut command = command(&["none.wasm"]);
    command.env("NO_COLOR", "1");
    assert!(finish(command, b"").stderr.starts_with("Error: "));
}
