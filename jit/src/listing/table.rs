//! A listing as text: three columns, in the order of the machine code. Where code of an operator
//! starts, the operator and its CLIF stand beside it; operators without code of their own stand before
//! the next one that has some.

use super::{ClifLine, Instruction, Listing, Target};
use core::fmt::Write;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a table shows besides the operators and the instructions.
#[derive(Clone, Copy, Debug)]
pub struct Show {
    /// The CLIF.
    pub clif: bool,
    /// The addresses of instructions, from the start of the module's code.
    pub addresses: bool,
    /// The bytes of instructions.
    pub bytes: bool,
    /// What faults of instructions mean.
    pub traps: bool,
}

impl Default for Show {
    fn default() -> Show {
        Show { clif: true, addresses: false, bytes: false, traps: true }
    }
}

/// The widest that a column is made; what is longer stands out.
const MAX_WIDTH: usize = 64;

impl Listing {
    /// The listing as a table, for people.
    pub fn table(&self, show: Show) -> String {
        let mut rows = Rows::new(self, show);
        let mut rest = &self.instructions[..];
        while let Some(first) = rest.first() {
            let count = rest.iter().take_while(|next| next.source == first.source).count();
            let (run, others) = rest.split_at(count);
            rows.run(run);
            rest = others;
        }
        rows.remaining();
        rows.text()
    }
}

/// One line, column by column.
type Row = [String; 3];

struct Rows<'a> {
    listing: &'a Listing,
    show: Show,
    /// The operators by offset.
    operators: HashMap<u32, usize>,
    /// The CLIF by the operator that it is shown with.
    clif: BTreeMap<Option<u32>, Vec<&'a ClifLine>>,
    /// Operators that have code.
    has_code: BTreeSet<u32>,
    /// Places that are jumped to.
    labels: BTreeMap<u32, usize>,
    /// The first operator that was not shown yet.
    next: usize,
    rows: Vec<Row>,
}

impl<'a> Rows<'a> {
    fn new(listing: &'a Listing, show: Show) -> Rows<'a> {
        let mut clif: BTreeMap<Option<u32>, Vec<&ClifLine>> = BTreeMap::new();
        let mut last = None;
        for line in &listing.clif {
            last = line.source.or(last);
            clif.entry(last).or_default().push(line);
        }
        let targets = listing.instructions.iter().filter_map(|i| match i.target {
            Some(Target::Here(offset)) => Some(offset),
            _ => None,
        });
        let targets: BTreeSet<u32> = targets.collect();
        Rows {
            listing,
            show,
            operators: listing.operators.iter().enumerate().map(|(n, op)| (op.offset, n)).collect(),
            clif: if show.clif { clif } else { BTreeMap::new() },
            has_code: listing.instructions.iter().filter_map(|i| i.source).collect(),
            labels: targets.into_iter().enumerate().map(|(n, offset)| (offset, n)).collect(),
            next: 0,
            rows: Vec::new(),
        }
    }

    /// Instructions of one operator.
    fn run(&mut self, run: &[Instruction]) {
        let source = run[0].source;
        let operator = source.and_then(|offset| self.operators.get(&offset).copied());
        if let Some(operator) = operator {
            self.up_to(operator);
        }
        let wasm = match (operator, source) {
            (Some(operator), _) => self.operator(operator),
            (None, Some(offset)) => format!("{offset:#6x}"),
            (None, None) => String::new(),
        };
        let clif = self.clif.remove(&source).unwrap_or_default();
        let mut code = Vec::with_capacity(run.len());
        for instruction in run {
            if !self.show.addresses
                && let Some(label) = self.labels.get(&instruction.offset)
            {
                code.push(format!("L{label}:"));
            }
            code.push(self.instruction(instruction));
        }
        self.group(wasm, &clif, code);
    }

    /// The operators before one that have no code and were not shown.
    fn up_to(&mut self, operator: usize) {
        while self.next < operator {
            let (at, offset) = (self.next, self.listing.operators[self.next].offset);
            if !self.has_code.contains(&offset) {
                let clif = self.clif.remove(&Some(offset)).unwrap_or_default();
                let wasm = self.operator(at);
                self.group(wasm, &clif, Vec::new());
            }
            self.next += 1;
        }
        self.next = self.next.max(operator + 1);
    }

    fn remaining(&mut self) {
        self.up_to(self.listing.operators.len());
        for (_, clif) in std::mem::take(&mut self.clif) {
            self.group(String::new(), &clif, Vec::new());
        }
    }

    fn group(&mut self, wasm: String, clif: &[&ClifLine], code: Vec<String>) {
        let mut wasm = Some(wasm);
        let mut code = code.into_iter();
        let mut clif = clif.iter();
        loop {
            let row = (wasm.take(), clif.next(), code.next());
            if let (None, None, None) = row {
                return;
            }
            let clif = row.1.map_or(String::new(), |line| line.text.clone());
            self.rows.push([row.0.unwrap_or_default(), clif, row.2.unwrap_or_default()]);
        }
    }

    fn operator(&self, at: usize) -> String {
        let operator = &self.listing.operators[at];
        format!(
            "{:#6x} {:indent$}{}",
            operator.offset,
            "",
            operator.text,
            indent = operator.depth as usize * 2
        )
    }

    fn instruction(&self, instruction: &Instruction) -> String {
        let mut text = String::new();
        let at = |offset: u32| self.listing.start + offset;
        if self.show.addresses {
            let _ = write!(text, "{:6x}: ", at(instruction.offset));
        }
        if self.show.bytes {
            let bytes: String = instruction.bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
            let _ = write!(text, "{bytes:30} ");
        }
        if !self.show.addresses {
            text.push_str("    ");
        }
        text.push_str(&instruction.text);
        if let Some(target) = &instruction.target {
            let _ = match target {
                Target::Here(offset) if self.show.addresses => write!(text, "{:#x}", at(*offset)),
                Target::Here(offset) => write!(text, "L{}", self.labels[offset]),
                Target::Piece(name) => write!(text, "{name}"),
            };
        }
        text.push_str(&instruction.rest);
        if let Some(trap) = instruction.trap.filter(|_| self.show.traps) {
            let _ = write!(text, " ; trap: {trap}");
        }
        text
    }

    fn text(self) -> String {
        let shown: &[usize] = if self.show.clif { &[0, 1, 2] } else { &[0, 2] };
        let width = |column: usize| {
            let widths = self.rows.iter().map(|row| row[column].chars().count());
            widths.filter(|&width| width <= MAX_WIDTH).max().unwrap_or(0)
        };
        let widths = [width(0), width(1), 0];
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for &column in shown {
                let _ = write!(line, "{:1$}  ", row[column], widths[column]);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}
