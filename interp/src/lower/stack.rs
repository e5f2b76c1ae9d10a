//! The operand stack while a body is lowered: what each operand is and where it
//! can be read, so that `local.get` and constants cost no instruction.
//!
//! Every operand has its own slot, after the header, by height. A pending one (a
//! local or a constant) is written there only when control flow, a call or a
//! change of the local demands it: at labels all operands are in their slots.

use crate::exec::dispatch::Handler;
use crate::exec::select::Class;
use dayfly_parser::ValType;

/// An operand.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Its type.
    pub ty: ValType,
    /// Its own slot, in the frame.
    pub slot: u32,
}

/// What an operand is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// The value that a local, by its slot, has had since it was pushed.
    Local(u32),
    /// A constant, as it lies in a slot.
    Const(u64),
    /// A value in its own slot. `made` is the instruction that wrote it, if its
    /// result can be sent elsewhere, and the region that is in.
    Temp {
        /// Position of the instruction and its region.
        made: Option<(u32, u32)>,
    },
}

/// Where an instruction finds an operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In a slot of the frame.
    Slot(u16),
    /// In the instruction.
    Imm(i32),
    /// In the accumulator.
    Acc,
}

impl Place {
    /// Its class.
    pub fn class(self) -> Class {
        match self {
            Place::Slot(_) => Class::S,
            Place::Imm(_) => Class::I,
            Place::Acc => Class::A,
        }
    }

    /// The slot, 0 if it is none.
    pub fn slot(self) -> u16 {
        if let Place::Slot(slot) = self { slot } else { 0 }
    }
}

/// Which accumulator a type uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bank {
    /// Integers and references.
    Int,
    /// f64
    F64,
    /// f32
    F32,
}

impl Bank {
    /// The accumulator of a type; vectors have none.
    pub fn of(ty: ValType) -> Option<Bank> {
        match ty {
            ValType::I32 | ValType::I64 | ValType::Ref(_) => Some(Bank::Int),
            ValType::F64 => Some(Bank::F64),
            ValType::F32 => Some(Bank::F32),
            ValType::V128 => None,
        }
    }
}

/// What an accumulator holds.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// The instruction that wrote it.
    pub at: u32,
    /// Its handler that writes the accumulator alone.
    pub to_acc: Option<Handler>,
    /// The local, by its slot, that has the same value.
    pub local: Option<u32>,
}

/// What the accumulators hold.
pub type Accs = [Option<Held>; 3];

/// The 32-bit immediate that stands for a constant of a type, if one does: see
/// `Operand::from_imm`.
pub fn imm32(ty: ValType, bits: u64) -> Option<i32> {
    match ty {
        ValType::I32 | ValType::F32 => Some(bits as i32),
        ValType::I64 | ValType::Ref(_) => {
            let imm = bits as i32;
            (imm as i64 as u64 == bits).then_some(imm)
        }
        ValType::F64 => {
            let narrow = f64::from_bits(bits) as f32;
            (f64::from(narrow).to_bits() == bits).then_some(narrow.to_bits() as i32)
        }
        ValType::V128 => None,
    }
}

/// The same for a 16-bit immediate, which is sign-extended.
pub fn imm16(ty: ValType, bits: u64) -> Option<i32> {
    imm32(ty, bits).filter(|imm| i16::try_from(*imm).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::operand::Operand;

    #[test]
    fn immediates_read_back_as_the_constant() {
        for bits in [0u64, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, u64::MAX, 1 << 63, 0x3ff0_0000_0000_0000]
        {
            if let Some(imm) = imm32(ValType::I64, bits) {
                assert_eq!(i64::from_imm(imm) as u64, bits);
            }
            if let Some(imm) = imm32(ValType::F64, bits) {
                assert_eq!(f64::from_imm(imm).to_bits(), bits);
            }
        }
        assert_eq!(imm32(ValType::F64, 1.5f64.to_bits()), Some(1.5f32.to_bits() as i32));
        assert_eq!(imm32(ValType::F64, 0.1f64.to_bits()), None);
        // A signalling NaN would be quieted on the way.
        assert_eq!(imm32(ValType::F64, 0x7ff0_0000_2000_0000), None);
        assert_eq!(imm32(ValType::I64, 0x8000_0000), None);
        assert_eq!(imm16(ValType::I32, 0xffff_8000), Some(-0x8000));
        assert_eq!(imm16(ValType::I32, 0x8000), None);
    }
}
