//! An instance that is in use. If it is not given back, because it could not be made or
//! because what was done with it panicked, its key and its place are free again.

use super::places::{Place, Places};
use std::collections::hash_map::OccupiedEntry;

/// A key and its place, which both go when this is dropped, unless it is kept.
pub(super) struct Lease<'a, K, T: 'static> {
    key: Option<OccupiedEntry<'a, K, u32>>,
    places: &'a mut Places<Place<T>>,
}

impl<'a, K, T> Lease<'a, K, T> {
    /// Takes the place of a key.
    pub(super) fn new(key: OccupiedEntry<'a, K, u32>, places: &'a mut Places<Place<T>>) -> Self {
        Lease { key: Some(key), places }
    }

    /// Takes what is in the place.
    pub(super) fn take(&mut self) -> Place<T> {
        match &self.key {
            Some(key) => self.places.replace(*key.get(), Place::Away),
            None => Place::Away,
        }
    }

    /// The instance comes back to its place.
    pub(super) fn keep(mut self) {
        self.key = None;
    }
}

impl<K, T> Drop for Lease<'_, K, T> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            let (_, at) = key.remove_entry();
            drop(self.places.remove(at));
        }
    }
}
