//! Places by number: a vector with holes that are filled again.

use super::Awake;
use dayfly_runtime::host::Parked;

/// Where an instance is.
pub(super) enum Place<T: 'static> {
    Awake(Box<Awake<T>>),
    Parked(Parked<T>),
    /// In use, or not made yet.
    Away,
}

impl<T: 'static> Place<T> {
    /// The instance, if it is awake and has not been used since.
    pub(super) fn used_at(&self, used: u64) -> Option<&Awake<T>> {
        match self {
            Place::Awake(awake) if awake.used == used && !awake.stays => Some(awake),
            _ => None,
        }
    }
}

/// Values by their number.
pub(super) struct Places<P> {
    all: Vec<Option<P>>,
    free: Vec<u32>,
}

impl<P> Places<P> {
    pub(super) fn new() -> Places<P> {
        Places { all: Vec::new(), free: Vec::new() }
    }

    /// Keeps a value, and returns its number.
    pub(super) fn insert(&mut self, value: P) -> u32 {
        if let Some(at) = self.free.pop() {
            self.all[at as usize] = Some(value);
            return at;
        }
        self.all.push(Some(value));
        u32::try_from(self.all.len() - 1).expect("fewer than 2^32 instances fit in memory")
    }

    /// The value of a number, if there is one now.
    pub(super) fn get(&self, at: u32) -> Option<&P> {
        self.all.get(at as usize)?.as_ref()
    }

    /// The value of a number.
    ///
    /// # Panics
    /// If there is none.
    pub(super) fn get_mut(&mut self, at: u32) -> &mut P {
        self.all[at as usize].as_mut().expect("the place is taken")
    }

    /// Replaces a value, and returns what was there.
    ///
    /// # Panics
    /// If there is none.
    pub(super) fn replace(&mut self, at: u32, with: P) -> P {
        core::mem::replace(self.get_mut(at), with)
    }

    /// Takes a value out.
    ///
    /// # Panics
    /// If there is none.
    pub(super) fn remove(&mut self, at: u32) -> P {
        let value = self.all[at as usize].take().expect("the place is taken");
        self.free.push(at);
        value
    }
}
