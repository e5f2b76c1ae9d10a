//! How one handler reaches the next. The machine state travels in argument
//! registers; an instruction starts with the address of its handler.
//!
//! Threaded builds end every handler in a sibling call, which the compiler turns
//! into a jump; other builds return to the loop in `run`, which calls the next
//! handler. Handlers are written once for both.

use crate::exec::run::RunRecord;
use dayfly_runtime::vm::{Slot, Vm};

/// A handler: executes the instruction at `ip` and goes on.
///
/// `sp` is the frame's first slot, `mem` the base of memory 0; what the others are
/// `Regs` says. That is six integers, as many as x86-64 passes in registers.
pub type Handler = unsafe extern "C" fn(
    ip: *const u64,
    sp: *mut Slot,
    mem: *mut u8,
    vm: *mut Vm,
    acc: u64,
    pin: u64,
    fa: f64,
    fs: f32,
    fpin: f64,
) -> Exit;

/// Why handlers came back to `run`.
#[repr(u64)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// The frame that `run` entered has returned.
    Done = 0,
    /// The failure is parked in the store.
    Failed = 1,
    /// Go on with the state in the run record; never seen in threaded builds.
    Next = 2,
    /// The frame that `run` entered has asked for another call in its place.
    Tail = 3,
}

/// The accumulators, and the pins: copies of two locals of the running frame, in loops
/// for which lowering has chosen some.
#[derive(Clone, Copy, Default, Debug)]
pub struct Regs {
    /// The accumulator of integers and references.
    pub acc: u64,
    /// The pinned integer.
    pub pin: u64,
    /// The accumulator of f64.
    pub fa: f64,
    /// The accumulator of f32.
    pub fs: f32,
    /// The pinned f64.
    pub fpin: f64,
}

/// The state that the loop keeps between handlers.
#[derive(Clone, Copy, Debug)]
pub struct State {
    pub ip: *const u64,
    pub sp: *mut Slot,
    pub mem: *mut u8,
    pub vm: *mut Vm,
    pub r: Regs,
}

/// The handler of the instruction at `ip`.
///
/// # Safety
/// `ip` points to the first word of an instruction.
#[inline(always)]
pub unsafe fn handler_at(ip: *const u64) -> Handler {
    // SAFETY: the first word of an instruction is the address of a handler, exposed when it was written there.
    unsafe { core::mem::transmute::<*const (), Handler>(core::ptr::with_exposed_provenance(*ip as usize)) }
}

/// Leaves the state for the loop of a build without sibling calls.
///
/// # Safety
/// The store's innermost activation is a run record.
#[cfg_attr(dayfly_threaded, expect(dead_code, reason = "only builds without sibling calls use it"))]
#[inline(always)]
pub unsafe fn park(state: State) -> Exit {
    // SAFETY: while handlers run, the innermost activation is their run record.
    unsafe {
        let record = (*(*state.vm).store).activation as *mut RunRecord;
        (*record).state = state;
    }
    Exit::Next
}

/// Goes on in another handler, with the same or another instruction.
macro_rules! goto {
    ($handler:expr, $ip:expr, $sp:expr, $mem:expr, $vm:expr, $r:expr) => {{
        let r: $crate::exec::dispatch::Regs = $r;
        return $handler($ip, $sp, $mem, $vm, r.acc, r.pin, r.fa, r.fs, r.fpin);
    }};
}

/// Goes on with the instruction at `$ip`.
macro_rules! next {
    ($ip:expr, $sp:expr, $mem:expr, $vm:expr, $r:expr) => {{
        let ip: *const u64 = $ip;
        #[cfg(dayfly_threaded)]
        {
            $crate::exec::dispatch::goto!($crate::exec::dispatch::handler_at(ip), ip, $sp, $mem, $vm, $r)
        }
        #[cfg(not(dayfly_threaded))]
        {
            let (sp, mem, vm, r) = ($sp, $mem, $vm, $r);
            return $crate::exec::dispatch::park($crate::exec::dispatch::State { ip, sp, mem, vm, r });
        }
    }};
}

/// Like `next!`, for the two ways out of a conditional branch. The empty
/// assembly, different in each arm, keeps LLVM from merging the arms into a
/// conditional move, on which the next handler's address would then wait: the
/// branch predictor runs ahead only if it is a branch.
macro_rules! jump {
    ($tag:literal, $ip:expr, $sp:expr, $mem:expr, $vm:expr, $r:expr) => {{
        #[cfg_attr(miri, allow(unused_mut, reason = "Miri knows no assembly"))]
        let mut target = $ip.expose_provenance();
        #[cfg(not(miri))]
        core::arch::asm!($tag, inout(reg) target, options(pure, nomem, nostack, preserves_flags));
        next!(core::ptr::with_exposed_provenance::<u64>(target), $sp, $mem, $vm, $r)
    }};
}

/// Defines handlers. The body sees `ip`, `sp`, `mem`, `vm` and the accumulators
/// `r` under the names it gives, and ends in `next!`, `jump!` or an `Exit`.
macro_rules! handlers {
    ($($(#[$doc:meta])* fn $name:ident [$($generics:tt)*]
       ($ip:ident, $sp:ident, $mem:ident, $vm:ident, $r:ident) $body:block)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// To be reached only through code made by `lower`, with the state of the frame it belongs to.
        #[allow(unused_mut, unused_unsafe, unused_variables, reason = "not every handler uses every part of the state")]
        pub unsafe extern "C" fn $name<$($generics)*>(
            $ip: *const u64,
            $sp: *mut dayfly_runtime::vm::Slot,
            $mem: *mut u8,
            $vm: *mut dayfly_runtime::vm::Vm,
            acc: u64,
            pin: u64,
            fa: f64,
            fs: f32,
            fpin: f64,
        ) -> $crate::exec::dispatch::Exit {
            let mut $r = $crate::exec::dispatch::Regs { acc, pin, fa, fs, fpin };
            // SAFETY: `lower` makes code from validated bodies only: slots lie in the frame,
            // offsets in the instance's block, branches go to instructions of the function.
            unsafe { $body }
        }
    )*};
}

/// Ends the run with a trap at the instruction at `$ip`; `unless` a result is a value, which it gives.
macro_rules! trap {
    (unless $result:expr, $ip:expr, $sp:expr, $vm:expr) => {
        match $result {
            Ok(value) => value,
            Err(t) => trap!(t, $ip, $sp, $vm),
        }
    };
    ($trap:expr, $ip:expr, $sp:expr, $vm:expr) => {
        return $crate::exec::fail::trap($trap, $ip, $sp, $vm)
    };
}

pub(crate) use {goto, handlers, jump, next, trap};
