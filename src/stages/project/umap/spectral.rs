//! A start for the layout: the smoothest functions on the graph.
//! Belkin, Niyogi, "Laplacian eigenmaps" (2003): the eigenvectors of `D^(-1/2) W D^(-1/2)` after the first, by Lanczos' method
//! (1950) with full reorthogonalisation.

use ndarray::Array2;
use rayon::prelude::*;

use super::simplices::Graph;
use crate::random::Stream;
use crate::stats::linalg::eigen_symmetric;

/// Size of the Krylov space.
const STEPS: usize = 150;
/// A step shorter than this has left the space that can be reached.
const LEAST_STEP: f64 = 1e-10;
/// Points that a thread takes at once.
const BLOCK_POINTS: usize = 256;
const LANES: usize = 8;

/// `[points, dims]`; None where the graph is not of one piece, or has fewer eigenvectors.
pub fn start(graph: &Graph, dims: usize) -> Option<Array2<f64>> {
    if graph.len() < dims + 2 || !is_connected(graph) {
        return None;
    }
    let roots: Vec<f64> =
        (0..graph.len()).map(|at| graph.edges(at).map(|(_, weight)| weight).sum::<f64>().sqrt()).collect();
    let space = krylov_space(graph, &roots)?;
    let eigen = eigen_symmetric(&space.projected(), space.vectors.len())?;
    let mut start = Array2::zeros((graph.len(), dims));
    for (mut axis, shares) in start.columns_mut().into_iter().zip(&eigen.vectors) {
        let parts = space.vectors.iter().zip(shares);
        parts.for_each(|(vector, share)| axis.iter_mut().zip(vector).for_each(|(x, v)| *x += share * v));
    }
    (eigen.vectors.len() >= dims).then_some(start)
}

/// Orthonormal vectors, and the tridiagonal matrix of the operator between them.
struct Space {
    vectors: Vec<Vec<f64>>,
    diagonal: Vec<f64>,
    beside: Vec<f64>,
}

impl Space {
    fn projected(&self) -> Vec<f64> {
        let size = self.vectors.len();
        let entry = |row: usize, column: usize| match row.abs_diff(column) {
            0 => self.diagonal[row],
            1 => self.beside[row.min(column)],
            _ => 0.0,
        };
        (0..size * size).map(|at| entry(at / size, at % size)).collect()
    }
}

/// Reached from a fixed random vector, all of it at right angles to the first eigenvector, which is `roots`.
fn krylov_space(graph: &Graph, roots: &[f64]) -> Option<Space> {
    let draws = Stream::new(0, "project.umap.spectral").normals(graph.len());
    let mut next: Vec<f64> = draws.into_iter().map(f64::from).collect();
    let mut first = roots.to_vec();
    normalise(&mut first)?;
    take_off(&mut next, &first);
    normalise(&mut next)?;
    let mut space = Space { vectors: Vec::new(), diagonal: Vec::new(), beside: Vec::new() };
    for _ in 0..STEPS.min(graph.len() - 1) {
        let mut image = apply(graph, roots, &next);
        space.vectors.push(next);
        take_off(&mut image, &first);
        let shares = space.vectors.iter().map(|vector| take_off(&mut image, vector)).last();
        space.diagonal.extend(shares);
        let Some(step) = normalise(&mut image) else { break };
        space.beside.push(step);
        next = image;
    }
    Some(space)
}

/// `D^(-1/2) W D^(-1/2) x`.
fn apply(graph: &Graph, roots: &[f64], x: &[f64]) -> Vec<f64> {
    let row = |at: usize| graph.edges(at).map(|(tail, weight)| weight * x[tail] / roots[tail]).sum::<f64>() / roots[at];
    (0..graph.len()).into_par_iter().with_min_len(BLOCK_POINTS).map(row).collect()
}

/// Makes `x` orthogonal to `vector` of length one, and gives the share that was taken off.
fn take_off(x: &mut [f64], vector: &[f64]) -> f64 {
    let share = dot(x, vector);
    x.iter_mut().zip(vector).for_each(|(x, v)| *x -= share * v);
    share
}

/// Gives the length before; None if there was nearly none.
fn normalise(x: &mut [f64]) -> Option<f64> {
    let length = dot(x, x).sqrt();
    x.iter_mut().for_each(|x| *x /= length);
    (length > LEAST_STEP).then_some(length)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    a.iter().zip(b).for_each(|(a, b)| (0..LANES).for_each(|lane| sums[lane] += a[lane] * b[lane]));
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

fn is_connected(graph: &Graph) -> bool {
    let (mut seen, mut waiting) = (vec![false; graph.len()], vec![0]);
    seen[0] = true;
    while let Some(at) = waiting.pop() {
        let fresh: Vec<usize> = graph.edges(at).map(|(tail, _)| tail).filter(|tail| !seen[*tail]).collect();
        fresh.iter().for_each(|tail| seen[*tail] = true);
        waiting.extend(fresh);
    }
    seen.iter().all(|seen| *seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points in a row, each tied to the next.
    fn path(n: usize) -> Graph {
        let tails: Vec<Vec<u32>> = (0..n as u32)
            .map(|at| at.checked_sub(1).into_iter().chain((at + 1 < n as u32).then_some(at + 1)).collect())
            .collect();
        let starts = (0..=n).map(|at| tails[..at].iter().map(Vec::len).sum()).collect();
        Graph { starts, tails: tails.concat(), weights: vec![1.0; 2 * n - 2] }
    }

    #[test]
    fn a_path_is_laid_out_in_its_order_and_then_as_an_arc() {
        let start = start(&path(40), 2).expect("of one piece");
        let (line, arc) = (start.column(0).to_vec(), start.column(1).to_vec());
        assert!(line[1..39].is_sorted() || line[1..39].iter().rev().is_sorted(), "{line:?}");
        let turns = arc[1..39].windows(3).filter(|w| (w[1] - w[0]) * (w[2] - w[1]) < 0.0).count();
        assert_eq!(turns, 1, "{arc:?}");
    }

    #[test]
    fn parts_and_small_graphs_have_no_start() {
        assert!(start(&path(3), 2).is_none());
        let (mut two, other) = (path(8), path(8));
        two.starts.extend(other.starts[1..].iter().map(|start| start + 14));
        two.tails.extend(other.tails.iter().map(|tail| tail + 8));
        two.weights.extend(other.weights);
        assert!(start(&two, 2).is_none());
    }
}
