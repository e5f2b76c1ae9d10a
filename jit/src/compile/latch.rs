//! Tests of loops, written so that the old value of a counter is not needed any more when the new one goes back
//! to the start. Cranelift makes `x == k - n` of `x + n == k`, and some modules come with that. Then both values
//! are alive at once, and each round copies one register to another on a way of its own. So such tests are made on
//! the new value, zero-extended: Cranelift leaves that alone, and to zero-extend a sum costs nothing.

use crate::clif::{constant, defined_by, step};
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{BlockArg, Function, Inst, InstBuilder, InstructionData, Opcode, Value};

/// A test that a new value is, or is not, a constant.
struct Test {
    cond: IntCC,
    next: Value,
    bound: u32,
}

/// Rewrites the tests of a function that was lowered.
pub fn rewrite(func: &mut Function) {
    let blocks = func.layout.blocks();
    let branches: Vec<Inst> = blocks.filter_map(|block| func.layout.last_inst(block)).collect();
    for branch in branches {
        let Some(Test { cond, next, bound }) = test_of(func, branch) else { continue };
        let mut cursor = FuncCursor::new(func).at_inst(branch);
        cursor.use_srcloc(branch);
        let bound = cursor.ins().iconst(I64, i64::from(bound));
        let next = cursor.ins().uextend(I64, next);
        let test = cursor.ins().icmp(cond, next, bound);
        if let InstructionData::Brif { arg, .. } = &mut func.dfg.insts[branch] {
            *arg = test;
        }
    }
}

/// The test by which a branch may go back to the start of a loop, if it can be made on the new value.
fn test_of(func: &Function, branch: Inst) -> Option<Test> {
    let InstructionData::Brif { arg, blocks, .. } = &func.dfg.insts[branch] else { return None };
    let test = match defined_by(func, *arg)? {
        InstructionData::Unary { opcode: Opcode::Uextend, arg } => defined_by(func, *arg)?,
        test => test,
    };
    let InstructionData::IntCompare { cond: cond @ (IntCC::Equal | IntCC::NotEqual), args, .. } = test else {
        return None;
    };
    let tested = func.dfg.resolve_aliases(args[0]);
    // Both are of 32 bits.
    let bound = constant(func, args[1])? as u32;
    if func.dfg.value_type(tested) != I32 {
        return None;
    }
    for to in blocks {
        let params = func.dfg.block_params(to.block(&func.dfg.value_lists));
        for (&param, arg) in params.iter().zip(to.args(&func.dfg.value_lists)) {
            let BlockArg::Value(next) = arg else { continue };
            let next = func.dfg.resolve_aliases(next);
            let Some(step) = step(func, param, next) else { continue };
            let bound = match tested {
                _ if tested == next => bound,
                _ if tested == param => bound.wrapping_add(step as u32),
                _ => continue,
            };
            // A larger one would not fit in an instruction.
            return i32::try_from(bound).is_ok().then_some(Test { cond: *cond, next, bound });
        }
    }
    None
}
