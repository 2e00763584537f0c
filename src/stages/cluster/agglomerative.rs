//! Agglomerative clustering: the two nearest clusters become one, until all are. Criteria as in scikit-learn and scipy.
//! Ward (1963), and average, complete and single linkage; see Müllner, "Modern hierarchical, agglomerative clustering
//! algorithms" (2011), for the algorithms.
//!
//! Ward works on centroids and single linkage on the minimum spanning tree: their memory grows with the points. Average
//! and complete linkage keep the distances of all pairs.

mod chain;
mod pairs;
mod ward;

use ndarray::ArrayView2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, ClusterError, Clusterer, Count, Criterion, finite};
use crate::artifact::Structure;
use crate::stats::linkage::{Linkage, Merge};
use crate::stats::neighbours::{Screen, nearest_of};
use crate::stats::spanning_tree::spanning_tree;

/// Most memory that the distances of all pairs may take.
const MOST_BYTES: usize = 4 << 30;
/// Neighbours listed for the spanning tree.
const LISTED: usize = 4;

/// Merges the nearest clusters, from single points up; the tree of merges is cut into clusters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Agglomerative {
    /// Number of clusters: a number, "classes" (the default) for as many as there are label classes, or "silhouette", "gap" or
    /// "bic" to choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k: Option<Count>,
    /// Instead of k: clusters at this distance or farther are not merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub distance_threshold: Option<f64>,
    /// How far apart two clusters are.
    pub linkage: Between,
}

/// How far apart two clusters are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Between {
    /// By how much their merger raises the sum of squared distances to the means.
    #[default]
    Ward,
    /// The distance of their farthest points.
    Complete,
    /// The mean distance of their points.
    Average,
    /// The distance of their nearest points.
    Single,
}

impl Agglomerative {
    /// One line of `runner kinds`.
    pub const EXAMPLE: &str = "k = \"classes\"\nlinkage = \"ward\"";

    /// The whole tree of merges of `points` (`[points, dims]`, finite, at least one), for a cut or a dendrogram.
    pub fn tree(&self, points: ArrayView2<f64>) -> Linkage {
        let unit = unit(points);
        let scaled = points.mapv(|x| x / unit);
        let merges = self.merges(scaled.view()).into_iter();
        Linkage::from_merges(merges.map(|merge| Merge { height: merge.height * unit, ..merge }).collect())
    }

    fn merges(&self, points: ArrayView2<f64>) -> Vec<Merge> {
        match self.linkage {
            Between::Ward => ward::merges(points),
            Between::Complete => pairs::merges(points, |[a, b], _| a.max(b)),
            Between::Average => pairs::merges(points, |[a, b], [of_a, of_b]| (of_a * a + of_b * b) / (of_a + of_b)),
            Between::Single => {
                let screen = Screen::new(points);
                spanning_tree(&screen, &nearest_of(&screen, LISTED), &vec![0.0; screen.len()])
            }
        }
    }

    fn check(&self, points: ArrayView2<f64>) -> Result<(), ClusterError> {
        let n = points.nrows();
        if n == 0 {
            return Err(ClusterError::TooFewPoints { k: 1, points: 0 });
        }
        self.check_settings()?;
        let name = match self.linkage {
            Between::Complete => "complete",
            Between::Average => "average",
            Between::Ward | Between::Single => return finite(points),
        };
        if pairs::bytes(n) > MOST_BYTES {
            let gigabytes = pairs::bytes(n).div_ceil(1 << 30);
            return Err(ClusterError::TooManyPairs { linkage: name, points: n, gigabytes });
        }
        finite(points)
    }

    /// The tree, and how many clusters it is cut into.
    fn grown(&self, points: ArrayView2<f64>, classes: Option<usize>) -> Result<(Linkage, usize), ClusterError> {
        self.check(points)?;
        let count = self.count(classes, points.nrows())?;
        let tree = self.tree(points);
        let k = count.unwrap_or_else(|| tree.clusters_below(self.distance_threshold.unwrap_or(0.0)));
        Ok((tree, k))
    }

    /// The number of clusters, where it is known before the tree.
    fn count(&self, classes: Option<usize>, points: usize) -> Result<Option<usize>, ClusterError> {
        match (self.k, self.distance_threshold) {
            (_, Some(_)) => Ok(None),
            (k, None) => k.unwrap_or_default().resolve(classes, points).map(Some),
        }
    }
}

/// The power of two below the largest value: in this unit no square is too large or too small, and no digit changes.
fn unit(points: ArrayView2<f64>) -> f64 {
    let largest = points.iter().fold(0.0f64, |top, x| top.max(x.abs()));
    if largest.is_normal() { largest.log2().floor().exp2() } else { 1.0 }
}

impl Clusterer for Agglomerative {
    fn check_settings(&self) -> Result<(), ClusterError> {
        let odd = |threshold: &f64| threshold.is_nan() || *threshold < 0.0;
        match (self.k, self.distance_threshold) {
            (Some(_), Some(_)) => Err(ClusterError::TwoCuts),
            (None, Some(value)) if odd(&value) => {
                Err(ClusterError::Setting { setting: "distance_threshold", value, wanted: "a distance from 0" })
            }
            _ => Ok(()),
        }
    }

    fn draws(&self) -> bool {
        false
    }

    fn criterion(&self) -> Option<Criterion> {
        self.k.and_then(Count::criterion)
    }

    fn evidence(&self) -> Option<&'static str> {
        Some("tree")
    }

    fn structure(&self, points: ArrayView2<f64>, classes: Option<usize>) -> Result<Option<Structure>, ClusterError> {
        let (Linkage { children, heights, sizes }, k) = self.grown(points, classes)?;
        Ok(Some(Structure::Tree { children, heights, sizes, k }))
    }

    fn assign(&self, points: ArrayView2<f64>, classes: Option<usize>, _: u64) -> Result<Assignment, ClusterError> {
        let (tree, k) = self.grown(points, classes)?;
        Ok(Assignment { labels: tree.cut(k), k, inertia: None })
    }
}

#[cfg(test)]
mod tests;
