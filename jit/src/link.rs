//! Linking: the pieces of a module's code become one image that runs wherever it is put. The only
//! addresses in it are distances between pieces.

use crate::compile::output::{CallReloc, CompiledFunc, FuncKey, Handler, INLINED, Inlined};
use crate::tables::{NO_OPERATOR, Tables, TablesBuilder};
use core::fmt;
use std::collections::HashMap;

/// What stands between pieces: `int3`, which nobody is to reach.
const PADDING: u8 = 0xcc;

/// The largest text: any piece reaches any other by a signed distance of 32 bits.
const MAX_TEXT: usize = i32::MAX as usize;

/// The code of a module, and what is known of it.
#[derive(Debug)]
pub struct Image {
    /// The machine code.
    pub text: Vec<u8>,
    /// Its tables.
    pub tables: Tables,
}

/// The code of a module is more than its calls can span.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TextTooLarge;

impl fmt::Display for TextTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the machine code of a module is larger than {MAX_TEXT} bytes")
    }
}

impl core::error::Error for TextTooLarge {}

/// Puts pieces one after the other, in the order given, and connects their calls.
///
/// # Panics
/// If a piece calls one that is not there, or two have the same key.
pub fn link(funcs: Vec<CompiledFunc>) -> Result<Image, TextTooLarge> {
    link_to(funcs, |_| |_| None)
}

/// As `link`, but pieces may also call others elsewhere. Told the length of the text, `place` gives what tells how
/// far from the start of the text these are.
///
/// # Panics
/// As `link`; and if what is called is out of reach.
pub fn link_to<F: Fn(FuncKey) -> Option<i64>>(
    funcs: Vec<CompiledFunc>,
    place: impl FnOnce(usize) -> F,
) -> Result<Image, TextTooLarge> {
    let space = |func: &CompiledFunc| func.code.len().next_multiple_of(func.alignment as usize);
    let size: usize = funcs.iter().map(|func| space(func) + func.alignment as usize).sum();
    if size > MAX_TEXT {
        return Err(TextTooLarge);
    }
    let mut text = Vec::with_capacity(size);
    let mut tables = TablesBuilder::default();
    let mut starts = HashMap::with_capacity(funcs.len());
    let mut calls = Vec::new();
    for func in funcs {
        text.resize(text.len().next_multiple_of(func.alignment as usize), PADDING);
        let start = text.len() as u32;
        assert!(starts.insert(func.key, start).is_none(), "two pieces are {:?}", func.key);
        text.extend_from_slice(&func.code);
        add_tables(&mut tables, &func, start);
        calls.extend(func.relocs.iter().map(|call| CallReloc { offset: start + call.offset, ..*call }));
    }
    text.resize(text.len().next_multiple_of(CompiledFunc::ALIGNMENT as usize), PADDING);
    let outside = place(text.len());
    for call in calls {
        let own = starts.get(&call.target).map(|start| i64::from(*start));
        let target = own.or_else(|| outside(call.target));
        connect(
            &mut text,
            call,
            target.unwrap_or_else(|| panic!("{:?} is called but not there", call.target)),
        );
    }
    Ok(Image { text, tables: tables.finish() })
}

fn add_tables(tables: &mut TablesBuilder, func: &CompiledFunc, start: u32) {
    tables.piece(func.key, start..start + func.code.len() as u32);
    for &(offset, trap) in &func.traps {
        tables.trap(start + offset, trap);
    }
    for site in &func.sites {
        let handlers = site.handlers.iter().map(|handler| match *handler {
            Handler::Context(offset) => Handler::Context(offset),
            Handler::Tag(tag, target) => Handler::Tag(tag, start + target),
            Handler::All(target) => Handler::All(start + target),
        });
        tables.site(start + site.returns_to, site.frame_offset, handlers);
    }
    for map in &func.roots {
        tables.roots(start + map.returns_to, &map.below_fp);
    }
    if func.source.first().is_none_or(|(offset, _)| *offset != 0) {
        tables.source(start, NO_OPERATOR);
    }
    let first = tables.inlined_count();
    let moved = |source: u32| match source {
        NO_OPERATOR => NO_OPERATOR,
        inlined if inlined & INLINED != 0 => inlined + first,
        operator => operator,
    };
    for &Inlined { operator, caller } in &func.inlined {
        tables.inlined(operator, moved(caller));
    }
    for &(offset, source) in &func.source {
        tables.source(start + offset, moved(source));
    }
}

/// Writes the distance of a call: from where it stands to its target.
fn connect(text: &mut [u8], call: CallReloc, target: i64) {
    let distance = i32::try_from(target + i64::from(call.addend) - i64::from(call.offset));
    let place = call.offset as usize;
    text[place..place + 4].copy_from_slice(&distance.expect("code is within reach of code").to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::output::{CallSite, RootMap};
    use dayfly_runtime::trap::Trap;

    fn piece(key: FuncKey, code: &[u8]) -> CompiledFunc {
        let code = code.to_vec();
        CompiledFunc {
            key,
            alignment: CompiledFunc::ALIGNMENT,
            code,
            relocs: vec![],
            traps: vec![],
            looks: vec![],
            sites: vec![],
            roots: vec![],
            source: vec![],
            inlined: vec![],
        }
    }

    #[test]
    fn calls_reach_forwards_and_backwards() {
        let mut first = piece(FuncKey::Body(0), &[0xe8, 0, 0, 0, 0, 0xc3]);
        first.relocs.push(CallReloc { offset: 1, target: FuncKey::Body(1), addend: -4 });
        let mut second = first.clone();
        second.key = FuncKey::Body(1);
        second.relocs[0].target = FuncKey::Body(0);
        let image = link(vec![first, second]).unwrap();
        assert_eq!(image.text.len(), 64);
        assert_eq!(image.text[..6], [0xe8, 27, 0, 0, 0, 0xc3]);
        assert_eq!(i32::from_le_bytes(image.text[33..37].try_into().unwrap()), -37);
        assert!(image.text[6..32].iter().all(|&byte| byte == PADDING));
    }

    #[test]
    fn tables_of_later_pieces_are_moved() {
        let mut second = piece(FuncKey::Body(1), &[0x0f, 0x0b, 0xc3]);
        second.traps.push((0, Trap::Unreachable));
        let handlers = vec![Handler::Context(8), Handler::Tag(3, 2)];
        second.sites.push(CallSite { returns_to: 2, frame_offset: 16, handlers });
        second.roots.push(RootMap { returns_to: 2, below_fp: vec![8] });
        second.source.push((1, 77));
        let mut first = piece(FuncKey::Body(0), &[0xc3]);
        first.source.push((0, 5));
        let tables = link(vec![first, second]).unwrap().tables;
        assert_eq!(tables.trap_at(32), Some(Trap::Unreachable));
        let handlers: Vec<_> = tables.site_at(34).unwrap().handlers().collect();
        assert_eq!(handlers, [Handler::Context(8), Handler::Tag(3, 34)]);
        assert_eq!(tables.roots_at(34), [8]);
        assert_eq!([0, 32, 33].map(|offset| tables.source_at(offset)), [Some(5), None, Some(77)]);
    }
}
