//! What is known of an image's code besides the code: flat arrays of 32-bit words, all offsets from the start
//! of the text, sorted where they are searched. They are read as they are written, so they can lie in a
//! file. Reading allocates nothing and never panics: signal handlers do it.

use crate::compile::output::{FuncKey, Handler, INLINED};
use crate::memory::Words;
use core::ops::Range;
use dayfly_runtime::trap::Trap;

/// The arrays, in the order in which they stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Array {
    /// Where pieces start, ascending.
    PieceStarts,
    /// Where they end.
    PieceEnds,
    /// What they are, as `encode_key` says.
    PieceKeys,
    /// Instructions that may trap, ascending.
    Traps,
    /// Why, four to a word.
    TrapCodes,
    /// Return addresses of calls with handlers, ascending.
    Sites,
    /// From the frame pointer down to the stack pointer, for each of these calls.
    SiteFrames,
    /// The first of each call's `Handlers`, and the end of the last one's.
    SiteHandlers,
    /// Two words to a handler, as `encode_handler` says.
    Handlers,
    /// Return addresses of calls during which the frame holds references, ascending.
    RootSites,
    /// The first of each call's `Roots`, and the end of the last one's.
    RootStarts,
    /// How far below the frame pointer references stand.
    Roots,
    /// Where code for an operator starts, ascending.
    SourceStarts,
    /// The operator's offset in the module, or `NO_OPERATOR`; with `INLINED` a number in `Inlined`.
    SourceOffsets,
    /// Two words each: an operator of a function that was expanded where it was called, and
    /// where the call is, as in `SourceOffsets`.
    Inlined,
}

/// How many arrays there are.
const ARRAYS: usize = Array::Inlined as usize + 1;

/// Stands for code that belongs to no operator.
pub const NO_OPERATOR: u32 = u32::MAX;

/// The tables of an image.
#[derive(Debug)]
pub struct Tables {
    words: Words,
    bounds: Bounds,
}

/// Where each array begins, and where the last one ends.
type Bounds = [u32; ARRAYS + 1];

/// A call that exceptions may end.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// From the frame pointer down to the stack pointer at the call.
    pub frame_offset: u32,
    handlers: &'a [u32],
}

impl Site<'_> {
    /// What may catch, in order.
    pub fn handlers(&self) -> impl Iterator<Item = Handler> {
        self.handlers.chunks_exact(2).map(|words| decode_handler([words[0], words[1]]))
    }
}

impl Tables {
    /// Tables as `to_words` gives them; `None` if they are not.
    pub fn from_words(words: Words) -> Option<Tables> {
        let bounds: Bounds = *words.first_chunk()?;
        let whole = bounds[0] as usize == bounds.len() && bounds[ARRAYS] as usize == words.len();
        (whole && bounds.is_sorted()).then_some(Tables { words, bounds })
    }

    /// The tables as one row of words.
    pub fn to_words(&self) -> &[u32] {
        &self.words
    }

    /// What piece an offset is in, and where that starts.
    pub fn piece_at(&self, offset: u32) -> Option<(FuncKey, u32)> {
        let at = self.last_up_to(Array::PieceStarts, offset)?;
        let inside = offset < *self.array(Array::PieceEnds).get(at)?;
        let key = decode_key(*self.array(Array::PieceKeys).get(at)?);
        inside.then_some((key, self.array(Array::PieceStarts)[at]))
    }

    /// All pieces and where they stand.
    pub fn pieces(&self) -> impl Iterator<Item = (FuncKey, Range<u32>)> {
        let ranges = self.array(Array::PieceStarts).iter().zip(self.array(Array::PieceEnds));
        let keys = self.array(Array::PieceKeys).iter();
        keys.zip(ranges).map(|(&key, (&start, &end))| (decode_key(key), start..end))
    }

    /// Why the instruction at an offset traps, if it may.
    pub fn trap_at(&self, offset: u32) -> Option<Trap> {
        let at = self.find(Array::Traps, offset)?;
        let code = self.array(Array::TrapCodes).get(at / 4)?.to_le_bytes()[at % 4];
        Trap::ALL.get(usize::from(code)).copied()
    }

    /// What catches exceptions from the call that returns to an offset.
    pub fn site_at(&self, returns_to: u32) -> Option<Site<'_>> {
        let at = self.find(Array::Sites, returns_to)?;
        let frame_offset = *self.array(Array::SiteFrames).get(at)?;
        Some(Site { frame_offset, handlers: self.part(Array::SiteHandlers, Array::Handlers, at)? })
    }

    /// How far below the frame pointer the references stand that a frame holds during the call
    /// that returns to an offset.
    pub fn roots_at(&self, returns_to: u32) -> &[u32] {
        let found = self.find(Array::RootSites, returns_to);
        found.and_then(|at| self.part(Array::RootStarts, Array::Roots, at)).unwrap_or(&[])
    }

    /// The offset in the module of the operator whose code is at an offset.
    pub fn source_at(&self, offset: u32) -> Option<u32> {
        self.sources_at(offset).next()
    }

    /// Where behind an offset the code of another operator starts.
    pub fn source_after(&self, offset: u32) -> Option<u32> {
        let starts = self.array(Array::SourceStarts);
        starts.get(starts.partition_point(|&start| start <= offset)).copied()
    }

    /// The operator whose code is at an offset, and the calls that lead to it if its function was
    /// expanded, innermost first: offsets in the module.
    pub fn sources_at(&self, offset: u32) -> impl Iterator<Item = u32> {
        let at = self.last_up_to(Array::SourceStarts, offset);
        let mut next = at.and_then(|at| self.array(Array::SourceOffsets).get(at).copied());
        core::iter::from_fn(move || {
            let position = next.take().filter(|&position| position != NO_OPERATOR)?;
            if position & INLINED == 0 {
                return Some(position);
            }
            let at = (position & !INLINED) as usize * 2;
            let [operator, caller] = *self.array(Array::Inlined).get(at..at + 2)? else { return None };
            // Calls come before what is expanded in them, so this ends whatever the words are.
            next = Some(caller).filter(|caller| caller & INLINED == 0 || *caller < position);
            Some(operator)
        })
    }

    fn array(&self, array: Array) -> &[u32] {
        let [start, end] = [self.bounds[array as usize], self.bounds[array as usize + 1]];
        self.words.get(start as usize..end as usize).unwrap_or(&[])
    }

    /// The part of `items` that `starts` gives to the n-th.
    fn part(&self, starts: Array, items: Array, n: usize) -> Option<&[u32]> {
        let [start, end] = *self.array(starts).get(n..n + 2)? else { return None };
        self.array(items).get(start as usize..end as usize)
    }

    fn find(&self, array: Array, value: u32) -> Option<usize> {
        self.array(array).binary_search(&value).ok()
    }

    fn last_up_to(&self, array: Array, value: u32) -> Option<usize> {
        self.array(array).partition_point(|&start| start <= value).checked_sub(1)
    }
}

/// Tables in the making. Everything is added in ascending order.
#[derive(Default, Debug)]
pub struct TablesBuilder {
    arrays: [Vec<u32>; ARRAYS],
    trap_codes: Vec<u8>,
}

impl TablesBuilder {
    /// A piece of code.
    pub fn piece(&mut self, key: FuncKey, range: Range<u32>) {
        self.push(Array::PieceStarts, range.start);
        self.push(Array::PieceEnds, range.end);
        self.push(Array::PieceKeys, encode_key(key));
    }

    /// An instruction that may trap.
    pub fn trap(&mut self, offset: u32, trap: Trap) {
        self.push(Array::Traps, offset);
        self.trap_codes.push(trap as u8);
    }

    /// A call with handlers.
    pub fn site(&mut self, returns_to: u32, frame_offset: u32, handlers: impl Iterator<Item = Handler>) {
        self.push(Array::Sites, returns_to);
        self.push(Array::SiteFrames, frame_offset);
        self.push(Array::SiteHandlers, self.arrays[Array::Handlers as usize].len() as u32);
        for handler in handlers {
            self.arrays[Array::Handlers as usize].extend(encode_handler(handler));
        }
    }

    /// A call during which the frame holds references.
    pub fn roots(&mut self, returns_to: u32, below_fp: &[u32]) {
        self.push(Array::RootSites, returns_to);
        self.push(Array::RootStarts, self.arrays[Array::Roots as usize].len() as u32);
        self.arrays[Array::Roots as usize].extend(below_fp);
    }

    /// Where code for an operator starts. The same operator again is no news.
    pub fn source(&mut self, start: u32, offset: u32) {
        if self.arrays[Array::SourceOffsets as usize].last() != Some(&offset) {
            self.push(Array::SourceStarts, start);
            self.push(Array::SourceOffsets, offset);
        }
    }

    /// How many operators of expanded functions there are.
    pub fn inlined_count(&self) -> u32 {
        self.arrays[Array::Inlined as usize].len() as u32 / 2
    }

    /// An operator of a function that was expanded, and where the call is.
    pub fn inlined(&mut self, operator: u32, caller: u32) {
        self.push(Array::Inlined, operator);
        self.push(Array::Inlined, caller);
    }

    /// The tables.
    pub fn finish(mut self) -> Tables {
        self.push(Array::SiteHandlers, self.arrays[Array::Handlers as usize].len() as u32);
        self.push(Array::RootStarts, self.arrays[Array::Roots as usize].len() as u32);
        for codes in self.trap_codes.chunks(4) {
            let mut word = [0; 4];
            word[..codes.len()].copy_from_slice(codes);
            self.arrays[Array::TrapCodes as usize].push(u32::from_le_bytes(word));
        }
        let mut bounds: Bounds = [ARRAYS as u32 + 1; ARRAYS + 1];
        for (n, array) in self.arrays.iter().enumerate() {
            bounds[n + 1] = bounds[n] + array.len() as u32;
        }
        let mut words = bounds.to_vec();
        words.extend(self.arrays.iter().flatten());
        Tables { words: words.into(), bounds }
    }

    fn push(&mut self, array: Array, word: u32) {
        self.arrays[array as usize].push(word);
    }
}

/// Bits of a key that hold its number.
const NUMBER_BITS: u32 = 29;

fn encode_key(key: FuncKey) -> u32 {
    let (kind, number) = match key {
        FuncKey::Body(n) => (0, n),
        FuncKey::Entry(n) => (1, n),
        FuncKey::Adapter(n) => (2, n),
        FuncKey::Interrupt => (3, 0),
        FuncKey::Import(n) => (4, n),
    };
    assert!(number >> NUMBER_BITS == 0, "a module has fewer functions and types");
    kind << NUMBER_BITS | number
}

fn decode_key(word: u32) -> FuncKey {
    let number = word & ((1 << NUMBER_BITS) - 1);
    match word >> NUMBER_BITS {
        0 => FuncKey::Body(number),
        1 => FuncKey::Entry(number),
        2 => FuncKey::Adapter(number),
        4 => FuncKey::Import(number),
        _ => FuncKey::Interrupt,
    }
}

/// The first word tells the kind, and which tag it is.
fn encode_handler(handler: Handler) -> [u32; 2] {
    match handler {
        Handler::Context(offset) => [0, offset],
        Handler::All(target) => [1, target],
        Handler::Tag(tag, target) => [tag + 2, target],
    }
}

fn decode_handler([kind, value]: [u32; 2]) -> Handler {
    match kind {
        0 => Handler::Context(value),
        1 => Handler::All(value),
        tag => Handler::Tag(tag - 2, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_found_where_it_was_put_and_nowhere_else() {
        let mut tables = TablesBuilder::default();
        tables.piece(FuncKey::Body(7), 0..10);
        tables.piece(FuncKey::Adapter(1), 32..40);
        tables.piece(FuncKey::Import(2), 40..44);
        for offset in 1..=5 {
            tables.trap(offset, Trap::ALL[offset as usize]);
        }
        let handlers = [Handler::Context(8), Handler::Tag(0, 3), Handler::All(9)];
        tables.site(4, 16, handlers.into_iter());
        tables.site(6, 24, [Handler::All(1)].into_iter());
        tables.roots(6, &[8, 24]);
        tables.roots(9, &[]);
        tables.source(0, 100);
        tables.source(3, 100);
        tables.source(5, NO_OPERATOR);
        tables.inlined(300, 100);
        tables.inlined(400, INLINED);
        tables.source(8, INLINED | 1);
        let tables = tables.finish();

        assert_eq!(tables.piece_at(9), Some((FuncKey::Body(7), 0)));
        assert_eq!(tables.piece_at(10), None);
        assert_eq!(tables.piece_at(32), Some((FuncKey::Adapter(1), 32)));
        assert_eq!(tables.piece_at(43), Some((FuncKey::Import(2), 40)));
        assert_eq!(tables.pieces().count(), 3);
        let traps: Vec<_> = (0..7).map(|offset| tables.trap_at(offset)).collect();
        let expected: Vec<_> = (0..7).map(|n| (1..=5).contains(&n).then(|| Trap::ALL[n])).collect();
        assert_eq!(traps, expected);
        let site = tables.site_at(4).unwrap();
        assert_eq!((site.frame_offset, site.handlers().collect::<Vec<_>>()), (16, handlers.to_vec()));
        assert_eq!(tables.site_at(6).unwrap().handlers().collect::<Vec<_>>(), [Handler::All(1)]);
        assert!(tables.site_at(5).is_none());
        assert_eq!(tables.roots_at(6), [8, 24]);
        assert!(tables.roots_at(9).is_empty() && tables.roots_at(4).is_empty());
        assert_eq!(tables.source_at(4), Some(100));
        assert_eq!(tables.source_at(6), None);
        assert_eq!(tables.sources_at(8).collect::<Vec<_>>(), [400, 300, 100]);
    }

    #[test]
    fn words_that_are_no_tables_are_refused() {
        let words = TablesBuilder::default().finish().to_words().to_vec();
        assert!(Tables::from_words(words.clone().into()).is_some());
        let refused = |words: Vec<u32>| Tables::from_words(words.into()).is_none();
        assert!(refused(vec![]) && refused(words[1..].to_vec()) && refused([&words[..], &[0]].concat()));
        let mut unsorted = words;
        unsorted[3] = 0;
        assert!(refused(unsorted));
    }

    #[test]
    fn empty_tables_answer_no() {
        let tables = TablesBuilder::default().finish();
        assert!(tables.piece_at(0).is_none() && tables.trap_at(0).is_none());
        assert!(tables.site_at(0).is_none() && tables.source_at(0).is_none());
        assert!(tables.roots_at(0).is_empty());
    }
}
