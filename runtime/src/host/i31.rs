//! Integers of 31 bits, which references hold without an object.
//! Spec: syntax/types, "Heap Types".

use core::fmt;

/// An integer of 31 bits: an `i31` of the GC proposal. Whether it has a sign is up to
/// who reads it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct I31(u32);

const BITS: u32 = 31;
const MASK: u32 = (1 << BITS) - 1;

impl I31 {
    /// The value without sign; `None` if it needs more than 31 bits.
    pub fn new_u32(value: u32) -> Option<I31> {
        (value <= MASK).then_some(I31(value))
    }

    /// The value with sign; `None` if it needs more than 31 bits.
    pub fn new_i32(value: i32) -> Option<I31> {
        let wrapped = I31::wrapping_i32(value);
        (wrapped.get_i32() == value).then_some(wrapped)
    }

    /// The lower 31 bits of a value.
    pub fn wrapping_u32(value: u32) -> I31 {
        I31(value & MASK)
    }

    /// The lower 31 bits of a value.
    pub fn wrapping_i32(value: i32) -> I31 {
        I31::wrapping_u32(value as u32)
    }

    /// The value without sign, as `i31.get_u` reads it.
    pub fn get_u32(self) -> u32 {
        self.0
    }

    /// The value with sign, as `i31.get_s` reads it.
    pub fn get_i32(self) -> i32 {
        ((self.0 << 1) as i32) >> 1
    }

    /// As a reference to the GC heap.
    pub(crate) fn reference(self) -> u32 {
        self.0 << 1 | 1
    }

    /// What a reference holds.
    pub(crate) fn of_reference(reference: u32) -> I31 {
        I31(reference >> 1)
    }
}

impl fmt::Debug for I31 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("I31").field(&self.get_u32()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_31_bits() {
        assert_eq!(I31::new_u32(MASK).map(I31::get_i32), Some(-1));
        assert_eq!(I31::new_u32(MASK + 1), None);
        assert_eq!(I31::new_i32(-1 << 30).map(I31::get_u32), Some(1 << 30));
        assert_eq!(I31::new_i32((1 << 30) - 1).map(I31::get_i32), Some((1 << 30) - 1));
        assert_eq!((I31::new_i32((-1 << 30) - 1), I31::new_i32(1 << 30)), (None, None));
        assert_eq!(I31::wrapping_u32(u32::MAX).get_u32(), MASK);
        assert_eq!(I31::wrapping_i32(i32::MIN).get_i32(), 0);
    }

    #[test]
    fn references_hold_all_bits() {
        for value in [0, 1, MASK, MASK / 2] {
            assert_eq!(I31::of_reference(I31(value).reference()), I31(value));
        }
    }
}
