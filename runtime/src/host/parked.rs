//! Instances that are put aside in few bytes, and those that start from the state of
//! another. Both are for instances that are made from a linked module with a template.

use crate::host::{Error, Linked, Result, Store};
use crate::store::{Arena, Blob, Instance, Kept, NotCaptured, Rest, Settings};
use core::fmt;

/// A store with one instance, put aside: what distinguishes the instance from a fresh one,
/// the host's data, and the settings of the store if they are not as at first.
pub struct Parked<T> {
    /// `None` if it is among what most do not have.
    state: Option<Blob>,
    data: T,
    more: Option<Box<More>>,
}

/// What most do not have.
#[derive(Default)]
struct More {
    /// The state, if the arena had no room.
    apart: Box<[u8]>,
    rest: Rest,
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
        let more = self.more.as_ref().map_or(0, |more| more.apart.len() + more.rest.size());
        self.state.as_ref().map_or(0, Blob::len) + more
    }

    /// Ends the instance and its store; the host's data is left.
    ///
    /// # Panics
    /// If it was parked in another arena.
    pub fn discard(self, arena: &mut Arena) -> T {
        if let Some(blob) = self.state {
            arena.free(blob);
        }
        self.data
    }
}

impl<T: 'static> Linked<T> {
    /// Puts a store aside that has one instance, made from this module by `instantiate`. All
    /// handles of its contents come to an end.
    ///
    /// # Errors
    /// With the store, as it was, when the state of its instance cannot be told apart from it:
    /// [`NotCaptured`] says why.
    pub fn park(&self, mut store: Store<T>, arena: &mut Arena) -> Result<Parked<T>, (Store<T>, NotCaptured)> {
        let parked = match self.template() {
            None => Err(NotCaptured::of_another()),
            Some(template) => store.opaque_mut().park(template, arena),
        };
        match parked {
            Err(error) => Err((store, error)),
            Ok((state, rest)) => {
                let settings = store.opaque_mut().take_settings();
                let (state, apart) = match state {
                    Kept::In(blob) => (Some(blob), None),
                    Kept::Apart(bytes) => (None, Some(bytes)),
                };
                let more = apart.is_some() || settings.is_some() || !rest.is_empty();
                let apart = apart.unwrap_or_default();
                let more = more.then(|| Box::new(More { apart, rest, settings }));
                Ok(Parked { state, data: store.into_data(), more })
            }
        }
    }

    /// Makes a store and an instance in it that go on where those that were parked ended.
    ///
    /// # Errors
    /// When the store's limiter stands against it or the system does not give the memory.
    ///
    /// # Panics
    /// If it was parked by another `Linked` than this or a clone, or in another arena.
    pub fn wake(&self, parked: Parked<T>, arena: &mut Arena) -> Result<(Store<T>, Instance)> {
        let Parked { state, data, more } = parked;
        if let Some(blob) = &state {
            // It is needed once a store is found.
            arena.prefetch(blob);
        }
        let template = self.template().expect("only what has a template can be parked");
        let mut store = Store::of(self.blueprint().shared(), data);
        let More { apart, rest, settings } = more.map_or_else(More::default, |more| *more);
        if let Some(settings) = settings {
            store.opaque_mut().set_settings(*settings);
        }
        let made = match state {
            None => store.opaque_mut().wake(template, &apart, rest),
            Some(blob) => {
                let made = store.opaque_mut().wake(template, arena.get(&blob), rest);
                arena.free(blob);
                made
            }
        };
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
