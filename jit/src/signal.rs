//! Traps that the processor finds: instructions in compiled code that fault on purpose. The handler notes
//! where the guest was and lets the thread go on in the trampoline by which it was entered.

use crate::activation::{self, JitActivation};
use crate::registry;
use dayfly_runtime::sys::signals::{self, FaultContext};

/// Sees to it that traps of compiled code are recognised. False where the system does not allow it.
pub fn install() -> bool {
    signals::set_code_handler(on_fault)
}

/// A fault at an instruction that is in no trap table is a bug of ours, and nobody's to handle.
fn on_fault(fault: &mut FaultContext) -> bool {
    let pc = fault.pc();
    let Some(trap) = registry::with(pc, |code| code.trap_at(pc)).flatten() else { return false };
    let act: *mut JitActivation = activation::current();
    if act.is_null() {
        return false;
    }
    // SAFETY: compiled code runs on this thread, so its innermost activation is the one that it was
    // entered by, and the trampoline has written where it goes on. Frames are linked up to it.
    unsafe {
        (*act).trap.trap = Some(trap);
        (*act).trap.push(pc);
        let mut fp = fault.fp();
        loop {
            let caller_fp = (fp as *const usize).read();
            // Frames of callers are further up; anything else is the end, whatever it means.
            if caller_fp <= fp || caller_fp >= (*act).entry_fp {
                break;
            }
            (*act).trap.push((fp as *const usize).add(1).read());
            fp = caller_fp;
        }
        fault.set_sp((*act).resume_sp);
        fault.set_fp((*act).entry_fp);
        fault.set_pc((*act).resume_pc);
    }
    true
}
