//! Questions to CLIF: what a value is.

use cranelift_codegen::ir::{Function, InstructionData, Opcode, Value};

/// The instruction that makes a value; `None` for a parameter.
pub fn defined_by(func: &Function, value: Value) -> Option<&InstructionData> {
    func.dfg.value_def(func.dfg.resolve_aliases(value)).inst().map(|inst| &func.dfg.insts[inst])
}

/// The integer that a value is, sign-extended, if it is a constant.
pub fn constant(func: &Function, value: Value) -> Option<u64> {
    match defined_by(func, value)? {
        InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } => Some(imm.bits() as u64),
        _ => None,
    }
}

/// By how much `next` is more than `counter`, modulo their range, if that is a constant.
pub fn step(func: &Function, counter: Value, next: Value) -> Option<u64> {
    let InstructionData::Binary { opcode, args } = defined_by(func, next)? else { return None };
    let [x, y] = args.map(|arg| func.dfg.resolve_aliases(arg));
    match opcode {
        Opcode::Iadd if x == counter => constant(func, y),
        Opcode::Iadd if y == counter => constant(func, x),
        Opcode::Isub if x == counter => constant(func, y).map(u64::wrapping_neg),
        _ => None,
    }
}
