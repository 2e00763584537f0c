//! Whether a trained model uses its code, measured on held-out rows.

use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Deserializer, Serialize};

/// How far the code is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The code carries the data.
    Healthy,
    /// The code carries little, or few of its dimensions do.
    Partial,
    /// The decoder ignores the code.
    Collapsed,
}

impl Verdict {
    /// The word in `metrics.json`.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Healthy => "healthy",
            Verdict::Partial => "partial",
            Verdict::Collapsed => "collapsed",
        }
    }
}

/// The diagnosis of a trained network on held-out rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// How far the code is used.
    pub verdict: Verdict,
    /// What led to the verdict or puts it in doubt, one sentence each; empty where all is well.
    pub reasons: Vec<String>,
    /// What to do about it, by the names of settings; empty where it is healthy.
    pub remedies: Vec<String>,
    /// Rows it is measured on.
    pub rows: usize,
    /// Dimensions of the code.
    pub latent_dim: usize,
    /// Dimensions whose posterior mean varies by more than 0.01.
    pub active_units: usize,
    /// Dimensions with more than 0.05 nat; none where the code is a point.
    pub kl_dims: Option<usize>,
    /// Divergence from the prior for each dimension, in nats, averaged over rows; empty where the code is a point.
    pub kl_per_dim: Vec<f64>,
    /// Their sum.
    pub total_kl: Option<f64>,
    /// Mutual information between rows and codes in nats, at most the logarithm of the number of rows.
    pub mutual_information: Option<f64>,
    /// Words of the codebooks that rows use, over all parts of a code; none where codes are not made of words.
    #[serde(default)]
    pub codes_used: Option<usize>,
    /// Words that there are.
    #[serde(default)]
    pub codes: Option<usize>,
    /// The exponential of the entropy of a part's words, mean over parts: how many words are used evenly.
    #[serde(default)]
    pub perplexity: Option<f64>,
    /// Share of the held-out variance that is reconstructed from posterior means.
    #[serde(deserialize_with = "number")]
    pub r2: f64,
    /// `r2` minus the same with the codes exchanged between rows: what the decoder takes from the code.
    #[serde(deserialize_with = "number")]
    pub shuffle_gap: f64,
    /// `r2` minus the same with the labels exchanged between rows: what the decoder takes from the label; none where it is not
    /// told.
    #[serde(default)]
    pub condition_gap: Option<f64>,
    /// Standard deviation of outputs over draws of the prior, divided by that of the data.
    /// Not a number where a single row is held out: it does not vary.
    #[serde(deserialize_with = "number")]
    pub sample_spread: f64,
}

/// JSON has no word for what is not a number, and writes it as null.
fn number<'de, D: Deserializer<'de>>(json: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(json)?.unwrap_or(f64::NAN))
}

impl Artifact for Diagnosis {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with_json("diagnosis.json", self)
    }

    fn load(files: &Files) -> Result<Diagnosis, BoxError> {
        files.json("diagnosis.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_number_comes_back() {
        let diagnosis = Diagnosis {
            verdict: Verdict::Collapsed,
            reasons: Vec::new(),
            remedies: Vec::new(),
            rows: 1,
            latent_dim: 2,
            active_units: 0,
            kl_dims: None,
            kl_per_dim: Vec::new(),
            total_kl: None,
            mutual_information: None,
            codes_used: None,
            codes: None,
            perplexity: None,
            r2: 0.0,
            shuffle_gap: 0.0,
            condition_gap: None,
            sample_spread: f64::NAN,
        };
        let back = Diagnosis::load(&diagnosis.save().unwrap()).unwrap();
        assert!(back.sample_spread.is_nan() && back.r2 == 0.0);
    }
}
