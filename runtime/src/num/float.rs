//! Scalar float operators. A NaN result is quiet, and canonical where every NaN
//! operand is; `abs`, `neg` and `copysign` only touch the sign bit.
//! Spec: exec/numerics, "Floating-Point Operations".

/// What takes more than an operator of the language, for one width. Without calls into
/// a mathematical library, so that vectors of them become vector instructions.
macro_rules! formulas {
    ($Float:ident, $mantissa_bits:literal) => {
        /// Rounds, ties to even: 2^mantissa plus a lesser number has no bit for a
        /// fraction, and numbers that are not less have none. The addition quiets NaNs.
        #[inline(always)]
        pub(super) fn nearest(a: $Float) -> $Float {
            const NO_FRACTION: $Float = (1u64 << $mantissa_bits) as $Float;
            let rounded = (a.abs() + NO_FRACTION - NO_FRACTION).copysign(a);
            if a.abs() >= NO_FRACTION { a } else { rounded }
        }

        #[inline(always)]
        pub(super) fn ceil(a: $Float) -> $Float {
            let nearest = nearest(a);
            let above = (nearest + 1.0).copysign(a);
            if nearest < a { above } else { nearest }
        }

        #[inline(always)]
        pub(super) fn floor(a: $Float) -> $Float {
            let nearest = nearest(a);
            let below = (nearest - 1.0).copysign(a);
            if nearest > a { below } else { nearest }
        }

        #[inline(always)]
        pub(super) fn trunc(a: $Float) -> $Float {
            floor(a.abs()).copysign(a)
        }

        /// Equal operands differ at most in the sign of zero; unordered ones leave
        /// the NaN to the addition.
        #[inline(always)]
        pub(super) fn min(a: $Float, b: $Float) -> $Float {
            let (x, y) = (if a < b { a } else { b }, if b < a { b } else { a });
            let (ordered, unordered) = ($Float::from_bits(x.to_bits() | y.to_bits()), a + b);
            if a.is_nan() || b.is_nan() { unordered } else { ordered }
        }

        /// As `min`.
        #[inline(always)]
        pub(super) fn max(a: $Float, b: $Float) -> $Float {
            let (x, y) = (if a > b { a } else { b }, if b > a { b } else { a });
            let (ordered, unordered) = ($Float::from_bits(x.to_bits() & y.to_bits()), a + b);
            if a.is_nan() || b.is_nan() { unordered } else { ordered }
        }
    };
}

mod single {
    formulas! { f32, 23 }
}

mod double {
    formulas! { f64, 52 }
}

functions! {
    f32_abs(a: f32) -> f32 = a.abs();
    f32_neg(a: f32) -> f32 = -a;
    f32_ceil(a: f32) -> f32 = single::ceil(a);
    f32_floor(a: f32) -> f32 = single::floor(a);
    f32_trunc(a: f32) -> f32 = single::trunc(a);
    f32_nearest(a: f32) -> f32 = single::nearest(a);
    f32_sqrt(a: f32) -> f32 = a.sqrt();
    f32_add(a: f32, b: f32) -> f32 = a + b;
    f32_sub(a: f32, b: f32) -> f32 = a - b;
    f32_mul(a: f32, b: f32) -> f32 = a * b;
    f32_div(a: f32, b: f32) -> f32 = a / b;
    f32_min(a: f32, b: f32) -> f32 = single::min(a, b);
    f32_max(a: f32, b: f32) -> f32 = single::max(a, b);
    f32_copysign(a: f32, b: f32) -> f32 = a.copysign(b);

    f32_eq(a: f32, b: f32) -> bool = a == b;
    f32_ne(a: f32, b: f32) -> bool = a != b;
    f32_lt(a: f32, b: f32) -> bool = a < b;
    f32_gt(a: f32, b: f32) -> bool = a > b;
    f32_le(a: f32, b: f32) -> bool = a <= b;
    f32_ge(a: f32, b: f32) -> bool = a >= b;

    f64_abs(a: f64) -> f64 = a.abs();
    f64_neg(a: f64) -> f64 = -a;
    f64_ceil(a: f64) -> f64 = double::ceil(a);
    f64_floor(a: f64) -> f64 = double::floor(a);
    f64_trunc(a: f64) -> f64 = double::trunc(a);
    f64_nearest(a: f64) -> f64 = double::nearest(a);
    f64_sqrt(a: f64) -> f64 = a.sqrt();
    f64_add(a: f64, b: f64) -> f64 = a + b;
    f64_sub(a: f64, b: f64) -> f64 = a - b;
    f64_mul(a: f64, b: f64) -> f64 = a * b;
    f64_div(a: f64, b: f64) -> f64 = a / b;
    f64_min(a: f64, b: f64) -> f64 = double::min(a, b);
    f64_max(a: f64, b: f64) -> f64 = double::max(a, b);
    f64_copysign(a: f64, b: f64) -> f64 = a.copysign(b);

    f64_eq(a: f64, b: f64) -> bool = a == b;
    f64_ne(a: f64, b: f64) -> bool = a != b;
    f64_lt(a: f64, b: f64) -> bool = a < b;
    f64_gt(a: f64, b: f64) -> bool = a > b;
    f64_le(a: f64, b: f64) -> bool = a <= b;
    f64_ge(a: f64, b: f64) -> bool = a >= b;
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::hint::black_box;

    const SIGNALLING_F32: u32 = 0xffa0_0001;
    const SIGNALLING_F64: u64 = 0xfff4_0000_0000_0001;

    #[test]
    fn nearest_rounds_ties_to_even_and_keeps_the_sign_of_zero() {
        for (a, rounded) in [(0.5, 0.0), (1.5, 2.0), (2.5, 2.0), (-0.5, -0.0), (-1.5, -2.0), (-0.3, -0.0)] {
            assert_eq!(f64_nearest(a).to_bits(), f64::to_bits(rounded), "{a}");
            assert_eq!(f32_nearest(a as f32).to_bits(), f32::to_bits(rounded as f32), "{a}");
        }
        assert_eq!(f64_nearest(4503599627370497.5), 4503599627370498.0);
        assert_eq!(f64_nearest(0.49999999999999994), 0.0);
        assert_eq!(f32_nearest(8388609.0), 8388609.0);
    }

    #[test]
    fn rounding_keeps_the_sign_of_zero() {
        assert_eq!(f32_ceil(-0.7).to_bits(), (-0.0f32).to_bits());
        assert_eq!(f64_trunc(-0.7).to_bits(), (-0.0f64).to_bits());
        assert_eq!(f64_floor(-0.0).to_bits(), (-0.0f64).to_bits());
        assert_eq!((f32_floor(-0.7), f64_ceil(0.2), f32_trunc(-1.9)), (-1.0, 1.0, -1.0));
        assert_eq!(f32_sqrt(-0.0).to_bits(), (-0.0f32).to_bits());
    }

    #[test]
    fn min_and_max_order_the_zeros() {
        for (a, b) in [(0.0, -0.0), (-0.0, 0.0)] {
            assert_eq!(f64_min(a, b).to_bits(), (-0.0f64).to_bits());
            assert_eq!(f64_max(a, b).to_bits(), 0.0f64.to_bits());
            assert_eq!(f32_min(a as f32, b as f32).to_bits(), (-0.0f32).to_bits());
            assert_eq!(f32_max(a as f32, b as f32).to_bits(), 0.0f32.to_bits());
        }
        assert_eq!(f64_min(f64::NEG_INFINITY, 1.0), f64::NEG_INFINITY);
        assert_eq!(f32_max(-1.0, -2.0), -1.0);
    }

    #[test]
    fn nan_results_are_quiet() {
        let s = black_box(f32::from_bits(SIGNALLING_F32));
        let unary = [f32_ceil, f32_floor, f32_trunc, f32_nearest, f32_sqrt];
        for quiet in unary.map(|f| f(s).to_bits()) {
            assert_eq!(quiet, SIGNALLING_F32 | 1 << 22);
        }
        let binary = [f32_add, f32_sub, f32_mul, f32_div, f32_min, f32_max];
        for quiet in binary.map(|f| [f(s, black_box(1.0)), f(black_box(1.0), s)]).concat() {
            assert_eq!(quiet.to_bits() & 0x7fc0_0000, 0x7fc0_0000);
        }
        let s = black_box(f64::from_bits(SIGNALLING_F64));
        let unary = [f64_ceil, f64_floor, f64_trunc, f64_nearest, f64_sqrt];
        for quiet in unary.map(|f| f(s).to_bits()) {
            assert_eq!(quiet, SIGNALLING_F64 | 1 << 51);
        }
        let binary = [f64_add, f64_sub, f64_mul, f64_div, f64_min, f64_max];
        for quiet in binary.map(|f| [f(s, black_box(1.0)), f(black_box(1.0), s)]).concat() {
            assert_eq!(quiet.to_bits() & 0x7ff8 << 48, 0x7ff8 << 48);
        }
    }

    #[test]
    fn canonical_nans_stay_canonical() {
        let nan = black_box(f64::from_bits(0x7ff8 << 48));
        for f in [f64_add, f64_sub, f64_mul, f64_div, f64_min, f64_max] {
            for result in [f(nan, 1.0), f(1.0, nan), f(nan, nan)] {
                assert_eq!(result.to_bits() << 1, (0x7ff8 << 48) << 1);
            }
        }
        assert_eq!(f64_sqrt(black_box(-1.0)).to_bits() << 1, (0x7ff8 << 48) << 1);
    }

    #[test]
    fn sign_operators_leave_signalling_nans_alone() {
        let s = f32::from_bits(SIGNALLING_F32);
        assert_eq!(f32_abs(s).to_bits(), SIGNALLING_F32 & !(1 << 31));
        assert_eq!(f32_neg(s).to_bits(), SIGNALLING_F32 ^ 1 << 31);
        assert_eq!(f32_copysign(s, 1.0).to_bits(), SIGNALLING_F32 & !(1 << 31));
        let s = f64::from_bits(SIGNALLING_F64);
        assert_eq!(f64_abs(s).to_bits(), SIGNALLING_F64 & !(1 << 63));
        assert_eq!(f64_neg(s).to_bits(), SIGNALLING_F64 ^ 1 << 63);
        assert_eq!(f64_copysign(1.0, s), -1.0);
    }

    #[test]
    fn nan_is_unordered() {
        let nan = f32::NAN;
        assert!(f32_ne(nan, nan) && !f32_eq(nan, nan) && !f32_lt(nan, 1.0) && !f32_ge(nan, 1.0));
        assert!(f64_eq(0.0, -0.0) && f64_le(-0.0, 0.0) && !f64_gt(f64::NAN, 0.0));
    }
}
