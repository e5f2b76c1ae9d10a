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
    /// A value in its own slot, and the instruction that wrote it, if that is known.
    Temp {
        /// The instruction.
        made: Option<Made>,
    },
}

impl Kind {
    /// What the operand is after an instruction has read it from where it lies, and leaves
    /// it on the stack: its maker cannot send it elsewhere any more.
    pub fn after_reading(self) -> Kind {
        match self {
            Kind::Local(local) => Kind::Local(local),
            Kind::Const(_) | Kind::Temp { .. } => Kind::Temp { made: None },
        }
    }
}

/// The instruction that made an operand.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// Its position.
    pub at: u32,
    /// The region that it is in.
    pub region: u32,
    /// Whether its result can be sent elsewhere.
    pub movable: bool,
    /// Its handler that writes the pin as well.
    pub to_pin: Option<Handler>,
}

/// Where an instruction finds an operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In a slot of the frame.
    Slot(u16),
    /// In the instruction, as a part of a word.
    Imm(i32),
    /// In the instruction, as a word of its own.
    Wide(u64),
    /// In the accumulator.
    Acc,
    /// In the pin, which mirrors this slot.
    Pin(u16),
}

impl Place {
    /// Its class.
    pub fn class(self) -> Class {
        match self {
            Place::Slot(_) => Class::S,
            Place::Imm(_) | Place::Wide(_) => Class::I,
            Place::Acc => Class::A,
            Place::Pin(_) => Class::P,
        }
    }

    /// The slot, 0 if it is none.
    pub fn slot(self) -> u16 {
        if let Place::Slot(slot) = self { slot } else { 0 }
    }

    /// What a field of 16 bits says of it: a slot or an immediate.
    pub fn field(self) -> u16 {
        if let Place::Imm(imm) = self { imm as u16 } else { self.slot() }
    }

    /// The word of its own that it adds to an instruction.
    pub fn word(self) -> Option<u64> {
        if let Place::Wide(bits) = self { Some(bits) } else { None }
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

/// Which registers an instruction can take an operand from, beside slots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Registers {
    /// None.
    None,
    /// The accumulator.
    Acc,
    /// The accumulator or the pin.
    All,
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

/// A constant of a type as an immediate: see `Operand::from_imm`. Vectors have none.
pub fn immediate(ty: ValType, bits: u64) -> Option<Place> {
    match ty {
        ValType::I32 | ValType::F32 => Some(Place::Imm(bits as i32)),
        ValType::I64 | ValType::F64 | ValType::Ref(_) => Some(Place::Wide(bits)),
        ValType::V128 => None,
    }
}

/// The same where a part of a word has but 16 bits, which are sign-extended.
pub fn immediate16(ty: ValType, bits: u64) -> Option<Place> {
    immediate(ty, bits).filter(|place| !matches!(place, Place::Imm(imm) if i16::try_from(*imm).is_err()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn immediates_say_what_fits_where() {
        assert_eq!(immediate(ValType::I32, 0xffff_ffff), Some(Place::Imm(-1)));
        assert_eq!(immediate(ValType::F32, 0x3fc0_0000), Some(Place::Imm(0x3fc0_0000)));
        assert_eq!(immediate(ValType::I64, 1 << 40), Some(Place::Wide(1 << 40)));
        assert_eq!(immediate(ValType::V128, 0), None);
        assert_eq!(immediate16(ValType::I32, 0xffff_8000), Some(Place::Imm(-0x8000)));
        assert_eq!(immediate16(ValType::I32, 0x8000), None);
        assert_eq!(
            immediate16(ValType::F64, 0x7ff0_0000_2000_0000),
            Some(Place::Wide(0x7ff0_0000_2000_0000))
        );
    }
}
