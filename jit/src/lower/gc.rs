//! References, structures and arrays. A reference is its 32 bits zero-extended, so that
//! an object is one addition away. Whatever may collect is a call, around which Cranelift
//! keeps references where the collector finds and changes them.

use super::Lowering;
use super::env::Region;
use crate::builtins::Builtin;
use crate::trap_code::trap_code;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F32, F64, I8X16, I32, I64};
use cranelift_codegen::ir::{InstBuilder, Value};
use cranelift_frontend::FunctionBuilder;
use dayfly_parser::{CompositeType, Extend, FieldIdx, Op, TypeIdx};
use dayfly_runtime::gc::{ELEMENTS_OFFSET, Storage};
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::VmStore;
use std::mem::offset_of;

/// Where the length of an array stands.
pub const ARRAY_LENGTH: i32 = 4;

/// Traps if a reference is null.
pub fn null_check(b: &mut FunctionBuilder<'_>, reference: Value, trap: Trap) {
    b.ins().trapz(reference, trap_code(trap));
}

impl Lowering<'_, '_> {
    /// An operator on references or objects.
    pub fn reference(&mut self, op: Op) {
        match op {
            Op::RefNull(_) => {
                let null = self.b.ins().iconst(I64, 0);
                self.stack.push(null);
            }
            Op::RefIsNull(_) => {
                let reference = self.pop();
                let truth = self.b.ins().icmp_imm_u(IntCC::Equal, reference, 0);
                self.push_truth(truth);
            }
            Op::RefFunc(func) => self.ref_func(func),
            Op::RefEq => {
                let (y, x) = (self.pop(), self.pop());
                let truth = self.b.ins().icmp(IntCC::Equal, x, y);
                self.push_truth(truth);
            }
            Op::RefAsNonNull => {
                let reference = *self.stack.last().expect("an operand");
                null_check(&mut self.b, reference, Trap::NullReference);
            }
            Op::RefTest(ty) => self.ref_test(ty),
            Op::RefCast(ty) => self.ref_cast(ty),
            Op::BrOnCast { label, from, to } => self.br_on_cast(from, to, true, label),
            Op::BrOnCastFail { label, from, to } => self.br_on_cast(from, to, false, label),
            Op::RefI31 => {
                let value = self.pop();
                let shifted = self.b.ins().ishl_imm_u(value, 1);
                let tagged = self.b.ins().bor_imm_u(shifted, 1);
                let reference = self.b.ins().uextend(I64, tagged);
                self.stack.push(reference);
            }
            Op::I31GetS | Op::I31GetU => {
                let reference = self.pop();
                null_check(&mut self.b, reference, Trap::NullI31Reference);
                let bits = self.b.ins().ireduce(I32, reference);
                let signed = op == Op::I31GetS;
                let value =
                    if signed { self.b.ins().sshr_imm_u(bits, 1) } else { self.b.ins().ushr_imm_u(bits, 1) };
                self.stack.push(value);
            }
            Op::AnyConvertExtern | Op::ExternConvertAny => {}
            op => self.aggregate(op),
        }
    }

    fn aggregate(&mut self, op: Op) {
        match op {
            Op::StructNew(ty) => self.struct_new(ty, true),
            Op::StructNewDefault(ty) => self.struct_new(ty, false),
            Op::StructGet(ty, field, extend) => self.struct_get(ty, field, extend),
            Op::StructSet(ty, field) => self.struct_set(ty, field),
            Op::ArrayNew(ty) => {
                let (len, init) = (self.pop(), self.pop());
                self.array_new(ty, Some(init), len);
            }
            Op::ArrayNewDefault(ty) => {
                let len = self.pop();
                self.array_new(ty, None, len);
            }
            Op::ArrayNewFixed(ty, count) => self.array_new_fixed(ty, count),
            Op::ArrayNewData(ty, data) => self.array_new_of(Builtin::ArrayNewData, ty, data.0),
            Op::ArrayNewElem(ty, elem) => self.array_new_of(Builtin::ArrayNewElem, ty, elem.0),
            Op::ArrayGet(ty, extend) => self.array_get(ty, extend),
            Op::ArraySet(ty) => self.array_set(ty),
            Op::ArrayLen => {
                let array = self.pop();
                null_check(&mut self.b, array, Trap::NullArrayReference);
                let len = self.array_len(array);
                self.stack.push(len);
            }
            Op::ArrayFill(ty) => {
                let operands = self.pop_many(4);
                let [array, index, value, len] = operands[..] else { return };
                self.array_fill(ty, array, Some(index), value, len);
            }
            Op::ArrayCopy { dst, src } => {
                let mut args = self.pop_many(5);
                let (dst, src) = (self.type_id(dst), self.type_id(src));
                args.extend([dst, src]);
                self.runtime(Builtin::ArrayCopy, &args);
            }
            Op::ArrayInitData(ty, data) => self.array_init(Builtin::ArrayInitData, ty, data.0),
            Op::ArrayInitElem(ty, elem) => self.array_init(Builtin::ArrayInitElem, ty, elem.0),
            _ => unreachable!("every other operator is lowered elsewhere"),
        }
    }

    /// `ref.func`
    fn ref_func(&mut self, func: dayfly_parser::FuncIdx) {
        let layout = self.env.shape.layout();
        let reference = match self.module.defined(func) {
            None => self.vm_fixed(I64, layout.imported_func(func)),
            Some(defined) => {
                let offset =
                    layout.func_ref(defined).expect("a function that is referred to has a reference");
                self.b.ins().iadd_imm_u(self.vm, i64::from(offset))
            }
        };
        self.stack.push(reference);
    }

    /// The address of an object that is not null.
    pub fn object(&mut self, reference: Value) -> Value {
        let store = self.vm_store();
        let flags = self.flags(Region::Store);
        let base = self.b.ins().load(I64, flags, store, offset_of!(VmStore, gc_base) as i32);
        self.b.ins().iadd(base, reference)
    }

    /// Reads a field or element.
    pub fn load_storage(&mut self, storage: Storage, signed: bool, address: Value, offset: i32) -> Value {
        let flags = self.flags(Region::Heap);
        let ins = self.b.ins();
        match storage {
            Storage::I8 if signed => ins.sload8(I32, flags, address, offset),
            Storage::I8 => ins.uload8(I32, flags, address, offset),
            Storage::I16 if signed => ins.sload16(I32, flags, address, offset),
            Storage::I16 => ins.uload16(I32, flags, address, offset),
            Storage::I32 => ins.load(I32, flags, address, offset),
            Storage::I64 | Storage::Func => ins.load(I64, flags, address, offset),
            Storage::F32 => ins.load(F32, flags, address, offset),
            Storage::F64 => ins.load(F64, flags, address, offset),
            Storage::V128 => ins.load(I8X16, flags, address, offset),
            Storage::Ref => ins.uload32(flags, address, offset),
        }
    }

    /// Writes a field or element.
    pub fn store_storage(&mut self, storage: Storage, value: Value, address: Value, offset: i32) {
        let flags = self.flags(Region::Heap);
        let ins = self.b.ins();
        match storage {
            Storage::I8 => ins.istore8(flags, value, address, offset),
            Storage::I16 => ins.istore16(flags, value, address, offset),
            Storage::Ref => ins.istore32(flags, value, address, offset),
            _ => ins.store(flags, value, address, offset),
        };
    }

    fn struct_get(&mut self, ty: TypeIdx, field: FieldIdx, extend: Extend) {
        let reference = self.pop();
        null_check(&mut self.b, reference, Trap::NullStructReference);
        let layout = self.env.shape.types().gc_type(self.env.shape.type_id(ty)).fields()[field.index()];
        let address = self.object(reference);
        let value =
            self.load_storage(layout.storage, extend == Extend::Signed, address, layout.offset as i32);
        let CompositeType::Struct(fields) = &self.module.types()[ty.index()].composite else { return };
        self.push(fields[field.index()].storage.unpacked(), value);
    }

    fn struct_set(&mut self, ty: TypeIdx, field: FieldIdx) {
        let (value, reference) = (self.pop(), self.pop());
        null_check(&mut self.b, reference, Trap::NullStructReference);
        let layout = self.env.shape.types().gc_type(self.env.shape.type_id(ty)).fields()[field.index()];
        let address = self.object(reference);
        self.store_storage(layout.storage, value, address, layout.offset as i32);
    }

    fn array_new_of(&mut self, builtin: Builtin, ty: TypeIdx, segment: u32) {
        let (len, offset) = (self.pop(), self.pop());
        let (id, segment) = (self.type_id(ty), self.index(segment));
        let slots = self.runtime(builtin, &[offset, len, id, segment]);
        let array = self.result(I64, slots);
        self.push_object(ty, array);
    }

    fn array_init(&mut self, builtin: Builtin, ty: TypeIdx, segment: u32) {
        let mut args = self.pop_many(4);
        let (id, segment) = (self.type_id(ty), self.index(segment));
        args.extend([id, segment]);
        self.runtime(builtin, &args);
    }

    /// Fills elements; from the start of a new array if no index is given.
    pub fn array_fill(&mut self, ty: TypeIdx, array: Value, index: Option<Value>, value: Value, len: Value) {
        let index = index.unwrap_or_else(|| self.b.ins().iconst(I32, 0));
        let id = self.type_id(ty);
        let builtin = match self.element(ty) {
            Storage::V128 => Builtin::ArrayFillWide,
            _ => Builtin::ArrayFill,
        };
        self.runtime(builtin, &[array, index, value, len, id]);
    }

    fn array_len(&mut self, array: Value) -> Value {
        let address = self.object(array);
        let flags = self.flags(Region::Heap);
        self.b.ins().load(I32, flags, address, ARRAY_LENGTH)
    }

    /// The address of an element, without the offset at which elements begin.
    fn element_address(&mut self, ty: TypeIdx, array: Value, index: Value) -> (Value, Storage) {
        null_check(&mut self.b, array, Trap::NullArrayReference);
        let len = self.array_len(array);
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, len);
        self.b.ins().trapnz(outside, trap_code(Trap::ArrayOutOfBounds));
        let index = self.hardened(outside, index);
        let storage = self.element(ty);
        let address = self.object(array);
        let index = self.b.ins().uextend(I64, index);
        let scaled = self.b.ins().ishl_imm_u(index, i64::from(storage.size_log2()));
        (self.b.ins().iadd(address, scaled), storage)
    }

    fn array_get(&mut self, ty: TypeIdx, extend: Extend) {
        let (index, array) = (self.pop(), self.pop());
        let (address, storage) = self.element_address(ty, array, index);
        let value = self.load_storage(storage, extend == Extend::Signed, address, ELEMENTS_OFFSET as i32);
        let CompositeType::Array(field) = &self.module.types()[ty.index()].composite else { return };
        self.push(field.storage.unpacked(), value);
    }

    fn array_set(&mut self, ty: TypeIdx) {
        let (value, index, array) = (self.pop(), self.pop(), self.pop());
        let (address, storage) = self.element_address(ty, array, index);
        self.store_storage(storage, value, address, ELEMENTS_OFFSET as i32);
    }

    /// What the elements of an array type hold.
    pub fn element(&self, ty: TypeIdx) -> Storage {
        let layout = self.env.shape.types().gc_type(self.env.shape.type_id(ty));
        layout.element().expect("validation has made sure that it is an array")
    }
}
