//! The stacks that guests run on: the guest stack, slots that the store owns, and
//! how far the native stack may be used. Exhausting either is a trap.

use crate::limits::{Resource, ResourceError};
use crate::sys::{self, Mapping, stack_pointer};
use crate::trap::Trap;
use crate::vm::{Place, Slot};
use core::cell::Cell;

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

/// How far the native stack may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NativeLimits {
    /// Where any code has to stop.
    pub all: usize,
    /// Where compiled code has to stop: not below `all`.
    pub code: usize,
}

impl NativeLimits {
    /// The limits of an entry of a store at a place, of whose stack guests may use so many bytes below.
    pub fn at(place: Place, max: usize, max_code: usize) -> Result<NativeLimits, Trap> {
        let all = place.here.saturating_sub(max).max(place.floor);
        let code = place.here.saturating_sub(max_code).max(all);
        if place.here < all { Err(Trap::StackOverflow) } else { Ok(NativeLimits { all, code }) }
    }

    /// The limits of an entry that is nested in another: those of the other one, unless the host has changed
    /// threads or stacks in between.
    pub fn nested(outer: NativeLimits, max: usize, max_code: usize) -> Result<NativeLimits, Trap> {
        let place = here();
        let same_stack = sys::native_stack().is_none_or(|bounds| bounds.contains(&outer.all));
        match same_stack {
            true if place.here < outer.all => Err(Trap::StackOverflow),
            true => Ok(outer),
            false => NativeLimits::at(place, max, max_code),
        }
    }
}

/// Where the running thread is. It is ready for guests.
#[inline(always)]
pub(crate) fn here() -> Place {
    Place { here: stack_pointer(), floor: floor() }
}

/// Does what the running thread's first call to a guest would else do: finds out where its stack
/// ends, which takes long on a main thread, and gives it a stack for signals.
pub fn prepare_thread() {
    floor();
}

/// The address below which no guest may take the running thread's stack. Whoever has asked has a
/// stack for signals.
#[inline]
fn floor() -> usize {
    thread_local! {
        /// Zero until it is asked for.
        static FLOOR: Cell<usize> = const { Cell::new(0) };
    }
    #[cold]
    fn ask() -> usize {
        sys::signals::ensure_alt_stack();
        let floor = sys::native_stack()
            .map_or(1, |bounds| bounds.start + NATIVE_RESERVE.min((bounds.end - bounds.start) / 4));
        FLOOR.set(floor);
        floor
    }
    match FLOOR.get() {
        0 => ask(),
        known => known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn the_native_limit_stays_inside_the_thread() {
        let small = thread::Builder::new().stack_size(256 << 10);
        let room = small.spawn(|| {
            let limits = NativeLimits::at(here(), usize::MAX / 4, 32 << 10).unwrap();
            assert!(limits.code > limits.all);
            stack_pointer() - limits.all
        });
        let room = room.unwrap().join().unwrap();
        assert!(sys::native_stack().is_none() || room < 256 << 10, "{room}");
        assert!(room > 64 << 10, "{room}");
    }

    #[test]
    fn nested_entries_keep_the_limit() {
        let here = stack_pointer();
        let nested = |all| NativeLimits::nested(NativeLimits { all, code: all + 8 }, 1 << 20, 1 << 20);
        assert_eq!(nested(here - 4096), Ok(NativeLimits { all: here - 4096, code: here - 4088 }));
        assert_eq!(nested(here + 4096), Err(Trap::StackOverflow));
    }

    #[test]
    fn a_guest_stack_can_be_written_to_its_end() {
        let stack = GuestStack::new(10_000).unwrap();
        assert!(stack.limit().addr() - stack.base().addr() >= 10_000);
    }
}
