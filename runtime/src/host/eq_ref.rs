//! References that can be compared: to structures, arrays and `i31`.
//! Spec: syntax/types, "Heap Types".

use crate::host::any_ref::{IsA, from_i31};
use crate::host::rooted::{Root, sealed};
use crate::host::{
    ArrayRef, AsContext, AsContextMut, GcRef, I31, OwnedRooted, Ref, Result, Rooted, StructRef,
};
use dayfly_parser::HeapType;

/// What an `eqref` refers to, through a [`Rooted`] or [`OwnedRooted`].
///
/// All methods fail when the scope of the reference has ended, and panic if it is of
/// another store than they are given.
#[repr(transparent)]
#[derive(Debug)]
pub struct EqRef(Root);

impl IsA<EqRef> for StructRef {}
impl IsA<EqRef> for ArrayRef {}

impl EqRef {
    /// An `i31` as a reference.
    pub fn from_i31(mut store: impl AsContextMut, value: I31) -> Rooted<EqRef> {
        from_i31(store.as_context_mut().opaque_mut(), value)
    }

    /// The type: of a structure or array its own.
    pub fn ty(&self, store: impl AsContext) -> Result<HeapType> {
        self.0.any_type(store.as_context().opaque())
    }

    /// Whether it is of a type of the `any` hierarchy; concrete types are canonical.
    ///
    /// # Panics
    /// If a concrete type is of another engine.
    pub fn matches_ty(&self, store: impl AsContext, ty: &HeapType) -> Result<bool> {
        self.0.any_matches(store.as_context().opaque(), *ty)
    }

    /// Whether it is an `i31`.
    pub fn is_i31(&self, store: impl AsContext) -> Result<bool> {
        Ok(self.as_i31(store)?.is_some())
    }

    /// The `i31`, if it is one.
    pub fn as_i31(&self, store: impl AsContext) -> Result<Option<I31>> {
        self.0.as_i31(store.as_context().opaque())
    }

    /// The `i31`.
    ///
    /// # Panics
    /// Also if it is something else.
    pub fn unwrap_i31(&self, store: impl AsContext) -> Result<I31> {
        Ok(self.as_i31(store)?.expect("an i31"))
    }

    /// Whether it is a structure.
    pub fn is_struct(&self, store: impl AsContext) -> Result<bool> {
        Ok(self.as_struct(store)?.is_some())
    }

    /// The structure, if it is one, rooted as long as this reference is.
    pub fn as_struct(&self, store: impl AsContext) -> Result<Option<Rooted<StructRef>>> {
        self.0.as_struct(store.as_context().opaque())
    }

    /// The structure, rooted as long as this reference is.
    ///
    /// # Panics
    /// Also if it is something else.
    pub fn unwrap_struct(&self, store: impl AsContext) -> Result<Rooted<StructRef>> {
        Ok(self.as_struct(store)?.expect("a structure"))
    }

    /// Whether it is an array.
    pub fn is_array(&self, store: impl AsContext) -> Result<bool> {
        Ok(self.as_array(store)?.is_some())
    }

    /// The array, if it is one, rooted as long as this reference is.
    pub fn as_array(&self, store: impl AsContext) -> Result<Option<Rooted<ArrayRef>>> {
        self.0.as_array(store.as_context().opaque())
    }

    /// The array, rooted as long as this reference is.
    ///
    /// # Panics
    /// Also if it is something else.
    pub fn unwrap_array(&self, store: impl AsContext) -> Result<Rooted<ArrayRef>> {
        Ok(self.as_array(store)?.expect("an array"))
    }
}

// SAFETY: transparent around a `Root`.
unsafe impl GcRef for EqRef {
    const HEAP: HeapType = HeapType::Eq;

    fn into_ref(reference: Option<Rooted<EqRef>>) -> Ref {
        Ref::Any(reference.map(Rooted::to_anyref))
    }
}

impl sealed::Sealed for EqRef {}

impl<T: IsA<EqRef>> Rooted<T> {
    /// The same reference as an `eqref`.
    pub fn to_eqref(self) -> Rooted<EqRef> {
        Rooted::of(self.root())
    }
}

impl<T: IsA<EqRef>> OwnedRooted<T> {
    /// The same reference as an `eqref`.
    pub fn to_eqref(self) -> OwnedRooted<EqRef> {
        self.cast()
    }
}

impl<T: IsA<EqRef>> From<Rooted<T>> for Rooted<EqRef> {
    fn from(reference: Rooted<T>) -> Rooted<EqRef> {
        reference.to_eqref()
    }
}

impl<T: IsA<EqRef>> From<OwnedRooted<T>> for OwnedRooted<EqRef> {
    fn from(reference: OwnedRooted<T>) -> OwnedRooted<EqRef> {
        reference.to_eqref()
    }
}
