//! Operands in and results out: which place an operand is read from, where a
//! result goes, what that does to what is known of slots and accumulators.

use super::Lowering;
use super::emit::{fields, fields_imm};
use super::stack::{Accs, Bank, Entry, Held, Kind, Place};
use crate::exec::control::{const32, const64, const128, mov, mov_v128};
use crate::exec::dispatch::Handler;
use crate::exec::select::{InAcc, Pair};
use dayfly_parser::ops::CmpOp;
use dayfly_parser::{LocalIdx, ValType};

/// The instruction made last, as long as it may still become part of the next.
#[derive(Clone, Copy, Debug)]
pub struct Last {
    /// Its position and where it ends.
    pub at: u32,
    pub end: u32,
    /// What it tests.
    pub test: Test,
    /// What was known of the accumulators before it.
    pub accs: Accs,
}

/// A test whose result is an i32 of 0 or 1.
#[derive(Clone, Copy, Debug)]
pub enum Test {
    /// A comparison.
    Compare(CmpOp, Place, Place),
    /// Of a reference in a slot.
    IsNull(Place),
}

/// Which immediates an instruction can take.
pub type Immediates = fn(ValType, u64) -> Option<i32>;

/// No immediate.
pub fn no_imm(_: ValType, _: u64) -> Option<i32> {
    None
}

impl Lowering<'_> {
    /// Pushes a constant of one slot.
    pub fn constant(&mut self, ty: ValType, bits: u64) {
        self.push(ty, Kind::Const(bits));
    }

    /// `v128.const`
    pub fn v128_const(&mut self, bytes: [u8; 16]) {
        let slots = u128::from_le_bytes(bytes);
        let extra = [slots as u64, (slots >> 64) as u64];
        self.result(
            ValType::V128,
            "v128.const",
            Pair { to_slot: const128, acc: InAcc::Untouched },
            0,
            &extra,
            &[],
        );
    }

    /// `local.get`
    pub fn local_get(&mut self, local: LocalIdx) {
        let (slot, ty) = self.locals[local.index()];
        self.push(ty, Kind::Local(slot));
    }

    /// `local.set`
    pub fn local_set(&mut self, local: LocalIdx) {
        let (slot, ty) = self.locals[local.index()];
        let entry = self.pop();
        self.assign(slot, ty, entry);
    }

    /// `local.tee`
    pub fn local_tee(&mut self, local: LocalIdx) {
        let (slot, ty) = self.locals[local.index()];
        let entry = self.pop();
        self.assign(slot, ty, entry);
        let kind = if let Kind::Const(bits) = entry.kind { Kind::Const(bits) } else { Kind::Local(slot) };
        self.push(ty, kind);
    }

    /// Sets a local to a popped operand: by sending its result there if nothing
    /// has touched the local since, else by a move.
    fn assign(&mut self, slot: u32, ty: ValType, entry: Entry) {
        if let Kind::Local(from) = entry.kind
            && from == slot
        {
            return;
        }
        if let Kind::Temp { made: Some((at, region)) } = entry.kind
            && region == self.region
            && self.pending[slot as usize] == 0
            && self.touched[slot as usize] <= at + 1
        {
            let address = self.address(slot);
            self.out.set_result(at, address);
            self.wrote(slot, at);
            for held in self.accs.iter_mut().flatten() {
                if held.at == at {
                    held.local = Some(slot);
                }
            }
            self.last = None;
            return;
        }
        self.settle_reads_of(slot);
        self.move_to(slot, ty, entry.kind, entry.slot);
    }

    /// Writes an operand to a slot.
    pub fn move_to(&mut self, slot: u32, ty: ValType, kind: Kind, own_slot: u32) {
        let to = self.address(slot);
        let at = match kind {
            Kind::Const(bits) if bits >> 32 == 0 => {
                let at = self.out.push("const32", const32, fields_imm(to, 0, bits as i32), &[]);
                self.out.note(|n| n.operands = format!("{bits:#x}"));
                at
            }
            Kind::Const(bits) => {
                let at = self.out.push("const64", const64, fields(to, 0, 0, 0), &[bits]);
                self.out.note(|n| n.operands = format!("{bits:#x}"));
                at
            }
            Kind::Local(from) => self.emit_move(ty, to, from),
            Kind::Temp { .. } => self.emit_move(ty, to, own_slot),
        };
        self.out.note(|n| n.has_result = true);
        self.wrote(slot, at);
    }

    fn emit_move(&mut self, ty: ValType, to: u16, from: u32) -> u32 {
        let source = self.address(from);
        let handler: Handler = if ty == ValType::V128 { mov_v128 } else { mov };
        let at = self.out.push("mov", handler, fields(to, source, 0, 0), &[]);
        self.read(at, &[Place::Slot(source)]);
        at
    }

    /// Writes the operand at a position to its own slot.
    pub fn settle(&mut self, position: usize) {
        let Entry { kind, ty, slot } = self.stack[position];
        match kind {
            Kind::Temp { .. } => return,
            Kind::Local(local) => self.pending[local as usize] -= 1,
            Kind::Const(_) => {}
        }
        self.move_to(slot, ty, kind, slot);
        self.stack[position].kind = Kind::Temp { made: None };
    }

    /// Writes all operands to their own slots.
    pub fn settle_all(&mut self) {
        for position in self.settled..self.stack.len() {
            self.settle(position);
        }
        self.settled = self.stack.len();
    }

    /// Writes the uppermost operands to their own slots.
    pub fn settle_top(&mut self, count: usize) {
        for position in self.stack.len() - count..self.stack.len() {
            self.settle(position);
        }
    }

    /// Writes the operands that are pending reads of a local, before it changes.
    fn settle_reads_of(&mut self, slot: u32) {
        let mut position = self.stack.len();
        while self.pending[slot as usize] > 0 && position > 0 {
            position -= 1;
            if matches!(self.stack[position].kind, Kind::Local(local) if local == slot) {
                self.settle(position);
            }
        }
    }

    /// Pops an operand and says where an instruction that comes now finds it.
    pub fn operand(&mut self, immediates: Immediates, acc: bool) -> Place {
        let entry = self.pop();
        self.place(entry, immediates, acc)
    }

    /// Pops an operand that has to be in a slot.
    pub fn slot_operand(&mut self) -> u16 {
        self.operand(no_imm, false).slot()
    }

    /// Where an instruction that comes now finds an operand that was popped.
    pub fn place(&mut self, entry: Entry, immediates: Immediates, acc: bool) -> Place {
        let held = Bank::of(entry.ty).filter(|_| acc).and_then(|bank| self.accs[bank as usize]);
        match entry.kind {
            Kind::Const(bits) => {
                if let Some(imm) = immediates(entry.ty, bits) {
                    return Place::Imm(imm);
                }
                self.move_to(entry.slot, entry.ty, entry.kind, entry.slot);
                Place::Slot(self.address(entry.slot))
            }
            Kind::Local(local) if held.is_some_and(|h| h.local == Some(local)) => Place::Acc,
            Kind::Local(local) => Place::Slot(self.address(local)),
            Kind::Temp { made: Some((at, region)) } => match held {
                Some(Held { at: held_at, to_acc, local: None }) if held_at == at => {
                    // In the same region nobody else can read the slot.
                    if region == self.region
                        && let Some(to_acc) = to_acc
                    {
                        self.out.drop_slot(at, to_acc);
                    }
                    Place::Acc
                }
                _ => Place::Slot(self.address(entry.slot)),
            },
            Kind::Temp { made: None } => Place::Slot(self.address(entry.slot)),
        }
    }

    /// Appends an instruction that makes one result, pushes that, and says where
    /// the instruction is. The first field of `fields` is filled in here.
    pub fn result(
        &mut self,
        ty: ValType,
        name: &'static str,
        handlers: Pair,
        fields: u64,
        extra: &[u64],
        operands: &[Place],
    ) -> u32 {
        let slot = self.next_slot();
        let to = self.address(slot);
        let at = self.out.push(name, handlers.to_slot, fields & !0xffff | to as u64, extra);
        self.read(at, operands);
        self.out.note(|n| n.has_result = true);
        self.push(ty, Kind::Temp { made: Some((at, self.region)) });
        if let Some(bank) = Bank::of(ty) {
            let held = &mut self.accs[bank as usize];
            match handlers.acc {
                InAcc::Untouched => {}
                InAcc::Too => *held = Some(Held { at, to_acc: None, local: None }),
                InAcc::Alone(to_acc) => *held = Some(Held { at, to_acc: Some(to_acc), local: None }),
            }
        }
        self.last = None;
        at
    }

    /// Appends an instruction without a result.
    pub fn effect(
        &mut self,
        name: &'static str,
        handler: Handler,
        fields: u64,
        extra: &[u64],
        operands: &[Place],
    ) -> u32 {
        let at = self.out.push(name, handler, fields, extra);
        self.read(at, operands);
        self.last = None;
        at
    }

    /// Notes that the instruction at `at` reads these places.
    pub fn read(&mut self, at: u32, operands: &[Place]) {
        for &place in operands {
            if let Place::Slot(slot) = place {
                self.touch(slot as u32, at);
            }
        }
        let locals = self.local_slots;
        self.out.note(|n| {
            let names: Vec<String> = operands.iter().map(|place| place_name(*place, locals)).collect();
            n.operands = names.join(", ");
        });
    }

    /// Notes that the instruction at `at` reads or writes a slot.
    fn touch(&mut self, slot: u32, at: u32) {
        if let Some(touched) = self.touched.get_mut(slot as usize) {
            *touched = (*touched).max(at + 1);
        }
    }

    /// Notes that the instruction at `at` writes a slot.
    fn wrote(&mut self, slot: u32, at: u32) {
        self.touch(slot, at);
        for held in self.accs.iter_mut().flatten() {
            if held.local == Some(slot) {
                held.local = None;
            }
        }
        self.last = None;
    }

    /// Forgets what is known of the accumulators.
    pub fn forget_accs(&mut self) {
        self.accs = [None; 3];
    }
}

/// The name of a place in listings.
fn place_name(place: Place, locals: u32) -> String {
    match place {
        Place::Slot(slot) => slot_name(slot as u32, locals),
        Place::Imm(imm) => imm.to_string(),
        Place::Acc => "acc".to_string(),
    }
}

/// The name of a slot in listings: `l` and `t` for locals and operands.
pub fn slot_name(slot: u32, locals: u32) -> String {
    match slot.checked_sub(locals + crate::exec::frame::HEADER) {
        Some(operand) => format!("t{operand}"),
        None => format!("l{slot}"),
    }
}
