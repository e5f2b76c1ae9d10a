//! The GC heap of a store: making room in it, and finding the roots when it is
//! collected. The host's limiter is asked before it grows, as for a memory.

use super::StoreOpaque;
use crate::fault::Fault;
use crate::gc::{Collection, GcStats, Header, INITIAL_CAPACITY, bump};
use crate::limits::{Resource, ResourceError};
use crate::trap::Trap;
use crate::vm::{Activation, Slot};
use std::time::Instant;

/// Of what is live, this part is kept free for new objects at least.
const HEADROOM_FACTOR: u64 = 64;

/// A heap is made smaller when it could be so many times smaller.
const SHRINK_FACTOR: u64 = 4;

impl StoreOpaque {
    /// Frees the objects that nothing refers to, and the host values among them.
    pub fn gc(&mut self) {
        if self.gc.exists() && self.collect_garbage().is_some() {
            self.shrink_gc_heap(0);
        }
    }

    /// What the GC heap has done and what it takes.
    pub fn gc_stats(&self) -> GcStats {
        self.gc.stats()
    }

    /// What references to the GC heap count from.
    pub(crate) fn gc_base(&self) -> *mut u8 {
        self.gc.base()
    }

    /// Makes an object of `size` bytes, a multiple of 8: only its header is written.
    /// May collect.
    pub(crate) fn allocate_object(&mut self, header: Header, size: u64) -> Result<u32, Fault> {
        let vm = self.vm_store();
        // SAFETY: the store's state is alive.
        if let Some(object) = unsafe { bump(vm, header, size) } {
            return Ok(object);
        }
        self.make_gc_room(size)?;
        // SAFETY: as above.
        unsafe { bump(vm, header, size) }.ok_or_else(|| Trap::GcHeapExhausted.into())
    }

    /// Makes room for an object of so many bytes. May collect.
    #[cold]
    pub(crate) fn make_gc_room(&mut self, size: u64) -> Result<(), Fault> {
        let size = match u32::try_from(size) {
            Ok(size) if size <= self.gc.max() => size,
            _ => return Err(Trap::AllocationTooLarge.into()),
        };
        let collected = if self.gc.exists() { self.collect_garbage() } else { self.gc.reserve().map(|()| 0) };
        let roots = collected.ok_or(Trap::GcHeapExhausted)?;
        self.fit_gc_heap(size, roots)?;
        self.gc.allow_object(size);
        Ok(())
    }

    /// Changes the heap's size to what is live and what is asked for. Where roots are
    /// many, they count too: else looking at them would take longer than the guest's work.
    fn fit_gc_heap(&mut self, size: u32, roots: usize) -> Result<(), Fault> {
        let (max, capacity) = (u64::from(self.gc.max()), u64::from(self.gc.capacity()));
        let live = u64::from(self.gc.used()) + u64::from(size);
        // A heap that is almost full would do little but collect.
        let needed = live + live / HEADROOM_FACTOR;
        if needed > max {
            return Err(Trap::GcHeapExhausted.into());
        }
        let roots = (roots * size_of::<Slot>()) as u64;
        let wanted = (2 * needed + roots).max(u64::from(INITIAL_CAPACITY)).min(max);
        if wanted <= capacity {
            self.shrink_gc_heap(wanted);
            return Ok(());
        }
        match self.grow_gc_heap(wanted) {
            Ok(()) => Ok(()),
            Err(ResourceError::Host(error)) => Err(Fault::Host(error)),
            Err(_) if needed <= capacity => Ok(()),
            Err(_) => match self.grow_gc_heap(needed) {
                Ok(()) => Ok(()),
                Err(ResourceError::Host(error)) => Err(Fault::Host(error)),
                Err(_) => Err(Trap::GcHeapExhausted.into()),
            },
        }
    }

    /// Makes a heap in a store that has none, with so many bytes of objects, which are to be
    /// written to where this points.
    pub(super) fn open_gc_heap(&mut self, len: usize) -> Result<*mut u8, ResourceError> {
        let failed = || ResourceError::out_of_memory(Resource::GcHeapBytes, len as u64);
        self.gc.reserve().ok_or_else(failed)?;
        let max = u64::from(self.gc.max());
        if len as u64 > max {
            return Err(failed());
        }
        let wanted = (2 * len as u64).max(u64::from(INITIAL_CAPACITY)).min(max);
        if wanted > u64::from(self.gc.capacity()) {
            self.grow_gc_heap(wanted)?;
        }
        Ok(self.gc.fill(len as u32))
    }

    fn grow_gc_heap(&mut self, capacity: u64) -> Result<(), ResourceError> {
        let (old, max) = (self.gc.capacity() as usize, self.gc.max() as usize);
        self.allow_memory(old, capacity as usize, Some(max))?;
        match self.gc.resize(capacity as u32) {
            Some(()) => Ok(()),
            None => Err(self.memory_refused(ResourceError::out_of_memory(Resource::GcHeapBytes, capacity))),
        }
    }

    /// Gives memory back if a much smaller heap would do.
    fn shrink_gc_heap(&mut self, wanted: u64) {
        let capacity = u64::from(self.gc.capacity());
        let wanted = wanted.max(2 * u64::from(self.gc.used())).max(u64::from(INITIAL_CAPACITY));
        if wanted * SHRINK_FACTOR < capacity {
            // Shrinking asks the system for nothing that it could refuse.
            let _ = self.gc.resize((capacity / 2) as u32);
        }
    }

    /// Moves all live objects, and returns how many roots it looked at. `None` if the
    /// system does not give the memory to do it; then nothing has changed.
    pub(super) fn collect_garbage(&mut self) -> Option<usize> {
        let start = Instant::now();
        let (from, to) = self.gc.begin_collection()?;
        let vm = self.vm_store();
        let StoreOpaque { gc, shared, hosts, roots, instances, tables, globals, .. } = self;
        // SAFETY: the heap is this store's, whose code rests; both halves are as large.
        let mut collection = unsafe { Collection::new(gc.base(), from, to, shared.types(), hosts) };
        // SAFETY: the slots hold references of this store: they are of reference types
        // of the GC heap. Nothing else refers to them while the store is borrowed.
        let (next, looked_at) = unsafe {
            each_frame_slot((*vm).activation, &mut |slot| collection.root(slot));
            collection.root_reference(&mut (*vm).exception);
            for global in globals.iter().filter(|global| global.is_gc) {
                collection.root(global.cell.as_ptr().cast());
            }
            for table in tables.iter().filter(|table| table.is_gc) {
                let entries = table.elements.vm();
                for n in 0..entries.len {
                    collection.root(entries.base.add(n));
                }
            }
            for instance in instances {
                instance.segments.each_gc_value(&mut |slot| collection.root(slot));
            }
            roots.each(&mut |reference| collection.root_reference(reference));
            collection.finish()
        };
        let looked_at = looked_at + globals.len() + hosts.len();
        let dead = hosts.sweep();
        gc.end_collection(next, start.elapsed());
        // Last, because it runs code of the host, which may panic.
        drop(dead);
        Some(looked_at)
    }
}

/// Yields the slots of all frames that hold references to the GC heap.
///
/// # Safety
/// The activation is the innermost one of a store whose code rests.
unsafe fn each_frame_slot(innermost: *const Activation, each: &mut dyn FnMut(*mut Slot)) {
    let mut activation = innermost;
    // SAFETY: an activation stays valid while it is linked, and its code rests.
    unsafe {
        while let Some(this) = activation.as_ref() {
            (this.kind.roots)(activation, each);
            activation = this.prev;
        }
    }
}
