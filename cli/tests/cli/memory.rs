//! How much memory compiling takes at most: so many bytes for each byte of the module, and more for its
//! largest body alone, whatever the number of threads.

use crate::command::{dayfly, finish};
use std::fs;
use std::path::Path;

/// What the process takes that compiles next to nothing, with much to spare.
const BASE: u64 = 40 << 20;

/// Bytes for each byte of a module.
const FOR_MODULE: u64 = 24;

/// Bytes for each byte of the largest body.
const FOR_BODY: u64 = 520;

fn leb128(mut n: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while n >= 0x80 {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
    bytes
}

/// A module of so many functions from `i32` to `i32`, each with a body of about so many bytes: calls one after
/// the other, which of all straight code takes the most memory.
fn module(functions: usize, body_bytes: usize) -> Vec<u8> {
    const CALL: [u8; 6] = [0x20, 0, 0x10, 0, 0x21, 0];
    let body = [&[0][..], &CALL.repeat(body_bytes / CALL.len()), &[0x20, 0, 0x0b]].concat();
    let entry = [leb128(body.len()), body].concat();
    let mut module = b"\0asm\x01\0\0\0\x01\x06\x01\x60\x01\x7f\x01\x7f".to_vec();
    let mut section =
        |id: u8, contents: Vec<u8>| module.extend([vec![id], leb128(contents.len()), contents].concat());
    section(3, [leb128(functions), vec![0; functions]].concat());
    section(10, [leb128(functions), entry.repeat(functions)].concat());
    module
}

/// Bytes of memory that `dayfly compile --verbose` tells of.
fn peak(folder: &Path, module: &[u8]) -> u64 {
    let (file, output) = (folder.join("m.wasm"), folder.join("m.dfa"));
    fs::write(&file, module).unwrap();
    let run = dayfly(&["compile", "-v", file.to_str().unwrap(), "-o", output.to_str().unwrap()]).exits(0);
    let told = run.stderr.trim().strip_suffix(" of memory").unwrap_or_else(|| panic!("{run:?}"));
    let (number, unit) = told.rsplit_once(", ").unwrap().1.split_once(' ').unwrap();
    assert_eq!(unit, "MiB", "{run:?}");
    (number.parse::<f64>().unwrap() * f64::from(1 << 20)) as u64
}

#[test]
fn compiling_takes_memory_in_proportion_to_the_module() {
    let sane = crate::command::command(&["--engine", "jit", "--invoke", "add", "add.wat", "1", "2"]);
    if finish(sane, b"").status != Some(0) {
        eprintln!("skipped: no compiler for this machine");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let most = |functions: usize, body: usize, peak: u64| {
        let bytes = (functions * body) as u64;
        println!("{functions} bodies of {body} bytes: {} MiB", peak >> 20);
        peak <= BASE + FOR_MODULE * bytes + FOR_BODY * body as u64
    };
    for (functions, body) in [(200, 1000), (800, 1000), (3, 200_000)] {
        assert!(
            most(functions, body, peak(folder.path(), &module(functions, body))),
            "{functions} of {body}"
        );
    }
    // A larger one is not compiled.
    let large = peak(folder.path(), &module(1, 1_100_000));
    assert!(large <= BASE + FOR_MODULE * 1_100_000, "{large}");
}
