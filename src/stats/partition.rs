//! Points sorted by cluster, with noise left out: what internal scores are computed on.

use ndarray::{Array2, ArrayView2};

/// The rows of each cluster, clusters in order of label, rows in their own order.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    rows: Vec<usize>,
    starts: Vec<usize>,
}

impl Partition {
    /// Sorts the rows of `labels` by label; negative labels are noise and left out.
    pub fn of(labels: &[i32]) -> Partition {
        let mut rows: Vec<usize> = (0..labels.len()).filter(|row| labels[*row] >= 0).collect();
        rows.sort_by_key(|row| labels[*row]);
        let begins = |at: &usize| *at == 0 || labels[rows[*at]] != labels[rows[*at - 1]];
        let mut starts: Vec<usize> = (0..rows.len()).filter(begins).collect();
        starts.push(rows.len());
        Partition { rows, starts }
    }

    /// As `of`, if internal scores are defined: at least two clusters, and fewer clusters than points.
    pub fn scorable(labels: &[i32]) -> Option<Partition> {
        let partition = Partition::of(labels);
        (2..partition.points()).contains(&partition.clusters()).then_some(partition)
    }

    /// Number of points that are not noise.
    pub fn points(&self) -> usize {
        self.rows.len()
    }

    /// Number of clusters.
    pub fn clusters(&self) -> usize {
        self.starts.len() - 1
    }

    /// All rows that are not noise, cluster by cluster.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Where each cluster lies in `rows()`.
    pub fn ranges(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.starts.windows(2).map(|pair| pair[0]..pair[1])
    }

    /// The rows of each cluster.
    pub fn members(&self) -> impl Iterator<Item = &[usize]> {
        self.ranges().map(|range| &self.rows[range])
    }

    /// Mean point of each cluster, `[clusters, dims]`; `points` is `[points, dims]`, noise included.
    pub fn centroids(&self, points: ArrayView2<f64>) -> Array2<f64> {
        let mut centroids = Array2::zeros((self.clusters(), points.ncols()));
        for (mut centroid, members) in centroids.rows_mut().into_iter().zip(self.members()) {
            members.iter().for_each(|row| centroid += &points.row(*row));
            centroid /= members.len() as f64;
        }
        centroids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn clusters_stand_in_order_and_noise_is_left_out() {
        let partition = Partition::of(&[5, -1, 0, 5, 0]);
        assert_eq!(partition.members().collect::<Vec<_>>(), [&[2, 4][..], &[0, 3]]);
        assert_eq!((partition.points(), partition.clusters()), (4, 2));
    }

    #[test]
    fn centroids_are_means() {
        let points = array![[0.0, 1.0], [9.0, 9.0], [2.0, 3.0]];
        assert_eq!(Partition::of(&[0, -1, 0]).centroids(points.view()), array![[1.0, 2.0]]);
    }

    #[test]
    fn one_cluster_or_only_singletons_cannot_be_scored() {
        assert_eq!(Partition::scorable(&[0, 0, 0]), None);
        assert_eq!(Partition::scorable(&[0, 1, 2]), None);
        assert_eq!(Partition::scorable(&[-1, -1]), None);
        assert_eq!(Partition::scorable(&[]), None);
        assert!(Partition::scorable(&[0, 1, 1]).is_some());
    }
}
