//! Scalar integer operators. Signed and unsigned ones take the same `i32` or `i64`.
//! Spec: exec/numerics, "Integer Operations".

use crate::trap::Trap;

functions! {
    i32_eqz(a: i32) -> i32 = i32::from(a == 0);
    i32_clz(a: i32) -> i32 = a.leading_zeros() as i32;
    i32_ctz(a: i32) -> i32 = a.trailing_zeros() as i32;
    i32_popcnt(a: i32) -> i32 = a.count_ones() as i32;
    i32_extend8_s(a: i32) -> i32 = i32::from(a as i8);
    i32_extend16_s(a: i32) -> i32 = i32::from(a as i16);

    i32_add(a: i32, b: i32) -> i32 = a.wrapping_add(b);
    i32_sub(a: i32, b: i32) -> i32 = a.wrapping_sub(b);
    i32_mul(a: i32, b: i32) -> i32 = a.wrapping_mul(b);
    i32_div_s(a: i32, b: i32) -> Result<i32, Trap> = match b {
        0 => Err(Trap::IntegerDivideByZero),
        _ => a.checked_div(b).ok_or(Trap::IntegerOverflow),
    };
    i32_div_u(a: i32, b: i32) -> Result<i32, Trap> =
        (a as u32).checked_div(b as u32).map(|q| q as i32).ok_or(Trap::IntegerDivideByZero);
    i32_rem_s(a: i32, b: i32) -> Result<i32, Trap> = match b {
        0 => Err(Trap::IntegerDivideByZero),
        _ => Ok(a.wrapping_rem(b)),
    };
    i32_rem_u(a: i32, b: i32) -> Result<i32, Trap> =
        (a as u32).checked_rem(b as u32).map(|r| r as i32).ok_or(Trap::IntegerDivideByZero);
    i32_and(a: i32, b: i32) -> i32 = a & b;
    i32_or(a: i32, b: i32) -> i32 = a | b;
    i32_xor(a: i32, b: i32) -> i32 = a ^ b;
    i32_shl(a: i32, b: i32) -> i32 = a.wrapping_shl(b as u32);
    i32_shr_s(a: i32, b: i32) -> i32 = a.wrapping_shr(b as u32);
    i32_shr_u(a: i32, b: i32) -> i32 = (a as u32).wrapping_shr(b as u32) as i32;
    i32_rotl(a: i32, b: i32) -> i32 = a.rotate_left(b as u32 % 32);
    i32_rotr(a: i32, b: i32) -> i32 = a.rotate_right(b as u32 % 32);

    i32_eq(a: i32, b: i32) -> bool = a == b;
    i32_ne(a: i32, b: i32) -> bool = a != b;
    i32_lt_s(a: i32, b: i32) -> bool = a < b;
    i32_lt_u(a: i32, b: i32) -> bool = (a as u32) < b as u32;
    i32_gt_s(a: i32, b: i32) -> bool = a > b;
    i32_gt_u(a: i32, b: i32) -> bool = a as u32 > b as u32;
    i32_le_s(a: i32, b: i32) -> bool = a <= b;
    i32_le_u(a: i32, b: i32) -> bool = a as u32 <= b as u32;
    i32_ge_s(a: i32, b: i32) -> bool = a >= b;
    i32_ge_u(a: i32, b: i32) -> bool = a as u32 >= b as u32;

    i64_eqz(a: i64) -> i32 = i32::from(a == 0);
    i64_clz(a: i64) -> i64 = i64::from(a.leading_zeros());
    i64_ctz(a: i64) -> i64 = i64::from(a.trailing_zeros());
    i64_popcnt(a: i64) -> i64 = i64::from(a.count_ones());
    i64_extend8_s(a: i64) -> i64 = i64::from(a as i8);
    i64_extend16_s(a: i64) -> i64 = i64::from(a as i16);
    i64_extend32_s(a: i64) -> i64 = i64::from(a as i32);

    i64_add(a: i64, b: i64) -> i64 = a.wrapping_add(b);
    i64_sub(a: i64, b: i64) -> i64 = a.wrapping_sub(b);
    i64_mul(a: i64, b: i64) -> i64 = a.wrapping_mul(b);
    i64_div_s(a: i64, b: i64) -> Result<i64, Trap> = match b {
        0 => Err(Trap::IntegerDivideByZero),
        _ => a.checked_div(b).ok_or(Trap::IntegerOverflow),
    };
    i64_div_u(a: i64, b: i64) -> Result<i64, Trap> =
        (a as u64).checked_div(b as u64).map(|q| q as i64).ok_or(Trap::IntegerDivideByZero);
    i64_rem_s(a: i64, b: i64) -> Result<i64, Trap> = match b {
        0 => Err(Trap::IntegerDivideByZero),
        _ => Ok(a.wrapping_rem(b)),
    };
    i64_rem_u(a: i64, b: i64) -> Result<i64, Trap> =
        (a as u64).checked_rem(b as u64).map(|r| r as i64).ok_or(Trap::IntegerDivideByZero);
    i64_and(a: i64, b: i64) -> i64 = a & b;
    i64_or(a: i64, b: i64) -> i64 = a | b;
    i64_xor(a: i64, b: i64) -> i64 = a ^ b;
    i64_shl(a: i64, b: i64) -> i64 = a.wrapping_shl(b as u32);
    i64_shr_s(a: i64, b: i64) -> i64 = a.wrapping_shr(b as u32);
    i64_shr_u(a: i64, b: i64) -> i64 = (a as u64).wrapping_shr(b as u32) as i64;
    i64_rotl(a: i64, b: i64) -> i64 = a.rotate_left(b as u32 % 64);
    i64_rotr(a: i64, b: i64) -> i64 = a.rotate_right(b as u32 % 64);

    i64_eq(a: i64, b: i64) -> bool = a == b;
    i64_ne(a: i64, b: i64) -> bool = a != b;
    i64_lt_s(a: i64, b: i64) -> bool = a < b;
    i64_lt_u(a: i64, b: i64) -> bool = (a as u64) < b as u64;
    i64_gt_s(a: i64, b: i64) -> bool = a > b;
    i64_gt_u(a: i64, b: i64) -> bool = a as u64 > b as u64;
    i64_le_s(a: i64, b: i64) -> bool = a <= b;
    i64_le_u(a: i64, b: i64) -> bool = a as u64 <= b as u64;
    i64_ge_s(a: i64, b: i64) -> bool = a >= b;
    i64_ge_u(a: i64, b: i64) -> bool = a as u64 >= b as u64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_traps_on_zero_and_on_the_unrepresentable_quotient() {
        assert_eq!(i32_div_s(1, 0), Err(Trap::IntegerDivideByZero));
        assert_eq!(i32_div_s(i32::MIN, -1), Err(Trap::IntegerOverflow));
        assert_eq!(i32_div_s(-7, 2), Ok(-3));
        assert_eq!(i32_div_u(1, 0), Err(Trap::IntegerDivideByZero));
        assert_eq!(i32_div_u(-1, 2), Ok(i32::MAX));
        assert_eq!(i32_div_u(i32::MIN, -1), Ok(0));
        assert_eq!(i64_div_s(i64::MIN, -1), Err(Trap::IntegerOverflow));
        assert_eq!(i64_div_s(0, 0), Err(Trap::IntegerDivideByZero));
        assert_eq!(i64_div_u(-1, 1 << 32), Ok(0xffff_ffff));
        assert_eq!(i64_div_u(7, 0), Err(Trap::IntegerDivideByZero));
    }

    #[test]
    fn remainders_take_the_sign_of_the_dividend_and_never_overflow() {
        assert_eq!(i32_rem_s(i32::MIN, -1), Ok(0));
        assert_eq!(i32_rem_s(-7, 2), Ok(-1));
        assert_eq!(i32_rem_s(7, -2), Ok(1));
        assert_eq!(i32_rem_s(7, 0), Err(Trap::IntegerDivideByZero));
        assert_eq!(i32_rem_u(-7, 10), Ok(9));
        assert_eq!(i32_rem_u(-7, 0), Err(Trap::IntegerDivideByZero));
        assert_eq!(i64_rem_s(i64::MIN, -1), Ok(0));
        assert_eq!(i64_rem_u(-1, 10), Ok(5));
        assert_eq!(i64_rem_u(1, 0), Err(Trap::IntegerDivideByZero));
    }

    #[test]
    fn shift_and_rotation_counts_wrap() {
        assert_eq!(i32_shl(1, 32), 1);
        assert_eq!(i32_shl(1, 33), 2);
        assert_eq!(i32_shr_s(-8, 65), -4);
        assert_eq!(i32_shr_u(-1, -1), 1);
        assert_eq!(i32_rotl(0x8000_0001u32 as i32, 33), 3);
        assert_eq!(i32_rotr(1, 1), i32::MIN);
        assert_eq!(i32_rotr(1, -31), 1 << 31);
        assert_eq!(i64_shl(1, 64), 1);
        assert_eq!(i64_shl(1, 1 << 32), 1);
        assert_eq!(i64_shr_u(-1, 127), 1);
        assert_eq!(i64_shr_s(i64::MIN, 63), -1);
        assert_eq!(i64_rotl(i64::MIN | 1, 65), 3);
        assert_eq!(i64_rotr(1, -63), 1 << 63);
    }

    #[test]
    fn counting_bits_of_zero_and_of_all() {
        assert_eq!((i32_clz(0), i32_ctz(0), i32_popcnt(0)), (32, 32, 0));
        assert_eq!((i32_clz(-1), i32_ctz(i32::MIN), i32_popcnt(-1)), (0, 31, 32));
        assert_eq!((i64_clz(0), i64_ctz(0), i64_popcnt(-1)), (64, 64, 64));
        assert_eq!((i64_clz(1), i64_ctz(i64::MIN), i64_popcnt(i64::MIN)), (63, 63, 1));
    }

    #[test]
    fn comparisons_by_signedness() {
        assert!(i32_lt_s(-1, 1) && !i32_lt_u(-1, 1));
        assert!(i32_gt_u(i32::MIN, i32::MAX) && !i32_gt_s(i32::MIN, i32::MAX));
        assert!(i32_le_u(0, 0) && i32_ge_s(0, 0) && !i32_ge_u(0, -1) && i32_le_s(-1, 0));
        assert!(i64_lt_s(i64::MIN, 0) && i64_gt_u(i64::MIN, 0));
        assert!(i64_le_u(1, -1) && i64_ge_u(-1, -1) && i64_ge_s(1, -1) && !i64_le_s(1, -1));
        assert!(i64_ne(1 << 32, 0) && !i64_eq(1 << 32, 0) && i64_eqz(1 << 32) == 0);
    }

    #[test]
    fn sign_extension_ignores_the_upper_bits() {
        assert_eq!(i32_extend8_s(0x0123_4580), -128);
        assert_eq!(i32_extend16_s(0x0123_7fff), 0x7fff);
        assert_eq!(i64_extend8_s(0xff7f), 127);
        assert_eq!(i64_extend16_s(0x8000), -0x8000);
        assert_eq!(i64_extend32_s(0x1_8000_0000), i64::from(i32::MIN));
    }
}
