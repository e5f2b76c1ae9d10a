//! Linear memories: a reservation of address space whose start is accessible. The
//! base never moves; growing makes more of the reservation accessible.
//! Spec: exec/runtime, "Memory Instances".

#[allow(unsafe_code, reason = "called by code with raw addresses of its instance")]
pub(crate) mod atomics;
mod image;
#[allow(unsafe_code, reason = "bytes that several threads change are reached by address")]
mod shared;
mod waiters;

pub use image::{ImagePart, MemoryImages, StoredImage};
pub use shared::SharedMemory;
pub use waiters::WaitResult;

pub(crate) use image::MemoryImage;
pub(crate) use shared::Attachment;

use crate::config::{MemoryTracking, RuntimeConfig};
use crate::limits::{Resource, ResourceError};
use crate::sys::tracking::{Source, Tracker, UNIT};
use crate::sys::{self, Mapping};
use crate::trap::Trap;
use crate::vm::VmMemory;
use dayfly_parser::MemoryType;

/// A linear memory.
#[derive(Debug)]
pub struct LinearMemory {
    ty: MemoryType,
    /// For a memory that is reset and used again. Before the mapping, which must outlive it.
    tracker: Option<Tracker>,
    mapping: Mapping,
    /// Bytes that the guest may access.
    len: usize,
    /// Bytes that it began with.
    initial: usize,
    /// Bytes that it can grow to.
    capacity: usize,
}

/// How much more than a 32-bit memory's reservation a 64-bit memory asks for.
pub const MEMORY64_FACTOR: u64 = 16;

/// Bytes that a memory may begin with if it is to be reset: as many as 32-bit addresses reach. What is noted of each page
/// would be too much for a larger one.
const MAX_RESETTABLE: u64 = 1 << 32;

/// Whether a memory of this type can be one that is reset.
pub(crate) fn can_be_reset(ty: &MemoryType) -> bool {
    !ty.shared && bytes(ty, ty.min) <= MAX_RESETTABLE
}

/// How much a memory can grow where address space cannot be had without memory.
const UNRESERVED_GROWTH: u64 = 16 << 20;

impl LinearMemory {
    /// A zeroed memory of its type's minimum size.
    pub fn new(ty: MemoryType, config: &RuntimeConfig) -> Result<LinearMemory, ResourceError> {
        let min = bytes(&ty, ty.min);
        if let Some(reserved) = guarded64(&ty, config).filter(|&reserved| min > reserved) {
            return Err(ResourceError::limit(Resource::MemoryBytes, min, Some(reserved)));
        }
        let failed = || ResourceError::out_of_memory(Resource::MemoryBytes, min);
        let len = usize::try_from(min).ok().filter(|&len| len <= MAX_BYTES).ok_or_else(failed)?;
        let (mut mapping, capacity) = reserve(&ty, len, config, 1).ok_or_else(failed)?;
        mapping.make_accessible(whole_pages(len)).ok_or_else(failed)?;
        Ok(LinearMemory { ty, tracker: None, mapping, len, initial: len, capacity })
    }

    /// A memory of so many pages with its initial contents, zero where there is no image,
    /// which can be reset. `None` if it cannot be had.
    pub(crate) fn resettable(
        ty: MemoryType,
        pages: u64,
        config: &RuntimeConfig,
        how: MemoryTracking,
        image: Option<&MemoryImage>,
    ) -> Option<LinearMemory> {
        let len = usize::try_from(bytes(&ty, pages).min(MAX_RESETTABLE + 1)).ok()?;
        if len as u64 > MAX_RESETTABLE.min(guarded64(&ty, config).unwrap_or(u64::MAX)) {
            return None;
        }
        let (mut mapping, capacity) = reserve(&ty, len, config, UNIT)?;
        mapping.make_accessible(whole_pages(len))?;
        let mut source = Source::Zero;
        if let Some(image) = image {
            mapping.map_image(image.offset, &image.file)?;
            source = Source::Image(image.file.clone(), image.offset);
        }
        // SAFETY: the mapping begins at a unit of its own and is dropped after the tracker;
        // it is accessible, zero but for the image, and reached through this memory alone.
        let tracker = unsafe { Tracker::new(how, mapping.base(), whole_pages(len), source) };
        Some(LinearMemory { ty, tracker: Some(tracker?), mapping, len, initial: len, capacity })
    }

    /// Makes the memory what it was when `resettable` made it. `None` if that is not
    /// possible, and then it must not be used any more.
    #[inline]
    pub(crate) fn reset(&mut self) -> Option<()> {
        if self.len != self.initial {
            self.len = self.initial;
            self.mapping.shrink_accessible(whole_pages(self.initial));
        }
        self.tracker.as_mut()?.reset()
    }

    /// The size in pages that it began with.
    pub(crate) fn initial_pages(&self) -> u64 {
        (self.initial as u64) >> self.ty.page_size_log2
    }

    /// What learns of writes, if the memory can be reset.
    pub(crate) fn tracker(&mut self) -> Option<&mut Tracker> {
        self.tracker.as_mut()
    }

    /// As `tracker`, to look.
    pub(crate) fn tracked(&self) -> Option<&Tracker> {
        self.tracker.as_ref()
    }

    /// The type as the memory was created.
    pub fn ty(&self) -> &MemoryType {
        &self.ty
    }

    /// The size in pages.
    pub fn pages(&self) -> u64 {
        (self.len as u64) >> self.ty.page_size_log2
    }

    /// Base and length as code sees them.
    pub fn vm(&self) -> VmMemory {
        VmMemory { base: self.mapping.base(), len: self.len }
    }

    /// Adds zeroed pages.
    pub fn grow(&mut self, delta: u64) -> Result<(), ResourceError> {
        let pages = self.pages().saturating_add(delta);
        let desired = bytes(&self.ty, pages);
        let max = self.ty.max.unwrap_or(u64::MAX).min(self.ty.address_limit());
        if pages > max {
            return Err(ResourceError::limit(Resource::MemoryBytes, desired, Some(bytes(&self.ty, max))));
        }
        let failed = || ResourceError::out_of_memory(Resource::MemoryBytes, desired);
        let len = usize::try_from(desired).ok().filter(|&len| len <= self.capacity).ok_or_else(failed)?;
        self.mapping.make_accessible(whole_pages(len)).ok_or_else(failed)?;
        self.len = len;
        Ok(())
    }

    /// Writes bytes, all or none.
    pub fn write(&mut self, start: u64, bytes: &[u8]) -> Result<(), Trap> {
        let end = start.checked_add(bytes.len() as u64).filter(|&end| end <= self.len as u64);
        end.ok_or(Trap::MemoryOutOfBounds)?;
        self.mapping.write(start as usize, bytes);
        Ok(())
    }

    /// Puts initial contents into a memory that is still zero. `None` if the system
    /// does not do it; then nothing has changed.
    pub(crate) fn map_image(&mut self, image: &MemoryImage) -> Option<()> {
        if self.tracker.is_some() {
            // It was made with its image.
            return Some(());
        }
        if image.end() > self.mapping.accessible() {
            return None;
        }
        self.mapping.map_image(image.offset, &image.file)
    }
}

/// The most that a memory can have: with its guard it stays below `isize::MAX`.
const MAX_BYTES: usize = isize::MAX as usize >> 1;

fn bytes(ty: &MemoryType, pages: u64) -> u64 {
    pages.saturating_mul(ty.page_size())
}

fn whole_pages(len: usize) -> usize {
    len.next_multiple_of(sys::page_size())
}

/// Bytes that a 64-bit memory may have where code compares addresses with this alone, and leaves the rest to the guard.
fn guarded64(ty: &MemoryType, config: &RuntimeConfig) -> Option<u64> {
    let guarded = config.memory_guarded && ty.memory64 && sys::CAN_RESERVE;
    guarded.then(|| config.memory_reservation.saturating_mul(MEMORY64_FACTOR))
}

/// Reserves address space for a memory, from a multiple of `align` on; also returns how many
/// bytes of it the memory may take. Asks for less where the system does not give all, unless
/// code relies on it.
fn reserve(ty: &MemoryType, len: usize, config: &RuntimeConfig, align: usize) -> Option<(Mapping, usize)> {
    let limit = bytes(ty, ty.max.unwrap_or(u64::MAX).min(ty.address_limit()));
    let wanted = match (sys::CAN_RESERVE, ty.memory64) {
        (false, _) => (len as u64).saturating_mul(2).max((len as u64).saturating_add(UNRESERVED_GROWTH)),
        (true, false) => config.memory_reservation,
        (true, true) => config.memory_reservation.saturating_mul(MEMORY64_FACTOR),
    };
    if config.memory_guarded && sys::CAN_RESERVE {
        let reserved = whole_pages(usize::try_from(wanted.max(len as u64)).ok()?.min(MAX_BYTES));
        let guard = whole_pages(usize::try_from(config.memory_guard).ok()?.min(MAX_BYTES));
        let capacity = usize::try_from(limit).unwrap_or(MAX_BYTES).min(reserved);
        return Some((map(reserved.checked_add(guard)?, align)?, capacity));
    }
    let guard = if sys::CAN_RESERVE { config.memory_guard } else { 0 };
    let guard = whole_pages(usize::try_from(guard).ok()?.min(MAX_BYTES));
    let mut capacity = usize::try_from(wanted.min(limit)).unwrap_or(MAX_BYTES).clamp(len, MAX_BYTES);
    loop {
        let total = whole_pages(capacity).checked_add(guard)?.max(sys::page_size());
        if let Some(mapping) = map(total, align) {
            return Some((mapping, capacity));
        }
        if capacity == len {
            return None;
        }
        capacity = (capacity / 2).max(len);
    }
}

/// Address space at a multiple of `align`, and to one if it matters.
fn map(len: usize, align: usize) -> Option<Mapping> {
    match align {
        1 => Mapping::reserve(len),
        _ => Mapping::reserve_aligned(len.checked_next_multiple_of(align)?, align),
    }
}

#[cfg(test)]
mod tests;
