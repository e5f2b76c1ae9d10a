//! Copying and filling linear memory. A few bytes, as many as is known here, are loaded
//! and stored in line; more by a call that needs no way back into the runtime, once the
//! bounds are checked. What is out of bounds is left to the runtime.

use super::Lowering;
use super::memory::Address;
use crate::builtins::{Builtin, BuiltinTable};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I8X16, I16, I32, I64};
use cranelift_codegen::ir::{InstBuilder, Opcode, Type, Value};
use dayfly_parser::{MemArg, MemoryIdx};

/// Bytes that are moved in line at most: eight registers hold them between loads and stores.
const MAX_INLINE: u64 = 128;

/// Loads or stores that cover `len` bytes, from the last to the first; some may overlap.
fn parts(len: u64) -> Vec<(Type, i32)> {
    let mut parts = Vec::new();
    let (mut at, mut left) = (0, len);
    for ty in [I8X16, I64, I32, I16, I8] {
        let bytes = u64::from(ty.bytes());
        while left >= bytes {
            parts.push((ty, at as i32));
            (at, left) = (at + bytes, left - bytes);
        }
        // What remains is less than this, but the whole is not: once more, over the end.
        if left > 0 && len >= bytes {
            parts.push((ty, (len - bytes) as i32));
            break;
        }
    }
    parts.reverse();
    parts
}

impl Lowering<'_, '_> {
    /// `memory.copy`
    pub fn memory_copy(&mut self, to: MemoryIdx, from: MemoryIdx) {
        let (len, src, dst) = (self.pop(), self.pop(), self.pop());
        if let Some(bytes) = self.few(len) {
            let src = self.whole(src, from, bytes);
            let dst = self.whole(dst, to, bytes);
            let loaded: Vec<(Value, i32)> = parts(bytes)
                .into_iter()
                .map(|(ty, at)| (self.b.ins().load(ty, src.flags, src.base, at), at))
                .collect();
            // The last byte first: if that can be written, so can all.
            for (value, at) in loaded {
                self.b.ins().store(dst.flags, value, dst.base, at);
            }
            return;
        }
        let (dst, src, len) = (self.wide(dst), self.wide(src), self.wide(len));
        let (which_to, which_from) = (self.index(to.0), self.index(from.0));
        let outside = [self.outside(to, dst, len), self.outside(from, src, len)];
        let outside = self.b.ins().bor(outside[0], outside[1]);
        let runtime = [dst, src, len, which_to, which_from];
        let len = self.hardened(outside, len);
        self.leaf_or_runtime(outside, Builtin::MemoryCopy, &runtime, |this| {
            let to = this.memory_base(to);
            let from = this.memory_base(from);
            let args = [this.b.ins().iadd(to, dst), this.b.ins().iadd(from, src), len];
            this.leaf(BuiltinTable::COPY_OFFSET, &args);
        });
    }

    /// `memory.fill`
    pub fn memory_fill(&mut self, memory: MemoryIdx) {
        let (len, value, dst) = (self.pop(), self.pop(), self.pop());
        if let Some(bytes) = self.few(len) {
            let dst = self.whole(dst, memory, bytes);
            let byte = self.b.ins().ireduce(I8, value);
            let wide = self.b.ins().uextend(I64, byte);
            let word = self.b.ins().imul_imm_u(wide, 0x0101_0101_0101_0101);
            for (ty, at) in parts(bytes) {
                let value = match ty {
                    I8X16 => self.b.ins().splat(I8X16, byte),
                    I64 => word,
                    _ => self.b.ins().ireduce(ty, word),
                };
                self.b.ins().store(dst.flags, value, dst.base, at);
            }
            return;
        }
        let (dst, len, value) = (self.wide(dst), self.wide(len), self.wide(value));
        let which = self.index(memory.0);
        let outside = self.outside(memory, dst, len);
        let runtime = [dst, value, len, which];
        let len = self.hardened(outside, len);
        self.leaf_or_runtime(outside, Builtin::MemoryFill, &runtime, |this| {
            let base = this.memory_base(memory);
            let args = [this.b.ins().iadd(base, dst), value, len];
            this.leaf(BuiltinTable::FILL_OFFSET, &args);
        });
    }

    /// A length that is known here, not zero and small.
    fn few(&self, len: Value) -> Option<u64> {
        let inst = self.b.func.dfg.value_def(len).inst()?;
        let data = &self.b.func.dfg.insts[inst];
        let cranelift_codegen::ir::InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } = data else {
            return None;
        };
        let bytes = imm.bits() as u64;
        (1..=MAX_INLINE).contains(&bytes).then_some(bytes)
    }

    /// The address of so many bytes, which may be accessed or trap.
    fn whole(&mut self, index: Value, memory: MemoryIdx, bytes: u64) -> Address {
        self.address(index, MemArg { memory, offset: 0, align_log2: 0 }, bytes as u32)
    }

    /// Whether a range goes beyond the end of a memory, as far as this instance knows it.
    fn outside(&mut self, memory: MemoryIdx, start: Value, len: Value) -> Value {
        let all = self.memory_len(memory);
        let long = self.b.ins().icmp(IntCC::UnsignedGreaterThan, len, all);
        let last = self.b.ins().isub(all, len);
        let late = self.b.ins().icmp(IntCC::UnsignedGreaterThan, start, last);
        self.b.ins().bor(long, late)
    }

    /// What `inside` emits, or the builtin where something is outside.
    fn leaf_or_runtime(
        &mut self,
        outside: Value,
        builtin: Builtin,
        args: &[Value],
        inside: impl FnOnce(&mut Self),
    ) {
        if self.env.shape.config().fuel {
            // The runtime counts what it does.
            self.runtime(builtin, args);
            return;
        }
        let (ask, go, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(ask);
        self.b.ins().brif(outside, ask, &[], go, &[]);
        self.b.seal_block(ask);
        self.b.seal_block(go);
        self.b.switch_to_block(ask);
        self.runtime(builtin, args);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(go);
        inside(self);
        self.b.ins().jump(done, &[]);
        self.b.seal_block(done);
        self.b.switch_to_block(done);
    }
}
