//! The collector: copies what is reachable from the roots to the other half of the
//! heap, breadth first, and leaves where it went in the old object's header.
//! (Cheney's algorithm.)
//!
//! Invariant: objects between the start of the new half and `scan` refer to the new
//! half only, those between `scan` and `next` still to the old one.

use super::hosts::HostTable;
use super::layout::{GcKind, GcType, HOST_SIZE, Storage};
use super::object::{self, EXCEPTION, HOST, Header, MOVED};
use crate::types::{TypeId, TypeRegistry};
use crate::vm::Slot;
use core::ops::Range;
use core::ptr;

/// A collection that is running.
pub(crate) struct Collection<'a> {
    base: *mut u8,
    from: Range<u32>,
    scan: u32,
    next: u32,
    types: Types<'a>,
    hosts: &'a mut HostTable,
    roots: usize,
}

impl<'a> Collection<'a> {
    /// Begins to move the objects in `from` to `to`.
    ///
    /// # Safety
    /// `from` is full of objects of the heap at `base`, and there is room for as many
    /// bytes at `to`. Until the collection ends nobody else uses the heap.
    pub(crate) unsafe fn new(
        base: *mut u8,
        from: Range<u32>,
        to: u32,
        types: &'a TypeRegistry,
        hosts: &'a mut HostTable,
    ) -> Collection<'a> {
        Collection { base, from, scan: to, next: to, types: Types::new(types), hosts, roots: 0 }
    }

    /// Moves what a slot refers to and updates the slot. A slot may be given twice.
    ///
    /// # Safety
    /// The slot holds null, an `i31` or an object of the heap, and nobody else uses it.
    #[inline]
    pub(crate) unsafe fn root(&mut self, slot: *mut Slot) {
        self.roots += 1;
        // SAFETY: the caller's promise.
        unsafe {
            let value = slot.read();
            debug_assert!(value <= u64::from(u32::MAX), "{value:#x} is no reference to the GC heap");
            slot.write(Slot::from(self.forward(value as u32)));
        }
    }

    /// As `root`, for a reference outside of a slot.
    ///
    /// # Safety
    /// As for `root`.
    #[inline]
    pub(crate) unsafe fn root_reference(&mut self, reference: &mut u32) {
        self.roots += 1;
        // SAFETY: the caller's promise.
        *reference = unsafe { self.forward(*reference) };
    }

    /// Moves everything that is reachable from what has been moved. Returns where the
    /// objects end, and how many roots there were.
    ///
    /// # Safety
    /// All roots have been given.
    pub(crate) unsafe fn finish(mut self) -> (u32, usize) {
        while self.scan < self.next {
            // SAFETY: at `scan` is an object that has been moved and not been looked at.
            self.scan += unsafe { self.scan_object(self.scan) };
        }
        (self.next, self.roots)
    }

    /// The new reference for a reference, whose object is moved if it has not been.
    ///
    /// # Safety
    /// It is null, an `i31` or an object of the heap.
    #[inline]
    unsafe fn forward(&mut self, reference: u32) -> u32 {
        if !object::is_object(reference) || !self.from.contains(&reference) {
            return reference;
        }
        // SAFETY: an object of the old half has a header, and was moved or not.
        unsafe {
            let header = object::header(self.base, reference);
            if header.type_id == MOVED { header.aux } else { self.relocate(reference, header) }
        }
    }

    /// # Safety
    /// `reference` is an object of the old half that has not been moved.
    #[inline]
    unsafe fn relocate(&mut self, reference: u32, header: Header) -> u32 {
        let size = match header.type_id {
            HOST => {
                self.hosts.found(header.aux);
                HOST_SIZE
            }
            EXCEPTION => self.types.get(header.aux).object_size(0) as u32,
            // The object exists, so its size is below 2^32.
            id => self.types.get(id).object_size(header.aux) as u32,
        };
        let new = self.next;
        self.next += size;
        // SAFETY: all objects together take no more room than they did.
        unsafe {
            let (from, to) = (self.base.add(reference as usize), self.base.add(new as usize));
            copy_words(from.cast(), to.cast(), size as usize / 8);
            object::set_header(self.base, reference, Header { type_id: MOVED, aux: new });
        }
        new
    }

    /// Moves what an object refers to, and returns the object's size.
    ///
    /// # Safety
    /// It is an object that has been moved.
    #[inline]
    unsafe fn scan_object(&mut self, reference: u32) -> u32 {
        // SAFETY: the object has a header, and fields where its type says.
        unsafe {
            let header = object::header(self.base, reference);
            let ty = match header.type_id {
                HOST => return HOST_SIZE,
                EXCEPTION => self.types.get(header.aux),
                id => self.types.get(id),
            };
            if let GcKind::Array { element: Storage::Ref } = ty.kind() {
                let elements: *mut u32 = object::element(self.base, reference, Storage::Ref, 0).cast();
                for n in 0..header.aux as usize {
                    self.field(elements.add(n));
                }
            } else {
                let at = self.base.add(reference as usize);
                for offset in ty.refs() {
                    self.field(at.add(*offset as usize).cast());
                }
            }
            ty.object_size(header.aux) as u32
        }
    }

    /// # Safety
    /// It is a field or element of an object that has been moved.
    #[inline]
    unsafe fn field(&mut self, at: *mut u32) {
        // SAFETY: the caller's promise.
        unsafe { at.write(self.forward(at.read())) };
    }
}

/// Most objects are small, for which a call of `memcpy` takes longer.
///
/// # Safety
/// So many words can be read and written; the ranges do not overlap.
#[inline]
unsafe fn copy_words(from: *const u64, to: *mut u64, count: usize) {
    const FEW: usize = 16;
    // SAFETY: the caller's promise.
    unsafe {
        if count > FEW {
            ptr::copy_nonoverlapping(from, to, count);
        } else {
            for n in 0..count {
                to.add(n).write(from.add(n).read());
            }
        }
    }
}

/// Looks layouts up by type, the ones seen last first.
struct Types<'a> {
    registry: &'a TypeRegistry,
    recent: [Option<&'a GcType>; Types::RECENT],
}

impl<'a> Types<'a> {
    const RECENT: usize = 64;

    fn new(registry: &'a TypeRegistry) -> Types<'a> {
        Types { registry, recent: [None; Types::RECENT] }
    }

    #[inline(always)]
    fn get(&mut self, id: u32) -> &'a GcType {
        match self.recent[id as usize % Types::RECENT] {
            Some(ty) if ty.id().0 == id => ty,
            _ => self.look_up(id),
        }
    }

    #[inline(never)]
    fn look_up(&mut self, id: u32) -> &'a GcType {
        self.recent[id as usize % Types::RECENT].insert(self.registry.gc_type(TypeId(id)))
    }
}
