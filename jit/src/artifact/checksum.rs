//! A checksum against damage: any change inside of one aligned group of 8 bytes changes it, because
//! every step is a bijection of what went before; other changes do but for a chance of 2^-64. It is no
//! protection against malice, and need not be: who can forge an artifact's checksum can write its code.

const LANES: usize = 4;
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// The checksum of bytes.
pub fn checksum(bytes: &[u8]) -> u64 {
    let mut lanes = [1, 2, 3, 4];
    let mut chunks = bytes.chunks_exact(LANES * 8);
    for chunk in &mut chunks {
        mix_all(&mut lanes, chunk);
    }
    let mut last = [0; LANES * 8];
    last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    mix_all(&mut lanes, &last);
    lanes.into_iter().fold(bytes.len() as u64, mix)
}

fn mix_all(lanes: &mut [u64; LANES], chunk: &[u8]) {
    for (lane, word) in lanes.iter_mut().zip(chunk.chunks_exact(8)) {
        *lane = mix(*lane, u64::from_le_bytes(word.try_into().expect("8 bytes")));
    }
}

fn mix(state: u64, word: u64) -> u64 {
    (state ^ word).wrapping_mul(MULTIPLIER).rotate_left(29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_bit_is_seen() {
        let bytes: Vec<u8> = (0..133).map(|n| (n * 7) as u8).collect();
        let good = checksum(&bytes);
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(checksum(&bad), good, "bit {bit}");
        }
        assert!((0..bytes.len()).all(|len| checksum(&bytes[..len]) != good));
        assert_ne!(checksum(&[]), checksum(&[0]));
    }
}
