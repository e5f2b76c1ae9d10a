//! Traps that the processor finds: instructions in compiled code that fault on purpose. The handler notes
//! where the guest was and lets the thread go on in the entry by which it came in. It finds all that by the frames
//! of compiled code, so nothing is kept for it meanwhile.

use crate::activation::{JitActivation, TrapRecord};
use crate::registry;
use crate::unwind::Landing;
use dayfly_runtime::sys::signals::{self, FaultContext};

/// Sees to it that traps of compiled code are recognised. False where the system does not allow it.
pub fn install() -> bool {
    signals::set_code_handler(on_fault)
}

/// A fault at an instruction that is in no trap table is a bug of ours, and nobody's to handle.
fn on_fault(fault: &mut FaultContext) -> bool {
    let pc = fault.pc();
    let Some(trap) = registry::with(pc, |code| code.trap_at(pc)).flatten() else { return false };
    // SAFETY: compiled code runs on this thread, and its frames are linked up to the entry by which it came in. The
    // activation of that is the innermost of its store.
    unsafe {
        let Some(landing) = Landing::above(fault.fp(), &mut |_| {}) else { return false };
        if landing.store.is_null() {
            return false;
        }
        let act = (*landing.store).activation.cast_mut().cast::<JitActivation>();
        let record = &raw mut (*act).trap;
        TrapRecord::begin(record, trap);
        (*record).push(pc);
        Landing::above(fault.fp(), &mut |pc| (*record).push(pc));
        fault.set_sp(landing.sp);
        fault.set_fp(landing.fp);
        fault.set_pc(landing.pc);
    }
    true
}
