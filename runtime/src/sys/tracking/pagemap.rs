//! Asking the kernel which pages of a range were written: `PAGEMAP_SCAN`, of Linux 6.7.

use core::ffi::c_ulong;
use core::ops::Range;
use rustix::fd::{AsRawFd, OwnedFd};
use rustix::fs::{Mode, OFlags, open};
use std::sync::OnceLock;

const PAGEMAP_SCAN: c_ulong = 0xc060_6610;
const WP_MATCHING: u64 = 1 << 0;
const CHECK_WPASYNC: u64 = 1 << 1;

const IS_WRITTEN: u64 = 1 << 1;
const IS_FILE: u64 = 1 << 2;
const IS_PRESENT: u64 = 1 << 3;
const IS_SWAPPED: u64 = 1 << 4;
const IS_PFNZERO: u64 = 1 << 5;

/// Ranges that one call tells.
const BATCH: usize = 64;

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Region {
    start: u64,
    end: u64,
    categories: u64,
}

#[repr(C)]
#[derive(Default)]
struct Scan {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    vec: u64,
    vec_len: u64,
    max_pages: u64,
    category_inverted: u64,
    category_mask: u64,
    category_anyof_mask: u64,
    return_mask: u64,
}

/// Gives each range of pages that are the process's own copies, because they were
/// written: neither the file's nor the common page of zeros. `None` if the kernel does
/// not tell; then what was given is not all.
pub(super) fn each_private(range: Range<usize>, each: &mut dyn FnMut(Range<usize>)) -> Option<()> {
    let scan = Scan {
        category_inverted: IS_FILE | IS_PFNZERO,
        category_mask: IS_FILE | IS_PFNZERO,
        category_anyof_mask: IS_PRESENT | IS_SWAPPED,
        ..Scan::default()
    };
    all(range, scan, each)
}

/// Gives each range of pages that were written since they were protected, where writes
/// are recorded.
pub(super) fn each_written(range: Range<usize>, each: &mut dyn FnMut(Range<usize>)) -> Option<()> {
    all(range, Scan { category_mask: IS_WRITTEN, ..Scan::default() }, each)
}

/// Protects again the pages that were written, where writes are recorded.
pub(super) fn protect_written(range: Range<usize>) -> Option<()> {
    let flags = WP_MATCHING | CHECK_WPASYNC;
    all(range, Scan { flags, category_mask: IS_WRITTEN, ..Scan::default() }, &mut |_| ())
}

fn all(range: Range<usize>, mut scan: Scan, each: &mut dyn FnMut(Range<usize>)) -> Option<()> {
    static FD: OnceLock<Option<OwnedFd>> = OnceLock::new();
    let open_it = || open("/proc/self/pagemap", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok();
    let fd = FD.get_or_init(open_it).as_ref()?;
    scan.size = size_of::<Scan>() as u64;
    (scan.start, scan.end) = (range.start as u64, range.end as u64);
    while scan.start < scan.end {
        let mut found = [Region::default(); BATCH];
        scan.vec = found.as_mut_ptr().addr() as u64;
        scan.vec_len = BATCH as u64;
        // SAFETY: the structure is as the request expects, and the vector as long as it says.
        let count = unsafe { libc::ioctl(fd.as_raw_fd(), PAGEMAP_SCAN as _, &raw mut scan) };
        let found = found.get(..usize::try_from(count).ok()?)?;
        for region in found {
            each(region.start as usize..region.end as usize);
        }
        // It stops where its vector is full.
        if scan.walk_end <= scan.start {
            return None;
        }
        scan.start = scan.walk_end;
    }
    Some(())
}
