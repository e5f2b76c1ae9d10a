//! Operators with their immediates, for listings: as in the text format, with numbers for all indices and
//! for labels.

use crate::body::Cursor;
use crate::op::{BlockType, CatchKind, MemArg, Op};
use core::fmt::{self, Write};

impl Cursor<'_> {
    /// The operator that was delivered last as in the text format, with its immediates.
    pub fn text(&self, op: &Op) -> String {
        let mut text = String::from(op.name());
        // Writing to a string does not fail.
        let _ = self.immediates(&mut text, op);
        text
    }

    /// How many control frames are around the operator that was delivered last; what opens, parts or closes
    /// a frame stands outside of it.
    pub fn depth(&self, op: &Op) -> u32 {
        let inside = self.frame_count().saturating_sub(1);
        match op {
            Op::Block(_) | Op::Loop(_) | Op::If(_) | Op::Else { .. } | Op::End { .. } => {
                inside.saturating_sub(1)
            }
            Op::TryTable(_) | Op::Try(_) | Op::Catch { .. } | Op::Delegate { .. } => inside.saturating_sub(1),
            _ => inside,
        }
    }

    fn immediates(&self, w: &mut String, op: &Op) -> fmt::Result {
        let frames = self.frame_count();
        match *op {
            Op::Block(ty) | Op::Loop(ty) | Op::If(ty) | Op::Try(ty) => block_type(w, ty),
            Op::TryTable(ty) => {
                block_type(w, ty)?;
                for catch in self.catches() {
                    let label = relative(frames - 1, catch.label.frame);
                    match catch.kind {
                        CatchKind::Tag(tag) => write!(w, " (catch {tag} {label})"),
                        CatchKind::TagRef(tag) => write!(w, " (catch_ref {tag} {label})"),
                        CatchKind::All => write!(w, " (catch_all {label})"),
                        CatchKind::AllRef => write!(w, " (catch_all_ref {label})"),
                    }?;
                }
                Ok(())
            }
            Op::Br(label) | Op::BrIf(label) | Op::BrOnNull(label) | Op::BrOnNonNull(label) => {
                write!(w, " {}", relative(frames, label.frame))
            }
            Op::BrTable => {
                self.br_targets().iter().try_for_each(|to| write!(w, " {}", relative(frames, to.frame)))
            }
            Op::BrOnCast { label, from, to } | Op::BrOnCastFail { label, from, to } => {
                write!(w, " {} {from} {to}", relative(frames, label.frame))
            }
            Op::Delegate { frame, .. } => write!(w, " {}", relative(frames - 1, frame)),
            Op::Rethrow { frame } => write!(w, " {}", relative(frames, frame)),
            Op::Catch { tag: Some(tag), .. } | Op::Throw(tag) => write!(w, " {tag}"),
            Op::Call(func) | Op::ReturnCall(func) | Op::RefFunc(func) => write!(w, " {func}"),
            Op::CallIndirect { ty, table } | Op::ReturnCallIndirect { ty, table } => {
                nonzero(w, table.0)?;
                write!(w, " (type {ty})")
            }
            Op::CallRef(ty) | Op::ReturnCallRef(ty) => write!(w, " {ty}"),
            Op::LocalGet(local) | Op::LocalSet(local) | Op::LocalTee(local) => write!(w, " {local}"),
            Op::GlobalGet(global) | Op::GlobalSet(global) => write!(w, " {global}"),
            Op::I32Const(value) => write!(w, " {value}"),
            Op::I64Const(value) => write!(w, " {value}"),
            Op::F32Const(bits) => float(w, f32::from_bits(bits), f32::from_bits(bits).is_nan(), bits.into()),
            Op::F64Const(bits) => float(w, f64::from_bits(bits), f64::from_bits(bits).is_nan(), bits),
            Op::V128Const(bytes) => {
                w.write_str(" i8x16")?;
                bytes.iter().try_for_each(|byte| write!(w, " {byte:#x}"))
            }
            Op::I8x16Shuffle(lanes) => lanes.iter().try_for_each(|lane| write!(w, " {lane}")),
            Op::ExtractLane(_, lane) | Op::ReplaceLane(_, lane) => write!(w, " {lane}"),
            _ => self.immediates_of_state(w, op),
        }
    }

    /// Of operators on memories, tables, references and objects.
    fn immediates_of_state(&self, w: &mut String, op: &Op) -> fmt::Result {
        match *op {
            Op::Load(_, memarg) | Op::Store(_, memarg) => memory_argument(w, memarg),
            Op::LoadLane(_, memarg, lane) | Op::StoreLane(_, memarg, lane) => {
                memory_argument(w, memarg)?;
                write!(w, " {lane}")
            }
            Op::AtomicLoad(_, memarg) | Op::AtomicStore(_, memarg) => memory_argument(w, memarg),
            Op::AtomicRmw(_, memarg) | Op::AtomicCmpxchg(_, memarg) => memory_argument(w, memarg),
            Op::AtomicNotify(memarg) | Op::AtomicWait32(memarg) | Op::AtomicWait64(memarg) => {
                memory_argument(w, memarg)
            }
            Op::MemorySize(memory) | Op::MemoryGrow(memory) | Op::MemoryFill(memory) => nonzero(w, memory.0),
            Op::MemoryCopy { dst, src } => both_unless_zero(w, dst.0, src.0),
            Op::MemoryInit { memory, data } => {
                nonzero(w, memory.0)?;
                write!(w, " {data}")
            }
            Op::DataDrop(data) => write!(w, " {data}"),
            Op::TableGet(table) | Op::TableSet(table) => nonzero(w, table.0),
            Op::TableSize(table) | Op::TableGrow(table) | Op::TableFill(table) => nonzero(w, table.0),
            Op::TableCopy { dst, src } => both_unless_zero(w, dst.0, src.0),
            Op::TableInit { table, elem } => {
                nonzero(w, table.0)?;
                write!(w, " {elem}")
            }
            Op::ElemDrop(elem) => write!(w, " {elem}"),
            Op::RefNull(heap) => write!(w, " {heap}"),
            Op::RefTest(ty) | Op::RefCast(ty) => write!(w, " {ty}"),
            Op::StructGet(ty, field, _) | Op::StructSet(ty, field) => write!(w, " {ty} {field}"),
            Op::StructNew(ty) | Op::StructNewDefault(ty) | Op::ArrayNew(ty) | Op::ArrayNewDefault(ty) => {
                write!(w, " {ty}")
            }
            Op::ArrayGet(ty, _) | Op::ArraySet(ty) | Op::ArrayFill(ty) => write!(w, " {ty}"),
            Op::ArrayNewFixed(ty, count) => write!(w, " {ty} {count}"),
            Op::ArrayNewData(ty, data) | Op::ArrayInitData(ty, data) => write!(w, " {ty} {data}"),
            Op::ArrayNewElem(ty, elem) | Op::ArrayInitElem(ty, elem) => write!(w, " {ty} {elem}"),
            Op::ArrayCopy { dst, src } => write!(w, " {dst} {src}"),
            _ => Ok(()),
        }
    }
}

/// A label as the text format counts it, for an operator inside of so many frames.
fn relative(frames: u32, frame: u32) -> u32 {
    frames.saturating_sub(1).saturating_sub(frame)
}

fn block_type(w: &mut String, ty: BlockType) -> fmt::Result {
    match ty {
        BlockType::Empty => Ok(()),
        BlockType::Result(ty) => write!(w, " (result {ty})"),
        BlockType::Func(ty) => write!(w, " (type {ty})"),
    }
}

fn memory_argument(w: &mut String, memarg: MemArg) -> fmt::Result {
    nonzero(w, memarg.memory.0)?;
    if memarg.offset != 0 {
        write!(w, " offset={}", memarg.offset)?;
    }
    Ok(())
}

/// The first memory or table goes without saying.
fn nonzero(w: &mut String, index: u32) -> fmt::Result {
    if index == 0 { Ok(()) } else { write!(w, " {index}") }
}

fn both_unless_zero(w: &mut String, dst: u32, src: u32) -> fmt::Result {
    if (dst, src) == (0, 0) { Ok(()) } else { write!(w, " {dst} {src}") }
}

fn float(w: &mut String, value: impl fmt::Debug, is_nan: bool, bits: u64) -> fmt::Result {
    if is_nan { write!(w, " nan:{bits:#x}") } else { write!(w, " {value:?}") }
}

#[cfg(test)]
mod tests {
    use crate::{Config, Cursor, DefinedFuncIdx, Module};

    #[test]
    fn immediates_are_those_of_the_text_format() {
        let text = r#"(module
            (memory 1) (memory 1) (table 1 funcref)
            (tag (param i32))
            (type $s (struct (field i32) (field i64)))
            (func (param i32) (result i32)
                block
                    block (result i32)
                        try_table (catch 0 0) (catch_all 1)
                            i32.const -7
                            i32.load8_u 1 offset=5
                            drop
                        end
                        local.get 0
                        local.get 0
                        br_table 0 0 2
                    end
                    br_if 0
                end
                f64.const -0.5
                drop
                f32.const nan:0x200000
                drop
                ref.null 0
                struct.get 0 1
                drop
                i32.const 0
                i32.const 0
                i32.const 0
                memory.copy 1 0
                i32.const 1
                i32.const 3
                call_indirect (type 1)
                i32.const 1
                return_call 0)
            (func))"#;
        let bytes = wat::parse_str(text).unwrap();
        let module = Module::new(bytes, &Config::default()).unwrap();
        let mut cursor = Cursor::new(&module, DefinedFuncIdx(0)).unwrap();
        let mut lines = Vec::new();
        while let Some(op) = cursor.next().unwrap() {
            lines.push(format!("{:1$}{2}", "", cursor.depth(&op) as usize, cursor.text(&op)));
        }
        let expected = [
            "block",
            " block (result i32)",
            "  try_table (catch 0 0) (catch_all 1)",
            "   i32.const -7",
            "   i32.load8_u 1 offset=5",
            "   drop",
            "  end",
            "  local.get 0",
            "  local.get 0",
            "  br_table 0 0 2",
            " end",
            " br_if 0",
            "end",
            "f64.const -0.5",
            "drop",
            "f32.const nan:0x7fa00000",
            "drop",
            "ref.null 0",
            "struct.get 0 1",
            "drop",
            "i32.const 0",
            "i32.const 0",
            "i32.const 0",
            "memory.copy 1 0",
            "i32.const 1",
            "i32.const 3",
            "call_indirect (type 1)",
            "i32.const 1",
            "return_call 0",
            "end",
        ];
        assert_eq!(lines, expected);
    }
}
