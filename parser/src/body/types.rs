//! Types and address immediates as operators write them. Spec: binary/types.

use super::reader::Reader;
use crate::error::Error;
use crate::index::{MemoryIdx, TypeIdx};
use crate::op::{BlockType, MemArg};
use crate::types::{HeapType, RefType, ValType};

/// A value type.
pub(super) fn val_type(reader: &mut Reader<'_>) -> Result<ValType, Error> {
    let at = reader.position();
    let nullable = match reader.u8()? {
        0x7f => return Ok(ValType::I32),
        0x7e => return Ok(ValType::I64),
        0x7d => return Ok(ValType::F32),
        0x7c => return Ok(ValType::F64),
        0x7b => return Ok(ValType::V128),
        0x63 => true,
        0x64 => false,
        byte => {
            let heap = abstract_heap_type(byte, at)?;
            return Ok(ValType::Ref(RefType { nullable: true, heap }));
        }
    };
    Ok(ValType::Ref(RefType { nullable, heap: heap_type(reader)? }))
}

/// A heap type.
pub(super) fn heap_type(reader: &mut Reader<'_>) -> Result<HeapType, Error> {
    let at = reader.position();
    let byte = reader.peek()?;
    // One byte with the sign bit is an abstract type or a prefix, anything else an index.
    if byte & 0xc0 == 0x40 {
        reader.u8()?;
        return abstract_heap_type(byte, at);
    }
    type_index(reader).map(HeapType::Concrete)
}

/// The type of a block.
pub(super) fn block_type(reader: &mut Reader<'_>) -> Result<BlockType, Error> {
    match reader.peek()? {
        0x40 => {
            reader.u8()?;
            Ok(BlockType::Empty)
        }
        byte if byte & 0xc0 == 0x40 => val_type(reader).map(BlockType::Result),
        _ => type_index(reader).map(BlockType::Func),
    }
}

/// An address immediate. A memory order is read and forgotten: every atomic
/// access is sequentially consistent, which is at least as strong.
#[inline]
pub(super) fn mem_arg(reader: &mut Reader<'_>) -> Result<MemArg, Error> {
    const ORDER: u32 = 1 << 4;
    const MEMORY: u32 = 1 << 6;
    let at = reader.position();
    let flags = reader.u32()?;
    let memory = if flags & MEMORY != 0 { reader.u32()? } else { 0 };
    if flags & ORDER != 0 {
        reader.u8()?;
    }
    let align_log2 = flags & !(MEMORY | ORDER);
    if align_log2 > 4 {
        return Err(Error::malformed(at, "malformed memory access flags"));
    }
    Ok(MemArg { memory: MemoryIdx(memory), offset: reader.u64()?, align_log2: align_log2 as u8 })
}

/// A non-negative 33-bit integer.
fn type_index(reader: &mut Reader<'_>) -> Result<TypeIdx, Error> {
    let at = reader.position();
    match u32::try_from(reader.s33()?) {
        Ok(index) => Ok(TypeIdx(index)),
        Err(_) => Err(Error::malformed(at, "malformed type")),
    }
}

fn abstract_heap_type(byte: u8, at: usize) -> Result<HeapType, Error> {
    Ok(match byte {
        0x68 => HeapType::Cont,
        0x69 => HeapType::Exn,
        0x6a => HeapType::Array,
        0x6b => HeapType::Struct,
        0x6c => HeapType::I31,
        0x6d => HeapType::Eq,
        0x6e => HeapType::Any,
        0x6f => HeapType::Extern,
        0x70 => HeapType::Func,
        0x71 => HeapType::None,
        0x72 => HeapType::NoExtern,
        0x73 => HeapType::NoFunc,
        0x74 => HeapType::NoExn,
        0x75 => HeapType::NoCont,
        0x62 => return Err(Error::unsupported(at, "exact reference types are")),
        0x65 => return Err(Error::unsupported(at, "shared reference types are")),
        _ => return Err(Error::malformed(at, "malformed type")),
    })
}
