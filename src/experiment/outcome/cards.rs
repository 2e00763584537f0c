//! What the numbers of a training and of its diagnosis mean.

use crate::artifact::{Card, Diagnosis};
use std::collections::BTreeMap;

/// Name, whether more is better, and what it is.
const KNOWN: [(&str, bool, &str); 29] = [
    (
        "collapse.active_units",
        true,
        "Dimensions of the code whose posterior mean varies by more than 0.01 over held-out rows.",
    ),
    ("collapse.kl_dims", true, "Dimensions of the code with a divergence of more than 0.05 nats from the prior."),
    (
        "collapse.total_kl",
        true,
        "Divergence of the posterior from the prior in nats, summed over dimensions, mean over held-out rows.",
    ),
    (
        "collapse.mutual_information",
        true,
        "Mutual information between held-out rows and codes in nats, at most the logarithm of the number of rows.",
    ),
    (
        "collapse.condition_gap",
        false,
        "R² minus the same with labels exchanged between rows: what the decoder takes from the label.",
    ),
    ("collapse.codes_used", true, "Words of the codebooks that held-out rows use, over all parts of a code."),
    ("collapse.perplexity", true, "Exponential of the entropy of a part's words over held-out rows, mean over parts."),
    ("collapse.r2", true, "Share of the held-out variance that is reconstructed from posterior means."),
    (
        "collapse.shuffle_gap",
        true,
        "R² minus the same with codes exchanged between rows: what the decoder takes from the code.",
    ),
    (
        "collapse.sample_spread",
        true,
        "Standard deviation of outputs over draws of the prior, divided by that of held-out rows; 1 is best.",
    ),
    (
        "collapse.predicted_dims",
        true,
        "Dimensions that were to survive, told from the spectrum of the data before the training.",
    ),
    (
        "collapse.pca_r2",
        true,
        "Share of the held-out variance that as many principal components reconstruct: what a linear code could.",
    ),
    (
        "contrast.effective_rank",
        true,
        "In how many directions embeddings of held-out tracks differ: exponential of the entropy of their singular values.",
    ),
    (
        "contrast.alignment",
        false,
        "Mean squared distance of the first and the last clip of a held-out track, embeddings of length 1.",
    ),
    (
        "contrast.uniformity",
        false,
        "Logarithm of the mean of exp(-2 d²) over pairs of held-out tracks, embeddings of length 1: 0 if all are alike.",
    ),
    (
        "contrast.normalised_loss",
        false,
        "NT-Xent at temperature 0.1 of first and last clips of held-out tracks: 0 is its lowest value, 1 that of guessing.",
    ),
    (
        "train.normalised_loss",
        false,
        "Objective of the training side at the best step, between its lowest value (0) and that of guessing (1).",
    ),
    (
        "train.val_normalised_loss",
        false,
        "Objective of views of held-out tracks at the best step, between its lowest value (0) and that of guessing (1).",
    ),
    (
        "train.val_knn",
        true,
        "Share of tracks whose label the 10 nearest tracks of other groups tell, near the best step.",
    ),
    ("train.val_probe", true, "Share of tracks whose label a linear probe names that has not seen their group."),
    ("train.loss", false, "Objective in nats a row on the training side, at the best step."),
    ("train.recon", false, "Reconstruction term of the objective in nats a row, at the best step."),
    ("train.kl", false, "Divergence from the prior in nats a row, at the best step."),
    ("train.val_loss", false, "Objective in nats a row on held-out rows, at the best step."),
    (
        "train.val_recon",
        false,
        "Reconstruction term of the objective in nats a row on held-out rows, at the best step.",
    ),
    ("train.val_kl", false, "Divergence from the prior in nats a row on held-out rows, at the best step."),
    ("train.best_step", false, "Step whose weights are used: the one with the lowest held-out loss."),
    ("train.last_step", false, "Step at which the training ended."),
    ("train.skipped_steps", false, "Steps that were left out because loss or gradient was not finite."),
];

/// A card for each of `names` that is known here; those of a diagnosis say on how many rows it rests.
pub(super) fn of<'a>(names: impl Iterator<Item = &'a String>, diagnosis: Option<&Diagnosis>) -> BTreeMap<String, Card> {
    let known = |name: &'a String| {
        let (_, higher_is_better, definition) = KNOWN.iter().find(|(known, ..)| known == name)?;
        let rows = diagnosis.filter(|_| name.starts_with("collapse."));
        let parameters = rows.map(|found| ("held_out_rows".to_owned(), found.rows.to_string())).into_iter().collect();
        let definition = (*definition).to_owned();
        let card =
            Card { definition, version: 1, higher_is_better: *higher_is_better, needs_labels: false, parameters };
        Some((name.clone(), card))
    };
    names.filter_map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_have_cards_and_others_none() {
        let names = ["collapse.r2", "latent.kmeans.ari", "train.kl"].map(str::to_owned);
        let cards = of(names.iter(), None);
        assert_eq!(cards.keys().collect::<Vec<_>>(), ["collapse.r2", "train.kl"]);
        assert!(!cards["train.kl"].higher_is_better && !cards["train.kl"].needs_labels);
    }
}
