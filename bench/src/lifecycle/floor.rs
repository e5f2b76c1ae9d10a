//! What memory itself takes: the pages that a cycle writes, copied from elsewhere, and only
//! looked at. Whoever finds out by page what was written, and writes it back by page, does
//! the first or, if pages are zero or nothing was written, at least the second.

use super::sampling::quantile;
use std::hint::black_box;
use std::time::Instant;

/// Nanoseconds, medians.
pub struct Floor {
    /// To copy the pages from others.
    pub copy: f64,
    /// To read every byte of them.
    pub read: f64,
}

const PAGE: usize = 4096;

/// A word is written to each page in between, as a guest does.
pub fn floor(stride: u32, pages: usize) -> Floor {
    let len = pages * stride as usize + PAGE;
    let (mut memory, image) = (vec![1; len], vec![2; len]);
    let starts: Vec<usize> = (0..pages).map(|page| page * stride as usize).collect();
    let mut median = |work: fn(&mut [u8], &[u8])| {
        const BATCH: u32 = 16;
        let sample = |_| {
            let start = Instant::now();
            for n in 0..BATCH {
                starts.iter().for_each(|at| memory[at + 8] = n as u8);
                for &at in &starts {
                    work(&mut memory[at..at + PAGE], &image[at..at + PAGE]);
                }
            }
            start.elapsed().as_nanos() as f64 / f64::from(BATCH)
        };
        quantile((0..500).map(sample).collect(), 0.5)
    };
    Floor {
        copy: median(|memory, image| memory.copy_from_slice(image)),
        read: median(|memory, _| {
            let (words, _) = memory.as_chunks::<8>();
            black_box(words.iter().fold(0, |all, word| all | u64::from_ne_bytes(*word)));
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_pages_take_longer() {
        let (none, many) = (floor(8192, 0), floor(8192, 64));
        assert!(many.copy > none.copy && many.read > none.read);
    }
}
