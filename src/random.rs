//! One counter-based random generator for everything that is drawn.
//! Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), section 4.
//!
//! A draw is a pure function of (seed, stream name, step, index). So initial weights, noise, shuffles and samples do not
//! depend on the order in which threads ask, and a training that is continued at step `n` draws what it would have drawn.

const ROUNDS: usize = 10;
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// A named sequence of random numbers.
#[derive(Clone, Debug)]
pub struct Stream {
    key: [u32; 2],
    step: u64,
    block: u64,
    words: [u32; 4],
    used: usize,
}

impl Stream {
    /// The stream `name` under `seed`, at step 0.
    pub fn new(seed: u64, name: &str) -> Stream {
        Stream::at(seed, name, 0)
    }

    /// The stream `name` under `seed`, at `step` (of a training, or the index of an item).
    pub fn at(seed: u64, name: &str, step: u64) -> Stream {
        Stream { key: key(seed, name), step, block: 0, words: [0; 4], used: 4 }
    }

    /// 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        if self.used == 4 {
            self.words = philox(self.key, counter(self.block, self.step));
            self.block += 1;
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) << 32 | u64::from(self.next_u32())
    }

    /// Uniform in `[0, 1)`, with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in `[low, high)`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Standard normal (Box and Muller, 1958; one value a call, so that a draw costs a fixed number of words).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Uniform in `0..n`, unbiased (Lemire 2019). `n` must not be 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        let reject = n.wrapping_neg() % n;
        loop {
            let wide = u128::from(self.next_u64()) * u128::from(n);
            if wide as u64 >= reject {
                return (wide >> 64) as usize;
            }
        }
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// An index drawn in proportion to `weights` (not negative, not all zero).
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.uniform() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.iter().rposition(|w| *w > 0.0).unwrap_or(0)
    }

    /// Puts `items` in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Standard normal values, both of each Box–Muller pair used.
    pub fn normals(&mut self, len: usize) -> Vec<f32> {
        let mut values = Vec::with_capacity(len + 1);
        while values.len() < len {
            let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
            let (sin, cos) = (std::f64::consts::TAU * self.uniform()).sin_cos();
            values.extend([(radius * cos) as f32, (radius * sin) as f32]);
        }
        values.truncate(len);
        values
    }

    /// Uniform values in `[low, high)`.
    pub fn uniforms(&mut self, len: usize, low: f64, high: f64) -> Vec<f32> {
        (0..len).map(|_| self.between(low, high) as f32).collect()
    }
}

fn key(seed: u64, name: &str) -> [u32; 2] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes()).update(name.as_bytes());
    let digest = hasher.finalize();
    let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| digest.as_bytes()[at + byte]));
    [word(0), word(4)]
}

fn counter(block: u64, step: u64) -> [u32; 4] {
    [block as u32, (block >> 32) as u32, step as u32, (step >> 32) as u32]
}

fn philox(mut key: [u32; 2], mut words: [u32; 4]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let [low, high] = [0, 1].map(|half| u64::from(MULTIPLIERS[half]) * u64::from(words[2 * half]));
        words =
            [(high >> 32) as u32 ^ words[1] ^ key[0], high as u32, (low >> 32) as u32 ^ words[3] ^ key[1], low as u32];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_published_words() {
        // Known-answer vectors of the Random123 distribution, kat_vectors: philox4x32, 10 rounds.
        assert_eq!(philox([0, 0], [0; 4]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([u32::MAX; 2], [u32::MAX; 4]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    }

    #[test]
    fn streams_differ_by_seed_name_and_step() {
        let first = |mut s: Stream| s.next_u64();
        let base = first(Stream::new(7, "noise"));
        assert_eq!(base, first(Stream::at(7, "noise", 0)));
        for other in [Stream::new(8, "noise"), Stream::new(7, "init"), Stream::at(7, "noise", 1)] {
            assert_ne!(base, first(other));
        }
    }

    #[test]
    fn normals_have_mean_zero_and_variance_one() {
        let values = Stream::new(1, "normal").normals(100_000);
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / 1e5;
        let variance = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "mean {mean}, variance {variance}");
    }

    #[test]
    fn below_is_uniform_and_shuffle_keeps_all() {
        let mut stream = Stream::new(2, "below");
        let mut counts = [0; 7];
        (0..70_000).for_each(|_| counts[stream.below(7)] += 1);
        assert!(counts.iter().all(|c| (9_500..10_500).contains(c)), "{counts:?}");
        let mut items: Vec<u32> = (0..50).collect();
        stream.shuffle(&mut items);
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
