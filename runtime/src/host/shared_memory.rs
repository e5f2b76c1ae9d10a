//! Shared memories, as the host uses them: without a store, from any thread.
//! Spec: threads proposal, "Shared Linear Memory", "Wait and notify operators".

use super::memory::{check_type, invalid_type};
use crate::host::{Error, MemoryAccessError, Result};
use crate::memory::{SharedMemory, WaitResult};
use crate::store::{Extern, Shared};
use crate::trap::Trap;
use dayfly_parser::MemoryType;
use std::sync::Arc;
use std::time::{Duration, Instant};

impl SharedMemory {
    /// A shared memory, zeroed. `engine` is a `dayfly::Engine`; the memory can be
    /// imported in all its stores. No store's limiter is asked.
    ///
    /// # Errors
    /// When the type is not valid or not shared, or the system does not give the memory.
    pub fn new(engine: &impl AsRef<Arc<Shared>>, ty: MemoryType) -> Result<SharedMemory> {
        check_type(&ty)?;
        if !ty.shared {
            return Err(invalid_type("it is not shared: use `Memory::new`"));
        }
        SharedMemory::allocate(engine.as_ref(), ty).map_err(Error::from_resource)
    }

    /// The memory's type; `min` is its present size.
    pub fn ty(&self) -> MemoryType {
        MemoryType { min: self.size(), ..*self.created_as() }
    }

    /// Bytes in a page.
    pub fn page_size(&self) -> u64 {
        self.created_as().page_size()
    }

    /// Adds `delta` pages and returns how many there were before. All instances that
    /// use the memory see it. No store's limiter is asked.
    ///
    /// # Errors
    /// When the type's maximum stands against it, or the system does not give the memory.
    pub fn grow(&self, delta: u64) -> Result<u64> {
        loop {
            let old = self.size();
            if delta == 0 || self.grow_from(old, delta).map_err(Error::from_resource)? {
                return Ok(old);
            }
        }
    }

    /// Copies the bytes at `offset` into `buffer`. What others write meanwhile may be
    /// seen in part.
    ///
    /// # Errors
    /// When they are not all in the memory; nothing is copied then.
    pub fn read(&self, offset: usize, buffer: &mut [u8]) -> Result<(), MemoryAccessError> {
        self.copy_out(offset as u64, buffer).map_err(|_| MemoryAccessError)
    }

    /// Copies `buffer` to `offset`. Others may see a part of it before the rest.
    ///
    /// # Errors
    /// When it does not fit in the memory; nothing is copied then.
    pub fn write(&self, offset: usize, buffer: &[u8]) -> Result<(), MemoryAccessError> {
        self.copy_in(offset as u64, buffer).map_err(|_| MemoryAccessError)
    }

    /// Wakes up to `count` threads that wait at an address, those that have waited
    /// longest first, and returns how many: `memory.atomic.notify`.
    ///
    /// # Errors
    /// When the address is not a multiple of 4, or out of bounds.
    pub fn atomic_notify(&self, address: u64, count: u32) -> Result<u32, Trap> {
        self.notify(address, count)
    }

    /// Blocks the thread until it is notified at `address` or the time is up; without a
    /// time-out, until it is notified: `memory.atomic.wait32`.
    ///
    /// # Errors
    /// When the address is not a multiple of 4, or out of bounds.
    pub fn atomic_wait32(
        &self,
        address: u64,
        expected: u32,
        timeout: Option<Duration>,
    ) -> Result<WaitResult, Trap> {
        self.wait::<u32, Trap>(address, expected.into(), deadline(timeout), None)
    }

    /// As [`SharedMemory::atomic_wait32`]: `memory.atomic.wait64`.
    ///
    /// # Errors
    /// When the address is not a multiple of 8, or out of bounds.
    pub fn atomic_wait64(
        &self,
        address: u64,
        expected: u64,
        timeout: Option<Duration>,
    ) -> Result<WaitResult, Trap> {
        self.wait::<u64, Trap>(address, expected, deadline(timeout), None)
    }
}

/// When a time-out ends; never if that is too far to be told.
fn deadline(timeout: Option<Duration>) -> Option<Instant> {
    Instant::now().checked_add(timeout?)
}

impl From<SharedMemory> for Extern {
    fn from(memory: SharedMemory) -> Extern {
        Extern::SharedMemory(memory)
    }
}
