//! The memories of a store, those of instances and those that the host made, and
//! the copies of their base and length that instances hold.
//! Spec: exec/modules, "Memories" and "Growing memories".

use super::{Memory, StoreOpaque};
use crate::fault::HostError;
use crate::limits::{Resource, ResourceError};
use crate::memory::LinearMemory;
use crate::vm::VmMemory;
use core::ptr::NonNull;
use core::slice;
use dayfly_parser::MemoryType;

/// A memory and who is told when it grows.
#[derive(Debug)]
pub(crate) struct MemoryRecord {
    pub(crate) memory: LinearMemory,
    /// In blocks of instances of the same store.
    mirrors: Vec<NonNull<VmMemory>>,
}

impl MemoryRecord {
    /// Adds a copy of base and length that is kept up to date.
    ///
    /// # Safety
    /// The copy lives as long as the store and is written by nobody else.
    pub(crate) unsafe fn add_mirror(&mut self, mirror: NonNull<VmMemory>) {
        // SAFETY: the caller's promise.
        unsafe { mirror.write(self.memory.vm()) };
        self.mirrors.push(mirror);
    }

    fn update_mirrors(&self) {
        for mirror in &self.mirrors {
            // SAFETY: `add_mirror`'s promise.
            unsafe { mirror.write(self.memory.vm()) };
        }
    }
}

impl StoreOpaque {
    /// Makes a memory of the host. It is zero.
    pub fn new_memory(&mut self, ty: MemoryType) -> Result<Memory, ResourceError> {
        self.admit_memories(1)?;
        let index = self.add_memory(ty)?;
        Ok(Memory { store: self.id(), index })
    }

    /// The memory's type as it was created.
    pub fn memory_type(&self, memory: Memory) -> MemoryType {
        *self.memory(memory).ty()
    }

    /// The memory's size in pages.
    pub fn memory_size(&self, memory: Memory) -> u64 {
        self.memory(memory).pages()
    }

    /// The memory's bytes.
    pub fn memory_data(&self, memory: Memory) -> &[u8] {
        let vm = self.memory(memory).vm();
        // SAFETY: `len` bytes are mapped at `base`. Guests cannot write them while
        // the store is borrowed, because entering code takes `&mut`.
        unsafe { slice::from_raw_parts(vm.base, vm.len) }
    }

    /// The memory's bytes.
    pub fn memory_data_mut(&mut self, memory: Memory) -> &mut [u8] {
        let vm = self.memory(memory).vm();
        // SAFETY: as in `memory_data`; the borrow is exclusive.
        unsafe { slice::from_raw_parts_mut(vm.base, vm.len) }
    }

    /// Adds pages, and returns how many there were before.
    pub fn memory_grow(&mut self, memory: Memory, delta: u64) -> Result<u64, ResourceError> {
        self.check(memory.store);
        self.grow_memory_at(memory.index, delta)
    }

    /// As `memory_grow`, of the memory at a position in the store.
    pub(crate) fn grow_memory_at(&mut self, index: u32, delta: u64) -> Result<u64, ResourceError> {
        let memory = &self.memories[index as usize].memory;
        let (old, ty) = (memory.pages(), *memory.ty());
        if delta == 0 {
            return Ok(old);
        }
        // Saturation is refused below: no address space is that large.
        let bytes = |pages: u64| usize::try_from(pages.saturating_mul(ty.page_size())).unwrap_or(usize::MAX);
        let desired = bytes(old.saturating_add(delta));
        self.allow_memory(bytes(old), desired, ty.max.map(bytes))?;
        let record = &mut self.memories[index as usize];
        match record.memory.grow(delta) {
            Ok(()) => {
                record.update_mirrors();
                Ok(old)
            }
            Err(error) => Err(self.memory_refused(error)),
        }
    }

    /// Checks that the limiter lets the store have so many more memories.
    pub(crate) fn admit_memories(&mut self, count: usize) -> Result<(), ResourceError> {
        let allowed = self.limiter().map_or(crate::limits::DEFAULT_COUNT, |l| l.memories());
        let total = self.memories.len() + count;
        if count > 0 && total > allowed {
            return Err(ResourceError::limit(Resource::Memories, total as u64, Some(allowed as u64)));
        }
        Ok(())
    }

    /// Makes a zeroed memory; the count was admitted.
    pub(crate) fn add_memory(&mut self, ty: MemoryType) -> Result<u32, ResourceError> {
        let bytes = |pages: u64| usize::try_from(pages.saturating_mul(ty.page_size())).unwrap_or(usize::MAX);
        self.allow_memory(0, bytes(ty.min), ty.max.map(bytes))?;
        let memory = match LinearMemory::new(ty, self.shared().config()) {
            Ok(memory) => memory,
            Err(error) => return Err(self.memory_refused(error)),
        };
        self.memories.push(MemoryRecord { memory, mirrors: Vec::new() });
        Ok(self.memories.len() as u32 - 1)
    }

    fn memory(&self, memory: Memory) -> &LinearMemory {
        self.check(memory.store);
        &self.memories[memory.index as usize].memory
    }

    fn allow_memory(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<(), ResourceError> {
        match self.limiter().map(|limiter| limiter.memory_growing(current, desired, maximum)) {
            None | Some(Ok(true)) => Ok(()),
            Some(Ok(false)) => Err(ResourceError::limit(Resource::MemoryBytes, desired as u64, None)),
            Some(Err(error)) => Err(ResourceError::Host(error)),
        }
    }

    /// Tells the limiter that what it allowed did not succeed; it may make it a failure.
    #[cold]
    fn memory_refused(&mut self, error: ResourceError) -> ResourceError {
        let Some(limiter) = self.limiter() else { return error };
        let told = HostError::msg(error.to_string());
        match limiter.memory_grow_failed(told) {
            Ok(()) => error,
            Err(host) => ResourceError::Host(host),
        }
    }
}
