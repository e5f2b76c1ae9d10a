//! Finds the loops in a piece: stretches of items from where a jump leads back to, up to that jump. Code that is rare stands
//! behind all other and jumps back to where it was left; that is no loop, and must not pass for the innermost one of the
//! loop that it was left in.

use super::{Item, What};

/// A loop: its first and last item.
pub type Loop = (u32, u32);

/// Items of code that is left and comes back.
const MAX_ASIDE: u32 = 64;

/// Loops that contain no other, ascending.
pub fn innermost_loops(items: &[Item]) -> Vec<Loop> {
    let jumps = Jumps::of(items);
    let mut loops: Vec<Loop> = Vec::new();
    for (n, item) in (0..).zip(items) {
        if let What::Jump { target, .. } = item.what
            && target <= n
            && !jumps.comes_from_aside(items, target, n)
        {
            loops.push((target, n));
        }
    }
    loops.sort_unstable();
    // Of those that start together the longest.
    loops.dedup_by(|next, kept| {
        next.0 == kept.0 && {
            kept.1 = next.1;
            true
        }
    });
    let next = |n: usize| loops.get(n + 1).map_or(u32::MAX, |next| next.0);
    loops.iter().enumerate().filter(|(n, (_, last))| next(*n) > *last).map(|(_, inner)| *inner).collect()
}

/// All jumps: where to and where from, ascending.
struct Jumps(Vec<(u32, u32)>);

impl Jumps {
    fn of(items: &[Item]) -> Jumps {
        let jumps = (0..).zip(items).filter_map(|(n, item)| match item.what {
            What::Jump { target, .. } => Some((target, n)),
            _ => None,
        });
        let mut jumps: Vec<_> = jumps.collect();
        jumps.sort_unstable();
        Jumps(jumps)
    }

    /// Whether the code that the jump `n` ends is only entered by jumps from before `target`, to which that leads back.
    fn comes_from_aside(&self, items: &[Item], target: u32, n: u32) -> bool {
        let mut start = n;
        while start > 0 && goes_on(&items[start as usize - 1]) {
            start -= 1;
            if start <= target || n - start > MAX_ASIDE {
                return false;
            }
        }
        let entries = &self.0[self.0.partition_point(|&(to, _)| to < start)..];
        let mut entries = entries.iter().take_while(|&&(to, _)| to <= n).peekable();
        entries.peek().is_some() && entries.all(|&(_, from)| from < target)
    }
}

/// Whether what stands behind an item is reached from it.
fn goes_on(item: &Item) -> bool {
    !matches!(item.what, What::Last | What::Table | What::Jump { condition: None, .. })
}
