//! Exact search by cosine: the `k` directions most like a query.
//!
//! Rows are divided by their lengths, so that the cosine is a product `x · y`. One query is a pass over all rows in single
//! precision; for many, [`Search`] looks through one byte a value ([`bytes`]). Both only rule out, with a proven bound on what
//! they may be off; what is left is measured in double precision. So the result is that of the naive double loop, bit for
//! bit, whatever the processor and the number of threads. Equally similar rows come by lower index.

pub mod bytes;
mod shortlist;

use crate::wide::{dot, wide};
use ndarray::ArrayView2;
use rayon::prelude::*;
use std::ops::Range;

use super::neighbours::sift::sift;
use bytes::{Bytes, Query, TILE_ROWS};
use shortlist::Shortlist;

/// Rows of one piece of a pass for one query.
const PIECE_ROWS: usize = 8192;
/// Queries that share a pass over the rows of a tile.
const BLOCK_QUERIES: usize = 64;
/// Queries up to this many are looked for one after the other, each by all threads.
const FEW_QUERIES: usize = 8;

/// Vectors of length one, `[rows, dims]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directions {
    dims: usize,
    values: Vec<f32>,
}

impl Directions {
    /// `points` (`[points, dims]`, finite), each divided by its length. A point at the origin stays there: it is like nothing.
    pub fn of<T: Copy + Into<f64>>(points: ArrayView2<T>) -> Directions {
        let (rows, dims) = points.dim();
        let mut values = Vec::with_capacity(rows * dims);
        let mut point = vec![0.0f64; dims];
        for row in points.rows() {
            point.iter_mut().zip(row).for_each(|(x, value)| *x = (*value).into());
            // Brought to the size of one first: squares of very large and very small numbers leave the range.
            let largest = point.iter().fold(0.0f64, |top, x| top.max(x.abs()));
            let factor = if largest.is_normal() { 1.0 / largest } else { 0.0 };
            point.iter_mut().for_each(|x| *x *= factor);
            let length = point.iter().map(|x| x * x).sum::<f64>().sqrt();
            let shrink = if length > 0.0 { 1.0 / length } else { 0.0 };
            values.extend(point.iter().map(|x| (x * shrink) as f32));
        }
        Directions { dims, values }
    }

    /// Rows that are of length one already, or zero.
    pub fn of_units(values: Vec<f32>, dims: usize) -> Directions {
        Directions { dims, values }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.dims).unwrap_or(0)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values of a row.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.dims..(row + 1) * self.dims]
    }

    /// All rows, one after the other.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The cosine of a row and a query of length one, in double precision, in [-1, 1] but for rounding.
    pub fn similarity(&self, row: usize, query: &[f32]) -> f64 {
        similarity(self.row(row), query)
    }

    /// The direction that many share: the mean of the rows, of length one again; zero where they cancel out.
    pub fn mean(&self) -> Vec<f32> {
        let mut sum = vec![0.0f64; self.dims];
        for row in 0..self.len() {
            sum.iter_mut().zip(self.row(row)).for_each(|(sum, x)| *sum += f64::from(*x));
        }
        let sum = ndarray::Array2::from_shape_vec((1, self.dims), sum).expect("one row of as many values");
        Directions::of(sum.view()).values
    }
}

/// A row that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Its index.
    pub row: u32,
    /// Its cosine with the query.
    pub similarity: f64,
}

impl Hit {
    /// The more similar first, of equally similar ones the lower index.
    pub fn order(a: &Hit, b: &Hit) -> std::cmp::Ordering {
        b.similarity.total_cmp(&a.similarity).then(a.row.cmp(&b.row))
    }
}

/// The `k` rows among those that are `allowed` which are most like `query` (of length one). Nothing is made ready beforehand:
/// for one query, or a few.
pub fn top(rows: &Directions, query: &[f32], k: usize, allowed: impl Fn(usize) -> bool + Sync) -> Vec<Hit> {
    // A sum of `dims` products of values of two unit vectors, in single precision: Higham (2002), section 3.1.
    let error = f64::from(f32::EPSILON) * (rows.dims + 8) as f64;
    let piece = |start: usize| {
        let piece = start..(start + PIECE_ROWS).min(rows.len());
        let mut values = vec![0.0; piece.len()];
        negative_dots(&rows.values[piece.start * rows.dims..piece.end * rows.dims], query, &mut values);
        let (mut list, mut limit) = (Shortlist::new(rows, query, k, error), f32::INFINITY);
        sift(&values, &mut limit, |at, _, limit| {
            if allowed(start + at) {
                list.add(start + at, limit);
            }
        });
        list.finish()
    };
    let starts: Vec<usize> = (0..rows.len()).step_by(PIECE_ROWS).collect();
    merged(starts.into_par_iter().map(piece).collect(), k)
}

/// Directions made ready for many queries: a byte a value beside the values.
pub struct Search {
    rows: Directions,
    bytes: Bytes,
}

impl Search {
    /// Makes `rows` ready.
    pub fn new(rows: Directions) -> Search {
        let bytes = Bytes::of(&rows);
        Search { rows, bytes }
    }

    /// The directions themselves.
    pub fn rows(&self) -> &Directions {
        &self.rows
    }

    /// For each of `queries` the `k` rows that are most like it, of those for which `allowed(query, row)` holds.
    pub fn top_each(
        &self,
        queries: &Directions,
        k: usize,
        allowed: impl Fn(usize, usize) -> bool + Sync,
    ) -> Vec<Vec<Hit>> {
        if queries.len() <= FEW_QUERIES {
            return (0..queries.len()).map(|at| self.top(queries.row(at), k, |row| allowed(at, row))).collect();
        }
        let starts: Vec<usize> = (0..queries.len()).step_by(BLOCK_QUERIES).collect();
        let block = |start: usize| {
            let rows: Vec<&[f32]> =
                (start..(start + BLOCK_QUERIES).min(queries.len())).map(|at| queries.row(at)).collect();
            self.pass(&rows, k, 0..self.rows.len(), |at, row| allowed(start + at, row))
        };
        starts.into_par_iter().map(block).collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// The `k` rows that are most like `query`, of those that are allowed.
    pub fn top(&self, query: &[f32], k: usize, allowed: impl Fn(usize) -> bool + Sync) -> Vec<Hit> {
        let piece = |start: usize| {
            let piece = start..(start + PIECE_ROWS).min(self.rows.len());
            self.pass(&[query], k, piece, |_, row| allowed(row)).pop().unwrap_or_default()
        };
        let starts: Vec<usize> = (0..self.rows.len()).step_by(PIECE_ROWS).collect();
        merged(starts.into_par_iter().map(piece).collect(), k)
    }

    /// Some queries, one pass over a range of rows that begins with a tile.
    fn pass(
        &self,
        queries: &[&[f32]],
        k: usize,
        range: Range<usize>,
        allowed: impl Fn(usize, usize) -> bool,
    ) -> Vec<Vec<Hit>> {
        let ready: Vec<Query> = queries.iter().map(|query| Query::of(query)).collect();
        let both = queries.iter().zip(&ready);
        let mut lists: Vec<Shortlist> =
            both.map(|(query, ready)| Shortlist::new(&self.rows, query, k, ready.error())).collect();
        let mut limits = vec![f32::INFINITY; queries.len()];
        let mut values = vec![0.0; bytes::TOGETHER * TILE_ROWS];
        for start in range.clone().step_by(TILE_ROWS) {
            let count = TILE_ROWS.min(range.end - start);
            for (block, together) in ready.chunks(bytes::TOGETHER).enumerate() {
                self.bytes.values(start, together, &mut values);
                for (at, values) in values.chunks_exact(TILE_ROWS).take(together.len()).enumerate() {
                    let query = block * bytes::TOGETHER + at;
                    sift(&values[..count], &mut limits[query], |at, _, limit| {
                        if allowed(query, start + at) {
                            lists[query].add(start + at, limit);
                        }
                    });
                }
            }
        }
        lists.into_iter().map(Shortlist::finish).collect()
    }
}

/// The `k` best of several lists.
fn merged(lists: Vec<Vec<Hit>>, k: usize) -> Vec<Hit> {
    let mut all = lists.concat();
    all.sort_unstable_by(Hit::order);
    all.truncate(k);
    all
}

wide! {
    /// `out[i] = -(rows[i] · query)`.
    fn negative_dots(rows: &[f32], query: &[f32], out: &mut [f32]) {
        if !query.is_empty() {
            for (out, row) in out.iter_mut().zip(rows.chunks_exact(query.len())) {
                *out = -dot(row, query);
            }
        }
    }

    /// The product of two rows in double precision, in eight partial sums.
    pub(crate) fn similarity(x: &[f32], y: &[f32]) -> f64 {
        let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
        let mut sums = [0.0f64; 8];
        for (x, y) in x.iter().zip(y) {
            for lane in 0..8 {
                sums[lane] += f64::from(x[lane]) * f64::from(y[lane]);
            }
        }
        let rest: f64 = x_rest.iter().zip(y_rest).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
        ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7])) + rest
    }
}

#[cfg(test)]
mod tests;
