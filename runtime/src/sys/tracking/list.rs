//! The list of pages that were written, which the fault handler adds to, and what is
//! learned from how it grows.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Pages of a range, each listed at most once.
#[derive(Debug)]
pub(super) struct DirtyList {
    /// Each as one more than its number, so that zero is a place being filled.
    pages: Box<[AtomicU32]>,
    len: AtomicU32,
    listed: Box<[AtomicU64]>,
}

impl DirtyList {
    /// Pages that may be listed before it is asked whether all are worth it.
    pub(super) const ENOUGH: usize = 48;

    /// An empty list for a range of so many pages.
    pub(super) fn new(pages: usize) -> DirtyList {
        let place = |_| AtomicU32::new(0);
        let word = |_| AtomicU64::new(0);
        DirtyList {
            pages: (0..pages).map(place).collect(),
            len: AtomicU32::new(0),
            listed: (0..pages.div_ceil(64)).map(word).collect(),
        }
    }

    /// Pages of the range.
    pub(super) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Pages that are listed.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire) as usize
    }

    /// The pages that are listed.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.pages[..self.len()].iter().map(|page| page.load(Ordering::Relaxed) - 1)
    }

    /// Lists a page; false if it is already. May be called by several threads.
    pub(super) fn insert(&self, page: usize) -> bool {
        let bit = 1 << (page % 64);
        if self.listed[page / 64].fetch_or(bit, Ordering::AcqRel) & bit != 0 {
            return false;
        }
        let at = self.len.fetch_add(1, Ordering::AcqRel) as usize;
        self.pages[at].store(page as u32 + 1, Ordering::Release);
        true
    }

    /// Lists nothing any more.
    pub(super) fn clear(&self) {
        for page in self.iter() {
            self.listed[page as usize / 64].store(0, Ordering::Relaxed);
        }
        self.len.store(0, Ordering::Release);
    }

    /// Keeps the pages for which `keep` says so, and returns the others.
    pub(super) fn retain(&self, mut keep: impl FnMut(u32) -> bool) -> Vec<u32> {
        let (kept, dropped): (Vec<u32>, Vec<u32>) = self.iter().partition(|page| keep(*page));
        self.clear();
        for page in kept {
            self.insert(page as usize);
        }
        dropped
    }
}

/// What is learned from how a list grows.
#[derive(Default, Debug)]
pub(super) struct Growth {
    /// Pages listed at the last reset.
    known: usize,
    /// New pages per reset, a moving average, as 1/256 pages.
    average: usize,
    resets: u32,
    /// One bit for each page that was written lately.
    recent: Vec<u64>,
}

impl Growth {
    /// Of one reset, so many new pages count at most: a burst is not a habit.
    const BURST: usize = 4;
    /// The average is over about so many resets.
    const WINDOW: usize = 64;
    const ONE: usize = 256;
    /// Resets between two looks at which pages of a long list are in use.
    const SAMPLE: u32 = 64;
    /// Resets after which recording may end.
    const RECORDED: u32 = 256;

    /// So many are listed without having been written.
    pub(super) fn known(&mut self, count: usize) {
        self.known = count;
    }

    /// Counts a reset with so many pages listed; returns whether new ones come so often
    /// that a list is of no use.
    #[inline]
    pub(super) fn count(&mut self, listed: usize) -> bool {
        if listed == self.known && self.average == 0 {
            return false;
        }
        let fresh = listed.saturating_sub(self.known);
        self.known = listed;
        self.add(fresh) > Self::ONE
    }

    /// Whether it is time to look at which pages of a long list are in use.
    pub(super) fn sample(&mut self) -> bool {
        self.resets = self.resets.wrapping_add(1);
        self.average > 0 || self.resets.is_multiple_of(Self::SAMPLE)
    }

    /// Tells which pages were written since the last time that this was told; returns how
    /// many of them were not then.
    pub(super) fn written(&mut self, pages: &[u32]) -> usize {
        let fresh = pages.iter().filter(|page| !self.lately(**page)).count();
        self.recent.clear();
        for &page in pages {
            let word = page as usize / 64;
            if word >= self.recent.len() {
                self.recent.resize(word + 1, 0);
            }
            self.recent[word] |= 1 << (page % 64);
        }
        fresh
    }

    /// Whether a page was written when `written` was last told.
    pub(super) fn lately(&self, page: u32) -> bool {
        self.recent.get(page as usize / 64).is_some_and(|word| word >> (page % 64) & 1 == 1)
    }

    /// Counts a reset at which so many pages were written that were not at the one before;
    /// returns whether a list is worth trying again.
    pub(super) fn settled(&mut self, fresh: usize) -> bool {
        self.resets = self.resets.wrapping_add(1);
        self.add(fresh) < Self::ONE / 4 && self.resets.is_multiple_of(Self::RECORDED)
    }

    fn add(&mut self, fresh: usize) -> usize {
        let fresh = fresh.min(Self::BURST) * Self::ONE;
        self.average = (self.average * (Self::WINDOW - 1) + fresh) / Self::WINDOW;
        self.average
    }
}
