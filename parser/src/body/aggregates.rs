//! Structures, arrays, `i31` and casts: the operators after prefix 0xfb.

use super::operators::concrete;
use super::skip::unknown;
use super::types::heap_type;
use super::*;

const EXTENDS: [Extend; 3] = [Extend::None, Extend::Signed, Extend::Unsigned];

impl Cursor<'_> {
    /// An operator, its prefix read.
    pub(super) fn aggregate(&mut self) -> Next {
        let number = self.reader.u32()?;
        match number {
            0x00..=0x05 => self.structure(number),
            0x06..=0x13 => self.array(number),
            0x14..=0x19 => self.cast(number),
            0x1a | 0x1b => {
                let nullable = self.top_ref()?.nullable;
                let (heap, op) = match number {
                    0x1a => (HeapType::Any, Op::AnyConvertExtern),
                    _ => (HeapType::Extern, Op::ExternConvertAny),
                };
                self.gives(1, ValType::Ref(RefType { nullable, heap }), op)
            }
            0x1c => {
                let ty = RefType { nullable: false, heap: HeapType::I31 };
                self.gives(1, ValType::Ref(ty), Op::RefI31)
            }
            0x1d => self.gives(1, ValType::I32, Op::I31GetS),
            0x1e => self.gives(1, ValType::I32, Op::I31GetU),
            _ => Err(unknown(0xfb, self.offset)),
        }
    }

    fn structure(&mut self, number: u32) -> Next {
        let ty = TypeIdx(self.reader.u32()?);
        let fields = match self.module.types.get(ty.index()).map(|ty| &ty.composite) {
            Some(CompositeType::Struct(fields)) => fields,
            _ => return Err(self.invalid("no structure type")),
        };
        match number {
            0x00 => self.gives(fields.len() as u32, concrete(ty), Op::StructNew(ty)),
            0x01 => self.gives(0, concrete(ty), Op::StructNewDefault(ty)),
            0x02..=0x04 => {
                let field = FieldIdx(self.reader.u32()?);
                let storage = fields.get(field.index()).ok_or_else(|| self.invalid("unknown field"))?.storage;
                self.gives(1, unpacked(storage), Op::StructGet(ty, field, EXTENDS[number as usize - 0x02]))
            }
            _ => {
                let field = FieldIdx(self.reader.u32()?);
                self.takes(2, Op::StructSet(ty, field))
            }
        }
    }

    fn array(&mut self, number: u32) -> Next {
        if number == 0x0f {
            return self.gives(1, ValType::I32, Op::ArrayLen);
        }
        let ty = TypeIdx(self.reader.u32()?);
        let result = concrete(ty);
        match number {
            0x06 => self.gives(2, result, Op::ArrayNew(ty)),
            0x07 => self.gives(1, result, Op::ArrayNewDefault(ty)),
            0x08 => {
                let count = self.reader.u32()?;
                self.gives(count, result, Op::ArrayNewFixed(ty, count))
            }
            0x09 => {
                let data = DataIdx(self.reader.u32()?);
                self.gives(2, result, Op::ArrayNewData(ty, data))
            }
            0x0a => {
                let elem = ElemIdx(self.reader.u32()?);
                self.gives(2, result, Op::ArrayNewElem(ty, elem))
            }
            0x0b..=0x0d => {
                let element = match self.module.types.get(ty.index()).map(|ty| &ty.composite) {
                    Some(CompositeType::Array(element)) => element.storage,
                    _ => return Err(self.invalid("no array type")),
                };
                self.gives(2, unpacked(element), Op::ArrayGet(ty, EXTENDS[number as usize - 0x0b]))
            }
            0x0e => self.takes(3, Op::ArraySet(ty)),
            0x10 => self.takes(4, Op::ArrayFill(ty)),
            0x11 => {
                let src = TypeIdx(self.reader.u32()?);
                self.takes(5, Op::ArrayCopy { dst: ty, src })
            }
            0x12 => {
                let data = DataIdx(self.reader.u32()?);
                self.takes(4, Op::ArrayInitData(ty, data))
            }
            _ => {
                let elem = ElemIdx(self.reader.u32()?);
                self.takes(4, Op::ArrayInitElem(ty, elem))
            }
        }
    }

    fn cast(&mut self, number: u32) -> Next {
        if number >= 0x18 {
            return self.branch_on_cast(number == 0x19);
        }
        let to = RefType { nullable: number & 1 == 1, heap: heap_type(&mut self.reader)? };
        if number < 0x16 {
            return self.gives(1, ValType::I32, Op::RefTest(to));
        }
        self.gives(1, ValType::Ref(to), Op::RefCast(to))
    }

    fn branch_on_cast(&mut self, on_failure: bool) -> Next {
        let flags = self.reader.u8()?;
        let label = self.label()?;
        let from = RefType { nullable: flags & 1 != 0, heap: heap_type(&mut self.reader)? };
        let to = RefType { nullable: flags & 2 != 0, heap: heap_type(&mut self.reader)? };
        if on_failure {
            return self.may_branch(label, 1, Some(ValType::Ref(to)), Op::BrOnCastFail { label, from, to });
        }
        // What is not of a nullable type is not null.
        let rest = RefType { nullable: from.nullable && !to.nullable, heap: from.heap };
        self.may_branch(label, 1, Some(ValType::Ref(rest)), Op::BrOnCast { label, from, to })
    }
}

fn unpacked(storage: StorageType) -> ValType {
    match storage {
        StorageType::I8 | StorageType::I16 => ValType::I32,
        StorageType::Val(ty) => ty,
    }
}
