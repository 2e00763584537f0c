//! The clusterings of an experiment: each `[[cluster]]` on each representation, and those that a model finds by itself.

use super::Representation;
use crate::artifact::{Assignment, Corpus, KCurve, Latents, Refits, Scores, Structure};
use crate::engine::{Handle, Plan};
use crate::experiment::{Cluster, Experiment};
use crate::stages::cluster::{Again, Assign, Choose, Explain};
use crate::stages::embed::OwnClusters;
use crate::stages::metrics::{Chance, Measure};
use crate::stages::project::{Project, Settle};

/// Bootstrap resamples behind an interval.
const RESAMPLES: usize = 1000;
/// Fits of the same points whose agreement is the stability.
const FITS: usize = 5;
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

/// What luck scores with clusters of the same sizes.
#[derive(Clone)]
pub struct Luck {
    /// The first part of metric names: `chance`, or `chance.kmeans`.
    pub prefix: String,
    /// The name of the clusterings that it is compared with.
    pub clusterer: String,
    /// Its scores.
    pub scores: Handle<Scores>,
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
        let name = format!("{}.{}", of.name, cluster.name());
        let choose = |criterion| Choose { points, criterion, seed, name: name.clone() };
        let chosen = algorithm.criterion().map(choose).map(|choose| self.plan.add(choose));
        let structure = algorithm.evidence().filter(|_| looked_at).map(|_| {
            let (algorithm, name) = (algorithm.clone(), name.clone());
            self.plan.add(Explain { points, corpus, algorithm, chosen, name })
        });
        let again = self.experiment.metrics.iter().any(|metric| metric.metric().needs_refits());
        let refits = again.then(|| {
            let (algorithm, name) = (algorithm.clone(), name.clone());
            self.plan.add(Again { points, corpus, algorithm, chosen, seed, fits: FITS, name })
        });
        let assignment = self.plan.add(Assign { points, corpus, algorithm, chosen, seed, name });
        let bare = self.scored((of.name, cluster.name()), points, assignment, refits);
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
        let layout = self.plan.add(Project { points: of.points, projection, seed, name: name.clone() });
        self.plan.add(Settle { layout, points: of.points, name })
    }

    /// The clusters of a model that clusters by itself, under the model's name; `read` reads them from its weights.
    pub fn own(&mut self, of: &Representation, read: OwnClusters) -> Option<Clustering> {
        read.model.clusters()?;
        let name = read.model.name();
        let assignment = self.plan.add(read);
        Some(self.scored((of.name, name), of.points, assignment, None))
    }

    fn scored(
        &mut self,
        (representation, name): (&'static str, &str),
        points: Handle<Latents>,
        assignment: Handle<Assignment>,
        refits: Option<Handle<Refits>>,
    ) -> Clustering {
        let (corpus, metrics, name) = (self.corpus, self.experiment.metrics.clone(), name.to_owned());
        let full = format!("{representation}.{name}");
        let scores =
            self.plan.add(Measure { points, assignment, corpus, metrics, refits, resamples: RESAMPLES, name: full });
        Clustering { representation, name, points, assignment, scores, chosen: None, structure: None }
    }

    /// What luck scores with the clusters of each of `clusterings` that has a name of its own. The first one is `chance`; where
    /// there are several, each is `chance.NAME`, too.
    pub fn chance(&mut self, clusterings: &[Clustering]) -> Vec<Luck> {
        let mut seen: Vec<&str> = Vec::new();
        let mut lucks = Vec::new();
        for clustering in clusterings {
            let name = clustering.name.as_str();
            if !seen.contains(&name) {
                seen.push(name);
                lucks.push(self.luck(clustering));
            }
        }
        let several = lucks.len() > 1;
        let plain = lucks.first().map(|first| Luck { prefix: "chance".to_owned(), ..first.clone() });
        plain.into_iter().chain(lucks.into_iter().filter(|_| several)).collect()
    }

    fn luck(&mut self, clustering: &Clustering) -> Luck {
        let (corpus, metrics, points) = (self.corpus, self.experiment.metrics.clone(), clustering.points);
        let (assignment, name, draws) = (clustering.assignment, clustering.full_name(), CHANCE_DRAWS);
        let scores = self.plan.add(Chance { corpus, points, assignment, metrics, draws, name });
        Luck { prefix: format!("chance.{}", clustering.name), clusterer: clustering.name.clone(), scores }
    }
}
