//! Multiplication and addition with one rounding, for processors without an instruction
//! for it, lane by lane. Slow, but the same everywhere: the deterministic form of
//! `relaxed_madd` asks for it.

use super::float_constant;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::*;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value};
use cranelift_frontend::FunctionBuilder;

/// Bits of the fraction of an `f64`.
const FRACTION: i64 = 52;
/// The exponent of the lowest bit of the subnormal numbers, as a power of 2.
const LEAST: i64 = -1074;
/// The bits of infinity.
const INFINITY: i64 = 0x7ff << FRACTION;

/// `x * y + z` of the lanes of float vectors, rounded once.
pub(super) fn fma(b: &mut FunctionBuilder, x: Value, y: Value, z: Value) -> Value {
    let ty = b.func.dfg.value_type(x);
    let mut result = x;
    for lane in 0..ty.lane_count() as u8 {
        let [x, y, z] = [x, y, z].map(|v| b.ins().extractlane(v, lane));
        let sum = if ty == F32X4 { single(b, x, y, z) } else { double(b, x, y, z) };
        result = b.ins().insertlane(result, sum, lane);
    }
    result
}

/// In `f64` the product is exact. The sum is rounded to odd there: what is not exact ends
/// in a one, so that no tie appears or gets lost when it is rounded again.
fn single(b: &mut FunctionBuilder, x: Value, y: Value, z: Value) -> Value {
    let [x, y, z] = [x, y, z].map(|v| b.ins().fpromote(F64, v));
    let product = b.ins().fmul(x, y);
    let sum = b.ins().fadd(product, z);
    let of_z = b.ins().fsub(sum, product);
    let of_product = b.ins().fsub(sum, of_z);
    let (lost_z, lost_product) = (b.ins().fsub(z, of_z), b.ins().fsub(product, of_product));
    let lost = b.ins().fadd(lost_product, lost_z);

    let size = b.ins().fabs(lost);
    let zero = float_constant(b, F64, 0.0);
    let inexact = b.ins().fcmp(FloatCC::GreaterThan, size, zero);
    let (sum, lost) = (bits(b, sum), bits(b, lost));
    let odd = b.ins().band_imm_u(sum, 1);
    let even = b.ins().icmp_imm_u(IntCC::Equal, odd, 0);
    let wrong = b.ins().band(inexact, even);
    // One up in magnitude where the lost part has the sign of the sum, else one down.
    let signs = b.ins().bxor(sum, lost);
    let differ = b.ins().sshr_imm_u(signs, 63);
    let step = b.ins().bor_imm_u(differ, 1);
    let moved = b.ins().iadd(sum, step);
    let sum = b.ins().select(wrong, moved, sum);
    let sum = b.ins().bitcast(F64, MemFlagsData::new(), sum);
    b.ins().fdemote(F32, sum)
}

/// A number that is finite and not zero: `(-1)^sign * mantissa * 2^exponent`.
struct Unpacked {
    /// All bits of the float, of which the highest is the sign.
    bits: Value,
    /// 2^52 to 2^53 - 1.
    mantissa: Value,
    exponent: Value,
    /// Whether the rest holds: the number is finite and not zero.
    ordinary: Value,
}

fn unpack(b: &mut FunctionBuilder, v: Value) -> Unpacked {
    let bits = bits(b, v);
    let magnitude = b.ins().band_imm_s(bits, i64::MAX);
    let below = b.ins().iadd_imm_s(magnitude, -1);
    let ordinary = b.ins().icmp_imm_u(IntCC::UnsignedLessThan, below, INFINITY - 1);
    let field = b.ins().ushr_imm_u(magnitude, FRACTION);
    let fraction = b.ins().band_imm_s(bits, (1 << FRACTION) - 1);
    let subnormal = b.ins().icmp_imm_u(IntCC::Equal, field, 0);
    let zeros = b.ins().clz(fraction);
    let shift = b.ins().iadd_imm_s(zeros, FRACTION - 63);
    let normalized = b.ins().ishl(fraction, shift);
    let normal = b.ins().bor_imm_s(fraction, 1 << FRACTION);
    let mantissa = b.ins().select(subnormal, normalized, normal);
    let one = b.ins().iconst(I64, 1);
    let below_least = b.ins().isub(one, shift);
    let field = b.ins().select(subnormal, below_least, field);
    let exponent = b.ins().iadd_imm_s(field, LEAST - 1);
    Unpacked { bits, mantissa, exponent, ordinary }
}

/// By 128-bit integers: the product and the addend are brought to one exponent, with as
/// many bits below them as decide the rounding; what lies further below sticks to the last.
fn double(b: &mut FunctionBuilder, x: Value, y: Value, z: Value) -> Value {
    /// Left of the product, which leaves it one bit of room: it is below 2^106.
    const PRODUCT_SHIFT: i64 = 20;
    /// The most by which the addend moves to the left: it is below 2^53.
    const MOST_SHIFT: i64 = 73;
    let [ux, uy, uz] = [x, y, z].map(|v| unpack(b, v));

    let [mx, my, mz] = [&ux, &uy, &uz].map(|v| b.ins().uextend(I128, v.mantissa));
    let product = b.ins().imul(mx, my);
    let product = b.ins().ishl_imm_u(product, PRODUCT_SHIFT);
    let exponent = b.ins().iadd(ux.exponent, uy.exponent);
    let unit = b.ins().iadd_imm_s(exponent, -PRODUCT_SHIFT);
    let distance = b.ins().isub(uz.exponent, unit);
    let beyond = b.ins().iadd_imm_s(distance, -MOST_SHIFT);
    let beyond = at_least(b, beyond, 0);
    let unit = b.ins().iadd(unit, beyond);
    let product = shift_right(b, product, beyond);
    let left = b.ins().isub(distance, beyond);
    let left = at_least(b, left, 0);
    let addend = b.ins().ishl(mz, left);
    let right = b.ins().ineg(distance);
    let right = at_least(b, right, 0);
    let addend = shift_right(b, addend, right);

    let sign = b.ins().bxor(ux.bits, uy.bits);
    let signs = b.ins().bxor(sign, uz.bits);
    let differ = b.ins().icmp_imm_s(IntCC::SignedLessThan, signs, 0);
    let sum = b.ins().iadd(product, addend);
    let difference = b.ins().isub(product, addend);
    let opposite = b.ins().isub(addend, product);
    let smaller = b.ins().icmp(IntCC::UnsignedLessThan, product, addend);
    let size = b.ins().select(smaller, opposite, difference);
    let size = b.ins().select(differ, size, sum);
    let turned = b.ins().bnot(sign);
    let turns = b.ins().band(differ, smaller);
    let sign = b.ins().select(turns, turned, sign);
    let sign = b.ins().band_imm_s(sign, i64::MIN);

    // The highest bit becomes bit 62 of `high`.
    let (low, high) = b.ins().isplit(size);
    let any = b.ins().bor(low, high);
    let exact_zero = b.ins().icmp_imm_u(IntCC::Equal, any, 0);
    let zeros = b.ins().clz(size);
    let (zeros, _) = b.ins().isplit(zeros);
    let shift = b.ins().iadd_imm_s(zeros, -1);
    let size = b.ins().ishl(size, shift);
    let (low, high) = b.ins().isplit(size);
    let lost = b.ins().icmp_imm_u(IntCC::NotEqual, low, 0);
    let lost = b.ins().uextend(I64, lost);
    let high = b.ins().bor(high, lost);
    let unit = b.ins().isub(unit, shift);
    let unit = b.ins().iadd_imm_s(unit, 64);

    // Cuts off 10 bits, or as many as lie below the least exponent, and rounds.
    let least = b.ins().iconst(I64, LEAST);
    let missing = b.ins().isub(least, unit);
    let cut = at_least(b, missing, 63 - 1 - FRACTION);
    let all = b.ins().icmp_imm_s(IntCC::SignedGreaterThan, cut, 63);
    let one = b.ins().iconst(I64, 1);
    let high = b.ins().select(all, one, high);
    let most = b.ins().iconst(I64, 63);
    let shift = b.ins().smin(cut, most);
    let whole = b.ins().ushr(high, shift);
    let left = b.ins().ineg(shift);
    let rest = b.ins().ishl(high, left);
    let odd = b.ins().band_imm_u(whole, 1);
    let rest = b.ins().iadd(rest, odd);
    let half = b.ins().iconst(I64, i64::MIN);
    let up = b.ins().icmp(IntCC::UnsignedGreaterThan, rest, half);
    let up = b.ins().uextend(I64, up);
    let whole = b.ins().iadd(whole, up);

    // The bit above the fraction counts as one in the exponent's field.
    let unit = b.ins().iadd(unit, cut);
    let field = b.ins().iadd_imm_s(unit, -LEAST);
    let overflows = b.ins().icmp_imm_s(IntCC::SignedGreaterThan, field, 2045);
    let field = b.ins().ishl_imm_u(field, FRACTION);
    let finite = b.ins().iadd(field, whole);
    let infinity = b.ins().iconst(I64, INFINITY);
    let result = b.ins().select(overflows, infinity, finite);
    let result = b.ins().bor(result, sign);
    let zero = b.ins().iconst(I64, 0);
    let result = b.ins().select(exact_zero, zero, result);
    let result = b.ins().bitcast(F64, MemFlagsData::new(), result);

    // A zero, an infinity or a NaN: at most one operation rounds.
    let product = b.ins().fmul(x, y);
    let sum = b.ins().fadd(product, z);
    let zero = float_constant(b, F64, 0.0);
    let nothing_added = b.ins().fcmp(FloatCC::Equal, z, zero);
    let twice = b.ins().fadd(z, z);
    let of_product = b.ins().select(nothing_added, product, twice);
    let result = b.ins().select(uz.ordinary, result, of_product);
    let factors = b.ins().band(ux.ordinary, uy.ordinary);
    b.ins().select(factors, result, sum)
}

fn bits(b: &mut FunctionBuilder, v: Value) -> Value {
    b.ins().bitcast(I64, MemFlagsData::new(), v)
}

/// The greater of a number and a constant.
fn at_least(b: &mut FunctionBuilder, v: Value, least: i64) -> Value {
    let least = b.ins().iconst(I64, least);
    b.ins().smax(v, least)
}

/// A 128-bit number shifted to the right by any number of bits; its lowest bit is set if
/// a one was shifted out.
fn shift_right(b: &mut FunctionBuilder, v: Value, count: Value) -> Value {
    let most = b.ins().iconst(I64, 127);
    let count = b.ins().smin(count, most);
    let shifted = b.ins().ushr(v, count);
    let back = b.ins().ishl(shifted, count);
    let lost = b.ins().icmp(IntCC::NotEqual, back, v);
    let lost = b.ins().uextend(I128, lost);
    b.ins().bor(shifted, lost)
}
