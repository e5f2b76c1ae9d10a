//! Machine code of every operator of the table, run on edge values and compared with the
//! formulas of `dayfly_runtime::num`: for several sets of processor features, with and
//! without optimisation, with operands in memory and as constants.
#![cfg(all(target_arch = "x86_64", unix))]

mod cases;
mod machine;
mod values;

use cases::Case;
use dayfly_parser::ValType;
use dayfly_runtime::trap::Trap;
use machine::{Compiled, Machine, Operands};
use std::collections::BTreeSet;
use values::{Bits, Memory};

/// Runs the code on tuples and compares with what was computed.
fn compare(case: &Case, machine: &Machine, code: &Compiled, expected: &[Expected]) {
    let fresh = values::memory();
    for expected in expected {
        let mut memory = fresh.clone();
        let mut results = [Bits::default(); 2];
        code.call(&expected.operands, &mut results, &mut memory);
        for (i, &ty) in case.results.iter().enumerate() {
            let wanted = expected.results[i];
            assert!(
                values::same(case.name, ty, &expected.operands, wanted, results[i]),
                "{}{} of {:x?} on {machine}: {:x?}, expected {:x?}",
                case.name,
                case.immediate,
                expected.operands,
                results[i],
                wanted
            );
        }
        assert_eq!(memory, expected.memory, "memory after {} on {machine}", case.name);
    }
}

/// A tuple of operands and what comes of it.
struct Expected {
    operands: Vec<Bits>,
    results: Vec<Bits>,
    memory: Memory,
}

/// All tuples that do not trap, and the traps of the others.
fn expectations(case: &Case, tuples: Vec<Vec<Bits>>) -> (Vec<Expected>, BTreeSet<&'static str>) {
    let mut traps = BTreeSet::new();
    let mut expected = Vec::new();
    let fresh = values::memory();
    for operands in tuples {
        let mut memory = fresh.clone();
        match (case.eval)(&mut memory, &operands) {
            Ok(results) => expected.push(Expected { operands, results, memory }),
            Err(trap) => {
                traps.insert(trap.message());
            }
        }
    }
    (expected, traps)
}

/// Tests operators in all settings.
fn check(cases: Vec<Case>) {
    let machines = machine::all();
    for case in &cases {
        let (expected, mut traps) = expectations(case, values::tuples(case.name, case.operands));
        traps.extend(case.accesses.then_some(Trap::MemoryOutOfBounds.message()));
        assert!(expected.len() > 20, "{} hardly ever has a result", case.name);
        for machine in &machines {
            let code = machine.compile(case, Operands::InMemory);
            assert_eq!(code.traps(), traps, "{} on {machine}", case.name);
            compare(case, machine, &code, &expected);
            for expected in expected.chunks(expected.len().div_ceil(2)).map(|chunk| &chunk[..1]) {
                let code = machine.compile(case, Operands::Constant(&expected[0].operands));
                compare(case, machine, &code, expected);
            }
        }
    }
}

#[test]
fn operators_with_one_operand() {
    check(cases::unary());
}

#[test]
fn operators_with_two_operands() {
    check(cases::binary());
}

#[test]
fn comparisons() {
    check(cases::compare());
}

#[test]
fn operators_with_three_operands() {
    check(cases::ternary());
}

#[test]
fn lanes_and_shuffles() {
    check(cases::lanes());
}

#[test]
fn wide_arithmetic() {
    check(cases::wide());
}

#[test]
fn loads_and_stores() {
    check(cases::memory());
}

#[test]
fn atomics() {
    check(cases::atomic());
}

/// In their fast forms relaxed operators are only defined on some operands.
#[test]
fn relaxed_operators_of_the_machine() {
    let relaxed = [cases::unary(), cases::binary(), cases::ternary()];
    let relaxed: Vec<Case> =
        relaxed.into_iter().flatten().filter(|case| case.name.contains("relaxed_")).collect();
    assert_eq!(relaxed.len(), 20);
    for case in &relaxed {
        let mut tuples = values::tuples(case.name, case.operands);
        tuples.iter_mut().for_each(|operands| values::tame(case.name, operands));
        let (expected, _) = expectations(case, tuples);
        for mut machine in machine::all() {
            machine.relaxed_deterministic = false;
            compare(case, &machine, &machine.compile(case, Operands::InMemory), &expected);
        }
    }
}

#[test]
fn multiply_add_rounds_once() {
    for case in cases::ternary().into_iter().filter(|case| case.name.contains("madd")) {
        let width = if case.name.starts_with("f32x4") { 32 } else { 64 };
        let (expected, _) = expectations(&case, values::triples_of_factors(width));
        for machine in machine::all() {
            compare(&case, &machine, &machine.compile(&case, Operands::InMemory), &expected);
        }
    }
}

/// A division by a constant keeps the trap that the constant leaves possible.
#[test]
fn traps_of_constant_operands() {
    let zero = [Bits::default(), Bits::default()];
    let minus_one = [values::bits_of(i128::from(i64::MIN)), values::bits_of(-1)];
    for machine in machine::all() {
        for case in cases::binary() {
            if !case.name.contains(".div_") && !case.name.contains(".rem_") {
                continue;
            }
            assert!([ValType::I32, ValType::I64].contains(&case.operands[0]));
            let traps = machine.compile(&case, Operands::Constant(&zero)).traps();
            assert!(traps.contains(Trap::IntegerDivideByZero.message()), "{} on {machine}", case.name);
            if case.name == "i64.div_s" {
                let traps = machine.compile(&case, Operands::Constant(&minus_one)).traps();
                assert!(traps.contains(Trap::IntegerOverflow.message()), "{} on {machine}", case.name);
            }
        }
    }
}
