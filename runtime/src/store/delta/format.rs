//! The head of a state as bytes: numbers one after the other, read in the order in which they
//! were written. It never leaves the process, so they are in the machine's own order.

/// Writes to a buffer that is used again.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Begins anew in the buffer.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Writer<'a> {
        out.clear();
        Writer { out }
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.out.extend_from_slice(&value.to_ne_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.out.extend_from_slice(&value.to_ne_bytes());
    }

    /// A place for a number that is set later.
    pub(super) fn place(&mut self) -> usize {
        self.u32(0);
        self.out.len() - 4
    }

    pub(super) fn set(&mut self, at: usize, value: u32) {
        self.out[at..at + 4].copy_from_slice(&value.to_ne_bytes());
    }

    /// How much has been written.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }
}

/// Reads what a `Writer` wrote.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes }
    }

    #[inline]
    pub(super) fn u32(&mut self) -> u32 {
        u32::from_ne_bytes(self.take())
    }

    #[inline]
    pub(super) fn u64(&mut self) -> u64 {
        u64::from_ne_bytes(self.take())
    }

    #[inline]
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.bytes.split_first_chunk().expect("as much is read as was written");
        self.bytes = rest;
        *taken
    }
}
