//! The `path_` functions but `path_open`: what is done to the entries of a granted directory by name.
//! Invariant: every path is resolved by cap-std below the directory it starts from; a way out (`..`, an
//! absolute path, a symbolic link) is `Notcapable`.

use crate::call::Call;
use crate::errno::Errno;
use crate::fd::{NewTime, nanoseconds};
use crate::table::OpenDir;
use crate::types::{Filestat, LookupFlags, Rights};
use cap_fs_ext::{DirExt, OpenOptionsMaybeDirExt, OpenOptionsSyncExt, SystemTimeSpec};
use cap_std::fs::{Dir, Metadata, MetadataExt, OpenOptions, OpenOptionsExt};
use cap_std::time::SystemTime;
use rustix::fs::{OFlags, Timespec, Timestamps, futimens};
use rustix::io::Errno as Os;
use std::os::unix::ffi::OsStrExt;
use std::time::UNIX_EPOCH;

impl Call<'_> {
    pub(crate) fn path_create_directory(&mut self, fd: u32, path: u32, len: u32) -> Result<(), Errno> {
        let dir = self.ctx.table.dir(fd, Rights::PATH_CREATE_DIRECTORY)?.mutable()?;
        Ok(dir.dir.create_dir(self.mem.path(path, len)?)?)
    }

    pub(crate) fn path_filestat_get(
        &mut self,
        fd: u32,
        flags: u32,
        path: u32,
        len: u32,
        buffer: u32,
    ) -> Result<(), Errno> {
        let dir = self.ctx.table.dir(fd, Rights::PATH_FILESTAT_GET)?.readable()?;
        let path = self.mem.path(path, len)?;
        let metadata =
            if follow(flags)? { dir.dir.metadata(path)? } else { dir.dir.symlink_metadata(path)? };
        self.mem.write_filestat(self.abi, buffer, &filestat(&metadata))
    }

    #[expect(clippy::too_many_arguments, reason = "the parameters are the specification's")]
    pub(crate) fn path_filestat_set_times(
        &mut self,
        fd: u32,
        flags: u32,
        path: u32,
        len: u32,
        atim: u64,
        mtim: u64,
        fst_flags: u32,
    ) -> Result<(), Errno> {
        let times = NewTime::pair(atim, mtim, fst_flags)?;
        let dir = &self.ctx.table.dir(fd, Rights::PATH_FILESTAT_SET_TIMES)?.mutable()?.dir;
        let path = self.mem.path(path, len)?;
        if follow(flags)? {
            return set_times(dir, path, times);
        }
        let [atim, mtim] = times.map(time_spec);
        Ok(dir.set_symlink_times(path, atim, mtim)?)
    }

    /// Links the entry itself: a symbolic link is never followed.
    #[expect(clippy::too_many_arguments, reason = "the parameters are the specification's")]
    pub(crate) fn path_link(
        &mut self,
        old_fd: u32,
        old_flags: u32,
        old_path: u32,
        old_len: u32,
        new_fd: u32,
        new_path: u32,
        new_len: u32,
    ) -> Result<(), Errno> {
        let old = self.ctx.table.dir(old_fd, Rights::PATH_LINK_SOURCE)?;
        let new = self.ctx.table.dir(new_fd, Rights::PATH_LINK_TARGET)?;
        may_move(old, new)?;
        if follow(old_flags)? {
            return Err(Errno::Inval);
        }
        let old_path = self.mem.path(old_path, old_len)?;
        Ok(old.dir.hard_link(old_path, &new.dir, self.mem.path(new_path, new_len)?)?)
    }

    /// Reads a link's text; as much of it as fits.
    pub(crate) fn path_readlink(
        &mut self,
        fd: u32,
        path: u32,
        len: u32,
        buffer: u32,
        buffer_len: u32,
        used: u32,
    ) -> Result<(), Errno> {
        self.mem.check(used, 4)?;
        self.mem.check(buffer, buffer_len)?;
        let dir = self.ctx.table.dir(fd, Rights::PATH_READLINK)?.readable()?;
        let target = dir.dir.read_link_contents(self.mem.path(path, len)?)?;
        let target = target.as_os_str().as_bytes();
        let fits = target.len().min(buffer_len as usize);
        self.mem.write(buffer, &target[..fits])?;
        self.mem.write_u32(used, fits as u32)
    }

    pub(crate) fn path_remove_directory(&mut self, fd: u32, path: u32, len: u32) -> Result<(), Errno> {
        let dir = self.ctx.table.dir(fd, Rights::PATH_REMOVE_DIRECTORY)?.mutable()?;
        let path = self.mem.path(path, len)?;
        // A trailing slash is nothing special here, but cap-std looks for an entry named `.` after it.
        let trimmed = path.trim_end_matches('/');
        Ok(dir.dir.remove_dir(if trimmed.is_empty() { path } else { trimmed })?)
    }

    pub(crate) fn path_rename(
        &mut self,
        fd: u32,
        old_path: u32,
        old_len: u32,
        new_fd: u32,
        new_path: u32,
        new_len: u32,
    ) -> Result<(), Errno> {
        let old = self.ctx.table.dir(fd, Rights::PATH_RENAME_SOURCE)?;
        let new = self.ctx.table.dir(new_fd, Rights::PATH_RENAME_TARGET)?;
        may_move(old, new)?;
        let old_path = self.mem.path(old_path, old_len)?;
        Ok(old.dir.rename(old_path, &new.dir, self.mem.path(new_path, new_len)?)?)
    }

    /// Makes a symbolic link; one to an absolute path is refused, since it could not be followed.
    pub(crate) fn path_symlink(
        &mut self,
        old_path: u32,
        old_len: u32,
        fd: u32,
        new_path: u32,
        new_len: u32,
    ) -> Result<(), Errno> {
        let dir = self.ctx.table.dir(fd, Rights::PATH_SYMLINK)?.mutable()?;
        let text = self.mem.path(old_path, old_len)?;
        Ok(dir.dir.symlink(text, self.mem.path(new_path, new_len)?)?)
    }

    pub(crate) fn path_unlink_file(&mut self, fd: u32, path: u32, len: u32) -> Result<(), Errno> {
        let dir = self.ctx.table.dir(fd, Rights::PATH_UNLINK_FILE)?.mutable()?;
        Ok(dir.dir.remove_file(self.mem.path(path, len)?)?)
    }
}

/// Whether the last component is followed if it is a symbolic link.
pub(crate) fn follow(flags: u32) -> Result<bool, Errno> {
    let flags = LookupFlags::from_bits(flags).ok_or(Errno::Inval)?;
    Ok(flags.contains(LookupFlags::SYMLINK_FOLLOW))
}

/// Whether an entry may be linked or moved from one directory to another: it must not arrive where the
/// guest may do more with it than before.
fn may_move(from: &OpenDir, to: &OpenDir) -> Result<(), Errno> {
    from.mutable()?;
    to.mutable()?;
    if from.file_perms.contains(to.file_perms) && from.dir_perms.contains(to.dir_perms) {
        Ok(())
    } else {
        Err(Errno::Xdev)
    }
}

/// Sets the times of what a path leads to. Not as cap-std does, which opens it for writing and, if it is a pipe,
/// waits until somebody reads that.
fn set_times(dir: &Dir, path: &str, times: [NewTime; 2]) -> Result<(), Errno> {
    let [last_access, last_modification] = times.map(Timespec::from);
    for write in [false, true] {
        let mut options = OpenOptions::new();
        options.read(!write).write(write).maybe_dir(true).nonblock(true);
        options.custom_flags(OFlags::NOCTTY.bits() as i32);
        match dir.open_with(path, &options) {
            Ok(file) => return Ok(futimens(file, &Timestamps { last_access, last_modification })?),
            Err(error) if Os::from_io_error(&error) == Some(Os::ACCESS) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // What can neither be read nor written is not waited for; its times are its owner's all the same.
    let [atim, mtim] = times.map(time_spec);
    Ok(dir.set_times(path, atim, mtim)?)
}

fn filestat(metadata: &Metadata) -> Filestat {
    let filetype = rustix::fs::FileType::from_raw_mode(metadata.mode() as _).into();
    Filestat {
        dev: MetadataExt::dev(metadata),
        ino: MetadataExt::ino(metadata),
        filetype,
        nlink: MetadataExt::nlink(metadata),
        size: metadata.len(),
        atim: nanoseconds(metadata.atime(), metadata.atime_nsec()),
        mtim: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        ctim: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
    }
}

fn time_spec(time: NewTime) -> Option<SystemTimeSpec> {
    match time {
        NewTime::Keep => None,
        NewTime::Now => Some(SystemTimeSpec::SymbolicNow),
        NewTime::At(time) => Some(SystemTimeSpec::Absolute(SystemTime::from_std(UNIX_EPOCH + time))),
    }
}
