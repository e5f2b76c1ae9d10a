//! 128-bit arithmetic on pairs of 64-bit halves, the low one first.

use cranelift_codegen::ir::types::I128;
use cranelift_codegen::ir::{InstBuilder, Value};
use cranelift_frontend::FunctionBuilder;
use dayfly_parser::ops::WideOp;

/// The low and the high half of the result; the operands are as on the stack.
pub fn wide(b: &mut FunctionBuilder, op: WideOp, operands: &[Value]) -> (Value, Value) {
    let (x, y) = match (op, operands) {
        (WideOp::I64Add128 | WideOp::I64Sub128, &[x_low, x_high, y_low, y_high]) => {
            (b.ins().iconcat(x_low, x_high), b.ins().iconcat(y_low, y_high))
        }
        (WideOp::I64MulWideS, &[x, y]) => (b.ins().sextend(I128, x), b.ins().sextend(I128, y)),
        (WideOp::I64MulWideU, &[x, y]) => (b.ins().uextend(I128, x), b.ins().uextend(I128, y)),
        _ => unreachable!("{} takes {} operands", op.name(), op.operands().len()),
    };
    let result = match op {
        WideOp::I64Add128 => b.ins().iadd(x, y),
        WideOp::I64Sub128 => b.ins().isub(x, y),
        WideOp::I64MulWideS | WideOp::I64MulWideU => b.ins().imul(x, y),
    };
    b.ins().isplit(result)
}
