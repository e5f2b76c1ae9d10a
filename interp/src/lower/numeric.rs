//! Lowering of the numeric classes. Immediates go last where the operator allows
//! it; comparisons stay open to become part of a branch.

use super::Lowering;
use super::emit::{fields, fields_imm};
use super::operands::{Last, Test, no_imm};
use super::stack::{Kind, Place, imm32};
use crate::exec::control::{ref_as_non_null, ref_is_null, select, select_v128};
use crate::exec::dispatch::Handler;
use crate::exec::numeric::{i64_add128, i64_mul_wide_s, i64_mul_wide_u, i64_sub128, shuffle};
use crate::exec::operand::{A, S};
use crate::exec::select as handlers;
use crate::exec::select::{InAcc, Pair};
use dayfly_parser::ValType;
use dayfly_parser::ops::*;

impl Lowering<'_> {
    /// An operator with one operand.
    pub fn unary(&mut self, op: UnOp) {
        match op {
            UnOp::I32Eqz => return self.eqz(CmpOp::I32Eq),
            UnOp::I64Eqz => return self.eqz(CmpOp::I64Eq),
            _ => {}
        }
        let x = self.operand(no_imm, !handlers::unary_is_vector(op));
        let pair = handlers::of_unary(op, x.class());
        self.result(op.result(), op.name(), pair, fields(0, x.slot(), 0, 0), &[], &[x]);
    }

    /// An operator with two operands.
    pub fn binary(&mut self, op: BinOp) {
        let scalar = !handlers::binary_is_vector(op);
        let (mut x, mut y) = if scalar { self.two_operands() } else { self.two_slots() };
        if matches!(x, Place::Imm(_)) && commutes(op) {
            (x, y) = (y, x);
        }
        let pair = handlers::of_binary(op, x.class(), y.class());
        self.result(op.result(), op.name(), pair, two_places(x, y), &[], &[x, y]);
    }

    /// A comparison.
    pub fn compare(&mut self, op: CmpOp) {
        let (x, y) = self.two_operands();
        self.compare_places(op, x, y);
    }

    /// A comparison of operands that were popped.
    pub fn compare_places(&mut self, op: CmpOp, x: Place, y: Place) {
        let (op, x, y) = if matches!(x, Place::Imm(_)) { (op.swapped(), y, x) } else { (op, x, y) };
        let accs = self.accs;
        let pair = handlers::of_compare(op, x.class(), y.class());
        let at = self.result(ValType::I32, op.name(), pair, two_places(x, y), &[], &[x, y]);
        self.last = Some(Last { at, end: self.out.here(), test: Test::Compare(op, x, y), accs });
    }

    /// `i32.eqz` and `i64.eqz`: of a comparison, its negation; else a comparison with 0.
    fn eqz(&mut self, op: CmpOp) {
        if let Some(Test::Compare(compared, x, y)) = self.open_test()
            && let Some(negated) = compared.negated()
        {
            self.reopen_test();
            return self.compare_places(negated, x, y);
        }
        let entry = self.pop();
        let x = self.place(entry, no_imm, true);
        self.compare_places(op, x, Place::Imm(0));
    }

    /// The test that made the uppermost operand, if it was the last instruction.
    pub fn open_test(&self) -> Option<Test> {
        let last = self.last.filter(|last| last.end == self.out.here())?;
        match self.stack.last()?.kind {
            Kind::Temp { made: Some((at, region)) } if at == last.at && region == self.region => {
                Some(last.test)
            }
            _ => None,
        }
    }

    /// Takes the last test back, with its result.
    pub fn reopen_test(&mut self) {
        if let Some(last) = self.last.take() {
            self.pop();
            self.out.truncate(last.at);
            self.accs = last.accs;
        }
    }

    /// Pops two operands, not both of them immediates.
    pub fn two_operands(&mut self) -> (Place, Place) {
        let (y, x) = (self.pop(), self.pop());
        let y_const = matches!(y.kind, Kind::Const(_));
        let y = self.place(y, imm32, true);
        let both = y_const && matches!(y, Place::Imm(_));
        let x = self.place(x, if both { no_imm } else { imm32 }, true);
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
            Pair::slot_only(handlers::of_ternary(op)),
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
            Pair::slot_only(handlers::of_replace(op)),
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
        let pair = Pair::slot_only(shuffle);
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
        let condition = self.operand(no_imm, !vector);
        let (y, x) = (self.slot_operand(), self.slot_operand());
        let handler: Handler = match (vector, condition) {
            (true, _) => select_v128,
            (false, Place::Acc) => select::<A>,
            (false, _) => select::<S>,
        };
        let places = [condition, Place::Slot(x), Place::Slot(y)];
        let fields = fields(0, condition.slot(), x, y);
        self.result(ty, "select", Pair::slot_only(handler), fields, &[], &places);
    }

    /// `ref.is_null`
    pub fn ref_is_null(&mut self) {
        let x = self.slot_operand();
        let accs = self.accs;
        let pair = Pair { to_slot: ref_is_null, acc: InAcc::Too };
        let at = self.result(ValType::I32, "ref.is_null", pair, fields(0, x, 0, 0), &[], &[Place::Slot(x)]);
        let test = Test::IsNull(Place::Slot(x));
        self.last = Some(Last { at, end: self.out.here(), test, accs });
    }

    /// `ref.as_non_null`: the operand stays what and where it is.
    pub fn ref_as_non_null(&mut self) {
        let entry = self.pop();
        let x = self.place(entry, no_imm, false);
        self.effect("ref.as_non_null", ref_as_non_null, fields(x.slot(), 0, 0, 0), &[], &[x]);
        let kind = if let Kind::Const(_) = entry.kind { Kind::Temp { made: None } } else { entry.kind };
        self.push(entry.ty, kind);
    }
}

/// The fields of an instruction with two operands: see the handler `binary`.
fn two_places(x: Place, y: Place) -> u64 {
    match (x, y) {
        (Place::Slot(x), Place::Slot(y)) => fields(0, x, y, 0),
        (Place::Slot(slot), Place::Imm(imm)) | (Place::Imm(imm), Place::Slot(slot)) => {
            fields_imm(0, slot, imm)
        }
        (Place::Slot(slot), Place::Acc) | (Place::Acc, Place::Slot(slot)) => fields(0, slot, 0, 0),
        (Place::Imm(imm), _) | (_, Place::Imm(imm)) => fields_imm(0, 0, imm),
        (Place::Acc, Place::Acc) => 0,
    }
}

/// Whether the operands of a scalar operator can change places, bit for bit.
fn commutes(op: BinOp) -> bool {
    use BinOp::*;
    matches!(op, I32Add | I32Mul | I32And | I32Or | I32Xor | I64Add | I64Mul | I64And | I64Or | I64Xor)
}
