//! The elements of a table. Code reads them by address; the owner publishes base
//! and length anew whenever they change. Spec: exec/runtime, "Table Instances".

use crate::limits::{Resource, ResourceError};
use crate::trap::Trap;
use crate::vm::{Slot, SlotArray, VmTable};
use dayfly_parser::TableType;

/// A table's type and elements.
#[derive(Debug)]
pub struct TableElements {
    /// Canonical.
    ty: TableType,
    slots: SlotArray,
}

/// Entries that a table can have, whatever its type says: what other engines
/// agree on, so that a guest cannot take the machine's memory with one operator.
pub const MAX_ELEMENTS: u64 = 10_000_000;

impl TableElements {
    /// A table of the type's minimum size, all entries `init`.
    pub fn new(ty: TableType, init: Slot) -> Result<TableElements, ResourceError> {
        let len = admitted(ty.min, None)?;
        let failed = |_| ResourceError::out_of_memory(Resource::TableElements, ty.min);
        let mut slots = SlotArray::zeroed(len).map_err(failed)?;
        if init != 0 {
            // The range is the whole array.
            slots.fill(0, init, len);
        }
        Ok(TableElements { ty, slots })
    }

    /// The type, canonical, as the table was created.
    pub fn ty(&self) -> &TableType {
        &self.ty
    }

    /// Base and length as code sees them.
    pub fn vm(&self) -> VmTable {
        VmTable { base: self.slots.base(), len: self.slots.len() }
    }

    /// An entry; `None` outside of the table.
    pub fn get(&self, index: u64) -> Option<Slot> {
        self.slots.get(usize::try_from(index).ok()?)
    }

    /// Writes `len` entries from `start` on, or none.
    pub fn fill(&mut self, start: u64, value: Slot, len: u64) -> Result<(), Trap> {
        let range = usize::try_from(start).ok().zip(usize::try_from(len).ok());
        let filled = range.and_then(|(start, len)| self.slots.fill(start, value, len));
        filled.ok_or(Trap::TableOutOfBounds)
    }

    /// Adds entries at the end.
    pub fn grow(&mut self, delta: u64, init: Slot) -> Result<(), ResourceError> {
        let desired = (self.slots.len() as u64).saturating_add(delta);
        admitted(desired, self.ty.max)?;
        let grown = self.slots.grow(delta as usize, init);
        grown.map_err(|_| ResourceError::out_of_memory(Resource::TableElements, desired))
    }
}

/// A number of entries that type and engine allow.
fn admitted(len: u64, max: Option<u64>) -> Result<usize, ResourceError> {
    let allowed = max.map_or(MAX_ELEMENTS, |max| max.min(MAX_ELEMENTS));
    if len > allowed {
        return Err(ResourceError::limit(Resource::TableElements, len, Some(allowed)));
    }
    Ok(len as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayfly_parser::RefType;

    fn table(min: u64, max: Option<u64>, init: Slot) -> TableElements {
        let ty = TableType { element: RefType::FUNCREF, min, max, table64: false, shared: false };
        TableElements::new(ty, init).unwrap()
    }

    #[test]
    fn entries_are_bounded() {
        let mut t = table(3, None, 5);
        assert_eq!(t.get(2), Some(5));
        assert_eq!(t.get(3), None);
        assert_eq!(t.get(u64::MAX), None);
        assert_eq!(t.fill(1, 7, 2), Ok(()));
        assert_eq!(t.fill(3, 7, 0), Ok(()));
        assert_eq!(t.fill(2, 9, 2), Err(Trap::TableOutOfBounds));
        assert_eq!(t.fill(u64::MAX, 9, 2), Err(Trap::TableOutOfBounds));
        assert_eq!([t.get(0), t.get(1), t.get(2)], [Some(5), Some(7), Some(7)]);
    }

    #[test]
    fn growth_keeps_entries_and_stops_at_the_maximum() {
        let mut t = table(1, Some(40), 1);
        t.grow(30, 2).unwrap();
        t.grow(9, 3).unwrap();
        let all: Vec<_> = (0..40).map(|n| t.get(n).unwrap()).collect();
        assert_eq!((all[0], all[1], all[30], all[31], all[39]), (1, 2, 2, 3, 3));
        let error = t.grow(1, 0).unwrap_err();
        assert_eq!(error.to_string(), "limit exceeded: 41 table elements requested, 40 allowed");
        assert!(table(0, None, 0).grow(u64::MAX, 0).is_err());
        assert!(table(0, None, 0).grow(MAX_ELEMENTS + 1, 0).is_err());
    }
}
