//! Messages about what cannot be run: they name the file, the flag, the import.

use crate::command::dayfly;

#[test]
fn files_that_are_no_modules() {
    dayfly(&["no-such-file.wasm"]).exits(1).complains(&["cannot read `no-such-file.wasm`", "No such file"]);
    dayfly(&["/"]).exits(1).complains(&["cannot read `/`"]);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    dayfly(&[&file("elf", b"\x7fELF\x01\x02")])
        .exits(1)
        .complains(&["not a WebAssembly module", "7f 45 4c 46"]);
    dayfly(&[&file("empty.wasm", b"")]).exits(1).complains(&["it is empty"]);
    dayfly(&[&file("component.wasm", b"\0asm\x0d\0\x01\0")]).exits(1).complains(&["component"]);
    dayfly(&[&file("cut.wasm", b"\0asm\x01\0\0\0\x01\x50")]).exits(1).complains(&["cut.wasm", "offset 0x"]);
    dayfly(&[&file("typo.wat", b"(module (fnuc))")]).exits(1).complains(&["typo.wat", "fnuc"]);
    dayfly(&["invalid.wat"]).exits(1).complains(&[
        "invalid.wat",
        "invalid module at offset 0x",
        "type mismatch",
    ]);
}

#[test]
fn nothing_to_run() {
    dayfly(&["empty.wat"]).exits(1).complains(&["no `_start`", "--invoke", "one [] -> [i32]"]);
    dayfly(&[]).exits(2).complains(&["FILE"]);
    dayfly(&["-W", "fuel=1"]).exits(1).complains(&["which module"]);
}

#[test]
fn wrong_calls() {
    dayfly(&["--invoke", "sub", "add.wat"])
        .exits(1)
        .complains(&["no function `sub`", "add [i32 i32] -> [i32]"]);
    dayfly(&["--invoke", "memory", "add.wat"]).exits(1).complains(&["no function `memory`"]);
    dayfly(&["--invoke", "add", "add.wat", "1"]).exits(1).complains(&["takes 2 arguments, 1 are given"]);
    dayfly(&["--invoke", "add", "add.wat", "1", "2", "3"])
        .exits(1)
        .complains(&["takes 2 arguments, 3 are given"]);
    dayfly(&["--invoke", "add", "add.wat", "1", "two"])
        .exits(1)
        .complains(&["argument 2 of `add`", "`two` is not an i32"]);
    dayfly(&["--invoke", "add", "add.wat", "1", "4294967296"])
        .exits(1)
        .complains(&["`4294967296` is not an i32"]);
    dayfly(&["--invoke", "half", "add.wat", "x"]).exits(1).complains(&["`x` is not an f32"]);
    dayfly(&["--invoke", "extern", "add.wat", "5"]).exits(1).complains(&["only `null`"]);
}

#[test]
fn wrong_flags_name_what_they_expect() {
    dayfly(&["-W", "fuel=lots", "loop.wat"]).exits(2).complains(&["fuel", "`lots` is not a number"]);
    dayfly(&["-W", "timeout=soon", "loop.wat"]).exits(2).complains(&["`soon` is not a duration", "500ms"]);
    dayfly(&["-W", "max-memory-size=big", "loop.wat"]).exits(2).complains(&["`big` is not a size"]);
    dayfly(&["-W", "tail-calls", "loop.wat"]).exits(2).complains(&["is `tail-call` meant?", "-W help"]);
    dayfly(&["-S", "network", "loop.wat"]).exits(2).complains(&["no option `network`", "-S help"]);
    dayfly(&["--no-such-flag", "loop.wat"]).exits(2).complains(&["--no-such-flag"]);
    dayfly(&["--dir", "no-such-folder", "exit.wat"]).exits(1).complains(&["no-such-folder"]);
    dayfly(&["--dir", ".::/::rx", "exit.wat"]).exits(1).complains(&["HOST::GUEST::ro"]);
    dayfly(&["--env", "NO_SUCH_VARIABLE_HERE", "exit.wat"]).exits(1).complains(&["NO_SUCH_VARIABLE_HERE"]);
}
