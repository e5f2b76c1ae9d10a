//! Loads and stores, of whole values and of single lanes. The caller has made the address
//! safe and says by the flags what happens at a fault; memory is little-endian.

use super::{bytes, lanes};
use cranelift_codegen::ir::types::*;
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Type, Value};
use cranelift_frontend::FunctionBuilder;
use dayfly_parser::ops::{LoadLaneOp, LoadOp, StoreLaneOp, StoreOp};

/// The value at `addr + offset`.
pub fn load(b: &mut FunctionBuilder, op: LoadOp, flags: MemFlagsData, addr: Value, offset: i32) -> Value {
    use LoadOp::*;
    let flags = flags.with_endianness(Endianness::Little);
    let splat = |b: &mut FunctionBuilder, ty: Type| {
        let lane = b.ins().load(ty.lane_type(), flags, addr, offset);
        let vector = b.ins().splat(ty, lane);
        bytes(b, vector)
    };
    let then_zeros = |b: &mut FunctionBuilder, ty: Type| {
        let lane = b.ins().load(ty.lane_type(), flags, addr, offset);
        let vector = b.ins().scalar_to_vector(ty, lane);
        bytes(b, vector)
    };
    match op {
        I32Load => b.ins().load(I32, flags, addr, offset),
        I64Load => b.ins().load(I64, flags, addr, offset),
        F32Load => b.ins().load(F32, flags, addr, offset),
        F64Load => b.ins().load(F64, flags, addr, offset),
        I32Load8S => b.ins().sload8(I32, flags, addr, offset),
        I32Load8U => b.ins().uload8(I32, flags, addr, offset),
        I32Load16S => b.ins().sload16(I32, flags, addr, offset),
        I32Load16U => b.ins().uload16(I32, flags, addr, offset),
        I64Load8S => b.ins().sload8(I64, flags, addr, offset),
        I64Load8U => b.ins().uload8(I64, flags, addr, offset),
        I64Load16S => b.ins().sload16(I64, flags, addr, offset),
        I64Load16U => b.ins().uload16(I64, flags, addr, offset),
        I64Load32S => b.ins().sload32(flags, addr, offset),
        I64Load32U => b.ins().uload32(flags, addr, offset),
        V128Load => b.ins().load(I8X16, flags, addr, offset),
        V128Load8x8S => {
            let vector = b.ins().sload8x8(flags, addr, offset);
            bytes(b, vector)
        }
        V128Load8x8U => {
            let vector = b.ins().uload8x8(flags, addr, offset);
            bytes(b, vector)
        }
        V128Load16x4S => {
            let vector = b.ins().sload16x4(flags, addr, offset);
            bytes(b, vector)
        }
        V128Load16x4U => {
            let vector = b.ins().uload16x4(flags, addr, offset);
            bytes(b, vector)
        }
        V128Load32x2S => {
            let vector = b.ins().sload32x2(flags, addr, offset);
            bytes(b, vector)
        }
        V128Load32x2U => {
            let vector = b.ins().uload32x2(flags, addr, offset);
            bytes(b, vector)
        }
        V128Load8Splat => splat(b, I8X16),
        V128Load16Splat => splat(b, I16X8),
        V128Load32Splat => splat(b, I32X4),
        V128Load64Splat => splat(b, I64X2),
        V128Load32Zero => then_zeros(b, I32X4),
        V128Load64Zero => then_zeros(b, I64X2),
    }
}

/// Writes the value at `addr + offset`.
pub fn store(
    b: &mut FunctionBuilder,
    op: StoreOp,
    flags: MemFlagsData,
    addr: Value,
    offset: i32,
    value: Value,
) {
    use StoreOp::*;
    let flags = flags.with_endianness(Endianness::Little);
    match op {
        I32Store | I64Store | F32Store | F64Store | V128Store => b.ins().store(flags, value, addr, offset),
        I32Store8 | I64Store8 => b.ins().istore8(flags, value, addr, offset),
        I32Store16 | I64Store16 => b.ins().istore16(flags, value, addr, offset),
        I64Store32 => b.ins().istore32(flags, value, addr, offset),
    };
}

/// The vector with one lane replaced by that at `addr + offset`.
pub fn load_lane(
    b: &mut FunctionBuilder,
    op: LoadLaneOp,
    flags: MemFlagsData,
    addr: Value,
    offset: i32,
    lane: u8,
    vector: Value,
) -> Value {
    let ty = match op {
        LoadLaneOp::V128Load8Lane => I8X16,
        LoadLaneOp::V128Load16Lane => I16X8,
        LoadLaneOp::V128Load32Lane => I32X4,
        LoadLaneOp::V128Load64Lane => I64X2,
    };
    let loaded = b.ins().load(ty.lane_type(), flags.with_endianness(Endianness::Little), addr, offset);
    let vector = lanes(b, ty, vector);
    let result = b.ins().insertlane(vector, loaded, lane);
    bytes(b, result)
}

/// Writes one lane of the vector at `addr + offset`.
pub fn store_lane(
    b: &mut FunctionBuilder,
    op: StoreLaneOp,
    flags: MemFlagsData,
    addr: Value,
    offset: i32,
    lane: u8,
    vector: Value,
) {
    let ty = match op {
        StoreLaneOp::V128Store8Lane => I8X16,
        StoreLaneOp::V128Store16Lane => I16X8,
        StoreLaneOp::V128Store32Lane => I32X4,
        StoreLaneOp::V128Store64Lane => I64X2,
    };
    let vector = lanes(b, ty, vector);
    let value = b.ins().extractlane(vector, lane);
    b.ins().store(flags.with_endianness(Endianness::Little), value, addr, offset);
}
