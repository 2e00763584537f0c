//! One byte a value, with a proven bound on what that costs: 4 times less to read and to multiply than single precision.
//!
//! A row `x` is `s q` with whole numbers `q` in -127..=127 and a rest of length `r`; a query `y` is `t p` with a rest of
//! length `ρ`. Then `x · y = s t (q · p) + (x - s q) · (t p) + x · (y - t p)`, which is above `s t (q · p)` by at most
//! `r |t p| + |x| ρ` (Cauchy and Schwarz). The sum `q · p` of whole numbers is exact, so every processor gives the same.
//!
//! Rows lie in groups of 16, `[groups, dims / 4, 16, 4]`, four values of a row side by side: what the instruction
//! VPDPBUSD (AVX-512 VNNI) multiplies and adds at once. It wants one side without signs, so rows are stored as `q + 128`.

use super::Directions;

/// Rows of a group.
const GROUP: usize = 16;
/// Rows that are multiplied before the next query comes: with 1024 dims a tile still stays in the second-level cache.
pub const TILE_ROWS: usize = 512;
/// Queries that are multiplied together.
pub const TOGETHER: usize = 8;
/// Above what rounding to single precision may cost: of one unit, in five operations.
const ROUNDING: f32 = 2e-6;

/// Rows as bytes.
pub struct Bytes {
    /// Values of a row, in fours.
    fours: usize,
    /// `[groups, fours, 16, 4]`: `q + 128`; whole tiles, the last one filled up.
    packed: Vec<u8>,
    /// `s` of each row, and an upper bound of `r`.
    scales: Vec<f32>,
    rests: Vec<f32>,
}

/// A query as bytes.
pub struct Query {
    /// `p`, filled up to fours.
    values: Vec<i8>,
    /// `t`, `|t p|` and `ρ`.
    scale: f32,
    length: f32,
    rest: f64,
    /// `128 Σ p`: what the rows' offset adds.
    offset: i32,
}

/// The whole numbers, the scale and the length of the rest of a row.
pub fn rounded(row: &[f32]) -> (impl Iterator<Item = i8>, f32, f64) {
    let largest = row.iter().fold(0.0f32, |top, x| top.max(x.abs()));
    let scale = largest / 127.0;
    let factor = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    let whole = move |x: &f32| (x * factor).round_ties_even().clamp(-127.0, 127.0) as i8;
    let rest = |x: &f32| (f64::from(*x) - f64::from(scale) * f64::from(whole(x))).powi(2);
    (row.iter().map(whole), scale, row.iter().map(rest).sum::<f64>().sqrt())
}

impl Query {
    /// `query` is of length one, or zero.
    pub fn of(query: &[f32]) -> Query {
        let (values, scale, rest) = rounded(query);
        let mut values: Vec<i8> = values.collect();
        values.resize(query.len().next_multiple_of(4), 0);
        let squares: i64 = values.iter().map(|p| i64::from(*p).pow(2)).sum();
        let length = (squares as f64).sqrt() as f32 * scale * 1.000_001;
        let offset = 128 * values.iter().map(|p| i32::from(*p)).sum::<i32>();
        Query { values, scale, length, rest, offset }
    }

    /// What the values of [`Bytes::values`] may still be below the truth.
    pub fn error(&self) -> f64 {
        self.rest * 1.000_01 + f64::from(ROUNDING)
    }
}

impl Bytes {
    /// The bytes of `rows`.
    pub fn of(rows: &Directions) -> Bytes {
        use rayon::prelude::*;
        let fours = rows.dims().div_ceil(4);
        let padded = rows.len().next_multiple_of(TILE_ROWS);
        // 128 stands for zero.
        let mut packed = vec![128u8; padded * fours * 4];
        let (mut scales, mut rests) = (vec![0.0; padded], vec![0.0; padded]);
        if fours > 0 {
            let groups = packed.par_chunks_mut(GROUP * fours * 4).zip(scales.par_chunks_mut(GROUP));
            groups.zip(rests.par_chunks_mut(GROUP)).enumerate().for_each(|(group, ((packed, scales), rests))| {
                for (lane, row) in (group * GROUP..rows.len().min((group + 1) * GROUP)).enumerate() {
                    let (values, scale, rest) = rounded(rows.row(row));
                    for (at, q) in values.enumerate() {
                        packed[(at / 4 * GROUP + lane) * 4 + at % 4] = (i16::from(q) + 128) as u8;
                    }
                    (scales[lane], rests[lane]) = (scale, rest as f32 * 1.000_01 + ROUNDING);
                }
            });
        }
        Bytes { fours, packed, scales, rests }
    }

    /// `out[query][row] = -(s t (q · p) + r |t p|)` for the [`TILE_ROWS`] rows from `start` on, a multiple of them: no
    /// cosine is above `-out` by more than the query's error. At most [`TOGETHER`] queries; `out` is `[8, 512]`.
    pub fn values(&self, start: usize, queries: &[Query], out: &mut [f32]) {
        let tile = &self.packed[start * self.fours * 4..(start + TILE_ROWS) * self.fours * 4];
        let (scales, rests) = (&self.scales[start..start + TILE_ROWS], &self.rests[start..start + TILE_ROWS]);
        let rows = Tile { tile, scales, rests };
        match queries {
            [one] => rows.multiply::<4, 1>([one], out),
            [a, b, c, d, e, f, g, h] => rows.multiply::<2, 8>([a, b, c, d, e, f, g, h], out),
            _ => queries.iter().zip(out.chunks_exact_mut(TILE_ROWS)).for_each(|(one, out)| {
                rows.multiply::<4, 1>([one], out);
            }),
        }
    }
}

/// Some rows.
#[derive(Clone, Copy)]
struct Tile<'a> {
    tile: &'a [u8],
    scales: &'a [f32],
    rests: &'a [f32],
}

impl Tile<'_> {
    /// `G` groups of rows and `Q` queries at a time, so that all their sums stay in registers.
    fn multiply<const G: usize, const Q: usize>(self, queries: [&Query; Q], out: &mut [f32]) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
            // SAFETY: the processor has just been asked for these instructions.
            #[expect(unsafe_code, reason = "the compiler cannot see that the features were asked for")]
            return unsafe { self.multiply_vnni::<G, Q>(queries, out) };
        }
        self.multiply_plain(queries, out);
    }

    fn multiply_plain<const Q: usize>(self, queries: [&Query; Q], out: &mut [f32]) {
        for (query, out) in queries.into_iter().zip(out.chunks_exact_mut(TILE_ROWS)) {
            let groups = self.tile.chunks_exact(query.values.len().max(1) * GROUP);
            for (group, out) in groups.zip(out.as_chunks_mut::<GROUP>().0).map(|(bytes, out)| (sums(bytes, query), out))
            {
                *out = group.map(|sum| sum as f32);
            }
            for (at, out) in out.iter_mut().enumerate() {
                *out = -(*out * (self.scales[at] * query.scale) + self.rests[at] * query.length);
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512vnni")]
    fn multiply_vnni<const G: usize, const Q: usize>(self, queries: [&Query; Q], out: &mut [f32]) {
        use std::arch::x86_64::{_mm512_dpbusd_epi32, _mm512_set1_epi32, _mm512_setzero_si512};
        let values = queries.map(|query| query.values.as_chunks::<4>().0);
        let fours = values[0].len();
        let sizes = [self.tile.len() / 64, fours * TILE_ROWS / GROUP];
        assert!(sizes[0] == sizes[1] && values.iter().all(|query| query.len() == fours) && out.len() >= Q * TILE_ROWS);
        let registers = self.tile.as_chunks::<64>().0;
        for first in (0..TILE_ROWS / GROUP).step_by(G) {
            let groups: [&[[u8; 64]]; G] = std::array::from_fn(|g| &registers[(first + g) * fours..][..fours]);
            let mut sums = [[_mm512_setzero_si512(); G]; Q];
            for four in 0..fours {
                let rows = groups.map(|group| register(&group[four]));
                for (sums, query) in sums.iter_mut().zip(values) {
                    let four = _mm512_set1_epi32(i32::from_ne_bytes(query[four].map(|p| p as u8)));
                    for (sum, rows) in sums.iter_mut().zip(rows) {
                        *sum = _mm512_dpbusd_epi32(*sum, rows, four);
                    }
                }
            }
            for (q, (sums, query)) in sums.into_iter().zip(queries).enumerate() {
                for (g, sums) in sums.into_iter().enumerate() {
                    let from = (first + g) * GROUP;
                    for (at, sum) in lanes(sums).into_iter().enumerate() {
                        let (scale, rest) = (self.scales[from + at], self.rests[from + at]);
                        out[q * TILE_ROWS + from + at] =
                            -((sum - query.offset) as f32 * (scale * query.scale) + rest * query.length);
                    }
                }
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
#[inline]
fn register(bytes: &[u8; 64]) -> std::arch::x86_64::__m512i {
    // SAFETY: both are 64 bytes, and any bytes are whole numbers.
    #[expect(unsafe_code, reason = "registers are loaded through a pointer")]
    unsafe {
        std::arch::x86_64::_mm512_loadu_si512(bytes.as_ptr().cast())
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
#[inline]
fn lanes(sums: std::arch::x86_64::__m512i) -> [i32; GROUP] {
    let mut lanes = [0; GROUP];
    // SAFETY: both are 64 bytes, and any bytes are whole numbers.
    #[expect(unsafe_code, reason = "registers are stored through a pointer")]
    unsafe {
        std::arch::x86_64::_mm512_storeu_si512(lanes.as_mut_ptr().cast(), sums);
    }
    lanes
}

crate::wide::wide! {
    /// `q · p` of the rows of one group.
    fn sums(group: &[u8], query: &Query) -> [i32; GROUP] {
        let mut sums = [-query.offset; GROUP];
        for (rows, four) in group.as_chunks::<64>().0.iter().zip(query.values.as_chunks::<4>().0) {
            for (lane, row) in rows.as_chunks::<4>().0.iter().enumerate() {
                for (q, p) in row.iter().zip(four) {
                    sums[lane] += i32::from(*q) * i32::from(*p);
                }
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use ndarray::Array2;
    use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

    fn directions(seed: u64, rows: usize, dims: usize) -> Directions {
        let mut stream = Stream::new(seed, "test.bytes");
        // Some values far larger than others: the worst for a scale that all share.
        Directions::of(Array2::from_shape_fn((rows, dims), |_| stream.normal().powi(3)).view())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn no_cosine_is_above_its_bound(seed in any::<u64>(), dims in 1usize..70, together in 1usize..9) {
            let (rows, queries) = (directions(seed, 600, dims), directions(!seed, together, dims));
            let ready: Vec<Query> = (0..together).map(|at| Query::of(queries.row(at))).collect();
            let (bytes, mut out) = (Bytes::of(&rows), vec![0.0; TOGETHER * TILE_ROWS]);
            for start in [0, TILE_ROWS] {
                bytes.values(start, &ready, &mut out);
                for (query, ready) in ready.iter().enumerate() {
                    for row in start..600.min(start + TILE_ROWS) {
                        let bound = -f64::from(out[query * TILE_ROWS + row - start]) + ready.error();
                        let cosine = rows.similarity(row, queries.row(query));
                        prop_assert!(cosine <= bound, "{row}: {cosine} is above {bound}");
                        prop_assert!(bound - cosine < 0.2, "{row}: {bound} says nothing of {cosine}");
                    }
                }
            }
        }

        #[test]
        fn every_processor_gives_the_same(seed in any::<u64>(), dims in 1usize..70) {
            let (rows, queries) = (directions(seed, TILE_ROWS, dims), directions(!seed, 8, dims));
            let ready: [Query; 8] = std::array::from_fn(|at| Query::of(queries.row(at)));
            let bytes = Bytes::of(&rows);
            let tile = Tile { tile: &bytes.packed, scales: &bytes.scales, rests: &bytes.rests };
            let (mut fast, mut plain) = (vec![0.0; 8 * TILE_ROWS], vec![1.0; 8 * TILE_ROWS]);
            tile.multiply::<2, 8>(ready.each_ref(), &mut fast);
            tile.multiply_plain(ready.each_ref(), &mut plain);
            prop_assert_eq!(&fast, &plain);
            tile.multiply::<4, 1>([&ready[5]], &mut fast);
            prop_assert_eq!(&fast[..TILE_ROWS], &plain[5 * TILE_ROWS..6 * TILE_ROWS]);
        }
    }

    #[test]
    fn a_direction_without_length_is_like_nothing() {
        let rows = Directions::of(Array2::<f64>::zeros((3, 5)).view());
        let (bytes, mut out) = (Bytes::of(&rows), vec![1.0; TOGETHER * TILE_ROWS]);
        bytes.values(0, &[Query::of(&[0.0; 5])], &mut out);
        assert!(out[..TILE_ROWS].iter().all(|value| *value == 0.0));
    }
}
