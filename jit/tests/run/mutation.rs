//! Checks are what protects: code from which one is removed does something else than trap. Each case is run in a
//! process of its own, first as it is compiled, then with the branches to the trap overwritten; a mutant may return,
//! trap otherwise or be killed by the system, but it does not end as it should.

use super::host::{isa, store_with};
use dayfly_jit::code::MachineCode;
use dayfly_jit::compile::{self, CompiledFunc, Looks};
use dayfly_jit::link::link;
use dayfly_parser::{Config, Module};
use dayfly_runtime::backend::Code;
use dayfly_runtime::config::RuntimeConfig;
use dayfly_runtime::instance::Blueprint;
use dayfly_runtime::shape::Shape;
use dayfly_runtime::store::Extern;
use dayfly_runtime::trap::Trap;
use std::process::Command;
use std::sync::Arc;

/// What a module must trap with, and the module, whose `f` of type [] -> [i32] does it. Memories have pages of one
/// byte: what is behind their end is accessible to the process.
const CASES: &[(Trap, &str)] = &[
    (
        Trap::MemoryOutOfBounds,
        r#"(memory 100 (pagesize 1)) (global $at (mut i32) (i32.const 200))
           (func (export "f") (result i32) (i32.load8_u (global.get $at)))"#,
    ),
    (
        Trap::MemoryOutOfBounds,
        r#"(memory i64 100 (pagesize 1)) (global $at (mut i64) (i64.const 200))
           (func (export "f") (result i32) (i32.load (global.get $at)))"#,
    ),
    (
        Trap::MemoryOutOfBounds,
        r#"(memory i64 100 (pagesize 1)) (global $at (mut i64) (i64.const 97))
           (func (export "f") (result i32) (i32.store (global.get $at) (i32.const 1)) (i32.const 0))"#,
    ),
    (
        Trap::MemoryOutOfBounds,
        r#"(memory i64 100 (pagesize 1)) (global $at (mut i64) (i64.const 0))
           (func (export "f") (result i32) (i32.load8_u offset=1000 (global.get $at)))"#,
    ),
    (
        Trap::UnalignedAtomic,
        r#"(memory 1) (global $at (mut i32) (i32.const 1))
           (func (export "f") (result i32) (i32.atomic.load (global.get $at)))"#,
    ),
    (
        Trap::TableOutOfBounds,
        r#"(table 3 externref) (global $at (mut i32) (i32.const 4))
           (func (export "f") (result i32) (ref.is_null (table.get (global.get $at))))"#,
    ),
    (
        Trap::TableOutOfBounds,
        r#"(table i64 3 externref) (global $at (mut i64) (i64.const 4))
           (func (export "f") (result i32) (table.set (global.get $at) (ref.null extern)) (i32.const 0))"#,
    ),
    (
        Trap::UndefinedElement,
        r#"(table 3 funcref) (global $at (mut i32) (i32.const 1000))
           (func (export "f") (result i32) (call_indirect (result i32) (global.get $at)))"#,
    ),
    (
        Trap::BadSignature,
        r#"(table funcref (elem $g)) (func $g (param i32 i32) (result i32) (local.get 0))
           (func (export "f") (result i32) (call_indirect (param i32) (result i32) (i32.const 7) (i32.const 0)))"#,
    ),
    (
        Trap::ArrayOutOfBounds,
        r#"(type $a (array (mut i32))) (global $at (mut i32) (i32.const 5))
           (func (export "f") (result i32) (array.get $a (array.new $a (i32.const 1) (i32.const 3)) (global.get $at)))"#,
    ),
    (
        Trap::ArrayOutOfBounds,
        r#"(type $a (array (mut i32))) (global $at (mut i32) (i32.const 5))
           (func (export "f") (result i32)
             (array.set $a (array.new $a (i32.const 1) (i32.const 3)) (global.get $at) (i32.const 9)) (i32.const 0))"#,
    ),
    (
        Trap::CastFailure,
        r#"(type $a (struct (field i32))) (type $b (struct (field i32 i32))) (global $g (mut anyref) (ref.null any))
           (func (export "f") (result i32) (global.set $g (struct.new $a (i32.const 3)))
             (struct.get $b 1 (ref.cast (ref $b) (global.get $g))))"#,
    ),
    (Trap::StackOverflow, r#"(func $f (export "f") (result i32) (i32.add (call $f) (i32.const 1)))"#),
];

/// Which case a child process is to run: its number, then whether it is mutated.
const CHILD: &str = "DAYFLY_MUTATION";

#[test]
fn without_its_check_no_module_ends_as_it_should() {
    if let Ok(which) = std::env::var(CHILD) {
        let (case, mutated) = which.split_once(' ').unwrap();
        println!("{}", run(case.parse().unwrap(), mutated == "true"));
        return;
    }
    for (number, (trap, wat)) in CASES.iter().enumerate() {
        let expected = format!("ended by {trap:?}.");
        let ended = [false, true].map(|mutated| child(number, mutated));
        assert!(ended[0].contains(&expected), "{wat}: {}", ended[0]);
        assert!(!ended[1].contains(&expected) && !ended[1].contains("panicked"), "{wat}: {}", ended[1]);
    }
}

/// What a process says that runs a case.
fn child(number: usize, mutated: bool) -> String {
    let test = "mutation::without_its_check_no_module_ends_as_it_should";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(CHILD, format!("{number} {mutated}"));
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    format!("{}: {}", output.status, text.concat())
}

/// Runs a case, and tells how it ended.
fn run(number: usize, mutated: bool) -> String {
    let (trap, wat) = CASES[number];
    let mut store = store_with(RuntimeConfig::default());
    let bytes = wat::parse_str(format!("(module {wat})")).unwrap();
    let module = Module::new(bytes, &Config::default()).unwrap();
    let shape = Shape::new(module, store.shared().types().clone(), store.shared().config().clone()).unwrap();
    let all = vec![true; shape.module().bodies().len()];
    let (mut pieces, signatures) = compile::module(&shape, &*isa(), &all, Looks::Address, 1).unwrap();
    if mutated {
        let removed: usize = pieces.iter_mut().map(|piece| remove_checks(piece, trap)).sum();
        assert_ne!(removed, 0, "nothing branches to the trap");
    }
    let module = shape.module().clone();
    let entry = |func| signatures.number(module.funcs()[module.func_index(func).index()]);
    let code: Arc<dyn Code> = MachineCode::new(&shape, link(pieces).unwrap(), entry).unwrap();
    let blueprint = Blueprint::new(shape, code, store.shared()).unwrap();
    let instance = store.instantiate(&blueprint, &[]).unwrap();
    let Some(Extern::Func(f)) = store.instance_export(instance, "f") else { panic!("there is no `f`") };
    let mut slots = [0];
    // SAFETY: the function takes nothing and gives an i32; what a mutant does, it does to a process of its own.
    match unsafe { store.call_raw(f, &mut slots) } {
        Ok(()) => format!("ended with {}.", slots[0]),
        Err(failure) => match failure.fault {
            dayfly_runtime::fault::Fault::Trap(trap) => format!("ended by {trap:?}."),
            other => format!("ended by {other:?}."),
        },
    }
}

/// Overwrites the conditional branches to where a piece traps; how many they were.
fn remove_checks(piece: &mut CompiledFunc, trap: Trap) -> usize {
    const UD2: [u8; 2] = [0x0f, 0x0b];
    const NOP: u8 = 0x90;
    let traps: Vec<usize> =
        piece.traps.iter().filter(|(_, of)| *of == trap).map(|(offset, _)| *offset as usize).collect();
    let ends = traps.into_iter().filter(|at| piece.code[*at..].starts_with(&UD2)).collect::<Vec<_>>();
    let mut removed = 0;
    for at in 0..piece.code.len() {
        let (len, distance) = match piece.code[at..] {
            [0x0f, 0x80..=0x8f, a, b, c, d, ..] => (6, i32::from_le_bytes([a, b, c, d])),
            [0x70..=0x7f, near, ..] => (2, i32::from(near as i8)),
            _ => continue,
        };
        if ends.iter().any(|end| *end as i64 == (at + len) as i64 + i64::from(distance)) {
            piece.code[at..at + len].fill(NOP);
            removed += 1;
        }
    }
    removed
}
