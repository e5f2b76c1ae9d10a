//! `memory.atomic.notify` and the waiting operators, as code calls them; and what
//! code asks when it meets the end of a shared memory. Addresses are the operand and
//! the immediate offset apart. Spec: threads proposal, "Wait and notify operators".
//!
//! # Safety
//! As for the module `builtins`.

use crate::builtins::{bounds, guarded, record, store};
use crate::fault::{Fault, Parked};
use crate::memory::SharedMemory;
use crate::num::Cell;
use crate::trap::Trap;
use crate::vm::Vm;
use core::sync::atomic::Ordering;
use dayfly_parser::MemoryIdx;
use std::time::{Duration, Instant};

/// `memory.atomic.notify`: how many threads were woken. Nobody waits on a memory that
/// is not shared.
///
/// # Safety
/// As for the module.
pub unsafe fn memory_atomic_notify(
    vm: *mut Vm,
    memory: u32,
    address: u64,
    offset: u64,
    count: u32,
) -> Result<u32, Trap> {
    let address = aligned::<u32>(address, offset)?;
    // SAFETY: the caller's promise.
    unsafe {
        bounds(vm, memory, address, size_of::<u32>() as u64)?;
        shared(vm, memory).map_or(Ok(0), |memory| memory.notify(address, count))
    }
}

/// `memory.atomic.wait32`: 0 if notified, 1 if memory does not hold the expected value,
/// 2 after `timeout` nanoseconds, never if they are negative. An error stops the guest.
///
/// # Safety
/// As for the module.
pub unsafe fn memory_atomic_wait32(
    vm: *mut Vm,
    memory: u32,
    address: u64,
    offset: u64,
    expected: u32,
    timeout: i64,
) -> Result<u32, Parked> {
    // SAFETY: the caller's promise.
    unsafe { wait::<u32>(vm, memory, address, offset, expected.into(), timeout) }
}

/// As `memory_atomic_wait32`, for `memory.atomic.wait64`.
///
/// # Safety
/// As for the module.
pub unsafe fn memory_atomic_wait64(
    vm: *mut Vm,
    memory: u32,
    address: u64,
    offset: u64,
    expected: u64,
    timeout: i64,
) -> Result<u32, Parked> {
    // SAFETY: the caller's promise.
    unsafe { wait::<u64>(vm, memory, address, offset, expected, timeout) }
}

/// `memory.size` of a shared memory, in pages.
///
/// # Safety
/// As for the module; the memory is shared.
pub unsafe fn shared_memory_size(vm: *mut Vm, memory: u32) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { shared(vm, memory) }.expect("the memory's type is shared").size()
}

/// Whether an access that was out of bounds is to be tried again, because the instance
/// may have seen an old length of a shared memory. Not true twice for one access.
///
/// # Safety
/// As for the module.
#[cold]
pub unsafe fn memory_settled(vm: *mut Vm) -> bool {
    // SAFETY: the store is entered, and not borrowed.
    unsafe { store(vm) }.settle_memories()
}

/// # Safety
/// As for the module.
unsafe fn wait<C: Cell>(
    vm: *mut Vm,
    memory: u32,
    address: u64,
    offset: u64,
    expected: u64,
    timeout: i64,
) -> Result<u32, Parked> {
    let run = || {
        let address = aligned::<C>(address, offset)?;
        // SAFETY: the store is entered, and not borrowed.
        let memory = unsafe { shared(vm, memory) }.ok_or(Trap::ExpectedSharedMemory)?;
        // A time that is too far to be told is never reached.
        let timeout = u64::try_from(timeout).ok().map(Duration::from_nanos);
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        // SAFETY: as above; the callback may borrow the store.
        let mut poll = || unsafe {
            let state = (*vm).store;
            let now = (*(*state).epoch).load(Ordering::Relaxed);
            if now >= (*state).epoch_deadline { store(vm).epoch_reached() } else { Ok(()) }
        };
        // SAFETY: as above.
        let interruptible = unsafe { store(vm) }.shared().config().epoch_interruption;
        let poll = interruptible.then_some(&mut poll as _);
        memory.wait::<C, Fault>(address, expected, deadline, poll).map(|result| result as u32)
    };
    // SAFETY: the caller's promise.
    unsafe { guarded(vm, run) }
}

/// The sum of address and offset, if it is a multiple of the cell's size.
fn aligned<C: Cell>(address: u64, offset: u64) -> Result<u64, Trap> {
    if !address.wrapping_add(offset).is_multiple_of(C::BYTES as u64) {
        return Err(Trap::UnalignedAtomic);
    }
    address.checked_add(offset).ok_or(Trap::MemoryOutOfBounds)
}

/// The memory of an instance, if it is shared. A handle of its own: the store may be
/// borrowed while it is used.
///
/// # Safety
/// As for the module.
unsafe fn shared(vm: *mut Vm, memory: u32) -> Option<SharedMemory> {
    // SAFETY: the store is entered, and not borrowed.
    unsafe {
        let index = record(vm).memory(MemoryIdx(memory));
        store(vm).memories[index as usize].as_shared().cloned()
    }
}
