//! The memories of a store, those of instances and those that the host made, and
//! the copies of their base and length that instances hold.
//! Spec: exec/modules, "Memories" and "Growing memories".

use super::{Memory, StoreOpaque};
use crate::config::MemoryTracking;
use crate::fault::HostError;
use crate::limits::{Resource, ResourceError};
use crate::memory::{Attachment, LinearMemory, MemoryImage, SharedMemory};
use crate::sys::tracking::Tracker;
use crate::trap::Trap;
use crate::vm::VmMemory;
use core::ptr::NonNull;
use core::slice;
use dayfly_parser::MemoryType;
use std::sync::Arc;

/// A memory and who is told when it grows.
#[derive(Debug)]
pub(crate) enum MemoryRecord {
    /// A memory of this store alone, and its copies in blocks of the store's instances.
    Own(LinearMemory, Vec<NonNull<VmMemory>>),
    /// A memory that other stores may have too.
    Shared(Attachment),
}

impl MemoryRecord {
    /// The memory, if others may share it.
    pub(crate) fn as_shared(&self) -> Option<&SharedMemory> {
        match self {
            MemoryRecord::Own(..) => None,
            MemoryRecord::Shared(attached) => Some(attached.memory()),
        }
    }

    /// Adds a copy of base and length that is kept up to date.
    ///
    /// # Safety
    /// The copy lives as long as the store, is written by nobody else, and read as
    /// `VmMemory::read` and `VmMemory::len` do.
    pub(crate) unsafe fn add_mirror(&mut self, mirror: NonNull<VmMemory>) {
        match self {
            MemoryRecord::Own(memory, mirrors) => {
                // SAFETY: the caller's promise.
                unsafe { mirror.write(memory.vm()) };
                mirrors.push(mirror);
            }
            // SAFETY: the caller's promise; the store drops what is attached first.
            MemoryRecord::Shared(attached) => unsafe { attached.add_mirror(mirror) },
        }
    }

    /// Writes bytes, all or none.
    pub(crate) fn write(&mut self, start: u64, bytes: &[u8]) -> Result<(), Trap> {
        match self {
            MemoryRecord::Own(memory, _) => memory.write(start, bytes),
            MemoryRecord::Shared(attached) => attached.memory().copy_in(start, bytes),
        }
    }

    /// Puts initial contents into a memory that is still zero. `None` if that is not
    /// possible; then nothing has changed.
    pub(crate) fn map_image(&mut self, image: &MemoryImage) -> Option<()> {
        match self {
            MemoryRecord::Own(memory, _) => memory.map_image(image),
            MemoryRecord::Shared(_) => None,
        }
    }

    /// Makes the memory as new; it is in no instance but its own then. `None` if that is not
    /// possible.
    #[inline]
    pub(crate) fn reset(&mut self) -> Option<()> {
        let MemoryRecord::Own(memory, mirrors) = self else { return None };
        mirrors.truncate(1);
        memory.reset()?;
        for mirror in mirrors {
            // SAFETY: `add_mirror`'s promise.
            unsafe { mirror.write(memory.vm()) };
        }
        Some(())
    }

    /// What learns of writes, if the memory can be reset.
    #[inline]
    pub(crate) fn tracker(&mut self) -> Option<&mut Tracker> {
        match self {
            MemoryRecord::Own(memory, _) => memory.tracker(),
            MemoryRecord::Shared(_) => None,
        }
    }

    /// The memory, if it is of this store alone.
    pub(crate) fn own(&self) -> Option<&LinearMemory> {
        match self {
            MemoryRecord::Own(memory, _) => Some(memory),
            MemoryRecord::Shared(_) => None,
        }
    }

    /// Compares the memory with what it was when it was made.
    ///
    /// # Panics
    /// If it is different.
    pub(crate) fn check_reset(&self, n: usize) {
        let MemoryRecord::Own(memory, _) = self else { panic!("a shared memory is never reset") };
        let tracker = memory.tracked().expect("a memory that is reset is tracked");
        assert!(memory.pages() == memory.initial_pages(), "memory {n} is not as large as a new one");
        for page in 0..tracker.pages() {
            assert!(!tracker.differs(page), "page {page} of memory {n} is not as new");
        }
    }

    fn ty(&self) -> &MemoryType {
        match self {
            MemoryRecord::Own(memory, _) => memory.ty(),
            MemoryRecord::Shared(attached) => attached.memory().created_as(),
        }
    }

    pub(super) fn pages(&self) -> u64 {
        match self {
            MemoryRecord::Own(memory, _) => memory.pages(),
            MemoryRecord::Shared(attached) => attached.memory().size(),
        }
    }

    /// Base and length of a memory of this store alone.
    pub(super) fn private(&self) -> VmMemory {
        match self {
            MemoryRecord::Own(memory, _) => memory.vm(),
            MemoryRecord::Shared(_) => shared_as_slice(),
        }
    }

    /// Adds pages if there are `old` of them, and says whether there were.
    fn grow_from(&mut self, old: u64, delta: u64) -> Result<bool, ResourceError> {
        match self {
            MemoryRecord::Own(memory, mirrors) => {
                memory.grow(delta)?;
                for mirror in mirrors {
                    // SAFETY: `add_mirror`'s promise.
                    unsafe { mirror.write(memory.vm()) };
                }
                Ok(true)
            }
            MemoryRecord::Shared(attached) => attached.memory().grow_from(old, delta),
        }
    }
}

#[cold]
fn shared_as_slice() -> ! {
    panic!("the bytes of a shared memory cannot be borrowed: use the methods of `SharedMemory`")
}

impl StoreOpaque {
    /// Makes a memory of the host. It is zero.
    ///
    /// # Panics
    /// If the type is shared: those are made by `SharedMemory::new`.
    pub fn new_memory(&mut self, ty: MemoryType) -> Result<Memory, ResourceError> {
        assert!(!ty.shared, "shared memories are made by `SharedMemory::new`");
        self.admit_memories(1)?;
        let index = self.add_memory(ty)?;
        Ok(Memory { store: self.owner(false), index })
    }

    /// The position in the store of a memory that others share; it becomes one of the
    /// store's memories unless it is already.
    ///
    /// # Panics
    /// If it was made for another engine.
    pub(crate) fn attach_memory(&mut self, memory: &SharedMemory) -> Result<u32, ResourceError> {
        assert!(
            Arc::ptr_eq(memory.engine(), self.shared()),
            "shared memory and store are of different engines"
        );
        if let Some(known) = self.memories.iter().position(|record| record.as_shared() == Some(memory)) {
            return Ok(known as u32);
        }
        self.admit_memories(1)?;
        self.memories.push(MemoryRecord::Shared(memory.attach(self.id())));
        Ok(self.memories.len() as u32 - 1)
    }

    /// Waits until growth of shared memories under way on other threads is seen by this
    /// store's instances. Returns whether any may have changed since this was last asked.
    #[cold]
    pub(crate) fn settle_memories(&mut self) -> bool {
        let mut changed = false;
        for record in &mut self.memories {
            if let MemoryRecord::Shared(attached) = record {
                changed |= attached.settle();
            }
        }
        changed
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
    ///
    /// # Panics
    /// If the memory is of another store, or shared.
    pub fn memory_data(&self, memory: Memory) -> &[u8] {
        let vm = self.memory(memory).private();
        // SAFETY: `len` bytes are mapped at `base`. Guests cannot write them while
        // the store is borrowed, because entering code takes `&mut`.
        unsafe { slice::from_raw_parts(vm.base, vm.len) }
    }

    /// The memory's bytes.
    ///
    /// # Panics
    /// As `memory_data`.
    pub fn memory_data_mut(&mut self, memory: Memory) -> &mut [u8] {
        self.check(memory.store);
        if let Some(tracker) = self.memories[memory.index as usize].tracker() {
            // The host may let the kernel write there, which no fault handler sees.
            tracker.open();
        }
        self.memory_data_mut_by_host(memory)
    }

    /// As `memory_data_mut`, but before the kernel is to write anywhere the host writes
    /// there itself.
    pub(crate) fn memory_data_mut_by_host(&mut self, memory: Memory) -> &mut [u8] {
        let vm = self.memory(memory).private();
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
        let ty = *self.memories[index as usize].ty();
        loop {
            let old = self.memories[index as usize].pages();
            if delta == 0 {
                return Ok(old);
            }
            // Saturation is refused below: no address space is that large.
            let bytes =
                |pages: u64| usize::try_from(pages.saturating_mul(ty.page_size())).unwrap_or(usize::MAX);
            let desired = bytes(old.saturating_add(delta));
            self.allow_memory(bytes(old), desired, ty.max.map(bytes))?;
            match self.memories[index as usize].grow_from(old, delta) {
                Ok(true) => return Ok(old),
                // Another thread was faster, and the limiter was asked about less.
                Ok(false) => {}
                Err(error) => return Err(self.memory_refused(error)),
            }
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
        self.allow_new_memory(&ty, ty.min)?;
        let made = if ty.shared {
            SharedMemory::allocate(self.shared(), ty).map(|m| MemoryRecord::Shared(m.attach(self.id())))
        } else {
            LinearMemory::new(ty, self.shared().config()).map(|m| MemoryRecord::Own(m, Vec::new()))
        };
        match made {
            Ok(record) => self.memories.push(record),
            Err(error) => return Err(self.memory_refused(error)),
        }
        Ok(self.memories.len() as u32 - 1)
    }

    /// As `add_memory`, of a memory that can be reset, with so many pages and an image;
    /// `None` if it cannot be had.
    pub(crate) fn add_resettable_memory(
        &mut self,
        ty: MemoryType,
        how: MemoryTracking,
        (pages, image): (u64, Option<&MemoryImage>),
    ) -> Result<Option<()>, ResourceError> {
        self.allow_new_memory(&ty, pages)?;
        let made = LinearMemory::resettable(ty, pages, self.shared().config(), how, image);
        Ok(made.map(|memory| self.memories.push(MemoryRecord::Own(memory, Vec::new()))))
    }

    /// Asks the limiter whether there may be a memory of this type with so many pages.
    pub(crate) fn allow_new_memory(&mut self, ty: &MemoryType, pages: u64) -> Result<(), ResourceError> {
        let bytes = |pages: u64| usize::try_from(pages.saturating_mul(ty.page_size())).unwrap_or(usize::MAX);
        self.allow_memory(0, bytes(pages), ty.max.map(bytes))
    }

    fn memory(&self, memory: Memory) -> &MemoryRecord {
        self.check(memory.store);
        &self.memories[memory.index as usize]
    }

    pub(super) fn allow_memory(
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
    pub(super) fn memory_refused(&mut self, error: ResourceError) -> ResourceError {
        let Some(limiter) = self.limiter() else { return error };
        let told = HostError::msg(error.to_string());
        match limiter.memory_grow_failed(told) {
            Ok(()) => error,
            Err(host) => ResourceError::Host(host),
        }
    }
}
