//! The `fd_` functions about a descriptor itself: status, position, size, times, closing, renumbering,
//! and what was granted.

use crate::call::Call;
use crate::errno::Errno;
use crate::table::{Descriptor, Object};
use crate::types::{Abi, FdFlags, FilePerms, FileType, Filestat, FstFlags, Rights, flags16};
use rustix::fs::{
    FallocateFlags, OFlags, SeekFrom, Stat, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, fallocate,
    fcntl_getfl, fcntl_setfl, fdatasync, fstat, fsync, ftruncate, futimens, seek,
};
use std::os::fd::AsFd;
use std::time::Duration;

impl Call<'_> {
    pub(crate) fn fd_advise(&mut self, fd: u32, offset: u64, len: u64, advice: u32) -> Result<(), Errno> {
        let file = self.ctx.table.file(fd, Rights::FD_ADVISE, Errno::Spipe)?;
        advise(&file.file, offset, len, advice)
    }

    pub(crate) fn fd_allocate(&mut self, fd: u32, offset: u64, len: u64) -> Result<(), Errno> {
        let file = self.ctx.table.file(fd, Rights::FD_ALLOCATE, Errno::Spipe)?;
        Ok(fallocate(&file.file, FallocateFlags::empty(), offset, len)?)
    }

    pub(crate) fn fd_close(&mut self, fd: u32) -> Result<(), Errno> {
        self.ctx.table.remove(fd).map(drop)
    }

    pub(crate) fn fd_datasync(&mut self, fd: u32) -> Result<(), Errno> {
        let descriptor = self.ctx.table.get(fd)?;
        descriptor.require(Rights::FD_DATASYNC)?;
        match &descriptor.object {
            Object::File(file) => Ok(fdatasync(&file.file)?),
            Object::Output(_) => Ok(()),
            _ => Err(Errno::Inval),
        }
    }

    pub(crate) fn fd_sync(&mut self, fd: u32) -> Result<(), Errno> {
        let descriptor = self.ctx.table.get(fd)?;
        descriptor.require(Rights::FD_SYNC)?;
        match &descriptor.object {
            Object::File(file) => Ok(fsync(&file.file)?),
            Object::Dir(dir) => Ok(fsync(&dir.dir)?),
            Object::Output(_) => Ok(()),
            _ => Err(Errno::Inval),
        }
    }

    pub(crate) fn fd_fdstat_get(&mut self, fd: u32, status: u32) -> Result<(), Errno> {
        let descriptor = self.ctx.table.get(fd)?;
        let mut record = [0; 24];
        record[0] = descriptor.filetype() as u8;
        record[2..4].copy_from_slice(&descriptor.flags.bits().to_le_bytes());
        record[8..16].copy_from_slice(&descriptor.base.bits().to_le_bytes());
        record[16..24].copy_from_slice(&descriptor.inheriting.bits().to_le_bytes());
        self.mem.write(status, &record)
    }

    /// Sets whether writes append and whether operations wait; how writes are synchronised is fixed
    /// when a file is opened.
    pub(crate) fn fd_fdstat_set_flags(&mut self, fd: u32, flags: u32) -> Result<(), Errno> {
        let flags = flags16::<FdFlags>(flags)?;
        let descriptor = self.ctx.table.get_mut(fd)?;
        descriptor.require(Rights::FD_FDSTAT_SET_FLAGS)?;
        let changed = flags ^ descriptor.flags;
        let settable = match &descriptor.object {
            Object::File(_) => FdFlags::APPEND | FdFlags::NONBLOCK,
            Object::Dir(_) => FdFlags::empty(),
            _ => FdFlags::NONBLOCK,
        };
        if !settable.contains(changed) {
            return Err(Errno::Inval);
        }
        if let (Object::File(file), true) = (&descriptor.object, changed.contains(FdFlags::APPEND)) {
            let mut os = fcntl_getfl(&file.file)?;
            os.set(OFlags::APPEND, flags.contains(FdFlags::APPEND));
            fcntl_setfl(&file.file, os)?;
        }
        descriptor.flags = flags;
        Ok(())
    }

    /// Drops rights; to ask for one that the descriptor has not is an error.
    pub(crate) fn fd_fdstat_set_rights(&mut self, fd: u32, base: u64, inheriting: u64) -> Result<(), Errno> {
        let descriptor = self.ctx.table.get_mut(fd)?;
        let base = Rights::from_bits(base).ok_or(Errno::Notcapable)?;
        let inheriting = Rights::from_bits(inheriting).ok_or(Errno::Notcapable)?;
        if !descriptor.base.contains(base) || !descriptor.inheriting.contains(inheriting) {
            return Err(Errno::Notcapable);
        }
        descriptor.base = base;
        descriptor.inheriting = inheriting;
        Ok(())
    }

    pub(crate) fn fd_filestat_get(&mut self, fd: u32, buffer: u32) -> Result<(), Errno> {
        let descriptor = self.ctx.table.get(fd)?;
        descriptor.require(Rights::FD_FILESTAT_GET)?;
        let stat = filestat(descriptor)?;
        self.mem.write_filestat(self.abi, buffer, &stat)
    }

    pub(crate) fn fd_filestat_set_size(&mut self, fd: u32, size: u64) -> Result<(), Errno> {
        let file = self.ctx.table.file(fd, Rights::FD_FILESTAT_SET_SIZE, Errno::Inval)?;
        Ok(ftruncate(&file.file, size)?)
    }

    pub(crate) fn fd_filestat_set_times(
        &mut self,
        fd: u32,
        atim: u64,
        mtim: u64,
        flags: u32,
    ) -> Result<(), Errno> {
        let [atim, mtim] = NewTime::pair(atim, mtim, flags)?;
        let times = Timestamps { last_access: atim.into(), last_modification: mtim.into() };
        let descriptor = self.ctx.table.get(fd)?;
        descriptor.require(Rights::FD_FILESTAT_SET_TIMES)?;
        match &descriptor.object {
            // The system asks who owns the file, not how it was opened.
            Object::File(file) if !file.perms.contains(FilePerms::WRITE) => Err(Errno::Rofs),
            Object::File(file) => Ok(futimens(&file.file, &times)?),
            Object::Dir(dir) => Ok(futimens(&dir.mutable()?.dir, &times)?),
            _ => Err(Errno::Inval),
        }
    }

    pub(crate) fn fd_prestat_get(&mut self, fd: u32, buffer: u32) -> Result<(), Errno> {
        let len = u32::try_from(self.preopen(fd)?.len()).map_err(|_| Errno::Overflow)?;
        self.mem.check(buffer, 8)?;
        self.mem.write_u32(buffer, 0)?;
        self.mem.write_u32(buffer + 4, len)
    }

    pub(crate) fn fd_prestat_dir_name(&mut self, fd: u32, path: u32, len: u32) -> Result<(), Errno> {
        let Object::Dir(dir) = &self.ctx.table.get(fd)?.object else { return Err(Errno::Badf) };
        let name = dir.preopen.as_ref().ok_or(Errno::Badf)?;
        if (len as usize) < name.len() {
            return Err(Errno::Nametoolong);
        }
        self.mem.write(path, name.as_bytes())
    }

    pub(crate) fn fd_renumber(&mut self, from: u32, to: u32) -> Result<(), Errno> {
        self.ctx.table.renumber(from, to)
    }

    pub(crate) fn fd_seek(&mut self, fd: u32, offset: u64, whence: u32, position: u32) -> Result<(), Errno> {
        let offset = offset as i64;
        let whence = Whence::decode(self.abi, whence)?;
        let rights = match whence {
            Whence::Current if offset == 0 => Rights::empty(),
            _ => Rights::FD_SEEK,
        };
        let to = match whence {
            Whence::Start => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Inval)?),
            Whence::Current => SeekFrom::Current(offset),
            Whence::End => SeekFrom::End(offset),
        };
        self.seek(fd, to, rights, position)
    }

    pub(crate) fn fd_tell(&mut self, fd: u32, position: u32) -> Result<(), Errno> {
        self.seek(fd, SeekFrom::Current(0), Rights::empty(), position)
    }

    fn seek(&mut self, fd: u32, to: SeekFrom, rights: Rights, position: u32) -> Result<(), Errno> {
        self.mem.check(position, 8)?;
        let file = self.ctx.table.file(fd, rights, Errno::Spipe)?;
        if !self.ctx.table.get(fd)?.base.intersects(Rights::FD_SEEK | Rights::FD_TELL) {
            return Err(Errno::Notcapable);
        }
        let now = seek(&file.file, to)?;
        self.mem.write_u64(position, now)
    }

    fn preopen(&self, fd: u32) -> Result<&str, Errno> {
        match &self.ctx.table.get(fd)?.object {
            Object::Dir(dir) => dir.preopen.as_deref().ok_or(Errno::Badf),
            _ => Err(Errno::Badf),
        }
    }
}

/// What `fd_seek` counts from; the generations number it differently.
enum Whence {
    Start,
    Current,
    End,
}

impl Whence {
    fn decode(abi: Abi, raw: u32) -> Result<Self, Errno> {
        Ok(match (abi, raw) {
            (Abi::Preview1, 0) | (Abi::Unstable, 2) => Self::Start,
            (Abi::Preview1, 1) | (Abi::Unstable, 0) => Self::Current,
            (Abi::Preview1, 2) | (Abi::Unstable, 1) => Self::End,
            _ => return Err(Errno::Inval),
        })
    }
}

/// What becomes of one of a file's times.
#[derive(Clone, Copy)]
pub(crate) enum NewTime {
    Keep,
    Now,
    /// Since 1970.
    At(Duration),
}

impl NewTime {
    /// The new access and modification times; both a value and "now" for one of them is an error.
    pub(crate) fn pair(atim: u64, mtim: u64, flags: u32) -> Result<[Self; 2], Errno> {
        let flags = flags16::<FstFlags>(flags)?;
        let choose = |value, set, now| match (flags.contains(set), flags.contains(now)) {
            (false, false) => Ok(Self::Keep),
            (true, false) => Ok(Self::At(Duration::from_nanos(value))),
            (false, true) => Ok(Self::Now),
            (true, true) => Err(Errno::Inval),
        };
        Ok([
            choose(atim, FstFlags::ATIM, FstFlags::ATIM_NOW)?,
            choose(mtim, FstFlags::MTIM, FstFlags::MTIM_NOW)?,
        ])
    }
}

impl From<NewTime> for Timespec {
    fn from(time: NewTime) -> Self {
        match time {
            NewTime::Keep => Self { tv_sec: 0, tv_nsec: UTIME_OMIT },
            NewTime::Now => Self { tv_sec: 0, tv_nsec: UTIME_NOW },
            NewTime::At(time) => Self { tv_sec: time.as_secs() as _, tv_nsec: time.subsec_nanos() as _ },
        }
    }
}

fn filestat(descriptor: &Descriptor) -> Result<Filestat, Errno> {
    let fd = match &descriptor.object {
        Object::File(file) => file.file.as_fd(),
        Object::Dir(dir) => dir.dir.as_fd(),
        _ => return Ok(Filestat::of_stream(descriptor.filetype())),
    };
    let stat = fstat(fd)?;
    Ok(Filestat {
        dev: stat.st_dev as u64,
        ino: stat.st_ino,
        filetype: filetype(&stat),
        nlink: stat.st_nlink as u64,
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        atim: nanoseconds(stat.st_atime as i64, stat.st_atime_nsec as i64),
        mtim: nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        ctim: nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
    })
}

/// The kind of an open file.
pub(crate) fn filetype(stat: &Stat) -> FileType {
    rustix::fs::FileType::from_raw_mode(stat.st_mode).into()
}

/// A host's time as the guest's format has it; times before 1970 become 0, those after 2554 the last.
pub(crate) fn nanoseconds(seconds: i64, nanoseconds: i64) -> u64 {
    let total = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    u64::try_from(total.max(0)).unwrap_or(u64::MAX)
}

#[cfg(not(target_vendor = "apple"))]
fn advise(file: &std::fs::File, offset: u64, len: u64, advice: u32) -> Result<(), Errno> {
    use rustix::fs::{Advice, fadvise};
    let advice = match advice {
        0 => Advice::Normal,
        1 => Advice::Sequential,
        2 => Advice::Random,
        3 => Advice::WillNeed,
        4 => Advice::DontNeed,
        5 => Advice::NoReuse,
        _ => return Err(Errno::Inval),
    };
    Ok(fadvise(file, offset, std::num::NonZeroU64::new(len), advice)?)
}

/// Advice may be ignored, and there this system has no call for it.
#[cfg(target_vendor = "apple")]
fn advise(_file: &std::fs::File, _offset: u64, _len: u64, advice: u32) -> Result<(), Errno> {
    if advice <= 5 { Ok(()) } else { Err(Errno::Inval) }
}

#[cfg(test)]
mod tests;
