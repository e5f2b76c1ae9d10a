//! Linear memories. Where address space is reserved behind every address that an
//! instruction can form, an access is checked by the processor: it faults, and the
//! fault is a trap. Otherwise the address is compared with the length first.

use super::Lowering;
use super::env::Region;
use crate::builtins::Builtin;
use crate::num;
use crate::trap_code::trap_code;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, TrapCode, Value};
use dayfly_parser::ops::*;
use dayfly_parser::{MemArg, MemoryIdx, MemoryType, Op};
use dayfly_runtime::memory::MEMORY64_FACTOR;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::VmMemory;
use std::mem::offset_of;

/// An address that may be accessed: a value and a constant offset from it.
pub struct Address {
    pub base: Value,
    pub offset: i32,
    pub flags: MemFlagsData,
}

impl Lowering<'_, '_> {
    fn memory_type(&self, memory: MemoryIdx) -> MemoryType {
        self.module.memories()[memory.index()]
    }

    /// Where a memory begins.
    pub fn memory_base(&mut self, memory: MemoryIdx) -> Value {
        let at = self.env.shape.layout().memory(memory) as usize + offset_of!(VmMemory, base);
        self.vm_fixed(I64, at as u32)
    }

    /// How long it is now, in bytes.
    pub fn memory_len(&mut self, memory: MemoryIdx) -> Value {
        let at = self.env.shape.layout().memory(memory) as usize + offset_of!(VmMemory, len);
        let flags = self.flags(Region::Vm);
        self.b.ins().load(I64, flags, self.vm, at as i32)
    }

    /// Checks an access of so many bytes. The index is popped by the caller.
    pub fn address(&mut self, index: Value, memarg: MemArg, bytes: u32) -> Address {
        let ty = self.memory_type(memarg.memory);
        let config = self.env.shape.config();
        let index = self.wide(index);
        let past = memarg.offset.checked_add(u64::from(bytes));
        let guarded = config.memory_guarded
            && ty.page_size_log2 >= 12
            && past.is_some_and(|past| past <= config.memory_guard.min(i32::MAX as u64));
        let index = if !guarded {
            self.check(index, past, memarg.memory)
        } else if ty.memory64 {
            let reserved = config.memory_reservation.saturating_mul(MEMORY64_FACTOR);
            let limit = self.b.ins().iconst(I64, reserved as i64);
            let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, limit);
            self.b.ins().trapnz(outside, TrapCode::HEAP_OUT_OF_BOUNDS);
            self.hardened(outside, index)
        } else if config.memory_reservation < 1 << 32 {
            self.check(index, past, memarg.memory)
        } else {
            index
        };
        let base = self.memory_base(memarg.memory);
        let base = self.b.ins().iadd(base, index);
        let region = Region::Memory(memarg.memory.0).of(self.module, self.b.func);
        let flags = MemFlagsData::new().with_alias_region(Some(region));
        let flags = flags.with_trap_code(Some(TrapCode::HEAP_OUT_OF_BOUNDS));
        match i32::try_from(memarg.offset) {
            Ok(offset) => Address { base, offset, flags },
            Err(_) => {
                let offset = self.b.ins().iconst(I64, memarg.offset as i64);
                let base = self.b.ins().iadd(base, offset);
                Address { base, offset: 0, flags }
            }
        }
    }

    /// Compares the end of an access with the length of the memory, and gives the index to go on with.
    fn check(&mut self, index: Value, past: Option<u64>, memory: MemoryIdx) -> Value {
        let ty = self.memory_type(memory);
        let Some(past) = past else {
            let always = self.b.ins().iconst(I32, 1);
            self.b.ins().trapnz(always, TrapCode::HEAP_OUT_OF_BOUNDS);
            return index;
        };
        let past = self.b.ins().iconst(I64, past as i64);
        let end = if ty.memory64 {
            self.b.ins().uadd_overflow_trap(index, past, TrapCode::HEAP_OUT_OF_BOUNDS)
        } else {
            self.b.ins().iadd(index, past)
        };
        let len = self.memory_len(memory);
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, len);
        if !ty.shared {
            self.b.ins().trapnz(outside, TrapCode::HEAP_OUT_OF_BOUNDS);
            return self.hardened(outside, index);
        }
        // Another thread may have grown the memory and not told this instance yet.
        let (ask, go) = (self.b.create_block(), self.b.create_block());
        let checked = self.b.append_block_param(go, I64);
        let within = self.hardened(outside, index);
        self.b.set_cold_block(ask);
        self.b.ins().brif(outside, ask, &[], go, &[within.into()]);
        self.b.seal_block(ask);
        self.b.switch_to_block(ask);
        self.runtime(Builtin::MemorySettled, &[]);
        let len = self.memory_len(memory);
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, len);
        self.b.ins().trapnz(outside, TrapCode::HEAP_OUT_OF_BOUNDS);
        let within = self.hardened(outside, index);
        self.b.ins().jump(go, &[within.into()]);
        self.b.seal_block(go);
        self.b.switch_to_block(go);
        checked
    }

    pub fn load(&mut self, op: LoadOp, memarg: MemArg) {
        let index = self.pop();
        let at = self.address(index, memarg, op.access_bytes());
        let value = num::load(&mut self.b, op, at.flags, at.base, at.offset);
        self.stack.push(value);
    }

    pub fn store(&mut self, op: StoreOp, memarg: MemArg) {
        let (value, index) = (self.pop(), self.pop());
        let at = self.address(index, memarg, op.access_bytes());
        num::store(&mut self.b, op, at.flags, at.base, at.offset, value);
    }

    pub fn load_lane(&mut self, op: LoadLaneOp, memarg: MemArg, lane: u8) {
        let (vector, index) = (self.pop(), self.pop());
        let at = self.address(index, memarg, op.access_bytes());
        let value = num::load_lane(&mut self.b, op, at.flags, at.base, at.offset, lane, vector);
        self.stack.push(value);
    }

    pub fn store_lane(&mut self, op: StoreLaneOp, memarg: MemArg, lane: u8) {
        let (vector, index) = (self.pop(), self.pop());
        let at = self.address(index, memarg, op.access_bytes());
        num::store_lane(&mut self.b, op, at.flags, at.base, at.offset, lane, vector);
    }

    /// The address of an atomic access, which must be a multiple of its size.
    fn atomic_address(&mut self, index: Value, memarg: MemArg, bytes: u32) -> (Value, MemFlagsData) {
        if bytes > 1 {
            let offset = self.b.ins().iconst(I64, memarg.offset as i64);
            let index = self.wide(index);
            let address = self.b.ins().iadd(index, offset);
            let low = self.b.ins().band_imm_u(address, i64::from(bytes - 1));
            self.b.ins().trapnz(low, trap_code(Trap::UnalignedAtomic));
        }
        let at = self.address(index, memarg, bytes);
        let address =
            if at.offset == 0 { at.base } else { self.b.ins().iadd_imm_s(at.base, i64::from(at.offset)) };
        (address, at.flags)
    }

    pub fn atomic_load(&mut self, op: AtomicLoadOp, memarg: MemArg) {
        let index = self.pop();
        let (address, flags) = self.atomic_address(index, memarg, op.access_bytes());
        let value = num::atomic_load(&mut self.b, op, flags, address);
        self.stack.push(value);
    }

    pub fn atomic_store(&mut self, op: AtomicStoreOp, memarg: MemArg) {
        let (value, index) = (self.pop(), self.pop());
        let (address, flags) = self.atomic_address(index, memarg, op.access_bytes());
        num::atomic_store(&mut self.b, op, flags, address, value);
    }

    pub fn atomic_rmw(&mut self, op: AtomicRmwOp, memarg: MemArg) {
        let (operand, index) = (self.pop(), self.pop());
        let (address, flags) = self.atomic_address(index, memarg, op.access_bytes());
        let value = num::atomic_rmw(&mut self.b, op, flags, address, operand);
        self.stack.push(value);
    }

    pub fn atomic_cmpxchg(&mut self, op: AtomicCmpxchgOp, memarg: MemArg) {
        let (replacement, expected, index) = (self.pop(), self.pop(), self.pop());
        let (address, flags) = self.atomic_address(index, memarg, op.access_bytes());
        let value = num::atomic_cmpxchg(&mut self.b, op, flags, address, expected, replacement);
        self.stack.push(value);
    }

    /// `memory.atomic.notify` and the waits: operands, then the offset and the memory.
    pub fn wait_or_notify(&mut self, op: Op, memarg: MemArg) {
        let (builtin, operands) = match op {
            Op::AtomicNotify(_) => (Builtin::AtomicNotify, 2),
            Op::AtomicWait32(_) => (Builtin::AtomicWait32, 3),
            _ => (Builtin::AtomicWait64, 3),
        };
        let mut args = self.pop_many(operands);
        args.push(self.b.ins().iconst(I64, memarg.offset as i64));
        args.push(self.index(memarg.memory.0));
        let slots = self.runtime(builtin, &args);
        let value = self.result(I32, slots);
        self.stack.push(value);
    }

    /// `memory.size`
    pub fn memory_size(&mut self, memory: MemoryIdx) {
        let ty = self.memory_type(memory);
        let len = if ty.shared {
            let index = self.index(memory.0);
            let slots = self.runtime(Builtin::SharedMemorySize, &[index]);
            self.result(I64, slots)
        } else {
            let bytes = self.memory_len(memory);
            self.b.ins().ushr_imm_u(bytes, i64::from(ty.page_size_log2))
        };
        let len = if ty.memory64 { len } else { self.b.ins().ireduce(I32, len) };
        self.stack.push(len);
    }

    /// `memory.grow`
    pub fn memory_grow(&mut self, memory: MemoryIdx) {
        let delta = self.pop();
        let (delta, index) = (self.wide(delta), self.index(memory.0));
        let slots = self.runtime(Builtin::MemoryGrow, &[delta, index]);
        let old = self.result(if self.memory_type(memory).memory64 { I64 } else { I32 }, slots);
        self.stack.push(old);
    }

    /// Filling, copying, initialising.
    pub fn bulk_memory(&mut self, op: Op) {
        match op {
            Op::MemoryFill(memory) => self.memory_fill(memory),
            Op::MemoryCopy { dst, src } => self.memory_copy(dst, src),
            Op::MemoryInit { memory, data } => self.bulk(Builtin::MemoryInit, 3, &[memory.0, data.0]),
            Op::DataDrop(data) => self.bulk(Builtin::DataDrop, 0, &[data.0]),
            _ => {}
        }
    }
}
