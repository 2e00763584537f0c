//! Adjusted mutual information: mutual information corrected for chance.
//! Vinh, Epps, Bailey (JMLR 2010), `AMI_sum`: `(MI - E[MI]) / (mean entropy - E[MI])`, E[MI] by their equation 24a.

use super::{Evaluation, Metric};
use crate::stats::contingency::{Contingency, entropy};

/// Adjusted mutual information: mutual information corrected for chance, over the arithmetic mean of the entropies (0 random, 1 equal).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ami;

impl Metric for Ami {
    fn name(&self) -> &'static str {
        "ami"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let table = Contingency::new(of.truth?, of.assigned);
        if table.is_trivial() {
            return Some(1.0);
        }
        if table.classes.len() == 1 || table.clusters.len() == 1 {
            return Some(0.0);
        }
        let expected = expected_information(&table);
        let mean_entropy = (entropy(&table.classes) + entropy(&table.clusters)) / 2.0;
        Some(away_from_zero(table.mutual_information() - expected) / away_from_zero(mean_entropy - expected))
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn needs_labels(&self) -> bool {
        true
    }

    fn definition(&self) -> &'static str {
        "Adjusted mutual information: mutual information corrected for chance, over the arithmetic mean of the entropies (0 random, 1 equal)."
    }
}

/// Keeps the sign, so that a perfect match, whose two differences are both 0, scores 1.
fn away_from_zero(x: f64) -> f64 {
    if x < 0.0 { x.min(-f64::EPSILON) } else { x.max(f64::EPSILON) }
}

/// Mean mutual information over all labellings with these class and cluster sizes (hypergeometric cells).
fn expected_information(table: &Contingency) -> f64 {
    let log_factorials = log_factorials(table.total);
    let clusters = count_sizes(&table.clusters);
    let cell = |class: u64, cluster: u64| expected_cell(class, cluster, table.total, &log_factorials);
    let classes = count_sizes(&table.classes);
    let pairs =
        classes.iter().flat_map(|(class, m)| clusters.iter().map(move |(cluster, n)| (*class, *cluster, m * n)));
    pairs.map(|(class, cluster, times)| times * cell(class, cluster)).sum()
}

/// Each size that occurs, and how often: equal sizes have equal expectations, so each is worked out once.
fn count_sizes(sizes: &[u64]) -> Vec<(u64, f64)> {
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as f64)).collect()
}

/// Sum over the counts a cell can have of `count / n · ln(n · count / (a b))` times the chance of that count.
fn expected_cell(a: u64, b: u64, n: u64, log_factorials: &[f64]) -> f64 {
    let ln_factorial = |x: u64| log_factorials[x as usize];
    let fixed = ln_factorial(a) + ln_factorial(b) + ln_factorial(n - a) + ln_factorial(n - b) - ln_factorial(n);
    let margins = (n as f64).ln() - (a as f64).ln() - (b as f64).ln();
    let term = |count: u64| {
        let ways =
            ln_factorial(count) + ln_factorial(a - count) + ln_factorial(b - count) + ln_factorial(n + count - a - b);
        count as f64 / n as f64 * (margins + (count as f64).ln()) * (fixed - ways).exp()
    };
    ((a + b).saturating_sub(n).max(1)..=a.min(b)).map(term).sum()
}

/// `ln(0!) ..= ln(n!)`, summed with the error carried along (Kahan 1965): the terms above cancel almost wholly.
fn log_factorials(n: u64) -> Vec<f64> {
    let (mut sum, mut error) = (0.0f64, 0.0f64);
    let mut add = |term: f64| {
        let corrected = term - error;
        let next = sum + corrected;
        error = (next - sum) - corrected;
        sum = next;
        next
    };
    std::iter::once(0.0).chain((1..=n).map(|i| add((i as f64).ln()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::chance::expected;
    use crate::stats::golden;
    use ndarray::Array2;

    fn score(truth: &[u32], assigned: &[i32]) -> Option<f64> {
        Ami.score(&Evaluation { truth: Some(truth), assigned, points: Array2::zeros((truth.len(), 0)).view() })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("ami", |set, labelling| score(&set.truth, &labelling.assigned));
    }

    #[test]
    fn perfect_labels_score_one() {
        assert!((score(&[0, 0, 1, 1, 2], &[2, 2, 0, 0, 1]).expect("labels") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn random_labels_score_zero_on_average() {
        let truth: Vec<u32> = (0..200).map(|i| i % 10).collect();
        let chance = expected(200, 10, 200, 4, |labels| score(&truth, labels)).expect("labels");
        assert!(chance.abs() < 0.005, "{chance}");
    }
}
