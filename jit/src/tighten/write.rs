//! Putting the items of a piece together again.

use super::read::word;
use super::{LINE, LOOK, Place, Program, What, limit};
use crate::compile::{CallReloc, CallSite, CompiledFunc, Handler, RootMap};

/// Constants keep their distance from a multiple of this.
const CONSTANT_ALIGNMENT: u32 = 16;

/// Instructions that do nothing, of 1 to 9 bytes.
const NOPS: [&[u8]; 9] = [
    &[0x90],
    &[0x66, 0x90],
    &[0x0f, 0x1f, 0x00],
    &[0x0f, 0x1f, 0x40, 0x00],
    &[0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
    &[0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
];

/// The piece with its items where they were placed.
pub fn write(piece: &CompiledFunc, program: &Program) -> Option<CompiledFunc> {
    let items = &program.items;
    let end = items.last().map_or(0, |item| item.at + item.new);
    let constants = end
        + (program.constants % CONSTANT_ALIGNMENT + CONSTANT_ALIGNMENT - end % CONSTANT_ALIGNMENT)
            % CONSTANT_ALIGNMENT;
    let mut code = Vec::with_capacity(piece.code.len());
    for item in items {
        pad(&mut code, item.padding as usize);
        debug_assert_eq!(code.len(), item.at as usize);
        let old = &piece.code[item.start as usize..][..item.old as usize];
        let next = item.at + item.new;
        match item.what {
            What::Plain | What::Last | What::Linked | What::Call => code.extend_from_slice(old),
            What::Limit(frame) => code.extend(limit(frame)),
            What::Look => code.extend(LOOK),
            What::Gone => {}
            What::Jump { condition, target } => {
                let distance = items[target as usize].at.wrapping_sub(next);
                match (condition, item.new) {
                    (None, 0) => {}
                    (None, 2) => code.extend([0xeb, distance as u8]),
                    (Some(condition), 2) => code.extend([0x70 | condition, distance as u8]),
                    (None, _) => {
                        code.push(0xe9);
                        code.extend(distance.to_le_bytes());
                    }
                    (Some(condition), _) => {
                        code.extend([0x0f, 0x80 | condition]);
                        code.extend(distance.to_le_bytes());
                    }
                }
            }
            What::Relative { at, target } => {
                let target = match target {
                    Place::Item(target) => items[target as usize].at,
                    Place::Constant(target) => target - program.constants + constants,
                };
                let at = usize::from(at);
                code.extend_from_slice(&old[..at]);
                code.extend(target.wrapping_sub(next).to_le_bytes());
                code.extend_from_slice(&old[at + 4..]);
            }
            What::Constant(opcode) => {
                let opcode = usize::from(opcode);
                code.extend_from_slice(&old[..old.len() - 3]);
                code[item.at as usize + opcode] = 0x83;
            }
            What::Table => {
                for entry in 0..item.old / 4 {
                    let target = item.start.wrapping_add(word(old, entry * 4)?);
                    let target = items[program.item_at(target)? as usize].at;
                    code.extend(target.wrapping_sub(item.at).to_le_bytes());
                }
            }
        }
    }
    if (program.constants as usize) < piece.code.len() {
        code.resize(constants as usize, 0);
        code.extend_from_slice(&piece.code[program.constants as usize..]);
    }
    let placed = items.iter().any(|item| item.padding > 0);
    let alignment = if placed { piece.alignment.max(LINE) } else { piece.alignment };
    let tables = Tables::of(piece, program)?;
    Some(CompiledFunc {
        key: piece.key,
        alignment,
        code,
        relocs: tables.relocs,
        traps: tables.traps,
        looks: Vec::new(),
        sites: tables.sites,
        roots: tables.roots,
        source: tables.source,
        inlined: piece.inlined.clone(),
    })
}

/// So many bytes that do nothing.
fn pad(code: &mut Vec<u8>, mut bytes: usize) {
    while bytes > 0 {
        let nop = NOPS[bytes.min(NOPS.len()) - 1];
        code.extend_from_slice(nop);
        bytes -= nop.len();
    }
}

/// What is known of the code, at its new places.
#[derive(Default)]
struct Tables {
    relocs: Vec<CallReloc>,
    traps: Vec<(u32, dayfly_runtime::trap::Trap)>,
    sites: Vec<CallSite>,
    roots: Vec<RootMap>,
    source: Vec<(u32, u32)>,
}

impl Tables {
    fn of(piece: &CompiledFunc, program: &Program) -> Option<Tables> {
        let mut tables = Tables::default();
        let at = |offset| Some(program.items[program.item_at(offset)? as usize].at);
        let (mut relocs, mut traps) = (piece.relocs.iter().peekable(), piece.traps.iter().peekable());
        let (mut sites, mut roots) = (piece.sites.iter().peekable(), piece.roots.iter().peekable());
        for item in &program.items {
            if item.copy {
                // Not with the others in the order of old places.
                let found = piece.traps.binary_search_by_key(&item.start, |(offset, _)| *offset);
                tables.traps.extend(found.map(|n| (item.at, piece.traps[n].1)));
                continue;
            }
            let (end, next) = (item.start + item.old, item.at + item.new);
            while let Some(reloc) = relocs.next_if(|reloc| reloc.offset < end) {
                let offset = item.at + reloc.offset.checked_sub(item.start)?;
                tables.relocs.push(CallReloc { offset, ..*reloc });
            }
            while let Some(&(_, trap)) = traps.next_if(|(offset, _)| *offset == item.start) {
                tables.traps.push((item.at, trap));
            }
            if item.what != What::Call {
                continue;
            }
            // A return address is where the call ends, whatever stands there now.
            if let Some(site) = sites.next_if(|site| site.returns_to == end) {
                let handlers = site.handlers.iter().map(|handler| {
                    Some(match *handler {
                        Handler::Context(offset) => Handler::Context(offset),
                        Handler::Tag(tag, target) => Handler::Tag(tag, at(target)?),
                        Handler::All(target) => Handler::All(at(target)?),
                    })
                });
                let handlers = handlers.collect::<Option<_>>()?;
                tables.sites.push(CallSite { returns_to: next, handlers, ..*site });
            }
            if let Some(map) = roots.next_if(|map| map.returns_to == end) {
                tables.roots.push(RootMap { returns_to: next, below_fp: map.below_fp.clone() });
            }
        }
        tables.source = source(piece, program);
        let done = relocs.next().is_none() && traps.next().is_none();
        (done && sites.next().is_none() && roots.next().is_none()).then_some(tables)
    }
}

/// Which operators code belongs to, at its new places.
fn source(piece: &CompiledFunc, program: &Program) -> Vec<(u32, u32)> {
    let mut source: Vec<(u32, u32)> = Vec::with_capacity(piece.source.len());
    for item in &program.items {
        let before = piece.source.partition_point(|(offset, _)| *offset <= item.start);
        let Some(&(_, operator)) = before.checked_sub(1).map(|n| &piece.source[n]) else { continue };
        if source.last().is_none_or(|(_, last)| *last != operator) {
            source.push((item.at - item.padding, operator));
        }
    }
    source
}
