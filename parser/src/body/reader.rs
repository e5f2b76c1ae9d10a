//! Bytes of a module, read front to back; positions are those in the module.
//! Spec: binary/values.

use crate::error::Error;
use core::ops::Range;

/// A reader over a range of a module's bytes.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    /// The module up to where the reader ends.
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// Reads `range` of a module, or nothing if the module is shorter.
    pub fn new(module: &'a [u8], range: Range<usize>) -> Reader<'a> {
        Reader { bytes: module.get(..range.end).unwrap_or(&[]), position: range.start }
    }

    /// Where the next byte stands in the module.
    #[inline]
    pub fn position(&self) -> usize {
        self.position
    }

    /// Whether every byte was read.
    #[inline]
    pub fn at_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    /// The next byte.
    #[inline]
    pub fn u8(&mut self) -> Result<u8, Error> {
        match self.bytes.get(self.position) {
            Some(&byte) => {
                self.position += 1;
                Ok(byte)
            }
            None => Err(self.end()),
        }
    }

    /// The next byte, which stays.
    #[inline]
    pub fn peek(&self) -> Result<u8, Error> {
        self.bytes.get(self.position).copied().ok_or_else(|| self.end())
    }

    /// So many bytes.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        match self.bytes.get(self.position..).and_then(|rest| rest.first_chunk::<N>()) {
            Some(bytes) => {
                self.position += N;
                Ok(*bytes)
            }
            None => Err(self.end()),
        }
    }

    /// A slice of so many bytes.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let start = self.position;
        self.skip(count)?;
        Ok(&self.bytes[start..self.position])
    }

    /// Passes over so many bytes.
    pub fn skip(&mut self, count: usize) -> Result<(), Error> {
        if count > self.bytes.len().saturating_sub(self.position) {
            return Err(self.end());
        }
        self.position += count;
        Ok(())
    }

    /// An unsigned integer of at most 32 bits.
    #[inline]
    pub fn u32(&mut self) -> Result<u32, Error> {
        match self.bytes.get(self.position) {
            Some(&byte) if byte < 0x80 => {
                self.position += 1;
                Ok(byte.into())
            }
            _ => self.unsigned(32).map(|value| value as u32),
        }
    }

    /// An unsigned integer of at most 64 bits.
    #[inline]
    pub fn u64(&mut self) -> Result<u64, Error> {
        match self.bytes.get(self.position) {
            Some(&byte) if byte < 0x80 => {
                self.position += 1;
                Ok(byte.into())
            }
            _ => self.unsigned(64),
        }
    }

    /// A signed integer of at most 32 bits.
    #[inline]
    pub fn s32(&mut self) -> Result<i32, Error> {
        self.signed(32).map(|value| value as i32)
    }

    /// A signed integer of at most 33 bits.
    #[inline]
    pub fn s33(&mut self) -> Result<i64, Error> {
        self.signed(33)
    }

    /// A signed integer of at most 64 bits.
    #[inline]
    pub fn s64(&mut self) -> Result<i64, Error> {
        self.signed(64)
    }

    fn unsigned(&mut self, bits: u32) -> Result<u64, Error> {
        let mut value = 0;
        let mut shift = 0;
        loop {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            let room = bits - shift;
            if room < 8 && byte >> room.min(7) != 0 {
                return Err(self.too_long());
            }
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    #[inline]
    fn signed(&mut self, bits: u32) -> Result<i64, Error> {
        match self.bytes.get(self.position) {
            Some(&byte) if byte < 0x80 => {
                self.position += 1;
                Ok(i64::from(byte) << 57 >> 57)
            }
            _ => self.signed_long(bits),
        }
    }

    fn signed_long(&mut self, bits: u32) -> Result<i64, Error> {
        let mut value = 0;
        let mut shift = 0;
        loop {
            let byte = self.u8()?;
            value |= i64::from(byte & 0x7f) << shift;
            let room = bits - shift;
            if room <= 7 {
                // The bits above the value's own must repeat its sign.
                let sign = (byte << 1) as i8 >> room;
                if byte >= 0x80 || (sign != 0 && sign != -1) {
                    return Err(self.too_long());
                }
            }
            shift += 7;
            if byte < 0x80 {
                let unused = 64 - shift.min(64);
                return Ok(value << unused >> unused);
            }
        }
    }

    #[cold]
    fn end(&self) -> Error {
        Error::malformed(self.position.min(self.bytes.len()), "unexpected end")
    }

    #[cold]
    fn too_long(&self) -> Error {
        Error::malformed(self.position - 1, "integer too long or too large")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads with both readers and compares values, positions and failures.
    fn agree<T: PartialEq + core::fmt::Debug>(
        bytes: &[u8],
        ours: fn(&mut Reader<'_>) -> Result<T, Error>,
        theirs: fn(&mut wasmparser::BinaryReader<'_>) -> Result<T, wasmparser::Error>,
    ) {
        let mut a = Reader::new(bytes, 0..bytes.len());
        let mut b = wasmparser::BinaryReader::new(bytes, 0);
        match (ours(&mut a), theirs(&mut b)) {
            (Ok(x), Ok(y)) => {
                assert_eq!(x, y, "{bytes:x?}");
                assert_eq!(a.position(), b.current_position(), "{bytes:x?}");
            }
            (Err(_), Err(_)) => {}
            (x, y) => panic!("{bytes:x?}: {x:?} but {y:?}"),
        }
    }

    #[test]
    fn integers_are_those_of_wasmparser() {
        let mut state = 1_u64;
        for _ in 0..200_000 {
            let mut bytes = [0; 11];
            for byte in &mut bytes {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let random = (state >> 33) as u8;
                // Mostly continued, often at the edges of sign and width.
                *byte = match state >> 60 {
                    0 => random,
                    1..=3 => 0xff,
                    4..=6 => 0x80,
                    7 => 0x7f,
                    8 => random & 0x7f,
                    9 => 0x70 | random & 0x0f,
                    _ => random | 0x80,
                };
            }
            agree(&bytes, |r| r.u32(), |r| r.read_var_u32());
            agree(&bytes, |r| r.u64(), |r| r.read_var_u64());
            agree(&bytes, |r| r.s32(), |r| r.read_var_i32());
            agree(&bytes, |r| r.s33(), |r| r.read_var_s33());
            agree(&bytes, |r| r.s64(), |r| r.read_var_i64());
        }
    }

    #[test]
    fn nothing_is_read_past_the_end() {
        let mut reader = Reader::new(&[0x80, 1, 2], 0..1);
        assert!(reader.u32().is_err());
        assert!(reader.at_end());
        assert!(reader.u8().is_err() && reader.peek().is_err() && reader.array::<1>().is_err());
        assert!(reader.skip(1).is_err() && reader.skip(usize::MAX).is_err() && reader.skip(0).is_ok());
        assert!(Reader::new(&[1], 0..2).u8().is_err());
    }
}
