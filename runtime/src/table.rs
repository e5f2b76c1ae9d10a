//! The elements of a table. Code reads them by address; the owner publishes base
//! and length anew whenever they change. Spec: exec/runtime, "Table Instances".

use crate::config::MemoryTracking;
use crate::limits::{Resource, ResourceError};
use crate::sys::tracking::{Source, Tracker, UNIT};
use crate::sys::{self, Mapping};
use crate::trap::Trap;
use crate::vm::{Slot, SlotArray, VmTable};
use core::ptr::NonNull;
use dayfly_parser::TableType;

/// A table's type and elements.
#[derive(Debug)]
pub struct TableElements {
    /// Canonical.
    ty: TableType,
    slots: SlotArray,
    /// What a reset goes back to. Declared after the slots, which may lie in it.
    home: Option<Home>,
}

/// The elements that a table is reset to.
#[derive(Debug)]
enum Home {
    /// A copy, because the table is small, and where the elements lie.
    Copy(Box<[Slot]>, SlotArray),
    /// Pages whose changes are learned of, and how many slots there are. The tracker ends
    /// before its mapping.
    Tracked(Tracker, Mapping, usize),
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
        Ok(TableElements { ty, slots, home: None })
    }

    /// The type, canonical, as the table was created.
    pub fn ty(&self) -> &TableType {
        &self.ty
    }

    /// Base and length as code sees them.
    pub fn vm(&self) -> VmTable {
        VmTable { base: self.slots.base(), len: self.slots.len() }
    }

    /// Notes the present elements as those to reset the table to. Their address may change.
    pub(crate) fn set_home(&mut self, how: MemoryTracking) {
        let home = if size_of::<Slot>() * self.slots.len() < sys::page_size() {
            None
        } else {
            self.tracked_home(how)
        };
        self.home = home.or_else(|| self.copied_home());
    }

    /// Makes the elements what they were at `set_home`; returns whether their address or
    /// number has changed since. `None` if that is not possible.
    #[inline]
    pub(crate) fn reset(&mut self) -> Option<bool> {
        match self.home.as_mut()? {
            Home::Copy(slots, place) => {
                let moved = self.slots.len() != slots.len();
                if moved {
                    let base = NonNull::new(place.base())?;
                    // SAFETY: the place has so many slots and is this table's.
                    unsafe { self.slots.move_back(base, slots.len()) };
                }
                self.slots.write_all(slots);
                Some(moved)
            }
            Home::Tracked(tracker, mapping, len) => {
                let base = NonNull::new(mapping.base())?.cast();
                let moved = self.slots.base() != base.as_ptr();
                if moved {
                    // SAFETY: the pages hold so many slots and are this table's.
                    unsafe { self.slots.move_back(base, *len) };
                }
                tracker.reset()?;
                Some(moved)
            }
        }
    }

    /// The elements that the table is reset to, if that was said.
    pub(crate) fn home(&self) -> Option<Box<[Slot]>> {
        match self.home.as_ref()? {
            Home::Copy(slots, _) => Some(slots.clone()),
            Home::Tracked(tracker, _, len) => {
                let pages = (0..).map_while(|page| tracker.original(page)).flatten().copied();
                let bytes: Vec<u8> = pages.take(len * size_of::<Slot>()).collect();
                let slots = bytes.chunks_exact(size_of::<Slot>());
                Some(slots.map(|slot| Slot::from_ne_bytes(slot.try_into().expect("of 8 bytes"))).collect())
            }
        }
    }

    /// Bytes that the elements take after a reset, with what they are reset to.
    pub(crate) fn kept_bytes(&self) -> usize {
        match &self.home {
            Some(Home::Tracked(tracker, ..)) => tracker.kept_bytes(),
            Some(Home::Copy(slots, _)) => 2 * size_of::<Slot>() * slots.len(),
            None => size_of::<Slot>() * self.slots.len(),
        }
    }

    /// Whether it is known that the elements are those that the table is reset to.
    pub(crate) fn is_unchanged(&self) -> bool {
        match &self.home {
            Some(Home::Tracked(tracker, mapping, _)) => {
                tracker.is_unchanged() && self.slots.base().cast() == mapping.base()
            }
            _ => false,
        }
    }

    /// All elements.
    pub(crate) fn to_vec(&self) -> Vec<Slot> {
        self.slots.to_vec()
    }

    fn copied_home(&mut self) -> Option<Home> {
        let copy = self.slots.to_vec();
        let place = SlotArray::zeroed(copy.len()).ok()?;
        // SAFETY: the place has as many slots, is this table's and is dropped with it.
        unsafe { self.slots.move_to(NonNull::new(place.base())?) };
        Some(Home::Copy(copy.into(), place))
    }

    fn tracked_home(&mut self, how: MemoryTracking) -> Option<Home> {
        let len = (size_of::<Slot>() * self.slots.len()).next_multiple_of(sys::page_size());
        let mut mapping = Mapping::reserve_aligned(len.next_multiple_of(UNIT), UNIT)?;
        mapping.make_accessible(len)?;
        // SAFETY: there is room for all slots in pages that are this table's.
        unsafe { self.slots.move_to(NonNull::new(mapping.base())?.cast()) };
        let mut copy: Vec<u8> = self.slots.to_vec().iter().flat_map(|slot| slot.to_ne_bytes()).collect();
        copy.resize(len, 0);
        // SAFETY: the pages are accessible, in a unit of their own, as the copy says, and
        // reached through this table alone; the mapping is dropped after the tracker.
        let tracker = unsafe { Tracker::new(how, mapping.base(), len, Source::Copy(copy.into())) };
        match tracker {
            Some(tracker) => Some(Home::Tracked(tracker, mapping, self.slots.len())),
            None => {
                let slots = self.slots.to_vec();
                self.slots = SlotArray::zeroed(slots.len()).ok()?;
                self.slots.write_all(&slots);
                None
            }
        }
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
