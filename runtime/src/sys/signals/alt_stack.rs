//! A stack of their own for signal handlers, so that they run when a thread's stack is
//! used up. One that the thread has already is kept if it is large enough.

use crate::sys::{Mapping, page_size};
use core::mem::MaybeUninit;
use core::ptr;

/// Bytes that our handlers and those that they pass on to may need.
const SIZE: usize = 64 << 10;

/// What is enough if somebody else has set it: the frame with all vector registers is
/// below 12 KiB on today's processors, and our handler needs little.
const ENOUGH: usize = 24 << 10;

/// Sees to it that signals of the running thread are handled on a stack of their own.
/// It stays until the thread ends. Returns false if the system does not give one.
pub fn ensure_alt_stack() -> bool {
    thread_local! {
        /// Asked for once; `None` in it if another stack was there.
        static STACK: Option<AltStack> = AltStack::of_thread();
    }
    STACK.try_with(|stack| stack.is_some()).unwrap_or(false)
}

/// The stack that the thread has; ours if there is a mapping.
struct AltStack {
    mapping: Option<Mapping>,
}

impl AltStack {
    fn of_thread() -> Option<AltStack> {
        let mut old = MaybeUninit::<libc::stack_t>::uninit();
        // SAFETY: only asks.
        let old = unsafe {
            if libc::sigaltstack(ptr::null(), old.as_mut_ptr()) != 0 {
                return None;
            }
            old.assume_init()
        };
        if old.ss_flags & libc::SS_DISABLE == 0 && old.ss_size >= ENOUGH {
            return Some(AltStack { mapping: None });
        }
        let guard = page_size();
        let mut mapping = Mapping::reserve(guard + SIZE)?;
        mapping.open(guard..guard + SIZE)?;
        // SAFETY: the guard and the stack behind it are inside of the mapping.
        let base = unsafe { mapping.base().add(guard) };
        let stack = libc::stack_t { ss_sp: base.cast(), ss_flags: 0, ss_size: SIZE };
        // SAFETY: the stack is mapped until `drop`, which takes it back.
        if unsafe { libc::sigaltstack(&stack, ptr::null_mut()) } != 0 {
            return None;
        }
        Some(AltStack { mapping: Some(mapping) })
    }
}

impl Drop for AltStack {
    fn drop(&mut self) {
        if self.mapping.is_some() {
            let none = libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: SIZE };
            // SAFETY: no handler of this thread is running: it is ending.
            unsafe { libc::sigaltstack(&none, ptr::null_mut()) };
        }
    }
}
