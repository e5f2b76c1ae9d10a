//! 128-bit arithmetic on pairs of 64-bit halves, the low one first.
//! Spec: proposal "wide-arithmetic".

/// The halves of a 128-bit number.
#[inline(always)]
fn split(a: i128) -> (i64, i64) {
    (a as i64, (a >> 64) as i64)
}

/// The 128-bit number of these halves.
#[inline(always)]
fn join(low: i64, high: i64) -> i128 {
    i128::from(high) << 64 | i128::from(low as u64)
}

functions! {
    i64_add128(a_low: i64, a_high: i64, b_low: i64, b_high: i64) -> (i64, i64) =
        split(join(a_low, a_high).wrapping_add(join(b_low, b_high)));
    i64_sub128(a_low: i64, a_high: i64, b_low: i64, b_high: i64) -> (i64, i64) =
        split(join(a_low, a_high).wrapping_sub(join(b_low, b_high)));
    i64_mul_wide_s(a: i64, b: i64) -> (i64, i64) = split(i128::from(a) * i128::from(b));
    i64_mul_wide_u(a: i64, b: i64) -> (i64, i64) =
        split((u128::from(a as u64) * u128::from(b as u64)) as i128);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_and_borrows_cross_the_halves() {
        assert_eq!(i64_add128(-1, 0, 1, 0), (0, 1));
        assert_eq!(i64_add128(-1, -1, 1, 0), (0, 0));
        assert_eq!(i64_add128(1, 2, 3, 4), (4, 6));
        assert_eq!(i64_sub128(0, 1, 1, 0), (-1, 0));
        assert_eq!(i64_sub128(0, 0, 1, 0), (-1, -1));
    }

    #[test]
    fn products_by_signedness() {
        assert_eq!(i64_mul_wide_s(-1, -1), (1, 0));
        assert_eq!(i64_mul_wide_s(i64::MIN, i64::MIN), (0, 1 << 62));
        assert_eq!(i64_mul_wide_s(-1, 1), (-1, -1));
        assert_eq!(i64_mul_wide_u(-1, -1), (1, -2));
        assert_eq!(i64_mul_wide_u(-1, 1), (-1, 0));
    }
}
