//! What the scores are, and what is missing from them with the reason.
//! The papers are named where each score is computed.

use ndarray::Array2;

use super::LEAST_VARIANCE;

/// How well codes are disentangled. Matrices are `[dims, factors]` as given; rows of dead codes and columns of factors that
/// do not vary are 0 (but see `separability`). Means are over the factors that vary.
#[derive(Clone, Debug, PartialEq)]
pub struct Disentanglement {
    /// Mutual information gap, corrected for chance: 0 to 1.
    pub mig: f64,
    /// Mutual information gap as published. It falls short of 1 by about `(bins - 1)(levels - 1) / (2 points entropy)`.
    pub mig_plain: f64,
    /// DCI disentanglement, 0 to 1: codes tell of one factor only. None if fewer than two factors vary.
    pub dci_d: Option<f64>,
    /// DCI completeness, 0 to 1: factors are told by one code only. None if there is but one code, dead ones included.
    pub dci_c: Option<f64>,
    /// DCI informativeness on points held out: accuracy, for continuous factors R² (not below 0).
    pub dci_i: f64,
    /// What `dci_i` would be if all codes were dead: the share of the most frequent level, for continuous factors 0.
    pub dci_i_chance: f64,
    /// SAP as published. For discrete factors it cannot be above 1 - chance.
    pub sap: f64,
    /// SAP as a share of what a perfect code would have.
    pub sap_adjusted: f64,
    /// FactorVAE score: chance is one over the number of factors. None where a factor has too few points a level.
    pub factor_vae: Option<f64>,
    /// Points in each set of the FactorVAE score; it rises with them, so compare only scores of equal sets.
    pub factor_vae_set_points: Option<usize>,
    /// Whether each code varies enough to count, `[dims]`.
    pub live: Vec<bool>,
    /// Mutual information of each code (in [`BINS`](super::BINS) bins) with each factor, nats.
    pub mutual_information: Array2<f64>,
    /// The same, corrected for chance, as a share of the factor's entropy.
    pub adjusted_information: Array2<f64>,
    /// Share of each code in what boosted trees know of each factor: columns have sum 1, or 0 if nothing is known.
    pub importances: Array2<f64>,
    /// How well each code alone predicts each factor: accuracy on points held out, for continuous ones r². Dead codes are at
    /// chance.
    pub separability: Array2<f64>,
    /// Why scores are None.
    pub absent: Vec<Absent>,
}

/// Why a score is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Absent {
    /// Nothing to compare a factor with.
    #[error("DCI disentanglement and the FactorVAE score need at least 2 factors that vary")]
    OneFactor,
    /// Nothing to compare a code with.
    #[error("DCI completeness needs at least 2 codes")]
    OneCode,
    /// Every code is dead.
    #[error("no code varies by more than {LEAST_VARIANCE}: the posterior has collapsed")]
    NoLiveCode,
    /// Sets that share a level cannot be drawn.
    #[error(
        "the FactorVAE score needs {needed} points at each of 2 levels of {factor} on either side of a split by group"
    )]
    FewPointsPerLevel {
        /// Name of the factor.
        factor: String,
        /// Points that the smallest set takes.
        needed: usize,
    },
}
