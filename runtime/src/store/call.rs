//! Entering code from the host. Spec: exec/modules, "Invocation".

use super::{Func, StoreOpaque, tail};
use crate::backend::{Outcome, REGISTER_SLOTS, Returned};
use crate::fault::{Failure, Fault};
use crate::stack::{GuestStack, NativeLimits, here};
use crate::trap::Trap;
use crate::vm::{FuncRef, Place, Slot, VmStore};
use core::ptr;
use core::sync::atomic::Ordering;
use std::panic::resume_unwind;

impl StoreOpaque {
    /// Calls a function. Arguments stand in `slots` from the first on; results
    /// replace them.
    ///
    /// # Panics
    /// If the function is of another store, and with the panic of a host function
    /// that the call reached.
    ///
    /// # Safety
    /// The slots hold values of the function's parameter types that belong to this
    /// store, and there are as many as parameters or results take, whichever is more.
    #[inline(always)]
    pub unsafe fn call_raw(&mut self, func: Func, slots: &mut [Slot]) -> Result<(), Box<Failure>> {
        let target: *const _ = self.func_ref(func);
        let vm = self.vm_store();
        // SAFETY: the store keeps the function alive; the caller answers for the slots. Calls do not unwind.
        let outcome = unsafe {
            let outer = self.enter(vm)?;
            let outcome = tail::call(target, vm, ptr::null_mut(), slots.as_mut_ptr());
            outer.leave(vm);
            outcome
        };
        match outcome {
            Outcome::Done => Ok(()),
            // SAFETY: the block is alive as long as the store.
            Outcome::Failed | Outcome::Tail => Err(parked(unsafe { (*vm).pending.take() })),
        }
    }

    /// As `call_raw`, for a function of an instance whose type `fits_registers`: fewer arguments than slots
    /// are followed by anything, and the result means something if the function has one.
    ///
    /// # Panics
    /// As `call_raw`.
    ///
    /// # Safety
    /// As `call_raw`.
    #[inline(always)]
    pub(crate) unsafe fn call_few(
        &mut self,
        func: Func,
        slots: [Slot; REGISTER_SLOTS],
    ) -> Result<Slot, Box<Failure>> {
        let target: *const FuncRef = self.func_ref(func);
        let vm = self.vm_store();
        let [a, b, c, d] = slots;
        // SAFETY: as in `call_raw`. The function belongs to an instance, so it needs no caller.
        unsafe {
            if !(*vm).store.is_null() {
                return self.call_few_again(func, a, b, c, d);
            }
            self.enter_first(vm)?;
            let call = (*(*target).entry.load(Ordering::Acquire)).registers;
            let returned = call(target, ptr::null_mut(), a, b, c, d);
            (*vm).store = ptr::null_mut();
            match returned.outcome {
                Outcome::Done => Ok(returned.slot),
                _ => self.call_few_ended(returned),
            }
        }
    }

    /// As `call_few`, in a store that is entered.
    ///
    /// # Safety
    /// As `call_few`.
    #[cold]
    #[inline(never)]
    unsafe fn call_few_again(
        &mut self,
        func: Func,
        a: Slot,
        b: Slot,
        c: Slot,
        d: Slot,
    ) -> Result<Slot, Box<Failure>> {
        let mut slots = [a, b, c, d];
        // SAFETY: the caller's promise.
        unsafe { self.call_raw(func, &mut slots)? };
        Ok(slots[0])
    }

    /// The end of a call that is not done.
    ///
    /// # Safety
    /// The call of `call_few` has just ended so.
    #[cold]
    #[inline(never)]
    unsafe fn call_few_ended(&mut self, returned: Returned) -> Result<Slot, Box<Failure>> {
        let vm = self.vm_store();
        let mut slot = 0;
        // SAFETY: the block is alive as long as the store. What is to be called in the function's place
        // has a result if the function has.
        unsafe {
            let mut outcome = returned.outcome;
            if outcome == Outcome::Tail {
                (*vm).store = self;
                outcome = tail::finish(vm, &raw mut slot);
                (*vm).store = ptr::null_mut();
            }
            match outcome {
                Outcome::Done => Ok(slot),
                Outcome::Failed | Outcome::Tail => Err(parked((*vm).pending.take())),
            }
        }
    }

    /// Gives the store a guest stack if it has none, for an engine that is about to put
    /// its first frame there.
    #[cold]
    pub fn need_guest_stack(&mut self) -> Result<(), Fault> {
        if self.stack.is_none() {
            let bytes = self.shared().config().max_wasm_stack;
            let stack = GuestStack::new(bytes).map_err(|error| Fault::Host(error.into()))?;
            let vm = self.vm_store();
            // SAFETY: the block is alive as long as the store; no code holds stack
            // addresses yet.
            unsafe {
                (*vm).stack_top = stack.base();
                (*vm).stack_limit = stack.limit();
            }
            self.stack = Some(stack);
        }
        Ok(())
    }
}

#[cold]
fn refused(trap: Trap) -> Box<Failure> {
    Failure::new(trap.into())
}

/// The failure that an engine parked. A panic goes on in the host code that
/// entered: if that is a host function, its shim parks it again.
#[cold]
fn parked(pending: Option<Box<Failure>>) -> Box<Failure> {
    let failure = pending.expect("whoever reports a failure parks it");
    match failure.fault {
        Fault::Panic(payload) => resume_unwind(payload),
        _ => failure,
    }
}

/// What a store was entered by before; its `store` is null if by nobody.
struct Outer {
    store: *mut StoreOpaque,
    limits: NativeLimits,
}

impl StoreOpaque {
    /// Makes the store entered, by this borrow of it.
    ///
    /// # Safety
    /// `vm` is the store's, and `leave` follows.
    #[inline(always)]
    unsafe fn enter(&mut self, vm: *mut VmStore) -> Result<Outer, Box<Failure>> {
        // SAFETY: the block is alive as long as the store, used by this thread alone.
        unsafe {
            let outer = (*vm).store;
            if !outer.is_null() {
                return self.enter_again(vm);
            }
            self.enter_first(vm)?;
            Ok(Outer { store: outer, limits: NativeLimits { all: 0, code: 0 } })
        }
    }

    /// As `enter`, of a store that is not entered.
    ///
    /// # Safety
    /// As `enter`.
    #[inline(always)]
    unsafe fn enter_first(&mut self, vm: *mut VmStore) -> Result<(), Box<Failure>> {
        // SAFETY: as in `enter`.
        unsafe {
            let place = here();
            if (*vm).limits_of != place {
                self.limit(vm, place)?;
            }
            (*vm).store = self;
        }
        Ok(())
    }

    /// Sets the limits of an entry at a place.
    ///
    /// # Safety
    /// `vm` is the store's, which is not entered.
    #[cold]
    #[inline(never)]
    unsafe fn limit(&mut self, vm: *mut VmStore, place: Place) -> Result<(), Box<Failure>> {
        // SAFETY: as in `enter`.
        unsafe {
            let limits = NativeLimits::at(place, self.max_native_stack, (*vm).max_code_stack);
            let limits = limits.map_err(refused)?;
            (*vm).native_limit = limits.all;
            (*vm).code_limit = limits.code;
            (*vm).limits_of = place;
        }
        Ok(())
    }

    /// As `enter`, of a store that is entered.
    ///
    /// # Safety
    /// As `enter`.
    #[inline(never)]
    unsafe fn enter_again(&mut self, vm: *mut VmStore) -> Result<Outer, Box<Failure>> {
        // SAFETY: as in `enter`.
        unsafe {
            let limits = NativeLimits { all: (*vm).native_limit, code: (*vm).code_limit };
            let outer = Outer { store: (*vm).store, limits };
            let limits = NativeLimits::nested(limits, self.max_native_stack, (*vm).max_code_stack);
            let limits = limits.map_err(refused)?;
            (*vm).native_limit = limits.all;
            (*vm).code_limit = limits.code;
            (*vm).store = self;
            Ok(outer)
        }
    }
}

impl Outer {
    /// Makes the store what it was before it was entered. (Limits mean nothing if that was not entered.)
    ///
    /// # Safety
    /// `vm` is the state of the store that was entered.
    #[inline(always)]
    unsafe fn leave(self, vm: *mut VmStore) {
        // SAFETY: the caller's promise.
        unsafe {
            (*vm).store = self.store;
            if !self.store.is_null() {
                (*vm).native_limit = self.limits.all;
                (*vm).code_limit = self.limits.code;
            }
        }
    }
}
