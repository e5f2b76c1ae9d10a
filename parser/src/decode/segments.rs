//! Element and data segments.

use super::sections::reserve;
use super::types::ref_type;
use super::{Decoder, check, range};
use crate::error::Error;
use crate::index::*;
use crate::module::*;
use crate::types::RefType;
use wasmparser::{DataKind, DataSectionReader, ElementKind, ElementSectionReader, SectionLimited};

impl Decoder<'_> {
    pub(super) fn elements(&mut self, section: ElementSectionReader<'_>) -> Result<(), Error> {
        let limit = self.config.limits.element_segments;
        reserve(&mut self.module.elements, &section, limit, "element segments")?;
        for element in section.into_iter_with_offsets() {
            let (at, element) = element.map_err(Error::decoding)?;
            let at = at as usize;
            let mode = match &element.kind {
                ElementKind::Passive => SegmentMode::Passive,
                ElementKind::Declared => SegmentMode::Declared,
                ElementKind::Active { table_index, offset_expr } => SegmentMode::Active {
                    target: TableIdx(table_index.unwrap_or(0)),
                    offset: self.const_expr(offset_expr)?,
                },
            };
            let (ty, items) = match element.items {
                wasmparser::ElementItems::Functions(items) => {
                    (RefType::FUNCREF, ElementItems::Funcs(self.functions_of(items, at)?))
                }
                wasmparser::ElementItems::Expressions(ty, items) => {
                    let ty = ref_type(ty, &mut self.sink, at);
                    (ty, ElementItems::Exprs(self.expressions_of(items, at)?))
                }
            };
            self.module.elements.push(ElementSegment { mode, ty, items });
        }
        Ok(())
    }

    fn functions_of(&mut self, items: SectionLimited<'_, u32>, at: usize) -> Result<Box<[FuncIdx]>, Error> {
        check(0, items.count(), self.config.limits.element_items, "items in an element segment", at)?;
        let funcs = items.into_iter().map(|func| func.map(FuncIdx)).collect::<Result<Box<_>, _>>();
        let funcs = funcs.map_err(Error::decoding)?;
        self.escaping.extend_from_slice(&funcs);
        Ok(funcs)
    }

    fn expressions_of(
        &mut self,
        items: SectionLimited<'_, wasmparser::ConstExpr<'_>>,
        at: usize,
    ) -> Result<Box<[ConstExpr]>, Error> {
        check(0, items.count(), self.config.limits.element_items, "items in an element segment", at)?;
        items.into_iter().map(|expr| self.const_expr(&expr.map_err(Error::decoding)?)).collect()
    }

    pub(super) fn data(&mut self, section: DataSectionReader<'_>) -> Result<(), Error> {
        reserve(self.module.data.make(), &section, self.config.limits.data_segments, "data segments")?;
        for data in section {
            let data = data.map_err(Error::decoding)?;
            let mode = match &data.kind {
                DataKind::Passive => SegmentMode::Passive,
                DataKind::Active { memory_index, offset_expr } => SegmentMode::Active {
                    target: MemoryIdx(*memory_index),
                    offset: self.const_expr(offset_expr)?,
                },
            };
            let end = range(&data.range).end;
            self.module.data.make().push(DataSegment { mode, bytes: end - data.data.len()..end });
        }
        Ok(())
    }
}
