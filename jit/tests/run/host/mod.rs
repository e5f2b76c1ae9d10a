//! The host's side alone, with functions that are made of Cranelift's operations by hand. All are of type
//! [i64] -> [i64]. What the tests share is here.

mod artifact;
mod calls;
mod gc;
mod looks;
mod unwinding;

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{
    AbiParam, BlockArg, BlockCall, ExceptionTableData, ExceptionTableItem, ExtFuncData, ExternalName,
    FuncRef, Function, InstBuilder, MemFlagsData, SigRef, Signature, StackSlotData, StackSlotKind,
    UserExternalName, UserFuncName, Value,
};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{Context, ExceptionContextLoc, FinalizedMachExceptionHandler, FinalizedRelocTarget};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use dayfly_jit::activation::{EntryTable, JitActivation};
use dayfly_jit::builtins::{Builtin, BuiltinTable};
use dayfly_jit::code::MachineCode;
use dayfly_jit::compile::output::{CallReloc, CallSite, CompiledFunc, FuncKey, Handler, RootMap};
use dayfly_jit::link::link;
use dayfly_jit::trap_code::trap_of;
use dayfly_parser::Module;
use dayfly_runtime::backend::Code;
use dayfly_runtime::config::RuntimeConfig;
use dayfly_runtime::fault::Failure;
use dayfly_runtime::instance::Blueprint;
use dayfly_runtime::shape::Shape;
use dayfly_runtime::store::{Extern, Instance, Shared, StoreOpaque};
use dayfly_runtime::vm::{Activation, FuncRef as Callee, Vm, VmStore};
use std::mem::offset_of;
use std::sync::Arc;

pub fn isa() -> OwnedTargetIsa {
    let mut flags = settings::builder();
    for (name, value) in [("preserve_frame_pointers", "true"), ("unwind_info", "false")] {
        flags.set(name, value).unwrap();
    }
    cranelift_native::builder().unwrap().finish(settings::Flags::new(flags)).unwrap()
}

fn name(key: FuncKey) -> UserExternalName {
    match key {
        FuncKey::Body(index) => UserExternalName { namespace: 0, index },
        FuncKey::Entry(index) => UserExternalName { namespace: 1, index },
        FuncKey::Adapter(index) => UserExternalName { namespace: 2, index },
        FuncKey::Interrupt => UserExternalName { namespace: 3, index: 0 },
        FuncKey::Import(index) => UserExternalName { namespace: 4, index },
    }
}

/// The signature of all bodies.
fn signature() -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    signature.params.extend([AbiParam::new(I64); 2]);
    signature.returns.push(AbiParam::new(I64));
    signature
}

/// A function being made: its instance and its argument.
struct Maker<'a> {
    b: FunctionBuilder<'a>,
    vm: Value,
    arg: Value,
}

impl Maker<'_> {
    /// Another body.
    fn body(&mut self, index: u32) -> FuncRef {
        let signature = self.b.import_signature(signature());
        let name = self.b.func.declare_imported_user_function(name(FuncKey::Body(index)));
        let name = ExternalName::user(name);
        self.b.import_function(ExtFuncData { name, signature, colocated: true, patchable: false })
    }

    /// What a body gives.
    fn call(&mut self, index: u32, arg: Value) -> Value {
        let callee = self.body(index);
        let call = self.b.ins().call(callee, &[self.vm, arg]);
        self.b.inst_results(call)[0]
    }

    /// Calls a builtin, which may give a slot.
    fn builtin(&mut self, builtin: Builtin, args: &[Value]) -> Value {
        let flags = MemFlagsData::trusted();
        let slot = self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 64, 4));
        let slots = self.b.ins().stack_addr(I64, slot, 0);
        for (n, arg) in args.iter().enumerate() {
            self.b.ins().store(flags, *arg, slots, n as i32 * 8);
        }
        let table = self.b.ins().load(I64, flags, self.vm, offset_of!(Vm, context) as i32);
        let exit = self.b.ins().load(I64, flags, table, BuiltinTable::EXIT_OFFSET);
        let target = self.b.ins().load(I64, flags, table, builtin.offset());
        let signature = self.exit_signature();
        self.b.ins().call_indirect(signature, exit, &[self.vm, slots, target]);
        self.b.ins().load(I64, flags, slots, 0)
    }

    fn exit_signature(&mut self) -> SigRef {
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params.extend([AbiParam::new(I64); 3]);
        self.b.import_signature(signature)
    }

    fn finish(mut self, result: Value) {
        self.b.ins().return_(&[result]);
        self.b.seal_all_blocks();
        self.b.finalize(isa().frontend_config());
    }
}

/// A body that `make` makes.
fn body(index: u32, make: impl FnOnce(Maker<'_>)) -> CompiledFunc {
    body_with(index, |_| {}, make)
}

fn body_with(index: u32, prepare: impl FnOnce(&mut Function), make: impl FnOnce(Maker<'_>)) -> CompiledFunc {
    let mut func = Function::with_name_signature(UserFuncName::User(name(FuncKey::Body(index))), signature());
    prepare(&mut func);
    let mut context = FunctionBuilderContext::new();
    let mut b = FunctionBuilder::new(&mut func, &mut context);
    let start = b.create_block();
    b.append_block_params_for_function_params(start);
    b.switch_to_block(start);
    let (vm, arg) = (b.block_params(start)[0], b.block_params(start)[1]);
    make(Maker { b, vm, arg });
    compile(FuncKey::Body(index), func)
}

/// Enters bodies: `Entry::registers` of their type.
fn entry() -> CompiledFunc {
    let mut sig = Signature::new(CallConv::SystemV);
    sig.params.extend([AbiParam::new(I64); 3]);
    sig.returns.extend([AbiParam::new(I64), AbiParam::new(I32)]);
    let mut func = Function::with_name_signature(UserFuncName::User(name(FuncKey::Entry(0))), sig);
    let mut context = FunctionBuilderContext::new();
    let mut b = FunctionBuilder::new(&mut func, &mut context);
    let flags = MemFlagsData::trusted();
    let (start, done, failed) = (b.create_block(), b.create_block(), b.create_block());
    b.append_block_params_for_function_params(start);
    let result = b.append_block_param(done, I64);
    b.switch_to_block(start);
    let [func_ref, _, arg] = b.block_params(start)[..] else { panic!("three parameters") };
    let mut load = |from, at: usize| b.ins().load(I64, flags, from, at as i32);
    let vm = load(func_ref, offset_of!(Callee, vm));
    let code = load(func_ref, offset_of!(Callee, native));
    let store = load(vm, offset_of!(Vm, store));
    let prev = load(store, offset_of!(VmStore, activation));
    let table = load(vm, offset_of!(Vm, context));
    let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, size_of::<JitActivation>() as u32, 4);
    let slot = b.create_sized_stack_slot(slot);
    let act = b.ins().stack_addr(I64, slot, 0);
    let kind = b.ins().iadd_imm_s(table, i64::from(BuiltinTable::ENTRIES_OFFSET));
    b.ins().store(flags, prev, act, offset_of!(Activation, prev) as i32);
    b.ins().store(flags, kind, act, offset_of!(Activation, kind) as i32);
    b.ins().store(flags, act, store, offset_of!(VmStore, activation) as i32);
    let callee = b.import_signature(signature());
    let normal = BlockCall::new(done, [BlockArg::TryCallRet(0)], &mut b.func.dfg.value_lists);
    let thrown = BlockCall::new(failed, [], &mut b.func.dfg.value_lists);
    let items = [ExceptionTableItem::Context(store), ExceptionTableItem::Default(thrown)];
    let table = b.func.dfg.exception_tables.push(ExceptionTableData::new(callee, normal, items));
    b.ins().try_call_indirect(code, &[vm, arg], table);
    b.switch_to_block(done);
    let act = b.ins().stack_addr(I64, slot, 0);
    let prev = b.ins().load(I64, flags, act, offset_of!(Activation, prev) as i32);
    b.ins().store(flags, prev, store, offset_of!(VmStore, activation) as i32);
    let zero = b.ins().iconst(I32, 0);
    b.ins().return_(&[result, zero]);
    b.switch_to_block(failed);
    let act = b.ins().stack_addr(I64, slot, 0);
    let kind = b.ins().load(I64, flags, act, offset_of!(Activation, kind) as i32);
    let fail = b.ins().load(I64, flags, kind, offset_of!(EntryTable, fail) as i32);
    let mut sig = Signature::new(CallConv::SystemV);
    sig.params.push(AbiParam::new(I64));
    sig.returns.push(AbiParam::new(I32));
    let sig = b.import_signature(sig);
    let failed = b.ins().call_indirect(sig, fail, &[store]);
    let outcome = b.inst_results(failed)[0];
    let zero = b.ins().iconst(I64, 0);
    b.ins().return_(&[zero, outcome]);
    b.seal_all_blocks();
    b.finalize(isa().frontend_config());
    compile(FuncKey::Entry(0), func)
}

/// A function of Cranelift's as a piece. The tests have no source positions but what they set.
fn compile(key: FuncKey, func: Function) -> CompiledFunc {
    let names = func.params.user_named_funcs().clone();
    let mut context = Context::for_function(func);
    let code = context.compile(&*isa(), &mut ControlPlane::default()).unwrap();
    let buffer = &code.buffer;
    let relocs = buffer.relocs().iter().map(|reloc| {
        assert_eq!(reloc.kind, Reloc::X86CallPCRel4);
        let FinalizedRelocTarget::ExternalName(ExternalName::User(name)) = reloc.target else {
            panic!("{reloc:?}")
        };
        let target = FuncKey::Body(names[name].index);
        CallReloc { offset: reloc.offset, target, addend: reloc.addend as i32 }
    });
    let sites = buffer.call_sites().filter(|site| !site.exception_handlers.is_empty()).map(|site| {
        let handlers = site.exception_handlers.iter().map(|handler| match *handler {
            FinalizedMachExceptionHandler::Tag(tag, at) => Handler::Tag(tag.as_u32(), at),
            FinalizedMachExceptionHandler::Default(at) => Handler::All(at),
            FinalizedMachExceptionHandler::Context(ExceptionContextLoc::SPOffset(at)) => Handler::Context(at),
            FinalizedMachExceptionHandler::Context(_) => panic!("{handler:?}"),
        });
        let frame_offset = site.frame_offset.unwrap();
        CallSite { returns_to: site.ret_addr, frame_offset, handlers: handlers.collect() }
    });
    let roots = buffer.user_stack_maps().iter().map(|(at, frame, map)| RootMap {
        returns_to: *at,
        below_fp: map.entries().map(|(_, offset)| frame - offset).collect(),
    });
    let source = buffer.get_srclocs_sorted().iter().map(|range| (range.start, range.loc.bits()));
    CompiledFunc {
        key,
        alignment: CompiledFunc::ALIGNMENT,
        code: buffer.data().to_vec(),
        relocs: relocs.collect(),
        traps: buffer.traps().iter().map(|trap| (trap.offset, trap_of(trap.code).unwrap())).collect(),
        looks: vec![],
        sites: sites.collect(),
        roots: roots.collect(),
        inlined: vec![],
        source: source.collect(),
    }
}

/// A module with two tags, a structure type and as many functions as there are bodies.
fn shape(store: &StoreOpaque, bodies: usize) -> Arc<Shape> {
    let func = |n| format!("(func (export \"{n}\") (param i64) (result i64) unreachable)");
    let funcs: String = (0..bodies).map(func).collect();
    let wat = format!("(module (tag) (tag) (type $s (struct (field (mut i64)))) {funcs})");
    let module = Module::new(wat::parse_str(&wat).unwrap(), &dayfly_parser::Config::default()).unwrap();
    Shape::new(module, store.shared().types().clone(), store.shared().config().clone()).unwrap()
}

/// The index of the structure type: types of functions come first where they are implicit.
fn struct_type(shape: &Shape) -> u32 {
    let types = 0..shape.type_ids().len() as u32;
    let mut structs = types.filter(|&ty| {
        let ty = shape.module().types().get(ty as usize);
        matches!(ty.map(|ty| &ty.composite), Some(dayfly_parser::CompositeType::Struct(_)))
    });
    structs.next().unwrap()
}

fn code(shape: &Arc<Shape>, bodies: Vec<CompiledFunc>) -> Arc<MachineCode> {
    let mut pieces = bodies;
    pieces.push(entry());
    MachineCode::new(shape, link(pieces).unwrap(), |_| 0).unwrap()
}

pub fn store_with(config: RuntimeConfig) -> Box<StoreOpaque> {
    StoreOpaque::new(Shared::new(config), Box::new(()))
}

/// An instance of a module whose functions are these bodies.
fn instance(store: &mut StoreOpaque, bodies: Vec<CompiledFunc>) -> Instance {
    let shape = shape(store, bodies.len());
    let code: Arc<dyn Code> = code(&shape, bodies);
    let blueprint = Blueprint::new(shape, code, store.shared()).unwrap();
    store.instantiate(&blueprint, &[]).unwrap()
}

/// Calls a function of an instance.
fn call(store: &mut StoreOpaque, instance: Instance, func: u32, arg: i64) -> Result<i64, Box<Failure>> {
    let Some(Extern::Func(func)) = store.instance_export(instance, &func.to_string()) else {
        panic!("no function {func}")
    };
    let mut slots = [arg as u64];
    // SAFETY: all functions here take an i64 and give one.
    unsafe { store.call_raw(func, &mut slots)? };
    Ok(slots[0] as i64)
}

/// The functions that a failure has passed through, and where they were.
fn frames(failure: &Failure) -> Vec<(u32, Option<usize>)> {
    failure.frames.iter().map(|frame| (frame.func.0, frame.offset)).collect()
}
