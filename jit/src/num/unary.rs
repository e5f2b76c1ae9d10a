//! Operators with one operand. Rows that differ only in the type share a line: the type is
//! that in front of the name, and scalars and vectors take the same instructions.

use super::float::{Rounding, round};
use super::{NumCx, convert, int, lanes, map, shape, truth};
use cranelift_codegen::ir::types::*;
use cranelift_codegen::ir::{InstBuilder, Value};
use cranelift_frontend::FunctionBuilder;
use dayfly_parser::ops::UnOp;

/// The result of an operator with one operand.
pub fn unary(b: &mut FunctionBuilder, cx: &NumCx, op: UnOp, a: Value) -> Value {
    use UnOp::*;
    let ty = shape(op.name());
    match op {
        I32Eqz | I64Eqz => int::eqz(b, a),
        I32Clz | I64Clz => b.ins().clz(a),
        I32Ctz | I64Ctz => b.ins().ctz(a),
        I32Popcnt | I64Popcnt | I8x16Popcnt => b.ins().popcnt(a),
        I32WrapI64 => b.ins().ireduce(I32, a),
        I64ExtendI32S => b.ins().sextend(I64, a),
        I64ExtendI32U => b.ins().uextend(I64, a),
        I32Extend8S | I64Extend8S => int::extend_low(b, I8, a),
        I32Extend16S | I64Extend16S => int::extend_low(b, I16, a),
        I64Extend32S => int::extend_low(b, I32, a),

        F32Abs | F64Abs | F32x4Abs | F64x2Abs => map(b, ty, a, |b, a| b.ins().fabs(a)),
        F32Neg | F64Neg | F32x4Neg | F64x2Neg => map(b, ty, a, |b, a| b.ins().fneg(a)),
        F32Sqrt | F64Sqrt | F32x4Sqrt | F64x2Sqrt => map(b, ty, a, |b, a| b.ins().sqrt(a)),
        F32Ceil | F64Ceil | F32x4Ceil | F64x2Ceil => map(b, ty, a, |b, a| round(b, cx, Rounding::Ceil, a)),
        F32Floor | F64Floor | F32x4Floor | F64x2Floor => {
            map(b, ty, a, |b, a| round(b, cx, Rounding::Floor, a))
        }
        F32Trunc | F64Trunc | F32x4Trunc | F64x2Trunc => {
            map(b, ty, a, |b, a| round(b, cx, Rounding::Trunc, a))
        }
        F32Nearest | F64Nearest | F32x4Nearest | F64x2Nearest => {
            map(b, ty, a, |b, a| round(b, cx, Rounding::Nearest, a))
        }

        I32TruncF32S | I32TruncF64S | I64TruncF32S | I64TruncF64S => b.ins().fcvt_to_sint(ty, a),
        I32TruncF32U | I32TruncF64U | I64TruncF32U | I64TruncF64U => b.ins().fcvt_to_uint(ty, a),
        I32TruncSatF32S | I32TruncSatF64S | I64TruncSatF32S | I64TruncSatF64S => {
            b.ins().fcvt_to_sint_sat(ty, a)
        }
        I32TruncSatF32U | I32TruncSatF64U | I64TruncSatF32U | I64TruncSatF64U => {
            b.ins().fcvt_to_uint_sat(ty, a)
        }
        F32ConvertI32S | F32ConvertI64S | F64ConvertI32S | F64ConvertI64S => b.ins().fcvt_from_sint(ty, a),
        F32ConvertI32U | F32ConvertI64U | F64ConvertI32U | F64ConvertI64U => b.ins().fcvt_from_uint(ty, a),
        F32DemoteF64 => b.ins().fdemote(F32, a),
        F64PromoteF32 => b.ins().fpromote(F64, a),
        I32ReinterpretF32 | I64ReinterpretF64 | F32ReinterpretI32 | F64ReinterpretI64 => {
            convert::reinterpret(b, ty, a)
        }

        I8x16Splat | I16x8Splat | I32x4Splat | I64x2Splat => {
            let lane = int::cut(b, ty.lane_type(), a);
            map(b, ty, lane, |b, lane| b.ins().splat(ty, lane))
        }
        F32x4Splat | F64x2Splat => map(b, ty, a, |b, a| b.ins().splat(ty, a)),
        V128Not => b.ins().bnot(a),
        V128AnyTrue => {
            let any = b.ins().vany_true(a);
            truth(b, any)
        }
        I8x16AllTrue | I16x8AllTrue | I32x4AllTrue | I64x2AllTrue => {
            let a = lanes(b, ty, a);
            let all = b.ins().vall_true(a);
            truth(b, all)
        }
        I8x16Bitmask | I16x8Bitmask | I32x4Bitmask | I64x2Bitmask => {
            map(b, ty, a, |b, a| b.ins().vhigh_bits(I32, a))
        }
        I8x16Abs | I16x8Abs | I32x4Abs | I64x2Abs => map(b, ty, a, |b, a| b.ins().iabs(a)),
        I8x16Neg | I16x8Neg | I32x4Neg | I64x2Neg => map(b, ty, a, |b, a| b.ins().ineg(a)),

        I16x8ExtendLowI8x16S => map(b, I8X16, a, |b, a| b.ins().swiden_low(a)),
        I32x4ExtendLowI16x8S => map(b, I16X8, a, |b, a| b.ins().swiden_low(a)),
        I64x2ExtendLowI32x4S => map(b, I32X4, a, |b, a| b.ins().swiden_low(a)),
        I16x8ExtendLowI8x16U => map(b, I8X16, a, |b, a| b.ins().uwiden_low(a)),
        I32x4ExtendLowI16x8U => map(b, I16X8, a, |b, a| b.ins().uwiden_low(a)),
        I64x2ExtendLowI32x4U => map(b, I32X4, a, |b, a| b.ins().uwiden_low(a)),
        I16x8ExtendHighI8x16S => map(b, I8X16, a, |b, a| b.ins().swiden_high(a)),
        I32x4ExtendHighI16x8S => map(b, I16X8, a, |b, a| b.ins().swiden_high(a)),
        I64x2ExtendHighI32x4S => map(b, I32X4, a, |b, a| b.ins().swiden_high(a)),
        I16x8ExtendHighI8x16U => map(b, I8X16, a, |b, a| b.ins().uwiden_high(a)),
        I32x4ExtendHighI16x8U => map(b, I16X8, a, |b, a| b.ins().uwiden_high(a)),
        I64x2ExtendHighI32x4U => map(b, I32X4, a, |b, a| b.ins().uwiden_high(a)),
        I16x8ExtAddPairwiseI8x16S => map(b, I8X16, a, pairwise_s),
        I32x4ExtAddPairwiseI16x8S => map(b, I16X8, a, pairwise_s),
        I16x8ExtAddPairwiseI8x16U => map(b, I8X16, a, pairwise_u),
        I32x4ExtAddPairwiseI16x8U => map(b, I16X8, a, pairwise_u),

        I32x4TruncSatF32x4S => map(b, F32X4, a, |b, a| b.ins().fcvt_to_sint_sat(I32X4, a)),
        I32x4TruncSatF32x4U | I32x4RelaxedTruncF32x4U => {
            map(b, F32X4, a, |b, a| b.ins().fcvt_to_uint_sat(I32X4, a))
        }
        I32x4TruncSatF64x2SZero => convert::trunc_sat_f64x2_s_zero(b, a),
        I32x4TruncSatF64x2UZero | I32x4RelaxedTruncF64x2UZero => convert::trunc_sat_f64x2_u_zero(b, cx, a),
        I32x4RelaxedTruncF32x4S => convert::relaxed_trunc_f32x4_s(b, cx, a),
        I32x4RelaxedTruncF64x2SZero => convert::relaxed_trunc_f64x2_s_zero(b, cx, a),
        F32x4ConvertI32x4S => map(b, I32X4, a, |b, a| b.ins().fcvt_from_sint(F32X4, a)),
        F32x4ConvertI32x4U => map(b, I32X4, a, |b, a| b.ins().fcvt_from_uint(F32X4, a)),
        F64x2ConvertLowI32x4S => convert::convert_low_s(b, a),
        F64x2ConvertLowI32x4U => convert::convert_low_u(b, a),
        F32x4DemoteF64x2Zero => map(b, F64X2, a, |b, a| b.ins().fvdemote(a)),
        F64x2PromoteLowF32x4 => map(b, F32X4, a, |b, a| b.ins().fvpromote_low(a)),
    }
}

/// The sums of neighbours as signed numbers.
pub(super) fn pairwise_s(b: &mut FunctionBuilder, a: Value) -> Value {
    let (low, high) = (b.ins().swiden_low(a), b.ins().swiden_high(a));
    b.ins().iadd_pairwise(low, high)
}

/// The sums of neighbours as unsigned numbers.
fn pairwise_u(b: &mut FunctionBuilder, a: Value) -> Value {
    let (low, high) = (b.ins().uwiden_low(a), b.ins().uwiden_high(a));
    b.ins().iadd_pairwise(low, high)
}
