//! Listings of lowered code: each instruction with its operands, under the offset
//! of the operator that it was made for.

use crate::lower::emit::Note;
use crate::lower::lower;
use crate::record::Bytecode;
use core::fmt::Write;
use dayfly_parser::{Cursor, DefinedFuncIdx};
use dayfly_runtime::fault::Fault;
use dayfly_runtime::shape::Shape;
use std::sync::Arc;

/// The lowered code of a function beside its operators. Slots are `l` and a number
/// for locals, `t` for operands; `acc` is the accumulator of the value's type.
pub fn disassemble(shape: &Arc<Shape>, func: DefinedFuncIdx) -> Result<String, Fault> {
    let bytecode = Bytecode::new(shape, None);
    let lowered = lower(&bytecode, func, true)?;
    let notes = lowered.notes.unwrap_or_default();
    let mut cursor = Cursor::new(shape.module(), func).map_err(Fault::Body)?;
    let mut text = String::new();
    let index = shape.module().func_index(func);
    let name = shape.module().names().func(index).map(|n| format!(" ${n}")).unwrap_or_default();
    let _ = writeln!(text, "func {index}{name}: {} local slots, {} in all", lowered.locals, lowered.frame);
    let mut next = notes.iter().peekable();
    while let Some(op) = cursor.next().map_err(Fault::Body)? {
        let _ = writeln!(text, "{:#8x}  {}", cursor.offset(), op.name());
        while let Some(note) = next.next_if(|n| n.offset <= cursor.offset()) {
            write_note(&mut text, note, &lowered.code, lowered.locals);
        }
    }
    for note in next {
        write_note(&mut text, note, &lowered.code, lowered.locals);
    }
    Ok(text)
}

fn write_note(text: &mut String, note: &Note, code: &[u64], locals: u32) {
    let fields = code[note.at as usize + 1];
    let _ = write!(text, "          {:5}  {} {}", note.at, note.name, note.operands);
    if note.is_branch {
        let distance = (fields >> 32) as i32 / size_of::<u64>() as i32;
        let _ = write!(text, " -> {}", note.at as i32 + distance);
    }
    if note.acc_only {
        text.push_str(" -> acc");
    } else if note.has_result {
        let slot = crate::lower::slot_name(fields as u16 as u32, locals);
        let _ = write!(text, " -> {slot}");
    }
    if note.pinned {
        text.push_str(", pin");
    }
    text.push('\n');
}
