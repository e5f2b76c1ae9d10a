//! Lowering of variables and memory accesses. Memory 0 with 32-bit addresses, unless
//! it is shared, has handlers of its own; all other memories have general ones in common.

use super::Lowering;
use super::emit::{fields, fields_imm};
use super::operands::no_imm;
use super::stack::{Place, imm16};
use crate::exec::memory::memory_size;
use crate::exec::select as handlers;
use crate::exec::select::Pair;
use dayfly_parser::ops::*;
use dayfly_parser::{GlobalIdx, MemArg, MemoryIdx, ValType};

impl Lowering<'_> {
    /// `global.get`
    pub fn global_get(&mut self, global: GlobalIdx) {
        let ty = self.module.globals()[global.index()].ty.content;
        let (pair, at) = if self.global_is_imported(global) {
            (handlers::of_global_get_imported(ty), self.layout.imported_global(global))
        } else {
            (handlers::of_global_get(ty), self.layout.global(global))
        };
        self.result(ty, "global.get", pair, fields_imm(0, 0, at as i32), &[], &[Place::Imm(global.0 as i32)]);
    }

    /// `global.set`
    pub fn global_set(&mut self, global: GlobalIdx) {
        let ty = self.module.globals()[global.index()].ty.content;
        let imported = self.global_is_imported(global);
        let x = self.operand(no_imm, !imported);
        let (handler, at) = if imported {
            (handlers::of_global_set_imported(ty), self.layout.imported_global(global))
        } else {
            (handlers::of_global_set(ty, x.class()), self.layout.global(global))
        };
        let places = [Place::Imm(global.0 as i32), x];
        self.effect("global.set", handler, fields_imm(x.slot(), 0, at as i32), &[], &places);
    }

    fn global_is_imported(&self, global: GlobalIdx) -> bool {
        global.0 < self.module.imported().globals
    }

    /// A load.
    pub fn load(&mut self, op: LoadOp, memarg: MemArg) {
        if self.is_plain(memarg) {
            let address = self.operand(no_imm, true);
            let pair = handlers::of_load(op, address.class());
            let fields = fields_imm(0, address.slot(), memarg.offset as u32 as i32);
            self.result(op.result(), op.name(), pair, fields, &[], &[address]);
        } else {
            let address = self.slot_operand();
            let pair = handlers::of_load_any(op);
            let extra = self.general(memarg);
            self.result(
                op.result(),
                op.name(),
                pair,
                fields(0, address, 0, 0),
                &extra,
                &[Place::Slot(address)],
            );
        }
        self.note_memarg(memarg);
    }

    /// A store.
    pub fn store(&mut self, op: StoreOp, memarg: MemArg) {
        if self.is_plain(memarg) {
            let value = self.operand(imm16, true);
            let address = self.operand(no_imm, true);
            let handler = handlers::of_store(op, address.class(), value.class());
            let second = if let Place::Imm(imm) = value { imm as u16 } else { value.slot() };
            let fields = fields_imm(address.slot(), second, memarg.offset as u32 as i32);
            self.effect(op.name(), handler, fields, &[], &[address, value]);
        } else {
            let (value, address) = (self.slot_operand(), self.slot_operand());
            let extra = self.general(memarg);
            let places = [Place::Slot(address), Place::Slot(value)];
            self.effect(op.name(), handlers::of_store_any(op), fields(address, value, 0, 0), &extra, &places);
        }
        self.note_memarg(memarg);
    }

    /// A load of one lane.
    pub fn load_lane(&mut self, op: LoadLaneOp, memarg: MemArg, lane: u8) {
        let (vector, address) = (self.slot_operand(), self.slot_operand());
        let extra = self.general(memarg);
        let pair = Pair::slot_only(handlers::of_load_lane(op));
        let places = [Place::Slot(address), Place::Slot(vector), Place::Imm(lane as i32)];
        let fields = fields(0, address, vector, lane as u16);
        self.result(ValType::V128, op.name(), pair, fields, &extra, &places);
        self.note_memarg(memarg);
    }

    /// A store of one lane.
    pub fn store_lane(&mut self, op: StoreLaneOp, memarg: MemArg, lane: u8) {
        let (vector, address) = (self.slot_operand(), self.slot_operand());
        let extra = self.general(memarg);
        let places = [Place::Slot(address), Place::Slot(vector), Place::Imm(lane as i32)];
        let fields = fields(address, vector, 0, lane as u16);
        self.effect(op.name(), handlers::of_store_lane(op), fields, &extra, &places);
        self.note_memarg(memarg);
    }

    /// `memory.size`
    pub fn memory_size(&mut self, memory: MemoryIdx) {
        let ty = self.module.memories()[memory.index()];
        let result = if ty.memory64 { ValType::I64 } else { ValType::I32 };
        if ty.shared {
            return self.memory_size_shared(memory, result);
        }
        let at = self.layout.memory(memory) as i32;
        let fields = fields_imm(0, ty.page_size_log2 as u16, at);
        self.result(result, "memory.size", Pair::slot_only(memory_size), fields, &[], &[]);
    }

    /// Whether an access has the short form: memory 0, 32-bit addresses, not shared.
    fn is_plain(&self, memarg: MemArg) -> bool {
        memarg.memory.0 == 0 && !self.module.memories()[0].memory64 && !self.module.memories()[0].shared
    }

    /// The further words of the general form.
    pub fn general(&self, memarg: MemArg) -> [u64; 2] {
        [memarg.offset, self.layout.memory(memarg.memory) as u64]
    }

    /// Adds the address immediate to the note of the last instruction.
    pub fn note_memarg(&mut self, memarg: MemArg) {
        self.out.note(|n| {
            if memarg.offset != 0 {
                n.operands.push_str(&format!(" offset={}", memarg.offset));
            }
            if memarg.memory.0 != 0 {
                n.operands.push_str(&format!(" memory={}", memarg.memory));
            }
        });
    }
}
