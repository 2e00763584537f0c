//! Disentanglement of a representation, where the tracks' generative factors are known.

use super::{Card, Score, Scores};
use crate::artifact::{Corpus, Latents};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::stats::disentangle::{Disentanglement, Factor, scores};
use ndarray::Array2;
use serde::Serialize;
use std::collections::BTreeMap;

/// [`Latents`] × [`Corpus`] → [`Scores`]: `mig`, `dci_d` and so on.
#[derive(Serialize)]
pub struct Disentangle {
    /// The codes; None for the factors themselves, which is the best there is.
    pub points: Option<Handle<Latents>>,
    /// The tracks with their factors.
    pub corpus: Handle<Corpus>,
    /// Seed of splits and sets.
    pub seed: u64,
    /// `disentangle.pca`: a name changes no result.
    #[serde(skip)]
    pub name: &'static str,
}

impl Stage for Disentangle {
    type Output = Scores;
    const NAME: &'static str = "disentangle";

    fn title(&self) -> String {
        self.name.to_owned()
    }

    fn run(&self, ctx: &Ctx) -> Result<Scores, Failure> {
        let corpus = ctx.get(&self.corpus)?;
        let points = ctx.get_if(self.points.as_ref())?;
        let tracks = points.as_ref().map_or_else(|| (0..corpus.tracks.len() as u32).collect(), |p| p.tracks.clone());
        let factors = factors(&corpus, &tracks);
        let codes = points.map_or_else(|| truth(&factors, tracks.len()), |points| points.values.clone());
        let found = scores(codes.view(), &factors, &corpus.group_numbers(&tracks), self.seed);
        let found = found.map_err(Failure::data)?;
        Ok(Scores(named(&found, tracks.len()).into_iter().map(|(name, score)| (name.to_owned(), score)).collect()))
    }
}

/// The factors that all tracks have.
fn factors(corpus: &Corpus, tracks: &[u32]) -> Vec<Factor> {
    let names: Vec<String> =
        corpus.tracks.first().map(|track| track.factors.keys().cloned().collect()).unwrap_or_default();
    let values = |name: &String| {
        let of = |track: &u32| corpus.tracks[*track as usize].factors.get(name).map(|level| f64::from(*level));
        tracks.iter().map(of).collect::<Option<Vec<f64>>>()
    };
    names.into_iter().filter_map(|name| Some(Factor { values: values(&name)?, name, discrete: true })).collect()
}

/// A code that has each factor in a dimension of its own.
fn truth(factors: &[Factor], points: usize) -> Array2<f64> {
    Array2::from_shape_fn((points, factors.len()), |(point, factor)| factors[factor].values[point])
}

fn named(found: &Disentanglement, points: usize) -> Vec<(&'static str, Score)> {
    let score = |definition: &str, value: Option<f64>| {
        let mut parameters = BTreeMap::from([("points".to_owned(), points.to_string())]);
        if let Some(size) = found.factor_vae_set_points.filter(|_| definition.contains("FactorVAE")) {
            parameters.insert("set_points".to_owned(), size.to_string());
        }
        let card = Card {
            definition: definition.to_owned(),
            version: 1,
            higher_is_better: true,
            needs_labels: true,
            parameters,
        };
        let why = || found.absent.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Score { value, interval: None, undefined: value.is_none().then(why), card }
    };
    vec![
        ("mig", score("Mutual information gap, corrected for chance (Chen et al. 2018): 0 to 1.", Some(found.mig))),
        ("dci_d", score("DCI disentanglement: codes tell of one factor only (Eastwood, Williams 2018).", found.dci_d)),
        ("dci_c", score("DCI completeness: factors are told by one code only.", found.dci_c)),
        ("dci_i", score("DCI informativeness: accuracy of the factors from all codes, held out.", Some(found.dci_i))),
        (
            "sap",
            score(
                "Separated attribute predictability, as a share of what a perfect code has (Kumar et al. 2018).",
                Some(found.sap_adjusted),
            ),
        ),
        (
            "factor_vae",
            score("FactorVAE score: which code stands still while a factor does (Kim, Mnih 2018).", found.factor_vae),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Track;

    #[test]
    fn factors_are_those_that_every_track_has() {
        let track = |level: u32| Track { factors: [("tempo".to_owned(), level)].into(), ..Track::default() };
        let mut corpus = Corpus { tracks: vec![track(3), track(5)], ..Corpus::default() };
        assert_eq!(factors(&corpus, &[1, 0])[0].values, [5.0, 3.0]);
        assert_eq!(truth(&factors(&corpus, &[1, 0]), 2), ndarray::array![[5.0], [3.0]]);
        corpus.tracks.push(Track::default());
        assert!(factors(&corpus, &[0, 2]).is_empty());
    }
}
