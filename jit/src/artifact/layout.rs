//! How an artifact is laid out: a header that says where the parts are, then the parts, each at the start
//! of a page. All numbers are little-endian. Where the parts are is checked against the file's length; that they
//! are as they were written is found out by the checksum.

use super::checksum::checksum;
use core::ops::Range;

/// What an artifact begins with.
pub const MAGIC: [u8; 8] = *b"\x7fdayfly\n";

/// The version of this layout.
const FORMAT: u64 = 4;

/// Where parts begin: a multiple of this, which is a page of the systems that code is made for.
const PAGE: usize = 4096;

/// The parts, in their order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// `Target`, as text.
    Target,
    /// The module's own bytes.
    Module,
    /// The tables of the code, in words.
    Tables,
    /// For each function the number of its entry, or `NO_ENTRY`, in words.
    Entries,
    /// The machine code.
    Text,
    /// For each memory with initial contents `IMAGE_WORDS` words: which, where in it they begin, how many bytes.
    Images,
    /// These contents, one after the other, in whole pages.
    Contents,
}

const PARTS: usize = Part::Contents as usize + 1;

/// Words of an image: the memory, then offset and length of 64 bits.
pub const IMAGE_WORDS: usize = 5;

/// Stands for a function without code.
pub const NO_ENTRY: u32 = u32::MAX;

/// Words of the header: magic, format, checksum, length of the file, then start and length of each part.
const HEADER_WORDS: usize = 4 + 2 * PARTS;

/// The words before those that the checksum covers.
const UNCHECKED: usize = 3 * 8;

/// Where the parts of an artifact are.
#[derive(Clone, Debug)]
pub struct Parts {
    parts: [Range<usize>; PARTS],
    /// Of everything behind it.
    checksum: u64,
}

/// Why bytes are no artifact.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// They begin with something else.
    Magic,
    /// They are of another version of the layout.
    Format,
    /// They were changed or cut off.
    Damaged,
}

impl Parts {
    /// Finds the parts of an artifact, which may be damaged.
    pub fn find(file: &[u8]) -> Result<Parts, Wrong> {
        if !file.starts_with(&MAGIC) {
            return Err(Wrong::Magic);
        }
        let word = |n: usize| -> Result<u64, Wrong> {
            let bytes = file.get(n * 8..n * 8 + 8).ok_or(Wrong::Damaged)?;
            Ok(u64::from_le_bytes(bytes.try_into().map_err(|_| Wrong::Damaged)?))
        };
        if word(1)? != FORMAT {
            return Err(Wrong::Format);
        }
        if word(3)? != file.len() as u64 {
            return Err(Wrong::Damaged);
        }
        let mut parts = [const { 0..0 }; PARTS];
        for (n, part) in parts.iter_mut().enumerate() {
            let place = |n| word(n).and_then(|word| usize::try_from(word).map_err(|_| Wrong::Damaged));
            let (start, len) = (place(4 + 2 * n)?, place(5 + 2 * n)?);
            let end = start.checked_add(len).filter(|&end| end <= file.len() && start.is_multiple_of(PAGE));
            *part = start..end.ok_or(Wrong::Damaged)?;
        }
        Ok(Parts { parts, checksum: word(2)? })
    }

    /// Whether all of the artifact is as it was written. It takes time in proportion to its length.
    pub fn are_whole(&self, file: &[u8]) -> bool {
        file.get(UNCHECKED..).is_some_and(|checked| checksum(checked) == self.checksum)
    }

    /// The checksum that the artifact should have.
    pub fn checksum(&self) -> u64 {
        self.checksum
    }

    /// Where a part is.
    pub fn range(&self, part: Part) -> Range<usize> {
        self.parts[part as usize].clone()
    }
}

/// An artifact of these parts, in the order of `Part`.
pub fn write(parts: [&[u8]; PARTS]) -> Vec<u8> {
    let pages = |len: usize| len.next_multiple_of(PAGE);
    let len = pages(HEADER_WORDS * 8) + parts.iter().map(|part| pages(part.len())).sum::<usize>();
    let mut file = Vec::with_capacity(len);
    let mut header = Vec::with_capacity(HEADER_WORDS);
    header.extend([u64::from_le_bytes(MAGIC), FORMAT, 0, len as u64]);
    let mut start = pages(HEADER_WORDS * 8);
    for part in parts {
        header.extend([start as u64, part.len() as u64]);
        start += pages(part.len());
    }
    file.extend(header.iter().flat_map(|word| word.to_le_bytes()));
    file.resize(pages(file.len()), 0);
    for part in parts {
        file.extend_from_slice(part);
        file.resize(pages(file.len()), 0);
    }
    let checksum = checksum(&file[UNCHECKED..]);
    file[UNCHECKED - 8..UNCHECKED].copy_from_slice(&checksum.to_le_bytes());
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &[u8]) -> Result<Parts, Wrong> {
        Parts::find(file)
            .and_then(|parts| if parts.are_whole(file) { Ok(parts) } else { Err(Wrong::Damaged) })
    }

    fn sample() -> Vec<u8> {
        write([b"target", b"module", &[1; 5000], &[], &[0xc3; 10], &[], &[7; 4096]])
    }

    #[test]
    fn parts_are_found_at_pages() {
        let file = sample();
        let parts = read(&file).unwrap();
        assert_eq!(&file[parts.range(Part::Module)], b"module");
        assert_eq!(&file[parts.range(Part::Text)], &[0xc3; 10]);
        assert!(parts.range(Part::Entries).is_empty());
        assert!(parts.parts.iter().all(|part| part.start.is_multiple_of(PAGE)));
    }

    #[test]
    fn changed_bytes_and_missing_ones_are_noticed() {
        let file = sample();
        for at in (0..200).chain((200..file.len()).step_by(61)) {
            let mut bad = file.clone();
            bad[at] ^= 0x20;
            assert!(read(&bad).is_err(), "byte {at}");
        }
        for len in (0..file.len()).step_by(511) {
            assert!(read(&file[..len]).is_err(), "{len} bytes");
        }
        assert_eq!(read(b"\0asm\x01\0\0\0").unwrap_err(), Wrong::Magic);
        let mut newer = file;
        newer[8] += 1;
        assert_eq!(read(&newer).unwrap_err(), Wrong::Format);
    }
}
