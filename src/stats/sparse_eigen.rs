//! The largest eigenvalues and their eigenvectors of a symmetric sparse matrix whose eigenvalues lie in -1..1.
//! Subspace iteration through Chebyshev polynomials: Zhou, Saad, Tiago, Chelikowsky, "Self-consistent-field
//! calculations using Chebyshev-filtered subspace iteration" (2006). A whole block of vectors is iterated, so that
//! eigenvalues that occur several times (graphs of several parts) are found as often as they occur.

use super::linalg::{Eigen, dot_products, eigen_symmetric, product};
use super::sparse::Sparse;
use crate::random::Stream;

/// Degree of the polynomial that one round applies.
const DEGREE: usize = 24;

/// Rounds before the vectors are taken as they are.
const MOST_ROUNDS: usize = 200;

/// Length of `A·v - λ·v` at which a vector is taken for an eigenvector.
const TOLERANCE: f64 = 1e-9;

/// Vectors iterated beside those asked for: the iteration is the faster the more room it has behind the last.
const SPARE: usize = 8;

/// Sizes up to this are decomposed as full matrices.
const SMALL: usize = 96;

/// The `count` largest eigenvalues, falling, with eigenvectors of length one whose largest value is positive (the first
/// of equally large ones). Fewer where the matrix is smaller; None for values that are not finite. Nothing is random:
/// the start is drawn from a fixed seed.
pub fn largest(matrix: &Sparse, count: usize) -> Option<Eigen> {
    let (size, count) = (matrix.size(), count.min(matrix.size()));
    let width = 2 * count + SPARE;
    if size <= SMALL.max(3 * width) {
        let found = eigen_symmetric(&full(matrix), size)?;
        return Some(first(found.values, found.vectors, count));
    }
    let mut stream = Stream::new(0, "stats.sparse_eigen");
    let mut vectors: Vec<f64> = (0..width * size).map(|_| stream.between(-1.0, 1.0)).collect();
    for _ in 0..MOST_ROUNDS {
        orthonormalise(&mut vectors, size, &mut stream);
        let (values, rotated, residuals) = rotate(matrix, &vectors, width)?;
        vectors = rotated;
        if residuals[..count].iter().all(|length| *length <= TOLERANCE) {
            return Some(first(values, vectors.chunks_exact(size).map(<[f64]>::to_vec).collect(), count));
        }
        vectors = filtered(matrix, &vectors, width, values[width - 1]);
    }
    orthonormalise(&mut vectors, size, &mut stream);
    let (values, vectors, _) = rotate(matrix, &vectors, width)?;
    Some(first(values, vectors.chunks_exact(size).map(<[f64]>::to_vec).collect(), count))
}

fn full(matrix: &Sparse) -> Vec<f64> {
    let size = matrix.size();
    let identity: Vec<f64> = (0..size * size).map(|at| f64::from(u8::from(at % (size + 1) == 0))).collect();
    matrix.combine([1.0, 0.0, 0.0], &identity, &identity, size)
}

fn first(mut values: Vec<f64>, mut vectors: Vec<Vec<f64>>, count: usize) -> Eigen {
    values.truncate(count);
    vectors.truncate(count);
    for vector in &mut vectors {
        let largest = vector.iter().fold(0.0f64, |top, x| if x.abs() > top.abs() { *x } else { top });
        vector.iter_mut().for_each(|x| *x *= if largest < 0.0 { -1.0 } else { 1.0 });
    }
    Eigen { values, vectors }
}

/// Makes the rows of `vectors` (`[width, size]`) orthogonal and of length one, by Gram and Schmidt, twice over. A row
/// that depends on those before it is drawn anew.
fn orthonormalise(vectors: &mut [f64], size: usize, stream: &mut Stream) {
    for row in 0..vectors.len() / size {
        let (before, own) = vectors.split_at_mut(row * size);
        let own = &mut own[..size];
        let mut before_length = dot(own, own).sqrt();
        for pass in 0..4 {
            for other in before.chunks_exact(size) {
                let share = dot(other, own);
                own.iter_mut().zip(other).for_each(|(x, other)| *x -= share * other);
            }
            let length = dot(own, own).sqrt();
            if pass > 0 && length > 0.5 * before_length {
                break;
            }
            if length <= 1e-12 * before_length {
                own.iter_mut().for_each(|x| *x = stream.between(-1.0, 1.0));
            }
            before_length = dot(own, own).sqrt();
        }
        let length = dot(own, own).sqrt();
        own.iter_mut().for_each(|x| *x /= length);
    }
}

/// Dot product in eight partial sums.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum()
}

/// Rayleigh and Ritz: the best eigenvalues and eigenvectors within the space of `vectors` (`[width, size]`,
/// orthonormal), falling, and the lengths of `A·v - λ·v`.
fn rotate(matrix: &Sparse, vectors: &[f64], width: usize) -> Option<(Vec<f64>, Vec<f64>, Vec<f64>)> {
    let size = matrix.size();
    let standing = transposed(vectors, size);
    let mapped = transposed(&matrix.combine([1.0, 0.0, 0.0], &standing, &standing, width), width);
    let mut small = vec![0.0; width * width];
    dot_products(vectors, &mapped, size, &mut small);
    let found = eigen_symmetric(&small, width)?;
    let rotation: Vec<f64> = found.vectors.into_iter().flatten().collect();
    let [vectors, mapped] = [vectors, &mapped].map(|rows| product(&rotation, rows, width));
    let rows = vectors.chunks_exact(size).zip(mapped.chunks_exact(size)).zip(&found.values);
    let length = |((v, mapped), value): ((&[f64], &[f64]), &f64)| {
        mapped.iter().zip(v).map(|(m, v)| (m - value * v) * (m - value * v)).sum::<f64>().sqrt()
    };
    let residuals = rows.map(length).collect();
    Some((found.values, vectors, residuals))
}

/// `p(A)` times the vectors, where the polynomial `p` is at most 1 between -1 and `edge` and grows steeply above.
fn filtered(matrix: &Sparse, vectors: &[f64], width: usize, edge: f64) -> Vec<f64> {
    // Not too narrow a band: the polynomial must not overflow.
    let edge = edge.clamp(-0.5, 1.0 - 1e-9);
    let (half, centre) = ((edge + 1.0) / 2.0, (edge - 1.0) / 2.0);
    let mut before = transposed(vectors, matrix.size());
    let mut now = matrix.combine([1.0 / half, -centre / half, 0.0], &before, &before, width);
    for _ in 1..DEGREE {
        let next = matrix.combine([2.0 / half, -2.0 * centre / half, -1.0], &now, &before, width);
        before = std::mem::replace(&mut now, next);
    }
    transposed(&now, width)
}

/// `[rows, width]` as `[width, rows]`.
fn transposed(values: &[f64], width: usize) -> Vec<f64> {
    let rows = values.len() / width;
    let mut out = vec![0.0; values.len()];
    for (row, values) in values.chunks_exact(width).enumerate() {
        values.iter().enumerate().for_each(|(column, x)| out[column * rows + row] = *x);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::neighbours::nearest;
    use ndarray::Array2;

    /// A normalised graph of neighbours, of points in `parts` far heaps.
    fn graph(points: usize, parts: usize) -> Sparse {
        let mut stream = Stream::new(4, "test.graph");
        let cloud = Array2::from_shape_fn((points, 2), |(row, _)| 1e3 * (row % parts) as f64 + stream.normal());
        let graph = Sparse::of_neighbours(&nearest(cloud.view(), 6), points);
        let factors: Vec<f64> = graph.degrees().iter().map(|degree| 1.0 / degree.sqrt()).collect();
        graph.scaled(&factors)
    }

    #[test]
    fn a_block_of_vectors_finds_what_the_full_matrix_has() {
        let graph = graph(300, 1);
        let (found, all) = (largest(&graph, 5).expect("finite"), eigen_symmetric(&full(&graph), 300).expect("finite"));
        for at in 0..5 {
            assert!((found.values[at] - all.values[at]).abs() < 1e-10, "{} {}", found.values[at], all.values[at]);
            let cosine = dot(&found.vectors[at], &all.vectors[at]).abs();
            assert!(cosine > 1.0 - 1e-10, "{at}: {cosine}");
        }
    }

    #[test]
    fn a_graph_of_several_parts_has_one_as_often_as_parts() {
        let found = largest(&graph(400, 4), 5).expect("finite");
        assert!(found.values[..4].iter().all(|value| (value - 1.0).abs() < 1e-10), "{:?}", found.values);
        assert!(found.values[4] < 1.0 - 1e-4, "{:?}", found.values);
        for (at, vector) in found.vectors.iter().enumerate() {
            assert!((dot(vector, vector) - 1.0).abs() < 1e-10);
            assert!(found.vectors[..at].iter().all(|other| dot(vector, other).abs() < 1e-9));
        }
    }

    #[test]
    fn small_matrices_are_decomposed_in_full() {
        let found = largest(&Sparse::from_rows(vec![vec![(1, 0.5)], vec![(0, 0.5)]]), 3).expect("finite");
        assert!((found.values[0] - 0.5).abs() < 1e-14 && (found.values[1] + 0.5).abs() < 1e-14);
        assert!(found.vectors[0].iter().all(|x| (x - 0.5f64.sqrt()).abs() < 1e-14), "{:?}", found.vectors);
        assert!(largest(&Sparse::from_rows(vec![]), 2).expect("finite").values.is_empty());
        assert!(largest(&Sparse::from_rows(vec![vec![(0, f64::NAN)]]), 1).is_none());
    }
}
