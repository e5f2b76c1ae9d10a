//! Lowering of calls and returns. Arguments are settled in their own slots, which
//! become the callee's first ones; results come back to the same place.

use super::Lowering;
use super::emit::{fields, fields_imm};
use super::operands::no_imm;
use super::stack::{Bank, Held, Kind, Made, Place, Registers, immediate};
use crate::exec::call;
use crate::exec::dispatch::Handler;
use crate::exec::frame::{HEADER, OWN_VM};
use crate::exec::select as handlers;
use dayfly_parser::{FuncIdx, FuncType, TableIdx, TypeIdx, ValType};

/// What a call needs to find its callee.
struct Target {
    name: &'static str,
    handler: Handler,
    /// Slot of an index or reference.
    slot: u16,
    /// Offset in the instance's block.
    at: u32,
    /// Third word: a record or a type.
    payload: u64,
}

impl<'a> Lowering<'a> {
    /// `call`
    pub fn call(&mut self, func: FuncIdx) {
        let target = self.direct(func, ["call", "call"], [call::call, call::call_import, call::call_other]);
        self.emit_call(target, self.module.funcs()[func.index()]);
    }

    /// `call_indirect`
    pub fn call_indirect(&mut self, ty: TypeIdx, table: TableIdx) {
        let by_final: [Handler; 2] = [call::call_indirect::<false>, call::call_indirect::<true>];
        let target = self.indirect("call_indirect", ty, table, by_final);
        self.emit_call(target, ty);
    }

    /// `call_ref`
    pub fn call_ref(&mut self, ty: TypeIdx) {
        let slot = self.kept_operand();
        self.emit_call(Target { name: "call_ref", handler: call::call_ref, slot, at: 0, payload: 0 }, ty);
    }

    /// `return_call`
    pub fn return_call(&mut self, func: FuncIdx) {
        let by_kind: [Handler; 3] = [call::return_call, call::return_call_import, call::return_call_other];
        let target = self.direct(func, ["return_call", "return_call"], by_kind);
        self.emit_return_call(target, self.module.funcs()[func.index()]);
    }

    /// `return_call_indirect`
    pub fn return_call_indirect(&mut self, ty: TypeIdx, table: TableIdx) {
        let by_final: [Handler; 2] =
            [call::return_call_indirect::<false>, call::return_call_indirect::<true>];
        let target = self.indirect("return_call_indirect", ty, table, by_final);
        self.emit_return_call(target, ty);
    }

    /// `return_call_ref`
    pub fn return_call_ref(&mut self, ty: TypeIdx) {
        let slot = self.kept_operand();
        let target =
            Target { name: "return_call_ref", handler: call::return_call_ref, slot, at: 0, payload: 0 };
        self.emit_return_call(target, ty);
    }

    fn direct(&self, func: FuncIdx, names: [&'static str; 2], by_kind: [Handler; 3]) -> Target {
        match self.module.defined(func) {
            Some(defined) if !self.bytecode.has(defined) => {
                let at = self.layout.func_ref(defined);
                let at = at.expect("functions of a module with two makers of code have references");
                Target { name: names[1], handler: by_kind[2], slot: 0, at, payload: 0 }
            }
            Some(defined) => {
                let record = &raw const *self.bytecode.record(defined);
                Target {
                    name: names[0],
                    handler: by_kind[0],
                    slot: 0,
                    at: 0,
                    payload: record as usize as u64,
                }
            }
            None => {
                let at = self.layout.imported_func(func);
                Target { name: names[1], handler: by_kind[1], slot: 0, at, payload: 0 }
            }
        }
    }

    fn indirect(
        &mut self,
        name: &'static str,
        ty: TypeIdx,
        table: TableIdx,
        by_final: [Handler; 2],
    ) -> Target {
        let slot = self.kept_operand();
        let handler = by_final[self.module.types()[ty.index()].is_final as usize];
        let payload = self.shape.type_id(ty).0 as u64;
        Target { name, handler, slot, at: self.layout.table(table), payload }
    }

    /// Pops an index or reference that the call reads from its slot. The call may
    /// be executed again after its callee was lowered, so it is not taken from an accumulator.
    fn kept_operand(&mut self) -> u16 {
        self.operand(no_imm, Registers::None).slot()
    }

    /// Settles and pops the arguments; says where they are.
    fn arguments(&mut self, ty: &FuncType) -> u16 {
        self.settle_top(ty.params.len());
        for _ in 0..ty.params.len() {
            self.pop();
        }
        let base = self.next_slot();
        // The arguments, the index above them, and the results lie in this frame.
        self.reserve(base + ty.param_slots().max(ty.result_slots()) + 1);
        self.address(base)
    }

    fn emit_call(&mut self, target: Target, ty: TypeIdx) {
        let ty: &FuncType = self.module.type_func(ty);
        let base = self.arguments(ty);
        let room = ty.param_slots().max(ty.result_slots()) as u16;
        let first = fields_imm(base, target.slot, target.at as i32);
        let places = [Place::Slot(base), Place::Slot(target.slot)];
        let used = if target.slot == 0 { 1 } else { 2 };
        self.safepoint();
        let at = self.effect(target.name, target.handler, first, &[target.payload], &places[..used]);
        let own_vm = self.address(self.local_slots + OWN_VM as u32);
        self.effect("restore", call::restore, fields(own_vm, room, 0, 0), &[], &[]);
        if !self.tries.is_empty() {
            // A handler must find locals as they were at the call.
            self.region += 1;
        }
        self.load_pins();
        match *ty.results {
            [ty] if ty != ValType::V128 => self.push_result(at, ty),
            _ => {
                for &result in ty.results.iter() {
                    self.push(result, Kind::Temp { made: None });
                }
            }
        }
    }

    /// Pushes the only result of the call at `at`, which every return leaves in the accumulator too.
    fn push_result(&mut self, at: u32, ty: ValType) {
        let made = Made { at, region: self.region, movable: false, to_pin: None };
        self.push(ty, Kind::Temp { made: Some(made) });
        if let Some(bank) = Bank::of(ty) {
            self.accs[bank as usize] = Some(Held { at, to_acc: None, local: None });
        }
    }

    fn emit_return_call(&mut self, target: Target, ty: TypeIdx) {
        let ty: &FuncType = self.module.type_func(ty);
        let base = self.arguments(ty);
        let room = ty.param_slots().max(ty.result_slots()) as u16;
        let results = ty.result_slots() as u16;
        let first = fields_imm(base, target.slot, target.at as i32);
        let extra =
            [target.payload, self.local_slots as u64, fields(room, results, ty.param_slots() as u16, 0)];
        let places = [Place::Slot(base), Place::Slot(target.slot)];
        let used = if target.slot == 0 { 1 } else { 2 };
        self.effect(target.name, target.handler, first, &extra, &places[..used]);
        // The header that the handler reads is this frame's, even where the callee's frame is larger.
        self.reserve(self.local_slots + HEADER);
    }

    /// `return`
    pub fn return_(&mut self) {
        let results = self.result_types();
        if let [ty] = results
            && *ty != ValType::V128
        {
            let ty = *ty;
            let value = self.operand(immediate, Registers::Acc);
            let header = self.address(self.local_slots);
            let handler = handlers::of_return(ty, value.class());
            let fields = match value {
                Place::Imm(imm) => fields_imm(header, 0, imm),
                place => fields(header, place.slot(), 0, 0),
            };
            self.effect("return", handler, fields, value.word().as_slice(), &[value]);
        } else {
            self.settle_top(results.len());
            self.emit_return();
        }
    }

    /// Returns the settled results on top of the stack, which stay there.
    pub fn emit_return(&mut self) {
        let results = self.result_types();
        let header = self.address(self.local_slots);
        match results {
            [] => {
                self.effect("return", call::ret, fields(header, 0, 0, 0), &[], &[]);
            }
            _ => {
                let first = self.stack[self.stack.len() - results.len()].slot;
                let count = results.iter().map(|ty| ty.slots()).sum::<u32>();
                let first = self.address(first);
                let fields = fields(header, first, count as u16, 0);
                self.effect("return", call::ret_slots, fields, &[], &[Place::Slot(first)]);
            }
        }
    }

    fn result_types(&self) -> &'a [ValType] {
        &self.module.func_type(self.module.func_index(self.func)).results
    }
}
