//! Blocks, branches, calls and exceptions: what opens, closes and leaves frames.
//! Invariant: a frame's `end_reached` is set by every delivered branch to its end
//! and by every live arm but the last.

use super::frame::func_type;
use super::skip::{CATCH, CATCH_ALL, DELEGATE, ELSE, END, to_closing};
use super::types::block_type;
use super::*;

impl<'m> Cursor<'m> {
    /// The operator that closes the arm in which nothing can be reached any more.
    #[cold]
    pub(super) fn next_closing(&mut self) -> Next {
        let (at, opcode) = to_closing(&mut self.reader)?;
        self.offset = at;
        if let Some(frame) = self.buffers.frames.last() {
            self.buffers.operands.truncate(frame.height as usize);
        }
        self.closing(opcode, false)
    }

    /// `else`, `catch`, `catch_all`, `delegate` or `end`, its opcode read. `live` tells
    /// whether it is reached from the operator before it.
    pub(super) fn closing(&mut self, opcode: u8, live: bool) -> Next {
        let depth = self.buffers.frames.len() as u32;
        let Some(frame) = self.buffers.frames.last_mut() else {
            return Err(self.invalid("no frame"));
        };
        match (opcode, frame.kind) {
            (END, _) => {
                self.effect = Effect::Leave { live };
                Ok(Some(Op::End { live }))
            }
            (ELSE, FrameKind::If) => {
                frame.kind = FrameKind::Else;
                frame.end_reached |= live;
                self.effect = Effect::Enter;
                self.reachable = true;
                Ok(Some(Op::Else { live }))
            }
            (CATCH | CATCH_ALL, FrameKind::Try | FrameKind::Catch) => {
                frame.kind = FrameKind::Catch;
                frame.end_reached |= live;
                let tag = if opcode == CATCH { Some(TagIdx(self.reader.u32()?)) } else { None };
                let push = tag.map_or(Ok(&[][..]), |tag| self.tag_params(tag))?;
                self.effect = Effect::Handler { push };
                self.reachable = true;
                Ok(Some(Op::Catch { tag, live }))
            }
            (DELEGATE, FrameKind::Try) => {
                let label = self.reader.u32()?;
                let frame = depth.checked_sub(2).and_then(|outer| outer.checked_sub(label));
                let frame = frame.ok_or_else(|| self.invalid("unknown label"))?;
                self.effect = Effect::Leave { live };
                Ok(Some(Op::Delegate { frame, live }))
            }
            _ => Err(Error::malformed(self.offset, "operator closes no block of its kind")),
        }
    }

    /// Opens a frame; `condition` operands are taken besides the block's parameters.
    pub(super) fn open(&mut self, kind: FrameKind, condition: u32, op: fn(BlockType) -> Op) -> Next {
        let block = block_type(&mut self.reader)?;
        self.push_frame(kind, block, condition)?;
        Ok(Some(op(block)))
    }

    fn push_frame(&mut self, kind: FrameKind, block: BlockType, condition: u32) -> Result<(), Error> {
        let (params, results) = match block {
            BlockType::Empty => (0, 0),
            BlockType::Result(_) => (0, 1),
            BlockType::Func(ty) => {
                let ty = func_type(self.module, ty.index()).ok_or_else(|| self.invalid("unknown type"))?;
                (ty.params.len() as u32, ty.results.len() as u32)
            }
        };
        let height = (self.buffers.operands.len() as u32).saturating_sub(params + condition);
        self.buffers.frames.push(FrameState { kind, block, height, params, results, end_reached: false });
        self.effect = Effect::Enter;
        Ok(())
    }

    /// `try_table`, its opcode read.
    pub(super) fn try_table(&mut self) -> Next {
        let block = block_type(&mut self.reader)?;
        self.buffers.catches.clear();
        for _ in 0..self.reader.u32()? {
            let at = self.reader.position();
            let kind = match self.reader.u8()? {
                0 => CatchKind::Tag(TagIdx(self.reader.u32()?)),
                1 => CatchKind::TagRef(TagIdx(self.reader.u32()?)),
                2 => CatchKind::All,
                3 => CatchKind::AllRef,
                _ => return Err(Error::malformed(at, "malformed catch clause")),
            };
            let label = self.label()?;
            self.buffers.catches.push(Catch { kind, label });
        }
        self.push_frame(FrameKind::TryTable, block, 0)?;
        Ok(Some(Op::TryTable(block)))
    }

    /// Reads a label and notes that it is branched to.
    pub(super) fn label(&mut self) -> Result<Label, Error> {
        let depth = self.reader.u32()?;
        let index = self.frame_at(depth)?;
        let frame = &mut self.buffers.frames[index as usize];
        let is_loop = frame.kind == FrameKind::Loop;
        frame.end_reached |= !is_loop;
        let arity = if is_loop { frame.params } else { frame.results };
        Ok(Label { frame: index, is_loop, arity, height: frame.height })
    }

    /// The frame so many frames out from the innermost.
    fn frame_at(&self, depth: u32) -> Result<u32, Error> {
        let innermost = (self.buffers.frames.len() as u32).checked_sub(1);
        innermost.and_then(|i| i.checked_sub(depth)).ok_or_else(|| self.invalid("unknown label"))
    }

    /// `br_table`, its opcode read.
    pub(super) fn br_table(&mut self) -> Next {
        self.buffers.targets.clear();
        let count = self.reader.u32()?;
        for _ in 0..u64::from(count) + 1 {
            let label = self.label()?;
            self.buffers.targets.push(label);
        }
        self.leaves(Op::BrTable)
    }

    /// Delivers a branch that takes one operand and may not be taken: then the operands
    /// under it have the label's types `without` its last ones, and one or none is pushed.
    pub(super) fn may_branch(&mut self, label: Label, without: u32, push: Option<ValType>, op: Op) -> Next {
        self.effect = if label.arity == without && push.is_none() {
            Effect::Simple { pop: 1, push: None }
        } else {
            Effect::Branch { pop: 1, frame: label.frame, without, push }
        };
        Ok(Some(op))
    }

    /// Delivers an operator after which nothing can be reached.
    #[inline]
    pub(super) fn leaves(&mut self, op: Op) -> Next {
        self.reachable = false;
        Ok(Some(op))
    }

    /// Legacy `rethrow`, its opcode read.
    pub(super) fn rethrow(&mut self) -> Next {
        let depth = self.reader.u32()?;
        let frame = self.frame_at(depth)?;
        self.leaves(Op::Rethrow { frame })
    }

    /// Delivers a call that takes `callee` operands besides the arguments.
    pub(super) fn calls(&mut self, ty: TypeIdx, callee: u32, op: Op) -> Next {
        let ty = func_type(self.module, ty.index()).ok_or_else(|| self.invalid("unknown type"))?;
        let pop = ty.params.len() as u32 + callee;
        self.effect = match *ty.results {
            [] => Effect::Simple { pop, push: None },
            [one] => Effect::Simple { pop, push: Some(one) },
            _ => Effect::Many { pop, push: &ty.results },
        };
        Ok(Some(op))
    }

    /// Reads a function index and its type.
    pub(super) fn callee(&mut self) -> Result<(FuncIdx, TypeIdx), Error> {
        let func = FuncIdx(self.reader.u32()?);
        let ty = self.module.funcs.get(func.index()).ok_or_else(|| self.invalid("unknown function"))?;
        Ok((func, *ty))
    }

    fn tag_params(&self, tag: TagIdx) -> Result<&'m [ValType], Error> {
        let ty = self.module.tags.get(tag.index()).ok_or_else(|| self.invalid("unknown tag"))?;
        let ty = func_type(self.module, ty.func.index()).ok_or_else(|| self.invalid("unknown type"))?;
        Ok(&ty.params)
    }
}
