//! Entering the interpreter: the common calling convention on one side, frames
//! and handlers on the other. One `run` serves all guest-to-guest calls below it.

use crate::exec::control::exit;
use crate::exec::dispatch::{Exit, Handler, Regs, State, handler_at};
use crate::exec::frame::{CALLER_SP, FrameState, RETURN_IP, walk};
use crate::record::{Bytecode, FuncRecord};
use dayfly_runtime::backend::{Outcome, Returned};
use dayfly_runtime::builtins;
use dayfly_runtime::fault::{Failure, Fault};
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Activation, ActivationKind, Frame, FuncRef, Slot, Vm, VmStore};

/// What a run keeps on the native stack. The state is that of the frame which
/// last called out of the interpreter.
#[repr(C)]
#[derive(Debug)]
pub struct RunRecord {
    /// First, so that a pointer to it is a pointer to the record.
    pub activation: Activation,
    /// Where the run is.
    pub state: State,
}

/// The instruction to which the outermost frame of a run returns.
#[repr(transparent)]
#[derive(Debug)]
pub struct ExitCode(Handler);

impl ExitCode {
    /// Its address, as a return address.
    pub fn as_ptr(&self) -> *const u64 {
        // The cast makes no code; it is what makes a number that is read there a handler (`handler_at`).
        let _ = self.0 as usize;
        (&raw const self.0).cast()
    }
}

/// See `ExitCode`.
pub static EXIT: ExitCode = ExitCode(exit);

/// Notes where the run is before it calls out, for whoever walks the stack.
///
/// # Safety
/// The innermost activation is the run record of the running handlers.
#[inline(always)]
pub unsafe fn note_state(ip: *const u64, sp: *mut Slot, vm: *mut Vm) {
    // SAFETY: the caller's promise.
    unsafe {
        let record = (*(*vm).store).activation as *mut RunRecord;
        (*record).state.ip = ip;
        (*record).state.sp = sp;
        (*record).state.vm = vm;
    }
}

/// Does something during which the host may call guests: the state is noted, and
/// their frames go behind the running one.
///
/// # Safety
/// As for `note_state`; the arguments are the state of the running frame.
#[inline(always)]
pub unsafe fn call_out<R>(ip: *const u64, sp: *mut Slot, vm: *mut Vm, work: impl FnOnce() -> R) -> R {
    // SAFETY: the caller's promise; a frame ends where its record says.
    unsafe {
        let store = (*vm).store;
        let outer_top = (*store).stack_top;
        (*store).stack_top = frame_end(ip, sp, vm);
        note_state(ip, sp, vm);
        let result = work();
        (*store).stack_top = outer_top;
        result
    }
}

/// One past the last slot of the running frame.
///
/// # Safety
/// As for `call_out`.
#[inline(never)]
unsafe fn frame_end(ip: *const u64, sp: *mut Slot, vm: *mut Vm) -> *mut Slot {
    // SAFETY: the caller's promise.
    unsafe {
        let record = Bytecode::of(vm).and_then(|bytecode| bytecode.locate(ip as usize));
        sp.add(record.expect("what runs has been lowered").frame() as usize)
    }
}

/// Enters an interpreted function: `RawCall` for every function that the
/// interpreter makes.
///
/// # Safety
/// As `RawCall` demands; the entry's body is a `FuncRecord`.
pub unsafe extern "C" fn enter(
    func: *const FuncRef,
    store: *mut VmStore,
    caller: *mut Vm,
    slots: *mut Slot,
) -> Outcome {
    // SAFETY: the caller's promise.
    unsafe { run(func, store, caller, slots) }
}

/// As `enter`, for functions whose slots fit into registers: `RegisterCall` for all of them.
///
/// # Safety
/// As `RegisterCall` demands; else as `enter`.
pub unsafe extern "C" fn enter_few(
    func: *const FuncRef,
    caller: *mut Vm,
    slot0: Slot,
    slot1: Slot,
    slot2: Slot,
    slot3: Slot,
) -> Returned {
    let mut slots = [slot0, slot1, slot2, slot3];
    // SAFETY: the caller's promise; there is room for a result.
    let outcome = unsafe { run(func, (*(*func).vm).store, caller, slots.as_mut_ptr()) };
    Returned::new(slots[0], outcome, caller)
}

/// # Safety
/// As for `enter`.
#[inline(always)]
unsafe fn run(func: *const FuncRef, store: *mut VmStore, caller: *mut Vm, slots: *mut Slot) -> Outcome {
    // SAFETY: the convention's promises; frames lie between `stack_top` and `stack_limit`.
    unsafe {
        let entry = (*func).entry.load(core::sync::atomic::Ordering::Acquire);
        let record = &*((*entry).body as *const FuncRecord);
        let code = record.code();
        if code.is_null() || !has_room(store, record) {
            return prepare(func, store, caller, slots, record);
        }
        let vm = (*func).vm;
        let sp = (*store).stack_top;
        let (params, locals) = (record.params() as usize, record.locals() as usize);
        // Volatile: there are few, and calls of memcpy and memset would take longer.
        for n in 0..params {
            sp.add(n).write_volatile(*slots.add(n));
        }
        for n in params..locals {
            sp.add(n).write_volatile(0);
        }
        *sp.add(locals + RETURN_IP) = EXIT.as_ptr() as Slot;
        *sp.add(locals + CALLER_SP) = sp as Slot;
        let r = Regs::default();
        let state = State { ip: code, sp, mem: (*vm).mem0.base, vm, r };
        let mut run = RunRecord { activation: Activation { prev: (*store).activation, kind: &KIND }, state };
        (*store).activation = (&raw mut run).cast();
        let exit = run_handlers(&raw mut run, state);
        (*store).activation = run.activation.prev;
        (*store).stack_top = sp;
        match exit {
            Exit::Done => {
                for n in 0..record.results() as usize {
                    slots.add(n).write_volatile(*sp.add(n));
                }
                Outcome::Done
            }
            Exit::Tail => Outcome::Tail,
            Exit::Failed | Exit::Next => Outcome::Failed,
        }
    }
}

/// Whether the frame of a function that was lowered fits on the guest stack, if there is one.
///
/// # Safety
/// The store is alive.
#[inline(always)]
unsafe fn has_room(store: *mut VmStore, record: &FuncRecord) -> bool {
    let room = record.frame().max(record.results()) as usize;
    // SAFETY: the caller's promise; both are null or of the same stack.
    unsafe { room <= (*store).stack_limit.offset_from_unsigned((*store).stack_top) }
}

/// Enters a function for the first time in its module or its store.
///
/// # Safety
/// As for `enter`; the record is the function's.
#[cold]
unsafe fn prepare(
    func: *const FuncRef,
    store: *mut VmStore,
    caller: *mut Vm,
    slots: *mut Slot,
    record: &FuncRecord,
) -> Outcome {
    // SAFETY: the caller's promise.
    unsafe {
        if let Err(fault) = record.lowered().and_then(|_| builtins::need_guest_stack(store)) {
            return park(store, fault);
        }
        if !has_room(store, record) {
            return park(store, Fault::Trap(Trap::StackOverflow));
        }
        enter(func, store, caller, slots)
    }
}

/// Runs handlers from a state on until they exit.
///
/// # Safety
/// The state is consistent, and the record is the store's innermost activation.
#[inline(always)]
unsafe fn run_handlers(run: *mut RunRecord, mut state: State) -> Exit {
    // SAFETY: the caller's promise; handlers leave the state consistent.
    unsafe {
        loop {
            let State { ip, sp, mem, vm, r } = state;
            let exit = handler_at(ip)(ip, sp, mem, vm, r.acc, r.pin, r.fa, r.fs, r.fpin);
            if exit != Exit::Next {
                return exit;
            }
            state = (*run).state;
        }
    }
}

/// Parks a fault that came before the first frame.
///
/// # Safety
/// The store is alive.
#[cold]
unsafe fn park(store: *mut VmStore, fault: Fault) -> Outcome {
    // SAFETY: the caller's promise.
    unsafe { (*store).pending = Some(Failure::new(fault)) };
    Outcome::Failed
}

/// What a run's activation is.
static KIND: ActivationKind = ActivationKind { walk: walk_run, roots: roots_run };

/// `ActivationKind::walk` of a run.
///
/// # Safety
/// As `ActivationKind::walk` demands.
unsafe fn walk_run(this: *const Activation, _: *mut VmStore, each: &mut dyn FnMut(Frame) -> bool) {
    // SAFETY: the activation is the first field of its run record.
    unsafe {
        let State { ip, sp, vm, .. } = (*this.cast::<RunRecord>()).state;
        walk(FrameState { ip, sp, vm }, &mut |frame, record| {
            let offset = record.offset_of(frame.ip as usize);
            let shape = builtins::blueprint(frame.vm).shape();
            each(Frame { shape, instance: Some((*frame.vm).instance), func: record.func_index(), offset })
        });
    }
}

/// `ActivationKind::roots` of a run.
///
/// # Safety
/// As `ActivationKind::roots` demands.
unsafe fn roots_run(this: *const Activation, each: &mut dyn FnMut(*mut Slot)) {
    // SAFETY: as above; root maps name slots of the frame.
    unsafe {
        let State { ip, sp, vm, .. } = (*this.cast::<RunRecord>()).state;
        walk(FrameState { ip, sp, vm }, &mut |frame, record| {
            for slot in record.roots_at(frame.ip as usize) {
                each(frame.sp.add(slot as usize));
            }
            true
        });
    }
}
