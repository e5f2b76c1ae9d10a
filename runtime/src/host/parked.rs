//! Instances that are put aside in few bytes, and those that start from the state of
//! another. Both are for instances that are made from a linked module with a template.

use crate::host::{Error, Linked, Result, Store};
use crate::store::{Delta, Instance, NotCaptured, Settings};
use core::fmt;

/// A store with one instance, put aside: what distinguishes the instance from a fresh one,
/// the host's data, and the settings of the store if they are not as at first.
pub struct Parked<T> {
    delta: Delta,
    data: T,
    settings: Option<Box<Settings>>,
}

impl<T> Parked<T> {
    /// The host's data.
    pub fn data(&self) -> &T {
        &self.data
    }

    /// The host's data.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.data
    }

    /// Bytes that the state of the instance takes.
    pub fn state_size(&self) -> usize {
        self.delta.size()
    }
}

impl<T: 'static> Linked<T> {
    /// Puts a store aside that has one instance, made from this module by `instantiate`. All
    /// handles of its contents come to an end.
    ///
    /// # Errors
    /// With the store, as it was, when the state of its instance cannot be told apart from it:
    /// [`NotCaptured`] says why.
    pub fn park(&self, mut store: Store<T>) -> Result<Parked<T>, (Store<T>, NotCaptured)> {
        let delta = match self.template() {
            None => Err(NotCaptured::of_another()),
            Some(template) => store.opaque_mut().capture_of(template),
        };
        match delta {
            Err(error) => Err((store, error)),
            Ok(delta) => {
                let settings = store.opaque_mut().take_settings();
                Ok(Parked { delta, data: store.into_data(), settings })
            }
        }
    }

    /// Makes a store and an instance in it that go on where those that were parked ended.
    ///
    /// # Errors
    /// When the store's limiter stands against it or the system does not give the memory.
    ///
    /// # Panics
    /// If it was parked by another `Linked` than this or a clone.
    pub fn wake(&self, parked: Parked<T>) -> Result<(Store<T>, Instance)> {
        let Parked { delta, data, settings } = parked;
        let template = self.template().expect("only what has a template can be parked");
        let mut store = Store::of(self.blueprint().shared(), data);
        if let Some(settings) = settings {
            store.opaque_mut().set_settings(*settings);
        }
        let made = store.opaque_mut().wake(template, &delta);
        match made {
            Ok(instance) => Ok((store, instance)),
            Err(error) => Err(Error::from_instantiate(error)),
        }
    }

    /// The same module, of which instances start from the state that an instance in `store`,
    /// which is to be empty, has after `init`. Their start function does not run again.
    ///
    /// # Errors
    /// When the instance cannot be made, when `init` fails, and when the state of the instance
    /// cannot be told apart from its store: [`NotCaptured`] says why.
    pub fn warm(
        &self,
        mut store: Store<T>,
        init: impl FnOnce(&mut Store<T>, Instance) -> Result<()>,
    ) -> Result<Linked<T>> {
        let instance = self.instantiate(&mut store)?;
        init(&mut store, instance)?;
        let template = self.template().ok_or_else(NotCaptured::of_another)?;
        let warm = store.opaque_mut().warm_template(template)?.ok_or_else(no_memory)?;
        Ok(self.with_template(warm))
    }
}

#[cold]
fn no_memory() -> Error {
    Error::msg("the system does not give the memory for the state of the instance")
}

impl<T: fmt::Debug> fmt::Debug for Parked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parked").field("data", &self.data).field("state_size", &self.state_size()).finish()
    }
}
