//! What a module keeps: its bytes, whoever has them, and what of it is read when it is first asked for.

use core::fmt;
use core::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

/// The bytes of a module.
#[derive(Clone)]
pub(crate) struct Bytes(Arc<dyn AsRef<[u8]> + Send + Sync>);

impl Bytes {
    /// Those of an owner, which must not change.
    pub fn new(owner: impl AsRef<[u8]> + Send + Sync + 'static) -> Bytes {
        Bytes(Arc::new(owner))
    }
}

impl Default for Bytes {
    fn default() -> Bytes {
        Bytes::new([])
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}

/// The entries of a section: read with the module or, of a module that is known to be valid, later.
#[derive(Debug)]
pub(crate) struct Entries<T> {
    read: OnceLock<Vec<T>>,
    /// Where in the module they stand if they were not read.
    section: Range<usize>,
}

impl<T> Default for Entries<T> {
    fn default() -> Entries<T> {
        Entries { read: OnceLock::from(Vec::new()), section: 0..0 }
    }
}

impl<T> Entries<T> {
    /// Those of a section, when they are needed.
    pub fn later(section: Range<usize>) -> Entries<T> {
        Entries { read: OnceLock::new(), section }
    }

    /// The entries; `read` reads them from where they stand.
    pub fn get(&self, read: impl FnOnce(Range<usize>) -> Vec<T>) -> &[T] {
        self.read.get_or_init(|| read(self.section.clone()))
    }

    /// The entries of a module in the making.
    pub fn make(&mut self) -> &mut Vec<T> {
        self.read.get_mut().expect("they are read with the module")
    }
}
