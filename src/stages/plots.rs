//! The plots room: artifacts become pictures. Plots compute nothing that a metric would; they show it.

pub mod composition;
pub mod contingency;
pub mod dendrogram;
pub mod distribution;
pub mod k_curve;
pub mod k_distance;
pub mod kl_dims;
pub mod loss_curves;
pub mod metric_bars;
pub mod reconstruction;
pub mod scatter;
pub mod sheet;
pub mod silhouettes;
pub mod spectrogram;
pub mod top_words;

mod cell;
mod gather;

use crate::artifact::{
    Assignment, Corpus, Diagnosis, Figure, KCurve, Latents, Layout, Reconstructions, Scores, Sheet, Split, Structure,
    Weights,
};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::plotting::{Drawing, PlotError};
use serde::Serialize;

/// What is drawn, and of what.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    /// Points in the plane.
    Space {
        /// Where they lie.
        layout: Handle<Layout>,
        /// Whose points they are.
        points: Handle<Latents>,
        /// What the colours tell.
        by: By,
    },
    /// The course of a training.
    Loss {
        /// What was trained.
        weights: Handle<Weights>,
    },
    /// The course of an adversarial refinement.
    Refinement {
        /// What was refined.
        weights: Handle<Weights>,
    },
    /// Examples in and out of a network.
    Reconstructions {
        /// The examples.
        of: Handle<Reconstructions>,
    },
    /// What a decoder makes of codes along a walk.
    Sheet {
        /// The walk.
        of: Handle<Sheet>,
    },
    /// Clusters against labels, as a heat map.
    Contingency {
        /// The clusters.
        assignment: Handle<Assignment>,
        /// Of which points.
        points: Handle<Latents>,
    },
    /// The words that tell clusters apart.
    TopWords {
        /// Words that are left out, sorted.
        stop_words: Vec<String>,
        /// The clusters.
        assignment: Handle<Assignment>,
        /// Of which points.
        points: Handle<Latents>,
    },
    /// Tracks of each class.
    Distribution {
        /// Tells which tracks.
        points: Handle<Latents>,
        /// What the classes are.
        by: Class,
    },
    /// Labels in each cluster, as bars.
    Composition {
        /// The clusters.
        assignment: Handle<Assignment>,
        /// Of which points.
        points: Handle<Latents>,
    },
    /// The silhouette of each track.
    Silhouettes {
        /// The clusters.
        assignment: Handle<Assignment>,
        /// Of which points.
        points: Handle<Latents>,
    },
    /// What led an algorithm to its clusters: a tree, or distances to neighbours.
    Structure {
        /// The evidence.
        of: Handle<Structure>,
        /// Of which points.
        points: Handle<Latents>,
    },
    /// How the number of clusters was chosen.
    KCurve {
        /// The curve.
        of: Handle<KCurve>,
        /// Of which points.
        points: Handle<Latents>,
    },
    /// KL divergence of each latent dimension.
    KlDims {
        /// The diagnosis of the training.
        diagnosis: Handle<Diagnosis>,
    },
    /// Metrics of all representations side by side.
    MetricBars {
        /// Representations by name, in the order of the bars.
        rows: Vec<(String, Handle<Scores>)>,
    },
}

/// What tracks are counted by.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The label.
    Genre,
    /// The language of the lyrics.
    Language,
}

/// What colours tell.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The label.
    Genre,
    /// The language of the lyrics.
    Language,
    /// The cluster.
    Cluster(Handle<Assignment>),
    /// The side of the split: learned from or not.
    Split(Handle<Split>),
}

/// Artifacts → [`Figure`].
#[derive(Serialize)]
pub struct Draw {
    /// What is drawn.
    pub picture: Picture,
    /// The tracks.
    pub corpus: Handle<Corpus>,
    /// The scores that belong to the picture.
    pub scores: Option<Handle<Scores>>,
    /// What the picture shows, in words.
    pub title: String,
    /// The run's seed.
    pub seed: u64,
    /// `latent_space_genre`: the file's name changes no picture.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Draw {
    type Output = Figure;
    const NAME: &'static str = "plots";

    /// 2: metric bars in panels.
    fn version(&self) -> Version {
        Version::room(2)
    }

    fn title(&self) -> String {
        format!("plot {}", self.name)
    }

    fn run(&self, ctx: &Ctx) -> Result<Figure, Failure> {
        match self.draw(ctx)? {
            Ok(drawn) => Ok(Figure { svg: drawn.svg, png: drawn.png, data: drawn.data }),
            // No labels, no languages: the picture does not apply here, and that is no failure.
            Err(PlotError::Empty { why, .. }) => Ok(Figure::not_drawn(why)),
            Err(error) => Err(error.into()),
        }
    }
}

impl Draw {
    fn draw(&self, ctx: &Ctx) -> Result<Result<Drawing, PlotError>, Failure> {
        let corpus = ctx.get(&self.corpus)?;
        let scores = ctx.get_if(self.scores.as_ref())?;
        let frame = gather::Frame { corpus: &corpus, scores: scores.as_deref(), title: &self.title, seed: self.seed };
        Ok(match &self.picture {
            Picture::Space { layout, points, by } => {
                let (layout, points) = (ctx.get(layout)?, ctx.get(points)?);
                match by {
                    By::Genre => frame.space(&layout, &points, "genre", frame.genres(&points)),
                    By::Language => frame.space(&layout, &points, "language", frame.languages(&points)),
                    By::Cluster(of) => frame.space(&layout, &points, "cluster", gather::clusters(&*ctx.get(of)?)),
                    By::Split(of) => frame.space(&layout, &points, "split", gather::sides(&*ctx.get(of)?, &points)),
                }
            }
            Picture::Loss { weights } => frame.loss(&*ctx.get(weights)?),
            Picture::Refinement { weights } => frame.refinement(&*ctx.get(weights)?),
            Picture::Reconstructions { of } => frame.reconstructions(&*ctx.get(of)?),
            Picture::Sheet { of } => frame.sheet(&*ctx.get(of)?),
            Picture::Contingency { assignment, points } => {
                frame.contingency(&*ctx.get(assignment)?, &*ctx.get(points)?)
            }
            Picture::Composition { assignment, points } => {
                frame.composition(&*ctx.get(assignment)?, &*ctx.get(points)?)
            }
            Picture::TopWords { stop_words, assignment, points } => {
                frame.top_words(&*ctx.get(assignment)?, &*ctx.get(points)?, stop_words)
            }
            Picture::Distribution { points, by } => frame.distribution(&*ctx.get(points)?, *by),
            Picture::Silhouettes { assignment, points } => {
                frame.silhouettes(&*ctx.get(assignment)?, &*ctx.get(points)?)
            }
            Picture::Structure { of, points } => frame.structure(&*ctx.get(of)?, &*ctx.get(points)?),
            Picture::KCurve { of, points } => frame.k_curve(&*ctx.get(of)?, &*ctx.get(points)?),
            Picture::KlDims { diagnosis } => frame.kl_dims(&*ctx.get(diagnosis)?),
            Picture::MetricBars { rows } => {
                let scores =
                    rows.iter()
                        .map(|(name, scores)| Ok((name.clone(), ctx.get(scores)?)))
                        .collect::<Result<Vec<_>, Failure>>()?;
                frame.metric_bars(&scores)
            }
        })
    }
}
