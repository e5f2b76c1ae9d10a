//! Entering compiled code from outside, and leaving it at last. One record on the native stack stands
//! for all compiled frames between an entry and the next call out.
//!
//! Whoever leaves compiled code writes to the innermost activation the frame pointer of the first
//! frame outside: at it stands the frame pointer of the compiled frame, and behind that the return
//! address in compiled code. All compiled code keeps frame pointers.

use crate::lower::Looks;
use crate::{arch, unwind};
use core::cell::Cell;
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::Ordering;
use dayfly_runtime::backend::{Outcome, RawCall};
use dayfly_runtime::config::RuntimeConfig;
use dayfly_runtime::fault::{Failure, Fault};
use dayfly_runtime::store::watch;
use dayfly_runtime::sys::signals;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Activation, Fuel, FuncRef, Slot, Vm, VmStore};

/// Enters functions of one type: takes the arguments from the slots, calls `code`, puts the results into
/// the slots. It writes its own `entry_fp`, `resume_sp` and `resume_pc` to the activation before it
/// calls. Returns 0 if the call returned, and 1 from `resume_pc` on, where failures go on.
pub type Trampoline =
    unsafe extern "C" fn(vm: *mut Vm, slots: *mut Slot, act: *mut JitActivation, code: *const ()) -> u32;

/// What `Entry::body` of a compiled function points to.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FuncRecord {
    /// The function's code; null if the image has none.
    pub code: *const (),
    /// What enters functions of its type.
    pub trampoline: Option<Trampoline>,
}

/// One entry into compiled code that has not returned yet.
#[repr(C)]
#[derive(Debug)]
pub struct JitActivation {
    /// First, so that a pointer to it is a pointer to the whole.
    pub activation: Activation,
    /// See the module's comment; 0 while code has not called out yet. Meaningful while it is called out.
    pub exit_fp: usize,
    /// The frame pointer of the trampoline: the end of the compiled frames.
    pub entry_fp: usize,
    /// The stack pointer of the trampoline where failures go on.
    pub resume_sp: usize,
    /// The address at which the trampoline goes on after a failure.
    pub resume_pc: usize,
    /// Where a builtin that failed goes on.
    pub resume: Resume,
    /// The store.
    pub store: *mut VmStore,
    /// The trap that a signal told of.
    pub trap: TrapRecord,
}

/// A place to go on at, and what goes into the registers that hold the two words of an exception.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Resume {
    /// The stack pointer.
    pub sp: usize,
    /// The frame pointer.
    pub fp: usize,
    /// The address.
    pub pc: usize,
    /// A reference to the exception; 0 for other failures.
    pub payload0: u64,
    /// Unused, 0.
    pub payload1: u64,
}

/// A trap as the signal handler notes it; frames are found out afterwards.
#[repr(C)]
#[derive(Debug)]
pub struct TrapRecord {
    /// Which, if there was one.
    pub trap: Option<Trap>,
    /// How many frames there were.
    pub frames: usize,
    /// Where the innermost of them were: the instruction that trapped, then return addresses.
    pub trace: [MaybeUninit<usize>; Failure::MAX_FRAMES],
}

impl TrapRecord {
    /// Notes a frame.
    pub fn push(&mut self, pc: usize) {
        if let Some(place) = self.trace.get_mut(self.frames) {
            place.write(pc);
        }
        self.frames += 1;
    }

    /// The frames that are kept.
    pub fn trace(&self) -> impl Iterator<Item = usize> {
        // SAFETY: as many as there were frames have been written, as far as there is room.
        self.trace.iter().take(self.frames).map(|pc| unsafe { pc.assume_init() })
    }
}

/// What a thread knows of itself.
struct Thread {
    /// The innermost activation of compiled code.
    current: Cell<*mut JitActivation>,
    /// Whether it has a stack for signal handlers.
    is_ready: Cell<bool>,
}

thread_local! {
    /// Constant and without a destructor, so that a signal handler can read it.
    static THREAD: Thread = const { Thread { current: Cell::new(ptr::null_mut()), is_ready: Cell::new(false) } };
}

/// The innermost activation of compiled code of the running thread, or null.
pub fn current() -> *mut JitActivation {
    THREAD.with(|thread| thread.current.get())
}

/// Makes an activation the innermost one of the running thread, and returns what was.
fn set_current(new: *mut JitActivation) -> *mut JitActivation {
    THREAD.with(|thread| {
        if !thread.is_ready.replace(true) {
            signals::ensure_alt_stack();
        }
        thread.current.replace(new)
    })
}

/// For `enter`: the code looks at no watch.
const UNWATCHED: u8 = 0;
/// It looks at the store's watch.
const WATCHED: u8 = 1;
/// It does so by a segment.
const WATCHED_BY_SEGMENT: u8 = 2;

/// How functions are entered that were compiled with settings.
pub fn call_for(config: &RuntimeConfig) -> RawCall {
    match (config.epoch_interruption, Looks::here()) {
        (false, _) => enter::<UNWATCHED>,
        (true, Looks::Address) => enter::<WATCHED>,
        (true, Looks::Segment) => enter::<WATCHED_BY_SEGMENT>,
    }
}

/// Enters a compiled function: `RawCall` of all of them.
///
/// # Safety
/// As `RawCall` demands; the entry's body is the `FuncRecord` of a function that has code, which looks at no more than
/// `WATCH` says.
unsafe extern "C" fn enter<const WATCH: u8>(
    func: *const FuncRef,
    store: *mut VmStore,
    _caller: *mut Vm,
    slots: *mut Slot,
) -> Outcome {
    let mut space = MaybeUninit::<JitActivation>::uninit();
    let act = space.as_mut_ptr();
    // SAFETY: the convention's promises. The record is reached through `act` only, because compiled code,
    // builtins and the signal handler write to it.
    unsafe {
        let entry = (*func).entry.load(Ordering::Acquire);
        let record = &*(*entry).body.cast::<FuncRecord>();
        if act.addr() < (*store).native_limit {
            (*store).pending = Some(Failure::new(Trap::StackOverflow.into()));
            return Outcome::Failed;
        }
        let prev = (*store).activation;
        (&raw mut (*act).activation).write(Activation { prev, walk: unwind::walk, roots: unwind::roots });
        (&raw mut (*act).exit_fp).write(0);
        (&raw mut (*act).store).write(store);
        (&raw mut (*act).trap.trap).write(None);
        (&raw mut (*act).trap.frames).write(0);
        let outer = set_current(act);
        let outer_limit = (*store).code_limit;
        // What runs below other compiled code shares its stack, if it is on the same one.
        if !((*store).native_limit..act.addr()).contains(&outer_limit) {
            let own = act.addr().saturating_sub((*store).max_code_stack);
            (*store).code_limit = own.max((*store).native_limit);
        }
        (*store).activation = act.cast();
        let begun = WATCH != UNWATCHED && watch::begin(store);
        if WATCH != UNWATCHED {
            (*(*store).watch).limit.store((*store).code_limit, Ordering::Relaxed);
        }
        let outer_segment = match WATCH {
            WATCHED_BY_SEGMENT => arch::swap_segment((*store).watch.cast()),
            _ => ptr::null(),
        };
        let trampoline = record.trampoline.expect("a function with code has a way in");
        let failed = trampoline((*func).vm, slots, act, record.code);
        if WATCH == WATCHED_BY_SEGMENT {
            arch::swap_segment(outer_segment);
        }
        if begun {
            watch::end(store);
        } else if WATCH != UNWATCHED {
            (*(*store).watch).limit.store(outer_limit, Ordering::Relaxed);
        }
        (*store).activation = prev;
        (*store).code_limit = outer_limit;
        THREAD.with(|thread| thread.current.set(outer));
        if failed == 0 {
            return Outcome::Done;
        }
        if (*store).tail.is_asked() {
            return Outcome::Tail;
        }
        if let Some(trap) = (*act).trap.trap {
            if trap == Trap::OutOfFuel {
                (*store).fuel = Fuel::NONE;
            }
            (*store).pending = Some(unwind::failure_of_trap(Fault::Trap(trap), &*act));
        }
        Outcome::Failed
    }
}
