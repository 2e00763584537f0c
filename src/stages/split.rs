//! The split room: which tracks are learned from. By group, and before anything is cut into windows.

mod by_group;

use crate::artifact::{Corpus, Part, Split};
use crate::engine::{Ctx, Failure, Handle, Stage};
use by_group::Member;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Seed of the split. It is not the experiment's seed: runs with other seeds are compared on the same split.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { train: 0.8, test: 0.0, seed: 0 }
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

impl Stage for Divide {
    type Output = Split;
    const NAME: &'static str = "split";

    fn run(&self, ctx: &Ctx) -> Result<Split, Failure> {
        let corpus = ctx.get(&self.corpus)?;
        let groups = corpus.groups();
        if groups < 2 {
            return Err(Failure::data(TooFewGroups { groups }));
        }
        let members: Vec<Member> =
            corpus.tracks.iter().map(|track| Member { group: &track.group, label: track.label }).collect();
        let shares = [(Part::Test, self.settings.test), (Part::Train, self.settings.train)];
        Ok(Split { parts: by_group::divide(&members, BTreeMap::from(shares), self.settings.seed) })
    }
}
