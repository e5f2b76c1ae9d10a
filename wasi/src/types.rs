//! The plain data of WASI preview 1: rights, flags and enumerations, with the specification's values,
//! and the permissions a host attaches to a directory it grants.
//! Specification: WASI snapshot preview 1, `types`.

use crate::errno::Errno;
use bitflags::bitflags;

bitflags! {
    /// What a descriptor may be used for; the guest can drop rights, never gain them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Rights: u64 {
        /// Invoke `fd_datasync`.
        const FD_DATASYNC = 1 << 0;
        /// Invoke `fd_read`, `fd_pread` and `sock_recv`.
        const FD_READ = 1 << 1;
        /// Invoke `fd_seek`; implies `FD_TELL`.
        const FD_SEEK = 1 << 2;
        /// Invoke `fd_fdstat_set_flags`.
        const FD_FDSTAT_SET_FLAGS = 1 << 3;
        /// Invoke `fd_sync`.
        const FD_SYNC = 1 << 4;
        /// Invoke `fd_tell`, or `fd_seek` without moving.
        const FD_TELL = 1 << 5;
        /// Invoke `fd_write`, `fd_pwrite` and `sock_send`.
        const FD_WRITE = 1 << 6;
        /// Invoke `fd_advise`.
        const FD_ADVISE = 1 << 7;
        /// Invoke `fd_allocate`.
        const FD_ALLOCATE = 1 << 8;
        /// Invoke `path_create_directory`.
        const PATH_CREATE_DIRECTORY = 1 << 9;
        /// Invoke `path_open` with `CREAT`.
        const PATH_CREATE_FILE = 1 << 10;
        /// Invoke `path_link` with the descriptor as the source directory.
        const PATH_LINK_SOURCE = 1 << 11;
        /// Invoke `path_link` with the descriptor as the target directory.
        const PATH_LINK_TARGET = 1 << 12;
        /// Invoke `path_open`.
        const PATH_OPEN = 1 << 13;
        /// Invoke `fd_readdir`.
        const FD_READDIR = 1 << 14;
        /// Invoke `path_readlink`.
        const PATH_READLINK = 1 << 15;
        /// Invoke `path_rename` with the descriptor as the source directory.
        const PATH_RENAME_SOURCE = 1 << 16;
        /// Invoke `path_rename` with the descriptor as the target directory.
        const PATH_RENAME_TARGET = 1 << 17;
        /// Invoke `path_filestat_get`.
        const PATH_FILESTAT_GET = 1 << 18;
        /// Invoke `path_open` with `TRUNC`.
        const PATH_FILESTAT_SET_SIZE = 1 << 19;
        /// Invoke `path_filestat_set_times`.
        const PATH_FILESTAT_SET_TIMES = 1 << 20;
        /// Invoke `fd_filestat_get`.
        const FD_FILESTAT_GET = 1 << 21;
        /// Invoke `fd_filestat_set_size`.
        const FD_FILESTAT_SET_SIZE = 1 << 22;
        /// Invoke `fd_filestat_set_times`.
        const FD_FILESTAT_SET_TIMES = 1 << 23;
        /// Invoke `path_symlink`.
        const PATH_SYMLINK = 1 << 24;
        /// Invoke `path_remove_directory`.
        const PATH_REMOVE_DIRECTORY = 1 << 25;
        /// Invoke `path_unlink_file`.
        const PATH_UNLINK_FILE = 1 << 26;
        /// Subscribe to the descriptor in `poll_oneoff`.
        const POLL_FD_READWRITE = 1 << 27;
        /// Invoke `sock_shutdown`.
        const SOCK_SHUTDOWN = 1 << 28;
        /// Invoke `sock_accept`.
        const SOCK_ACCEPT = 1 << 29;
    }

    /// Flags of an open descriptor.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct FdFlags: u16 {
        /// Every write goes to the end of the file.
        const APPEND = 1 << 0;
        /// Written data is on the device when the write returns.
        const DSYNC = 1 << 1;
        /// Operations that would wait fail with `Again`.
        const NONBLOCK = 1 << 2;
        /// Reads wait for pending writes of the same data.
        const RSYNC = 1 << 3;
        /// Written data and metadata are on the device when the write returns.
        const SYNC = 1 << 4;
    }

    /// Flags of `path_open`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct OFlags: u16 {
        /// Create the file if it is not there.
        const CREAT = 1 << 0;
        /// Fail if it is not a directory.
        const DIRECTORY = 1 << 1;
        /// Fail if it is there already.
        const EXCL = 1 << 2;
        /// Cut the file to length zero.
        const TRUNC = 1 << 3;
    }

    /// How the last component of a path is resolved.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct LookupFlags: u32 {
        /// Follow it if it is a symbolic link.
        const SYMLINK_FOLLOW = 1 << 0;
    }

    /// Which times `fd_filestat_set_times` and `path_filestat_set_times` set.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct FstFlags: u16 {
        /// Access time to the given value.
        const ATIM = 1 << 0;
        /// Access time to the present.
        const ATIM_NOW = 1 << 1;
        /// Modification time to the given value.
        const MTIM = 1 << 2;
        /// Modification time to the present.
        const MTIM_NOW = 1 << 3;
    }

    /// What a host lets the guest do with the entries of a directory it grants.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct DirPerms: u32 {
        /// List it and look up its entries.
        const READ = 1 << 0;
        /// Create, rename, link and remove entries, and set their times.
        const MUTATE = 1 << 1;
    }

    /// What a host lets the guest do with the files in a directory it grants.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct FilePerms: u32 {
        /// Open them for reading.
        const READ = 1 << 0;
        /// Open them for writing.
        const WRITE = 1 << 1;
    }
}

impl Rights {
    /// All that can hold for a directory itself.
    pub(crate) const DIRECTORY: Self = Self::FD_FDSTAT_SET_FLAGS
        .union(Self::FD_SYNC)
        .union(Self::PATH_CREATE_DIRECTORY)
        .union(Self::PATH_CREATE_FILE)
        .union(Self::PATH_LINK_SOURCE)
        .union(Self::PATH_LINK_TARGET)
        .union(Self::PATH_OPEN)
        .union(Self::FD_READDIR)
        .union(Self::PATH_READLINK)
        .union(Self::PATH_RENAME_SOURCE)
        .union(Self::PATH_RENAME_TARGET)
        .union(Self::PATH_FILESTAT_GET)
        .union(Self::PATH_FILESTAT_SET_SIZE)
        .union(Self::PATH_FILESTAT_SET_TIMES)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::FD_FILESTAT_SET_TIMES)
        .union(Self::PATH_SYMLINK)
        .union(Self::PATH_REMOVE_DIRECTORY)
        .union(Self::PATH_UNLINK_FILE);

    /// All that can hold for a file.
    pub(crate) const FILE: Self = Self::FD_DATASYNC
        .union(Self::FD_READ)
        .union(Self::FD_SEEK)
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_SYNC)
        .union(Self::FD_TELL)
        .union(Self::FD_WRITE)
        .union(Self::FD_ADVISE)
        .union(Self::FD_ALLOCATE)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::FD_FILESTAT_SET_SIZE)
        .union(Self::FD_FILESTAT_SET_TIMES)
        .union(Self::POLL_FD_READWRITE);

    /// What a standard input stream has.
    pub(crate) const INPUT: Self = Self::FD_READ
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::POLL_FD_READWRITE);

    /// What a standard output stream has.
    pub(crate) const OUTPUT: Self = Self::FD_WRITE
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_DATASYNC)
        .union(Self::FD_SYNC)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::POLL_FD_READWRITE);

    /// What an accepted connection has.
    pub(crate) const SOCKET: Self = Self::FD_READ
        .union(Self::FD_WRITE)
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::POLL_FD_READWRITE)
        .union(Self::SOCK_SHUTDOWN);

    /// What a listening socket has.
    pub(crate) const LISTENER: Self = Self::SOCK_ACCEPT
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::POLL_FD_READWRITE);
}

/// Reads a 16-bit flag word; a bit without meaning is `Inval`.
pub(crate) fn flags16<F: bitflags::Flags<Bits = u16>>(raw: u32) -> Result<F, Errno> {
    u16::try_from(raw).ok().and_then(F::from_bits).ok_or(Errno::Inval)
}

/// The kind of thing a descriptor or a directory entry is; the specification's kind 5, a datagram
/// socket, does not occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FileType {
    /// Not one of the others, or not known.
    Unknown = 0,
    /// A block device.
    BlockDevice = 1,
    /// A character device; a terminal among others.
    CharacterDevice = 2,
    /// A directory.
    Directory = 3,
    /// A regular file.
    RegularFile = 4,
    /// A byte-stream socket.
    SocketStream = 6,
    /// A symbolic link.
    SymbolicLink = 7,
}

impl From<rustix::fs::FileType> for FileType {
    fn from(file_type: rustix::fs::FileType) -> Self {
        use rustix::fs::FileType as Os;
        match file_type {
            Os::RegularFile => Self::RegularFile,
            Os::Directory => Self::Directory,
            Os::Symlink => Self::SymbolicLink,
            Os::CharacterDevice => Self::CharacterDevice,
            Os::BlockDevice => Self::BlockDevice,
            Os::Socket => Self::SocketStream,
            _ => Self::Unknown,
        }
    }
}

/// Which generation of the binary interface a guest was built for; a few layouts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abi {
    /// `wasi_unstable`, also called snapshot 0.
    Unstable,
    /// `wasi_snapshot_preview1`.
    Preview1,
}

/// What a file is, as `fd_filestat_get` and `path_filestat_get` report it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filestat {
    pub dev: u64,
    pub ino: u64,
    pub filetype: FileType,
    pub nlink: u64,
    pub size: u64,
    /// Nanoseconds since 1970; earlier times are given as 0.
    pub atim: u64,
    pub mtim: u64,
    pub ctim: u64,
}

impl Filestat {
    /// The report for something that is not in a file system.
    pub(crate) fn of_stream(filetype: FileType) -> Self {
        Self { dev: 0, ino: 0, filetype, nlink: 1, size: 0, atim: 0, mtim: 0, ctim: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_rights() {
        assert_eq!(Rights::all().bits(), (1 << 30) - 1);
        assert_eq!(Rights::SOCK_ACCEPT.bits(), 1 << 29);
    }

    #[test]
    fn directories_have_no_right_that_opens_for_writing() {
        let writing = Rights::FD_WRITE | Rights::FD_ALLOCATE | Rights::FD_FILESTAT_SET_SIZE;
        assert!(!Rights::DIRECTORY.intersects(writing));
    }

    #[test]
    fn unknown_flags_are_refused() {
        assert_eq!(flags16::<OFlags>(0b1001), Ok(OFlags::CREAT | OFlags::TRUNC));
        assert_eq!(flags16::<OFlags>(0b10000), Err(Errno::Inval));
        assert_eq!(flags16::<FdFlags>(0x1_0001), Err(Errno::Inval));
    }
}
