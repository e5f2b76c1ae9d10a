//! Memory that holds machine code. It is written first and can be executed afterwards, never both.

use core::ops::Range;
use memmap2::{Mmap, MmapMut};
use std::io;

/// Machine code where it is executed.
#[derive(Debug)]
pub struct CodeMemory {
    map: Mmap,
}

impl CodeMemory {
    /// Code that is copied from `text`.
    pub fn new(text: &[u8]) -> io::Result<CodeMemory> {
        let mut map = MmapMut::map_anon(text.len().max(1))?;
        map[..text.len()].copy_from_slice(text);
        Ok(CodeMemory { map: map.make_exec()? })
    }

    /// Where they are.
    pub fn addresses(&self) -> Range<usize> {
        let bytes = self.map.as_ptr_range();
        bytes.start.addr()..bytes.end.addr()
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }
}
