//! Rows as one byte a value, side by side: what a walk reads. Products of whole numbers are exact, so every processor walks the
//! same way.

use crate::stats::search::Directions;
use crate::stats::search::bytes::rounded;
use rayon::prelude::*;

/// Values of a row are filled up to a multiple of this: a register.
const LANES: usize = 64;

/// All rows.
pub struct Codes {
    width: usize,
    /// `[rows, width]`
    values: Vec<i8>,
    /// What a row's whole numbers are multiplied with, and 128 times their sum.
    scales: Vec<f32>,
    offsets: Vec<i32>,
}

/// A row, or a query.
#[derive(Clone, Debug)]
pub struct Code {
    values: Vec<i8>,
    scale: f32,
}

impl Codes {
    /// The codes of `rows`.
    pub fn of(rows: &Directions) -> Codes {
        let width = rows.dims().next_multiple_of(LANES);
        let mut values = vec![0i8; rows.len() * width];
        let (mut scales, mut offsets) = (vec![0.0; rows.len()], vec![0; rows.len()]);
        if width > 0 {
            let all = values.par_chunks_mut(width).zip(scales.par_iter_mut().zip(&mut offsets)).enumerate();
            all.for_each(|(row, (values, (scale, offset)))| {
                let (whole, of, _) = rounded(rows.row(row));
                values.iter_mut().zip(whole).for_each(|(value, q)| *value = q);
                (*scale, *offset) = (of, 128 * values.iter().map(|q| i32::from(*q)).sum::<i32>());
            });
        }
        Codes { width, values, scales, offsets }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// The code of a query.
    pub fn code(&self, query: &[f32]) -> Code {
        let (whole, scale, _) = rounded(query);
        let mut values: Vec<i8> = whole.collect();
        values.resize(self.width, 0);
        Code { values, scale }
    }

    /// The code of a row.
    pub fn row(&self, row: u32) -> Code {
        Code { values: self.of_row(row).to_vec(), scale: self.scales[row as usize] }
    }

    fn of_row(&self, row: u32) -> &[i8] {
        &self.values[row as usize * self.width..(row as usize + 1) * self.width]
    }

    /// The similarities of `code` and each of `rows`, in place of what `out` holds.
    pub fn similarities(&self, code: &Code, rows: &[u32], out: &mut Vec<f32>) {
        out.clear();
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
            // SAFETY: the processor has just been asked for these instructions.
            #[expect(unsafe_code, reason = "the compiler cannot see that the features were asked for")]
            return unsafe { self.similarities_vnni(code, rows, out) };
        }
        out.extend(rows.iter().map(|row| self.scaled(code, *row, product(&code.values, self.of_row(*row)))));
    }

    /// Whether `row` is more similar to one of `others` than `limit`.
    pub fn any_above(&self, row: u32, others: &[u32], limit: f32) -> bool {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
            // SAFETY: the processor has just been asked for these instructions.
            #[expect(unsafe_code, reason = "the compiler cannot see that the features were asked for")]
            return unsafe { self.any_above_vnni(row, others, limit) };
        }
        let (values, scale) = (self.of_row(row), self.scales[row as usize]);
        let similarity =
            |other: u32| product(values, self.of_row(other)) as f32 * (scale * self.scales[other as usize]);
        others.iter().any(|other| similarity(*other) > limit)
    }

    fn scaled(&self, code: &Code, row: u32, product: i32) -> f32 {
        product as f32 * (code.scale * self.scales[row as usize])
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512vnni")]
    fn similarities_vnni(&self, code: &Code, rows: &[u32], out: &mut Vec<f32>) {
        for row in rows {
            let product = product_vnni(&code.values, self.of_row(*row)) - self.offsets[*row as usize];
            out.push(self.scaled(code, *row, product));
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512vnni")]
    fn any_above_vnni(&self, row: u32, others: &[u32], limit: f32) -> bool {
        let (values, scale) = (self.of_row(row), self.scales[row as usize]);
        for other in others {
            let product = product_vnni(values, self.of_row(*other)) - self.offsets[*other as usize];
            if product as f32 * (scale * self.scales[*other as usize]) > limit {
                return true;
            }
        }
        false
    }
}

/// `Σ (x + 128) y`: the instruction wants one side without signs.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn product_vnni(x: &[i8], y: &[i8]) -> i32 {
    use std::arch::x86_64::{
        __m512i, _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_reduce_add_epi32, _mm512_set1_epi8,
        _mm512_setzero_si512, _mm512_xor_si512,
    };
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn register(values: &[i8; LANES]) -> __m512i {
        // SAFETY: both are 64 bytes, and any bytes are whole numbers.
        #[expect(unsafe_code, reason = "registers are loaded through a pointer")]
        unsafe {
            _mm512_loadu_si512(values.as_ptr().cast())
        }
    }
    let mut sum = _mm512_setzero_si512();
    for (x, y) in x.as_chunks::<LANES>().0.iter().zip(y.as_chunks::<LANES>().0) {
        sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(register(x), _mm512_set1_epi8(-128)), register(y));
    }
    _mm512_reduce_add_epi32(sum)
}

crate::wide::wide! {
    fn product(x: &[i8], y: &[i8]) -> i32 {
        x.iter().zip(y).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn similarities_are_nearly_cosines_and_the_same_on_every_processor(seed in any::<u64>(), dims in 1usize..150) {
            let mut stream = Stream::new(seed, "test.codes");
            let rows = Directions::of(ndarray::Array2::from_shape_fn((9, dims), |_| stream.normal()).view());
            let (codes, all) = (Codes::of(&rows), (0..9).collect::<Vec<u32>>());
            let (code, mut found) = (codes.code(rows.row(4)), Vec::new());
            codes.similarities(&code, &all, &mut found);
            for (row, found) in all.iter().zip(found) {
                prop_assert!((f64::from(found) - rows.similarity(*row as usize, rows.row(4))).abs() < 0.03);
                prop_assert_eq!(found, codes.scaled(&code, *row, product(&code.values, codes.of_row(*row))));
                prop_assert!(codes.any_above(4, &[*row], found - 1e-3) && !codes.any_above(4, &[*row], found));
            }
            prop_assert_eq!(&codes.row(4).values, &code.values);
        }
    }
}
