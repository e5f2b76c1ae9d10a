//! Where a guest looks whether it is to be interrupted: on entry to functions that call others, and at the start of each
//! round of loops. So it runs straight through a body between two looks, or a little more: looks are left out where
//! others are as good. Those are: on entry to a function that calls nothing; in a loop that calls its own function in each
//! round, which looks then; in a loop that goes round a known number of times (`rounds`) and is done soon.
//!
//! A look is a test of one byte (`Looks` says how). Asking how to go on leaves all registers as they are, so a loop
//! that is not stopped keeps its values where they were.

use super::control::FrameKind;
use super::env::{Looks, Region};
use super::interrupt::interrupt_signature;
use super::{Lowering, is_short, rounds};
use crate::compile::FuncKey;
use crate::lower::call::Callee;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{
    Block, DebugTag, Function, Inst, InstBuilder, InstructionData, Opcode, StackSlot, StackSlotData,
    StackSlotKind,
};
use dayfly_parser::Op;
use dayfly_runtime::store::watch::Watch;
use dayfly_runtime::vm::VmStore;
use std::mem::offset_of;

/// Operators between two looks, about: what takes well below a millisecond.
const OPERATORS: u64 = 1 << 20;

/// The looks of a function.
#[derive(Default)]
pub struct LooksMade {
    /// What is tested where a look is to be put. It takes no space, for nothing is read there in the end.
    slot: Option<StackSlot>,
    on_entry: Option<Look>,
    loops: Vec<Loop>,
    /// The innermost open loop, if it has no other in it yet.
    innermost: Option<usize>,
    /// Whether other functions are called.
    calls: bool,
}

/// A branch to where it is asked how to go on, the load that it tests, and what marks that.
struct Look {
    branch: Inst,
    load: Inst,
    mark: Option<Inst>,
}

/// A loop, and what is known of a round of it.
struct Loop {
    start: Block,
    look: Look,
    operators: u64,
    /// Whether it consists of operators that take a short time, and of no other loop.
    quick: bool,
    /// Whether a branch has gone back.
    repeated: bool,
    /// Whether its own function is called in each round.
    calls_itself: bool,
}

impl LooksMade {
    /// Notes a branch to the start of a loop.
    pub fn goes_back(&mut self, number: Option<usize>) {
        if let Some(number) = number {
            self.loops[number].repeated = true;
        }
    }

    /// Notes the end of a loop.
    pub fn loop_ends(&mut self, number: Option<usize>) {
        if self.innermost == number {
            self.innermost = None;
        }
    }
}

impl Lowering<'_, '_> {
    /// Looks on entry. `finish_looks` takes that back if the function calls nothing.
    pub fn look_on_entry(&mut self) {
        if self.env.shape.config().epoch_interruption {
            self.looks.on_entry = Some(self.look());
        }
    }

    /// Looks at the start of a loop, if that is asked for; which of those that do it is.
    pub fn look_in_loop(&mut self, start: Block) -> Option<usize> {
        if !self.env.shape.config().epoch_interruption {
            return None;
        }
        if let Some(outer) = self.looks.innermost {
            self.looks.loops[outer].quick = false;
        }
        let look = self.look();
        let number = self.looks.loops.len();
        self.looks.innermost = Some(number);
        self.looks.loops.push(Loop {
            start,
            look,
            operators: 0,
            quick: true,
            repeated: false,
            calls_itself: false,
        });
        Some(number)
    }

    /// Takes note of an operator.
    pub fn look_at_operator(&mut self, op: &Op) {
        if let Some(number) = self.looks.innermost {
            let inner = &mut self.looks.loops[number];
            inner.operators += 1;
            inner.quick &= is_short(op) || matches!(op, Op::Loop(_));
        }
    }

    /// Takes note of a call, whether it returns here or not.
    pub fn look_at_call(&mut self, callee: Callee) {
        self.looks.calls = true;
        let own = self.funcs.get(&FuncKey::Body(self.func.0)).copied();
        if let Callee::Direct(func) = callee
            && own == Some(func)
            // In the loop itself and before any branch back, it is in each round.
            && let Some(FrameKind::Loop(_, Some(number))) = self.frames.last().map(|frame| &frame.kind)
        {
            let inner = &mut self.looks.loops[*number];
            inner.calls_itself |= !inner.repeated;
        }
    }

    /// Looks, and asks if it is to be asked.
    fn look(&mut self) -> Look {
        let mut mark = None;
        let reached = match self.env.looks {
            Looks::Segment => {
                let point = self.b.ins().sequence_point();
                self.b.func.debug_tags.set(point, [DebugTag::User(0)]);
                mark = Some(point);
                let slot = *self.looks.slot.get_or_insert_with(|| {
                    let data = StackSlotData::new(StackSlotKind::ExplicitSlot, 0, 0);
                    self.b.create_sized_stack_slot(data)
                });
                let flags = self.flags(Region::Slots);
                let place = self.b.ins().stack_addr(I64, slot, 0);
                self.b.ins().load(I64, flags, place, 0)
            }
            Looks::Address => {
                let (store, fixed, flags) = (self.vm_store(), self.fixed(), self.flags(Region::Store));
                let watch = self.b.ins().load(I64, fixed, store, offset_of!(VmStore, watch) as i32);
                // It is read each time, because the call below may change all that is not fixed.
                self.b.ins().load(I64, flags, watch, offset_of!(Watch, reached) as i32)
            }
        };
        let (stop, go) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(stop);
        let branch = self.b.ins().brif(reached, stop, &[], go, &[]);
        self.b.seal_block(stop);
        self.b.switch_to_block(stop);
        self.write_fuel();
        let signature = |lowering: &mut Self| lowering.b.import_signature(interrupt_signature());
        let interrupt = self.piece_of(FuncKey::Interrupt, signature);
        self.b.ins().call(interrupt, &[self.vm]);
        self.read_fuel();
        self.b.ins().jump(go, &[]);
        self.b.seal_block(go);
        self.b.switch_to_block(go);
        let load = self.b.func.dfg.value_def(reached).unwrap_inst();
        Look { branch, load, mark }
    }

    /// The end of the body: takes the looks out that others make up for.
    pub fn finish_looks(&mut self) {
        let LooksMade { on_entry, loops, calls, .. } = std::mem::take(&mut self.looks);
        if let Some(look) = on_entry.filter(|_| !calls) {
            remove(self.b.func, look);
        }
        let mut branches = None;
        for Loop { start, look, operators, quick, calls_itself, .. } in loops {
            let is_short = quick && {
                let branches = branches.get_or_insert_with(|| rounds::Branches::of(self.b.func));
                rounds::of(self.b.func, start, branches)
                    .is_some_and(|rounds| rounds <= OPERATORS / operators.max(1))
            };
            if calls_itself || is_short {
                remove(self.b.func, look);
            }
        }
    }
}

/// Takes a look out of a function.
fn remove(func: &mut Function, Look { branch, load, mark }: Look) {
    if let InstructionData::Brif { blocks: [_, go], .. } = func.dfg.insts[branch] {
        func.dfg.insts[branch] = InstructionData::Jump { opcode: Opcode::Jump, destination: go };
    }
    for inst in mark.into_iter().chain([load]) {
        func.layout.remove_inst(inst);
    }
}
