//! Matching of canonical types. Spec: valid/matching.

use super::{TypeId, TypeRegistry};
use dayfly_parser::{CompositeType, HeapType, RefType, ValType};

impl TypeRegistry {
    /// Whether every value of `actual` is one of `expected`.
    pub fn val_is_subtype(&self, actual: ValType, expected: ValType) -> bool {
        match (actual, expected) {
            (ValType::Ref(actual), ValType::Ref(expected)) => self.ref_is_subtype(actual, expected),
            (actual, expected) => actual == expected,
        }
    }

    /// Whether every reference of `actual` is one of `expected`.
    pub fn ref_is_subtype(&self, actual: RefType, expected: RefType) -> bool {
        (expected.nullable || !actual.nullable) && self.heap_is_subtype(actual.heap, expected.heap)
    }

    /// Whether everything that `actual` refers to belongs to `expected`.
    pub fn heap_is_subtype(&self, actual: HeapType, expected: HeapType) -> bool {
        use HeapType::*;
        match (actual, expected) {
            (Concrete(actual), Concrete(expected)) => self.is_subtype(TypeId(actual.0), TypeId(expected.0)),
            (Concrete(actual), expected) => self.is_above(expected, TypeId(actual.0)),
            (actual, Concrete(expected)) => actual == self.bottom(TypeId(expected.0)),
            (actual, expected) if actual == expected => true,
            (None, expected) => matches!(expected, Any | Eq | I31 | Struct | Array),
            (I31 | Struct | Array, expected) => matches!(expected, Any | Eq),
            (Eq, expected) => expected == Any,
            (NoFunc, expected) => expected == Func,
            (NoExtern, expected) => expected == Extern,
            (NoExn, expected) => expected == Exn,
            (NoCont, expected) => expected == Cont,
            (Func | Extern | Any | Exn | Cont, _) => false,
        }
    }

    /// Whether an abstract type is above a defined one.
    fn is_above(&self, expected: HeapType, actual: TypeId) -> bool {
        use HeapType::*;
        match &self.get(actual).composite {
            CompositeType::Func(_) => expected == Func,
            CompositeType::Struct(_) => matches!(expected, Struct | Eq | Any),
            CompositeType::Array(_) => matches!(expected, Array | Eq | Any),
            CompositeType::Cont(_) => expected == Cont,
        }
    }

    /// The abstract type below a defined one.
    fn bottom(&self, ty: TypeId) -> HeapType {
        match &self.get(ty).composite {
            CompositeType::Func(_) => HeapType::NoFunc,
            CompositeType::Struct(_) | CompositeType::Array(_) => HeapType::None,
            CompositeType::Cont(_) => HeapType::NoCont,
        }
    }
}
