//! Which pictures belong to an experiment.

use super::{Clustering, Learned, Outline};
use crate::artifact::{Figure, Modality, Scores};
use crate::engine::{Handle, Plan};
use crate::experiment::Experiment;
use crate::stages::plots::{By, Class, Draw, Picture};

/// A picture of the run.
pub struct Drawn {
    /// Its file's name without ending.
    pub name: String,
    /// The clustering that it shows, where it is one beside the first.
    pub clusterer: Option<String>,
    /// The picture.
    pub figure: Handle<Figure>,
}

/// Adds the pictures of `outline` to `plan`.
pub(super) fn draw(plan: &mut Plan, experiment: &Experiment, outline: &Outline) -> Vec<Drawn> {
    let (seed, reads) = (experiment.seed.unwrap_or_default(), experiment.features.text.is_some());
    let stop_words = outline.stop_words.clone();
    let mut easel = Easel { plan, outline, seed, reads, stop_words, drawn: Vec::new() };
    easel.spaces();
    easel.training();
    easel.generated();
    easel.clusters();
    easel.bars();
    easel.classes();
    easel.modalities();
    easel.drawn
}

struct Easel<'plan, 'outline> {
    plan: &'plan mut Plan,
    outline: &'outline Outline,
    seed: u64,
    /// Whether lyrics are read.
    reads: bool,
    /// Words that are left out of pictures of words.
    stop_words: Vec<String>,
    drawn: Vec<Drawn>,
}

impl<'outline> Easel<'_, 'outline> {
    fn add(&mut self, name: String, title: String, picture: Picture, scores: Option<Handle<Scores>>) {
        self.add_of(None, name, title, picture, scores);
    }

    /// As `add`, of a clustering beside the first, if it is one.
    fn add_of(
        &mut self,
        beside: Option<&Clustering>,
        name: String,
        title: String,
        picture: Picture,
        scores: Option<Handle<Scores>>,
    ) {
        let (corpus, seed) = (self.outline.corpus, self.seed);
        let figure = self.plan.add(Draw { picture, corpus, scores, title, seed, name: name.clone() });
        self.drawn.push(Drawn { name, clusterer: beside.map(|beside| beside.name.clone()), figure });
    }

    /// Clusterings of the representation that is looked at, and again each but the first: that one's plots have plain names.
    fn shown(&self) -> Vec<(Option<&'outline Clustering>, &'outline Clustering)> {
        let shown =
            self.outline.clusterings.iter().filter(|clustering| clustering.representation == self.outline.shown.name);
        shown.enumerate().map(|(index, clustering)| ((index > 0).then_some(clustering), clustering)).collect()
    }

    fn spaces(&mut self) {
        let (outline, points) = (self.outline, self.outline.shown.points);
        let scores = self.shown().first().map(|(_, clustering)| clustering.scores);
        let what = if !outline.learned.is_empty() { "Latent space" } else { "Feature space" };
        for (index, (space, layout)) in outline.layouts.iter().enumerate() {
            let suffix = if index == 0 { String::new() } else { format!("_{space}") };
            let title = |by: &str| format!("{what} by {by} ({space})");
            for (word, by) in [("genre", By::Genre), ("language", By::Language)] {
                let picture = Picture::Space { layout: *layout, points, by };
                // The scores are against genres.
                let scores = scores.filter(|_| word == "genre");
                self.add(format!("latent_space_{word}{suffix}"), title(word), picture, scores);
            }
            if let Some(learned) = outline.learned.first() {
                let picture = Picture::Space { layout: *layout, points, by: By::Split(learned.split) };
                self.add(format!("latent_space_split{suffix}"), title("side of the split"), picture, None);
            }
            for (beside, clustering) in self.shown() {
                let name = format!("latent_space_cluster{}{suffix}", ending(beside));
                let picture = Picture::Space { layout: *layout, points, by: By::Cluster(clustering.assignment) };
                self.add_of(
                    beside,
                    name,
                    title(&format!("cluster: {}", clustering.name)),
                    picture,
                    Some(clustering.scores),
                );
            }
        }
    }

    fn training(&mut self) {
        for learned in &self.outline.learned {
            self.trained(learned);
        }
    }

    fn trained(&mut self, learned: &Learned) {
        let Learned { trained, weights, reconstructions, diagnosis, walks, .. } = *learned;
        let word = learned.of.map(Modality::word);
        let title = if reconstructions.is_some() {
            "Loss, reconstruction and KL over training"
        } else {
            "Loss over training, and what it has learned of labels"
        };
        let mut pictures = vec![("training_loss", title, Picture::Loss { weights: trained })];
        if let Some(of) = reconstructions {
            pictures.push((
                "reconstructions",
                "Held-out inputs and what the model makes of them",
                Picture::Reconstructions { of },
            ));
        }
        if let Some([along, between]) = walks {
            let between_tracks = "From one held-out track to another through the latent space";
            pictures.extend([
                ("latent_traversal", "What each dimension of the latent space does", Picture::Sheet { of: along }),
                ("latent_interpolation", between_tracks, Picture::Sheet { of: between }),
            ]);
        }
        if let Some(of) = learned.views {
            let title = "Held-out clips, each change alone, and two views as in training";
            pictures.push(("views", title, Picture::Sheet { of }));
        }
        if let Some(diagnosis) = diagnosis {
            let title = "KL divergence of each latent dimension";
            pictures.push(("kl_per_dimension", title, Picture::KlDims { diagnosis }));
        }
        if weights.key() != trained.key() {
            let title = "The decoder against its discriminator, and how sharp its maps become";
            pictures.push(("refinement", title, Picture::Refinement { weights }));
        }
        for (name, title, picture) in pictures {
            let end = word.map_or_else(String::new, |word| format!("_{word}"));
            let of = word.map_or_else(String::new, |word| format!(": {word}"));
            self.add(format!("{name}{end}"), format!("{title}{of}"), picture, None);
        }
    }

    fn generated(&mut self) {
        if let Some(generated) = self.outline.generated {
            let title = "The same codes under every class: what the class changes, what the code changes".to_owned();
            self.add("generated_grid".to_owned(), title, Picture::Sheet { of: generated.crossed }, None);
        }
    }

    fn clusters(&mut self) {
        for (beside, clustering) in self.shown() {
            let (assignment, points, scores) = (clustering.assignment, clustering.points, Some(clustering.scores));
            let (end, full) = (ending(beside), clustering.full_name());
            self.add_of(
                beside,
                format!("contingency{end}"),
                format!("Clusters against genres: {full}"),
                Picture::Contingency { assignment, points },
                scores,
            );
            self.add_of(
                beside,
                format!("composition{end}"),
                format!("What each cluster is made of: {full}"),
                Picture::Composition { assignment, points },
                scores,
            );
            self.add_of(
                beside,
                format!("silhouettes{end}"),
                format!("How well each track sits in its cluster: {full}"),
                Picture::Silhouettes { assignment, points },
                scores,
            );
            if self.reads {
                let title = format!("Words that tell clusters apart: {full}");
                self.add(
                    format!("top_words{end}"),
                    title,
                    Picture::TopWords { stop_words: self.stop_words.clone(), assignment, points },
                    scores,
                );
            }
            if let Some(of) = clustering.structure {
                let title = format!("What led to the clusters: {full}");
                self.add_of(beside, format!("structure{end}"), title, Picture::Structure { of, points }, scores);
            }
            if let Some(of) = clustering.chosen {
                let title = format!("How many clusters: {full}");
                self.add_of(beside, format!("number_of_clusters{end}"), title, Picture::KCurve { of, points }, scores);
            }
        }
    }

    /// What the data is made of, where it is of more than one kind.
    fn classes(&mut self) {
        let points = self.outline.shown.points;
        if self.reads {
            for (word, by) in [("genre", Class::Genre), ("language", Class::Language)] {
                let (name, title) = (format!("{word}_distribution"), format!("Tracks of each {word}"));
                self.add(name, title, Picture::Distribution { points, by }, None);
            }
        }
    }

    /// What a probe reads off each modality, and off all as lyrics go missing.
    fn modalities(&mut self) {
        let further = self.outline.further.iter();
        let short = |name: &str| {
            let missing = name.strip_prefix("missing.lyrics_").map(|percent| format!("{percent} % missing"));
            missing.or(name.strip_prefix("probe.").map(str::to_owned))
        };
        let rows: Vec<(String, Handle<Scores>)> =
            further.filter_map(|(name, scores)| Some((short(name)?, *scores))).collect();
        if !rows.is_empty() {
            let title = "What a linear probe reads, and what is left as lyrics go missing".to_owned();
            self.add("modalities".to_owned(), title, Picture::MetricBars { rows }, None);
        }
    }

    fn bars(&mut self) {
        for (beside, clustering) in self.shown() {
            let same = self.outline.clusterings.iter().filter(|other| other.name == clustering.name);
            let rows: Vec<(String, Handle<Scores>)> =
                same.map(|other| (other.representation.to_owned(), other.scores)).collect();
            let luck = self.outline.chance.iter().find(|luck| luck.clusterer == clustering.name);
            let rows = rows.into_iter().chain(luck.map(|luck| ("chance".to_owned(), luck.scores))).collect();
            let name = format!("metrics{}", ending(beside));
            self.add_of(
                beside,
                name,
                format!("Scores beside baselines and chance: {}", clustering.name),
                Picture::MetricBars { rows },
                None,
            );
        }
    }
}

fn ending(beside: Option<&Clustering>) -> String {
    beside.map_or_else(String::new, |clustering| format!("_{}", clustering.name))
}
