//! Where writes to memory cannot be tracked: the same API, of which nothing can be had.

use crate::config::MemoryTracking;
use crate::sys::ImageFile;
use std::sync::Arc;

/// What a tracked range would begin at a multiple of.
pub(crate) const UNIT: usize = 1 << 16;

/// What pages are at the start.
#[derive(Debug)]
#[expect(dead_code, reason = "there are no trackers here to read it")]
pub(crate) enum Source {
    /// A file's contents, from an offset on.
    Image(Arc<ImageFile>, usize),
    /// Bytes, from the first page on.
    Copy(Box<[u8]>),
    /// Zeros.
    Zero,
}

/// There are none here.
#[derive(Debug)]
pub(crate) enum Tracker {}

/// `None`.
pub(crate) fn usable(_asked: Option<MemoryTracking>) -> Option<MemoryTracking> {
    None
}

impl Tracker {
    /// `None`.
    ///
    /// # Safety
    /// None is needed.
    pub(crate) unsafe fn new(
        _how: MemoryTracking,
        _base: *mut u8,
        _len: usize,
        _source: Source,
    ) -> Option<Tracker> {
        None
    }

    pub(crate) fn reset(&mut self) -> Option<()> {
        match *self {}
    }

    pub(crate) fn expect(&mut self, _pages: &[u32]) {
        match *self {}
    }

    pub(crate) fn open(&mut self) {
        match *self {}
    }

    pub(crate) fn each_changed(&self, _each: &mut dyn FnMut(usize)) {
        match *self {}
    }

    pub(crate) fn is_undone_by_list(&self) -> bool {
        match *self {}
    }

    pub(crate) fn note_undone(&mut self) {
        match *self {}
    }

    pub(crate) fn listed(&self) -> core::iter::Empty<u32> {
        match *self {}
    }

    pub(crate) fn is_unchanged(&self) -> bool {
        match *self {}
    }

    pub(crate) fn pages(&self) -> usize {
        match *self {}
    }

    pub(crate) fn listed_count(&self) -> usize {
        match *self {}
    }

    pub(crate) fn kept_bytes(&self) -> usize {
        match *self {}
    }

    pub(crate) fn original(&self, _page: usize) -> Option<&[u8]> {
        match *self {}
    }

    pub(crate) fn differs(&self, _page: usize) -> bool {
        match *self {}
    }

    pub(crate) fn start_over(&mut self) -> Option<()> {
        match *self {}
    }
}
