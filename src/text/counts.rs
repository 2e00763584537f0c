//! How often each term stands in each document, `[documents, terms]`: words, pairs of words or runs of characters.

use std::collections::BTreeSet;

use super::csr::Csr;
use super::vocabulary::Vocabulary;
use super::words::Segmentation;
use super::{TextError, character_grams, word_grams, word_ids};

/// Longest run of characters that is counted.
const LONGEST: usize = 16;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terms {
    /// From `least` to `most` words in a row, 1 or 2. Left-out words do not stand between others.
    Words {
        /// Shortest.
        least: usize,
        /// Longest.
        most: usize,
    },
    /// From `least` to `most` code points in a row, within a word between two spaces.
    Characters {
        /// Shortest.
        least: usize,
        /// Longest.
        most: usize,
    },
}

/// How documents become terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counting {
    /// What is taken for a word.
    pub segmentation: Segmentation,
    /// Words of fewer code points are left out: 2 in scikit-learn.
    pub least_chars: usize,
    /// Words left out, as [`super::stop_words::listed`] spells them.
    pub stop_words: BTreeSet<String>,
    /// What is counted.
    pub terms: Terms,
}

impl Default for Counting {
    /// Single words and pairs of UAX #29, none left out.
    fn default() -> Counting {
        let terms = Terms::Words { least: 1, most: 2 };
        Counting { segmentation: Segmentation::Words, least_chars: 1, stop_words: BTreeSet::new(), terms }
    }
}

/// Counts of terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    /// The terms, rising.
    pub vocabulary: Vocabulary,
    /// `[documents, terms]`: how often each stands in each document.
    pub matrix: Csr,
}

impl Counting {
    /// Counts the terms of `documents`.
    ///
    /// # Errors
    /// [`TextError::GramLength`] for lengths that cannot be counted, [`TextError::TooManyTerms`] above 2³² terms.
    pub fn count(&self, documents: &[impl AsRef<str> + Sync]) -> Result<Counts, TextError> {
        let (Terms::Words { least, most } | Terms::Characters { least, most }) = self.terms;
        let longest = if matches!(self.terms, Terms::Words { .. }) { 2 } else { LONGEST };
        if least == 0 || least > most || most > longest {
            return Err(TextError::GramLength { least, most, longest: LONGEST });
        }
        let numbered = word_ids::number(documents, self.segmentation, self.least_chars, &self.stop_words);
        let (vocabulary, matrix) = match self.terms {
            Terms::Words { .. } => word_grams::count(numbered, least == 1, most == 2),
            Terms::Characters { .. } => character_grams::count(numbered, least, most),
        };
        match u32::try_from(vocabulary.len()) {
            Ok(_) => Ok(Counts { vocabulary, matrix }),
            Err(_) => Err(TextError::TooManyTerms { terms: vocabulary.len() }),
        }
    }
}

impl Counts {
    /// A bag of words: `rows[i]` holds `(number of word, count)`, the numbers rising, of `words` in any order, all
    /// different. None if the parts do not fit each other.
    pub fn of_bags(words: &[String], rows: &[Vec<(u32, u32)>]) -> Option<Counts> {
        let vocabulary = Vocabulary::new(words.to_vec());
        let places: Vec<u32> = words.iter().filter_map(|word| vocabulary.position(word)).map(|at| at as u32).collect();
        let place = |(word, count): &(u32, u32)| Some((*places.get(*word as usize)?, f64::from(*count)));
        let (mut offsets, mut placed) = (vec![0], Vec::new());
        for row in rows {
            let mut row: Vec<(u32, f64)> = row.iter().map(place).collect::<Option<_>>()?;
            row.sort_unstable_by_key(|(place, _)| *place);
            placed.extend(row);
            offsets.push(placed.len());
        }
        let (columns, values) = placed.into_iter().unzip();
        let matrix = Csr::new(offsets, columns, values, vocabulary.len())?;
        (vocabulary.len() == words.len()).then_some(Counts { vocabulary, matrix })
    }

    /// The same counts over another vocabulary: terms not in it are dropped, terms never met are columns of zeros.
    pub fn over(&self, vocabulary: &Vocabulary) -> Csr {
        self.matrix.placed(&self.vocabulary.positions_in(vocabulary), vocabulary.len())
    }

    /// Some of the documents.
    pub fn take(&self, documents: &[usize]) -> Counts {
        Counts { vocabulary: self.vocabulary.clone(), matrix: self.matrix.take_rows(documents) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::stop_words::{ENGLISH, listed};

    fn words(least: usize, most: usize) -> Counting {
        Counting { terms: Terms::Words { least, most }, ..Counting::default() }
    }

    #[test]
    fn stop_words_leave_their_neighbours_neighbours() {
        let counting = Counting { stop_words: listed(ENGLISH), ..words(1, 2) };
        let counts = counting.count(&["Love is the rain"]).expect("words");
        assert_eq!(counts.vocabulary.terms().collect::<Vec<_>>(), ["love", "love rain", "rain"]);
    }

    #[test]
    fn lengths_that_cannot_be_counted_are_refused() {
        let of = |terms| Counting { terms, ..Counting::default() }.count(&["a b c"]).map(|_| ());
        for (least, most) in [(0, 1), (2, 1), (1, 3)] {
            assert_eq!(of(Terms::Words { least, most }), Err(TextError::GramLength { least, most, longest: 16 }));
        }
        assert!(of(Terms::Characters { least: 3, most: 17 }).is_err());
        assert!(of(Terms::Characters { least: 3, most: 5 }).is_ok());
    }

    #[test]
    fn a_bag_of_words_counts_as_its_text_does() {
        let bag = Counts::of_bags(&["the".into(), "rain".into()], &[vec![(0, 2), (1, 1)], vec![], vec![(1, 3)]]);
        let text = words(1, 1).count(&["the rain the", "", "rain rain rain"]);
        assert_eq!(bag, text.ok());
        assert_eq!(Counts::of_bags(&["a".into(), "a".into()], &[]), None);
        assert_eq!(Counts::of_bags(&["a".into()], &[vec![(1, 1)]]), None);
        assert_eq!(Counts::of_bags(&["a".into()], &[vec![(0, 1), (0, 2)]]), None);
    }

    #[test]
    fn other_vocabularies_drop_and_fill() {
        let counts = words(1, 1).count(&["b c c", "a"]).expect("words");
        let other = Vocabulary::new(["c", "d"].map(String::from).to_vec());
        assert_eq!(counts.over(&other).to_dense(), [2.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn threads_do_not_change_the_counts() {
        let documents: Vec<String> = (0..900).map(|at| format!("w{} x{} গান w{}", at % 31, at % 7, at % 11)).collect();
        for terms in [Terms::Words { least: 1, most: 2 }, Terms::Characters { least: 3, most: 5 }] {
            let run = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
                pool.install(|| Counting { terms, ..Counting::default() }.count(&documents))
            };
            assert_eq!(run(1), run(5));
        }
    }
}
