//! Types of structures, arrays and exceptions that the host defines or asks for.
//! Invariant: a type is canonical in the engine that it belongs to, so the host's are
//! the same as those of modules. Spec: syntax/types; valid/matching.

use crate::host::{Error, Result, TagType};
use crate::store::{Shared, StoreId, StoreOpaque};
use crate::types::{TypeId, TypeRegistry};
use core::fmt;
use core::hash::{Hash, Hasher};
use dayfly_parser::{
    CompositeType, FieldType, FuncType, HeapType, Limits, StorageType, SubType, TypeIdx, ValType,
};
use std::sync::Arc;

/// The type of a structure.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StructType(Defined);

/// The type of an array.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ArrayType(Defined);

/// What exceptions of a tag are like: the types of what they carry.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ExnType(Defined);

/// Whether other types may derive from a type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Finality {
    /// They may not.
    Final,
    /// They may.
    NonFinal,
}

/// A type of an engine.
#[derive(Clone)]
struct Defined {
    types: Arc<TypeRegistry>,
    id: TypeId,
}

/// Types that can be above a type, as in modules.
const MAX_DEPTH: usize = 63;

impl StructType {
    /// A final type of these fields. `engine` is a `dayfly::Engine`; concrete types of
    /// fields are canonical ones of it.
    ///
    /// # Errors
    /// When there are too many fields, or a concrete type is not of the engine.
    pub fn new(
        engine: &impl AsRef<Arc<Shared>>,
        fields: impl IntoIterator<Item = FieldType>,
    ) -> Result<StructType> {
        StructType::with_finality_and_supertype(engine, Finality::Final, None, fields)
    }

    /// A type of these fields, which derives from `supertype`.
    ///
    /// # Errors
    /// Also when the supertype is final, or the first fields do not match its fields.
    ///
    /// # Panics
    /// If the supertype is of another engine.
    pub fn with_finality_and_supertype(
        engine: &impl AsRef<Arc<Shared>>,
        finality: Finality,
        supertype: Option<&StructType>,
        fields: impl IntoIterator<Item = FieldType>,
    ) -> Result<StructType> {
        let most = Limits::default().fields as usize;
        let fields: Box<[FieldType]> = fields.into_iter().take(most + 1).collect();
        if fields.len() > most {
            return Err(too_many_fields(most));
        }
        let composite = CompositeType::Struct(fields);
        Defined::register(engine.as_ref(), finality, supertype.map(|ty| &ty.0), composite).map(StructType)
    }

    /// The structure type that a canonical heap type is, if it is one: as found in the
    /// types of functions, globals and tables.
    pub fn from_heap_type(engine: &impl AsRef<Arc<Shared>>, ty: HeapType) -> Option<StructType> {
        let ty = StructType(Defined::from_heap_type(engine.as_ref(), ty)?);
        matches!(ty.0.ty().composite, CompositeType::Struct(_)).then_some(ty)
    }

    /// The type as a heap type.
    pub fn heap_type(&self) -> HeapType {
        self.0.id.heap()
    }

    /// Whether other types may derive from it.
    pub fn finality(&self) -> Finality {
        self.0.finality()
    }

    /// The type that it derives from.
    pub fn supertype(&self) -> Option<StructType> {
        self.0.supertype().map(StructType)
    }

    /// A field.
    pub fn field(&self, index: usize) -> Option<FieldType> {
        self.raw_fields().get(index).copied()
    }

    /// The fields.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = FieldType> {
        self.raw_fields().iter().copied()
    }

    /// Whether every structure of this type is also of the other.
    pub fn matches(&self, other: &StructType) -> bool {
        self.0.matches(&other.0)
    }

    pub(crate) fn of(store: &StoreOpaque, id: TypeId) -> StructType {
        StructType(Defined { types: store.shared().types().clone(), id })
    }

    pub(crate) fn id(&self) -> TypeId {
        self.0.id
    }

    pub(crate) fn check_engine(&self, store: &StoreOpaque) -> StoreId {
        self.0.check_engine(store)
    }

    pub(crate) fn raw_fields(&self) -> &[FieldType] {
        match &self.0.ty().composite {
            CompositeType::Struct(fields) => fields,
            _ => &[],
        }
    }
}

impl ArrayType {
    /// A final type of these elements. `engine` is a `dayfly::Engine`.
    ///
    /// # Errors
    /// When a concrete type is not of the engine.
    pub fn new(engine: &impl AsRef<Arc<Shared>>, element: FieldType) -> Result<ArrayType> {
        ArrayType::with_finality_and_supertype(engine, Finality::Final, None, element)
    }

    /// A type of these elements, which derives from `supertype`.
    ///
    /// # Errors
    /// Also when the supertype is final, or the elements do not match its elements.
    ///
    /// # Panics
    /// If the supertype is of another engine.
    pub fn with_finality_and_supertype(
        engine: &impl AsRef<Arc<Shared>>,
        finality: Finality,
        supertype: Option<&ArrayType>,
        element: FieldType,
    ) -> Result<ArrayType> {
        let composite = CompositeType::Array(element);
        Defined::register(engine.as_ref(), finality, supertype.map(|ty| &ty.0), composite).map(ArrayType)
    }

    /// The array type that a canonical heap type is, if it is one: as found in the types
    /// of functions, globals and tables.
    pub fn from_heap_type(engine: &impl AsRef<Arc<Shared>>, ty: HeapType) -> Option<ArrayType> {
        let ty = ArrayType(Defined::from_heap_type(engine.as_ref(), ty)?);
        matches!(ty.0.ty().composite, CompositeType::Array(_)).then_some(ty)
    }

    /// The type as a heap type.
    pub fn heap_type(&self) -> HeapType {
        self.0.id.heap()
    }

    /// Whether other types may derive from it.
    pub fn finality(&self) -> Finality {
        self.0.finality()
    }

    /// The type that it derives from.
    pub fn supertype(&self) -> Option<ArrayType> {
        self.0.supertype().map(ArrayType)
    }

    /// What the elements are, and whether they can be written.
    pub fn field_type(&self) -> FieldType {
        match self.0.ty().composite {
            CompositeType::Array(element) => element,
            _ => unreachable!("the type is an array's"),
        }
    }

    /// What the elements are.
    pub fn element_type(&self) -> StorageType {
        self.field_type().storage
    }

    /// Whether every array of this type is also of the other.
    pub fn matches(&self, other: &ArrayType) -> bool {
        self.0.matches(&other.0)
    }

    pub(crate) fn of(store: &StoreOpaque, id: TypeId) -> ArrayType {
        ArrayType(Defined { types: store.shared().types().clone(), id })
    }

    pub(crate) fn id(&self) -> TypeId {
        self.0.id
    }

    pub(crate) fn check_engine(&self, store: &StoreOpaque) -> StoreId {
        self.0.check_engine(store)
    }
}

impl ExnType {
    /// Exceptions that carry values of these types. `engine` is a `dayfly::Engine`.
    ///
    /// # Errors
    /// When a concrete type is not of the engine.
    pub fn new(
        engine: &impl AsRef<Arc<Shared>>,
        fields: impl IntoIterator<Item = ValType>,
    ) -> Result<ExnType> {
        let params: Box<[ValType]> = fields.into_iter().collect();
        let composite = CompositeType::Func(FuncType::new(params, []));
        Defined::register(engine.as_ref(), Finality::Final, None, composite).map(ExnType)
    }

    /// The exceptions of a tag.
    ///
    /// # Errors
    /// As for [`ExnType::new`].
    pub fn from_tag_type(engine: &impl AsRef<Arc<Shared>>, ty: &TagType) -> Result<ExnType> {
        ExnType::new(engine, ty.func.params.iter().copied())
    }

    /// The type of tags whose exceptions these are.
    pub fn tag_type(&self) -> TagType {
        TagType::new(FuncType::new(self.raw_fields(), []))
    }

    /// The type of a value that is carried.
    pub fn field(&self, index: usize) -> Option<ValType> {
        self.raw_fields().get(index).copied()
    }

    /// The types of what is carried.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = ValType> {
        self.raw_fields().iter().copied()
    }

    /// Of exceptions whose tag is of a type, in whatever group that is.
    pub(crate) fn of(store: &StoreOpaque, id: TypeId) -> ExnType {
        let types = store.shared().types().clone();
        let plain = FuncType::new(types.func(id).params.clone(), []);
        ExnType(Defined { id: types.register_func(&plain), types })
    }

    pub(crate) fn check_engine(&self, store: &StoreOpaque) -> StoreId {
        self.0.check_engine(store)
    }

    pub(crate) fn raw_fields(&self) -> &[ValType] {
        &self.0.types.func(self.0.id).params
    }
}

impl Defined {
    fn register(
        engine: &Shared,
        finality: Finality,
        supertype: Option<&Defined>,
        composite: CompositeType,
    ) -> Result<Defined> {
        let types = engine.types();
        check_known(types, &composite)?;
        if let Some(above) = supertype {
            assert!(Arc::ptr_eq(&above.types, types), "a type used with another engine than its own");
            above.check_derived(&composite)?;
        }
        let ty = SubType {
            is_final: finality == Finality::Final,
            supertype: supertype.map(|ty| ty.id.as_idx()),
            composite,
            shared: false,
        };
        Ok(Defined { types: types.clone(), id: types.register(&ty) })
    }

    fn from_heap_type(engine: &Shared, ty: HeapType) -> Option<Defined> {
        let HeapType::Concrete(TypeIdx(id)) = ty else { return None };
        let types = engine.types();
        types.contains(TypeId(id)).then(|| Defined { types: types.clone(), id: TypeId(id) })
    }

    fn ty(&self) -> &SubType {
        self.types.get(self.id)
    }

    fn finality(&self) -> Finality {
        if self.ty().is_final { Finality::Final } else { Finality::NonFinal }
    }

    fn supertype(&self) -> Option<Defined> {
        let above = self.ty().supertype?;
        Some(Defined { types: self.types.clone(), id: TypeId(above.0) })
    }

    fn matches(&self, other: &Defined) -> bool {
        Arc::ptr_eq(&self.types, &other.types) && self.types.is_subtype(self.id, other.id)
    }

    /// The store's id, if the type is of its engine; panics if not.
    fn check_engine(&self, store: &StoreOpaque) -> StoreId {
        let same = Arc::ptr_eq(&self.types, store.shared().types());
        assert!(same, "a type used with another engine than its own");
        store.id()
    }

    /// Fails unless a type of this shape may derive from this one.
    fn check_derived(&self, composite: &CompositeType) -> Result<()> {
        if self.ty().is_final {
            return Err(Error::msg("a type cannot derive from a final one"));
        }
        if self.types.depth(self.id) >= MAX_DEPTH {
            return Err(Error::msg("a type has too many types above it"));
        }
        let field = |below: FieldType, above: FieldType| match (below.storage, above.storage) {
            _ if below.mutable != above.mutable => false,
            (StorageType::Val(ty), StorageType::Val(expected)) if !below.mutable => {
                self.types.val_is_subtype(ty, expected)
            }
            (ty, expected) => ty == expected,
        };
        let matches = match (composite, &self.ty().composite) {
            (CompositeType::Struct(below), CompositeType::Struct(above)) => {
                below.len() >= above.len() && below.iter().zip(above).all(|(b, a)| field(*b, *a))
            }
            (CompositeType::Array(below), CompositeType::Array(above)) => field(*below, *above),
            _ => false,
        };
        if matches { Ok(()) } else { Err(Error::msg("the fields do not match those of the supertype")) }
    }
}

impl PartialEq for Defined {
    fn eq(&self, other: &Defined) -> bool {
        self.id == other.id && Arc::ptr_eq(&self.types, &other.types)
    }
}

impl Eq for Defined {}

impl Hash for Defined {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl fmt::Display for StructType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(struct")?;
        self.fields().try_for_each(|field| write!(f, " (field {field})"))?;
        f.write_str(")")
    }
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(array {})", self.field_type())
    }
}

impl fmt::Display for ExnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(exn")?;
        self.fields().try_for_each(|field| write!(f, " (field {field})"))?;
        f.write_str(")")
    }
}

impl fmt::Debug for StructType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for ExnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Fails if a shape names a concrete type that there is not.
fn check_known(types: &TypeRegistry, composite: &CompositeType) -> Result<()> {
    let known = |ty: ValType| match ty {
        ValType::Ref(ty) => match ty.heap {
            HeapType::Concrete(TypeIdx(id)) => types.contains(TypeId(id)),
            _ => true,
        },
        _ => true,
    };
    let all_known = match composite {
        CompositeType::Func(ty) => ty.params.iter().chain(&ty.results).all(|ty| known(*ty)),
        CompositeType::Struct(fields) => fields.iter().all(|field| known(field.storage.unpacked())),
        CompositeType::Array(element) => known(element.storage.unpacked()),
        CompositeType::Cont(TypeIdx(id)) => types.contains(TypeId(*id)),
    };
    if all_known { Ok(()) } else { Err(Error::msg("a field is of a type that the engine does not have")) }
}

#[cold]
fn too_many_fields(most: usize) -> Error {
    Error::msg(format!("a structure type has more than {most} fields"))
}
