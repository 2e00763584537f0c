//! How much each point of the data wants each other near: joint probabilities with a set perplexity.
//! van der Maaten, Hinton (JMLR 2008), equations 1 and section 3.1: `p_ij = (p_j|i + p_i|j) / 2n`.

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::stats::neighbours::nearest;
use crate::wide::{LANES, wide};

/// The entropy of a row may miss the logarithm of the perplexity by so much (scikit-learn's tolerance).
const ENTROPY_TOLERANCE: f64 = 1e-5;
const SEARCH_STEPS: usize = 100;
/// Rows that a thread takes at once.
const BLOCK_ROWS: usize = 64;

/// Symmetric joint probabilities, zeros left out; all together sum to one.
pub struct Affinities {
    /// Where each row begins; rows are filled up to whole vectors with the point itself at probability 0.
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Affinities {
    /// Of `points` `[points, dims]`, each with its nearest `neighbours` (fewer than points; all others for exact values).
    pub fn new(points: ArrayView2<f64>, perplexity: f64, neighbours: usize) -> Affinities {
        let near = nearest(points, neighbours);
        let rows = near.squared.par_chunks(near.k.max(1));
        let conditional: Vec<Vec<f64>> = rows.map(|squared| probabilities(squared, perplexity)).collect();
        Affinities::symmetric(&near.rows, &conditional.concat(), points.nrows())
    }

    /// Number of points.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The neighbours of a point by rising index, and the joint probability of each; then the point itself, at probability 0.
    #[cfg(test)]
    pub fn row(&self, row: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.starts[row]..self.starts[row + 1];
        self.columns[range.clone()].iter().zip(&self.values[range]).map(|(to, p)| (*to as usize, f64::from(*p)))
    }

    /// For each point the sum over its neighbours of `p q` times the way from the neighbour, `q = 1 / (1 + distance²)`.
    pub fn attraction(&self, layout: &[[f64; 2]]) -> Vec<[f32; 2]> {
        let places: Vec<[f32; 2]> = layout.iter().map(|at| at.map(|x| x as f32)).collect();
        let mut pulls = vec![[0.0; 2]; layout.len()];
        let blocks = pulls.par_chunks_mut(BLOCK_ROWS).enumerate();
        blocks.for_each(|(block, pulls)| pull(self, &places, block * BLOCK_ROWS, pulls));
        pulls
    }

    /// From conditional probabilities `[points, k]` of the neighbours `columns` `[points, k]`.
    fn symmetric(columns: &[u32], conditional: &[f64], points: usize) -> Affinities {
        let k = columns.len() / points;
        let mut rows: Vec<Vec<(u32, f64)>> = (0..points).map(|_| Vec::with_capacity(2 * k)).collect();
        for (at, (to, p)) in columns.iter().zip(conditional).enumerate() {
            let (from, half) = (at / k, p / (2 * points) as f64);
            rows[from].push((*to, half));
            rows[*to as usize].push((from as u32, half));
        }
        let mut all = Affinities { starts: vec![0], columns: Vec::new(), values: Vec::new() };
        (0..).zip(rows).for_each(|(own, row)| all.push_row(own, row));
        all
    }

    /// Adds a row; entries with the same column are summed.
    fn push_row(&mut self, own: u32, mut row: Vec<(u32, f64)>) {
        row.sort_by_key(|(to, _)| *to);
        for same in row.chunk_by(|a, b| a.0 == b.0) {
            self.columns.push(same[0].0);
            self.values.push(same.iter().map(|(_, p)| p).sum::<f64>() as f32);
        }
        let whole = self.columns.len().next_multiple_of(LANES);
        self.columns.resize(whole, own);
        self.values.resize(whole, 0.0);
        self.starts.push(whole);
    }
}

wide! {
    /// Attraction of the rows from `first` on, one for each of `pulls`.
    fn pull(affinities: &Affinities, places: &[[f32; 2]], first: usize, pulls: &mut [[f32; 2]]) {
        let rows = affinities.starts[first..].windows(2).map(|ends| ends[0]..ends[1]);
        for ((pull, row), [x, y]) in pulls.iter_mut().zip(rows).zip(&places[first..]) {
            let columns = affinities.columns[row.clone()].as_chunks::<LANES>().0;
            let values = affinities.values[row].as_chunks::<LANES>().0;
            let mut sums = [[0.0f32; LANES]; 2];
            for (columns, values) in columns.iter().zip(values) {
                let mut others = [[0.0f32; LANES]; 2];
                for lane in 0..LANES {
                    let other = places[columns[lane] as usize];
                    (others[0][lane], others[1][lane]) = (other[0], other[1]);
                }
                for lane in 0..LANES {
                    let (dx, dy) = (x - others[0][lane], y - others[1][lane]);
                    let strength = values[lane] / (1.0 + dx * dx + dy * dy);
                    sums[0][lane] += strength * dx;
                    sums[1][lane] += strength * dy;
                }
            }
            *pull = sums.map(|lanes| lanes.iter().sum::<f32>());
        }
    }
}

/// Gaussian probabilities `exp(-β d²) / sum` with β such that their entropy is `ln(perplexity)`, by bisection.
fn probabilities(squared: &[f64], perplexity: f64) -> Vec<f64> {
    let least = squared.iter().copied().fold(f64::INFINITY, f64::min);
    let above: Vec<f64> = squared.iter().map(|d| d - least).collect();
    let (mut low, mut high, mut beta) = (0.0, f64::INFINITY, 1.0);
    let mut weights = vec![0.0; squared.len()];
    for _ in 0..SEARCH_STEPS {
        let excess = gaussian(&above, beta, &mut weights) - perplexity.ln();
        if excess.abs() <= ENTROPY_TOLERANCE {
            break;
        }
        (low, high) = if excess > 0.0 { (beta, high) } else { (low, beta) };
        beta = if high.is_infinite() { 2.0 * beta } else { (low + high) / 2.0 };
    }
    weights
}

/// Fills in the probabilities for a precision β, and gives their entropy in nats.
fn gaussian(above: &[f64], beta: f64, weights: &mut [f64]) -> f64 {
    weights.iter_mut().zip(above).for_each(|(weight, d)| *weight = (-d * beta).exp());
    let sum: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    sum.ln() + beta * weights.iter().zip(above).map(|(weight, d)| weight * d).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use ndarray::Array2;

    #[test]
    fn affinities_are_symmetric_sum_to_one_and_pull_as_defined() {
        let mut stream = Stream::new(1, "test.affinity");
        let points = Array2::from_shape_fn((90, 4), |_| stream.normal());
        let layout: Vec<[f64; 2]> = (0..90).map(|_| [0, 1].map(|_| stream.normal())).collect();
        let all = Affinities::new(points.view(), 5.0, 16);
        let sum: f64 = (0..90).flat_map(|row| all.row(row)).map(|(_, p)| p).sum();
        assert!((sum - 1.0).abs() < 1e-6, "{sum}");
        for (row, pull) in all.attraction(&layout).iter().enumerate() {
            let mut expected = [0.0; 2];
            for (other, p) in all.row(row).filter(|(_, p)| *p > 0.0) {
                assert!(all.row(other).any(|(back, same)| back == row && same == p));
                let way = [0, 1].map(|axis| layout[row][axis] - layout[other][axis]);
                let q = 1.0 / (1.0 + way[0] * way[0] + way[1] * way[1]);
                (0..2).for_each(|axis| expected[axis] += p * q * way[axis]);
            }
            assert!((0..2).all(|axis| (f64::from(pull[axis]) - expected[axis]).abs() < 1e-8), "{pull:?} {expected:?}");
        }
    }

    #[test]
    fn probabilities_have_the_perplexity_and_equal_distances_are_even() {
        let squared: Vec<f64> = (1..40).map(|at| f64::from(at * at)).collect();
        let entropy: f64 = probabilities(&squared, 7.0).iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
        assert!((entropy - 7f64.ln()).abs() < 1e-4, "{entropy}");
        assert!(probabilities(&[3.0; 4], 2.0).iter().all(|p| (p - 0.25).abs() < 1e-12));
    }
}
