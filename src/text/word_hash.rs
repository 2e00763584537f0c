//! A hash for words: eight bytes at a time, two multiplications each (after wyhash, Wang Yi, 2019). Words are a few bytes
//! long, and the standard library's hash spends most of its time on beginning and ending.

use std::hash::Hasher;

const FACTORS: [u64; 2] = [0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB];

/// Hashes words; the same on every machine.
#[derive(Default)]
pub(super) struct WordHasher(u64);

impl WordHasher {
    fn mix(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word ^ FACTORS[0]) * u128::from(FACTORS[1]);
        self.0 = (wide as u64) ^ (wide >> 64) as u64;
    }
}

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (whole, rest) = bytes.as_chunks::<8>();
        whole.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    fn write_u8(&mut self, _: u8) {
        // A string hashes its length above; what ends it says nothing more.
    }

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(FACTORS[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::hash::Hash;

    fn hashed(word: &str) -> u64 {
        let mut hasher = WordHasher::default();
        word.hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn words_that_differ_little_differ_in_their_first_and_last_bits() {
        let words: Vec<String> = (0..20_000).map(|at| format!("word{at}")).collect();
        assert_eq!(words.iter().map(|word| hashed(word)).collect::<BTreeSet<_>>().len(), 20_000);
        let low: BTreeSet<u64> = words.iter().map(|word| hashed(word) & 0xFFFF).collect();
        // 20,000 random draws of 65,536 meet 17,200 of them.
        assert!(low.len() > 16_800, "{}", low.len());
        let high: BTreeSet<u64> = words.iter().map(|word| hashed(word) >> 57).collect();
        assert_eq!(high.len(), 128);
    }

    #[test]
    fn length_and_every_byte_count() {
        let words = ["", "a", "a\0", "aaaaaaaa", "aaaaaaaaa", "baaaaaaaa"];
        assert_eq!(words.map(hashed).into_iter().collect::<BTreeSet<_>>().len(), words.len());
    }
}
