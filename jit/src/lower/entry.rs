//! Entries, by which the host and other engines come into compiled code: `Entry::registers` of functions whose type
//! fits, `Entry::call` of the others.
//!
//! An entry puts a `JitActivation` in its frame, links it as the store's innermost, calls the body and unlinks it. Its call
//! is a `try_call` that catches everything; by it the unwinder and the signal handler find where failures go on,
//! and the latter the store. There nothing but the stack slot is used, and what was alive across the call.

use super::env::{Env, Region, clif_type};
use super::trampoline::{
    Meter, flags, load_slots, of_slot, raw_signature, register_signature, store_slots, to_slot,
};
use crate::activation::{EntryTable, JitActivation};
use crate::builtins::BuiltinTable;
use crate::compile::FuncKey;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{
    AbiParam, Block, BlockArg, BlockCall, ExceptionTableData, ExceptionTableItem, Function, InstBuilder,
    SigRef, Signature, StackSlot, StackSlotData, StackSlotKind, UserFuncName, Value,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use dayfly_runtime::backend::fits_registers;
use dayfly_runtime::vm::{Activation, FuncRef, Vm, VmStore};
use std::mem::offset_of;

/// Enters functions of a type.
pub fn entry(env: Env<'_>, number: u32, context: &mut FunctionBuilderContext) -> Function {
    let ty = env.signatures.ty(number);
    let in_registers = fits_registers(ty);
    let signature = if in_registers { register_signature(ty) } else { raw_signature() };
    let name = UserFuncName::User(FuncKey::Entry(number).name());
    let mut func = Function::with_name_signature(name, signature);
    let mut b = FunctionBuilder::new(&mut func, context);
    let start = b.create_block();
    b.append_block_params_for_function_params(start);
    b.switch_to_block(start);
    let params = b.block_params(start).to_vec();
    let fixed = flags(env, &mut b, Region::Fixed).with_readonly();
    let target = flags(env, &mut b, Region::Func);
    let vm = b.ins().load(I64, target, params[0], offset_of!(FuncRef, vm) as i32);
    let code = b.ins().load(I64, target, params[0], offset_of!(FuncRef, native) as i32);
    let store = b.ins().load(I64, fixed, vm, offset_of!(Vm, store) as i32);
    let frame = Frame { env, store, failed: b.create_block(), slot: activation_slot(&mut b) };
    frame.link(&mut b, vm);
    let fuel = env.counts_fuel().then(|| Meter::of(env, &mut b, vm));
    let mut args = vec![vm];
    args.extend(fuel.map(|fuel| fuel.read(&mut b)));
    if in_registers {
        let own = params[2..].iter().zip(&ty.params);
        args.extend(own.map(|(&slot, ty)| of_slot(&mut b, *ty, slot)));
    } else {
        args.extend(load_slots(env, &mut b, &ty.params, params[3]));
    }
    let callee = b.import_signature(env.signature(ty));
    let done = b.create_block();
    let left = fuel.map(|_| b.append_block_param(done, I64));
    let results: Vec<Value> =
        ty.results.iter().map(|ty| b.append_block_param(done, clif_type(*ty))).collect();
    frame.call(&mut b, callee, code, &args, done);
    b.switch_to_block(done);
    if let (Some(fuel), Some(left)) = (fuel, left) {
        fuel.write(&mut b, left);
    }
    frame.unlink(&mut b);
    let ended = b.ins().iconst(I32, 0);
    if in_registers {
        let slot = results.first().map(|&result| to_slot(&mut b, ty.results[0], result));
        let slot = slot.unwrap_or_else(|| b.ins().iconst(I64, 0));
        b.ins().return_(&[slot, ended]);
    } else {
        store_slots(env, &mut b, &ty.results, &results, params[3]);
        b.ins().return_(&[ended]);
    }
    b.switch_to_block(frame.failed);
    b.set_cold_block(frame.failed);
    let outcome = frame.fail(&mut b);
    if in_registers {
        let slot = b.ins().iconst(I64, 0);
        b.ins().return_(&[slot, outcome]);
    } else {
        b.ins().return_(&[outcome]);
    }
    b.seal_all_blocks();
    b.finalize(env.isa.frontend_config());
    func
}

fn activation_slot(b: &mut FunctionBuilder<'_>) -> StackSlot {
    let size = size_of::<JitActivation>() as u32;
    b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, size, 4))
}

/// Where things are in an entry.
struct Frame<'a> {
    env: Env<'a>,
    store: Value,
    /// Where failures go on.
    failed: Block,
    /// The activation.
    slot: StackSlot,
}

const PREV: i32 = (offset_of!(JitActivation, activation) + offset_of!(Activation, prev)) as i32;
const KIND: i32 = (offset_of!(JitActivation, activation) + offset_of!(Activation, kind)) as i32;
const _: () = assert!(offset_of!(JitActivation, activation) == 0 && offset_of!(EntryTable, kind) == 0);

impl Frame<'_> {
    /// Makes the activation the store's innermost.
    fn link(&self, b: &mut FunctionBuilder<'_>, vm: Value) {
        let fixed = flags(self.env, b, Region::Fixed).with_readonly();
        let (state, own) = (flags(self.env, b, Region::Store), flags(self.env, b, Region::Slots));
        let address = b.ins().stack_addr(I64, self.slot, 0);
        let prev = b.ins().load(I64, state, self.store, offset_of!(VmStore, activation) as i32);
        let builtins = b.ins().load(I64, fixed, vm, offset_of!(Vm, context) as i32);
        let kind = b.ins().iadd_imm_s(builtins, i64::from(BuiltinTable::ENTRIES_OFFSET));
        b.ins().store(own, prev, address, PREV);
        b.ins().store(own, kind, address, KIND);
        b.ins().store(state, address, self.store, offset_of!(VmStore, activation) as i32);
    }

    /// Makes the one before the innermost again.
    fn unlink(&self, b: &mut FunctionBuilder<'_>) {
        let (state, own) = (flags(self.env, b, Region::Store), flags(self.env, b, Region::Slots));
        let address = b.ins().stack_addr(I64, self.slot, 0);
        let prev = b.ins().load(I64, own, address, PREV);
        b.ins().store(state, prev, self.store, offset_of!(VmStore, activation) as i32);
    }

    /// After a failure: makes the one before the innermost again, and gives the outcome of the call.
    fn fail(&self, b: &mut FunctionBuilder<'_>) -> Value {
        let fixed = flags(self.env, b, Region::Fixed);
        let own = flags(self.env, b, Region::Slots);
        let address = b.ins().stack_addr(I64, self.slot, 0);
        let table = b.ins().load(I64, own, address, KIND);
        let fail = b.ins().load(I64, fixed, table, offset_of!(EntryTable, fail) as i32);
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params.push(AbiParam::new(I64));
        signature.returns.push(AbiParam::new(I32));
        let signature = b.import_signature(signature);
        let called = b.ins().call_indirect(signature, fail, &[self.store]);
        b.inst_results(called)[0]
    }

    /// Calls and goes on at `done` with the results, or at `failed`. The signal handler finds the store by the call.
    fn call(&self, b: &mut FunctionBuilder<'_>, signature: SigRef, code: Value, args: &[Value], done: Block) {
        let results = b.func.dfg.signatures[signature].returns.len() as u32;
        let lists = &mut b.func.dfg.value_lists;
        let normal = BlockCall::new(done, (0..results).map(BlockArg::TryCallRet), lists);
        let thrown = BlockCall::new(self.failed, [], lists);
        let items = [ExceptionTableItem::Context(self.store), ExceptionTableItem::Default(thrown)];
        let table = ExceptionTableData::new(signature, normal, items);
        let table = b.func.dfg.exception_tables.push(table);
        b.ins().try_call_indirect(code, args, table);
    }
}
