//! Where items go and how long they become.

use super::loops::{Loop, innermost_loops};
use super::{Item, LINE, LOOK, Program, What, limit};

/// Bytes of the largest loop that is placed.
const MAX_LOOP: u32 = 256;

/// Most bytes that are put in front of a loop.
const MAX_PADDING: u32 = 48;

/// How often places are worked out anew; a piece that does not settle stays as it is.
const MAX_TURNS: usize = 32;

/// Chooses lengths and places; whether that succeeded.
pub fn place(program: &mut Program) -> bool {
    let loops = innermost_loops(&program.items);
    for (n, item) in (1..).zip(&mut program.items) {
        match item.what {
            // To what stands behind it.
            What::Jump { condition: None, target } if target == n => item.new = 0,
            What::Jump { .. } => item.new = 2,
            What::Constant(_) => item.new = item.old - 3,
            What::Limit(frame) => item.new = limit(frame).len() as u32,
            What::Look => item.new = LOOK.len() as u32,
            What::Gone => item.new = 0,
            _ => {}
        }
    }
    // Jumps only ever grow, so that this comes to an end.
    for _ in 0..MAX_TURNS {
        lay_out(&mut program.items, &loops);
        if !lengthen(&mut program.items) {
            return true;
        }
    }
    false
}

/// Gives all items their places.
fn lay_out(items: &mut [Item], loops: &[Loop]) {
    let mut loops = loops.iter().peekable();
    let mut at = 0;
    for n in 0..items.len() {
        items[n].padding = 0;
        if let Some(&(first, last)) = loops.next_if(|(first, _)| *first == n as u32) {
            let size: u32 = items[first as usize..=last as usize].iter().map(|item| item.new).sum();
            items[n].padding = padding(at, size);
            at += items[n].padding;
        }
        items[n].at = at;
        at += items[n].new;
    }
}

/// What is to stand in front of a loop of a size at an address, so that it lies in fewer lines.
fn padding(at: u32, size: u32) -> u32 {
    let in_line = at % LINE;
    let lines = (in_line + size).div_ceil(LINE);
    let padding = LINE - in_line;
    if size <= MAX_LOOP && lines > size.div_ceil(LINE) && padding <= MAX_PADDING { padding } else { 0 }
}

/// Makes jumps long that do not reach; whether there are any.
fn lengthen(items: &mut [Item]) -> bool {
    let mut any = false;
    for n in 0..items.len() {
        let item = &items[n];
        if let What::Jump { condition, target } = item.what
            && item.new == 2
            && i8::try_from(items[target as usize].at.wrapping_sub(item.at + 2) as i32).is_err()
        {
            items[n].new = if condition.is_some() { 6 } else { 5 };
            any = true;
        }
    }
    any
}
