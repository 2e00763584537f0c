//! The fuzzy simplicial set of points: how sure it is that two of them are neighbours.
//! McInnes et al. (2018), algorithms 2 and 3: nearness `exp(-(d - ρ_i) / σ_i)` seen from each point, ρ_i its distance to the
//! nearest, σ_i such that the nearnesses of all k sum to `log2 k`; both views are joined by `a + b - a b`.

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::stats::neighbours::nearest;

const SEARCH_STEPS: usize = 64;
const SUM_TOLERANCE: f64 = 1e-5;
/// σ is at least this share of the mean distance.
const LEAST_WIDTH: f64 = 1e-3;

/// A weighted graph, each edge in both directions, sorted by head, then tail.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// `[points + 1]`: the edges of point `i` are `starts[i]..starts[i + 1]`.
    pub starts: Vec<usize>,
    /// Where each edge leads.
    pub tails: Vec<u32>,
    /// In (0, 1].
    pub weights: Vec<f64>,
}

impl Graph {
    /// Of `points` `[points, dims]`, each with its `neighbours` nearest, itself included; `distance` is that of a squared
    /// Euclidean one.
    pub fn new(points: ArrayView2<f64>, neighbours: usize, distance: impl Fn(f64) -> f64) -> Graph {
        let near = nearest(points, neighbours - 1);
        let distances: Vec<f64> = near.squared.iter().map(|squared| distance(*squared)).collect();
        let mean = distances.iter().sum::<f64>() / (near.k + 1) as f64 / points.nrows() as f64;
        let of_point = |distances: &[f64]| memberships(distances, mean);
        let weights: Vec<Vec<f64>> = distances.par_chunks(near.k.max(1)).map(of_point).collect();
        Graph::union(&near.rows, &weights.concat(), points.nrows())
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Tails and weights of the edges of a point.
    pub fn edges(&self, point: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.starts[point]..self.starts[point + 1];
        self.tails[range.clone()].iter().map(|tail| *tail as usize).zip(self.weights[range].iter().copied())
    }

    /// Without edges too light to be drawn once in `epochs`.
    pub fn pruned(self, epochs: usize) -> Graph {
        let least = self.weights.iter().copied().fold(0.0, f64::max) / epochs as f64;
        let (mut starts, mut tails, mut weights) = (vec![0], Vec::new(), Vec::new());
        for point in 0..self.len() {
            for (tail, weight) in self.edges(point).filter(|(_, weight)| *weight >= least) {
                tails.push(tail as u32);
                weights.push(weight);
            }
            starts.push(tails.len());
        }
        Graph { starts, tails, weights }
    }

    /// From the views `weights` `[points, k]` of the neighbours `tails` `[points, k]`.
    fn union(tails: &[u32], weights: &[f64], points: usize) -> Graph {
        let k = tails.len() / points;
        let mut rows: Vec<Vec<(u32, f64)>> = (0..points).map(|_| Vec::with_capacity(2 * k)).collect();
        for (at, (tail, weight)) in tails.iter().zip(weights).enumerate() {
            rows[at / k].push((*tail, *weight));
            rows[*tail as usize].push(((at / k) as u32, *weight));
        }
        let (mut starts, mut tails, mut joined) = (vec![0], Vec::new(), Vec::new());
        for mut row in rows {
            row.sort_by_key(|(tail, _)| *tail);
            for same in row.chunk_by(|a, b| a.0 == b.0) {
                tails.push(same[0].0);
                joined.push(same.iter().fold(0.0, |a, (_, b)| a + b - a * b));
            }
            starts.push(tails.len());
        }
        Graph { starts, tails, weights: joined }
    }
}

/// Nearness of the neighbours of a point by their distances, rising; `mean` is the mean distance of all.
fn memberships(distances: &[f64], mean: f64) -> Vec<f64> {
    let rho = distances.iter().copied().find(|d| *d > 0.0).unwrap_or(0.0);
    let sigma = width(distances, rho);
    let own = distances.iter().sum::<f64>() / (distances.len() + 1) as f64;
    let sigma = sigma.max(LEAST_WIDTH * if rho > 0.0 { own } else { mean });
    distances.iter().map(|d| nearness(d - rho, sigma)).collect()
}

fn nearness(beyond: f64, sigma: f64) -> f64 {
    if beyond <= 0.0 || sigma == 0.0 { 1.0 } else { (-beyond / sigma).exp() }
}

/// The σ for which all nearnesses sum to the logarithm (base 2) of the number of neighbours, by bisection.
fn width(distances: &[f64], rho: f64) -> f64 {
    let target = ((distances.len() + 1) as f64).log2();
    let (mut low, mut high, mut sigma) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..SEARCH_STEPS {
        let excess = distances.iter().map(|d| nearness(d - rho, sigma)).sum::<f64>() - target;
        if excess.abs() < SUM_TOLERANCE {
            break;
        }
        (low, high) = if excess > 0.0 { (low, sigma) } else { (sigma, high) };
        sigma = if high.is_infinite() { 2.0 * sigma } else { (low + high) / 2.0 };
    }
    sigma
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use ndarray::{Array2, array};

    #[test]
    fn the_nearest_are_sure_and_all_sum_to_the_logarithm() {
        let all = memberships(&[1.0, 2.0, 2.5, 4.0, 7.0, 7.5, 9.0], 3.0);
        assert_eq!(all[0], 1.0);
        assert!((all.iter().sum::<f64>() - 3.0).abs() < 2e-5 && all.is_sorted_by(|a, b| a >= b), "{all:?}");
    }

    #[test]
    fn views_are_joined_as_probabilities() {
        let graph = Graph::union(&[1, 2, 0], &[0.5, 0.4, 0.5], 3);
        assert_eq!((graph.starts, graph.tails), (vec![0, 2, 4, 6], vec![1, 2, 0, 2, 0, 1]));
        assert_eq!(graph.weights, [0.5, 0.5, 0.5, 0.4, 0.5, 0.4]);
        assert_eq!(Graph::union(&[1, 0], &[0.5, 0.5], 2).weights, [0.75, 0.75]);
    }

    #[test]
    fn equal_points_are_sure_neighbours() {
        let graph = Graph::new(Array2::ones((6, 2)).view(), 3, f64::sqrt);
        assert!(graph.weights.iter().all(|weight| *weight == 1.0), "{:?}", graph.weights);
    }

    #[test]
    fn the_graph_is_symmetric_and_light_edges_go() {
        let mut stream = Stream::new(1, "test.umap");
        let points = Array2::from_shape_fn((60, 3), |_| stream.normal());
        let graph = Graph::new(points.view(), 8, f64::sqrt);
        for (head, (tail, weight)) in (0..60).flat_map(|head| graph.edges(head).map(move |edge| (head, edge))) {
            assert!(graph.edges(tail).any(|(back, same)| back == head && same == weight));
        }
        let pruned = graph.clone().pruned(3);
        assert!(pruned.tails.len() < graph.tails.len() && pruned.weights.iter().all(|weight| *weight > 0.3));
    }

    #[test]
    fn two_points_are_each_others_neighbours() {
        assert_eq!(Graph::new(array![[0.0], [1.0]].view(), 2, f64::sqrt).weights, [1.0, 1.0]);
    }
}
