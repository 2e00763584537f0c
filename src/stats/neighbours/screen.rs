//! Rules out pairs of points by single-precision matrix products, with a proven bound on the rounding.
//!
//! With `x` the points moved to their mean and scaled into [-1, 1], a product with one more column gives
//! `value(i, j) = |x_j|² / 2 - x_i · x_j`, which ranks the points by their distance from `i`, for
//! `|x_i - x_j|² / 2 = |x_i|² / 2 + value(i, j)`. A sum of `m` products in single precision is off by at most
//! `(m + 3) u (|x_i| |x_j| + |x_j|² / 2)`, `u = 2⁻²⁴` (Higham, "Accuracy and Stability of Numerical Algorithms", section
//! 3.1, with the rounding of the factors), and `|x_i| |x_j| <= (|x_i|² + |x_j|²) / 2`: a part for each of the two points.

use std::ops::Range;

use gemm::Parallelism;
use ndarray::{ArrayView2, Axis};

use super::sift::sift;

/// Rows of one block of work.
pub const BLOCK_ROWS: usize = 256;
/// Columns of one product: with [`BLOCK_ROWS`] rows it stays in the second-level cache.
const BLOCK_COLUMNS: usize = 512;

/// Points made ready for screening.
pub struct Screen {
    dims: usize,
    /// The points as given, `[points, dims]`.
    points: Vec<f64>,
    /// `[points, dims + 1]`: `-x_i` and 1.
    left: Vec<f32>,
    /// `[points, dims + 1]`: `x_j`, and half its squared norm less its part of the error.
    right: Vec<f32>,
    /// Squared norms of `x`, and the largest of them.
    norms: Vec<f64>,
    largest: f64,
    /// What squared distances are multiplied with to become those of `x`.
    scale: f64,
    /// Half-width of the error of one point, as a share of its squared norm.
    error: f64,
}

/// Room for one block of values, to be used again.
#[derive(Default)]
pub struct Tile(Vec<f32>);

impl Screen {
    /// `points` is `[points, dims]`; without columns all lie in one place. Values that are not finite make the screen
    /// useless, not wrong.
    pub fn new(points: ArrayView2<f64>) -> Screen {
        let dims = points.ncols();
        if dims == 0 {
            return Screen::of_scaled(vec![0.0; points.nrows()], &vec![0.0; points.nrows()], 1, 1.0);
        }
        let mean = points.mean_axis(Axis(0)).unwrap_or_default();
        let mut moved: Vec<f64> = points.rows().into_iter().flatten().copied().collect();
        let points = moved.clone();
        moved.chunks_exact_mut(dims).for_each(|row| row.iter_mut().zip(&mean).for_each(|(x, m)| *x -= m));
        let largest = moved.iter().fold(0.0f64, |top, x| if x.abs() > top { x.abs() } else { top });
        let factor = if largest > 0.0 { 1.0 / largest } else { 1.0 };
        moved.iter_mut().for_each(|x| *x *= factor);
        Screen::of_scaled(points, &moved, dims, factor * factor)
    }

    fn of_scaled(points: Vec<f64>, x: &[f64], dims: usize, scale: f64) -> Screen {
        let error = 1.1 * (dims + 6) as f64 * f64::from(f32::EPSILON) / 2.0;
        let rows = || x.chunks_exact(dims);
        let norms: Vec<f64> = rows().map(|row| row.iter().map(|x| x * x).sum()).collect();
        let left = rows().flat_map(|row| row.iter().map(|x| -x as f32).chain([1.0])).collect();
        let half = |norm: &f64| norm * (0.5 - error);
        let right = rows().zip(&norms).flat_map(|(row, norm)| row.iter().map(|x| *x as f32).chain([half(norm) as f32]));
        let (right, largest) = (right.collect(), norms.iter().fold(0.0f64, |top, norm| top.max(*norm)));
        Screen { dims, points, left, right, norms, largest, scale, error }
    }

    /// The same points in another order: point `i` of the new screen is `order[i]` of this one.
    pub fn reordered(&self, order: &[usize]) -> Screen {
        let gather = |values: &[f32]| rows_of(values, self.dims + 1, order);
        Screen {
            points: rows_of(&self.points, self.dims, order),
            left: gather(&self.left),
            right: gather(&self.right),
            norms: rows_of(&self.norms, 1, order),
            ..*self
        }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.norms.len()
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.norms.is_empty()
    }

    /// The squared distance of two points in double precision, by differences.
    pub fn squared(&self, a: usize, b: usize) -> f64 {
        let row = |at: usize| &self.points[at * self.dims..(at + 1) * self.dims];
        squared(row(a), row(b))
    }

    /// A value that no point within the squared distance of `row` exceeds.
    pub fn limit(&self, row: usize, squared: f64) -> f32 {
        let underflow = (self.dims + 1) as f64 * f64::from(f32::MIN_POSITIVE);
        let limit = 0.5 * (squared * self.scale * (1.0 + 1e-12) - self.norms[row]) + self.error * self.norms[row];
        (limit + underflow) as f32 + f32::EPSILON * (limit.abs() as f32)
    }

    /// A bound for the value of a pair without rounding, but for the part of the row.
    pub fn upper(&self, column: usize, value: f32) -> f32 {
        let upper = f64::from(value) + 2.0 * self.error * self.norms[column];
        upper as f32 + f32::EPSILON * (upper.abs() as f32)
    }

    /// A value that no point exceeds which is as near to `row` as one with this upper bound.
    pub fn limit_of_upper(&self, row: usize, upper: f32) -> f32 {
        let underflow = 2.0 * (self.dims + 1) as f64 * f64::from(f32::MIN_POSITIVE);
        let limit = f64::from(upper) + 2.0 * self.error * self.norms[row] + underflow;
        limit as f32 + f32::EPSILON * (limit.abs() as f32)
    }

    /// A value below which every point is surely within the squared distance of `row`.
    pub fn surely_within(&self, row: usize, squared: f64) -> f32 {
        let underflow = (self.dims + 1) as f64 * f64::from(f32::MIN_POSITIVE);
        let limit = 0.5 * (squared * self.scale * (1.0 - 1e-12) - self.norms[row])
            - self.error * (self.norms[row] + 2.0 * self.largest)
            - underflow;
        limit as f32 - f32::EPSILON * (limit.abs() as f32)
    }

    /// Calls `found(row, column, limit)` for every pair of `rows` and `columns` that the limit of its row does not rule out;
    /// it may lower that limit. `limits` are those of `rows`. Columns of one row come by rising index.
    pub fn scan(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        tile: &mut Tile,
        limits: &mut [f32],
        mut found: impl FnMut(usize, usize, &mut f32),
    ) {
        self.scan_values(rows, columns, tile, limits, |row, column, _, limit| found(row, column, limit));
    }

    /// [`Screen::scan`] that tells the value of the pair as well.
    pub fn scan_values(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        tile: &mut Tile,
        limits: &mut [f32],
        mut found: impl FnMut(usize, usize, f32, &mut f32),
    ) {
        for start in columns.clone().step_by(BLOCK_COLUMNS) {
            let end = (start + BLOCK_COLUMNS).min(columns.end);
            let values = self.values(rows.clone(), start..end, tile);
            for ((row, values), limit) in rows.clone().zip(values.chunks_exact(end - start)).zip(limits.iter_mut()) {
                sift(values, limit, |at, value, limit| found(row, start + at, value, limit));
            }
        }
    }

    /// The values of all pairs, `[rows, columns]`.
    fn values<'a>(&self, rows: Range<usize>, columns: Range<usize>, tile: &'a mut Tile) -> &'a [f32] {
        let width = self.dims + 1;
        tile.0.resize(BLOCK_ROWS.max(rows.len()) * BLOCK_COLUMNS, 0.0);
        let out = &mut tile.0[..rows.len() * columns.len()];
        let span = |range: Range<usize>| range.start * width..range.end * width;
        products(&self.left[span(rows)], &self.right[span(columns)], width, out);
        out
    }
}

fn rows_of<T: Copy>(values: &[T], width: usize, order: &[usize]) -> Vec<T> {
    order.iter().flat_map(|at| &values[at * width..(at + 1) * width]).copied().collect()
}

/// Squared Euclidean distance, in eight partial sums.
pub fn squared(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0f64; 8];
    for (a, b) in a.iter().zip(b) {
        (0..8).for_each(|lane| sums[lane] += (a[lane] - b[lane]) * (a[lane] - b[lane]));
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| (a - b) * (a - b)).sum();
    ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7])) + rest
}

/// `out[i, j] = left[i] · right[j]`, all row-major with rows of `width` values.
fn products(left: &[f32], right: &[f32], width: usize, out: &mut [f32]) {
    let (m, n) = (left.len() / width, right.len() / width);
    assert!(
        left.len() == m * width && right.len() == n * width && out.len() == m * n,
        "the sizes of a product must fit"
    );
    let (width, stride) = (width as isize, n as isize);
    // SAFETY: the three slices are as long as their shapes say (asserted above), every index that the strides reach lies
    // inside them, and `out` is borrowed alone.
    #[expect(unsafe_code, reason = "the gemm crate takes pointers; the lengths are checked here")]
    unsafe {
        gemm::gemm(
            m,
            n,
            width as usize,
            out.as_mut_ptr(),
            1,
            stride,
            false,
            left.as_ptr(),
            1,
            width,
            right.as_ptr(),
            width,
            1,
            0.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use ndarray::Array2;
    use proptest::prelude::{any, prop_assert, proptest};

    proptest! {
        #[test]
        fn no_pair_is_wrongly_ruled_out_or_let_in(seed in any::<u64>(), dims in 1usize..40, decades in 0.0..9.0) {
            // Points of very different sizes, far from the origin: the worst for single precision.
            let mut stream = Stream::new(seed, "test.screen");
            let mut coordinate = || 1e3 + stream.normal() * 10f64.powf(-stream.between(0.0, 1.0) * decades);
            let points = Array2::from_shape_fn((60, dims), |_| coordinate());
            let screen = Screen::new(points.view());
            let (mut tile, all) = (Tile::default(), 0..60);
            let values = screen.values(all.clone(), all.clone(), &mut tile);
            for row in all.clone() {
                for column in all.clone() {
                    let (value, squared) = (values[row * 60 + column], screen.squared(row, column));
                    prop_assert!(value <= screen.limit(row, squared), "{row} {column} is ruled out");
                    let (other, upper) = ((column * 7 + row) % 60, |at| screen.upper(at, values[row * 60 + at]));
                    if screen.squared(row, other) <= squared {
                        let limit = screen.limit_of_upper(row, upper(column));
                        prop_assert!(values[row * 60 + other] <= limit, "{row} {other} is ruled out by {column}");
                    }
                    prop_assert!(value > screen.surely_within(row, squared * (1.0 - 1e-9)), "{row} {column} is let in");
                }
            }
        }
    }

    #[test]
    fn the_screen_is_tight_where_points_are_of_one_size() {
        let mut stream = Stream::new(1, "test.screen");
        let points = Array2::from_shape_fn((500, 32), |_| stream.normal());
        let screen = Screen::new(points.view());
        let mut seen = 0;
        let mut limits = [screen.limit(7, 30.0)];
        screen.scan(7..8, 0..500, &mut Tile::default(), &mut limits, |_, _, _| seen += 1);
        let within = (0..500).filter(|column| screen.squared(7, *column) <= 30.0).count();
        let nearly = (0..500).filter(|column| screen.squared(7, *column) <= 30.01).count();
        assert!(within > 3 && (within..=nearly).contains(&seen), "{within} {seen} {nearly}");
    }

    #[test]
    fn squared_distances_are_sums_of_squared_differences() {
        let (a, b): (Vec<f64>, Vec<f64>) = (0..19).map(|i| (f64::from(i), f64::from(3 * i % 7))).unzip();
        let naive: f64 = a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum();
        assert_eq!(squared(&a, &b), naive);
    }
}
