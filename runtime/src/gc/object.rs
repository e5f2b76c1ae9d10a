//! Objects by address: headers, fields, elements. A reference is a byte offset
//! from the heap's base: 0 is null, odd ones are `i31`, all others are multiples
//! of 8 at which a header stands. Spec: exec/runtime, "Structure Instances",
//! "Array Instances" and "Exception Instances".

use super::layout::{ELEMENTS_OFFSET, EXCEPTION_TAG_OFFSET, GcKind, Storage};
use crate::types::{TypeId, TypeRegistry};
use crate::vm::{Slot, VmTag};
use core::ptr;

/// The first 8 bytes of an object.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    /// The canonical id of a structure's or array's type, or one of the marks below.
    pub(crate) type_id: u32,
    /// Length of an array, index of a host value, type of an exception's tag, or
    /// where an object has been moved to.
    pub(crate) aux: u32,
}

/// Marks, in `Header::type_id`. Type ids are below 2^31.
/// The least of them.
pub const FIRST_MARK: u32 = HOST;
pub(crate) const HOST: u32 = 0xffff_fffd;
pub(crate) const EXCEPTION: u32 = 0xffff_fffe;
pub(crate) const MOVED: u32 = 0xffff_ffff;

/// What a reference refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Referent {
    Null,
    I31,
    Object(Header),
}

/// What a root of the host refers to, if it is not null.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObjectKind {
    /// An unboxed integer: its 31 bits.
    I31(u32),
    /// A structure of a canonical type.
    Struct(TypeId),
    /// An array of a canonical type, and its length.
    Array(TypeId, u32),
    /// A host value, and its position in the store.
    Host(u32),
    /// An exception whose tag is of a canonical function type.
    Exception(TypeId),
}

impl ObjectKind {
    /// # Safety
    /// `reference` is null, an `i31` or an object of the heap at `base`.
    pub(crate) unsafe fn of(base: *mut u8, types: &TypeRegistry, reference: u32) -> Option<ObjectKind> {
        // SAFETY: the caller's promise.
        let header = match unsafe { referent(base, reference) } {
            Referent::Null => return None,
            Referent::I31 => return Some(ObjectKind::I31(reference >> 1)),
            Referent::Object(header) => header,
        };
        Some(match header {
            Header { type_id: HOST, aux } => ObjectKind::Host(aux),
            Header { type_id: EXCEPTION, aux } => ObjectKind::Exception(TypeId(aux)),
            Header { type_id, aux } => match types.gc_type(TypeId(type_id)).kind() {
                GcKind::Array { .. } => ObjectKind::Array(TypeId(type_id), aux),
                GcKind::Struct { .. } | GcKind::Exception { .. } => ObjectKind::Struct(TypeId(type_id)),
            },
        })
    }
}

/// Whether a reference is neither null nor an `i31`.
#[inline]
pub(crate) fn is_object(reference: u32) -> bool {
    reference != 0 && reference & 1 == 0
}

/// # Safety
/// `reference` is null, an `i31` or an object of the heap at `base`.
#[inline]
pub(crate) unsafe fn referent(base: *mut u8, reference: u32) -> Referent {
    match reference {
        0 => Referent::Null,
        i31 if i31 & 1 == 1 => Referent::I31,
        // SAFETY: the caller's promise.
        object => Referent::Object(unsafe { header(base, object) }),
    }
}

/// # Safety
/// `object` is an object of the heap at `base`.
#[inline]
pub(crate) unsafe fn header(base: *mut u8, object: u32) -> Header {
    // SAFETY: every object begins with a header, aligned to 8 bytes.
    unsafe { base.add(object as usize).cast::<Header>().read() }
}

/// # Safety
/// At `object` there is room for an object in the heap at `base`.
#[inline]
pub(crate) unsafe fn set_header(base: *mut u8, object: u32, header: Header) {
    // SAFETY: the caller's promise.
    unsafe { base.add(object as usize).cast::<Header>().write(header) };
}

/// The address of an element of an array.
///
/// # Safety
/// `array` is an array in the heap at `base`, `index` at most its length.
#[inline]
pub(crate) unsafe fn element(base: *mut u8, array: u32, element: Storage, index: u32) -> *mut u8 {
    let offset = ELEMENTS_OFFSET as usize + ((index as usize) << element.size_log2());
    // SAFETY: the elements follow the header.
    unsafe { base.add(array as usize + offset) }
}

/// # Safety
/// `exn` is an exception in the heap at `base`.
#[inline]
pub(crate) unsafe fn exception_tag(base: *mut u8, exn: u32) -> *mut *const VmTag {
    // SAFETY: the tag follows the header.
    unsafe { base.add(exn as usize + EXCEPTION_TAG_OFFSET as usize).cast() }
}

/// Writes a value where a field or element is.
///
/// # Safety
/// `at` is a place of this storage; `value` points to as many slots as it takes.
#[inline]
pub(crate) unsafe fn write(storage: Storage, at: *mut u8, value: *const Slot) {
    // SAFETY: the caller's promise; places are aligned to their size, up to 8 bytes.
    unsafe {
        let slot = value.read();
        match storage {
            Storage::I8 => at.write(slot as u8),
            Storage::I16 => at.cast::<u16>().write(slot as u16),
            Storage::I32 | Storage::F32 | Storage::Ref => at.cast::<u32>().write(slot as u32),
            Storage::I64 | Storage::F64 | Storage::Func => at.cast::<u64>().write(slot),
            Storage::V128 => at.cast::<[u64; 2]>().write(value.cast::<[u64; 2]>().read()),
        }
    }
}

/// Reads a field or element, packed ones without sign, and returns how many slots it takes.
///
/// # Safety
/// As for `write`.
#[inline]
pub(crate) unsafe fn read(storage: Storage, at: *const u8, to: *mut Slot) -> usize {
    // SAFETY: the caller's promise; places are aligned to their size, up to 8 bytes.
    unsafe {
        to.write(match storage {
            Storage::I8 => Slot::from(at.read()),
            Storage::I16 => Slot::from(at.cast::<u16>().read()),
            Storage::I32 | Storage::F32 | Storage::Ref => Slot::from(at.cast::<u32>().read()),
            Storage::I64 | Storage::F64 | Storage::Func => at.cast::<u64>().read(),
            Storage::V128 => {
                to.cast::<[u64; 2]>().write(at.cast::<[u64; 2]>().read());
                return 2;
            }
        });
    }
    1
}

/// Zeroes all of an object but its header.
///
/// # Safety
/// `at` is an object of so many bytes.
#[inline]
pub(crate) unsafe fn clear_body(at: *mut u8, size: u64) {
    let header = size_of::<Header>();
    // SAFETY: the caller's promise.
    unsafe { ptr::write_bytes(at.add(header), 0, size as usize - header) };
}

/// Writes the same value to `len` places one after the other.
///
/// # Safety
/// As for `write`, of all these places.
pub(crate) unsafe fn fill(storage: Storage, at: *mut u8, value: *const Slot, len: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        let slot = value.read();
        match storage {
            Storage::I8 => ptr::write_bytes(at, slot as u8, len),
            Storage::I16 => fill_with(at.cast(), slot as u16, len),
            Storage::I32 | Storage::F32 | Storage::Ref => fill_with(at.cast(), slot as u32, len),
            Storage::I64 | Storage::F64 | Storage::Func => fill_with(at.cast(), slot, len),
            Storage::V128 => fill_with(at.cast(), value.cast::<[u64; 2]>().read(), len),
        }
    }
}

/// # Safety
/// `len` values can be written from `at` on.
unsafe fn fill_with<T: Copy>(at: *mut T, value: T, len: usize) {
    for n in 0..len {
        // SAFETY: the caller's promise.
        unsafe { at.add(n).write(value) };
    }
}
