//! What distinguishes an instance of a template from a fresh one, in few bytes: the
//! 64-byte lines of memories, the globals and the table entries that are different, and
//! the objects on the GC heap. Addresses are not part of it, so it can be applied to the
//! parts of any instance of the template.
//!
//! A state is bytes, first a head with all but the contents of memories, then these, as whole
//! lines; and what cannot be bytes (`Rest`). First the head is written, which tells how much
//! room the state takes; up to there nothing of the store is changed and it can be refused.
//! Invariant: what is captured does not refer to the store; an instance of which that
//! cannot be said is not captured, and the reason is told.

mod format;
mod heap;
mod memory;

pub(crate) use heap::HeapState;

use super::StoreOpaque;
use super::slot::Slot;
use crate::instance::{Segments, Template};
use crate::limits::ResourceError;
use crate::sys::lines::LINE;
use crate::vm::{FuncRef, VmGlobal};
use core::convert::Infallible;
use core::fmt;
use core::ptr::NonNull;
use dayfly_parser::ValType;
use format::{Reader, Writer};

/// What of a state cannot be bytes; nothing, as a rule.
#[derive(Clone, Default, Debug)]
pub(crate) struct Rest {
    /// The segments, if any was dropped; functions in them are encoded.
    segments: Option<Segments>,
    heap: Option<HeapState>,
}

/// A state whose head has been written down.
#[derive(Debug)]
pub(crate) struct Draft {
    lines: usize,
    rest: Rest,
}

/// Why the state of an instance cannot be told apart from its store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotCaptured(&'static str);

impl NotCaptured {
    /// The instance has nothing to be compared with.
    #[cold]
    pub(crate) fn of_another() -> NotCaptured {
        NotCaptured("the instance was not made from this `InstancePre` as the store's first")
    }
}

impl fmt::Display for NotCaptured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for NotCaptured {}

/// Marks references to functions of the instance itself, whose addresses are multiples of 8.
const OWN: u64 = 1;

impl Rest {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.segments.is_none() && self.heap.is_none()
    }

    /// The GC heap, if there was one.
    pub(crate) fn heap(&self) -> Option<&HeapState> {
        self.heap.as_ref()
    }

    /// All but the GC heap.
    pub(crate) fn without_heap(&self) -> Rest {
        Rest { segments: self.segments.clone(), heap: None }
    }

    /// Bytes that it takes.
    pub(crate) fn size(&self) -> usize {
        self.heap.as_ref().map_or(0, HeapState::size)
    }
}

impl Draft {
    /// Bytes of the whole state with this head.
    pub(crate) fn size(&self, head: &[u8]) -> usize {
        head.len().next_multiple_of(LINE) + self.lines * LINE
    }
}

impl StoreOpaque {
    /// Writes the head of the state of the store's only instance, which was made from a
    /// template: with what is in its memories, or only how large they are. Nothing that
    /// code or the host can see is changed.
    pub(crate) fn draft(&mut self, head: &mut Vec<u8>, memories: bool) -> Result<Draft, NotCaptured> {
        // SAFETY: the store's state is alive.
        if unsafe { !(*self.vm_store()).store.is_null() } {
            return Err(NotCaptured("code of the store runs"));
        }
        let slot = self.slot.as_ref().filter(|_| self.slot_in_use);
        let slot = slot.ok_or_else(NotCaptured::of_another)?;
        if self.instances.len() > 1 || !slot.has_same_parts(self) || !self.host_cells.is_empty() {
            return Err(NotCaptured("the store has more than the instance"));
        }
        let template = slot.template().clone();
        // First, because it moves what everything else refers to.
        let heap = self.capture_heap(&template)?;
        let slot = self.slot.as_ref().ok_or_else(NotCaptured::of_another)?;
        let mut out = Writer::new(head);
        let place = out.place();
        let lines = self.mark_memories(&mut out, memories);
        self.capture_globals(slot, &mut out)?;
        for table in 0..self.tables.len() {
            self.capture_table(&template, table, &mut out)?;
        }
        out.set(place, out.len() as u32);
        let segments = &self.instances[0].segments;
        let mut segments = (segments != slot.segments()).then(|| segments.clone());
        if let Some(segments) = &mut segments {
            segments.map_funcs(|func| self.encode(&template, func))?;
        }
        Ok(Draft { lines, rest: Rest { segments, heap } })
    }

    /// Writes the state of a store that is done to `to`, which is as large as the draft says, and
    /// takes what cannot be written. Nothing may be written to the store any more.
    pub(crate) fn take_state(&mut self, head: &[u8], draft: Draft, to: &mut [u8]) -> Rest {
        let (first, lines) = to.split_at_mut(head.len().next_multiple_of(LINE));
        first[..head.len()].copy_from_slice(head);
        let mut from = Reader::new(head);
        from.u32();
        self.take_lines(&mut from, lines);
        let mut rest = draft.rest;
        if let Some(heap) = &mut rest.heap {
            heap.set_hosts(self.take_host_values());
        }
        rest
    }

    /// The state without what is in memories, of a store that goes on.
    pub(crate) fn copy_state(&mut self) -> Result<(Box<[u8]>, Rest), NotCaptured> {
        let mut head = Vec::new();
        let mut rest = self.draft(&mut head, false)?.rest;
        if let Some(heap) = &mut rest.heap {
            heap.set_hosts(self.host_values());
        }
        Ok((head.into(), rest))
    }

    /// Gives a fresh instance of the same template, the store's first, the state that was
    /// captured. Nothing of its initial state is on the GC heap.
    pub(crate) fn apply(&mut self, state: &[u8], rest: Rest) -> Result<(), ResourceError> {
        let mut from = Reader::new(state);
        let head = from.u32() as usize;
        let lines = state.get(head.next_multiple_of(LINE)..).unwrap_or(&[]);
        self.apply_memories(&mut from, lines)?;
        let block = self.instances[0].block.vm().addr() as u64;
        for _ in 0..from.u32() {
            let global = self.globals[from.u32() as usize];
            let mut value = VmGlobal([from.u64(), from.u64()]);
            if is_func(&global.ty.content, global.is_gc) {
                value.0[0] = decode(value.0[0], block);
            }
            // SAFETY: the value is of the global's type and of this store; its code rests.
            unsafe { global.cell.write(value) };
        }
        for table in 0..self.tables.len() {
            let (len, funcs) = (from.u64(), self.is_func_table(table));
            let more = len - self.tables[table].elements.vm().len as u64;
            self.grow_table_at(table as u32, more, 0)?;
            for _ in 0..from.u32() {
                let (index, value) = (from.u32(), from.u64());
                let value = if funcs { decode(value, block) } else { value };
                let set = self.tables[table].elements.fill(index.into(), value, 1);
                debug_assert!(set.is_ok(), "the table is as large as it was");
            }
        }
        if let Some(mut segments) = rest.segments {
            let Ok(()) = segments.map_funcs(|func| Ok::<_, Infallible>(decode(func, block)));
            self.instances[0].segments.replace(segments);
        }
        rest.heap.map_or(Ok(()), |heap| self.apply_heap(heap))
    }

    fn capture_globals(&self, slot: &Slot, out: &mut Writer<'_>) -> Result<(), NotCaptured> {
        let at = out.place();
        let mut count = 0;
        for (n, (global, then)) in self.globals.iter().zip(slot.globals()).enumerate() {
            // SAFETY: the cell lives as long as the store, whose code rests.
            let now = unsafe { global.cell.read() };
            if now != *then {
                let first = if is_func(&global.ty.content, global.is_gc) {
                    self.encode(slot.template(), now.0[0])?
                } else {
                    now.0[0]
                };
                count += 1;
                out.u32(n as u32);
                out.u64(first);
                out.u64(now.0[1]);
            }
        }
        out.set(at, count);
        Ok(())
    }

    fn capture_table(&self, template: &Template, n: usize, out: &mut Writer<'_>) -> Result<(), NotCaptured> {
        let elements = &self.tables[n].elements;
        out.u64(elements.vm().len as u64);
        let at = out.place();
        let mut count = 0;
        if !elements.is_unchanged() {
            let then = elements.home().unwrap_or_default();
            let then = then.iter().copied().chain(core::iter::repeat(0));
            for (index, (now, then)) in elements.to_vec().into_iter().zip(then).enumerate() {
                if now != then {
                    count += 1;
                    out.u32(index as u32);
                    out.u64(if self.is_func_table(n) { self.encode(template, now)? } else { now });
                }
            }
        }
        out.set(at, count);
        Ok(())
    }

    fn is_func_table(&self, n: usize) -> bool {
        !self.tables[n].is_gc
    }

    /// A reference to a function without the address of the instance.
    fn encode(&self, template: &Template, func: u64) -> Result<u64, NotCaptured> {
        let block = &self.instances[0].block;
        let offset = func.wrapping_sub(block.vm().addr() as u64);
        if offset < block.blueprint().shape().layout().size() as u64 {
            return Ok(offset | OWN);
        }
        let found = NonNull::new(func as usize as *mut FuncRef);
        if found.is_none_or(|func| template.imports().iter().any(|import| import.func_ref() == func)) {
            return Ok(func);
        }
        Err(NotCaptured("a reference to a function that is neither the module's nor one of its imports"))
    }
}

/// References are to functions or to the GC heap.
fn is_func(ty: &ValType, is_gc: bool) -> bool {
    matches!(ty, ValType::Ref(_)) && !is_gc
}

/// A reference to a function of the instance whose block is given, or of the host.
fn decode(func: u64, block: u64) -> u64 {
    if func & OWN == 0 { func } else { block + (func & !OWN) }
}
