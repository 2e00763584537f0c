//! Is the code used? Divergence, active units, mutual information, held-out R², and a verdict with its remedy.
//! Lucas, Tucker, Grosse, Norouzi, "Don't blame the ELBO!" (NeurIPS 2019); Burda et al. (ICLR 2016) for active units.

use ndarray::{Array1, Array2, Axis};

use crate::artifact::{Diagnosis, Verdict};

use super::evidence::Evidence;
use super::information::mutual_information;

/// A dimension is active where its posterior mean's variance over rows exceeds this.
pub const ACTIVE_VARIANCE: f64 = 0.01;
/// A dimension carries information where its divergence exceeds this, in nats.
pub const ACTIVE_KL: f64 = 0.05;

/// Below these the code is not used.
const COLLAPSED: Limits = Limits { kl: 0.5, gap: 0.02, spread: 0.1, share: 0.0 };
/// Below these it is hardly used.
const PARTIAL: Limits = Limits { kl: 2.0, gap: 0.1, spread: 0.25, share: 0.125 };

struct Limits {
    kl: f64,
    gap: f64,
    spread: f64,
    /// Share of the dimensions that are to be in use.
    share: f64,
}

/// Judges `evidence`.
pub fn diagnose(evidence: &Evidence, seed: u64) -> Diagnosis {
    let kl_per_dim =
        evidence.codes.logvars.as_ref().map(|logvars| kl_per_dim(&evidence.codes.means, logvars)).unwrap_or_default();
    let noisy = !kl_per_dim.is_empty();
    let own = r2(&evidence.inputs, &evidence.reconstructions);
    let measured = Diagnosis {
        verdict: Verdict::Healthy,
        reasons: Vec::new(),
        remedies: Vec::new(),
        rows: evidence.inputs.nrows(),
        latent_dim: evidence.codes.means.ncols(),
        active_units: variances(&evidence.codes.means).iter().filter(|variance| **variance > ACTIVE_VARIANCE).count(),
        kl_dims: noisy.then(|| kl_per_dim.iter().filter(|kl| **kl > ACTIVE_KL).count()),
        total_kl: noisy.then(|| kl_per_dim.iter().sum()),
        kl_per_dim,
        mutual_information: mutual_information(&evidence.codes, seed),
        r2: own,
        shuffle_gap: own - r2(&evidence.inputs, &evidence.exchanged),
        sample_spread: (total(&variances(&evidence.samples)) / total(&variances(&evidence.inputs))).sqrt(),
    };
    judge(measured)
}

fn judge(measured: Diagnosis) -> Diagnosis {
    for (verdict, limits) in [(Verdict::Collapsed, COLLAPSED), (Verdict::Partial, PARTIAL)] {
        let (reasons, remedies) = limits.broken_by(&measured);
        if !reasons.is_empty() {
            let (reasons, remedies) = on_few_rows(measured.rows, reasons, remedies);
            return Diagnosis { verdict, reasons, remedies, ..measured };
        }
    }
    measured
}

/// Below this number of held-out rows a verdict may be chance.
const FEW_ROWS: usize = 8;

/// Says first that there was little to judge by.
fn on_few_rows(rows: usize, reasons: Vec<String>, remedies: Vec<String>) -> (Vec<String>, Vec<String>) {
    if rows >= FEW_ROWS {
        return (reasons, remedies);
    }
    let warning = format!("only {rows} row(s) are held out, too few to judge by");
    let remedy = "bring more tracks, or lower split.train".to_owned();
    (std::iter::once(warning).chain(reasons).collect(), std::iter::once(remedy).chain(remedies).collect())
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
                ["train more steps", "use features that a code can predict (log-mel, not a complex spectrum)"]
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
        if used < needed {
            reasons.push(format!("{used} of {} dimensions are in use (below {needed})", found.latent_dim));
            remedies.extend(["lower beta", "lower latent_dim", "raise kl_warmup"].map(String::from));
        }
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

/// Divergence from the standard normal, averaged over rows, in nats.
fn kl_per_dim(means: &Array2<f32>, logvars: &Array2<f32>) -> Vec<f64> {
    let nats = |mean: f32, logvar: f32| {
        let (mean, logvar) = (f64::from(mean), f64::from(logvar));
        0.5 * (mean * mean + logvar.exp() - 1.0 - logvar)
    };
    let column = |(means, logvars): (ndarray::ArrayView1<f32>, ndarray::ArrayView1<f32>)| {
        means.iter().zip(logvars).map(|(mean, logvar)| nats(*mean, *logvar)).sum::<f64>() / means.len().max(1) as f64
    };
    means.columns().into_iter().zip(logvars.columns()).map(column).collect()
}

/// Share of the variance around each column's mean that `guesses` explain, all columns together; 0 where nothing varies.
fn r2(rows: &Array2<f32>, guesses: &Array2<f32>) -> f64 {
    let error: f64 = rows.iter().zip(guesses).map(|(a, b)| f64::from(a - b).powi(2)).sum();
    let whole = total(&variances(rows)) * rows.nrows() as f64;
    if whole > 0.0 { 1.0 - error / whole } else { 0.0 }
}

fn variances(rows: &Array2<f32>) -> Array1<f64> {
    let wide = rows.mapv(f64::from);
    if wide.nrows() == 0 { Array1::zeros(wide.ncols()) } else { wide.var_axis(Axis(0), 0.0) }
}

fn total(values: &Array1<f64>) -> f64 {
    values.iter().sum()
}

#[cfg(test)]
mod tests;
