//! Arrays of the GC heap. Spec: exec/runtime, "Array Instances".

use crate::gc::ObjectKind;
use crate::host::rooted::{Root, sealed};
use crate::host::struct_ref::{check_values, no_such, read_value, write_value, write_values};
use crate::host::{
    ArrayType, AsContext, AsContextMut, Error, GcRef, Ref, Result, Rooted, StoreContextMut, Val,
};
use crate::store::{StoreId, StoreOpaque};
use dayfly_parser::{FieldType, HeapType, StorageType};

/// What an `arrayref` refers to, through a [`Rooted`] or
/// [`OwnedRooted`](crate::host::OwnedRooted).
///
/// All methods fail when the scope of the reference has ended, and panic if it is of
/// another store than they are given.
#[repr(transparent)]
#[derive(Debug)]
pub struct ArrayRef(Root);

/// What is needed to make arrays of a type in a store.
#[derive(Clone, Debug)]
pub struct ArrayRefPre {
    store: StoreId,
    ty: ArrayType,
}

impl ArrayRefPre {
    /// To make arrays of this type.
    ///
    /// # Panics
    /// If the type is of another engine than the store.
    pub fn new(mut store: impl AsContextMut, ty: ArrayType) -> ArrayRefPre {
        ArrayRefPre { store: ty.check_engine(store.as_context_mut().opaque_mut()), ty }
    }
}

impl ArrayRef {
    /// An array of `len` elements, all with the same value; packed ones are given as
    /// `i32`. May collect garbage.
    ///
    /// # Errors
    /// When the value is not of the elements' type; when the GC heap is full
    /// ([`Trap::GcHeapExhausted`](crate::trap::Trap::GcHeapExhausted)) or could never
    /// hold so many ([`Trap::AllocationTooLarge`](crate::trap::Trap::AllocationTooLarge)).
    ///
    /// # Panics
    /// If the type was prepared for another store.
    pub fn new(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elem: &Val,
        len: u32,
    ) -> Result<Rooted<ArrayRef>> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        store.check(allocator.store);
        elem.check(allocator.ty.element_type().unpacked(), store)?;
        let root = store.new_array(allocator.ty.id(), len)?;
        let mut slots = [0; 2];
        elem.to_slots(&mut slots, store);
        // SAFETY: the value was checked against the elements and the store.
        unsafe { store.fill_array(root, slots) };
        Ok(Rooted::new(store, root))
    }

    /// An array of these elements.
    ///
    /// # Errors
    /// As for [`ArrayRef::new`].
    ///
    /// # Panics
    /// As for [`ArrayRef::new`].
    pub fn new_fixed(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elems: &[Val],
    ) -> Result<Rooted<ArrayRef>> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        store.check(allocator.store);
        let ty = allocator.ty.element_type().unpacked();
        check_values(store, "elements", elems.iter().map(|_| ty), elems)?;
        let root = store.new_array(allocator.ty.id(), length(elems.len())?)?;
        // SAFETY: the values were checked against the elements and the store.
        unsafe { write_values(store, root, elems) };
        Ok(Rooted::new(store, root))
    }

    /// An array of these bytes; the elements of its type are `i8`.
    ///
    /// # Errors
    /// When they are something else, and as for [`ArrayRef::new`].
    ///
    /// # Panics
    /// As for [`ArrayRef::new`].
    pub fn new_from_i8_slice(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        bytes: &[u8],
    ) -> Result<Rooted<ArrayRef>> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        store.check(allocator.store);
        if allocator.ty.element_type() != StorageType::I8 {
            return Err(no_bytes());
        }
        let root = store.new_array(allocator.ty.id(), length(bytes.len())?)?;
        store.array_bytes(root).ok_or_else(no_bytes)?.copy_from_slice(bytes);
        Ok(Rooted::new(store, root))
    }

    /// Copies all elements, which are `i8`, to a slice of the same length.
    ///
    /// # Errors
    /// When the elements are something else, or the length is another.
    pub fn copy_to_i8_slice(&self, mut store: impl AsContextMut, to: &mut [u8]) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        self.0.reference(store)?;
        let bytes = store.array_bytes(self.0.index).ok_or_else(no_bytes)?;
        if bytes.len() != to.len() {
            return Err(Error::msg(format!("the array has {} elements, not {}", bytes.len(), to.len())));
        }
        to.copy_from_slice(bytes);
        Ok(())
    }

    /// The type.
    pub fn ty(&self, store: impl AsContext) -> Result<ArrayType> {
        Ok(self.ty_in(store.as_context().opaque())?.0)
    }

    /// Whether it is of a type.
    pub fn matches_ty(&self, store: impl AsContext, ty: &ArrayType) -> Result<bool> {
        Ok(self.ty(store)?.matches(ty))
    }

    /// How many elements there are.
    #[allow(clippy::len_without_is_empty, reason = "what asks for the store may fail")]
    pub fn len(&self, store: impl AsContext) -> Result<u32> {
        Ok(self.ty_in(store.as_context().opaque())?.1)
    }

    /// All elements, as [`ArrayRef::get`] gives them.
    pub fn elems<'a, T: 'static>(
        &'a self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a> {
        let store = store.into().opaque();
        let (ty, len) = self.ty_in(store)?;
        let ty = ty.element_type().unpacked();
        // A range of `u32` has no exact size.
        Ok((0..len as usize)
            .map(move |n| read_value(store, self.0, n as u32, ty).expect("the array has the element")))
    }

    /// The value of an element; a packed one without sign.
    ///
    /// # Errors
    /// Also when there is no such element.
    pub fn get(&self, mut store: impl AsContextMut, index: u32) -> Result<Val> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let element = self.element_type(store, index)?;
        read_value(store, self.0, index, element.storage.unpacked())
    }

    /// Writes an element; of a value for a packed one the upper bits are dropped.
    ///
    /// # Errors
    /// Also when there is no such element, elements are immutable, or the value is of
    /// another type.
    pub fn set(&self, mut store: impl AsContextMut, index: u32, value: Val) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let element = self.element_type(store, index)?;
        if !element.mutable {
            return Err(Error::msg("the elements are immutable"));
        }
        value.check(element.storage.unpacked(), store)?;
        // SAFETY: the value was checked against the element and the store.
        unsafe { write_value(store, self.0.index, index, value) };
        Ok(())
    }

    fn ty_in(&self, store: &StoreOpaque) -> Result<(ArrayType, u32)> {
        match self.0.kind(store)? {
            ObjectKind::Array(ty, len) => Ok((ArrayType::of(store, ty), len)),
            _ => unreachable!("the reference is to an array"),
        }
    }

    fn element_type(&self, store: &StoreOpaque, index: u32) -> Result<FieldType> {
        let (ty, len) = self.ty_in(store)?;
        if index < len { Ok(ty.field_type()) } else { Err(no_such("element", index as usize)) }
    }
}

// SAFETY: transparent around a `Root`.
unsafe impl GcRef for ArrayRef {
    const HEAP: HeapType = HeapType::Array;

    fn into_ref(reference: Option<Rooted<ArrayRef>>) -> Ref {
        Ref::Any(reference.map(Rooted::to_anyref))
    }
}

impl sealed::Sealed for ArrayRef {}

fn length(len: usize) -> Result<u32> {
    Ok(u32::try_from(len).map_err(|_| crate::trap::Trap::AllocationTooLarge)?)
}

#[cold]
fn no_bytes() -> Error {
    Error::msg("the elements are not of type i8")
}
