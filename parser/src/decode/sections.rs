//! Imports, definitions and exports, section by section.

use super::types::{global_type, memory_type, table_type, tag_type};
use super::{Decoder, check};
use crate::error::Error;
use crate::index::*;
use crate::module::*;
use wasmparser::{
    ExportSectionReader, ExternalKind, FunctionSectionReader, GlobalSectionReader, ImportSectionReader,
    MemorySectionReader, SectionLimited, TableInit, TableSectionReader, TagSectionReader, TypeRef,
};

/// Bytes that the names of imports take where those of one module are written together, with its name once: each
/// import is given the name, and so is each by the validator. Others take no more than their section does.
const MAX_NAMES: usize = 16 << 20;

impl Decoder<'_> {
    pub(super) fn imports(&mut self, section: ImportSectionReader<'_>) -> Result<(), Error> {
        let limit = self.config.limits.imports;
        let module = &mut self.module;
        reserve(&mut module.imports, &section, limit, "imports")?;
        let mut names = MAX_NAMES.max(super::range(&section.range()).len());
        for import in section.into_imports_with_offsets() {
            let (at, import) = import.map_err(Error::decoding)?;
            let at = at as usize;
            check(self.module.imports.len(), 1, limit, "imports", at)?;
            names = names
                .checked_sub(import.module.len() + import.name.len())
                .ok_or_else(|| Error::limit(at, "bytes of names in imports", MAX_NAMES as u64))?;
            let ty = self.import(import.ty, at)?;
            self.module.imports.push(Import { module: import.module.into(), name: import.name.into(), ty });
        }
        Ok(())
    }

    /// Adds an import to its index space.
    fn import(&mut self, ty: TypeRef, at: usize) -> Result<ImportType, Error> {
        let limits = &self.config.limits;
        let (module, sink) = (&mut self.module, &mut self.sink);
        let imported = &mut module.imported;
        Ok(match ty {
            TypeRef::Func(index) | TypeRef::FuncExact(index) => {
                if matches!(ty, TypeRef::FuncExact(_)) {
                    sink.unsupported(at, "imports of an exact function type are");
                }
                check(module.funcs.len(), 1, limits.functions, "functions", at)?;
                module.funcs.push(TypeIdx(index));
                imported.funcs += 1;
                ImportType::Func(TypeIdx(index))
            }
            TypeRef::Table(ty) => {
                check(module.tables.len(), 1, limits.tables, "tables", at)?;
                let ty = table_type(ty, sink, at);
                module.tables.push(Table { ty, init: None });
                imported.tables += 1;
                ImportType::Table(ty)
            }
            TypeRef::Memory(ty) => {
                check(module.memories.len(), 1, limits.memories, "memories", at)?;
                let ty = memory_type(ty);
                module.memories.push(ty);
                imported.memories += 1;
                ImportType::Memory(ty)
            }
            TypeRef::Global(ty) => {
                check(module.globals.len(), 1, limits.globals, "globals", at)?;
                let ty = global_type(ty, sink, at);
                module.globals.push(Global { ty, init: None });
                imported.globals += 1;
                ImportType::Global(ty)
            }
            TypeRef::Tag(ty) => {
                check(module.tags.len(), 1, limits.tags, "tags", at)?;
                let ty = tag_type(ty);
                module.tags.push(ty);
                imported.tags += 1;
                ImportType::Tag(ty)
            }
        })
    }

    pub(super) fn functions(&mut self, section: FunctionSectionReader<'_>) -> Result<(), Error> {
        reserve(&mut self.module.funcs, &section, self.config.limits.functions, "functions")?;
        for ty in section {
            self.module.funcs.push(TypeIdx(ty.map_err(Error::decoding)?));
        }
        Ok(())
    }

    pub(super) fn tables(&mut self, section: TableSectionReader<'_>) -> Result<(), Error> {
        reserve(&mut self.module.tables, &section, self.config.limits.tables, "tables")?;
        for table in section.into_iter_with_offsets() {
            let (at, table) = table.map_err(Error::decoding)?;
            let ty = table_type(table.ty, &mut self.sink, at as usize);
            let init = match &table.init {
                TableInit::RefNull => None,
                TableInit::Expr(expr) => Some(self.const_expr(expr)?),
            };
            self.module.tables.push(Table { ty, init });
        }
        Ok(())
    }

    pub(super) fn memories(&mut self, section: MemorySectionReader<'_>) -> Result<(), Error> {
        reserve(&mut self.module.memories, &section, self.config.limits.memories, "memories")?;
        for ty in section {
            self.module.memories.push(memory_type(ty.map_err(Error::decoding)?));
        }
        Ok(())
    }

    pub(super) fn tags(&mut self, section: TagSectionReader<'_>) -> Result<(), Error> {
        reserve(&mut self.module.tags, &section, self.config.limits.tags, "tags")?;
        for ty in section {
            self.module.tags.push(tag_type(ty.map_err(Error::decoding)?));
        }
        Ok(())
    }

    pub(super) fn globals(&mut self, section: GlobalSectionReader<'_>) -> Result<(), Error> {
        reserve(&mut self.module.globals, &section, self.config.limits.globals, "globals")?;
        for global in section.into_iter_with_offsets() {
            let (at, global) = global.map_err(Error::decoding)?;
            let ty = global_type(global.ty, &mut self.sink, at as usize);
            let init = Some(self.const_expr(&global.init_expr)?);
            self.module.globals.push(Global { ty, init });
        }
        Ok(())
    }

    pub(super) fn exports(&mut self, section: ExportSectionReader<'_>) -> Result<(), Error> {
        reserve(&mut self.module.exports, &section, self.config.limits.exports, "exports")?;
        for export in section {
            let export = export.map_err(Error::decoding)?;
            let item = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => {
                    self.escaping.push(FuncIdx(export.index));
                    ExportItem::Func(FuncIdx(export.index))
                }
                ExternalKind::Table => ExportItem::Table(TableIdx(export.index)),
                ExternalKind::Memory => ExportItem::Memory(MemoryIdx(export.index)),
                ExternalKind::Global => ExportItem::Global(GlobalIdx(export.index)),
                ExternalKind::Tag => ExportItem::Tag(TagIdx(export.index)),
            };
            self.module.exports.push(Export { name: export.name.into(), item });
        }
        Ok(())
    }
}

/// Checks how many items a section has and makes room for them, at most one for
/// each byte of the section.
pub(super) fn reserve<T, S>(
    items: &mut Vec<T>,
    section: &SectionLimited<'_, S>,
    limit: u32,
    what: &str,
) -> Result<(), Error> {
    let range = super::range(&section.range());
    check(items.len(), section.count(), limit, what, range.start)?;
    items.reserve_exact((section.count() as usize).min(range.len()));
    Ok(())
}
