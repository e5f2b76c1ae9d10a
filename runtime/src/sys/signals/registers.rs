//! Where systems keep the registers of a thread that a signal interrupted.

use core::ffi::c_int;
use libc::ucontext_t;

#[cfg(target_os = "linux")]
pub(super) use linux::{errno, fp, pc, results, sp};
#[cfg(target_os = "macos")]
pub(super) use macos::{errno, fp, pc, results, sp};

#[cfg(target_os = "linux")]
mod linux {
    use super::*;

    #[cfg(target_arch = "x86_64")]
    mod places {
        use super::*;

        unsafe fn register(context: *mut ucontext_t, register: c_int) -> *mut i64 {
            // SAFETY: the context is valid, as the callers promise.
            unsafe { (&raw mut (*context).uc_mcontext.gregs).cast::<i64>().add(register as usize) }
        }

        /// # Safety
        /// The context is that of a signal handler; this holds for all functions here.
        pub(crate) unsafe fn pc(context: *mut ucontext_t) -> *mut i64 {
            // SAFETY: the caller's promise.
            unsafe { register(context, libc::REG_RIP) }
        }

        pub(crate) unsafe fn sp(context: *mut ucontext_t) -> *mut i64 {
            // SAFETY: the caller's promise.
            unsafe { register(context, libc::REG_RSP) }
        }

        pub(crate) unsafe fn fp(context: *mut ucontext_t) -> *mut i64 {
            // SAFETY: the caller's promise.
            unsafe { register(context, libc::REG_RBP) }
        }

        pub(crate) unsafe fn results(context: *mut ucontext_t) -> [*mut i64; 2] {
            // SAFETY: the caller's promise.
            unsafe { [register(context, libc::REG_RAX), register(context, libc::REG_RDX)] }
        }
    }

    #[cfg(target_arch = "aarch64")]
    mod places {
        use super::*;

        /// # Safety
        /// The context is that of a signal handler; this holds for all functions here.
        pub(crate) unsafe fn pc(context: *mut ucontext_t) -> *mut u64 {
            // SAFETY: the caller's promise.
            unsafe { &raw mut (*context).uc_mcontext.pc }
        }

        pub(crate) unsafe fn sp(context: *mut ucontext_t) -> *mut u64 {
            // SAFETY: the caller's promise.
            unsafe { &raw mut (*context).uc_mcontext.sp }
        }

        pub(crate) unsafe fn fp(context: *mut ucontext_t) -> *mut u64 {
            // SAFETY: the caller's promise.
            unsafe { &raw mut (*context).uc_mcontext.regs[29] }
        }

        pub(crate) unsafe fn results(context: *mut ucontext_t) -> [*mut u64; 2] {
            // SAFETY: the caller's promise.
            unsafe { [&raw mut (*context).uc_mcontext.regs[0], &raw mut (*context).uc_mcontext.regs[1]] }
        }
    }

    pub(crate) use places::{fp, pc, results, sp};

    pub(crate) fn errno() -> *mut c_int {
        // SAFETY: always valid; the location is the thread's own.
        unsafe { libc::__errno_location() }
    }
}

#[cfg(target_os = "macos")]
mod macos {
    use super::*;

    #[cfg(target_arch = "x86_64")]
    mod places {
        use super::*;

        /// # Safety
        /// The context is that of a signal handler; this holds for all functions here.
        pub(crate) unsafe fn pc(context: *mut ucontext_t) -> *mut u64 {
            // SAFETY: the caller's promise.
            unsafe { &raw mut (*(*context).uc_mcontext).__ss.__rip }
        }

        pub(crate) unsafe fn sp(context: *mut ucontext_t) -> *mut u64 {
            // SAFETY: the caller's promise.
            unsafe { &raw mut (*(*context).uc_mcontext).__ss.__rsp }
        }

        pub(crate) unsafe fn fp(context: *mut ucontext_t) -> *mut u64 {
            // SAFETY: the caller's promise.
            unsafe { &raw mut (*(*context).uc_mcontext).__ss.__rbp }
        }

        pub(crate) unsafe fn results(context: *mut ucontext_t) -> [*mut u64; 2] {
            // SAFETY: the caller's promise.
            unsafe {
                let state = &raw mut (*(*context).uc_mcontext).__ss;
                [&raw mut (*state).__rax, &raw mut (*state).__rdx]
            }
        }
    }

    #[cfg(target_arch = "aarch64")]
    mod places {
        use super::*;

        /// # Safety
        /// The context is that of a signal handler; this holds for all functions here.
        pub(crate) unsafe fn pc(context: *mut ucontext_t) -> *mut u64 {
            // SAFETY: the caller's promise.
            unsafe { &raw mut (*(*context).uc_mcontext).__ss.__pc }
        }

        pub(crate) unsafe fn sp(context: *mut ucontext_t) -> *mut u64 {
            // SAFETY: the caller's promise.
            unsafe { &raw mut (*(*context).uc_mcontext).__ss.__sp }
        }

        pub(crate) unsafe fn fp(context: *mut ucontext_t) -> *mut u64 {
            // SAFETY: the caller's promise.
            unsafe { &raw mut (*(*context).uc_mcontext).__ss.__fp }
        }

        pub(crate) unsafe fn results(context: *mut ucontext_t) -> [*mut u64; 2] {
            // SAFETY: the caller's promise.
            unsafe {
                let state = &raw mut (*(*context).uc_mcontext).__ss;
                [&raw mut (*state).__x[0], &raw mut (*state).__x[1]]
            }
        }
    }

    pub(crate) use places::{fp, pc, results, sp};

    pub(crate) fn errno() -> *mut c_int {
        // SAFETY: always valid; the location is the thread's own.
        unsafe { libc::__error() }
    }
}
