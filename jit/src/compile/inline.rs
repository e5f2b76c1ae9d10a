//! Small functions are expanded where they are called directly. Which ones depends on the
//! module alone, never on the order in which threads compile. A frame that is no frame
//! any more still shows in backtraces: code of an expanded call belongs to a chain of
//! operators, one for each function.
//!
//! Limits, for expansion costs time and code: a callee is small, catches nothing and ends
//! by returning; calls within it are expanded in turn up to a depth, never a function in
//! itself; a caller takes so many instructions. Calls inside of a `try` stay calls.

use super::FuncKey;
use super::output::{INLINED, Inlined};
use crate::lower::{self, Env};
use cranelift_codegen::Context;
use cranelift_codegen::inline::{Inline, InlineCommand};
use cranelift_codegen::ir::{Block, ExternalName, FuncRef, Function, Inst, Opcode, SourceLoc, Value};
use cranelift_frontend::FunctionBuilderContext;
use dayfly_parser::{CursorBuffers, DefinedFuncIdx};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Bytes of a body that is looked at at all.
const MAX_BYTES: usize = 64;

/// Instructions of a callee: about what passing arguments and saving registers costs, a few times.
const MAX_INSTS: usize = 40;

/// Blocks of a callee.
const MAX_BLOCKS: usize = 8;

/// How deep expanded calls are in one another.
const MAX_DEPTH: usize = 3;

/// Instructions that are added to one caller.
const BUDGET: usize = 400;

/// What may be expanded: for each function its CLIF, once it was asked for.
#[derive(Debug)]
pub struct Candidates {
    bodies: Box<[OnceLock<Option<Box<Function>>>]>,
}

impl Candidates {
    /// Of a module with so many bodies.
    pub fn new(count: usize) -> Candidates {
        Candidates { bodies: (0..count).map(|_| OnceLock::new()).collect() }
    }

    /// Nothing may.
    pub fn none() -> Candidates {
        Candidates::new(0)
    }

    /// A function, if it is small and simple.
    fn get(
        &self,
        env: Env<'_>,
        func: DefinedFuncIdx,
        builder: &mut FunctionBuilderContext,
    ) -> Option<&Function> {
        let small = env.module().bodies()[func.index()].range.len() <= MAX_BYTES;
        if !small || !env.is_compiled(func) {
            return None;
        }
        let made = self.bodies.get(func.index())?.get_or_init(|| {
            // An invalid body is an error where it is compiled itself.
            let (clif, _) = lower::body(env, func, builder, CursorBuffers::default()).ok()?;
            is_simple(&clif).then(|| Box::new(clif))
        });
        made.as_deref()
    }
}

fn is_simple(clif: &Function) -> bool {
    clif.dfg.num_insts() <= MAX_INSTS
        && clif.dfg.num_blocks() <= MAX_BLOCKS
        && clif.layout.blocks().flat_map(|block| clif.layout.block_insts(block)).all(|inst| {
            !matches!(
                clif.dfg.insts[inst].opcode(),
                Opcode::TryCall | Opcode::TryCallIndirect | Opcode::ReturnCall | Opcode::ReturnCallIndirect
            )
        })
}

/// Expands calls in a function that was lowered; the result is what `INLINED` positions in it mean.
pub fn expand(
    context: &mut Context,
    env: Env<'_>,
    func: DefinedFuncIdx,
    candidates: &Candidates,
    builder: &mut FunctionBuilderContext,
) -> Result<Vec<Inlined>, &'static str> {
    let mut inliner = Inliner {
        env,
        func,
        candidates,
        builder,
        budget: BUDGET,
        pending: None,
        positions: HashMap::new(),
        chains: Vec::new(),
        numbers: HashMap::new(),
    };
    context.inline(&mut inliner).map_err(|_| "a function cannot be expanded in it")?;
    inliner.settle(&context.func);
    let Inliner { positions, chains, .. } = inliner;
    for (inst, position) in positions {
        context.func.set_srcloc(inst, SourceLoc::new(position));
    }
    Ok(chains)
}

struct Inliner<'a> {
    env: Env<'a>,
    /// The caller.
    func: DefinedFuncIdx,
    candidates: &'a Candidates,
    builder: &'a mut FunctionBuilderContext,
    budget: usize,
    /// What is being expanded.
    pending: Option<Expansion<'a>>,
    /// Where expanded instructions come from.
    positions: HashMap<Inst, u32>,
    chains: Vec<Inlined>,
    /// The numbers of `chains`.
    numbers: HashMap<Inlined, u32>,
}

/// A call that is expanded.
struct Expansion<'a> {
    callee: &'a Function,
    /// Which block of the caller the first of the callee becomes.
    first_block: u32,
    /// Where the call is.
    site: u32,
}

impl Inliner<'_> {
    /// Notes where the instructions come from that were expanded last. Blocks and instructions are
    /// copied one by one, in order, and nothing has split them yet.
    fn settle(&mut self, caller: &Function) {
        let Some(Expansion { callee, first_block, site }) = self.pending.take() else { return };
        for block in callee.layout.blocks() {
            let copied = Block::from_u32(first_block + block.as_u32());
            // What is not reached is not copied.
            if !caller.layout.is_block_inserted(copied) {
                continue;
            }
            let pairs = callee.layout.block_insts(block).zip(caller.layout.block_insts(copied));
            for (original, copy) in pairs {
                let operator = callee.srcloc(original);
                if !operator.is_default() {
                    let position = self.number(Inlined { operator: operator.bits(), caller: site });
                    self.positions.insert(copy, position);
                }
            }
        }
    }

    fn number(&mut self, link: Inlined) -> u32 {
        let next = INLINED | self.chains.len() as u32;
        *self.numbers.entry(link).or_insert_with(|| {
            self.chains.push(link);
            next
        })
    }

    /// Whether code at a position is in a function already, or too deep.
    fn is_within(&self, func: DefinedFuncIdx, position: u32) -> bool {
        let range = &self.env.module().bodies()[func.index()].range;
        let (mut position, mut depth) = (position, 0);
        while position & INLINED != 0 {
            let Inlined { operator, caller } = self.chains[(position & !INLINED) as usize];
            depth += 1;
            if range.contains(&(operator as usize)) || depth >= MAX_DEPTH {
                return true;
            }
            position = caller;
        }
        func == self.func
    }
}

impl Inline for Inliner<'_> {
    fn inline(
        &mut self,
        caller: &Function,
        call: Inst,
        opcode: Opcode,
        callee: FuncRef,
        _args: &[Value],
    ) -> InlineCommand<'_> {
        self.settle(caller);
        let ExternalName::User(name) = caller.dfg.ext_funcs[callee].name else {
            return InlineCommand::KeepCall;
        };
        let FuncKey::Body(func) = FuncKey::of_name(&caller.params.user_named_funcs()[name]) else {
            return InlineCommand::KeepCall;
        };
        let func = DefinedFuncIdx(func);
        let site = match self.positions.get(&call) {
            Some(&position) => position,
            None => caller.srcloc(call).bits(),
        };
        if opcode != Opcode::Call || site == u32::MAX || self.is_within(func, site) {
            return InlineCommand::KeepCall;
        }
        let Some(body) = self.candidates.get(self.env, func, self.builder) else {
            return InlineCommand::KeepCall;
        };
        let Some(left) = self.budget.checked_sub(body.dfg.num_insts()) else {
            return InlineCommand::KeepCall;
        };
        self.budget = left;
        let first_block = caller.dfg.num_blocks() as u32;
        self.pending = Some(Expansion { callee: body, first_block, site });
        InlineCommand::Inline { callee: Cow::Borrowed(body), visit_callee: true }
    }
}
