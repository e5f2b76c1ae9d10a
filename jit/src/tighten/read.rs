//! Taking the code of a piece apart.

use super::decode::{Inst, Kind, decode};
use super::{Item, NONE, Place, Program, What};
use crate::compile::CompiledFunc;
use core::mem::offset_of;
use dayfly_runtime::vm::{Vm, VmStore};

/// The largest distance from where the address of a table of jumps is taken to the table.
const TABLE_REACH: u32 = 24;

/// The items of a piece, their jumps and references resolved.
pub fn read(piece: &CompiledFunc, blocks: &[u32]) -> Option<Program> {
    let code = &piece.code[..];
    let end = u32::try_from(code.len()).ok()?;
    let mut program =
        Program { items: Vec::with_capacity(code.len() / 4), starts: vec![NONE; code.len()], constants: end };
    let mut relocs = piece.relocs.iter().map(|reloc| reloc.offset).peekable();
    let mut looks = piece.looks.iter().copied().peekable();
    let (mut table, mut is_marked) = (None, false);
    let mut at = 0;
    while at < program.constants {
        let inst = decode(code, at as usize)?;
        let next = at + u32::from(inst.len);
        if next > program.constants {
            return None;
        }
        let linked = relocs.next_if(|&reloc| (at..next).contains(&reloc)).is_some();
        let what = match inst.kind {
            _ if linked && matches!(inst.kind, Kind::Call) => What::Call,
            _ if linked => What::Linked,
            Kind::Call => return None,
            Kind::Jump(condition) => {
                // Resolved once all items are there.
                What::Jump { condition, target: next.wrapping_add(word(code, next - 4)?) }
            }
            Kind::Relative { at: field, address } => {
                let target = next.wrapping_add(word(code, at + u32::from(field))?);
                if target > end {
                    return None;
                }
                if address && is_table(code, next, target) {
                    table = Some(target);
                    What::Relative { at: field, target: Place::Item(target) }
                } else if address && blocks.binary_search(&target).is_ok() {
                    What::Relative { at: field, target: Place::Item(target) }
                } else {
                    program.constants = program.constants.min(target);
                    What::Relative { at: field, target: Place::Constant(target) }
                }
            }
            Kind::Constant(opcode) => {
                let constant = word(code, next - 4)? as i32;
                if i8::try_from(constant).is_ok() { What::Constant(opcode) } else { What::Plain }
            }
            Kind::Plain if is_indirect_call(code, at, inst) => What::Call,
            Kind::Plain | Kind::JumpRegister if inst.falls_through => What::Plain,
            Kind::Plain | Kind::JumpRegister => What::Last,
        };
        is_marked |= looks.next_if_eq(&at).is_some();
        if is_marked {
            if let Some(test) = tests(&code[at as usize..], next - at) {
                program.push(at, next - at, What::Look);
                program.push(next, test, What::Gone);
                (at, is_marked) = (next + test, false);
                continue;
            }
            if what != What::Plain {
                return None;
            }
        }
        program.push(at, next - at, what);
        at = next;
        if inst.kind == Kind::JumpRegister && table == Some(at) {
            let after = *blocks.get(blocks.partition_point(|&block| block <= at))?;
            if after > program.constants || (after - at) % 4 != 0 {
                return None;
            }
            program.push(at, after - at, What::Table);
            at = after;
        } else if !inst.falls_through && is_blank(code, at, program.constants) {
            break;
        }
    }
    resolve(&mut program)?;
    (relocs.next().is_none() && looks.next().is_none()).then_some(program)
}

impl Program {
    fn push(&mut self, start: u32, old: u32, what: What) {
        self.starts[start as usize] = self.items.len() as u32;
        self.items.push(Item { start, old, new: old, at: start, padding: 0, copy: false, what });
    }
}

/// Offsets become items.
fn resolve(program: &mut Program) -> Option<()> {
    for n in 0..program.items.len() {
        let item = |offset| program.item_at(offset);
        let what = match program.items[n].what {
            What::Jump { condition, target } => What::Jump { condition, target: item(target)? },
            What::Relative { at, target: Place::Item(target) } => {
                What::Relative { at, target: Place::Item(item(target)?) }
            }
            What::Relative { target: Place::Constant(target), .. } if target < program.constants => {
                return None;
            }
            what => what,
        };
        program.items[n].what = what;
    }
    Some(())
}

/// Finds the check of the stack that Cranelift makes at the start of a function, which goes by the instance to the
/// store; the watch has the limit too.
pub fn find_limit(piece: &CompiledFunc, program: &mut Program) {
    const STORE: u8 = offset_of!(Vm, store) as u8;
    const LIMIT: u8 = offset_of!(VmStore, code_limit) as u8;
    let bytes = |item: &Item| &piece.code[item.start as usize..][..item.old as usize];
    // Behind `push %rbp; mov %rsp, %rbp`.
    let [_, _, store, load, rest @ ..] = &program.items[..] else { return };
    if bytes(store) != [0x4c, 0x8b, 0x57, STORE] || bytes(load) != [0x4d, 0x8b, 0x52, LIMIT] {
        return;
    }
    let (frame, rest, add) = match rest {
        [add, rest @ ..] => match *bytes(add) {
            [0x49, 0x83, 0xc2, frame] => (i32::from(frame as i8), rest, 1),
            [0x49, 0x81, 0xc2, a, b, c, d] => (i32::from_le_bytes([a, b, c, d]), rest, 1),
            _ => (0, &program.items[4..], 0),
        },
        [] => return,
    };
    let [compare, jump, ..] = rest else { return };
    let compares = matches!(bytes(compare), [0x49, 0x39, 0xe2] | [0x4c, 0x3b, 0xd4]);
    let above = matches!(jump.what, What::Jump { condition: Some(7), .. });
    if let (true, true, Ok(frame)) = (compares, above, u32::try_from(frame)) {
        program.items[2].what = What::Limit(frame);
        program.items[3..=4 + add].iter_mut().for_each(|item| item.what = What::Gone);
    }
}

/// The bytes of a test whether what was just loaded is 0, if that is all that is done: `code` starts with a load of
/// 64 bits from the stack, of a length.
fn tests(code: &[u8], load: u32) -> Option<u32> {
    let &[rex @ (0x48 | 0x4c), 0x8b, operand, 0x24, ..] = code else { return None };
    let high = rex >> 2 & 1;
    let low = operand >> 3 & 7;
    let test = [0x48 | high << 2 | high, 0x85, 0xc0 | low << 3 | low];
    code[load as usize..].starts_with(&test).then_some(test.len() as u32)
}

/// 32 bits of the code.
pub fn word(code: &[u8], at: u32) -> Option<u32> {
    let bytes = code.get(at as usize..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

/// Whether a table of jumps stands at `target`: right behind a jump to an address in a register.
fn is_table(code: &[u8], next: u32, target: u32) -> bool {
    let near = (next..next + TABLE_REACH).contains(&target);
    near && matches!(code[..target as usize], [.., 0xff, 0xe0..=0xe7])
}

/// Whether an instruction calls an address in a register or in memory.
fn is_indirect_call(code: &[u8], at: u32, inst: Inst) -> bool {
    let bytes = &code[at as usize..][..usize::from(inst.len)];
    let bytes = if bytes[0] & 0xf0 == 0x40 { &bytes[1..] } else { bytes };
    matches!(bytes, [0xff, operand, ..] if operand >> 3 & 7 == 2)
}

/// Whether only zeros stand between the last instruction and the constants, fewer than would align those.
fn is_blank(code: &[u8], from: u32, to: u32) -> bool {
    from < to && to - from < 32 && code[from as usize..to as usize].iter().all(|&byte| byte == 0)
}
