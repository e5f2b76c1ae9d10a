//! Fuel and epochs: what stops a guest. Fuel is counted exactly as the interpreter
//! does it: a segment is what follows a label up to the next, and is paid for at its start.
//!
//! What is left, and the deadline, are kept in registers between calls. Fuel is written
//! back for each segment, because any operator may trap and the host then reads it; but
//! nothing waits for that to be done.

use super::Lowering;
use super::env::Region;
use crate::builtins::Builtin;
use crate::trap_code::trap_code;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode};
use cranelift_frontend::Variable;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::VmStore;
use std::mem::offset_of;

/// What a function keeps in registers, if it is asked for.
#[derive(Clone, Copy, Default)]
pub struct Meters {
    fuel: Option<Variable>,
    deadline: Option<Variable>,
}

impl Lowering<'_, '_> {
    /// Starts to keep what is asked for.
    pub fn start_meters(&mut self) {
        let config = self.env.shape.config();
        self.meters.fuel = config.fuel.then(|| self.b.declare_var(I64));
        self.meters.deadline = config.epoch_interruption.then(|| self.b.declare_var(I64));
        self.reload_meters();
    }

    /// Reads what a function that was called may have changed.
    pub fn reload_meters(&mut self) {
        let Meters { fuel, deadline } = self.meters;
        let kept = [(fuel, offset_of!(VmStore, fuel)), (deadline, offset_of!(VmStore, epoch_deadline))];
        for (variable, offset) in kept {
            let Some(variable) = variable else { continue };
            let store = self.vm_store();
            let flags = self.flags(Region::Store);
            let value = self.b.ins().load(I64, flags, store, offset as i32);
            self.b.def_var(variable, value);
        }
    }

    /// Counts an operator towards its segment.
    pub fn count_fuel(&mut self) {
        if let Some((_, cost)) = &mut self.segment {
            *cost += 1;
        }
    }

    /// Starts a segment of straight-line code.
    pub fn begin_segment(&mut self) {
        self.end_segment();
        let Some(meter) = self.meters.fuel else { return };
        let store = self.vm_store();
        let flags = self.flags(Region::Store);
        let fuel = self.b.use_var(meter);
        let cost = self.b.ins().iconst(I64, 0);
        let made = self.b.func.dfg.value_def(cost).unwrap_inst();
        let left = self.b.ins().isub(fuel, cost);
        self.b.ins().store(flags, left, store, offset_of!(VmStore, fuel) as i32);
        self.b.def_var(meter, left);
        let out = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, left, 0);
        let (stop, go) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(stop);
        self.b.ins().brif(out, stop, &[], go, &[]);
        self.b.seal_block(stop);
        self.b.switch_to_block(stop);
        self.runtime(Builtin::OutOfFuel, &[]);
        // The builtin does not return.
        self.b.ins().trap(trap_code(Trap::OutOfFuel));
        self.b.seal_block(go);
        self.b.switch_to_block(go);
        self.segment = Some((made, 0));
    }

    /// Fills in what the running segment costs.
    pub fn end_segment(&mut self) {
        if let Some((inst, cost)) = self.segment.take() {
            self.b.func.dfg.insts[inst] =
                InstructionData::UnaryImm { opcode: Opcode::Iconst, imm: cost.into() };
        }
    }

    /// Looks whether the epoch deadline has come.
    pub fn poll_epoch(&mut self) {
        let Some(meter) = self.meters.deadline else { return };
        let store = self.vm_store();
        let (fixed, flags) = (self.fixed(), self.flags(Region::Store));
        let epoch = self.b.ins().load(I64, fixed, store, offset_of!(VmStore, epoch) as i32);
        let now = self.b.ins().load(I64, flags, epoch, 0);
        let deadline = self.b.use_var(meter);
        let reached = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, now, deadline);
        let (stop, go) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(stop);
        self.b.ins().brif(reached, stop, &[], go, &[]);
        self.b.seal_block(stop);
        self.b.switch_to_block(stop);
        self.runtime(Builtin::EpochReached, &[]);
        self.b.ins().jump(go, &[]);
        self.b.seal_block(go);
        self.b.switch_to_block(go);
    }
}
