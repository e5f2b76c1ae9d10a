//! Fuel and epochs: what stops a guest.
//!
//! Fuel is counted exactly as the interpreter does it: a segment is what follows a label up to the next, and
//! is paid for at its start. What is burnt is a value that functions get and give back with their arguments and
//! results; the store's own is written where somebody could look: before what may trap or leave compiled code.
//!
//! The deadline is looked at in loops, on entry to functions that call others, and when the host enters: in
//! between a guest runs straight through a body or less. Loops that count (`induction`) look once in many rounds;
//! others keep the deadline in a register. Asking how to go on leaves all registers as they are, so a loop that is
//! not stopped keeps its values where they were.

use super::Lowering;
use super::control::{Frame, FrameKind};
use super::env::Region;
use super::induction::Induction;
use crate::compile::FuncKey;
use crate::trap_code::trap_code;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{
    AbiParam, ArgumentPurpose, Inst, InstBuilder, InstructionData, Opcode, Signature, Value,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::Variable;
use dayfly_parser::{Label, Op};
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
    deadline: Option<Variable>,
    /// What the loops to come count with, the next one first.
    loops: std::vec::IntoIter<Option<Induction>>,
    /// The comparison on entry.
    on_entry: Option<Poll>,
    /// Whether other functions are called.
    calls: bool,
}

/// A comparison of the deadline with the epoch.
struct Poll {
    branch: Inst,
    /// The loads and the comparison.
    test: [Value; 3],
}

/// How `FuncKey::Interrupt` is called.
pub fn interrupt_signature() -> Signature {
    let mut signature = Signature::new(CallConv::PreserveAll);
    signature.params.push(AbiParam::special(I64, ArgumentPurpose::VMContext));
    signature
}

impl Lowering<'_, '_> {
    /// Starts to keep what is asked for; `fuel` is the function's parameter, if there is one, `loops` what its
    /// loops count with.
    pub fn start_meters(&mut self, fuel: Option<Value>, loops: Vec<Option<Induction>>) {
        self.meters.loops = loops.into_iter();
        self.meters.fuel = fuel.map(|fuel| {
            let variable = self.b.declare_var(I64);
            self.b.def_var(variable, fuel);
            variable
        });
        if self.env.shape.config().epoch_interruption {
            self.meters.deadline = Some(self.b.declare_var(I64));
        }
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

    fn write_fuel(&mut self) {
        let Some(meter) = self.meters.fuel else { return };
        let (store, flags) = (self.vm_store(), self.flags(Region::Store));
        let burnt = self.b.use_var(meter);
        self.b.ins().store(flags, burnt, store, offset_of!(VmStore, fuel) as i32);
    }

    fn read_fuel(&mut self) {
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

    /// Notes that another function is called, whether it returns here or not.
    pub fn meters_before_call(&mut self) {
        self.meters.calls = true;
    }

    /// Goes on after a call of compiled code that gave back the fuel.
    pub fn meters_after_call(&mut self, fuel: Option<Value>) {
        if let (Some(meter), Some(fuel)) = (self.meters.fuel, fuel) {
            self.b.def_var(meter, fuel);
            self.meters.is_ahead = true;
        }
        self.meet_new_deadline();
    }

    /// Goes on where others have run since, and the store's fuel is right: after a builtin, in a handler.
    pub fn meters_from_store(&mut self) {
        self.read_fuel();
        self.meters.is_ahead = false;
        self.meet_new_deadline();
    }

    /// Whoever was called may have set another deadline. Only loops keep it.
    fn meet_new_deadline(&mut self) {
        let keeps = |frame: &Frame| matches!(frame.kind, FrameKind::Loop(_, None));
        if self.frames.iter().any(keeps) {
            self.read_deadline();
        }
    }

    fn read_deadline(&mut self) {
        if let Some(meter) = self.meters.deadline {
            let deadline = self.load_store(offset_of!(VmStore, epoch_deadline));
            self.b.def_var(meter, deadline);
        }
    }

    /// What the loop counts with that is about to start; the deadline is kept from here on if there is nothing.
    pub fn loop_induction(&mut self) -> Option<Induction> {
        let induction = self.meters.loops.next().flatten();
        if induction.is_none() {
            self.read_deadline();
        }
        induction
    }

    /// Looks at the start of a round of a loop whether the deadline has come.
    pub fn poll_in_loop(&mut self, induction: Option<Induction>) {
        match (induction, self.meters.deadline) {
            (Some(induction), _) if induction.at_start => self.poll_in_some_round(induction),
            (None, Some(meter)) => {
                let deadline = self.b.use_var(meter);
                self.poll(deadline);
            }
            _ => {}
        }
    }

    /// Looks before a loop goes back to its start, if one of these labels is one. Only the innermost loop may count.
    pub fn poll_before_branch(&mut self, labels: &[Label]) {
        let counts = |label: &Label| match self.frames[label.frame as usize].kind {
            FrameKind::Loop(_, induction) => induction.filter(|induction| !induction.at_start),
            _ => None,
        };
        if let Some(induction) = labels.iter().find_map(counts) {
            self.poll_in_some_round(induction);
        }
    }

    fn poll_in_some_round(&mut self, induction: Induction) {
        let count = self.b.use_var(self.locals[induction.local.index()].0);
        let ty = self.b.func.dfg.value_type(count);
        let mask = self.b.ins().iconst(ty, i64::from(induction.mask));
        let bits = self.b.ins().band(count, mask);
        let (ask, go) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(ask);
        self.b.ins().brif(bits, go, &[], ask, &[]);
        self.b.seal_block(ask);
        self.b.switch_to_block(ask);
        self.ask_to_go_on();
        self.b.ins().jump(go, &[]);
        self.b.seal_block(go);
        self.b.switch_to_block(go);
    }

    /// Looks on entry whether the deadline has come. `finish_meters` takes that back if the function calls nothing.
    pub fn poll_on_entry(&mut self) {
        if self.meters.deadline.is_some() {
            let (store, flags) = (self.vm_store(), self.flags(Region::Store));
            let deadline = self.b.ins().load(I64, flags, store, offset_of!(VmStore, epoch_deadline) as i32);
            self.meters.on_entry = Some(self.poll(deadline));
        }
    }

    /// Compares a deadline with the epoch; if it has come, asks, and keeps the next one.
    fn poll(&mut self, deadline: Value) -> Poll {
        let store = self.vm_store();
        let (fixed, flags) = (self.fixed(), self.flags(Region::Store));
        let epoch = self.b.ins().load(I64, fixed, store, offset_of!(VmStore, epoch) as i32);
        // It is read each time, because the call below may change all that is not fixed.
        let now = self.b.ins().load(I64, flags, epoch, 0);
        let reached = self.b.ins().icmp(IntCC::UnsignedLessThanOrEqual, deadline, now);
        let (stop, go) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(stop);
        let branch = self.b.ins().brif(reached, stop, &[], go, &[]);
        self.b.seal_block(stop);
        self.b.switch_to_block(stop);
        self.ask_to_go_on();
        self.b.ins().jump(go, &[]);
        self.b.seal_block(go);
        self.b.switch_to_block(go);
        Poll { branch, test: [deadline, now, reached] }
    }

    /// Asks the store how to go on if the deadline has come.
    fn ask_to_go_on(&mut self) {
        self.write_fuel();
        let signature = |lowering: &mut Self| lowering.b.import_signature(interrupt_signature());
        let interrupt = self.piece_of(FuncKey::Interrupt, signature);
        self.b.ins().call(interrupt, &[self.vm]);
        self.read_fuel();
        self.meet_new_deadline();
    }

    /// The end of the body: a function that calls nothing need not look at the deadline on entry.
    pub fn finish_meters(&mut self) {
        self.end_segment();
        let Some(Poll { branch, test }) = self.meters.on_entry.take() else { return };
        if self.meters.calls {
            return;
        }
        if let InstructionData::Brif { blocks: [_, go], .. } = self.b.func.dfg.insts[branch] {
            self.b.func.dfg.insts[branch] = InstructionData::Jump { opcode: Opcode::Jump, destination: go };
        }
        for value in test {
            let inst = self.b.func.dfg.value_def(value).unwrap_inst();
            self.b.func.layout.remove_inst(inst);
        }
    }
}

/// Whether an operator may trap or let others run.
fn may_leave(op: &Op) -> bool {
    match op {
        Op::Block(_)
        | Op::Loop(_)
        | Op::If(_)
        | Op::Else { .. }
        | Op::End { .. }
        | Op::Br(_)
        | Op::BrIf(_)
        | Op::BrTable
        | Op::BrOnNull(_)
        | Op::BrOnNonNull(_)
        | Op::Return
        | Op::TryTable(_)
        | Op::Try(_)
        | Op::Catch { .. }
        | Op::Delegate { .. }
        | Op::Drop(_)
        | Op::Select(_)
        | Op::LocalGet(_)
        | Op::LocalSet(_)
        | Op::LocalTee(_)
        | Op::GlobalGet(_)
        | Op::GlobalSet(_)
        | Op::I32Const(_)
        | Op::I64Const(_)
        | Op::F32Const(_)
        | Op::F64Const(_)
        | Op::V128Const(_)
        | Op::Compare(_)
        | Op::Ternary(_)
        | Op::ExtractLane(..)
        | Op::ReplaceLane(..)
        | Op::I8x16Shuffle(_)
        | Op::Wide(_) => false,
        // Of the numeric operators, division of integers and conversions to them that do not saturate.
        Op::Unary(op) => matches!(op.opcode(), 0xa8..=0xab | 0xae..=0xb1),
        Op::Binary(op) => matches!(op.opcode(), 0x6d..=0x70 | 0x7f..=0x82),
        _ => true,
    }
}
