//! Tests that nothing outside a granted directory can be reached, and that a read-only grant is one.

use crate::call::Call;
use crate::ctx::{WasiCtx, WasiCtxBuilder};
use crate::errno::Errno;
use crate::testing::{Root, open, write_string};
use crate::types::{Abi, DirPerms, FdFlags, FilePerms, OFlags, Rights};
use std::fs;
use std::os::unix::fs::symlink;

/// A function with two paths: a directory, pointer and length, and again.
type TwoPaths = fn(&mut Call<'_>, u32, (u32, u32), u32, (u32, u32)) -> Result<(), Errno>;

/// A context and a memory to call with.
struct Guest {
    ctx: WasiCtx,
    memory: Vec<u8>,
}

impl Guest {
    fn new(ctx: WasiCtx) -> Self {
        Self { ctx, memory: vec![0; 16384] }
    }

    fn call(&mut self) -> Call<'_> {
        Call::new(&mut self.ctx, &mut self.memory, Abi::Preview1)
    }

    fn open(&mut self, path: &str) -> Result<u32, Errno> {
        open(&mut self.call(), path, OFlags::empty(), Rights::FD_READ, FdFlags::empty())
    }

    fn create(&mut self, path: &str) -> Result<u32, Errno> {
        open(&mut self.call(), path, OFlags::CREAT, Rights::FD_WRITE, FdFlags::empty())
    }

    /// Runs a function that takes one path.
    fn with(
        &mut self,
        path: &str,
        f: fn(&mut Call<'_>, u32, u32, u32) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let mut call = self.call();
        let (ptr, len) = write_string(&mut call, 1024, path);
        f(&mut call, 3, ptr, len)
    }

    /// Runs a function that takes two paths in the given directories.
    fn with_two(
        &mut self,
        (from_fd, from): (u32, &str),
        (to_fd, to): (u32, &str),
        f: TwoPaths,
    ) -> Result<(), Errno> {
        let mut call = self.call();
        let from = write_string(&mut call, 1024, from);
        let to = write_string(&mut call, 8192, to);
        f(&mut call, from_fd, from, to_fd, to)
    }
}

fn rename(
    call: &mut Call<'_>,
    from_fd: u32,
    from: (u32, u32),
    to_fd: u32,
    to: (u32, u32),
) -> Result<(), Errno> {
    call.path_rename(from_fd, from.0, from.1, to_fd, to.0, to.1)
}

fn link(
    call: &mut Call<'_>,
    from_fd: u32,
    from: (u32, u32),
    to_fd: u32,
    to: (u32, u32),
) -> Result<(), Errno> {
    call.path_link(from_fd, 0, from.0, from.1, to_fd, to.0, to.1)
}

fn symlink_to(call: &mut Call<'_>, _: u32, text: (u32, u32), fd: u32, at: (u32, u32)) -> Result<(), Errno> {
    call.path_symlink(text.0, text.1, fd, at.0, at.1)
}

fn path_create_directory(call: &mut Call<'_>, fd: u32, path: u32, len: u32) -> Result<(), Errno> {
    call.path_create_directory(fd, path, len)
}

fn path_remove_directory(call: &mut Call<'_>, fd: u32, path: u32, len: u32) -> Result<(), Errno> {
    call.path_remove_directory(fd, path, len)
}

fn path_unlink_file(call: &mut Call<'_>, fd: u32, path: u32, len: u32) -> Result<(), Errno> {
    call.path_unlink_file(fd, path, len)
}

fn filestat(call: &mut Call<'_>, fd: u32, path: u32, len: u32) -> Result<(), Errno> {
    call.path_filestat_get(fd, 1, path, len, 0)
}

fn set_times(call: &mut Call<'_>, fd: u32, path: u32, len: u32) -> Result<(), Errno> {
    call.path_filestat_set_times(fd, 1, path, len, 0, 0, 0b1010)
}

fn readlink(call: &mut Call<'_>, fd: u32, path: u32, len: u32) -> Result<(), Errno> {
    call.path_readlink(fd, path, len, 0, 64, 64)
}

/// A root with a file outside that must not be reached, and every way there that a host might have left.
fn tempting() -> Root {
    let root = Root::new();
    fs::write(root.outside("secret"), "secret").unwrap();
    fs::create_dir(root.outside("dir")).unwrap();
    fs::create_dir_all(root.path("a/b")).unwrap();
    symlink("../secret", root.path("up")).unwrap();
    symlink(root.outside("secret"), root.path("absolute")).unwrap();
    symlink("..", root.path("parent")).unwrap();
    symlink("../../..", root.path("a/b/far")).unwrap();
    symlink("a/b/far", root.path("chain")).unwrap();
    symlink("/", root.path("slash")).unwrap();
    symlink("../dir/new", root.path("dangling")).unwrap();
    root
}

const WAYS_OUT: [&str; 12] = [
    "../secret",
    "a/../../secret",
    "./a/b/../../../secret",
    "/etc/passwd",
    "/",
    "..",
    "up",
    "absolute",
    "parent/secret",
    "a/b/far/secret",
    "chain/secret",
    "slash/etc/passwd",
];

#[test]
fn no_way_out_by_reading() {
    let root = tempting();
    let mut guest = Guest::new(root.ctx());
    for path in WAYS_OUT {
        assert_eq!(guest.open(path), Err(Errno::Notcapable), "open {path}");
        assert_eq!(guest.with(path, filestat), Err(Errno::Notcapable), "stat {path}");
        assert_eq!(guest.with(path, set_times), Err(Errno::Notcapable), "set times {path}");
    }
    for path in ["../secret", "/etc/passwd", "parent/secret", "chain/secret"] {
        assert_eq!(guest.with(path, readlink), Err(Errno::Notcapable), "readlink {path}");
    }
}

#[test]
fn no_way_out_by_changing() {
    let root = tempting();
    let mut guest = Guest::new(root.ctx());
    for path in ["../new", "/tmp/new", "parent/new", "a/b/far/new", "chain/new", "dangling", "../dir/"] {
        assert!(guest.create(path).is_err(), "create {path}");
        if path != "dangling" {
            let made = guest.with(path, path_create_directory);
            assert_eq!(made, Err(Errno::Notcapable), "mkdir {path}");
        }
    }
    for path in ["../secret", "parent/secret", "a/b/far/secret"] {
        assert_eq!(guest.with(path, path_unlink_file), Err(Errno::Notcapable), "unlink {path}");
    }
    for path in ["../dir", "../dir/", "parent/dir", "chain/dir"] {
        assert_eq!(guest.with(path, path_remove_directory), Err(Errno::Notcapable), "rmdir {path}");
    }
    assert_eq!(fs::read(root.outside("secret")).unwrap(), b"secret");
    let left: Vec<_> = fs::read_dir(root.outside("dir")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!root.outside("new").exists());
}

#[test]
fn no_way_out_by_linking_or_moving() {
    let root = tempting();
    fs::write(root.path("file"), "").unwrap();
    let mut guest = Guest::new(root.ctx());
    for path in ["../secret", "parent/secret", "chain/secret", "../dir/"] {
        for f in [rename, link] {
            assert_eq!(guest.with_two((3, path), (3, "here"), f), Err(Errno::Notcapable), "from {path}");
        }
    }
    for path in ["../here", "/tmp/here", "parent/here", "chain/dir/here", "../dir/here/"] {
        for f in [rename, link] {
            assert_eq!(guest.with_two((3, "file"), (3, path), f), Err(Errno::Notcapable), "to {path}");
        }
        assert_eq!(guest.with_two((3, "x"), (3, path), symlink_to), Err(Errno::Notcapable), "at {path}");
    }
    assert_eq!(guest.with_two((3, "/etc/passwd"), (3, "link"), symlink_to), Err(Errno::Notcapable));
    // A relative link that leads out may be made, and leads nowhere.
    assert_eq!(guest.with_two((3, "../../secret"), (3, "a/link"), symlink_to), Ok(()));
    assert_eq!(guest.open("a/link"), Err(Errno::Notcapable));
    // A hard link to a symbolic link is one to the link.
    assert_eq!(guest.with_two((3, "up"), (3, "linked"), link), Ok(()));
    assert_eq!(guest.open("linked"), Err(Errno::Notcapable));
    // Moving a link deeper does not let it lead elsewhere.
    assert_eq!(guest.with_two((3, "parent"), (3, "a/parent"), rename), Ok(()));
    assert_eq!(guest.open("a/parent/../secret"), Err(Errno::Notcapable));
    assert!(!root.outside("here").exists() && !root.outside("dir/here").exists());
}

#[test]
fn an_opened_directory_is_no_way_out_either() {
    let root = tempting();
    let mut guest = Guest::new(root.ctx());
    let mut call = guest.call();
    let (ptr, len) = write_string(&mut call, 1024, "a/b");
    let (base, inheriting) = (Rights::DIRECTORY.bits(), (Rights::DIRECTORY | Rights::FILE).bits());
    call.path_open(3, 0, ptr, len, 2, base, inheriting, 0, 0).unwrap();
    let fd = call.mem.read_u32(0).unwrap();
    for path in ["..", "../..", "../../a", "far", "/"] {
        let (ptr, len) = write_string(&mut call, 1024, path);
        let opened = call.path_open(fd, 1, ptr, len, 0, 0, 0, 0, 0);
        assert_eq!(opened, Err(Errno::Notcapable), "{path}");
    }
    // Not even when it is moved.
    assert_eq!(guest.with_two((3, "a/b"), (3, "b"), rename), Ok(()));
    let mut call = guest.call();
    let (ptr, len) = write_string(&mut call, 1024, "../up");
    assert_eq!(call.path_open(fd, 1, ptr, len, 0, 0, 0, 0, 0), Err(Errno::Notcapable));
}

#[test]
fn trailing_slashes_mean_directories() {
    let root = Root::new();
    fs::create_dir(root.path("dir")).unwrap();
    fs::write(root.path("file"), "").unwrap();
    let mut guest = Guest::new(root.ctx());
    assert!(guest.open("dir/").is_ok());
    assert!(guest.open("dir//.///").is_ok());
    assert_eq!(guest.open("file/"), Err(Errno::Notdir));
    assert_eq!(guest.with("file/", path_unlink_file), Err(Errno::Notdir));
    assert_eq!(guest.with("dir/", path_unlink_file), Err(Errno::Isdir));
    assert!(guest.create("new/").is_err());
    assert_eq!(guest.with_two((3, "file"), (3, "link/"), link), Err(Errno::Noent));
    assert_eq!(guest.with_two((3, "file"), (3, "link/"), symlink_to), Err(Errno::Noent));
    assert_eq!(guest.with("made/", path_create_directory), Ok(()));
    assert_eq!(guest.with("made/", path_remove_directory), Ok(()));
}

#[test]
fn bad_paths() {
    let root = Root::new();
    let mut guest = Guest::new(root.ctx());
    let mut call = guest.call();
    call.mem.write(1024, b"\xff").unwrap();
    assert_eq!(call.path_create_directory(3, 1024, 1), Err(Errno::Ilseq));
    assert_eq!(call.path_create_directory(3, 1024, 5000), Err(Errno::Nametoolong));
    assert_eq!(call.path_create_directory(3, 16384, 1), Err(Errno::Fault));
    assert_eq!(call.path_create_directory(3, u32::MAX, 4096), Err(Errno::Fault));
    assert_eq!(guest.with("", path_create_directory), Err(Errno::Noent));
    assert_eq!(guest.with("a\0b", path_create_directory), Err(Errno::Inval));
    assert_eq!(guest.with(&"x".repeat(300), path_create_directory), Err(Errno::Nametoolong));
    assert_eq!(guest.open("file").err(), Some(Errno::Noent));
}

#[test]
fn a_read_only_grant_stays_so() {
    let root = Root::new();
    fs::write(root.path("file"), "text").unwrap();
    fs::create_dir(root.path("dir")).unwrap();
    let mut guest = Guest::new(root.ctx_with(DirPerms::READ, FilePerms::READ));
    assert!(guest.open("file").is_ok());
    assert!(guest.with("file", filestat).is_ok());
    assert_eq!(guest.create("file"), Err(Errno::Rofs));
    let mut call = guest.call();
    let read = Rights::FD_READ;
    assert_eq!(open(&mut call, "new", OFlags::CREAT, read, FdFlags::empty()), Err(Errno::Rofs));
    assert!(open(&mut call, "file", OFlags::CREAT, read, FdFlags::empty()).is_ok());
    assert_eq!(open(&mut call, "file", OFlags::TRUNC, read, FdFlags::empty()), Err(Errno::Rofs));
    let times = Rights::FD_FILESTAT_SET_TIMES;
    let fd = open(&mut call, "file", OFlags::empty(), times, FdFlags::empty()).unwrap();
    assert_eq!(call.fd_filestat_set_times(fd, 0, 0, 0b1010), Err(Errno::Rofs));
    assert_eq!(call.fd_filestat_set_times(3, 0, 0, 0b1010), Err(Errno::Rofs));
    assert_eq!(guest.with("new", path_create_directory), Err(Errno::Rofs));
    assert_eq!(guest.with("dir", path_remove_directory), Err(Errno::Rofs));
    assert_eq!(guest.with("file", path_unlink_file), Err(Errno::Rofs));
    assert_eq!(guest.with("file", set_times), Err(Errno::Rofs));
    for f in [rename, link, symlink_to] {
        assert_eq!(guest.with_two((3, "file"), (3, "new"), f), Err(Errno::Rofs));
    }
    assert_eq!(fs::read(root.path("file")).unwrap(), b"text");
}

#[test]
fn files_do_not_move_to_where_more_is_permitted() {
    let root = Root::new();
    fs::create_dir(root.path("keep")).unwrap();
    fs::create_dir(root.path("work")).unwrap();
    fs::write(root.path("keep/file"), "text").unwrap();
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(root.path("keep"), "/keep", DirPerms::all(), FilePerms::READ).unwrap();
    builder.preopened_dir(root.path("work"), "/work", DirPerms::all(), FilePerms::all()).unwrap();
    let mut guest = Guest::new(builder.build());
    for f in [rename, link] {
        assert_eq!(guest.with_two((3, "file"), (4, "file"), f), Err(Errno::Xdev));
    }
    fs::write(root.path("work/made"), "").unwrap();
    assert_eq!(guest.with_two((4, "made"), (3, "made"), rename), Ok(()));
}

#[test]
fn without_the_permission_to_read() {
    let root = Root::new();
    fs::write(root.path("file"), "text").unwrap();
    let mut guest = Guest::new(root.ctx_with(DirPerms::all(), FilePerms::WRITE));
    assert_eq!(guest.open("file"), Err(Errno::Acces));
    assert!(guest.create("file").is_ok());
    let mut guest = Guest::new(root.ctx_with(DirPerms::MUTATE, FilePerms::all()));
    assert_eq!(guest.open("file"), Err(Errno::Acces));
    assert_eq!(guest.call().fd_readdir(3, 0, 64, 0, 64), Err(Errno::Acces));
}

#[test]
fn rights_only_shrink() {
    let root = Root::new();
    fs::write(root.path("file"), "text").unwrap();
    let mut guest = Guest::new(root.ctx());
    let mut call = guest.call();
    let inheriting = Rights::FD_READ.bits();
    call.fd_fdstat_set_rights(3, Rights::PATH_OPEN.bits(), inheriting).unwrap();
    let mut try_open = |oflags, rights| open(&mut call, "file", oflags, rights, FdFlags::empty());
    assert!(try_open(OFlags::empty(), Rights::FD_READ).is_ok());
    assert_eq!(try_open(OFlags::empty(), Rights::FD_WRITE), Err(Errno::Notcapable));
    assert_eq!(try_open(OFlags::CREAT, Rights::FD_READ), Err(Errno::Notcapable));
    assert_eq!(try_open(OFlags::TRUNC, Rights::FD_READ), Err(Errno::Notcapable));
    assert_eq!(guest.with("dir", path_create_directory), Err(Errno::Notcapable));
    assert_eq!(guest.with("file", filestat), Err(Errno::Notcapable));
    assert_eq!(guest.with("file", path_unlink_file), Err(Errno::Notcapable));
}

#[test]
fn the_table_has_an_end() {
    let root = Root::new();
    fs::write(root.path("file"), "text").unwrap();
    let mut builder = WasiCtxBuilder::new();
    builder.max_descriptors(6);
    builder.preopened_dir(root.path(""), "/", DirPerms::all(), FilePerms::all()).unwrap();
    let mut guest = Guest::new(builder.build());
    assert_eq!(guest.open("file"), Ok(4));
    assert_eq!(guest.open("file"), Ok(5));
    assert_eq!(guest.create("unmade"), Err(Errno::Mfile));
    assert!(!root.path("unmade").exists());
    guest.call().fd_close(4).unwrap();
    assert_eq!(guest.open("file"), Ok(4));
}

#[test]
fn a_pipe_in_a_directory_does_not_hold_the_host() {
    let root = Root::new();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, root.path("pipe"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let ctx = WasiCtxBuilder::new()
        .preopened_dir(root.path(""), "/", DirPerms::all(), FilePerms::all())
        .unwrap()
        .interrupt_hook(|| true)
        .build();
    let mut guest = Guest::new(ctx);
    let mut call = guest.call();
    let both = Rights::FD_READ | Rights::FD_WRITE;
    let fd = open(&mut call, "pipe", OFlags::empty(), both, FdFlags::empty()).unwrap();
    call.mem.write_u32(4, 8).unwrap();
    assert_eq!(call.fd_read(fd, 0, 1, 64), Err(Errno::Intr));
    assert!(open(&mut call, "pipe", OFlags::empty(), Rights::FD_READ, FdFlags::empty()).is_ok());
    assert_eq!(guest.call().fd_close(fd), Ok(()));
    // Nobody has it open now.
    assert_eq!(guest.with("pipe", set_times), Ok(()));
    assert_eq!(guest.with("pipe", filestat), Ok(()));
}
