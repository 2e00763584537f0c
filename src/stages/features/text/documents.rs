//! The lyrics of a corpus, in order of track.

use crate::artifact::Corpus;
use crate::text::TextError;
use crate::text::counts::{Counting, Counts};

/// What there is to read.
pub enum Documents<'a> {
    /// Texts.
    Texts(Vec<&'a str>),
}

impl<'a> Documents<'a> {
    /// The documents of `corpus`, and for each its track.
    pub fn of(corpus: &'a Corpus) -> (Documents<'a>, Vec<u32>) {
        let texts = corpus.tracks.iter().zip(0..).filter_map(|(track, at)| Some((track.lyrics.as_deref()?, at)));
        let (texts, tracks) = texts.filter(|(text, _)| !text.trim().is_empty()).unzip();
        (Documents::Texts(texts), tracks)
    }

    /// How often each term stands in each.
    ///
    /// # Errors
    /// Lengths of terms that cannot be counted.
    pub fn count(&self, counting: &Counting) -> Result<Counts, TextError> {
        match self {
            Documents::Texts(texts) => counting.count(texts),
        }
    }
}
