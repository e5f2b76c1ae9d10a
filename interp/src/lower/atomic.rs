//! Lowering of atomic accesses: operands in slots, the general form of addresses for
//! every memory. Waiting and notifying are carried out by the runtime.

use super::Lowering;
use super::emit::{fields, fields_imm};
use super::stack::{Kind, Place};
use crate::exec::atomic as handlers;
use crate::exec::dispatch::Handler;
use crate::exec::select::Variants;
use dayfly_parser::ops::{AtomicCmpxchgOp, AtomicLoadOp, AtomicRmwOp, AtomicStoreOp};
use dayfly_parser::{MemArg, MemoryIdx, Op, ValType};

impl Lowering<'_> {
    /// An atomic load.
    pub fn atomic_load(&mut self, op: AtomicLoadOp, memarg: MemArg) {
        let address = self.slot_operand();
        self.atomic_result(op.result(), op.name(), handlers::of_load(op), &[address], memarg);
    }

    /// An atomic store.
    pub fn atomic_store(&mut self, op: AtomicStoreOp, memarg: MemArg) {
        let (value, address) = (self.slot_operand(), self.slot_operand());
        let extra = self.general(memarg);
        let places = [Place::Slot(address), Place::Slot(value)];
        self.effect(op.name(), handlers::of_store(op), fields(0, address, value, 0), &extra, &places);
        self.note_memarg(memarg);
    }

    /// An atomic read-modify-write.
    pub fn atomic_rmw(&mut self, op: AtomicRmwOp, memarg: MemArg) {
        let (value, address) = (self.slot_operand(), self.slot_operand());
        self.atomic_result(op.result(), op.name(), handlers::of_rmw(op), &[address, value], memarg);
    }

    /// An atomic compare-exchange.
    pub fn atomic_cmpxchg(&mut self, op: AtomicCmpxchgOp, memarg: MemArg) {
        let (replacement, expected) = (self.slot_operand(), self.slot_operand());
        let address = self.slot_operand();
        let slots = [address, expected, replacement];
        self.atomic_result(op.result(), op.name(), handlers::of_cmpxchg(op), &slots, memarg);
    }

    /// `memory.atomic.notify`, `memory.atomic.wait32` or `memory.atomic.wait64`.
    pub fn wait_or_notify(&mut self, op: Op, memarg: MemArg) {
        let (handler, operands): (Handler, usize) = match op {
            Op::AtomicNotify(_) => (handlers::atomic_notify, 2),
            Op::AtomicWait32(_) => (handlers::atomic_wait32, 3),
            _ => (handlers::atomic_wait64, 3),
        };
        self.settle_top(operands);
        // A thread that waits asks the host now and then whether to go on.
        self.safepoint();
        for _ in 0..operands {
            self.pop();
        }
        let slot = self.next_slot();
        let base = self.address(slot);
        let extra = [memarg.offset, memarg.memory.0.into()];
        self.effect(op.name(), handler, fields(base, 0, 0, 0), &extra, &[Place::Slot(base)]);
        self.note_memarg(memarg);
        self.push(ValType::I32, Kind::Temp { made: None });
    }

    /// `atomic.fence`
    pub fn atomic_fence(&mut self) {
        self.effect("atomic.fence", handlers::atomic_fence, 0, &[], &[]);
    }

    /// `memory.size` of a shared memory, whose length is not read from the instance: no
    /// thread may see growth before it can make use of it.
    pub fn memory_size_shared(&mut self, memory: MemoryIdx, result: ValType) {
        let pair = Variants::slot_only(handlers::memory_size_shared);
        let places = [Place::Imm(memory.0 as i32)];
        self.result(result, "memory.size", pair, fields_imm(0, 0, memory.0 as i32), &[], &places);
    }

    /// An access with a result; the slots are those of the address, then of at most two values.
    fn atomic_result(
        &mut self,
        ty: ValType,
        name: &'static str,
        handler: Handler,
        slots: &[u16],
        memarg: MemArg,
    ) {
        let extra = self.general(memarg);
        let pair = Variants::slot_and_acc(handler);
        let places: Vec<Place> = slots.iter().copied().map(Place::Slot).collect();
        let at = |n: usize| slots.get(n).copied().unwrap_or(0);
        self.result(ty, name, pair, fields(0, at(0), at(1), at(2)), &extra, &places);
        self.note_memarg(memarg);
    }
}
