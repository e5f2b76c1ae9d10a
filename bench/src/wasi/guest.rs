//! The guest's memory as the functions of WASI see it. Accesses copy: one of the
//! engines lends no slice of its memory.

use super::call::{Errno, Fail};

/// The most bytes that one call may move.
const MAX_TRANSFER: u32 = 1 << 28;

/// The memory of a guest, whichever engine runs it.
pub trait GuestMemory {
    /// Fills `into` from `address` on; `false` if that is out of bounds.
    fn read(&self, address: u32, into: &mut [u8]) -> bool;

    /// Writes `bytes` at `address`; `false` if that is out of bounds.
    fn write(&mut self, address: u32, bytes: &[u8]) -> bool;
}

/// Accesses with the error that WASI has for them.
impl dyn GuestMemory + '_ {
    pub(super) fn fill(&self, address: u32, into: &mut [u8]) -> Result<(), Fail> {
        self.read(address, into).then_some(()).ok_or(Errno::FAULT.into())
    }

    pub(super) fn put(&mut self, address: u32, bytes: &[u8]) -> Result<(), Fail> {
        self.write(address, bytes).then_some(()).ok_or(Errno::FAULT.into())
    }

    pub(super) fn put_u32(&mut self, address: u32, value: u32) -> Result<(), Fail> {
        self.put(address, &value.to_le_bytes())
    }

    pub(super) fn put_u64(&mut self, address: u32, value: u64) -> Result<(), Fail> {
        self.put(address, &value.to_le_bytes())
    }

    pub(super) fn text(&self, address: u32, len: u32) -> Result<String, Fail> {
        let mut bytes = vec![0; checked_len(len)?];
        self.fill(address, &mut bytes)?;
        String::from_utf8(bytes).map_err(|_| Errno::INVAL.into())
    }

    /// The buffers, address and length, that `count` pairs at `address` describe.
    pub(super) fn buffers(&self, address: u32, count: u32) -> Result<Vec<(u32, u32)>, Fail> {
        let mut bytes = vec![0; checked_len(count.saturating_mul(8))?];
        self.fill(address, &mut bytes)?;
        let word = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        Ok(bytes.chunks_exact(8).map(|pair| (word(pair), word(&pair[4..]))).collect())
    }

    /// Appends `len` bytes from `address` on to `into`.
    pub(super) fn append(&self, address: u32, len: u32, into: &mut Vec<u8>) -> Result<(), Fail> {
        let old = into.len();
        into.resize(old + checked_len(len)?, 0);
        self.fill(address, &mut into[old..])
    }
}

fn checked_len(len: u32) -> Result<usize, Fail> {
    if len <= MAX_TRANSFER { Ok(len as usize) } else { Err(Errno::INVAL.into()) }
}
