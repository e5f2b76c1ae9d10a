//! Which slots of a frame hold references while an instruction is executed that may move objects: all locals that
//! are references, and those operands. Operands are a stack, which mostly is the same at one such place as at the
//! one before; so they are kept as chains, where a reference leads to the one below it. A chain is made anew from
//! where the stack has changed. Invariant: there are at most so many links for each byte of a body.

use super::stack::{Entry, Kind};

/// How many links a body may have whatever its length is, and more for each of its bytes: an operand is linked once,
/// or twice where it was moved, and takes a byte at least.
const FREE_LINKS: usize = 4096;
const LINKS_PER_BYTE: usize = 32;

/// Ends a chain.
const END: u32 = u32::MAX;

/// A reference among the operands.
#[derive(Clone, Copy, Debug)]
struct Link {
    slot: u32,
    below: u32,
}

/// Which slots hold references, by instruction.
#[derive(Debug, Default)]
pub struct RootMap {
    locals: Box<[u32]>,
    /// Word positions, ascending, of instructions during which objects may move, each with the chain of operands.
    places: Box<[(u32, u32)]>,
    links: Box<[Link]>,
}

impl RootMap {
    /// The slots at the instruction at a word, if objects may move during it.
    pub fn at(&self, word: u32) -> Option<impl Iterator<Item = u32>> {
        let found = self.places.binary_search_by_key(&word, |(at, _)| *at).ok()?;
        let link = |at: u32| self.links.get(at as usize);
        let operands = core::iter::successors(link(self.places[found].1), move |from| link(from.below));
        Some(self.locals.iter().copied().chain(operands.map(|link| link.slot)))
    }
}

/// Makes a `RootMap`, or counts what it would be.
#[derive(Debug)]
pub struct Roots {
    /// The positions of operands that are references, and the chain from there on down if it is known.
    references: Vec<(u32, u32)>,
    /// How many of them, from the lowest on, have their chain.
    known: usize,
    /// How many more links there may be.
    left: usize,
    places: Vec<(u32, u32)>,
    links: Vec<Link>,
}

impl Roots {
    /// Of a body of so many bytes.
    pub fn new(bytes: usize) -> Roots {
        let left = FREE_LINKS + LINKS_PER_BYTE * bytes;
        Roots { references: Vec::new(), known: 0, left, places: Vec::new(), links: Vec::new() }
    }

    /// A reference is pushed at a position.
    pub fn push(&mut self, position: usize) {
        self.references.push((position as u32, END));
    }

    /// What was at a position is popped.
    pub fn pop(&mut self, position: usize) {
        self.references.pop_if(|(at, _)| *at as usize == position);
        self.known = self.known.min(self.references.len());
    }

    /// The operand at a position is in its own slot from now on.
    pub fn forget(&mut self, position: usize) {
        let below = self.references.partition_point(|(at, _)| (*at as usize) < position);
        self.known = self.known.min(below);
    }

    /// Objects may move now; `word` is where, if that is to be noted. False if there are too many links.
    pub fn note(&mut self, stack: &[Entry], word: Option<u32>) -> bool {
        let Some(left) = self.left.checked_sub(self.references.len() - self.known) else { return false };
        self.left = left;
        if let Some(word) = word {
            let mut below = self.known.checked_sub(1).map_or(END, |last| self.references[last].1);
            for (position, chain) in &mut self.references[self.known..] {
                let Entry { kind, slot, .. } = stack[*position as usize];
                // An operand that is a local yet is found there.
                if let Kind::Temp { .. } = kind {
                    self.links.push(Link { slot, below });
                    below = self.links.len() as u32 - 1;
                }
                *chain = below;
            }
            self.places.push((word, below));
        }
        self.known = self.references.len();
        true
    }

    /// The map, given the slots of locals.
    pub fn finish(self, locals: Box<[u32]>) -> RootMap {
        RootMap { locals, places: self.places.into(), links: self.links.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayfly_parser::ValType;

    fn entry(kind: Kind, slot: u32) -> Entry {
        Entry { kind, ty: ValType::I64, slot }
    }

    #[test]
    fn chains_share_what_is_below() {
        let temp = Kind::Temp { made: None };
        let mut stack = vec![entry(Kind::Local(0), 10), entry(temp, 11), entry(temp, 12)];
        let mut roots = Roots::new(0);
        (0..3).for_each(|position| roots.push(position));
        assert!(roots.note(&stack, Some(5)) && roots.note(&stack, Some(6)));
        stack.pop();
        roots.pop(2);
        assert!(roots.note(&stack, Some(8)));
        stack[0].kind = temp;
        roots.forget(0);
        assert!(roots.note(&stack, Some(9)));
        assert_eq!(roots.links.len(), 4);
        let map = roots.finish([3].into());
        let at = |word| map.at(word).map(|slots| slots.collect::<Vec<_>>());
        assert_eq!(at(5), Some(vec![3, 12, 11]));
        assert_eq!((at(6), at(7)), (at(5), None));
        assert_eq!(at(8), Some(vec![3, 11]));
        assert_eq!(at(9), Some(vec![3, 11, 10]));
    }

    #[test]
    fn links_have_an_end() {
        let stack = vec![entry(Kind::Temp { made: None }, 0); 2000];
        let mut roots = Roots::new(0);
        (0..stack.len()).for_each(|position| roots.push(position));
        assert!(roots.note(&stack, None) && roots.note(&stack, None));
        roots.forget(0);
        assert!(roots.note(&stack, None));
        roots.forget(0);
        assert!(!roots.note(&stack, None));
    }
}
