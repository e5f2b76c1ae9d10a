//! Running functions and programs: results, traps, limits, linking.

use crate::command::dayfly;

#[test]
fn results_are_printed_a_line_each() {
    dayfly(&["--invoke", "add", "add.wat", "2", "3"]).exits(0).prints("5\n");
    dayfly(&["run", "--invoke", "add", "add.wat", "0xffff_ffff", "-1"]).exits(0).prints("-2\n");
    dayfly(&["--invoke", "swap", "add.wat", "-7", "9223372036854775807"])
        .exits(0)
        .prints("9223372036854775807\n-7\n");
    dayfly(&["--invoke", "id64", "add.wat", "18_446_744_073_709_551_615"]).exits(0).prints("-1\n");
    dayfly(&["--invoke", "half", "add.wat", "0.25"]).exits(0).prints("0.125\n");
    assert!(dayfly(&["--invoke", "sqrt", "add.wat", "-1"]).exits(0).stdout.ends_with("nan\n"));
    dayfly(&["--invoke", "vector", "add.wat", "0x01"])
        .exits(0)
        .prints("0x00000000000000000000000000000002\n");
    dayfly(&["--invoke", "self", "add.wat"]).exits(0).prints("funcref\n");
    dayfly(&["--invoke", "extern", "add.wat", "null"]).exits(0).prints("null\n");
}

#[test]
fn a_trap_prints_its_backtrace_and_exits_134() {
    let run = dayfly(&["trap.wat"]).exits(134).prints("");
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines[0], "Error: `trap.wat` failed: integer divide by zero");
    assert_eq!(lines[1], "error while executing at wasm backtrace:");
    let frames: Vec<Vec<&str>> = lines[2..].iter().map(|line| line.split_whitespace().collect()).collect();
    let functions = ["trapping!divide", "trapping!middle", "trapping!_start"];
    assert_eq!(frames.len(), functions.len(), "{}", run.stderr);
    for (i, (frame, function)) in frames.iter().zip(functions).enumerate() {
        assert_eq!(frame[0], format!("{i}:"));
        assert!(frame[1].starts_with("0x"), "{}", run.stderr);
        assert_eq!(&frame[2..], ["-", function]);
    }
}

#[test]
fn errors_are_not_coloured_in_a_pipe() {
    assert!(!dayfly(&["trap.wat"]).stderr.contains('\x1b'));
}

#[test]
fn fuel_stops_a_guest() {
    dayfly(&["-W", "fuel=10000", "loop.wat"]).exits(134).complains(&[
        "stopped by `-W fuel=10000`",
        "all fuel consumed",
        "endless!",
    ]);
    dayfly(&["-W", "fuel=10000", "--invoke", "add", "add.wat", "1", "2"]).exits(0).prints("3\n");
}

#[test]
fn a_timeout_stops_a_guest() {
    dayfly(&["-W", "timeout=50ms", "loop.wat"]).exits(134).complains(&[
        "stopped by `-W timeout` after 50ms",
        "interrupt",
        "endless!",
    ]);
    dayfly(&["-W", "timeout=1m", "--invoke", "add", "add.wat", "1", "2"]).exits(0).prints("3\n");
}

#[test]
fn memories_and_tables_are_limited() {
    let grow = |option: &str, function: &str, by: &str| {
        dayfly(&["-W", option, "--invoke", function, "grow.wat", by])
    };
    grow("max-memory-size=128k", "grow", "1").exits(0).prints("1\n");
    grow("max-memory-size=128k", "grow", "2").exits(0).prints("-1\n");
    grow("max-table-elements=5", "grow_table", "4").exits(0).prints("1\n");
    grow("max-table-elements=5", "grow_table", "5").exits(0).prints("-1\n");
    grow("max-memory-size=128k,trap-on-grow-failure", "grow", "2").exits(134).complains(&["growing memory"]);
    dayfly(&["-W", "max-memory-size=1", "--invoke", "grow", "grow.wat", "0"])
        .exits(1)
        .complains(&["65536 bytes of memory"]);
    dayfly(&["-W", "max-instances=0", "--invoke", "grow", "grow.wat", "0"]).exits(1).complains(&["instance"]);
}

#[test]
fn the_gc_heap_is_limited() {
    let sum = |option: &str, n: &str| dayfly(&["-W", option, "--invoke", "sum", "list.wat", n]);
    sum("max-gc-heap-size=128k", "1000").exits(0).prints("500500\n");
    sum("max-gc-heap-size=128k", "10000").exits(134).complains(&["GC heap exhausted", "list!"]);
    sum("max-gc-heap-size=1m", "10000").exits(0).prints("50005000\n");
    sum("gc-torture", "100").exits(0).prints("5050\n");
}

#[test]
fn an_uncaught_exception_prints_its_backtrace() {
    dayfly(&["--invoke", "throw", "list.wat"]).exits(134).complains(&["uncaught exception", "list!throw"]);
}

#[test]
fn endless_recursion_is_a_trap() {
    dayfly(&["--invoke", "deep", "grow.wat"]).exits(134).complains(&["call stack exhausted"]);
    dayfly(&["-W", "max-wasm-stack=64k", "--invoke", "deep", "grow.wat"])
        .exits(134)
        .complains(&["call stack exhausted"]);
}

#[test]
fn unknown_imports_are_refused_trapped_or_defaulted() {
    dayfly(&["--invoke", "leave", "unknown.wat"]).exits(1).complains(&["env", "mystery", "--preload"]);
    dayfly(&["-W", "unknown-imports-trap", "--invoke", "leave", "unknown.wat"]).exits(0).prints("5\n");
    dayfly(&["-W", "unknown-imports-trap", "--invoke", "call", "unknown.wat"])
        .exits(134)
        .complains(&["env", "mystery", "!call"]);
    dayfly(&["-W", "unknown-imports-default", "--invoke", "call", "unknown.wat"]).exits(0).prints("0\n");
}

#[test]
fn preloaded_modules_provide_imports() {
    dayfly(&["--preload", "env=provider.wat", "--invoke", "call", "unknown.wat"]).exits(0).prints("42\n");
    dayfly(&["--preload", "other=provider.wat", "--invoke", "call", "unknown.wat"])
        .exits(1)
        .complains(&["env", "mystery"]);
    dayfly(&["--preload", "env", "--invoke", "call", "unknown.wat"]).exits(2).complains(&["NAME=FILE"]);
}

#[test]
fn reactors_are_initialized_first() {
    dayfly(&["--invoke", "ready", "reactor.wat"]).exits(0).prints("7\n");
    dayfly(&["reactor.wat"]).exits(0).prints("");
}

#[test]
fn proposals_can_be_switched_off() {
    dayfly(&["-W", "simd=n", "--invoke", "add", "add.wat", "1", "1"]).exits(1).complains(&["simd"]);
    dayfly(&["validate", "-W", "multi-value=n", "add.wat"]).exits(1);
}

#[test]
fn an_engine_can_be_asked_for() {
    for engine in ["interp", "jit", "mixed", "auto"] {
        dayfly(&["--engine", engine, "--invoke", "add", "add.wat", "1", "2"]).exits(0).prints("3\n");
    }
    dayfly(&["--engine", "fast", "add.wat"]).exits(2).complains(&["fast", "interp"]);
}
