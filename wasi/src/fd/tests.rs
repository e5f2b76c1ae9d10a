//! Tests of the functions about descriptors.

use crate::call::Call;
use crate::errno::Errno;
use crate::testing::{Root, open, write_string};
use crate::types::{Abi, FdFlags, FileType, OFlags, Rights};
use std::fs;

const READ_WRITE: Rights =
    Rights::FD_READ.union(Rights::FD_WRITE).union(Rights::FD_SEEK).union(Rights::FD_TELL);

#[test]
fn preopens_are_found_by_number() {
    let root = Root::new();
    let mut ctx = root.ctx();
    let mut memory = vec![0; 256];
    let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
    assert_eq!(call.fd_prestat_get(3, 0), Ok(()));
    assert_eq!((call.mem.read_u32(0), call.mem.read_u32(4)), (Ok(0), Ok(1)));
    assert_eq!(call.fd_prestat_dir_name(3, 0, 0), Err(Errno::Nametoolong));
    assert_eq!(call.fd_prestat_dir_name(3, 0, 5), Ok(()));
    assert_eq!(call.mem.slice(0, 2), Ok(&b"/\0"[..]));
    assert_eq!(call.fd_prestat_get(4, 0), Err(Errno::Badf));
    assert_eq!(call.fd_prestat_get(0, 0), Err(Errno::Badf));
    assert_eq!(call.fd_prestat_get(3, 250), Err(Errno::Fault));
    assert_eq!(call.fd_prestat_dir_name(3, 256, 5), Err(Errno::Fault));
}

#[test]
fn seeking_and_its_rights() {
    let root = Root::new();
    fs::write(root.path("file"), "0123456789").unwrap();
    let mut ctx = root.ctx();
    let mut memory = vec![0; 256];
    let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
    let fd = open(&mut call, "file", OFlags::empty(), READ_WRITE, FdFlags::empty()).unwrap();
    assert_eq!(call.fd_seek(fd, -4i64 as u64, 2, 0), Ok(()));
    assert_eq!(call.mem.read_u64(0), Ok(6));
    assert_eq!(call.fd_seek(fd, 2, 1, 0), Ok(()));
    assert_eq!(call.fd_tell(fd, 8), Ok(()));
    assert_eq!(call.mem.read_u64(8), Ok(8));
    assert_eq!(call.fd_seek(fd, -1i64 as u64, 0, 0), Err(Errno::Inval));
    assert_eq!(call.fd_seek(fd, -100i64 as u64, 1, 0), Err(Errno::Inval));
    assert_eq!(call.fd_seek(fd, 0, 3, 0), Err(Errno::Inval));
    assert_eq!(call.fd_seek(fd, 0, 0, 250), Err(Errno::Fault));
    assert_eq!(call.fd_seek(3, 0, 0, 0), Err(Errno::Isdir));
    assert_eq!(call.fd_seek(1, 0, 0, 0), Err(Errno::Spipe));

    let tell = Rights::FD_TELL.bits();
    assert_eq!(call.fd_fdstat_set_rights(fd, tell, 0), Ok(()));
    assert_eq!(call.fd_seek(fd, 0, 1, 0), Ok(()));
    assert_eq!(call.fd_seek(fd, 1, 1, 0), Err(Errno::Notcapable));
    assert_eq!(call.fd_fdstat_set_rights(fd, READ_WRITE.bits(), 0), Err(Errno::Notcapable));
    assert_eq!(call.fd_fdstat_set_rights(fd, 1 << 40, 0), Err(Errno::Notcapable));
}

#[test]
fn the_older_generation_counts_whence_differently() {
    let root = Root::new();
    fs::write(root.path("file"), "0123456789").unwrap();
    let mut ctx = root.ctx();
    let mut memory = vec![0; 256];
    let mut call = Call::new(&mut ctx, &mut memory, Abi::Unstable);
    let fd = open(&mut call, "file", OFlags::empty(), READ_WRITE, FdFlags::empty()).unwrap();
    call.fd_seek(fd, 0, 1, 0).unwrap();
    assert_eq!(call.mem.read_u64(0), Ok(10));
    call.fd_seek(fd, -3i64 as u64, 0, 0).unwrap();
    assert_eq!(call.mem.read_u64(0), Ok(7));
    call.fd_seek(fd, 1, 2, 0).unwrap();
    assert_eq!(call.mem.read_u64(0), Ok(1));
}

#[test]
fn append_can_be_switched() {
    let root = Root::new();
    let mut ctx = root.ctx();
    let mut memory = vec![0; 256];
    let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
    let rights = READ_WRITE | Rights::FD_FDSTAT_SET_FLAGS;
    let fd = open(&mut call, "file", OFlags::CREAT, rights, FdFlags::APPEND).unwrap();
    let (ptr, len) = write_string(&mut call, 64, "abc");
    call.mem.write_u32(0, ptr).unwrap();
    call.mem.write_u32(4, len).unwrap();
    call.fd_write(fd, 0, 1, 8).unwrap();
    call.fd_seek(fd, 0, 0, 8).unwrap();
    call.fd_write(fd, 0, 1, 8).unwrap();
    assert_eq!(fs::read(root.path("file")).unwrap(), b"abcabc");
    call.fd_fdstat_set_flags(fd, 0).unwrap();
    call.fd_seek(fd, 1, 0, 8).unwrap();
    call.fd_write(fd, 0, 1, 8).unwrap();
    assert_eq!(fs::read(root.path("file")).unwrap(), b"aabcbc");
    let sync = u32::from(FdFlags::SYNC.bits());
    assert_eq!(call.fd_fdstat_set_flags(fd, sync), Err(Errno::Inval));
    assert_eq!(call.fd_fdstat_set_flags(fd, 1 << 9), Err(Errno::Inval));
}

#[test]
fn status_of_streams_and_directories() {
    let root = Root::new();
    let mut ctx = root.ctx();
    let mut memory = vec![0; 256];
    let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
    call.fd_fdstat_get(3, 0).unwrap();
    assert_eq!(call.mem.read_u8(0), Ok(FileType::Directory as u8));
    assert_eq!(call.mem.read_u64(8), Ok(Rights::DIRECTORY.bits()));
    call.fd_fdstat_get(1, 0).unwrap();
    assert_eq!(call.mem.read_u8(0), Ok(FileType::Unknown as u8));
    call.fd_filestat_get(1, 0).unwrap();
    assert_eq!(call.mem.read_u64(32), Ok(0));
    assert_eq!(call.fd_sync(3), Ok(()));
    assert_eq!(call.fd_datasync(1), Ok(()));
    assert_eq!(call.fd_sync(0), Err(Errno::Notcapable));
    assert_eq!(call.fd_close(1), Ok(()));
    assert_eq!(call.fd_close(1), Err(Errno::Badf));
    assert_eq!(call.fd_fdstat_get(1, 0), Err(Errno::Badf));
}

#[test]
fn times_and_sizes() {
    let root = Root::new();
    let mut ctx = root.ctx();
    let mut memory = vec![0; 256];
    let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
    let rights = Rights::FILE;
    let fd = open(&mut call, "file", OFlags::CREAT, rights, FdFlags::empty()).unwrap();
    call.fd_filestat_set_size(fd, 100).unwrap();
    call.fd_allocate(fd, 50, 100).unwrap();
    call.fd_advise(fd, 0, 10, 3).unwrap();
    assert_eq!(call.fd_advise(fd, 0, 10, 6), Err(Errno::Inval));
    assert_eq!(call.fd_allocate(fd, 0, 0), Err(Errno::Inval));
    assert_eq!(call.fd_filestat_set_size(fd, u64::MAX), Err(Errno::Inval));
    call.fd_filestat_set_times(fd, 1_000_000_007, 2_000_000_009, 0b101).unwrap();
    call.fd_filestat_get(fd, 0).unwrap();
    assert_eq!(call.mem.read_u64(32), Ok(150));
    assert_eq!(call.mem.read_u64(40), Ok(1_000_000_007));
    assert_eq!(call.mem.read_u64(48), Ok(2_000_000_009));
    call.fd_filestat_set_times(fd, 0, 0, 0).unwrap();
    call.fd_filestat_get(fd, 0).unwrap();
    assert_eq!(call.mem.read_u64(40), Ok(1_000_000_007));
    for both in [0b0011, 0b1100] {
        assert_eq!(call.fd_filestat_set_times(fd, 0, 0, both), Err(Errno::Inval));
    }
    assert_eq!(call.fd_filestat_set_times(fd, 0, 0, 0b10000), Err(Errno::Inval));
}

#[test]
fn positioned_reads_and_writes_leave_the_position() {
    let root = Root::new();
    fs::write(root.path("file"), "0123456789").unwrap();
    let mut ctx = root.ctx();
    let mut memory = vec![0; 256];
    let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
    let fd = open(&mut call, "file", OFlags::empty(), READ_WRITE, FdFlags::empty()).unwrap();
    // Two buffers: 4 bytes at 32 and 8 bytes at 40.
    for (at, value) in [(0, 32), (4, 4), (8, 40), (12, 8)] {
        call.mem.write_u32(at, value).unwrap();
    }
    call.fd_pread(fd, 0, 2, 3, 16).unwrap();
    assert_eq!(call.mem.read_u32(16), Ok(7));
    assert_eq!((call.mem.slice(32, 4), call.mem.slice(40, 4)), (Ok(&b"3456"[..]), Ok(&b"789\0"[..])));
    call.fd_pwrite(fd, 0, 1, 8, 16).unwrap();
    assert_eq!(fs::read(root.path("file")).unwrap(), b"012345673456");
    call.fd_tell(fd, 16).unwrap();
    assert_eq!(call.mem.read_u64(16), Ok(0));
    assert_eq!(call.fd_pread(fd, 0, 2, u64::MAX, 16), Err(Errno::Inval));
    assert_eq!(call.fd_pwrite(fd, 0, 1, u64::MAX, 16), Err(Errno::Inval));
    assert_eq!(call.fd_pread(0, 0, 2, 0, 16), Err(Errno::Spipe));
    assert_eq!(call.fd_pwrite(3, 0, 2, 0, 16), Err(Errno::Isdir));
}

#[test]
fn renumbering_replaces_what_was_granted() {
    let root = Root::new();
    fs::write(root.path("file"), "").unwrap();
    let mut ctx = root.ctx();
    let mut memory = vec![0; 256];
    let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
    let fd = open(&mut call, "file", OFlags::empty(), READ_WRITE, FdFlags::empty()).unwrap();
    assert_eq!(call.fd_renumber(fd, 99), Err(Errno::Badf));
    assert_eq!(call.fd_renumber(fd, 3), Ok(()));
    assert_eq!(call.fd_prestat_get(3, 0), Err(Errno::Badf));
    assert_eq!(call.fd_tell(3, 0), Ok(()));
    assert_eq!(call.fd_close(fd), Err(Errno::Badf));
}
