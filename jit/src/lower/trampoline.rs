//! The pieces by which compiled code calls what is imported or not compiled, and what they share with entries: how values
//! stand in slots, how the runtime is called.

use super::env::{Env, Region, clif_type};
use super::interrupt::interrupt_signature;
use crate::activation::JitActivation;
use crate::builtins::{Builtin, BuiltinTable};
use crate::compile::FuncKey;
use cranelift_codegen::ir::types::{F32, F64, I32, I64};
use cranelift_codegen::ir::{
    AbiParam, Function, InstBuilder, MemFlagsData, SigRef, Signature, StackSlotData, StackSlotKind,
    UserFuncName, Value,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use dayfly_parser::{FuncIdx, FuncType, ValType};
use dayfly_runtime::backend::{Entry, fits_registers};
use dayfly_runtime::vm::{FuncRef, Vm, VmStore};
use std::mem::offset_of;

/// Calls a function that is not compiled by the common convention: its reference stands in the calling
/// instance's `callee`.
pub fn adapter(env: Env<'_>, number: u32, context: &mut FunctionBuilderContext) -> Function {
    piece(env, FuncKey::Adapter(number), env.signatures.ty(number), context, |b, vm, _| {
        let mutable = flags(env, b, Region::Vm);
        b.ins().load(I64, mutable, vm, offset_of!(Vm, callee) as i32)
    })
}

/// Calls an imported function: goes on in its machine code if it has some, else as an adapter does.
pub fn import(env: Env<'_>, func: FuncIdx, context: &mut FunctionBuilderContext) -> Function {
    let ty = env.module().func_type(func);
    piece(env, FuncKey::Import(func.0), ty, context, |b, vm, params| {
        let fixed = flags(env, b, Region::Fixed).with_readonly();
        let target = flags(env, b, Region::Func);
        let func_ref = b.ins().load(I64, fixed, vm, env.shape.layout().imported_func(func) as i32);
        let native = b.ins().load(I64, target, func_ref, offset_of!(FuncRef, native) as i32);
        let (compiled, other) = (b.create_block(), b.create_block());
        b.set_cold_block(compiled);
        b.ins().brif(native, compiled, &[], other, &[]);
        b.switch_to_block(compiled);
        let own = b.ins().load(I64, target, func_ref, offset_of!(FuncRef, vm) as i32);
        let args: Vec<Value> = [own].iter().chain(&params[1..]).copied().collect();
        let signature = b.import_signature(env.signature(ty));
        b.ins().return_call_indirect(signature, native, &args);
        b.switch_to_block(other);
        func_ref
    })
}

/// A piece that calls a function by the common convention, in registers if its type fits. `callee` finds its
/// reference by the instance, and gets all parameters.
fn piece(
    env: Env<'_>,
    key: FuncKey,
    ty: &FuncType,
    context: &mut FunctionBuilderContext,
    callee: impl FnOnce(&mut FunctionBuilder<'_>, Value, &[Value]) -> Value,
) -> Function {
    let in_registers = fits_registers(ty);
    let mut func = Function::with_name_signature(UserFuncName::User(key.name()), env.signature(ty));
    if !in_registers {
        // The others need little stack, and who is called looks if it needs more.
        super::stack_limit(env.module(), &mut func);
    }
    let mut b = FunctionBuilder::new(&mut func, context);
    let start = b.create_block();
    b.append_block_params_for_function_params(start);
    b.switch_to_block(start);
    let params = b.block_params(start).to_vec();
    let vm = params[0];
    let args = &params[env.hidden_params()..];
    let func_ref = callee(&mut b, vm, &params);
    if env.counts_fuel() {
        Meter::of(env, &mut b, vm).write(&mut b, params[1]);
    }
    let (fixed, state, target) = (
        flags(env, &mut b, Region::Fixed).with_readonly(),
        flags(env, &mut b, Region::Store),
        flags(env, &mut b, Region::Func),
    );
    let store = b.ins().load(I64, fixed, vm, offset_of!(Vm, store) as i32);
    note_exit(&mut b, state, store);
    let entry = b.ins().load(I64, target, func_ref, offset_of!(FuncRef, entry) as i32);
    let bytes = ty.param_slots().max(ty.result_slots()).max(1) * 8;
    let slot = b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 4));
    let (code, signature, values);
    if in_registers {
        code = b.ins().load(I64, target, entry, offset_of!(Entry, registers) as i32);
        signature = register_signature(ty);
        let args = args.iter().zip(&ty.params).map(|(&arg, ty)| to_slot(&mut b, *ty, arg));
        values = [func_ref, vm].into_iter().chain(args).collect();
    } else {
        code = b.ins().load(I64, target, entry, offset_of!(Entry, call) as i32);
        signature = raw_signature();
        let slots = b.ins().stack_addr(I64, slot, 0);
        store_slots(env, &mut b, &ty.params, args, slots);
        values = vec![func_ref, store, vm, slots];
    }
    let signature = b.import_signature(signature);
    let called = b.ins().call_indirect(signature, code, &values);
    let returned = b.inst_results(called).to_vec();
    let outcome = *returned.last().expect("the outcome");
    let (other, done) = (b.create_block(), b.create_block());
    b.set_cold_block(other);
    b.ins().brif(outcome, other, &[], done, &[]);
    b.switch_to_block(other);
    // What was called in registers gives the instance back, so that nothing has to be kept meanwhile.
    let vm_then = if in_registers { returned[0] } else { vm };
    let slots = b.ins().stack_addr(I64, slot, 0);
    leave(env, &mut b, vm_then, slots, Builtin::NotDone);
    // It comes back if another call was to be made in the place of this one.
    let results = load_slots(env, &mut b, &ty.results, slots);
    finish(env, &mut b, vm, results);
    b.switch_to_block(done);
    let results = if in_registers {
        ty.results.iter().map(|ty| of_slot(&mut b, *ty, returned[0])).collect()
    } else {
        let slots = b.ins().stack_addr(I64, slot, 0);
        load_slots(env, &mut b, &ty.results, slots)
    };
    finish(env, &mut b, vm, results);
    b.seal_all_blocks();
    b.finalize(env.isa.frontend_config());
    func
}

/// Notes in the innermost activation that this frame calls out.
pub(super) fn note_exit(b: &mut FunctionBuilder<'_>, state: MemFlagsData, store: Value) {
    let activation = b.ins().load(I64, state, store, offset_of!(VmStore, activation) as i32);
    let (fp, sp) = (b.ins().get_frame_pointer(I64), b.ins().get_stack_pointer(I64));
    b.ins().store(state, fp, activation, offset_of!(JitActivation, exit_fp) as i32);
    b.ins().store(state, sp, activation, offset_of!(JitActivation, exit_sp) as i32);
}

/// Returns from a piece with results, and the fuel if it is counted.
fn finish(env: Env<'_>, b: &mut FunctionBuilder<'_>, vm: Value, results: Vec<Value>) {
    let fuel = env.counts_fuel().then(|| Meter::of(env, b, vm).read(b));
    let values: Vec<Value> = fuel.into_iter().chain(results).collect();
    b.ins().return_(&values);
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

/// Calls a builtin, which ends everything if it fails.
fn leave(env: Env<'_>, b: &mut FunctionBuilder<'_>, vm: Value, slots: Value, builtin: Builtin) {
    let (signature, exit, target) = exit(env, b, vm, builtin);
    b.ins().call_indirect(signature, exit, &[vm, slots, target]);
}

/// The exit stub's signature and address, and a builtin's address.
fn exit(env: Env<'_>, b: &mut FunctionBuilder<'_>, vm: Value, builtin: Builtin) -> (SigRef, Value, Value) {
    let fixed = flags(env, b, Region::Fixed).with_readonly();
    let builtins = b.ins().load(I64, fixed, vm, offset_of!(Vm, context) as i32);
    let exit = b.ins().load(I64, fixed, builtins, BuiltinTable::EXIT_OFFSET);
    let target = b.ins().load(I64, fixed, builtins, builtin.offset());
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.extend([AbiParam::new(I64); 3]);
    (b.import_signature(signature), exit, target)
}

/// `RawCall`
pub(super) fn raw_signature() -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.extend([AbiParam::new(I64); 4]);
    signature.returns.push(AbiParam::new(I32));
    signature
}

/// `RegisterCall` for functions of a type: registers that carry no parameter are left out.
pub(super) fn register_signature(ty: &FuncType) -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.extend(vec![AbiParam::new(I64); 2 + ty.params.len()]);
    signature.returns.extend([AbiParam::new(I64), AbiParam::new(I32)]);
    signature
}

/// Where the store keeps its fuel.
#[derive(Clone, Copy)]
pub(super) struct Meter {
    pub store: Value,
    pub flags: MemFlagsData,
}

impl Meter {
    pub fn of(env: Env<'_>, b: &mut FunctionBuilder<'_>, vm: Value) -> Meter {
        let fixed = flags(env, b, Region::Fixed).with_readonly();
        let store = b.ins().load(I64, fixed, vm, offset_of!(Vm, store) as i32);
        Meter { store, flags: flags(env, b, Region::Store) }
    }

    pub fn read(self, b: &mut FunctionBuilder<'_>) -> Value {
        b.ins().load(I64, self.flags, self.store, offset_of!(VmStore, fuel) as i32)
    }

    pub fn write(self, b: &mut FunctionBuilder<'_>, fuel: Value) {
        b.ins().store(self.flags, fuel, self.store, offset_of!(VmStore, fuel) as i32);
    }
}

pub(super) fn flags(env: Env<'_>, b: &mut FunctionBuilder<'_>, region: Region) -> MemFlagsData {
    MemFlagsData::new().with_notrap().with_alias_region(Some(region.of(env.module(), b.func)))
}

/// The values of these types that stand in a row of slots.
pub(super) fn load_slots(
    env: Env<'_>,
    b: &mut FunctionBuilder<'_>,
    types: &[ValType],
    slots: Value,
) -> Vec<Value> {
    let flags = flags(env, b, Region::Slots);
    let mut at = 0;
    let load = |ty: &ValType| {
        let value = b.ins().load(clif_type(*ty), flags, slots, at);
        at += ty.slots() as i32 * 8;
        value
    };
    types.iter().map(load).collect()
}

/// Writes values of these types to a row of slots.
pub(super) fn store_slots(
    env: Env<'_>,
    b: &mut FunctionBuilder<'_>,
    types: &[ValType],
    values: &[Value],
    slots: Value,
) {
    let flags = flags(env, b, Region::Slots);
    let mut at = 0;
    for (&value, ty) in values.iter().zip(types) {
        let value = to_slot(b, *ty, value);
        b.ins().store(flags, value, slots, at);
        at += ty.slots() as i32 * 8;
    }
}

/// A value as a slot holds it: numbers zero-extended. (A `v128`, which takes two, stays what it is.)
pub(super) fn to_slot(b: &mut FunctionBuilder<'_>, ty: ValType, value: Value) -> Value {
    match ty {
        ValType::I32 => b.ins().uextend(I64, value),
        ValType::F32 => {
            let bits = b.ins().bitcast(I32, MemFlagsData::new(), value);
            b.ins().uextend(I64, bits)
        }
        ValType::F64 => b.ins().bitcast(I64, MemFlagsData::new(), value),
        ValType::I64 | ValType::Ref(_) | ValType::V128 => value,
    }
}

/// The value of a type that a slot holds.
pub(super) fn of_slot(b: &mut FunctionBuilder<'_>, ty: ValType, slot: Value) -> Value {
    match ty {
        ValType::I32 => b.ins().ireduce(I32, slot),
        ValType::F32 => {
            let bits = b.ins().ireduce(I32, slot);
            b.ins().bitcast(F32, MemFlagsData::new(), bits)
        }
        ValType::F64 => b.ins().bitcast(F64, MemFlagsData::new(), slot),
        ValType::I64 | ValType::Ref(_) | ValType::V128 => slot,
    }
}
