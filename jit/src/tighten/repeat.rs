//! Jumps that lead to little are replaced by what they lead to: an interpreter's loop goes from one operator
//! to the next by a jump of its own, which the processor foretells better than one for all; a function returns
//! where it is done. A look whether to be interrupted may be part of it.

use super::{Item, Place, Program, What};

/// The most bytes of a choice by a table, and of a return, that are repeated.
const MAX_CHOICE: u32 = 64;
const MAX_RETURN: u32 = 12;

/// The most bytes that are added to a piece: a part of it, or this.
const PART: u32 = 4;
const MIN_BUDGET: u32 = 256;

/// A jump, and the first and last of the items that take its place.
struct Repeat {
    jump: u32,
    from: u32,
    to: u32,
}

/// Replaces jumps.
pub fn repeat(program: &mut Program) {
    let size: u32 = program.items.iter().map(|item| item.old).sum();
    let mut budget = (size / PART).max(MIN_BUDGET);
    let mut repeats = Vec::new();
    for (jump, item) in (0..).zip(&program.items) {
        if let What::Jump { condition: None, target: from } = item.what
            && let Some((to, bytes)) = end_of(&program.items, from)
            && let Some(left) = budget.checked_sub(bytes)
        {
            budget = left;
            repeats.push(Repeat { jump, from, to });
        }
    }
    if !repeats.is_empty() {
        insert(program, &repeats);
    }
}

/// The last of the items from `from` on, and their bytes, if they are a return or a choice by a table.
fn end_of(items: &[Item], from: u32) -> Option<(u32, u32)> {
    let (mut bytes, mut before) = (0, What::Plain);
    for (at, item) in (from..).zip(&items[from as usize..]) {
        bytes += item.old;
        match item.what {
            What::Plain | What::Constant(_) | What::Relative { .. } if bytes <= MAX_CHOICE => {}
            // A copy leaves at a look as the loop does, and goes on in the loop.
            What::Look | What::Gone if bytes <= MAX_CHOICE => {}
            What::Jump { condition: Some(_), .. } if before == What::Gone => {}
            What::Last => {
                let chooses = items.get(at as usize + 1).is_some_and(|next| next.what == What::Table);
                let most = if chooses { MAX_CHOICE } else { MAX_RETURN };
                return (bytes <= most).then_some((at, bytes));
            }
            _ => return None,
        }
        before = item.what;
    }
    None
}

/// Puts copies of items in the places of jumps.
fn insert(program: &mut Program, repeats: &[Repeat]) {
    let old = std::mem::take(&mut program.items);
    let mut moved = Vec::with_capacity(old.len());
    let mut items = Vec::with_capacity(old.len() + repeats.len() * 4);
    let mut repeats = repeats.iter().peekable();
    for (n, item) in (0..).zip(&old) {
        moved.push(items.len() as u32);
        match repeats.next_if(|repeat| repeat.jump == n) {
            Some(&Repeat { from, to, .. }) => {
                let repeated = &old[from as usize..=to as usize];
                items.extend(repeated.iter().map(|item| Item { copy: true, ..item.clone() }));
            }
            None => items.push(item.clone()),
        }
    }
    for item in &mut items {
        match &mut item.what {
            What::Jump { target, .. } | What::Relative { target: Place::Item(target), .. } => {
                *target = moved[*target as usize];
            }
            _ => {}
        }
    }
    for start in program.starts.iter_mut().filter(|start| **start != super::NONE) {
        *start = moved[*start as usize];
    }
    program.items = items;
}
