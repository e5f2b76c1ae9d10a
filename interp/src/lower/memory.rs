//! Lowering of variables and memory accesses. Memory 0 with 32-bit addresses, unless
//! it is shared, has handlers of its own; all other memories have general ones in common.

use super::Lowering;
use super::emit::{fields, fields_imm};
use super::fuse::{Address, Last, What, second_part};
use super::operands::no_imm;
use super::stack::{Entry, Kind, Place, Registers, immediate16};
use crate::exec::memory::memory_size;
use crate::exec::select as handlers;
use crate::exec::select::{Class, Variants};
use dayfly_parser::ops::*;
use dayfly_parser::{GlobalIdx, MemArg, MemoryIdx, ValType};

/// The word for the second part of a sum, if the instruction has one.
fn addend(y: Place) -> Option<u64> {
    matches!(y, Place::Slot(_) | Place::Imm(_)).then_some(second_part(y))
}

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
        let x = self.operand(no_imm, if imported { Registers::None } else { Registers::Acc });
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
            self.load_plain(op, memarg.offset as u32);
        } else {
            let address = self.slot_operand();
            let variants = handlers::of_load_any(op);
            let extra = self.general(memarg);
            self.result(
                op.result(),
                op.name(),
                variants,
                fields(0, address, 0, 0),
                &extra,
                &[Place::Slot(address)],
            );
        }
        self.note_memarg(memarg);
    }

    fn load_plain(&mut self, op: LoadOp, offset: u32) {
        let entry = self.pop();
        let address = match self.sum_of(&entry) {
            Some(sum) => sum,
            None => self.address_of(entry, offset),
        };
        let accs = self.accs;
        match address {
            Address::At(place, offset) => {
                let fields = fields_imm(0, place.slot(), offset as i32);
                let variants = handlers::of_load(op, place.class());
                let at = self.result(op.result(), op.name(), variants, fields, &[], &[place]);
                self.note_last(at, What::Load(op, place, 0, offset), accs);
            }
            Address::Sum(x, y) => {
                let fields = fields_imm(0, x.slot(), offset as i32);
                let variants = handlers::of_load_sum(op, x.class(), y.class());
                let word = addend(y);
                let at = self.result(op.result(), op.name(), variants, fields, word.as_slice(), &[x, y]);
                if let Place::Imm(k) = y {
                    self.note_last(at, What::Load(op, x, k, offset), accs);
                }
            }
            Address::Scaled(x, y, k) => {
                let fields = fields_imm(0, y.slot(), offset as i32);
                let variants = handlers::of_load_scaled(op, x.class(), y.class());
                let word = second_part(x) | (k as u64) << 32;
                let places = [x, y, Place::Imm(k as i32)];
                self.result(op.result(), op.name(), variants, fields, &[word], &places);
            }
        }
    }

    /// A store.
    pub fn store(&mut self, op: StoreOp, memarg: MemArg) {
        if self.is_plain(memarg) {
            self.store_plain(op, memarg.offset as u32);
        } else {
            let (value, address) = (self.slot_operand(), self.slot_operand());
            let extra = self.general(memarg);
            let places = [Place::Slot(address), Place::Slot(value)];
            self.effect(op.name(), handlers::of_store_any(op), fields(address, value, 0, 0), &extra, &places);
        }
        self.note_memarg(memarg);
    }

    fn store_plain(&mut self, op: StoreOp, offset: u32) {
        let entry = self.pop();
        // An immediate is cheaper than an address that is a sum.
        let value = self.place(entry, immediate16, Registers::All);
        let entry = self.pop();
        let is_sum = matches!(self.made_last(&entry), Some(Last { what: What::Add(..), .. }));
        let sum = if is_sum && value.class() != Class::I { self.sum_of(&entry) } else { None };
        match sum.unwrap_or_else(|| self.address_of(entry, offset)) {
            Address::At(place, offset) => {
                let handler = handlers::of_store(op, place.class(), value.class());
                let fields = fields_imm(place.slot(), value.field(), offset as i32);
                self.effect(op.name(), handler, fields, value.word().as_slice(), &[place, value]);
            }
            Address::Sum(x, y) | Address::Scaled(x, y, _) => {
                let handler = handlers::of_store_sum(op, x.class(), y.class(), value.class());
                let fields = fields_imm(x.slot(), value.field(), offset as i32);
                self.effect(op.name(), handler, fields, addend(y).as_slice(), &[x, y, value]);
            }
        }
    }

    /// An address that was popped; one that is constant becomes part of the offset.
    fn address_of(&mut self, entry: Entry, offset: u32) -> Address {
        if let Kind::Const(bits) = entry.kind
            && let Some(offset) = (bits as u32).checked_add(offset)
        {
            return Address::At(Place::Imm(0), offset);
        }
        Address::At(self.place(entry, no_imm, Registers::All), offset)
    }

    /// A load of one lane.
    pub fn load_lane(&mut self, op: LoadLaneOp, memarg: MemArg, lane: u8) {
        let (vector, address) = (self.slot_operand(), self.slot_operand());
        let extra = self.general(memarg);
        let pair = Variants::slot_only(handlers::of_load_lane(op));
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
        self.result(result, "memory.size", Variants::slot_only(memory_size), fields, &[], &[]);
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
