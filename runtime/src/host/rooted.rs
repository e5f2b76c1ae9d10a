//! References of the host to the GC heap, each by a root that keeps the object alive
//! and follows it when it moves. Invariant: a reference whose root is gone is never
//! followed; using it is an error.

use crate::gc::ObjectKind;
use crate::host::{AsContext, AsContextMut, Error, OwnedRooted, Ref, Result};
use crate::store::{RootIndex, StoreId, StoreOpaque};
use core::any::type_name;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr;
use dayfly_parser::HeapType;

/// A reference to an object of the GC heap, rooted in a scope: that of the running
/// host function, which ends when it returns; that of a
/// [`RootScope`](crate::host::RootScope), which ends when it is dropped; else that of
/// the store. In its scope the object stays alive. After it the reference is of no
/// use: every method fails.
///
/// [`OwnedRooted`] keeps an object alive for as long as it is wanted.
///
/// `T` says what it refers to: [`AnyRef`](crate::host::AnyRef),
/// [`EqRef`](crate::host::EqRef), [`StructRef`](crate::host::StructRef),
/// [`ArrayRef`](crate::host::ArrayRef), [`ExnRef`](crate::host::ExnRef) or
/// [`ExternRef`](crate::host::ExternRef), whose methods it has. It is a plain copy;
/// methods take the store as an argument, and panic if it is another than its own.
pub struct Rooted<T: GcRef> {
    root: Root,
    ty: PhantomData<T>,
}

/// What a reference to the GC heap can refer to.
///
/// # Safety
/// It is a `repr(transparent)` struct around a `Root`.
pub unsafe trait GcRef: sealed::Sealed + Send + Sync + Sized + 'static {
    /// The most general type of what is referred to.
    #[doc(hidden)]
    const HEAP: HeapType;

    /// The reference as one of any type.
    #[doc(hidden)]
    fn into_ref(reference: Option<Rooted<Self>>) -> Ref;

    /// What a root refers to.
    #[doc(hidden)]
    fn at(root: &Root) -> &Self {
        // SAFETY: `Self` is transparent around a `Root`, as the implementer vouches for.
        unsafe { &*ptr::from_ref(root).cast() }
    }

    /// The root by which it is referred to.
    #[doc(hidden)]
    fn root(&self) -> Root {
        // SAFETY: as for `at`.
        unsafe { *ptr::from_ref(self).cast() }
    }
}

/// A root and its store. What it refers to is not null.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Root {
    pub(crate) store: StoreId,
    pub(crate) index: RootIndex,
}

pub(crate) mod sealed {
    /// Keeps other crates from adding kinds of references.
    pub trait Sealed {}
}

impl<T: GcRef> Rooted<T> {
    /// A reference by a root of this store, which refers to a `T`.
    pub(crate) fn new(store: &StoreOpaque, index: RootIndex) -> Rooted<T> {
        Rooted::of(Root { store: store.id(), index })
    }

    /// A reference by a root that refers to a `T`.
    pub(crate) fn of(root: Root) -> Rooted<T> {
        Rooted { root, ty: PhantomData }
    }

    /// The reference in a slot, rooted in the innermost scope; `None` if it is null.
    ///
    /// # Safety
    /// The slot holds a reference to a `T` in the store's GC heap.
    pub(crate) unsafe fn from_slot(slot: u64, store: &mut StoreOpaque) -> Option<Rooted<T>> {
        // SAFETY: the caller's promise.
        let index = unsafe { store.slot_to_root(slot) }?;
        Some(Rooted::new(store, index))
    }

    /// The same object, kept alive until what is returned is dropped.
    ///
    /// # Errors
    /// When the scope of the reference has ended.
    ///
    /// # Panics
    /// If it is of another store.
    pub fn to_owned_rooted(&self, mut store: impl AsContextMut) -> Result<OwnedRooted<T>> {
        OwnedRooted::new(store.as_context_mut().opaque_mut(), self.root)
    }

    /// Whether both are by the same root. The same object can be rooted twice:
    /// [`Rooted::ref_eq`] compares objects.
    pub fn rooted_eq(a: Self, b: Self) -> bool {
        a.root == b.root
    }

    /// Whether both refer to the same object. Each may be a `Rooted` or an [`OwnedRooted`].
    ///
    /// # Errors
    /// When the scope of one has ended.
    ///
    /// # Panics
    /// If one is of another store.
    pub fn ref_eq(
        store: impl AsContext,
        a: &impl Deref<Target = T>,
        b: &impl Deref<Target = T>,
    ) -> Result<bool> {
        let store = store.as_context().opaque();
        Ok(a.root().reference(store)? == b.root().reference(store)?)
    }

    /// Hashes the root, in agreement with [`Rooted::rooted_eq`].
    pub fn rooted_hash<H: Hasher>(&self, state: &mut H) {
        self.root.hash(state);
    }
}

impl Root {
    /// The reference as it is now.
    pub(crate) fn reference(self, store: &StoreOpaque) -> Result<u32> {
        store.check(self.store);
        store.root(self.index).ok_or_else(unrooted)
    }

    /// What it refers to.
    pub(crate) fn kind(self, store: &StoreOpaque) -> Result<ObjectKind> {
        self.reference(store)?;
        Ok(store.object_kind(self.index).expect("the host has no roots of null"))
    }

    /// Fails unless the reference can be given to this store.
    pub(crate) fn check(self, store: &StoreOpaque) -> Result<()> {
        if self.store != store.id() {
            return Err(other_store());
        }
        self.reference(store).map(|_| ())
    }

    /// The same object, rooted in the innermost scope.
    pub(crate) fn again<T: GcRef>(self, store: &mut StoreOpaque) -> Result<Rooted<T>> {
        store.check(self.store);
        let index = store.root_again(self.index).ok_or_else(unrooted)?;
        Ok(Rooted::new(store, index))
    }
}

impl<T: GcRef> Clone for Rooted<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: GcRef> Copy for Rooted<T> {}

impl<T: GcRef> Deref for Rooted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        T::at(&self.root)
    }
}

impl<T: GcRef> fmt::Debug for Rooted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug::<T>(f, "Rooted", self.root)
    }
}

/// Writes a root with the last part of the name of what it refers to.
pub(crate) fn debug<T>(f: &mut fmt::Formatter<'_>, name: &str, root: Root) -> fmt::Result {
    let ty = type_name::<T>();
    let ty = ty.rsplit_once("::").map_or(ty, |(_, ty)| ty);
    f.debug_tuple(&format!("{name}<{ty}>")).field(&root).finish()
}

#[cold]
pub(crate) fn unrooted() -> Error {
    Error::msg("a reference was used after the scope it was rooted in")
}

#[cold]
pub(crate) fn other_store() -> Error {
    Error::msg("a reference of another store")
}
