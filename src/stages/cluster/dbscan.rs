//! DBSCAN: clusters are what can be reached from point to point through dense places.
//! Ester, Kriegel, Sander, Xu (KDD 1996); labels as in scikit-learn.
//!
//! A core point has at least `min_samples` points within `eps`, itself among them. Core points within `eps` of each other
//! are of one cluster; other points join the first cluster that has a core point within `eps` of them; the rest is noise.

mod radius;

use std::num::NonZeroUsize;

use ndarray::ArrayView2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, ClusterError, Clusterer, NOISE, finite};
use crate::artifact::Structure;
use crate::stats::disjoint_sets::DisjointSets;
use crate::stats::neighbours::{Screen, each_within};
pub use radius::{Curve, Radius};

/// Points whose neighbours are in memory together, at most: so memory does not grow with the square of the points.
const STRIPE_ROWS: usize = 2048;

/// Density clusters of any shape at one density; the rest is noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Dbscan {
    /// Radius of a neighbourhood: a distance, or "knee" for the knee of the sorted distances to the min_samples-th point.
    pub eps: Radius,
    /// Points within the radius of a core point, itself among them.
    pub min_samples: NonZeroUsize,
}

impl Default for Dbscan {
    fn default() -> Dbscan {
        Dbscan { eps: Radius::Knee, min_samples: NonZeroUsize::new(5).expect("not zero") }
    }
}

/// A clustering with what led to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Cluster of each point, numbered by their first core points, or [`NOISE`].
    pub labels: Vec<i32>,
    /// Whether each point is a core point.
    pub core: Vec<bool>,
    /// Number of clusters.
    pub k: usize,
    /// The radius.
    pub eps: f64,
    /// The curve that the radius was read from, if it was not given.
    pub curve: Option<Curve>,
}

impl Dbscan {
    /// One line of `runner kinds`.
    pub const EXAMPLE: &str = "eps = \"knee\"\nmin_samples = 5";

    /// Clusters of `points` (`[points, dims]`, finite).
    pub fn fit(&self, points: ArrayView2<f64>) -> Fit {
        let screen = Screen::new(points);
        let curve = match self.eps {
            Radius::Knee => Some(Curve::new(&screen, self.min_samples.get())),
            Radius::Fixed(_) => None,
        };
        let eps = match (self.eps, &curve) {
            (Radius::Fixed(eps), _) => eps,
            (Radius::Knee, curve) => curve.as_ref().map_or(0.0, |curve| curve.knee),
        };
        let (labels, core, k) = clusters(&screen, eps, self.min_samples.get());
        Fit { labels, core, k, eps, curve }
    }

    fn check(&self, points: ArrayView2<f64>) -> Result<(), ClusterError> {
        self.check_settings()?;
        finite(points)
    }
}

impl Clusterer for Dbscan {
    fn check_settings(&self) -> Result<(), ClusterError> {
        self.eps.check()
    }

    fn against_noise(&self) -> Option<&'static str> {
        Some("raise eps, or lower min_samples")
    }

    fn draws(&self) -> bool {
        false
    }

    fn evidence(&self) -> Option<&'static str> {
        Some("distances")
    }

    fn structure(&self, points: ArrayView2<f64>, _: Option<usize>) -> Result<Option<Structure>, ClusterError> {
        self.check(points)?;
        let curve = Curve::new(&Screen::new(points), self.min_samples.get());
        let eps = if let Radius::Fixed(eps) = self.eps { eps } else { curve.knee };
        let k = self.min_samples.get().saturating_sub(1);
        Ok(Some(Structure::Distances { distances: curve.distances, k, eps }))
    }

    fn assign(&self, points: ArrayView2<f64>, _: Option<usize>, _: u64) -> Result<Assignment, ClusterError> {
        self.check(points)?;
        let fit = self.fit(points);
        Ok(Assignment { labels: fit.labels, k: fit.k, inertia: None })
    }
}

/// Labels, core points and the number of clusters. Stripe by stripe: a pair is looked at when the later of the two comes.
fn clusters(screen: &Screen, eps: f64, min_samples: usize) -> (Vec<i32>, Vec<bool>, usize) {
    let n = screen.len();
    let (mut core, mut sets) = (vec![false; n], DisjointSets::new(n));
    let mut few: Vec<Vec<u32>> = Vec::with_capacity(n);
    for first in (0..n).step_by(STRIPE_ROWS) {
        let stripe = first..(first + STRIPE_ROWS).min(n);
        let lists = each_within(screen, eps, stripe.clone(), |_, near| near.to_vec());
        stripe.clone().zip(&lists).for_each(|(row, near)| core[row] = near.len() >= min_samples);
        stripe.zip(&lists).for_each(|(row, near)| join_earlier(row, near, &core, &mut sets));
        few.extend(lists.into_iter().map(|near| if near.len() < min_samples { near } else { vec![] }));
    }
    let (labels, k) = labels(&few, &core, &mut sets);
    (labels, core, k)
}

/// Joins a core point to the core points before it.
fn join_earlier(row: usize, near: &[u32], core: &[bool], sets: &mut DisjointSets) {
    if core[row] {
        let earlier = near.iter().map(|other| *other as usize).take_while(|other| *other < row);
        earlier.filter(|other| core[*other]).for_each(|other| {
            sets.merge(row, other);
        });
    }
}

/// Numbers the sets of core points in order; `few` are the neighbours of the points that are none.
fn labels(few: &[Vec<u32>], core: &[bool], sets: &mut DisjointSets) -> (Vec<i32>, usize) {
    let (mut numbers, mut count) = (vec![NOISE; core.len()], 0);
    let mut labels = vec![NOISE; core.len()];
    for row in (0..core.len()).filter(|row| core[*row]) {
        let root = sets.find(row);
        if numbers[root] == NOISE {
            numbers[root] = count;
            count += 1;
        }
        labels[row] = numbers[root];
    }
    for row in (0..core.len()).filter(|row| !core[*row]) {
        let reached = few[row].iter().filter(|other| core[**other as usize]).map(|other| labels[*other as usize]);
        labels[row] = reached.min().unwrap_or(NOISE);
    }
    (labels, count as usize)
}

#[cfg(test)]
mod tests;
