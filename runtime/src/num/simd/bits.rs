//! Vectors as bits and bytes: bitwise logic, splats, single lanes, shuffles, tests.
//! Spec: exec/numerics, "Vector Operations".

use crate::num::lanes::{V128, all, bitmask, extract, map, replace, splat, zip, zip3};
use core::array::from_fn;

functions! {
    v128_not(a: V128) -> V128 = map(a, |a: u64| !a);
    v128_and(a: V128, b: V128) -> V128 = zip(a, b, |a: u64, b| a & b);
    v128_andnot(a: V128, b: V128) -> V128 = zip(a, b, |a: u64, b| a & !b);
    v128_or(a: V128, b: V128) -> V128 = zip(a, b, |a: u64, b| a | b);
    v128_xor(a: V128, b: V128) -> V128 = zip(a, b, |a: u64, b| a ^ b);
    v128_bitselect(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, |a: u64, b, c| a & c | b & !c);
    v128_any_true(a: V128) -> i32 = i32::from(a != V128::default());

    i8x16_all_true(a: V128) -> i32 = all(a, |a: u8| a != 0);
    i16x8_all_true(a: V128) -> i32 = all(a, |a: u16| a != 0);
    i32x4_all_true(a: V128) -> i32 = all(a, |a: u32| a != 0);
    i64x2_all_true(a: V128) -> i32 = all(a, |a: u64| a != 0);
    i8x16_bitmask(a: V128) -> i32 = bitmask(a, |a: i8| a < 0);
    i16x8_bitmask(a: V128) -> i32 = bitmask(a, |a: i16| a < 0);
    i32x4_bitmask(a: V128) -> i32 = bitmask(a, |a: i32| a < 0);
    i64x2_bitmask(a: V128) -> i32 = bitmask(a, |a: i64| a < 0);

    i8x16_splat(a: i32) -> V128 = splat(a as u8);
    i16x8_splat(a: i32) -> V128 = splat(a as u16);
    i32x4_splat(a: i32) -> V128 = splat(a);
    i64x2_splat(a: i64) -> V128 = splat(a);
    f32x4_splat(a: f32) -> V128 = splat(a);
    f64x2_splat(a: f64) -> V128 = splat(a);

    i8x16_extract_lane_s(a: V128, lane: u8) -> i32 = i32::from(extract::<i8, _>(a, lane));
    i8x16_extract_lane_u(a: V128, lane: u8) -> i32 = i32::from(extract::<u8, _>(a, lane));
    i16x8_extract_lane_s(a: V128, lane: u8) -> i32 = i32::from(extract::<i16, _>(a, lane));
    i16x8_extract_lane_u(a: V128, lane: u8) -> i32 = i32::from(extract::<u16, _>(a, lane));
    i32x4_extract_lane(a: V128, lane: u8) -> i32 = extract(a, lane);
    i64x2_extract_lane(a: V128, lane: u8) -> i64 = extract(a, lane);
    f32x4_extract_lane(a: V128, lane: u8) -> f32 = extract(a, lane);
    f64x2_extract_lane(a: V128, lane: u8) -> f64 = extract(a, lane);

    i8x16_replace_lane(a: V128, lane: u8, b: i32) -> V128 = replace(a, lane, b as u8);
    i16x8_replace_lane(a: V128, lane: u8, b: i32) -> V128 = replace(a, lane, b as u16);
    i32x4_replace_lane(a: V128, lane: u8, b: i32) -> V128 = replace(a, lane, b);
    i64x2_replace_lane(a: V128, lane: u8, b: i64) -> V128 = replace(a, lane, b);
    f32x4_replace_lane(a: V128, lane: u8, b: f32) -> V128 = replace(a, lane, b);
    f64x2_replace_lane(a: V128, lane: u8, b: f64) -> V128 = replace(a, lane, b);

    i8x16_swizzle(a: V128, b: V128) -> V128 = map(b, |i: u8| if i < 16 { a.0[usize::from(i)] } else { 0 });
    i8x16_shuffle(a: V128, b: V128, lanes: [u8; 16]) -> V128 = V128(from_fn(|i| match lanes[i] {
        lane @ 0..16 => a.0[usize::from(lane)],
        lane => b.0[usize::from(lane % 16)],
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: V128 = V128([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

    #[test]
    fn swizzle_out_of_range_is_zero() {
        let a = V128(COUNT.0.map(|i| i + 100));
        let indices = V128([15, 0, 16, 255, 128, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17]);
        let expected = V128([115, 100, 0, 0, 0, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 0]);
        assert_eq!(i8x16_swizzle(a, indices), expected);
    }

    #[test]
    fn shuffle_takes_from_both() {
        let b = V128(COUNT.0.map(|i| i + 100));
        let lanes = [31, 0, 16, 15, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22];
        let expected = V128([115, 0, 100, 15, 1, 101, 2, 102, 3, 103, 4, 104, 5, 105, 6, 106]);
        assert_eq!(i8x16_shuffle(COUNT, b, lanes), expected);
    }

    #[test]
    fn logic() {
        let (a, b) = (V128([0b1100; 16]), V128([0b1010; 16]));
        assert_eq!(v128_andnot(a, b), V128([0b0100; 16]));
        assert_eq!(v128_and(a, b), V128([0b1000; 16]));
        assert_eq!(v128_or(a, b), V128([0b1110; 16]));
        assert_eq!(v128_xor(a, b), V128([0b0110; 16]));
        assert_eq!(v128_not(a), V128([0b1111_0011; 16]));
        assert_eq!(v128_bitselect(a, b, V128([0b0110; 16])), V128([0b1100; 16]));
    }

    #[test]
    fn tests_of_lanes() {
        let ones_but_byte_9 = V128::from_u64x2([u64::MAX, !0xff00]);
        assert_eq!(i8x16_all_true(ones_but_byte_9), 0);
        assert_eq!(i16x8_all_true(ones_but_byte_9), 1);
        assert_eq!(i8x16_bitmask(ones_but_byte_9), 0xfdff);
        assert_eq!(i16x8_bitmask(ones_but_byte_9), 0xef);
        assert_eq!((i32x4_bitmask(ones_but_byte_9), i64x2_bitmask(ones_but_byte_9)), (0xf, 3));
        assert_eq!((i32x4_all_true(COUNT), i64x2_all_true(V128::from_u64x2([1, 0]))), (1, 0));
        assert_eq!((v128_any_true(V128::default()), v128_any_true(V128::from_u64x2([0, 1 << 63]))), (0, 1));
    }

    #[test]
    fn lanes_in_and_out() {
        let v = V128::from_i8x16([-1; 16]);
        assert_eq!((i8x16_extract_lane_s(v, 15), i8x16_extract_lane_u(v, 15)), (-1, 255));
        assert_eq!((i16x8_extract_lane_s(v, 7), i16x8_extract_lane_u(v, 7)), (-1, 65535));
        assert_eq!(i8x16_replace_lane(COUNT, 3, 0x1ff).0[2..5], [2, 255, 4]);
        assert_eq!(i64x2_extract_lane(i64x2_replace_lane(COUNT, 1, -7), 1), -7);
        assert_eq!(f32x4_replace_lane(f32x4_splat(1.5), 2, -0.0).to_f32x4(), [1.5, 1.5, -0.0, 1.5]);
        assert_eq!(f64x2_extract_lane(f64x2_replace_lane(f64x2_splat(2.5), 0, 3.5), 0), 3.5);
        assert_eq!((i16x8_splat(0x12345), i64x2_splat(-1)), (V128::from_u16x8([0x2345; 8]), v));
    }
}
