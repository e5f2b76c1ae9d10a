//! Lowering of exceptions. A handler is a range of code and what it catches, kept
//! beside the code; entering and leaving a try block costs nothing.
//!
//! The legacy operators become the same: a `catch` arm is a clause of its block's
//! range, and the exception that `rethrow` may want is kept in a hidden local.

use super::Lowering;
use super::control::{Exit, FrameKind};
use super::emit::{fields, fields_imm};
use super::stack::Place;
use crate::exec::call::ret_slots;
use crate::exec::raise::{Action, Clause, TryRange, throw, throw_ref};
use dayfly_parser::{
    BlockType, Catch, CatchKind, Cursor, DefinedFuncIdx, Error, Label, Module, Op, TagIdx, ValType,
};

/// How many legacy `try` blocks a body nests at most.
pub fn legacy_depth(module: &Module, func: DefinedFuncIdx) -> Result<u32, Error> {
    let mut cursor = Cursor::new(module, func)?;
    let mut frames = vec![false];
    let (mut depth, mut deepest) = (0u32, 0);
    while let Some(op) = cursor.next()? {
        match op {
            Op::Block(_) | Op::Loop(_) | Op::If(_) | Op::TryTable(_) => frames.push(false),
            Op::Try(_) => {
                frames.push(true);
                depth += 1;
                deepest = deepest.max(depth);
            }
            Op::End { .. } | Op::Delegate { .. } if frames.pop() == Some(true) => depth -= 1,
            _ => {}
        }
    }
    Ok(deepest)
}

impl Lowering<'_> {
    /// `try_table`
    pub fn try_table(&mut self, ty: BlockType, catches: &[Catch]) {
        self.settle_all();
        let range = self.tries.len() as u32;
        // Handlers that leave the function need code to do so, which is not part of the body.
        let returns: Vec<Option<u32>> = self.returning_handlers(catches);
        let mut clauses = Vec::with_capacity(catches.len());
        for (i, (catch, returning)) in catches.iter().zip(returns).enumerate() {
            let target = match returning {
                Some(at) => at,
                None => self.clause_target(catch.label, range, i as u32),
            };
            clauses.push(self.clause(catch, target));
        }
        let start = self.out.here();
        let frame = self.frames.len() as u32;
        self.tries.push(TryRange { start, end: start, frame, clauses });
        self.open(FrameKind::TryTable(range), ty);
        self.region += 1;
        self.forget_last();
    }

    fn clause(&mut self, catch: &Catch, target: u32) -> Clause {
        let payload = self.label_slot(catch.label);
        let (tag, with_exception) = match catch.kind {
            CatchKind::Tag(tag) => (Some(tag), false),
            CatchKind::TagRef(tag) => (Some(tag), true),
            CatchKind::All => (None, false),
            CatchKind::AllRef => (None, true),
        };
        let behind = payload + tag.map_or(0, |tag| self.payload_slots(tag));
        self.reserve(behind + 1);
        Clause { tag, action: Action::Enter { target, payload, exception: with_exception.then_some(behind) } }
    }

    /// Where a clause goes on, if that is known already.
    fn clause_target(&mut self, label: Label, range: u32, clause: u32) -> u32 {
        match self.frames[label.frame as usize].kind {
            FrameKind::Loop(start) => start,
            _ => {
                self.frames[label.frame as usize].exits.push(Exit::Clause(range, clause));
                0
            }
        }
    }

    /// Code that returns what a handler caught, for each clause whose label is the function's.
    fn returning_handlers(&mut self, catches: &[Catch]) -> Vec<Option<u32>> {
        if catches.iter().all(|catch| catch.label.frame != 0) {
            return vec![None; catches.len()];
        }
        let over = self.jump();
        let mut starts = Vec::with_capacity(catches.len());
        for catch in catches {
            starts.push((catch.label.frame == 0).then(|| {
                let at = self.out.here();
                let first = self.label_slot(catch.label);
                let (header, first) = (self.address(self.local_slots), self.address(first));
                let count = self.module.func_type(self.module.func_index(self.func)).result_slots() as u16;
                self.effect("return", ret_slots, fields(header, first, count, 0), &[], &[Place::Slot(first)]);
                at
            }));
        }
        let (patch, here) = (self.out.patch(over), self.out.here());
        self.out.bind(patch, here);
        starts
    }

    /// `throw`
    pub fn throw(&mut self, tag: TagIdx) {
        let params = self.module.type_func(self.module.tags()[tag.index()].func).params.len();
        self.settle_top(params);
        self.safepoint();
        for _ in 0..params {
            self.pop();
        }
        let slot = self.next_slot();
        let base = self.address(slot);
        let at = self.layout.tag(tag) as i32;
        self.effect("throw", throw, fields_imm(base, 0, at), &[], &[Place::Slot(base)]);
    }

    /// `throw_ref`
    pub fn throw_ref(&mut self) {
        let exception = self.slot_operand();
        self.effect("throw_ref", throw_ref, fields(exception, 0, 0, 0), &[], &[Place::Slot(exception)]);
    }

    /// Legacy `try`
    pub fn legacy_try(&mut self, ty: BlockType) {
        self.settle_all();
        let range = self.tries.len() as u32;
        let (start, frame) = (self.out.here(), self.frames.len() as u32);
        let hidden = self.hidden_slots + self.legacy_open;
        self.legacy_open += 1;
        self.tries.push(TryRange { start, end: start, frame, clauses: Vec::new() });
        self.open(FrameKind::Try { range, hidden, caught: false }, ty);
        self.region += 1;
        self.forget_last();
    }

    /// Legacy `catch` and `catch_all`
    pub fn legacy_catch(&mut self, tag: Option<TagIdx>, live: bool) {
        let FrameKind::Try { range, hidden, caught } = self.frame().kind else { return };
        if !caught {
            self.tries[range as usize].end = self.out.here();
        }
        if live {
            self.settle_all();
            let at = self.jump();
            let patch = self.out.patch(at);
            self.frame().exits.push(Exit::Branch(patch));
        }
        self.frame().kind = FrameKind::Try { range, hidden, caught: true };
        let height = self.frame().height;
        let params: Vec<ValType> = match tag {
            Some(tag) => self.module.type_func(self.module.tags()[tag.index()].func).params.to_vec(),
            None => Vec::new(),
        };
        self.label();
        self.reset(height, &[]);
        let payload = self.next_slot();
        self.reset(height, &params);
        let target = self.out.here();
        let action = Action::Enter { target, payload, exception: Some(hidden) };
        self.tries[range as usize].clauses.push(Clause { tag, action });
        self.begin_segment();
    }

    /// Legacy `delegate`
    pub fn legacy_delegate(&mut self, frame: u32, live: bool) {
        if let FrameKind::Try { range, .. } = self.frame().kind {
            let delegate = Clause { tag: None, action: Action::Delegate { frame } };
            self.tries[range as usize].clauses.push(delegate);
        }
        self.end(live);
    }

    /// Legacy `rethrow`
    pub fn legacy_rethrow(&mut self, frame: u32) {
        if let FrameKind::Try { hidden, .. } = self.frames[frame as usize].kind {
            let exception = self.address(hidden);
            self.effect("rethrow", throw_ref, fields(exception, 0, 0, 0), &[], &[Place::Slot(exception)]);
        }
    }

    fn payload_slots(&self, tag: TagIdx) -> u32 {
        self.module.type_func(self.module.tags()[tag.index()].func).param_slots()
    }

    /// The ranges, inner before outer: shorter first, of equal ones the later.
    pub fn finish_tries(&mut self) -> Box<[TryRange]> {
        let mut tries: Vec<TryRange> = core::mem::take(&mut self.tries);
        tries.reverse();
        tries.sort_by_key(|range| range.end - range.start);
        tries.into()
    }
}
