//! Where the states of parked instances are kept: blobs of a few lines to a few pages, by
//! the million. They are written once, read once and freed, mostly in an order of no
//! pattern, and what is freed fits what is kept next.
//!
//! Invariant: a blob's range belongs to it until it is given back. Ranges are whole lines of
//! a size class; one that was freed is used again by the next blob of its class, while it is
//! still in the cache. Memory comes in large pieces, in large pages where they can be had, so
//! that neither page faults nor misses of the translation buffer add up.

use super::handles::{StoreId, StoreIds};
use crate::sys::Mapping;
use crate::sys::lines::{self, LINE};
use core::ptr;

/// Holds blobs.
#[derive(Debug)]
pub struct Arena {
    /// What its blobs carry, so that those of others are told from them. No store has it.
    id: StoreId,
    pieces: Vec<Piece>,
    /// The piece that new ranges are of, and its lines that were ever given to a blob.
    current: u32,
    next: u32,
    /// Freed ranges of each size class: where they begin.
    free: Vec<Vec<u32>>,
}

#[derive(Debug)]
struct Piece {
    /// `None` once nothing was in it and it was given back.
    mapping: Option<Mapping>,
    /// Blobs in it.
    blobs: u32,
}

/// Some bytes in an arena. Only the arena can free them.
#[derive(Debug)]
pub(crate) struct Blob {
    arena: StoreId,
    /// The line where it begins, counted over all pieces.
    at: u32,
    len: u32,
}

/// Bytes of a piece; what is not used of it takes no memory.
const PIECE: usize = 64 << 20;
const PIECE_LINES: u32 = (PIECE / LINE) as u32;

/// Bytes at the start of the first piece that are had in small pages, for few instances.
const MODEST: usize = 2 << 20;

/// Bytes that are fetched ahead at most: what follows, the processor sees coming.
const FETCHED: usize = 4 << 10;

/// Size classes for each doubling: at most a sixteenth of a range is not used.
const STEPS: u32 = 16;

impl Arena {
    /// An empty one, which takes no memory.
    pub fn new() -> Arena {
        let id = StoreIds::new().fresh();
        Arena { id, pieces: Vec::new(), current: 0, next: PIECE_LINES, free: Vec::new() }
    }

    /// Room for so many bytes, with what happens to be there. `None` if it is too much or the
    /// system does not give it.
    pub(crate) fn allocate(&mut self, len: usize) -> Option<Blob> {
        if len > PIECE {
            return None;
        }
        let (class, lines) = size_class(len.div_ceil(LINE) as u32);
        let found = self.free.get_mut(class).and_then(Vec::pop);
        let at = match found {
            Some(at) => at,
            None => self.extend(lines)?,
        };
        self.pieces[(at / PIECE_LINES) as usize].blobs += 1;
        Some(Blob { arena: self.id, at, len: len as u32 })
    }

    /// Takes a blob back.
    pub(crate) fn free(&mut self, blob: Blob) {
        self.check(&blob);
        let (class, _) = size_class((blob.len as usize).div_ceil(LINE) as u32);
        if self.free.len() <= class {
            self.free.resize_with(class + 1, Vec::new);
        }
        self.free[class].push(blob.at);
        self.pieces[(blob.at / PIECE_LINES) as usize].blobs -= 1;
    }

    /// Lets the processor fetch the bytes of a blob.
    #[inline]
    pub(crate) fn prefetch(&self, blob: &Blob) {
        lines::prefetch(&self.get(blob)[..(blob.len as usize).min(FETCHED)]);
    }

    /// The bytes of a blob.
    #[inline]
    pub(crate) fn get(&self, blob: &Blob) -> &[u8] {
        // SAFETY: the range is accessible and the blob's, which only `get_mut` writes.
        unsafe { core::slice::from_raw_parts(self.address(blob), blob.len as usize) }
    }

    /// The bytes of a blob, to be changed.
    #[inline]
    pub(crate) fn get_mut(&mut self, blob: &Blob) -> &mut [u8] {
        // SAFETY: as above; the arena is borrowed for as long.
        unsafe { core::slice::from_raw_parts_mut(self.address(blob), blob.len as usize) }
    }

    /// Gives pieces back in which there are no blobs any more.
    pub fn trim(&mut self) {
        for (n, piece) in self.pieces.iter_mut().enumerate() {
            if piece.blobs == 0 && piece.mapping.take().is_some() && n == self.current as usize {
                self.next = PIECE_LINES;
            }
        }
        let pieces = &self.pieces;
        let is_there = |at: &u32| pieces[(at / PIECE_LINES) as usize].mapping.is_some();
        for free in &mut self.free {
            free.retain(is_there);
            free.shrink_to_fit();
        }
    }

    /// So many lines that no blob has had.
    #[cold]
    fn extend(&mut self, lines: u32) -> Option<u32> {
        if self.next + lines > PIECE_LINES {
            self.add_piece()?;
        }
        let at = self.current * PIECE_LINES + self.next;
        self.next += lines;
        Some(at)
    }

    /// Begins another piece, in the place of one that was given back if there is one.
    fn add_piece(&mut self) -> Option<()> {
        let place = self.pieces.iter().position(|piece| piece.mapping.is_none());
        let place = place.unwrap_or(self.pieces.len());
        // All lines have a number.
        let current = u32::try_from(place).ok().filter(|place| *place < u32::MAX / PIECE_LINES)?;
        let mut mapping = Mapping::reserve_aligned(PIECE, MODEST).or_else(|| Mapping::reserve(PIECE))?;
        mapping.make_accessible(PIECE)?;
        mapping.expect_use(if place == 0 { MODEST } else { 0 }..PIECE);
        let piece = Piece { mapping: Some(mapping), blobs: 0 };
        match self.pieces.get_mut(place) {
            Some(empty) => *empty = piece,
            None => self.pieces.push(piece),
        }
        self.current = current;
        self.next = 0;
        Some(())
    }

    #[inline]
    fn address(&self, blob: &Blob) -> *mut u8 {
        self.check(blob);
        let piece = &self.pieces[(blob.at / PIECE_LINES) as usize];
        let base = piece.mapping.as_ref().map_or(ptr::null_mut(), Mapping::base);
        // A piece is there while it has blobs.
        base.wrapping_add((blob.at % PIECE_LINES) as usize * LINE)
    }

    #[inline]
    fn check(&self, blob: &Blob) {
        assert!(blob.arena == self.id, "a state is woken where it was parked");
    }
}

impl Blob {
    /// How many bytes it has.
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }
}

impl Default for Arena {
    fn default() -> Arena {
        Arena::new()
    }
}

/// The number of the size class of so many lines, and how many lines its ranges have.
fn size_class(lines: u32) -> (usize, u32) {
    let shift = lines.max(1).ilog2().saturating_sub(STEPS.ilog2());
    let steps = lines.div_ceil(1 << shift);
    ((shift * STEPS + steps) as usize, steps << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_waste_little_and_are_told_apart() {
        let mut seen = std::collections::BTreeMap::new();
        for lines in 1..100_000 {
            let (class, room) = size_class(lines);
            assert!(room >= lines && room - lines <= lines / 16, "{lines}: {room}");
            assert_eq!(*seen.entry(class).or_insert(room), room, "{lines}");
        }
        assert!(size_class(PIECE_LINES).1 == PIECE_LINES);
    }

    #[test]
    fn blobs_keep_what_is_written_and_freed_ones_are_used_again() {
        let mut arena = Arena::new();
        let sizes = [1, 64, 65, 2128, 4096, 300_000, 2128, 1 << 20];
        let mut blobs = Vec::new();
        for (n, len) in sizes.into_iter().cycle().take(400).enumerate() {
            let blob = arena.allocate(len).unwrap();
            arena.get_mut(&blob).fill(n as u8);
            blobs.push(blob);
        }
        for (n, blob) in blobs.iter().enumerate() {
            let bytes = arena.get(blob);
            assert_eq!(bytes.len(), sizes[n % sizes.len()]);
            assert!(bytes.iter().all(|byte| *byte == n as u8), "{n}");
        }
        let places: Vec<u32> = blobs.iter().map(|blob| blob.at).collect();
        for blob in blobs.drain(..) {
            arena.free(blob);
        }
        for (n, len) in sizes.into_iter().cycle().take(400).enumerate() {
            let blob = arena.allocate(len).unwrap();
            assert!(places.contains(&blob.at), "{n}");
            blobs.push(blob);
        }
    }

    #[test]
    fn empty_pieces_are_given_back() {
        let mut arena = Arena::new();
        let mut blobs: Vec<Blob> = (0..5).map(|_| arena.allocate(40 << 20).unwrap()).collect();
        let kept = blobs.remove(2);
        arena.get_mut(&kept)[1 << 20] = 5;
        blobs.into_iter().for_each(|blob| arena.free(blob));
        arena.trim();
        assert_eq!(arena.pieces.iter().filter(|piece| piece.mapping.is_some()).count(), 1);
        assert_eq!(arena.get(&kept)[1 << 20], 5);
        let other = arena.allocate(100).unwrap();
        arena.get_mut(&other).fill(1);
        assert!(arena.allocate(PIECE + 1).is_none());
    }

    #[test]
    #[should_panic(expected = "where it was parked")]
    fn blobs_of_another_arena_are_refused() {
        let blob = Arena::new().allocate(5).unwrap();
        Arena::new().free(blob);
    }
}
