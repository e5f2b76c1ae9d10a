//! Where the fault handler finds who watches an address: a table with an entry for
//! each unit of the address space, written when a range is registered, read without a
//! lock. Invariant: what an entry points to is alive while pages of its range can fault.

use super::list::DirtyList;
use super::userfault::UserFault;
use crate::config::MemoryTracking;
use crate::sys::page_size;
use crate::sys::signals::{FaultContext, Signal, set_memory_handler};
use core::ops::{Deref, Range};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

/// Bytes of a unit: a watched range begins at a multiple.
pub(crate) const UNIT: usize = 1 << UNIT_LOG2;

const UNIT_LOG2: u32 = 33;
/// Units of the 48 bits that user addresses have at most here.
const UNITS: usize = 1 << (48 - UNIT_LOG2);

static TABLE: [AtomicPtr<Watched>; UNITS] = [const { AtomicPtr::new(ptr::null_mut()) }; UNITS];

/// A range of pages whose first writes are faults.
#[derive(Debug)]
pub(super) struct Watched {
    how: MemoryTracking,
    base: *mut u8,
    list: DirtyList,
    /// A page could not be released alone, so all were.
    failed: AtomicBool,
}

// SAFETY: it is shared with the fault handler only, which uses atomics; the pages are
// their owner's.
unsafe impl Send for Watched {}
// SAFETY: as above.
unsafe impl Sync for Watched {}

/// A watched range that the handler knows, until this is dropped.
#[derive(Debug)]
pub(super) struct Registered(Box<Watched>);

impl Registered {
    /// Makes a range known; `None` if faults cannot be handled.
    pub(super) fn new(watched: Watched) -> Option<Registered> {
        let watched = Box::new(watched);
        let faults = matches!(watched.how, MemoryTracking::UserFault | MemoryTracking::Protect);
        if faults && !set_memory_handler(on_fault) {
            return None;
        }
        for unit in watched.units() {
            let old = TABLE.get(unit)?.swap(ptr::from_ref(&*watched).cast_mut(), Ordering::AcqRel);
            debug_assert!(old.is_null(), "units are not shared");
        }
        Some(Registered(watched))
    }
}

impl Deref for Registered {
    type Target = Watched;

    fn deref(&self) -> &Watched {
        &self.0
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        for unit in self.0.units() {
            if let Some(entry) = TABLE.get(unit) {
                entry.store(ptr::null_mut(), Ordering::Release);
            }
        }
    }
}

impl Watched {
    /// A range that is not protected yet.
    pub(super) fn new(how: MemoryTracking, base: *mut u8, len: usize) -> Watched {
        assert!(base.addr().is_multiple_of(UNIT) && len.is_multiple_of(page_size()), "whole units and pages");
        Watched { how, base, list: DirtyList::new(len / page_size()), failed: AtomicBool::new(false) }
    }

    pub(super) fn how(&self) -> MemoryTracking {
        self.how
    }

    pub(super) fn base(&self) -> *mut u8 {
        self.base
    }

    pub(super) fn pages(&self) -> usize {
        self.list.pages()
    }

    pub(super) fn list(&self) -> &DirtyList {
        &self.list
    }

    /// Whether pages may have been written without being listed.
    pub(super) fn failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Notes that they may.
    pub(super) fn fail(&self) {
        self.failed.store(true, Ordering::Release);
    }

    /// Forgets what was written.
    pub(super) fn forget(&self) {
        self.list.clear();
        self.failed.store(false, Ordering::Release);
    }

    /// Protects or releases whole pages.
    pub(super) fn protect(&self, range: Range<usize>, protect: bool) -> Option<()> {
        match self.how {
            MemoryTracking::UserFault => UserFault::by_signal()?.protect(range, protect),
            MemoryTracking::Protect => {
                let write = if protect { 0 } else { libc::PROT_WRITE };
                let at = self.base.wrapping_add(range.start - self.base.addr());
                // SAFETY: the range is its owner's, who expects this.
                let result = unsafe { libc::mprotect(at.cast(), range.len(), libc::PROT_READ | write) };
                (result == 0).then_some(())
            }
            MemoryTracking::Scan | MemoryTracking::Discard => Some(()),
        }
    }

    /// Lists a page and makes it writable for good. May be called from a signal handler.
    pub(super) fn release(&self, page: usize) {
        self.list.insert(page);
        if self.protect(self.page(page), false).is_none() {
            // Too many mappings: better to know nothing than not to go on.
            self.fail();
            let all = self.base.addr()..self.base.addr() + self.pages() * page_size();
            let _ = self.protect(all, false);
        }
    }

    /// Protects a page again that is no longer listed.
    pub(super) fn protect_page(&self, page: usize) -> Option<()> {
        self.protect(self.page(page), true)
    }

    fn page(&self, page: usize) -> Range<usize> {
        let start = self.base.addr() + page * page_size();
        start..start + page_size()
    }

    fn units(&self) -> Range<usize> {
        let (start, len) = (self.base.addr(), self.pages() * page_size());
        start >> UNIT_LOG2..(start + len).div_ceil(UNIT)
    }
}

/// Whether a fault was the first write to a watched page. If so the page is listed and
/// writable now.
fn on_fault(fault: &mut FaultContext) -> bool {
    let address = fault.address();
    let Some(entry) = TABLE.get(address >> UNIT_LOG2) else { return false };
    // SAFETY: an entry is not null only while its range is registered, and whoever
    // drops a range has stopped accessing it.
    let Some(watched) = (unsafe { entry.load(Ordering::Acquire).as_ref() }) else { return false };
    let expected = match watched.how {
        MemoryTracking::UserFault => Signal::Bus,
        MemoryTracking::Protect => Signal::Segv,
        MemoryTracking::Scan | MemoryTracking::Discard => return false,
    };
    let page = (address - watched.base.addr()) / page_size();
    // Where the fault is at its own address, code was to be read there, not data written.
    if fault.signal() != expected || page >= watched.pages() || fault.pc() == address {
        return false;
    }
    watched.release(page);
    true
}
