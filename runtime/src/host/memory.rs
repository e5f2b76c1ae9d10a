//! Memories, as the host uses them. Spec: appendix/embedding, "Memories".

use crate::host::{AsContext, AsContextMut, Error, MemoryView, Result, StoreContext, StoreContextMut};
use crate::limits::ResourceError;
use crate::store::Memory;
use core::any::Any;
use core::fmt;
use dayfly_parser::MemoryType;

/// An access of the host outside of a memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct MemoryAccessError;

impl fmt::Display for MemoryAccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of bounds memory access")
    }
}

impl core::error::Error for MemoryAccessError {}

/// All methods panic if the memory is of another store than they are given.
impl Memory {
    /// A memory of the host, zeroed.
    ///
    /// # Errors
    /// When the type is not valid or shared, the store's limiter refuses, or the system does
    /// not give the memory.
    pub fn new(mut store: impl AsContextMut, ty: MemoryType) -> Result<Memory> {
        check_type(&ty)?;
        if ty.shared {
            return Err(invalid_type("it is shared: use `SharedMemory::new`"));
        }
        store.as_context_mut().opaque_mut().new_memory(ty).map_err(Error::from_resource)
    }

    /// The memory's type; `min` is its present size.
    pub fn ty(&self, store: impl AsContext) -> MemoryType {
        let store = store.as_context().opaque();
        MemoryType { min: store.memory_size(*self), ..store.memory_type(*self) }
    }

    /// The memory's bytes.
    pub fn data<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        store.into().opaque().memory_data(*self)
    }

    /// The memory's bytes. They may be given to system calls as they are, for which
    /// [`Memory::view_mut`] is faster when the instance is made from an
    /// `InstancePre`: there, all of a memory has to be written back after this.
    pub fn data_mut<'a, T: 'static>(&self, store: impl Into<StoreContextMut<'a, T>>) -> &'a mut [u8] {
        store.into().opaque().memory_data_mut(*self)
    }

    /// The memory's bytes, to be read and written, and by range for the system to write to.
    pub fn view_mut<'a, T: 'static>(&self, store: impl Into<StoreContextMut<'a, T>>) -> MemoryView<'a> {
        MemoryView::from(store.into().opaque().memory_data_mut_by_host(*self))
    }

    /// As [`Memory::view_mut`], and the store's data, both at once.
    pub fn view_and_store_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (MemoryView<'a>, &'a mut T) {
        let store = store.into().opaque();
        let data: *mut dyn Any = store.data_mut();
        let view = MemoryView::from(store.memory_data_mut_by_host(*self));
        // SAFETY: as in `data_and_store_mut`.
        (view, unsafe { &mut *data.cast::<T>() })
    }

    /// The memory's bytes and the store's data, both at once; see [`Memory::data_mut`].
    pub fn data_and_store_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        let store = store.into().opaque();
        let data: *mut dyn Any = store.data_mut();
        let bytes = store.memory_data_mut(*self);
        // SAFETY: the data is a `T`, as the context says. It is an allocation of its
        // own, apart from the memory, and `store` is given up for both.
        (bytes, unsafe { &mut *data.cast::<T>() })
    }

    /// The size in bytes.
    pub fn data_size(&self, store: impl AsContext) -> usize {
        store.as_context().opaque().memory_data(*self).len()
    }

    /// The size in pages.
    pub fn size(&self, store: impl AsContext) -> u64 {
        store.as_context().opaque().memory_size(*self)
    }

    /// Bytes in a page.
    pub fn page_size(&self, store: impl AsContext) -> u64 {
        store.as_context().opaque().memory_type(*self).page_size()
    }

    /// Adds `delta` pages and returns how many there were before.
    ///
    /// # Errors
    /// When the type's maximum or the store's limiter stands against it, or the
    /// system does not give the memory.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64) -> Result<u64> {
        store.as_context_mut().opaque_mut().memory_grow(*self, delta).map_err(Error::from_resource)
    }

    /// Copies the bytes at `offset` into `buffer`.
    ///
    /// # Errors
    /// When they are not all in the memory; nothing is copied then.
    pub fn read(
        &self,
        store: impl AsContext,
        offset: usize,
        buffer: &mut [u8],
    ) -> Result<(), MemoryAccessError> {
        let data = store.as_context().opaque().memory_data(*self);
        let end = offset.checked_add(buffer.len()).ok_or(MemoryAccessError)?;
        buffer.copy_from_slice(data.get(offset..end).ok_or(MemoryAccessError)?);
        Ok(())
    }

    /// Copies `buffer` to `offset`.
    ///
    /// # Errors
    /// When it does not fit in the memory; nothing is copied then.
    pub fn write(
        &self,
        mut store: impl AsContextMut,
        offset: usize,
        buffer: &[u8],
    ) -> Result<(), MemoryAccessError> {
        let mut context = store.as_context_mut();
        let data = context.opaque_mut().memory_data_mut_by_host(*self);
        let end = offset.checked_add(buffer.len()).ok_or(MemoryAccessError)?;
        data.get_mut(offset..end).ok_or(MemoryAccessError)?.copy_from_slice(buffer);
        Ok(())
    }
}

impl Error {
    /// A limiter's error as itself, others as they are.
    #[cold]
    pub(crate) fn from_resource(error: ResourceError) -> Error {
        match error {
            ResourceError::Host(error) => error,
            error => Error::new(error),
        }
    }
}

/// Spec: valid/types, "Memory Types".
pub(super) fn check_type(ty: &MemoryType) -> Result<()> {
    let limit = ty.address_limit();
    if !matches!(ty.page_size_log2, 0 | 16) {
        return Err(invalid_type("pages are of 1 or 65536 bytes"));
    }
    if ty.min > limit || ty.max.is_some_and(|max| max > limit) {
        return Err(invalid_type("the size is above what its addresses can reach"));
    }
    if ty.max.is_some_and(|max| max < ty.min) {
        return Err(invalid_type("the maximum is below the minimum"));
    }
    if ty.shared && ty.max.is_none() {
        return Err(invalid_type("a shared memory needs a maximum"));
    }
    Ok(())
}

#[cold]
pub(super) fn invalid_type(reason: &'static str) -> Error {
    Error::msg(reason).context("invalid memory type")
}
