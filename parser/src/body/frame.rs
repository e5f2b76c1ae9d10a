//! Entries of the control stack. Spec: valid/instructions, "Instruction Sequences".

use crate::module::Module;
use crate::op::BlockType;
use crate::types::{FuncType, ValType};

/// What opened a control frame, or the arm of it that is open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FrameKind {
    /// The function itself.
    Func,
    /// `block`
    Block,
    /// `loop`
    Loop,
    /// `if`, first arm.
    If,
    /// `if`, second arm.
    Else,
    /// `try_table`
    TryTable,
    /// Legacy `try`, before any `catch`.
    Try,
    /// Legacy `try`, in a `catch` or `catch_all`.
    Catch,
}

/// A control frame as `Cursor::frame` shows it.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'c> {
    /// What it is.
    pub kind: FrameKind,
    /// What the block takes from the operand stack; none for a function.
    pub params: &'c [ValType],
    /// What the block leaves on the operand stack.
    pub results: &'c [ValType],
    /// Height of the operand stack, in values, under the block's parameters.
    pub height: u32,
    /// Whether what was read so far reaches the frame's end other than by falling
    /// out of the arm that is open: by a branch, a handler or an earlier arm.
    pub end_reached: bool,
}

/// A control frame as it is kept: without borrows, so that its memory can be used again.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameState {
    pub kind: FrameKind,
    pub block: BlockType,
    pub height: u32,
    pub params: u32,
    pub results: u32,
    pub end_reached: bool,
}

/// The types of a block or label, which live in the module or in the value itself.
#[derive(Clone, Copy)]
pub(super) enum Types<'m> {
    One([ValType; 1]),
    Slice(&'m [ValType]),
}

impl Types<'_> {
    #[inline]
    pub fn as_slice(&self) -> &[ValType] {
        match self {
            Types::One(one) => one,
            Types::Slice(slice) => slice,
        }
    }
}

impl FrameState {
    /// What the block takes.
    pub fn params<'m>(&self, module: &'m Module) -> Types<'m> {
        match (self.kind, self.block) {
            (FrameKind::Func, _) => Types::Slice(&[]),
            (_, BlockType::Func(ty)) => {
                Types::Slice(func_type(module, ty.index()).map_or(&[], |f| &f.params))
            }
            _ => Types::Slice(&[]),
        }
    }

    /// What the block leaves.
    pub fn results<'m>(&self, module: &'m Module) -> Types<'m> {
        match self.block {
            BlockType::Empty => Types::Slice(&[]),
            BlockType::Result(ty) => Types::One([ty]),
            BlockType::Func(ty) => Types::Slice(func_type(module, ty.index()).map_or(&[], |f| &f.results)),
        }
    }

    /// What a branch to the frame carries.
    pub fn label_types<'m>(&self, module: &'m Module) -> Types<'m> {
        if self.kind == FrameKind::Loop { self.params(module) } else { self.results(module) }
    }

    pub fn view<'c>(&'c self, module: &'c Module) -> Frame<'c> {
        let params = match self.params(module) {
            Types::Slice(slice) => slice,
            Types::One(_) => &[],
        };
        let results = match (&self.block, self.results(module)) {
            (BlockType::Result(ty), _) => core::slice::from_ref(ty),
            (_, Types::Slice(slice)) => slice,
            (_, Types::One(_)) => &[],
        };
        Frame { kind: self.kind, params, results, height: self.height, end_reached: self.end_reached }
    }
}

/// The function type at an index, if there is one.
#[inline]
pub(super) fn func_type(module: &Module, index: usize) -> Option<&FuncType> {
    module.types().get(index)?.as_func()
}
