//! What gives access to a store with data of type `T`: contexts are what every
//! method of a handle takes, in whichever form the caller has them.
//! Invariant: a context of data type `T` refers to a store whose data is a `T`.

use crate::host::{Caller, Store};
use crate::store::{Shared, StoreOpaque};
use core::any::Any;
use core::marker::PhantomData;
use std::sync::Arc;

/// Shared access to a store.
#[repr(transparent)]
pub struct StoreContext<'a, T: 'static> {
    store: &'a StoreOpaque,
    data: PhantomData<&'a T>,
}

/// Exclusive access to a store.
#[repr(transparent)]
pub struct StoreContextMut<'a, T: 'static> {
    store: &'a mut StoreOpaque,
    data: PhantomData<&'a mut T>,
}

/// Gives shared access to a store: a [`Store`], a [`Caller`], a context, or a
/// reference to one of them.
pub trait AsContext {
    /// The host's data in the store.
    type Data: 'static;

    /// The access.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// Gives exclusive access to a store.
pub trait AsContextMut: AsContext {
    /// The access.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

impl<'a, T: 'static> StoreContext<'a, T> {
    /// # Safety
    /// The store's data is a `T`.
    pub(crate) unsafe fn new(store: &'a StoreOpaque) -> StoreContext<'a, T> {
        debug_assert!(store.data().is::<T>());
        StoreContext { store, data: PhantomData }
    }

    /// The host's data.
    pub fn data(&self) -> &'a T {
        let data: *const dyn Any = self.store.data();
        // SAFETY: the data is a `T`, as whoever made the context vouched for.
        unsafe { &*data.cast::<T>() }
    }

    /// What the engine's stores share.
    pub fn shared(&self) -> &'a Arc<Shared> {
        self.store.shared()
    }

    pub(crate) fn opaque(self) -> &'a StoreOpaque {
        self.store
    }
}

impl<'a, T: 'static> StoreContextMut<'a, T> {
    /// # Safety
    /// The store's data is a `T`.
    pub(crate) unsafe fn new(store: &'a mut StoreOpaque) -> StoreContextMut<'a, T> {
        debug_assert!(store.data().is::<T>());
        StoreContextMut { store, data: PhantomData }
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        self.as_context().data()
    }

    /// The host's data.
    pub fn data_mut(&mut self) -> &mut T {
        let data: *mut dyn Any = self.store.data_mut();
        // SAFETY: the data is a `T`, as whoever made the context vouched for.
        unsafe { &mut *data.cast::<T>() }
    }

    /// Never handed out of the crate: with two of them a caller could exchange stores.
    pub(crate) fn opaque(self) -> &'a mut StoreOpaque {
        self.store
    }

    /// As `opaque`, for a shorter time.
    pub(crate) fn opaque_mut(&mut self) -> &mut StoreOpaque {
        self.store
    }
}

impl<T: 'static> Clone for StoreContext<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: 'static> Copy for StoreContext<'_, T> {}

impl<T: 'static> AsContext for StoreContext<'_, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        *self
    }
}

impl<T: 'static> AsContext for StoreContextMut<'_, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { store: self.store, data: PhantomData }
    }
}

impl<T: 'static> AsContextMut for StoreContextMut<'_, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { store: self.store, data: PhantomData }
    }
}

impl<C: AsContext> AsContext for &C {
    type Data = C::Data;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContext> AsContext for &mut C {
    type Data = C::Data;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, C::Data> {
        C::as_context(self)
    }
}

impl<C: AsContextMut> AsContextMut for &mut C {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, T: 'static> From<&'a Store<T>> for StoreContext<'a, T> {
    fn from(store: &'a Store<T>) -> Self {
        store.as_context()
    }
}

impl<'a, T: 'static> From<&'a mut Store<T>> for StoreContext<'a, T> {
    fn from(store: &'a mut Store<T>) -> Self {
        (&*store).into()
    }
}

impl<'a, T: 'static> From<&'a Caller<'_, T>> for StoreContext<'a, T> {
    fn from(caller: &'a Caller<'_, T>) -> Self {
        caller.as_context()
    }
}

impl<'a, T: 'static> From<&'a mut Caller<'_, T>> for StoreContext<'a, T> {
    fn from(caller: &'a mut Caller<'_, T>) -> Self {
        (&*caller).into()
    }
}

impl<'a, T: 'static> From<&'a StoreContextMut<'_, T>> for StoreContext<'a, T> {
    fn from(context: &'a StoreContextMut<'_, T>) -> Self {
        context.as_context()
    }
}

impl<'a, T: 'static> From<&'a mut StoreContextMut<'_, T>> for StoreContext<'a, T> {
    fn from(context: &'a mut StoreContextMut<'_, T>) -> Self {
        (&*context).into()
    }
}

impl<'a, T: 'static> From<StoreContextMut<'a, T>> for StoreContext<'a, T> {
    fn from(context: StoreContextMut<'a, T>) -> Self {
        StoreContext { store: context.store, data: PhantomData }
    }
}

impl<'a, T: 'static> From<&'a mut Store<T>> for StoreContextMut<'a, T> {
    fn from(store: &'a mut Store<T>) -> Self {
        store.as_context_mut()
    }
}

impl<'a, T: 'static> From<&'a mut Caller<'_, T>> for StoreContextMut<'a, T> {
    fn from(caller: &'a mut Caller<'_, T>) -> Self {
        caller.as_context_mut()
    }
}

impl<'a, T: 'static> From<&'a mut StoreContextMut<'_, T>> for StoreContextMut<'a, T> {
    fn from(context: &'a mut StoreContextMut<'_, T>) -> Self {
        context.as_context_mut()
    }
}
