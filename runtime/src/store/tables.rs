//! The tables of a store, and the copies of their base and length that instances
//! hold. Values cross as slots; whoever passes one answers for its type.
//! Spec: exec/modules, "Tables" and "Growing tables".

use super::{StoreOpaque, Table};
use crate::fault::HostError;
use crate::limits::{Resource, ResourceError};
use crate::table::TableElements;
use crate::trap::Trap;
use crate::vm::{Slot, VmTable, copy_slots};
use core::ptr::NonNull;
use dayfly_parser::TableType;

/// A table and who is told when it grows.
#[derive(Debug)]
pub(crate) struct TableRecord {
    pub(crate) elements: TableElements,
    /// Whether entries are references to the GC heap.
    pub(crate) is_gc: bool,
    /// In blocks of instances of the same store.
    mirrors: Vec<NonNull<VmTable>>,
}

impl TableRecord {
    /// Adds a copy of base and length that is kept up to date.
    ///
    /// # Safety
    /// The copy lives as long as the store and is written by nobody else.
    pub(crate) unsafe fn add_mirror(&mut self, mirror: NonNull<VmTable>) {
        // SAFETY: the caller's promise.
        unsafe { mirror.write(self.elements.vm()) };
        self.mirrors.push(mirror);
    }

    /// Makes the table as new; it is in no instance but its own then. `None` if that is not
    /// possible.
    #[inline]
    pub(crate) fn reset(&mut self) -> Option<()> {
        self.mirrors.truncate(1);
        if self.elements.reset()? {
            self.update_mirrors();
        }
        Some(())
    }

    pub(crate) fn update_mirrors(&self) {
        for mirror in &self.mirrors {
            // SAFETY: `add_mirror`'s promise.
            unsafe { mirror.write(self.elements.vm()) };
        }
    }
}

impl StoreOpaque {
    /// Makes a table of the host; `ty` is canonical, all entries are `init`.
    ///
    /// # Safety
    /// `init` is a value of the element type that belongs to this store.
    pub unsafe fn new_table(&mut self, ty: TableType, init: Slot) -> Result<Table, ResourceError> {
        self.admit_tables(1)?;
        let index = self.add_table(ty, init)?;
        Ok(Table { store: self.owner(false), index })
    }

    /// The table's type as it was created, canonical.
    pub fn table_type(&self, table: Table) -> TableType {
        *self.table(table).ty()
    }

    /// The table's size in entries.
    pub fn table_size(&self, table: Table) -> u64 {
        self.table(table).vm().len as u64
    }

    /// An entry; `None` outside of the table.
    pub fn table_get_slot(&self, table: Table, index: u64) -> Option<Slot> {
        self.table(table).get(index)
    }

    /// Writes an entry.
    ///
    /// # Safety
    /// `value` is of the element type and belongs to this store.
    pub unsafe fn table_set_slot(&mut self, table: Table, index: u64, value: Slot) -> Result<(), Trap> {
        self.table_mut(table).fill(index, value, 1)
    }

    /// Writes `len` entries from `start` on.
    ///
    /// # Safety
    /// As for `table_set_slot`.
    pub unsafe fn table_fill_slot(
        &mut self,
        table: Table,
        start: u64,
        value: Slot,
        len: u64,
    ) -> Result<(), Trap> {
        self.table_mut(table).fill(start, value, len)
    }

    /// Copies entries from one table to another, or within one.
    ///
    /// # Safety
    /// The element type of `src` is a subtype of that of `dst`.
    pub unsafe fn table_copy_slots(
        &mut self,
        dst: Table,
        dst_start: u64,
        src: Table,
        src_start: u64,
        len: u64,
    ) -> Result<(), Trap> {
        let (dst, src) = (self.table(dst).vm(), self.table(src).vm());
        // SAFETY: both were read from their owners just now.
        let copied = unsafe { copy_slots(dst, dst_start, src, src_start, len) };
        copied.ok_or(Trap::TableOutOfBounds)
    }

    /// Adds entries, and returns how many there were before.
    ///
    /// # Safety
    /// As for `table_set_slot`.
    pub unsafe fn table_grow_slot(
        &mut self,
        table: Table,
        delta: u64,
        init: Slot,
    ) -> Result<u64, ResourceError> {
        self.check(table.store);
        self.grow_table_at(table.index, delta, init)
    }

    /// As `table_grow_slot`, of the table at a position in the store.
    pub(crate) fn grow_table_at(&mut self, index: u32, delta: u64, init: Slot) -> Result<u64, ResourceError> {
        let elements = &self.tables[index as usize].elements;
        let (old, max) = (elements.vm().len as u64, elements.ty().max);
        if delta == 0 {
            return Ok(old);
        }
        self.allow_table(old, old.saturating_add(delta), max)?;
        let record = &mut self.tables[index as usize];
        match record.elements.grow(delta, init) {
            Ok(()) => {
                record.update_mirrors();
                Ok(old)
            }
            Err(error) => Err(self.table_refused(error)),
        }
    }

    /// Checks that the limiter lets the store have so many more tables.
    pub(crate) fn admit_tables(&mut self, count: usize) -> Result<(), ResourceError> {
        let allowed = self.limiter().map_or(crate::limits::DEFAULT_COUNT, |l| l.tables());
        let total = self.tables.len() + count;
        if count > 0 && total > allowed {
            return Err(ResourceError::limit(Resource::Tables, total as u64, Some(allowed as u64)));
        }
        Ok(())
    }

    /// Makes a table; the count was admitted.
    pub(crate) fn add_table(&mut self, ty: TableType, init: Slot) -> Result<u32, ResourceError> {
        self.allow_table(0, ty.min, ty.max)?;
        let elements = match TableElements::new(ty, init) {
            Ok(elements) => elements,
            Err(error) => return Err(self.table_refused(error)),
        };
        let is_gc = self.shared().types().is_gc_ref(ty.element);
        self.tables.push(TableRecord { elements, is_gc, mirrors: Vec::new() });
        Ok(self.tables.len() as u32 - 1)
    }

    fn table(&self, table: Table) -> &TableElements {
        self.check(table.store);
        &self.tables[table.index as usize].elements
    }

    fn table_mut(&mut self, table: Table) -> &mut TableElements {
        self.check(table.store);
        &mut self.tables[table.index as usize].elements
    }

    pub(super) fn allow_table(
        &mut self,
        current: u64,
        desired: u64,
        maximum: Option<u64>,
    ) -> Result<(), ResourceError> {
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let asked =
            self.limiter().map(|l| l.table_growing(count(current), count(desired), maximum.map(count)));
        match asked {
            None | Some(Ok(true)) => Ok(()),
            Some(Ok(false)) => Err(ResourceError::limit(Resource::TableElements, desired, None)),
            Some(Err(error)) => Err(ResourceError::Host(error)),
        }
    }

    /// Tells the limiter that what it allowed did not succeed; it may make it a failure.
    #[cold]
    fn table_refused(&mut self, error: ResourceError) -> ResourceError {
        let Some(limiter) = self.limiter() else { return error };
        let told = HostError::msg(error.to_string());
        match limiter.table_grow_failed(told) {
            Ok(()) => error,
            Err(host) => ResourceError::Host(host),
        }
    }
}
