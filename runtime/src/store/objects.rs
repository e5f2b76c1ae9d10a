//! Objects of the GC heap as the host holds them: by roots. A root that is gone is
//! never followed, so all but writing is safe.

use super::{RootIndex, StoreId, StoreOpaque, Tag};
use crate::fault::Fault;
use crate::gc::layout::{Field, HOST_SIZE, Storage};
use crate::gc::object::{self, EXCEPTION, HOST, Header, ObjectKind};
use crate::types::TypeId;
use crate::vm::Slot;
use core::any::Any;
use std::sync::Arc;

impl StoreOpaque {
    /// Gives a host value to the store, which keeps it as long as a guest or the host
    /// refers to it. It is rooted in the innermost scope. May collect.
    ///
    /// # Errors
    /// When the GC heap is full.
    pub fn new_extern(&mut self, value: Arc<dyn Any + Send + Sync>) -> Result<RootIndex, Fault> {
        let header = Header { type_id: HOST, aux: 0 };
        let object = self.allocate_object(header, HOST_SIZE.into())?;
        // Only now: a collection frees the values whose objects it does not find.
        let aux = self.hosts.insert(value);
        // SAFETY: the object was made just now.
        unsafe {
            object::set_header(self.gc_base(), object, Header { aux, ..header });
            object::clear_body(self.gc_base().add(object as usize), HOST_SIZE.into());
            Ok(self.push_root(object))
        }
    }

    /// The host value at a position that `object_kind` has told.
    ///
    /// # Panics
    /// If there is none any more.
    pub fn host_value(&self, index: u32) -> &Arc<dyn Any + Send + Sync> {
        self.hosts.get(index)
    }

    /// As `host_value`, to change it; `None` if somebody else holds it too.
    ///
    /// # Panics
    /// As `host_value`.
    pub fn host_value_mut(&mut self, index: u32) -> Option<&mut (dyn Any + Send + Sync)> {
        Arc::get_mut(self.hosts.get_mut(index))
    }

    /// A rooted reference as it stands in a slot.
    ///
    /// # Panics
    /// If the root is of another store or gone.
    pub fn root_to_slot(&self, owner: StoreId, root: RootIndex) -> Slot {
        self.check(owner);
        Slot::from(self.reference(root))
    }

    /// Roots the reference in a slot in the innermost scope; `None` if it is null.
    ///
    /// # Safety
    /// The slot holds a reference to the GC heap of this store.
    pub unsafe fn slot_to_root(&mut self, slot: Slot) -> Option<RootIndex> {
        // SAFETY: the caller's promise.
        (slot != 0).then(|| unsafe { self.push_root(slot as u32) })
    }

    /// What a root refers to; `None` if it is null.
    ///
    /// # Panics
    /// If the root is gone.
    pub fn object_kind(&self, root: RootIndex) -> Option<ObjectKind> {
        let reference = self.reference(root);
        // SAFETY: a root holds null, an `i31` or an object of this store's heap.
        unsafe { ObjectKind::of(self.gc_base(), self.shared().types(), reference) }
    }

    /// Makes a structure whose fields are zero and null, rooted in the innermost
    /// scope. May collect.
    ///
    /// # Panics
    /// If the id is not of a structure type of the store's engine.
    pub fn new_struct(&mut self, ty: TypeId) -> Result<RootIndex, Fault> {
        let layout = self.shared().types().gc_type(ty);
        assert!(layout.is_struct(), "the type is a structure's");
        let size = layout.object_size(0);
        self.new_cleared(Header { type_id: ty.0, aux: 0 }, size)
    }

    /// Makes an array whose elements are zero or null, rooted in the innermost scope.
    /// May collect.
    ///
    /// # Panics
    /// If the id is not of an array type of the store's engine.
    pub fn new_array(&mut self, ty: TypeId, len: u32) -> Result<RootIndex, Fault> {
        let layout = self.shared().types().gc_type(ty);
        assert!(layout.element().is_some(), "the type is an array's");
        let size = layout.object_size(len);
        self.new_cleared(Header { type_id: ty.0, aux: len }, size)
    }

    /// Makes an exception whose payload is zero and null, rooted in the innermost
    /// scope. May collect.
    ///
    /// # Panics
    /// If the tag is of another store.
    pub fn new_exception(&mut self, tag: Tag) -> Result<RootIndex, Fault> {
        let ty = self.tag_type(tag);
        let size = self.shared().types().gc_type(ty).object_size(0);
        let root = self.new_cleared(Header { type_id: EXCEPTION, aux: ty.0 }, size)?;
        let identity = &raw const *self.tags[tag.index as usize];
        // SAFETY: the exception was made and rooted just now.
        unsafe { object::exception_tag(self.gc_base(), self.reference(root)).write(identity) };
        Ok(root)
    }

    /// The tag of an exception.
    ///
    /// # Panics
    /// If the root is gone or no exception.
    pub fn exception_tag(&self, root: RootIndex) -> Tag {
        assert!(matches!(self.object_kind(root), Some(ObjectKind::Exception(_))), "an exception");
        // SAFETY: the object is an exception, whose tag is of this store.
        let index = unsafe { (**object::exception_tag(self.gc_base(), self.reference(root))).id };
        Tag { store: self.owner((index as usize) < self.staying().tags), index }
    }

    /// The value of a field, element or payload part, packed ones without sign; the
    /// second slot matters for a `v128` alone. `None` if there is no such one.
    ///
    /// # Panics
    /// If the root is gone.
    pub fn object_field(&self, root: RootIndex, index: u32) -> Option<[Slot; 2]> {
        let (at, field) = self.place_of(root, index)?;
        let mut value = [0; 2];
        // SAFETY: the place is inside of the object, and nothing allocates meanwhile.
        unsafe { object::read(field.storage, at, value.as_mut_ptr()) };
        Some(value)
    }

    /// Writes a field, element or payload part; packed ones are wrapped. `None` if
    /// there is no such one.
    ///
    /// # Panics
    /// If the root is gone.
    ///
    /// # Safety
    /// `value` is of the field's type and belongs to this store.
    pub unsafe fn set_object_field(&mut self, root: RootIndex, index: u32, value: [Slot; 2]) -> Option<()> {
        let (at, field) = self.place_of(root, index)?;
        // SAFETY: the place is inside of the object; the caller answers for the value.
        unsafe { object::write(field.storage, at, value.as_ptr()) };
        Some(())
    }

    /// Writes the same value to all elements of an array.
    ///
    /// # Panics
    /// If the root is gone or no array.
    ///
    /// # Safety
    /// `value` is of the elements' type and belongs to this store.
    pub unsafe fn fill_array(&mut self, root: RootIndex, value: [Slot; 2]) {
        let (storage, len) = self.array_elements(root);
        // SAFETY: all elements are inside of the array; the caller answers for the value.
        unsafe {
            let first = object::element(self.gc_base(), self.reference(root), storage, 0);
            object::fill(storage, first, value.as_ptr(), len as usize);
        }
    }

    /// The bytes of an array whose elements are `i8`; `None` if they are not.
    ///
    /// # Panics
    /// If the root is gone or no array.
    pub fn array_bytes(&mut self, root: RootIndex) -> Option<&mut [u8]> {
        let (storage, len) = self.array_elements(root);
        // SAFETY: all elements are inside of the array, which does not move while the
        // store is borrowed.
        (storage == Storage::I8).then(|| unsafe {
            let first = object::element(self.gc_base(), self.reference(root), storage, 0);
            core::slice::from_raw_parts_mut(first, len as usize)
        })
    }

    /// Roots the exception that ended the last call, which then is no longer pending.
    pub fn take_exception(&mut self) -> Option<RootIndex> {
        // SAFETY: the store's state is alive.
        let exn = unsafe { core::mem::take(&mut (*self.vm_store()).exception) };
        // SAFETY: an exception that was thrown is an object of this store.
        unsafe { self.slot_to_root(exn.into()) }
    }

    /// Whether an exception ended the last call and was not taken.
    pub fn has_exception(&self) -> bool {
        // SAFETY: the store's state is alive.
        unsafe { (*self.vm_store()).exception != 0 }
    }

    /// Makes an exception the one that is being thrown: what fails with
    /// `Fault::Exception` next throws it.
    ///
    /// # Panics
    /// If the root is gone or no exception.
    pub fn set_exception(&mut self, root: RootIndex) {
        assert!(matches!(self.object_kind(root), Some(ObjectKind::Exception(_))), "an exception");
        // SAFETY: the store's state is alive.
        unsafe { (*self.vm_store()).exception = self.reference(root) };
    }

    fn new_cleared(&mut self, header: Header, size: u64) -> Result<RootIndex, Fault> {
        let object = self.allocate_object(header, size)?;
        // SAFETY: the object was made just now, of that size.
        unsafe {
            object::clear_body(self.gc_base().add(object as usize), size);
            Ok(self.push_root(object))
        }
    }

    fn reference(&self, root: RootIndex) -> u32 {
        self.root(root).unwrap_or_else(|| root_gone())
    }

    fn array_elements(&self, root: RootIndex) -> (Storage, u32) {
        let Some(ObjectKind::Array(ty, len)) = self.object_kind(root) else { panic!("an array") };
        (self.shared().types().gc_type(ty).element().expect("the type is an array's"), len)
    }

    fn place_of(&self, root: RootIndex, index: u32) -> Option<(*mut u8, Field)> {
        let reference = self.reference(root);
        let types = self.shared().types();
        let field = match self.object_kind(root)? {
            ObjectKind::Struct(ty) | ObjectKind::Exception(ty) => {
                *types.gc_type(ty).fields().get(index as usize)?
            }
            ObjectKind::Array(ty, len) if index < len => types.gc_type(ty).element_field(index)?,
            ObjectKind::Array(..) | ObjectKind::I31(_) | ObjectKind::Host(_) => return None,
        };
        // SAFETY: the field is inside of the object.
        let at = unsafe { self.gc_base().add(reference as usize).add(field.offset as usize) };
        Some((at, field))
    }
}

#[cold]
fn root_gone() -> ! {
    panic!("a reference was used after the scope it was rooted in")
}
