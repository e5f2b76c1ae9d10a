//! The host values that guests hold as `externref`. The object in the heap has the
//! value's position here; values whose object did not survive a collection are freed.

use core::any::Any;
use core::fmt;
use std::sync::Arc;

/// A value of the host.
pub(crate) type HostValue = Arc<dyn Any + Send + Sync>;

/// The host values of a store.
#[derive(Clone, Default)]
pub(crate) struct HostTable {
    entries: Vec<Entry>,
    free: Vec<u32>,
}

#[derive(Clone, Default)]
struct Entry {
    value: Option<HostValue>,
    /// Whether the running collection has found the object.
    found: bool,
}

impl HostTable {
    /// Keeps a value and tells its position.
    pub(crate) fn insert(&mut self, value: HostValue) -> u32 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry::default());
            u32::try_from(self.entries.len() - 1).expect("there are fewer objects than 2^32")
        });
        self.entries[index as usize].value = Some(value);
        index
    }

    /// The value at a position.
    ///
    /// # Panics
    /// If there is none: an object in the heap always has one.
    pub(crate) fn get(&self, index: u32) -> &HostValue {
        self.entries[index as usize].value.as_ref().expect("the object of a host value is alive")
    }

    /// As `get`, to change it.
    ///
    /// # Panics
    /// As `get`.
    pub(crate) fn get_mut(&mut self, index: u32) -> &mut HostValue {
        self.entries[index as usize].value.as_mut().expect("the object of a host value is alive")
    }

    /// Takes out all values. Whoever drops them runs code of the host.
    pub(crate) fn take_all(&mut self) -> HostTable {
        core::mem::take(self)
    }

    /// Positions that a collection looks at.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Notes that the object of a value is alive.
    pub(crate) fn found(&mut self, index: u32) {
        self.entries[index as usize].found = true;
    }

    /// Takes out the values whose objects were not found. Whoever drops them runs
    /// code of the host.
    pub(crate) fn sweep(&mut self) -> Vec<HostValue> {
        let mut dead = Vec::new();
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if !core::mem::take(&mut entry.found)
                && let Some(value) = entry.value.take()
            {
                dead.push(value);
                self.free.push(index as u32);
            }
        }
        dead
    }
}

impl fmt::Debug for HostTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostTable").field("len", &self.len()).finish_non_exhaustive()
    }
}
