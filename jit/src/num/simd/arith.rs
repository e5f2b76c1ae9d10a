//! Arithmetic of lanes: products, minima, selections, and the relaxed operators in both
//! of their forms. Cranelift recognises the shapes below and makes one instruction of each.

use crate::num::{NumCx, bytes, fma, lanes, unary};
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::types::*;
use cranelift_codegen::ir::{InstBuilder, Value};
use cranelift_frontend::FunctionBuilder;
use dayfly_parser::ops::TernOp;

/// The half of the lanes that an extended product takes, and their signedness.
#[derive(Clone, Copy)]
pub(in crate::num) enum Half {
    /// The low lanes, signed.
    LowS,
    /// The low lanes, unsigned.
    LowU,
    /// The high lanes, signed.
    HighS,
    /// The high lanes, unsigned.
    HighU,
}

impl Half {
    /// The lanes of the half, twice as wide.
    fn of(self, b: &mut FunctionBuilder, x: Value) -> Value {
        match self {
            Half::LowS => b.ins().swiden_low(x),
            Half::LowU => b.ins().uwiden_low(x),
            Half::HighS => b.ins().swiden_high(x),
            Half::HighU => b.ins().uwiden_high(x),
        }
    }

    /// The products of the halves, which cannot overflow.
    pub(in crate::num) fn product(self, b: &mut FunctionBuilder, x: Value, y: Value) -> Value {
        let (x, y) = (self.of(b, x), self.of(b, y));
        b.ins().imul(x, y)
    }
}

/// The sums of the products of neighbours, signed.
pub(in crate::num) fn dot(b: &mut FunctionBuilder, x: Value, y: Value) -> Value {
    let (low, high) = (Half::LowS.product(b, x, y), Half::HighS.product(b, x, y));
    b.ins().iadd_pairwise(low, high)
}

/// `x` where it is less than `y`, else `y`: of NaNs and zeros of both signs, `y`.
pub(in crate::num) fn lesser(b: &mut FunctionBuilder, x: Value, y: Value) -> Value {
    select_by(b, FloatCC::LessThan, x, y)
}

/// `x` where it is greater than `y`, else `y`.
pub(in crate::num) fn greater(b: &mut FunctionBuilder, x: Value, y: Value) -> Value {
    select_by(b, FloatCC::GreaterThan, x, y)
}

fn select_by(b: &mut FunctionBuilder, condition: FloatCC, x: Value, y: Value) -> Value {
    let ty = b.func.dfg.value_type(x);
    let mask = match condition {
        // The swapped form is the one that is recognised.
        FloatCC::GreaterThan => b.ins().fcmp(FloatCC::LessThan, y, x),
        condition => b.ins().fcmp(condition, x, y),
    };
    let mask = lanes(b, ty, mask);
    b.ins().bitselect(mask, x, y)
}

/// The minimum; relaxed, of NaNs and zeros of both signs either operand.
pub(in crate::num) fn relaxed_min(b: &mut FunctionBuilder, cx: &NumCx, x: Value, y: Value) -> Value {
    if cx.relaxed_x86() { lesser(b, x, y) } else { b.ins().fmin(x, y) }
}

/// As `relaxed_min`.
pub(in crate::num) fn relaxed_max(b: &mut FunctionBuilder, cx: &NumCx, x: Value, y: Value) -> Value {
    if cx.relaxed_x86() { greater(b, x, y) } else { b.ins().fmax(x, y) }
}

/// Rounded products of Q15 numbers; relaxed, that of two minima may wrap.
pub(in crate::num) fn relaxed_q15mulr(b: &mut FunctionBuilder, cx: &NumCx, x: Value, y: Value) -> Value {
    if cx.relaxed_x86() && cx.isa.has_x86_pmulhrsw_lowering() {
        b.ins().x86_pmulhrsw(x, y)
    } else {
        b.ins().sqmul_round_sat(x, y)
    }
}

/// As `dot`, of bytes; relaxed, a byte of `y` that is negative may count as unsigned.
pub(in crate::num) fn relaxed_dot(b: &mut FunctionBuilder, cx: &NumCx, x: Value, y: Value) -> Value {
    if cx.relaxed_x86() && cx.isa.has_x86_pmaddubsw_lowering() {
        b.ins().x86_pmaddubsw(x, y)
    } else {
        dot(b, x, y)
    }
}

/// The result of an operator with three vector operands.
pub fn ternary(b: &mut FunctionBuilder, cx: &NumCx, op: TernOp, x: Value, y: Value, z: Value) -> Value {
    use TernOp::*;
    match op {
        V128Bitselect => b.ins().bitselect(z, x, y),
        I8x16RelaxedLaneselect => laneselect(b, cx, I8X16, x, y, z),
        I16x8RelaxedLaneselect => laneselect(b, cx, I16X8, x, y, z),
        I32x4RelaxedLaneselect => laneselect(b, cx, I32X4, x, y, z),
        I64x2RelaxedLaneselect => laneselect(b, cx, I64X2, x, y, z),
        F32x4RelaxedMadd => multiply_add(b, cx, F32X4, false, x, y, z),
        F64x2RelaxedMadd => multiply_add(b, cx, F64X2, false, x, y, z),
        F32x4RelaxedNmadd => multiply_add(b, cx, F32X4, true, x, y, z),
        F64x2RelaxedNmadd => multiply_add(b, cx, F64X2, true, x, y, z),
        I32x4RelaxedDotI8x16I7x16AddS => {
            let products = relaxed_dot(b, cx, x, y);
            let sums = unary::pairwise_s(b, products);
            let z = lanes(b, I32X4, z);
            let result = b.ins().iadd(sums, z);
            bytes(b, result)
        }
    }
}

/// Lanes of `x` where those of `mask` are ones, of `y` where they are zeros; relaxed, of
/// other masks the highest bit may decide.
fn laneselect(b: &mut FunctionBuilder, cx: &NumCx, ty: Type, x: Value, y: Value, mask: Value) -> Value {
    if cx.relaxed_deterministic || !cx.isa.has_blendv_lowering(ty) {
        return b.ins().bitselect(mask, x, y);
    }
    let (x, y, mask) = (lanes(b, ty, x), lanes(b, ty, y), lanes(b, ty, mask));
    let result = b.ins().blendv(mask, x, y);
    bytes(b, result)
}

/// `x * y + z`, or `-x * y + z`: rounded once; relaxed, it may be rounded twice.
fn multiply_add(
    b: &mut FunctionBuilder,
    cx: &NumCx,
    ty: Type,
    negate: bool,
    x: Value,
    y: Value,
    z: Value,
) -> Value {
    let (x, y, z) = (lanes(b, ty, x), lanes(b, ty, y), lanes(b, ty, z));
    let x = if negate { b.ins().fneg(x) } else { x };
    let result = if cx.isa.has_native_fma() {
        b.ins().fma(x, y, z)
    } else if cx.relaxed_deterministic {
        fma::fma(b, x, y, z)
    } else {
        let product = b.ins().fmul(x, y);
        b.ins().fadd(product, z)
    };
    bytes(b, result)
}
