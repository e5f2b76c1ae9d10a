//! Lane-wise float arithmetic and comparisons: the scalar operators on every lane.
//! Spec: exec/numerics, "Vector Operations".

use crate::num::float;
use crate::num::lanes::{V128, compare, map, zip};

functions! {
    f32x4_abs(a: V128) -> V128 = map(a, float::f32_abs);
    f32x4_neg(a: V128) -> V128 = map(a, float::f32_neg);
    f32x4_ceil(a: V128) -> V128 = map(a, float::f32_ceil);
    f32x4_floor(a: V128) -> V128 = map(a, float::f32_floor);
    f32x4_trunc(a: V128) -> V128 = map(a, float::f32_trunc);
    f32x4_nearest(a: V128) -> V128 = map(a, float::f32_nearest);
    f32x4_sqrt(a: V128) -> V128 = map(a, float::f32_sqrt);
    f32x4_add(a: V128, b: V128) -> V128 = zip(a, b, float::f32_add);
    f32x4_sub(a: V128, b: V128) -> V128 = zip(a, b, float::f32_sub);
    f32x4_mul(a: V128, b: V128) -> V128 = zip(a, b, float::f32_mul);
    f32x4_div(a: V128, b: V128) -> V128 = zip(a, b, float::f32_div);
    f32x4_min(a: V128, b: V128) -> V128 = zip(a, b, float::f32_min);
    f32x4_max(a: V128, b: V128) -> V128 = zip(a, b, float::f32_max);
    f32x4_pmin(a: V128, b: V128) -> V128 = zip(a, b, |a: f32, b| if b < a { b } else { a });
    f32x4_pmax(a: V128, b: V128) -> V128 = zip(a, b, |a: f32, b| if a < b { b } else { a });
    f32x4_eq(a: V128, b: V128) -> V128 = compare(a, b, f32::eq);
    f32x4_ne(a: V128, b: V128) -> V128 = compare(a, b, f32::ne);
    f32x4_lt(a: V128, b: V128) -> V128 = compare(a, b, f32::lt);
    f32x4_gt(a: V128, b: V128) -> V128 = compare(a, b, f32::gt);
    f32x4_le(a: V128, b: V128) -> V128 = compare(a, b, f32::le);
    f32x4_ge(a: V128, b: V128) -> V128 = compare(a, b, f32::ge);

    f64x2_abs(a: V128) -> V128 = map(a, float::f64_abs);
    f64x2_neg(a: V128) -> V128 = map(a, float::f64_neg);
    f64x2_ceil(a: V128) -> V128 = map(a, float::f64_ceil);
    f64x2_floor(a: V128) -> V128 = map(a, float::f64_floor);
    f64x2_trunc(a: V128) -> V128 = map(a, float::f64_trunc);
    f64x2_nearest(a: V128) -> V128 = map(a, float::f64_nearest);
    f64x2_sqrt(a: V128) -> V128 = map(a, float::f64_sqrt);
    f64x2_add(a: V128, b: V128) -> V128 = zip(a, b, float::f64_add);
    f64x2_sub(a: V128, b: V128) -> V128 = zip(a, b, float::f64_sub);
    f64x2_mul(a: V128, b: V128) -> V128 = zip(a, b, float::f64_mul);
    f64x2_div(a: V128, b: V128) -> V128 = zip(a, b, float::f64_div);
    f64x2_min(a: V128, b: V128) -> V128 = zip(a, b, float::f64_min);
    f64x2_max(a: V128, b: V128) -> V128 = zip(a, b, float::f64_max);
    f64x2_pmin(a: V128, b: V128) -> V128 = zip(a, b, |a: f64, b| if b < a { b } else { a });
    f64x2_pmax(a: V128, b: V128) -> V128 = zip(a, b, |a: f64, b| if a < b { b } else { a });
    f64x2_eq(a: V128, b: V128) -> V128 = compare(a, b, f64::eq);
    f64x2_ne(a: V128, b: V128) -> V128 = compare(a, b, f64::ne);
    f64x2_lt(a: V128, b: V128) -> V128 = compare(a, b, f64::lt);
    f64x2_gt(a: V128, b: V128) -> V128 = compare(a, b, f64::gt);
    f64x2_le(a: V128, b: V128) -> V128 = compare(a, b, f64::le);
    f64x2_ge(a: V128, b: V128) -> V128 = compare(a, b, f64::ge);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudo_minimum_keeps_the_first_unless_the_second_is_less() {
        let nan = f32::from_bits(0x7fa0_0000);
        let (a, b) = (V128::from_f32x4([0.0, nan, 1.0, 2.0]), V128::from_f32x4([-0.0, 1.0, nan, 1.0]));
        assert_eq!(f32x4_pmin(a, b), V128::from_f32x4([0.0, nan, 1.0, 1.0]));
        assert_eq!(f32x4_pmax(b, a), V128::from_f32x4([-0.0, 1.0, nan, 2.0]));
        let (a, b) = (V128::from_f64x2([-0.0, 3.0]), V128::from_f64x2([0.0, 4.0]));
        assert_eq!((f64x2_pmin(a, b), f64x2_pmax(a, b)), (a, V128::from_f64x2([-0.0, 4.0])));
    }

    #[test]
    fn lanes_are_scalars() {
        let a = V128::from_f64x2([-0.0, 2.5]);
        assert_eq!(f64x2_nearest(a), V128::from_f64x2([-0.0, 2.0]));
        assert_eq!(f64x2_min(a, V128::from_f64x2([0.0, 7.0])), a);
        assert_eq!(f64x2_neg(a), V128::from_f64x2([0.0, -2.5]));
        let a = V128::from_f32x4([1.0, -4.0, 9.0, 0.5]);
        assert_eq!(f32x4_div(a, a), V128::from_f32x4([1.0; 4]));
        assert_eq!(f32x4_sqrt(f32x4_abs(a)).to_f32x4()[..3], [1.0, 2.0, 3.0]);
    }

    #[test]
    fn comparisons_of_nan() {
        let a = V128::from_f32x4([f32::NAN, 0.0, 1.0, -1.0]);
        assert_eq!(f32x4_eq(a, a).to_i32x4(), [0, -1, -1, -1]);
        assert_eq!(f32x4_ne(a, a).to_i32x4(), [-1, 0, 0, 0]);
        assert_eq!(f32x4_lt(a, V128::default()).to_i32x4(), [0, 0, 0, -1]);
        assert_eq!(f64x2_ge(V128::from_f64x2([f64::NAN, -0.0]), V128::default()).to_i64x2(), [0, -1]);
    }
}
