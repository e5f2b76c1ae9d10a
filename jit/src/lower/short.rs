//! Operators that a few instructions of the function's own code carry out.

use dayfly_parser::Op;

/// Whether an operator takes a short time whatever its operands are, and lets nobody else run. It may trap.
pub fn is_short(op: &Op) -> bool {
    computes(op)
        || matches!(op, Op::Unreachable | Op::Load(..) | Op::Store(..) | Op::LoadLane(..) | Op::StoreLane(..))
}

/// Whether an operator is short and traps at most because of its numbers: `numbers_may_trap`.
pub fn computes(op: &Op) -> bool {
    matches!(
        op,
        Op::Block(_)
            | Op::If(_)
            | Op::Else { .. }
            | Op::End { .. }
            | Op::Br(_)
            | Op::BrIf(_)
            | Op::BrTable
            | Op::Return
            | Op::Drop(_)
            | Op::Select(_)
            | Op::LocalGet(_)
            | Op::LocalSet(_)
            | Op::LocalTee(_)
            | Op::GlobalGet(_)
            | Op::GlobalSet(_)
            | Op::I32Const(_)
            | Op::I64Const(_)
            | Op::F32Const(_)
            | Op::F64Const(_)
            | Op::V128Const(_)
            | Op::Unary(_)
            | Op::Binary(_)
            | Op::Compare(_)
            | Op::Ternary(_)
            | Op::Wide(_)
            | Op::ExtractLane(..)
            | Op::ReplaceLane(..)
            | Op::I8x16Shuffle(_)
    )
}

/// Whether a numeric operator may trap: division of integers, and conversions to them that do not saturate.
pub fn numbers_may_trap(op: &Op) -> bool {
    match op {
        Op::Unary(op) => matches!(op.opcode(), 0xa8..=0xab | 0xae..=0xb1),
        Op::Binary(op) => matches!(op.opcode(), 0x6d..=0x70 | 0x7f..=0x82),
        _ => false,
    }
}
