//! Mappings where the system is not asked for more than memory: they are
//! allocated whole, so reservations are to be kept small.

use core::ops::Range;
use core::ptr::{self, NonNull};
use std::alloc::{self, Layout};

/// Whether address space can be had without memory.
pub(crate) const CAN_RESERVE: bool = false;

/// Bytes of a page: the granularity of everything here.
const PAGE: usize = 4096;

/// Bytes of a page of the system.
pub(crate) fn page_size() -> usize {
    PAGE
}

/// A range of zeroed memory, accessible from the start.
#[derive(Debug)]
pub(crate) struct Mapping {
    base: NonNull<u8>,
    len: usize,
    accessible: usize,
}

// SAFETY: the mapping owns its memory.
unsafe impl Send for Mapping {}
// SAFETY: it writes the memory only through `&mut self`.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Allocates whole pages. `None` if the system does not give them.
    pub(crate) fn reserve(len: usize) -> Option<Mapping> {
        // SAFETY: a layout is only made for sizes above zero.
        let base = unsafe { alloc::alloc_zeroed(layout(len)?) };
        Some(Mapping { base: NonNull::new(base)?, len, accessible: 0 })
    }

    /// `None`: alignment would take memory.
    pub(crate) fn reserve_aligned(_len: usize, _align: usize) -> Option<Mapping> {
        None
    }

    /// Makes what is behind `end` unfit for use.
    pub(crate) fn shrink_accessible(&mut self, end: usize) {
        if end < self.accessible {
            self.close(end..self.accessible);
            self.accessible = end;
        }
    }

    /// The first byte; it never changes.
    pub(crate) fn base(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// Bytes from the start that are accessible.
    pub(crate) fn accessible(&self) -> usize {
        self.accessible
    }

    /// Makes all whole pages up to `end` accessible; those that were not are zero.
    pub(crate) fn make_accessible(&mut self, end: usize) -> Option<()> {
        if end > self.len {
            return None;
        }
        self.accessible = self.accessible.max(end);
        Some(())
    }

    /// Makes whole pages accessible: they all are.
    pub(crate) fn open(&mut self, range: Range<usize>) -> Option<()> {
        (range.end <= self.len).then_some(())
    }

    /// Nothing can be said here.
    pub(crate) fn expect_use(&self, _range: Range<usize>) {}

    /// Makes whole pages unfit for use: they are overwritten by a pattern.
    pub(crate) fn close(&mut self, range: Range<usize>) {
        assert!(range.start <= range.end && range.end <= self.len, "inside the mapping");
        // SAFETY: the range is inside the mapping, and nobody is told of it meanwhile.
        unsafe { ptr::write_bytes(self.base.as_ptr().add(range.start), 0xdb, range.len()) };
    }

    /// Makes accessible bytes zero.
    pub(crate) fn zero(&mut self, range: Range<usize>) {
        assert!(range.start <= range.end && range.end <= self.len, "inside the mapping");
        // SAFETY: the range is inside the mapping; whoever asks knows that it is accessible.
        unsafe { ptr::write_bytes(self.base.as_ptr().add(range.start), 0, range.len()) };
    }

    /// Puts a file's contents over whole pages; there are no such files here.
    pub(crate) fn map_image(&mut self, _offset: usize, file: &ImageFile) -> Option<()> {
        match *file {}
    }

    /// Writes bytes into the accessible part.
    ///
    /// # Panics
    /// If they do not fit there.
    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) {
        assert!(offset.checked_add(bytes.len()).is_some_and(|end| end <= self.accessible), "accessible");
        // SAFETY: the range is accessible, and nobody else is told of it meanwhile.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.base.as_ptr().add(offset), bytes.len()) };
    }
}

fn layout(len: usize) -> Option<Layout> {
    if len == 0 { None } else { Layout::from_size_align(len, PAGE).ok() }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        if let Some(layout) = layout(self.len) {
            // SAFETY: this is how it was allocated.
            unsafe { alloc::dealloc(self.base.as_ptr(), layout) };
        }
    }
}

/// An unnamed file of memory contents: not to be had here.
#[derive(Debug)]
pub(crate) enum ImageFile {}

impl ImageFile {
    /// There is none.
    pub(crate) fn contents(&self) -> Option<&[u8]> {
        match *self {}
    }

    /// `None`.
    pub(crate) fn of_file(_file: std::fs::File, _start: u64, _len: usize) -> Option<ImageFile> {
        None
    }

    /// `None`.
    pub(crate) fn new<'a>(
        _len: usize,
        _chunks: impl Iterator<Item = (usize, &'a [u8])>,
    ) -> Option<ImageFile> {
        None
    }
}

/// The address range of the running thread's stack: not known here.
pub(crate) fn native_stack() -> Option<Range<usize>> {
    None
}
