//! The parts of a store that an instance of a template is: they come into a store as a
//! whole when the instance is made, and leave it, as new again, when the store is done.
//!
//! Invariant: while they wait, every byte that a guest or the host could have changed is
//! as it was when the parts were made: memories, tables, globals, segments. Addresses never
//! change: blocks, global cells and memories stay where they are, so nothing that holds
//! an address is to be computed anew.

use super::{GlobalRecord, InstanceRecord, MemoryRecord, StoreOpaque, TableRecord};
use crate::instance::{Segments, Template};
use crate::vm::{VmGlobal, VmTag};
use core::mem::swap;
use core::ptr;
use std::sync::Arc;

/// The parts of an instance of a template.
#[derive(Debug)]
pub(crate) struct Slot {
    template: Arc<Template>,
    /// While the parts are in a store, what was there before, which is empty.
    parts: Parts,
    pristine: Pristine,
    /// Whether references to the GC heap are part of the initial state: they are made anew.
    needs_gc_init: bool,
}

/// Everything in a store that belongs to its instances.
#[derive(Default, Debug)]
struct Parts {
    instances: Vec<InstanceRecord>,
    memories: Vec<MemoryRecord>,
    tables: Vec<TableRecord>,
    globals: Vec<GlobalRecord>,
    #[allow(clippy::vec_box, reason = "the address of a tag is its identity")]
    tags: Vec<Box<VmTag>>,
}

/// How many of each there are. (Of instances there is one.)
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Counts {
    pub(super) memories: usize,
    pub(super) tables: usize,
    pub(super) globals: usize,
    pub(super) tags: usize,
}

/// What is to be written back.
#[derive(Debug)]
struct Pristine {
    globals: Box<[VmGlobal]>,
    segments: Segments,
    counts: Counts,
    /// Pages known to be written, for each memory.
    listed: Box<[usize]>,
    /// The whole block, to compare with, if that is asked for.
    block: Box<[u8]>,
}

impl Slot {
    /// Takes note of the instance that was just made as the store's first, before anything of
    /// it is on the GC heap.
    pub(super) fn of(store: &mut StoreOpaque, template: &Arc<Template>, needs_gc_init: bool) -> Slot {
        let check = store.shared().config().check_instance_reuse;
        let segments = store.instances[0].segments.settled();
        for table in &mut store.tables {
            table.elements.set_home(template.how());
            table.update_mirrors();
        }
        // SAFETY: as above.
        let value = |global: &GlobalRecord| unsafe { global.cell.read() };
        let block = if check { store.instances[0].block.state() } else { Vec::new() };
        let counts = Counts {
            memories: store.memories.len(),
            tables: store.tables.len(),
            globals: store.globals.len(),
            tags: store.tags.len(),
        };
        let pristine = Pristine {
            globals: store.globals.iter().map(value).collect(),
            segments,
            counts,
            listed: vec![0; store.memories.len()].into(),
            block: block.into(),
        };
        let mut slot = Slot { template: template.clone(), parts: Parts::default(), pristine, needs_gc_init };
        for (n, memory) in store.memories.iter_mut().enumerate() {
            if let Some(tracker) = memory.tracker() {
                tracker.expect(&template.hot(n));
                slot.pristine.listed[n] = tracker.listed_count();
            }
        }
        slot
    }

    /// What the parts are of.
    #[inline]
    pub(super) fn template(&self) -> &Arc<Template> {
        &self.template
    }

    /// Bytes that the parts take while they wait.
    pub(super) fn kept_bytes(&self) -> u64 {
        let Parts { instances, memories, tables, .. } = &self.parts;
        let blocks = instances.iter().map(|record| record.block.blueprint().shape().layout().size());
        let memories = memories.iter().filter_map(|memory| memory.own()?.tracked());
        let memories = memories.map(|tracker| tracker.kept_bytes());
        let tables = tables.iter().map(|table| table.elements.kept_bytes());
        blocks.chain(memories).chain(tables).sum::<usize>() as u64
    }

    /// The segments of a fresh instance.
    pub(super) fn segments(&self) -> &Segments {
        &self.pristine.segments
    }

    /// The globals of a fresh instance.
    pub(super) fn globals(&self) -> &[VmGlobal] {
        &self.pristine.globals
    }

    /// How many parts there are.
    #[inline]
    pub(super) fn counts(&self) -> Counts {
        self.pristine.counts
    }

    /// Whether the store has no more than the parts that it has got.
    pub(super) fn has_same_parts(&self, store: &StoreOpaque) -> bool {
        let counts = self.counts();
        store.instances.len() == 1
            && store.memories.len() == counts.memories
            && store.tables.len() == counts.tables
            && store.globals.len() == counts.globals
            && store.tags.len() == counts.tags
    }

    /// Whether the initial state has references to the GC heap, which are to be made anew.
    #[inline]
    pub(super) fn needs_gc_init(&self) -> bool {
        self.needs_gc_init
    }

    /// Exchanges the parts in the store with those that are here.
    #[inline]
    pub(super) fn exchange(&mut self, store: &mut StoreOpaque) {
        swap(&mut self.parts.instances, &mut store.instances);
        swap(&mut self.parts.memories, &mut store.memories);
        swap(&mut self.parts.tables, &mut store.tables);
        swap(&mut self.parts.globals, &mut store.globals);
        swap(&mut self.parts.tags, &mut store.tags);
    }

    /// Makes the parts in the store as new, and drops what else the store has come to have.
    /// `None` if that is not possible.
    pub(super) fn reset(&mut self, store: &mut StoreOpaque) -> Option<()> {
        let pristine = &mut self.pristine;
        let counts = pristine.counts;
        store.instances.truncate(1);
        store.memories.truncate(counts.memories);
        store.tables.truncate(counts.tables);
        store.globals.truncate(counts.globals);
        store.tags.truncate(counts.tags);
        for (n, memory) in store.memories.iter_mut().enumerate() {
            memory.reset()?;
            if let Some(tracker) = memory.tracker() {
                let listed = tracker.listed_count();
                if listed != pristine.listed[n] {
                    pristine.listed[n] = listed;
                    self.template.note_hot(n, tracker.listed());
                }
            }
        }
        for table in &mut store.tables {
            table.reset()?;
        }
        self.reset_globals(store);
        store.instances[0].block.forget_callee();
        store.instances[0].segments.reset(&self.pristine.segments);
        Some(())
    }

    /// Compares everything with what it was when the instance was made.
    ///
    /// # Panics
    /// If something is different.
    #[cold]
    pub(super) fn check(&self, store: &StoreOpaque) {
        let pristine = &self.pristine;
        for (n, memory) in store.memories.iter().enumerate() {
            memory.check_reset(n);
        }
        for (n, table) in store.tables.iter().enumerate() {
            let now = table.elements.to_vec();
            let home = table.elements.home().unwrap_or_default();
            assert!(*now == *home, "table {n} is not as new");
        }
        assert!(store.instances[0].segments == pristine.segments, "segments are not as new");
        let block = store.instances[0].block.state();
        for (n, (now, then)) in block.iter().zip(&*pristine.block).enumerate() {
            assert!(now == then, "byte {n} of the instance's block is not as new");
        }
    }

    #[inline]
    fn reset_globals(&self, store: &StoreOpaque) {
        let Some(first) = store.globals.first() else { return };
        let saved = &self.pristine.globals;
        // SAFETY: a template imports no globals, so the cells of all are in the block of the
        // instance, one after the other, and its code rests.
        unsafe { ptr::copy_nonoverlapping(saved.as_ptr(), first.cell.as_ptr(), saved.len()) };
    }
}
