//! Machine code made shorter and better placed, after Cranelift is done with it: jumps and constants take
//! one byte where that is enough, small loops lie in as few cache lines as they can, and jumps that lead to
//! little are replaced by it. What is done, and in which order, stays the same. Looks at a watch (`lower::Looks`) get their
//! instruction, which Cranelift does not know.
//!
//! Where anything is not as expected, `tighten` changes nothing: an instruction that is not known,
//! a table whose end is not known, an offset at which no instruction starts.

mod decode;
mod loops;
mod place;
mod read;
mod repeat;
#[cfg(test)]
mod tests;
mod write;

use crate::compile::CompiledFunc;
use core::mem::offset_of;
use dayfly_runtime::store::watch::Watch;

/// A line of the processor's caches, in bytes.
pub const LINE: u32 = 64;

/// `cmpb $0, %gs:0`: sets the flags that a jump behind it looks at as the test that it replaces would.
const LOOK: [u8; 9] = [0x65, 0x80, 0x3c, 0x25, 0, 0, 0, 0, 0];

/// A stretch of the code that stays together: an instruction, or a table of jumps.
#[derive(Clone, Debug)]
struct Item {
    /// Where it was, and how many bytes it had.
    start: u32,
    old: u32,
    /// How many bytes it takes now, and where it is.
    new: u32,
    at: u32,
    /// Bytes that do nothing, in front of it.
    padding: u32,
    /// Whether it is there a second time, where it was first.
    copy: bool,
    what: What,
}

/// What an item is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    /// Nothing in it depends on its place.
    Plain,
    /// The same, and what stands behind it is not reached from it.
    Last,
    /// It names another piece.
    Linked,
    /// A call; nothing in it depends on its place but what linking puts there.
    Call,
    /// A jump to an item, on a condition or always.
    Jump { condition: Option<u8>, target: u32 },
    /// It names a place of the code: 32 bits, so far from its start.
    Relative { at: u8, target: Place },
    /// It has a constant of 32 bits at its end that fits in 8; its opcode stands so far from its start.
    Constant(u8),
    /// A look at the store's watch, which takes the place of a load.
    Look,
    /// The comparison of the stack pointer with its limit, in a function whose frame has so many bytes.
    Limit(u32),
    /// Nothing any more: a part of what was replaced.
    Gone,
    /// Distances of items from the start of this table, 32 bits each.
    Table,
}

/// A place in the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Item(u32),
    /// A constant behind the code, by its old offset.
    Constant(u32),
}

/// The code of a piece, taken apart.
#[derive(Debug)]
struct Program {
    items: Vec<Item>,
    /// For each old offset which item starts there, or `NONE`.
    starts: Vec<u32>,
    /// Where constants start, and the code's end.
    constants: u32,
}

const NONE: u32 = u32::MAX;

impl Program {
    /// The item that starts at an old offset.
    fn item_at(&self, offset: u32) -> Option<u32> {
        self.starts.get(offset as usize).copied().filter(|&item| item != NONE)
    }
}

/// The bytes of `What::Limit`: `lea -frame(%rsp), %r10; cmp %r10, %gs:limit`. A jump behind it is taken if the limit
/// is higher.
fn limit(frame: u32) -> Vec<u8> {
    let below = (frame as i32).wrapping_neg();
    let (mut code, compare): (Vec<u8>, [u8; 5]) = match i8::try_from(below) {
        Ok(0) => (vec![], [0x65, 0x48, 0x39, 0x24, 0x25]),
        Ok(below) => (vec![0x4c, 0x8d, 0x54, 0x24, below as u8], [0x65, 0x4c, 0x39, 0x14, 0x25]),
        Err(_) => {
            ([&[0x4c, 0x8d, 0x94, 0x24], &below.to_le_bytes()[..]].concat(), [0x65, 0x4c, 0x39, 0x14, 0x25])
        }
    };
    code.extend(compare);
    code.extend((offset_of!(Watch, limit) as u32).to_le_bytes());
    code
}

/// Makes a piece shorter, and puts what its `looks` want in their places; they are left if it cannot.
/// `has_segment` tells whether the segment `gs` is at the watch and the piece is a function's. `blocks` are the offsets at which its basic blocks start, ascending.
pub fn tighten(piece: &mut CompiledFunc, blocks: &[u32], has_segment: bool) {
    let Some(mut program) = read::read(piece, blocks) else { return };
    if has_segment {
        read::find_limit(piece, &mut program);
    }
    repeat::repeat(&mut program);
    if !place::place(&mut program) {
        return;
    }
    if let Some(shorter) = write::write(piece, &program) {
        *piece = shorter;
    }
}
