//! Tail calls from one maker of code to another. Who is called cannot leave its caller's
//! frame and enter foreign code, so it says what is to be called and returns; whoever
//! called it makes that call. However many follow each other, no stack grows.
//! Spec: exec/instructions, "return_call".

use crate::backend::Outcome;
use crate::vm::{FuncRef, Slot, Vm, VmStore};
use core::ptr;
use core::sync::atomic::Ordering;

/// A call that is to be made; `func` is null if there is none.
#[derive(Debug)]
pub struct TailCall {
    func: *const FuncRef,
    caller: *mut Vm,
    /// The arguments. Nothing collects between the request and the call.
    args: Vec<Slot>,
}

impl TailCall {
    /// Whether a call is to be made.
    pub fn is_asked(&self) -> bool {
        !self.func.is_null()
    }

    /// No call.
    pub(crate) const NONE: TailCall =
        TailCall { func: ptr::null(), caller: ptr::null_mut(), args: Vec::new() };

    /// Asks for a call of `func` by the instance `caller`, with so many slots of arguments
    /// at `args`. Who asks returns `Outcome::Tail`.
    ///
    /// # Safety
    /// All pointers are good, and the arguments are values of the function's parameter types.
    pub unsafe fn ask(&mut self, func: *const FuncRef, caller: *mut Vm, args: *const Slot, count: usize) {
        self.func = func;
        self.caller = caller;
        self.args.clear();
        // SAFETY: the caller's promise.
        self.args.extend_from_slice(unsafe { core::slice::from_raw_parts(args, count) });
    }
}

/// Calls a function by the common convention, and whatever it wants called in its place.
/// Never gives `Outcome::Tail`.
///
/// # Safety
/// As `RawCall` demands.
#[inline]
pub unsafe fn call(func: *const FuncRef, store: *mut VmStore, caller: *mut Vm, slots: *mut Slot) -> Outcome {
    // SAFETY: the caller's promise.
    unsafe {
        let entry = (*func).entry.load(Ordering::Acquire);
        match ((*entry).call)(func, store, caller, slots) {
            Outcome::Tail => finish(store, slots),
            outcome => outcome,
        }
    }
}

/// Makes the calls that took the place of one, until one ends otherwise; its results go to `slots`.
///
/// # Safety
/// A call of the store ended as `Outcome::Tail`; there is room for its results in the slots.
#[cold]
pub unsafe fn finish(store: *mut VmStore, slots: *mut Slot) -> Outcome {
    // SAFETY: the store is alive and entered; functions that are asked for are, too.
    unsafe {
        loop {
            let TailCall { func, caller, mut args } = core::mem::replace(&mut (*store).tail, TailCall::NONE);
            let results = result_slots(store, func);
            args.resize(args.len().max(results), 0);
            let entry = (*func).entry.load(Ordering::Acquire);
            match ((*entry).call)(func, store, caller, args.as_mut_ptr()) {
                Outcome::Done => {
                    ptr::copy_nonoverlapping(args.as_ptr(), slots, results);
                    return Outcome::Done;
                }
                Outcome::Failed => return Outcome::Failed,
                Outcome::Tail => {}
            }
        }
    }
}

/// Slots that the results of a function take.
///
/// # Safety
/// The store is entered, the function alive.
unsafe fn result_slots(store: *mut VmStore, func: *const FuncRef) -> usize {
    // SAFETY: the caller's promise.
    unsafe {
        let types = (*(*store).store).shared().types().clone();
        types.func(crate::types::TypeId((*func).type_id)).result_slots() as usize
    }
}
