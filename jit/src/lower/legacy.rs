//! Legacy exceptions. What a `try` catches is written behind its body, so a function
//! that has some is read once more before: the calls in the body must know.

use super::Lowering;
use super::control::FrameKind;
use crate::builtins::Builtin;
use cranelift_codegen::ir::Block;
use dayfly_parser::{Cursor, DefinedFuncIdx, Error, Module, Op, TagIdx};

/// What a `try` catches.
#[derive(Debug, Default)]
pub struct Clauses {
    arms: Vec<Option<TagIdx>>,
    delegate: Option<u32>,
}

/// The arms of a `try` that are still to come, and the blocks that an exception brings to them.
pub struct Legacy {
    pub arms: Vec<(Option<TagIdx>, Block)>,
    pub delegate: Option<u32>,
}

/// What each `try` of a body catches, the first last.
fn scan(module: &Module, func: DefinedFuncIdx) -> Result<Vec<Clauses>, Error> {
    let mut cursor = Cursor::new(module, func)?;
    let (mut all, mut open): (Vec<Clauses>, Vec<Option<usize>>) = (Vec::new(), vec![None]);
    while let Some(op) = cursor.next()? {
        match op {
            Op::Block(_) | Op::Loop(_) | Op::If(_) | Op::TryTable(_) => open.push(None),
            Op::Try(_) => {
                open.push(Some(all.len()));
                all.push(Clauses::default());
            }
            Op::Catch { tag, .. } => {
                if let Some(Some(innermost)) = open.last() {
                    all[*innermost].arms.push(tag);
                }
            }
            Op::Delegate { frame, .. } => {
                if let Some(Some(innermost)) = open.pop() {
                    all[innermost].delegate = Some(frame);
                }
            }
            Op::End { .. } => {
                open.pop();
            }
            _ => {}
        }
    }
    all.reverse();
    Ok(all)
}

impl Lowering<'_, '_> {
    /// Legacy `try`
    pub fn legacy_try(&mut self, cursor: &Cursor<'_>) -> Result<(), Error> {
        if self.legacy.is_none() {
            self.legacy = Some(scan(self.module, self.func)?);
        }
        let clauses = self.legacy.as_mut().and_then(Vec::pop).unwrap_or_default();
        let mut arms = Vec::with_capacity(clauses.arms.len());
        for tag in clauses.arms {
            arms.push((tag, self.landing_block()));
        }
        self.open(FrameKind::Try(Legacy { arms, delegate: clauses.delegate }), cursor);
        Ok(())
    }

    /// Legacy `catch` and `catch_all`
    pub fn legacy_catch(&mut self, tag: Option<TagIdx>, live: bool) {
        if live {
            self.leave_arm();
        }
        let Some(frame) = self.frames.last_mut() else { return };
        self.stack.truncate(frame.height);
        let (FrameKind::Try(legacy) | FrameKind::Catch(_, legacy)) = &mut frame.kind else { return };
        if legacy.arms.is_empty() {
            return;
        }
        let (_, block) = legacy.arms.remove(0);
        let rest = Legacy { arms: std::mem::take(&mut legacy.arms), delegate: None };
        let exception = self.b.block_params(block)[0];
        frame.kind = FrameKind::Catch(exception, rest);
        self.b.seal_block(block);
        self.b.switch_to_block(block);
        self.meters_from_store();
        self.b.declare_value_needs_stack_map(exception);
        if let Some(tag) = tag {
            self.push_payload(tag, exception);
        }
        self.begin_segment();
    }

    /// Legacy `rethrow`
    pub fn legacy_rethrow(&mut self, frame: u32) {
        if let FrameKind::Catch(exception, _) = self.frames[frame as usize].kind {
            self.runtime_throws(Builtin::Throw, &[exception]);
        }
    }
}
