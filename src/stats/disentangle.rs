//! Disentanglement: does each code carry one generative factor, and does each factor stand in one code?
//! MIG (Chen 2018), DCI (Eastwood, Williams 2018), SAP (Kumar 2018), FactorVAE score (Kim, Mnih 2018); definitions as in
//! disentanglement_lib (Locatello et al., "Challenging common assumptions", ICML 2019), but for few points.
//!
//! All scores suppose that the factors were drawn apart from each other: factors that go together cannot be told apart by
//! any code (Carbonneau et al. 2022). A code whose variance is below [`LEAST_VARIANCE`] has collapsed to the prior and
//! counts as absent, so codes must stand on a scale where a unit is much. A continuous factor is cut into [`BINS`] bins of
//! equal width for MIG and FactorVAE; DCI and SAP take its values.

mod check;
mod dci;
mod factor_vae;
mod held_out;
mod levels;
mod mig;
mod outcome;
mod sap;

#[cfg(test)]
mod tests;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

use crate::stats::scale::moments;
use levels::Levels;

pub use check::DisentangleError;
pub use levels::BINS;
pub use outcome::{Absent, Disentanglement};

/// Codes that vary less (ddof 0) count as absent.
pub const LEAST_VARIANCE: f64 = 1e-4;

/// What a generator was told, for each point.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// Its name.
    pub name: String,
    /// Its value at each point, `[points]`.
    pub values: Vec<f64>,
    /// Whether values are levels, equal or not, rather than numbers that can be near each other.
    pub discrete: bool,
}

/// What every score starts from.
struct Given<'a> {
    /// Codes that vary, `[points, live]`.
    codes: Array2<f64>,
    /// Number of all codes, dead ones included.
    dims: usize,
    /// Factors that vary.
    factors: Vec<Known<'a>>,
    groups: &'a [u32],
    seed: u64,
}

/// A factor and its levels, bins for a continuous one.
struct Known<'a> {
    factor: &'a Factor,
    levels: Levels,
}

/// All scores of `codes` `[points, dims]` (posterior means) against `factors`.
///
/// `groups[point]` is the artist or the track of a point: no group stands on both sides where something is learned.
/// `seed` decides the splits and sets. The same for any number of threads.
pub fn scores(
    codes: ArrayView2<f64>,
    factors: &[Factor],
    groups: &[u32],
    seed: u64,
) -> Result<Disentanglement, DisentangleError> {
    check::check(codes, factors, groups)?;
    let live: Vec<bool> = codes.columns().into_iter().map(is_live).collect();
    let known: Vec<Known> = factors.iter().map(|factor| Known { factor, levels: Levels::of(factor) }).collect();
    let varies: Vec<bool> = known.iter().map(|known| known.levels.count > 1).collect();
    let factors: Vec<Known> = known.into_iter().filter(|known| known.levels.count > 1).collect();
    if factors.is_empty() {
        return Err(DisentangleError::NoFactor);
    }
    let codes_live = codes.select(Axis(1), &chosen(&live));
    Ok(outcome(&Given { codes: codes_live, dims: codes.ncols(), factors, groups, seed }, live, &varies))
}

fn outcome(given: &Given, live: Vec<bool>, varies: &[bool]) -> Disentanglement {
    let (mig, dci, sap) = (mig::score(given), dci::score(given), sap::score(given));
    let (sets, no_sets) = match factor_vae::score(given) {
        Ok(score) => (Some(score), None),
        Err(reason) => (None, Some(reason)),
    };
    let none = vec![0.0; given.factors.len()];
    let wide = |matrix: &Array2<f64>, dead: &[f64]| spread(matrix, dead, &live, varies);
    Disentanglement {
        mig: mig.adjusted,
        mig_plain: mig.plain,
        dci_d: dci.disentanglement,
        dci_c: dci.completeness,
        dci_i: dci.informativeness,
        dci_i_chance: dci.chance,
        sap: sap.plain,
        sap_adjusted: sap.adjusted,
        factor_vae: sets.as_ref().map(|score| score.accuracy),
        factor_vae_set_points: sets.as_ref().map(|score| score.set_points),
        mutual_information: wide(&mig.nats, &none),
        adjusted_information: wide(&mig.shares, &none),
        importances: wide(&dci.importances, &none),
        separability: wide(&sap.predicted, &sap.chance),
        absent: absent(given, no_sets),
        live,
    }
}

fn absent(given: &Given, no_sets: Option<Absent>) -> Vec<Absent> {
    let mut absent = Vec::new();
    absent.extend((given.codes.ncols() == 0).then_some(Absent::NoLiveCode));
    absent.extend((given.factors.len() < 2).then_some(Absent::OneFactor));
    absent.extend((given.dims < 2).then_some(Absent::OneCode));
    absent.extend(no_sets.filter(|reason| !absent.contains(reason)));
    absent
}

fn is_live(code: ArrayView1<f64>) -> bool {
    moments(code.iter().copied()).1 >= LEAST_VARIANCE
}

/// Positions of what is true.
fn chosen(flags: &[bool]) -> Vec<usize> {
    (0..flags.len()).filter(|at| flags[*at]).collect()
}

/// From `[live codes, factors that vary]` to `[dims, factors]`: dead codes get the value `dead[factor that varies]`, factors
/// that do not vary get 0.
fn spread(matrix: &Array2<f64>, dead: &[f64], live: &[bool], varies: &[bool]) -> Array2<f64> {
    let mut wide = Array2::zeros((live.len(), varies.len()));
    for (at, column) in chosen(varies).into_iter().enumerate() {
        wide.column_mut(column).fill(dead[at]);
        chosen(live).into_iter().enumerate().for_each(|(from, to)| wide[[to, column]] = matrix[[from, at]]);
    }
    wide
}

/// How far the best of the values stands above the second best, where two more candidates have the value `floor`.
fn gap(values: ArrayView1<f64>, floor: f64) -> f64 {
    let (best, second) = values.iter().fold((floor, floor), |(best, second), value| match *value > best {
        true => (*value, best),
        false => (best, second.max(*value)),
    });
    best - second
}

/// Mean of one value a factor.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
