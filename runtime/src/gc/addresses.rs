//! The addresses that objects hold. References are distances and stay right wherever objects
//! lie; those of functions and tags are what has to change when objects move to another store.

use super::layout::{EXCEPTION_TAG_OFFSET, GcKind, HOST_SIZE, Storage};
use super::object::{EXCEPTION, HOST, Header};
use crate::types::{TypeId, TypeRegistry};

/// What an address is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Address {
    /// A function, or null.
    Func,
    /// An exception's tag.
    Tag,
}

/// Replaces each address in objects that lie one after the other by what `each` makes of it.
///
/// # Safety
/// From `at` on, a multiple of 8, `len` bytes are full of objects, and nobody else uses them.
pub(crate) unsafe fn each_address(
    at: *mut u8,
    len: usize,
    types: &TypeRegistry,
    each: &mut dyn FnMut(Address, u64) -> u64,
) {
    let mut next = 0;
    while next < len {
        let object = at.wrapping_add(next);
        let mut replace = |kind, offset: u32| {
            // SAFETY: the type says that an address stands there, aligned to 8 bytes.
            unsafe {
                let place = object.add(offset as usize).cast::<u64>();
                place.write(each(kind, place.read()));
            }
        };
        // SAFETY: an object begins with a header.
        let header = unsafe { object.cast::<Header>().read() };
        let id = match header.type_id {
            HOST => {
                next += HOST_SIZE as usize;
                continue;
            }
            EXCEPTION => {
                replace(Address::Tag, EXCEPTION_TAG_OFFSET);
                header.aux
            }
            id => id,
        };
        let ty = types.gc_type(TypeId(id));
        let funcs = ty.fields().iter().filter(|field| field.storage == Storage::Func);
        funcs.for_each(|field| replace(Address::Func, field.offset));
        if let GcKind::Array { element: Storage::Func } = ty.kind() {
            let elements = (0..header.aux).filter_map(|n| ty.element_field(n));
            elements.for_each(|element| replace(Address::Func, element.offset));
        }
        next += ty.object_size(header.aux) as usize;
    }
}
