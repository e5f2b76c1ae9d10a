//! Throwing: the handlers of a function are ranges of its code, found by walking
//! the frames of the run, innermost first. A function that never throws pays
//! nothing. Spec: exec/instructions, "throw_ref", "try_table".

use crate::exec::dispatch::{Exit, Regs, State, goto, handlers, next, trap};
use crate::exec::fail;
use crate::exec::frame::{FrameState, caller};
use crate::exec::operand::Fields;
use crate::exec::run::{RunRecord, note_state};
use crate::record::{Bytecode, FuncRecord};
use dayfly_parser::TagIdx;
use dayfly_runtime::builtins;
use dayfly_runtime::fault::{Fault, Parked};
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Slot, Vm, VmTag};

/// A range of code, and what catches exceptions from it. Positions are words.
#[derive(Clone, Debug)]
pub struct TryRange {
    /// First word.
    pub start: u32,
    /// One past the last word.
    pub end: u32,
    /// The control frame that it is the body of.
    pub frame: u32,
    /// What is tried, in order.
    pub clauses: Vec<Clause>,
}

/// One way of catching.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// The tag; `None` catches all.
    pub tag: Option<TagIdx>,
    /// What happens to a caught exception.
    pub action: Action,
}

/// What happens to a caught exception.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// Goes on at `target`, with the tag's parameters from slot `payload` on and
    /// the exception itself in slot `exception`, if there is one.
    Enter { target: u32, payload: u32, exception: Option<u32> },
    /// Legacy `delegate`: only ranges of control frames up to this one may still catch it.
    Delegate { frame: u32 },
}

/// Finds who catches the store's pending exception, from `frame` outwards: the frame,
/// with the place where it goes on.
///
/// # Safety
/// `frame` is a frame of the running run; the store's `exception` is set.
unsafe fn catch(mut frame: FrameState) -> Option<FrameState> {
    // SAFETY: the frames of a run that has not ended; records are kept by their module.
    unsafe {
        let store = (*frame.vm).store;
        let exception = (*store).exception;
        let tag = builtins::exn_tag(frame.vm, exception);
        loop {
            let bytecode = Bytecode::of(frame.vm)?;
            let record = bytecode.locate(frame.ip as usize)?;
            if let Some((target, payload, slot)) = catch_here(bytecode, record, &frame, tag) {
                if let Some(payload) = payload {
                    builtins::exn_payload(frame.vm, exception, frame.sp.add(payload as usize));
                }
                if let Some(slot) = slot {
                    *frame.sp.add(slot as usize) = exception as Slot;
                }
                (*store).exception = 0;
                return Some(FrameState { ip: record.code().add(target as usize), ..frame });
            }
            frame = caller(&frame, record)?;
        }
    }
}

/// The clause of this frame's function that catches an exception of `tag`.
///
/// # Safety
/// `frame` is a frame of the function of `record`.
unsafe fn catch_here(
    bytecode: &Bytecode,
    record: &FuncRecord,
    frame: &FrameState,
    tag: *const VmTag,
) -> Option<(u32, Option<u32>, Option<u32>)> {
    let word = ((frame.ip as usize - record.code() as usize) / size_of::<u64>()) as u32;
    let mut outermost = u32::MAX;
    for range in record.tries().iter().filter(|range| (range.start..range.end).contains(&word)) {
        if range.frame > outermost {
            continue;
        }
        for clause in &range.clauses {
            let matches = clause.tag.is_none_or(|t| {
                let own = bytecode.shape().layout().tag(t) as usize;
                // SAFETY: the place of a tag in the instance's block.
                unsafe { *frame.vm.byte_add(own).cast::<*const VmTag>() == tag }
            });
            match clause.action {
                Action::Enter { target, payload, exception } if matches => {
                    // A clause for all tags does not take the parameters.
                    return Some((target, clause.tag.map(|_| payload), exception));
                }
                Action::Enter { .. } => {}
                Action::Delegate { frame } => {
                    outermost = frame;
                    break;
                }
            }
        }
    }
    None
}

/// Whether the parked failure is an exception.
///
/// # Safety
/// The store is alive.
pub unsafe fn is_exception(vm: *mut Vm) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        (*(*vm).store).pending.as_ref().is_some_and(|failure| matches!(failure.fault, Fault::Exception))
    }
}

/// Throws the store's exception at an instruction, or in the caller of its frame if that
/// has been left. If it is caught, says so, and notes in the run record where the run
/// goes on; if not, the run has failed. A handler has no memory of its own for all this.
///
/// # Safety
/// The arguments are the state of the running frame; the store's `exception` is set.
#[inline(never)]
unsafe fn unwind(ip: *const u64, sp: *mut Slot, vm: *mut Vm, left: bool) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let here = FrameState { ip, sp, vm };
        let thrower = if left {
            let bytecode = Bytecode::of(vm);
            bytecode.and_then(|b| b.locate(ip as usize)).and_then(|record| caller(&here, record))
        } else {
            Some(here)
        };
        match thrower.and_then(|frame| catch(frame)) {
            Some(FrameState { ip, sp, vm }) => {
                (*(*vm).store).pending = None;
                note_state(ip, sp, vm);
                return true;
            }
            None if left || is_exception(vm) => fail::passed_on(ip, sp, vm),
            None => fail::fault(Fault::Exception, ip, sp, vm),
        };
        false
    }
}

/// Goes on where `unwind` has noted, or ends the run.
///
/// # Safety
/// As for handlers; `caught` is what `unwind` has said.
#[inline(always)]
unsafe fn land(caught: bool, vm: *mut Vm, r: Regs) -> Exit {
    if !caught {
        return Exit::Failed;
    }
    // SAFETY: the caller's promise.
    unsafe {
        let record = (*(*vm).store).activation as *const RunRecord;
        let State { ip, sp, vm, .. } = (*record).state;
        next!(ip, sp, (*vm).mem0.base, vm, r)
    }
}

handlers! {
    /// Throws the store's exception at this instruction.
    fn raise[](ip, sp, mem, vm, r) {
        land(unwind(ip, sp, vm, false), vm, r)
    }

    /// As `raise`, for a frame that a tail call has left.
    fn raise_in_caller[](ip, sp, mem, vm, r) {
        land(unwind(ip, sp, vm, true), vm, r)
    }

    /// `throw`: parameters from slot `a` on; upper half = where the tag stands.
    fn throw[](ip, sp, mem, vm, r) {
        let f = Fields::of(ip);
        note_state(ip, sp, vm);
        let tag = *vm.byte_add(f.imm() as u32 as usize).cast::<*const VmTag>();
        match builtins::exn_new(vm, tag, sp.add(f.a() as usize)) {
            Ok(exception) => {
                (*(*vm).store).exception = exception;
                goto!(raise, ip, sp, mem, vm, r)
            }
            Err(Parked) => fail::passed_on(ip, sp, vm),
        }
    }

    /// `throw_ref` of the exception in slot `a`; also legacy `rethrow`.
    fn throw_ref[](ip, sp, mem, vm, r) {
        let exception = *sp.add(Fields::of(ip).a() as usize) as u32;
        if exception == 0 {
            trap!(Trap::NullExceptionReference, ip, sp, vm)
        }
        (*(*vm).store).exception = exception;
        goto!(raise, ip, sp, mem, vm, r)
    }
}
