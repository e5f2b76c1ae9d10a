//! What the operators of the table become in CLIF: free functions from values to values,
//! which know nothing of functions, memories or instances. They compute exactly what
//! `dayfly_runtime::num` does, up to the bits of NaNs that the standard leaves open.
//!
//! A value of type `v128` is an `I8X16` outside of this module. No function makes
//! Cranelift call a library: what the processor lacks becomes a sequence of what it has.
//! Each class is matched to the last row, so that a new one does not compile.

mod atomic;
mod binary;
mod convert;
mod float;
mod fma;
mod int;
mod memory;
mod simd;
mod unary;
mod wide;

pub use atomic::{atomic_cmpxchg, atomic_load, atomic_rmw, atomic_store};
pub use binary::binary;
pub use int::compare;
pub use memory::{load, load_lane, store, store_lane};
pub use simd::{extract_lane, replace_lane, shuffle, ternary};
pub use unary::unary;
pub use wide::wide;

use cranelift_codegen::ir::types::*;
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Type, Value};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::FunctionBuilder;

/// What the lowering of an operator depends on.
#[derive(Clone, Copy)]
pub struct NumCx<'a> {
    /// The machine.
    pub isa: &'a dyn TargetIsa,
    /// Whether relaxed vector operators give the same results on every machine.
    pub relaxed_deterministic: bool,
}

impl NumCx<'_> {
    /// Whether a relaxed operator may be what an x86 instruction does.
    fn relaxed_x86(&self) -> bool {
        !self.relaxed_deterministic && self.isa.name() == "x64"
    }
}

/// The type in front of the dot of an operator's name; of `v128`, its bytes.
fn shape(name: &str) -> Type {
    match name.split_once('.') {
        Some(("i32", _)) => I32,
        Some(("i64", _)) => I64,
        Some(("f32", _)) => F32,
        Some(("f64", _)) => F64,
        Some(("i16x8", _)) => I16X8,
        Some(("i32x4", _)) => I32X4,
        Some(("i64x2", _)) => I64X2,
        Some(("f32x4", _)) => F32X4,
        Some(("f64x2", _)) => F64X2,
        _ => I8X16,
    }
}

/// A vector as lanes of a type; a scalar as it is.
fn lanes(b: &mut FunctionBuilder, ty: Type, v: Value) -> Value {
    let from = b.func.dfg.value_type(v);
    if from == ty || !from.is_vector() {
        return v;
    }
    b.ins().bitcast(ty, MemFlagsData::new().with_endianness(Endianness::Little), v)
}

/// A vector of any lanes as bytes, which is how it leaves this module; a scalar as it is.
fn bytes(b: &mut FunctionBuilder, v: Value) -> Value {
    lanes(b, I8X16, v)
}

/// `f` of the operand as a scalar or vector of type `ty`.
fn map(
    b: &mut FunctionBuilder,
    ty: Type,
    x: Value,
    f: impl Fn(&mut FunctionBuilder, Value) -> Value,
) -> Value {
    let x = lanes(b, ty, x);
    let result = f(b, x);
    bytes(b, result)
}

/// `f` of the operands as scalars or vectors of type `ty`.
fn zip(
    b: &mut FunctionBuilder,
    ty: Type,
    x: Value,
    y: Value,
    f: impl Fn(&mut FunctionBuilder, Value, Value) -> Value,
) -> Value {
    let (x, y) = (lanes(b, ty, x), lanes(b, ty, y));
    let result = f(b, x, y);
    bytes(b, result)
}

/// The vector of these bits, in lanes of a type.
fn vector(b: &mut FunctionBuilder, ty: Type, bits: u128) -> Value {
    let constant = b.func.dfg.constants.insert(bits.to_le_bytes().to_vec().into());
    b.ins().vconst(ty, constant)
}

/// The float of a scalar type, or the vector whose lanes it is.
fn float_constant(b: &mut FunctionBuilder, ty: Type, value: f64) -> Value {
    match ty {
        F32 => b.ins().f32const(value as f32),
        F64 => b.ins().f64const(value),
        _ => {
            let lane = float_constant(b, ty.lane_type(), value);
            b.ins().splat(ty, lane)
        }
    }
}

/// A truth value as the `i32` 0 or 1.
fn truth(b: &mut FunctionBuilder, condition: Value) -> Value {
    b.ins().uextend(I32, condition)
}
