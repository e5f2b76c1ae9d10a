//! Tables: entries are read and written in line, the rest is the runtime's.

use super::Lowering;
use super::env::Region;
use crate::builtins::Builtin;
use crate::trap_code::trap_code;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{InstBuilder, Value};
use dayfly_parser::{Op, TableIdx, TableType, ValType};
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::VmTable;
use std::mem::offset_of;

impl Lowering<'_, '_> {
    /// An entry of a table; traps if it does not exist.
    pub fn table_entry(&mut self, table: TableIdx, index: Value, trap: Trap) -> Value {
        let address = self.entry_address(table, index, trap);
        let flags = self.flags(Region::Table(table.0));
        self.b.ins().load(I64, flags, address, 0)
    }

    fn table_type(&self, table: TableIdx) -> TableType {
        self.module.tables()[table.index()].ty
    }

    /// The length of a table, as an i64.
    fn table_len(&mut self, table: TableIdx) -> Value {
        if self.env.facts.is_fixed(table) {
            let len = self.table_type(table).min;
            return self.b.ins().iconst(I64, len as i64);
        }
        let at = self.env.shape.layout().table(table) as usize + offset_of!(VmTable, len);
        let flags = self.flags(Region::Vm);
        self.b.ins().load(I64, flags, self.vm, at as i32)
    }

    fn entry_address(&mut self, table: TableIdx, index: Value, trap: Trap) -> Value {
        let index = self.wide(index);
        let len = self.table_len(table);
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, len);
        self.b.ins().trapnz(outside, trap_code(trap));
        let index = self.hardened(outside, index);
        let at = self.env.shape.layout().table(table) as usize + offset_of!(VmTable, base);
        let flags = if self.env.facts.is_fixed(table) { self.fixed() } else { self.flags(Region::Vm) };
        let base = self.b.ins().load(I64, flags, self.vm, at as i32);
        let scaled = self.b.ins().ishl_imm_u(index, 3);
        self.b.ins().iadd(base, scaled)
    }

    /// An index or address as 64 bits.
    pub fn wide(&mut self, index: Value) -> Value {
        if self.b.func.dfg.value_type(index) == I32 { self.b.ins().uextend(I64, index) } else { index }
    }

    /// `table.get`
    pub fn table_get(&mut self, table: TableIdx) {
        let index = self.pop();
        let value = self.table_entry(table, index, Trap::TableOutOfBounds);
        self.push(ValType::Ref(self.table_type(table).element), value);
    }

    /// `table.set`
    pub fn table_set(&mut self, table: TableIdx) {
        let (value, index) = (self.pop(), self.pop());
        let address = self.entry_address(table, index, Trap::TableOutOfBounds);
        let flags = self.flags(Region::Table(table.0));
        self.b.ins().store(flags, value, address, 0);
    }

    /// `table.size`
    pub fn table_size(&mut self, table: TableIdx) {
        let len = self.table_len(table);
        let len = if self.table_type(table).table64 { len } else { self.b.ins().ireduce(I32, len) };
        self.stack.push(len);
    }

    /// `table.grow`
    pub fn table_grow(&mut self, table: TableIdx) {
        let (delta, init) = (self.pop(), self.pop());
        let (delta, which) = (self.wide(delta), self.index(table.0));
        let slots = self.runtime(Builtin::TableGrow, &[init, delta, which]);
        let old = self.result(if self.table_type(table).table64 { I64 } else { I32 }, slots);
        self.stack.push(old);
    }

    /// Filling, copying, initialising.
    pub fn bulk_table(&mut self, op: Op) {
        let (builtin, operands, indices) = match op {
            Op::TableFill(table) => (Builtin::TableFill, 3, vec![table.0]),
            Op::TableCopy { dst, src } => (Builtin::TableCopy, 3, vec![dst.0, src.0]),
            Op::TableInit { table, elem } => (Builtin::TableInit, 3, vec![table.0, elem.0]),
            Op::ElemDrop(elem) => (Builtin::ElemDrop, 0, vec![elem.0]),
            _ => return,
        };
        self.bulk(builtin, operands, &indices);
    }

    /// An operator that the runtime carries out, without result: operands, then indices.
    pub fn bulk(&mut self, builtin: Builtin, operands: usize, indices: &[u32]) {
        let mut args = self.pop_many(operands);
        for &index in indices {
            args.push(self.index(index));
        }
        self.runtime(builtin, &args);
    }
}
