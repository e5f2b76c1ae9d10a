//! The globals and tags of a store. Spec: exec/modules, "Globals" and "Tags".

use super::{Global, StoreOpaque, Tag};
use crate::types::TypeId;
use crate::vm::{Slot, VmGlobal, VmTag};
use core::ptr::NonNull;
use dayfly_parser::GlobalType;

/// A global: where its value is, in an instance's block or in a cell of the host's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GlobalRecord {
    pub(crate) cell: NonNull<VmGlobal>,
    /// Canonical.
    pub(crate) ty: GlobalType,
    /// Whether the value is a reference to the GC heap.
    pub(crate) is_gc: bool,
}

impl StoreOpaque {
    /// Makes a global of the host; `ty` is canonical.
    ///
    /// # Safety
    /// `value` is of the content type and belongs to this store.
    pub unsafe fn new_global(&mut self, ty: GlobalType, value: [Slot; 2]) -> Global {
        let cell = NonNull::from(Box::leak(Box::new(VmGlobal(value))));
        self.host_cells.push(cell);
        let index = self.add_global(cell, ty);
        Global { store: self.owner(false), index }
    }

    /// The global's type, canonical.
    pub fn global_type(&self, global: Global) -> GlobalType {
        self.global(global).ty
    }

    /// The global's value; the second slot matters for a `v128` alone.
    pub fn global_get_slots(&self, global: Global) -> [Slot; 2] {
        // SAFETY: cells live as long as the store.
        unsafe { self.global(global).cell.read().0 }
    }

    /// Writes the global, whether its type says it is mutable or not.
    ///
    /// # Safety
    /// `value` is of the content type and belongs to this store; the global is mutable.
    pub unsafe fn global_set_slots(&mut self, global: Global, value: [Slot; 2]) {
        // SAFETY: cells live as long as the store.
        unsafe { self.global(global).cell.write(VmGlobal(value)) };
    }

    /// Makes a tag of the host, of a canonical function type.
    pub fn new_tag(&mut self, ty: TypeId) -> Tag {
        Tag { store: self.owner(false), index: self.add_tag(ty) }
    }

    /// The tag's canonical function type.
    pub fn tag_type(&self, tag: Tag) -> TypeId {
        self.check(tag.store);
        TypeId(self.tags[tag.index as usize].type_id)
    }

    pub(crate) fn global(&self, global: Global) -> GlobalRecord {
        self.check(global.store);
        self.globals[global.index as usize]
    }

    pub(crate) fn add_global(&mut self, cell: NonNull<VmGlobal>, ty: GlobalType) -> u32 {
        let is_gc = ty.content.as_ref().is_some_and(|ty| self.shared().types().is_gc_ref(ty));
        self.globals.push(GlobalRecord { cell, ty, is_gc });
        self.globals.len() as u32 - 1
    }

    pub(crate) fn add_tag(&mut self, ty: TypeId) -> u32 {
        let id = self.tags.len() as u32;
        self.tags.push(Box::new(VmTag { type_id: ty.0, id }));
        id
    }
}
