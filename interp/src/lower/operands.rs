//! Operands in and results out: which place an operand is read from, where a
//! result goes, what that does to what is known of slots and accumulators.

use super::Lowering;
use super::emit::{fields, fields_imm};
use super::stack::{Bank, Entry, Held, Kind, Made, Place, Registers};
use crate::exec::control::{const32, const64, const128, mov_v128};
use crate::exec::dispatch::Handler;
use crate::exec::select::{InAcc, Variants};
use dayfly_parser::{LocalIdx, ValType};

/// Operands that are looked through for reads of a local that changes.
const DEEP: usize = 64;

/// Which immediates an instruction can take.
pub type Immediates = fn(ValType, u64) -> Option<Place>;

/// No immediate.
pub fn no_imm(_: ValType, _: u64) -> Option<Place> {
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
        self.result(ValType::V128, "v128.const", Variants::slot_only(const128), 0, &extra, &[]);
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
        if let Kind::Temp { made: Some(Made { at, region, movable: true, to_pin }) } = entry.kind
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
            match to_pin {
                Some(to_pin) if self.is_pinned(slot) => self.out.set_handler(at, to_pin, |n| n.pinned = true),
                _ => {
                    self.fuse_additions(at, slot);
                    self.load_pin(slot, ty);
                }
            }
            return;
        }
        self.settle_reads_of(slot);
        self.move_to(slot, ty, entry.kind, entry.slot);
        self.load_pin(slot, ty);
    }

    /// Writes an operand to a slot.
    pub fn move_to(&mut self, slot: u32, ty: ValType, kind: Kind, own_slot: u32) {
        let to = self.address(slot);
        let at = match kind {
            Kind::Const(bits) if bits >> 32 == 0 => {
                let at = self.out.push("const32", const32, fields_imm(to, 0, bits as i32), &[]);
                self.out.note(|n| (n.operands, n.has_result) = (format!("{bits:#x}"), true));
                at
            }
            Kind::Const(bits) => {
                let at = self.out.push("const64", const64, fields(to, 0, 0, 0), &[bits]);
                self.out.note(|n| (n.operands, n.has_result) = (format!("{bits:#x}"), true));
                at
            }
            Kind::Local(from) => self.emit_move(ty, to, from),
            Kind::Temp { .. } => self.emit_move(ty, to, own_slot),
        };
        self.wrote(slot, at);
    }

    fn emit_move(&mut self, ty: ValType, to: u16, from: u32) -> u32 {
        let source = self.address(from);
        if ty != ValType::V128 {
            return self.emit_move_of_one(to, source);
        }
        let at = self.out.push("mov", mov_v128, fields(to, source, 0, 0), &[]);
        self.read(at, &[Place::Slot(source)]);
        self.out.note(|n| n.has_result = true);
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
        self.roots.forget(position);
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

    /// Writes the operands that are pending reads of a local, before it changes. If they lie deep, all are
    /// written, so that nothing is looked through twice.
    fn settle_reads_of(&mut self, slot: u32) {
        let mut position = self.stack.len();
        while self.pending[slot as usize] > 0 && position > 0 {
            if self.stack.len() - position == DEEP {
                return self.settle_all();
            }
            position -= 1;
            if matches!(self.stack[position].kind, Kind::Local(local) if local == slot) {
                self.settle(position);
            }
        }
    }

    /// Pops an operand and says where an instruction that comes now finds it.
    pub fn operand(&mut self, immediates: Immediates, registers: Registers) -> Place {
        let entry = self.pop();
        self.place(entry, immediates, registers)
    }

    /// Pops an operand that has to be in a slot.
    pub fn slot_operand(&mut self) -> u16 {
        self.operand(no_imm, Registers::None).slot()
    }

    /// Where an instruction that comes now finds an operand that was popped.
    pub fn place(&mut self, entry: Entry, immediates: Immediates, registers: Registers) -> Place {
        let with_acc = registers != Registers::None;
        let held = Bank::of(entry.ty).filter(|_| with_acc).and_then(|bank| self.accs[bank as usize]);
        match entry.kind {
            Kind::Const(bits) => {
                if let Some(place) = immediates(entry.ty, bits) {
                    return place;
                }
                self.move_to(entry.slot, entry.ty, entry.kind, entry.slot);
                Place::Slot(self.address(entry.slot))
            }
            Kind::Local(local) if held.is_some_and(|h| h.local == Some(local)) => Place::Acc,
            Kind::Local(local) if registers == Registers::All && self.is_pinned(local) => {
                Place::Pin(self.address(local))
            }
            Kind::Local(local) => Place::Slot(self.address(local)),
            Kind::Temp { made: Some(made) } => match held {
                Some(Held { at, to_acc, local: None }) if at == made.at => {
                    // In the same region nobody else can read the slot.
                    if made.region == self.region
                        && let Some(to_acc) = to_acc
                    {
                        self.out.set_handler(at, to_acc, |n| n.acc_only = true);
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
        handlers: Variants,
        fields: u64,
        extra: &[u64],
        operands: &[Place],
    ) -> u32 {
        let slot = self.next_slot();
        let to = self.address(slot);
        let at = self.out.push(name, handlers.to_slot, fields & !0xffff | to as u64, extra);
        self.read(at, operands);
        self.out.note(|n| n.has_result = true);
        let made = Made { at, region: self.region, movable: true, to_pin: handlers.to_pin };
        self.push(ty, Kind::Temp { made: Some(made) });
        if let Some(bank) = Bank::of(ty) {
            let held = &mut self.accs[bank as usize];
            match handlers.acc {
                InAcc::Untouched => {}
                InAcc::Too => *held = Some(Held { at, to_acc: None, local: None }),
                InAcc::Alone(to_acc) => *held = Some(Held { at, to_acc: Some(to_acc), local: None }),
            }
        }
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
        at
    }

    /// Notes that the instruction at `at` reads these places.
    pub fn read(&mut self, at: u32, operands: &[Place]) {
        for &place in operands {
            if let Place::Slot(slot) | Place::Pin(slot) = place {
                self.touch(slot as u32, at);
            }
        }
        let locals = self.local_slots;
        self.out.note(|n| {
            let names: Vec<String> = operands.iter().map(|place| place_name(*place, locals)).collect();
            n.operands = names.join(", ");
        });
    }

    /// Notes that the moves at `at` also copy `from` to `to`.
    pub fn read_also(&mut self, at: u32, from: u16, to: u16) {
        self.touch(from as u32, at);
        let locals = self.local_slots;
        self.out.note(|n| {
            let (from, to) = (slot_name(from as u32, locals), slot_name(to as u32, locals));
            if !n.operands.is_empty() {
                n.operands.push_str(", ");
            }
            n.operands.push_str(&format!("{from} -> {to}"));
        });
    }

    /// Notes that the instruction at `at` reads or writes a slot.
    fn touch(&mut self, slot: u32, at: u32) {
        if let Some(touched) = self.touched.get_mut(slot as usize) {
            *touched = (*touched).max(at + 1);
        }
    }

    /// Notes that the instruction at `at` writes a slot.
    pub fn wrote(&mut self, slot: u32, at: u32) {
        self.touch(slot, at);
        for held in self.accs.iter_mut().flatten() {
            if held.local == Some(slot) {
                held.local = None;
            }
        }
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
        Place::Wide(bits) => format!("{bits:#x}"),
        Place::Acc => "acc".to_string(),
        Place::Pin(_) => "pin".to_string(),
    }
}

/// The name of a slot in listings: `l` and `t` for locals and operands.
pub fn slot_name(slot: u32, locals: u32) -> String {
    match slot.checked_sub(locals + crate::exec::frame::HEADER) {
        Some(operand) => format!("t{operand}"),
        None => format!("l{slot}"),
    }
}
