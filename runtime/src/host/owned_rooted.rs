//! References of the host that outlive their scope. The store frees their roots
//! lazily, so that they can be dropped without it, on any thread.

use crate::host::rooted::{Root, debug, unrooted};
use crate::host::{AsContext, AsContextMut, GcRef, Result, Rooted};
use crate::store::{RootIndex, RootReleases, StoreOpaque};
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::ops::Deref;
use std::sync::Arc;

/// A reference to an object of the GC heap that keeps the object alive until it and
/// all its clones are dropped. Otherwise as [`Rooted`].
pub struct OwnedRooted<T: GcRef> {
    root: Root,
    owner: Arc<Owner>,
    ty: PhantomData<T>,
}

/// Gives a root back when it is dropped.
struct Owner {
    index: RootIndex,
    releases: RootReleases,
}

impl<T: GcRef> OwnedRooted<T> {
    /// The object that is rooted, once more.
    pub(crate) fn new(store: &mut StoreOpaque, root: Root) -> Result<OwnedRooted<T>> {
        store.check(root.store);
        let index = store.own_root(root.index).ok_or_else(unrooted)?;
        Ok(OwnedRooted::of(store, index))
    }

    /// The reference in a slot; `None` if it is null.
    ///
    /// # Safety
    /// The slot holds a reference to a `T` in the store's GC heap.
    pub(crate) unsafe fn from_slot(slot: u64, store: &mut StoreOpaque) -> Option<OwnedRooted<T>> {
        // SAFETY: the caller's promise.
        (slot != 0).then(|| unsafe {
            let index = store.push_owned_root(slot as u32);
            OwnedRooted::of(store, index)
        })
    }

    /// A reference by an owned root that refers to a `T`.
    fn of(store: &StoreOpaque, index: RootIndex) -> OwnedRooted<T> {
        let owner = Arc::new(Owner { index, releases: store.root_releases().clone() });
        OwnedRooted { root: Root { store: store.id(), index }, owner, ty: PhantomData }
    }

    /// The same object, rooted in the innermost scope.
    ///
    /// # Panics
    /// If it is of another store.
    pub fn to_rooted(&self, mut store: impl AsContextMut) -> Rooted<T> {
        let rooted = self.root.again(store.as_context_mut().opaque_mut());
        rooted.expect("an owned root is there until it is dropped")
    }

    /// As [`Rooted::ref_eq`].
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
        Rooted::ref_eq(store, a, b)
    }

    /// Hashes the root: that of a clone is the same.
    pub fn rooted_hash<H: Hasher>(&self, state: &mut H) {
        self.root.hash(state);
    }

    /// The same root as one of another kind, which it refers to as well.
    pub(crate) fn cast<U: GcRef>(self) -> OwnedRooted<U> {
        OwnedRooted { root: self.root, owner: self.owner, ty: PhantomData }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.releases.release(self.index);
    }
}

impl<T: GcRef> Clone for OwnedRooted<T> {
    fn clone(&self) -> Self {
        OwnedRooted { root: self.root, owner: self.owner.clone(), ty: PhantomData }
    }
}

impl<T: GcRef> Deref for OwnedRooted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        T::at(&self.root)
    }
}

impl<T: GcRef> fmt::Debug for OwnedRooted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug::<T>(f, "OwnedRooted", self.root)
    }
}
