//! The bytes of a memory as few runs, without most of its zeros.

use core::ops::Range;

/// Bytes that stand together.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Run {
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
}

/// As many zeros within a run take no more room than a new segment: index or flag, an
/// offset of two to five bytes with its operator and `end`, a length.
const CHEAP_GAP: usize = 8;

/// All memories of a module together get no more runs. Engines allow 100,000 segments in a
/// module; the same bytes in fewer segments are larger, but faster to decode.
pub(super) const MAX_RUNS: usize = 10_000;

/// Zeros are skipped so many at a time.
const BLOCK: usize = 1024;

/// At most `max` runs of a memory, in order: all bytes that are not zero are in one.
pub(super) fn runs(memory: &[u8], max: usize) -> Vec<Run> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while let Some(start) = next_nonzero(memory, at) {
        let end = end_of_run(memory, start);
        ranges.push(start..end);
        at = end;
        // A memory may have hundreds of millions: a gap that is too narrow so far will be at the end.
        if ranges.len() > 16 * max {
            join(&mut ranges, max);
        }
    }
    join(&mut ranges, max);
    let run = |range: Range<usize>| Run { offset: range.start as u64, bytes: memory[range].to_vec() };
    ranges.into_iter().map(run).collect()
}

/// Joins ranges over the narrowest gaps until there are at most `max`.
fn join(ranges: &mut Vec<Range<usize>>, max: usize) {
    if ranges.len() <= max.max(1) {
        return;
    }
    let gap = nth_largest_gap(ranges, max.saturating_sub(1));
    ranges.dedup_by(|next, run| {
        let joins = next.start - run.end <= gap;
        if joins {
            run.end = next.end;
        }
        joins
    });
}

fn next_nonzero(memory: &[u8], mut at: usize) -> Option<usize> {
    const ZEROS: [u8; BLOCK] = [0; BLOCK];
    while memory.get(at..at + BLOCK).is_some_and(|block| block == ZEROS) {
        at += BLOCK;
    }
    Some(at + memory.get(at..)?.iter().position(|&byte| byte != 0)?)
}

/// The end of the bytes that stand together from `start` on; the last one is not zero.
fn end_of_run(memory: &[u8], start: usize) -> usize {
    let mut end = start + 1;
    loop {
        let gap = memory[end..].iter().take(CHEAP_GAP + 1).position(|&byte| byte != 0);
        match gap {
            Some(gap) => end += gap + 1,
            None => return end,
        }
    }
}

fn nth_largest_gap(ranges: &[Range<usize>], n: usize) -> usize {
    let mut gaps: Vec<_> = ranges.windows(2).map(|pair| pair[1].start - pair[0].end).collect();
    let len = gaps.len();
    *gaps.select_nth_unstable(len - 1 - n.min(len - 1)).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(memory: &[u8]) -> Vec<(u64, usize)> {
        let runs = runs(memory, MAX_RUNS);
        let mut copy = vec![0; memory.len()];
        for run in &runs {
            copy[run.offset as usize..][..run.bytes.len()].copy_from_slice(&run.bytes);
            assert!(run.bytes[0] != 0 && run.bytes[run.bytes.len() - 1] != 0);
        }
        assert!(copy == memory, "the runs hold all bytes");
        runs.iter().map(|run| (run.offset, run.bytes.len())).collect()
    }

    #[test]
    fn zeros_are_left_out_where_it_pays() {
        assert_eq!(offsets(&[]), []);
        assert_eq!(offsets(&[0; 5000]), []);
        let mut memory = vec![0; 10_000];
        memory[0] = 1;
        memory[9] = 1;
        memory[19] = 1;
        assert_eq!(offsets(&memory), [(0, 10), (19, 1)]);
        memory[9_999] = 1;
        assert_eq!(offsets(&memory), [(0, 10), (19, 1), (9_999, 1)]);
        memory[2 * BLOCK..3 * BLOCK].fill(7);
        assert_eq!(offsets(&memory), [(0, 10), (19, 1), (2 * BLOCK as u64, BLOCK), (9_999, 1)]);
    }

    #[test]
    fn there_are_never_too_many_runs() {
        let mut memory = vec![0; 32 * (MAX_RUNS + 5000)];
        memory.iter_mut().step_by(32).for_each(|byte| *byte = 1);
        // Only one gap is wider: the others go.
        memory[64..96].fill(0);
        assert_eq!(offsets(&memory).len(), 2);
        // A hundred narrower gaps go first.
        let mut memory = vec![0; 32 * (MAX_RUNS + 100)];
        memory.iter_mut().step_by(32).for_each(|byte| *byte = 1);
        memory.iter_mut().skip(16).step_by(32).take(100).for_each(|byte| *byte = 1);
        let found = offsets(&memory).len();
        assert!(found <= MAX_RUNS, "{found}");
        // The widest gaps are kept wherever they are, also if there are far too many.
        let mut memory = vec![0; 32 * 2000];
        memory.iter_mut().step_by(32).for_each(|byte| *byte = 1);
        for wide in [1, 500, 1990] {
            memory[32 * wide] = 0;
        }
        let starts: Vec<_> = runs(&memory, 4).iter().map(|run| run.offset / 32).collect();
        assert_eq!(starts, [0, 2, 501, 1991]);
    }
}
