//! Fusion: an instruction that follows another becomes one with it. What the last
//! instruction was is known as long as nothing came after it and no branch goes
//! there; then it is taken back, and what was known before it holds again.

use super::Lowering;
use super::control::Condition;
use super::emit::{fields, fields_imm};
use super::numeric::commutes;
use super::operands::no_imm;
use super::stack::{Accs, Bank, Entry, Held, Kind, Made, Place, Registers, immediate};
use crate::exec::control::mov;
use crate::exec::dispatch::Handler;
use crate::exec::fused::{add_add, add_br, mov2, mov3, mov4};
use crate::exec::select as handlers;
use crate::exec::select::Class;
use dayfly_parser::ValType;
use dayfly_parser::ops::{BinOp, CmpOp, LoadOp};

/// The instruction made last.
#[derive(Clone, Copy, Debug)]
pub struct Last {
    /// Its position and where it ends.
    pub at: u32,
    pub end: u32,
    pub what: What,
    /// What was known of the accumulators before it.
    pub accs: Accs,
}

/// What an instruction does, if something that follows can make use of that.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// A test.
    Test(Test),
    /// A sum of two i32 or two i64; an immediate comes second.
    Add(ValType, Place, Place),
    /// An i32, shifted left by a constant.
    Shl(Place, u8),
    /// The sum of an i32 and another one, shifted left by a constant.
    ShlAdd(Place, Place, u8),
    /// A load from memory 0 at the sum of a place and a constant, plus the offset.
    Load(LoadOp, Place, i32, u32),
    /// Some bits of an i32.
    Mask(Place, i32),
    /// So many moves of one slot each.
    Moves(usize),
}

/// A test whose result is an i32 of 0 or 1.
#[derive(Clone, Copy, Debug)]
pub enum Test {
    /// A comparison.
    Compare(CmpOp, Place, Place),
    /// Of a reference in a slot.
    IsNull(Place),
}

/// The address of an access to memory 0.
#[derive(Clone, Copy, Debug)]
pub enum Address {
    /// A place, and the offset to add.
    At(Place, u32),
    /// The sum of two places: see `select::has_sum`.
    Sum(Place, Place),
    /// The sum of a place, and another shifted left.
    Scaled(Place, Place, u8),
}

/// The word for an operand that stands outside the fields of an instruction, if it
/// needs one.
pub fn second_part(place: Place) -> u64 {
    match place {
        Place::Slot(slot) => slot as u64,
        Place::Imm(imm) => imm as u32 as u64,
        Place::Wide(bits) => bits,
        Place::Acc | Place::Pin(_) => 0,
    }
}

/// Whether the operands of a float operator can change places, but for the bits of a
/// NaN, which the standard leaves open.
fn is_float_sum_or_product(op: BinOp) -> bool {
    use BinOp::{F32Add, F32Mul, F64Add, F64Mul};
    matches!(op, F32Add | F32Mul | F64Add | F64Mul)
}

impl Lowering<'_> {
    /// Says what the instruction at `at`, the last one, does; `accs` is what was known before it.
    pub fn note_last(&mut self, at: u32, what: What, accs: Accs) {
        self.before_last = self.last.filter(|last| last.end == at);
        self.last = Some(Last { at, end: self.out.here(), what, accs });
    }

    /// The last instruction, if it may still be changed.
    pub fn last(&self) -> Option<Last> {
        self.last.filter(|last| last.end == self.out.here())
    }

    /// Takes the last instruction back.
    pub fn take_back(&mut self, last: &Last) {
        self.out.truncate(last.at);
        self.accs = last.accs;
        self.last = self.before_last.take();
    }

    /// Nothing that comes may change what was made before: a branch may go here.
    pub fn forget_last(&mut self) {
        (self.last, self.before_last) = (None, None);
    }

    /// The last instruction, if it made this operand, which nothing else uses.
    pub fn made_last(&self, entry: &Entry) -> Option<Last> {
        let last = self.last()?;
        let Kind::Temp { made: Some(Made { at, region, .. }) } = entry.kind else { return None };
        (at == last.at && region == self.region).then_some(last)
    }

    /// The test that made the uppermost operand, if it was the last instruction.
    pub fn open_test(&self) -> Option<Test> {
        match self.made_last(self.stack.last()?)?.what {
            What::Test(test) => Some(test),
            _ => None,
        }
    }

    /// Takes the last test back, with its result.
    pub fn reopen_test(&mut self) {
        if let Some(last) = self.last() {
            self.pop();
            self.take_back(&last);
        }
    }

    /// Notes what a binary operator did, for those that fuse.
    pub fn note_binary(&mut self, op: BinOp, at: u32, x: Place, y: Place, accs: Accs) {
        let what = match (op, y) {
            (BinOp::I32Add, _) => What::Add(ValType::I32, x, y),
            (BinOp::I64Add, _) => What::Add(ValType::I64, x, y),
            (BinOp::I32Shl, Place::Imm(k)) => What::Shl(x, k as u8 & 31),
            (BinOp::I32And, Place::Imm(mask)) => What::Mask(x, mask),
            _ => return,
        };
        self.note_last(at, what, accs);
    }

    /// `i32.add` of a slot and what was just shifted left; false if that is not what it is of.
    pub fn shl_add(&mut self) -> bool {
        let n = self.stack.len();
        let (first, second) = (self.stack[n - 2], self.stack[n - 1]);
        let (last, other) = match (self.made_last(&first), self.made_last(&second)) {
            (Some(last), _) => (last, second),
            (_, Some(last)) => (last, first),
            _ => return false,
        };
        let What::Shl(y, k) = last.what else { return false };
        self.pop();
        self.pop();
        self.take_back(&last);
        let x = self.place(other, immediate, Registers::None);
        let accs = self.accs;
        let variants = handlers::of_shl_add(x.class(), y.class());
        let fields = fields(0, y.slot(), k as u16, 0);
        let places = [x, y, Place::Imm(k as i32)];
        let at = self.result(ValType::I32, "i32.shl_add", variants, fields, &[second_part(x)], &places);
        self.note_last(at, What::ShlAdd(x, y, k), accs);
        true
    }

    /// A binary operator of which one operand was just loaded from memory; false if
    /// that is not what it is of.
    pub fn binary_load(&mut self, op: BinOp) -> bool {
        let n = self.stack.len();
        let (first, second) = (self.stack[n - 2], self.stack[n - 1]);
        let (last, other) = match (self.made_last(&first), self.made_last(&second)) {
            (_, Some(last)) => (last, first),
            (Some(last), _) if commutes(op) || is_float_sum_or_product(op) => (last, second),
            _ => return false,
        };
        let What::Load(load, address, k, offset) = last.what else { return false };
        use LoadOp::{F32Load, F64Load, I32Load, I64Load};
        let whole = matches!(load, I32Load | I64Load | F32Load | F64Load);
        let constant = matches!(other.kind, Kind::Const(_)) || address.class() == Class::I;
        if !whole || !handlers::takes_memory(op) || constant {
            return false;
        }
        self.pop();
        self.pop();
        self.take_back(&last);
        let x = self.place(other, no_imm, Registers::All);
        let variants = handlers::of_binary_load(op, x.class(), address.class());
        let fields = fields(0, x.slot(), address.slot(), 0);
        let word = offset as u64 | (k as u32 as u64) << 32;
        let places = [x, address, Place::Imm(k)];
        self.result(op.result(), op.name(), variants, fields, &[word], &places);
        self.out.note(|n| n.operands.push_str(&format!(" offset={offset}, in memory")));
        true
    }

    /// Takes an address back that is a sum, popped as `entry` and made last, if
    /// accesses can have such an address.
    pub fn sum_of(&mut self, entry: &Entry) -> Option<Address> {
        let last = self.made_last(entry)?;
        let (x, y) = match last.what {
            What::Add(ValType::I32, x, y) => (x, y),
            What::ShlAdd(x, y, k) => {
                self.take_back(&last);
                return Some(Address::Scaled(x, y, k));
            }
            _ => return None,
        };
        let (x, y) = match (x.class(), y.class()) {
            (Class::A | Class::P, Class::S) | (Class::A, Class::P) => (y, x),
            _ => (x, y),
        };
        handlers::has_sum(x.class(), y.class()).then(|| {
            self.take_back(&last);
            Address::Sum(x, y)
        })
    }

    /// After a result was sent to a local: if it and the one before are sums of a slot
    /// and an immediate, they become one instruction.
    pub fn fuse_additions(&mut self, at: u32, slot: u32) {
        let (Some(second), Some(first)) = (self.last().filter(|last| last.at == at), self.before_last) else {
            return;
        };
        let What::Add(ValType::I32, x, Place::Imm(l)) = second.what else { return };
        let What::Add(ValType::I32, Place::Slot(b), Place::Imm(k)) = first.what else { return };
        let plain = |class| handlers::of_binary(BinOp::I32Add, class, Class::I).to_slot;
        let (a, c) = (self.out.result_of(first.at), self.out.result_of(at));
        let d = match x {
            Place::Slot(d) => d,
            Place::Acc if second.accs[Bank::Int as usize].is_some_and(|held| held.at == first.at) => a,
            _ => return,
        };
        if first.end != at
            || a as u32 >= self.local_slots
            || !self.out.has_handler(first.at, plain(Class::S))
            || !self.out.has_handler(at, plain(x.class()))
        {
            return;
        }
        self.out.truncate(first.at);
        self.forget_last();
        let constants = k as u32 as u64 | (l as u32 as u64) << 32;
        let places = [Place::Slot(b), Place::Imm(k), Place::Slot(d), Place::Imm(l), Place::Slot(c)];
        let at = self.effect("i32.add_add", add_add, fields(a, b, c, d), &[constants], &places);
        self.out.note(|n| n.has_result = true);
        self.accs[Bank::Int as usize] = Some(Held { at, to_acc: None, local: Some(slot) });
    }

    /// A move of one slot, which becomes part of moves before it.
    pub fn emit_move_of_one(&mut self, to: u16, from: u16) -> u32 {
        let accs = self.accs;
        let (at, moves) = match self.last() {
            Some(Last { at, what: What::Moves(moves @ 1..4), .. }) => {
                let by_count: [Handler; 3] = [mov2, mov3, mov4];
                self.out.set_handler(at, by_count[moves - 1], |n| n.has_result = false);
                self.out.extend(at, 1 + moves / 2, fields(to, from, 0, 0) << (32 * (moves % 2)));
                self.before_last = None;
                (at, moves + 1)
            }
            _ => (self.out.push("mov", mov, fields(to, from, 0, 0), &[]), 1),
        };
        self.read_also(at, from, to);
        self.last = Some(Last { at, end: self.out.here(), what: What::Moves(moves), accs });
        at
    }

    /// Appends a branch to somewhere not known yet, taken if the condition is `when`,
    /// that contains the last instruction; `None` if the two do not fuse.
    pub fn fused_branch(&mut self, condition: &Condition, when: bool) -> Option<u32> {
        let last = self.last()?;
        let (op, x, y) = match *condition {
            Condition::Test(Test::Compare(op, x, y)) => (op, x, y),
            Condition::Value(x) => (CmpOp::I32Ne, x, Place::Imm(0)),
            _ => return None,
        };
        let held = self.accs[Bank::Int as usize].filter(|held| held.at == last.at && x == Place::Acc);
        match last.what {
            What::Mask(bits, mask) => {
                // Its result is in the accumulator alone, so nobody else uses it.
                let Place::Imm(imm) = y else { return None };
                let equal = op == CmpOp::I32Eq;
                if held?.local.is_some() || !(equal || op == CmpOp::I32Ne) || i16::try_from(imm).is_err() {
                    return None;
                }
                self.take_back(&last);
                let handler = handlers::of_mask_branch(bits.class(), when == equal);
                let places = [bits, Place::Imm(mask), y];
                let at = self.effect(
                    "mask",
                    handler,
                    fields(bits.slot(), imm as u16, 0, 0),
                    &[mask as u64],
                    &places,
                );
                self.out
                    .note(|n| n.operands.push_str(if when == equal { " equal? br" } else { " other? br" }));
                Some(at)
            }
            What::Add(ty, sum_of, k) if op.operands()[0] == ty => {
                let local = self.out.result_of(last.at);
                let pinned = self.is_pinned(local as u32);
                let is_local = |place| match place {
                    Place::Slot(slot) | Place::Pin(slot) => slot == local,
                    _ => false,
                };
                let of_local = is_local(x) || (x == Place::Acc && held?.local == Some(local as u32));
                // A sum of pin and slot may have come in either order.
                let k = match (is_local(sum_of), k) {
                    (true, Place::Pin(_)) | (false, Place::Slot(_)) => return None,
                    (true, k) => k,
                    (false, Place::Pin(slot)) if slot == local => sum_of,
                    _ => return None,
                };
                if !of_local || local as u32 >= self.local_slots {
                    return None;
                }
                let handler = handlers::of_add_compare_branch(op, k.class(), y.class(), pinned, when)?;
                self.take_back(&last);
                let words = [second_part(k), second_part(y)];
                let words = &words[..1 + (y.class() == Class::I) as usize];
                let name = if ty == ValType::I32 { "i32.add_compare" } else { "i64.add_compare" };
                let at = self.effect(
                    name,
                    handler,
                    fields(local, y.slot(), 0, 0),
                    words,
                    &[Place::Slot(local), k, y],
                );
                self.out.note(|n| {
                    n.operands.push_str(&format!(", {}{}", op.name(), if when { " ? br" } else { " ?: br" }));
                });
                self.wrote(local as u32, at);
                self.accs[Bank::Int as usize] = Some(Held { at, to_acc: None, local: Some(local as u32) });
                Some(at)
            }
            _ => None,
        }
    }

    /// Appends an unconditional branch that contains the last instruction, an addition
    /// to a local; `None` if that is not what it was.
    pub fn fused_jump(&mut self) -> Option<u32> {
        let last = self.last()?;
        let What::Add(ty, x @ Place::Slot(slot), k) = last.what else { return None };
        let (op, handler, k): (_, Handler, _) = match k {
            Place::Imm(k) => (BinOp::I32Add, add_br::<i32>, k as u64),
            Place::Wide(k) => (BinOp::I64Add, add_br::<i64>, k),
            _ => return None,
        };
        let to = self.out.result_of(last.at);
        let plain = handlers::of_binary(op, Class::S, Class::I).to_slot;
        if to as u32 >= self.local_slots || !self.out.has_handler(last.at, plain) {
            return None;
        }
        self.take_back(&last);
        let name = if ty == ValType::I32 { "i32.add_br" } else { "i64.add_br" };
        let at = self.effect(name, handler, fields_imm(to, slot, 0), &[k], &[x, Place::Imm(k as i32)]);
        self.wrote(to as u32, at);
        Some(at)
    }
}
