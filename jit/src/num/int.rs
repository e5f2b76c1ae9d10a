//! Scalar comparisons, and the integer shapes that several rows share.

use super::truth;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Type, Value};
use cranelift_frontend::FunctionBuilder;
use dayfly_parser::ops::CmpOp;

/// A scalar comparison: an `I8` that is 0 or 1.
pub fn compare(b: &mut FunctionBuilder, op: CmpOp, x: Value, y: Value) -> Value {
    use CmpOp::*;
    let mut int = |condition: IntCC| b.ins().icmp(condition, x, y);
    match op {
        I32Eq | I64Eq => int(IntCC::Equal),
        I32Ne | I64Ne => int(IntCC::NotEqual),
        I32LtS | I64LtS => int(IntCC::SignedLessThan),
        I32LtU | I64LtU => int(IntCC::UnsignedLessThan),
        I32GtS | I64GtS => int(IntCC::SignedGreaterThan),
        I32GtU | I64GtU => int(IntCC::UnsignedGreaterThan),
        I32LeS | I64LeS => int(IntCC::SignedLessThanOrEqual),
        I32LeU | I64LeU => int(IntCC::UnsignedLessThanOrEqual),
        I32GeS | I64GeS => int(IntCC::SignedGreaterThanOrEqual),
        I32GeU | I64GeU => int(IntCC::UnsignedGreaterThanOrEqual),
        F32Eq | F64Eq => b.ins().fcmp(FloatCC::Equal, x, y),
        F32Ne | F64Ne => b.ins().fcmp(FloatCC::NotEqual, x, y),
        F32Lt | F64Lt => b.ins().fcmp(FloatCC::LessThan, x, y),
        F32Gt | F64Gt => b.ins().fcmp(FloatCC::GreaterThan, x, y),
        F32Le | F64Le => b.ins().fcmp(FloatCC::LessThanOrEqual, x, y),
        F32Ge | F64Ge => b.ins().fcmp(FloatCC::GreaterThanOrEqual, x, y),
    }
}

/// Whether an integer is zero.
pub(super) fn eqz(b: &mut FunctionBuilder, a: Value) -> Value {
    let zero = b.ins().icmp_imm_u(IntCC::Equal, a, 0);
    truth(b, zero)
}

/// The lowest bits, as many as `narrow` has, extended by their sign.
pub(super) fn extend_low(b: &mut FunctionBuilder, narrow: Type, a: Value) -> Value {
    let ty = b.func.dfg.value_type(a);
    let low = b.ins().ireduce(narrow, a);
    b.ins().sextend(ty, low)
}

/// Cuts an integer to the type, if it is wider.
pub(super) fn cut(b: &mut FunctionBuilder, ty: Type, a: Value) -> Value {
    if b.func.dfg.value_type(a) == ty { a } else { b.ins().ireduce(ty, a) }
}

/// Extends an integer to the type with zeros, if it is narrower.
pub(super) fn widen(b: &mut FunctionBuilder, ty: Type, a: Value) -> Value {
    if b.func.dfg.value_type(a) == ty { a } else { b.ins().uextend(ty, a) }
}
