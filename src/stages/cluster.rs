//! The cluster room: points become groups.

pub mod count;
pub mod kmeans;

pub use crate::artifact::{Assignment, NOISE};
pub use count::Count;

use crate::artifact::{Corpus, Latents};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::kinds;
use ndarray::ArrayView2;
use serde::Serialize;

/// A way to put points into groups. Settings are the fields; nothing is computed before `assign`.
pub trait Clusterer {
    /// `points` is `[points, dims]`, all finite; one label a row, [`NOISE`] where a point belongs to no cluster.
    /// `classes` is the number of label classes, None without labels.
    ///
    /// # Errors
    /// If the settings do not fit the points.
    fn assign(&self, points: ArrayView2<f64>, classes: Option<usize>, seed: u64) -> Result<Assignment, ClusterError>;

    /// Raise when the numbers change.
    fn version(&self) -> u32 {
        1
    }
}

/// Why points cannot be clustered.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ClusterError {
    /// `k = "classes"` without labels.
    #[error("k = \"classes\" needs labels, and this dataset has none: give k as a number")]
    NeedsLabels,
    /// More clusters than points.
    #[error("cannot make {k} clusters of {points} points: lower k to at most {points}")]
    TooFewPoints {
        /// Clusters asked for.
        k: usize,
        /// Points given.
        points: usize,
    },
    /// NaN or infinity among the points.
    #[error(
        "point {row} has a value in column {column} that is not a finite number: look for a diverged training or a broken feature"
    )]
    NotFinite {
        /// Row of the value.
        row: usize,
        /// Column of the value.
        column: usize,
    },
}

kinds! {
    /// Every clusterer an experiment may ask for.
    pub enum Algorithm: dyn Clusterer {
        "kmeans" => KMeans(kmeans::KMeans), "k-means from k-means++ starts, the best of several by inertia."
    }
}

/// [`Latents`] → [`Assignment`].
#[derive(Serialize)]
pub struct Assign {
    /// The points; only the dimensions in use are clustered.
    pub points: Handle<Latents>,
    /// The tracks, for the number of label classes.
    pub corpus: Handle<Corpus>,
    /// How.
    pub algorithm: Algorithm,
    /// Seed of starts.
    pub seed: u64,
    /// `latent.kmeans`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Assign {
    type Output = Assignment;
    const NAME: &'static str = "cluster";

    fn version(&self) -> Version {
        Version { room: 1, kind: self.algorithm.version() }
    }

    fn title(&self) -> String {
        format!("cluster {}", self.name)
    }

    fn run(&self, ctx: &Ctx) -> Result<Assignment, Failure> {
        let (points, classes) = (ctx.get(&self.points)?.in_use(), ctx.get(&self.corpus)?.classes());
        self.algorithm.assign(points.view(), classes, self.seed).map_err(Failure::experiment)
    }
}
