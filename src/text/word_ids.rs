//! Documents as numbers of words. Documents are cut into chunks of fixed size; each chunk numbers its own words, then all
//! are renumbered by one sorted vocabulary, so that no number depends on the order in which threads finish.

use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasherDefault;

use rayon::prelude::*;

use super::clean::cleaned;
use super::vocabulary::Vocabulary;
use super::word_hash::WordHasher;
use super::words::{Segmentation, for_each_word};

/// Documents of one task.
const CHUNK: usize = 128;
/// Marks a word that is left out.
const LEFT_OUT: u32 = u32::MAX;

/// Documents as numbers of words.
pub(super) struct WordIds {
    pub vocabulary: Vocabulary,
    pub chunks: Vec<Chunk>,
}

/// Some documents: document `i` is `ids[ends[i - 1]..ends[i]]`.
pub(super) struct Chunk {
    ids: Vec<u32>,
    ends: Vec<usize>,
}

impl Chunk {
    /// The documents, each its words in order.
    pub fn documents(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.ids[start..*end])
    }
}

/// Numbers the words of `documents` of at least `least_chars` code points that are not in `stop`.
pub(super) fn number(
    documents: &[impl AsRef<str> + Sync],
    segmentation: Segmentation,
    least_chars: usize,
    stop: &BTreeSet<String>,
) -> WordIds {
    let is_kept = |word: &str| word.chars().nth(least_chars.saturating_sub(1)).is_some() && !stop.contains(word);
    let chunks = documents.par_chunks(CHUNK).map(|chunk| number_chunk(chunk, segmentation, is_kept));
    let (mut chunks, vocabularies): (Vec<Chunk>, Vec<Vocabulary>) = chunks.unzip();
    let vocabulary = vocabularies.par_iter().cloned().reduce(Vocabulary::default, |left, right| left.union(&right));
    chunks.par_iter_mut().zip(&vocabularies).for_each(|(chunk, own)| {
        let places = own.positions_in(&vocabulary);
        chunk.ids.iter_mut().for_each(|id| *id = places[*id as usize].unwrap_or(LEFT_OUT));
    });
    WordIds { vocabulary, chunks }
}

/// One chunk, numbered by its own sorted vocabulary.
fn number_chunk(
    documents: &[impl AsRef<str>],
    segmentation: Segmentation,
    is_kept: impl Fn(&str) -> bool,
) -> (Chunk, Vocabulary) {
    let texts: Vec<String> = documents.iter().map(|text| cleaned(text.as_ref())).collect();
    let (mut seen, mut first_met) = (HashMap::<&str, u32, BuildHasherDefault<WordHasher>>::default(), Vec::new());
    let (mut ids, mut ends) = (Vec::new(), Vec::with_capacity(texts.len()));
    for text in &texts {
        for_each_word(text, segmentation, |word| {
            let id = *seen.entry(word).or_insert_with(|| match is_kept(word) {
                true => {
                    first_met.push(word);
                    first_met.len() as u32 - 1
                }
                false => LEFT_OUT,
            });
            ids.extend((id != LEFT_OUT).then_some(id));
        });
        ends.push(ids.len());
    }
    let mut rising: Vec<u32> = (0..first_met.len() as u32).collect();
    rising.sort_unstable_by_key(|id| first_met[*id as usize]);
    let mut places = vec![0; rising.len()];
    (0..).zip(&rising).for_each(|(place, id)| places[*id as usize] = place);
    ids.iter_mut().for_each(|id| *id = places[*id as usize]);
    (Chunk { ids, ends }, Vocabulary::of_rising(rising.iter().map(|id| first_met[*id as usize])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places_in_one_sorted_vocabulary() {
        let documents: Vec<String> = (0..300).map(|at| format!("w{at} The b")).collect();
        let numbered = number(&documents, Segmentation::Words, 2, &["the".to_owned()].into());
        assert_eq!(numbered.vocabulary.len(), 300);
        for (at, document) in numbered.chunks.iter().flat_map(Chunk::documents).enumerate() {
            let words: Vec<&str> = document.iter().map(|id| numbered.vocabulary.term(*id as usize)).collect();
            assert_eq!(words, [format!("w{at}")]);
        }
    }

    #[test]
    fn empty_documents_are_kept() {
        let numbered = number(&["", "-", "x"], Segmentation::Words, 1, &BTreeSet::new());
        assert_eq!(numbered.chunks[0].documents().map(<[u32]>::len).collect::<Vec<_>>(), [0, 0, 1]);
        assert!(number(&[""; 0], Segmentation::Words, 1, &BTreeSet::new()).vocabulary.is_empty());
    }
}
