//! Rounding to integers, scalars and vectors alike. Without an instruction for it, the
//! formulas of `dayfly_runtime::num` are spelled out.

use super::{NumCx, float_constant, lanes, vector};
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::types::*;
use cranelift_codegen::ir::{InstBuilder, Value};
use cranelift_frontend::FunctionBuilder;

/// In which direction to round.
#[derive(Clone, Copy)]
pub(super) enum Rounding {
    /// Towards positive infinity.
    Ceil,
    /// Towards negative infinity.
    Floor,
    /// Towards zero.
    Trunc,
    /// To the nearest, ties to even.
    Nearest,
}

/// Rounds a float or every lane of a vector of floats.
pub(super) fn round(b: &mut FunctionBuilder, cx: &NumCx, rounding: Rounding, a: Value) -> Value {
    match (cx.isa.has_round(), rounding) {
        (true, Rounding::Ceil) => b.ins().ceil(a),
        (true, Rounding::Floor) => b.ins().floor(a),
        (true, Rounding::Trunc) => b.ins().trunc(a),
        (true, Rounding::Nearest) => b.ins().nearest(a),
        (false, Rounding::Ceil) => away(b, a, FloatCC::LessThan, 1.0),
        (false, Rounding::Floor) => away(b, a, FloatCC::GreaterThan, -1.0),
        (false, Rounding::Nearest) => nearest(b, a),
        (false, Rounding::Trunc) => {
            let magnitude = b.ins().fabs(a);
            let floor = away(b, magnitude, FloatCC::GreaterThan, -1.0);
            copysign(b, floor, a)
        }
    }
}

/// 2^mantissa plus a lesser number has no bit for a fraction, and what is not less has none.
fn nearest(b: &mut FunctionBuilder, a: Value) -> Value {
    let ty = b.func.dfg.value_type(a);
    let mantissa_bits = if ty.lane_type() == F32 { 23 } else { 52 };
    let no_fraction = float_constant(b, ty, (1u64 << mantissa_bits) as f64);
    let magnitude = b.ins().fabs(a);
    let sum = b.ins().fadd(magnitude, no_fraction);
    let rounded = b.ins().fsub(sum, no_fraction);
    let rounded = copysign(b, rounded, a);
    let integral = b.ins().fcmp(FloatCC::GreaterThanOrEqual, magnitude, no_fraction);
    choose(b, integral, a, rounded)
}

/// The nearest integer, or that and `step` if it compares so with the number itself.
fn away(b: &mut FunctionBuilder, a: Value, wrong: FloatCC, step: f64) -> Value {
    let ty = b.func.dfg.value_type(a);
    let nearest = nearest(b, a);
    let step = float_constant(b, ty, step);
    let beyond = b.ins().fadd(nearest, step);
    let beyond = copysign(b, beyond, a);
    let wrong = b.ins().fcmp(wrong, nearest, a);
    choose(b, wrong, beyond, nearest)
}

/// The magnitudes of `a` with the signs of `sign`.
fn copysign(b: &mut FunctionBuilder, a: Value, sign: Value) -> Value {
    let ty = b.func.dfg.value_type(a);
    let mask = match ty {
        F32X4 => 0x8000_0000_8000_0000_8000_0000_8000_0000,
        F64X2 => 0x8000_0000_0000_0000_8000_0000_0000_0000,
        _ => return b.ins().fcopysign(a, sign),
    };
    let mask = vector(b, ty, mask);
    b.ins().bitselect(mask, sign, a)
}

/// `x` where the comparison's result holds, else `y`.
pub(super) fn choose(b: &mut FunctionBuilder, condition: Value, x: Value, y: Value) -> Value {
    let ty = b.func.dfg.value_type(x);
    if !ty.is_vector() {
        return b.ins().select(condition, x, y);
    }
    let condition = lanes(b, ty, condition);
    b.ins().bitselect(condition, x, y)
}
