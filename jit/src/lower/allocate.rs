//! New objects. Where the heap has room they are made in line: a comparison, an
//! addition, the header. Otherwise, and always while the collector is tortured, the
//! runtime makes them, empty, and may collect first. Nothing here calls between the
//! making of an object and the writing of its fields.

use super::Lowering;
use super::env::Region;
use crate::builtins::Builtin;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F32, F64, I32, I64};
use cranelift_codegen::ir::{Block, InstBuilder, MemFlagsData, Value};
use dayfly_parser::{HeapType, RefType, TypeIdx, ValType};
use dayfly_runtime::builtins::FREE_BYTES;
use dayfly_runtime::gc::{ELEMENTS_OFFSET, HEADER_SIZE, Storage, array_size};
use dayfly_runtime::vm::VmStore;
use std::mem::offset_of;

/// Bytes of a structure up to which it is zeroed in line.
const MAX_ZEROED: u64 = 128;

/// Bytes of an array's elements up to which they are filled in line, a word at a time;
/// what the runtime does is faster for more.
const MAX_FILLED: u32 = 512;
const _: () = assert!(MAX_FILLED as u64 + 16 <= FREE_BYTES);

/// A new object.
struct New {
    reference: Value,
    address: Value,
}

impl Lowering<'_, '_> {
    /// `struct.new`, or `struct.new_default` if no fields are given.
    pub fn struct_new(&mut self, ty: TypeIdx, given: bool) {
        let layout = self.env.shape.types().gc_type(self.env.shape.type_id(ty));
        let values = if given { self.pop_many(layout.fields().len()) } else { Vec::new() };
        let size = layout.object_size(0);
        let id = self.type_id(ty);
        let (slow, done) = self.ways();
        if given || size <= MAX_ZEROED {
            let bytes = self.b.ins().iconst(I64, size as i64);
            let new = self.bump(bytes, slow);
            let flags = self.flags(Region::Heap);
            let header = self.b.ins().uextend(I64, id);
            self.b.ins().store(flags, header, new.address, 0);
            if !given {
                let zero = self.b.ins().iconst(I64, 0);
                for at in (u64::from(HEADER_SIZE)..size).step_by(8) {
                    self.b.ins().store(flags, zero, new.address, at as i32);
                }
            }
            self.b.ins().jump(done, &[new.reference.into(), new.address.into()]);
        } else {
            self.b.ins().jump(slow, &[]);
        }
        self.enter_slow(slow);
        let slots = self.runtime(Builtin::StructNew, &[id]);
        let reference = self.result(I64, slots);
        let new = self.meet(reference, done);
        for (value, field) in values.into_iter().zip(layout.fields()) {
            self.store_storage(field.storage, value, new.address, field.offset as i32);
        }
        self.push_object(ty, new.reference);
    }

    /// `array.new`, or `array.new_default` if no value is given.
    pub fn array_new(&mut self, ty: TypeIdx, init: Option<Value>, len: Value) {
        let storage = self.element(ty);
        let id = self.type_id(ty);
        let (slow, done) = self.ways();
        let long =
            self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThan, len, i64::from(MAX_FILLED / storage.size()));
        let short = self.b.create_block();
        self.b.ins().brif(long, slow, &[], short, &[]);
        self.b.seal_block(short);
        self.b.switch_to_block(short);
        let count = self.b.ins().uextend(I64, len);
        let bytes = self.b.ins().ishl_imm_u(count, i64::from(storage.size_log2()));
        let size = self.b.ins().iadd_imm_u(bytes, i64::from(ELEMENTS_OFFSET + 7));
        let size = self.b.ins().band_imm_s(size, -8);
        let new = self.bump(size, slow);
        self.array_header(id, len, &new);
        let word = self.repeated(storage, init);
        let end = self.b.ins().iadd(new.address, size);
        self.fill_words(&new, end, word);
        self.b.ins().jump(done, &[new.reference.into(), new.address.into()]);
        self.enter_slow(slow);
        let array = self.array_by_runtime(id, len);
        if let Some(init) = init {
            self.array_fill(ty, array, None, init, len);
        }
        let new = self.meet(array, done);
        self.push_object(ty, new.reference);
    }

    /// `array.new_fixed`
    pub fn array_new_fixed(&mut self, ty: TypeIdx, count: u32) {
        let values = self.pop_many(count as usize);
        let storage = self.element(ty);
        let id = self.type_id(ty);
        let len = self.b.ins().iconst(I32, i64::from(count));
        let size = array_size(storage, count);
        let (slow, done) = self.ways();
        if size <= FREE_BYTES {
            let bytes = self.b.ins().iconst(I64, size as i64);
            let new = self.bump(bytes, slow);
            self.array_header(id, len, &new);
            self.b.ins().jump(done, &[new.reference.into(), new.address.into()]);
        } else {
            // The runtime counts what it costs.
            self.b.ins().jump(slow, &[]);
        }
        self.enter_slow(slow);
        let array = self.array_by_runtime(id, len);
        let new = self.meet(array, done);
        for (n, value) in values.into_iter().enumerate() {
            let offset = ELEMENTS_OFFSET + n as u32 * storage.size();
            self.store_storage(storage, value, new.address, offset as i32);
        }
        self.push_object(ty, new.reference);
    }

    /// Pushes a new object of a type.
    pub fn push_object(&mut self, ty: TypeIdx, object: Value) {
        self.push(ValType::Ref(RefType { nullable: false, heap: HeapType::Concrete(ty) }), object);
    }

    fn array_by_runtime(&mut self, id: Value, len: Value) -> Value {
        let slots = self.runtime(Builtin::ArrayNew, &[len, id]);
        self.result(I64, slots)
    }

    /// The block in which the runtime makes an object, and the one where it exists.
    fn ways(&mut self) -> (Block, Block) {
        let (slow, done) = (self.b.create_block(), self.b.create_block());
        self.b.append_block_param(done, I64);
        self.b.append_block_param(done, I64);
        self.b.set_cold_block(slow);
        (slow, done)
    }

    fn enter_slow(&mut self, slow: Block) {
        self.b.seal_block(slow);
        self.b.switch_to_block(slow);
    }

    /// Both ways come together.
    fn meet(&mut self, by_runtime: Value, done: Block) -> New {
        let address = self.object(by_runtime);
        self.b.ins().jump(done, &[by_runtime.into(), address.into()]);
        self.b.seal_block(done);
        self.b.switch_to_block(done);
        let params = self.b.block_params(done);
        New { reference: params[0], address: params[1] }
    }

    /// Takes so many bytes, a multiple of 8, off the free part of the heap; goes to `slow` if there are fewer.
    fn bump(&mut self, size: Value, slow: Block) -> New {
        let store = self.vm_store();
        let flags = self.flags(Region::Store);
        let reference = self.b.ins().uload32(flags, store, offset_of!(VmStore, gc_next) as i32);
        let limit = self.b.ins().uload32(flags, store, offset_of!(VmStore, gc_limit) as i32);
        let end = self.b.ins().iadd(reference, size);
        let full = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        let room = self.b.create_block();
        self.b.ins().brif(full, slow, &[], room, &[]);
        self.b.seal_block(room);
        self.b.switch_to_block(room);
        self.b.ins().istore32(flags, end, store, offset_of!(VmStore, gc_next) as i32);
        let address = self.object(reference);
        New { reference, address }
    }

    fn array_header(&mut self, id: Value, len: Value, new: &New) {
        let flags = self.flags(Region::Heap);
        self.b.ins().store(flags, id, new.address, 0);
        self.b.ins().store(flags, len, new.address, super::gc::ARRAY_LENGTH);
    }

    /// An element as often as it fits in 8 bytes, or once.
    fn repeated(&mut self, storage: Storage, init: Option<Value>) -> Value {
        let Some(value) = init else { return self.b.ins().iconst(I64, 0) };
        let bits = match self.b.func.dfg.value_type(value) {
            F32 => self.b.ins().bitcast(I32, MemFlagsData::new(), value),
            F64 => self.b.ins().bitcast(I64, MemFlagsData::new(), value),
            _ => value,
        };
        let (mask, factor) = match storage {
            Storage::I8 => (0xff, 0x0101_0101_0101_0101),
            Storage::I16 => (0xffff, 0x0001_0001_0001_0001),
            Storage::I32 | Storage::F32 | Storage::Ref => (0xffff_ffff, 0x0000_0001_0000_0001),
            Storage::I64 | Storage::F64 | Storage::Func | Storage::V128 => return bits,
        };
        let wide = self.wide(bits);
        let one = self.b.ins().band_imm_u(wide, mask);
        self.b.ins().imul_imm_u(one, factor)
    }

    /// Writes a word from the first element to `end`.
    fn fill_words(&mut self, new: &New, end: Value, word: Value) {
        let step = self.b.func.dfg.value_type(word).bytes();
        let first = self.b.ins().iadd_imm_u(new.address, i64::from(ELEMENTS_OFFSET));
        let (head, body, filled) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let at = self.b.append_block_param(head, I64);
        self.b.ins().jump(head, &[first.into()]);
        self.b.switch_to_block(head);
        let more = self.b.ins().icmp(IntCC::UnsignedLessThan, at, end);
        self.b.ins().brif(more, body, &[], filled, &[]);
        self.b.seal_block(body);
        self.b.switch_to_block(body);
        let flags = self.flags(Region::Heap);
        self.b.ins().store(flags, word, at, 0);
        let next = self.b.ins().iadd_imm_u(at, i64::from(step));
        self.b.ins().jump(head, &[next.into()]);
        self.b.seal_block(head);
        self.b.seal_block(filled);
        self.b.switch_to_block(filled);
    }
}
