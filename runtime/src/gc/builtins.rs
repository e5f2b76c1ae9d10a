//! The operators of the GC heap, as code calls them. Those that allocate may
//! collect: references that are not in a root are stale afterwards. Slots that are
//! pointed to lie in a frame whose roots cover them. An error is parked.
//! Spec: exec/instructions, "Aggregate Instructions" and "Reference Instructions".
//!
//! # Safety
//! For all functions here: `vm` is an instance of a store which is entered by the
//! current thread; operands are of the types that validation demands, of that
//! store; type ids are canonical ones of its engine; pointed-to slots are as many
//! as the values take; no reference to the store is alive.

use super::heap::bump;
use super::layout::{GcType, Storage, array_size};
use super::matches::{EncodedRefType, matches};
use super::object::{self, EXCEPTION, Header};
use crate::builtins::{blueprint, func_ref, guarded, park, part, pay, record, store};
use crate::fault::Parked;
use crate::trap::Trap;
use crate::types::TypeId;
use crate::vm::{Slot, Vm, VmTag};
use core::ptr;
use dayfly_parser::{DataIdx, ElemIdx, ElementItems};

/// `struct.new`, or `struct.new_default` if `fields` is null.
///
/// # Safety
/// As for the module.
pub unsafe fn struct_new(vm: *mut Vm, ty: u32, fields: *const Slot) -> Result<u32, Parked> {
    // SAFETY: the caller's promise.
    unsafe { struct_new_of(vm, gc_type(vm, ty), fields) }
}

/// `struct_new` of a type that was looked up before.
///
/// # Safety
/// As for the module.
#[inline]
pub unsafe fn struct_new_of(vm: *mut Vm, ty: &GcType, fields: *const Slot) -> Result<u32, Parked> {
    let size = ty.object_size(0);
    // SAFETY: the object is as large as its layout says, so every field is inside.
    unsafe {
        let object = allocate(vm, Header { type_id: ty.id().0, aux: 0 }, size)?;
        let at = base(vm).add(object as usize);
        if fields.is_null() {
            object::clear_body(at, size);
        } else {
            write_fields(ty, at, fields);
        }
        Ok(object)
    }
}

/// `array.new`, or `array.new_default` if `init` is null.
///
/// # Safety
/// As for the module.
pub unsafe fn array_new(vm: *mut Vm, ty: u32, init: *const Slot, len: u32) -> Result<u32, Parked> {
    // SAFETY: the caller's promise.
    unsafe { array_new_of(vm, gc_type(vm, ty), init, len) }
}

/// `array_new` of a type that was looked up before.
///
/// # Safety
/// As for the module.
#[inline]
pub unsafe fn array_new_of(vm: *mut Vm, ty: &GcType, init: *const Slot, len: u32) -> Result<u32, Parked> {
    // SAFETY: all elements are inside of the new array.
    unsafe {
        let (array, storage) = allocate_array(vm, ty, len)?;
        let at = object::element(base(vm), array, storage, 0);
        if init.is_null() {
            ptr::write_bytes(at, 0, (len as usize) << storage.size_log2());
        } else {
            // Twice, as for whoever makes an array and then fills it.
            let paid = pay(vm, u64::from(len) << storage.size_log2());
            object::fill(storage, at, init, len as usize);
            paid.map_err(|trap| park(vm, trap.into()))?;
        }
        Ok(array)
    }
}

/// `array.new_fixed`
///
/// # Safety
/// As for the module.
pub unsafe fn array_new_fixed(vm: *mut Vm, ty: u32, values: *const Slot, count: u32) -> Result<u32, Parked> {
    // SAFETY: all elements are inside of the new array.
    unsafe {
        let (array, storage) = allocate_array(vm, gc_type(vm, ty), count)?;
        for n in 0..count {
            let value = values.add((n * storage.slots()) as usize);
            object::write(storage, object::element(base(vm), array, storage, n), value);
        }
        Ok(array)
    }
}

/// `array.new_data`
///
/// # Safety
/// As for the module.
pub unsafe fn array_new_data(vm: *mut Vm, ty: u32, data: u32, offset: u32, len: u32) -> Result<u32, Parked> {
    // SAFETY: the part of the segment is as long as the elements of the array.
    unsafe {
        let ty = gc_type(vm, ty);
        let bytes = data_part(vm, element_of(ty), data, offset, len).map_err(|trap| park(vm, trap.into()))?;
        let (array, storage) = allocate_array(vm, ty, len)?;
        let at = object::element(base(vm), array, storage, 0);
        ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len());
        Ok(array)
    }
}

/// `array.new_elem`
///
/// # Safety
/// As for the module.
pub unsafe fn array_new_elem(vm: *mut Vm, ty: u32, elem: u32, offset: u32, len: u32) -> Result<u32, Parked> {
    // SAFETY: the bounds of the segment are checked before the array is made of that length.
    unsafe {
        check_elem(vm, elem, offset, len).map_err(|trap| park(vm, trap.into()))?;
        let (array, storage) = allocate_array(vm, gc_type(vm, ty), len)?;
        write_elem(vm, storage, array, 0, elem, offset, len);
        Ok(array)
    }
}

/// `array.fill`
///
/// # Safety
/// As for the module.
pub unsafe fn array_fill(
    vm: *mut Vm,
    ty: u32,
    array: u32,
    index: u32,
    value: *const Slot,
    len: u32,
) -> Result<(), Trap> {
    // SAFETY: the elements are checked to be inside of the array.
    unsafe {
        check_elements(vm, array, index, len)?;
        let storage = element_of(gc_type(vm, ty));
        pay(vm, u64::from(len) << storage.size_log2())?;
        object::fill(storage, object::element(base(vm), array, storage, index), value, len as usize);
    }
    Ok(())
}

/// `array.copy`
///
/// # Safety
/// As for the module.
#[allow(clippy::too_many_arguments, reason = "they are the operator's")]
pub unsafe fn array_copy(
    vm: *mut Vm,
    dst_ty: u32,
    dst: u32,
    dst_index: u32,
    _src_ty: u32,
    src: u32,
    src_index: u32,
    len: u32,
) -> Result<(), Trap> {
    // SAFETY: both ranges are checked to be inside of their arrays. Validation demands
    // the same storage of both; `copy` allows overlap.
    unsafe {
        if dst == 0 || src == 0 {
            return Err(Trap::NullArrayReference);
        }
        check_elements(vm, dst, dst_index, len)?;
        check_elements(vm, src, src_index, len)?;
        let storage = element_of(gc_type(vm, dst_ty));
        pay(vm, u64::from(len) << storage.size_log2())?;
        let to = object::element(base(vm), dst, storage, dst_index);
        let from = object::element(base(vm), src, storage, src_index);
        ptr::copy(from, to, (len as usize) << storage.size_log2());
    }
    Ok(())
}

/// `array.init_data`
///
/// # Safety
/// As for the module.
pub unsafe fn array_init_data(
    vm: *mut Vm,
    ty: u32,
    array: u32,
    data: u32,
    index: u32,
    offset: u32,
    len: u32,
) -> Result<(), Trap> {
    // SAFETY: both ranges are checked; a module's bytes are not in the heap.
    unsafe {
        check_elements(vm, array, index, len)?;
        let storage = element_of(gc_type(vm, ty));
        let bytes = data_part(vm, storage, data, offset, len)?;
        pay(vm, bytes.len() as u64)?;
        let at = object::element(base(vm), array, storage, index);
        ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len());
    }
    Ok(())
}

/// `array.init_elem`
///
/// # Safety
/// As for the module.
pub unsafe fn array_init_elem(
    vm: *mut Vm,
    ty: u32,
    array: u32,
    elem: u32,
    index: u32,
    offset: u32,
    len: u32,
) -> Result<(), Trap> {
    // SAFETY: both ranges are checked.
    unsafe {
        check_elements(vm, array, index, len)?;
        check_elem(vm, elem, offset, len)?;
        pay(vm, u64::from(len) * size_of::<Slot>() as u64)?;
        write_elem(vm, element_of(gc_type(vm, ty)), array, index, elem, offset, len);
    }
    Ok(())
}

/// `ref.test`: whether a value is of a type of its own hierarchy.
///
/// # Safety
/// As for the module.
#[inline]
pub unsafe fn ref_matches(vm: *mut Vm, value: Slot, ty: EncodedRefType) -> bool {
    // SAFETY: the caller's promise.
    unsafe { matches(base(vm), blueprint(vm).shape().types(), value, ty.ty()) }
}

/// An exception of a tag, with the payload in parameter order; all zero if `payload` is null.
///
/// # Safety
/// As for the module.
pub unsafe fn exn_new(vm: *mut Vm, tag: *const VmTag, payload: *const Slot) -> Result<u32, Parked> {
    // SAFETY: the tag is alive; the object is as large as the layout says.
    unsafe {
        let type_id = (*tag).type_id;
        let ty = gc_type(vm, type_id);
        let size = ty.object_size(0);
        let exn = allocate(vm, Header { type_id: EXCEPTION, aux: type_id }, size)?;
        let at = base(vm).add(exn as usize);
        if payload.is_null() {
            object::clear_body(at, size);
        } else {
            write_fields(ty, at, payload);
        }
        object::exception_tag(base(vm), exn).write(tag);
        Ok(exn)
    }
}

/// The tag of an exception that is not null.
///
/// # Safety
/// As for the module.
#[inline]
pub unsafe fn exn_tag(vm: *mut Vm, exn: u32) -> *const VmTag {
    // SAFETY: the caller's promise.
    unsafe { object::exception_tag(base(vm), exn).read() }
}

/// Writes the payload of an exception that is not null, in parameter order.
///
/// # Safety
/// As for the module; there is room for as many slots as the tag's parameters take.
pub unsafe fn exn_payload(vm: *mut Vm, exn: u32, to: *mut Slot) {
    // SAFETY: the fields are inside of the exception.
    unsafe {
        let ty = gc_type(vm, object::header(base(vm), exn).aux);
        let at = base(vm).add(exn as usize);
        let mut to = to;
        for field in ty.fields() {
            to = to.add(object::read(field.storage, at.add(field.offset as usize), to));
        }
    }
}

/// Makes an object: only its header is written. May collect.
///
/// # Safety
/// As for the module; `size` is a multiple of 8, at least 8.
#[inline]
unsafe fn allocate(vm: *mut Vm, header: Header, size: u64) -> Result<u32, Parked> {
    // SAFETY: the store's state is alive.
    match unsafe { bump((*vm).store, header, size) } {
        Some(object) => Ok(object),
        // SAFETY: as above.
        None => unsafe { allocate_slowly(vm, header, size) },
    }
}

/// # Safety
/// As for the module.
#[cold]
#[inline(never)]
unsafe fn allocate_slowly(vm: *mut Vm, header: Header, size: u64) -> Result<u32, Parked> {
    // SAFETY: the store is entered, and not borrowed.
    unsafe {
        let store = store(vm);
        guarded(vm, || store.allocate_object(header, size))
    }
}

/// Makes an array whose elements are not written yet.
///
/// # Safety
/// As for the module; `ty` is an array type.
#[inline]
unsafe fn allocate_array(vm: *mut Vm, ty: &GcType, len: u32) -> Result<(u32, Storage), Parked> {
    let storage = element_of(ty);
    let header = Header { type_id: ty.id().0, aux: len };
    let size = array_size(storage, len);
    // SAFETY: the caller's promise.
    unsafe {
        // What is larger than a heap can be costs nothing: it is refused.
        if size <= u64::from(u32::MAX) {
            pay(vm, size).map_err(|trap| park(vm, trap.into()))?;
        }
        Ok((allocate(vm, header, size)?, storage))
    }
}

/// # Safety
/// `at` is an object of this type; there are as many slots as its fields take.
#[inline]
unsafe fn write_fields(ty: &GcType, at: *mut u8, values: *const Slot) {
    let mut value = values;
    for field in ty.fields() {
        // SAFETY: the caller's promise.
        unsafe {
            object::write(field.storage, at.add(field.offset as usize), value);
            value = value.add(field.storage.slots() as usize);
        }
    }
}

/// # Safety
/// As for the module.
#[inline]
unsafe fn gc_type<'a>(vm: *mut Vm, ty: u32) -> &'a GcType {
    // SAFETY: the instance is alive, and its blueprint keeps the types alive.
    unsafe { blueprint(vm) }.shape().types().gc_type(TypeId(ty))
}

/// # Safety
/// As for the module.
#[inline]
unsafe fn base(vm: *mut Vm) -> *mut u8 {
    // SAFETY: the store is alive.
    unsafe { (*(*vm).store).gc_base }
}

/// Traps unless these elements of an array exist.
///
/// # Safety
/// As for the module.
#[inline]
unsafe fn check_elements(vm: *mut Vm, array: u32, index: u32, len: u32) -> Result<(), Trap> {
    if array == 0 {
        return Err(Trap::NullArrayReference);
    }
    // SAFETY: the array is alive.
    let count = unsafe { object::header(base(vm), array) }.aux;
    match index.checked_add(len) {
        Some(end) if end <= count => Ok(()),
        _ => Err(Trap::ArrayOutOfBounds),
    }
}

/// The bytes of a data segment that so many elements are made of.
///
/// # Safety
/// As for the module.
unsafe fn data_part<'a>(
    vm: *mut Vm,
    storage: Storage,
    data: u32,
    offset: u32,
    len: u32,
) -> Result<&'a [u8], Trap> {
    // SAFETY: the instance is alive, and its blueprint keeps the bytes alive.
    let (blueprint, record) = unsafe { (blueprint(vm), record(vm)) };
    let dropped = record.segments.data_dropped(DataIdx(data));
    let bytes = if dropped { &[] } else { blueprint.module().data_bytes(DataIdx(data)) };
    let len = u64::from(len) << storage.size_log2();
    part(bytes, u64::from(offset), len).ok_or(Trap::MemoryOutOfBounds)
}

/// Traps unless these items of an element segment exist.
///
/// # Safety
/// As for the module.
unsafe fn check_elem(vm: *mut Vm, elem: u32, offset: u32, len: u32) -> Result<(), Trap> {
    // SAFETY: the instance is alive.
    let (blueprint, record) = unsafe { (blueprint(vm), record(vm)) };
    let count = match record.segments.elem_dropped(ElemIdx(elem)) {
        true => 0,
        false => blueprint.module().elements()[elem as usize].items.len(),
    };
    match u64::from(offset) + u64::from(len) <= count as u64 {
        true => Ok(()),
        false => Err(Trap::TableOutOfBounds),
    }
}

/// Writes items of an element segment to elements of an array.
///
/// # Safety
/// As for the module; both ranges exist.
unsafe fn write_elem(
    vm: *mut Vm,
    storage: Storage,
    array: u32,
    index: u32,
    elem: u32,
    offset: u32,
    len: u32,
) {
    // SAFETY: both ranges exist; nothing here allocates on the GC heap.
    unsafe {
        let (blueprint, record) = (blueprint(vm), record(vm));
        let items = &blueprint.module().elements()[elem as usize].items;
        let values = record.segments.values(ElemIdx(elem));
        for n in 0..len {
            let from = (offset + n) as usize;
            let value = match items {
                ElementItems::Funcs(funcs) => func_ref(vm, funcs[from].0) as usize as Slot,
                ElementItems::Exprs(_) => values[from],
            };
            object::write(storage, object::element(base(vm), array, storage, index + n), &raw const value);
        }
    }
}

/// What the elements of an array type hold.
#[inline]
fn element_of(ty: &GcType) -> Storage {
    ty.element().expect("validation demands an array type")
}
