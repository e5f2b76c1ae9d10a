//! A look ahead: what follows in a body, at the price of reading its bytes. No types are
//! followed, so code that cannot be reached is looked at as well.

use super::Cursor;
use super::reader::Reader;
use super::skip::{DELEGATE, END, immediates, try_table};
use super::types::block_type;
use crate::error::Error;
use crate::index::LocalIdx;

/// Looks ahead in the body of a function: see [`Cursor::skim`].
#[derive(Clone, Debug)]
pub struct Skim<'m> {
    reader: Reader<'m>,
}

/// An operator that [`Skim`] tells of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Skimmed {
    /// `loop`, and its offset in the module.
    Loop(usize),
    /// `block` or `if`.
    Block,
    /// `try_table`, or `try` of the legacy proposal.
    Try,
    /// `end` or `delegate`: the innermost frame closes.
    Close,
    /// `call`, `call_indirect` or `call_ref`.
    Call,
    /// `local.get` or `local.tee`.
    Read(LocalIdx),
}

impl<'m> Cursor<'m> {
    /// Loops, frames, calls and reads of locals behind the delivered operator, up to the end of the body.
    pub fn skim(&self) -> Skim<'m> {
        Skim { reader: self.reader.clone() }
    }
}

impl Iterator for Skim<'_> {
    type Item = Skimmed;

    /// `None` at the end of the body, or where it cannot be read: the cursor will say why.
    fn next(&mut self) -> Option<Skimmed> {
        self.read().ok().flatten()
    }
}

impl Skim<'_> {
    fn read(&mut self) -> Result<Option<Skimmed>, Error> {
        let reader = &mut self.reader;
        while !reader.at_end() {
            let at = reader.position();
            let opcode = reader.u8()?;
            return Ok(Some(match opcode {
                // block, loop, if, try
                0x02..=0x04 | 0x06 => {
                    block_type(reader)?;
                    match opcode {
                        0x03 => Skimmed::Loop(at),
                        0x06 => Skimmed::Try,
                        _ => Skimmed::Block,
                    }
                }
                0x1f => {
                    try_table(reader)?;
                    Skimmed::Try
                }
                END => Skimmed::Close,
                DELEGATE => {
                    reader.u32()?;
                    Skimmed::Close
                }
                // call, call_indirect, call_ref
                0x10 | 0x11 | 0x14 => {
                    immediates(opcode, at, reader)?;
                    Skimmed::Call
                }
                // local.get, local.tee
                0x20 | 0x22 => Skimmed::Read(LocalIdx(reader.u32()?)),
                // else, catch_all
                0x05 | 0x19 => continue,
                _ => {
                    immediates(opcode, at, reader)?;
                    continue;
                }
            }));
        }
        Ok(None)
    }
}
