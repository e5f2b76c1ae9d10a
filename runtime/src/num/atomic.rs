//! What atomic operators do to a cell of memory: an unsigned integer of their width,
//! accessed whole and in one order with all other atomic accesses. Values are slots:
//! what is read is zero-extended, what is written is cut to the width.
//! Spec: threads proposal, "Atomic Memory Accesses".

use core::fmt::Debug;
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::SeqCst};
use dayfly_parser::ops::RmwKind;

/// A width of atomic accesses. Memory is little-endian on every host.
pub trait Cell: Copy + Eq + Debug + Send + Sync + 'static {
    /// The cell in memory.
    type Atomic: Send + Sync + 'static;
    /// Bytes of the cell: addresses are multiples of it.
    const BYTES: usize;

    /// The value.
    fn load(cell: &Self::Atomic) -> u64;

    /// Replaces the value.
    fn store(cell: &Self::Atomic, value: u64);

    /// Changes the value and returns the old one.
    fn rmw(cell: &Self::Atomic, kind: RmwKind, operand: u64) -> u64;

    /// Replaces the value if it is the expected one, which is cut to the width too, and
    /// returns the old one.
    fn cmpxchg(cell: &Self::Atomic, expected: u64, replacement: u64) -> u64;
}

macro_rules! cells {
    ($($Cell:ident $Atomic:ident;)*) => {$(
        impl Cell for $Cell {
            type Atomic = $Atomic;
            const BYTES: usize = size_of::<$Cell>();

            #[inline(always)]
            fn load(cell: &$Atomic) -> u64 {
                $Cell::from_le(cell.load(SeqCst)).into()
            }

            #[inline(always)]
            fn store(cell: &$Atomic, value: u64) {
                cell.store((value as $Cell).to_le(), SeqCst);
            }

            #[inline(always)]
            fn rmw(cell: &$Atomic, kind: RmwKind, operand: u64) -> u64 {
                let operand = operand as $Cell;
                let swapped = operand.to_le();
                let old = match kind {
                    RmwKind::And => cell.fetch_and(swapped, SeqCst),
                    RmwKind::Or => cell.fetch_or(swapped, SeqCst),
                    RmwKind::Xor => cell.fetch_xor(swapped, SeqCst),
                    RmwKind::Xchg => cell.swap(swapped, SeqCst),
                    RmwKind::Add if cfg!(target_endian = "little") => cell.fetch_add(operand, SeqCst),
                    RmwKind::Sub if cfg!(target_endian = "little") => cell.fetch_sub(operand, SeqCst),
                    RmwKind::Add | RmwKind::Sub => {
                        let addend = if kind == RmwKind::Add { operand } else { operand.wrapping_neg() };
                        let sum = |old| $Cell::from_le(old).wrapping_add(addend).to_le();
                        let (Ok(old) | Err(old)) = cell.fetch_update(SeqCst, SeqCst, |old| Some(sum(old)));
                        old
                    }
                };
                $Cell::from_le(old).into()
            }

            #[inline(always)]
            fn cmpxchg(cell: &$Atomic, expected: u64, replacement: u64) -> u64 {
                let (expected, replacement) = (expected as $Cell, replacement as $Cell);
                let exchanged = cell.compare_exchange(expected.to_le(), replacement.to_le(), SeqCst, SeqCst);
                let (Ok(old) | Err(old)) = exchanged;
                $Cell::from_le(old).into()
            }
        }
    )*};
}

cells! {
    u8 AtomicU8;
    u16 AtomicU16;
    u32 AtomicU32;
    u64 AtomicU64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_cells_cut_and_extend() {
        let cell = AtomicU8::new(0xf0);
        assert_eq!(u8::rmw(&cell, RmwKind::Add, 0x120), 0xf0);
        assert_eq!(u8::load(&cell), 0x10);
        assert_eq!(u8::rmw(&cell, RmwKind::Sub, 0x11), 0x10);
        assert_eq!(u8::rmw(&cell, RmwKind::And, 0x0f), 0xff);
        assert_eq!(u8::rmw(&cell, RmwKind::Or, 0x80), 0x0f);
        assert_eq!(u8::rmw(&cell, RmwKind::Xor, 0xff), 0x8f);
        assert_eq!(u8::rmw(&cell, RmwKind::Xchg, 0xabc), 0x70);
        assert_eq!(u8::load(&cell), 0xbc);
        u8::store(&cell, 0x1ff);
        assert_eq!(u8::load(&cell), 0xff);
    }

    #[test]
    fn the_first_byte_is_the_least() {
        let cell = AtomicU32::new(0);
        u32::store(&cell, 0x0403_0201);
        u32::rmw(&cell, RmwKind::Add, 0x100);
        assert_eq!(cell.into_inner().to_ne_bytes(), [1, 3, 3, 4]);
    }

    #[test]
    fn an_expected_value_is_cut() {
        let cell = AtomicU16::new(0x1111u16.to_le());
        assert_eq!(u16::cmpxchg(&cell, 0x1110, 7), 0x1111);
        assert_eq!(u16::load(&cell), 0x1111);
        assert_eq!(u16::cmpxchg(&cell, 0x9_1111, 0x2_0007), 0x1111);
        assert_eq!(u16::load(&cell), 7);
    }
}
