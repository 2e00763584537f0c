//! HDBSCAN: the clusters that persist longest while the density that makes a cluster rises.
//! Campello, Moulavi, Sander (PAKDD 2013); McInnes, Healy, Astels (JOSS 2017); choices as in scikit-learn.
//!
//! The single-linkage tree of the mutual reachability distance is condensed to the splits into clusters of at least
//! `min_cluster_size` points, and clusters are selected in it by their stability. Memory grows with the points, not pairs.
//! A point whose core distance is its distance from two groups at once joins the one with the nearest point, so the order
//! of the points does not matter; in scikit-learn it does for such points.

mod condensed;
mod select;

use std::num::NonZeroUsize;

use ndarray::ArrayView2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, ClusterError, Clusterer, NOISE, finite};
use crate::stats::linkage::Linkage;
use crate::stats::neighbours::{Screen, nearest_of};
use crate::stats::spanning_tree::spanning_tree;
pub use condensed::Condensed;

/// Neighbours listed for the spanning tree, at least: they settle most of its edges.
const LISTED: usize = 8;

/// Density clusters of any shape and of differing density; the rest is noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Hdbscan {
    /// Points that a cluster must have, at least 2.
    #[schemars(range(min = 2))]
    pub min_cluster_size: NonZeroUsize,
    /// Points within the core distance of a point, itself among them; more make more noise. Default: min_cluster_size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_samples: Option<NonZeroUsize>,
    /// Which clusters of the tree are taken.
    pub cluster_selection_method: Selection,
    /// Do not split clusters below this distance; 0 splits at all.
    #[schemars(range(min = 0.0))]
    pub cluster_selection_epsilon: f64,
    /// Whether all points may be one cluster.
    pub allow_single_cluster: bool,
}

/// Which clusters of the condensed tree are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// Excess of mass: those that are more stable than what they split into.
    #[default]
    Eom,
    /// Those that do not split: many, small and even.
    Leaf,
}

impl Default for Hdbscan {
    fn default() -> Hdbscan {
        Hdbscan {
            min_cluster_size: NonZeroUsize::new(5).expect("not zero"),
            min_samples: None,
            cluster_selection_method: Selection::Eom,
            cluster_selection_epsilon: 0.0,
            allow_single_cluster: false,
        }
    }
}

/// A clustering with what led to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Cluster of each point, numbered by their first points, or [`NOISE`].
    pub labels: Vec<i32>,
    /// How firmly each point belongs to its cluster, 0 (noise) to 1.
    pub probabilities: Vec<f64>,
    /// Number of clusters.
    pub k: usize,
    /// Single linkage by mutual reachability distance.
    pub linkage: Linkage,
    /// The splits into large enough clusters.
    pub condensed: Condensed,
}

impl Hdbscan {
    /// One line of `runner kinds`.
    pub const EXAMPLE: &str = "min_cluster_size = 5";

    /// Clusters of `points` (`[points, dims]`, finite), of which there must be at least `min_samples`.
    pub fn fit(&self, points: ArrayView2<f64>) -> Fit {
        let linkage = reachability(points, self.neighbours());
        let condensed = Condensed::new(&linkage, self.min_cluster_size.get().max(2));
        let selected = select::clusters(&condensed, self);
        let (labels, probabilities, k) = select::memberships(&condensed, &selected, self);
        Fit { labels, probabilities, k, linkage, condensed }
    }

    fn neighbours(&self) -> usize {
        self.min_samples.unwrap_or(self.min_cluster_size).get()
    }

    fn check(&self, points: ArrayView2<f64>) -> Result<(), ClusterError> {
        self.check_settings()?;
        if self.neighbours() > points.nrows() {
            return Err(ClusterError::TooFewNeighbours { min_samples: self.neighbours(), points: points.nrows() });
        }
        finite(points)
    }
}

/// Single linkage of `points` (`[points, dims]`) by mutual reachability; each point counts among its own `min_samples`.
fn reachability(points: ArrayView2<f64>, min_samples: usize) -> Linkage {
    let screen = Screen::new(points);
    let others = min_samples - 1;
    let near = nearest_of(&screen, others.max(LISTED));
    let core = |point: usize| {
        if others.min(near.k) == 0 { 0.0 } else { near.squared[point * near.k + others.min(near.k) - 1] }
    };
    let core: Vec<f64> = (0..screen.len()).map(core).collect();
    Linkage::from_merges(spanning_tree(&screen, &near, &core))
}

impl Clusterer for Hdbscan {
    fn check_settings(&self) -> Result<(), ClusterError> {
        let (size, epsilon) = (self.min_cluster_size.get(), self.cluster_selection_epsilon);
        if size < 2 {
            let (setting, value, wanted) = ("min_cluster_size", size as f64, "at least 2");
            return Err(ClusterError::Setting { setting, value, wanted });
        }
        if !(epsilon >= 0.0 && epsilon.is_finite()) {
            let (setting, wanted) = ("cluster_selection_epsilon", "a distance from 0");
            return Err(ClusterError::Setting { setting, value: epsilon, wanted });
        }
        Ok(())
    }

    fn against_noise(&self) -> Option<&'static str> {
        Some("lower min_cluster_size and min_samples")
    }

    fn draws(&self) -> bool {
        false
    }

    fn assign(&self, points: ArrayView2<f64>, _: Option<usize>, _: u64) -> Result<Assignment, ClusterError> {
        self.check(points)?;
        let fit = self.fit(points);
        Ok(Assignment { labels: fit.labels, k: fit.k, inertia: None })
    }
}

#[cfg(test)]
mod tests;
