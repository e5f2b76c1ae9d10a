//! Initial contents of a module's memories, made once and mapped copy-on-write
//! into every instance. They exist only for modules whose active data segments
//! certainly succeed: constant offsets, in bounds, into memories of their own that
//! are not shared.

use crate::config::RuntimeConfig;
use crate::const_expr::constant;
use crate::sys::{self, ImageFile};
use core::ops::Range;
use dayfly_parser::{DataIdx, DataSegment, MemoryIdx, MemoryType, Module, SegmentMode};

/// The images of a module's memories.
#[derive(Debug, Default)]
pub struct MemoryImages {
    /// Those of the memories that have initial contents.
    images: Vec<(MemoryIdx, MemoryImage)>,
    complete: bool,
}

/// Initial contents of one memory: whole pages of the system.
#[derive(Debug)]
pub(crate) struct MemoryImage {
    /// Where in the memory it begins.
    pub(crate) offset: usize,
    /// Its bytes.
    pub(crate) len: usize,
    pub(crate) file: ImageFile,
}

/// An image up to this size is made however few of its bytes a module gives.
const ALWAYS_IMAGED: usize = 16 << 20;

/// A larger image is made if at least one byte in so many is given: holes of an
/// image that are read take memory.
const SPARSEST: usize = 8;

/// The bytes that a data segment gives to a memory, by their place in it.
struct Chunk<'a> {
    memory: MemoryIdx,
    offset: usize,
    bytes: &'a [u8],
}

impl MemoryImages {
    /// Makes the images, or none if instances have to copy the contents.
    pub fn new(module: &Module, config: &RuntimeConfig) -> MemoryImages {
        if !config.memory_images {
            return MemoryImages::default();
        }
        MemoryImages::of_all(module).unwrap_or_default()
    }

    /// Whether mapping the images does all that active data segments would do.
    pub fn complete(&self) -> bool {
        self.complete
    }

    /// The images and the memories that they belong to.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(MemoryIdx, MemoryImage)> {
        self.images.iter()
    }

    fn of_all(module: &Module) -> Option<MemoryImages> {
        let mut chunks = Vec::new();
        for (n, segment) in module.data().iter().enumerate() {
            if segment.mode != SegmentMode::Passive {
                chunks.push(chunk(module, DataIdx(n as u32), segment)?);
            }
        }
        let mut images = Vec::new();
        for memory in (0..module.memories().len() as u32).map(MemoryIdx) {
            if chunks.iter().any(|c| c.memory == memory && !c.bytes.is_empty()) {
                images.push((memory, MemoryImage::new(memory, &chunks)?));
            }
        }
        Some(MemoryImages { images, complete: true })
    }
}

impl MemoryImage {
    /// Bytes from the start of the memory to the end of the image.
    pub(crate) fn end(&self) -> usize {
        self.offset + self.len
    }

    fn new(memory: MemoryIdx, chunks: &[Chunk<'_>]) -> Option<MemoryImage> {
        let given = || chunks.iter().filter(|c| c.memory == memory && !c.bytes.is_empty());
        let page = sys::page_size();
        let start = given().map(|c| c.offset).min()? / page * page;
        let end = given().map(|c| c.offset + c.bytes.len()).max()?.next_multiple_of(page);
        let span: Range<usize> = start..end;
        let total = given().map(|c| c.bytes.len()).sum::<usize>();
        if span.len() > ALWAYS_IMAGED && span.len() / SPARSEST > total {
            return None;
        }
        let file = ImageFile::new(span.len(), given().map(|c| (c.offset - start, c.bytes)))?;
        Some(MemoryImage { offset: start, len: span.len(), file })
    }
}

/// An active segment that certainly succeeds; `None` if it may not.
fn chunk<'a>(module: &'a Module, data: DataIdx, segment: &DataSegment) -> Option<Chunk<'a>> {
    let SegmentMode::Active { target, offset } = &segment.mode else { return None };
    if target.0 < module.imported().memories {
        return None;
    }
    let ty: &MemoryType = &module.memories()[target.index()];
    if ty.shared {
        return None;
    }
    let size = usize::try_from(ty.min.checked_mul(ty.page_size())?).ok()?;
    let offset = usize::try_from(constant(offset)?).ok()?;
    let bytes = module.data_bytes(data);
    let end = offset.checked_add(bytes.len())?;
    (end <= size).then_some(Chunk { memory: *target, offset, bytes })
}
