//! `path_open`.
//! Three things must agree before a file is opened: the guest's rights on the directory, what the host
//! permits in it, and the operating system.

use crate::call::Call;
use crate::errno::Errno;
use crate::fd::filetype;
use crate::path::follow;
use crate::table::{Descriptor, Object, OpenDir, OpenFile};
use crate::types::{DirPerms, FdFlags, FilePerms, FileType, OFlags, Rights, flags16};
use cap_fs_ext::{OpenOptionsFollowExt, OpenOptionsMaybeDirExt, OpenOptionsSyncExt};
use cap_std::fs::{OpenOptions, OpenOptionsExt};
use rustix::fs::{OFlags as Os, fstat};
use std::fs::File;
use std::io;

/// Rights that need the host's file open for writing.
const WRITING: Rights = Rights::FD_WRITE
    .union(Rights::FD_DATASYNC)
    .union(Rights::FD_ALLOCATE)
    .union(Rights::FD_FILESTAT_SET_SIZE);

/// A guest's wish to open something, decoded.
struct Request {
    follow: bool,
    oflags: OFlags,
    base: Rights,
    inheriting: Rights,
    fdflags: FdFlags,
}

impl Call<'_> {
    /// Where the host does not let files be read, one may have been made or cut before that is said.
    #[expect(clippy::too_many_arguments, reason = "the parameters are the specification's")]
    pub(crate) fn path_open(
        &mut self,
        fd: u32,
        dirflags: u32,
        path: u32,
        len: u32,
        oflags: u32,
        base: u64,
        inheriting: u64,
        fdflags: u32,
        opened: u32,
    ) -> Result<(), Errno> {
        let request = Request {
            follow: follow(dirflags)?,
            oflags: flags16(oflags)?,
            base: requested(base),
            inheriting: requested(inheriting),
            fdflags: flags16(fdflags)?,
        };
        self.mem.check(opened, 4)?;
        self.ctx.table.check_room()?;
        let dir = self.ctx.table.dir(fd, request.needed())?.readable()?;
        if !self.ctx.table.get(fd)?.inheriting.contains(request.base | request.inheriting) {
            return Err(Errno::Notcapable);
        }
        let path = self.mem.path(path, len)?;
        let descriptor = request.open(dir, path)?;
        let number = self.ctx.table.insert(descriptor)?;
        self.mem.write_u32(opened, number)
    }
}

/// Some toolchains ask for everything with all bits set: what no file can have is not asked for.
fn requested(bits: u64) -> Rights {
    Rights::from_bits_truncate(bits) - Rights::SOCK_ACCEPT - Rights::SOCK_SHUTDOWN
}

impl Request {
    /// The rights that the directory must have.
    fn needed(&self) -> Rights {
        let mut needed = Rights::PATH_OPEN;
        needed.set(Rights::PATH_CREATE_FILE, self.oflags.contains(OFlags::CREAT));
        needed.set(Rights::PATH_FILESTAT_SET_SIZE, self.oflags.contains(OFlags::TRUNC));
        needed
    }

    fn open(&self, dir: &OpenDir, path: &str) -> Result<Descriptor, Errno> {
        let directory = self.oflags.contains(OFlags::DIRECTORY);
        if directory && self.oflags.intersects(OFlags::CREAT | OFlags::EXCL | OFlags::TRUNC) {
            return Err(Errno::Inval);
        }
        let write = self.base.intersects(WRITING) || self.oflags.contains(OFlags::TRUNC);
        if write && !dir.file_perms.contains(FilePerms::WRITE) {
            return Err(Errno::Rofs);
        }
        let file = if self.oflags.contains(OFlags::CREAT) {
            self.create(dir, path, write)?
        } else {
            dir.dir.open_with(path, &self.options(write))?.into_std()
        };
        let filetype = filetype(&fstat(&file)?);
        if filetype == FileType::Directory {
            return Ok(self.directory(dir, file));
        }
        if directory {
            return Err(Errno::Notdir);
        }
        if self.base.contains(Rights::FD_READ) && !dir.file_perms.contains(FilePerms::READ) {
            return Err(Errno::Acces);
        }
        let object = Object::File(OpenFile { file, filetype, perms: dir.file_perms });
        let mut descriptor = Descriptor::new(object, self.base & Rights::FILE);
        descriptor.flags = self.fdflags;
        Ok(descriptor)
    }

    /// Opens a file that may have to be created. The system creates only what is opened for writing; so
    /// that a guest may create what it wants to read, or find there what it may only read, a file that
    /// exists is first opened as asked.
    fn create(&self, dir: &OpenDir, path: &str, write: bool) -> Result<File, Errno> {
        let exclusive = self.oflags.contains(OFlags::EXCL);
        let permitted = dir.dir_perms.contains(DirPerms::MUTATE);
        let at_once = exclusive || (write && permitted);
        if !at_once {
            match dir.dir.open_with(path, &self.options(write)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => return Ok(result?.into_std()),
            }
        }
        if !permitted {
            return Err(Errno::Rofs);
        }
        let mut options = self.options(true);
        options.create(true).create_new(exclusive);
        Ok(dir.dir.open_with(path, &options)?.into_std())
    }

    fn options(&self, write: bool) -> OpenOptions {
        let read = self.base.intersects(Rights::FD_READ | Rights::FD_READDIR) || !write;
        let mut custom = Os::NOCTTY;
        custom.set(Os::APPEND, write && self.fdflags.contains(FdFlags::APPEND));
        custom.set(Os::DIRECTORY, self.oflags.contains(OFlags::DIRECTORY));
        let mut options = OpenOptions::new();
        options
            .read(read)
            .write(write)
            .truncate(self.oflags.contains(OFlags::TRUNC))
            .custom_flags(custom.bits() as i32)
            .follow(if self.follow {
                cap_fs_ext::FollowSymlinks::Yes
            } else {
                cap_fs_ext::FollowSymlinks::No
            })
            .maybe_dir(true)
            // Always: to open a pipe, and to wait on one, must not take the host's thread.
            .nonblock(true)
            .sync(self.fdflags.contains(FdFlags::SYNC))
            .dsync(self.fdflags.contains(FdFlags::DSYNC))
            .rsync(self.fdflags.contains(FdFlags::RSYNC));
        options
    }

    fn directory(&self, parent: &OpenDir, file: File) -> Descriptor {
        let object = Object::Dir(OpenDir {
            dir: cap_std::fs::Dir::from_std_file(file),
            dir_perms: parent.dir_perms,
            file_perms: parent.file_perms,
            preopen: None,
            listing: None,
        });
        let mut descriptor = Descriptor::new(object, self.base & Rights::DIRECTORY);
        descriptor.inheriting = self.inheriting;
        descriptor
    }
}
