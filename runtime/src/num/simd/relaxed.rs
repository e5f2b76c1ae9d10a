//! Relaxed vector operators, in the one form that the standard's deterministic
//! profile prescribes, on every host alike. Spec: appendix/profiles, "Deterministic".

use super::{bits, convert, float, integer};
use crate::num::lanes::{V128, pairs, zip3};
use core::array::from_fn;

functions! {
    i8x16_relaxed_swizzle(a: V128, b: V128) -> V128 = bits::i8x16_swizzle(a, b);
    i32x4_relaxed_trunc_f32x4_s(a: V128) -> V128 = convert::i32x4_trunc_sat_f32x4_s(a);
    i32x4_relaxed_trunc_f32x4_u(a: V128) -> V128 = convert::i32x4_trunc_sat_f32x4_u(a);
    i32x4_relaxed_trunc_f64x2_s_zero(a: V128) -> V128 = convert::i32x4_trunc_sat_f64x2_s_zero(a);
    i32x4_relaxed_trunc_f64x2_u_zero(a: V128) -> V128 = convert::i32x4_trunc_sat_f64x2_u_zero(a);

    f32x4_relaxed_madd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, f32::mul_add);
    f32x4_relaxed_nmadd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, |a: f32, b, c| (-a).mul_add(b, c));
    f64x2_relaxed_madd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, f64::mul_add);
    f64x2_relaxed_nmadd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, |a: f64, b, c| (-a).mul_add(b, c));

    i8x16_relaxed_laneselect(a: V128, b: V128, c: V128) -> V128 = bits::v128_bitselect(a, b, c);
    i16x8_relaxed_laneselect(a: V128, b: V128, c: V128) -> V128 = bits::v128_bitselect(a, b, c);
    i32x4_relaxed_laneselect(a: V128, b: V128, c: V128) -> V128 = bits::v128_bitselect(a, b, c);
    i64x2_relaxed_laneselect(a: V128, b: V128, c: V128) -> V128 = bits::v128_bitselect(a, b, c);

    f32x4_relaxed_min(a: V128, b: V128) -> V128 = float::f32x4_min(a, b);
    f32x4_relaxed_max(a: V128, b: V128) -> V128 = float::f32x4_max(a, b);
    f64x2_relaxed_min(a: V128, b: V128) -> V128 = float::f64x2_min(a, b);
    f64x2_relaxed_max(a: V128, b: V128) -> V128 = float::f64x2_max(a, b);

    i16x8_relaxed_q15mulr_s(a: V128, b: V128) -> V128 = integer::i16x8_q15mulr_sat_s(a, b);
    i16x8_relaxed_dot_i8x16_i7x16_s(a: V128, b: V128) -> V128 = {
        let (a, b) = (pairs::<i8, _, 8>(a), pairs::<i8, _, 8>(b));
        V128::from_i16x8(from_fn(|i| {
            let product = |a: i8, b: i8| i16::from(a) * i16::from(b);
            product(a[i].0, b[i].0).wrapping_add(product(a[i].1, b[i].1))
        }))
    };
    i32x4_relaxed_dot_i8x16_i7x16_add_s(a: V128, b: V128, c: V128) -> V128 =
        integer::i32x4_add(convert::i32x4_extadd_pairwise_i16x8_s(i16x8_relaxed_dot_i8x16_i7x16_s(a, b)), c);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiply_add_rounds_once() {
        let a = V128::from_f32x4([f32::MAX, 1.0 + f32::EPSILON * 2.0, 3.0, 0.0]);
        let b = V128::from_f32x4([2.0, 1.0 + f32::EPSILON * 256.0, 4.0, 1.0]);
        let c = V128::from_f32x4([-f32::MAX, -(1.0 + f32::EPSILON * 258.0), 5.0, -0.0]);
        assert_eq!(f32x4_relaxed_madd(a, b, c).to_f32x4(), [f32::MAX, 2.0f32.powi(-37), 17.0, 0.0]);
        assert_eq!(f32x4_relaxed_nmadd(a, b, c).to_f32x4()[2], -7.0);
        let a = V128::from_f64x2([f64::MAX, 3.0]);
        let b = V128::from_f64x2([2.0, 4.0]);
        assert_eq!(f64x2_relaxed_madd(a, b, V128::from_f64x2([-f64::MAX, 5.0])).to_f64x2(), [f64::MAX, 17.0]);
        assert_eq!(
            f64x2_relaxed_nmadd(a, b, V128::from_f64x2([f64::MAX, 5.0])).to_f64x2(),
            [-f64::MAX, -7.0]
        );
    }

    #[test]
    fn dot_products_are_signed() {
        let a = V128::from_i8x16([-128, -128, 127, 127, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        let b = V128::from_i8x16([127, 127, 127, 127, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        let dot = [-32512, 32258, 1, 13, 41, 85, 145, 221];
        assert_eq!(i16x8_relaxed_dot_i8x16_i7x16_s(a, b).to_i16x8(), dot);
        let sum = i32x4_relaxed_dot_i8x16_i7x16_add_s(a, b, V128::from_i32x4([1, 2, 3, -4]));
        assert_eq!(sum.to_i32x4(), [-253, 16, 129, 362]);
    }

    #[test]
    fn selection_is_bitwise() {
        let (a, b) = (V128([0xff; 16]), V128([0; 16]));
        assert_eq!(i64x2_relaxed_laneselect(a, b, V128([0x81; 16])), V128([0x81; 16]));
    }
}
