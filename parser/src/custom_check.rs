//! What the standard demands of the custom sections that it defines. A module
//! that breaks it is accepted all the same; tools may warn.
//! Spec: appendix/custom.

use crate::body::reader::Reader;
use crate::error::Error;
use crate::hints::{BRANCH_HINTS, Hint};
use crate::index::{DefinedFuncIdx, FuncIdx};
use crate::module::{CustomSection, Module};
use wasmparser::{BinaryReader, FunctionBody, Operator};

/// Ids of sections.
const CODE: u8 = 10;
const DATA: u8 = 11;

impl Module {
    /// Checks the custom sections that the standard defines, which are otherwise
    /// read as far as they make sense: `name` and `metadata.code.branch_hint`.
    ///
    /// # Errors
    /// The first thing wrong: malformed, if a section is not what its format says,
    /// stands twice or in the wrong place; invalid, if it speaks of what the module
    /// does not have. Bodies must be valid.
    pub fn check_custom_sections(&self) -> Result<(), Error> {
        let (mut names, mut hints) = (false, false);
        for section in &self.customs {
            match &*section.name {
                "name" => {
                    self.check_place(section, &mut names, DATA, false)?;
                    self.check_names(section)?;
                }
                BRANCH_HINTS => {
                    self.check_place(section, &mut hints, CODE, true)?;
                    self.check_hints(section)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Checks that a section stands once and before or behind another one.
    fn check_place(
        &self,
        section: &CustomSection,
        seen: &mut bool,
        other: u8,
        before: bool,
    ) -> Result<(), Error> {
        let (at, name) = (section.bytes.start, &section.name);
        if core::mem::replace(seen, true) {
            return Err(Error::malformed(at, format!("more than one section `{name}`")));
        }
        if self.section_start(other)?.is_some_and(|other| (at < other) != before) {
            let place = if before { "before the code section" } else { "behind the data section" };
            return Err(Error::malformed(at, format!("the section `{name}` must stand {place}")));
        }
        Ok(())
    }

    /// Where the contents of a section start.
    fn section_start(&self, wanted: u8) -> Result<Option<usize>, Error> {
        let mut reader = Reader::new(&self.bytes, 8..self.bytes.len());
        while !reader.at_end() {
            let id = reader.u8()?;
            let len = reader.u32()?;
            if id == wanted {
                return Ok(Some(reader.position()));
            }
            reader.skip(len as usize)?;
        }
        Ok(None)
    }

    fn check_names(&self, section: &CustomSection) -> Result<(), Error> {
        let mut reader = Reader::new(&self.bytes, section.bytes.clone());
        let mut last = None;
        while !reader.at_end() {
            let at = reader.position();
            let id = reader.u8()?;
            if last.is_some_and(|last| last >= id) {
                return Err(Error::malformed(
                    at,
                    "subsections of names are not in order, or one stands twice",
                ));
            }
            last = Some(id);
            let len = reader.u32()? as usize;
            let start = reader.position();
            reader.skip(len)?;
            let mut subsection = Reader::new(&self.bytes, start..start + len);
            self.check_subsection(id, &mut subsection)?;
            if !subsection.at_end() {
                return Err(Error::malformed(
                    subsection.position(),
                    "a subsection of names is longer than its names",
                ));
            }
        }
        Ok(())
    }

    fn check_subsection(&self, id: u8, reader: &mut Reader<'_>) -> Result<(), Error> {
        let bound = match id {
            0 => return name(reader),
            1..=3 => self.funcs.len(),
            4 | 10 => self.types.len(),
            5 => self.tables.len(),
            6 => self.memories.len(),
            7 => self.globals.len(),
            8 => self.elements.len(),
            9 => self.data().len(),
            11 => self.tags.len(),
            _ => {
                return Err(Error::malformed(
                    reader.position(),
                    format!("no subsection of names has id {id}"),
                ));
            }
        };
        match id {
            // Locals, labels and fields.
            2 | 3 | 10 => map(reader, bound, |reader| map(reader, usize::MAX, name)),
            _ => map(reader, bound, name),
        }
    }

    fn check_hints(&self, section: &CustomSection) -> Result<(), Error> {
        let mut reader = Reader::new(&self.bytes, section.bytes.clone());
        let mut last = None;
        for _ in 0..reader.u32()? {
            let at = reader.position();
            let func = FuncIdx(reader.u32()?);
            if last.is_some_and(|last| last >= func) {
                return Err(Error::malformed(
                    at,
                    "functions with branch hints are not in order, or one stands twice",
                ));
            }
            last = Some(func);
            match self.defined(func).filter(|func| func.index() < self.defined_funcs().len()) {
                Some(func) => self.check_func_hints(func, &mut reader)?,
                None => {
                    return Err(Error::invalid(
                        at,
                        format!("branch hints for function {func}, which has no body"),
                    ));
                }
            }
        }
        if !reader.at_end() {
            return Err(Error::malformed(reader.position(), "the section is longer than its branch hints"));
        }
        Ok(())
    }

    fn check_func_hints(&self, func: DefinedFuncIdx, reader: &mut Reader<'_>) -> Result<(), Error> {
        let range = self.bodies()[func.index()].range.clone();
        let body = BinaryReader::new_features(
            &self.bytes[range.clone()],
            range.start as u64,
            self.features.to_wasmparser(),
        );
        let mut operators = FunctionBody::new(body).get_operators_reader().map_err(Error::decoding)?;
        let mut last = None;
        for _ in 0..reader.u32()? {
            let at = reader.position();
            let hint = Hint::read(reader)?;
            if hint.likely.is_none() {
                return Err(Error::malformed(at, "a branch hint is one byte, 0 or 1"));
            }
            if last.is_some_and(|last| last >= hint.offset) {
                return Err(Error::malformed(at, "branch hints are not in order, or one stands twice"));
            }
            last = Some(hint.offset);
            let target = range.start as u64 + u64::from(hint.offset);
            let mut is_branch = false;
            while !operators.eof() && operators.original_position() <= target {
                let (operator, found) = operators.read_with_offset().map_err(Error::decoding)?;
                is_branch =
                    found == target && matches!(operator, Operator::If { .. } | Operator::BrIf { .. });
            }
            if !is_branch {
                return Err(Error::invalid(at, "the target of a branch hint is neither `if` nor `br_if`"));
            }
        }
        Ok(())
    }
}

/// Checks pairs of an index below `bound` and what `value` reads; indices rise.
fn map(
    reader: &mut Reader<'_>,
    bound: usize,
    value: impl Fn(&mut Reader<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut last = None;
    for _ in 0..reader.u32()? {
        let at = reader.position();
        let index = reader.u32()?;
        if last.is_some_and(|last| last >= index) {
            return Err(Error::malformed(at, "names are not in order of their indices, or one stands twice"));
        }
        if index as usize >= bound {
            return Err(Error::invalid(at, format!("a name for index {index}, which does not exist")));
        }
        last = Some(index);
        value(reader)?;
    }
    Ok(())
}

/// Checks a name.
fn name(reader: &mut Reader<'_>) -> Result<(), Error> {
    let len = reader.u32()? as usize;
    let at = reader.position();
    match core::str::from_utf8(reader.bytes(len)?) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::malformed(at + error.valid_up_to(), "a name is not UTF-8")),
    }
}
