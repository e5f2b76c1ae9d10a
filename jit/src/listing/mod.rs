//! What became of a function: its operators, the CLIF that they were lowered to, and the machine code as it
//! lies in memory. Offsets of operators in the module connect the three. The CLIF is made once more
//! for the listing; the machine code is the one that runs.

mod code;
mod table;

pub use table::Show;

use crate::Jit;
use crate::code::MachineCode;
use crate::compile::{self, Candidates, FuncKey};
use crate::facts::Facts;
use crate::lower::{Env, Signatures};
use crate::trap_code::trap_of;
use cranelift_codegen::ir::{Function, TrapCode};
use dayfly_parser::{Cursor, DefinedFuncIdx, FuncIdx, Module};
use dayfly_runtime::fault::Fault;
use dayfly_runtime::trap::Trap;
use std::collections::HashMap;
use std::ops::Range;

/// A function at every stage.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The operators, in the order of the body.
    pub operators: Vec<Operator>,
    /// What CLIF declares before its first block: signatures, functions, slots, constants.
    pub preamble: Vec<String>,
    /// The blocks of the CLIF, line by line.
    pub clif: Vec<ClifLine>,
    /// Where the machine code starts, from the start of the module's.
    pub start: u32,
    /// The machine code, by ascending address.
    pub instructions: Vec<Instruction>,
}

/// An operator.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Its offset in the module.
    pub offset: u32,
    /// How many blocks it stands in.
    pub depth: u32,
    /// The operator with its immediates.
    pub text: String,
}

/// A line of CLIF.
#[derive(Clone, Debug)]
pub struct ClifLine {
    /// The offset of the operator that it belongs to, if any.
    pub source: Option<u32>,
    /// Whether a block starts here.
    pub is_block: bool,
    /// The text.
    pub text: String,
}

/// A machine instruction.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// From the start of the function's code.
    pub offset: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The instruction up to its target, if it has one.
    pub text: String,
    /// Where it jumps to, or what it calls or refers to.
    pub target: Option<Target>,
    /// The instruction behind its target.
    pub rest: String,
    /// The offset of the operator that it belongs to, if any.
    pub source: Option<u32>,
    /// What a fault of it means.
    pub trap: Option<Trap>,
}

/// What an instruction refers to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// A place in the same function, from its start.
    Here(u32),
    /// Another piece of the module's code.
    Piece(String),
}

/// Which CLIF is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stage {
    /// As operators are lowered.
    Lowered,
    /// As machine code is made of it.
    #[default]
    Optimized,
}

/// Makes listings of the functions of a module.
#[derive(Debug)]
pub struct Lister<'a> {
    jit: &'a Jit,
    code: &'a MachineCode,
    signatures: Signatures,
    facts: Facts,
    compiled: Vec<bool>,
    candidates: Candidates,
    /// Where the pieces of the code are.
    pieces: HashMap<FuncKey, Range<u32>>,
}

impl<'a> Lister<'a> {
    /// A lister of code that the compiler has made.
    pub fn new(jit: &'a Jit, code: &'a MachineCode) -> Lister<'a> {
        let module = code.shape().module();
        let compiled: Vec<bool> =
            (0..module.bodies().len() as u32).map(|func| code.has(DefinedFuncIdx(func))).collect();
        let pieces = code.tables().pieces().collect();
        let candidates = Candidates::new(module.bodies().len());
        let facts = Facts::new(module, &compiled);
        Lister { jit, code, signatures: Signatures::new(module), facts, compiled, candidates, pieces }
    }

    /// The listing of a function; `None` if it has no machine code.
    ///
    /// # Errors
    /// If the body is not valid, which it is when the code was made of it.
    pub fn function(&self, func: FuncIdx, stage: Stage) -> Result<Option<Listing>, Fault> {
        let module = self.code.shape().module();
        let Some(defined) =
            module.defined(func).filter(|defined| self.compiled.get(defined.index()) == Some(&true))
        else {
            return Ok(None);
        };
        let env = Env {
            shape: self.code.shape(),
            isa: &*self.jit.isa,
            looks: self.jit.looks,
            signatures: &self.signatures,
            facts: &self.facts,
            compiled: &self.compiled,
        };
        let clif = compile::clif(env, defined, stage, &self.candidates)?;
        let (preamble, clif) = clif_lines(&clif);
        let range = self.pieces.get(&FuncKey::Body(defined.0)).cloned().unwrap_or_default();
        let start = range.start;
        let instructions = code::instructions(&*self.jit.isa, self.code, range);
        let operators = operators(module, defined)?;
        Ok(Some(Listing { operators, preamble, clif, start, instructions }))
    }
}

/// The operators of a function that can be reached.
fn operators(module: &Module, func: DefinedFuncIdx) -> Result<Vec<Operator>, Fault> {
    let mut cursor = Cursor::new(module, func).map_err(Fault::Body)?;
    let mut operators = Vec::new();
    while let Some(op) = cursor.next().map_err(Fault::Body)? {
        let (offset, depth) = (cursor.offset() as u32, cursor.depth(&op));
        operators.push(Operator { offset, depth, text: cursor.text(&op) });
    }
    Ok(operators)
}

/// An instruction with the name of its trap in place of Cranelift's number for it.
fn with_trap(text: &str) -> String {
    let named = text.rsplit_once(" user").and_then(|(before, number)| {
        let code = TrapCode::user(number.parse().ok()?)?;
        Some(format!("{before} {:?}", trap_of(code)?))
    });
    named.unwrap_or_else(|| text.to_owned())
}

/// The lines of CLIF's text: what is declared, then the blocks. An instruction's line begins with
/// the offset of its operator, as `@` and hexadecimal digits.
fn clif_lines(func: &Function) -> (Vec<String>, Vec<ClifLine>) {
    let text = func.display().to_string();
    let (mut preamble, mut lines) = (Vec::new(), Vec::<ClifLine>::new());
    let inner = text.lines().skip(1).filter(|line| !line.trim().is_empty() && line.trim() != "}");
    for line in inner {
        let (source, text) = match line.strip_prefix('@').and_then(|line| line.split_once(' ')) {
            Some((digits, rest)) => (u32::from_str_radix(digits, 16).ok(), rest.trim()),
            None => (None, line.trim()),
        };
        let is_block = text.starts_with("block") && text.ends_with(':');
        if lines.is_empty() && !is_block {
            preamble.push(text.to_owned());
            continue;
        }
        let text = if is_block { text.to_owned() } else { format!("    {}", with_trap(text)) };
        lines.push(ClifLine { source, is_block, text });
    }
    // A block belongs to what it starts with.
    for at in (0..lines.len().saturating_sub(1)).rev() {
        if lines[at].is_block {
            lines[at].source = lines[at + 1].source;
        }
    }
    (preamble, lines)
}
