//! The pieces between compiled code and the common calling convention: entries, by
//! which the host comes in, and adapters, by which compiled code calls anything else.

use super::env::{Env, Region, clif_type};
use super::interrupt::interrupt_signature;
use crate::activation::JitActivation;
use crate::builtins::{Builtin, BuiltinTable};
use crate::compile::FuncKey;
use cranelift_codegen::ir::types::{F32, I32, I64};
use cranelift_codegen::ir::{
    AbiParam, BlockArg, BlockCall, ExceptionTableData, ExceptionTableItem, ExtFuncData, ExternalName,
    Function, InstBuilder, MemFlagsData, Signature, StackSlotData, StackSlotKind, UserFuncName, Value,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use dayfly_parser::{FuncType, ValType};
use dayfly_runtime::backend::Entry;
use dayfly_runtime::store::watch::Watch;
use dayfly_runtime::vm::{Activation, FuncRef, Vm, VmStore};
use std::mem::offset_of;

/// Enters functions of a type from the host: `activation::Trampoline`.
pub fn entry(env: Env<'_>, number: u32, context: &mut FunctionBuilderContext) -> Function {
    let ty = env.signatures.ty(number);
    let mut sig = Signature::new(CallConv::SystemV);
    sig.params.extend([AbiParam::new(I64); 4]);
    sig.returns.push(AbiParam::new(I32));
    let mut func = Function::with_name_signature(UserFuncName::User(FuncKey::Entry(number).name()), sig);
    let mut b = FunctionBuilder::new(&mut func, context);
    let (start, call) = (b.create_block(), b.create_block());
    b.append_block_params_for_function_params(start);
    b.switch_to_block(start);
    let [vm, slots, activation, code] = b.block_params(start) else { unreachable!("four parameters") };
    let (vm, slots, activation, code) = (*vm, *slots, *activation, *code);
    let store = flags(env, &mut b, Region::Store);
    let frame = b.ins().get_frame_pointer(I64);
    let stack = b.ins().get_stack_pointer(I64);
    let handler = b.ins().get_exception_handler_address(I64, call, 0);
    b.ins().store(store, frame, activation, offset_of!(JitActivation, entry_fp) as i32);
    b.ins().store(store, stack, activation, offset_of!(JitActivation, resume_sp) as i32);
    b.ins().store(store, handler, activation, offset_of!(JitActivation, resume_pc) as i32);
    poll(env, &mut b, vm);
    b.ins().jump(call, &[]);
    b.switch_to_block(call);
    let fuel = env.counts_fuel().then(|| Meter::of(env, &mut b, vm));
    let mut args = vec![vm];
    args.extend(fuel.map(|fuel| fuel.read(&mut b)));
    args.extend(load_slots(env, &mut b, &ty.params, slots));
    let callee = b.import_signature(env.signature(ty));
    let (done, failed) = (b.create_block(), b.create_block());
    let left = fuel.map(|_| b.append_block_param(done, I64));
    let results: Vec<Value> =
        ty.results.iter().map(|ty| b.append_block_param(done, clif_type(*ty))).collect();
    let returned = (0..b.block_params(done).len() as u32).map(BlockArg::TryCallRet);
    let normal = BlockCall::new(done, returned, &mut b.func.dfg.value_lists);
    let thrown = BlockCall::new(failed, [], &mut b.func.dfg.value_lists);
    let table = ExceptionTableData::new(callee, normal, [ExceptionTableItem::Default(thrown)]);
    let table = b.func.dfg.exception_tables.push(table);
    b.ins().try_call_indirect(code, &args, table);
    b.switch_to_block(done);
    if let (Some(fuel), Some(left)) = (fuel, left) {
        fuel.write(&mut b, left);
    }
    store_slots(env, &mut b, ty, &results, slots);
    let zero = b.ins().iconst(I32, 0);
    b.ins().return_(&[zero]);
    b.switch_to_block(failed);
    b.set_cold_block(failed);
    let one = b.ins().iconst(I32, 1);
    b.ins().return_(&[one]);
    b.seal_all_blocks();
    b.finalize(env.isa.frontend_config());
    func
}

/// Calls a function that is not compiled by the common convention: its reference stands
/// in the calling instance's `callee`.
pub fn adapter(env: Env<'_>, number: u32, context: &mut FunctionBuilderContext) -> Function {
    let ty = env.signatures.ty(number);
    let mut func =
        Function::with_name_signature(UserFuncName::User(FuncKey::Adapter(number).name()), env.signature(ty));
    super::stack_limit(env.module(), &mut func);
    let mut b = FunctionBuilder::new(&mut func, context);
    let start = b.create_block();
    b.append_block_params_for_function_params(start);
    b.switch_to_block(start);
    let params = b.block_params(start).to_vec();
    let vm = params[0];
    let fuel = env.counts_fuel().then(|| Meter::of(env, &mut b, vm));
    if let Some(fuel) = fuel {
        fuel.write(&mut b, params[1]);
    }
    let bytes = ty.param_slots().max(ty.result_slots()).max(1) * 8;
    let slot = b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 4));
    let slots = b.ins().stack_addr(I64, slot, 0);
    let (fixed, mutable) =
        (flags(env, &mut b, Region::Fixed).with_readonly(), flags(env, &mut b, Region::Vm));
    let (state, target) = (flags(env, &mut b, Region::Store), flags(env, &mut b, Region::Func));
    let func_ref = b.ins().load(I64, mutable, vm, offset_of!(Vm, callee) as i32);
    let store = b.ins().load(I64, fixed, vm, offset_of!(Vm, store) as i32);
    let activation = b.ins().load(I64, state, store, offset_of!(VmStore, activation) as i32);
    let frame = b.ins().get_frame_pointer(I64);
    b.ins().store(state, frame, activation, offset_of!(JitActivation, exit_fp) as i32);
    let entry = b.ins().load(I64, target, func_ref, offset_of!(FuncRef, entry) as i32);
    let call = b.ins().load(I64, target, entry, offset_of!(Entry, call) as i32);
    let own = flags(env, &mut b, Region::Slots);
    let mut at = 0;
    for (&value, ty) in params[env.hidden_params()..].iter().zip(&ty.params) {
        let value = widened(&mut b, *ty, value);
        b.ins().store(own, value, slots, at);
        at += ty.slots() as i32 * 8;
    }
    let mut raw = Signature::new(CallConv::SystemV);
    raw.params.extend([AbiParam::new(I64); 4]);
    raw.returns.push(AbiParam::new(I32));
    let raw = b.import_signature(raw);
    let called = b.ins().call_indirect(raw, call, &[func_ref, store, vm, slots]);
    let outcome = b.inst_results(called)[0];
    let (failed, done) = (b.create_block(), b.create_block());
    b.set_cold_block(failed);
    b.ins().brif(outcome, failed, &[], done, &[]);
    b.switch_to_block(failed);
    leave(env, &mut b, vm, slots, Builtin::NotDone);
    b.ins().jump(done, &[]);
    b.switch_to_block(done);
    let mut results = Vec::from_iter(fuel.map(|fuel| fuel.read(&mut b)));
    results.extend(load_slots(env, &mut b, &ty.results, slots));
    b.ins().return_(&results);
    b.seal_all_blocks();
    b.finalize(env.isa.frontend_config());
    func
}

/// Asks the store how to go on, if the epoch deadline has come. Who calls it finds all registers as they were.
pub fn interrupt(env: Env<'_>, context: &mut FunctionBuilderContext) -> Function {
    let name = UserFuncName::User(FuncKey::Interrupt.name());
    // Its stack is not checked, for that would take a register: it needs little, as the exit stub does.
    let mut func = Function::with_name_signature(name, interrupt_signature());
    let mut b = FunctionBuilder::new(&mut func, context);
    let start = b.create_block();
    b.append_block_params_for_function_params(start);
    b.switch_to_block(start);
    let vm = b.block_params(start)[0];
    leave(env, &mut b, vm, vm, Builtin::EpochReached);
    b.ins().return_(&[]);
    b.seal_all_blocks();
    b.finalize(env.isa.frontend_config());
    func
}

/// Asks the store how to go on if the epoch deadline has come and anybody cares. Functions that call nothing leave
/// that to who calls them.
fn poll(env: Env<'_>, b: &mut FunctionBuilder<'_>, vm: Value) {
    if !env.shape.config().epoch_interruption {
        return;
    }
    let Meter { store, flags } = Meter::of(env, b, vm);
    let watch = b.ins().load(I64, flags, store, offset_of!(VmStore, watch) as i32);
    let reached = b.ins().load(I64, flags, watch, offset_of!(Watch, reached) as i32);
    let (stop, go) = (b.create_block(), b.create_block());
    b.set_cold_block(stop);
    b.ins().brif(reached, stop, &[], go, &[]);
    b.switch_to_block(stop);
    let signature = b.import_signature(interrupt_signature());
    let name = b.func.declare_imported_user_function(FuncKey::Interrupt.name());
    let name = ExternalName::User(name);
    let callee = b.import_function(ExtFuncData { name, signature, colocated: true, patchable: false });
    b.ins().call(callee, &[vm]);
    b.ins().jump(go, &[]);
    b.switch_to_block(go);
}

/// Calls a builtin, which ends everything if it fails.
fn leave(env: Env<'_>, b: &mut FunctionBuilder<'_>, vm: Value, slots: Value, builtin: Builtin) {
    let fixed = flags(env, b, Region::Fixed).with_readonly();
    let builtins = b.ins().load(I64, fixed, vm, offset_of!(Vm, context) as i32);
    let exit = b.ins().load(I64, fixed, builtins, BuiltinTable::EXIT_OFFSET);
    let target = b.ins().load(I64, fixed, builtins, builtin.offset());
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.extend([AbiParam::new(I64); 3]);
    let signature = b.import_signature(signature);
    b.ins().call_indirect(signature, exit, &[vm, slots, target]);
}

/// Where the store keeps its fuel.
#[derive(Clone, Copy)]
struct Meter {
    store: Value,
    flags: MemFlagsData,
}

impl Meter {
    fn of(env: Env<'_>, b: &mut FunctionBuilder<'_>, vm: Value) -> Meter {
        let fixed = flags(env, b, Region::Fixed).with_readonly();
        let store = b.ins().load(I64, fixed, vm, offset_of!(Vm, store) as i32);
        Meter { store, flags: flags(env, b, Region::Store) }
    }

    fn read(self, b: &mut FunctionBuilder<'_>) -> Value {
        b.ins().load(I64, self.flags, self.store, offset_of!(VmStore, fuel) as i32)
    }

    fn write(self, b: &mut FunctionBuilder<'_>, fuel: Value) {
        b.ins().store(self.flags, fuel, self.store, offset_of!(VmStore, fuel) as i32);
    }
}

const _: () = assert!(offset_of!(JitActivation, activation) == 0 && size_of::<Activation>() > 0);

fn flags(env: Env<'_>, b: &mut FunctionBuilder<'_>, region: Region) -> MemFlagsData {
    MemFlagsData::new().with_notrap().with_alias_region(Some(region.of(env.module(), b.func)))
}

/// The values of these types that stand in a row of slots.
fn load_slots(env: Env<'_>, b: &mut FunctionBuilder<'_>, types: &[ValType], slots: Value) -> Vec<Value> {
    let flags = flags(env, b, Region::Slots);
    let mut at = 0;
    let load = |ty: &ValType| {
        let value = b.ins().load(clif_type(*ty), flags, slots, at);
        at += ty.slots() as i32 * 8;
        value
    };
    types.iter().map(load).collect()
}

/// Writes results to a row of slots.
fn store_slots(env: Env<'_>, b: &mut FunctionBuilder<'_>, ty: &FuncType, values: &[Value], slots: Value) {
    let flags = flags(env, b, Region::Slots);
    let mut at = 0;
    for (&value, ty) in values.iter().zip(&ty.results) {
        let value = widened(b, *ty, value);
        b.ins().store(flags, value, slots, at);
        at += ty.slots() as i32 * 8;
    }
}

/// A value as a slot holds it: zero-extended.
fn widened(b: &mut FunctionBuilder<'_>, ty: ValType, value: Value) -> Value {
    match ty {
        ValType::I32 => b.ins().uextend(I64, value),
        ValType::F32 => {
            let bits = b.ins().bitcast(I32, MemFlagsData::new(), value);
            debug_assert_eq!(b.func.dfg.value_type(value), F32);
            b.ins().uextend(I64, bits)
        }
        _ => value,
    }
}
