//! The same points clustered again and again: what is found only once is no finding.
//! Ben-Hur, Elisseeff, Guyon, "A stability based method for discovering structure in clustered data" (PSB 2002): subsamples of
//! 80 % of the data. Algorithms that draw starts are run from other seeds instead, on all points.

use super::{Algorithm, count_of};
use crate::artifact::{Corpus, KCurve, Latents, Over, Refit, Refits};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::random::Stream;
use ndarray::Axis;
use serde::Serialize;
use std::collections::BTreeSet;

/// Share of the groups that a fit sees where the algorithm draws nothing, as a fraction.
const SHARE: (usize, usize) = (4, 5);

/// [`Latents`] → [`Refits`].
#[derive(Serialize)]
pub struct Again {
    /// The points; only the dimensions in use are clustered.
    pub points: Handle<Latents>,
    /// The tracks, for groups and for the number of label classes.
    pub corpus: Handle<Corpus>,
    /// How.
    pub algorithm: Algorithm,
    /// How many clusters, where a criterion chose: the same for every fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Handle<KCurve>>,
    /// Seed of the fits' seeds, or of the subsamples.
    pub seed: u64,
    /// How often.
    pub fits: usize,
    /// `latent.kmeans`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Again {
    type Output = Refits;
    const NAME: &'static str = "cluster_again";

    fn version(&self) -> Version {
        Version { room: 1, kind: self.algorithm.version() }
    }

    fn title(&self) -> String {
        format!("cluster {} again {} times", self.name, self.fits)
    }

    fn run(&self, ctx: &Ctx) -> Result<Refits, Failure> {
        let (latents, corpus) = (ctx.get(&self.points)?, ctx.get(&self.corpus)?);
        let (points, groups) = (latents.in_use(), corpus.group_numbers(&latents.tracks));
        let count = count_of(ctx, &self.corpus, self.chosen.as_ref())?;
        let over = if self.algorithm.draws() { Over::Seeds } else { Over::Groups };
        let fit = |at: usize| {
            let mut stream = Stream::at(self.seed, "cluster.again", at as u64);
            let (rows, seed) = match over {
                Over::Seeds => ((0..groups.len() as u32).collect(), stream.next_u64()),
                Over::Groups => (subsample(&groups, &mut stream), self.seed),
            };
            let places: Vec<usize> = rows.iter().map(|row| *row as usize).collect();
            let found = self.algorithm.assign(points.select(Axis(0), &places).view(), count, seed);
            Ok(Refit { rows, labels: found.map_err(Failure::experiment)?.labels })
        };
        Ok(Refits { over, fits: (0..self.fits).map(fit).collect::<Result<_, Failure>>()? })
    }
}

/// All rows of a share of the groups, at least one, ascending.
fn subsample(groups: &[u32], stream: &mut Stream) -> Vec<u32> {
    let mut drawn: Vec<u32> = groups.iter().copied().collect::<BTreeSet<u32>>().into_iter().collect();
    stream.shuffle(&mut drawn);
    drawn.truncate((drawn.len() * SHARE.0).div_ceil(SHARE.1));
    let kept: BTreeSet<u32> = drawn.into_iter().collect();
    (0..groups.len() as u32).filter(|row| kept.contains(&groups[*row as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subsample_takes_four_fifths_of_the_groups_whole() {
        let groups: Vec<u32> = (0..60).map(|row| row % 10).collect();
        let mut stream = Stream::new(3, "test");
        let rows = subsample(&groups, &mut stream);
        assert!(rows.len() == 48 && rows.is_sorted(), "{rows:?}");
        let kept: BTreeSet<u32> = rows.iter().map(|row| groups[*row as usize]).collect();
        assert_eq!(kept.len(), 8);
        assert_ne!(subsample(&groups, &mut stream), rows);
        assert_eq!(subsample(&[7, 7], &mut stream), [0, 1]);
    }
}
