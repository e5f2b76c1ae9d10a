//! Machine code in files. A file is mapped and run as it is: nothing in it depends on where it lies or on
//! the engine that made it.
//!
//! An artifact is native code, and to load one is to run a program: nothing that is checked here makes
//! hostile code harmless. So a file is used only if nobody else can write it than its owner, and that is
//! the user or the administrator; then whoever could put code into it could run code anyway.

mod checksum;
mod layout;
mod stamp;
mod target;

pub use checksum::checksum;
pub use target::Target;

use crate::code::MachineCode;
use crate::memory::{CodeMemory, FileMap, FilePart, Words};
use crate::tables::Tables;
use core::fmt;
use dayfly_parser::{DefinedFuncIdx, MemoryIdx};
use dayfly_runtime::memory::{ImagePart, MemoryImages};
use dayfly_runtime::shape::Shape;
use layout::{IMAGE_WORDS, NO_ENTRY, Part, Parts, Wrong};
use stamp::Stamp;
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// An artifact that is mapped, whole and undamaged.
#[derive(Debug)]
pub struct Artifact {
    file: File,
    map: FileMap,
    parts: Parts,
}

/// Why an artifact cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum ArtifactError {
    /// The file cannot be read.
    Io(io::Error),
    /// It is something else.
    NotAnArtifact,
    /// It was changed or cut off after it was written.
    Damaged,
    /// Others could have written it; how.
    Untrusted(&'static str),
    /// It was made for something else; what.
    Incompatible(String),
}

impl fmt::Display for ArtifactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArtifactError::Io(error) => error.fmt(f),
            ArtifactError::NotAnArtifact => f.write_str("not a compiled module"),
            ArtifactError::Damaged => f.write_str("the compiled module is damaged: compile it again"),
            ArtifactError::Untrusted(how) => write!(f, "a compiled module is native code, but {how}"),
            ArtifactError::Incompatible(what) => write!(f, "the module has to be compiled again: {what}"),
        }
    }
}

impl core::error::Error for ArtifactError {}

impl From<io::Error> for ArtifactError {
    fn from(error: io::Error) -> ArtifactError {
        ArtifactError::Io(error)
    }
}

impl From<Wrong> for ArtifactError {
    fn from(wrong: Wrong) -> ArtifactError {
        match wrong {
            Wrong::Magic => ArtifactError::NotAnArtifact,
            Wrong::Format => ArtifactError::Incompatible("its file format is another one".to_owned()),
            Wrong::Damaged => ArtifactError::Damaged,
        }
    }
}

impl Artifact {
    /// Opens an artifact that was made for `target`.
    pub fn open(path: &Path, target: &Target) -> Result<Artifact, ArtifactError> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if let Some(how) = who_else_writes(&metadata) {
            return Err(ArtifactError::Untrusted(how));
        }
        let map = FileMap::new(&file)?;
        let parts = Parts::find(map.bytes())?;
        let stamp = Stamp::new(&metadata, parts.checksum());
        if !stamp.as_ref().is_some_and(|stamp| stamp.is_on(&file)) {
            if !parts.are_whole(map.bytes()) {
                return Err(ArtifactError::Damaged);
            }
            if let Some(stamp) = stamp {
                stamp.put_on(&file);
            }
        }
        let artifact = Artifact { file, map, parts };
        let made_for =
            core::str::from_utf8(artifact.part(Part::Target)).map_err(|_| ArtifactError::Damaged)?;
        match Target::from_text(made_for).differs_from(target) {
            Some(difference) => Err(ArtifactError::Incompatible(difference)),
            None => Ok(artifact),
        }
    }

    /// Whether bytes begin as an artifact does.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(&layout::MAGIC)
    }

    /// The module's own bytes, where they are. It was valid when it was compiled.
    pub fn module(&self) -> FilePart {
        self.map.part(self.parts.range(Part::Module))
    }

    /// Whether some of the module's functions were not compiled. The code is for a shape that was made for
    /// several makers then.
    pub fn is_partial(&self) -> Result<bool, ArtifactError> {
        Ok(self.words(Part::Entries)?.contains(&NO_ENTRY))
    }

    fn words(&self, part: Part) -> Result<Words, ArtifactError> {
        self.map.words(self.parts.range(part)).ok_or(ArtifactError::Damaged)
    }

    /// The code, for a shape that was made of `module`.
    pub fn code(&self, shape: &Arc<Shape>) -> Result<Arc<MachineCode>, ArtifactError> {
        let tables = Tables::from_words(self.words(Part::Tables)?).ok_or(ArtifactError::Damaged)?;
        let entries = self.words(Part::Entries)?;
        if entries.len() != shape.module().defined_funcs().len() {
            return Err(ArtifactError::Damaged);
        }
        let text = CodeMemory::of_file(&self.file, self.parts.range(Part::Text))?;
        let entry = |func: DefinedFuncIdx| Some(entries[func.index()]).filter(|&entry| entry != NO_ENTRY);
        Ok(MachineCode::assemble(shape, text, tables, entry)?)
    }

    /// The initial contents of the module's memories, if the file has them, where they stand in it.
    pub fn images(&self) -> Result<Vec<ImagePart>, ArtifactError> {
        let contents = self.parts.range(Part::Contents);
        let mut start = contents.start as u64;
        let mut images = Vec::new();
        for image in self.words(Part::Images)?.chunks(IMAGE_WORDS) {
            let &[memory, offset, offset_high, len, len_high] = image else {
                return Err(ArtifactError::Damaged);
            };
            let word = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
            let (memory, offset, len) = (MemoryIdx(memory), word(offset, offset_high), word(len, len_high));
            let file = self.file.try_clone()?;
            images.push(ImagePart { memory, offset, len, file, start });
            start = start
                .checked_add(len)
                .filter(|end| *end <= contents.end as u64)
                .ok_or(ArtifactError::Damaged)?;
        }
        Ok(images)
    }

    fn part(&self, part: Part) -> &[u8] {
        &self.map.bytes()[self.parts.range(part)]
    }
}

/// The artifact of a module's code, which was made for `target`.
pub fn write(code: &MachineCode, target: &Target) -> Vec<u8> {
    let module = code.shape().module();
    let bytes = |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|word| word.to_le_bytes()).collect() };
    let entries: Vec<u32> =
        module.defined_funcs().map(|func| code.entry_number(func).unwrap_or(NO_ENTRY)).collect();
    let tables = bytes(code.tables().to_words());
    let stored = MemoryImages::to_store(module);
    let halves = |word: u64| [word as u32, (word >> 32) as u32];
    let words = stored.iter().flat_map(|image| {
        let (offset, len) = (halves(image.offset), halves(image.bytes.len() as u64));
        [image.memory.0].into_iter().chain(offset).chain(len)
    });
    let images: Vec<u32> = words.collect();
    let contents: Vec<u8> = stored.into_iter().flat_map(|image| image.bytes).collect();
    layout::write([
        target.text().as_bytes(),
        module.bytes(),
        &tables,
        &bytes(&entries),
        code.text(),
        &bytes(&images),
        &contents,
    ])
}

/// Who can write a file besides the user and the administrator, if somebody can.
#[cfg(unix)]
fn who_else_writes(file: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;
    let owner = file.uid();
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return Some("the file belongs to another user: copy it first if you trust it");
    }
    if file.mode() & 0o022 != 0 {
        return Some("others can write the file: take that from them first (chmod go-w)");
    }
    None
}

/// Where there is no compiler, no artifact is opened.
#[cfg(not(unix))]
fn who_else_writes(_file: &Metadata) -> Option<&'static str> {
    Some("this system does not tell who can write it")
}
