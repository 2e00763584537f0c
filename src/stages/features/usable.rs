//! Whether enough of the data can be used to go on.

use crate::artifact::{Corpus, FeatureTable, Skipped};
use crate::engine::Failure;

/// Tracks that a refusal names.
const EXAMPLES: usize = 8;

/// None of the data is usable.
#[derive(Debug, thiserror::Error)]
#[error("none of the {total} tracks can be used. First: {examples}")]
struct NothingUsable {
    total: usize,
    examples: String,
}

/// Too much of the data is unusable.
#[derive(Debug, thiserror::Error)]
#[error(
    "{bad} of {total} tracks are unusable, more than the {allowed} % that checks.max_bad_share allows; mend or remove them, or raise it. First: {examples}"
)]
struct TooManyBad {
    bad: usize,
    total: usize,
    allowed: f64,
    examples: String,
}

/// Refuses a table of nothing, and one that lacks more than `max_bad_share` of all tracks because they are unusable.
pub(super) fn check(corpus: &Corpus, table: &FeatureTable, max_bad_share: f64) -> Result<(), Failure> {
    let all: Vec<&Skipped> = corpus.skipped.iter().chain(&table.skipped).collect();
    let (bad, total) = (all.len(), corpus.n_total());
    if table.rows() > 0 && bad as f64 <= max_bad_share * total as f64 {
        return Ok(());
    }
    let examples: Vec<String> =
        all.iter().take(EXAMPLES).map(|skipped| format!("{} ({})", skipped.path, skipped.reason)).collect();
    let examples = examples.join("; ");
    if table.rows() == 0 {
        return Err(Failure::data(NothingUsable { total, examples }));
    }
    let allowed = 100.0 * max_bad_share;
    Err(Failure::data(TooManyBad { bad, total, allowed, examples }))
}
