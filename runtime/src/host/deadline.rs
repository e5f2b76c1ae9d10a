//! A store's deadline, for a host function that waits while the store is lent.
//! Invariant: asking takes no lock and no store.

use crate::host::{AsContext, AsContextMut, Caller, Result};
use crate::store::Shared;
use core::sync::atomic::Ordering;
use std::sync::Arc;

/// Whether the deadline of a store has come. One that was made by `default` has none.
#[derive(Clone, Debug, Default)]
pub struct Deadline {
    engine: Option<Arc<Shared>>,
    at: u64,
}

impl Deadline {
    /// Whether there is one: the engine's guests look at epochs.
    pub fn exists(&self) -> bool {
        self.engine.is_some()
    }

    /// Whether it has come.
    pub fn is_reached(&self) -> bool {
        self.engine.as_ref().is_some_and(|engine| engine.epoch().load(Ordering::Relaxed) >= self.at)
    }
}

impl<T: 'static> Caller<'_, T> {
    /// Makes `deadline` that of the calling guest. A host function that may wait looks at it
    /// now and then, and calls [`Caller::check_deadline`] when it is reached. Calling this again
    /// with the same value costs little.
    pub fn update_deadline(&self, deadline: &mut Deadline) {
        let store = self.as_context().opaque();
        let Some(at) = store.epoch_deadline() else { return };
        deadline.at = at;
        if !deadline.engine.as_ref().is_some_and(|engine| Arc::ptr_eq(engine, store.shared())) {
            deadline.engine = Some(store.shared().clone());
        }
    }

    /// Does what guest code does in a loop: if the deadline has come, asks the store's callback.
    ///
    /// # Errors
    /// When the guest is to be stopped: the error is for the host function to return.
    pub fn check_deadline(&mut self) -> Result<()> {
        Ok(self.as_context_mut().opaque_mut().check_epoch()?)
    }

    /// Burns fuel for work that a host function does, if the engine counts fuel.
    ///
    /// # Errors
    /// [`Trap::OutOfFuel`](crate::trap::Trap::OutOfFuel) when there is not enough: the error is for the
    /// host function to return.
    pub fn burn_fuel(&mut self, units: u64) -> Result<()> {
        Ok(self.as_context_mut().opaque_mut().burn_fuel(units)?)
    }
}
