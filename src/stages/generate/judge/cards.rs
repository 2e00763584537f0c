//! What each number about generated sound means.

use crate::artifact::{Card, Score};
use std::collections::BTreeMap;

/// Name, whether more is better, whether it looks at labels, and what it is.
const KNOWN: [(&str, bool, bool, &str); 24] = [
    (
        "consistency",
        true,
        true,
        "Share of generated clips whose class a frozen probe names: logistic regression on plain descriptors of sound (MFCC, contrast, zero crossings, onsets), learned from real training clips, never the model's own encoder.",
    ),
    ("consistency_real", true, true, "The same probe on real held-out clips."),
    (
        "consistency_vocoded",
        true,
        true,
        "The same probe on real held-out clips that went through the vocoder: the ceiling of consistency.",
    ),
    ("consistency_ratio", true, true, "Consistency over that of vocoded real clips."),
    (
        "fad",
        false,
        false,
        "Squared Frechet distance of generated clips from real training clips, in principal components of standardised descriptors. It falls with more clips: compare only equal n.",
    ),
    ("fad_vocoded", false, false, "The same of vocoded real held-out clips: what the vocoder costs."),
    ("fad_floor", false, false, "The same of as many real held-out clips: the best that can be."),
    ("fad_noise", false, false, "The same of as many clips of white noise: the worst."),
    ("fad_ratio", false, false, "Frechet distance over its floor."),
    (
        "kid",
        false,
        false,
        "Squared kernel distance (cubic kernel, unbiased) of generated clips from real training clips, in the same space: near 0 is best, also below it.",
    ),
    ("kid_floor", false, false, "The same of as many real held-out clips."),
    (
        "density",
        true,
        false,
        "How many neighbourhoods of real training clips a generated clip lies in, over their number: about 1 for real ones.",
    ),
    (
        "coverage",
        true,
        false,
        "Share of the real training clips with a generated clip in their neighbourhood. It grows with the number of generated clips.",
    ),
    (
        "sharpness",
        true,
        false,
        "Mean absolute difference of neighbouring values of generated maps, along time and frequency, over that of real held-out maps: below 1 is blurred, above 1 is noisy.",
    ),
    ("diversity", true, true, "Mean distance between two generated clips of one class, mean over classes."),
    ("diversity_real", true, true, "The same of as many real held-out clips."),
    ("diversity_ratio", true, true, "Diversity over that of real clips: 1 is as varied as real music."),
    (
        "nearest_train",
        true,
        false,
        "Median distance of a generated clip from the nearest real training clip; 0 are copies.",
    ),
    ("nearest_real", true, false, "Median distance of a real training clip from the nearest one of another track."),
    ("nearest_train_least", true, false, "The smallest distance of a generated clip from a training clip."),
    ("nearest_real_least", true, false, "The smallest distance of two training clips of different tracks."),
    (
        "copies",
        false,
        false,
        "Generated clips that are nearer to a training clip than any two training clips of different tracks are to each other.",
    ),
    (
        "condition_effect",
        true,
        true,
        "How much decoded maps change with the class while the code stays, over how much real clips differ: 0 is nothing.",
    ),
    (
        "code_effect",
        true,
        false,
        "How much decoded maps change with the code while the class stays, over how much real clips differ: 0 is nothing.",
    ),
];

/// A score by name with its card; `why` there is none is said where there is none.
pub fn score(name: &str, value: Option<f64>, why: &str, parameters: &BTreeMap<String, String>) -> (String, Score) {
    let known = KNOWN.iter().find(|(known, ..)| *known == name);
    let (higher_is_better, needs_labels, definition) =
        known.map_or((true, false, ""), |(_, better, labels, what)| (*better, *labels, *what));
    let value = value.filter(|value| value.is_finite());
    let undefined = value.is_none().then(|| why.to_owned());
    let (definition, parameters) = (definition.to_owned(), parameters.clone());
    let card = Card { definition, version: 1, higher_is_better, needs_labels, parameters };
    (name.to_owned(), Score { value, interval: None, undefined, card })
}

/// All names, in the order of the table.
pub fn names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(name, ..)| *name)
}
