//! A 128-bit vector and its views as lanes, lane 0 first, little-endian on every
//! host; and the shapes that vector operators have in common.
//! Spec: exec/numerics, "Vector Operations".

use core::array::from_fn;

/// A 128-bit vector: its bytes as in memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct V128(pub [u8; 16]);

/// A type of lane, of which a vector holds `N`.
pub(super) trait Lane<const N: usize>: Copy {
    /// The lanes of a vector.
    fn unpack(v: V128) -> [Self; N];

    /// The vector of these lanes.
    fn pack(lanes: [Self; N]) -> V128;

    /// All bits set if `condition`, else none.
    fn mask(condition: bool) -> Self;
}

macro_rules! lanes {
    ($($Lane:ident $n:literal $to:ident $from:ident |$ones:ident| $mask:expr;)*) => {
        impl V128 {$(
            /// The lanes.
            #[inline(always)]
            pub fn $to(self) -> [$Lane; $n] {
                <$Lane as Lane<$n>>::unpack(self)
            }

            /// The vector of these lanes.
            #[inline(always)]
            pub fn $from(lanes: [$Lane; $n]) -> V128 {
                <$Lane as Lane<$n>>::pack(lanes)
            }
        )*}

        $(impl Lane<$n> for $Lane {
            #[inline(always)]
            fn unpack(v: V128) -> [$Lane; $n] {
                let (bytes, _) = v.0.as_chunks();
                from_fn(|i| $Lane::from_le_bytes(bytes[i]))
            }

            #[inline(always)]
            fn pack(lanes: [$Lane; $n]) -> V128 {
                let mut v = V128::default();
                for (bytes, lane) in v.0.as_chunks_mut().0.iter_mut().zip(lanes) {
                    *bytes = lane.to_le_bytes();
                }
                v
            }

            #[inline(always)]
            fn mask(condition: bool) -> $Lane {
                let $ones = condition;
                $mask
            }
        })*
    };
}

lanes! {
    i8 16 to_i8x16 from_i8x16 |ones| -i8::from(ones);
    u8 16 to_u8x16 from_u8x16 |ones| u8::from(ones).wrapping_neg();
    i16 8 to_i16x8 from_i16x8 |ones| -i16::from(ones);
    u16 8 to_u16x8 from_u16x8 |ones| u16::from(ones).wrapping_neg();
    i32 4 to_i32x4 from_i32x4 |ones| -i32::from(ones);
    u32 4 to_u32x4 from_u32x4 |ones| u32::from(ones).wrapping_neg();
    i64 2 to_i64x2 from_i64x2 |ones| -i64::from(ones);
    u64 2 to_u64x2 from_u64x2 |ones| u64::from(ones).wrapping_neg();
    f32 4 to_f32x4 from_f32x4 |ones| f32::from_bits(<u32 as Lane<4>>::mask(ones));
    f64 2 to_f64x2 from_f64x2 |ones| f64::from_bits(<u64 as Lane<2>>::mask(ones));
}

/// The same lane everywhere.
#[inline(always)]
pub(super) fn splat<T: Lane<N>, const N: usize>(lane: T) -> V128 {
    T::pack([lane; N])
}

/// One lane; `lane` counts modulo the number of lanes.
#[inline(always)]
pub(super) fn extract<T: Lane<N>, const N: usize>(v: V128, lane: u8) -> T {
    T::unpack(v)[usize::from(lane) % N]
}

/// The vector with one lane replaced; `lane` counts modulo the number of lanes.
#[inline(always)]
pub(super) fn replace<T: Lane<N>, const N: usize>(v: V128, lane: u8, value: T) -> V128 {
    let mut lanes = T::unpack(v);
    lanes[usize::from(lane) % N] = value;
    T::pack(lanes)
}

/// `f` of every lane, into lanes of the same width.
#[inline(always)]
pub(super) fn map<T: Lane<N>, U: Lane<N>, const N: usize>(a: V128, f: impl Fn(T) -> U) -> V128 {
    let a = T::unpack(a);
    U::pack(from_fn(|i| f(a[i])))
}

/// `f` of every pair of lanes.
#[inline(always)]
pub(super) fn zip<T: Lane<N>, const N: usize>(a: V128, b: V128, f: impl Fn(T, T) -> T) -> V128 {
    let (a, b) = (T::unpack(a), T::unpack(b));
    T::pack(from_fn(|i| f(a[i], b[i])))
}

/// `f` of every triple of lanes.
#[inline(always)]
pub(super) fn zip3<T: Lane<N>, const N: usize>(a: V128, b: V128, c: V128, f: impl Fn(T, T, T) -> T) -> V128 {
    let (a, b, c) = (T::unpack(a), T::unpack(b), T::unpack(c));
    T::pack(from_fn(|i| f(a[i], b[i], c[i])))
}

/// The mask of the lanes where `f` holds.
#[inline(always)]
pub(super) fn compare<T: Lane<N>, const N: usize>(a: V128, b: V128, f: impl Fn(&T, &T) -> bool) -> V128 {
    zip(a, b, |a: T, b: T| T::mask(f(&a, &b)))
}

/// Lanes `0..M`, of which there are twice as many.
#[inline(always)]
pub(super) fn low<T: Lane<N>, const N: usize, const M: usize>(a: V128) -> [T; M] {
    const { assert!(N == 2 * M) };
    let a = T::unpack(a);
    from_fn(|i| a[i])
}

/// Lanes `M..2 * M`.
#[inline(always)]
pub(super) fn high<T: Lane<N>, const N: usize, const M: usize>(a: V128) -> [T; M] {
    const { assert!(N == 2 * M) };
    let a = T::unpack(a);
    from_fn(|i| a[M + i])
}

/// Lanes `2 * i` and `2 * i + 1`, for every `i`.
#[inline(always)]
pub(super) fn pairs<T: Lane<N>, const N: usize, const M: usize>(a: V128) -> [(T, T); M] {
    const { assert!(N == 2 * M) };
    let a = T::unpack(a);
    from_fn(|i| (a[2 * i], a[2 * i + 1]))
}

/// `f` of the lanes of `a` and then of those of `b`, into lanes of half the width.
#[inline(always)]
pub(super) fn narrow<T: Lane<N>, U: Lane<M>, const N: usize, const M: usize>(
    a: V128,
    b: V128,
    f: impl Fn(T) -> U,
) -> V128 {
    const { assert!(M == 2 * N) };
    let (a, b) = (T::unpack(a), T::unpack(b));
    U::pack(from_fn(|i| f(if i < N { a[i] } else { b[i - N] })))
}

/// Whether `f` holds of every lane.
#[inline(always)]
pub(super) fn all<T: Lane<N>, const N: usize>(a: V128, f: impl Fn(T) -> bool) -> i32 {
    i32::from(T::unpack(a).into_iter().fold(true, |all, lane| all & f(lane)))
}

/// Bit `i` is whether `f` holds of lane `i`.
#[inline(always)]
pub(super) fn bitmask<T: Lane<N>, const N: usize>(a: V128, f: impl Fn(T) -> bool) -> i32 {
    T::unpack(a).into_iter().enumerate().fold(0, |mask, (i, lane)| mask | i32::from(f(lane)) << i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lane_0_is_the_first_byte() {
        let v = V128(from_fn(|i| i as u8));
        assert_eq!(v.to_u16x8()[..2], [0x0100, 0x0302]);
        assert_eq!(v.to_i32x4()[3], 0x0f0e_0d0c);
        assert_eq!(v.to_u64x2()[1], 0x0f0e_0d0c_0b0a_0908);
        assert_eq!(V128::from_u16x8(v.to_u16x8()), v);
        assert_eq!(V128::from_f64x2(v.to_f64x2()), v);
    }

    #[test]
    fn masks_have_all_bits_or_none() {
        assert_eq!(<f32 as Lane<4>>::mask(true).to_bits(), u32::MAX);
        assert_eq!(<f64 as Lane<2>>::mask(false).to_bits(), 0);
        assert_eq!((<i8 as Lane<16>>::mask(true), <u64 as Lane<2>>::mask(true)), (-1, u64::MAX));
    }
}
