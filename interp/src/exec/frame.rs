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
use crate::record::Bytecode;
use dayfly_runtime::vm::{Frame, Slot, Vm};

/// Slots of the header.
pub const HEADER: u32 = 3;
/// The return address, within the header.
pub const RETURN_IP: usize = 0;
/// The caller's first slot, within the header.
pub const CALLER_SP: usize = 1;
/// The frame's own instance, within the header.
pub const OWN_VM: usize = 2;

/// Walks the frames of one run, innermost first, until `each` returns false.
///
/// # Safety
/// `ip`, `sp` and `vm` are the state of a frame of a run that has not ended.
pub unsafe fn walk(
    mut ip: *const u64,
    mut sp: *const Slot,
    mut vm: *mut Vm,
    each: &mut dyn FnMut(Frame) -> bool,
) {
    // SAFETY: headers were written by the call handlers; the first frame returns to EXIT.
    unsafe {
        while let Some(bytecode) = Bytecode::of(vm) {
            let Some(record) = bytecode.locate(ip as usize) else { return };
            let frame = Frame { vm, func: record.func_index(), offset: record.offset_of(ip as usize) };
            if !each(frame) {
                return;
            }
            let header = sp.add(record.locals() as usize);
            let return_ip = *header.add(RETURN_IP) as *const u64;
            if core::ptr::eq(return_ip, EXIT.as_ptr()) {
                return;
            }
            sp = *header.add(CALLER_SP) as *const Slot;
            ip = if returns_to_restore(return_ip) {
                vm = *sp.add(Fields::of(return_ip).a() as usize) as *mut Vm;
                return_ip.sub(CALL_WORDS)
            } else {
                return_ip.sub(RESTORE_WORDS + CALL_WORDS)
            };
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
