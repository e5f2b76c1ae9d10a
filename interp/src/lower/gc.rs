//! Lowering of structures, arrays, `i31` and casts, and the root maps that let the
//! collector find every reference in a frame.

use super::Lowering;
use super::control::Condition;
use super::emit::{fields, fields_imm};
use super::operands::no_imm;
use super::stack::{Kind, Place, Registers};
use crate::exec::dispatch::Handler;
use crate::exec::gc;
use crate::exec::select::Variants;
use dayfly_parser::ops::CmpOp;
use dayfly_parser::{
    CompositeType, Extend, FieldIdx, HeapType, Label, Op, RefType, StorageType, TypeIdx, ValType,
};
use dayfly_runtime::gc::{EncodedRefType, Storage};
use dayfly_runtime::types::canonical_ref;

impl Lowering<'_> {
    /// An operator on references or aggregates; false if it is none.
    pub fn gc_op(&mut self, op: Op) -> bool {
        match op {
            Op::RefEq => {
                let (x, y) = self.two_operands();
                self.compare_places(CmpOp::I64Eq, x, y);
            }
            Op::RefI31 => {
                let ty = ValType::Ref(RefType { nullable: false, heap: HeapType::I31 });
                self.one_to_one(op, gc::ref_i31, ty);
            }
            Op::I31GetS => self.one_to_one(op, gc::i31_get::<true>, ValType::I32),
            Op::I31GetU => self.one_to_one(op, gc::i31_get::<false>, ValType::I32),
            Op::ArrayLen => self.one_to_one(op, gc::array_len, ValType::I32),
            Op::AnyConvertExtern => self.retype(HeapType::Any),
            Op::ExternConvertAny => self.retype(HeapType::Extern),
            Op::RefTest(ty) => self.ref_test(ty),
            Op::RefCast(ty) => self.ref_cast(ty),
            Op::BrOnCast { label, to, .. } => self.br_on_cast(to, true, label),
            Op::BrOnCastFail { label, to, .. } => self.br_on_cast(to, false, label),
            Op::StructNew(ty) => self.struct_new(ty, op.name(), true),
            Op::StructNewDefault(ty) => self.struct_new(ty, op.name(), false),
            Op::StructGet(ty, field, extend) => self.struct_get(ty, field, extend),
            Op::StructSet(ty, field) => self.struct_set(ty, field),
            Op::ArrayGet(ty, extend) => self.array_get(ty, extend),
            Op::ArraySet(ty) => self.array_set(ty),
            op => return self.array_op(op),
        }
        true
    }

    fn array_op(&mut self, op: Op) -> bool {
        let name = op.name();
        match op {
            Op::ArrayNew(ty) => {
                let slots = self.element_slots(ty);
                self.allocate(name, gc::array_new, 2, slots, ty, &[]);
            }
            Op::ArrayNewDefault(ty) => self.allocate(name, gc::array_new, 1, 0, ty, &[]),
            Op::ArrayNewFixed(ty, count) => {
                self.allocate(name, gc::array_new_fixed, count as usize, 0, ty, &[count as u64])
            }
            Op::ArrayNewData(ty, data) => self.allocate(name, gc::array_new_data, 2, 0, ty, &[data.0 as u64]),
            Op::ArrayNewElem(ty, elem) => self.allocate(name, gc::array_new_elem, 2, 0, ty, &[elem.0 as u64]),
            Op::ArrayFill(ty) => {
                let slots = self.element_slots(ty);
                self.on_array(name, gc::array_fill, 4, slots, self.type_imm(ty), &[]);
            }
            Op::ArrayCopy { dst, src } => {
                let types = [self.type_imm(dst) as u64, self.type_imm(src) as u64];
                self.on_array(name, gc::array_copy, 5, 0, 0, &types);
            }
            Op::ArrayInitData(ty, data) => {
                self.on_array(name, gc::array_init_data, 4, 0, self.type_imm(ty), &[data.0 as u64])
            }
            Op::ArrayInitElem(ty, elem) => {
                self.on_array(name, gc::array_init_elem, 4, 0, self.type_imm(ty), &[elem.0 as u64])
            }
            _ => return false,
        }
        true
    }

    /// One operand in a slot, one result.
    fn one_to_one(&mut self, op: Op, handler: Handler, ty: ValType) {
        let x = self.slot_operand();
        let pair = Variants::slot_and_acc(handler);
        self.result(ty, op.name(), pair, fields(0, x, 0, 0), &[], &[Place::Slot(x)]);
    }

    /// The uppermost operand is the same value seen as another type.
    fn retype(&mut self, heap: HeapType) {
        let entry = self.pop();
        self.push(ValType::Ref(RefType { nullable: true, heap }), entry.kind);
    }

    fn ref_test(&mut self, ty: RefType) {
        let x = self.slot_operand();
        let encoded = [self.encoded(ty)];
        let pair = Variants::slot_only(gc::ref_test);
        self.result(ValType::I32, "ref.test", pair, fields(0, x, 0, 0), &encoded, &[Place::Slot(x)]);
    }

    fn ref_cast(&mut self, ty: RefType) {
        let entry = self.pop();
        let x = self.place(entry, no_imm, Registers::None);
        let encoded = [self.encoded(ty)];
        self.effect("ref.cast", gc::ref_cast, fields(x.slot(), 0, 0, 0), &encoded, &[x]);
        self.push(ValType::Ref(ty), entry.kind.after_reading());
    }

    fn br_on_cast(&mut self, to: RefType, when: bool, label: Label) {
        self.settle_top(1);
        let slot = self.stack.last().map_or(0, |entry| entry.slot);
        let condition = Condition::Cast { slot: self.address(slot), ty: self.encoded(to) };
        self.conditional(condition, when, label);
    }

    fn struct_new(&mut self, ty: TypeIdx, name: &'static str, given: bool) {
        let count = match &self.module.types()[ty.index()].composite {
            CompositeType::Struct(fields) if given => fields.len(),
            _ => 0,
        };
        self.allocate(name, gc::struct_new, count, given as u16, ty, &[]);
    }

    fn struct_get(&mut self, ty: TypeIdx, field: FieldIdx, extend: Extend) {
        let x = self.slot_operand();
        let (offset, storage) = self.field(ty, field);
        let result = match &self.module.types()[ty.index()].composite {
            CompositeType::Struct(fields) => read_type(fields[field.index()].storage),
            _ => ValType::I32,
        };
        let handler = gc::of_struct_get(storage, extend == Extend::Signed);
        let pair = Variants::slot_and_acc(handler);
        self.result(result, "struct.get", pair, fields_imm(0, x, offset as i32), &[], &[Place::Slot(x)]);
        self.out.note(|n| n.operands.push_str(&format!(".{field}")));
    }

    fn struct_set(&mut self, ty: TypeIdx, field: FieldIdx) {
        let (value, x) = (self.slot_operand(), self.slot_operand());
        let (offset, storage) = self.field(ty, field);
        let handler = gc::of_struct_set(storage);
        let places = [Place::Slot(x), Place::Slot(value)];
        self.effect("struct.set", handler, fields_imm(x, value, offset as i32), &[], &places);
        self.out.note(|n| n.operands.push_str(&format!(" .{field}")));
    }

    fn array_get(&mut self, ty: TypeIdx, extend: Extend) {
        let (index, x) = (self.slot_operand(), self.slot_operand());
        let handler = gc::of_array_get(self.element(ty), extend == Extend::Signed);
        let pair = Variants::slot_and_acc(handler);
        let places = [Place::Slot(x), Place::Slot(index)];
        self.result(self.element_type(ty), "array.get", pair, fields(0, x, index, 0), &[], &places);
    }

    fn array_set(&mut self, ty: TypeIdx) {
        let (value, index, x) = (self.slot_operand(), self.slot_operand(), self.slot_operand());
        let handler = gc::of_array_set(self.element(ty));
        let places = [x, index, value].map(Place::Slot);
        self.effect("array.set", handler, fields(x, index, value, 0), &[], &places);
    }

    /// An operator that makes an object of its settled operands.
    fn allocate(
        &mut self,
        name: &'static str,
        handler: Handler,
        operands: usize,
        second: u16,
        ty: TypeIdx,
        extra: &[u64],
    ) {
        self.settle_top(operands);
        self.safepoint();
        for _ in 0..operands {
            self.pop();
        }
        let slot = self.next_slot();
        self.reserve(slot + 1);
        let base = self.address(slot);
        let fields = fields_imm(base, second, self.type_imm(ty) as i32);
        self.effect(name, handler, fields, extra, &[Place::Slot(base)]);
        self.push(
            ValType::Ref(RefType { nullable: false, heap: HeapType::Concrete(ty) }),
            Kind::Temp { made: None },
        );
    }

    /// An operator on a whole array, its operands settled; without result.
    fn on_array(
        &mut self,
        name: &'static str,
        handler: Handler,
        operands: usize,
        second: u16,
        imm: u32,
        extra: &[u64],
    ) {
        self.settle_top(operands);
        self.safepoint();
        for _ in 0..operands {
            self.pop();
        }
        let slot = self.next_slot();
        let base = self.address(slot);
        self.effect(name, handler, fields_imm(base, second, imm as i32), extra, &[Place::Slot(base)]);
    }

    fn type_imm(&self, ty: TypeIdx) -> u32 {
        self.shape.type_id(ty).0
    }

    fn encoded(&self, ty: RefType) -> u64 {
        let canonical = canonical_ref(self.shape.type_ids(), ty);
        EncodedRefType::new(canonical).bits()
    }

    fn field(&self, ty: TypeIdx, field: FieldIdx) -> (u32, Storage) {
        let layout = self.shape.types().gc_type(self.shape.type_id(ty));
        let field = layout.fields()[field.index()];
        (field.offset, field.storage)
    }

    fn element(&self, ty: TypeIdx) -> Storage {
        let layout = self.shape.types().gc_type(self.shape.type_id(ty));
        layout.element().expect("validation has made sure that it is an array")
    }

    fn element_type(&self, ty: TypeIdx) -> ValType {
        match &self.module.types()[ty.index()].composite {
            CompositeType::Array(field) => read_type(field.storage),
            _ => ValType::I32,
        }
    }

    fn element_slots(&self, ty: TypeIdx) -> u16 {
        self.element_type(ty).slots() as u16
    }

    /// The next instruction may move objects: notes which slots of operands hold
    /// references then, and forgets those in accumulators.
    pub fn safepoint(&mut self) {
        self.forget_accs();
        let noted = self.out.takes_notes().then(|| self.out.here());
        if !self.roots.note(&self.stack, noted) {
            self.refuse("operands that are references are moved too often while the function calls others");
        }
    }

    /// The slots of locals that hold references.
    pub fn traced_locals(&self) -> Box<[u32]> {
        let locals = self.locals.iter().filter(|(_, ty)| self.is_traced(*ty)).map(|(slot, _)| *slot);
        locals.chain(self.hidden_slots..self.local_slots).collect()
    }

    /// Whether values of a type are references to the heap.
    pub fn is_traced(&self, ty: ValType) -> bool {
        let Some(RefType { heap, .. }) = ty.as_ref() else { return false };
        match heap {
            HeapType::Func | HeapType::NoFunc | HeapType::Cont | HeapType::NoCont => false,
            HeapType::Concrete(ty) => matches!(
                self.module.types()[ty.index()].composite,
                CompositeType::Struct(_) | CompositeType::Array(_)
            ),
            _ => true,
        }
    }
}

/// The type as which a field is read.
fn read_type(storage: StorageType) -> ValType {
    match storage {
        StorageType::I8 | StorageType::I16 => ValType::I32,
        StorageType::Val(ty) => ty,
    }
}
