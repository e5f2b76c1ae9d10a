//! Lowering of control flow. A branch carries its values to the slots where its
//! target expects them; forward branches are patched when their target is reached.

use super::Lowering;
use super::emit::{Patch, fields, fields_imm};
use super::fuse::{Test, second_part};
use super::operands::no_imm;
use super::stack::{Bank, Kind, Place, Registers};
use crate::counts::COUNT;
use crate::exec::control::{br, br_if, br_if_null, br_table, count, epoch, fuel};
use crate::exec::dispatch::Handler;
use crate::exec::gc::br_on_cast;
use crate::exec::operand::{A, S};
use crate::exec::raise::Action;
use crate::exec::select as handlers;
use crate::exec::select::Class;
use dayfly_parser::{BlockType, Cursor, Label, ValType};
use dayfly_runtime::builtins::fuel_of_locals;
use std::collections::HashMap;

/// A control frame.
#[derive(Debug)]
pub struct Frame {
    /// What opened it.
    pub kind: FrameKind,
    ty: BlockType,
    /// Operands under its parameters.
    pub height: usize,
    /// What goes to its end.
    pub exits: Vec<Exit>,
    /// Of a loop: the branch out of it with which it starts.
    guard: Option<Guard>,
    /// Of a loop: whether pins are in use that were not before it.
    pinned: bool,
}

/// The conditional branch with which a loop starts, to be repeated where the loop
/// goes back: that saves the jump to it in every round.
#[derive(Clone, Copy, Debug)]
struct Guard {
    condition: Condition,
    /// What it has to be for the loop to be left.
    when: bool,
    /// Where the loop is left to.
    label: Label,
    /// What follows.
    body: u32,
}

/// Something that goes to the end of a frame.
#[derive(Clone, Copy, Debug)]
pub enum Exit {
    /// A branch.
    Branch(Patch),
    /// A clause, by number, of a range of `Lowering::tries`.
    Clause(u32, u32),
}

/// What opened a control frame.
#[derive(Clone, Copy, Debug)]
pub enum FrameKind {
    Func,
    Block,
    /// A loop, and where it starts.
    Loop(u32),
    /// An `if` whose condition, when false, branches to its `else` or end.
    If(Patch),
    /// The second arm.
    Else,
    /// A `try_table`, and its range.
    TryTable(u32),
    /// A legacy `try` with its range, the slot of a caught exception, and whether
    /// its body has ended.
    Try {
        range: u32,
        hidden: u32,
        caught: bool,
    },
}

/// A condition that was popped.
#[derive(Clone, Copy, Debug)]
pub enum Condition {
    /// An i32.
    Value(Place),
    /// A test that was the last instruction.
    Test(Test),
    /// Whether the reference in a slot is of a type.
    Cast { slot: u16, ty: u64 },
}

impl Frame {
    /// Whether branches to the start of the loop carry no values.
    fn carries_nothing(&self) -> bool {
        !matches!(self.ty, BlockType::Func(_))
    }
}

impl Lowering<'_> {
    /// Opens the function's own frame.
    pub fn enter_function(&mut self, locals: &[(u32, ValType)]) {
        self.frames.push(Frame {
            kind: FrameKind::Func,
            ty: BlockType::Empty,
            height: 0,
            exits: Vec::new(),
            guard: None,
            pinned: false,
        });
        self.begin_segment();
        if let Some((_, cost)) = &mut self.segment {
            *cost += fuel_of_locals(locals);
        }
        self.enter_piece();
    }

    /// `block`
    pub fn block(&mut self, ty: BlockType) {
        self.settle_all();
        self.open(FrameKind::Block, ty);
        self.region += 1;
    }

    /// `loop`
    pub fn loop_(&mut self, ty: BlockType, cursor: &Cursor<'_>) {
        self.settle_all();
        let pinned = self.enter_pins(cursor);
        self.label();
        let start = self.out.here();
        self.open(FrameKind::Loop(start), ty);
        self.frame().pinned = pinned;
        self.begin_segment();
        self.enter_piece();
    }

    /// `if`
    pub fn if_(&mut self, ty: BlockType) {
        let condition = self.condition();
        self.settle_all();
        let at = self.branch_on(condition, false);
        let patch = self.out.patch(at);
        self.open(FrameKind::If(patch), ty);
        self.begin_segment();
    }

    /// Opens a frame whose parameters are on the stack.
    pub fn open(&mut self, kind: FrameKind, ty: BlockType) {
        let height = self.stack.len() - self.params(&ty).len();
        self.frames.push(Frame { kind, ty, height, exits: Vec::new(), guard: None, pinned: false });
    }

    /// `else`
    pub fn else_(&mut self, live: bool) {
        if live {
            self.settle_all();
            let at = self.jump();
            let patch = self.out.patch(at);
            self.frame().exits.push(Exit::Branch(patch));
        }
        let here = self.out.here();
        if let FrameKind::If(patch) = self.frame().kind {
            self.out.bind(patch, here);
        }
        self.frame().kind = FrameKind::Else;
        let (ty, height) = (self.frame().ty, self.frame().height);
        self.label();
        self.begin_segment();
        let params: Vec<ValType> = self.params(&ty).to_vec();
        self.reset(height, &params);
    }

    /// `end`
    pub fn end(&mut self, live: bool) {
        if self.frames.len() == 1 {
            if live {
                self.return_();
            }
            return;
        }
        if live {
            self.settle_all();
        }
        let Some(Frame { kind, ty, height, exits, pinned, .. }) = self.frames.pop() else { return };
        if pinned {
            self.leave_pins();
        }
        let here = self.out.here();
        let mut joins = !exits.is_empty();
        for exit in exits {
            match exit {
                Exit::Branch(patch) => self.out.bind(patch, here),
                Exit::Clause(range, clause) => {
                    let clause = &mut self.tries[range as usize].clauses[clause as usize];
                    if let Action::Enter { target, .. } = &mut clause.action {
                        *target = here;
                    }
                }
            }
        }
        if let FrameKind::TryTable(range) | FrameKind::Try { range, caught: false, .. } = kind {
            self.tries[range as usize].end = here;
        }
        if let FrameKind::Try { .. } = kind {
            self.legacy_open -= 1;
        }
        if let FrameKind::If(patch) = kind {
            self.out.bind(patch, here);
            joins = true;
        }
        if joins {
            self.label();
            self.begin_segment();
        }
        if joins || !live {
            let results: Vec<ValType> = self.results(&ty).to_vec();
            self.reset(height, &results);
        }
    }

    /// `br`
    pub fn br(&mut self, label: Label) {
        if label.frame == 0 {
            return self.return_();
        }
        if let Some(Guard { condition, when, label, body }) = self.frames[label.frame as usize].guard {
            let at = self.branch_on(self.through_acc(condition), !when);
            let patch = self.out.patch(at);
            self.out.bind(patch, body);
            return self.jump_to(label);
        }
        self.carry(label);
        self.jump_to(label);
    }

    /// `br_if`
    pub fn br_if(&mut self, label: Label) {
        let condition = self.condition();
        self.conditional(condition, true, label);
    }

    /// `br_on_null`: the reference is not carried, and stays when it is not null.
    pub fn br_on_null(&mut self, label: Label) {
        let entry = self.pop();
        let reference = self.place(entry, no_imm, Registers::None);
        self.conditional(Condition::Test(Test::IsNull(reference)), true, label);
        self.push(entry.ty, entry.kind.after_reading());
    }

    /// `br_on_non_null`: the reference is carried, and dropped when it is null.
    pub fn br_on_non_null(&mut self, label: Label) {
        self.settle_top(1);
        let entry = self.pop();
        let reference = self.place(entry, no_imm, Registers::None);
        self.push(entry.ty, Kind::Temp { made: None });
        self.conditional(Condition::Test(Test::IsNull(reference)), false, label);
        self.pop();
    }

    /// Branches if the condition is `when`, and goes on otherwise with the same operands.
    pub fn conditional(&mut self, condition: Condition, when: bool, label: Label) {
        self.settle_top(label.arity as usize);
        if label.frame != 0 && self.in_place(label) {
            let start = self.out.here();
            let at = self.branch_on(condition, when);
            self.send(at, label);
            let body = self.out.here();
            let frame = self.frame();
            // The loop carries nothing, so its operands are where they were at its start.
            if matches!(frame.kind, FrameKind::Loop(at) if at == start)
                && label.arity == 0
                && frame.carries_nothing()
            {
                frame.guard = Some(Guard { condition, when, label, body });
            }
        } else {
            let at = self.branch_on(condition, !when);
            let over = self.out.patch(at);
            if label.frame == 0 {
                self.emit_return();
            } else {
                self.carry(label);
                self.jump_to(label);
            }
            let here = self.out.here();
            self.out.bind(over, here);
        }
        self.region += 1;
        self.forget_last();
    }

    /// `br_table`. Targets that need their values moved get a stub behind the table.
    pub fn br_table(&mut self, targets: &[Label]) {
        let index = self.operand(no_imm, Registers::Acc);
        let arity = targets.last().map_or(0, |label| label.arity as usize);
        self.settle_top(arity);
        let handler: Handler = if index.class() == Class::A { br_table::<A> } else { br_table::<S> };
        let last = targets.len() as i32 - 1;
        let entries = vec![0; targets.len()];
        let at = self.effect("br_table", handler, fields_imm(index.slot(), 0, last), &entries, &[index]);
        let mut stubs: HashMap<u32, u32> = HashMap::new();
        for (i, &label) in targets.iter().enumerate() {
            let patch = self.out.patch_word(at, at + 2 + i as u32);
            if label.frame != 0 && self.in_place(label) {
                self.send_patch(patch, label);
            } else if let Some(&stub) = stubs.get(&label.frame) {
                self.out.bind(patch, stub);
            } else {
                let stub = self.out.here();
                stubs.insert(label.frame, stub);
                self.out.bind(patch, stub);
                if label.frame == 0 {
                    self.emit_return();
                } else {
                    self.carry(label);
                    self.jump_to(label);
                }
            }
        }
    }

    /// Pops a condition; the test that made it becomes part of the branch.
    fn condition(&mut self) -> Condition {
        if let Some(test) = self.open_test() {
            self.reopen_test();
            return Condition::Test(test);
        }
        Condition::Value(self.operand(no_imm, Registers::Acc))
    }

    /// The condition that a loop starts with, where the loop goes back: the local that
    /// it tests was often just set.
    fn through_acc(&self, condition: Condition) -> Condition {
        let held = |bank: Bank, place: Place| {
            let local = self.accs[bank as usize].and_then(|held| held.local);
            matches!(place, Place::Slot(slot) if local == Some(slot as u32))
        };
        match condition {
            Condition::Value(x) if held(Bank::Int, x) => Condition::Value(Place::Acc),
            Condition::Test(Test::Compare(op, x, y)) => match Bank::of(op.operands()[0]) {
                Some(bank) if held(bank, x) => Condition::Test(Test::Compare(op, Place::Acc, y)),
                Some(bank) if held(bank, y) => Condition::Test(Test::Compare(op, x, Place::Acc)),
                _ => condition,
            },
            condition => condition,
        }
    }

    /// Appends a branch, taken if the condition is `when`, to somewhere not known yet.
    fn branch_on(&mut self, condition: Condition, when: bool) -> u32 {
        if let Some(at) = self.fused_branch(&condition, when) {
            self.out.note(|n| n.is_branch = true);
            self.region += 1;
            return at;
        }
        let mut extra = None;
        let (name, handler, fields, places): (_, Handler, _, &[Place]) = match &condition {
            Condition::Value(place) => {
                let handler: Handler = match (place.class(), when) {
                    (Class::A, true) => br_if::<A, true>,
                    (Class::A, false) => br_if::<A, false>,
                    (_, true) => br_if::<S, true>,
                    (_, false) => br_if::<S, false>,
                };
                let name = if when { "br_if" } else { "br_if_not" };
                (name, handler, fields(place.slot(), 0, 0, 0), &[*place])
            }
            Condition::Test(Test::Compare(op, x, y)) => {
                let handler = handlers::of_compare_branch(*op, x.class(), y.class(), when);
                extra = (y.class() == Class::I).then_some(second_part(*y));
                (op.name(), handler, fields(x.slot(), y.slot(), 0, 0), &[*x, *y])
            }
            Condition::Test(Test::IsNull(place)) => {
                let handler: Handler = if when { br_if_null::<true> } else { br_if_null::<false> };
                let name = if when { "br_on_null" } else { "br_on_non_null" };
                (name, handler, fields(place.slot(), 0, 0, 0), &[*place])
            }
            Condition::Cast { slot, ty } => {
                let handler: Handler = if when { br_on_cast::<true> } else { br_on_cast::<false> };
                extra = Some(*ty);
                let name = if when { "br_on_cast" } else { "br_on_cast_fail" };
                (name, handler, fields(*slot, 0, 0, 0), &[Place::Slot(*slot)])
            }
        };
        let at = self.effect(name, handler, fields, extra.as_slice(), places);
        self.out.note(|n| {
            n.is_branch = true;
            if matches!(condition, Condition::Test(Test::Compare(..))) {
                n.operands.push_str(if when { " ? br" } else { " ?: br" });
            }
        });
        self.region += 1;
        at
    }

    /// Appends an unconditional branch to somewhere not known yet.
    pub fn jump(&mut self) -> u32 {
        let at = match self.fused_jump() {
            Some(at) => at,
            None => self.effect("br", br, 0, &[], &[]),
        };
        self.out.note(|n| n.is_branch = true);
        at
    }

    fn jump_to(&mut self, label: Label) {
        let at = self.jump();
        self.send(at, label);
    }

    /// Lets the branch at `at` go to a label.
    fn send(&mut self, at: u32, label: Label) {
        let patch = self.out.patch(at);
        self.send_patch(patch, label);
    }

    fn send_patch(&mut self, patch: Patch, label: Label) {
        let frame = &mut self.frames[label.frame as usize];
        match frame.kind {
            FrameKind::Loop(start) => self.out.bind(patch, start),
            _ => frame.exits.push(Exit::Branch(patch)),
        }
    }

    /// Whether the values that a branch carries, in their own slots, are where it wants them.
    fn in_place(&self, label: Label) -> bool {
        label.arity == 0 || (label.height + label.arity) as usize == self.stack.len()
    }

    /// Moves the values that a branch carries to where it wants them. Ascending
    /// order is safe: no value moves upwards.
    fn carry(&mut self, label: Label) {
        let count = label.arity as usize;
        let first = self.stack.len() - count;
        let mut to = self.label_slot(label);
        for position in first..self.stack.len() {
            let entry = self.stack[position];
            let moved = !matches!(entry.kind, Kind::Temp { .. }) || entry.slot != to;
            if moved {
                self.move_to(to, entry.ty, entry.kind, entry.slot);
            }
            to += entry.ty.slots();
        }
    }

    /// The slot of the first value that a branch to the label carries.
    pub fn label_slot(&self, label: Label) -> u32 {
        match self.stack.get(label.height as usize) {
            Some(entry) => entry.slot,
            None => self.next_slot(),
        }
    }

    /// Here branches meet: nothing is known but that operands are in their slots.
    pub fn label(&mut self) {
        self.region += 1;
        self.forget_accs();
        self.forget_last();
    }

    /// Replaces the operands from a height on by others, in their own slots.
    pub fn reset(&mut self, height: usize, types: &[ValType]) {
        while self.stack.len() > height {
            self.pop();
        }
        for &ty in types {
            self.push(ty, Kind::Temp { made: None });
        }
        self.settled = self.stack.len();
    }

    /// The innermost frame.
    pub fn frame(&mut self) -> &mut Frame {
        // The function's own frame is never popped.
        self.frames.last_mut().expect("the frames of a validated body")
    }

    fn params<'t>(&'t self, ty: &'t BlockType) -> &'t [ValType] {
        match ty {
            BlockType::Empty | BlockType::Result(_) => &[],
            BlockType::Func(ty) => &self.module.type_func(*ty).params,
        }
    }

    fn results<'t>(&'t self, ty: &'t BlockType) -> &'t [ValType] {
        match ty {
            BlockType::Empty => &[],
            BlockType::Result(ty) => core::slice::from_ref(ty),
            BlockType::Func(ty) => &self.module.type_func(*ty).results,
        }
    }

    /// Counts an operator towards the fuel of its segment: what follows a label, up to the next.
    pub fn count_fuel(&mut self) {
        if let Some((_, cost)) = &mut self.segment {
            *cost += 1;
        }
    }

    /// Starts a segment of straight-line code, for fuel.
    pub fn begin_segment(&mut self) {
        self.end_segment();
        if self.shape.config().fuel {
            let at = self.effect("fuel", fuel, 0, &[], &[]);
            self.segment = Some((at, 0));
        }
    }

    /// Fills in what the running segment costs.
    pub fn end_segment(&mut self) {
        if let Some((at, cost)) = self.segment.take() {
            self.out.set_imm(at, cost);
        }
    }

    /// Where a function or a round of a loop starts: counts it, and looks at the epoch.
    fn enter_piece(&mut self) {
        if self.shape.config().count_executions {
            self.effect(COUNT, count, 0, &[0], &[]);
        }
        if self.shape.config().epoch_interruption {
            self.safepoint();
            self.effect("epoch", epoch, 0, &[], &[]);
        }
    }
}
