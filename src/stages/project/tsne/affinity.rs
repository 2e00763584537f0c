//! How much each point of the data wants each other near: joint probabilities with a set perplexity.
//! van der Maaten, Hinton (JMLR 2008), equations 1 and section 3.1: `p_ij = (p_j|i + p_i|j) / 2n`.

use ndarray::ArrayView2;

use crate::stats::distance::map_rows;

/// The entropy of a row may miss the logarithm of the perplexity by so much (scikit-learn's tolerance).
const ENTROPY_TOLERANCE: f64 = 1e-5;
const SEARCH_STEPS: usize = 100;

/// Symmetric joint probabilities, zeros left out; all together sum to one.
pub struct Affinities {
    starts: Vec<usize>,
    entries: Vec<(u32, f64)>,
}

impl Affinities {
    /// Of `points` `[points, dims]`, each with its nearest `neighbours` (fewer than points; all others for exact values).
    pub fn new(points: ArrayView2<f64>, perplexity: f64, neighbours: usize) -> Affinities {
        let conditional = map_rows(points, |row, squared| {
            let nearest = nearest(squared, row, neighbours);
            let distances: Vec<f64> = nearest.iter().map(|at| squared[*at as usize]).collect();
            nearest.into_iter().zip(probabilities(&distances, perplexity)).collect::<Vec<_>>()
        });
        symmetrise(&conditional)
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The neighbours of a point by rising index, and the joint probability of each.
    pub fn row(&self, row: usize) -> &[(u32, f64)] {
        &self.entries[self.starts[row]..self.starts[row + 1]]
    }
}

/// The `count` nearest other points (the lower index of equals), by rising index.
fn nearest(squared: &[f64], own: usize, count: usize) -> Vec<u32> {
    let mut others: Vec<u32> = (0..squared.len() as u32).filter(|at| *at as usize != own).collect();
    if count < others.len() {
        let distance = |at: &u32| squared[*at as usize];
        others.select_nth_unstable_by(count, |a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)));
        others.truncate(count);
        others.sort_unstable();
    }
    others
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

fn symmetrise(conditional: &[Vec<(u32, f64)>]) -> Affinities {
    let n = conditional.len();
    let mut rows: Vec<Vec<(u32, f64)>> = conditional.iter().map(|row| Vec::with_capacity(2 * row.len())).collect();
    for (from, row) in conditional.iter().enumerate() {
        for (to, p) in row {
            let half = p / (2 * n) as f64;
            rows[from].push((*to, half));
            rows[*to as usize].push((from as u32, half));
        }
    }
    let (mut starts, mut entries) = (vec![0], Vec::new());
    for mut row in rows {
        row.sort_by_key(|(to, _)| *to);
        entries
            .extend(row.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same.iter().map(|(_, p)| p).sum::<f64>())));
        starts.push(entries.len());
    }
    Affinities { starts, entries }
}
