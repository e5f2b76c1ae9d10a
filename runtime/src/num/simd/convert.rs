//! Conversions between lane types: narrowing, extending, extended products and
//! sums, integers and floats. Spec: exec/numerics, "Vector Operations".

use crate::num::convert;
use crate::num::lanes::{V128, high, low, map, narrow, pairs};
use core::array::from_fn;
use core::ops::{Add, Mul};

/// The products of two half vectors, in lanes wide enough for them.
#[inline(always)]
fn products<T: Copy, U: From<T> + Mul<Output = U>, const M: usize>(a: [T; M], b: [T; M]) -> [U; M] {
    from_fn(|i| U::from(a[i]) * U::from(b[i]))
}

/// The sums of neighbours, in lanes wide enough for them.
#[inline(always)]
fn sums<T, U: From<T> + Add<Output = U>, const M: usize>(pairs: [(T, T); M]) -> [U; M] {
    pairs.map(|(a, b)| U::from(a) + U::from(b))
}

/// Two lanes and two zeros.
#[inline(always)]
fn then_zeros<T: Copy, U: Copy + Default>([a, b]: [T; 2], f: impl Fn(T) -> U) -> [U; 4] {
    [f(a), f(b), U::default(), U::default()]
}

functions! {
    i8x16_narrow_i16x8_s(a: V128, b: V128) -> V128 =
        narrow(a, b, |a: i16| a.clamp(i8::MIN.into(), i8::MAX.into()) as i8);
    i8x16_narrow_i16x8_u(a: V128, b: V128) -> V128 =
        narrow(a, b, |a: i16| a.clamp(0, u8::MAX.into()) as u8);
    i16x8_narrow_i32x4_s(a: V128, b: V128) -> V128 =
        narrow(a, b, |a: i32| a.clamp(i16::MIN.into(), i16::MAX.into()) as i16);
    i16x8_narrow_i32x4_u(a: V128, b: V128) -> V128 =
        narrow(a, b, |a: i32| a.clamp(0, u16::MAX.into()) as u16);

    i16x8_extend_low_i8x16_s(a: V128) -> V128 = V128::from_i16x8(low(a).map(|a: i8| i16::from(a)));
    i16x8_extend_low_i8x16_u(a: V128) -> V128 = V128::from_u16x8(low(a).map(|a: u8| u16::from(a)));
    i16x8_extend_high_i8x16_s(a: V128) -> V128 = V128::from_i16x8(high(a).map(|a: i8| i16::from(a)));
    i16x8_extend_high_i8x16_u(a: V128) -> V128 = V128::from_u16x8(high(a).map(|a: u8| u16::from(a)));
    i16x8_extmul_low_i8x16_s(a: V128, b: V128) -> V128 =
        V128::from_i16x8(products::<i8, _, _>(low(a), low(b)));
    i16x8_extmul_low_i8x16_u(a: V128, b: V128) -> V128 =
        V128::from_u16x8(products::<u8, _, _>(low(a), low(b)));
    i16x8_extmul_high_i8x16_s(a: V128, b: V128) -> V128 =
        V128::from_i16x8(products::<i8, _, _>(high(a), high(b)));
    i16x8_extmul_high_i8x16_u(a: V128, b: V128) -> V128 =
        V128::from_u16x8(products::<u8, _, _>(high(a), high(b)));
    i16x8_extadd_pairwise_i8x16_s(a: V128) -> V128 = V128::from_i16x8(sums::<i8, _, _>(pairs(a)));
    i16x8_extadd_pairwise_i8x16_u(a: V128) -> V128 = V128::from_u16x8(sums::<u8, _, _>(pairs(a)));

    i32x4_extend_low_i16x8_s(a: V128) -> V128 = V128::from_i32x4(low(a).map(|a: i16| i32::from(a)));
    i32x4_extend_low_i16x8_u(a: V128) -> V128 = V128::from_u32x4(low(a).map(|a: u16| u32::from(a)));
    i32x4_extend_high_i16x8_s(a: V128) -> V128 = V128::from_i32x4(high(a).map(|a: i16| i32::from(a)));
    i32x4_extend_high_i16x8_u(a: V128) -> V128 = V128::from_u32x4(high(a).map(|a: u16| u32::from(a)));
    i32x4_extmul_low_i16x8_s(a: V128, b: V128) -> V128 =
        V128::from_i32x4(products::<i16, _, _>(low(a), low(b)));
    i32x4_extmul_low_i16x8_u(a: V128, b: V128) -> V128 =
        V128::from_u32x4(products::<u16, _, _>(low(a), low(b)));
    i32x4_extmul_high_i16x8_s(a: V128, b: V128) -> V128 =
        V128::from_i32x4(products::<i16, _, _>(high(a), high(b)));
    i32x4_extmul_high_i16x8_u(a: V128, b: V128) -> V128 =
        V128::from_u32x4(products::<u16, _, _>(high(a), high(b)));
    i32x4_extadd_pairwise_i16x8_s(a: V128) -> V128 = V128::from_i32x4(sums::<i16, _, _>(pairs(a)));
    i32x4_extadd_pairwise_i16x8_u(a: V128) -> V128 = V128::from_u32x4(sums::<u16, _, _>(pairs(a)));

    i64x2_extend_low_i32x4_s(a: V128) -> V128 = V128::from_i64x2(low(a).map(|a: i32| i64::from(a)));
    i64x2_extend_low_i32x4_u(a: V128) -> V128 = V128::from_u64x2(low(a).map(|a: u32| u64::from(a)));
    i64x2_extend_high_i32x4_s(a: V128) -> V128 = V128::from_i64x2(high(a).map(|a: i32| i64::from(a)));
    i64x2_extend_high_i32x4_u(a: V128) -> V128 = V128::from_u64x2(high(a).map(|a: u32| u64::from(a)));
    i64x2_extmul_low_i32x4_s(a: V128, b: V128) -> V128 =
        V128::from_i64x2(products::<i32, _, _>(low(a), low(b)));
    i64x2_extmul_low_i32x4_u(a: V128, b: V128) -> V128 =
        V128::from_u64x2(products::<u32, _, _>(low(a), low(b)));
    i64x2_extmul_high_i32x4_s(a: V128, b: V128) -> V128 =
        V128::from_i64x2(products::<i32, _, _>(high(a), high(b)));
    i64x2_extmul_high_i32x4_u(a: V128, b: V128) -> V128 =
        V128::from_u64x2(products::<u32, _, _>(high(a), high(b)));

    i32x4_dot_i16x8_s(a: V128, b: V128) -> V128 = {
        let (a, b) = (pairs::<i16, _, 4>(a), pairs::<i16, _, 4>(b));
        V128::from_i32x4(from_fn(|i| {
            let product = |a: i16, b: i16| i32::from(a) * i32::from(b);
            product(a[i].0, b[i].0).wrapping_add(product(a[i].1, b[i].1))
        }))
    };

    i32x4_trunc_sat_f32x4_s(a: V128) -> V128 = map(a, convert::i32_trunc_sat_f32_s);
    i32x4_trunc_sat_f32x4_u(a: V128) -> V128 = map(a, convert::i32_trunc_sat_f32_u);
    i32x4_trunc_sat_f64x2_s_zero(a: V128) -> V128 =
        V128::from_i32x4(then_zeros(a.to_f64x2(), convert::i32_trunc_sat_f64_s));
    i32x4_trunc_sat_f64x2_u_zero(a: V128) -> V128 =
        V128::from_i32x4(then_zeros(a.to_f64x2(), convert::i32_trunc_sat_f64_u));
    f32x4_convert_i32x4_s(a: V128) -> V128 = map(a, convert::f32_convert_i32_s);
    f32x4_convert_i32x4_u(a: V128) -> V128 = map(a, convert::f32_convert_i32_u);
    f64x2_convert_low_i32x4_s(a: V128) -> V128 = V128::from_f64x2(low(a).map(convert::f64_convert_i32_s));
    f64x2_convert_low_i32x4_u(a: V128) -> V128 = V128::from_f64x2(low(a).map(convert::f64_convert_i32_u));
    f32x4_demote_f64x2_zero(a: V128) -> V128 =
        V128::from_f32x4(then_zeros(a.to_f64x2(), convert::f32_demote_f64));
    f64x2_promote_low_f32x4(a: V128) -> V128 = V128::from_f64x2(low(a).map(convert::f64_promote_f32));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrowing_saturates_signed_operands() {
        let a = V128::from_i16x8([-1, 0, 127, 128, 255, 256, i16::MIN, i16::MAX]);
        assert_eq!(i8x16_narrow_i16x8_s(a, a).to_i8x16()[..8], [-1, 0, 127, 127, 127, 127, -128, 127]);
        assert_eq!(i8x16_narrow_i16x8_u(a, a).to_u8x16()[8..], [0, 0, 127, 128, 255, 255, 0, 255]);
        let (a, b) =
            (V128::from_i32x4([-1, 65535, 65536, i32::MIN]), V128::from_i32x4([32767, 32768, -32769, 0]));
        assert_eq!(
            i16x8_narrow_i32x4_s(a, b).to_i16x8(),
            [-1, 32767, 32767, -32768, 32767, 32767, -32768, 0]
        );
        assert_eq!(i16x8_narrow_i32x4_u(a, b).to_u16x8(), [0, 65535, 65535, 0, 32767, 32768, 0, 0]);
    }

    #[test]
    fn extending_takes_a_half() {
        let a = V128::from_i8x16([-1, 2, -3, 4, -5, 6, -7, 8, -128, 127, 0, 1, 2, 3, 4, -1]);
        assert_eq!(i16x8_extend_low_i8x16_s(a).to_i16x8(), [-1, 2, -3, 4, -5, 6, -7, 8]);
        assert_eq!(i16x8_extend_high_i8x16_s(a).to_i16x8(), [-128, 127, 0, 1, 2, 3, 4, -1]);
        assert_eq!(i16x8_extend_high_i8x16_u(a).to_u16x8(), [128, 127, 0, 1, 2, 3, 4, 255]);
        let a = V128::from_i32x4([-1, 5, i32::MIN, 7]);
        assert_eq!(i64x2_extend_low_i32x4_u(a).to_i64x2(), [0xffff_ffff, 5]);
        assert_eq!(i64x2_extend_high_i32x4_s(a).to_i64x2(), [i64::from(i32::MIN), 7]);
    }

    #[test]
    fn extended_products_and_sums_do_not_overflow() {
        let a = V128::from_i8x16([-128; 16]);
        assert_eq!(i16x8_extmul_low_i8x16_s(a, a).to_i16x8(), [16384; 8]);
        assert_eq!(i16x8_extmul_high_i8x16_u(V128([255; 16]), V128([255; 16])).to_u16x8(), [65025; 8]);
        assert_eq!(i16x8_extadd_pairwise_i8x16_s(a).to_i16x8(), [-256; 8]);
        assert_eq!(i16x8_extadd_pairwise_i8x16_u(V128([255; 16])).to_u16x8(), [510; 8]);
        let a = V128::from_i32x4([i32::MIN, 2, -3, i32::MAX]);
        assert_eq!(i64x2_extmul_low_i32x4_s(a, a).to_i64x2(), [1 << 62, 4]);
        assert_eq!(i64x2_extmul_high_i32x4_u(a, a).to_u64x2()[0], 0xffff_fffd * 0xffff_fffd);
        assert_eq!(i32x4_extadd_pairwise_i16x8_u(V128([255; 16])).to_u32x4(), [131070; 4]);
        assert_eq!(
            i32x4_dot_i16x8_s(V128::from_i16x8([i16::MIN; 8]), V128::from_i16x8([i16::MIN; 8])).to_i32x4(),
            [i32::MIN; 4]
        );
    }

    #[test]
    fn floats_and_integers() {
        let a = V128::from_f64x2([-1.9, 5e9]);
        assert_eq!(i32x4_trunc_sat_f64x2_s_zero(a).to_i32x4(), [-1, i32::MAX, 0, 0]);
        assert_eq!(i32x4_trunc_sat_f64x2_u_zero(a).to_u32x4(), [0, u32::MAX, 0, 0]);
        assert_eq!(f32x4_demote_f64x2_zero(a).to_f32x4(), [-1.9, 5e9, 0.0, 0.0]);
        let a = V128::from_f32x4([f32::NAN, -1.5, 3e9, 4e9]);
        assert_eq!(i32x4_trunc_sat_f32x4_s(a).to_i32x4(), [0, -1, i32::MAX, i32::MAX]);
        assert_eq!(i32x4_trunc_sat_f32x4_u(a).to_u32x4(), [0, 0, 3_000_000_000, 4_000_000_000]);
        let a = V128::from_i32x4([-1, 16777217, 3, 4]);
        assert_eq!(f64x2_convert_low_i32x4_u(a).to_f64x2(), [4294967295.0, 16777217.0]);
        assert_eq!(f64x2_convert_low_i32x4_s(a).to_f64x2(), [-1.0, 16777217.0]);
        assert_eq!(f32x4_convert_i32x4_s(a).to_f32x4(), [-1.0, 16777216.0, 3.0, 4.0]);
        assert_eq!(f32x4_convert_i32x4_u(a).to_f32x4()[0], 4294967296.0);
        assert_eq!(f64x2_promote_low_f32x4(V128::from_f32x4([1.5, -0.0, 7.0, 8.0])).to_f64x2(), [1.5, -0.0]);
    }
}
