//! Weights of terms: how often a term stands in a document, times how few documents hold it.
//! Salton, Buckley, "Term-weighting approaches in automatic text retrieval" (1988), with scikit-learn's smoothing.
//!
//! tf = count, or 1 + ln count; idf = ln((1 + n) / (1 + df)) + 1, or ln(n / df) + 1 unsmoothed; each document is divided
//! by its Euclidean length. n and df (documents, and those that hold the term) are those the weights were fitted on.

use super::counts::Counts;
use super::csr::Csr;
use super::vocabulary::Vocabulary;

/// How counts are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighing {
    /// 1 + ln count in place of the count.
    pub sublinear: bool,
    /// As if one more document held every term.
    pub smooth: bool,
    /// Documents of length one; those without terms stay zero.
    pub normalise: bool,
}

impl Default for Weighing {
    /// Sublinear, smoothed, of length one.
    fn default() -> Weighing {
        Weighing { sublinear: true, smooth: true, normalise: true }
    }
}

/// Weights fitted on some documents.
#[derive(Clone, Debug, PartialEq)]
pub struct TfIdf {
    /// The terms, rising.
    pub vocabulary: Vocabulary,
    /// Weight of each term, `[terms]`.
    pub idf: Vec<f64>,
    /// How counts are weighed.
    pub weighing: Weighing,
}

impl TfIdf {
    /// The weights of the terms of `counts`.
    pub fn fit(counts: &Counts, weighing: Weighing) -> TfIdf {
        let (documents, extra) = (counts.matrix.rows() as f64, if weighing.smooth { 1.0 } else { 0.0 });
        let weight = |holding: usize| ((documents + extra) / (holding as f64 + extra).max(1.0)).ln() + 1.0;
        let idf = counts.matrix.column_counts().into_iter().map(weight).collect();
        TfIdf { vocabulary: counts.vocabulary.clone(), idf, weighing }
    }

    /// The weights of any documents, `[documents, terms]`. Terms that were not fitted count for nothing.
    pub fn transform(&self, counts: Counts) -> Csr {
        let same = counts.vocabulary == self.vocabulary;
        let matrix = if same { counts.matrix } else { counts.over(&self.vocabulary) };
        matrix.map_rows(|columns, values| self.weigh(columns, values))
    }

    fn weigh(&self, columns: &[u32], values: &mut [f64]) {
        for (column, value) in columns.iter().zip(values.iter_mut()) {
            let tf = if self.weighing.sublinear { value.ln() + 1.0 } else { *value };
            *value = tf * self.idf[*column as usize];
        }
        let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
        if self.weighing.normalise && length > 0.0 {
            values.iter_mut().for_each(|value| *value /= length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::counts::{Counting, Terms};

    fn counts(documents: &[&str]) -> Counts {
        let counting = Counting { terms: Terms::Words { least: 1, most: 1 }, ..Counting::default() };
        counting.count(documents).expect("words")
    }

    fn check(weighing: Weighing, expected: [f64; 6]) {
        let counts = counts(&["sun sun rain", "rain", ""]);
        let found = TfIdf::fit(&counts, weighing).transform(counts).to_dense();
        found.iter().zip(expected).for_each(|(a, b)| assert!((a - b).abs() < 1e-12, "{found:?}"));
    }

    /// Columns are rain and sun. The values are those of scikit-learn 1.9.1's TfidfVectorizer.
    #[test]
    fn weights_are_those_of_scikit_learn() {
        let plain = Weighing { sublinear: false, ..Weighing::default() };
        check(Weighing::default(), [0.4097416099937816, 0.9122016295971542, 1.0, 0.0, 0.0, 0.0]);
        check(plain, [0.35543246785041743, 0.9347019636214327, 1.0, 0.0, 0.0, 0.0]);
        check(Weighing { smooth: false, ..plain }, [0.31752680284846835, 0.9482492971116983, 1.0, 0.0, 0.0, 0.0]);
        check(
            Weighing { normalise: false, ..plain },
            [1.2876820724517808, 3.386294361119891, 1.2876820724517808, 0.0, 0.0, 0.0],
        );
    }

    #[test]
    fn terms_that_were_not_fitted_count_for_nothing() {
        let fitted = TfIdf::fit(&counts(&["a b", "b"]), Weighing::default());
        assert_eq!(fitted.transform(counts(&["b z z", "z"])).to_dense(), [0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn a_term_of_all_documents_weighs_one() {
        for smooth in [false, true] {
            let fitted = TfIdf::fit(&counts(&["a b", "a"]), Weighing { smooth, ..Weighing::default() });
            assert_eq!(fitted.idf[0], 1.0);
            assert!(fitted.idf[1] > 1.0);
        }
    }
}
