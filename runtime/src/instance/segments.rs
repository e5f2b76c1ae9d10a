//! The passive segments of an instance: which were dropped, and the values of
//! those that are given by expressions. Active and declared segments need no
//! state: they are as if dropped once the instance exists.
//! Spec: exec/runtime, "Element Instances" and "Data Instances".

use crate::vm::Slot;
use dayfly_parser::{DataIdx, ElemIdx, Module, SegmentMode};
use std::collections::HashMap;

/// State of an instance's passive segments.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Segments {
    /// One bit for each data segment, then one for each element segment.
    dropped: Box<[u64]>,
    first_elem: u32,
    values: HashMap<ElemIdx, Values>,
    /// Whether anything may have changed since `settle`.
    changed: bool,
}

#[derive(Clone, PartialEq, Debug)]
struct Values {
    slots: Box<[Slot]>,
    /// Whether they are references to the GC heap.
    is_gc: bool,
}

impl Segments {
    /// Whether a module has passive segments at all.
    pub(crate) fn needed(module: &Module) -> bool {
        // What code cannot name may as well be dropped.
        module.names_data() && module.data().iter().any(|d| d.mode == SegmentMode::Passive)
            || module.elements().iter().any(|e| e.mode == SegmentMode::Passive)
    }

    /// All passive segments are there, all others dropped.
    pub(crate) fn new(module: &Module) -> Segments {
        let data = module.data().iter().map(|d| d.mode == SegmentMode::Passive);
        let elements = module.elements().iter().map(|e| e.mode == SegmentMode::Passive);
        let count = module.data().len() + module.elements().len();
        let mut dropped = vec![0; count.div_ceil(64)].into_boxed_slice();
        for (n, passive) in data.chain(elements).enumerate() {
            dropped[n / 64] |= u64::from(!passive) << (n % 64);
        }
        Segments { dropped, first_elem: module.data().len() as u32, values: HashMap::new(), changed: false }
    }

    /// Whether a data segment counts as empty.
    pub(crate) fn data_dropped(&self, data: DataIdx) -> bool {
        self.is_dropped(data.0)
    }

    /// Whether an element segment counts as empty.
    pub(crate) fn elem_dropped(&self, elem: ElemIdx) -> bool {
        self.is_dropped(self.first_elem + elem.0)
    }

    /// `data.drop`
    pub(crate) fn drop_data(&mut self, data: DataIdx) {
        self.drop_at(data.0);
    }

    /// `elem.drop`
    pub(crate) fn drop_elem(&mut self, elem: ElemIdx) {
        self.drop_at(self.first_elem + elem.0);
        self.values.remove(&elem);
    }

    /// The values of a segment that is given by expressions.
    pub(crate) fn values(&self, elem: ElemIdx) -> &[Slot] {
        self.values.get(&elem).map_or(&[], |values| &values.slots)
    }

    /// Keeps the values of a segment that is given by expressions.
    pub(crate) fn set_values(&mut self, elem: ElemIdx, slots: Box<[Slot]>, is_gc: bool) {
        self.changed = true;
        self.values.insert(elem, Values { slots, is_gc });
    }

    /// Gives all references to the GC heap to `each`, which may change them.
    pub(crate) fn each_gc_value(&mut self, each: &mut dyn FnMut(*mut Slot)) {
        self.changed = true;
        for values in self.values.values_mut().filter(|values| values.is_gc) {
            values.slots.iter_mut().for_each(|slot| each(slot));
        }
    }

    /// Gives something else in the place of each reference to a function.
    pub(crate) fn map_funcs<E>(&mut self, mut map: impl FnMut(Slot) -> Result<Slot, E>) -> Result<(), E> {
        for values in self.values.values_mut().filter(|values| !values.is_gc) {
            for slot in &mut values.slots {
                *slot = map(*slot)?;
            }
        }
        Ok(())
    }

    /// Forgets the values that are references to the GC heap.
    pub(crate) fn forget_gc_values(&mut self) {
        self.values.retain(|_, values| !values.is_gc);
    }

    /// What `reset` is to go back to.
    pub(crate) fn settled(&mut self) -> Segments {
        self.changed = false;
        self.clone()
    }

    /// Makes everything what it was when `settled` returned `to`.
    #[inline]
    pub(crate) fn reset(&mut self, to: &Segments) {
        if self.changed {
            *self = to.clone();
        }
    }

    /// Makes everything what it was elsewhere.
    pub(crate) fn replace(&mut self, with: Segments) {
        *self = Segments { changed: true, ..with };
    }

    /// A module without passive segments has no bits: everything is dropped.
    fn is_dropped(&self, bit: u32) -> bool {
        self.dropped.get(bit as usize / 64).is_none_or(|word| word >> (bit % 64) & 1 == 1)
    }

    fn drop_at(&mut self, bit: u32) {
        self.changed = true;
        if let Some(word) = self.dropped.get_mut(bit as usize / 64) {
            *word |= 1 << (bit % 64);
        }
    }
}
