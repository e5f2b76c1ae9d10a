//! Which ways of tracking the system has: found out by using them, once.

use super::{Source, Tracker, UNIT};
use crate::config::MemoryTracking;
use crate::sys::{ImageFile, Mapping, page_size};
use core::ptr;
use std::sync::{Arc, OnceLock};

/// The way to use: the one that is asked for or, if none is, the best that works here.
/// `None` if it does not work.
pub(crate) fn usable(asked: Option<MemoryTracking>) -> Option<MemoryTracking> {
    static WORKING: OnceLock<[bool; MemoryTracking::ALL.len()]> = OnceLock::new();
    let working = WORKING.get_or_init(|| MemoryTracking::ALL.map(|how| works(how).is_some()));
    let mut all = MemoryTracking::ALL.into_iter().zip(working);
    all.find(|(how, works)| **works && asked.is_none_or(|asked| asked == *how)).map(|(how, _)| how)
}

/// Writes to two pages of four, resets, and looks whether they are as before.
fn works(how: MemoryTracking) -> Option<()> {
    let page = page_size();
    let contents = vec![7; 2 * page];
    let file = Arc::new(ImageFile::new(2 * page, [(0, &*contents)].into_iter())?);
    let mut mapping = Mapping::reserve_aligned(4 * page, UNIT)?;
    mapping.make_accessible(4 * page)?;
    mapping.map_image(page, &file)?;
    let base = mapping.base();
    // SAFETY: the mapping is accessible, aligned, and lives until the end; nobody else has it.
    let mut tracker = unsafe { Tracker::new(how, base, 4 * page, Source::Image(file, page)) }?;
    for round in 1..3 {
        let changed = [page + 8, 3 * page + 16];
        // SAFETY: both are inside of the mapping.
        changed.into_iter().for_each(|at| unsafe { base.add(at).write_volatile(round) });
        let mut pages = Vec::new();
        tracker.each_changed(&mut |page| pages.push(page));
        pages.sort_unstable();
        if pages != [1, 3] {
            return None;
        }
        tracker.reset()?;
        // SAFETY: as above.
        let now: [u8; 2] = changed.map(|at| unsafe { ptr::read_volatile(base.add(at)) });
        if now != [7, 0] {
            return None;
        }
    }
    Some(())
}
