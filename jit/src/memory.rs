//! Memory that holds machine code and its tables: anonymous, or a part of a file, or added to other code in a space
//! of its own. Code is written first and can be executed afterwards, never both.
//! Invariant: a file that is mapped here is never changed in place. Who maps one has seen to it that only
//! the user can, and programs that replace such files do it by renaming.

mod space;

use core::fmt;
use core::ops::{Deref, Range};
use core::slice;
use memmap2::{Mmap, MmapMut, MmapOptions};
pub use space::CodeSpace;
use space::SpacePart;
use std::fs::File;
use std::io;
use std::sync::Arc;

/// Machine code where it is executed.
#[derive(Debug)]
pub struct CodeMemory(Code);

#[derive(Debug)]
enum Code {
    Map(Mmap),
    Part(SpacePart),
}

impl CodeMemory {
    /// Code that is copied from `text`.
    pub fn new(text: &[u8]) -> io::Result<CodeMemory> {
        let mut map = MmapMut::map_anon(text.len().max(1))?;
        map[..text.len()].copy_from_slice(text);
        Ok(CodeMemory(Code::Map(map.make_exec()?)))
    }

    /// Code that is part of a file, from the start of a page on.
    pub fn of_file(file: &File, part: Range<usize>) -> io::Result<CodeMemory> {
        let mut options = MmapOptions::new();
        options.offset(part.start as u64).len(part.len().max(1));
        // SAFETY: see the module's invariant.
        Ok(CodeMemory(Code::Map(unsafe { options.map_exec(file) }?)))
    }

    /// Where they are.
    pub fn addresses(&self) -> Range<usize> {
        let bytes = self.bytes().as_ptr_range();
        bytes.start.addr()..bytes.end.addr()
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match &self.0 {
            Code::Map(map) => map,
            Code::Part(part) => part.bytes(),
        }
    }
}

/// A file that is mapped to be read.
#[derive(Clone, Debug)]
pub struct FileMap(Arc<Mmap>);

impl FileMap {
    /// Maps a file whole.
    pub fn new(file: &File) -> io::Result<FileMap> {
        // SAFETY: see the module's invariant.
        Ok(FileMap(Arc::new(unsafe { Mmap::map(file) }?)))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A part of the file.
    ///
    /// # Panics
    /// If the file ends before.
    pub fn part(&self, part: Range<usize>) -> FilePart {
        assert!(self.bytes().get(part.clone()).is_some(), "parts are within their file");
        FilePart { map: self.clone(), part }
    }

    /// A part of the file as words. `None` if it does not consist of whole, aligned ones.
    pub fn words(&self, part: Range<usize>) -> Option<Words> {
        let bytes = self.bytes().get(part)?;
        let start = bytes.as_ptr().cast::<u32>();
        let len = bytes.len() / size_of::<u32>();
        let whole = start.is_aligned() && bytes.len().is_multiple_of(size_of::<u32>());
        whole.then(|| Words { start, len, _owner: Owner::File(self.0.clone()) })
    }
}

/// A part of a file that is mapped to be read.
#[derive(Clone, Debug)]
pub struct FilePart {
    map: FileMap,
    part: Range<usize>,
}

impl AsRef<[u8]> for FilePart {
    fn as_ref(&self) -> &[u8] {
        &self.map.bytes()[self.part.clone()]
    }
}

/// Words that are owned, or part of a mapped file.
pub struct Words {
    start: *const u32,
    len: usize,
    _owner: Owner,
}

/// What keeps words where they are.
#[allow(dead_code, reason = "they are kept, not read")]
enum Owner {
    Words(Box<[u32]>),
    File(Arc<Mmap>),
}

// SAFETY: the words never change.
unsafe impl Send for Words {}
// SAFETY: as above.
unsafe impl Sync for Words {}

impl From<Vec<u32>> for Words {
    fn from(words: Vec<u32>) -> Words {
        let words = words.into_boxed_slice();
        Words { start: words.as_ptr(), len: words.len(), _owner: Owner::Words(words) }
    }
}

impl Deref for Words {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        // SAFETY: the owner has so many words there.
        unsafe { slice::from_raw_parts(self.start, self.len) }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("len", &self.len).finish_non_exhaustive()
    }
}
