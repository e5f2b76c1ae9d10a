//! Pages by cache lines: which lines of a page are different from another's, and making a
//! page zero that is mostly zero. The widest registers of the processor are used, because
//! what costs is to look at every byte.
//!
//! Invariant: each loop is written once; what differs is for which processor it is compiled.

/// Bytes of a line.
pub(crate) const LINE: usize = 64;

/// Bytes of a block, which has as many lines as a mask has bits. Pages are made of them.
pub(crate) const BLOCK: usize = LINE * 64;

/// Memory that is compared as a whole.
pub(crate) type Block = [u8; BLOCK];

/// Which lines of a block are different from those of another, or from zero.
#[inline]
pub(crate) fn differing(now: &Block, then: Option<&Block>) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has these instructions.
        return unsafe { differing_avx2(now, then) };
    }
    differing_in(now, then)
}

/// Makes whole blocks zero, without writing to lines that are.
///
/// # Safety
/// So many blocks can be read and written at `at`, which is a multiple of 64.
#[inline]
pub(crate) unsafe fn clear(at: *mut u8, blocks: usize) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the caller's promise; the processor has these instructions.
        return unsafe { clear_avx2(at, blocks) };
    }
    // SAFETY: the caller's promise.
    unsafe { clear_in(at, blocks) };
}

/// Lets the processor fetch memory that will be read soon.
#[inline]
pub(crate) fn prefetch(bytes: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    for line in bytes.chunks(LINE) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint about memory that can be read.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = bytes;
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn differing_avx2(now: &Block, then: Option<&Block>) -> u64 {
    differing_in(now, then)
}

#[inline(always)]
fn differing_in(now: &Block, then: Option<&Block>) -> u64 {
    let mut mask = 0;
    for n in 0..64 {
        let now = line(now, n);
        let different = match then {
            Some(then) => {
                let then = line(then, n);
                (0..8).fold(0, |all, at| all | now[at] ^ then[at])
            }
            None => now.iter().fold(0, |all, word| all | word),
        };
        mask |= u64::from(different != 0) << n;
    }
    mask
}

#[inline(always)]
fn line(block: &Block, n: usize) -> [u64; 8] {
    let (words, _) = block[n * LINE..][..LINE].as_chunks::<8>();
    core::array::from_fn(|at| u64::from_ne_bytes(words[at]))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn clear_avx2(at: *mut u8, blocks: usize) {
    // SAFETY: the caller's promise.
    unsafe { clear_in(at, blocks) };
}

/// # Safety
/// As for `clear`.
#[inline(always)]
unsafe fn clear_in(at: *mut u8, blocks: usize) {
    /// Two lines at once: that is what processors fetch.
    type Pair = [u64; 16];
    let pairs = at.cast::<Pair>();
    for n in 0..blocks * BLOCK / size_of::<Pair>() {
        // SAFETY: the caller's promise.
        unsafe {
            let pair = pairs.add(n);
            if pair.read().iter().fold(0, |all, word| all | word) != 0 {
                pair.write([0; 16]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Aligned as pages are.
    #[repr(align(64))]
    struct Aligned(Block);

    #[test]
    fn every_byte_counts_and_none_beyond_its_line() {
        let then: Block = core::array::from_fn(|n| (n * 31 % 251) as u8);
        assert_eq!((differing(&then, Some(&then)), differing(&[0; BLOCK], None)), (0, 0));
        for at in 0..BLOCK {
            let (mut now, mut zero) = (then, [0; BLOCK]);
            now[at] ^= 0x80;
            zero[at] = 1;
            assert_eq!(differing(&now, Some(&then)), 1 << (at / LINE), "{at}");
            assert_eq!(differing(&zero, None), 1 << (at / LINE), "{at}");
            assert_eq!(differing_in(&now, Some(&then)), 1 << (at / LINE), "{at}");
        }
    }

    #[test]
    fn blocks_are_cleared_as_far_as_asked() {
        for at in (0..2 * BLOCK).step_by(37) {
            let mut blocks = [const { Aligned([0; BLOCK]) }; 3];
            blocks[2].0.fill(9);
            blocks[at / BLOCK].0[at % BLOCK] = 7;
            // SAFETY: the first two of three blocks.
            unsafe { clear(blocks.as_mut_ptr().cast(), 2) };
            assert!(blocks[..2].iter().all(|block| block.0 == [0; BLOCK]), "{at}");
            assert!(blocks[2].0 == [9; BLOCK], "{at}");
        }
    }
}
