//! Entering code from the host. Spec: exec/modules, "Invocation".

use super::{Func, StoreOpaque, tail};
use crate::backend::Outcome;
use crate::fault::{Failure, Fault};
use crate::stack::{GuestStack, native_limit};
use crate::trap::Trap;
use crate::vm::{Slot, VmStore};
use core::ptr;
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
        let entered = Entered::enter(self, vm).map_err(refused)?;
        // SAFETY: the store keeps the function alive; the caller answers for the slots.
        let outcome = unsafe { tail::call(target, vm, ptr::null_mut(), slots.as_mut_ptr()) };
        drop(entered);
        match outcome {
            Outcome::Done => Ok(()),
            // SAFETY: the block is alive as long as the store.
            Outcome::Failed | Outcome::Tail => Err(parked(unsafe { (*vm).pending.take() })),
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

/// The time in which a store is entered; what it was before is restored at the end.
struct Entered {
    vm: *mut VmStore,
    store: *mut StoreOpaque,
    native_limit: usize,
}

impl Entered {
    #[inline]
    fn enter(store: &mut StoreOpaque, vm: *mut VmStore) -> Result<Entered, Trap> {
        let max_native_stack = store.max_native_stack;
        // SAFETY: the block is alive as long as the store, used by this thread alone.
        unsafe {
            let before = Entered { vm, store: (*vm).store, native_limit: (*vm).native_limit };
            let outer = if before.store.is_null() { None } else { Some(before.native_limit) };
            (*vm).native_limit = native_limit(max_native_stack, outer)?;
            (*vm).store = store;
            Ok(before)
        }
    }
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: as in `enter`.
        unsafe {
            (*self.vm).store = self.store;
            (*self.vm).native_limit = self.native_limit;
        }
    }
}
