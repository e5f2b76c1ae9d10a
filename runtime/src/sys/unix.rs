//! Mappings, image files and stack bounds on Unix.

use core::cell::Cell;
use core::ffi::c_void;
use core::ops::Range;
use core::ptr::{self, NonNull};
use rustix::fd::OwnedFd;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap, mmap_anonymous, mprotect, munmap};
use std::sync::OnceLock;

/// Whether address space can be had without memory.
pub(crate) const CAN_RESERVE: bool = true;

/// Bytes of a page of the system.
pub(crate) fn page_size() -> usize {
    rustix::param::page_size()
}

/// A range of address space. Parts of it are made accessible as needed.
#[derive(Debug)]
pub(crate) struct Mapping {
    base: NonNull<u8>,
    len: usize,
    accessible: usize,
}

// SAFETY: the mapping owns its address range.
unsafe impl Send for Mapping {}
// SAFETY: it writes the memory only through `&mut self`.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Reserves whole pages, inaccessible. `None` if the system does not give them.
    pub(crate) fn reserve(len: usize) -> Option<Mapping> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: a new mapping where the system likes it.
        let base = unsafe { mmap_anonymous(ptr::null_mut(), len, ProtFlags::empty(), flags) };
        Some(Mapping { base: NonNull::new(base.ok()?.cast())?, len, accessible: 0 })
    }

    /// As `reserve`, at a multiple of `align`, a power of two not below a page.
    pub(crate) fn reserve_aligned(len: usize, align: usize) -> Option<Mapping> {
        let whole = Mapping::reserve(len.checked_add(align)?)?;
        let at = whole.base.as_ptr();
        let before = at.align_offset(align);
        let unmap = |offset: usize, len: usize| {
            // SAFETY: the range is inside of the mapping, whose ends are given up.
            len == 0 || unsafe { munmap(at.add(offset).cast(), len) }.is_ok()
        };
        if !unmap(0, before) {
            return None;
        }
        // From here on the mapping is what is left of it.
        core::mem::forget(whole);
        let base = NonNull::new(at.wrapping_add(before))?;
        let mapping = Mapping { base, len, accessible: 0 };
        unmap(before + len, align - before).then_some(mapping)
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
        if end <= self.accessible {
            return Some(());
        }
        let at = self.address(self.accessible, end - self.accessible);
        let access = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: the range is inside this mapping.
        unsafe { mprotect(at, end - self.accessible, access) }.ok()?;
        self.accessible = end;
        Some(())
    }

    /// Makes whole pages accessible, wherever they are; those that were not are zero.
    /// Not to be mixed with `make_accessible`.
    pub(crate) fn open(&mut self, range: Range<usize>) -> Option<()> {
        if range.is_empty() {
            return Some(());
        }
        let at = self.address(range.start, range.len());
        // SAFETY: the range is inside this mapping.
        unsafe { mprotect(at, range.len(), MprotectFlags::READ | MprotectFlags::WRITE) }.ok()
    }

    /// Says that all of a part will be used, so that it is better had in large pages.
    pub(crate) fn expect_use(&self, range: Range<usize>) {
        #[cfg(target_os = "linux")]
        {
            use rustix::mm::{Advice, madvise};
            let at = self.address(range.start, range.len());
            // SAFETY: the range is inside this mapping; what it holds stays.
            let _ = unsafe { madvise(at, range.len(), Advice::LinuxHugepage) };
        }
        #[cfg(not(target_os = "linux"))]
        let _ = range;
    }

    /// Makes whole pages inaccessible and gives their memory back, as far as the system can.
    pub(crate) fn close(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let at = self.address(range.start, range.len());
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED;
        // SAFETY: the range is inside this mapping and replaced as a whole.
        let closed = unsafe { mmap_anonymous(at, range.len(), ProtFlags::empty(), flags) };
        debug_assert!(closed.is_ok(), "a part of a mapping can be replaced");
    }

    /// Makes what is behind `end` inaccessible, as before `make_accessible`.
    pub(crate) fn shrink_accessible(&mut self, end: usize) {
        if end < self.accessible {
            self.close(end..self.accessible);
            self.accessible = end;
        }
    }

    /// Makes accessible bytes zero.
    pub(crate) fn zero(&mut self, range: Range<usize>) {
        assert!(range.start <= range.end && range.end <= self.len, "inside the mapping");
        // SAFETY: the range is inside the mapping; whoever asks knows that it is accessible.
        unsafe { ptr::write_bytes(self.base.as_ptr().add(range.start), 0, range.len()) };
    }

    /// Puts a file's contents over accessible pages, copy-on-write.
    pub(crate) fn map_image(&mut self, offset: usize, file: &ImageFile) -> Option<()> {
        let at = self.address(offset, file.len);
        let access = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::PRIVATE | MapFlags::FIXED;
        // SAFETY: the range is inside this mapping and replaced as a whole.
        let mapped = unsafe { mmap(at, file.len, access, flags, &file.fd, file.start) };
        mapped.ok().map(|_| ())
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

    fn address(&self, offset: usize, len: usize) -> *mut c_void {
        assert!(offset.checked_add(len).is_some_and(|end| end <= self.len), "inside the mapping");
        // SAFETY: the range is inside the mapping.
        unsafe { self.base.as_ptr().add(offset).cast() }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and nobody reaches it any more.
        let unmapped = unsafe { munmap(self.base.as_ptr().cast(), self.len) };
        debug_assert!(unmapped.is_ok(), "a mapping can be unmapped whole");
    }
}

/// A part of a file whose contents never change, to be mapped many times.
#[derive(Debug)]
pub(crate) struct ImageFile {
    fd: OwnedFd,
    /// Where it starts in the file, at a page.
    start: u64,
    len: usize,
    /// The contents to be read here, mapped when they are first asked for.
    view: OnceLock<Option<Mapping>>,
}

impl ImageFile {
    /// A file of so many bytes, zero but for the chunks at their offsets. `None` if
    /// the system has no such files or does not give one.
    #[cfg(target_os = "linux")]
    pub(crate) fn new<'a>(len: usize, chunks: impl Iterator<Item = (usize, &'a [u8])>) -> Option<ImageFile> {
        use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
        let fd = memfd_create("wasm-memory-image", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).ok()?;
        ftruncate(&fd, len as u64).ok()?;
        write_chunks(&fd, chunks)?;
        let seals = SealFlags::GROW | SealFlags::SHRINK | SealFlags::WRITE | SealFlags::SEAL;
        fcntl_add_seals(&fd, seals).ok()?;
        Some(ImageFile { fd, start: 0, len, view: OnceLock::new() })
    }

    /// So many bytes of a file that nobody changes, from the start of a page on. `None` where that cannot be.
    pub(crate) fn of_file(file: std::fs::File, start: u64, len: usize) -> Option<ImageFile> {
        let page = page_size();
        let whole = start.is_multiple_of(page as u64) && len.is_multiple_of(page) && len > 0;
        whole.then(|| ImageFile { fd: file.into(), start, len, view: OnceLock::new() })
    }

    /// The contents. `None` if the system does not map them.
    pub(crate) fn contents(&self) -> Option<&[u8]> {
        let view = self.view.get_or_init(|| {
            let (flags, access) = (MapFlags::SHARED, ProtFlags::READ);
            // SAFETY: a new mapping where the system likes it.
            let base = unsafe { mmap(ptr::null_mut(), self.len, access, flags, &self.fd, self.start) };
            Some(Mapping { base: NonNull::new(base.ok()?.cast())?, len: self.len, accessible: 0 })
        });
        let base = view.as_ref()?.base();
        // SAFETY: so much is mapped as long as the file is ours, and nobody changes it.
        Some(unsafe { core::slice::from_raw_parts(base, self.len) })
    }

    /// No such files here.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn new<'a>(
        _len: usize,
        _chunks: impl Iterator<Item = (usize, &'a [u8])>,
    ) -> Option<ImageFile> {
        None
    }
}

/// Writes chunks one after the other. Small ones that lie close together are written at
/// once: a module may have tens of thousands.
#[cfg(target_os = "linux")]
fn write_chunks<'a>(fd: &OwnedFd, chunks: impl Iterator<Item = (usize, &'a [u8])>) -> Option<()> {
    /// Bytes to collect.
    const BATCH: usize = 64 << 10;
    /// The largest gap that is written as zeros.
    const GAP: usize = 256;
    let mut batch = Vec::new();
    let mut start = 0;
    // Only behind this is a gap known to be empty.
    let mut written_to = 0;
    for (offset, bytes) in chunks {
        let end = start + batch.len();
        let close = offset == end || offset > end && offset - end <= GAP && end >= written_to;
        if !close || batch.len() + GAP + bytes.len() > BATCH {
            write_all(fd, &batch, start as u64)?;
            written_to = written_to.max(end);
            batch.clear();
            start = offset;
        }
        if bytes.len() >= BATCH {
            write_all(fd, bytes, offset as u64)?;
            written_to = written_to.max(offset + bytes.len());
            start = offset + bytes.len();
        } else {
            batch.resize(offset - start, 0);
            batch.extend_from_slice(bytes);
        }
    }
    write_all(fd, &batch, start as u64)
}

#[cfg(target_os = "linux")]
fn write_all(fd: &OwnedFd, mut bytes: &[u8], mut offset: u64) -> Option<()> {
    while !bytes.is_empty() {
        let written = rustix::io::retry_on_intr(|| rustix::io::pwrite(fd, bytes, offset)).ok()?;
        if written == 0 {
            return None;
        }
        bytes = &bytes[written..];
        offset += written as u64;
    }
    Some(())
}

/// The address range of the running thread's stack; `None` where the system does
/// not tell.
pub(crate) fn native_stack() -> Option<Range<usize>> {
    thread_local! {
        /// Start and end, both zero if unknown. Asking takes long on a main thread.
        static BOUNDS: Cell<Option<(usize, usize)>> = const { Cell::new(None) };
    }
    let (start, end) = BOUNDS.get().unwrap_or_else(|| {
        let bounds = ask_stack_bounds().unwrap_or((0, 0));
        BOUNDS.set(Some(bounds));
        bounds
    });
    (start < end).then_some(start..end)
}

#[cfg(target_os = "linux")]
fn ask_stack_bounds() -> Option<(usize, usize)> {
    let mut attributes = core::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: the attributes are filled by the first call, read and destroyed once.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let mut start = ptr::null_mut();
        let mut len = 0;
        let result = libc::pthread_attr_getstack(attributes.as_ptr(), &mut start, &mut len);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        (result == 0).then(|| (start.addr(), start.addr() + len))
    }
}

#[cfg(target_os = "macos")]
fn ask_stack_bounds() -> Option<(usize, usize)> {
    // SAFETY: both only read the thread's description.
    let (end, len) = unsafe {
        let thread = libc::pthread_self();
        (libc::pthread_get_stackaddr_np(thread).addr(), libc::pthread_get_stacksize_np(thread))
    };
    Some((end.checked_sub(len)?, end))
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn ask_stack_bounds() -> Option<(usize, usize)> {
    None
}
