//! Writes the new module: sections that hold state are made anew, all others are copied
//! byte for byte, so that indices, offsets in code and debug information stay right.

use super::plan::Plan;
use super::segments::{self, Segments};
use super::state::{State, Value};
use crate::Result;
use dayfly_parser::Module;
use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder};
use wasm_encoder::{
    ConstExpr, CustomSection, DataCountSection, ExportSection, GlobalSection, HeapType, Ieee32, Ieee64,
    Instruction, MemorySection, RawSection, TableSection,
};
use wasmparser::{
    BinaryReader, CustomSectionReader, GlobalSectionReader, Parser, Payload, TableInit, TableSectionReader,
    ValType,
};

/// What re-encoding a valid module may fail with: nothing, in theory.
pub(super) type Encoded<T> = Result<T, Error<core::convert::Infallible>>;

/// The module with the state as its initial one, and the exports of the plan.
pub(super) fn rewrite(module: &Module, state: &State, plan: &Plan) -> Result<Vec<u8>> {
    let bytes = module.bytes();
    let segments = Segments::new(module, state, plan)?;
    let mut writer =
        Writer { output: wasm_encoder::Module::new(), segments, elements_due: true, data_due: true };
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        writer.before(&payload);
        match &payload {
            Payload::TableSection(tables) => {
                writer.output.section(&self::tables(tables.clone(), state)?);
            }
            Payload::MemorySection(memories) => {
                let mut section = MemorySection::new();
                for (memory, state) in memories.clone().into_iter().zip(&state.memories) {
                    let ty = RoundtripReencoder.memory_type(memory?)?;
                    section.memory(wasm_encoder::MemoryType { minimum: state.pages, ..ty });
                }
                writer.output.section(&section);
            }
            Payload::GlobalSection(globals) => {
                writer.output.section(&self::globals(globals.clone(), state)?);
            }
            Payload::ExportSection(exports) => {
                let mut section = ExportSection::new();
                for export in exports.clone() {
                    let export = export?;
                    if let Some(name) = plan.export_name(export.name) {
                        section.export(name, RoundtripReencoder.export_kind(export.kind)?, export.index);
                    }
                }
                writer.output.section(&section);
            }
            // `before` has written these; the start function has run.
            Payload::ElementSection(_)
            | Payload::DataCountSection { .. }
            | Payload::DataSection(_)
            | Payload::StartSection { .. } => {}
            Payload::CustomSection(custom) if custom.name() == "name" => writer.names(custom),
            other => {
                if let Some((id, range)) = other.as_section() {
                    let data = &bytes[range.start as usize..range.end as usize];
                    writer.output.section(&RawSection { id, data });
                }
            }
        }
    }
    Ok(writer.output.finish())
}

struct Writer {
    output: wasm_encoder::Module,
    segments: Segments,
    elements_due: bool,
    data_due: bool,
}

impl Writer {
    /// Writes the segments that stand before a part of the module, which may have had none.
    fn before(&mut self, payload: &Payload<'_>) {
        let (elements, data) = match payload {
            Payload::ElementSection(_)
            | Payload::DataCountSection { .. }
            | Payload::CodeSectionStart { .. } => (true, false),
            Payload::DataSection(_) | Payload::End(_) => (true, true),
            // Tools expect names to be last.
            Payload::CustomSection(custom) if custom.name() == "name" => (true, true),
            _ => (false, false),
        };
        if elements && core::mem::take(&mut self.elements_due) {
            if !self.segments.elements.is_empty() {
                self.output.section(&self.segments.elements);
            }
            if self.segments.count_data {
                self.output.section(&DataCountSection { count: self.segments.data.len() });
            }
        }
        if data && core::mem::take(&mut self.data_due) && !self.segments.data.is_empty() {
            self.output.section(&self.segments.data);
        }
    }

    /// Copies the names, but for those of segments that have other indices now.
    fn names(&mut self, custom: &CustomSectionReader<'_>) {
        let names = self.kept_names(custom.data());
        self.output.section(&CustomSection { name: custom.name().into(), data: names.into() });
    }

    fn kept_names(&self, names: &[u8]) -> Vec<u8> {
        const ELEMENTS: u8 = 8;
        const DATA: u8 = 9;
        let mut kept = Vec::new();
        let mut reader = BinaryReader::new(names, 0);
        while !reader.eof() {
            let start = reader.current_position();
            let (Ok(id), Ok(_)) = (reader.read_u8(), reader.read_reader()) else {
                // What is not well-formed says nothing to anybody, and is no error.
                return names.to_vec();
            };
            let right = match id {
                ELEMENTS => self.segments.elements_keep_indices,
                DATA => self.segments.data_keep_indices,
                _ => true,
            };
            if right {
                kept.extend_from_slice(&names[start..reader.current_position()]);
            }
        }
        kept
    }
}

fn tables(tables: TableSectionReader<'_>, state: &State) -> Encoded<TableSection> {
    let mut section = TableSection::new();
    for (table, entries) in tables.into_iter().zip(&state.tables) {
        let table = table?;
        let ty = RoundtripReencoder.table_type(table.ty)?;
        let ty = wasm_encoder::TableType { minimum: entries.len() as u64, ..ty };
        match (segments::fill(ty.element_type, entries), table.init) {
            (Some(Value::Null), _) => section.table(ty),
            (Some(value), _) => section.table_with_init(ty, &expression(value, ty.element_type.heap_type)),
            (None, TableInit::Expr(init)) => {
                section.table_with_init(ty, &RoundtripReencoder.const_expr(init)?)
            }
            (None, TableInit::RefNull) => section.table(ty),
        };
    }
    Ok(section)
}

fn globals(globals: GlobalSectionReader<'_>, state: &State) -> Encoded<GlobalSection> {
    let mut section = GlobalSection::new();
    for (global, value) in globals.into_iter().zip(&state.globals) {
        let global = global?;
        let init = match (value, global.ty.content_type) {
            (Value::AsBefore, _) => RoundtripReencoder.const_expr(global.init_expr)?,
            (value, ValType::Ref(ty)) => expression(*value, RoundtripReencoder.heap_type(ty.heap_type())?),
            (value, _) => expression(*value, HeapType::FUNC),
        };
        section.global(RoundtripReencoder.global_type(global.ty)?, &init);
    }
    Ok(section)
}

/// An expression that makes a value; `heap` is the type of a null.
pub(super) fn expression(value: Value, heap: HeapType) -> ConstExpr {
    match value {
        Value::I32(n) => ConstExpr::i32_const(n),
        Value::I64(n) => ConstExpr::i64_const(n),
        Value::F32(bits) => ConstExpr::f32_const(Ieee32::new(bits)),
        Value::F64(bits) => ConstExpr::f64_const(Ieee64::new(bits)),
        Value::V128(bits) => ConstExpr::v128_const(bits),
        Value::Null => ConstExpr::ref_null(heap),
        Value::Func(func) => ConstExpr::ref_func(func.0),
        Value::I31(n) => ConstExpr::extended([Instruction::I32Const(n), Instruction::RefI31]),
        Value::AsBefore => unreachable!("only globals are left as they are"),
    }
}
