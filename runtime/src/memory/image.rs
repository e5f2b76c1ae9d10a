//! Initial contents of a module's memories, made once and mapped copy-on-write
//! into every instance but the first, which copies them: a module that has only one
//! instance needs no image. They exist only for modules whose active data segments
//! certainly succeed: constant offsets, in bounds, into memories of their own that
//! are not shared.

use super::LinearMemory;
use crate::config::RuntimeConfig;
use crate::const_expr::constant;
use crate::sys::{self, ImageFile};
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering};
use dayfly_parser::{DataIdx, DataSegment, MemoryIdx, MemoryType, Module, SegmentMode};
use std::fs::File;
use std::sync::{Arc, OnceLock};

/// The images of a module's memories.
#[derive(Debug)]
pub struct MemoryImages {
    enabled: bool,
    /// Whether they are to be made for the next instance.
    wanted: AtomicBool,
    /// `None` if instances have to copy the contents.
    made: OnceLock<Option<Images>>,
}

/// Those of the memories that have initial contents.
type Images = Box<[(MemoryIdx, MemoryImage)]>;

/// Initial contents of one memory: whole pages of the system.
#[derive(Debug)]
pub(crate) struct MemoryImage {
    /// Where in the memory it begins.
    pub(crate) offset: usize,
    /// Its bytes.
    pub(crate) len: usize,
    pub(crate) file: Arc<ImageFile>,
}

/// Initial contents of one memory, to be stored in a file.
#[derive(Debug)]
pub struct StoredImage {
    /// The memory.
    pub memory: MemoryIdx,
    /// Where in the memory it begins, at a page.
    pub offset: u64,
    /// Whole pages.
    pub bytes: Vec<u8>,
}

/// Initial contents of one memory where they stand in a file that nobody changes.
#[derive(Debug)]
pub struct ImagePart {
    /// The memory.
    pub memory: MemoryIdx,
    /// Where in the memory it begins.
    pub offset: u64,
    /// Bytes.
    pub len: u64,
    /// The file.
    pub file: File,
    /// Where in the file it begins.
    pub start: u64,
}

/// A file has at most so many bytes that no segment gives, and as many again as segments give.
const MAX_GAPS: usize = 64 << 10;

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
    /// None are made yet.
    pub fn new(config: &RuntimeConfig) -> MemoryImages {
        let enabled = config.memory_images;
        MemoryImages { enabled, wanted: AtomicBool::new(false), made: OnceLock::new() }
    }

    /// Makes them now, for a module that will have many instances. False if instances
    /// have to copy the contents.
    pub fn make(&self, module: &Module) -> bool {
        self.get(module).is_some()
    }

    /// What a file needs to hold for `adopt`: nothing where instances have to copy the contents, or where the
    /// file would be mostly zeros.
    pub fn to_store(module: &Module) -> Vec<StoredImage> {
        let stored = || {
            let chunks = chunks(module)?;
            let image = |memory| {
                let (span, total) = span(memory, &chunks)?;
                if span.len() > 2 * total + MAX_GAPS {
                    return None;
                }
                let mut bytes = vec![0; span.len()];
                for chunk in chunks.iter().filter(|chunk| chunk.memory == memory) {
                    bytes[chunk.offset - span.start..][..chunk.bytes.len()].copy_from_slice(chunk.bytes);
                }
                Some(StoredImage { memory, offset: span.start as u64, bytes })
            };
            imaged(module, &chunks).map(image).collect::<Option<Vec<_>>>()
        };
        stored().unwrap_or_default()
    }

    /// Takes images from a file instead of making them: all of the module's, as `to_store` gave them. Does
    /// nothing if there are none, or if they cannot be the module's.
    pub fn adopt(&self, module: &Module, parts: Vec<ImagePart>) {
        if !self.enabled || parts.is_empty() {
            return;
        }
        let adopt = |part: ImagePart| {
            let ty = module.memories().get(part.memory.index())?;
            let is_own = part.memory.0 >= module.imported().memories && !ty.shared;
            let (page, end) = (sys::page_size() as u64, part.offset.checked_add(part.len)?);
            // The last page may have room behind a memory with small pages of its own.
            let fits = end <= ty.min.checked_mul(ty.page_size())?.checked_next_multiple_of(page)?;
            let (offset, len) = (usize::try_from(part.offset).ok()?, usize::try_from(part.len).ok()?);
            if !is_own || !fits || !part.offset.is_multiple_of(page) {
                return None;
            }
            let file = Arc::new(ImageFile::of_file(part.file, part.start, len)?);
            Some((part.memory, MemoryImage { offset, len, file }))
        };
        if let Some(images) = parts.into_iter().map(adopt).collect() {
            // Nobody has an instance yet.
            let _ = self.made.set(Some(images));
        }
    }

    /// What to map into an instance of the module; all that its active data segments
    /// do is then done. `None` if the instance is to copy them.
    pub(crate) fn for_instance(&self, module: &Module) -> Option<&[(MemoryIdx, MemoryImage)]> {
        if let Some(made) = self.made.get() {
            return made.as_deref();
        }
        if !self.wanted.swap(true, Ordering::Relaxed) {
            return None;
        }
        self.get(module)
    }

    /// The image of a memory, if images were made and it has one.
    pub(crate) fn of(&self, memory: MemoryIdx) -> Option<&MemoryImage> {
        let images = self.made.get()?.as_ref()?;
        images.iter().find(|(owner, _)| *owner == memory).map(|(_, image)| image)
    }

    fn get(&self, module: &Module) -> Option<&[(MemoryIdx, MemoryImage)]> {
        let make = || if self.enabled { all(module) } else { None };
        self.made.get_or_init(make).as_deref()
    }
}

fn all(module: &Module) -> Option<Images> {
    let chunks = chunks(module)?;
    let image = |memory| Some((memory, MemoryImage::new(memory, &chunks)?));
    imaged(module, &chunks).map(image).collect()
}

/// What all active segments give; `None` if one may not succeed.
fn chunks(module: &Module) -> Option<Vec<Chunk<'_>>> {
    let active = (0..).zip(module.data()).filter(|(_, segment)| segment.mode != SegmentMode::Passive);
    active.map(|(n, segment)| chunk(module, DataIdx(n), segment)).collect()
}

/// The memories that have contents.
fn imaged(module: &Module, chunks: &[Chunk<'_>]) -> impl Iterator<Item = MemoryIdx> {
    let memories = (0..module.memories().len() as u32).map(MemoryIdx);
    memories.filter(|memory| chunks.iter().any(|c| c.memory == *memory && !c.bytes.is_empty()))
}

/// The pages that have contents, from the first to the last, and how many bytes are given.
fn span(memory: MemoryIdx, chunks: &[Chunk<'_>]) -> Option<(Range<usize>, usize)> {
    let given = || chunks.iter().filter(|c| c.memory == memory && !c.bytes.is_empty());
    let page = sys::page_size();
    let start = given().map(|c| c.offset).min()? / page * page;
    let end = given().map(|c| c.offset + c.bytes.len()).max()?.next_multiple_of(page);
    Some((start..end, given().map(|c| c.bytes.len()).sum()))
}

impl MemoryImage {
    /// Bytes from the start of the memory to the end of the image.
    pub(crate) fn end(&self) -> usize {
        self.offset + self.len
    }

    /// The present contents of a memory that can be reset; `None` if they are all zero, and in
    /// it `None` if the system does not give the file.
    pub(crate) fn of_memory(memory: &LinearMemory) -> Option<Option<MemoryImage>> {
        let (page, vm) = (sys::page_size(), memory.vm());
        let tracker = memory.tracked()?;
        let mut pages: Vec<usize> =
            (0..tracker.pages()).filter(|page| tracker.original(*page).is_some()).collect();
        tracker.each_changed(&mut |page| pages.push(page));
        pages.extend(tracker.pages()..vm.len.div_ceil(page));
        pages.sort_unstable();
        pages.dedup();
        // SAFETY: whole pages are accessible, and whoever has the memory does not write it now.
        let bytes = |n: usize| unsafe { core::slice::from_raw_parts(vm.base.wrapping_add(n * page), page) };
        pages.retain(|page| bytes(*page).iter().any(|byte| *byte != 0));
        let (first, last) = (*pages.first()?, *pages.last()?);
        let chunks = pages.iter().map(|n| ((n - first) * page, bytes(*n)));
        let len = (last + 1 - first) * page;
        let file = ImageFile::new(len, chunks);
        Some(file.map(|file| MemoryImage { offset: first * page, len, file: Arc::new(file) }))
    }

    fn new(memory: MemoryIdx, chunks: &[Chunk<'_>]) -> Option<MemoryImage> {
        let (span, total) = span(memory, chunks)?;
        let given = chunks.iter().filter(|c| c.memory == memory && !c.bytes.is_empty());
        if span.len() > ALWAYS_IMAGED && span.len() / SPARSEST > total {
            return None;
        }
        let file = ImageFile::new(span.len(), given.map(|c| (c.offset - span.start, c.bytes)))?;
        Some(MemoryImage { offset: span.start, len: span.len(), file: Arc::new(file) })
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
