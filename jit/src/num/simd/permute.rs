//! Bytes of vectors in another order. x86 processors before SSSE3 cannot do it in one
//! instruction; there each byte is moved by itself.

use crate::num::{NumCx, vector};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I8X16};
use cranelift_codegen::ir::{InstBuilder, Value};
use cranelift_frontend::FunctionBuilder;

/// Whether the machine permutes bytes.
fn permutes(cx: &NumCx) -> bool {
    cx.isa.name() != "x64" || cx.isa.has_x86_pshufb_lowering()
}

/// `i8x16.shuffle`: bytes of `x` (lanes below 16) and of `y`.
pub fn shuffle(b: &mut FunctionBuilder, cx: &NumCx, lanes: [u8; 16], x: Value, y: Value) -> Value {
    if permutes(cx) {
        let mask = b.func.dfg.immediates.push(lanes.as_slice().into());
        return b.ins().shuffle(x, y, mask);
    }
    let mut result = vector(b, I8X16, 0);
    for (to, &from) in (0u8..).zip(&lanes) {
        let byte = b.ins().extractlane(if from < 16 { x } else { y }, from % 16);
        result = b.ins().insertlane(result, byte, to);
    }
    result
}

/// `i8x16.swizzle`: bytes of `x`, zero where the index is 16 or more.
pub(in crate::num) fn swizzle(b: &mut FunctionBuilder, cx: &NumCx, x: Value, indices: Value) -> Value {
    if permutes(cx) {
        return b.ins().swizzle(x, indices);
    }
    let mut result = vector(b, I8X16, 0);
    for lane in 0u8..16 {
        let index = b.ins().iconst(I8, i64::from(lane));
        let index = b.ins().splat(I8X16, index);
        let byte = b.ins().extractlane(x, lane);
        let byte = b.ins().splat(I8X16, byte);
        let wanted = b.ins().icmp(IntCC::Equal, indices, index);
        let byte = b.ins().band(byte, wanted);
        result = b.ins().bor(result, byte);
    }
    result
}

/// `i8x16.relaxed_swizzle`: an index of 16 to 127 may count modulo 16.
pub(in crate::num) fn relaxed_swizzle(
    b: &mut FunctionBuilder,
    cx: &NumCx,
    x: Value,
    indices: Value,
) -> Value {
    if cx.relaxed_x86() && cx.isa.has_x86_pshufb_lowering() {
        b.ins().x86_pshufb(x, indices)
    } else {
        swizzle(b, cx, x, indices)
    }
}
