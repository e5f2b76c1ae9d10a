//! Frames of interpreted functions: plain data in the store's guest stack, each
//! `[parameters | locals | header | operands by height]`, in 8-byte slots. The
//! arguments of a call are produced where the callee's parameters lie.
//!
//! Header: the return address, the caller's first slot, and a place where the
//! frame keeps its own instance while it calls into another one.

use crate::exec::call::{CALL_WORDS, RESTORE_WORDS};
use crate::exec::dispatch::handler_at;
use crate::exec::operand::Fields;
use crate::exec::run::EXIT;
use crate::record::{Bytecode, FuncRecord};
use dayfly_runtime::vm::{Slot, Vm};

/// Slots of the header.
pub const HEADER: u32 = 3;
/// The return address, within the header.
pub const RETURN_IP: usize = 0;
/// The caller's first slot, within the header.
pub const CALLER_SP: usize = 1;
/// The frame's own instance, within the header.
pub const OWN_VM: usize = 2;

/// Where a frame is: what it executes, its first slot, its instance.
#[derive(Clone, Copy, Debug)]
pub struct FrameState {
    pub ip: *const u64,
    pub sp: *mut Slot,
    pub vm: *mut Vm,
}

/// The frame that called `frame`, at the call; `None` if the host did.
///
/// # Safety
/// `frame` is a frame, of the function of `record`, of a run that has not ended.
pub unsafe fn caller(frame: &FrameState, record: &FuncRecord) -> Option<FrameState> {
    // SAFETY: headers were written by the call handlers; the first frame returns to EXIT.
    unsafe {
        let header = frame.sp.add(record.locals() as usize);
        let return_ip = *header.add(RETURN_IP) as *const u64;
        if core::ptr::eq(return_ip, EXIT.as_ptr()) {
            return None;
        }
        let sp = *header.add(CALLER_SP) as *mut Slot;
        if returns_to_restore(return_ip) {
            let vm = *sp.add(Fields::of(return_ip).a() as usize) as *mut Vm;
            Some(FrameState { ip: return_ip.sub(CALL_WORDS), sp, vm })
        } else {
            Some(FrameState { ip: return_ip.sub(RESTORE_WORDS + CALL_WORDS), sp, vm: frame.vm })
        }
    }
}

/// Walks the frames of one run, innermost first, until `each` returns false.
///
/// # Safety
/// `frame` is a frame of a run that has not ended.
pub unsafe fn walk(mut frame: FrameState, each: &mut dyn FnMut(&FrameState, &FuncRecord) -> bool) {
    // SAFETY: the caller's promise; records are kept alive by their module.
    unsafe {
        while let Some(bytecode) = Bytecode::of(frame.vm) {
            let Some(record) = bytecode.locate(frame.ip as usize) else { return };
            if !each(&frame, record) {
                return;
            }
            match caller(&frame, record) {
                Some(outer) => frame = outer,
                None => return,
            }
        }
    }
}

/// Whether the return address restores the caller's instance first.
///
/// # Safety
/// `return_ip` is a return address found in a header.
#[inline(always)]
pub unsafe fn returns_to_restore(return_ip: *const u64) -> bool {
    // SAFETY: a return address points to an instruction.
    unsafe { handler_at(return_ip) as usize == crate::exec::call::restore as *const () as usize }
}
