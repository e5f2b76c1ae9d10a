//! Calls of imported functions whose arguments and result fit into registers. Which function it is, is known when
//! the module is instantiated. A body calls it itself, whatever it is: its machine code, or, if it is the host's or
//! interpreted, its `Entry`. Each call and return takes as long as all else that is done here, so no piece
//! stands between them. (`trampoline::import` does it for the other types, and for tail calls.)

use super::Lowering;
use super::call::Callee;
use super::env::{Region, clif_type};
use super::trampoline::{note_exit, of_slot, register_signature, to_slot};
use crate::builtins::Builtin;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{Block, InstBuilder, Value};
use dayfly_parser::{FuncIdx, FuncType, TypeIdx};
use dayfly_runtime::backend::Entry;
use dayfly_runtime::vm::FuncRef;
use std::mem::offset_of;

impl Lowering<'_, '_> {
    /// `call` of an imported function.
    pub fn call_import(&mut self, func: FuncIdx, ty: TypeIdx) {
        let func_type = self.module.type_func(ty);
        let args = self.pop_many(func_type.params.len());
        let func_ref = self.vm_fixed(I64, self.env.shape.layout().imported_func(func));
        let native = self.read_func_ref(func_ref, offset_of!(FuncRef, native));
        let (compiled, other, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let result =
            func_type.results.first().map(|&ty| (ty, self.b.append_block_param(done, clif_type(ty))));
        self.b.set_cold_block(compiled);
        self.b.ins().brif(native, compiled, &[], other, &[]);
        self.begin(compiled);
        self.call_code(func_ref, native, ty, &args, done);
        self.begin(other);
        self.call_entry(func_ref, func_type, &args, done);
        self.begin(done);
        if let Some((ty, value)) = result {
            self.push(ty, value);
        }
    }

    /// Calls its machine code, and goes on at `done` with the result.
    fn call_code(&mut self, func_ref: Value, code: Value, ty: TypeIdx, args: &[Value], done: Block) {
        let vm = self.read_func_ref(func_ref, offset_of!(FuncRef, vm));
        let args: Vec<Value> =
            [vm].into_iter().chain(self.fuel_value()).chain(args.iter().copied()).collect();
        let callee = Callee::Indirect(self.signature_of(ty), code);
        self.look_at_call(callee);
        let mut results = self.may_throw(callee, &args);
        let fuel = self.env.counts_fuel().then(|| results.remove(0));
        self.meters_after_call(fuel);
        self.write_fuel();
        self.jump(done, &results);
    }

    /// Calls it by the common convention with slots in registers, and goes on at `done` with the result. The store's
    /// fuel is right, as it is before each call.
    fn call_entry(&mut self, func_ref: Value, ty: &FuncType, args: &[Value], done: Block) {
        let (store, state) = (self.vm_store(), self.flags(Region::Store));
        note_exit(&mut self.b, state, store);
        let entry = self.read_func_ref(func_ref, offset_of!(FuncRef, entry));
        let code = self.read_func_ref(entry, offset_of!(Entry, registers));
        let slots = args.iter().zip(&ty.params).map(|(&arg, ty)| to_slot(&mut self.b, *ty, arg));
        let slots: Vec<Value> = [func_ref, self.vm].into_iter().chain(slots).collect();
        let signature = self.b.import_signature(register_signature(ty));
        let call = self.b.ins().call_indirect(signature, code, &slots);
        let [slot, outcome] = *self.b.inst_results(call) else { unreachable!("a slot and how it ended") };
        let (not_done, ended) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(not_done);
        self.b.ins().brif(outcome, not_done, &[], ended, &[]);
        self.begin(not_done);
        let slots = self.runtime_may_throw(Builtin::ImportNotDone);
        let result: Vec<Value> = ty.results.iter().map(|&ty| self.slot(clif_type(ty), slots, 0)).collect();
        self.jump(done, &result);
        self.begin(ended);
        self.meters_from_store();
        let result: Vec<Value> = ty.results.iter().map(|&ty| of_slot(&mut self.b, ty, slot)).collect();
        self.jump(done, &result);
    }

    /// Reads a word of a function reference that is not null, or of its `Entry`.
    pub fn read_func_ref(&mut self, at: Value, offset: usize) -> Value {
        let flags = self.flags(Region::Func);
        self.b.ins().load(I64, flags, at, offset as i32)
    }

    /// Goes on in a block to which all branches have been made.
    fn begin(&mut self, block: Block) {
        self.b.seal_block(block);
        self.b.switch_to_block(block);
    }
}
