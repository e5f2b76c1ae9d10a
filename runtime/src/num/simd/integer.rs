//! Lane-wise integer arithmetic, comparisons and shifts.
//! Spec: exec/numerics, "Vector Operations".

use crate::num::lanes::{V128, compare, map, zip};

functions! {
    i8x16_abs(a: V128) -> V128 = map(a, i8::wrapping_abs);
    i8x16_neg(a: V128) -> V128 = map(a, i8::wrapping_neg);
    i8x16_popcnt(a: V128) -> V128 = map(a, |a: u8| a.count_ones() as u8);
    i8x16_add(a: V128, b: V128) -> V128 = zip(a, b, i8::wrapping_add);
    i8x16_sub(a: V128, b: V128) -> V128 = zip(a, b, i8::wrapping_sub);
    i8x16_add_sat_s(a: V128, b: V128) -> V128 = zip(a, b, i8::saturating_add);
    i8x16_add_sat_u(a: V128, b: V128) -> V128 = zip(a, b, u8::saturating_add);
    i8x16_sub_sat_s(a: V128, b: V128) -> V128 = zip(a, b, i8::saturating_sub);
    i8x16_sub_sat_u(a: V128, b: V128) -> V128 = zip(a, b, u8::saturating_sub);
    i8x16_avgr_u(a: V128, b: V128) -> V128 =
        zip(a, b, |a: u8, b| (u16::from(a) + u16::from(b)).div_ceil(2) as u8);
    i8x16_min_s(a: V128, b: V128) -> V128 = zip(a, b, i8::min);
    i8x16_min_u(a: V128, b: V128) -> V128 = zip(a, b, u8::min);
    i8x16_max_s(a: V128, b: V128) -> V128 = zip(a, b, i8::max);
    i8x16_max_u(a: V128, b: V128) -> V128 = zip(a, b, u8::max);
    i8x16_shl(a: V128, b: i32) -> V128 = map(a, |a: i8| a.wrapping_shl(b as u32));
    i8x16_shr_s(a: V128, b: i32) -> V128 = map(a, |a: i8| a.wrapping_shr(b as u32));
    i8x16_shr_u(a: V128, b: i32) -> V128 = map(a, |a: u8| a.wrapping_shr(b as u32));
    i8x16_eq(a: V128, b: V128) -> V128 = compare(a, b, i8::eq);
    i8x16_ne(a: V128, b: V128) -> V128 = compare(a, b, i8::ne);
    i8x16_lt_s(a: V128, b: V128) -> V128 = compare(a, b, i8::lt);
    i8x16_lt_u(a: V128, b: V128) -> V128 = compare(a, b, u8::lt);
    i8x16_gt_s(a: V128, b: V128) -> V128 = compare(a, b, i8::gt);
    i8x16_gt_u(a: V128, b: V128) -> V128 = compare(a, b, u8::gt);
    i8x16_le_s(a: V128, b: V128) -> V128 = compare(a, b, i8::le);
    i8x16_le_u(a: V128, b: V128) -> V128 = compare(a, b, u8::le);
    i8x16_ge_s(a: V128, b: V128) -> V128 = compare(a, b, i8::ge);
    i8x16_ge_u(a: V128, b: V128) -> V128 = compare(a, b, u8::ge);

    i16x8_abs(a: V128) -> V128 = map(a, i16::wrapping_abs);
    i16x8_neg(a: V128) -> V128 = map(a, i16::wrapping_neg);
    i16x8_add(a: V128, b: V128) -> V128 = zip(a, b, i16::wrapping_add);
    i16x8_sub(a: V128, b: V128) -> V128 = zip(a, b, i16::wrapping_sub);
    i16x8_mul(a: V128, b: V128) -> V128 = zip(a, b, i16::wrapping_mul);
    i16x8_add_sat_s(a: V128, b: V128) -> V128 = zip(a, b, i16::saturating_add);
    i16x8_add_sat_u(a: V128, b: V128) -> V128 = zip(a, b, u16::saturating_add);
    i16x8_sub_sat_s(a: V128, b: V128) -> V128 = zip(a, b, i16::saturating_sub);
    i16x8_sub_sat_u(a: V128, b: V128) -> V128 = zip(a, b, u16::saturating_sub);
    i16x8_avgr_u(a: V128, b: V128) -> V128 =
        zip(a, b, |a: u16, b| (u32::from(a) + u32::from(b)).div_ceil(2) as u16);
    i16x8_q15mulr_sat_s(a: V128, b: V128) -> V128 =
        zip(a, b, |a: i16, b| ((i32::from(a) * i32::from(b) + 0x4000) >> 15).min(0x7fff) as i16);
    i16x8_min_s(a: V128, b: V128) -> V128 = zip(a, b, i16::min);
    i16x8_min_u(a: V128, b: V128) -> V128 = zip(a, b, u16::min);
    i16x8_max_s(a: V128, b: V128) -> V128 = zip(a, b, i16::max);
    i16x8_max_u(a: V128, b: V128) -> V128 = zip(a, b, u16::max);
    i16x8_shl(a: V128, b: i32) -> V128 = map(a, |a: i16| a.wrapping_shl(b as u32));
    i16x8_shr_s(a: V128, b: i32) -> V128 = map(a, |a: i16| a.wrapping_shr(b as u32));
    i16x8_shr_u(a: V128, b: i32) -> V128 = map(a, |a: u16| a.wrapping_shr(b as u32));
    i16x8_eq(a: V128, b: V128) -> V128 = compare(a, b, i16::eq);
    i16x8_ne(a: V128, b: V128) -> V128 = compare(a, b, i16::ne);
    i16x8_lt_s(a: V128, b: V128) -> V128 = compare(a, b, i16::lt);
    i16x8_lt_u(a: V128, b: V128) -> V128 = compare(a, b, u16::lt);
    i16x8_gt_s(a: V128, b: V128) -> V128 = compare(a, b, i16::gt);
    i16x8_gt_u(a: V128, b: V128) -> V128 = compare(a, b, u16::gt);
    i16x8_le_s(a: V128, b: V128) -> V128 = compare(a, b, i16::le);
    i16x8_le_u(a: V128, b: V128) -> V128 = compare(a, b, u16::le);
    i16x8_ge_s(a: V128, b: V128) -> V128 = compare(a, b, i16::ge);
    i16x8_ge_u(a: V128, b: V128) -> V128 = compare(a, b, u16::ge);

    i32x4_abs(a: V128) -> V128 = map(a, i32::wrapping_abs);
    i32x4_neg(a: V128) -> V128 = map(a, i32::wrapping_neg);
    i32x4_add(a: V128, b: V128) -> V128 = zip(a, b, i32::wrapping_add);
    i32x4_sub(a: V128, b: V128) -> V128 = zip(a, b, i32::wrapping_sub);
    i32x4_mul(a: V128, b: V128) -> V128 = zip(a, b, i32::wrapping_mul);
    i32x4_min_s(a: V128, b: V128) -> V128 = zip(a, b, i32::min);
    i32x4_min_u(a: V128, b: V128) -> V128 = zip(a, b, u32::min);
    i32x4_max_s(a: V128, b: V128) -> V128 = zip(a, b, i32::max);
    i32x4_max_u(a: V128, b: V128) -> V128 = zip(a, b, u32::max);
    i32x4_shl(a: V128, b: i32) -> V128 = map(a, |a: i32| a.wrapping_shl(b as u32));
    i32x4_shr_s(a: V128, b: i32) -> V128 = map(a, |a: i32| a.wrapping_shr(b as u32));
    i32x4_shr_u(a: V128, b: i32) -> V128 = map(a, |a: u32| a.wrapping_shr(b as u32));
    i32x4_eq(a: V128, b: V128) -> V128 = compare(a, b, i32::eq);
    i32x4_ne(a: V128, b: V128) -> V128 = compare(a, b, i32::ne);
    i32x4_lt_s(a: V128, b: V128) -> V128 = compare(a, b, i32::lt);
    i32x4_lt_u(a: V128, b: V128) -> V128 = compare(a, b, u32::lt);
    i32x4_gt_s(a: V128, b: V128) -> V128 = compare(a, b, i32::gt);
    i32x4_gt_u(a: V128, b: V128) -> V128 = compare(a, b, u32::gt);
    i32x4_le_s(a: V128, b: V128) -> V128 = compare(a, b, i32::le);
    i32x4_le_u(a: V128, b: V128) -> V128 = compare(a, b, u32::le);
    i32x4_ge_s(a: V128, b: V128) -> V128 = compare(a, b, i32::ge);
    i32x4_ge_u(a: V128, b: V128) -> V128 = compare(a, b, u32::ge);

    i64x2_abs(a: V128) -> V128 = map(a, i64::wrapping_abs);
    i64x2_neg(a: V128) -> V128 = map(a, i64::wrapping_neg);
    i64x2_add(a: V128, b: V128) -> V128 = zip(a, b, i64::wrapping_add);
    i64x2_sub(a: V128, b: V128) -> V128 = zip(a, b, i64::wrapping_sub);
    i64x2_mul(a: V128, b: V128) -> V128 = zip(a, b, i64::wrapping_mul);
    i64x2_shl(a: V128, b: i32) -> V128 = map(a, |a: i64| a.wrapping_shl(b as u32));
    i64x2_shr_s(a: V128, b: i32) -> V128 = map(a, |a: i64| a.wrapping_shr(b as u32));
    i64x2_shr_u(a: V128, b: i32) -> V128 = map(a, |a: u64| a.wrapping_shr(b as u32));
    i64x2_eq(a: V128, b: V128) -> V128 = compare(a, b, i64::eq);
    i64x2_ne(a: V128, b: V128) -> V128 = compare(a, b, i64::ne);
    i64x2_lt_s(a: V128, b: V128) -> V128 = compare(a, b, i64::lt);
    i64x2_gt_s(a: V128, b: V128) -> V128 = compare(a, b, i64::gt);
    i64x2_le_s(a: V128, b: V128) -> V128 = compare(a, b, i64::le);
    i64x2_ge_s(a: V128, b: V128) -> V128 = compare(a, b, i64::ge);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn i8s(lanes: [i8; 4]) -> V128 {
        V128::from_i8x16(core::array::from_fn(|i| lanes[i % 4]))
    }

    fn u8s(lanes: [u8; 4]) -> V128 {
        V128::from_u8x16(core::array::from_fn(|i| lanes[i % 4]))
    }

    #[test]
    fn saturation_at_both_ends() {
        let (a, b) = (i8s([127, -128, 100, -100]), i8s([1, -1, -28, 28]));
        assert_eq!(i8x16_add_sat_s(a, b), i8s([127, -128, 72, -72]));
        assert_eq!(i8x16_sub_sat_s(a, b), i8s([126, -127, 127, -128]));
        let (a, b) = (u8s([255, 0, 128, 3]), u8s([1, 1, 128, 2]));
        assert_eq!(i8x16_add_sat_u(a, b), u8s([255, 1, 255, 5]));
        assert_eq!(i8x16_sub_sat_u(a, b), u8s([254, 0, 0, 1]));
        let (a, b) = (V128::from_i16x8([i16::MIN; 8]), V128::from_i16x8([-1; 8]));
        assert_eq!(i16x8_add_sat_s(a, b), a);
        assert_eq!(i16x8_sub_sat_u(a, b), V128::default());
        assert_eq!(i16x8_add_sat_u(a, a), b);
    }

    #[test]
    fn wrapping_arithmetic() {
        assert_eq!(i8x16_add(i8s([127, -1, 0, 5]), i8s([1, 1, 0, 6])), i8s([-128, 0, 0, 11]));
        assert_eq!(i8x16_abs(i8s([-128, -1, 0, 5])), i8s([-128, 1, 0, 5]));
        assert_eq!(i8x16_neg(i8s([-128, -1, 0, 5])), i8s([-128, 1, 0, -5]));
        assert_eq!(i8x16_popcnt(u8s([0, 255, 0x81, 7])), u8s([0, 8, 2, 3]));
        assert_eq!(i8x16_avgr_u(u8s([255, 0, 1, 254]), u8s([255, 1, 1, 1])), u8s([255, 1, 1, 128]));
        let a = V128::from_i64x2([i64::MIN, 3 << 32]);
        assert_eq!(i64x2_mul(a, a), V128::from_i64x2([0, 0]));
        assert_eq!((i64x2_abs(a), i64x2_sub(a, a)), (a, V128::default()));
        assert_eq!(
            i32x4_mul(V128::from_u32x4([0x10001; 4]), V128::from_u32x4([0x10001; 4])).to_u32x4(),
            [0x20001; 4]
        );
    }

    #[test]
    fn q15_products_round_and_saturate_once() {
        let a = V128::from_i16x8([-32768, -32768, 32767, 1, 1, -1, 16384, 0]);
        let b = V128::from_i16x8([-32768, 32767, 32767, 16384, 16383, 16384, 16384, 5]);
        assert_eq!(i16x8_q15mulr_sat_s(a, b).to_i16x8(), [32767, -32767, 32766, 1, 0, 0, 8192, 0]);
    }

    #[test]
    fn shift_counts_wrap_at_the_lane_width() {
        assert_eq!(i8x16_shl(i8s([1, 2, -1, 64]), 9), i8s([2, 4, -2, -128]));
        assert_eq!(i8x16_shr_s(i8s([-128, 127, -1, 1]), -1), i8s([-1, 0, -1, 0]));
        assert_eq!(i8x16_shr_u(i8s([-128, 127, -1, 1]), 7), i8s([1, 0, 1, 0]));
        assert_eq!(i16x8_shr_u(V128::from_u16x8([0x8000; 8]), 31).to_u16x8(), [1; 8]);
        assert_eq!(i32x4_shl(V128::from_u32x4([3; 4]), 33).to_u32x4(), [6; 4]);
        assert_eq!(i64x2_shr_s(V128::from_i64x2([i64::MIN, 8]), 65).to_i64x2(), [i64::MIN >> 1, 4]);
    }

    #[test]
    fn order_by_signedness() {
        let (a, b) = (i8s([-1, 1, 0, -128]), i8s([1, -1, 0, 127]));
        assert_eq!(i8x16_lt_s(a, b), i8s([-1, 0, 0, -1]));
        assert_eq!(i8x16_lt_u(a, b), i8s([0, -1, 0, 0]));
        assert_eq!(i8x16_ge_u(a, b), i8s([-1, 0, -1, -1]));
        assert_eq!((i8x16_min_s(a, b), i8x16_min_u(a, b)), (i8s([-1, -1, 0, -128]), i8s([1, 1, 0, 127])));
        assert_eq!((i8x16_max_s(a, b), i8x16_max_u(a, b)), (i8s([1, 1, 0, 127]), i8s([-1, -1, 0, -128])));
        let (a, b) = (V128::from_i64x2([-1, 1 << 40]), V128::from_i64x2([1, 1 << 40]));
        assert_eq!(i64x2_lt_s(a, b).to_i64x2(), [-1, 0]);
        assert_eq!(i64x2_ge_s(a, b).to_i64x2(), [0, -1]);
        assert_eq!((i64x2_eq(a, b).to_i64x2(), i64x2_ne(a, b).to_i64x2()), ([0, -1], [-1, 0]));
        assert_eq!(i32x4_gt_u(V128::from_i32x4([-1; 4]), V128::default()).to_i32x4(), [-1; 4]);
        assert_eq!(i32x4_le_u(V128::from_i32x4([-1; 4]), V128::default()).to_i32x4(), [0; 4]);
    }
}
