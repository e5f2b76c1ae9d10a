//! Fuel and epochs: what stops a guest. Fuel is counted exactly as the interpreter
//! does it: a segment is what follows a label up to the next, and is paid for at its start.

use super::Lowering;
use super::env::Region;
use crate::builtins::Builtin;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode};
use dayfly_runtime::vm::VmStore;
use std::mem::offset_of;

impl Lowering<'_, '_> {
    /// Counts an operator towards its segment.
    pub fn count_fuel(&mut self) {
        if let Some((_, cost)) = &mut self.segment {
            *cost += 1;
        }
    }

    /// Starts a segment of straight-line code.
    pub fn begin_segment(&mut self) {
        self.end_segment();
        if !self.env.shape.config().fuel {
            return;
        }
        let store = self.vm_store();
        let flags = self.flags(Region::Store);
        let at = offset_of!(VmStore, fuel) as i32;
        let fuel = self.b.ins().load(I64, flags, store, at);
        let cost = self.b.ins().iconst(I64, 0);
        let made = self.b.func.dfg.value_def(cost).unwrap_inst();
        let left = self.b.ins().isub(fuel, cost);
        self.b.ins().store(flags, left, store, at);
        let out = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, left, 0);
        let (stop, go) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(stop);
        self.b.ins().brif(out, stop, &[], go, &[]);
        self.b.seal_block(stop);
        self.b.switch_to_block(stop);
        self.runtime(Builtin::OutOfFuel, &[]);
        self.b.ins().jump(go, &[]);
        self.b.seal_block(go);
        // The builtin does not return, but the jump has to go somewhere.
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
        if !self.env.shape.config().epoch_interruption {
            return;
        }
        let store = self.vm_store();
        let (fixed, flags) = (self.fixed(), self.flags(Region::Store));
        let epoch = self.b.ins().load(I64, fixed, store, offset_of!(VmStore, epoch) as i32);
        let now = self.b.ins().load(I64, flags, epoch, 0);
        let deadline = self.b.ins().load(I64, flags, store, offset_of!(VmStore, epoch_deadline) as i32);
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
