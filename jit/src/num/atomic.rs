//! Atomic accesses, all sequentially consistent. The caller has checked that the address
//! lies in the memory and is a multiple of the access. What is read is extended by zeros.

use super::int::{cut, widen};
use cranelift_codegen::ir::{self, Endianness, InstBuilder, MemFlagsData, Type, Value};
use cranelift_frontend::FunctionBuilder;
use dayfly_parser::ValType;
use dayfly_parser::ops::{AtomicCmpxchgOp, AtomicLoadOp, AtomicRmwOp, AtomicStoreOp, RmwKind};

/// The integer of so many bytes.
fn cell(bytes: u32) -> Type {
    Type::int_with_byte_size(bytes as u16).expect("an access is of 1, 2, 4 or 8 bytes")
}

/// The value as its full type.
fn full(b: &mut FunctionBuilder, ty: ValType, value: Value) -> Value {
    widen(b, if ty == ValType::I64 { ir::types::I64 } else { ir::types::I32 }, value)
}

/// The value at `addr`.
pub fn atomic_load(b: &mut FunctionBuilder, op: AtomicLoadOp, flags: MemFlagsData, addr: Value) -> Value {
    let flags = flags.with_endianness(Endianness::Little);
    let value = b.ins().atomic_load(cell(op.access_bytes()), flags, addr);
    full(b, op.result(), value)
}

/// Writes the value at `addr`.
pub fn atomic_store(
    b: &mut FunctionBuilder,
    op: AtomicStoreOp,
    flags: MemFlagsData,
    addr: Value,
    value: Value,
) {
    let value = cut(b, cell(op.access_bytes()), value);
    b.ins().atomic_store(flags.with_endianness(Endianness::Little), value, addr);
}

/// Changes the value at `addr` by `operand` and returns the old one.
pub fn atomic_rmw(
    b: &mut FunctionBuilder,
    op: AtomicRmwOp,
    flags: MemFlagsData,
    addr: Value,
    operand: Value,
) -> Value {
    let kind = match op.kind() {
        RmwKind::Add => ir::AtomicRmwOp::Add,
        RmwKind::Sub => ir::AtomicRmwOp::Sub,
        RmwKind::And => ir::AtomicRmwOp::And,
        RmwKind::Or => ir::AtomicRmwOp::Or,
        RmwKind::Xor => ir::AtomicRmwOp::Xor,
        RmwKind::Xchg => ir::AtomicRmwOp::Xchg,
    };
    let ty = cell(op.access_bytes());
    let operand = cut(b, ty, operand);
    let old = b.ins().atomic_rmw(ty, flags.with_endianness(Endianness::Little), kind, addr, operand);
    full(b, op.result(), old)
}

/// Replaces the value at `addr` if it is the expected one, which is cut to the width of the
/// access too, and returns the old one.
pub fn atomic_cmpxchg(
    b: &mut FunctionBuilder,
    op: AtomicCmpxchgOp,
    flags: MemFlagsData,
    addr: Value,
    expected: Value,
    replacement: Value,
) -> Value {
    let ty = cell(op.access_bytes());
    let (expected, replacement) = (cut(b, ty, expected), cut(b, ty, replacement));
    let old = b.ins().atomic_cas(flags.with_endianness(Endianness::Little), addr, expected, replacement);
    full(b, op.result(), old)
}
