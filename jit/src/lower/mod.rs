//! From a body to CLIF, in one pass over the operator cursor. Locals are variables of
//! Cranelift's frontend, operands are values, branches carry block arguments.

mod allocate;
mod bulk;
mod call;
mod cast;
mod control;
mod entry;
mod env;
mod exception;
mod gc;
mod import;
mod interrupt;
mod legacy;
mod looks;
mod memory;
mod rounds;
mod runtime;
mod short;
mod table;
mod trampoline;
mod variable;

pub use entry::entry;
pub use env::{Env, Looks, Signatures};
pub use short::is_short;
pub use trampoline::{adapter, import, interrupt};

use crate::num::{self, NumCx};
use crate::trap_code::trap_code;
use control::Frame;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{
    self, Function, GlobalValueData, InstBuilder, MemFlagsData, SourceLoc, StackSlot, Type, UserFuncName,
    Value,
};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use dayfly_parser::{Cursor, CursorBuffers, DefinedFuncIdx, Error, Module, Op, ValType};
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{Vm, VmStore};
use env::{Region, is_traced};
use std::collections::HashMap;
use std::mem::offset_of;

/// Lowers a body to CLIF.
pub fn body(
    env: Env<'_>,
    func: DefinedFuncIdx,
    context: &mut FunctionBuilderContext,
    buffers: CursorBuffers,
) -> Result<(Function, CursorBuffers), Error> {
    let module = env.module();
    let ty = module.func_type(module.func_index(func));
    let mut clif = Function::with_name_signature(UserFuncName::user(0, func.0), env.signature(ty));
    let mut cursor = Cursor::with_buffers(module, func, buffers)?;
    let builder = FunctionBuilder::new(&mut clif, context);
    let mut lowering = Lowering::new(env, func, &cursor, builder);
    while let Some(op) = cursor.next()? {
        lowering.at(cursor.offset());
        lowering.add_fuel(1);
        lowering.look_at_operator(&op);
        lowering.settle_before(&op);
        lowering.op(op, &cursor)?;
    }
    lowering.finish();
    Ok((clif, cursor.into_buffers()))
}

/// The state of lowering one body.
struct Lowering<'a, 'b> {
    env: Env<'a>,
    module: &'a Module,
    func: DefinedFuncIdx,
    b: FunctionBuilder<'b>,
    /// The instance.
    vm: Value,
    locals: Vec<(Variable, ValType)>,
    stack: Vec<Value>,
    frames: Vec<Frame>,
    /// Where arguments of the runtime are put, and how many bytes it takes.
    slots: Option<(StackSlot, u32)>,
    signatures: HashMap<u32, ir::SigRef>,
    exit_signature: Option<ir::SigRef>,
    funcs: HashMap<crate::compile::FuncKey, ir::FuncRef>,
    /// Legacy `try` blocks still to come, the next one last.
    legacy: Option<Vec<legacy::Clauses>>,
    meters: interrupt::Meters,
    looks: looks::LooksMade,
    offset: usize,
}

impl<'a, 'b> Lowering<'a, 'b> {
    fn new(
        env: Env<'a>,
        func: DefinedFuncIdx,
        cursor: &Cursor<'a>,
        mut b: FunctionBuilder<'b>,
    ) -> Lowering<'a, 'b> {
        let module = env.module();
        b.make_stack_map_alias_region(Box::new(|set, _, _, _| Some(set.insert(env::root_region()))));
        stack_limit(module, b.func);
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        b.seal_block(entry);
        let params = b.block_params(entry).to_vec();
        let mut lowering = Lowering {
            env,
            module,
            func,
            b,
            vm: params[0],
            locals: Vec::with_capacity(cursor.local_count() as usize),
            stack: Vec::new(),
            frames: Vec::new(),
            slots: None,
            signatures: HashMap::new(),
            exit_signature: None,
            funcs: HashMap::new(),
            legacy: None,
            meters: interrupt::Meters::default(),
            looks: looks::LooksMade::default(),
            offset: cursor.offset(),
        };
        lowering.at(cursor.offset());
        let (hidden, params) = params.split_at(env.hidden_params());
        lowering.start_meters(hidden.get(1).copied());
        lowering.declare_locals(cursor, params);
        lowering.enter_function(cursor.locals());
        lowering
    }

    /// What follows stands at this offset of the module.
    fn at(&mut self, offset: usize) {
        self.offset = offset;
        self.b.set_srcloc(SourceLoc::new(offset as u32));
    }

    fn op(&mut self, op: Op, cursor: &Cursor<'_>) -> Result<(), Error> {
        match op {
            Op::Unreachable => {
                self.b.ins().trap(trap_code(Trap::Unreachable));
            }
            Op::Block(_) => self.block(cursor),
            Op::Loop(_) => self.loop_(cursor),
            Op::If(_) => self.if_(cursor),
            Op::Else { live } => self.else_(live),
            Op::End { live } => self.end(live, cursor),
            Op::Br(label) => self.br(label),
            Op::BrIf(label) => self.br_if(label),
            Op::BrTable => self.br_table(cursor.br_targets()),
            Op::BrOnNull(label) => self.br_on_null(label),
            Op::BrOnNonNull(label) => self.br_on_non_null(label),
            Op::Return => self.return_(),
            Op::Call(func) => self.call(func, false),
            Op::ReturnCall(func) => self.call(func, true),
            Op::CallIndirect { ty, table } => self.call_indirect(ty, table, false),
            Op::ReturnCallIndirect { ty, table } => self.call_indirect(ty, table, true),
            Op::CallRef(ty) => self.call_ref(ty, false),
            Op::ReturnCallRef(ty) => self.call_ref(ty, true),
            Op::TryTable(_) => self.try_table(cursor),
            Op::Throw(tag) => self.throw(tag),
            Op::ThrowRef => self.throw_ref(),
            Op::Try(_) => self.legacy_try(cursor)?,
            Op::Catch { tag, live } => self.legacy_catch(tag, live),
            Op::Delegate { live, .. } => self.end(live, cursor),
            Op::Rethrow { frame } => self.legacy_rethrow(frame),
            Op::Drop(_) => {
                self.pop();
            }
            Op::Select(ty) => {
                let condition = self.pop();
                let (otherwise, then) = (self.pop(), self.pop());
                let value = self.b.ins().select(condition, then, otherwise);
                self.push(ty, value);
            }
            op => self.straight(op),
        }
        Ok(())
    }

    /// An operator without control.
    fn straight(&mut self, op: Op) {
        let cx = NumCx {
            isa: self.env.isa,
            relaxed_deterministic: self.env.shape.config().deterministic_relaxed_simd,
        };
        match op {
            Op::LocalGet(local) => self.local_get(local),
            Op::LocalSet(local) => self.local_set(local),
            Op::LocalTee(local) => self.local_tee(local),
            Op::GlobalGet(global) => self.global_get(global),
            Op::GlobalSet(global) => self.global_set(global),
            Op::I32Const(value) => {
                let value = self.b.ins().iconst(I32, i64::from(value as u32));
                self.stack.push(value);
            }
            Op::I64Const(value) => {
                let value = self.b.ins().iconst(I64, value);
                self.stack.push(value);
            }
            Op::F32Const(bits) => {
                let value = self.b.ins().f32const(f32::from_bits(bits));
                self.stack.push(value);
            }
            Op::F64Const(bits) => {
                let value = self.b.ins().f64const(f64::from_bits(bits));
                self.stack.push(value);
            }
            Op::V128Const(bytes) => {
                let constant = self.b.func.dfg.constants.insert(bytes.to_vec().into());
                let value = self.b.ins().vconst(ir::types::I8X16, constant);
                self.stack.push(value);
            }
            Op::Unary(op) => {
                let x = self.pop();
                let value = num::unary(&mut self.b, &cx, op, x);
                self.stack.push(value);
            }
            Op::Binary(op) => {
                let (y, x) = (self.pop(), self.pop());
                let value = num::binary(&mut self.b, &cx, op, x, y);
                self.stack.push(value);
            }
            Op::Compare(op) => {
                let (y, x) = (self.pop(), self.pop());
                let truth = num::compare(&mut self.b, op, x, y);
                self.push_truth(truth);
            }
            Op::Ternary(op) => {
                let (z, y, x) = (self.pop(), self.pop(), self.pop());
                let value = num::ternary(&mut self.b, &cx, op, x, y, z);
                self.stack.push(value);
            }
            Op::ExtractLane(op, lane) => {
                let x = self.pop();
                let value = num::extract_lane(&mut self.b, op, lane, x);
                self.stack.push(value);
            }
            Op::ReplaceLane(op, lane) => {
                let (scalar, x) = (self.pop(), self.pop());
                let value = num::replace_lane(&mut self.b, op, lane, x, scalar);
                self.stack.push(value);
            }
            Op::I8x16Shuffle(lanes) => {
                let (y, x) = (self.pop(), self.pop());
                let value = num::shuffle(&mut self.b, &cx, lanes, x, y);
                self.stack.push(value);
            }
            Op::Wide(op) => {
                let operands = self.pop_many(op.operands().len());
                let (low, high) = num::wide(&mut self.b, op, &operands);
                self.stack.extend([low, high]);
            }
            op => self.stateful(op),
        }
    }

    /// An operator that touches memories, tables, references or objects.
    fn stateful(&mut self, op: Op) {
        match op {
            Op::Load(op, memarg) => self.load(op, memarg),
            Op::Store(op, memarg) => self.store(op, memarg),
            Op::LoadLane(op, memarg, lane) => self.load_lane(op, memarg, lane),
            Op::StoreLane(op, memarg, lane) => self.store_lane(op, memarg, lane),
            Op::AtomicLoad(op, memarg) => self.atomic_load(op, memarg),
            Op::AtomicStore(op, memarg) => self.atomic_store(op, memarg),
            Op::AtomicRmw(op, memarg) => self.atomic_rmw(op, memarg),
            Op::AtomicCmpxchg(op, memarg) => self.atomic_cmpxchg(op, memarg),
            Op::AtomicNotify(memarg) | Op::AtomicWait32(memarg) | Op::AtomicWait64(memarg) => {
                self.wait_or_notify(op, memarg)
            }
            Op::AtomicFence => {
                self.b.ins().fence();
            }
            Op::MemorySize(memory) => self.memory_size(memory),
            Op::MemoryGrow(memory) => self.memory_grow(memory),
            Op::MemoryFill(_) | Op::MemoryCopy { .. } | Op::MemoryInit { .. } | Op::DataDrop(_) => {
                self.bulk_memory(op)
            }
            Op::TableGet(table) => self.table_get(table),
            Op::TableSet(table) => self.table_set(table),
            Op::TableSize(table) => self.table_size(table),
            Op::TableGrow(table) => self.table_grow(table),
            Op::TableFill(_) | Op::TableCopy { .. } | Op::TableInit { .. } | Op::ElemDrop(_) => {
                self.bulk_table(op)
            }
            op => self.reference(op),
        }
    }

    fn push(&mut self, ty: ValType, value: Value) {
        if is_traced(self.module, ty) {
            self.b.declare_value_needs_stack_map(value);
        }
        self.stack.push(value);
    }

    fn push_truth(&mut self, truth: Value) {
        let value = self.b.ins().uextend(I32, truth);
        self.stack.push(value);
    }

    fn pop(&mut self) -> Value {
        // Validation has made sure of the height.
        self.stack.pop().expect("the operand stack of a validated body")
    }

    fn pop_many(&mut self, count: usize) -> Vec<Value> {
        self.stack.split_off(self.stack.len() - count)
    }

    /// An index or a length behind the check that ends the function if it is `outside`. The processor may go on as
    /// if it were not; if that is to be harmless, it is 0 then, by a dependence on data that is not guessed.
    fn hardened(&mut self, outside: Value, index: Value) -> Value {
        if !self.env.shape.config().spectre_hardening {
            return index;
        }
        let ty = self.b.func.dfg.value_type(index);
        let zero = self.b.ins().iconst(ty, 0);
        self.b.ins().select_spectre_guard(outside, zero, index)
    }

    /// Flags of an access to a region at an address that is good.
    fn flags(&mut self, region: Region) -> MemFlagsData {
        let region = region.of(self.module, self.b.func);
        MemFlagsData::new().with_notrap().with_alias_region(Some(region))
    }

    /// Flags of a load that gives the same whenever it is made.
    fn fixed(&mut self) -> MemFlagsData {
        self.flags(Region::Fixed).with_readonly().with_can_move()
    }

    /// Something in the instance's block that never changes.
    fn vm_fixed(&mut self, ty: Type, offset: u32) -> Value {
        let flags = self.fixed();
        self.b.ins().load(ty, flags, self.vm, offset as i32)
    }

    /// The store.
    fn vm_store(&mut self) -> Value {
        self.vm_fixed(I64, offset_of!(Vm, store) as u32)
    }

    /// The canonical id of a type of the module.
    fn type_id(&mut self, ty: dayfly_parser::TypeIdx) -> Value {
        let ids = self.vm_fixed(I64, offset_of!(Vm, type_ids) as u32);
        let flags = self.fixed();
        self.b.ins().load(I32, flags, ids, (ty.0 * 4) as i32)
    }

    fn finish(mut self) {
        self.end_segment();
        self.b.seal_all_blocks();
        self.finish_looks();
        self.b.finalize(self.env.isa.frontend_config());
    }
}

/// Checks the native stack at the start of a function against the store's limit.
fn stack_limit(module: &Module, func: &mut Function) {
    let vm = func.create_global_value(GlobalValueData::VMContext);
    let mut load = |base, offset: usize, region: Region| {
        let region = region.of(module, func);
        let flags = MemFlagsData::trusted().with_readonly().with_alias_region(Some(region));
        let flags = func.dfg.mem_flags.insert_unchecked(flags);
        func.create_global_value(GlobalValueData::Load {
            base,
            offset: (offset as i32).into(),
            global_type: I64,
            flags,
        })
    };
    let store = load(vm, offset_of!(Vm, store), Region::Fixed);
    let limit = load(store, offset_of!(VmStore, code_limit), Region::Store);
    func.stack_limit = Some(limit);
}
