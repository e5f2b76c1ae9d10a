//! The stacks that guests run on: the guest stack, slots that the store owns, and
//! how far the native stack may be used. Exhausting either is a trap.

use crate::limits::{Resource, ResourceError};
use crate::sys::{self, Mapping};
use crate::trap::Trap;
use crate::vm::Slot;
use core::hint::black_box;

/// The guest stack of a store: reserved at once, given by the system as it is used.
#[derive(Debug)]
pub struct GuestStack {
    mapping: Mapping,
    slots: usize,
}

impl GuestStack {
    /// A stack of at least so many bytes.
    pub fn new(bytes: usize) -> Result<GuestStack, ResourceError> {
        let bytes = bytes.max(1).next_multiple_of(sys::page_size());
        let failed = || ResourceError::out_of_memory(Resource::StackBytes, bytes as u64);
        let mut mapping = Mapping::reserve(bytes).ok_or_else(failed)?;
        mapping.make_accessible(bytes).ok_or_else(failed)?;
        Ok(GuestStack { mapping, slots: bytes / size_of::<Slot>() })
    }

    /// The first slot.
    pub fn base(&self) -> *mut Slot {
        self.mapping.base().cast()
    }

    /// One past the last slot.
    pub fn limit(&self) -> *mut Slot {
        self.base().wrapping_add(self.slots)
    }
}

/// Native stack that is left to host functions and the system when guests may use
/// no more. A thread with a small stack leaves a quarter of it.
const NATIVE_RESERVE: usize = 256 << 10;

/// The address below which guests must not take the native stack, if there is
/// room above it now. `outer` is the limit of the entry that this one is nested
/// in, which holds unless the host has changed threads in between.
pub(crate) fn native_limit(max: usize, outer: Option<usize>) -> Result<usize, Trap> {
    let here = stack_address();
    let bounds = sys::native_stack();
    let same_stack = |limit: &usize| bounds.as_ref().is_none_or(|bounds| bounds.contains(limit));
    let limit = outer.filter(same_stack).unwrap_or_else(|| {
        let allowed = here.saturating_sub(max);
        match &bounds {
            Some(bounds) => allowed.max(bounds.start + NATIVE_RESERVE.min(bounds.len() / 4)),
            None => allowed,
        }
    });
    if here < limit { Err(Trap::StackOverflow) } else { Ok(limit) }
}

/// An address in the frame of the caller, or just below it.
fn stack_address() -> usize {
    let local = 0u8;
    (&raw const *black_box(&local)).addr()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn the_native_limit_stays_inside_the_thread() {
        let small = thread::Builder::new().stack_size(256 << 10);
        let room = small.spawn(|| {
            let limit = native_limit(usize::MAX / 4, None).unwrap();
            stack_address() - limit
        });
        let room = room.unwrap().join().unwrap();
        assert!(sys::native_stack().is_none() || room < 256 << 10, "{room}");
        assert!(room > 64 << 10, "{room}");
    }

    #[test]
    fn nested_entries_keep_the_limit() {
        let here = stack_address();
        assert_eq!(native_limit(1 << 20, Some(here - 4096)), Ok(here - 4096));
        assert_eq!(native_limit(1 << 20, Some(here + 4096)), Err(Trap::StackOverflow));
    }

    #[test]
    fn a_guest_stack_can_be_written_to_its_end() {
        let stack = GuestStack::new(10_000).unwrap();
        assert!(stack.limit().addr() - stack.base().addr() >= 10_000);
    }
}
