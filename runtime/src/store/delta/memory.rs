//! What is in memories, in a state: for each block of 4 KiB a mask of the lines that are
//! different from the image, in the head, and those lines one after the other behind it.
//!
//! Invariant: blocks without a mask are as in a fresh instance. Of those with one, only the
//! lines of the mask are touched, when they are written down, undone or brought back.

use super::format::{Reader, Writer};
use crate::limits::ResourceError;
use crate::memory::LinearMemory;
use crate::store::{MemoryRecord, StoreOpaque};
use crate::sys::lines::{self, BLOCK, Block, LINE};
use crate::sys::page_size;
use crate::sys::tracking::Tracker;

impl StoreOpaque {
    /// Writes the sizes of memories and, unless `contents` says no, the masks of what is in them;
    /// returns how many lines that are.
    pub(super) fn mark_memories(&self, out: &mut Writer<'_>, contents: bool) -> usize {
        self.memories.iter().map(|record| mark(memory(record), out, contents)).sum()
    }

    /// Writes down the lines that were marked in the head. On the way they are made as in a
    /// fresh instance, where that spares the next reset its work: the store is done, and
    /// nothing is written to it any more.
    pub(super) fn take_lines(&mut self, from: &mut Reader<'_>, to: &mut [u8]) {
        let (to, rest) = to.as_chunks_mut::<LINE>();
        debug_assert!(rest.is_empty(), "whole lines");
        let mut to = to.iter_mut();
        for record in &mut self.memories {
            let (memory, tracker) = tracked(memory(record));
            let undo = tracker.is_undone_by_list();
            let base = memory.vm().base;
            let _ = from.u64();
            for _ in 0..from.u32() {
                let (number, mask) = (from.u32() as usize, from.u64());
                let then = original(tracker, number).filter(|_| undo);
                let undo = undo && number * BLOCK / page_size() < tracker.pages();
                for n in bits(mask) {
                    let to = to.next().expect("there is room for all lines that are marked");
                    // SAFETY: the block was accessible when it was marked, and code rests.
                    unsafe {
                        let line = base.wrapping_add(number * BLOCK + n * LINE).cast::<[u8; LINE]>();
                        *to = line.read();
                        if undo {
                            line.write(then.map_or([0; LINE], |then| line_of(then, n)));
                        }
                    }
                }
            }
            if undo && let Some(tracker) = record.tracker() {
                tracker.note_undone();
            }
        }
    }

    /// Brings memories to their sizes and writes the lines that are different.
    pub(super) fn apply_memories(
        &mut self,
        from: &mut Reader<'_>,
        lines: &[u8],
    ) -> Result<(), ResourceError> {
        let (lines, rest) = lines.as_chunks::<LINE>();
        debug_assert!(rest.is_empty(), "whole lines");
        let mut lines = lines.iter();
        for index in 0..self.memories.len() {
            let more = from.u64() - self.memories[index].pages();
            if more > 0 {
                self.grow_memory_at(index as u32, more)?;
            }
            let base = self.memories[index].private().base;
            for _ in 0..from.u32() {
                let (number, mask) = (from.u32() as usize, from.u64());
                let block = base.wrapping_add(number * BLOCK);
                for n in bits(mask) {
                    let line = lines.next().expect("all lines that are marked are there");
                    // SAFETY: the block is accessible, as it was when this was captured.
                    unsafe { block.add(n * LINE).cast::<[u8; LINE]>().write(*line) };
                }
            }
        }
        Ok(())
    }
}

/// Writes the size of a memory and the masks of its blocks; returns how many lines they mark.
fn mark(memory: &LinearMemory, out: &mut Writer<'_>, contents: bool) -> usize {
    let (memory, tracker) = tracked(memory);
    out.u64(memory.pages());
    let place = out.place();
    if !contents {
        return 0;
    }
    let (now, blocks) = (memory.vm(), page_size() / BLOCK);
    let (mut count, mut marked) = (0, 0);
    let mut page = |page: usize| {
        for number in page * blocks..(page + 1) * blocks {
            let at = now.base.wrapping_add(number * BLOCK).cast::<Block>();
            // SAFETY: whole pages are accessible behind what the guest sees, and code rests.
            let mask = lines::differing(unsafe { &*at }, original(tracker, number));
            if mask != 0 {
                out.u32(number as u32);
                out.u64(mask);
                count += 1;
                marked += mask.count_ones() as usize;
            }
        }
    };
    tracker.each_changed(&mut page);
    (tracker.pages()..now.len.div_ceil(page_size())).for_each(page);
    out.set(place, count);
    marked
}

/// What a block is in a fresh instance; `None` if it is zero.
fn original(tracker: &Tracker, number: usize) -> Option<&Block> {
    let blocks = page_size() / BLOCK;
    let page = tracker.original(number / blocks)?;
    page[number % blocks * BLOCK..].first_chunk()
}

fn line_of(block: &Block, n: usize) -> [u8; LINE] {
    *block[n * LINE..].first_chunk().expect("a block is whole lines")
}

fn memory(record: &MemoryRecord) -> &LinearMemory {
    record.own().expect("the memories of a template are no shared ones")
}

fn tracked(memory: &LinearMemory) -> (&LinearMemory, &Tracker) {
    (memory, memory.tracked().expect("the memories of a template are tracked"))
}

/// The positions of bits that are set, from the lowest on.
fn bits(mut mask: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(bit)
    })
}
