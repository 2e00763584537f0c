//! The cluster room: points become groups.

pub mod again;
pub mod agglomerative;
pub mod choose;
pub mod count;
pub mod dbscan;
pub mod gaussian_mixture;
pub mod hdbscan;
pub mod kmeans;
pub mod minibatch;
pub mod spectral;

pub use crate::artifact::{Assignment, NOISE};
pub use again::Again;
pub use count::{Count, Criterion};

use crate::artifact::{Corpus, KCurve, Latents, Structure};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::kinds;
use crate::stats::first_not_finite;
use ndarray::ArrayView2;
use serde::Serialize;

/// A way to put points into groups. Settings are the fields; nothing is computed before `assign`.
pub trait Clusterer {
    /// `points` is `[points, dims]`, all finite; one label a row, [`NOISE`] where a point belongs to no cluster.
    /// `classes` is what `k` stands for where it is a word: the number of label classes (None without labels) or the number
    /// that a criterion has chosen.
    ///
    /// # Errors
    /// If the settings do not fit the points.
    fn assign(&self, points: ArrayView2<f64>, classes: Option<usize>, seed: u64) -> Result<Assignment, ClusterError>;

    /// How the number of clusters is to be chosen, if it is.
    fn criterion(&self) -> Option<Criterion> {
        None
    }

    /// Whether another seed may give other clusters.
    fn draws(&self) -> bool {
        true
    }

    /// Whether the settings fit each other, whatever the points are.
    ///
    /// # Errors
    /// `Setting` or `TwoCuts`.
    fn check_settings(&self) -> Result<(), ClusterError> {
        Ok(())
    }

    /// What to change where it takes every point for noise, by the names of its settings; None if it never does.
    fn against_noise(&self) -> Option<&'static str> {
        None
    }

    /// The evidence that it has to show, in words; None if it has none.
    fn evidence(&self) -> Option<&'static str> {
        None
    }

    /// What led to the clusters of the same points, where it has any.
    ///
    /// # Errors
    /// As `assign`.
    fn structure(&self, _: ArrayView2<f64>, _classes: Option<usize>) -> Result<Option<Structure>, ClusterError> {
        Ok(None)
    }

    /// Raise when the numbers change.
    fn version(&self) -> u32 {
        1
    }
}

/// Why points cannot be clustered.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ClusterError {
    /// `k = "classes"` without labels.
    #[error(
        "k = \"classes\" needs labels, and this dataset has none: give k as a number, or \"silhouette\", \"gap\" or \"bic\" to choose it"
    )]
    NeedsLabels,
    /// More clusters than points.
    #[error("cannot make {k} clusters of {points} points: lower k to at most {points}")]
    TooFewPoints {
        /// Clusters asked for.
        k: usize,
        /// Points given.
        points: usize,
    },
    /// More neighbours asked for than there are points.
    #[error("min_samples = {min_samples} needs as many points, and there are {points}: lower min_samples")]
    TooFewNeighbours {
        /// Points that a dense place must have.
        min_samples: usize,
        /// Points given.
        points: usize,
    },
    /// A setting that no points could fit.
    #[error("{setting} = {value} is out of range: give {wanted}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        wanted: &'static str,
    },
    /// The distances of all pairs would not fit into memory.
    #[error(
        "{linkage} linkage of {points} points needs the distances of all pairs, {gigabytes} GB: \
         use linkage = \"ward\" or \"single\", which need none, or hdbscan"
    )]
    TooManyPairs {
        /// Name of the linkage.
        linkage: &'static str,
        /// Points given.
        points: usize,
        /// Memory needed, rounded up.
        gigabytes: usize,
    },
    /// Two ways to cut one tree.
    #[error("k and distance_threshold both say where to cut: give one of them")]
    TwoCuts,
    /// A mixture's component lies in a plane.
    #[error(
        "component {component} of the mixture has no volume: raise regularisation, lower k, or take covariance = \"diagonal\""
    )]
    SingularCovariance {
        /// Which, from 0.
        component: usize,
    },
    /// The graph of neighbours cannot be taken apart.
    #[error("the graph of neighbours has no eigenvectors: scale the points, or take another algorithm")]
    NoEmbedding,
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

/// # Errors
/// `NotFinite` if a value of `points` is not a finite number.
fn finite(points: ArrayView2<f64>) -> Result<(), ClusterError> {
    first_not_finite(points).map_or(Ok(()), |(row, column)| Err(ClusterError::NotFinite { row, column }))
}

kinds! {
    /// Every clusterer an experiment may ask for.
    pub enum Algorithm: dyn Clusterer {
        "kmeans" => KMeans(kmeans::KMeans), "k-means from k-means++ starts, the best of several by inertia."
        "minibatch_kmeans" => MiniBatchKMeans(minibatch::MiniBatchKMeans), "k-means on batches: for very many tracks, a little less exact."
        "agglomerative" => Agglomerative(agglomerative::Agglomerative), "Merges the nearest clusters, from single tracks up: ward, complete, average or single linkage."
        "dbscan" => Dbscan(dbscan::Dbscan), "Density at one radius: clusters of any form, and noise; the radius is read from the data."
        "hdbscan" => Hdbscan(hdbscan::Hdbscan), "Density at all radii: clusters of different density, and noise."
        "gmm" => Gmm(gaussian_mixture::GaussianMixture), "Gaussian mixture: clusters that are ellipsoids of their own size and direction."
        "spectral" => Spectral(spectral::Spectral), "Spectral clustering on the graph of nearest neighbours: clusters of any form."
    }
}

/// Numbers of clusters that a criterion chooses from.
const CHOICES: std::ops::RangeInclusive<usize> = 2..=20;

/// [`Latents`] → [`KCurve`]: a criterion over k-means clusterings.
#[derive(Serialize)]
pub struct Choose {
    /// The points; only the dimensions in use are clustered.
    pub points: Handle<Latents>,
    /// What is best.
    pub criterion: Criterion,
    /// Seed of starts and of the gap's even points.
    pub seed: u64,
    /// `latent.kmeans`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Choose {
    type Output = KCurve;
    const NAME: &'static str = "choose_k";

    fn title(&self) -> String {
        format!("choose k of {}", self.name)
    }

    fn run(&self, ctx: &Ctx) -> Result<KCurve, Failure> {
        let points = ctx.get(&self.points)?.in_use();
        finite(points.view()).map_err(Failure::experiment)?;
        let fit = |points: ArrayView2<f64>, k: usize| {
            let fit = crate::stats::kmeans::best(points, k, self.seed);
            (fit.labels, fit.inertia)
        };
        let (name, choice) = match self.criterion {
            Criterion::Silhouette => ("silhouette", choose::by_silhouette(points.view(), CHOICES, fit)),
            Criterion::Gap => ("gap", choose::by_gap(points.view(), CHOICES, self.seed, fit)),
            Criterion::Bic => ("BIC", choose::by_bic(points.view(), CHOICES, fit)),
        };
        let few = ClusterError::TooFewPoints { k: *CHOICES.start(), points: points.nrows() };
        let choice = choice.ok_or_else(|| Failure::experiment(few))?;
        let choose::Choice { curve: values, errors, chosen } = choice;
        Ok(KCurve { criterion: name.to_owned(), values, errors, chosen })
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
    /// How many clusters, where a criterion chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Handle<KCurve>>,
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
        let points = ctx.get(&self.points)?.in_use();
        let count = count_of(ctx, &self.corpus, self.chosen.as_ref())?;
        self.algorithm.assign(points.view(), count, self.seed).map_err(Failure::experiment)
    }
}

/// [`Latents`] → [`Structure`] of one clustering.
#[derive(Serialize)]
pub struct Explain {
    /// The points that were clustered.
    pub points: Handle<Latents>,
    /// The tracks, for the number of label classes.
    pub corpus: Handle<Corpus>,
    /// How they were: a kind that has evidence to show.
    pub algorithm: Algorithm,
    /// How many clusters, where a criterion chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Handle<KCurve>>,
    /// `latent.agglomerative`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Explain {
    type Output = Structure;
    const NAME: &'static str = "structure";

    fn version(&self) -> Version {
        Version { room: 1, kind: self.algorithm.version() }
    }

    fn title(&self) -> String {
        format!("{} of {}", self.algorithm.evidence().unwrap_or("structure"), self.name)
    }

    fn run(&self, ctx: &Ctx) -> Result<Structure, Failure> {
        let points = ctx.get(&self.points)?.in_use();
        let count = count_of(ctx, &self.corpus, self.chosen.as_ref())?;
        let structure = self.algorithm.structure(points.view(), count).map_err(Failure::experiment)?;
        structure.ok_or_else(|| Failure::data("this algorithm has no structure to show"))
    }
}

/// What `k` stands for where it is a word.
fn count_of(ctx: &Ctx, corpus: &Handle<Corpus>, chosen: Option<&Handle<KCurve>>) -> Result<Option<usize>, Failure> {
    match chosen {
        Some(chosen) => Ok(Some(ctx.get(chosen)?.chosen)),
        None => Ok(ctx.get(corpus)?.classes()),
    }
}
