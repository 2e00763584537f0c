//! The projection room: points are laid out in few dimensions, to be looked at.

pub mod pca;
pub mod row_l2;
pub mod spaces;
pub mod tsne;
pub mod umap;

pub use spaces::Spaces;

use crate::artifact::{Latents, Layout};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::kinds;
use crate::stats::first_not_finite;
use ndarray::{Array2, ArrayView2};
use serde::Serialize;

/// A way to lay points out in few dimensions.
pub trait Projector {
    /// `points` is `[points, dims]`, all finite; gives `[points, self.dims(dims)]`.
    ///
    /// # Errors
    /// If the settings do not fit the points.
    fn project(&self, points: ArrayView2<f64>, seed: u64) -> Result<Array2<f64>, ProjectError>;

    /// Columns of the result for points of `given` columns.
    fn dims(&self, given: usize) -> usize;

    /// Whether its first two columns are a map to be looked at.
    fn is_map(&self) -> bool;

    /// Raise when the numbers change.
    fn version(&self) -> u32 {
        1
    }
}

/// Why points cannot be projected.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProjectError {
    /// Too few points for the method.
    #[error("needs at least {needed} points, got {points}: use project.pca, or more tracks")]
    TooFewPoints {
        /// Points the method needs.
        needed: usize,
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

/// # Errors
/// `NotFinite` if a value of `points` is not a finite number.
fn finite(points: ArrayView2<f64>) -> Result<(), ProjectError> {
    first_not_finite(points).map_or(Ok(()), |(row, column)| Err(ProjectError::NotFinite { row, column }))
}

kinds! {
    /// Every projection an experiment may ask for.
    pub enum Projection: dyn Projector {
        "pca" => Pca(pca::Pca), "Principal components: linear, no neighbourhoods promised, distances true as far as they go."
        "row_l2" => RowL2(row_l2::RowL2), "Each point divided by its length: what is clustered then are directions, however far out a point lies."
        "tsne" => Tsne(tsne::Tsne), "t-SNE from a PCA start: neighbourhoods are kept, distances between groups say nothing."
        "umap" => Umap(umap::Umap), "UMAP: neighbourhoods are kept, groups drawn together; with dims = 10 and min_dist = 0 a space to cluster in."
    }
}

/// [`Layout`] → [`Latents`]: a projection as a space that is clustered.
#[derive(Serialize)]
pub struct Settle {
    /// The projection.
    pub layout: Handle<Layout>,
    /// Of what.
    pub points: Handle<Latents>,
    /// `latent.umap10`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Settle {
    type Output = Latents;
    const NAME: &'static str = "space";

    fn title(&self) -> String {
        format!("points of {}", self.name)
    }

    fn run(&self, ctx: &Ctx) -> Result<Latents, Failure> {
        let (layout, points) = (ctx.get(&self.layout)?, ctx.get(&self.points)?);
        let active = (0..layout.points.ncols()).collect();
        Ok(Latents { values: layout.points.clone(), tracks: points.tracks.clone(), active })
    }
}

/// [`Latents`] → [`Layout`].
#[derive(Serialize)]
pub struct Project {
    /// The points; only the dimensions in use are laid out.
    pub points: Handle<Latents>,
    /// How.
    pub projection: Projection,
    /// Seed.
    pub seed: u64,
    /// `latent.tsne`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Project {
    type Output = Layout;
    const NAME: &'static str = "project";

    fn version(&self) -> Version {
        Version { room: 2, kind: self.projection.version() }
    }

    fn title(&self) -> String {
        format!("project {}", self.name)
    }

    fn run(&self, ctx: &Ctx) -> Result<Layout, Failure> {
        let points = ctx.get(&self.points)?.in_use();
        let points = self.projection.project(points.view(), self.seed).map_err(Failure::experiment)?;
        Ok(Layout { points })
    }
}
