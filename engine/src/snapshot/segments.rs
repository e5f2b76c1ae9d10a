//! The segments of the new module. Code names segments by index, so those that it can
//! name keep theirs; one that was used up leaves an empty one behind, which code cannot
//! tell from a dropped one. Behind them stand those that hold the new state.
//! Spec: exec/instructions, `memory.init`, `data.drop`, `table.init`, `elem.drop`.

use super::plan::Plan;
use super::rewrite::{Encoded, expression};
use super::state::{State, Value};
use core::ops::Range;
use dayfly_parser::{ElementItems, ExportItem, FuncIdx, Module, SegmentMode};
use std::borrow::Cow;
use std::collections::BTreeSet;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{ConstExpr, DataSection, ElementSection, Elements, RefType};
use wasmparser::{DataKind, ElementKind, Operator, Parser, Payload};

/// A table that needs more segments gets one that spans all of its entries.
const MAX_TABLE_SEGMENTS: usize = 1000;

/// The element and data sections of the new module.
pub(super) struct Segments {
    pub(super) elements: ElementSection,
    pub(super) data: DataSection,
    /// Whether segments that the module had before have the same indices.
    pub(super) elements_keep_indices: bool,
    pub(super) data_keep_indices: bool,
    /// Whether the data segments must be counted ahead of the code.
    pub(super) count_data: bool,
}

impl Segments {
    pub(super) fn new(module: &Module, state: &State, plan: &Plan) -> Encoded<Segments> {
        let uses = CodeUses::of(module.bytes())?;
        let mut segments = Segments {
            elements: ElementSection::new(),
            data: DataSection::new(),
            elements_keep_indices: uses.elements,
            data_keep_indices: uses.data,
            count_data: uses.data,
        };
        segments.keep(module, state)?;
        segments.write_tables(module, state)?;
        segments.declare(module, state, plan, &uses);
        segments.write_memories(module, state);
        Ok(segments)
    }

    /// Copies the segments that the module has and that still matter.
    fn keep(&mut self, module: &Module, state: &State) -> Encoded<()> {
        for payload in Parser::new(0).parse_all(module.bytes()) {
            match payload? {
                Payload::ElementSection(section) => {
                    for (segment, alive) in section.into_iter().zip(&state.elements) {
                        self.keep_element(module, segment?, *alive)?;
                    }
                }
                Payload::DataSection(section) => {
                    for (segment, alive) in section.into_iter().zip(&state.data) {
                        let segment = segment?;
                        match segment.kind {
                            DataKind::Active { memory_index, .. }
                                if memory_index < module.imported().memories =>
                            {
                                RoundtripReencoder.parse_data(&mut self.data, segment)?;
                            }
                            _ if !self.data_keep_indices => {}
                            DataKind::Passive if *alive => {
                                RoundtripReencoder.parse_data(&mut self.data, segment)?;
                            }
                            _ => self.add_empty_data(module),
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn keep_element(
        &mut self,
        module: &Module,
        segment: wasmparser::Element<'_>,
        alive: bool,
    ) -> Encoded<()> {
        match segment.kind {
            ElementKind::Active { table_index, .. }
                if table_index.unwrap_or(0) < module.imported().tables =>
            {
                RoundtripReencoder.parse_element(&mut self.elements, segment)
            }
            ElementKind::Declared => RoundtripReencoder.parse_element(&mut self.elements, segment),
            _ if !self.elements_keep_indices => Ok(()),
            ElementKind::Passive if alive => RoundtripReencoder.parse_element(&mut self.elements, segment),
            _ => {
                let items = match segment.items {
                    wasmparser::ElementItems::Functions(_) => Elements::Functions(Cow::Borrowed(&[])),
                    wasmparser::ElementItems::Expressions(ty, _) => {
                        Elements::Expressions(RoundtripReencoder.ref_type(ty)?, Cow::Borrowed(&[]))
                    }
                };
                self.elements.declared(items);
                Ok(())
            }
        }
    }

    /// An empty segment. An active one costs instances nothing, a passive one has state.
    fn add_empty_data(&mut self, module: &Module) {
        let first = module.imported().memories;
        match module.memories().get(first as usize) {
            Some(ty) => self.data.active(first, &address(0, ty.memory64), []),
            None => self.data.passive([]),
        };
    }

    fn write_tables(&mut self, module: &Module, state: &State) -> Encoded<()> {
        let first = module.imported().tables;
        let types = element_types(module.bytes())?;
        for (n, (entries, ty)) in state.tables.iter().zip(types).enumerate() {
            let table = first + n as u32;
            let wide = module.tables()[table as usize].ty.table64;
            for range in table_ranges(entries, fill(ty, entries)) {
                let offset = address(range.start as u64, wide);
                let items = &entries[range];
                // The shortest form is understood by every engine there is.
                let table = if table == 0 && ty == RefType::FUNCREF { None } else { Some(table) };
                self.elements.active(table, &offset, elements(ty, items));
            }
        }
        Ok(())
    }

    /// Declares the functions that code makes references to and that are named nowhere else.
    /// Spec: valid/modules, `C.refs`.
    fn declare(&mut self, module: &Module, state: &State, plan: &Plan, uses: &CodeUses) {
        let mut undeclared = uses.funcs.clone();
        for value in state.globals.iter().chain(state.tables.iter().flatten()) {
            if let Value::Func(func) = value {
                undeclared.remove(func);
            }
        }
        for export in module.exports() {
            if let ExportItem::Func(func) = export.item
                && plan.export_name(&export.name).is_some()
            {
                undeclared.remove(&func);
            }
        }
        for segment in module.elements() {
            if let (SegmentMode::Declared, ElementItems::Funcs(funcs)) = (&segment.mode, &segment.items) {
                for func in funcs {
                    undeclared.remove(func);
                }
            }
        }
        if !undeclared.is_empty() {
            let funcs: Vec<u32> = undeclared.into_iter().map(|func| func.0).collect();
            self.elements.declared(Elements::Functions(funcs.into()));
        }
    }

    fn write_memories(&mut self, module: &Module, state: &State) {
        let first = module.imported().memories;
        for (memory, content) in (first..).zip(&state.memories) {
            let wide = module.memories()[memory as usize].memory64;
            for run in &content.runs {
                self.data.active(memory, &address(run.offset, wide), run.bytes.iter().copied());
            }
        }
    }
}

/// The value that most entries of a table have before segments are written: null where the
/// type has it, else the first entry's. `None` for an empty table that cannot hold null.
pub(super) fn fill(ty: RefType, entries: &[Value]) -> Option<Value> {
    if ty.nullable { Some(Value::Null) } else { entries.first().copied() }
}

/// The entries that segments have to write.
fn table_ranges(entries: &[Value], fill: Option<Value>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (n, entry) in entries.iter().enumerate() {
        match ranges.last_mut() {
            _ if Some(*entry) == fill => {}
            Some(last) if last.end == n => last.end += 1,
            _ => ranges.push(n..n + 1),
        }
    }
    if ranges.len() > MAX_TABLE_SEGMENTS {
        let end = ranges[ranges.len() - 1].end;
        ranges.truncate(1);
        ranges[0].end = end;
    }
    ranges
}

fn elements(ty: RefType, items: &[Value]) -> Elements<'static> {
    if ty == RefType::FUNCREF {
        let func = |item: &Value| if let Value::Func(func) = item { Some(func.0) } else { None };
        if let Some(funcs) = items.iter().map(func).collect::<Option<Vec<_>>>() {
            return Elements::Functions(funcs.into());
        }
    }
    let items: Vec<_> = items.iter().map(|item| expression(*item, ty.heap_type)).collect();
    Elements::Expressions(ty, items.into())
}

/// The element types of the module's own tables.
fn element_types(bytes: &[u8]) -> Encoded<Vec<RefType>> {
    let mut types = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::TableSection(tables) = payload? {
            for table in tables {
                types.push(RoundtripReencoder.ref_type(table?.ty.element_type)?);
            }
        }
    }
    Ok(types)
}

fn address(offset: u64, wide: bool) -> ConstExpr {
    match wide {
        true => ConstExpr::i64_const(offset as i64),
        false => ConstExpr::i32_const(offset as u32 as i32),
    }
}

/// What code names by index, and would miss.
struct CodeUses {
    elements: bool,
    data: bool,
    /// Functions that code makes references to.
    funcs: BTreeSet<FuncIdx>,
}

impl CodeUses {
    fn of(bytes: &[u8]) -> Encoded<CodeUses> {
        let mut uses = CodeUses { elements: false, data: false, funcs: BTreeSet::new() };
        for payload in Parser::new(0).parse_all(bytes) {
            let Payload::CodeSectionEntry(body) = payload? else { continue };
            for operator in body.get_operators_reader()? {
                match operator? {
                    Operator::TableInit { .. }
                    | Operator::ElemDrop { .. }
                    | Operator::ArrayNewElem { .. }
                    | Operator::ArrayInitElem { .. } => uses.elements = true,
                    Operator::MemoryInit { .. }
                    | Operator::DataDrop { .. }
                    | Operator::ArrayNewData { .. }
                    | Operator::ArrayInitData { .. } => uses.data = true,
                    Operator::RefFunc { function_index } => {
                        uses.funcs.insert(FuncIdx(function_index));
                    }
                    _ => {}
                }
            }
        }
        Ok(uses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_span_what_is_not_filled() {
        let f = |n| Value::Func(FuncIdx(n));
        let only = |ranges: Vec<Range<usize>>| {
            assert_eq!(ranges.len(), 1);
            ranges[0].clone()
        };
        let entries = [Value::Null, f(1), f(2), Value::Null, f(3), Value::Null];
        assert_eq!(table_ranges(&entries, Some(Value::Null)), [1..3, 4..5]);
        assert_eq!(only(table_ranges(&entries[1..3], Some(f(1)))), 1..2);
        assert_eq!(table_ranges(&[], None), []);
        let holes: Vec<_> =
            (0..3 * MAX_TABLE_SEGMENTS as u32).map(|n| if n % 2 == 0 { Value::Null } else { f(n) }).collect();
        assert_eq!(only(table_ranges(&holes, Some(Value::Null))), 1..holes.len());
    }
}
