//! The split room: which tracks are learned from. By group, and before anything is cut into windows.

mod by_group;

use crate::artifact::{Corpus, Part, Split};
use crate::engine::{Ctx, Failure, Handle, Stage};
use by_group::Member;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// `[split]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Share of the tracks that is learned from; the rest decides when to stop.
    #[schemars(range(min = 0.05, max = 0.95))]
    pub train: f64,
    /// Share that is kept for held-out figures and looked at once.
    #[schemars(range(min = 0.0, max = 0.9))]
    pub test: f64,
    /// Take the sides that the makers of the dataset chose (FMA's split, the `split` column of a table of labels) in place
    /// of shares.
    pub official: bool,
    /// Seed of the split. It is not the experiment's seed: runs with other seeds are compared on the same split.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { train: 0.8, test: 0.0, official: false, seed: 0 }
    }
}

impl Settings {
    /// The body of the table.
    pub const EXAMPLE: &str = "train = 0.8\ntest = 0.1\nseed = 0";
}

/// [`Corpus`] → [`Split`].
#[derive(Serialize)]
pub struct Divide {
    /// The tracks.
    pub corpus: Handle<Corpus>,
    /// Shares and seed.
    pub settings: Settings,
}

/// There are too few groups to put one on each side.
#[derive(Debug, thiserror::Error)]
#[error("cannot split {groups} group(s) of tracks: at least 2 are needed, one to learn from and one to look at")]
struct TooFewGroups {
    groups: usize,
}

/// The dataset does not say on which side a track stands.
#[derive(Debug, thiserror::Error)]
#[error(
    "split.official: {missing} of {total} tracks have no side of their own, such as {examples}; give them one, or take shares"
)]
struct NoSide {
    missing: usize,
    total: usize,
    examples: String,
}

/// The makers' split puts one group on two sides.
#[derive(Debug, thiserror::Error)]
#[error(
    "split.official: {groups} group(s) of tracks stand on two sides, such as {example}: what is held out would have been learned from"
)]
struct TornGroup {
    groups: usize,
    example: String,
}

impl Stage for Divide {
    type Output = Split;
    const NAME: &'static str = "split";

    fn run(&self, ctx: &Ctx) -> Result<Split, Failure> {
        let corpus = ctx.get(&self.corpus)?;
        let groups = corpus.groups();
        if groups < 2 {
            return Err(Failure::data(TooFewGroups { groups }));
        }
        if self.settings.official {
            return official(&corpus);
        }
        let members: Vec<Member> =
            corpus.tracks.iter().map(|track| Member { group: &track.group, label: track.label }).collect();
        let shares = [(Part::Test, self.settings.test), (Part::Train, self.settings.train)];
        Ok(Split { parts: by_group::divide(&members, BTreeMap::from(shares), self.settings.seed) })
    }
}

fn official(corpus: &Corpus) -> Result<Split, Failure> {
    let parts: Vec<Part> = corpus.tracks.iter().filter_map(|track| track.part).collect();
    if parts.len() < corpus.tracks.len() {
        let without = corpus.tracks.iter().filter(|track| track.part.is_none());
        let examples: Vec<&str> = without.take(3).map(|track| track.id.as_str()).collect();
        let (missing, total) = (corpus.tracks.len() - parts.len(), corpus.tracks.len());
        return Err(Failure::data(NoSide { missing, total, examples: examples.join(", ") }));
    }
    let mut sides = BTreeMap::<&str, BTreeSet<Part>>::new();
    for (track, part) in corpus.tracks.iter().zip(&parts) {
        sides.entry(&track.group).or_default().insert(*part);
    }
    let torn: Vec<&str> = sides.into_iter().filter(|(_, sides)| sides.len() > 1).map(|(group, _)| group).collect();
    match torn.first() {
        Some(example) => Err(Failure::data(TornGroup { groups: torn.len(), example: (*example).to_owned() })),
        None => Ok(Split { parts }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Track;

    fn corpus(sides: &[(&str, Option<Part>)]) -> Corpus {
        let track = |(number, (group, part)): (usize, &(&str, Option<Part>))| Track {
            id: format!("t{number}"),
            group: (*group).to_owned(),
            part: *part,
            ..Track::default()
        };
        Corpus { tracks: sides.iter().enumerate().map(track).collect(), ..Corpus::default() }
    }

    #[test]
    fn the_makers_sides_are_taken() {
        let sides = [("a", Some(Part::Train)), ("b", Some(Part::Test)), ("a", Some(Part::Train))];
        assert_eq!(official(&corpus(&sides)).unwrap().parts, [Part::Train, Part::Test, Part::Train]);
    }

    #[test]
    fn a_track_without_a_side_and_a_torn_group_are_refused() {
        let told = |sides: &[(&str, Option<Part>)]| official(&corpus(sides)).unwrap_err().to_string();
        assert!(told(&[("a", Some(Part::Train)), ("b", None)]).contains("1 of 2 tracks"));
        assert!(told(&[("a", Some(Part::Train)), ("a", Some(Part::Test))]).contains("such as a"));
    }
}
