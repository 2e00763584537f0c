//! What a run says of an encoder that tells tracks apart.

use super::numbers::Numbers;
use crate::artifact::{Separation, Verdict};
use serde_json::{Value, json};
use std::sync::Arc;

/// Puts all that was measured among the numbers.
pub(super) fn tell(numbers: &mut Numbers, found: Arc<Separation>) {
    numbers.put_known([
        ("collapse.active_units", Some(found.active_units as f64)),
        ("contrast.effective_rank", found.effective_rank),
        ("contrast.alignment", found.alignment),
        ("contrast.uniformity", found.uniformity),
        ("contrast.normalised_loss", found.normalised_loss),
    ]);
    numbers.verdict = Some(found.verdict.word().to_owned());
    if !found.reasons.is_empty() {
        let (reasons, remedies, word) = (found.reasons.join("; "), found.remedies.join("; "), found.verdict.word());
        numbers.warnings.push(match found.verdict {
            Verdict::Healthy => format!("the embedding looks healthy, but {reasons}. Remedy: {remedies}"),
            _ => format!("the embedding is {word}: {reasons}. Remedy: {remedies}"),
        });
    }
    numbers.separation = Some(found);
}

/// The `collapse` object of `metrics.json`.
pub(super) fn json(found: &Separation) -> Value {
    json!({ "verdict": found.verdict, "reasons": found.reasons, "remedies": found.remedies, "rows": found.tracks, "latent_dim": found.embedding, "deviations": found.deviations })
}

/// One line for the page.
pub(super) fn detail(found: &Separation) -> String {
    let known = |name: &str, value: Option<f64>| value.map(|value| format!(", {name} {value:.2}")).unwrap_or_default();
    format!(
        "{} of {} dimensions active{}{}{}{}",
        found.active_units,
        found.embedding,
        known("effective rank", found.effective_rank),
        known("alignment", found.alignment),
        known("uniformity", found.uniformity),
        known("normalised loss", found.normalised_loss),
    )
}
