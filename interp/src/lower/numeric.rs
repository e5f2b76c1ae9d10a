//! Lowering of the numeric classes. Immediates go last where the operator allows
//! it; comparisons stay open to become part of a branch.

use super::Lowering;
use super::emit::{fields, fields_imm};
use super::fuse::{Test, What};
use super::operands::no_imm;
use super::stack::{Kind, Place, Registers, immediate};
use crate::exec::control::{ref_as_non_null, ref_is_null, select, select_v128};
use crate::exec::dispatch::Handler;
use crate::exec::numeric::{i64_add128, i64_mul_wide_s, i64_mul_wide_u, i64_sub128, shuffle};
use crate::exec::operand::{A, S};
use crate::exec::select as handlers;
use crate::exec::select::{Class, Variants};
use dayfly_parser::ValType;
use dayfly_parser::ops::*;

impl Lowering<'_> {
    /// An operator with one operand.
    pub fn unary(&mut self, op: UnOp) {
        match op {
            UnOp::I32Eqz => return self.eqz(CmpOp::I32Eq),
            UnOp::I64Eqz => return self.eqz(CmpOp::I64Eq),
            UnOp::I64ExtendI32U => return self.extend(),
            _ => {}
        }
        let registers = if handlers::unary_is_vector(op) { Registers::None } else { Registers::Acc };
        let x = self.operand(no_imm, registers);
        let variants = handlers::of_unary(op, x.class());
        self.result(op.result(), op.name(), variants, fields(0, x.slot(), 0, 0), &[], &[x]);
    }

    /// An operator with two operands.
    pub fn binary(&mut self, op: BinOp) {
        if self.binary_load(op) || op == BinOp::I32Add && self.shl_add() {
            return;
        }
        let scalar = !handlers::binary_is_vector(op);
        let (mut x, mut y) = if scalar { self.two_operands() } else { self.two_slots() };
        if x.class() == Class::I && commutes(op) {
            (x, y) = (y, x);
        }
        let (op, y) = as_sum(op, y);
        let accs = self.accs;
        let variants = handlers::of_binary(op, x.class(), y.class());
        let word = x.word().or(y.word());
        let at = self.result(op.result(), op.name(), variants, two_places(x, y), word.as_slice(), &[x, y]);
        self.note_binary(op, at, x, y, accs);
    }

    /// A comparison.
    pub fn compare(&mut self, op: CmpOp) {
        let (x, y) = self.two_operands();
        self.compare_places(op, x, y);
    }

    /// A comparison of operands that were popped.
    pub fn compare_places(&mut self, op: CmpOp, x: Place, y: Place) {
        let (op, x, y) = if x.class() == Class::I { (op.swapped(), y, x) } else { (op, x, y) };
        let accs = self.accs;
        let variants = handlers::of_compare(op, x.class(), y.class());
        let word = y.word();
        let at = self.result(ValType::I32, op.name(), variants, two_places(x, y), word.as_slice(), &[x, y]);
        self.note_last(at, What::Test(Test::Compare(op, x, y)), accs);
    }

    /// `i32.eqz` and `i64.eqz`: of a comparison, its negation; else a comparison with 0.
    fn eqz(&mut self, op: CmpOp) {
        if let Some(Test::Compare(compared, x, y)) = self.open_test()
            && let Some(negated) = compared.negated()
        {
            self.reopen_test();
            return self.compare_places(negated, x, y);
        }
        let x = self.operand(no_imm, Registers::All);
        let zero = if op.operands()[0] == ValType::I64 { Place::Wide(0) } else { Place::Imm(0) };
        self.compare_places(op, x, zero);
    }

    /// `i64.extend_i32_u`: the bits above an i32 are zero wherever it lies.
    fn extend(&mut self) {
        let entry = self.pop();
        self.push(ValType::I64, entry.kind);
    }

    /// Pops two operands, not both of them immediates.
    pub fn two_operands(&mut self) -> (Place, Place) {
        let (y, x) = (self.pop(), self.pop());
        let y = self.place(y, immediate, Registers::All);
        let immediates = if y.class() == Class::I { no_imm } else { immediate };
        let x = self.place(x, immediates, Registers::All);
        (x, y)
    }

    fn two_slots(&mut self) -> (Place, Place) {
        let y = self.slot_operand();
        let x = self.slot_operand();
        (Place::Slot(x), Place::Slot(y))
    }

    /// An operator with three vector operands.
    pub fn ternary(&mut self, op: TernOp) {
        let (z, y, x) = (self.slot_operand(), self.slot_operand(), self.slot_operand());
        let places = [x, y, z].map(Place::Slot);
        self.result(
            op.result(),
            op.name(),
            Variants::slot_only(handlers::of_ternary(op)),
            fields(0, x, y, z),
            &[],
            &places,
        );
    }

    /// A lane out of a vector.
    pub fn extract_lane(&mut self, op: ExtractOp, lane: u8) {
        let x = self.slot_operand();
        let places = [Place::Slot(x), Place::Imm(lane as i32)];
        self.result(
            op.result(),
            op.name(),
            handlers::of_extract(op),
            fields(0, x, lane as u16, 0),
            &[],
            &places,
        );
    }

    /// A lane into a vector.
    pub fn replace_lane(&mut self, op: ReplaceOp, lane: u8) {
        let (y, x) = (self.slot_operand(), self.slot_operand());
        let places = [Place::Slot(x), Place::Imm(lane as i32), Place::Slot(y)];
        self.result(
            ValType::V128,
            op.name(),
            Variants::slot_only(handlers::of_replace(op)),
            fields(0, x, y, lane as u16),
            &[],
            &places,
        );
    }

    /// `i8x16.shuffle`
    pub fn shuffle(&mut self, lanes: [u8; 16]) {
        let (y, x) = (self.slot_operand(), self.slot_operand());
        let lanes = u128::from_le_bytes(lanes);
        let extra = [lanes as u64, (lanes >> 64) as u64];
        let pair = Variants::slot_only(shuffle);
        let places = [Place::Slot(x), Place::Slot(y)];
        self.result(ValType::V128, "i8x16.shuffle", pair, fields(0, x, y, 0), &extra, &places);
    }

    /// Wide arithmetic: operands and results lie in their own slots, in a row.
    pub fn wide(&mut self, op: WideOp) {
        let handler: Handler = match op {
            WideOp::I64Add128 => i64_add128,
            WideOp::I64Sub128 => i64_sub128,
            WideOp::I64MulWideS => i64_mul_wide_s,
            WideOp::I64MulWideU => i64_mul_wide_u,
        };
        let count = op.operands().len();
        self.settle_top(count);
        for _ in 0..count {
            self.pop();
        }
        let slot = self.next_slot();
        let base = self.address(slot);
        self.effect(op.name(), handler, fields(base, base, 0, 0), &[], &[Place::Slot(base)]);
        for &ty in op.results() {
            self.push(ty, Kind::Temp { made: None });
        }
    }

    /// `select`
    pub fn select(&mut self, ty: ValType) {
        let vector = ty == ValType::V128;
        let condition = self.operand(no_imm, if vector { Registers::None } else { Registers::Acc });
        let (y, x) = (self.slot_operand(), self.slot_operand());
        let handler: Handler = match (vector, condition) {
            (true, _) => select_v128,
            (false, Place::Acc) => select::<A>,
            (false, _) => select::<S>,
        };
        let places = [condition, Place::Slot(x), Place::Slot(y)];
        let fields = fields(0, condition.slot(), x, y);
        self.result(ty, "select", Variants::slot_only(handler), fields, &[], &places);
    }

    /// `ref.is_null`
    pub fn ref_is_null(&mut self) {
        let x = self.slot_operand();
        let accs = self.accs;
        let variants = Variants::slot_and_acc(ref_is_null);
        let at =
            self.result(ValType::I32, "ref.is_null", variants, fields(0, x, 0, 0), &[], &[Place::Slot(x)]);
        self.note_last(at, What::Test(Test::IsNull(Place::Slot(x))), accs);
    }

    /// `ref.as_non_null`: the operand stays what and where it is.
    pub fn ref_as_non_null(&mut self) {
        let entry = self.pop();
        let x = self.place(entry, no_imm, Registers::None);
        self.effect("ref.as_non_null", ref_as_non_null, fields(x.slot(), 0, 0, 0), &[], &[x]);
        self.push(entry.ty, entry.kind.after_reading());
    }
}

/// The fields of an instruction with two operands: see the handler `binary`.
fn two_places(x: Place, y: Place) -> u64 {
    match (x, y) {
        (Place::Imm(imm), other) | (other, Place::Imm(imm)) => fields_imm(0, other.slot(), imm),
        (Place::Slot(x), y) => fields(0, x, y.slot(), 0),
        (_, y) => fields(0, y.slot(), 0, 0),
    }
}

/// To subtract a constant is to add another, which fuses with what follows.
fn as_sum(op: BinOp, y: Place) -> (BinOp, Place) {
    match (op, y) {
        (BinOp::I32Sub, Place::Imm(k)) => (BinOp::I32Add, Place::Imm(k.wrapping_neg())),
        (BinOp::I64Sub, Place::Wide(k)) => (BinOp::I64Add, Place::Wide(k.wrapping_neg())),
        _ => (op, y),
    }
}

/// Whether the operands of a scalar operator can change places, bit for bit.
pub fn commutes(op: BinOp) -> bool {
    use BinOp::*;
    matches!(op, I32Add | I32Mul | I32And | I32Or | I32Xor | I64Add | I64Mul | I64And | I64Or | I64Xor)
}
