//! How two labellings overlap: the contingency table, its entropies, its mutual information and its pair counts.
//! Vinh, Epps, Bailey, "Information theoretic measures for clusterings comparison" (JMLR 2010); Hubert, Arabie (1985).

mod expected;

use ndarray::Array2;

pub use expected::expected_information;

/// Counts of points by (class, cluster). Empty cells are not stored, so many small clusters cost no memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Contingency {
    /// Number of points.
    pub total: u64,
    /// Size of each class that occurs, by rising label.
    pub classes: Vec<u64>,
    /// Size of each cluster that occurs, by rising label; noise (-1), where there is any, is the first.
    pub clusters: Vec<u64>,
    /// The cells that are not empty, as (class, cluster, count), sorted.
    pub cells: Vec<(usize, usize, u64)>,
}

/// Pairs of points counted by whether they are together in the classes and in the clusters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairCounts {
    /// Together in both.
    pub both: u128,
    /// Together in the classes only.
    pub only_classes: u128,
    /// Together in the clusters only.
    pub only_clusters: u128,
    /// Apart in both.
    pub neither: u128,
}

impl Contingency {
    /// Counts `truth` against `assigned`, which are equally long.
    pub fn new(truth: &[u32], assigned: &[i32]) -> Contingency {
        let (class_of, classes) = rank(truth);
        let (cluster_of, clusters) = rank(assigned);
        let mut pairs: Vec<(usize, usize)> = class_of.into_iter().zip(cluster_of).collect();
        pairs.sort_unstable();
        let runs = pairs.chunk_by(|a, b| a == b);
        let cells = runs.map(|run| (run[0].0, run[0].1, run.len() as u64)).collect();
        Contingency { total: truth.len() as u64, classes, clusters, cells }
    }

    /// The table with its empty cells, `[classes, clusters]`.
    pub fn table(&self) -> Array2<f64> {
        let mut table = Array2::zeros((self.classes.len(), self.clusters.len()));
        self.cells.iter().for_each(|(class, cluster, count)| table[[*class, *cluster]] = *count as f64);
        table
    }

    /// Whether each labelling has but one label (or there are no points): trivially equal, every score is 1.
    pub fn is_trivial(&self) -> bool {
        self.classes.len() <= 1 && self.clusters.len() <= 1
    }

    /// Mutual information of classes and clusters in nats; 0 if either has but one label.
    pub fn mutual_information(&self) -> f64 {
        if self.classes.len() <= 1 || self.clusters.len() <= 1 {
            return 0.0;
        }
        let total = self.total as f64;
        let term = |(class, cluster, count): &(usize, usize, u64)| {
            let (count, expected) = (*count as f64, (self.classes[*class] * self.clusters[*cluster]) as f64);
            let term = count / total * (count.ln() - total.ln()) + count / total * (2.0 * total.ln() - expected.ln());
            if term.abs() < f64::EPSILON { 0.0 } else { term }
        };
        self.cells.iter().map(term).sum::<f64>().max(0.0)
    }

    /// The four pair counts, over ordered pairs as scikit-learn counts them.
    pub fn pair_counts(&self) -> PairCounts {
        let ordered = |sizes: &mut dyn Iterator<Item = u64>| sizes.map(|n| 2 * comb2(n)).sum::<u128>();
        let both = ordered(&mut self.cells.iter().map(|cell| cell.2));
        let only_classes = ordered(&mut self.classes.iter().copied()) - both;
        let only_clusters = ordered(&mut self.clusters.iter().copied()) - both;
        PairCounts {
            both,
            only_classes,
            only_clusters,
            neither: 2 * comb2(self.total) - both - only_classes - only_clusters,
        }
    }
}

/// Number of pairs among `n` things: `n (n - 1) / 2`.
pub fn comb2(n: u64) -> u128 {
    u128::from(n) * u128::from(n.saturating_sub(1)) / 2
}

/// Entropy in nats of a labelling with groups of these sizes; 0 for a single group.
pub fn entropy(sizes: &[u64]) -> f64 {
    let total = sizes.iter().sum::<u64>() as f64;
    let term = |size: &u64| *size as f64 / total * ((*size as f64).ln() - total.ln());
    if sizes.len() <= 1 { 0.0 } else { -sizes.iter().map(term).sum::<f64>() }
}

/// Homogeneity and completeness: `MI / H(classes)` and `MI / H(clusters)`, 1 where that entropy is 0.
/// Rosenberg, Hirschberg, "V-Measure" (EMNLP 2007).
pub fn homogeneity_completeness(of: &Contingency) -> (f64, f64) {
    let information = of.mutual_information();
    let share = |entropy: f64| if entropy > 0.0 { information / entropy } else { 1.0 };
    (share(entropy(&of.classes)), share(entropy(&of.clusters)))
}

/// Index of each label among the labels that occur, and how often each occurs.
fn rank<T: Copy + Ord>(labels: &[T]) -> (Vec<usize>, Vec<u64>) {
    let mut distinct = labels.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let ranks: Vec<usize> = labels.iter().map(|label| distinct.partition_point(|d| d < label)).collect();
    let mut sizes = vec![0; distinct.len()];
    ranks.iter().for_each(|rank| sizes[*rank] += 1);
    (ranks, sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_margins_and_table_agree() {
        let table = Contingency::new(&[0, 0, 7, 7, 7], &[-1, 3, 3, 3, -1]);
        assert_eq!((table.total, &table.classes[..], &table.clusters[..]), (5, &[2, 3][..], &[2, 3][..]));
        assert_eq!(table.cells, [(0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 2)]);
        assert_eq!(table.table(), ndarray::array![[1.0, 1.0], [1.0, 2.0]]);
    }

    #[test]
    fn equal_labellings_share_all_their_entropy() {
        let table = Contingency::new(&[0, 0, 1, 1, 2], &[2, 2, 0, 0, 1]);
        assert!((table.mutual_information() - entropy(&table.classes)).abs() < 1e-15);
        assert_eq!(homogeneity_completeness(&table), (1.0, 1.0));
    }

    #[test]
    fn independent_labellings_share_nothing() {
        let table = Contingency::new(&[0, 0, 1, 1], &[0, 1, 0, 1]);
        assert!(table.mutual_information() < 1e-15);
        assert!((entropy(&[2, 2]) - 2f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn pairs_are_counted_once_in_each_order() {
        let pairs = Contingency::new(&[0, 0, 1], &[0, 0, 0]).pair_counts();
        assert_eq!(pairs, PairCounts { both: 2, only_classes: 0, only_clusters: 4, neither: 0 });
    }

    #[test]
    fn no_points_are_trivial() {
        let table = Contingency::new(&[], &[]);
        assert!(table.is_trivial() && table.mutual_information() == 0.0);
    }
}
