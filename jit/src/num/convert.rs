//! Conversions between integers and floats that take more than an instruction, and the
//! vector conversions that Cranelift knows only in one shape.

use super::{NumCx, bytes, lanes, vector};
use cranelift_codegen::ir::types::*;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Type, Value};
use cranelift_frontend::FunctionBuilder;

/// The same bits as a scalar of the other kind.
pub(super) fn reinterpret(b: &mut FunctionBuilder, ty: Type, a: Value) -> Value {
    b.ins().bitcast(ty, MemFlagsData::new(), a)
}

/// `i32x4.trunc_sat_f64x2_s_zero`
pub(super) fn trunc_sat_f64x2_s_zero(b: &mut FunctionBuilder, a: Value) -> Value {
    let a = lanes(b, F64X2, a);
    let wide = b.ins().fcvt_to_sint_sat(I64X2, a);
    let zero = vector(b, I64X2, 0);
    let result = b.ins().snarrow(wide, zero);
    bytes(b, result)
}

/// `i32x4.trunc_sat_f64x2_u_zero`. The vector form rounds on the way.
pub(super) fn trunc_sat_f64x2_u_zero(b: &mut FunctionBuilder, cx: &NumCx, a: Value) -> Value {
    let a = lanes(b, F64X2, a);
    let zero = vector(b, I64X2, 0);
    let result = if cx.isa.has_round() {
        let wide = b.ins().fcvt_to_uint_sat(I64X2, a);
        b.ins().uunarrow(wide, zero)
    } else {
        let mut result = lanes(b, I32X4, zero);
        for lane in 0..2u8 {
            let float = b.ins().extractlane(a, lane);
            let int = b.ins().fcvt_to_uint_sat(I32, float);
            result = b.ins().insertlane(result, int, lane);
        }
        result
    };
    bytes(b, result)
}

/// `i32x4.relaxed_trunc_f32x4_s`
pub(super) fn relaxed_trunc_f32x4_s(b: &mut FunctionBuilder, cx: &NumCx, a: Value) -> Value {
    let a = lanes(b, F32X4, a);
    let result =
        if cx.relaxed_x86() { b.ins().x86_cvtt2dq(I32X4, a) } else { b.ins().fcvt_to_sint_sat(I32X4, a) };
    bytes(b, result)
}

/// `i32x4.relaxed_trunc_f64x2_s_zero`
pub(super) fn relaxed_trunc_f64x2_s_zero(b: &mut FunctionBuilder, cx: &NumCx, a: Value) -> Value {
    if !cx.relaxed_x86() {
        return trunc_sat_f64x2_s_zero(b, a);
    }
    let a = lanes(b, F64X2, a);
    let wide = b.ins().x86_cvtt2dq(I64X2, a);
    let zero = vector(b, I64X2, 0);
    let result = b.ins().snarrow(wide, zero);
    bytes(b, result)
}

/// `f64x2.convert_low_i32x4_s`
pub(super) fn convert_low_s(b: &mut FunctionBuilder, a: Value) -> Value {
    let a = lanes(b, I32X4, a);
    let wide = b.ins().swiden_low(a);
    let result = b.ins().fcvt_from_sint(F64X2, wide);
    bytes(b, result)
}

/// `f64x2.convert_low_i32x4_u`
pub(super) fn convert_low_u(b: &mut FunctionBuilder, a: Value) -> Value {
    let a = lanes(b, I32X4, a);
    let wide = b.ins().uwiden_low(a);
    let result = b.ins().fcvt_from_uint(F64X2, wide);
    bytes(b, result)
}
