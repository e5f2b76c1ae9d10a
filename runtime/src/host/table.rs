//! Tables, as the host uses them. Spec: appendix/embedding, "Tables".

use crate::host::{AsContext, AsContextMut, Error, Ref, Result};
use crate::store::{StoreOpaque, Table};
use crate::vm::Slot;
use dayfly_parser::TableType;

/// All methods panic if the table is of another store than they are given.
impl Table {
    /// A table of the host, all entries `init`. The type is canonical.
    ///
    /// # Errors
    /// When the type is not valid, `init` does not fit it, the store's limiter
    /// refuses, or the system does not give the memory.
    pub fn new(mut store: impl AsContextMut, ty: TableType, init: Ref) -> Result<Table> {
        check_type(&ty)?;
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        init.check(ty.element, store).map_err(|error| error.context("initial entry of a table"))?;
        let init = init.to_slot(store);
        // SAFETY: the entry was checked against the type and the store.
        unsafe { store.new_table(ty, init) }.map_err(Error::from_resource)
    }

    /// The table's type, in canonical types; `min` is its present size.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        let store = store.as_context().opaque();
        TableType { min: store.table_size(*self), ..store.table_type(*self) }
    }

    /// The size in entries.
    pub fn size(&self, store: impl AsContext) -> u64 {
        store.as_context().opaque().table_size(*self)
    }

    /// An entry; `None` outside of the table.
    pub fn get(&self, mut store: impl AsContextMut, index: u64) -> Option<Ref> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let slot = store.table_get_slot(*self, index)?;
        let heap = store.table_type(*self).element.heap;
        // SAFETY: the entries of a table are of its element type.
        Some(unsafe { Ref::from_slot(heap, slot, store) })
    }

    /// Writes an entry.
    ///
    /// # Errors
    /// When `value` does not fit the type, or `index` is outside of the table.
    pub fn set(&self, mut store: impl AsContextMut, index: u64, value: Ref) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let slot = self.checked_slot(store, value)?;
        // SAFETY: the entry was checked against the type and the store.
        Ok(unsafe { store.table_set_slot(*self, index, slot) }?)
    }

    /// Adds `delta` entries and returns how many there were before.
    ///
    /// # Errors
    /// When `init` does not fit the type, the type's maximum or the store's limiter
    /// stands against it, or the system does not give the memory.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64, init: Ref) -> Result<u64> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let slot = self.checked_slot(store, init)?;
        // SAFETY: the entry was checked against the type and the store.
        unsafe { store.table_grow_slot(*self, delta, slot) }.map_err(Error::from_resource)
    }

    /// Writes `len` entries from `start` on.
    ///
    /// # Errors
    /// When `value` does not fit the type, or an entry is outside of the table;
    /// nothing is written then.
    pub fn fill(&self, mut store: impl AsContextMut, start: u64, value: Ref, len: u64) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let slot = self.checked_slot(store, value)?;
        // SAFETY: the entry was checked against the type and the store.
        Ok(unsafe { store.table_fill_slot(*self, start, slot, len) }?)
    }

    /// Copies `len` entries from one table to another, or within one.
    ///
    /// # Errors
    /// When the element types do not fit, or an entry is outside of its table;
    /// nothing is copied then.
    pub fn copy(
        mut store: impl AsContextMut,
        dst: &Table,
        dst_start: u64,
        src: &Table,
        src_start: u64,
        len: u64,
    ) -> Result<()> {
        let mut context = store.as_context_mut();
        let store = context.opaque_mut();
        let (to, from) = (store.table_type(*dst).element, store.table_type(*src).element);
        if !store.shared().types().ref_is_subtype(from, to) {
            return Err(Error::msg(format!("type mismatch: entries of {from} copied to a table of {to}")));
        }
        // SAFETY: the element types were checked.
        Ok(unsafe { store.table_copy_slots(*dst, dst_start, *src, src_start, len) }?)
    }

    fn checked_slot(&self, store: &StoreOpaque, value: Ref) -> Result<Slot> {
        let element = store.table_type(*self).element;
        value.check(element, store).map_err(|error| error.context("entry of a table"))?;
        Ok(value.to_slot(store))
    }
}

/// Spec: valid/types, "Table Types".
fn check_type(ty: &TableType) -> Result<()> {
    let limit = if ty.table64 { u64::MAX } else { u64::from(u32::MAX) };
    if ty.min > limit || ty.max.is_some_and(|max| max > limit) {
        return Err(invalid_type("the size is above what its indices can reach"));
    }
    if ty.max.is_some_and(|max| max < ty.min) {
        return Err(invalid_type("the maximum is below the minimum"));
    }
    Ok(())
}

#[cold]
fn invalid_type(reason: &'static str) -> Error {
    Error::msg(reason).context("invalid table type")
}
