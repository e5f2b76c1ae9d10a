//! A memory's bytes as the host and the system write them.
//!
//! Pages of a memory may be protected until they are first written, to learn of it
//! (`docs/instances.md`). Programs do not notice, but a system call that is to write to such a page
//! fails by `EFAULT`. So what is given to the system is written here first.

use crate::sys;
use core::hint::black_box;
use core::ops::{Deref, DerefMut, Range};

/// A memory's bytes, to be read and written like a slice. A part that a system call is to
/// write to, as when a file is read into it, is to be had by [`MemoryView::for_system`].
#[derive(Debug)]
pub struct MemoryView<'a> {
    bytes: &'a mut [u8],
}

impl MemoryView<'_> {
    /// A range that the system may write to; `None` if it is not all in the memory.
    pub fn for_system(&mut self, range: Range<usize>) -> Option<&mut [u8]> {
        let range = self.bytes.get_mut(range)?;
        let page = sys::page_size();
        let first = range.as_ptr().addr();
        // One byte of each page: the first of the range, then the first of each page.
        let mut at = 0;
        while let Some(byte) = range.get_mut(at) {
            *byte = black_box(*byte);
            at = (first + at + 1).next_multiple_of(page) - first;
        }
        Some(range)
    }
}

impl<'a> From<&'a mut [u8]> for MemoryView<'a> {
    /// Bytes that are no guest's are writable for the system, too.
    fn from(bytes: &'a mut [u8]) -> MemoryView<'a> {
        MemoryView { bytes }
    }
}

impl<'a, const N: usize> From<&'a mut [u8; N]> for MemoryView<'a> {
    fn from(bytes: &'a mut [u8; N]) -> MemoryView<'a> {
        MemoryView::from(&mut bytes[..])
    }
}

impl<'a> From<&'a mut Vec<u8>> for MemoryView<'a> {
    fn from(bytes: &'a mut Vec<u8>) -> MemoryView<'a> {
        MemoryView::from(&mut bytes[..])
    }
}

impl Deref for MemoryView<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes
    }
}

impl DerefMut for MemoryView<'_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_checked_and_unchanged() {
        let mut bytes: Vec<u8> = (0..20_000).map(|n| n as u8).collect();
        let before = bytes.clone();
        let mut view = MemoryView::from(&mut *bytes);
        for range in [0..0, 0..1, 5..20_000, 4095..4097, 20_000..20_000] {
            assert_eq!(view.for_system(range.clone()), Some(&mut before.clone()[range]));
        }
        assert!(view.for_system(0..20_001).is_none());
        assert!(view.for_system(20_001..20_001).is_none());
        assert_eq!(&*view, before);
    }
}
