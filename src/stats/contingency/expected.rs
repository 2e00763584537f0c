//! What two labellings tell about each other by luck alone.
//! Vinh, Epps, Bailey, "Information theoretic measures for clusterings comparison" (JMLR 2010), equation 24a.

use super::Contingency;

/// Mean mutual information over all labellings with these class and cluster sizes (hypergeometric cells).
pub fn expected_information(table: &Contingency) -> f64 {
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
    use crate::random::Stream;

    #[test]
    fn expected_information_is_the_mean_over_permutations() {
        let truth: Vec<u32> = (0..60).map(|row| row % 5).collect();
        let mut labels: Vec<i32> = (0..60).map(|row| if row < 30 { 0 } else { row % 7 }).collect();
        let exact = expected_information(&Contingency::new(&truth, &labels));
        let (mut stream, mut sum) = (Stream::new(1, "test.mig"), 0.0);
        for _ in 0..4_000 {
            stream.shuffle(&mut labels);
            sum += Contingency::new(&truth, &labels).mutual_information();
        }
        let mean = sum / 4_000.0;
        assert!((exact - mean).abs() < 0.004, "{exact} {mean}");
    }

    #[test]
    fn two_halves_share_what_theory_says() {
        // Four points, two and two: a third of the permutations agree or are opposite (ln 2), the rest share nothing.
        let table = Contingency::new(&[0, 0, 1, 1], &[0, 1, 0, 1]);
        assert!((expected_information(&table) - 2f64.ln() / 3.0).abs() < 1e-12);
    }
}
