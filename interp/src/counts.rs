//! How often functions were called and loops went round, where code counts it
//! (`RuntimeConfig::count_executions`). The counters are words of the code itself: an
//! instruction at the start of each function and of each loop has one. Where they are
//! is found by lowering once more, as for backtraces.

use crate::lower::lower;
use crate::record::Bytecode;
use dayfly_parser::FuncIdx;
use dayfly_runtime::backend::Code;
use dayfly_runtime::fault::Fault;

/// The name of the instruction in listings.
pub const COUNT: &str = "count";

/// What was counted in a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FuncCounts {
    /// The function.
    pub func: FuncIdx,
    /// How often it was called.
    pub calls: u64,
    /// Its loops, in the order of the code.
    pub loops: Box<[LoopCount]>,
}

/// What was counted in a loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoopCount {
    /// The offset in the module of the `loop` operator.
    pub offset: usize,
    /// How often its body was begun.
    pub rounds: u64,
}

/// What was counted in all functions that the interpreter has called, in the module's
/// order; nothing where code does not count.
///
/// # Errors
/// As lowering: none for functions that have run.
pub fn executions(code: &(dyn Code + 'static)) -> Result<Vec<FuncCounts>, Fault> {
    let Some(bytecode) = code.downcast_ref::<Bytecode>() else { return Ok(Vec::new()) };
    let module = bytecode.shape().module();
    let mut all = Vec::new();
    for func in module.defined_funcs() {
        if bytecode.record(func).code().is_null() {
            continue;
        }
        let notes = lower(bytecode, func, true)?.notes.unwrap_or_default();
        let counters = notes.iter().filter(|note| note.name == COUNT);
        let mut counts = counters.filter_map(|note| {
            // The first two words are the handler and its fields.
            let rounds = bytecode.word(func, note.at + 2)?;
            Some(LoopCount { offset: note.offset, rounds })
        });
        if let Some(entry) = counts.next() {
            let (func, loops) = (module.func_index(func), counts.collect());
            all.push(FuncCounts { func, calls: entry.rounds, loops });
        }
    }
    Ok(all)
}
