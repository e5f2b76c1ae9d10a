//! How often a loop goes round at most, where its CLIF tells: one value starts as a constant, changes by a constant in
//! each round, and the only way back leads through a test that it has not become another constant, or is less.

use crate::clif::{constant, defined_by, step};
use cranelift_codegen::ir::condcodes::{CondCode, IntCC};
use cranelift_codegen::ir::{Block, BlockArg, BlockCall, Function, Inst, InstructionData, Opcode, Value};
use std::collections::HashMap;

/// Branches between the way back and the test, at most.
const MAX_DEPTH: usize = 8;

/// The branches of a function, and the blocks that they end, by where they go.
pub struct Branches(HashMap<Block, Vec<(Block, Inst)>>);

impl Branches {
    /// All branches of a function.
    pub fn of(func: &Function) -> Branches {
        let mut to: HashMap<Block, Vec<(Block, Inst)>> = HashMap::new();
        for from in func.layout.blocks() {
            let Some(inst) = func.layout.last_inst(from) else { continue };
            let (jumps, exceptions) = (&func.dfg.jump_tables, &func.dfg.exception_tables);
            for call in func.dfg.insts[inst].branch_destination(jumps, exceptions) {
                to.entry(call.block(&func.dfg.value_lists)).or_default().push((from, inst));
            }
        }
        Branches(to)
    }

    fn to(&self, block: Block) -> &[(Block, Inst)] {
        self.0.get(&block).map_or(&[], |branches| branches)
    }
}

/// How often the loop goes round, at most, that starts with a block, if that can be told.
pub fn of(func: &Function, start: Block, branches: &Branches) -> Option<u64> {
    let &[a, b] = branches.to(start) else { return None };
    counted(func, start, a.1, b, branches).or_else(|| counted(func, start, b.1, a, branches))
}

/// As `of`, of a loop that is entered by one branch and goes back by the other.
fn counted(
    func: &Function,
    start: Block,
    enter: Inst,
    (mut from, back): (Block, Inst),
    branches: &Branches,
) -> Option<u64> {
    let InstructionData::Jump { destination: enter, .. } = &func.dfg.insts[enter] else { return None };
    let (mut to, mut branch) = (start, back);
    let tables = (&func.dfg.jump_tables, &func.dfg.exception_tables);
    let mut passed = func.dfg.insts[back].branch_destination(tables.0, tables.1).iter();
    let passed = passed.find(|call| call.block(&func.dfg.value_lists) == start)?;
    // Whoever comes back has passed all branches on the way up from there, as long as there is only one way.
    for _ in 0..MAX_DEPTH {
        let rounds =
            Test::passed(func, branch, to).and_then(|test| rounds(func, start, enter, passed, &test));
        if rounds.is_some() {
            return rounds;
        }
        if from == start {
            return None;
        }
        to = from;
        let &[only] = branches.to(to) else { return None };
        (from, branch) = only;
    }
    None
}

/// How often a loop goes round at most that goes back only as long as a test says so.
fn rounds(func: &Function, start: Block, enter: &BlockCall, back: &BlockCall, test: &Test) -> Option<u64> {
    let params = func.dfg.block_params(start);
    // What is tested is the value of this round, or that of the next one.
    let (number, more) = match params.iter().position(|&param| param == test.value) {
        Some(number) => (number, 1),
        None => (args(func, back).position(|next| next == Some(test.value))?, 0),
    };
    let counter = *params.get(number)?;
    let step = step(func, counter, args(func, back).nth(number)??)?;
    let first = constant(func, args(func, enter).nth(number)??)?;
    let mask = u64::MAX.checked_shr(64 - func.dfg.value_type(counter).bits()).unwrap_or(0);
    let (first, bound, step) = (first & mask, test.bound & mask, step & mask);
    let most = match test.cond {
        IntCC::NotEqual => {
            let (distance, step) = match step <= mask / 2 {
                true => (bound.wrapping_sub(first) & mask, step),
                false => (first.wrapping_sub(bound) & mask, step.wrapping_neg() & mask),
            };
            // Otherwise it wraps around before it ends, if it does.
            let meets = distance.max(more) != 0 && step != 0 && distance % step == 0;
            return meets.then(|| (distance / step).saturating_add(more));
        }
        IntCC::UnsignedLessThan => mask,
        IntCC::SignedLessThan => mask / 2,
        _ => return None,
    };
    // It does not get past the bound by more than a step, and that does not wrap around.
    let ends = step != 0 && first < bound && bound <= most && step <= most - bound;
    ends.then(|| (bound - first) / step + 2)
}

/// The values that a branch passes on; `None` for one that is made by the branch.
fn args(func: &Function, call: &BlockCall) -> impl Iterator<Item = Option<Value>> {
    call.args(&func.dfg.value_lists).map(|arg| match arg {
        BlockArg::Value(value) => Some(func.dfg.resolve_aliases(value)),
        _ => None,
    })
}

/// How a value compares with a constant.
struct Test {
    value: Value,
    bound: u64,
    cond: IntCC,
}

impl Test {
    /// What is known if a branch went to a block.
    fn passed(func: &Function, branch: Inst, to: Block) -> Option<Test> {
        let InstructionData::Brif { arg, blocks: [then, otherwise], .. } = &func.dfg.insts[branch] else {
            return None;
        };
        let [then, otherwise] = [then, otherwise].map(|call| call.block(&func.dfg.value_lists) == to);
        (then != otherwise).then(|| Test::of(func, *arg, then))?
    }

    /// What is known if a condition is true, or is not.
    fn of(func: &Function, condition: Value, mut holds: bool) -> Option<Test> {
        let mut condition = func.dfg.resolve_aliases(condition);
        loop {
            let (cond, [x, y]) = match defined_by(func, condition)? {
                InstructionData::Unary { opcode: Opcode::Uextend, arg } => {
                    condition = func.dfg.resolve_aliases(*arg);
                    continue;
                }
                InstructionData::IntCompare { cond, args, .. } => (*cond, *args),
                _ => {
                    let cond = if holds { IntCC::NotEqual } else { IntCC::Equal };
                    return Some(Test { value: condition, bound: 0, cond });
                }
            };
            let (value, bound) = (func.dfg.resolve_aliases(x), constant(func, y)?);
            if cond == IntCC::Equal && bound == 0 && is_truth(func, value) {
                (condition, holds) = (value, !holds);
            } else {
                return Some(Test { value, bound, cond: if holds { cond } else { cond.complement() } });
            }
        }
    }
}

/// Whether a value is the result of a comparison.
fn is_truth(func: &Function, value: Value) -> bool {
    match defined_by(func, value) {
        Some(InstructionData::Unary { opcode: Opcode::Uextend, arg }) => {
            matches!(defined_by(func, *arg), Some(InstructionData::IntCompare { .. }))
        }
        _ => false,
    }
}
