//! The GC heap in a state: its objects, just collected, as they lie at the start of the first
//! half, where those of any store can lie. References count from the start of the heap, so
//! they stay what they are; addresses of functions and tags are kept as places in the module.
//!
//! Invariant: no address of the store is in what is kept. Host values are kept beside it.

use super::{NotCaptured, decode};
use crate::gc::{Address, HostTable, each_address};
use crate::instance::Template;
use crate::limits::ResourceError;
use crate::store::StoreOpaque;
use core::ptr;

/// The GC heap of a store that rests.
#[derive(Clone, Debug)]
pub(crate) struct HeapState {
    objects: Box<[u64]>,
    hosts: HostTable,
}

impl HeapState {
    /// Bytes that it takes.
    pub(super) fn size(&self) -> usize {
        size_of_val(&*self.objects)
    }

    /// Takes the host values over.
    pub(super) fn set_hosts(&mut self, hosts: HostTable) {
        self.hosts = hosts;
    }
}

impl StoreOpaque {
    /// The objects that are alive; `None` if there is no heap. Collects.
    pub(super) fn capture_heap(&mut self, template: &Template) -> Result<Option<HeapState>, NotCaptured> {
        if !self.gc.exists() {
            return Ok(None);
        }
        // Each collection moves all objects to the other half.
        for _ in 0..2 {
            let collected = self.collect_garbage();
            collected.ok_or(NotCaptured("the system does not give the memory for a collection"))?;
            if self.gc.is_in_first_half() {
                break;
            }
        }
        let objects = self.gc.objects();
        let mut copy = vec![0_u64; objects.len() / size_of::<u64>()].into_boxed_slice();
        let at = copy.as_mut_ptr().cast::<u8>();
        // SAFETY: the objects are accessible, multiples of 8 bytes, and code rests.
        unsafe { ptr::copy_nonoverlapping(objects.as_ptr(), at, objects.len()) };
        let mut refused = None;
        let mut encode = |kind: Address, address: u64| {
            let encoded = match kind {
                Address::Func => self.encode(template, address),
                Address::Tag => self.tag_number(address),
            };
            encoded.unwrap_or_else(|reason| {
                refused = Some(reason);
                0
            })
        };
        // SAFETY: the copy is full of objects, and nobody else has it.
        unsafe { each_address(at, objects.len(), self.shared.types(), &mut encode) };
        match refused {
            Some(reason) => Err(reason),
            None => Ok(Some(HeapState { objects: copy, hosts: HostTable::default() })),
        }
    }

    /// As `HeapState` for one that goes on: with the host values that it shares with this store.
    pub(super) fn host_values(&self) -> HostTable {
        self.hosts.clone()
    }

    /// The host values, taken from a store that is done.
    pub(super) fn take_host_values(&mut self) -> HostTable {
        self.hosts.take_all()
    }

    /// Makes the heap what it was when it was captured, in a store that has none.
    pub(crate) fn apply_heap(&mut self, state: HeapState) -> Result<(), ResourceError> {
        let HeapState { objects, hosts } = state;
        let at = self.open_gc_heap(size_of_val(&*objects))?;
        // SAFETY: there is room for the objects, which nobody else knows of yet.
        unsafe { ptr::copy_nonoverlapping(objects.as_ptr().cast(), at, size_of_val(&*objects)) };
        let block = self.instances[0].block.vm().addr() as u64;
        let mut restore = |kind: Address, value: u64| match kind {
            Address::Func => decode(value, block),
            Address::Tag => ptr::from_ref(&*self.tags[value as usize]).addr() as u64,
        };
        // SAFETY: so many bytes are full of objects, which are the store's now.
        unsafe { each_address(at, size_of_val(&*objects), self.shared.types(), &mut restore) };
        self.hosts = hosts;
        Ok(())
    }

    /// Forgets everything that a fresh instance has on the GC heap, and the heap. Whether there
    /// was one.
    pub(crate) fn forget_heap(&mut self) -> bool {
        if !self.gc.exists() {
            return false;
        }
        for table in self.tables.iter_mut().filter(|table| table.is_gc) {
            let all = table.elements.vm().len as u64;
            let cleared = table.elements.fill(0, 0, all);
            debug_assert!(cleared.is_ok(), "a table has as many entries as it says");
        }
        for global in self.globals.iter().filter(|global| global.is_gc) {
            // SAFETY: the cell is in the block of the instance, whose code rests.
            unsafe { global.cell.write(crate::vm::VmGlobal::default()) };
        }
        for instance in &mut self.instances {
            instance.segments.forget_gc_values();
        }
        self.gc.clear();
        true
    }

    fn tag_number(&self, tag: u64) -> Result<u64, NotCaptured> {
        let found = self.tags.iter().position(|own| ptr::from_ref(&**own).addr() as u64 == tag);
        found.map(|n| n as u64).ok_or(NotCaptured("an exception whose tag is not the module's"))
    }
}
