//! Address space for code that comes bit by bit, near enough for all of it to call all of it directly. Pages are
//! inaccessible until there is code for them; they are written, then made executable, and never written again.

use super::{Code, CodeMemory};
use core::ops::Range;
use core::slice;
use std::io;
use std::sync::Arc;

/// What parts of a space start at a multiple of.
const PAGE: usize = 4096;

/// A reserved range of addresses, of which some holds code.
#[derive(Debug)]
pub struct CodeSpace {
    space: Arc<Reserved>,
    used: usize,
    parts: usize,
}

#[derive(Debug)]
struct Reserved {
    start: *mut u8,
    len: usize,
}

// SAFETY: the addresses belong to the space alone; what is there is written by `add` only, before anybody
// knows of it, and never changes afterwards.
unsafe impl Send for Reserved {}
// SAFETY: as above.
unsafe impl Sync for Reserved {}

/// Code in a space, which lives as long as any of it is in use.
#[derive(Debug)]
pub(super) struct SpacePart {
    space: Arc<Reserved>,
    range: Range<usize>,
}

impl SpacePart {
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: the range was made executable and so can be read; nobody writes there.
        unsafe { slice::from_raw_parts(self.space.start.add(self.range.start), self.range.len()) }
    }
}

impl CodeSpace {
    /// Reserves addresses for so many bytes at most.
    pub fn reserve(len: usize) -> io::Result<CodeSpace> {
        let len = len.max(1).next_multiple_of(PAGE);
        Ok(CodeSpace { space: Arc::new(Reserved::new(len)?), used: 0, parts: 0 })
    }

    /// Where code of this length goes that is added next. Not always to the start of a page: code that starts at
    /// the same place of many pages would compete for the same few lines of the processor's cache.
    pub fn next(&self, len: usize) -> usize {
        self.space.start.addr() + self.used + self.stagger(len)
    }

    /// Adds code, which lies where `next` has told.
    ///
    /// # Errors
    /// When there is no room, or the system gives no memory.
    pub fn add(&mut self, text: &[u8]) -> io::Result<CodeMemory> {
        let start = self.used + self.stagger(text.len());
        let pages = self.used..(start + text.len()).next_multiple_of(PAGE).max(self.used + PAGE);
        if pages.end > self.space.len {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.space.write(pages.clone(), start, text)?;
        (self.used, self.parts) = (pages.end, self.parts + 1);
        Ok(CodeMemory(Code::Part(SpacePart { space: self.space.clone(), range: start..start + text.len() })))
    }

    /// How far behind the start of its page code begins: within what its last page has to spare.
    fn stagger(&self, len: usize) -> usize {
        const LINE: usize = 64;
        let spare = len.next_multiple_of(PAGE).max(PAGE) - len;
        self.parts * 9 % (spare / LINE + 1) * LINE
    }
}

#[cfg(unix)]
impl Reserved {
    fn new(len: usize) -> io::Result<Reserved> {
        use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: a new mapping where the system likes it.
        let start = unsafe { mmap_anonymous(core::ptr::null_mut(), len, ProtFlags::empty(), flags) }?;
        Ok(Reserved { start: start.cast(), len })
    }

    /// Writes to pages that were never accessible, and makes them executable.
    fn write(&self, pages: Range<usize>, start: usize, text: &[u8]) -> io::Result<()> {
        use rustix::mm::{MprotectFlags, mprotect};
        // SAFETY: the pages are within the space and nobody else knows of them; the text is within the pages.
        unsafe {
            let first = self.start.add(pages.start).cast();
            mprotect(first, pages.len(), MprotectFlags::READ | MprotectFlags::WRITE)?;
            self.start.add(start).copy_from_nonoverlapping(text.as_ptr(), text.len());
            mprotect(first, pages.len(), MprotectFlags::READ | MprotectFlags::EXEC)?;
        }
        Ok(())
    }
}

#[cfg(unix)]
impl Drop for Reserved {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and nobody has a part of it any more. If it fails, it stays.
        let _ = unsafe { rustix::mm::munmap(self.start.cast(), self.len) };
    }
}

/// Where there is no compiler, there is no code.
#[cfg(not(unix))]
impl Reserved {
    fn new(_len: usize) -> io::Result<Reserved> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn write(&self, _pages: Range<usize>, _start: usize, _text: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_lies_where_it_was_told_and_stays() {
        let Ok(mut space) = CodeSpace::reserve(40 * PAGE) else { return };
        let mut parts = Vec::new();
        for n in 0..8usize {
            let text = vec![n as u8; 1 + n * 1500];
            let next = space.next(text.len());
            let part = space.add(&text).unwrap();
            assert_eq!(part.addresses(), next..next + text.len());
            parts.push((part, text));
        }
        assert!(parts.iter().map(|(part, _)| part.addresses().start % PAGE).any(|start| start != 0));
        assert!(space.add(&[0; 40 * PAGE]).is_err(), "there is no room");
        drop(space);
        assert!(parts.iter().all(|(part, text)| part.bytes() == text));
    }
}
