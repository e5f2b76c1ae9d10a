//! Branch hints from the section `metadata.code.branch_hint`: parsed when first
//! asked for, as far as the section makes sense; a malformed one has fewer hints
//! and is no error. What is kept takes less than three times the bytes of the section.
//! Spec: appendix/custom, "Branch Hints".

use crate::body::reader::Reader;
use crate::error::Error;
use crate::index::DefinedFuncIdx;
use crate::module::Module;
use core::ops::Range;
use std::sync::OnceLock;

/// The name of the section.
pub(crate) const BRANCH_HINTS: &str = "metadata.code.branch_hint";

/// The hints of a module.
#[derive(Debug, Default)]
pub(crate) struct BranchHints {
    section: Option<Range<usize>>,
    table: OnceLock<Table>,
}

/// A hint as the section has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Hint {
    /// Where the branch stands, from the start of the body.
    pub offset: u32,
    /// Whether it is likely to be taken; `None` where the section says something else.
    pub likely: Option<bool>,
}

#[derive(Debug, Default)]
struct Table {
    /// Functions that have hints, by index, with the range of theirs in `hints`.
    funcs: Vec<(DefinedFuncIdx, Range<u32>)>,
    /// Twice the offset, and 1 more if the branch is likely; by offset within a function.
    hints: Vec<u32>,
}

impl Module {
    /// Whether the `if` or `br_if` that stands `offset` bytes behind the start of a
    /// function's body is likely to be taken, that is, its condition likely not 0;
    /// `None` if the module does not say.
    pub fn branch_hint(&self, func: DefinedFuncIdx, offset: u32) -> Option<bool> {
        let section = self.hints.section.clone()?;
        let table = self.hints.table.get_or_init(|| {
            let mut table = Table::default();
            // What was read before a failure is kept.
            let _ = table.read(Reader::new(&self.bytes, section), self.imported.funcs);
            table.sort_funcs();
            table
        });
        table.find(func, offset)
    }
}

impl BranchHints {
    /// The hints in a section that takes `range` of the module.
    pub(crate) fn new(range: Range<usize>) -> BranchHints {
        BranchHints { section: Some(range), table: OnceLock::new() }
    }

    /// Whether there is no section to take hints from.
    pub(crate) fn is_absent(&self) -> bool {
        self.section.is_none()
    }
}

impl Hint {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Hint, Error> {
        let offset = reader.u32()?;
        let len = reader.u32()?;
        let likely = match (len, reader.peek()) {
            (1, Ok(value @ 0..=1)) => Some(value == 1),
            _ => None,
        };
        reader.skip(len as usize)?;
        Ok(Hint { offset, likely })
    }
}

impl Table {
    fn read(&mut self, mut reader: Reader<'_>, imported: u32) -> Result<(), Error> {
        for _ in 0..reader.u32()? {
            let func = reader.u32()?.checked_sub(imported);
            let count = reader.u32()?;
            let start = self.hints.len();
            let complete = self.read_func(&mut reader, count);
            if func.is_none() {
                self.hints.truncate(start);
            }
            self.sort_hints(start);
            if let (Some(func), true) = (func, self.hints.len() > start) {
                self.funcs.push((DefinedFuncIdx(func), start as u32..self.hints.len() as u32));
            }
            complete?;
        }
        Ok(())
    }

    fn read_func(&mut self, reader: &mut Reader<'_>, count: u32) -> Result<(), Error> {
        for _ in 0..count {
            // No body is long enough for an offset that takes 32 bits.
            if let Hint { offset: offset @ ..0x8000_0000, likely: Some(likely) } = Hint::read(reader)? {
                self.hints.push(offset << 1 | u32::from(likely));
            }
        }
        Ok(())
    }

    /// Sorts the hints of the last function; of two for one branch the first counts.
    fn sort_hints(&mut self, start: usize) {
        if !self.hints[start..].is_sorted_by(|a, b| a >> 1 < b >> 1) {
            let mut own = self.hints.split_off(start);
            own.sort_by_key(|hint| hint >> 1);
            own.dedup_by_key(|hint| *hint >> 1);
            self.hints.append(&mut own);
        }
    }

    fn sort_funcs(&mut self) {
        self.funcs.sort_by_key(|&(func, _)| func);
        self.funcs.dedup_by_key(|&mut (func, _)| func);
        self.funcs.shrink_to_fit();
        self.hints.shrink_to_fit();
    }

    fn find(&self, func: DefinedFuncIdx, offset: u32) -> Option<bool> {
        let at = self.funcs.binary_search_by_key(&func, |&(func, _)| func).ok()?;
        let range = &self.funcs[at].1;
        let own = &self.hints[range.start as usize..range.end as usize];
        let at = own.binary_search_by_key(&offset, |hint| hint >> 1).ok()?;
        Some(own[at] & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(section: &[u8]) -> Table {
        let mut table = Table::default();
        let _ = table.read(Reader::new(section, 0..section.len()), 1);
        table.sort_funcs();
        table
    }

    fn find(table: &Table, func: u32, offset: u32) -> Option<bool> {
        table.find(DefinedFuncIdx(func), offset)
    }

    #[test]
    fn hints_are_found_by_function_and_offset() {
        let table = table(&[
            3, // functions, out of order
            4, 2, 9, 1, 0, 5, 1, 1, // hints out of order
            1, 1, 7, 1, 1, //
            0, 1, 7, 1, 1, // imported
        ]);
        assert_eq!(find(&table, 3, 5), Some(true));
        assert_eq!(find(&table, 3, 9), Some(false));
        assert_eq!(find(&table, 0, 7), Some(true));
        assert_eq!(find(&table, 0, 5), None);
        assert_eq!(find(&table, 1, 7), None);
        assert_eq!(table.hints.len(), 3);
    }

    #[test]
    fn of_two_the_first_counts() {
        let table = table(&[2, 1, 2, 7, 1, 1, 7, 1, 0, 1, 1, 7, 1, 0]);
        assert_eq!(find(&table, 0, 7), Some(true));
        assert_eq!(table.funcs.len(), 1);
    }

    #[test]
    fn malformed_sections_have_fewer_hints() {
        let cut = table(&[9, 1, 9, 3, 1, 1, 4, 1]);
        assert_eq!(find(&cut, 0, 3), Some(true), "section shorter than it says");
        assert_eq!(find(&cut, 0, 4), None);
        let odd = table(&[1, 1, 4, 3, 1, 2, 4, 2, 1, 1, 5, 0, 6, 1, 1]);
        assert_eq!(find(&odd, 0, 3), None, "not 0 or 1");
        assert_eq!(find(&odd, 0, 4), None, "two bytes");
        assert_eq!(find(&odd, 0, 5), None, "no byte");
        assert_eq!(find(&odd, 0, 6), Some(true));
        let far = table(&[1, 1, 1, 0x80, 0x80, 0x80, 0x80, 0x08, 1, 1]);
        assert_eq!(find(&far, 0, 0), None, "offset too large");
        assert!(table(&[0xff, 0xff, 0xff, 0xff, 0x0f]).funcs.is_empty());
        assert!(table(&[]).funcs.is_empty());
    }
}
