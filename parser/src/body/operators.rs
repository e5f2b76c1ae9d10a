//! Reading one reachable operator: the regular ones by their row in the table,
//! the others here by opcode. Spec: binary/instructions.

use super::skip::{CATCH, CATCH_ALL, DELEGATE, ELSE, END, NOP, unknown};
use super::types::{heap_type, mem_arg, val_type};
use super::*;
use crate::ops::{Row, lookup};

/// The prefix of atomic operators, and the number of `pause` after it.
const ATOMIC: u8 = 0xfe;
const PAUSE: u32 = 0x04;

impl Cursor<'_> {
    /// Reads the next operator that does something, and sets its effect.
    pub(super) fn operator(&mut self) -> Next {
        self.offset = self.reader.position();
        let mut opcode = self.reader.u8()?;
        while opcode == NOP || (opcode == ATOMIC && self.pauses()) {
            self.offset = self.reader.position();
            opcode = self.reader.u8()?;
        }
        match opcode {
            0x20..=0x22 => self.local(opcode),
            0x28..=0x3e | 0x45..=0xc4 => self.row(u32::from(opcode), opcode),
            0x41 => {
                let value = self.reader.s32()?;
                self.gives(0, ValType::I32, Op::I32Const(value))
            }
            _ => self.irregular(opcode),
        }
    }

    /// The rarer operators, the opcode read.
    #[inline(never)]
    fn irregular(&mut self, opcode: u8) -> Next {
        match opcode {
            0x00 => self.leaves(Op::Unreachable),
            0x02 => self.open(FrameKind::Block, 0, Op::Block),
            0x03 => self.open(FrameKind::Loop, 0, Op::Loop),
            0x04 => self.open(FrameKind::If, 1, Op::If),
            0x06 => self.open(FrameKind::Try, 0, Op::Try),
            0x08 => {
                let tag = TagIdx(self.reader.u32()?);
                self.leaves(Op::Throw(tag))
            }
            0x09 => self.rethrow(),
            0x0a => self.leaves(Op::ThrowRef),
            ELSE | CATCH | CATCH_ALL | DELEGATE | END => self.closing(opcode, true),
            0x0c => {
                let label = self.label()?;
                self.leaves(Op::Br(label))
            }
            0x0d => {
                let label = self.label()?;
                self.may_branch(label, 0, None, Op::BrIf(label))
            }
            0x0e => self.br_table(),
            0x0f => self.leaves(Op::Return),
            0x10 => {
                let (func, ty) = self.callee()?;
                self.calls(ty, 0, Op::Call(func))
            }
            0x11 => {
                let (ty, table) = (TypeIdx(self.reader.u32()?), TableIdx(self.reader.u32()?));
                self.calls(ty, 1, Op::CallIndirect { ty, table })
            }
            0x12 => {
                let func = FuncIdx(self.reader.u32()?);
                self.leaves(Op::ReturnCall(func))
            }
            0x13 => {
                let (ty, table) = (TypeIdx(self.reader.u32()?), TableIdx(self.reader.u32()?));
                self.leaves(Op::ReturnCallIndirect { ty, table })
            }
            0x14 => {
                let ty = TypeIdx(self.reader.u32()?);
                self.calls(ty, 1, Op::CallRef(ty))
            }
            0x15 => {
                let ty = TypeIdx(self.reader.u32()?);
                self.leaves(Op::ReturnCallRef(ty))
            }
            0x1a => {
                let ty = self.top()?;
                self.takes(1, Op::Drop(ty))
            }
            0x1b => self.select(),
            0x1c => self.select_typed(),
            0x1f => self.try_table(),
            0x23 | 0x24 => self.global(opcode),
            0x25 | 0x26 => self.table_access(opcode),
            0x3f => {
                let (memory, address) = self.memory()?;
                self.gives(0, address, Op::MemorySize(memory))
            }
            0x40 => {
                let (memory, address) = self.memory()?;
                self.gives(1, address, Op::MemoryGrow(memory))
            }
            0x42 => {
                let value = self.reader.s64()?;
                self.gives(0, ValType::I64, Op::I64Const(value))
            }
            0x43 => {
                let bits = u32::from_le_bytes(self.reader.array()?);
                self.gives(0, ValType::F32, Op::F32Const(bits))
            }
            0x44 => {
                let bits = u64::from_le_bytes(self.reader.array()?);
                self.gives(0, ValType::F64, Op::F64Const(bits))
            }
            0xd0..=0xd6 => self.reference(opcode),
            0xfb => self.aggregate(),
            0xfc => self.bulk(),
            0xfd => self.vector(),
            ATOMIC => self.atomic(),
            _ => Err(unknown(opcode, self.offset)),
        }
    }

    /// An operator of the table, its opcode read.
    #[inline]
    fn row(&mut self, opcode: u32, first: u8) -> Next {
        let row = lookup(opcode).ok_or_else(|| unknown(first, self.offset))?;
        match row {
            Row::Unary(op) => self.gives(1, op.result(), Op::Unary(op)),
            Row::Binary(op) => self.gives(2, op.result(), Op::Binary(op)),
            Row::Compare(op) => self.gives(2, op.result(), Op::Compare(op)),
            Row::Ternary(op) => self.gives(3, op.result(), Op::Ternary(op)),
            Row::ExtractLane(op) => {
                let lane = self.reader.u8()?;
                self.gives(1, op.result(), Op::ExtractLane(op, lane))
            }
            Row::ReplaceLane(op) => {
                let lane = self.reader.u8()?;
                self.gives(2, op.result(), Op::ReplaceLane(op, lane))
            }
            Row::Wide(op) => {
                self.effect = Effect::Many { pop: op.operands().len() as u32, push: op.results() };
                Ok(Some(Op::Wide(op)))
            }
            Row::Load(op) => {
                let arg = mem_arg(&mut self.reader)?;
                self.gives(1, op.result(), Op::Load(op, arg))
            }
            Row::Store(op) => {
                let arg = mem_arg(&mut self.reader)?;
                self.takes(2, Op::Store(op, arg))
            }
            Row::LoadLane(op) => {
                let (arg, lane) = (mem_arg(&mut self.reader)?, self.reader.u8()?);
                self.gives(2, op.result(), Op::LoadLane(op, arg, lane))
            }
            Row::StoreLane(op) => {
                let (arg, lane) = (mem_arg(&mut self.reader)?, self.reader.u8()?);
                self.takes(2, Op::StoreLane(op, arg, lane))
            }
            Row::AtomicLoad(op) => {
                let arg = mem_arg(&mut self.reader)?;
                self.gives(1, op.result(), Op::AtomicLoad(op, arg))
            }
            Row::AtomicStore(op) => {
                let arg = mem_arg(&mut self.reader)?;
                self.takes(2, Op::AtomicStore(op, arg))
            }
            Row::AtomicRmw(op) => {
                let arg = mem_arg(&mut self.reader)?;
                self.gives(2, op.result(), Op::AtomicRmw(op, arg))
            }
            Row::AtomicCmpxchg(op) => {
                let arg = mem_arg(&mut self.reader)?;
                self.gives(3, op.result(), Op::AtomicCmpxchg(op, arg))
            }
        }
    }

    /// `local.*`, the opcode read.
    #[inline]
    fn local(&mut self, opcode: u8) -> Next {
        let local = LocalIdx(self.reader.u32()?);
        if opcode == 0x21 {
            return self.takes(1, Op::LocalSet(local));
        }
        let ty = self.buffers.locals.get(local.0).ok_or_else(|| self.invalid("unknown local"))?;
        if opcode == 0x20 {
            return self.gives(0, ty, Op::LocalGet(local));
        }
        self.gives(1, ty, Op::LocalTee(local))
    }

    /// `global.*`, the opcode read.
    fn global(&mut self, opcode: u8) -> Next {
        let global = GlobalIdx(self.reader.u32()?);
        if opcode == 0x24 {
            return self.takes(1, Op::GlobalSet(global));
        }
        let found = self.module.globals.get(global.index());
        let ty = found.ok_or_else(|| self.invalid("unknown global"))?.ty.content;
        self.gives(0, ty, Op::GlobalGet(global))
    }

    fn select(&mut self) -> Next {
        let under = self.buffers.operands.len().checked_sub(2);
        let ty = under.and_then(|i| self.buffers.operands.get(i)).copied();
        let ty = ty.ok_or_else(|| self.invalid("no operand"))?;
        self.gives(3, ty, Op::Select(ty))
    }

    fn select_typed(&mut self) -> Next {
        if self.reader.u32()? != 1 {
            return Err(self.invalid("select of several types"));
        }
        let ty = val_type(&mut self.reader)?;
        self.gives(3, ty, Op::Select(ty))
    }

    /// Reads a memory index and the type of the memory's addresses.
    fn memory(&mut self) -> Result<(MemoryIdx, ValType), Error> {
        let memory = MemoryIdx(self.reader.u32()?);
        let ty = self.module.memories.get(memory.index()).ok_or_else(|| self.invalid("unknown memory"))?;
        Ok((memory, if ty.memory64 { ValType::I64 } else { ValType::I32 }))
    }

    /// Reads a table index, the type of the table's entries and that of its indices.
    fn table(&mut self) -> Result<(TableIdx, ValType, ValType), Error> {
        let table = TableIdx(self.reader.u32()?);
        let ty = self.module.tables.get(table.index()).ok_or_else(|| self.invalid("unknown table"))?.ty;
        let address = if ty.table64 { ValType::I64 } else { ValType::I32 };
        Ok((table, ValType::Ref(ty.element), address))
    }

    /// `table.get` and `table.set`, the opcode read.
    fn table_access(&mut self, opcode: u8) -> Next {
        let (table, element, _) = self.table()?;
        if opcode == 0x25 {
            self.gives(1, element, Op::TableGet(table))
        } else {
            self.takes(2, Op::TableSet(table))
        }
    }

    /// Saturating conversions, bulk operators and wide arithmetic, the prefix read.
    fn bulk(&mut self) -> Next {
        let number = self.reader.u32()?;
        match number {
            0x08 => {
                let (data, memory) = (DataIdx(self.reader.u32()?), MemoryIdx(self.reader.u32()?));
                self.takes(3, Op::MemoryInit { memory, data })
            }
            0x09 => {
                let data = DataIdx(self.reader.u32()?);
                self.takes(0, Op::DataDrop(data))
            }
            0x0a => {
                let (dst, src) = (MemoryIdx(self.reader.u32()?), MemoryIdx(self.reader.u32()?));
                self.takes(3, Op::MemoryCopy { dst, src })
            }
            0x0b => {
                let memory = MemoryIdx(self.reader.u32()?);
                self.takes(3, Op::MemoryFill(memory))
            }
            0x0c => {
                let (elem, table) = (ElemIdx(self.reader.u32()?), TableIdx(self.reader.u32()?));
                self.takes(3, Op::TableInit { table, elem })
            }
            0x0d => {
                let elem = ElemIdx(self.reader.u32()?);
                self.takes(0, Op::ElemDrop(elem))
            }
            0x0e => {
                let (dst, src) = (TableIdx(self.reader.u32()?), TableIdx(self.reader.u32()?));
                self.takes(3, Op::TableCopy { dst, src })
            }
            0x0f => {
                let (table, _, address) = self.table()?;
                self.gives(2, address, Op::TableGrow(table))
            }
            0x10 => {
                let (table, _, address) = self.table()?;
                self.gives(0, address, Op::TableSize(table))
            }
            0x11 => {
                let table = TableIdx(self.reader.u32()?);
                self.takes(3, Op::TableFill(table))
            }
            _ => self.row(prefixed(0xfc, number), 0xfc),
        }
    }

    /// Vector operators, the prefix read.
    fn vector(&mut self) -> Next {
        let number = self.reader.u32()?;
        match number {
            0x0c => {
                let bytes = self.reader.array()?;
                self.gives(0, ValType::V128, Op::V128Const(bytes))
            }
            0x0d => {
                let lanes = self.reader.array()?;
                self.gives(2, ValType::V128, Op::I8x16Shuffle(lanes))
            }
            _ => self.row(prefixed(0xfd, number), 0xfd),
        }
    }

    /// Atomic operators, the prefix read.
    fn atomic(&mut self) -> Next {
        let number = self.reader.u32()?;
        match number {
            0x00 => {
                let arg = mem_arg(&mut self.reader)?;
                self.gives(2, ValType::I32, Op::AtomicNotify(arg))
            }
            0x01 => {
                let arg = mem_arg(&mut self.reader)?;
                self.gives(3, ValType::I32, Op::AtomicWait32(arg))
            }
            0x02 => {
                let arg = mem_arg(&mut self.reader)?;
                self.gives(3, ValType::I32, Op::AtomicWait64(arg))
            }
            0x03 => {
                self.reader.u8()?;
                self.takes(0, Op::AtomicFence)
            }
            _ => self.row(prefixed(0xfe, number), ATOMIC),
        }
    }

    /// Passes over the number of `pause`, a hint, if that is what follows the prefix.
    fn pauses(&mut self) -> bool {
        let mut ahead = self.reader.clone();
        let pauses = ahead.u32() == Ok(PAUSE);
        if pauses {
            self.reader = ahead;
        }
        pauses
    }

    /// Operators on references, the opcode read.
    fn reference(&mut self, opcode: u8) -> Next {
        match opcode {
            0xd0 => {
                let heap = heap_type(&mut self.reader)?;
                self.gives(0, ValType::Ref(RefType { nullable: true, heap }), Op::RefNull(heap))
            }
            0xd1 => {
                let ty = self.top_ref()?;
                self.gives(1, ValType::I32, Op::RefIsNull(ty))
            }
            0xd2 => {
                let (func, ty) = self.callee()?;
                self.gives(0, concrete(ty), Op::RefFunc(func))
            }
            0xd3 => self.gives(2, ValType::I32, Op::RefEq),
            0xd4 => {
                let ty = non_null(self.top_ref()?);
                self.gives(1, ty, Op::RefAsNonNull)
            }
            0xd5 => {
                let ty = non_null(self.top_ref()?);
                let label = self.label()?;
                self.may_branch(label, 0, Some(ty), Op::BrOnNull(label))
            }
            _ => {
                let label = self.label()?;
                self.may_branch(label, 1, None, Op::BrOnNonNull(label))
            }
        }
    }
}

/// The table's opcode of a number after a prefix byte; a number that is too large stays so.
#[inline]
fn prefixed(prefix: u32, number: u32) -> u32 {
    prefix << 16 | number.min(0xffff)
}

/// `(ref $ty)`.
pub(super) fn concrete(ty: TypeIdx) -> ValType {
    ValType::Ref(RefType { nullable: false, heap: HeapType::Concrete(ty) })
}

fn non_null(ty: RefType) -> ValType {
    ValType::Ref(RefType { nullable: false, ..ty })
}
