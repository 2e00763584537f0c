//! Is the code used? Divergence, active units, mutual information, held-out R², and a verdict with its remedy.
//! Lucas, Tucker, Grosse, Norouzi, "Don't blame the ELBO!" (NeurIPS 2019); Burda et al. (ICLR 2016) for active units.

use ndarray::Array2;

use crate::artifact::{Diagnosis, Verdict};
use crate::model::usage::{ACTIVE_KL, Evidence, mutual_information, variances};

/// Rows between whose codes information is measured: the cost is quadratic in them.
const MOST_ROWS: usize = 512;

/// Below these the code is not used.
const COLLAPSED: Limits = Limits { kl: 0.5, gap: 0.02, spread: 0.1, share: 0.0, words: 1.05 };
/// Below these it is hardly used.
const PARTIAL: Limits = Limits { kl: 2.0, gap: 0.1, spread: 0.25, share: 0.125, words: 4.0 };

struct Limits {
    kl: f64,
    gap: f64,
    spread: f64,
    /// Share of the dimensions that are to be in use.
    share: f64,
    /// Words of a part that are used evenly, where codes are made of words.
    words: f64,
}

/// Judges `evidence`, beside what the network makes of draws from the prior, `[draws, values]`.
pub fn diagnose(evidence: &Evidence, samples: &Array2<f32>, seed: u64) -> Diagnosis {
    let kl_per_dim = evidence.kl_per_dim();
    judge(Diagnosis {
        verdict: Verdict::Healthy,
        reasons: Vec::new(),
        remedies: Vec::new(),
        rows: evidence.inputs.nrows(),
        latent_dim: evidence.codes.means.ncols(),
        active_units: evidence.active_units(),
        kl_dims: kl_per_dim.as_ref().map(|each| each.iter().filter(|kl| **kl > ACTIVE_KL).count()),
        total_kl: kl_per_dim.as_ref().map(|each| each.iter().sum()),
        kl_per_dim: kl_per_dim.unwrap_or_default(),
        mutual_information: mutual_information(&evidence.codes, MOST_ROWS, seed),
        codes_used: evidence.words.map(|words| words.used),
        codes: evidence.words.map(|words| words.words),
        perplexity: evidence.words.map(|words| words.perplexity),
        r2: evidence.r2(),
        shuffle_gap: evidence.shuffle_gap(),
        condition_gap: evidence.condition_gap(),
        sample_spread: (variances(samples).sum() / variances(&evidence.inputs).sum()).sqrt(),
    })
}

fn judge(measured: Diagnosis) -> Diagnosis {
    for (verdict, limits) in [(Verdict::Collapsed, COLLAPSED), (Verdict::Partial, PARTIAL)] {
        let (reasons, remedies) = limits.broken_by(&measured);
        if !reasons.is_empty() {
            let (reasons, remedies) = on_few_rows(measured.rows, reasons, remedies);
            return Diagnosis { verdict, reasons, remedies, ..measured };
        }
    }
    let (reasons, remedies) = on_few_rows(measured.rows, Vec::new(), Vec::new());
    Diagnosis { reasons, remedies, ..measured }
}

/// Below this number of held-out rows a verdict may be chance.
const FEW_ROWS: usize = 8;

/// Says first that there was little to judge by.
pub(super) fn on_few_rows(rows: usize, reasons: Vec<String>, remedies: Vec<String>) -> (Vec<String>, Vec<String>) {
    if rows >= FEW_ROWS {
        return (reasons, remedies);
    }
    let warning = format!("only {rows} row(s) are held out, too few to judge by");
    let remedy = "bring more tracks, or lower split.train".to_owned();
    // Said once.
    let others = remedies.into_iter().filter(|other| other != "bring more tracks");
    (std::iter::once(warning).chain(reasons).collect(), std::iter::once(remedy).chain(others).collect())
}

impl Limits {
    /// What of `found` is below these limits, and what helps. A value that is not a number is below.
    fn broken_by(&self, found: &Diagnosis) -> (Vec<String>, Vec<String>) {
        let below = |value: f64, limit: f64| value.is_nan() || value < limit;
        let (mut reasons, mut remedies) = (Vec::new(), Vec::<String>::new());
        let used = found.kl_dims.unwrap_or(found.active_units);
        let needed = (self.share * found.latent_dim as f64).ceil() as usize;
        if found.total_kl.is_some_and(|kl| below(kl, self.kl)) {
            reasons.push(format!(
                "the code carries {:.2} nats (total KL below {})",
                found.total_kl.unwrap_or(f64::NAN),
                self.kl
            ));
            remedies.extend(
                ["lower beta", "raise kl_warmup", "use likelihood = \"sigma\" (shared optimal variance)"]
                    .map(String::from),
            );
        }
        if below(found.shuffle_gap, self.gap) {
            reasons.push(format!(
                "exchanging codes costs {:.3} of R² (shuffle gap below {})",
                found.shuffle_gap, self.gap
            ));
            remedies.extend(
                [
                    "train more steps",
                    "use features that a code can predict (statistics, log-mel, [features.text.lsa]; not a complex spectrum or single words)",
                ]
                .map(String::from),
            );
        }
        if below(found.sample_spread, self.spread) {
            reasons.push(format!(
                "draws of the prior vary {:.2} times as much as the data (below {})",
                found.sample_spread, self.spread
            ));
            remedies.extend(["lower beta", "train more steps"].map(String::from));
        }
        if self.share > 0.0 && below(found.r2, 0.0) {
            let r2 = found.r2;
            reasons.push(format!("held-out rows are reconstructed worse than by their mean (R² {r2:.2})"));
            remedies.extend(["bring more tracks", "raise input_noise", "lower latent_dim"].map(String::from));
        }
        if used < needed {
            reasons.push(format!("{used} of {} dimensions are in use (below {needed})", found.latent_dim));
            remedies.extend(["lower beta", "lower latent_dim", "raise kl_warmup"].map(String::from));
        }
        if let Some(perplexity) = found.perplexity.filter(|perplexity| below(*perplexity, self.words)) {
            let (used, all) = (found.codes_used.unwrap_or(0), found.codes.unwrap_or(0));
            reasons.push(format!(
                "{used} of {all} words of the codebooks are used (perplexity {perplexity:.2}, below {})",
                self.words
            ));
            remedies.extend(["lower commitment", "use fewer words", "train more steps"].map(String::from));
        }
        // Where the code is a point, there is no divergence that could weigh too much.
        remedies
            .retain(|remedy| found.total_kl.is_some() || !["lower beta", "raise kl_warmup"].contains(&remedy.as_str()));
        (reasons, once_each(remedies))
    }
}

fn once_each(items: Vec<String>) -> Vec<String> {
    items.into_iter().fold(Vec::new(), |mut kept, item| {
        if !kept.contains(&item) {
            kept.push(item);
        }
        kept
    })
}

#[cfg(test)]
mod tests;
