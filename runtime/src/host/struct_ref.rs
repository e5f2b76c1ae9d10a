//! Structures of the GC heap. Spec: exec/runtime, "Structure Instances".

use crate::gc::ObjectKind;
use crate::host::rooted::{Root, sealed};
use crate::host::{
    AsContext, AsContextMut, Error, GcRef, Ref, Result, Rooted, StoreContextMut, StructType, Val,
};
use crate::store::{RootIndex, StoreId, StoreOpaque};
use dayfly_parser::{FieldType, HeapType, ValType};

/// What a `structref` refers to, through a [`Rooted`] or
/// [`OwnedRooted`](crate::host::OwnedRooted).
///
/// All methods fail when the scope of the reference has ended, and panic if it is of
/// another store than they are given.
#[repr(transparent)]
#[derive(Debug)]
pub struct StructRef(Root);

/// What is needed to make structures of a type in a store.
#[derive(Clone, Debug)]
pub struct StructRefPre {
    store: StoreId,
    ty: StructType,
}

impl StructRefPre {
    /// To make structures of this type.
    ///
    /// # Panics
    /// If the type is of another engine than the store.
    pub fn new(mut store: impl AsContextMut, ty: StructType) -> StructRefPre {
        StructRefPre { store: ty.check_engine(store.as_context_mut().opaque_mut()), ty }
    }
}

impl StructRef {
    /// A structure with these values in its fields, packed ones as `i32`. May collect
    /// garbage.
    ///
    /// # Errors
    /// When number or types of the values are not the fields'; when the GC heap is full
    /// ([`Trap::GcHeapExhausted`](crate::trap::Trap::GcHeapExhausted)).
    ///
    /// # Panics
    /// If the type was prepared for another store.
    pub fn new(
        mut store: impl AsContextMut,
        allocator: &StructRefPre,
        fields: &[Val],
    ) -> Result<Rooted<StructRef>> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        store.check(allocator.store);
        let types = allocator.ty.raw_fields().iter().map(|field| field.storage.unpacked());
        check_values(store, "fields", types, fields)?;
        let root = store.new_struct(allocator.ty.id())?;
        // SAFETY: the values were checked against the fields and the store.
        unsafe { write_values(store, root, fields) };
        Ok(Rooted::new(store, root))
    }

    /// The type.
    pub fn ty(&self, store: impl AsContext) -> Result<StructType> {
        self.ty_in(store.as_context().opaque())
    }

    /// Whether it is of a type.
    pub fn matches_ty(&self, store: impl AsContext, ty: &StructType) -> Result<bool> {
        Ok(self.ty(store)?.matches(ty))
    }

    /// The values of all fields, as [`StructRef::field`] gives them.
    pub fn fields<'a, T: 'static>(
        &'a self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a> {
        let store = store.into().opaque();
        let ty = self.ty_in(store)?;
        Ok((0..ty.raw_fields().len()).map(move |n| {
            let ty = ty.raw_fields()[n].storage.unpacked();
            read_value(store, self.0, n as u32, ty).expect("the structure has the field")
        }))
    }

    /// The value of a field; a packed one without sign.
    ///
    /// # Errors
    /// Also when there is no such field.
    pub fn field(&self, mut store: impl AsContextMut, index: usize) -> Result<Val> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let field = self.field_type(store, index)?;
        read_value(store, self.0, index as u32, field.storage.unpacked())
    }

    /// Writes a field; of a value for a packed one the upper bits are dropped.
    ///
    /// # Errors
    /// Also when there is no such field, it is immutable, or the value is of another type.
    pub fn set_field(&self, mut store: impl AsContextMut, index: usize, value: Val) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let field = self.field_type(store, index)?;
        if !field.mutable {
            return Err(Error::msg(format!("field {index} is immutable")));
        }
        value.check(field.storage.unpacked(), store)?;
        // SAFETY: the value was checked against the field and the store.
        unsafe { write_value(store, self.0.index, index as u32, value) };
        Ok(())
    }

    fn ty_in(&self, store: &StoreOpaque) -> Result<StructType> {
        match self.0.kind(store)? {
            ObjectKind::Struct(ty) => Ok(StructType::of(store, ty)),
            _ => unreachable!("the reference is to a structure"),
        }
    }

    fn field_type(&self, store: &StoreOpaque, index: usize) -> Result<FieldType> {
        self.ty_in(store)?.field(index).ok_or_else(|| no_such("field", index))
    }
}

// SAFETY: transparent around a `Root`.
unsafe impl GcRef for StructRef {
    const HEAP: HeapType = HeapType::Struct;

    fn into_ref(reference: Option<Rooted<StructRef>>) -> Ref {
        Ref::Any(reference.map(Rooted::to_anyref))
    }
}

impl sealed::Sealed for StructRef {}

/// Fails unless there are as many values as types, each of its type and of this store.
pub(crate) fn check_values(
    store: &StoreOpaque,
    what: &str,
    types: impl ExactSizeIterator<Item = ValType>,
    values: &[Val],
) -> Result<()> {
    if types.len() != values.len() {
        return Err(Error::msg(format!("expected {} {what}, found {}", types.len(), values.len())));
    }
    for (n, (ty, value)) in types.zip(values).enumerate() {
        value.check(ty, store).map_err(|error| error.context(format!("value {n} of {}", values.len())))?;
    }
    Ok(())
}

/// Writes all fields or elements of a new object.
///
/// # Safety
/// The values were checked against their types and the store.
pub(crate) unsafe fn write_values(store: &mut StoreOpaque, root: RootIndex, values: &[Val]) {
    for (n, value) in values.iter().enumerate() {
        // SAFETY: the caller's promise.
        unsafe { write_value(store, root, n as u32, *value) };
    }
}

/// Writes a field or element, which exists.
///
/// # Safety
/// The value was checked against its type and the store.
pub(crate) unsafe fn write_value(store: &mut StoreOpaque, root: RootIndex, index: u32, value: Val) {
    let mut slots = [0; 2];
    value.to_slots(&mut slots, store);
    // SAFETY: the caller's promise.
    let written = unsafe { store.set_object_field(root, index, slots) };
    debug_assert!(written.is_some(), "the object has the field");
}

/// Reads a field or element of this type.
pub(crate) fn read_value(store: &mut StoreOpaque, root: Root, index: u32, ty: ValType) -> Result<Val> {
    root.reference(store)?;
    let slots = store.object_field(root.index, index).ok_or_else(|| no_such("field", index as usize))?;
    // SAFETY: a field holds a value of its type.
    Ok(unsafe { Val::from_slots(ty, &slots, store) })
}

#[cold]
pub(crate) fn no_such(what: &str, index: usize) -> Error {
    Error::msg(format!("there is no {what} {index}"))
}
