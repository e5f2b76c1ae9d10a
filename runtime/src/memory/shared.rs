//! Memories that guests of several stores use at once, on as many threads.
//! Invariant: the base never moves and the length never falls, so an access that was
//! in bounds stays so. A store's copies of base and length are registered here until
//! the store is dropped. Spec: threads proposal, "Shared Linear Memory".
//!
//! Guests race on such a memory as they like. Their plain accesses are plain accesses
//! of the machine, made through raw pointers, as in every engine: what a racing load
//! gives is any mixture of the values written, and nothing here depends on it, because
//! no reference to the bytes is ever made and no decision of the engine rests on them.

use super::LinearMemory;
use super::waiters::{Poll, WaitResult, Waiters};
use crate::limits::ResourceError;
use crate::num::Cell;
use crate::store::{Shared, StoreId};
use crate::trap::Trap;
use crate::vm::VmMemory;
use core::cell::UnsafeCell;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use dayfly_parser::MemoryType;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

/// A memory that stores share. Clones are the same memory, and so are equal; it lives
/// as long as one of them or a store that uses it.
#[derive(Clone)]
pub struct SharedMemory(Arc<Inner>);

struct Inner {
    ty: MemoryType,
    engine: Arc<Shared>,
    base: *mut u8,
    /// Bytes; changed under the lock of `growth` only.
    len: AtomicUsize,
    growth: Mutex<Growth>,
    waiters: Waiters,
}

struct Growth {
    memory: LinearMemory,
    /// Copies of base and length in blocks of instances, by store.
    mirrors: HashMap<StoreId, Vec<NonNull<VmMemory>>>,
}

// SAFETY: the mapping is owned; mirrors are written under the lock, as their stores
// promised to allow.
unsafe impl Send for Inner {}
// SAFETY: as above; the bytes are reached by raw and atomic accesses only.
unsafe impl Sync for Inner {}

impl SharedMemory {
    /// A zeroed memory of its type's minimum size.
    pub(crate) fn allocate(engine: &Arc<Shared>, ty: MemoryType) -> Result<SharedMemory, ResourceError> {
        let memory = LinearMemory::new(ty, engine.config())?;
        let VmMemory { base, len } = memory.vm();
        Ok(SharedMemory(Arc::new(Inner {
            ty,
            engine: engine.clone(),
            base,
            len: AtomicUsize::new(len),
            growth: Mutex::new(Growth { memory, mirrors: HashMap::new() }),
            waiters: Waiters::default(),
        })))
    }

    /// The engine that it was made for.
    pub(crate) fn engine(&self) -> &Arc<Shared> {
        &self.0.engine
    }

    /// The type as it was created.
    pub(crate) fn created_as(&self) -> &MemoryType {
        &self.0.ty
    }

    /// The size in bytes.
    pub fn data_size(&self) -> usize {
        self.0.len.load(Ordering::SeqCst)
    }

    /// The size in pages.
    pub fn size(&self) -> u64 {
        (self.data_size() as u64) >> self.0.ty.page_size_log2
    }

    /// The memory's bytes as they may change under the reader's hands. Later growth
    /// is not part of the slice.
    pub fn data(&self) -> &[UnsafeCell<u8>] {
        // SAFETY: so many bytes stay mapped as long as `self`.
        unsafe { core::slice::from_raw_parts(self.0.base.cast(), self.data_size()) }
    }

    /// Adds pages if there are `old` of them, and says whether there were.
    pub(crate) fn grow_from(&self, old: u64, delta: u64) -> Result<bool, ResourceError> {
        let mut growth = self.lock();
        if growth.memory.pages() != old {
            return Ok(false);
        }
        growth.memory.grow(delta)?;
        let len = growth.memory.vm().len;
        self.0.len.store(len, Ordering::SeqCst);
        for mirror in growth.mirrors.values().flatten() {
            // SAFETY: registered mirrors are alive, and written under the lock only.
            unsafe { VmMemory::set_len(mirror.as_ptr(), len) };
        }
        Ok(true)
    }

    /// Copies the bytes at `start` into `buffer`, all or none.
    pub(crate) fn copy_out(&self, start: u64, buffer: &mut [u8]) -> Result<(), Trap> {
        let src = self.range(start, buffer.len())?;
        // SAFETY: the range is in bounds.
        unsafe { load_bytes(src, buffer) };
        Ok(())
    }

    /// Copies bytes to `start`, all or none.
    pub(crate) fn copy_in(&self, start: u64, bytes: &[u8]) -> Result<(), Trap> {
        let dst = self.range(start, bytes.len())?;
        // SAFETY: the range is in bounds.
        unsafe { store_bytes(dst, bytes) };
        Ok(())
    }

    /// Waits at an address for a notification if the cell there holds `expected`.
    pub(crate) fn wait<C: Cell, E: From<Trap>>(
        &self,
        address: u64,
        expected: u64,
        deadline: Option<Instant>,
        poll: Option<Poll<'_, E>>,
    ) -> Result<WaitResult, E> {
        let cell = self.cell::<C>(address)?;
        self.0.waiters.wait(address as usize, || C::load(cell) == expected, deadline, poll)
    }

    /// Wakes up to `count` threads that wait at an address, and says how many.
    pub(crate) fn notify(&self, address: u64, count: u32) -> Result<u32, Trap> {
        self.cell::<u32>(address)?;
        Ok(self.0.waiters.notify(address as usize, count))
    }

    /// Makes the memory known to a store, which keeps the attachment as long as its instances.
    pub(crate) fn attach(&self, store: StoreId) -> Attachment {
        Attachment { memory: self.clone(), store, len: self.data_size() }
    }

    fn cell<C: Cell>(&self, address: u64) -> Result<&C::Atomic, Trap> {
        if !address.is_multiple_of(C::BYTES as u64) {
            return Err(Trap::UnalignedAtomic);
        }
        let at = self.range(address, C::BYTES)?;
        // SAFETY: in bounds and aligned, since the base is; the memory outlives `self`.
        Ok(unsafe { &*at.cast::<C::Atomic>() })
    }

    fn range(&self, start: u64, len: usize) -> Result<*mut u8, Trap> {
        let end = start.checked_add(len as u64).filter(|&end| end <= self.data_size() as u64);
        end.ok_or(Trap::MemoryOutOfBounds)?;
        Ok(self.0.base.wrapping_add(start as usize))
    }

    fn lock(&self) -> MutexGuard<'_, Growth> {
        // Whatever panics under the lock leaves base and lengths as they were.
        self.0.growth.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// A shared memory as a store knows it. Dropping it takes the store's mirrors away.
#[derive(Debug)]
pub(crate) struct Attachment {
    memory: SharedMemory,
    store: StoreId,
    /// The length that all of the store's mirrors certainly have.
    len: usize,
}

impl Attachment {
    /// The memory.
    pub(crate) fn memory(&self) -> &SharedMemory {
        &self.memory
    }

    /// Adds a copy of base and length that is kept up to date, from whichever thread.
    ///
    /// # Safety
    /// The copy lives as long as the attachment, is written by nobody else, and read
    /// as `VmMemory::read` and `VmMemory::len` do.
    pub(crate) unsafe fn add_mirror(&self, mirror: NonNull<VmMemory>) {
        let mut growth = self.memory.lock();
        // SAFETY: the caller's promise; nobody grows the memory now.
        unsafe { mirror.write(growth.memory.vm()) };
        growth.mirrors.entry(self.store).or_default().push(mirror);
    }

    /// Waits until growth under way has reached the store's mirrors. Returns whether
    /// they may have changed since this was last asked: an access that was out of bounds
    /// by a mirror is to be tried again then.
    ///
    /// Growth reaches one mirror after the other. A thread that has seen it may tell
    /// another one before that one's mirror is changed.
    pub(crate) fn settle(&mut self) -> bool {
        let len = self.memory.lock().memory.vm().len;
        core::mem::replace(&mut self.len, len) != len
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.memory.lock().mirrors.remove(&self.store);
    }
}

impl PartialEq for SharedMemory {
    fn eq(&self, other: &SharedMemory) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SharedMemory {}

impl Hash for SharedMemory {
    fn hash<H: Hasher>(&self, state: &mut H) {
        ptr::hash(Arc::as_ptr(&self.0), state);
    }
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ty = MemoryType { min: self.size(), ..self.0.ty };
        f.debug_struct("SharedMemory").field("ty", &ty).finish_non_exhaustive()
    }
}

/// Bytes before the first whole word of a range, at most its length.
fn unaligned_head(at: *const u8, len: usize) -> usize {
    at.align_offset(align_of::<usize>()).min(len)
}

/// Copies bytes that others may be writing: whole words where that is possible.
///
/// # Safety
/// As many bytes as `to` has are mapped at `from`.
unsafe fn load_bytes(from: *mut u8, to: &mut [u8]) {
    let (head, rest) = to.split_at_mut(unaligned_head(from, to.len()));
    let (words, tail) = rest.as_chunks_mut::<{ size_of::<usize>() }>();
    let first_word = from.wrapping_add(head.len());
    let first_of_tail = first_word.wrapping_add(size_of_val(words));
    // SAFETY: the addresses are in the range; those of words are aligned.
    unsafe {
        for (n, byte) in head.iter_mut().enumerate() {
            *byte = AtomicU8::from_ptr(from.add(n)).load(Ordering::Relaxed);
        }
        for (n, word) in words.iter_mut().enumerate() {
            let cell = AtomicUsize::from_ptr(first_word.cast::<usize>().add(n));
            *word = cell.load(Ordering::Relaxed).to_ne_bytes();
        }
        for (n, byte) in tail.iter_mut().enumerate() {
            *byte = AtomicU8::from_ptr(first_of_tail.add(n)).load(Ordering::Relaxed);
        }
    }
}

/// As `load_bytes`, the other way.
///
/// # Safety
/// As many bytes as `from` has are mapped at `to`.
unsafe fn store_bytes(to: *mut u8, from: &[u8]) {
    let (head, rest) = from.split_at(unaligned_head(to, from.len()));
    let (words, tail) = rest.as_chunks::<{ size_of::<usize>() }>();
    let first_word = to.wrapping_add(head.len());
    let first_of_tail = first_word.wrapping_add(size_of_val(words));
    // SAFETY: as in `load_bytes`.
    unsafe {
        for (n, byte) in head.iter().enumerate() {
            AtomicU8::from_ptr(to.add(n)).store(*byte, Ordering::Relaxed);
        }
        for (n, word) in words.iter().enumerate() {
            let cell = AtomicUsize::from_ptr(first_word.cast::<usize>().add(n));
            cell.store(usize::from_ne_bytes(*word), Ordering::Relaxed);
        }
        for (n, byte) in tail.iter().enumerate() {
            AtomicU8::from_ptr(first_of_tail.add(n)).store(*byte, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RuntimeConfig;
    use crate::store::StoreOpaque;
    use core::cell::UnsafeCell;

    fn engine() -> Arc<Shared> {
        Shared::new(RuntimeConfig::default())
    }

    fn memory(engine: &Arc<Shared>, min: u64, max: u64) -> SharedMemory {
        let ty = MemoryType { shared: true, ..MemoryType::new(min, Some(max)) };
        SharedMemory::allocate(engine, ty).unwrap()
    }

    fn mirror() -> UnsafeCell<VmMemory> {
        UnsafeCell::new(VmMemory { base: ptr::null_mut(), len: 0 })
    }

    fn len(mirror: &UnsafeCell<VmMemory>) -> usize {
        // SAFETY: the mirror is alive.
        unsafe { VmMemory::len(mirror.get()) }
    }

    #[test]
    fn growth_reaches_the_mirrors_of_every_store_that_is_there() {
        let engine = engine();
        let memory = memory(&engine, 1, 9);
        let stores = [(); 2].map(|()| StoreOpaque::new(engine.clone(), Box::new(())));
        let [first, second] = stores.each_ref().map(|store| memory.attach(store.id()));
        let mirrors = [mirror(), mirror(), mirror()];
        for (attached, mirror) in [&first, &first, &second].into_iter().zip(&mirrors) {
            // SAFETY: the mirror outlives the attachment.
            unsafe { attached.add_mirror(NonNull::new(mirror.get()).unwrap()) };
        }
        assert_eq!(mirrors.each_ref().map(len), [1 << 16; 3]);
        assert!(memory.grow_from(1, 2).unwrap());
        assert_eq!(mirrors.each_ref().map(len), [3 << 16; 3]);
        drop(first);
        assert_eq!(memory.lock().mirrors.len(), 1);
        assert!(memory.grow_from(3, 1).unwrap());
        assert_eq!(mirrors.each_ref().map(len), [3 << 16, 3 << 16, 4 << 16]);
        drop(second);
        assert!(memory.lock().mirrors.is_empty());
    }

    #[test]
    fn growth_from_another_size_is_tried_again() {
        let memory = memory(&engine(), 1, 4);
        assert!(!memory.grow_from(0, 1).unwrap());
        assert!(memory.grow_from(1, 1).unwrap());
        assert!(memory.grow_from(2, 3).is_err());
        assert_eq!((memory.size(), memory.data_size(), memory.data().len()), (2, 2 << 16, 2 << 16));
    }

    #[test]
    fn an_access_is_tried_again_once_for_each_growth() {
        let engine = engine();
        let memory = memory(&engine, 1, 4);
        let store = StoreOpaque::new(engine, Box::new(()));
        let mut attached = memory.attach(store.id());
        assert!(!attached.settle());
        memory.grow_from(1, 1).unwrap();
        assert!(attached.settle());
        assert!(!attached.settle());
    }

    #[test]
    fn copies_need_no_alignment() {
        let memory = memory(&engine(), 1, 1);
        let bytes: Vec<u8> = (1..=40).collect();
        for start in 0..9 {
            for len in 0..bytes.len() {
                memory.copy_in(0, &[0xee; 64]).unwrap();
                memory.copy_in(start, &bytes[..len]).unwrap();
                let mut all = [0; 64];
                memory.copy_out(0, &mut all).unwrap();
                let (start, end) = (start as usize, start as usize + len);
                assert_eq!(all[start..end], bytes[..len]);
                assert!(all[..start].iter().chain(&all[end..]).all(|&byte| byte == 0xee));
                let mut part = vec![0; len];
                memory.copy_out(start as u64, &mut part).unwrap();
                assert_eq!(part, bytes[..len]);
            }
        }
        assert_eq!(memory.copy_in(65_535, &[1, 2]), Err(Trap::MemoryOutOfBounds));
        assert_eq!(memory.copy_out(u64::MAX, &mut [0]), Err(Trap::MemoryOutOfBounds));
        assert_eq!(memory.copy_out(65_536, &mut []), Ok(()));
    }

    #[test]
    fn addresses_of_cells_are_checked() {
        let memory = memory(&engine(), 1, 1);
        assert_eq!(memory.notify(2, 1), Err(Trap::UnalignedAtomic));
        assert_eq!(memory.notify(65_536, 1), Err(Trap::MemoryOutOfBounds));
        assert_eq!(memory.notify(65_532, 1), Ok(0));
        let wait = |address| memory.wait::<u64, Trap>(address, 1, None, None);
        assert_eq!(wait(65_532), Err(Trap::UnalignedAtomic));
        assert_eq!(wait(65_536), Err(Trap::MemoryOutOfBounds));
        assert_eq!(wait(65_528), Ok(WaitResult::Mismatch));
    }
}
