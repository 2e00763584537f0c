//! The clusterings of an experiment: each `[[cluster]]` on each representation, and those that a model finds by itself.

use super::Representation;
use crate::artifact::{Assignment, Corpus, KCurve, Latents, Scores, Structure};
use crate::engine::{Handle, Plan};
use crate::experiment::{Cluster, Experiment};
use crate::stages::cluster::{Assign, Choose, Explain};
use crate::stages::embed::OwnClusters;
use crate::stages::metrics::{Chance, Measure};
use crate::stages::project::{Project, Settle};

/// Bootstrap resamples behind an interval.
const RESAMPLES: usize = 1000;
/// Random clusterings behind a chance level.
const CHANCE_DRAWS: usize = 200;

/// A clustering of a representation.
pub struct Clustering {
    /// `latent`, `raw` or `pca`.
    pub representation: &'static str,
    /// The clustering's own name: `kmeans`.
    pub name: String,
    /// Of what.
    pub points: Handle<Latents>,
    /// Which cluster each track is in.
    pub assignment: Handle<Assignment>,
    /// How good that is.
    pub scores: Handle<Scores>,
    /// How the number of clusters was chosen, where a criterion did.
    pub chosen: Option<Handle<KCurve>>,
    /// What led to the clusters, where the algorithm has something to show.
    pub structure: Option<Handle<Structure>>,
}

impl Clustering {
    /// `latent.kmeans`
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.representation, self.name)
    }
}

/// Where clusterings are added, and of what.
pub(super) struct Room<'a> {
    pub plan: &'a mut Plan,
    pub experiment: &'a Experiment,
    pub corpus: Handle<Corpus>,
}

impl Room<'_> {
    /// Every `[[cluster]]` on every representation; the first one's are looked at and show what led to them.
    pub fn cluster(&mut self, representations: &[Representation]) -> Vec<Clustering> {
        let clusters = &self.experiment.cluster;
        let pairs = representations.iter().enumerate().flat_map(|(at, of)| clusters.iter().map(move |c| (at, of, c)));
        pairs.map(|(at, of, cluster)| self.one(of, cluster, at == 0)).collect()
    }

    fn one(&mut self, of: &Representation, cluster: &Cluster, looked_at: bool) -> Clustering {
        let (corpus, seed) = (self.corpus, self.experiment.seed.unwrap_or_default());
        let (algorithm, points) = (cluster.algorithm.clone(), self.space(of, cluster));
        let chosen = algorithm.criterion().map(|criterion| self.plan.add(Choose { points, criterion, seed }));
        let structure = (looked_at && algorithm.has_structure())
            .then(|| self.plan.add(Explain { points, corpus, algorithm: algorithm.clone(), chosen }));
        let name = format!("{}.{}", of.name, cluster.name());
        let assignment = self.plan.add(Assign { points, corpus, algorithm, chosen, seed, name });
        let bare = self.scored(of.name, cluster.name(), points, assignment);
        Clustering { chosen, structure, ..bare }
    }

    /// What is clustered: the representation itself, or a projection of it.
    fn space(&mut self, of: &Representation, cluster: &Cluster) -> Handle<Latents> {
        let spaces = &self.experiment.project.0;
        let Some((space, projection)) = cluster.on.as_ref().and_then(|on| spaces.get_key_value(on)) else {
            return of.points;
        };
        let (projection, name) = (projection.clone(), format!("{}.{space}", of.name));
        let seed = self.experiment.seed.unwrap_or_default();
        let layout = self.plan.add(Project { points: of.points, projection, seed, name });
        self.plan.add(Settle { layout, points: of.points })
    }

    /// The clusters of a model that clusters by itself, under the model's name; `read` reads them from its weights.
    pub fn own(&mut self, of: &Representation, read: OwnClusters) -> Option<Clustering> {
        read.model.clusters()?;
        let name = read.model.name();
        let assignment = self.plan.add(read);
        Some(self.scored(of.name, name, of.points, assignment))
    }

    fn scored(
        &mut self,
        representation: &'static str,
        name: &str,
        points: Handle<Latents>,
        assignment: Handle<Assignment>,
    ) -> Clustering {
        let (corpus, metrics, name) = (self.corpus, self.experiment.metrics.clone(), name.to_owned());
        let full = format!("{representation}.{name}");
        let scores = self.plan.add(Measure { points, assignment, corpus, metrics, resamples: RESAMPLES, name: full });
        Clustering { representation, name, points, assignment, scores, chosen: None, structure: None }
    }

    /// What luck scores on the tracks of `points`.
    pub fn chance(&mut self, points: Handle<Latents>) -> Handle<Scores> {
        let (corpus, metrics) = (self.corpus, self.experiment.metrics.clone());
        self.plan.add(Chance { corpus, points, metrics, draws: CHANCE_DRAWS })
    }
}
