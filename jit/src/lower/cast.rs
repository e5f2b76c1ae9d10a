//! Tests of a reference's type. What null, an `i31`, the header of an object or the type
//! of a function tells is decided in line, supertypes by the displays of types. The runtime is asked about types that have none.

use super::Lowering;
use super::env::Region;
use crate::builtins::Builtin;
use crate::trap_code::trap_code;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{Block, InstBuilder, Value};
use dayfly_parser::{CompositeType, HeapType, Label, RefType, TypeIdx};
use dayfly_runtime::gc::{EncodedRefType, FIRST_MARK};
use dayfly_runtime::trap::Trap;
use dayfly_runtime::types::{DEPTHS, DISPLAYS, Display};
use dayfly_runtime::vm::{FuncRef, VmStore};
use std::mem::offset_of;

/// Nothing is known of an operand.
const ANYTHING: RefType = RefType { nullable: true, heap: HeapType::Any };

impl Lowering<'_, '_> {
    /// `ref.test`
    pub fn ref_test(&mut self, ty: RefType) {
        let reference = self.pop();
        let (yes, no, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let truth = self.b.append_block_param(done, I32);
        self.branch_on_type(reference, ANYTHING, ty, yes, no);
        for (block, value) in [(yes, 1), (no, 0)] {
            self.b.seal_block(block);
            self.b.switch_to_block(block);
            let value = self.b.ins().iconst(I32, value);
            self.b.ins().jump(done, &[value.into()]);
        }
        self.b.seal_block(done);
        self.b.switch_to_block(done);
        self.stack.push(truth);
    }

    /// `ref.cast`
    pub fn ref_cast(&mut self, ty: RefType) {
        let reference = *self.stack.last().expect("an operand");
        let (yes, no) = (self.b.create_block(), self.b.create_block());
        self.branch_on_type(reference, ANYTHING, ty, yes, no);
        self.b.seal_block(no);
        self.b.set_cold_block(no);
        self.b.switch_to_block(no);
        self.b.ins().trap(trap_code(Trap::CastFailure));
        self.b.seal_block(yes);
        self.b.switch_to_block(yes);
    }

    /// `br_on_cast`, or `br_on_cast_fail` if it branches when the types do not match.
    pub fn br_on_cast(&mut self, from: RefType, to: RefType, when: bool, label: Label) {
        let reference = *self.stack.last().expect("an operand");
        let (go, stay) = (self.b.create_block(), self.b.create_block());
        let (yes, no) = if when { (go, stay) } else { (stay, go) };
        self.branch_on_type(reference, from, to, yes, no);
        self.b.seal_block(go);
        self.b.switch_to_block(go);
        self.br(label);
        self.b.seal_block(stay);
        self.b.switch_to_block(stay);
    }

    /// Goes to `yes` if a reference that is known to be of one type is of another, else to `no`.
    fn branch_on_type(&mut self, reference: Value, from: RefType, to: RefType, yes: Block, no: Block) {
        let on_null = if to.nullable { yes } else { no };
        match to.heap {
            HeapType::Func | HeapType::Extern | HeapType::Any | HeapType::Exn | HeapType::Cont => {
                self.b.ins().brif(reference, yes, &[], on_null, &[]);
            }
            HeapType::None | HeapType::NoFunc | HeapType::NoExtern | HeapType::NoExn | HeapType::NoCont => {
                self.b.ins().brif(reference, no, &[], on_null, &[]);
            }
            HeapType::I31 => {
                let rest = self.b.create_block();
                self.branch_on_i31(reference, yes, rest);
                self.b.seal_block(rest);
                self.b.switch_to_block(rest);
                self.b.ins().brif(reference, no, &[], on_null, &[]);
            }
            HeapType::Eq | HeapType::Struct | HeapType::Array | HeapType::Concrete(_) => {
                if from.nullable {
                    let some = self.b.create_block();
                    self.b.ins().brif(reference, some, &[], on_null, &[]);
                    self.b.seal_block(some);
                    self.b.switch_to_block(some);
                }
                self.branch_on_object(reference, from, to, yes, no);
            }
        }
    }

    fn branch_on_i31(&mut self, reference: Value, yes: Block, no: Block) {
        let tag = self.b.ins().band_imm_u(reference, 1);
        self.b.ins().brif(tag, yes, &[], no, &[]);
    }

    /// As `branch_on_type`, of a reference that is not null.
    fn branch_on_object(&mut self, reference: Value, from: RefType, to: RefType, yes: Block, no: Block) {
        let concrete = match to.heap {
            HeapType::Concrete(ty) => Some((ty, &self.module.types()[ty.index()])),
            _ => None,
        };
        if let Some((ty, sub)) = concrete
            && let CompositeType::Func(_) = sub.composite
        {
            let flags = self.flags(Region::Func).with_readonly();
            let actual = self.b.ins().load(I32, flags, reference, offset_of!(FuncRef, type_id) as i32);
            self.branch_on_id(reference, actual, ty, to, yes, no);
            return;
        }
        if let Some((_, sub)) = concrete
            && let CompositeType::Cont(_) = sub.composite
        {
            self.b.ins().jump(yes, &[]);
            return;
        }
        if !matches!(from.heap, HeapType::Struct | HeapType::Array | HeapType::Concrete(_)) {
            let object = self.b.create_block();
            let on_i31 = if to.heap == HeapType::Eq { yes } else { no };
            self.branch_on_i31(reference, on_i31, object);
            self.b.seal_block(object);
            self.b.switch_to_block(object);
        }
        if let Some((ty, _)) = concrete {
            let actual = self.type_of(reference);
            self.branch_on_id(reference, actual, ty, to, yes, no);
        } else if to.heap == HeapType::Eq {
            let actual = self.type_of(reference);
            let plain = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, actual, i64::from(FIRST_MARK));
            self.b.ins().brif(plain, yes, &[], no, &[]);
        } else {
            self.ask(reference, to, yes, no);
        }
    }

    /// The type in the header of an object.
    fn type_of(&mut self, object: Value) -> Value {
        let address = self.object(object);
        let flags = self.flags(Region::Heap);
        self.b.ins().load(I32, flags, address, 0)
    }

    /// Goes to `yes` if a value of the type `actual` is one of another.
    fn branch_on_id(
        &mut self,
        reference: Value,
        actual: Value,
        ty: TypeIdx,
        to: RefType,
        yes: Block,
        no: Block,
    ) {
        let expected = self.type_id(ty);
        if self.module.types()[ty.index()].is_final {
            let equal = self.b.ins().icmp(IntCC::Equal, actual, expected);
            self.b.ins().brif(equal, yes, &[], no, &[]);
            return;
        }
        let ask = self.b.create_block();
        match self.supertype_at(actual, ty, ask) {
            Some(above) => {
                self.b.set_cold_block(ask);
                let matches = self.b.ins().icmp(IntCC::Equal, above, expected);
                self.b.ins().brif(matches, yes, &[], no, &[]);
            }
            None => {
                let equal = self.b.ins().icmp(IntCC::Equal, actual, expected);
                self.b.ins().brif(equal, yes, &[], ask, &[]);
            }
        }
        self.b.seal_block(ask);
        self.b.switch_to_block(ask);
        self.ask(reference, to, yes, no);
    }

    /// What stands in the display of the type `actual` where `ty` does in those of its subtypes. It goes to `ask` instead if
    /// there is no display. `None` if displays do not go as far.
    fn supertype_at(&mut self, actual: Value, ty: TypeIdx, ask: Block) -> Option<Value> {
        let depth = self.depth(ty);
        if depth >= DEPTHS {
            return None;
        }
        let shown = self.b.create_block();
        let is_shown = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, actual, i64::from(DISPLAYS));
        self.b.ins().brif(is_shown, shown, &[], ask, &[]);
        self.b.seal_block(shown);
        self.b.switch_to_block(shown);
        let (store, fixed) = (self.vm_store(), self.fixed());
        let displays = self.b.ins().load(I64, fixed, store, offset_of!(VmStore, displays) as i32);
        let id = self.b.ins().uextend(I64, actual);
        let offset = self.b.ins().ishl_imm_u(id, i64::from(size_of::<Display>().ilog2()));
        let display = self.b.ins().iadd(displays, offset);
        // It is read where it is known to be there, and not before.
        let flags = self.flags(Region::Fixed);
        Some(self.b.ins().load(I32, flags, display, (depth * size_of::<u32>()) as i32))
    }

    /// How many types are above a type.
    fn depth(&self, ty: TypeIdx) -> usize {
        std::iter::successors(self.module.types()[ty.index()].supertype, |ty| {
            self.module.types()[ty.index()].supertype
        })
        .count()
    }

    /// Asks the runtime.
    fn ask(&mut self, reference: Value, to: RefType, yes: Block, no: Block) {
        let encoded = match to.heap {
            HeapType::Concrete(ty) => {
                let blank = RefType { heap: HeapType::Concrete(TypeIdx(0)), ..to };
                let id = self.type_id(ty);
                let id = self.b.ins().uextend(I64, id);
                let upper = self.b.ins().ishl_imm_u(id, 32);
                self.b.ins().bor_imm_u(upper, EncodedRefType::new(blank).bits() as i64)
            }
            _ => self.b.ins().iconst(I64, EncodedRefType::new(to).bits() as i64),
        };
        let slots = self.runtime(Builtin::RefMatches, &[reference, encoded]);
        let truth = self.result(I32, slots);
        self.b.ins().brif(truth, yes, &[], no, &[]);
    }
}
