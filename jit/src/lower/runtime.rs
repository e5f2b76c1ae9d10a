//! Leaving compiled code for an operator that the runtime carries out: operands go to
//! slots on the stack, the exit stub calls the builtin, results come back in the slots.

use super::Lowering;
use super::call::Callee;
use super::env::Region;
use crate::builtins::{Builtin, BuiltinTable};
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{
    self, AbiParam, InstBuilder, Signature, StackSlotData, StackSlotKind, Type, Value,
};
use cranelift_codegen::isa::CallConv;
use dayfly_runtime::vm::Vm;
use std::mem::offset_of;

impl Lowering<'_, '_> {
    /// Calls a builtin that throws no exception. Returns the address of the slots, for `result`.
    pub fn runtime(&mut self, builtin: Builtin, args: &[Value]) -> Value {
        let (callee, slots, args) = self.prepare(builtin, args);
        let Callee::Indirect(signature, exit) = callee else { return slots };
        self.b.ins().call_indirect(signature, exit, &args);
        self.meters_from_store();
        slots
    }

    /// Calls a builtin that only ends by an exception or a failure.
    pub fn runtime_throws(&mut self, builtin: Builtin, args: &[Value]) {
        let (callee, _, args) = self.prepare(builtin, args);
        self.may_throw(callee, &args);
        self.b.ins().trap(crate::trap_code::trap_code(dayfly_runtime::trap::Trap::Unreachable));
    }

    /// Calls a builtin that may throw an exception. Returns the address of the slots.
    pub fn runtime_may_throw(&mut self, builtin: Builtin) -> Value {
        let (callee, slots, args) = self.prepare(builtin, &[]);
        self.may_throw(callee, &args);
        self.meters_from_store();
        slots
    }

    /// Calls a function of the system's that knows nothing of the guest: without noting where it
    /// is left. The function stands in the table of builtins.
    pub fn leaf(&mut self, offset: i32, args: &[Value; 3]) {
        let table = self.vm_fixed(I64, offset_of!(Vm, context) as u32);
        let flags = self.fixed();
        let target = self.b.ins().load(I64, flags, table, offset);
        let signature = self.system_signature();
        self.b.ins().call_indirect(signature, target, args);
    }

    /// Three words, no result.
    fn system_signature(&mut self) -> ir::SigRef {
        *self.exit_signature.get_or_insert_with(|| {
            let mut signature = Signature::new(CallConv::SystemV);
            signature.params.extend([AbiParam::new(I64); 3]);
            self.b.import_signature(signature)
        })
    }

    fn prepare(&mut self, builtin: Builtin, args: &[Value]) -> (Callee, Value, [Value; 3]) {
        // A vector takes two.
        let slots = self.slots(args.len() as u32 + 1);
        let mut next = 0;
        for &arg in args {
            self.set_slot(slots, next, arg);
            next += self.b.func.dfg.value_type(arg).bytes().div_ceil(8);
        }
        // They could be read before a loop as well, but would then take registers that the loop needs more: mostly
        // what is called here is rare.
        let flags = self.flags(Region::Fixed);
        let table = self.b.ins().load(I64, flags, self.vm, offset_of!(Vm, context) as i32);
        let exit = self.b.ins().load(I64, flags, table, BuiltinTable::EXIT_OFFSET);
        let target = self.b.ins().load(I64, flags, table, builtin.offset());
        let signature = self.system_signature();
        (Callee::Indirect(signature, exit), slots, [self.vm, slots, target])
    }

    /// The address of so many slots on the stack. They are the same at each call.
    pub fn slots(&mut self, count: u32) -> Value {
        let bytes = count * 8;
        let (slot, size) = *self.slots.get_or_insert_with(|| {
            let data = StackSlotData::new(StackSlotKind::ExplicitSlot, bytes, 4);
            (self.b.create_sized_stack_slot(data), bytes)
        });
        if bytes > size {
            self.b.func.sized_stack_slots[slot].size = bytes;
            self.slots = Some((slot, bytes));
        }
        self.b.ins().stack_addr(I64, slot, 0)
    }

    /// Writes a slot; a narrow value is zero-extended, a vector takes two.
    pub fn set_slot(&mut self, slots: Value, slot: u32, value: Value) {
        let flags = self.flags(Region::Slots);
        let value = match self.b.func.dfg.value_type(value) {
            ir::types::I8 | I32 => self.b.ins().uextend(I64, value),
            _ => value,
        };
        self.b.ins().store(flags, value, slots, (slot * 8) as i32);
    }

    /// The first slot as a value.
    pub fn result(&mut self, ty: Type, slots: Value) -> Value {
        self.slot(ty, slots, 0)
    }

    /// A slot as a value.
    pub fn slot(&mut self, ty: Type, slots: Value, slot: u32) -> Value {
        let flags = self.flags(Region::Slots);
        self.b.ins().load(ty, flags, slots, (slot * 8) as i32)
    }

    /// An index as a builtin takes it.
    pub fn index(&mut self, index: u32) -> Value {
        self.b.ins().iconst(I64, i64::from(index))
    }
}
