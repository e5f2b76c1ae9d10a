//! How a run ends early: the failure is parked in the store with the frames of
//! this run, and handlers return to `run`. Nothing here is hot.

use crate::exec::dispatch::Exit;
use crate::exec::frame::{FrameState, walk};
use dayfly_runtime::builtins;
use dayfly_runtime::fault::{Failure, FailureFrame, Fault};
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Slot, Vm};

/// Ends the run with a trap.
///
/// # Safety
/// `ip`, `sp` and `vm` are the state of the running frame.
#[cold]
#[inline(never)]
pub unsafe extern "C" fn trap(trap: Trap, ip: *const u64, sp: *mut Slot, vm: *mut Vm) -> Exit {
    // SAFETY: the caller's promise.
    unsafe { fault(Fault::Trap(trap), ip, sp, vm) }
}

/// Ends the run with a fault.
///
/// # Safety
/// As for `trap`.
#[cold]
#[inline(never)]
pub unsafe fn fault(fault: Fault, ip: *const u64, sp: *mut Slot, vm: *mut Vm) -> Exit {
    // SAFETY: the store outlives the run; nothing else refers to `pending` now.
    unsafe {
        (*(*vm).store).pending = Some(Failure::new(fault));
        passed_on(ip, sp, vm)
    }
}

/// Ends the run with the failure that is parked already, adding this run's frames.
///
/// # Safety
/// As for `trap`.
#[cold]
#[inline(never)]
pub unsafe fn passed_on(ip: *const u64, sp: *mut Slot, vm: *mut Vm) -> Exit {
    // SAFETY: as for `fault`; the failure is taken out while frames are walked.
    unsafe {
        let store = (*vm).store;
        if let Some(mut failure) = (*store).pending.take() {
            walk(FrameState { ip, sp, vm }, &mut |frame, record| {
                let offset = if failure.wants_offset() { record.offset_of(frame.ip as usize) } else { None };
                let module = builtins::blueprint(frame.vm).module().clone();
                let instance = Some((*frame.vm).instance);
                failure.push(FailureFrame { module, instance, func: record.func_index(), offset });
                true
            });
            (*store).pending = Some(failure);
        }
    }
    Exit::Failed
}
