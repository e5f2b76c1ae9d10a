//! An array of slots that code reads and writes by address: what a table holds.
//! It is only ever reached through raw pointers.

use super::Slot;
use core::ptr::{self, NonNull};
use std::alloc::{self, Layout};

/// Slots on the heap, or in memory that somebody lends; new ones are zero.
#[derive(Debug)]
pub(crate) struct SlotArray {
    base: NonNull<Slot>,
    len: usize,
    /// Slots that were allocated; none while the memory is lent.
    capacity: usize,
}

/// The system does not give the memory.
#[derive(Debug)]
pub(crate) struct AllocError;

// SAFETY: the array owns its memory.
unsafe impl Send for SlotArray {}
// SAFETY: writing takes `&mut self`.
unsafe impl Sync for SlotArray {}

impl SlotArray {
    /// An array of zeros. Large ones are not touched, so the system gives them lazily.
    pub(crate) fn zeroed(len: usize) -> Result<SlotArray, AllocError> {
        let mut array = SlotArray { base: NonNull::dangling(), len: 0, capacity: 0 };
        if len > 0 {
            let layout = Layout::array::<Slot>(len).map_err(|_| AllocError)?;
            // SAFETY: the layout is not empty.
            let base = unsafe { alloc::alloc_zeroed(layout) };
            array.base = NonNull::new(base.cast()).ok_or(AllocError)?;
            array.capacity = len;
            array.len = len;
        }
        Ok(array)
    }

    /// The same slots in memory that is lent; when the array grows it is left behind.
    ///
    /// # Safety
    /// At `base` there is room for all slots of the array, which nobody else uses as long as
    /// the array does.
    pub(crate) unsafe fn move_to(&mut self, base: NonNull<Slot>) {
        // SAFETY: the caller's promise.
        unsafe { ptr::copy_nonoverlapping(self.base.as_ptr(), base.as_ptr(), self.len) };
        *self = SlotArray { base, len: self.len, capacity: 0 };
    }

    /// Uses memory that is lent and holds `len` slots.
    ///
    /// # Safety
    /// As `move_to`.
    pub(crate) unsafe fn move_back(&mut self, base: NonNull<Slot>, len: usize) {
        *self = SlotArray { base, len, capacity: 0 };
    }

    /// All slots.
    pub(crate) fn to_vec(&self) -> Vec<Slot> {
        // SAFETY: so many slots are at the base.
        unsafe { core::slice::from_raw_parts(self.base.as_ptr(), self.len) }.to_vec()
    }

    /// Overwrites the first slots.
    ///
    /// # Panics
    /// If there are not so many.
    pub(crate) fn write_all(&mut self, slots: &[Slot]) {
        assert!(slots.len() <= self.len, "the array has so many slots");
        // SAFETY: they are inside of the array.
        unsafe { ptr::copy_nonoverlapping(slots.as_ptr(), self.base.as_ptr(), slots.len()) };
    }

    /// The first slot; changes when the array grows.
    pub(crate) fn base(&self) -> *mut Slot {
        self.base.as_ptr()
    }

    /// How many slots there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// A slot, if it exists.
    pub(crate) fn get(&self, index: usize) -> Option<Slot> {
        // SAFETY: the index is inside the array.
        (index < self.len).then(|| unsafe { self.base.as_ptr().add(index).read() })
    }

    /// Writes `len` slots from `start` on; `None` if they do not all exist.
    pub(crate) fn fill(&mut self, start: usize, value: Slot, len: usize) -> Option<()> {
        self.check_range(start, len)?;
        for n in start..start + len {
            // SAFETY: the range is inside the array.
            unsafe { self.base.as_ptr().add(n).write(value) };
        }
        Some(())
    }

    /// Adds slots at the end.
    pub(crate) fn grow(&mut self, delta: usize, value: Slot) -> Result<(), AllocError> {
        let len = self.len.checked_add(delta).ok_or(AllocError)?;
        if len > self.capacity {
            self.reallocate(len)?;
        }
        let old = self.len;
        self.len = len;
        self.fill(old, value, delta).ok_or(AllocError)
    }

    fn check_range(&self, start: usize, len: usize) -> Option<()> {
        (start.checked_add(len)? <= self.len).then_some(())
    }

    fn reallocate(&mut self, len: usize) -> Result<(), AllocError> {
        let amortised = len.max(self.capacity.saturating_mul(2)).max(8);
        let wanted = [amortised, len];
        for capacity in wanted {
            let Ok(layout) = Layout::array::<Slot>(capacity) else { continue };
            // SAFETY: the layout is not empty; the old one is what was allocated.
            let base = unsafe {
                match self.layout() {
                    None => alloc::alloc(layout),
                    Some(old) => alloc::realloc(self.base.as_ptr().cast(), old, layout.size()),
                }
            };
            if let Some(base) = NonNull::new(base.cast()) {
                if self.capacity == 0 {
                    // SAFETY: there is room for more than the slots that were lent.
                    unsafe { ptr::copy_nonoverlapping(self.base.as_ptr(), base.as_ptr(), self.len) };
                }
                self.base = base;
                self.capacity = capacity;
                return Ok(());
            }
        }
        Err(AllocError)
    }

    fn layout(&self) -> Option<Layout> {
        if self.capacity == 0 { None } else { Layout::array::<Slot>(self.capacity).ok() }
    }
}

/// Copies slots from one table to another, or within one; ranges may overlap.
/// `None` if a range does not exist, and then nothing is copied.
///
/// # Safety
/// Both are as their owner published them: `len` slots at `base`.
pub(crate) unsafe fn copy_slots(
    dst: super::VmTable,
    dst_start: u64,
    src: super::VmTable,
    src_start: u64,
    len: u64,
) -> Option<()> {
    let inside = |table: super::VmTable, start: u64| Some(start.checked_add(len)? <= table.len as u64);
    if !inside(dst, dst_start)? || !inside(src, src_start)? {
        return None;
    }
    // SAFETY: both ranges were checked; `ptr::copy` allows overlap.
    unsafe { ptr::copy(src.base.add(src_start as usize), dst.base.add(dst_start as usize), len as usize) };
    Some(())
}

impl Drop for SlotArray {
    fn drop(&mut self) {
        if let Some(layout) = self.layout() {
            // SAFETY: this is how it was allocated.
            unsafe { alloc::dealloc(self.base.as_ptr().cast(), layout) };
        }
    }
}
