//! Which terms are kept: neither too rare nor too common, and the most frequent of those. As scikit-learn's `min_df`,
//! `max_df` and `max_features`.

use super::TextError;
use super::counts::Counts;
use super::vocabulary::Vocabulary;

/// A number of documents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Frequency {
    /// So many.
    Documents(usize),
    /// This share of all, 0 to 1.
    Share(f64),
}

/// Which terms are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// A term must stand in at least so many documents.
    pub least: Frequency,
    /// And in at most so many.
    pub most: Frequency,
    /// Only so many of those, the most frequent in all documents together (of equals the first in rising order).
    pub max_features: Option<usize>,
}

impl Default for Limits {
    /// All terms.
    fn default() -> Limits {
        Limits { least: Frequency::Documents(1), most: Frequency::Share(1.0), max_features: None }
    }
}

impl Frequency {
    fn of(self, documents: usize) -> f64 {
        match self {
            Frequency::Documents(number) => number as f64,
            Frequency::Share(share) => share * documents as f64,
        }
    }
}

impl Limits {
    /// The terms that are kept, and the counts of the same documents over them.
    ///
    /// # Errors
    /// [`TextError::NoTerms`] if none is kept.
    pub fn applied(&self, counts: Counts) -> Result<Counts, TextError> {
        let places = self.places(&counts);
        let width = places.iter().flatten().count();
        if width == 0 {
            let (documents, terms) = (counts.matrix.rows(), counts.vocabulary.len());
            return Err(TextError::NoTerms { documents, terms });
        }
        if width == places.len() {
            return Ok(counts);
        }
        let kept = counts.vocabulary.terms().zip(&places).filter(|(_, place)| place.is_some());
        let vocabulary = Vocabulary::of_rising(kept.map(|(term, _)| term));
        Ok(Counts { vocabulary, matrix: counts.matrix.placed(&places, width) })
    }

    /// The new column of each term that is kept.
    fn places(&self, counts: &Counts) -> Vec<Option<u32>> {
        let documents = counts.matrix.rows();
        let (least, most) = (self.least.of(documents), self.most.of(documents));
        let within = |rows: usize| (least..=most).contains(&(rows as f64));
        let mut kept: Vec<bool> = counts.matrix.column_counts().into_iter().map(within).collect();
        if let Some(features) = self.max_features {
            keep_most_frequent(&mut kept, features, &counts.matrix.column_sums());
        }
        let mut next = 0..;
        kept.into_iter().map(|kept| if kept { next.next() } else { None }).collect()
    }
}

fn keep_most_frequent(kept: &mut [bool], features: usize, sums: &[f64]) {
    let mut falling: Vec<usize> = (0..kept.len()).filter(|at| kept[*at]).collect();
    falling.sort_by(|a, b| sums[*b].total_cmp(&sums[*a]));
    falling.into_iter().skip(features).for_each(|at| kept[at] = false);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::counts::{Counting, Terms};

    fn kept(limits: Limits) -> Result<Vec<String>, TextError> {
        let counting = Counting { terms: Terms::Words { least: 1, most: 1 }, ..Counting::default() };
        let counts = limits.applied(counting.count(&["a b c", "a b", "a d d d", "a"])?)?;
        assert_eq!(counts.matrix.width(), counts.vocabulary.len());
        Ok(counts.vocabulary.terms().map(String::from).collect())
    }

    #[test]
    fn rare_and_common_terms_go() {
        let limits = Limits::default();
        assert_eq!(kept(limits), Ok(["a", "b", "c", "d"].map(String::from).to_vec()));
        assert_eq!(kept(Limits { least: Frequency::Documents(2), ..limits }), Ok(vec!["a".into(), "b".into()]));
        assert_eq!(kept(Limits { least: Frequency::Share(0.5), ..limits }), Ok(vec!["a".into(), "b".into()]));
        let both = Limits { least: Frequency::Documents(2), most: Frequency::Share(0.9), ..limits };
        assert_eq!(kept(both), Ok(vec!["b".into()]));
    }

    #[test]
    fn the_most_frequent_are_kept_in_rising_order() {
        let of = |features| kept(Limits { max_features: Some(features), ..Limits::default() });
        assert_eq!(of(2), Ok(vec!["a".into(), "d".into()]));
        assert_eq!(of(3), Ok(vec!["a".into(), "b".into(), "d".into()]));
        assert_eq!(of(0), Err(TextError::NoTerms { documents: 4, terms: 4 }));
    }

    #[test]
    fn nothing_left_is_an_error() {
        let none = Limits { least: Frequency::Documents(5), ..Limits::default() };
        assert_eq!(kept(none), Err(TextError::NoTerms { documents: 4, terms: 4 }));
        let nan = Limits { most: Frequency::Share(f64::NAN), ..Limits::default() };
        assert_eq!(kept(nan), Err(TextError::NoTerms { documents: 4, terms: 4 }));
    }
}
