//! Lowering of the operators that the runtime carries out: operands go to their
//! own slots, in a row, and the result takes the place of the first.

use super::Lowering;
use super::emit::fields;
use super::stack::{Kind, Place};
use crate::exec::bulk;
use crate::exec::dispatch::Handler;
use dayfly_parser::{Op, RefType, TableIdx, ValType};

impl Lowering<'_> {
    /// An operator that the runtime carries out, or one that cannot be lowered.
    pub fn runtime_op(&mut self, op: Op) {
        let name = op.name();
        match op {
            Op::MemoryGrow(m) => {
                let ty = self.address_type(self.module.memories()[m.index()].memory64);
                self.call_runtime(name, bulk::memory_grow, 1, m.0, 0, Some(ty));
            }
            Op::MemoryFill(m) => self.call_runtime(name, bulk::memory_fill, 3, m.0, 0, None),
            Op::MemoryCopy { dst, src } => self.call_runtime(name, bulk::memory_copy, 3, dst.0, src.0, None),
            Op::MemoryInit { memory, data } => {
                self.call_runtime(name, bulk::memory_init, 3, memory.0, data.0, None)
            }
            Op::DataDrop(d) => self.call_runtime(name, bulk::data_drop, 0, d.0, 0, None),
            Op::TableGet(t) => {
                let ty = ValType::Ref(self.entry_type(t));
                self.call_runtime(name, bulk::table_get, 1, t.0, 0, Some(ty));
            }
            Op::TableSet(t) => self.call_runtime(name, bulk::table_set, 2, t.0, 0, None),
            Op::TableSize(t) => {
                let ty = self.index_type(t);
                self.call_runtime(name, bulk::table_size, 0, t.0, 0, Some(ty));
            }
            Op::TableGrow(t) => {
                let ty = self.index_type(t);
                self.call_runtime(name, bulk::table_grow, 2, t.0, 0, Some(ty));
            }
            Op::TableFill(t) => self.call_runtime(name, bulk::table_fill, 3, t.0, 0, None),
            Op::TableCopy { dst, src } => self.call_runtime(name, bulk::table_copy, 3, dst.0, src.0, None),
            Op::TableInit { table, elem } => {
                self.call_runtime(name, bulk::table_init, 3, table.0, elem.0, None)
            }
            Op::ElemDrop(e) => self.call_runtime(name, bulk::elem_drop, 0, e.0, 0, None),
            Op::RefFunc(f) => {
                self.call_runtime(name, bulk::ref_func, 0, f.0, 0, Some(ValType::Ref(RefType::FUNCREF)))
            }
            op => {
                if !self.gc_op(op) {
                    self.refuse("it uses an operator that the interpreter does not have yet");
                }
            }
        }
    }

    fn call_runtime(
        &mut self,
        name: &'static str,
        handler: Handler,
        operands: usize,
        first: u32,
        second: u32,
        result: Option<ValType>,
    ) {
        self.settle_top(operands);
        for _ in 0..operands {
            self.pop();
        }
        let slot = self.next_slot();
        let base = self.address(slot);
        let wide = result == Some(ValType::I64);
        let fields = fields(base, wide as u16, 0, 0);
        let places = [Place::Slot(base), Place::Imm(first as i32), Place::Imm(second as i32)];
        self.effect(name, handler, fields, &[first as u64, second as u64], &places);
        if let Some(ty) = result {
            self.push(ty, Kind::Temp { made: None });
        }
    }

    fn entry_type(&self, table: TableIdx) -> RefType {
        self.module.tables()[table.index()].ty.element
    }

    fn index_type(&self, table: TableIdx) -> ValType {
        self.address_type(self.module.tables()[table.index()].ty.table64)
    }

    fn address_type(&self, wide: bool) -> ValType {
        if wide { ValType::I64 } else { ValType::I32 }
    }
}
