//! The operator cursor: the body of a function, operator by operator.
//! Invariant: only validated bodies are read, so operand types are followed
//! forwards and never checked; nothing here panics on a body that is not valid.
//! Spec: appendix/algorithm, binary/instructions.

mod aggregates;
mod control;
mod frame;
mod locals;
mod operators;
pub(crate) mod reader;
mod skim;
mod skip;
mod types;

pub use frame::{Frame, FrameKind};
pub use skim::{Skim, Skimmed};

use crate::error::Error;
use crate::index::*;
use crate::module::Module;
use crate::op::*;
use crate::types::*;
use frame::FrameState;
use locals::Locals;
use reader::Reader;

/// Reads the body of a function as [`Op`]s.
///
/// What it says of an operator ([`operands`](Cursor::operands), [`frames`](Cursor::frames),
/// [`offset`](Cursor::offset), ...) holds from its delivery to the following `next`.
#[derive(Debug)]
pub struct Cursor<'m> {
    module: &'m Module,
    func: DefinedFuncIdx,
    reader: Reader<'m>,
    offset: usize,
    /// Whether what follows the delivered operator can be reached.
    reachable: bool,
    /// What the delivered operator does to the stacks.
    effect: Effect<'m>,
    buffers: CursorBuffers,
}

/// The memory of a cursor, to be used again by the next one.
#[derive(Debug, Default)]
pub struct CursorBuffers {
    operands: Vec<ValType>,
    frames: Vec<FrameState>,
    targets: Vec<Label>,
    catches: Vec<Catch>,
    locals: Locals,
}

/// What `Cursor::next` returns. Every function on the way to an operator returns it
/// as it is: an operator is large, and moving it costs more than reading it.
type Next = Result<Option<Op>, Error>;

/// What an operator does to the operand and control stacks.
#[derive(Clone, Copy, Debug)]
enum Effect<'m> {
    /// Pops so many, pushes one or none.
    Simple { pop: u32, push: Option<ValType> },
    /// Pops so many, pushes these.
    Many { pop: u32, push: &'m [ValType] },
    /// A branch that may not be taken: pops so many, gives what lies under them the
    /// types of the label, the last `without` of which are not there, and pushes one or none.
    Branch { pop: u32, frame: u32, without: u32, push: Option<ValType> },
    /// Enters the frame on top, or its other arm: its parameters are the operands above its height.
    Enter,
    /// Enters a legacy handler, which has these operands.
    Handler { push: &'m [ValType] },
    /// Leaves the frame on top: its results are the operands above its height.
    Leave { live: bool },
}

impl<'m> Effect<'m> {
    const NOTHING: Effect<'m> = Effect::Simple { pop: 0, push: None };
}

impl Module {
    /// How many locals a body declares, without looking at the rest of it; `None` if that much is malformed.
    pub fn declared_locals(&self, func: DefinedFuncIdx) -> Option<u32> {
        let mut reader = Reader::new(&self.bytes, self.bodies().get(func.index())?.range.clone());
        let mut locals = Locals::default();
        locals.read(&[], &mut reader).ok()?;
        Some(locals.count())
    }
}

impl<'m> Cursor<'m> {
    /// Starts reading a body. Fails if the body is not valid, which with
    /// [`Validation::Lazy`](crate::Validation::Lazy) is found out here.
    pub fn new(module: &'m Module, func: DefinedFuncIdx) -> Result<Cursor<'m>, Error> {
        Cursor::with_buffers(module, func, CursorBuffers::default())
    }

    /// As `new`, with the memory of a cursor that is no longer needed.
    pub fn with_buffers(
        module: &'m Module,
        func: DefinedFuncIdx,
        mut buffers: CursorBuffers,
    ) -> Result<Cursor<'m>, Error> {
        let body = module.bodies().get(func.index());
        let body = body.ok_or_else(|| Error::invalid(module.bytes.len(), "no such function"))?;
        module.check_body(func)?;
        let ty = module.funcs[module.func_index(func).index()];
        let signature = module.type_func(ty);
        let mut reader = Reader::new(&module.bytes, body.range.clone());
        buffers.locals.read(&signature.params, &mut reader)?;
        buffers.operands.clear();
        buffers.frames.clear();
        buffers.frames.push(FrameState {
            kind: FrameKind::Func,
            block: BlockType::Func(ty),
            height: 0,
            params: 0,
            results: signature.results.len() as u32,
            end_reached: false,
        });
        let offset = reader.position();
        Ok(Cursor { module, func, reader, offset, reachable: true, effect: Effect::NOTHING, buffers })
    }

    /// Gives the cursor's memory back.
    pub fn into_buffers(self) -> CursorBuffers {
        self.buffers
    }

    /// The next operator; `None` after the function's own `end`.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot fail and borrow from itself")]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Op>, Error> {
        self.apply();
        if self.buffers.frames.is_empty() {
            return self.finish();
        }
        if !self.reachable {
            return self.next_closing();
        }
        self.operator()
    }

    /// The module.
    pub fn module(&self) -> &'m Module {
        self.module
    }

    /// The function.
    pub fn func(&self) -> DefinedFuncIdx {
        self.func
    }

    /// Where in the module the delivered operator stands, in bytes; before the
    /// first one, where that stands.
    #[inline]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The parameters and declared locals: how many of which type, in order.
    /// Neighbouring runs have different types and no run is empty.
    pub fn locals(&self) -> &[(u32, ValType)] {
        self.buffers.locals.runs()
    }

    /// How many locals there are, parameters included.
    pub fn local_count(&self) -> u32 {
        self.buffers.locals.count()
    }

    /// The type of a local.
    pub fn local_type(&self, local: LocalIdx) -> Option<ValType> {
        self.buffers.locals.get(local.0)
    }

    /// The targets of the delivered `br_table`, the default last.
    pub fn br_targets(&self) -> &[Label] {
        &self.buffers.targets
    }

    /// The clauses of the delivered `try_table`.
    pub fn catches(&self) -> &[Catch] {
        &self.buffers.catches
    }

    /// Types of the operands before the delivered operator takes its own, the last
    /// on top. At an `end` or `else` that is not `live` they are those under the block.
    #[inline]
    pub fn operands(&self) -> &[ValType] {
        &self.buffers.operands
    }

    /// The control frames, the function's own first. While an operator that opens,
    /// divides or closes a frame is the delivered one, that frame is the last.
    pub fn frames(&self) -> impl DoubleEndedIterator<Item = Frame<'_>> + ExactSizeIterator {
        self.buffers.frames.iter().map(|frame| frame.view(self.module))
    }

    /// A control frame, counted as [`Label::frame`] counts.
    pub fn frame(&self, index: u32) -> Option<Frame<'_>> {
        self.buffers.frames.get(index as usize).map(|frame| frame.view(self.module))
    }

    /// How many control frames there are; 0 only after the function's own `end`.
    pub fn frame_count(&self) -> u32 {
        self.buffers.frames.len() as u32
    }

    /// Does what the delivered operator does to the stacks.
    #[inline]
    fn apply(&mut self) {
        match self.effect {
            Effect::Simple { pop, push } => {
                self.pop(pop);
                if let Some(ty) = push {
                    self.buffers.operands.push(ty);
                }
            }
            ref other => {
                let other = *other;
                self.apply_control(other);
            }
        }
        self.effect = Effect::NOTHING;
    }

    fn apply_control(&mut self, effect: Effect<'m>) {
        match effect {
            Effect::Simple { .. } => {}
            Effect::Many { pop, push } => {
                self.pop(pop);
                self.buffers.operands.extend_from_slice(push);
            }
            Effect::Branch { pop, frame, without, push } => {
                self.pop(pop);
                if let Some(frame) = self.buffers.frames.get(frame as usize) {
                    let types = frame.label_types(self.module);
                    let carried = types.as_slice();
                    let carried = &carried[..carried.len().saturating_sub(without as usize)];
                    let under = self.buffers.operands.len().saturating_sub(carried.len());
                    self.buffers.operands.truncate(under);
                    self.buffers.operands.extend_from_slice(carried);
                }
                self.buffers.operands.extend(push);
            }
            Effect::Enter => {
                if let Some(frame) = self.buffers.frames.last() {
                    self.buffers.operands.truncate(frame.height as usize);
                    self.buffers.operands.extend_from_slice(frame.params(self.module).as_slice());
                }
            }
            Effect::Handler { push } => {
                if let Some(frame) = self.buffers.frames.last() {
                    self.buffers.operands.truncate(frame.height as usize);
                    self.buffers.operands.extend_from_slice(push);
                }
            }
            Effect::Leave { live } => {
                if let Some(frame) = self.buffers.frames.pop() {
                    self.buffers.operands.truncate(frame.height as usize);
                    self.buffers.operands.extend_from_slice(frame.results(self.module).as_slice());
                    // An `if` without `else` falls through where its condition is false.
                    self.reachable = live || frame.end_reached || frame.kind == FrameKind::If;
                }
            }
        }
    }

    #[inline]
    fn pop(&mut self, count: u32) {
        let len = self.buffers.operands.len();
        self.buffers.operands.truncate(len.saturating_sub(count as usize));
    }

    #[cold]
    fn finish(&self) -> Next {
        if self.reader.at_end() {
            return Ok(None);
        }
        Err(Error::malformed(self.reader.position(), "operators after the end of the function"))
    }

    /// Delivers an operator that takes `pop` operands and leaves nothing.
    #[inline]
    fn takes(&mut self, pop: u32, op: Op) -> Next {
        self.effect = Effect::Simple { pop, push: None };
        Ok(Some(op))
    }

    /// Delivers an operator that takes `pop` operands and leaves one.
    #[inline]
    fn gives(&mut self, pop: u32, push: ValType, op: Op) -> Next {
        self.effect = Effect::Simple { pop, push: Some(push) };
        Ok(Some(op))
    }

    /// The type of the operand on top.
    #[inline]
    fn top(&self) -> Result<ValType, Error> {
        self.buffers.operands.last().copied().ok_or_else(|| self.invalid("no operand"))
    }

    /// The type of the operand on top, a reference.
    fn top_ref(&self) -> Result<RefType, Error> {
        self.top()?.as_ref().ok_or_else(|| self.invalid("operand is no reference"))
    }

    #[cold]
    fn invalid(&self, what: &str) -> Error {
        Error::invalid(self.offset, what)
    }
}
