//! `fd_readdir`: a directory's entries, a buffer at a time.
//! An entry's cookie is its index; the stream stays open between calls, so that a guest that reads on
//! where it stopped (and may have removed what it read) misses nothing and nothing is read twice.

use crate::call::Call;
use crate::ctx::{Interrupt, Progress, WasiCtx};
use crate::errno::Errno;
use crate::table::Object;
use crate::types::{FileType, Rights};
use rustix::fs::{Dir, Mode, OFlags, fstat, openat};
use std::os::fd::AsFd;

/// An open directory's stream of entries.
pub(crate) struct Listing {
    stream: Dir,
    /// Reported for `.` and for `..`: what lies above a granted directory is not the guest's business.
    ino: u64,
    /// The index of the entry that [`Listing::next`] gives.
    position: u64,
    /// The entry at `position`, if it was read but did not fit.
    pending: Option<Entry>,
    /// Bytes of entries that were passed over and are not counted yet.
    passed: u64,
}

struct Entry {
    ino: u64,
    filetype: FileType,
    name: Vec<u8>,
}

const HEADER: usize = 24;

/// So many entries are read between two questions whether the host wants its thread back.
const ENTRIES: u64 = 1024;

impl Listing {
    fn new(dir: &cap_std::fs::Dir) -> Result<Self, Errno> {
        // A descriptor of its own: the position in the stream belongs to the open file.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = openat(dir.as_fd(), ".", flags, Mode::empty())?;
        let ino = fstat(&fd)?.st_ino;
        Ok(Self { stream: Dir::new(fd)?, ino, position: 0, pending: None, passed: 0 })
    }

    /// Makes the entry with index `cookie` the next one. From the start the directory is read anew.
    fn seek(&mut self, cookie: u64, interrupt: &Interrupt) -> Result<(), Errno> {
        if cookie == 0 || cookie < self.position {
            self.stream.rewind();
            self.position = 0;
            self.pending = None;
        }
        while self.position < cookie {
            let Some(entry) = self.next(interrupt)? else { break };
            self.passed += (HEADER + entry.name.len()) as u64;
        }
        Ok(())
    }

    /// Fails as interrupted in the place where it was.
    fn next(&mut self, interrupt: &Interrupt) -> Result<Option<Entry>, Errno> {
        if self.position > 0 && self.position.is_multiple_of(ENTRIES) && interrupt.requested() {
            return Err(Errno::Intr);
        }
        let entry = match self.pending.take() {
            Some(entry) => Some(entry),
            None if self.position == 0 => Some(self.dots(b".")),
            None if self.position == 1 => Some(self.dots(b"..")),
            None => self.read()?,
        };
        self.position += u64::from(entry.is_some());
        Ok(entry)
    }

    /// Undoes the [`Listing::next`] that gave `entry`.
    fn put_back(&mut self, entry: Entry) {
        self.position -= 1;
        self.pending = Some(entry);
    }

    fn dots(&self, name: &[u8]) -> Entry {
        Entry { ino: self.ino, filetype: FileType::Directory, name: name.to_vec() }
    }

    /// The stream's next entry that the guest could open: a name that is not UTF-8 has no path.
    fn read(&mut self) -> Result<Option<Entry>, Errno> {
        while let Some(entry) = self.stream.read() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." && str::from_utf8(name).is_ok() {
                let filetype = entry.file_type().into();
                return Ok(Some(Entry { ino: entry.ino(), filetype, name: name.to_vec() }));
            }
        }
        Ok(None)
    }
}

impl Entry {
    fn header(&self, next: u64) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[0..8].copy_from_slice(&next.to_le_bytes());
        header[8..16].copy_from_slice(&self.ino.to_le_bytes());
        header[16..20].copy_from_slice(&(self.name.len() as u32).to_le_bytes());
        header[20] = self.filetype as u8;
        header
    }
}

impl Call<'_> {
    /// Fills the buffer with entries from `cookie` on, the last one cut if it does not fit; a buffer
    /// that is not full is the end. Where it is interrupted, part of the buffer may have been filled.
    pub(crate) fn fd_readdir(
        &mut self,
        fd: u32,
        buffer: u32,
        len: u32,
        cookie: u64,
        used: u32,
    ) -> Result<(), Errno> {
        self.mem.check(used, 4)?;
        if self.ctx.table.dir(fd, Rights::FD_READDIR)?.readable()?.listing.is_none() {
            self.ctx.table.check_room()?;
        }
        let WasiCtx { table, interrupt, .. } = &mut *self.ctx;
        let Object::Dir(dir) = &mut table.get_mut(fd)?.object else { return Err(Errno::Notdir) };
        let mut listing = match dir.listing.take() {
            Some(listing) => listing,
            None => Listing::new(&dir.dir)?,
        };
        let before = interrupt.take_given();
        let mut written = before as usize;
        let bytes = self.mem.slice_mut(buffer, len)?;
        let sought = if written > 0 { Ok(()) } else { listing.seek(cookie, interrupt) };
        let result = sought.and_then(|()| fill(&mut listing, bytes, &mut written, interrupt));
        let written = written as u32;
        self.mem.count_moved(core::mem::take(&mut listing.passed) + u64::from(written - before));
        match result {
            Ok(()) => {
                dir.listing = Some(listing);
                self.mem.write_u32(used, written)
            }
            Err(Errno::Intr) => {
                dir.listing = Some(listing);
                Err(interrupt.stopped(Progress::Given(written)))
            }
            Err(error) => Err(error),
        }
    }
}

/// Writes entries behind what is `written`.
fn fill(
    listing: &mut Listing,
    buffer: &mut [u8],
    written: &mut usize,
    interrupt: &Interrupt,
) -> Result<(), Errno> {
    while let Some(rest @ [_, ..]) = buffer.get_mut(*written..) {
        let Some(entry) = listing.next(interrupt)? else { break };
        let header = copy(rest, &entry.header(listing.position));
        let named = copy(&mut rest[header..], &entry.name);
        *written += header + named;
        if named < entry.name.len() {
            listing.put_back(entry);
            break;
        }
    }
    Ok(())
}

/// Copies as much of `bytes` as fits and returns how much that is.
fn copy(buffer: &mut [u8], bytes: &[u8]) -> usize {
    let len = bytes.len().min(buffer.len());
    buffer[..len].copy_from_slice(&bytes[..len]);
    len
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctx::WasiCtxBuilder;
    use crate::testing::{Root, write_string};
    use crate::types::{DirPerms, FilePerms};
    use std::collections::BTreeSet;
    use std::fs;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// All names, read with a buffer of `len` bytes as a C library does, which also asks that no
    /// cookie repeats.
    fn names(call: &mut Call<'_>, len: u32) -> Vec<String> {
        let (mut names, mut cookie) = (Vec::new(), 0);
        loop {
            call.fd_readdir(3, 64, len, cookie, 0).unwrap();
            let used = call.mem.read_u32(0).unwrap();
            let (mut at, before) = (64, cookie);
            while at + 24 <= 64 + used {
                let name_len = call.mem.read_u32(at + 16).unwrap();
                if at + 24 + name_len > 64 + used {
                    break;
                }
                cookie = call.mem.read_u64(at).unwrap();
                let name = call.mem.slice(at + 24, name_len).unwrap();
                names.push(String::from_utf8(name.to_vec()).unwrap());
                at += 24 + name_len;
            }
            if used < len {
                return names;
            }
            assert!(cookie > before, "no progress");
        }
    }

    #[test]
    fn every_entry_once_whatever_the_buffer() {
        let root = Root::new();
        for index in 0..100 {
            fs::write(root.path(&format!("file-{index}")), "").unwrap();
        }
        let mut ctx = root.ctx();
        let mut memory = vec![0; 8192];
        let mut call = Call::new(&mut ctx, &mut memory, crate::types::Abi::Preview1);
        for len in [64, 100, 256, 4096, 8000] {
            let found = names(&mut call, len);
            assert_eq!(found[..2], [".", ".."]);
            assert_eq!(found.len(), 102);
            assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 102);
        }
    }

    #[test]
    fn removing_while_reading_misses_nothing() {
        let root = Root::new();
        for index in 0..50 {
            fs::write(root.path(&format!("{index}")), "").unwrap();
        }
        let mut ctx = root.ctx();
        let mut memory = vec![0; 4096];
        let mut call = Call::new(&mut ctx, &mut memory, crate::types::Abi::Preview1);
        let (mut cookie, mut removed) = (0, 0);
        loop {
            // One entry: a header and room for the longest name.
            call.fd_readdir(3, 64, 26, cookie, 0).unwrap();
            let used = call.mem.read_u32(0).unwrap();
            if used < 24 {
                break;
            }
            cookie = call.mem.read_u64(64).unwrap();
            let len = call.mem.read_u32(64 + 16).unwrap();
            let name = str::from_utf8(call.mem.slice(64 + 24, len).unwrap()).unwrap().to_owned();
            if !name.starts_with('.') {
                let (ptr, len) = write_string(&mut call, 1024, &name);
                call.path_unlink_file(3, ptr, len).unwrap();
                removed += 1;
            }
        }
        assert_eq!(removed, 50);
    }

    #[test]
    fn a_listing_counts_as_a_descriptor() {
        let root = Root::new();
        fs::create_dir(root.path("a")).unwrap();
        let mut builder = WasiCtxBuilder::new();
        builder.preopened_dir(root.path(""), "/", DirPerms::all(), FilePerms::all()).unwrap();
        let mut ctx = builder.max_descriptors(7).build();
        let mut memory = vec![0; 4096];
        let mut call = Call::new(&mut ctx, &mut memory, crate::types::Abi::Preview1);
        let (path, len) = write_string(&mut call, 1024, "a");
        let rights = Rights::FD_READDIR.bits();
        let open = |call: &mut Call<'_>| call.path_open(3, 0, path, len, 2, rights, 0, 0, 0);
        // Three streams and the granted folder are there: with two more, one listing has room.
        assert_eq!((open(&mut call), open(&mut call)), (Ok(()), Ok(())));
        assert_eq!(call.fd_readdir(4, 64, 64, 0, 0), Ok(()));
        assert_eq!(call.fd_readdir(4, 64, 64, 0, 0), Ok(()));
        assert_eq!(call.fd_readdir(5, 64, 64, 0, 0), Err(Errno::Mfile));
        assert_eq!(open(&mut call), Err(Errno::Mfile));
        assert_eq!(call.fd_close(4), Ok(()));
        assert_eq!(call.fd_readdir(5, 64, 64, 0, 0), Ok(()));
    }

    #[test]
    fn hostile_cookies_and_buffers() {
        let root = Root::new();
        let mut ctx = root.ctx();
        let mut memory = vec![0; 128];
        let mut call = Call::new(&mut ctx, &mut memory, crate::types::Abi::Preview1);
        assert_eq!(call.fd_readdir(3, 64, 64, u64::MAX, 0), Ok(()));
        assert_eq!(call.mem.read_u32(0), Ok(0));
        assert_eq!(call.fd_readdir(3, 64, 65, 0, 0), Err(Errno::Fault));
        assert_eq!(call.fd_readdir(3, 64, u32::MAX, 0, 0), Err(Errno::Fault));
        assert_eq!(call.fd_readdir(3, 64, 64, 0, 125), Err(Errno::Fault));
        assert_eq!(call.fd_readdir(0, 64, 64, 0, 0), Err(Errno::Notdir));
        assert_eq!(call.fd_readdir(3, 64, 10, 0, 0), Ok(()));
        assert_eq!(call.mem.read_u32(0), Ok(10));
    }

    #[test]
    fn entries_that_are_passed_over_count_and_can_be_interrupted() {
        let root = Root::new();
        for index in 0..3000 {
            fs::write(root.path(&format!("{index}")), "").unwrap();
        }
        // Every second question is answered with yes.
        let asked = AtomicU32::new(0);
        let mut builder = WasiCtxBuilder::new();
        builder.interrupt_hook(move || asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(2));
        builder.preopened_dir(root.path(""), "/", DirPerms::all(), FilePerms::all()).unwrap();
        let mut ctx = builder.build();
        let mut memory = vec![0; 200_000];
        let mut call = Call::new(&mut ctx, &mut memory, crate::types::Abi::Preview1);
        // What was passed over is not passed over again.
        for _ in 0..2 {
            assert_eq!(call.fd_readdir(3, 64, 100, 2900, 0), Err(Errno::Intr));
        }
        assert_eq!(call.fd_readdir(3, 64, 100, 2900, 0), Ok(()));
        assert!((2900 * 25..2900 * 30).contains(&call.mem.moved()), "{}", call.mem.moved());
        // A directory is not given in part: that would be its end.
        assert_eq!(call.fd_readdir(3, 64, 199_000, 0, 0), Err(Errno::Intr));
    }
}
