//! What a host function knows of the call it serves.

use crate::host::{AsContext, AsContextMut, Result, StoreContext, StoreContextMut};
use crate::store::{Extern, FuelDisabled, Instance, InstanceId, Shared, StoreOpaque};
use std::sync::Arc;

/// The first parameter of a host function that asks for it: the store, and the
/// instance from which the call comes.
pub struct Caller<'a, T: 'static> {
    store: StoreContextMut<'a, T>,
    instance: Option<InstanceId>,
}

impl<'a, T: 'static> Caller<'a, T> {
    /// # Safety
    /// The store's data is a `T`.
    pub(crate) unsafe fn new(store: &'a mut StoreOpaque, instance: Option<InstanceId>) -> Caller<'a, T> {
        // SAFETY: the caller vouches for the type of the data.
        Caller { store: unsafe { StoreContextMut::new(store) }, instance }
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// The host's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// What the calling instance exports under a name: usually its `memory`.
    /// `None` when there is no such export, or when the host is the caller.
    pub fn get_export(&mut self, name: &str) -> Option<Extern> {
        self.instance()?.get_export(&mut self.store, name)
    }

    /// The calling instance; `None` when the host is the caller.
    pub fn instance(&self) -> Option<Instance> {
        let store = self.store.as_context().opaque();
        self.instance.map(|id| store.instance_handle(id))
    }

    /// What the engine's stores share.
    pub fn shared(&self) -> &Arc<Shared> {
        self.store.as_context().opaque().shared()
    }

    /// How much fuel is left.
    ///
    /// # Errors
    /// When the engine was not configured to count fuel.
    pub fn get_fuel(&self) -> Result<u64, FuelDisabled> {
        self.store.as_context().opaque().fuel()
    }

    /// Sets how much fuel is left.
    ///
    /// # Errors
    /// When the engine was not configured to count fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), FuelDisabled> {
        self.store.opaque_mut().set_fuel(fuel)
    }
}

impl<T: 'static> AsContext for Caller<'_, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        self.store.as_context()
    }
}

impl<T: 'static> AsContextMut for Caller<'_, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        self.store.as_context_mut()
    }
}
