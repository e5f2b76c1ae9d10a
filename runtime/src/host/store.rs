//! The store with the type of its data.
//! Invariant: the data of the `StoreOpaque` inside a `Store<T>` is a `T`.

use crate::host::{AsContext, AsContextMut, Result, StoreContext, StoreContextMut};
use crate::limits::ResourceLimiter;
use crate::store::{EpochAction, FuelDisabled, Shared, StoreOpaque};
use core::any::Any;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use std::sync::Arc;

/// A collection of instances, functions, memories, tables and globals that can
/// refer to each other, together with data of the host that its functions work on.
///
/// A store is used by one thread at a time and may move between threads when its
/// data may. Nothing in it is freed before the store is dropped, so a store should
/// live as long as a task does, not as long as the program.
pub struct Store<T: 'static> {
    /// There until the store is dropped.
    inner: ManuallyDrop<Box<StoreOpaque>>,
    data: PhantomData<T>,
}

// SAFETY: everything that the store owns is reached through it alone, host
// functions and host values are `Send + Sync`, and so may the data be sent.
unsafe impl<T: Send> Send for Store<T> {}
// SAFETY: through `&Store` values are read and nothing is entered or changed.
unsafe impl<T: Sync> Sync for Store<T> {}

/// What an epoch callback decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum UpdateDeadline {
    /// The guest goes on for so many ticks of the epoch.
    Continue(u64),
    /// The guest traps with `Trap::Interrupt`.
    Interrupt,
}

impl<T: 'static> Store<T> {
    /// An empty store of an engine. `engine` is a `dayfly::Engine`.
    pub fn new(engine: &impl AsRef<Arc<Shared>>, data: T) -> Store<T> {
        Store::of(engine.as_ref(), data)
    }

    pub(crate) fn of(shared: &Arc<Shared>, data: T) -> Store<T> {
        let inner = StoreOpaque::obtain(shared, Box::new(data));
        Store { inner: ManuallyDrop::new(inner), data: PhantomData }
    }

    pub(crate) fn opaque_mut(&mut self) -> &mut StoreOpaque {
        &mut self.inner
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        self.as_context().data()
    }

    /// The host's data.
    pub fn data_mut(&mut self) -> &mut T {
        let data: *mut dyn Any = self.inner.data_mut();
        // SAFETY: the data is a `T`: `new` put it there and nothing replaces it.
        unsafe { &mut *data.cast::<T>() }
    }

    /// Drops the store and keeps the host's data.
    pub fn into_data(mut self) -> T {
        *self.inner.take_data().downcast().expect("a store holds data of its type")
    }

    /// What the engine's stores share.
    pub fn shared(&self) -> &Arc<Shared> {
        self.inner.shared()
    }

    /// Sets how much fuel is left; a new store has none. Guest code burns about
    /// one unit per operator and traps with `Trap::OutOfFuel` at the end of it.
    ///
    /// # Errors
    /// When the engine was not configured to count fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), FuelDisabled> {
        self.inner.set_fuel(fuel)
    }

    /// How much fuel is left.
    ///
    /// # Errors
    /// When the engine was not configured to count fuel.
    pub fn get_fuel(&self) -> Result<u64, FuelDisabled> {
        self.inner.fuel()
    }

    /// Sets the deadline: so many ticks after the engine's present epoch. A store
    /// without a deadline is not interrupted.
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.inner.set_epoch_deadline(ticks_beyond_current);
    }

    /// Makes the guest trap at the deadline. This is how a store begins.
    pub fn epoch_deadline_trap(&mut self) {
        self.inner.set_epoch_callback(None);
    }

    /// Calls `callback` when the deadline is reached. It decides how long the guest
    /// goes on, or fails the running call by an error.
    pub fn epoch_deadline_callback(
        &mut self,
        mut callback: impl FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline> + Send + Sync + 'static,
    ) {
        self.inner.set_epoch_callback(Some(Box::new(move |store| {
            // SAFETY: the callback belongs to this store, whose data is a `T`.
            let context = unsafe { StoreContextMut::new(store) };
            match callback(context) {
                Ok(UpdateDeadline::Continue(ticks)) => EpochAction::Continue(ticks),
                Ok(UpdateDeadline::Interrupt) => EpochAction::Trap,
                Err(error) => EpochAction::Fail(error),
            }
        })));
    }

    /// Sets who decides what guests may take, as a part of the host's data. Limits
    /// do not apply to what was created before.
    pub fn limiter(
        &mut self,
        limiter: impl (Fn(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static,
    ) {
        self.inner.set_limiter(Some(Box::new(move |data| {
            limiter(data.downcast_mut().expect("a store holds data of its type"))
        })));
    }
}

impl<T: 'static> Drop for Store<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the store is being dropped, and nobody uses the field any more.
        unsafe { ManuallyDrop::take(&mut self.inner) }.retire();
    }
}

impl<T: 'static> AsContext for Store<T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        // SAFETY: the data is a `T`, see `data_mut`.
        unsafe { StoreContext::new(&self.inner) }
    }
}

impl<T: 'static> AsContextMut for Store<T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        // SAFETY: the data is a `T`, see `data_mut`.
        unsafe { StoreContextMut::new(&mut self.inner) }
    }
}

impl<T: fmt::Debug> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("id", &self.inner.id()).field("data", self.data()).finish()
    }
}
