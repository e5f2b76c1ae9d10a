//! Whether a value is of a reference type, as `ref.test` and `br_on_cast` ask.
//! Spec: exec/values, "Reference Typing"; valid/matching.

use super::object::{self, EXCEPTION, HOST, Header, Referent};
use crate::types::{TypeId, TypeRegistry};
use crate::vm::{FuncRef, Slot};
use core::fmt;
use dayfly_parser::{CompositeType, HeapType, RefType, TypeIdx};

/// A canonical reference type in one word, as code carries it: the heap type in
/// the lower half (its top bit says whether null belongs), the id of a concrete
/// one in the upper.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EncodedRefType(u64);

const NULLABLE: u64 = 1 << 31;
const CONCRETE: u32 = ABSTRACT.len() as u32;
const ABSTRACT: [HeapType; 14] = [
    HeapType::Func,
    HeapType::Extern,
    HeapType::Any,
    HeapType::Eq,
    HeapType::I31,
    HeapType::Struct,
    HeapType::Array,
    HeapType::Exn,
    HeapType::Cont,
    HeapType::None,
    HeapType::NoFunc,
    HeapType::NoExtern,
    HeapType::NoExn,
    HeapType::NoCont,
];

impl EncodedRefType {
    /// The id of a concrete type is added above so many bits of the word for type 0.
    pub const ID_SHIFT: u32 = 32;

    /// The word for a canonical type.
    pub const fn new(ty: RefType) -> EncodedRefType {
        let heap = match ty.heap {
            HeapType::Func => 0,
            HeapType::Extern => 1,
            HeapType::Any => 2,
            HeapType::Eq => 3,
            HeapType::I31 => 4,
            HeapType::Struct => 5,
            HeapType::Array => 6,
            HeapType::Exn => 7,
            HeapType::Cont => 8,
            HeapType::None => 9,
            HeapType::NoFunc => 10,
            HeapType::NoExtern => 11,
            HeapType::NoExn => 12,
            HeapType::NoCont => 13,
            HeapType::Concrete(TypeIdx(id)) => CONCRETE as u64 | (id as u64) << EncodedRefType::ID_SHIFT,
        };
        EncodedRefType(if ty.nullable { heap | NULLABLE } else { heap })
    }

    /// The word.
    #[inline]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The type whose `bits` these are.
    #[inline]
    pub const fn from_bits(bits: u64) -> EncodedRefType {
        EncodedRefType(bits)
    }

    /// The type.
    #[inline]
    pub fn ty(self) -> RefType {
        let heap = match ABSTRACT.get((self.0 & !NULLABLE) as u32 as usize) {
            Some(heap) => *heap,
            None => HeapType::Concrete(TypeIdx((self.0 >> EncodedRefType::ID_SHIFT) as u32)),
        };
        RefType { nullable: self.0 & NULLABLE != 0, heap }
    }
}

impl fmt::Debug for EncodedRefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ty().fmt(f)
    }
}

/// Whether a value is of a type of its own hierarchy.
///
/// # Safety
/// The value is a reference of the hierarchy that the type belongs to: a function,
/// or an object of the heap at `base`. The type is of the registry.
#[inline]
pub(crate) unsafe fn matches(base: *mut u8, types: &TypeRegistry, value: Slot, ty: RefType) -> bool {
    if value == 0 {
        return ty.nullable;
    }
    // SAFETY: the caller's promise: a value of these types is no function.
    let referent = || unsafe { object::referent(base, value as u32) };
    match ty.heap {
        HeapType::Func | HeapType::Extern | HeapType::Any | HeapType::Exn | HeapType::Cont => true,
        HeapType::None | HeapType::NoFunc | HeapType::NoExtern | HeapType::NoExn | HeapType::NoCont => false,
        HeapType::I31 => referent() == Referent::I31,
        HeapType::Eq => match referent() {
            Referent::Null => false,
            Referent::I31 => true,
            Referent::Object(Header { type_id, .. }) => type_id != HOST && type_id != EXCEPTION,
        },
        HeapType::Struct => match referent() {
            Referent::Object(header) => matches!(composite(types, header), Some(CompositeType::Struct(_))),
            _ => false,
        },
        HeapType::Array => match referent() {
            Referent::Object(header) => matches!(composite(types, header), Some(CompositeType::Array(_))),
            _ => false,
        },
        HeapType::Concrete(TypeIdx(expected)) => {
            let expected = TypeId(expected);
            let actual = match &types.get(expected).composite {
                // SAFETY: a value of a function type is a function.
                CompositeType::Func(_) => unsafe { (*(value as usize as *const FuncRef)).type_id },
                CompositeType::Cont(_) => return true,
                CompositeType::Struct(_) | CompositeType::Array(_) => match referent() {
                    Referent::Object(Header { type_id, .. }) if type_id < HOST => type_id,
                    _ => return false,
                },
            };
            types.is_subtype(TypeId(actual), expected)
        }
    }
}

/// The shape of a structure or array.
fn composite(types: &TypeRegistry, header: Header) -> Option<&CompositeType> {
    (header.type_id < HOST).then(|| &types.get(TypeId(header.type_id)).composite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_survive_encoding() {
        let concrete = [HeapType::Concrete(TypeIdx(0)), HeapType::Concrete(TypeIdx(u32::MAX >> 1))];
        for heap in ABSTRACT.into_iter().chain(concrete) {
            for nullable in [false, true] {
                let ty = RefType { nullable, heap };
                assert_eq!(EncodedRefType::new(ty).ty(), ty);
            }
        }
    }
}
