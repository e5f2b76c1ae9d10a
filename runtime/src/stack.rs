//! The stacks that guests run on: the guest stack, slots that the store owns, and
//! how far the native stack may be used. Exhausting either is a trap.

use crate::limits::{Resource, ResourceError};
use crate::sys::{self, Mapping};
use crate::trap::Trap;
use crate::vm::Slot;
use core::cell::Cell;
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

/// The address below which guests must not take the native stack, if there is room
/// above it now. `outer` is the limit of the entry that this one is nested in, if it
/// is; it holds unless the host has changed threads in between.
#[inline]
pub(crate) fn native_limit(max: usize, outer: Option<usize>) -> Result<usize, Trap> {
    let here = stack_address();
    let limit = match outer {
        None => here.saturating_sub(max).max(floor()),
        Some(outer) => nested_limit(here, max, outer),
    };
    if here < limit { Err(Trap::StackOverflow) } else { Ok(limit) }
}

/// Does what the running thread's first call to a guest would else do: finds out where its stack
/// ends, which takes long on a main thread, and gives it a stack for signals.
pub fn prepare_thread() {
    floor();
    sys::signals::ensure_alt_stack();
}

#[inline(never)]
fn nested_limit(here: usize, max: usize, outer: usize) -> usize {
    let same_stack = sys::native_stack().is_none_or(|bounds| bounds.contains(&outer));
    if same_stack { outer } else { here.saturating_sub(max).max(floor()) }
}

/// The address below which no guest may take the running thread's stack.
#[inline]
fn floor() -> usize {
    thread_local! {
        /// Zero until it is asked for.
        static FLOOR: Cell<usize> = const { Cell::new(0) };
    }
    #[cold]
    fn ask() -> usize {
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

/// An address in the frame of the caller, or just below it.
#[inline]
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
