//! The lyrics of a corpus, in order of track: texts, or words that were counted elsewhere.

use crate::artifact::Corpus;
use crate::text::TextError;
use crate::text::counts::{Counting, Counts};
use crate::text::vocabulary::Vocabulary;

/// What there is to read.
pub enum Documents<'a> {
    /// Texts.
    Texts(Vec<&'a str>),
    /// Counts of words, a row a document.
    Bags(Counts),
}

impl<'a> Documents<'a> {
    /// The documents of `corpus`, and for each its track.
    pub fn of(corpus: &'a Corpus) -> (Documents<'a>, Vec<u32>) {
        if let Some(bags) = &corpus.bags {
            let rows: Vec<usize> = (0..bags.matrix.rows()).filter(|row| !bags.matrix.row(*row).0.is_empty()).collect();
            return (Documents::Bags(bags.take(&rows)), rows.into_iter().map(|row| row as u32).collect());
        }
        let texts = corpus.tracks.iter().zip(0..).filter_map(|(track, at)| Some((track.lyrics.as_deref()?, at)));
        let (texts, tracks) = texts.filter(|(text, _)| !text.trim().is_empty()).unzip();
        (Documents::Texts(texts), tracks)
    }

    /// How often each term stands in each. Of words that were counted elsewhere only those left out by `counting` are gone:
    /// they have no order, and so no pairs.
    ///
    /// # Errors
    /// Lengths of terms that cannot be counted.
    pub fn count(&self, counting: &Counting) -> Result<Counts, TextError> {
        match self {
            Documents::Texts(texts) => counting.count(texts),
            Documents::Bags(bags) => Ok(without(bags, counting)),
        }
    }
}

fn without(bags: &Counts, counting: &Counting) -> Counts {
    let long = |word: &&str| word.chars().count() >= counting.least_chars;
    let kept = bags.vocabulary.terms().filter(long).filter(|word| !counting.stop_words.contains(*word));
    let vocabulary = Vocabulary::new(kept.map(str::to_owned).collect());
    Counts { matrix: bags.over(&vocabulary), vocabulary }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Track;
    use crate::text::stop_words::listed;

    #[test]
    fn empty_lyrics_are_none() {
        let track = |lyrics: Option<&str>| Track { lyrics: lyrics.map(str::to_owned), ..Track::default() };
        let tracks = [Some("one two"), None, Some("  \n"), Some("three")].map(track).to_vec();
        let corpus = Corpus { tracks, ..Corpus::default() };
        let (documents, tracks) = Documents::of(&corpus);
        assert_eq!(tracks, [0, 3]);
        assert_eq!(documents.count(&Counting::default()).unwrap().matrix.rows(), 2);
    }

    #[test]
    fn a_bag_has_no_pairs_and_loses_stop_words() {
        let words = ["love", "the", "rain"].map(str::to_owned);
        let bags = Counts::of_bags(&words, &[vec![(0, 2), (1, 5)], vec![], vec![(2, 1)]]).unwrap();
        let corpus = Corpus { bags: Some(bags), tracks: vec![Track::default(); 3], ..Corpus::default() };
        let (documents, tracks) = Documents::of(&corpus);
        let counting = Counting { stop_words: listed("the"), ..Counting::default() };
        let counts = documents.count(&counting).unwrap();
        assert_eq!((tracks, counts.vocabulary.terms().collect::<Vec<_>>()), (vec![0, 2], vec!["love", "rain"]));
        assert_eq!(counts.matrix.to_dense(), [2.0, 0.0, 0.0, 1.0]);
    }
}
