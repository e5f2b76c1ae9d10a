//! Single lanes of vectors.

use crate::num::{bytes, int, lanes, shape};
use cranelift_codegen::ir::types::I32;
use cranelift_codegen::ir::{InstBuilder, Value};
use cranelift_frontend::FunctionBuilder;
use dayfly_parser::ops::{ExtractOp, ReplaceOp};

/// A lane as a value.
pub fn extract_lane(b: &mut FunctionBuilder, op: ExtractOp, lane: u8, x: Value) -> Value {
    use ExtractOp::*;
    let x = lanes(b, shape(op.name()), x);
    let lane = b.ins().extractlane(x, lane);
    match op {
        I8x16ExtractLaneS | I16x8ExtractLaneS => b.ins().sextend(I32, lane),
        I8x16ExtractLaneU | I16x8ExtractLaneU => b.ins().uextend(I32, lane),
        I32x4ExtractLane | I64x2ExtractLane | F32x4ExtractLane | F64x2ExtractLane => lane,
    }
}

/// The vector with one lane replaced.
pub fn replace_lane(b: &mut FunctionBuilder, op: ReplaceOp, lane: u8, x: Value, scalar: Value) -> Value {
    use ReplaceOp::*;
    let ty = shape(op.name());
    let x = lanes(b, ty, x);
    let scalar = match op {
        I8x16ReplaceLane | I16x8ReplaceLane => int::cut(b, ty.lane_type(), scalar),
        I32x4ReplaceLane | I64x2ReplaceLane | F32x4ReplaceLane | F64x2ReplaceLane => scalar,
    };
    let result = b.ins().insertlane(x, scalar, lane);
    bytes(b, result)
}
