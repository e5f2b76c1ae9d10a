//! How values of the numeric types lie in 8-byte slots, of frames, globals and
//! argument lists. The bits above a 32-bit value are zero. Spec: exec/runtime, "Values".

use super::V128;
use dayfly_parser::ValType;

/// A value of a numeric or vector type.
pub trait Value: Copy + PartialEq + core::fmt::Debug + Send + Sync + 'static {
    /// The WebAssembly type.
    const TYPE: ValType;
    /// How many slots a value takes: 1 or 2.
    const SLOTS: usize;
    /// `[u64; SLOTS]`.
    type Slots: Copy + AsRef<[u64]> + AsMut<[u64]> + Default + 'static;

    /// The value in these slots.
    fn from_slots(slots: Self::Slots) -> Self;

    /// The slots of the value.
    fn to_slots(self) -> Self::Slots;
}

/// A value that takes one slot.
pub trait Scalar: Value<Slots = [u64; 1]> {
    /// The value in this slot; bits above its width are ignored.
    #[inline(always)]
    fn from_slot(slot: u64) -> Self {
        Self::from_slots([slot])
    }

    /// The slot of the value; bits above its width are zero.
    #[inline(always)]
    fn to_slot(self) -> u64 {
        self.to_slots()[0]
    }
}

macro_rules! scalars {
    ($($Scalar:ident $TYPE:ident |$slot:ident| $from:expr, |$value:ident| $to:expr;)*) => {$(
        impl Value for $Scalar {
            const TYPE: ValType = ValType::$TYPE;
            const SLOTS: usize = 1;
            type Slots = [u64; 1];

            #[inline(always)]
            fn from_slots([$slot]: [u64; 1]) -> Self {
                $from
            }

            #[inline(always)]
            fn to_slots(self) -> [u64; 1] {
                let $value = self;
                [$to]
            }
        }

        impl Scalar for $Scalar {}
    )*};
}

scalars! {
    i32 I32 |slot| slot as i32, |value| u64::from(value as u32);
    i64 I64 |slot| slot as i64, |value| value as u64;
    f32 F32 |slot| f32::from_bits(slot as u32), |value| u64::from(value.to_bits());
    f64 F64 |slot| f64::from_bits(slot), |value| value.to_bits();
}

impl Value for V128 {
    const TYPE: ValType = ValType::V128;
    const SLOTS: usize = 2;
    type Slots = [u64; 2];

    #[inline(always)]
    fn from_slots(slots: [u64; 2]) -> Self {
        V128::from_u64x2(slots)
    }

    #[inline(always)]
    fn to_slots(self) -> [u64; 2] {
        self.to_u64x2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_of_narrow_values_are_zero_extended() {
        assert_eq!((-1i32).to_slot(), 0xffff_ffff);
        assert_eq!(i32::from_slot(0xdead_beef_8000_0000), i32::MIN);
        assert_eq!((-0.0f32).to_slot(), 0x8000_0000);
        assert_eq!(f32::from_slot(0xdead_beef_3f80_0000), 1.0);
        assert_eq!((-1i64).to_slot(), u64::MAX);
        assert_eq!((-0.0f64).to_slot(), 1 << 63);
    }

    #[test]
    fn signalling_nans_survive_slots() {
        assert_eq!(f32::from_slot(0x7fa0_0000).to_slot(), 0x7fa0_0000);
        assert_eq!(f64::from_slot(0x7ff4_0000_0000_0000).to_slot(), 0x7ff4_0000_0000_0000);
    }

    #[test]
    fn the_low_half_of_a_vector_comes_first() {
        let v = V128(core::array::from_fn(|i| i as u8));
        assert_eq!(v.to_slots(), [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908]);
        assert_eq!(V128::from_slots(v.to_slots()), v);
    }

    #[test]
    fn slot_counts_agree_with_the_types() {
        assert_eq!(i32::SLOTS as u32, i32::TYPE.slots());
        assert_eq!(V128::SLOTS as u32, V128::TYPE.slots());
    }
}
