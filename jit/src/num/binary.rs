//! Operators with two operands, as in `unary`. Division and remainder trap by themselves,
//! and shifts take their count modulo the width.

use super::simd::{self, Half};
use super::{NumCx, map, shape, zip};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::*;
use cranelift_codegen::ir::{InstBuilder, Value};
use cranelift_frontend::FunctionBuilder;
use dayfly_parser::ops::BinOp;

/// The result of an operator with two operands.
pub fn binary(b: &mut FunctionBuilder, cx: &NumCx, op: BinOp, x: Value, y: Value) -> Value {
    use BinOp::*;
    let ty = shape(op.name());
    // Vectors to the masks of the lanes where a comparison holds.
    let icmp = |b: &mut FunctionBuilder, cc: IntCC| zip(b, ty, x, y, |b, x, y| b.ins().icmp(cc, x, y));
    let fcmp = |b: &mut FunctionBuilder, cc: FloatCC| zip(b, ty, x, y, |b, x, y| b.ins().fcmp(cc, x, y));
    match op {
        I32Add | I64Add | I8x16Add | I16x8Add | I32x4Add | I64x2Add => {
            zip(b, ty, x, y, |b, x, y| b.ins().iadd(x, y))
        }
        I32Sub | I64Sub | I8x16Sub | I16x8Sub | I32x4Sub | I64x2Sub => {
            zip(b, ty, x, y, |b, x, y| b.ins().isub(x, y))
        }
        I32Mul | I64Mul | I16x8Mul | I32x4Mul | I64x2Mul => zip(b, ty, x, y, |b, x, y| b.ins().imul(x, y)),
        I32DivS | I64DivS => b.ins().sdiv(x, y),
        I32DivU | I64DivU => b.ins().udiv(x, y),
        I32RemS | I64RemS => b.ins().srem(x, y),
        I32RemU | I64RemU => b.ins().urem(x, y),
        I32And | I64And | V128And => b.ins().band(x, y),
        I32Or | I64Or | V128Or => b.ins().bor(x, y),
        I32Xor | I64Xor | V128Xor => b.ins().bxor(x, y),
        V128AndNot => b.ins().band_not(x, y),
        I32Shl | I64Shl | I8x16Shl | I16x8Shl | I32x4Shl | I64x2Shl => {
            map(b, ty, x, |b, x| b.ins().ishl(x, y))
        }
        I32ShrS | I64ShrS | I8x16ShrS | I16x8ShrS | I32x4ShrS | I64x2ShrS => {
            map(b, ty, x, |b, x| b.ins().sshr(x, y))
        }
        I32ShrU | I64ShrU | I8x16ShrU | I16x8ShrU | I32x4ShrU | I64x2ShrU => {
            map(b, ty, x, |b, x| b.ins().ushr(x, y))
        }
        I32Rotl | I64Rotl => b.ins().rotl(x, y),
        I32Rotr | I64Rotr => b.ins().rotr(x, y),

        F32Add | F64Add | F32x4Add | F64x2Add => zip(b, ty, x, y, |b, x, y| b.ins().fadd(x, y)),
        F32Sub | F64Sub | F32x4Sub | F64x2Sub => zip(b, ty, x, y, |b, x, y| b.ins().fsub(x, y)),
        F32Mul | F64Mul | F32x4Mul | F64x2Mul => zip(b, ty, x, y, |b, x, y| b.ins().fmul(x, y)),
        F32Div | F64Div | F32x4Div | F64x2Div => zip(b, ty, x, y, |b, x, y| b.ins().fdiv(x, y)),
        F32Min | F64Min | F32x4Min | F64x2Min => zip(b, ty, x, y, |b, x, y| b.ins().fmin(x, y)),
        F32Max | F64Max | F32x4Max | F64x2Max => zip(b, ty, x, y, |b, x, y| b.ins().fmax(x, y)),
        F32Copysign | F64Copysign => b.ins().fcopysign(x, y),
        F32x4PMin | F64x2PMin => zip(b, ty, x, y, |b, x, y| simd::lesser(b, y, x)),
        F32x4PMax | F64x2PMax => zip(b, ty, x, y, |b, x, y| simd::greater(b, y, x)),
        F32x4RelaxedMin | F64x2RelaxedMin => zip(b, ty, x, y, |b, x, y| simd::relaxed_min(b, cx, x, y)),
        F32x4RelaxedMax | F64x2RelaxedMax => zip(b, ty, x, y, |b, x, y| simd::relaxed_max(b, cx, x, y)),

        I8x16Eq | I16x8Eq | I32x4Eq | I64x2Eq => icmp(b, IntCC::Equal),
        I8x16Ne | I16x8Ne | I32x4Ne | I64x2Ne => icmp(b, IntCC::NotEqual),
        I8x16LtS | I16x8LtS | I32x4LtS | I64x2LtS => icmp(b, IntCC::SignedLessThan),
        I8x16GtS | I16x8GtS | I32x4GtS | I64x2GtS => icmp(b, IntCC::SignedGreaterThan),
        I8x16LeS | I16x8LeS | I32x4LeS | I64x2LeS => icmp(b, IntCC::SignedLessThanOrEqual),
        I8x16GeS | I16x8GeS | I32x4GeS | I64x2GeS => icmp(b, IntCC::SignedGreaterThanOrEqual),
        I8x16LtU | I16x8LtU | I32x4LtU => icmp(b, IntCC::UnsignedLessThan),
        I8x16GtU | I16x8GtU | I32x4GtU => icmp(b, IntCC::UnsignedGreaterThan),
        I8x16LeU | I16x8LeU | I32x4LeU => icmp(b, IntCC::UnsignedLessThanOrEqual),
        I8x16GeU | I16x8GeU | I32x4GeU => icmp(b, IntCC::UnsignedGreaterThanOrEqual),
        F32x4Eq | F64x2Eq => fcmp(b, FloatCC::Equal),
        F32x4Ne | F64x2Ne => fcmp(b, FloatCC::NotEqual),
        F32x4Lt | F64x2Lt => fcmp(b, FloatCC::LessThan),
        F32x4Gt | F64x2Gt => fcmp(b, FloatCC::GreaterThan),
        F32x4Le | F64x2Le => fcmp(b, FloatCC::LessThanOrEqual),
        F32x4Ge | F64x2Ge => fcmp(b, FloatCC::GreaterThanOrEqual),

        I8x16AddSatS | I16x8AddSatS => zip(b, ty, x, y, |b, x, y| b.ins().sadd_sat(x, y)),
        I8x16AddSatU | I16x8AddSatU => zip(b, ty, x, y, |b, x, y| b.ins().uadd_sat(x, y)),
        I8x16SubSatS | I16x8SubSatS => zip(b, ty, x, y, |b, x, y| b.ins().ssub_sat(x, y)),
        I8x16SubSatU | I16x8SubSatU => zip(b, ty, x, y, |b, x, y| b.ins().usub_sat(x, y)),
        I8x16MinS | I16x8MinS | I32x4MinS => zip(b, ty, x, y, |b, x, y| b.ins().smin(x, y)),
        I8x16MinU | I16x8MinU | I32x4MinU => zip(b, ty, x, y, |b, x, y| b.ins().umin(x, y)),
        I8x16MaxS | I16x8MaxS | I32x4MaxS => zip(b, ty, x, y, |b, x, y| b.ins().smax(x, y)),
        I8x16MaxU | I16x8MaxU | I32x4MaxU => zip(b, ty, x, y, |b, x, y| b.ins().umax(x, y)),
        I8x16AvgrU | I16x8AvgrU => zip(b, ty, x, y, |b, x, y| b.ins().avg_round(x, y)),
        I16x8Q15MulrSatS => zip(b, ty, x, y, |b, x, y| b.ins().sqmul_round_sat(x, y)),
        I16x8RelaxedQ15mulrS => zip(b, ty, x, y, |b, x, y| simd::relaxed_q15mulr(b, cx, x, y)),

        I8x16NarrowI16x8S => zip(b, I16X8, x, y, |b, x, y| b.ins().snarrow(x, y)),
        I8x16NarrowI16x8U => zip(b, I16X8, x, y, |b, x, y| b.ins().unarrow(x, y)),
        I16x8NarrowI32x4S => zip(b, I32X4, x, y, |b, x, y| b.ins().snarrow(x, y)),
        I16x8NarrowI32x4U => zip(b, I32X4, x, y, |b, x, y| b.ins().unarrow(x, y)),
        I16x8ExtMulLowI8x16S => zip(b, I8X16, x, y, |b, x, y| Half::LowS.product(b, x, y)),
        I32x4ExtMulLowI16x8S => zip(b, I16X8, x, y, |b, x, y| Half::LowS.product(b, x, y)),
        I64x2ExtMulLowI32x4S => zip(b, I32X4, x, y, |b, x, y| Half::LowS.product(b, x, y)),
        I16x8ExtMulHighI8x16S => zip(b, I8X16, x, y, |b, x, y| Half::HighS.product(b, x, y)),
        I32x4ExtMulHighI16x8S => zip(b, I16X8, x, y, |b, x, y| Half::HighS.product(b, x, y)),
        I64x2ExtMulHighI32x4S => zip(b, I32X4, x, y, |b, x, y| Half::HighS.product(b, x, y)),
        I16x8ExtMulLowI8x16U => zip(b, I8X16, x, y, |b, x, y| Half::LowU.product(b, x, y)),
        I32x4ExtMulLowI16x8U => zip(b, I16X8, x, y, |b, x, y| Half::LowU.product(b, x, y)),
        I64x2ExtMulLowI32x4U => zip(b, I32X4, x, y, |b, x, y| Half::LowU.product(b, x, y)),
        I16x8ExtMulHighI8x16U => zip(b, I8X16, x, y, |b, x, y| Half::HighU.product(b, x, y)),
        I32x4ExtMulHighI16x8U => zip(b, I16X8, x, y, |b, x, y| Half::HighU.product(b, x, y)),
        I64x2ExtMulHighI32x4U => zip(b, I32X4, x, y, |b, x, y| Half::HighU.product(b, x, y)),
        I32x4DotI16x8S => zip(b, I16X8, x, y, simd::dot),
        I16x8RelaxedDotI8x16I7x16S => zip(b, I8X16, x, y, |b, x, y| simd::relaxed_dot(b, cx, x, y)),

        I8x16Swizzle => simd::swizzle(b, cx, x, y),
        I8x16RelaxedSwizzle => simd::relaxed_swizzle(b, cx, x, y),
    }
}
