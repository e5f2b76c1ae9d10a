//! Canonical types: one id per structure and engine, so that checking a type is
//! one comparison. In the canonical index space the parser's types are used with
//! `HeapType::Concrete(TypeIdx(id))` holding the canonical id.
//! Spec: valid/matching, and "Defined Types" in syntax/types.

mod displays;
mod registry;
mod subtype;

pub use displays::{DEPTHS, DISPLAYS, Display};
pub use registry::TypeRegistry;

use dayfly_parser::{
    CompositeType, FieldType, FuncType, GlobalType, HeapType, RefType, StorageType, SubType, TableType,
    TypeIdx, ValType,
};

/// The canonical id of a type: equal exactly when the types are.
#[repr(transparent)]
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub struct TypeId(pub u32);

impl TypeId {
    /// The id as the index that stands for it in canonical types.
    #[inline]
    pub fn as_idx(self) -> TypeIdx {
        TypeIdx(self.0)
    }

    /// The heap type that it is.
    pub fn heap(self) -> HeapType {
        HeapType::Concrete(self.as_idx())
    }
}

/// A module's value type in the canonical index space; `ids` are the module's types.
pub fn canonical_val(ids: &[TypeId], ty: ValType) -> ValType {
    map_val(ty, &|idx| ids[idx.index()].as_idx())
}

/// A module's reference type in the canonical index space.
pub fn canonical_ref(ids: &[TypeId], ty: RefType) -> RefType {
    RefType { nullable: ty.nullable, heap: canonical_heap(ids, ty.heap) }
}

/// A module's heap type in the canonical index space.
pub fn canonical_heap(ids: &[TypeId], ty: HeapType) -> HeapType {
    map_heap(ty, &|idx| ids[idx.index()].as_idx())
}

/// A module's table type in the canonical index space.
pub fn canonical_table(ids: &[TypeId], ty: TableType) -> TableType {
    TableType { element: canonical_ref(ids, ty.element), ..ty }
}

/// A module's global type in the canonical index space.
pub fn canonical_global(ids: &[TypeId], ty: GlobalType) -> GlobalType {
    GlobalType { content: canonical_val(ids, ty.content), ..ty }
}

/// A renaming of type indices.
type Rename<'a> = &'a dyn Fn(TypeIdx) -> TypeIdx;

fn map_sub(ty: &SubType, rename: Rename<'_>) -> SubType {
    let fields = |fields: &[FieldType]| fields.iter().map(|f| map_field(*f, rename)).collect();
    let composite = match &ty.composite {
        CompositeType::Func(f) => CompositeType::Func(map_func(f, rename)),
        CompositeType::Struct(f) => CompositeType::Struct(fields(f)),
        CompositeType::Array(f) => CompositeType::Array(map_field(*f, rename)),
        CompositeType::Cont(f) => CompositeType::Cont(rename(*f)),
    };
    SubType { is_final: ty.is_final, supertype: ty.supertype.map(rename), composite, shared: ty.shared }
}

fn map_func(ty: &FuncType, rename: Rename<'_>) -> FuncType {
    let values =
        |types: &[ValType]| -> Box<[ValType]> { types.iter().map(|t| map_val(*t, rename)).collect() };
    FuncType { params: values(&ty.params), results: values(&ty.results) }
}

fn map_field(ty: FieldType, rename: Rename<'_>) -> FieldType {
    let storage = match ty.storage {
        StorageType::Val(v) => StorageType::Val(map_val(v, rename)),
        packed => packed,
    };
    FieldType { storage, mutable: ty.mutable }
}

fn map_val(ty: ValType, rename: Rename<'_>) -> ValType {
    match ty {
        ValType::Ref(r) => ValType::Ref(RefType { nullable: r.nullable, heap: map_heap(r.heap, rename) }),
        number => number,
    }
}

fn map_heap(ty: HeapType, rename: Rename<'_>) -> HeapType {
    match ty {
        HeapType::Concrete(idx) => HeapType::Concrete(rename(idx)),
        other => other,
    }
}

#[cfg(test)]
mod tests;
