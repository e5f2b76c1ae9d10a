//! References to whatever guests make: structures, arrays and `i31`, and host values
//! that `any.convert_extern` has let in. Spec: syntax/types, "Heap Types".

use crate::gc::ObjectKind;
use crate::host::rooted::{Root, sealed};
use crate::host::{
    ArrayRef, AsContext, AsContextMut, EqRef, ExternRef, GcRef, I31, OwnedRooted, Ref, Result, Rooted,
    StructRef,
};
use crate::store::StoreOpaque;
use dayfly_parser::HeapType;

/// What an `anyref` refers to, through a [`Rooted`] or [`OwnedRooted`].
///
/// All methods fail when the scope of the reference has ended, and panic if it is of
/// another store than they are given.
#[repr(transparent)]
#[derive(Debug)]
pub struct AnyRef(Root);

/// A kind of reference that is a `U` as well.
pub trait IsA<U: GcRef>: GcRef {}

impl IsA<AnyRef> for EqRef {}
impl IsA<AnyRef> for StructRef {}
impl IsA<AnyRef> for ArrayRef {}

impl AnyRef {
    /// An `i31` as a reference.
    pub fn from_i31(mut store: impl AsContextMut, value: I31) -> Rooted<AnyRef> {
        from_i31(store.as_context_mut().opaque_mut(), value)
    }

    /// An external reference as an internal one, as `any.convert_extern` does: what was
    /// made external by [`ExternRef::convert_any`] is again what it was, and a host value
    /// becomes an `anyref` that is nothing else.
    ///
    /// # Errors
    /// When the scope of the reference has ended.
    ///
    /// # Panics
    /// If it is of another store.
    pub fn convert_extern(
        mut store: impl AsContextMut,
        reference: Rooted<ExternRef>,
    ) -> Result<Rooted<AnyRef>> {
        reference.root().again(store.as_context_mut().opaque_mut())
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

    /// Whether it is a structure, an array or an `i31`.
    pub fn is_eqref(&self, store: impl AsContext) -> Result<bool> {
        self.matches_ty(store, &HeapType::Eq)
    }

    /// The structure, array or `i31`, if it is one, rooted in the innermost scope.
    pub fn as_eqref(&self, mut store: impl AsContextMut) -> Result<Option<Rooted<EqRef>>> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        if self.0.any_matches(store, HeapType::Eq)? { self.0.again(store).map(Some) } else { Ok(None) }
    }

    /// As `as_eqref`.
    ///
    /// # Panics
    /// Also if it is something else.
    pub fn unwrap_eqref(&self, store: impl AsContextMut) -> Result<Rooted<EqRef>> {
        Ok(self.as_eqref(store)?.expect("an eqref"))
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
unsafe impl GcRef for AnyRef {
    const HEAP: HeapType = HeapType::Any;

    fn into_ref(reference: Option<Rooted<AnyRef>>) -> Ref {
        Ref::Any(reference)
    }
}

impl sealed::Sealed for AnyRef {}

impl<T: IsA<AnyRef>> Rooted<T> {
    /// The same reference as an `anyref`.
    pub fn to_anyref(self) -> Rooted<AnyRef> {
        Rooted::of(self.root())
    }
}

impl<T: IsA<AnyRef>> OwnedRooted<T> {
    /// The same reference as an `anyref`.
    pub fn to_anyref(self) -> OwnedRooted<AnyRef> {
        self.cast()
    }
}

impl<T: IsA<AnyRef>> From<Rooted<T>> for Rooted<AnyRef> {
    fn from(reference: Rooted<T>) -> Rooted<AnyRef> {
        reference.to_anyref()
    }
}

impl<T: IsA<AnyRef>> From<OwnedRooted<T>> for OwnedRooted<AnyRef> {
    fn from(reference: OwnedRooted<T>) -> OwnedRooted<AnyRef> {
        reference.to_anyref()
    }
}

/// An `i31` as a reference of a kind that it belongs to.
pub(crate) fn from_i31<T: GcRef>(store: &mut StoreOpaque, value: I31) -> Rooted<T> {
    // SAFETY: an `i31` refers to no object.
    let index = unsafe { store.push_root(value.reference()) };
    Rooted::new(store, index)
}

/// What is asked of references of the `any` hierarchy.
impl Root {
    pub(crate) fn any_type(self, store: &StoreOpaque) -> Result<HeapType> {
        Ok(match self.kind(store)? {
            ObjectKind::I31(_) => HeapType::I31,
            ObjectKind::Struct(ty) | ObjectKind::Array(ty, _) => ty.heap(),
            ObjectKind::Host(_) | ObjectKind::Exception(_) => HeapType::Any,
        })
    }

    pub(crate) fn any_matches(self, store: &StoreOpaque, ty: HeapType) -> Result<bool> {
        let actual = self.any_type(store)?;
        Ok(store.shared().types().heap_is_subtype(actual, ty))
    }

    pub(crate) fn as_i31(self, store: &StoreOpaque) -> Result<Option<I31>> {
        let kind = self.kind(store)?;
        Ok(if let ObjectKind::I31(bits) = kind { Some(I31::wrapping_u32(bits)) } else { None })
    }

    pub(crate) fn as_struct(self, store: &StoreOpaque) -> Result<Option<Rooted<StructRef>>> {
        let kind = self.kind(store)?;
        Ok(matches!(kind, ObjectKind::Struct(_)).then(|| Rooted::of(self)))
    }

    pub(crate) fn as_array(self, store: &StoreOpaque) -> Result<Option<Rooted<ArrayRef>>> {
        let kind = self.kind(store)?;
        Ok(matches!(kind, ObjectKind::Array(..)).then(|| Rooted::of(self)))
    }
}
