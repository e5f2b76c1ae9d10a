//! Machine code as text. Where an instruction names an address, it is told whether that is in the same
//! function or another piece of the module's code.

use super::{Instruction, Target};
use crate::code::MachineCode;
use crate::compile::FuncKey;
use core::ops::Range;
use cranelift_codegen::isa::TargetIsa;
use dayfly_parser::DefinedFuncIdx;
use std::collections::BTreeSet;

/// The instructions of a piece.
pub fn instructions(isa: &dyn TargetIsa, code: &MachineCode, range: Range<u32>) -> Vec<Instruction> {
    let bytes = code.text().get(range.start as usize..range.end as usize).unwrap_or(&[]);
    let tables = code.tables();
    let source_after = |at| Some(tables.source_after(range.start + at)? - range.start);
    // The address 0 is the start of the piece, so that what is shown depends on nothing else.
    let mut found = decode(isa, bytes, source_after).unwrap_or_else(|| raw(bytes, 0));
    constants(&mut found, bytes);
    for instruction in &mut found {
        let at = range.start + instruction.offset;
        // Code of an expanded function stands for the call of it.
        instruction.source = tables.sources_at(at).last();
        instruction.trap = tables.trap_at(at);
        let Some((place, distance)) = target(instruction) else { continue };
        if (0..i64::from(range.end - range.start)).contains(&distance) {
            instruction.target = Some(Target::Here(distance as u32));
        } else if let Ok(to) = u32::try_from(i64::from(range.start) + distance)
            && let Some((key, start)) = tables.piece_at(to)
            && start == to
        {
            instruction.target = Some(Target::Piece(piece_name(code, key)));
        } else {
            continue;
        }
        instruction.rest = instruction.text.split_off(place.end);
        instruction.text.truncate(place.start);
    }
    found
}

/// Shows constants as such: they stand at the end, from the first on that an instruction reads.
fn constants(found: &mut Vec<Instruction>, bytes: &[u8]) {
    let reads = found
        .iter()
        .filter(|instruction| instruction.text.contains("(%rip)") && !instruction.text.starts_with("lea"));
    let places = reads.filter_map(|instruction| usize::try_from(target(instruction)?.1).ok());
    if let Some(start) = places.min().filter(|&start| start < bytes.len()) {
        found.retain(|instruction| (instruction.offset as usize) < start);
        found.extend(raw(&bytes[start..], start));
    }
}

/// Takes code apart; where operators' code starts helps to tell where a table of jumps ends.
fn decode(
    isa: &dyn TargetIsa,
    bytes: &[u8],
    starts: impl Fn(u32) -> Option<u32>,
) -> Option<Vec<Instruction>> {
    let mut decoder = isa.to_capstone().ok()?;
    // What cannot be decoded is shown as bytes.
    decoder.set_skipdata(true).ok()?;
    let mut found: Vec<Instruction> = Vec::new();
    let (mut leads, mut addresses) = (BTreeSet::new(), BTreeSet::new());
    let mut at = 0;
    while at < bytes.len() {
        if addresses.contains(&at) && follows_jump(bytes, at) {
            let limit = starts(at as u32).map_or(bytes.len(), |start| start as usize);
            found.extend(jump_table(bytes, at, limit, &mut leads));
        } else {
            let decoded = decoder.disasm_count(&bytes[at..], at as u64, 1).ok()?;
            let i = decoded.first()?;
            let text = format!("{} {}", i.mnemonic().unwrap_or("?"), i.op_str().unwrap_or(""));
            let instruction = plain(at as u32, i.bytes(), text.trim().to_owned());
            if let Some((_, to)) = target(&instruction) {
                let takes_address = instruction.text.starts_with("lea");
                let kind = if takes_address { &mut addresses } else { &mut leads };
                kind.extend(usize::try_from(to));
            }
            found.push(instruction);
        }
        let last = found.last().filter(|last| !last.bytes.is_empty())?;
        at = last.offset as usize + last.bytes.len();
    }
    Some(found)
}

/// Whether code up to an offset ends with a jump to an address in a register.
fn follows_jump(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[..at], [.., 0xff, 0xe0..=0xe7])
}

/// The table of jumps at an offset: distances of its targets from its own start. It ends in front of the first place
/// that anything is known to lead to, at the latest at `limit`.
fn jump_table(bytes: &[u8], start: usize, limit: usize, leads: &mut BTreeSet<usize>) -> Vec<Instruction> {
    let mut rows = Vec::new();
    let words = bytes.get(start..limit).unwrap_or(&[]).chunks_exact(4);
    for (at, word) in (start..).step_by(4).zip(words) {
        let distance = i32::from_le_bytes(word.try_into().expect("4 bytes"));
        let to = start.checked_add_signed(distance as isize).filter(|to| *to < bytes.len());
        let ends = leads.range(start..).next().is_some_and(|&next| next <= at);
        let Some(to) = to.filter(|_| !ends) else { break };
        leads.insert(to);
        let mut row = plain(at as u32, word, ".long ".to_owned());
        row.target = Some(Target::Here(to as u32));
        rows.push(row);
    }
    if rows.is_empty() {
        rows.extend(raw(&bytes[start..start + 1], start));
    }
    rows
}

/// Bytes, from an offset on, that are no instructions or cannot be decoded.
fn raw(bytes: &[u8], from: usize) -> Vec<Instruction> {
    let text = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:#04x}")).collect::<Vec<_>>().join(", ");
    let chunks = bytes.chunks(8).enumerate();
    chunks.map(|(n, bytes)| plain((from + n * 8) as u32, bytes, format!(".byte {}", text(bytes)))).collect()
}

fn plain(offset: u32, bytes: &[u8], text: String) -> Instruction {
    let (target, rest, source, trap) = (None, String::new(), None, None);
    Instruction { offset, bytes: bytes.to_vec(), text, target, rest, source, trap }
}

/// Where the target stands in the text of an instruction, and how far from the start of the piece it is.
fn target(instruction: &Instruction) -> Option<(Range<usize>, i64)> {
    let text = &instruction.text;
    let (mnemonic, operands) = text.split_once(' ')?;
    let start = mnemonic.len() + 1;
    if mnemonic.starts_with('j') || mnemonic == "call" || mnemonic == "callq" {
        return Some((start..text.len(), number(operands)?));
    }
    let next = i64::from(instruction.offset) + instruction.bytes.len() as i64;
    let end = operands.find("(%rip)")?;
    let begin = operands[..end].rfind([' ', ',']).map_or(0, |at| at + 1);
    let digits = &operands[begin..end];
    let distance = match digits.strip_prefix('-') {
        Some(digits) => -number(digits)?,
        None if digits.is_empty() => 0,
        None => number(digits)?,
    };
    Some((start + begin..start + end, next + distance))
}

/// A number as the decoder writes it: small ones decimal, others hexadecimal.
fn number(digits: &str) -> Option<i64> {
    match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(|number| number as i64),
        None => digits.parse().ok(),
    }
}

/// A piece as people know it.
fn piece_name(code: &MachineCode, key: FuncKey) -> String {
    let module = code.shape().module();
    match key {
        FuncKey::Body(index) => {
            let func = module.func_index(DefinedFuncIdx(index));
            match module.names().func(func) {
                Some(name) => format!("function {func} `{}`", name.escape_debug()),
                None => format!("function {func}"),
            }
        }
        FuncKey::Entry(number) => format!("entry {number}"),
        FuncKey::Adapter(number) => format!("adapter {number}"),
        FuncKey::Import(func) => format!("import {func}"),
        FuncKey::Interrupt => "interrupt".to_owned(),
    }
}
