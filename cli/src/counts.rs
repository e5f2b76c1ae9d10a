//! `--profile counts`: what the interpreter has counted, the most frequent first.

use crate::describe;
use dayfly::{Module, Result};
use std::cmp::Reverse;
use std::fmt::Write;

/// Lines that are printed, at most.
const LINES: usize = 40;

/// Prints the counts of a module to standard error, where they are not mixed with what the program prints.
pub fn print(module: &Module) -> Result<()> {
    let mut lines = Vec::new();
    for counts in module.execution_counts()? {
        let name = match module.parsed().names().func(counts.func) {
            Some(name) => format!("func {} {}", counts.func, describe::name(name)),
            None => format!("func {}", counts.func),
        };
        for each in &counts.loops {
            lines.push((each.rounds, format!("rounds  {name}, loop at {:#x}", each.offset)));
        }
        lines.push((counts.calls, format!("calls   {name}")));
    }
    lines.sort_by_key(|line| Reverse(line.0));
    let mut text = String::new();
    for (count, what) in lines.iter().take(LINES) {
        let _ = writeln!(text, "{count:>15} {what}");
    }
    if lines.len() > LINES {
        let _ = writeln!(text, "{:>15} more lines", lines.len() - LINES);
    }
    eprint!("{text}");
    Ok(())
}
