//! Passing over code that is of no interest: immediates are read and dropped.
//! Nesting is counted, not recursed into.

use super::reader::Reader;
use super::types::{block_type, heap_type, mem_arg, val_type};
use crate::error::Error;

pub(super) const NOP: u8 = 0x01;
pub(super) const ELSE: u8 = 0x05;
pub(super) const CATCH: u8 = 0x07;
pub(super) const END: u8 = 0x0b;
pub(super) const DELEGATE: u8 = 0x18;
pub(super) const CATCH_ALL: u8 = 0x19;

/// Passes to the `else`, `catch`, `catch_all`, `delegate` or `end` that closes the
/// arm in which the reader stands. Returns where it is and its opcode, which is read.
pub(super) fn to_closing(reader: &mut Reader<'_>) -> Result<(usize, u8), Error> {
    let mut nesting = 0_u32;
    loop {
        let at = reader.position();
        let opcode = reader.u8()?;
        match opcode {
            // block, loop, if, try
            0x02..=0x04 | 0x06 => {
                block_type(reader)?;
                nesting += 1;
            }
            // try_table
            0x1f => {
                try_table(reader)?;
                nesting += 1;
            }
            ELSE | CATCH | CATCH_ALL | END | DELEGATE if nesting == 0 => return Ok((at, opcode)),
            END => nesting -= 1,
            DELEGATE => {
                reader.u32()?;
                nesting -= 1;
            }
            ELSE | CATCH_ALL => {}
            _ => immediates(opcode, at, reader)?,
        }
    }
}

/// Passes over the immediates of an operator that neither opens nor closes a frame.
pub(super) fn immediates(opcode: u8, at: usize, reader: &mut Reader<'_>) -> Result<(), Error> {
    match opcode {
        // unreachable, nop, throw_ref, return, drop, select
        0x00 | 0x01 | 0x0a | 0x0f | 0x1a | 0x1b => {}
        // catch, throw, rethrow, br, br_if, call, return_call, call_ref, return_call_ref
        0x07..=0x09 | 0x0c | 0x0d | 0x10 | 0x12 | 0x14 | 0x15 => indices(reader, 1)?,
        // br_table
        0x0e => {
            for _ in 0..reader.u32()? {
                reader.u32()?;
            }
            reader.u32()?;
        }
        // call_indirect, return_call_indirect
        0x11 | 0x13 => indices(reader, 2)?,
        // select of a type
        0x1c => {
            for _ in 0..reader.u32()? {
                val_type(reader)?;
            }
        }
        // local.*, global.*, table.get, table.set
        0x20..=0x26 => indices(reader, 1)?,
        0x28..=0x3e => drop(mem_arg(reader)?),
        // memory.size, memory.grow
        0x3f | 0x40 => indices(reader, 1)?,
        0x41 => drop(reader.s32()?),
        0x42 => drop(reader.s64()?),
        0x43 => reader.skip(4)?,
        0x44 => reader.skip(8)?,
        0x45..=0xc4 => {}
        0xd0 => drop(heap_type(reader)?),
        // ref.is_null, ref.eq, ref.as_non_null
        0xd1 | 0xd3 | 0xd4 => {}
        // ref.func, br_on_null, br_on_non_null
        0xd2 | 0xd5 | 0xd6 => indices(reader, 1)?,
        0xfb => aggregate(at, reader)?,
        0xfc => bulk(at, reader)?,
        0xfd => vector(reader)?,
        0xfe => atomic(at, reader)?,
        _ => return Err(unknown(opcode, at)),
    }
    Ok(())
}

fn aggregate(at: usize, reader: &mut Reader<'_>) -> Result<(), Error> {
    match reader.u32()? {
        // new, new_default, array.get, array.set, array.fill
        0x00 | 0x01 | 0x06 | 0x07 | 0x0b..=0x0e | 0x10 => indices(reader, 1),
        0x02..=0x05 | 0x08..=0x0a | 0x11..=0x13 => indices(reader, 2),
        // ref.test, ref.cast
        0x14..=0x17 => heap_type(reader).map(drop),
        // br_on_cast, br_on_cast_fail
        0x18 | 0x19 => {
            reader.u8()?;
            reader.u32()?;
            heap_type(reader)?;
            heap_type(reader).map(drop)
        }
        0x0f | 0x1a..=0x1e => Ok(()),
        _ => Err(unknown(0xfb, at)),
    }
}

fn bulk(at: usize, reader: &mut Reader<'_>) -> Result<(), Error> {
    match reader.u32()? {
        0x00..=0x07 | 0x13..=0x16 => Ok(()),
        0x08 | 0x0a | 0x0c | 0x0e => indices(reader, 2),
        0x09 | 0x0b | 0x0d | 0x0f..=0x11 => indices(reader, 1),
        _ => Err(unknown(0xfc, at)),
    }
}

fn vector(reader: &mut Reader<'_>) -> Result<(), Error> {
    match reader.u32()? {
        0x00..=0x0b | 0x5c | 0x5d => mem_arg(reader).map(drop),
        // v128.const, i8x16.shuffle
        0x0c | 0x0d => reader.skip(16),
        // extract_lane, replace_lane
        0x15..=0x22 => reader.skip(1),
        // load_lane, store_lane
        0x54..=0x5b => {
            mem_arg(reader)?;
            reader.skip(1)
        }
        _ => Ok(()),
    }
}

fn atomic(at: usize, reader: &mut Reader<'_>) -> Result<(), Error> {
    match reader.u32()? {
        0x00..=0x02 | 0x10..=0x4e => mem_arg(reader).map(drop),
        // atomic.fence
        0x03 => reader.skip(1),
        // pause
        0x04 => Ok(()),
        _ => Err(unknown(0xfe, at)),
    }
}

pub(super) fn try_table(reader: &mut Reader<'_>) -> Result<(), Error> {
    block_type(reader)?;
    for _ in 0..reader.u32()? {
        let indices = if reader.u8()? < 2 { 2 } else { 1 };
        self::indices(reader, indices)?;
    }
    Ok(())
}

#[inline]
fn indices(reader: &mut Reader<'_>, count: u32) -> Result<(), Error> {
    for _ in 0..count {
        reader.u32()?;
    }
    Ok(())
}

/// An operator that a valid body can have only with a proposal that the cursor does not know.
#[cold]
pub(super) fn unknown(opcode: u8, at: usize) -> Error {
    Error::unsupported(at, &format!("operators of this kind (opcode {opcode:#x}) are"))
}
