//! Fuel, counted exactly as the interpreter does it: a segment is what follows a label up to the next, and
//! is paid for at its start. What is burnt is a value that functions get and give back with their arguments and
//! results; the store's own is written where somebody could look: before what may trap or leave compiled code.
//!
//! Epochs are `looks`.

use super::Lowering;
use super::env::Region;
use super::short::{computes, numbers_may_trap};
use crate::trap_code::trap_code;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{
    AbiParam, ArgumentPurpose, Inst, InstBuilder, InstructionData, Opcode, Signature, Value,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::Variable;
use dayfly_parser::Op;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Vm, VmStore};
use std::mem::offset_of;

/// What a function keeps in registers, if it is asked for.
#[derive(Default)]
pub struct Meters {
    /// `Fuel`, as the store has it.
    fuel: Option<Variable>,
    /// Whether the store's own is not up to date.
    pub is_ahead: bool,
    /// The instruction that gives the cost of the running segment, and that cost.
    segment: Option<(Inst, i64)>,
}

/// How `FuncKey::Interrupt` is called.
pub fn interrupt_signature() -> Signature {
    let mut signature = Signature::new(CallConv::PreserveAll);
    signature.params.push(AbiParam::special(I64, ArgumentPurpose::VMContext));
    signature
}

impl Lowering<'_, '_> {
    /// Starts to keep what is asked for; `fuel` is the function's parameter, if there is one.
    pub fn start_meters(&mut self, fuel: Option<Value>) {
        self.meters.fuel = fuel.map(|fuel| {
            let variable = self.b.declare_var(I64);
            self.b.def_var(variable, fuel);
            variable
        });
    }

    /// Counts an operator, or what costs as much as so many, towards the running segment.
    pub fn add_fuel(&mut self, operators: u32) {
        if let Some((_, cost)) = &mut self.meters.segment {
            *cost += i64::from(operators);
        }
    }

    /// Starts a segment of straight-line code.
    pub fn begin_segment(&mut self) {
        self.end_segment();
        let Some(meter) = self.meters.fuel else { return };
        let burnt = self.b.use_var(meter);
        let cost = self.b.ins().iconst(I64, 0);
        let made = self.b.func.dfg.value_def(cost).unwrap_inst();
        let burnt = self.b.ins().uadd_overflow_trap(burnt, cost, trap_code(Trap::OutOfFuel));
        self.b.def_var(meter, burnt);
        self.meters.is_ahead = true;
        self.meters.segment = Some((made, 0));
    }

    /// Fills in what the running segment costs.
    pub fn end_segment(&mut self) {
        if let Some((inst, cost)) = self.meters.segment.take() {
            self.b.func.dfg.insts[inst] =
                InstructionData::UnaryImm { opcode: Opcode::Iconst, imm: cost.into() };
        }
    }

    /// Sees to it that the store's fuel is right if an operator may end the function or ask for it.
    pub fn settle_before(&mut self, op: &Op) {
        if self.meters.is_ahead && may_leave(op) {
            self.write_fuel();
            self.meters.is_ahead = false;
        }
    }

    pub fn write_fuel(&mut self) {
        let Some(meter) = self.meters.fuel else { return };
        let (store, flags) = (self.vm_store(), self.flags(Region::Store));
        let burnt = self.b.use_var(meter);
        self.b.ins().store(flags, burnt, store, offset_of!(VmStore, fuel) as i32);
    }

    pub fn read_fuel(&mut self) {
        if let Some(meter) = self.meters.fuel {
            let burnt = self.load_store(offset_of!(VmStore, fuel));
            self.b.def_var(meter, burnt);
        }
    }

    /// Reads from the store, whose address is not kept for that.
    fn load_store(&mut self, offset: usize) -> Value {
        let (here, flags) = (self.flags(Region::Fixed).with_readonly(), self.flags(Region::Store));
        let store = self.b.ins().load(I64, here, self.vm, offset_of!(Vm, store) as i32);
        self.b.ins().load(I64, flags, store, offset as i32)
    }

    /// The fuel as an argument or a result, before the others.
    pub fn fuel_value(&mut self) -> Option<Value> {
        let meter = self.meters.fuel?;
        Some(self.b.use_var(meter))
    }

    /// Goes on after a call of compiled code that gave back the fuel.
    pub fn meters_after_call(&mut self, fuel: Option<Value>) {
        if let (Some(meter), Some(fuel)) = (self.meters.fuel, fuel) {
            self.b.def_var(meter, fuel);
            self.meters.is_ahead = true;
        }
    }

    /// Goes on where others have run since, and the store's fuel is right: after a builtin, in a handler.
    pub fn meters_from_store(&mut self) {
        self.read_fuel();
        self.meters.is_ahead = false;
    }
}

/// Whether an operator may trap or let others run.
fn may_leave(op: &Op) -> bool {
    match op {
        Op::Loop(_)
        | Op::BrOnNull(_)
        | Op::BrOnNonNull(_)
        | Op::TryTable(_)
        | Op::Try(_)
        | Op::Catch { .. }
        | Op::Delegate { .. } => false,
        _ => !computes(op) || numbers_may_trap(op),
    }
}
