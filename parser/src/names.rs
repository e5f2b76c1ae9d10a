//! Names from the `name` section: parsed when first asked for, as far as the
//! section makes sense; a malformed one has fewer names and is no error.
//! What is kept is positions, never copies. Spec: appendix/custom, "Name Section".

use crate::body::reader::Reader;
use crate::bytes::Bytes;
use crate::error::Error;
use crate::index::{FuncIdx, LocalIdx};
use core::ops::Range;
use std::sync::OnceLock;

const MODULE: u8 = 0;
const FUNCTIONS: u8 = 1;
const LOCALS: u8 = 2;

/// The names that a module gives itself and its functions.
#[derive(Debug, Default)]
pub struct Names {
    section: Option<(Bytes, Range<usize>)>,
    table: OnceLock<Table>,
}

/// Where in the module the names stand, sorted by index.
#[derive(Debug, Default)]
struct Table {
    module: Option<Position>,
    functions: Vec<(u32, Position)>,
    /// For each function its name map, count included.
    locals: Vec<(u32, Position)>,
}

/// A range of the module's bytes.
#[derive(Clone, Copy, Debug)]
struct Position {
    start: u32,
    len: u32,
}

impl Names {
    /// The names in a section that takes `range` of `bytes`, a module of at most 4 GiB.
    pub(crate) fn new(bytes: Bytes, range: Range<usize>) -> Names {
        Names { section: Some((bytes, range)), table: OnceLock::new() }
    }

    /// The module's name.
    pub fn module(&self) -> Option<&str> {
        self.text(self.table().module?)
    }

    /// A function's name.
    pub fn func(&self, func: FuncIdx) -> Option<&str> {
        self.text(find(&self.table().functions, func.0)?)
    }

    /// The name of a local. Takes time in proportion to the named locals of the function.
    pub fn local(&self, func: FuncIdx, local: LocalIdx) -> Option<&str> {
        let map = find(&self.table().locals, func.0)?;
        let (bytes, _) = self.section.as_ref()?;
        let start = map.start as usize;
        let mut reader = Reader::new(bytes, start..start + map.len as usize);
        for _ in 0..reader.u32().ok()? {
            let index = reader.u32().ok()?;
            let name = name(&mut reader).ok()?;
            if index == local.0 {
                return self.text(name);
            }
        }
        None
    }

    /// Whether no function has a name.
    pub fn is_empty(&self) -> bool {
        self.table().functions.is_empty()
    }

    fn table(&self) -> &Table {
        self.table.get_or_init(|| match &self.section {
            Some((bytes, range)) => Table::parse(bytes, range.clone()),
            None => Table::default(),
        })
    }

    fn text(&self, at: Position) -> Option<&str> {
        let (bytes, _) = self.section.as_ref()?;
        let start = at.start as usize;
        core::str::from_utf8(bytes.get(start..start + at.len as usize)?).ok()
    }
}

impl Table {
    /// Reads until the section ends or stops making sense.
    fn parse(bytes: &[u8], range: Range<usize>) -> Table {
        let mut table = Table::default();
        let mut reader = Reader::new(bytes, range);
        while let Ok(id) = reader.u8() {
            let Ok(position) = name(&mut reader) else { break };
            let start = position.start as usize;
            let mut subsection = Reader::new(bytes, start..start + position.len as usize);
            // What was read before a failure is kept.
            let _ = match id {
                MODULE => name(&mut subsection).map(|at| table.module = Some(at)),
                FUNCTIONS => read_map(&mut subsection, &mut table.functions, name),
                LOCALS => read_map(&mut subsection, &mut table.locals, name_map),
                _ => Ok(()),
            };
        }
        for map in [&mut table.functions, &mut table.locals] {
            map.sort_by_key(|&(index, _)| index);
            map.dedup_by_key(|&mut (index, _)| index);
            map.shrink_to_fit();
        }
        table
    }
}

/// The entry at an index of a sorted map.
fn find(map: &[(u32, Position)], index: u32) -> Option<Position> {
    let at = map.binary_search_by_key(&index, |&(i, _)| i).ok()?;
    Some(map[at].1)
}

/// Reads pairs of an index and what `value` reads.
fn read_map(
    reader: &mut Reader<'_>,
    map: &mut Vec<(u32, Position)>,
    value: fn(&mut Reader<'_>) -> Result<Position, Error>,
) -> Result<(), Error> {
    for _ in 0..reader.u32()? {
        let index = reader.u32()?;
        map.push((index, value(reader)?));
    }
    Ok(())
}

/// A length and so many bytes; the text is checked when it is asked for.
fn name(reader: &mut Reader<'_>) -> Result<Position, Error> {
    let len = reader.u32()?;
    let start = reader.position() as u32;
    reader.skip(len as usize)?;
    Ok(Position { start, len })
}

/// A whole map of names.
fn name_map(reader: &mut Reader<'_>) -> Result<Position, Error> {
    let start = reader.position() as u32;
    for _ in 0..reader.u32()? {
        reader.u32()?;
        name(reader)?;
    }
    Ok(Position { start, len: reader.position() as u32 - start })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(section: &[u8]) -> Names {
        Names::new(Bytes::new(section.to_vec()), 0..section.len())
    }

    #[test]
    fn module_functions_and_locals() {
        let names = names(&[
            0, 3, 2, b'm', b'o', // module
            1, 7, 2, 4, 1, b'f', 1, 1, b'g', // functions, out of order
            2, 7, 1, 1, 1, 3, 2, b'x', b'y', // local 3 of function 1
        ]);
        assert_eq!(names.module(), Some("mo"));
        assert_eq!(names.func(FuncIdx(4)), Some("f"));
        assert_eq!(names.func(FuncIdx(1)), Some("g"));
        assert_eq!(names.func(FuncIdx(0)), None);
        assert_eq!(names.local(FuncIdx(1), LocalIdx(3)), Some("xy"));
        assert_eq!(names.local(FuncIdx(1), LocalIdx(2)), None);
    }

    #[test]
    fn malformed_sections_have_fewer_names() {
        assert_eq!(names(&[1, 9, 1, 1, 1, b'f']).func(FuncIdx(1)), None, "subsection too long");
        let cut = names(&[1, 5, 9, 1, 1, b'f', 2]);
        assert_eq!(cut.func(FuncIdx(1)), Some("f"), "map shorter than it says");
        assert_eq!(names(&[1, 4, 1, 1, 1, 0xff]).func(FuncIdx(1)), None, "not UTF-8");
        assert_eq!(names(&[1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]).func(FuncIdx(0)), None);
        assert_eq!(Names::default().module(), None);
    }
}
