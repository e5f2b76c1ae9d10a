//! Loads and stores: from the bytes of memory to values and back, little-endian on
//! every host. Addresses and bounds are the caller's matter. Spec: exec/instructions,
//! "Memory Instructions".

use super::lanes::{V128, extract, replace, splat};
use super::simd::*;

functions! {
    i32_load(mem: [u8; 4]) -> i32 = i32::from_le_bytes(mem);
    i64_load(mem: [u8; 8]) -> i64 = i64::from_le_bytes(mem);
    f32_load(mem: [u8; 4]) -> f32 = f32::from_le_bytes(mem);
    f64_load(mem: [u8; 8]) -> f64 = f64::from_le_bytes(mem);
    i32_load8_s(mem: [u8; 1]) -> i32 = i8::from_le_bytes(mem).into();
    i32_load8_u(mem: [u8; 1]) -> i32 = u8::from_le_bytes(mem).into();
    i32_load16_s(mem: [u8; 2]) -> i32 = i16::from_le_bytes(mem).into();
    i32_load16_u(mem: [u8; 2]) -> i32 = u16::from_le_bytes(mem).into();
    i64_load8_s(mem: [u8; 1]) -> i64 = i8::from_le_bytes(mem).into();
    i64_load8_u(mem: [u8; 1]) -> i64 = u8::from_le_bytes(mem).into();
    i64_load16_s(mem: [u8; 2]) -> i64 = i16::from_le_bytes(mem).into();
    i64_load16_u(mem: [u8; 2]) -> i64 = u16::from_le_bytes(mem).into();
    i64_load32_s(mem: [u8; 4]) -> i64 = i32::from_le_bytes(mem).into();
    i64_load32_u(mem: [u8; 4]) -> i64 = u32::from_le_bytes(mem).into();
    v128_load(mem: [u8; 16]) -> V128 = V128(mem);
    v128_load8x8_s(mem: [u8; 8]) -> V128 = i16x8_extend_low_i8x16_s(v128_load64_zero(mem));
    v128_load8x8_u(mem: [u8; 8]) -> V128 = i16x8_extend_low_i8x16_u(v128_load64_zero(mem));
    v128_load16x4_s(mem: [u8; 8]) -> V128 = i32x4_extend_low_i16x8_s(v128_load64_zero(mem));
    v128_load16x4_u(mem: [u8; 8]) -> V128 = i32x4_extend_low_i16x8_u(v128_load64_zero(mem));
    v128_load32x2_s(mem: [u8; 8]) -> V128 = i64x2_extend_low_i32x4_s(v128_load64_zero(mem));
    v128_load32x2_u(mem: [u8; 8]) -> V128 = i64x2_extend_low_i32x4_u(v128_load64_zero(mem));
    v128_load8_splat(mem: [u8; 1]) -> V128 = splat(u8::from_le_bytes(mem));
    v128_load16_splat(mem: [u8; 2]) -> V128 = splat(u16::from_le_bytes(mem));
    v128_load32_splat(mem: [u8; 4]) -> V128 = splat(u32::from_le_bytes(mem));
    v128_load64_splat(mem: [u8; 8]) -> V128 = splat(u64::from_le_bytes(mem));
    v128_load32_zero(mem: [u8; 4]) -> V128 = V128::from_u32x4([u32::from_le_bytes(mem), 0, 0, 0]);
    v128_load64_zero(mem: [u8; 8]) -> V128 = V128::from_u64x2([u64::from_le_bytes(mem), 0]);

    i32_store(a: i32) -> [u8; 4] = a.to_le_bytes();
    i64_store(a: i64) -> [u8; 8] = a.to_le_bytes();
    f32_store(a: f32) -> [u8; 4] = a.to_le_bytes();
    f64_store(a: f64) -> [u8; 8] = a.to_le_bytes();
    i32_store8(a: i32) -> [u8; 1] = (a as u8).to_le_bytes();
    i32_store16(a: i32) -> [u8; 2] = (a as u16).to_le_bytes();
    i64_store8(a: i64) -> [u8; 1] = (a as u8).to_le_bytes();
    i64_store16(a: i64) -> [u8; 2] = (a as u16).to_le_bytes();
    i64_store32(a: i64) -> [u8; 4] = (a as u32).to_le_bytes();
    v128_store(a: V128) -> [u8; 16] = a.0;

    v128_load8_lane(mem: [u8; 1], a: V128, lane: u8) -> V128 = replace(a, lane, u8::from_le_bytes(mem));
    v128_load16_lane(mem: [u8; 2], a: V128, lane: u8) -> V128 = replace(a, lane, u16::from_le_bytes(mem));
    v128_load32_lane(mem: [u8; 4], a: V128, lane: u8) -> V128 = replace(a, lane, u32::from_le_bytes(mem));
    v128_load64_lane(mem: [u8; 8], a: V128, lane: u8) -> V128 = replace(a, lane, u64::from_le_bytes(mem));
    v128_store8_lane(a: V128, lane: u8) -> [u8; 1] = extract::<u8, _>(a, lane).to_le_bytes();
    v128_store16_lane(a: V128, lane: u8) -> [u8; 2] = extract::<u16, _>(a, lane).to_le_bytes();
    v128_store32_lane(a: V128, lane: u8) -> [u8; 4] = extract::<u32, _>(a, lane).to_le_bytes();
    v128_store64_lane(a: V128, lane: u8) -> [u8; 8] = extract::<u64, _>(a, lane).to_le_bytes();
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: [u8; 8] = [0x80, 0x01, 0xff, 0x7f, 0x00, 0x80, 0xfe, 0xff];

    #[test]
    fn narrow_loads_extend() {
        assert_eq!((i32_load8_s([0x80]), i32_load8_u([0x80])), (-128, 128));
        assert_eq!((i32_load16_s([0x00, 0x80]), i32_load16_u([0x00, 0x80])), (-32768, 32768));
        assert_eq!((i64_load32_s([0, 0, 0, 0x80]), i64_load32_u([0, 0, 0, 0x80])), (-1 << 31, 1 << 31));
        assert_eq!((i64_load8_s([0xff]), i64_load16_u([0xff, 0xff])), (-1, 65535));
    }

    #[test]
    fn the_first_byte_is_the_least() {
        assert_eq!(i32_load([1, 2, 3, 4]), 0x0403_0201);
        assert_eq!(i64_load(BYTES), 0xfffe_8000_7fff_0180u64 as i64);
        assert_eq!(i64_store32(0x0102_0304_0506_0708), [8, 7, 6, 5]);
        assert_eq!((i32_store8(-2), i32_store16(0x12345)), ([0xfe], [0x45, 0x23]));
        assert_eq!((f32_store(1.0), f64_load(f64_store(-0.0)).to_bits()), ([0, 0, 0x80, 0x3f], 1 << 63));
        assert_eq!(f32_store(f32_load([1, 0, 0xa0, 0x7f])), [1, 0, 0xa0, 0x7f]);
    }

    #[test]
    fn vector_loads() {
        assert_eq!(v128_load8x8_s(BYTES).to_i16x8(), [-128, 1, -1, 127, 0, -128, -2, -1]);
        assert_eq!(v128_load16x4_u(BYTES).to_u32x4(), [0x0180, 0x7fff, 0x8000, 0xfffe]);
        assert_eq!(v128_load32x2_s(BYTES).to_i64x2(), [0x7fff_0180, -0x1_8000]);
        assert_eq!(v128_load16_splat([1, 2]).to_u16x8(), [0x0201; 8]);
        assert_eq!(v128_load32_zero([1, 0, 0, 0]).to_u32x4(), [1, 0, 0, 0]);
        assert_eq!(v128_store(v128_load64_zero(BYTES))[..8], BYTES);
        assert_eq!(v128_store(v128_load64_zero(BYTES))[8..], [0; 8]);
    }

    #[test]
    fn lanes_of_memory() {
        let v = v128_load32_lane([1, 2, 3, 4], V128([9; 16]), 2);
        assert_eq!(v.to_u32x4(), [0x0909_0909, 0x0909_0909, 0x0403_0201, 0x0909_0909]);
        assert_eq!(v128_store16_lane(v, 5), [3, 4]);
        assert_eq!(v128_store64_lane(v, 1), [1, 2, 3, 4, 9, 9, 9, 9]);
        assert_eq!(v128_load8_lane([7], v, 15).0[14..], [9, 7]);
    }
}
