//! x86-64, with the calling convention of System V.

use crate::activation::{JitActivation, Resume};
use crate::unwind;
use core::arch::{asm, naked_asm};
use core::mem::offset_of;
use dayfly_runtime::vm::{Vm, VmStore};

/// Whether code can be made for this processor and system.
pub const SUPPORTED: bool = true;

/// Calls a builtin from compiled code: `exit(vm, slots, builtin)`. It notes where compiled code was left and
/// calls `builtin(vm, slots)`. If that fails, it does not return: it goes on where `unwind::resume_point`
/// says, whether that is in the calling frame or frames further out.
///
/// # Safety
/// Called by compiled code, inside of an activation of the store of `vm`, with the address of a builtin
/// and the slots that it wants.
#[unsafe(naked)]
pub unsafe extern "C" fn exit() {
    // No destructor is skipped: there is none in this frame or in those of compiled code.
    naked_asm!(
        "mov rax, [rdi + {store}]",
        "mov rax, [rax + {activation}]",
        "lea rcx, [rsp + 8]",
        "mov [rax + {exit_fp}], rbp",
        "mov [rax + {exit_sp}], rcx",
        "push rbp",
        "mov rbp, rsp",
        "push rdi",
        "sub rsp, 8",
        "call rdx",
        "test al, al",
        "jz 2f",
        "mov rsp, rbp",
        "pop rbp",
        "ret",
        "2:",
        "mov rdi, [rbp - 8]",
        "call {resume_point}",
        "mov rsp, [rax + {sp}]",
        "mov rbp, [rax + {fp}]",
        "mov rcx, [rax + {pc}]",
        "mov rdx, [rax + {payload1}]",
        "mov rax, [rax + {payload0}]",
        "jmp rcx",
        store = const offset_of!(Vm, store),
        activation = const offset_of!(VmStore, activation),
        exit_fp = const offset_of!(JitActivation, exit_fp),
        exit_sp = const offset_of!(JitActivation, exit_sp),
        resume_point = sym unwind::resume_point,
        sp = const offset_of!(Resume, sp),
        fp = const offset_of!(Resume, fp),
        pc = const offset_of!(Resume, pc),
        payload0 = const offset_of!(Resume, payload0),
        payload1 = const offset_of!(Resume, payload1),
    )
}

/// Whether programs may set the base of the segment `gs` themselves. Nobody else does on this system: what
/// belongs to a thread is found by `fs`.
pub fn has_segment() -> bool {
    /// `HWCAP2_FSGSBASE`.
    const ALLOWED: usize = 1 << 1;
    rustix::param::linux_hwcap().1 & ALLOWED != 0
}

/// The base of the segment `gs` of the running thread.
///
/// # Safety
/// `has_segment()`.
#[inline]
pub unsafe fn segment() -> *const () {
    let base: *const ();
    // SAFETY: only reads a register, which the caller says can be read. It is said to touch memory, so that it stays
    // where it is.
    unsafe { asm!("rdgsbase {base}", base = out(reg) base, options(nostack, preserves_flags)) };
    base
}

/// Sets the base of the segment `gs` of the running thread. It takes far longer than reading it.
///
/// # Safety
/// `has_segment()`; and nobody on this thread counts on another base until it is set back.
#[inline]
pub unsafe fn set_segment(base: *const ()) {
    // SAFETY: the caller's promise.
    unsafe { asm!("wrgsbase {base}", base = in(reg) base, options(nostack, preserves_flags)) };
}
