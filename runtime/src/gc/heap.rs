//! The memory of a GC heap: a reservation of two halves, of which one holds the
//! objects and the other is where the next collection moves them.
//!
//! Invariant: once the heap exists, `VmStore::gc_next..gc_limit` is free and
//! accessible, and what lies before it in the active half are objects one after the
//! other. References count from the start of the reservation, whose first bytes
//! stay inaccessible, so that no object is at 0.

use super::object::{self, Header};
use crate::config::RuntimeConfig;
use crate::sys::{self, Mapping};
use crate::vm::VmStore;
use core::ops::Range;
use core::ptr::NonNull;
use core::slice;
use core::time::Duration;

/// What a store's GC heap has done and what it takes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct GcStats {
    /// Collections.
    pub collections: u64,
    /// Bytes of all objects ever made.
    pub bytes_allocated: u64,
    /// Bytes of the objects that survived the last collection.
    pub live_bytes: u64,
    /// Bytes that objects can take before the heap is collected or grows.
    pub capacity: u64,
    /// Time spent collecting.
    pub pause_total: Duration,
    /// The longest collection.
    pub pause_max: Duration,
}

/// The memory of a GC heap.
#[derive(Debug)]
pub(crate) struct GcHeap {
    vm: NonNull<VmStore>,
    mapping: Option<Mapping>,
    /// Whether there is a heap in the mapping; else it waits for the next one.
    exists: bool,
    /// Bytes from the start of each half that were made accessible. At least `capacity`.
    opened: u32,
    /// Bytes that the objects may take at most.
    max: u32,
    /// Whether the objects are in the second half.
    in_second: bool,
    /// Bytes of the active half in use; so many are accessible in both halves.
    capacity: u32,
    /// Bytes from the start of each half that earlier collections have left objects in.
    left: [u32; 2],
    /// Up to where `stats.bytes_allocated` counts.
    counted: u32,
    torture: bool,
    stats: GcStats,
}

/// The size of a new heap: it fits in a core's own cache.
pub(crate) const INITIAL_CAPACITY: u32 = 256 << 10;

/// Bytes at the start of the reservation, and between the halves, that stay inaccessible.
const GUARD: u32 = 64 << 10;

/// What a half can have at most, so that every reference is below 2^32.
const MAX_CAPACITY: u64 = (1 << 31) - GUARD as u64;

/// As `MAX_CAPACITY`, where address space cannot be had without memory.
const MAX_UNRESERVED: u64 = 32 << 20;

impl GcHeap {
    /// A heap that takes no memory yet.
    pub(crate) fn new(vm: NonNull<VmStore>, config: &RuntimeConfig) -> GcHeap {
        let limit = if sys::CAN_RESERVE { MAX_CAPACITY } else { MAX_UNRESERVED };
        let max = config.max_gc_heap.min(limit) as u32;
        GcHeap {
            vm,
            mapping: None,
            exists: false,
            opened: 0,
            max: max - max % page_size(),
            in_second: false,
            capacity: 0,
            left: [0; 2],
            counted: 0,
            torture: config.gc_torture,
            stats: GcStats::default(),
        }
    }

    /// Whether the heap can hold objects.
    pub(crate) fn exists(&self) -> bool {
        self.exists
    }

    /// Makes the heap one that does not exist. Its address space is kept for the next one,
    /// and so is what a new heap takes of memory, zeroed.
    pub(crate) fn clear(&mut self) {
        if !core::mem::take(&mut self.exists) {
            return;
        }
        self.note_left();
        let halves = [self.space(false).start, self.space(true).start];
        if let Some(mapping) = &mut self.mapping {
            if self.torture || self.capacity > INITIAL_CAPACITY {
                for start in halves {
                    mapping.close(bytes(start..start + self.opened.max(self.capacity)));
                }
                self.opened = 0;
            } else {
                // What it was once larger by has been closed.
                for (start, left) in halves.into_iter().zip(self.left) {
                    mapping.zero(bytes(start..start + left.min(self.capacity)));
                }
            }
        }
        self.left = [0; 2];
        (self.in_second, self.capacity, self.counted) = (false, 0, 0);
        self.stats = GcStats::default();
        // SAFETY: the store's state lives as long as the heap.
        unsafe {
            (*self.vm.as_ptr()).gc_base = core::ptr::null_mut();
            (*self.vm.as_ptr()).gc_next = 0;
            (*self.vm.as_ptr()).gc_limit = 0;
        }
    }

    /// Bytes that the objects may take at most.
    pub(crate) fn max(&self) -> u32 {
        self.max
    }

    /// Bytes that objects can take before the heap is collected or grows.
    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Bytes that objects take, dead ones included.
    pub(crate) fn used(&self) -> u32 {
        self.next() - self.active().start
    }

    /// Whether the objects are in the first half, which begins at the same place in every store.
    pub(crate) fn is_in_first_half(&self) -> bool {
        !self.in_second
    }

    /// All objects, dead ones included, as they lie one after the other. Code rests.
    pub(crate) fn objects(&self) -> &[u8] {
        let start = self.active().start;
        // SAFETY: what is before the free part of the active half is accessible.
        unsafe { slice::from_raw_parts(self.base().add(start as usize), self.used() as usize) }
    }

    /// Counts the first bytes of a heap in which there is nothing yet as objects, which are
    /// to be written to where this points.
    pub(crate) fn fill(&mut self, len: u32) -> *mut u8 {
        let start = self.active().start;
        assert!(self.exists && self.next() == start && len <= self.capacity, "there is room");
        self.counted = start + len;
        self.publish(start + len);
        self.stats.live_bytes = u64::from(len);
        self.base().wrapping_add(start as usize)
    }

    /// What references count from.
    pub(crate) fn base(&self) -> *mut u8 {
        // SAFETY: the store's state lives as long as the heap.
        unsafe { (*self.vm.as_ptr()).gc_base }
    }

    /// The numbers up to now.
    pub(crate) fn stats(&self) -> GcStats {
        let uncounted = if self.exists() { self.next() - self.counted } else { 0 };
        GcStats {
            bytes_allocated: self.stats.bytes_allocated + u64::from(uncounted),
            capacity: u64::from(self.capacity),
            ..self.stats
        }
    }

    /// Reserves address space, less than was asked for if the system does not give
    /// it. The heap then exists, with a capacity of zero.
    pub(crate) fn reserve(&mut self) -> Option<()> {
        if let Some(mapping) = &self.mapping {
            // SAFETY: the store's state lives as long as the heap.
            unsafe { (*self.vm.as_ptr()).gc_base = mapping.base() };
            self.begin();
            return Some(());
        }
        while self.max > 0 {
            let bytes = (self.half() as usize).checked_mul(2);
            if let Some(mapping) = bytes.and_then(Mapping::reserve) {
                // SAFETY: the store's state lives as long as the heap.
                unsafe { (*self.vm.as_ptr()).gc_base = mapping.base() };
                self.mapping = Some(mapping);
                self.begin();
                return Some(());
            }
            self.max =
                if self.max <= INITIAL_CAPACITY { 0 } else { self.max / 2 / page_size() * page_size() };
        }
        None
    }

    fn begin(&mut self) {
        self.exists = true;
        self.counted = self.active().start;
        self.publish(self.counted);
    }

    /// Changes the capacity, to at least what is used and at most the maximum.
    /// `None` if the system does not give the memory; then nothing has changed.
    pub(crate) fn resize(&mut self, capacity: u32) -> Option<()> {
        let capacity = capacity.max(self.used()).next_multiple_of(page_size()).min(self.max);
        let old = self.capacity;
        let starts = [self.active().start, self.inactive().start];
        let mapping = self.mapping.as_mut()?;
        for start in starts {
            if capacity > old {
                let opened = self.opened.max(old).min(capacity);
                mapping.open(bytes(start + opened..start + capacity))?;
            } else {
                mapping.close(bytes(start + capacity..start + old));
            }
        }
        // What a heap is made smaller by is closed.
        self.opened = if capacity > old { self.opened.max(capacity) } else { capacity };
        self.capacity = capacity;
        self.publish(self.next());
        Some(())
    }

    /// With torture, sets aside room for one object; else there is room already.
    pub(crate) fn allow_object(&mut self, size: u32) {
        if self.torture {
            // SAFETY: the store's state lives as long as the heap.
            unsafe { (*self.vm.as_ptr()).gc_limit = self.next() + size };
        }
    }

    /// Where objects are, and where a collection moves them to. `None` if the system
    /// does not give the memory.
    pub(crate) fn begin_collection(&mut self) -> Option<(Range<u32>, u32)> {
        let (active, inactive) = (self.active(), self.inactive());
        if self.torture {
            self.mapping.as_mut()?.open(bytes(inactive.clone()))?;
        }
        self.note_left();
        self.stats.bytes_allocated += u64::from(self.next() - self.counted);
        Some((active.start..self.next(), inactive.start))
    }

    /// The objects have been moved, and end at `next`.
    pub(crate) fn end_collection(&mut self, next: u32, pause: Duration) {
        let left = self.active();
        if self.torture
            && let Some(mapping) = &mut self.mapping
        {
            mapping.close(bytes(left));
        }
        self.in_second = !self.in_second;
        self.counted = next;
        self.publish(next);
        self.stats.collections += 1;
        self.stats.live_bytes = u64::from(self.used());
        self.stats.pause_total += pause;
        self.stats.pause_max = self.stats.pause_max.max(pause);
    }

    /// Notes how far there are objects in the active half.
    fn note_left(&mut self) {
        let used = self.used();
        let left = &mut self.left[usize::from(self.in_second)];
        *left = used.max(*left);
    }

    fn next(&self) -> u32 {
        // SAFETY: the store's state lives as long as the heap.
        unsafe { (*self.vm.as_ptr()).gc_next }
    }

    fn publish(&mut self, next: u32) {
        // With torture every allocation is to find no room.
        let limit = if self.torture { next } else { self.active().end };
        // SAFETY: the store's state lives as long as the heap.
        unsafe {
            (*self.vm.as_ptr()).gc_next = next;
            (*self.vm.as_ptr()).gc_limit = limit;
        }
    }

    /// Bytes from the start of one half to that of the other.
    fn half(&self) -> u32 {
        GUARD + self.max
    }

    fn active(&self) -> Range<u32> {
        self.space(self.in_second)
    }

    fn inactive(&self) -> Range<u32> {
        self.space(!self.in_second)
    }

    fn space(&self, second: bool) -> Range<u32> {
        let start = GUARD + if second { self.half() } else { 0 };
        start..start + self.capacity
    }
}

/// Makes an object where one fits: only its header is written.
///
/// # Safety
/// The store's state is alive; `size` is a multiple of 8, at least 8.
#[inline]
pub(crate) unsafe fn bump(vm: *mut VmStore, header: Header, size: u64) -> Option<u32> {
    // SAFETY: what lies between `gc_next` and `gc_limit` is free and accessible.
    unsafe {
        let object = (*vm).gc_next;
        if size > u64::from((*vm).gc_limit - object) {
            return None;
        }
        (*vm).gc_next = object + size as u32;
        object::set_header((*vm).gc_base, object, header);
        Some(object)
    }
}

fn page_size() -> u32 {
    sys::page_size() as u32
}

fn bytes(range: Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Shared, StoreOpaque};

    fn write(heap: &GcHeap, range: Range<u32>) {
        // SAFETY: the callers give accessible ranges that nobody else uses.
        unsafe { heap.base().add(range.start as usize).write_bytes(0xff, range.len()) };
    }

    #[test]
    fn a_heap_that_is_used_again_is_zero() {
        let config = RuntimeConfig::default();
        let store = StoreOpaque::new(Shared::new(config.clone()), Box::new(()));
        let mut heap = GcHeap::new(NonNull::new(store.vm_store()).unwrap(), &config);
        let (small, large) = (INITIAL_CAPACITY, 8 * INITIAL_CAPACITY);
        // Never collected, collected so often, large, large once, small again.
        for capacities in [&[small][..], &[small; 2], &[small; 3], &[small, large, large], &[large, small]] {
            heap.reserve().unwrap();
            for (n, capacity) in capacities.iter().enumerate() {
                heap.resize(*capacity).unwrap();
                let (start, used) = (heap.active().start, heap.capacity - 80 * n as u32);
                write(&heap, start..start + used);
                heap.publish(start + used);
                if n + 1 < capacities.len() {
                    let (_, to) = heap.begin_collection().unwrap();
                    write(&heap, to..to + 4096);
                    heap.end_collection(to + 4096, Duration::ZERO);
                }
            }
            heap.clear();
            heap.reserve().unwrap();
            heap.resize(small).unwrap();
            for half in [heap.active(), heap.inactive()] {
                // SAFETY: so much is accessible, and nobody uses it.
                let bytes =
                    unsafe { slice::from_raw_parts(heap.base().add(half.start as usize), half.len()) };
                assert!(bytes.iter().all(|byte| *byte == 0), "{capacities:?}");
            }
            heap.clear();
        }
    }
}
