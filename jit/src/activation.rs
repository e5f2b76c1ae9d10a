//! Entering compiled code from outside, and leaving it at last. One record in the frame of the entry
//! (`FuncKey::Entry`) stands for all compiled frames between it and the next call out.
//!
//! Whoever leaves compiled code writes to the innermost activation where the frame is that is left: its frame pointer,
//! and its stack pointer, below which the call puts the return address. All compiled code keeps frame pointers. The
//! entry's frame is the first whose frame pointer is above the record; failures go on in it, where its call's handler
//! is.

use crate::lower::Looks;
use crate::{arch, unwind};
use core::mem::{MaybeUninit, transmute};
use core::sync::atomic::Ordering;
use dayfly_runtime::backend::{Outcome, RawCall, RegisterCall, Returned};
use dayfly_runtime::builtins;
use dayfly_runtime::fault::{Failure, Fault};
use dayfly_runtime::store::watch;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Activation, ActivationKind, Fuel, FuncRef, Slot, Vm, VmStore};

/// One entry into compiled code that has not returned yet. The entry writes `activation` and links it as
/// the store's innermost; the rest has no meaning before somebody else writes it.
#[repr(C)]
#[derive(Debug)]
pub struct JitActivation {
    /// First, so that a pointer to it is a pointer to the whole.
    pub activation: Activation,
    /// The frame pointer of the compiled frame that has called out. Meaningful meanwhile.
    pub exit_fp: usize,
    /// Its stack pointer before the call.
    pub exit_sp: usize,
    /// Where a builtin that failed goes on.
    pub resume: Resume,
    /// The trap that a signal told of. Meaningful when a failure goes on in the entry.
    pub trap: TrapRecord,
}

/// What entries refer to: the kind of their activations, and what they call at their end if a failure went on
/// in them.
#[repr(C)]
#[derive(Debug)]
pub struct EntryTable {
    /// Their kind.
    pub kind: ActivationKind,
    /// See `fail`.
    pub fail: unsafe extern "C" fn(*mut VmStore) -> Outcome,
}

impl EntryTable {
    /// That of all entries.
    pub(crate) const OF_ALL: EntryTable =
        EntryTable { kind: ActivationKind { walk: unwind::walk, roots: unwind::roots }, fail };
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
    /// Begins a record without frames.
    ///
    /// # Safety
    /// There is memory for one at the address, which nobody else uses.
    pub unsafe fn begin(this: *mut TrapRecord, trap: Trap) {
        // SAFETY: the caller's promise.
        unsafe {
            (&raw mut (*this).trap).write(Some(trap));
            (&raw mut (*this).frames).write(0);
        }
    }

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

/// How functions are entered that look at a watch, by whose machine code that is to be entered by slots in memory.
pub(crate) fn watched_call(looks: Looks) -> RawCall {
    match looks {
        Looks::Address => enter_watched::<false>,
        Looks::Segment => enter_watched::<true>,
    }
}

/// As `watched_call`, by slots in registers.
pub(crate) fn watched_registers(looks: Looks) -> RegisterCall {
    match looks {
        Looks::Address => enter_watched_few::<false>,
        Looks::Segment => enter_watched_few::<true>,
    }
}

/// See `watched_call`.
///
/// # Safety
/// As `RawCall` demands; the body of the function's entry is a `RawCall`. `SEGMENT` is whether the code looks at its
/// watch by a segment.
unsafe extern "C" fn enter_watched<const SEGMENT: bool>(
    func: *const FuncRef,
    store: *mut VmStore,
    caller: *mut Vm,
    slots: *mut Slot,
) -> Outcome {
    // SAFETY: the caller's promise.
    unsafe {
        let body = (*(*func).entry.load(Ordering::Acquire)).body;
        let call = transmute::<*const (), RawCall>(body);
        watched::<SEGMENT, _>(store, || match is_reached(store) && !goes_on(func, slots) {
            true => Outcome::Failed,
            false => call(func, store, caller, slots),
        })
    }
}

/// See `watched_registers`.
///
/// # Safety
/// As `RegisterCall` demands; the body of the function's entry is a `RegisterCall`; `SEGMENT` as for `enter_watched`.
unsafe extern "C" fn enter_watched_few<const SEGMENT: bool>(
    func: *const FuncRef,
    caller: *mut Vm,
    slot0: Slot,
    slot1: Slot,
    slot2: Slot,
    slot3: Slot,
) -> Returned {
    // SAFETY: the caller's promise.
    unsafe {
        let body = (*(*func).entry.load(Ordering::Acquire)).body;
        let call = transmute::<*const (), RegisterCall>(body);
        let store = (*(*func).vm).store;
        watched::<SEGMENT, _>(store, || {
            if is_reached(store) {
                let mut slots = [slot0, slot1, slot2, slot3];
                return match goes_on(func, slots.as_mut_ptr()) {
                    true => call(func, caller, slots[0], slots[1], slots[2], slots[3]),
                    false => Returned::new(0, Outcome::Failed, caller),
                };
            }
            call(func, caller, slot0, slot1, slot2, slot3)
        })
    }
}

/// Whether the deadline of a store may have come, whose code is about to be entered. Functions that call nothing leave
/// it to who calls them to look.
///
/// # Safety
/// The store has a watch.
#[inline(always)]
unsafe fn is_reached(store: *mut VmStore) -> bool {
    // SAFETY: the caller's promise.
    unsafe { (*(*store).watch).reached.load(Ordering::Relaxed) != 0 }
}

/// Asks the store how to go on. If a function, whose arguments are in the slots, is not to be entered, that is parked.
///
/// # Safety
/// As `builtins::watch_reached_by_call` demands.
#[cold]
#[inline(never)]
unsafe fn goes_on(func: *const FuncRef, slots: *mut Slot) -> bool {
    // SAFETY: the caller's promise.
    unsafe { builtins::watch_reached_by_call(func, slots).is_ok() }
}

/// Runs code that looks at the store's watch.
///
/// # Safety
/// The store is entered and not borrowed. `SEGMENT` is whether the code looks by a segment; then there is one.
#[inline(always)]
unsafe fn watched<const SEGMENT: bool, R>(store: *mut VmStore, run: impl FnOnce() -> R) -> R {
    // SAFETY: the caller's promise.
    unsafe {
        let begun = watch::begin(store);
        let limit = &(*(*store).watch).limit;
        let outer_limit = limit.load(Ordering::Relaxed);
        limit.store((*store).code_limit, Ordering::Relaxed);
        let own: *const () = (*store).watch.cast();
        let outer = if SEGMENT { arch::segment() } else { own };
        if outer != own {
            arch::set_segment(own);
        }
        let result = run();
        // Where nobody had a segment, it is left: mostly the next to run here has the same watch. Nobody reads by it
        // before it was compared with the own one, so it does not matter how long what it points to lives.
        if outer != own && !outer.is_null() {
            arch::set_segment(outer);
        }
        if begun {
            watch::end(store);
        } else {
            (*(*store).watch).limit.store(outer_limit, Ordering::Relaxed);
        }
        result
    }
}

/// Leaves the innermost activation after a failure: unlinks it and tells how its call ended.
///
/// # Safety
/// Called by the entry that made the activation, where failures go on.
unsafe extern "C" fn fail(store: *mut VmStore) -> Outcome {
    // SAFETY: the activation is alive; who let the failure go on has written `trap`.
    unsafe {
        let act = (*store).activation.cast::<JitActivation>();
        (*store).activation = (*act).activation.prev;
        if (*store).tail.is_asked() {
            return Outcome::Tail;
        }
        if let Some(trap) = (*act).trap.trap {
            if trap == Trap::OutOfFuel {
                (*store).fuel = Fuel::NONE;
            }
            (*store).pending = Some(unwind::failure_of_trap(store, Fault::Trap(trap), &(*act).trap));
        }
        Outcome::Failed
    }
}

/// `RawCall` of functions whose entry takes their slots in registers, by how many parameters and
/// results they have.
pub(crate) fn from_slots(params: usize, results: usize) -> RawCall {
    match (params, results) {
        (0, 0) => enter::<0, 0>,
        (1, 0) => enter::<1, 0>,
        (2, 0) => enter::<2, 0>,
        (3, 0) => enter::<3, 0>,
        (4, 0) => enter::<4, 0>,
        (0, 1) => enter::<0, 1>,
        (1, 1) => enter::<1, 1>,
        (2, 1) => enter::<2, 1>,
        (3, 1) => enter::<3, 1>,
        (4, 1) => enter::<4, 1>,
        _ => unreachable!("entries take no more in registers"),
    }
}

/// See `from_slots`.
///
/// # Safety
/// As `RawCall` demands; the function has so many parameters and results, all of one slot, and its `Entry::registers`.
unsafe extern "C" fn enter<const PARAMS: usize, const RESULTS: usize>(
    func: *const FuncRef,
    _store: *mut VmStore,
    caller: *mut Vm,
    slots: *mut Slot,
) -> Outcome {
    // SAFETY: the convention's promises.
    unsafe {
        let call = (*(*func).entry.load(Ordering::Acquire)).registers;
        let slot = |n: usize| if n < PARAMS { slots.add(n).read() } else { 0 };
        let returned = call(func, caller, slot(0), slot(1), slot(2), slot(3));
        if RESULTS > 0 {
            slots.write(returned.slot);
        }
        returned.outcome
    }
}
