//! Memory that returns to what it was: which pages were written is learned, and only
//! they are written back.
//!
//! Sticky lists, the usual way: pages are protected; the first write to one is a fault,
//! whose handler lists the page and releases it for good; each reset writes back all
//! listed pages and enters the kernel for nothing. `docs/instances.md` has the numbers,
//! the other ways and when they are taken.
//!
//! Invariant: a page that is not listed is as it was at the start, or the tracker is in
//! a mode that finds it otherwise.

mod list;
mod pagemap;
mod probe;
mod registry;
mod userfault;

pub(crate) use probe::usable;
pub(crate) use registry::UNIT;

use crate::config::MemoryTracking;
use crate::sys::lines::{self, BLOCK};
use crate::sys::{ImageFile, page_size};
use core::mem::take;
use core::ops::Range;
use core::ptr;
use list::{DirtyList, Growth};
use registry::{Registered, Watched};
use std::sync::Arc;
use userfault::UserFault;

/// What pages are at the start, where they are not zero.
#[derive(Debug)]
pub(crate) enum Source {
    /// A file's contents, mapped over the pages from this offset on.
    Image(Arc<ImageFile>, usize),
    /// Bytes that were there when tracking began, from the first page on.
    Copy(Box<[u8]>),
    /// All pages are zero.
    Zero,
}

/// Learns of writes to a range of whole pages, and undoes them.
#[derive(Debug)]
pub(crate) struct Tracker {
    /// Where the handler finds the list; it also says where the range is.
    watched: Registered,
    mode: Mode,
    source: Source,
    /// Everything was made writable, for the kernel's sake.
    open: bool,
    /// So many of the listed pages, from the first on, have been written back already.
    undone: usize,
    growth: Growth,
}

/// How writes are learned of now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    /// By faults: as `Watched::how` says.
    Sticky,
    /// The kernel records which pages were written and is asked at each reset.
    Recorded,
    /// The kernel is asked which pages are not the file's any more.
    Scanned,
    /// Not at all: everything is written back, or thrown away.
    Discarded,
}

/// Pages up to which everything is copied rather than thrown away.
const FEW_PAGES: usize = 32;

impl Tracker {
    /// Begins to track `len` bytes of whole pages at `base`, which are now as `source`
    /// says. `None` if that way is not to be had.
    ///
    /// # Safety
    /// The range is accessible, begins at a multiple of `UNIT` and shares no unit with
    /// another tracker's; it stays mapped longer than the tracker, and is written only by
    /// its owner, who borrows the tracker for all but writing. `source` is right.
    pub(crate) unsafe fn new(
        how: MemoryTracking,
        base: *mut u8,
        len: usize,
        source: Source,
    ) -> Option<Tracker> {
        let mode = match how {
            MemoryTracking::UserFault | MemoryTracking::Protect => Mode::Sticky,
            MemoryTracking::Scan if !matches!(source, Source::Copy(_)) => Mode::Scanned,
            MemoryTracking::Scan | MemoryTracking::Discard => Mode::Discarded,
        };
        if let Source::Image(file, _) = &source {
            file.contents()?;
        }
        let watched = Registered::new(Watched::new(how, base, len))?;
        let tracker = Tracker { watched, mode, source, open: false, undone: 0, growth: Growth::default() };
        if mode == Mode::Sticky {
            if how == MemoryTracking::UserFault {
                UserFault::by_signal()?.register(tracker.range())?;
            }
            tracker.watched.protect(tracker.range(), true)?;
        }
        Some(tracker)
    }

    /// Undoes all writes since the last reset. `None` if that failed, and then the memory
    /// must not be used any more.
    pub(crate) fn reset(&mut self) -> Option<()> {
        let undone = take(&mut self.undone);
        if self.open || self.watched.failed() {
            return self.start_over();
        }
        match self.mode {
            Mode::Sticky => self.reset_listed(undone),
            Mode::Recorded => self.reset_recorded(),
            Mode::Scanned => {
                let mut private = 0;
                pagemap::each_private(self.range(), &mut |range| private += self.restore_range(&range))?;
                // A page that was copied once stays private; many make each reset dear.
                if private > DirtyList::ENOUGH { self.discard() } else { Some(()) }
            }
            Mode::Discarded if self.watched.pages() <= FEW_PAGES || self.copied() => {
                self.restore_range(&self.range());
                Some(())
            }
            Mode::Discarded => self.discard(),
        }
    }

    /// Releases pages of which it is known that they will be written, so that they do not
    /// fault one by one.
    pub(crate) fn expect(&mut self, pages: &[u32]) {
        if self.mode == Mode::Sticky {
            for &page in pages.iter().filter(|page| (**page as usize) < self.watched.pages()) {
                self.watched.release(page as usize);
            }
            self.growth.known(self.watched.list().len());
        }
    }

    /// Makes all pages writable for the kernel too, until the next reset.
    pub(crate) fn open(&mut self) {
        let all_listed = self.watched.list().len() == self.watched.pages();
        if self.open || self.mode != Mode::Sticky || all_listed {
            return;
        }
        if self.watched.pages() <= FEW_PAGES {
            for page in 0..self.watched.pages() {
                self.watched.release(page);
            }
        } else {
            self.open = true;
            if self.watched.protect(self.range(), false).is_none() {
                self.watched.fail();
            }
        }
    }

    /// The pages that may be different from the start: the listed ones where there is a
    /// list, else all that are different.
    pub(crate) fn each_changed(&self, each: &mut dyn FnMut(usize)) {
        if self.mode == Mode::Sticky && !self.open && !self.watched.failed() {
            self.watched.list().iter().for_each(|page| each(page as usize));
        } else {
            (0..self.watched.pages()).filter(|page| self.differs(*page)).for_each(each);
        }
    }

    /// Whether the next reset is going to write back just what is listed, so that somebody
    /// else may do it.
    pub(crate) fn is_undone_by_list(&self) -> bool {
        let short = self.listed_count() <= DirtyList::ENOUGH || self.copied();
        self.mode == Mode::Sticky && !self.open && !self.watched.failed() && short
    }

    /// Notes that all listed pages are as at the start, and stay so until the next reset.
    pub(crate) fn note_undone(&mut self) {
        self.undone = self.listed_count();
    }

    /// The pages that are listed, as far as a list is kept.
    pub(crate) fn listed(&self) -> impl Iterator<Item = u32> {
        self.watched.list().iter()
    }

    /// Whether it is known that nothing has been written.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.mode == Mode::Sticky && !self.open && !self.watched.failed() && self.listed_count() == 0
    }

    /// How many pages there are.
    pub(crate) fn pages(&self) -> usize {
        self.watched.pages()
    }

    /// How many pages are listed.
    #[inline]
    pub(crate) fn listed_count(&self) -> usize {
        self.watched.list().len()
    }

    /// Bytes that the pages take after a reset, as far as that is known, with what is noted of them.
    pub(crate) fn kept_bytes(&self) -> usize {
        let pages = self.pages();
        let kept = match self.mode {
            _ if self.copied() => 2 * pages,
            Mode::Sticky => self.listed_count(),
            Mode::Recorded => pages,
            Mode::Scanned => pages.min(DirtyList::ENOUGH),
            Mode::Discarded => pages.min(FEW_PAGES),
        };
        kept * page_size() + pages * size_of::<u32>()
    }

    /// What a page is at the start; `None` if it is zero.
    pub(crate) fn original(&self, page: usize) -> Option<&[u8]> {
        let (bytes, start) = match &self.source {
            Source::Image(file, start) => (file.contents().unwrap_or(&[]), *start),
            Source::Copy(bytes) => (&**bytes, 0),
            Source::Zero => return None,
        };
        let at = (page * page_size()).checked_sub(start)?;
        bytes.get(at..at + page_size())
    }

    /// Whether a page is different from the start.
    pub(crate) fn differs(&self, page: usize) -> bool {
        // SAFETY: the page is inside of the range.
        let now = unsafe { core::slice::from_raw_parts(self.address(page), page_size()) };
        match self.original(page) {
            Some(original) => now != original,
            None => now.iter().any(|byte| *byte != 0),
        }
    }

    /// Gives the memory of pages that were written back to the system.
    pub(crate) fn start_over(&mut self) -> Option<()> {
        self.open = false;
        self.discard()?;
        if self.mode == Mode::Sticky {
            self.watched.forget();
            self.growth = Growth::default();
            self.watched.protect(self.range(), true)?;
        }
        Some(())
    }

    #[inline]
    fn reset_listed(&mut self, undone: usize) -> Option<()> {
        let list = self.watched.list();
        let count = list.len();
        let too_many = self.growth.count(count);
        if count > DirtyList::ENOUGH && !self.copied() {
            return self.reset_long(too_many);
        }
        list.iter().skip(undone).for_each(|page| self.restore(page as usize));
        Some(())
    }

    /// As `reset_listed`, where the list is so long that pages on it are to be in use.
    #[cold]
    fn reset_long(&mut self, too_many: bool) -> Option<()> {
        if !self.growth.sample() {
            self.watched.list().iter().for_each(|page| self.restore(page as usize));
            return Some(());
        }
        let mut written: Vec<u32> =
            self.watched.list().iter().filter(|page| self.differs(*page as usize)).collect();
        written.sort_unstable();
        written.iter().for_each(|page| self.restore(*page as usize));
        if too_many {
            return self.record();
        }
        let in_use = |page| self.growth.lately(page) || written.binary_search(&page).is_ok();
        let cold = self.watched.list().retain(in_use);
        for page in cold {
            self.watched.protect_page(page as usize)?;
        }
        self.growth.written(&written);
        self.growth.known(self.watched.list().len());
        Some(())
    }

    /// Goes over to having writes recorded: too many are to pages that are not listed.
    #[cold]
    fn record(&mut self) -> Option<()> {
        let recorder = match self.watched.how() {
            MemoryTracking::UserFault => UserFault::by_record(),
            _ => None,
        };
        self.watched.forget();
        self.growth = Growth::default();
        let Some(recorder) = recorder else {
            self.watched.protect(self.range(), false)?;
            self.mode = Mode::Discarded;
            return self.reset();
        };
        UserFault::by_signal()?.unregister(self.range())?;
        recorder.register(self.range())?;
        recorder.protect(self.range(), true)?;
        self.mode = Mode::Recorded;
        Some(())
    }

    #[cold]
    fn reset_recorded(&mut self) -> Option<()> {
        let mut written = Vec::new();
        pagemap::each_written(self.range(), &mut |range| {
            written.extend(self.pages_of(&range).map(|page| page as u32));
        })?;
        written.iter().for_each(|page| self.restore(*page as usize));
        if let (Some(first), Some(last)) = (written.first(), written.last()) {
            let base = self.range().start;
            let at = |page: u32| base + page as usize * page_size();
            pagemap::protect_written(at(*first)..at(*last + 1))?;
        }
        let fresh = self.growth.written(&written);
        if self.growth.settled(fresh) {
            self.growth = Growth::default();
            UserFault::by_record()?.unregister(self.range())?;
            let by_signal = UserFault::by_signal()?;
            by_signal.register(self.range())?;
            by_signal.protect(self.range(), true)?;
            self.mode = Mode::Sticky;
        }
        Some(())
    }

    /// Throws all pages away; they are as at the start when they are next touched.
    fn discard(&self) -> Option<()> {
        let range = self.range();
        // SAFETY: the range is the tracker's, and private: it falls back to the file or to zero.
        let result = unsafe { libc::madvise(self.watched.base().cast(), range.len(), libc::MADV_DONTNEED) };
        if result != 0 {
            return None;
        }
        if self.copied() {
            self.watched.protect(self.range(), false)?;
            self.restore_range(&range);
        }
        Some(())
    }

    fn copied(&self) -> bool {
        matches!(self.source, Source::Copy(_))
    }

    fn restore_range(&self, range: &Range<usize>) -> usize {
        let pages = self.pages_of(range);
        pages.clone().for_each(|page| self.restore(page));
        pages.len()
    }

    #[inline]
    fn restore(&self, page: usize) {
        let at = self.address(page);
        match self.original(page) {
            // SAFETY: the page is inside of the range; its original is elsewhere.
            Some(original) => unsafe { ptr::copy_nonoverlapping(original.as_ptr(), at, page_size()) },
            // SAFETY: as above.
            None => unsafe { lines::clear(at, page_size() / BLOCK) },
        }
    }

    fn address(&self, page: usize) -> *mut u8 {
        debug_assert!(page < self.watched.pages());
        self.watched.base().wrapping_add(page * page_size())
    }

    fn pages_of(&self, range: &Range<usize>) -> Range<usize> {
        let base = self.watched.base().addr();
        (range.start - base) / page_size()..(range.end - base) / page_size()
    }

    fn range(&self) -> Range<usize> {
        let base = self.watched.base().addr();
        base..base + self.watched.pages() * page_size()
    }
}

#[cfg(test)]
mod tests;
