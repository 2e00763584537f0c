//! Points in chunks of fixed size, one row a dimension: matrix products and loops over the points of a chunk run along
//! its rows. Chunks are worked on in parallel and merged in order, so that the number of threads changes no sum.

use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::stats::tiles::LANES;

/// Points of one chunk: few enough for the second-level cache, and not a power of two, for rows that far apart would
/// push one another out of the first-level one.
const CHUNK: usize = 248;

/// Chunks whose sums are added up by one task.
const GROUP: usize = 8;

/// Points with their mean at the origin (differences keep more digits there).
pub struct Chunks {
    chunks: Vec<Chunk>,
    mean: Vec<f64>,
    len: usize,
    dims: usize,
}

/// Some of the points, and columns of zeros up to a width that is a multiple of eight.
pub struct Chunk {
    /// `[dims, width]`.
    pub values: Vec<f64>,
    /// Points there are; the columns behind them stand for none.
    pub points: usize,
    /// Length of a row.
    pub width: usize,
}

impl Chunk {
    /// Centred columns of `rows` `[points, dims]`.
    fn new(rows: ArrayView2<f64>, mean: &[f64]) -> Chunk {
        let width = rows.nrows().next_multiple_of(LANES);
        let mut values = vec![0.0; rows.ncols() * width];
        for ((out, column), mean) in values.chunks_exact_mut(width).zip(rows.columns()).zip(mean) {
            out.iter_mut().zip(column).for_each(|(to, x)| *to = x - mean);
        }
        Chunk { values, points: rows.nrows(), width }
    }
}

impl Chunks {
    /// `points` is `[points, dims]`, at least one. Points without columns get one of zeros.
    pub fn new(points: ArrayView2<f64>) -> Chunks {
        let none = Array2::zeros((points.nrows(), 1));
        let points = if points.ncols() == 0 { none.view() } else { points };
        let mean = points.mean_axis(Axis(0)).map(|mean| mean.to_vec()).unwrap_or_default();
        let starts = (0..points.nrows()).step_by(CHUNK);
        let chunks =
            starts.map(|at| Chunk::new(points.slice(s![at..(at + CHUNK).min(points.nrows()), ..]), &mean)).collect();
        Chunks { chunks, len: points.nrows(), dims: points.ncols(), mean }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Columns of all chunks together, those that stand for no point among them; at least one.
    pub fn width(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.width).sum::<usize>().max(1)
    }

    /// Values a point has, at least one.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// What `each(index, chunk)` makes of each chunk, in order.
    pub fn map<T: Send>(&self, each: impl Fn(usize, &Chunk) -> T + Sync) -> Vec<T> {
        self.chunks.par_iter().enumerate().map(|(at, chunk)| each(at, chunk)).collect()
    }

    /// Sum over the chunks, in a fixed order, of the `len` values that `each(index, chunk, out)` writes.
    pub fn total(&self, len: usize, each: impl Fn(usize, &Chunk, &mut [f64]) + Sync) -> Vec<f64> {
        let group = |(group, chunks): (usize, &[Chunk])| {
            let (mut sum, mut part) = (vec![0.0; len], vec![0.0; len]);
            for (at, chunk) in chunks.iter().enumerate() {
                each(group * GROUP + at, chunk, &mut part);
                add(&mut sum, &part);
            }
            sum
        };
        let groups: Vec<Vec<f64>> = self.chunks.par_chunks(GROUP).enumerate().map(group).collect();
        let mut sum = vec![0.0; len];
        groups.iter().for_each(|group| add(&mut sum, group));
        sum
    }

    /// Means `[k, dims]` moved as the points were, row-major.
    pub fn centred(&self, means: ArrayView2<f64>) -> Vec<f64> {
        let values = means.iter().zip(self.mean.iter().cycle()).map(|(x, mean)| x - mean);
        if means.ncols() == 0 { vec![0.0; means.nrows()] } else { values.collect() }
    }

    /// Means `[k, dims]` where the points were.
    pub fn moved_back(&self, means: &[f64]) -> Array2<f64> {
        let values = means.iter().zip(self.mean.iter().cycle()).map(|(x, mean)| x + mean).collect();
        Array2::from_shape_vec((means.len() / self.dims, self.dims), values).expect("k rows of dims values")
    }

    /// Population variance of each dimension.
    pub fn variances(&self) -> Vec<f64> {
        let column = |dim: usize| {
            let rows = self.chunks.iter().flat_map(move |chunk| &chunk.values[dim * chunk.width..][..chunk.points]);
            rows.map(|x| x * x).sum::<f64>() / self.len as f64
        };
        (0..self.dims).map(column).collect()
    }

    /// For each chunk `[k, width]`: one where the point has the label, zero elsewhere.
    pub fn indicators(&self, labels: &[i32], k: usize) -> Vec<Vec<f64>> {
        let one = |chunk: &Chunk, labels: &[i32]| {
            let mut shares = vec![0.0; k * chunk.width];
            labels.iter().enumerate().for_each(|(at, label)| shares[*label as usize * chunk.width + at] = 1.0);
            shares
        };
        self.chunks.iter().zip(labels.chunks(CHUNK)).map(|(chunk, labels)| one(chunk, labels)).collect()
    }
}

fn add(sum: &mut [f64], part: &[f64]) {
    sum.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
}
