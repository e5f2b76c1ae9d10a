//! Functions of the host, as code calls them. Invariant: a `HostFunc` is what its
//! `FuncRef`, its first field, is found in, and it never moves once it is shared.

use crate::backend::{Entry, Outcome, Returned, fits_registers, no_registers};
use crate::fault::{Failure, Fault, ThrownException};
use crate::host::{Error, Result};
use crate::store::{InstanceId, StoreOpaque};
use crate::trap::Trap;
use crate::types::{TypeId, TypeRegistry};
use crate::vm::{FuncRef, Slot, Vm, VmStore};
use core::any::Any;
use core::fmt;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A function of the host. It belongs to an engine, not to a store; every store
/// that uses it keeps it alive.
#[repr(C)]
pub struct HostFunc {
    func_ref: FuncRef,
    entry: Entry,
    /// How many slots arguments or results take, whichever is more.
    slots: usize,
    types: Arc<TypeRegistry>,
    /// Owns what `entry.body` points to.
    _body: Box<dyn Any + Send + Sync>,
}

// SAFETY: the instance is null, the entry never changes, the body is `Send + Sync`.
unsafe impl Send for HostFunc {}
// SAFETY: as for `Send`.
unsafe impl Sync for HostFunc {}

impl HostFunc {
    /// A host function of a function type, which runs `body`: it gets the store, the calling instance if
    /// there is one, and the slots with the arguments, which it replaces by results. There may be more slots.
    /// `ROOTS` is whether it may make scoped roots; these end with the call.
    ///
    /// # Safety
    /// `body` leaves in the slots values of the result types that belong to the
    /// store; whoever uses the function in a store knows that `body` can run in it.
    pub(crate) unsafe fn new<F, const ROOTS: bool>(
        types: &Arc<TypeRegistry>,
        ty: TypeId,
        body: F,
    ) -> Arc<HostFunc>
    where
        F: Fn(&mut StoreOpaque, Option<InstanceId>, &mut [Slot]) -> Result<()> + Send + Sync + 'static,
    {
        let body = Box::new(body);
        let signature = types.func(ty);
        let func = Arc::new(HostFunc {
            func_ref: FuncRef {
                entry: AtomicPtr::new(ptr::null_mut()),
                native: AtomicPtr::new(ptr::null_mut()),
                vm: ptr::null_mut(),
                type_id: ty.0,
                func: 0,
            },
            entry: Entry {
                call: enter::<F, ROOTS>,
                body: ptr::from_ref::<F>(&body).cast(),
                fast: ptr::null(),
                registers: if fits_registers(signature) { enter_few::<F, ROOTS> } else { no_registers },
            },
            slots: signature.param_slots().max(signature.result_slots()) as usize,
            types: types.clone(),
            _body: body,
        });
        func.func_ref.entry.store(ptr::from_ref(&func.entry).cast_mut(), Ordering::Release);
        func
    }

    /// What references to the function point to; good as long as the function.
    pub fn func_ref(&self) -> NonNull<FuncRef> {
        NonNull::from(self).cast()
    }

    /// The canonical id of its type.
    pub fn type_id(&self) -> TypeId {
        TypeId(self.func_ref.type_id)
    }

    /// The types of its engine.
    pub fn types(&self) -> &Arc<TypeRegistry> {
        &self.types
    }
}

impl fmt::Debug for HostFunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostFunc").field("type_id", &self.func_ref.type_id).finish_non_exhaustive()
    }
}

/// Enters a host function by the common calling convention.
///
/// # Safety
/// As [`RawCall`](crate::backend::RawCall); `func` is the `FuncRef` of a `HostFunc`
/// whose body is an `F`.
unsafe extern "C" fn enter<F, const ROOTS: bool>(
    func: *const FuncRef,
    store: *mut VmStore,
    caller: *mut Vm,
    slots: *mut Slot,
) -> Outcome
where
    F: Fn(&mut StoreOpaque, Option<InstanceId>, &mut [Slot]) -> Result<()>,
{
    // SAFETY: the convention gives room for arguments and results; a calling instance is alive.
    unsafe {
        let slots = core::slice::from_raw_parts_mut(slots, (*func.cast::<HostFunc>()).slots);
        let instance = caller.as_ref().map(|vm| vm.instance);
        run::<F, ROOTS>(func, store, instance, slots)
    }
}

/// As `enter`, with the slots in registers.
///
/// # Safety
/// As [`RegisterCall`](crate::backend::RegisterCall); `func` as for `enter`.
unsafe extern "C" fn enter_few<F, const ROOTS: bool>(
    func: *const FuncRef,
    caller: *mut Vm,
    slot0: Slot,
    slot1: Slot,
    slot2: Slot,
    slot3: Slot,
) -> Returned
where
    F: Fn(&mut StoreOpaque, Option<InstanceId>, &mut [Slot]) -> Result<()>,
{
    let mut slots = [slot0, slot1, slot2, slot3];
    // SAFETY: code calls, of an instance that is alive.
    let outcome = unsafe { run::<F, ROOTS>(func, (*caller).store, Some((*caller).instance), &mut slots) };
    Returned::new(slots[0], outcome, caller)
}

/// Runs a host function.
///
/// # Safety
/// As for `enter`; `instance` is the caller's.
#[inline(always)]
unsafe fn run<F, const ROOTS: bool>(
    func: *const FuncRef,
    store: *mut VmStore,
    instance: Option<InstanceId>,
    slots: &mut [Slot],
) -> Outcome
where
    F: Fn(&mut StoreOpaque, Option<InstanceId>, &mut [Slot]) -> Result<()>,
{
    // SAFETY: the `FuncRef` is the first field of a `HostFunc`, which is alive; `HostFunc::new` set its body for
    // the same `F`.
    let body = unsafe { &*(*func.cast::<HostFunc>()).entry.body.cast::<F>() };
    // SAFETY: the store was lent to the code that calls, which rests until this returns.
    let opaque = unsafe { &mut *(*store).store };
    let scope = ROOTS.then(|| opaque.enter_scope());
    let result = catch_unwind(AssertUnwindSafe(|| body(opaque, instance, slots)));
    if let Some(scope) = scope {
        opaque.exit_scope(scope);
    }
    let fault = match result {
        Ok(Ok(())) => return Outcome::Done,
        Ok(Err(error)) => Ok(error),
        Err(panic) => Err(panic),
    };
    // SAFETY: the state of a store is alive as long as the store.
    unsafe { park(store, opaque, fault) };
    Outcome::Failed
}

/// Parks why a host function failed: an error or a panic.
///
/// # Safety
/// The state is the store's.
#[cold]
unsafe fn park(store: *mut VmStore, opaque: &StoreOpaque, fault: std::thread::Result<Error>) {
    let failure = match fault {
        Ok(error) => error.into_failure(opaque),
        Err(panic) => Failure::new(Fault::Panic(panic)),
    };
    // SAFETY: the caller's promise.
    unsafe { (*store).pending = Some(failure) };
}

impl Error {
    /// The error as what ends the running call. Frames of a nested call stay with it
    /// as its backtrace. An exception that is still the store's goes on as one, and
    /// what was added to it is seen if nobody catches it.
    #[cold]
    pub(crate) fn into_failure(self, store: &StoreOpaque) -> Box<Failure> {
        if self.is::<ThrownException>() && store.has_exception() {
            let passed_as = if self.is_bare() { None } else { Some(self) };
            return Box::new(Failure { passed_as, ..*Failure::new(Fault::Exception) });
        }
        Failure::new(match self.is_bare().then(|| self.downcast_ref::<Trap>().copied()).flatten() {
            Some(trap) => Fault::Trap(trap),
            None => Fault::Host(self),
        })
    }

    /// What a failed call gives to the host, with the guest frames that it left.
    #[cold]
    #[inline(never)]
    #[expect(clippy::boxed_local, reason = "who calls, in line at each call of a guest, need not unpack it")]
    pub(crate) fn from_failure(failure: Box<Failure>) -> Error {
        let Failure { fault, frames, omitted, passed_as } = *failure;
        passed_as.unwrap_or_else(|| Error::from(fault)).left_frames(&frames, omitted)
    }
}
