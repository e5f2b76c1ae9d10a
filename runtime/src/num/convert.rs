//! Conversions between the scalar types. Spec: exec/numerics, "Conversions".

use crate::trap::Trap;

/// `a` if its integer part lies between the bounds, both exclusive.
#[inline(always)]
fn between(a: f64, low: f64, high: f64) -> Result<f64, Trap> {
    if a > low && a < high {
        Ok(a)
    } else if a.is_nan() {
        Err(Trap::BadConversionToInteger)
    } else {
        Err(Trap::IntegerOverflow)
    }
}

/// 2^31
const TWO_31: f64 = 2_147_483_648.0;
/// 2^63
const TWO_63: f64 = 9_223_372_036_854_775_808.0;
/// The greatest float below -2^63.
const BELOW_MINUS_TWO_63: f64 = -9_223_372_036_854_777_856.0;

// Truncations of `f32` go through `f64`, which holds every `f32`.
functions! {
    i32_wrap_i64(a: i64) -> i32 = a as i32;
    i64_extend_i32_s(a: i32) -> i64 = i64::from(a);
    i64_extend_i32_u(a: i32) -> i64 = i64::from(a as u32);

    i32_trunc_f32_s(a: f32) -> Result<i32, Trap> = i32_trunc_f64_s(f64::from(a));
    i32_trunc_f32_u(a: f32) -> Result<i32, Trap> = i32_trunc_f64_u(f64::from(a));
    i32_trunc_f64_s(a: f64) -> Result<i32, Trap> = between(a, -TWO_31 - 1.0, TWO_31).map(|a| a as i32);
    i32_trunc_f64_u(a: f64) -> Result<i32, Trap> = between(a, -1.0, 2.0 * TWO_31).map(|a| a as u32 as i32);
    i64_trunc_f32_s(a: f32) -> Result<i64, Trap> = i64_trunc_f64_s(f64::from(a));
    i64_trunc_f32_u(a: f32) -> Result<i64, Trap> = i64_trunc_f64_u(f64::from(a));
    i64_trunc_f64_s(a: f64) -> Result<i64, Trap> = between(a, BELOW_MINUS_TWO_63, TWO_63).map(|a| a as i64);
    i64_trunc_f64_u(a: f64) -> Result<i64, Trap> = between(a, -1.0, 2.0 * TWO_63).map(|a| a as u64 as i64);

    i32_trunc_sat_f32_s(a: f32) -> i32 = a as i32;
    i32_trunc_sat_f32_u(a: f32) -> i32 = a as u32 as i32;
    i32_trunc_sat_f64_s(a: f64) -> i32 = a as i32;
    i32_trunc_sat_f64_u(a: f64) -> i32 = a as u32 as i32;
    i64_trunc_sat_f32_s(a: f32) -> i64 = a as i64;
    i64_trunc_sat_f32_u(a: f32) -> i64 = a as u64 as i64;
    i64_trunc_sat_f64_s(a: f64) -> i64 = a as i64;
    i64_trunc_sat_f64_u(a: f64) -> i64 = a as u64 as i64;

    f32_convert_i32_s(a: i32) -> f32 = a as f32;
    f32_convert_i32_u(a: i32) -> f32 = a as u32 as f32;
    f32_convert_i64_s(a: i64) -> f32 = a as f32;
    f32_convert_i64_u(a: i64) -> f32 = a as u64 as f32;
    f64_convert_i32_s(a: i32) -> f64 = f64::from(a);
    f64_convert_i32_u(a: i32) -> f64 = f64::from(a as u32);
    f64_convert_i64_s(a: i64) -> f64 = a as f64;
    f64_convert_i64_u(a: i64) -> f64 = a as u64 as f64;
    f32_demote_f64(a: f64) -> f32 = a as f32;
    f64_promote_f32(a: f32) -> f64 = f64::from(a);

    i32_reinterpret_f32(a: f32) -> i32 = a.to_bits() as i32;
    i64_reinterpret_f64(a: f64) -> i64 = a.to_bits() as i64;
    f32_reinterpret_i32(a: i32) -> f32 = f32::from_bits(a as u32);
    f64_reinterpret_i64(a: i64) -> f64 = f64::from_bits(a as u64);
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::hint::black_box;

    const OVERFLOW: Trap = Trap::IntegerOverflow;

    #[test]
    fn truncation_to_i32_at_its_limits() {
        assert_eq!(i32_trunc_f64_s(2147483647.9), Ok(i32::MAX));
        assert_eq!(i32_trunc_f64_s(2147483648.0), Err(OVERFLOW));
        assert_eq!(i32_trunc_f64_s(-2147483648.9), Ok(i32::MIN));
        assert_eq!(i32_trunc_f64_s(-2147483649.0), Err(OVERFLOW));
        assert_eq!(i32_trunc_f32_s(-2147483648.0), Ok(i32::MIN));
        assert_eq!(i32_trunc_f32_s(-2147483904.0), Err(OVERFLOW));
        assert_eq!(i32_trunc_f32_s(2147483520.0), Ok(2147483520));
        assert_eq!(i32_trunc_f32_s(2147483648.0), Err(OVERFLOW));
        assert_eq!(i32_trunc_f64_u(4294967295.9), Ok(-1));
        assert_eq!(i32_trunc_f64_u(4294967296.0), Err(OVERFLOW));
        assert_eq!(i32_trunc_f64_u(-0.9), Ok(0));
        assert_eq!(i32_trunc_f64_u(-1.0), Err(OVERFLOW));
        assert_eq!(i32_trunc_f32_u(4294967040.0), Ok(-256));
        assert_eq!(i32_trunc_f32_u(f32::INFINITY), Err(OVERFLOW));
    }

    #[test]
    fn truncation_to_i64_at_its_limits() {
        assert_eq!(i64_trunc_f64_s(9223372036854774784.0), Ok(9223372036854774784));
        assert_eq!(i64_trunc_f64_s(9223372036854775808.0), Err(OVERFLOW));
        assert_eq!(i64_trunc_f64_s(-9223372036854775808.0), Ok(i64::MIN));
        assert_eq!(i64_trunc_f64_s(-9223372036854777856.0), Err(OVERFLOW));
        assert_eq!(i64_trunc_f32_s(-9223372036854775808.0), Ok(i64::MIN));
        assert_eq!(i64_trunc_f32_s(9223372036854775808.0), Err(OVERFLOW));
        assert_eq!(i64_trunc_f64_u(18446744073709549568.0), Ok(-2048));
        assert_eq!(i64_trunc_f64_u(18446744073709551616.0), Err(OVERFLOW));
        assert_eq!(i64_trunc_f32_u(-0.99), Ok(0));
        assert_eq!(i64_trunc_f32_u(-1.0), Err(OVERFLOW));
    }

    #[test]
    fn nan_has_no_integer() {
        let nan = Trap::BadConversionToInteger;
        assert_eq!(i32_trunc_f32_s(f32::NAN), Err(nan));
        assert_eq!(i32_trunc_f64_u(f64::NAN), Err(nan));
        assert_eq!(i64_trunc_f32_u(-f32::NAN), Err(nan));
        assert_eq!(i64_trunc_f64_s(f64::NAN), Err(nan));
    }

    #[test]
    fn saturation() {
        assert_eq!((i32_trunc_sat_f32_s(f32::NAN), i32_trunc_sat_f32_s(3e9)), (0, i32::MAX));
        assert_eq!((i32_trunc_sat_f64_u(-5.0), i32_trunc_sat_f64_u(1e10)), (0, -1));
        assert_eq!((i64_trunc_sat_f64_s(-1e300), i64_trunc_sat_f32_u(1e30)), (i64::MIN, -1));
        assert_eq!((i64_trunc_sat_f32_s(f32::INFINITY), i64_trunc_sat_f64_u(f64::NAN)), (i64::MAX, 0));
    }

    #[test]
    fn integers_round_to_nearest_even() {
        assert_eq!(f32_convert_i32_s(16777217), 16777216.0);
        assert_eq!(f32_convert_i32_s(16777219), 16777220.0);
        assert_eq!(f32_convert_i32_u(-1), 4294967296.0);
        assert_eq!(f32_convert_i64_u(0x7fff_ff40_0000_0001), 9223371487098961920.0);
        assert_eq!(f32_convert_i64_u(0x8000_0080_0000_0001u64 as i64), 9223373136366403584.0);
        assert_eq!(f32_convert_i64_u(0x8000_0080_0000_0000u64 as i64), 9223372036854775808.0);
        assert_eq!(f32_convert_i64_u(-1), 18446744073709551616.0);
        assert_eq!(f32_convert_i64_s(-0x4000_0040_0000_0001), -4611686568183201792.0);
        assert_eq!(f64_convert_i64_u(-1024), 18446744073709551616.0);
        assert_eq!(f64_convert_i64_u(-1025), 18446744073709549568.0);
        assert_eq!(f64_convert_i64_s(9007199254740993), 9007199254740992.0);
        assert_eq!(f64_convert_i32_u(-1), 4294967295.0);
    }

    #[test]
    fn changes_of_width_quiet_nans() {
        let signalling = black_box(f64::from_bits(0x7ff4_0000_0000_0000));
        assert_eq!(f32_demote_f64(signalling).to_bits() & 0x7fc0_0000, 0x7fc0_0000);
        let signalling = black_box(f32::from_bits(0x7fa0_0000));
        assert_eq!(f64_promote_f32(signalling).to_bits() & 0x7ff8 << 48, 0x7ff8 << 48);
        assert_eq!(f32_demote_f64(1e300), f32::INFINITY);
        assert_eq!(f32_demote_f64(1e-300).to_bits(), 0);
    }

    #[test]
    fn reinterpretation_keeps_signalling_nans() {
        assert_eq!(i32_reinterpret_f32(f32_reinterpret_i32(0x7fa0_0000)), 0x7fa0_0000);
        assert_eq!(i64_reinterpret_f64(f64_reinterpret_i64(0x7ff4 << 48)), 0x7ff4 << 48);
        assert_eq!((i32_wrap_i64(0x1_ffff_ffff), i64_extend_i32_u(-1)), (-1, 0xffff_ffff));
    }
}
