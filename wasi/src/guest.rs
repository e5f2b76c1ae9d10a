//! Checked access to a guest's memory.
//! Invariant: no pointer or length from the guest is used before it is checked against the memory's
//! present size, and nothing here allocates in proportion to a guest's length. What was checked ends
//! where 32-bit pointers do, however large the memory is: pointers into it do not overflow.

use crate::errno::Errno;
use crate::types::{Abi, Filestat};
use dayfly::MemoryView;

/// The longest path accepted, in bytes; longer ones are `Nametoolong`.
pub(crate) const PATH_MAX: u32 = 4096;
/// How many buffers one read or write looks at; further ones are left for the guest's next call.
const IOV_MAX: u32 = 1024;
/// How many bytes one read or write moves at most, as on Linux.
const TRANSFER_MAX: u32 = 0x7fff_f000;

/// What a guest's pointers reach.
const ADDRESSES: u64 = 1 << 32;

/// A guest's memory during one call.
pub(crate) struct Guest<'a> {
    bytes: MemoryView<'a>,
    /// Bytes that went to the guest or came from it.
    moved: u64,
}

/// A guest's array of buffers, bounded in count; each element is checked when it is used.
#[derive(Clone, Copy)]
pub(crate) struct Iovecs {
    base: u32,
    pub count: u32,
}

impl<'a> Guest<'a> {
    pub(crate) fn new(bytes: impl Into<MemoryView<'a>>) -> Self {
        Self { bytes: bytes.into(), moved: 0 }
    }

    /// How many bytes the call has moved between the guest and its host.
    pub(crate) fn moved(&self) -> u64 {
        self.moved
    }

    /// Counts bytes that were moved by other means than `write`.
    pub(crate) fn count_moved(&mut self, bytes: u64) {
        self.moved += bytes;
    }

    pub(crate) fn slice(&self, ptr: u32, len: u32) -> Result<&[u8], Errno> {
        let (start, end) = bounds(ptr, len)?;
        self.bytes.get(start..end).ok_or(Errno::Fault)
    }

    pub(crate) fn slice_mut(&mut self, ptr: u32, len: u32) -> Result<&mut [u8], Errno> {
        let (start, end) = bounds(ptr, len)?;
        self.bytes.get_mut(start..end).ok_or(Errno::Fault)
    }

    /// As `slice_mut`, for a system call to write to.
    pub(crate) fn system_slice(&mut self, ptr: u32, len: u32) -> Result<&mut [u8], Errno> {
        let (start, end) = bounds(ptr, len)?;
        self.bytes.for_system(start..end).ok_or(Errno::Fault)
    }

    /// Fails now if a later write of `len` bytes to `ptr` would fail, so that an operation is not
    /// carried out when its result could not be delivered.
    pub(crate) fn check(&self, ptr: u32, len: u32) -> Result<(), Errno> {
        self.slice(ptr, len).map(|_| ())
    }

    pub(crate) fn read_u8(&self, ptr: u32) -> Result<u8, Errno> {
        self.array(ptr).map(u8::from_le_bytes)
    }

    pub(crate) fn read_u16(&self, ptr: u32) -> Result<u16, Errno> {
        self.array(ptr).map(u16::from_le_bytes)
    }

    pub(crate) fn read_u32(&self, ptr: u32) -> Result<u32, Errno> {
        self.array(ptr).map(u32::from_le_bytes)
    }

    pub(crate) fn read_u64(&self, ptr: u32) -> Result<u64, Errno> {
        self.array(ptr).map(u64::from_le_bytes)
    }

    pub(crate) fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result<(), Errno> {
        let len = u32::try_from(bytes.len()).map_err(|_| Errno::Overflow)?;
        self.slice_mut(ptr, len)?.copy_from_slice(bytes);
        self.moved += u64::from(len);
        Ok(())
    }

    pub(crate) fn write_u16(&mut self, ptr: u32, value: u16) -> Result<(), Errno> {
        self.write(ptr, &value.to_le_bytes())
    }

    pub(crate) fn write_u32(&mut self, ptr: u32, value: u32) -> Result<(), Errno> {
        self.write(ptr, &value.to_le_bytes())
    }

    pub(crate) fn write_u64(&mut self, ptr: u32, value: u64) -> Result<(), Errno> {
        self.write(ptr, &value.to_le_bytes())
    }

    /// A path: at most [`PATH_MAX`] bytes of UTF-8 without a zero byte, not empty.
    pub(crate) fn path(&self, ptr: u32, len: u32) -> Result<&str, Errno> {
        if len > PATH_MAX {
            return Err(Errno::Nametoolong);
        }
        let path = str::from_utf8(self.slice(ptr, len)?).map_err(|_| Errno::Ilseq)?;
        if path.contains('\0') {
            return Err(Errno::Inval);
        }
        if path.is_empty() { Err(Errno::Noent) } else { Ok(path) }
    }

    pub(crate) fn iovecs(&self, base: u32, count: u32) -> Result<Iovecs, Errno> {
        let count = count.min(IOV_MAX);
        self.check(base, count * 8)?;
        Ok(Iovecs { base, count })
    }

    /// Pointer and length of a buffer, the length cut so that `done` plus it stays in one transfer.
    /// The array is read anew each time: what was read before may have overwritten it.
    pub(crate) fn iovec(&self, iovecs: Iovecs, index: u32, done: u32) -> Result<(u32, u32), Errno> {
        debug_assert!(index < iovecs.count);
        let entry = iovecs.base + index * 8;
        let (ptr, len) = (self.read_u32(entry)?, self.read_u32(entry + 4)?);
        self.check(ptr, len)?;
        Ok((ptr, len.min(TRANSFER_MAX - done)))
    }

    pub(crate) fn write_filestat(&mut self, abi: Abi, ptr: u32, stat: &Filestat) -> Result<(), Errno> {
        let mut record = [0; 64];
        record[0..8].copy_from_slice(&stat.dev.to_le_bytes());
        record[8..16].copy_from_slice(&stat.ino.to_le_bytes());
        record[16] = stat.filetype as u8;
        let times = match abi {
            Abi::Unstable => {
                let nlink = u32::try_from(stat.nlink).unwrap_or(u32::MAX);
                record[20..24].copy_from_slice(&nlink.to_le_bytes());
                24
            }
            Abi::Preview1 => {
                record[24..32].copy_from_slice(&stat.nlink.to_le_bytes());
                32
            }
        };
        for (index, value) in [stat.size, stat.atim, stat.mtim, stat.ctim].into_iter().enumerate() {
            record[times + index * 8..][..8].copy_from_slice(&value.to_le_bytes());
        }
        self.write(ptr, &record[..times + 32])
    }

    fn array<const N: usize>(&self, ptr: u32) -> Result<[u8; N], Errno> {
        self.slice(ptr, N as u32)?.try_into().map_err(|_| Errno::Fault)
    }
}

fn bounds(ptr: u32, len: u32) -> Result<(usize, usize), Errno> {
    let end = u64::from(ptr) + u64::from(len);
    match usize::try_from(end) {
        Ok(to) if end <= ADDRESSES => Ok((ptr as usize, to)),
        _ => Err(Errno::Fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::FileType;

    #[test]
    fn every_edge_is_checked() {
        let mut bytes = [0; 16];
        let mut guest = Guest::new(&mut bytes[..]);
        assert!(guest.slice(16, 0).is_ok());
        assert_eq!(guest.slice(17, 0), Err(Errno::Fault));
        assert_eq!(guest.slice(8, 9), Err(Errno::Fault));
        assert_eq!(guest.slice(u32::MAX, u32::MAX), Err(Errno::Fault));
        assert_eq!(guest.read_u64(9), Err(Errno::Fault));
        assert_eq!(guest.write_u32(13, 1), Err(Errno::Fault));
        assert_eq!(guest.write_u32(12, 0x0403_0201), Ok(()));
        assert_eq!(guest.read_u16(13), Ok(0x0302));
    }

    #[test]
    fn paths_are_checked() {
        let mut bytes = *b"dir/file\0\xff..";
        let guest = Guest::new(&mut bytes[..]);
        assert_eq!(guest.path(0, 8), Ok("dir/file"));
        assert_eq!(guest.path(0, 9), Err(Errno::Inval));
        assert_eq!(guest.path(9, 1), Err(Errno::Ilseq));
        assert_eq!(guest.path(0, 0), Err(Errno::Noent));
        assert_eq!(guest.path(0, PATH_MAX + 1), Err(Errno::Nametoolong));
        assert_eq!(guest.path(8, 100), Err(Errno::Fault));
    }

    #[test]
    fn buffer_arrays_are_bounded() {
        let mut bytes = [0; 64];
        let mut guest = Guest::new(&mut bytes[..]);
        guest.write_u32(0, 32).unwrap();
        guest.write_u32(4, 32).unwrap();
        guest.write_u32(8, 32).unwrap();
        guest.write_u32(12, 33).unwrap();
        let iovecs = guest.iovecs(0, 2).unwrap();
        assert_eq!(guest.iovec(iovecs, 0, 0), Ok((32, 32)));
        assert_eq!(guest.iovec(iovecs, 0, TRANSFER_MAX - 1), Ok((32, 1)));
        assert_eq!(guest.iovec(iovecs, 1, 0), Err(Errno::Fault));
        assert!(matches!(guest.iovecs(0, u32::MAX), Err(Errno::Fault)));
        assert!(matches!(guest.iovecs(57, 1), Err(Errno::Fault)));
    }

    #[test]
    fn filestat_layouts() {
        let stat = Filestat {
            dev: 1,
            ino: 2,
            filetype: FileType::RegularFile,
            nlink: 3,
            size: 4,
            atim: 5,
            mtim: 6,
            ctim: 7,
        };
        let mut bytes = [0; 64];
        Guest::new(&mut bytes[..]).write_filestat(Abi::Preview1, 0, &stat).unwrap();
        assert_eq!((bytes[0], bytes[8], bytes[16], bytes[24], bytes[32], bytes[56]), (1, 2, 4, 3, 4, 7));
        let mut bytes = [0; 56];
        Guest::new(&mut bytes[..]).write_filestat(Abi::Unstable, 0, &stat).unwrap();
        assert_eq!((bytes[16], bytes[20], bytes[24], bytes[32], bytes[48]), (4, 3, 4, 5, 7));
        assert_eq!(Guest::new(&mut bytes[..]).write_filestat(Abi::Preview1, 0, &stat), Err(Errno::Fault));
    }
}
