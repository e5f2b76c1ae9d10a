//! Blocks and branches. A frame's end is a block with the results as parameters, a
//! loop's start one with the block's parameters; the cursor tells what is reached.

use super::Lowering;
use super::env::{clif_type, is_traced};
use super::exception::Landing;
use cranelift_codegen::ir::{Block, BlockArg, BlockCall, InstBuilder, JumpTableData, Value};
use dayfly_parser::{Cursor, Label, ValType};
use dayfly_runtime::builtins::fuel_of_locals;

/// A control frame.
pub struct Frame {
    pub kind: FrameKind,
    /// Operands under its parameters.
    pub height: usize,
    /// What follows it, with its results as parameters.
    pub end: Block,
    results: Vec<ValType>,
}

/// What opened a control frame.
pub enum FrameKind {
    Func,
    Block,
    /// A loop: where it starts, and which of those that look whether to go on, if it does.
    Loop(Block, Option<usize>),
    /// The first arm of an `if`: where its second arm starts, and the parameters.
    If(Block, Vec<Value>),
    Else,
    /// A `try_table`, and what catches from its body.
    TryTable(Vec<Landing>),
    /// The body of a legacy `try`.
    Try(super::legacy::Legacy),
    /// A `catch` arm of a legacy `try`: what it caught, and the arms that follow.
    Catch(Value, super::legacy::Legacy),
}

impl Lowering<'_, '_> {
    /// Opens the function's own frame.
    pub fn enter_function(&mut self, locals: &[(u32, ValType)]) {
        let results = self.module.func_type(self.module.func_index(self.func)).results.to_vec();
        let end = self.label_block(&results);
        self.frames.push(Frame { kind: FrameKind::Func, height: 0, end, results });
        self.begin_segment();
        self.add_fuel(fuel_of_locals(locals));
        self.look_on_entry();
    }

    /// A block with parameters of these types.
    pub fn label_block(&mut self, types: &[ValType]) -> Block {
        let block = self.b.create_block();
        for &ty in types {
            let value = self.b.append_block_param(block, clif_type(ty));
            if is_traced(self.module, ty) {
                self.b.declare_value_needs_stack_map(value);
            }
        }
        block
    }

    /// Opens the frame of the operator that the cursor delivers, its parameters on the stack.
    pub fn open(&mut self, kind: FrameKind, cursor: &Cursor<'_>) {
        let Some(frame) = cursor.frames().next_back() else { return };
        let (results, height) = (frame.results.to_vec(), frame.height as usize);
        let end = self.label_block(&results);
        self.frames.push(Frame { kind, height, end, results });
    }

    /// `block`
    pub fn block(&mut self, cursor: &Cursor<'_>) {
        self.open(FrameKind::Block, cursor);
    }

    /// `loop`
    pub fn loop_(&mut self, cursor: &Cursor<'_>) {
        let params = cursor.frames().next_back().map_or(Vec::new(), |frame| frame.params.to_vec());
        let start = self.label_block(&params);
        let args = self.pop_many(params.len());
        self.jump(start, &args);
        self.b.switch_to_block(start);
        self.stack.extend_from_slice(self.b.block_params(start));
        self.begin_segment();
        let looks = self.look_in_loop(start);
        self.open(FrameKind::Loop(start, looks), cursor);
    }

    /// `if`
    pub fn if_(&mut self, cursor: &Cursor<'_>) {
        let hint = self.hint();
        let condition = self.pop();
        let (then, otherwise) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(condition, then, &[], otherwise, &[]);
        match hint {
            Some(true) => self.b.set_cold_block(otherwise),
            Some(false) => self.b.set_cold_block(then),
            None => {}
        }
        self.b.seal_block(then);
        self.b.seal_block(otherwise);
        self.b.switch_to_block(then);
        let count = cursor.frames().next_back().map_or(0, |frame| frame.params.len());
        let params = self.stack[self.stack.len() - count..].to_vec();
        self.open(FrameKind::If(otherwise, params), cursor);
        self.begin_segment();
    }

    /// Whether the condition of the operator is likely true, if the module says so.
    pub fn hint(&self) -> Option<bool> {
        let start = self.module.bodies()[self.func.index()].range.start;
        self.module.branch_hint(self.func, (self.offset - start) as u32)
    }

    /// `else`
    pub fn else_(&mut self, live: bool) {
        if live {
            self.leave_arm();
        }
        let Some(frame) = self.frames.last_mut() else { return };
        self.stack.truncate(frame.height);
        if let FrameKind::If(otherwise, params) = std::mem::replace(&mut frame.kind, FrameKind::Else) {
            self.stack.extend(params);
            self.b.switch_to_block(otherwise);
        }
        self.begin_segment();
    }

    /// Goes to the end of the innermost frame with its results.
    pub fn leave_arm(&mut self) {
        let Some(frame) = self.frames.last() else { return };
        let (end, count) = (frame.end, frame.results.len());
        let args = self.pop_many(count);
        self.jump(end, &args);
    }

    /// `end`; also `delegate`.
    pub fn end(&mut self, live: bool, cursor: &Cursor<'_>) {
        let joined = cursor.frames().next_back().is_some_and(|frame| frame.end_reached);
        if self.frames.len() == 1 {
            self.end_function(live, joined);
            return;
        }
        let Some(frame) = self.frames.last() else { return };
        let joined = joined || matches!(frame.kind, FrameKind::If(..));
        if live && !joined && !matches!(frame.kind, FrameKind::TryTable(_)) {
            self.fall_through();
            return;
        }
        if live {
            self.leave_arm();
        }
        let Some(Frame { kind, height, end, .. }) = self.frames.pop() else { return };
        self.stack.truncate(height);
        match kind {
            FrameKind::Loop(start, looks) => {
                self.looks.loop_ends(looks);
                self.b.seal_block(start);
            }
            FrameKind::If(otherwise, params) => {
                self.b.switch_to_block(otherwise);
                self.jump(end, &params);
            }
            FrameKind::TryTable(landings) => self.land(landings),
            _ => {}
        }
        self.b.seal_block(end);
        if joined || live {
            self.b.switch_to_block(end);
            self.stack.extend_from_slice(self.b.block_params(end));
        }
        if joined {
            self.begin_segment();
        }
    }

    /// Closes a frame to whose end nothing else goes: what follows stands in the same block.
    fn fall_through(&mut self) {
        let Some(Frame { kind, height, results, end }) = self.frames.pop() else { return };
        let results = self.pop_many(results.len());
        self.stack.truncate(height);
        self.stack.extend(results);
        self.b.seal_block(end);
        if let FrameKind::Loop(start, looks) = kind {
            self.looks.loop_ends(looks);
            self.b.seal_block(start);
        }
    }

    fn end_function(&mut self, live: bool, joined: bool) {
        let Some(Frame { end, results, .. }) = self.frames.pop() else { return };
        if live {
            let values = self.pop_many(results.len());
            if !joined {
                self.b.seal_block(end);
                self.give_back(values);
                return;
            }
            self.jump(end, &values);
        }
        self.b.seal_block(end);
        if joined {
            self.b.switch_to_block(end);
            let values = self.b.block_params(end).to_vec();
            self.give_back(values);
        }
    }

    /// Returns results.
    fn give_back(&mut self, mut values: Vec<Value>) {
        if let Some(fuel) = self.fuel_value() {
            values.insert(0, fuel);
        }
        self.b.ins().return_(&values);
    }

    /// `return`
    pub fn return_(&mut self) {
        let count = self.module.func_type(self.module.func_index(self.func)).results.len();
        let values = self.pop_many(count);
        self.give_back(values);
    }

    /// Where a branch goes, and the values that it carries, which stay on the stack.
    pub fn target(&mut self, label: Label) -> (Block, Vec<BlockArg>) {
        let carried = self.stack[self.stack.len() - label.arity as usize..].iter();
        let args = carried.map(|&value| value.into()).collect();
        (self.target_block(label), args)
    }

    /// Where a branch goes.
    pub fn target_block(&mut self, label: Label) -> Block {
        let frame = &self.frames[label.frame as usize];
        match frame.kind {
            FrameKind::Loop(start, looks) => {
                self.looks.goes_back(looks);
                start
            }
            _ => frame.end,
        }
    }

    pub fn jump(&mut self, to: Block, values: &[Value]) {
        let args: Vec<BlockArg> = values.iter().map(|&value| value.into()).collect();
        self.b.ins().jump(to, &args);
    }

    /// `br`
    pub fn br(&mut self, label: Label) {
        let (to, args) = self.target(label);
        self.b.ins().jump(to, &args);
    }

    /// `br_if`
    pub fn br_if(&mut self, label: Label) {
        let hint = self.hint();
        let condition = self.pop();
        self.branch_if(condition, true, label, hint);
    }

    /// Branches with what is on the stack if the condition, which may be of any integer type, is as wanted.
    pub fn branch_if(&mut self, condition: Value, when: bool, label: Label, hint: Option<bool>) {
        let (to, args) = self.target(label);
        let next = self.b.create_block();
        if hint == Some(true) {
            self.b.set_cold_block(next);
        }
        // An unlikely way has a block of its own, so that it can be put aside.
        let edge = if hint == Some(false) { Some(self.b.create_block()) } else { None };
        let (via, passed) = match edge {
            Some(edge) => (edge, &[][..]),
            None => (to, &args[..]),
        };
        if when {
            self.b.ins().brif(condition, via, passed, next, &[]);
        } else {
            self.b.ins().brif(condition, next, &[], via, passed);
        }
        if let Some(edge) = edge {
            self.b.set_cold_block(edge);
            self.b.seal_block(edge);
            self.b.switch_to_block(edge);
            self.b.ins().jump(to, &args);
        }
        self.b.seal_block(next);
        self.b.switch_to_block(next);
    }

    /// `br_table`
    pub fn br_table(&mut self, labels: &[Label]) {
        let index = self.pop();
        let mut calls = Vec::with_capacity(labels.len());
        for &label in labels {
            let (to, args) = self.target(label);
            calls.push(BlockCall::new(to, args, &mut self.b.func.dfg.value_lists));
        }
        let Some(otherwise) = calls.pop() else { return };
        let table = self.b.create_jump_table(JumpTableData::new(otherwise, &calls));
        self.b.ins().br_table(index, table);
    }

    /// `br_on_null`
    pub fn br_on_null(&mut self, label: Label) {
        let reference = self.pop();
        self.branch_if(reference, false, label, None);
        self.stack.push(reference);
    }

    /// `br_on_non_null`
    pub fn br_on_non_null(&mut self, label: Label) {
        let reference = self.stack[self.stack.len() - 1];
        self.branch_if(reference, true, label, None);
        self.stack.pop();
    }
}
