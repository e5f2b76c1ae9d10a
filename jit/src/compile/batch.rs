//! A function that is called for the first time, compiled alone: with it come only small functions that it calls
//! directly, which are mostly expanded in it. Whatever else it calls, it calls by reference.

use super::{Candidates, CompiledFunc, FuncKey, Worker};
use crate::lower::Env;
use dayfly_parser::{DefinedFuncIdx, Module};
use dayfly_runtime::fault::Fault;
use std::collections::HashSet;

/// Bytes of a body that comes with whoever calls it: about what may be expanded.
const NEAR: usize = 64;

/// Locals that it declares.
const NEAR_LOCALS: u32 = 64;

/// Whether a function is compiled with its callers. Nothing that it does can make it a costly one.
pub fn is_near(module: &Module, func: DefinedFuncIdx) -> bool {
    module.bodies()[func.index()].range.len() <= NEAR
        && module.declared_locals(func).is_some_and(|locals| locals <= NEAR_LOCALS)
}

/// Compiles a function and what it needs that is not there yet. The functions that are called directly are those
/// that are compiled as `env` says, there or not.
///
/// # Errors
/// The function that cannot be compiled, and why not.
pub fn batch(
    worker: &mut Worker,
    env: Env<'_>,
    func: DefinedFuncIdx,
    candidates: &Candidates,
    is_there: impl Fn(FuncKey) -> bool,
) -> Result<Vec<CompiledFunc>, (DefinedFuncIdx, Fault)> {
    let mut pieces = Vec::new();
    let mut seen = HashSet::from([func]);
    let mut rest = vec![func];
    while let Some(next) = rest.pop() {
        let piece = worker.body(env, next, candidates).map_err(|fault| (next, fault))?;
        let called = piece.relocs.iter().filter_map(|reloc| match reloc.target {
            FuncKey::Body(callee) if !is_there(reloc.target) => Some(DefinedFuncIdx(callee)),
            _ => None,
        });
        rest.extend(called.filter(|callee| seen.insert(*callee)));
        pieces.push(piece);
    }
    worker.add_trampolines(env, &mut pieces, is_there).map_err(|fault| (func, fault))?;
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_along_is_small_and_has_few_locals() {
        let (few, many, long) = ("i32 ".repeat(64), "i32 ".repeat(50_000), "(nop) ".repeat(64));
        let wat = format!("(module (func (local {few})) (func (local {many})) (func {long}))");
        let module = Module::new(wat::parse_str(wat).unwrap(), &dayfly_parser::Config::default()).unwrap();
        assert_eq!([0, 1, 2].map(|n| is_near(&module, DefinedFuncIdx(n))), [true, false, false]);
    }
}
