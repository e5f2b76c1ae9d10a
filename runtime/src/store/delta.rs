//! What distinguishes an instance of a template from a fresh one, in few bytes: the
//! 64-byte lines of memory pages, the globals and the table entries that are different.
//! Addresses are not part of it, so it can be applied to the parts of any instance of the template.
//!
//! Invariant: what is captured does not refer to the store; an instance of which that
//! cannot be said is not captured, and the reason is told.

use super::StoreOpaque;
use super::slot::Slot;
use crate::instance::{Segments, Template};
use crate::limits::ResourceError;
use crate::sys::page_size;
use crate::vm::{FuncRef, VmGlobal};
use core::fmt;
use core::ptr::NonNull;
use dayfly_parser::ValType;

/// The state of an instance, relative to a fresh one of its template.
#[derive(Clone, Debug)]
pub(crate) struct Delta {
    /// As `Writer` wrote them.
    bytes: Box<[u8]>,
    /// The segments, if any was dropped.
    segments: Option<Box<Segments>>,
}

/// Why the state of an instance cannot be told apart from its store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotCaptured(pub(super) &'static str);

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

/// Bytes that are compared and kept as one: a page has 64 times as many.
fn line_size() -> usize {
    page_size() / 64
}

/// Marks references to functions of the instance itself, whose addresses are multiples of 8.
const OWN: u64 = 1;

impl Delta {
    /// Bytes that it takes.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len() + self.segments.as_ref().map_or(0, |_| size_of::<Segments>())
    }
}

impl StoreOpaque {
    /// The state of the store's only instance, which was made from a template: with what is in
    /// its memories, or only how large they are. `buffer` is to be used again and again.
    pub(crate) fn capture(&self, buffer: &mut Vec<u8>, memories: bool) -> Result<Delta, NotCaptured> {
        let slot = self.slot.as_ref().filter(|_| self.slot_in_use);
        let slot = slot.ok_or_else(NotCaptured::of_another)?;
        // SAFETY: the store's state is alive.
        if unsafe { !(*self.vm_store()).store.is_null() } {
            return Err(NotCaptured("code of the store runs"));
        }
        self.check_nothing_else(slot)?;
        let mut out = Writer { out: buffer };
        out.out.clear();
        for memory in 0..self.memories.len() {
            self.capture_memory(memory, &mut out, memories);
        }
        self.capture_globals(slot, &mut out)?;
        for table in 0..self.tables.len() {
            self.capture_table(slot.template(), table, &mut out)?;
        }
        let segments = &self.instances[0].segments;
        let segments = (segments != slot.segments()).then(|| Box::new(segments.clone()));
        Ok(Delta { bytes: out.out.as_slice().into(), segments })
    }

    /// Gives a fresh instance of the same template, the store's first, the state that was captured.
    pub(crate) fn apply(&mut self, delta: &Delta) -> Result<(), ResourceError> {
        let mut from = Reader { bytes: &delta.bytes };
        for memory in 0..self.memories.len() {
            self.apply_memory(memory, &mut from)?;
        }
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
        if let Some(segments) = &delta.segments {
            self.instances[0].segments = (**segments).clone();
        }
        debug_assert!(from.bytes.is_empty(), "all was read");
        Ok(())
    }

    /// Fails if there is anything in the store but the parts of the template's instance.
    fn check_nothing_else(&self, slot: &Slot) -> Result<(), NotCaptured> {
        if self.gc.exists() {
            return Err(NotCaptured("there are objects on the GC heap"));
        }
        if self.instances.len() > 1 || !slot.has_same_parts(self) || !self.host_cells.is_empty() {
            return Err(NotCaptured("the store has more than the instance"));
        }
        Ok(())
    }

    fn capture_memory(&self, memory: usize, out: &mut Writer<'_>, contents: bool) {
        let memory = self.memories[memory].own().expect("the memories of a template are no shared ones");
        let Some(tracker) = memory.tracked() else { return };
        let now = memory.vm();
        out.u64(memory.pages());
        let at = out.place();
        if !contents {
            return;
        }
        let mut count = 0;
        let page_size = page_size();
        let mut page = |number: usize, original: Option<&[u8]>| {
            // SAFETY: whole pages are accessible behind what is tracked, and code rests.
            let bytes = unsafe { core::slice::from_raw_parts(now.base.add(number * page_size), page_size) };
            count += u32::from(out.lines(number as u32, bytes, original));
        };
        tracker.each_changed(&mut |number| page(number, tracker.original(number)));
        for number in tracker.pages()..now.len.div_ceil(page_size) {
            page(number, None);
        }
        out.set(at, count);
    }

    fn apply_memory(&mut self, memory: usize, from: &mut Reader<'_>) -> Result<(), ResourceError> {
        let pages = from.u64();
        let more = pages - self.memories[memory].pages();
        if more > 0 {
            self.grow_memory_at(memory as u32, more)?;
        }
        let base = self.memories[memory].private().base;
        for _ in 0..from.u32() {
            let (number, mut mask) = (from.u32() as usize, from.u64());
            let page = base.wrapping_add(number * page_size());
            while mask != 0 {
                let line = mask.trailing_zeros() as usize;
                mask &= mask - 1;
                let bytes = from.take(line_size());
                // SAFETY: the page is accessible, as it was when this was captured.
                unsafe { page.add(line * bytes.len()).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
            }
        }
        Ok(())
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

/// Writes to a buffer that is used again.
struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl Writer<'_> {
    fn u32(&mut self, value: u32) {
        self.out.extend_from_slice(&value.to_ne_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.out.extend_from_slice(&value.to_ne_bytes());
    }

    /// A place for a number that is set later.
    fn place(&mut self) -> usize {
        self.u32(0);
        self.out.len() - 4
    }

    fn set(&mut self, at: usize, value: u32) {
        self.out[at..at + 4].copy_from_slice(&value.to_ne_bytes());
    }

    /// The lines of a page that are different; whether there are any.
    fn lines(&mut self, number: u32, page: &[u8], original: Option<&[u8]>) -> bool {
        let before = self.out.len();
        self.u32(number);
        self.u64(0);
        let mut mask = 0_u64;
        for (n, line) in page.chunks_exact(line_size()).enumerate() {
            let same = match original {
                Some(original) => line == &original[n * line.len()..][..line.len()],
                None => line.iter().all(|byte| *byte == 0),
            };
            if !same {
                mask |= 1 << n;
                self.out.extend_from_slice(line);
            }
        }
        if mask == 0 {
            self.out.truncate(before);
        } else {
            self.out[before + 4..before + 12].copy_from_slice(&mask.to_ne_bytes());
        }
        mask != 0
    }
}

/// Reads what a `Writer` wrote.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(len);
        self.bytes = rest;
        taken
    }

    fn u32(&mut self) -> u32 {
        u32::from_ne_bytes(self.take(4).try_into().expect("of 4 bytes"))
    }

    fn u64(&mut self) -> u64 {
        u64::from_ne_bytes(self.take(8).try_into().expect("of 8 bytes"))
    }
}
