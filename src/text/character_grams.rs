//! Counts of runs of characters (code points) within words, `[documents, grams]`: scikit-learn's `char_wb`.
//!
//! A word stands between two spaces, so that its beginning and end show; a word shorter than a gram is counted whole, once.
//! The grams of a word are found once, however often it occurs.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rayon::prelude::*;

use super::csr::Csr;
use super::vocabulary::Vocabulary;
use super::word_hash::WordHasher;
use super::word_ids::{Chunk, WordIds};

/// Words of one task.
const CHUNK: usize = 1024;

/// Grams of each word: of word `i`, `ids[ends[i - 1]..ends[i]]`, one that occurs twice stands twice.
struct Grams {
    ids: Vec<u32>,
    ends: Vec<usize>,
}

impl Grams {
    fn of(&self, word: u32) -> &[u32] {
        let (at, word) = (word as usize, word as usize);
        let start = if at == 0 { 0 } else { self.ends[word - 1] };
        &self.ids[start..self.ends[word]]
    }
}

/// Different grams of `least` to `most` characters, rising, and their counts.
pub(super) fn count(documents: WordIds, least: usize, most: usize) -> (Vocabulary, Csr) {
    let (vocabulary, grams) = grams_of(&documents.vocabulary, least, most);
    let pieces = documents.chunks.par_iter().map(|chunk| count_chunk(chunk, &grams, vocabulary.len())).collect();
    let width = vocabulary.len();
    (vocabulary, Csr::of_pieces(pieces, width))
}

fn count_chunk(chunk: &Chunk, grams: &Grams, width: usize) -> (Vec<usize>, Vec<u32>, Vec<f64>) {
    let (mut lengths, mut columns, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let (mut counts, mut met) = (vec![0u32; width], Vec::new());
    for words in chunk.documents() {
        met.clear();
        for gram in words.iter().flat_map(|word| grams.of(*word)) {
            if counts[*gram as usize] == 0 {
                met.push(*gram);
            }
            counts[*gram as usize] += 1;
        }
        met.sort_unstable();
        lengths.push(met.len());
        columns.extend_from_slice(&met);
        values.extend(met.iter().map(|gram| f64::from(std::mem::take(&mut counts[*gram as usize]))));
    }
    (lengths, columns, values)
}

fn grams_of(words: &Vocabulary, least: usize, most: usize) -> (Vocabulary, Grams) {
    let starts: Vec<usize> = (0..words.len()).step_by(CHUNK).collect();
    let piece = |start: &usize| number(words, *start..words.len().min(start + CHUNK), least, most);
    let (mut pieces, vocabularies): (Vec<Grams>, Vec<Vocabulary>) = starts.par_iter().map(piece).unzip();
    let vocabulary = vocabularies.par_iter().cloned().reduce(Vocabulary::default, |left, right| left.union(&right));
    pieces.par_iter_mut().zip(&vocabularies).for_each(|(piece, own)| {
        let places = own.positions_in(&vocabulary);
        piece.ids.iter_mut().for_each(|id| *id = places[*id as usize].unwrap_or(0));
    });
    let mut all = Grams { ids: Vec::new(), ends: Vec::new() };
    for piece in pieces {
        let start = all.ids.len();
        all.ends.extend(piece.ends.iter().map(|end| start + end));
        all.ids.extend(piece.ids);
    }
    (vocabulary, all)
}

/// Grams of some words, numbered by their own sorted vocabulary.
fn number(words: &Vocabulary, range: std::ops::Range<usize>, least: usize, most: usize) -> (Grams, Vocabulary) {
    let texts: Vec<String> = range.map(|at| format!(" {} ", words.term(at))).collect();
    let (mut seen, mut first_met) = (HashMap::<&str, u32, BuildHasherDefault<WordHasher>>::default(), Vec::new());
    let mut grams = Grams { ids: Vec::new(), ends: Vec::with_capacity(texts.len()) };
    for text in &texts {
        for_each_gram(text, least, most, |gram| {
            let next = seen.len() as u32;
            grams.ids.push(*seen.entry(gram).or_insert_with(|| {
                first_met.push(gram);
                next
            }));
        });
        grams.ends.push(grams.ids.len());
    }
    let mut rising: Vec<u32> = (0..first_met.len() as u32).collect();
    rising.sort_unstable_by_key(|id| first_met[*id as usize]);
    let mut places = vec![0; rising.len()];
    (0..).zip(&rising).for_each(|(place, id)| places[*id as usize] = place);
    grams.ids.iter_mut().for_each(|id| *id = places[*id as usize]);
    (grams, Vocabulary::of_rising(rising.iter().map(|id| first_met[*id as usize])))
}

/// Calls `found` with each run of `least` to `most` characters; with the whole text, once, where it is no longer.
fn for_each_gram<'a>(text: &'a str, least: usize, most: usize, mut found: impl FnMut(&'a str)) {
    let edges: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    for length in least..=most {
        if edges.len() <= length + 1 {
            return found(text);
        }
        edges.iter().zip(&edges[length..]).for_each(|(start, end)| found(&text[*start..*end]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::word_ids;
    use crate::text::words::Segmentation;
    use std::collections::BTreeSet;

    fn counted(documents: &[&str], least: usize, most: usize) -> Vec<(String, f64)> {
        let numbered = word_ids::number(documents, Segmentation::Words, 1, &BTreeSet::new());
        let (vocabulary, matrix) = count(numbered, least, most);
        let (columns, values) = matrix.row(0);
        columns.iter().zip(values).map(|(at, value)| (vocabulary.term(*at as usize).to_owned(), *value)).collect()
    }

    /// As scikit-learn's `CountVectorizer(analyzer="char_wb", ngram_range=(3, 5))` counts "la la bad".
    #[test]
    fn grams_stay_within_words_and_short_words_count_once() {
        let expected = [
            (" ba", 1.0),
            (" bad", 1.0),
            (" bad ", 1.0),
            (" la", 2.0),
            (" la ", 2.0),
            ("ad ", 1.0),
            ("bad", 1.0),
            ("bad ", 1.0),
            ("la ", 2.0),
        ];
        assert_eq!(counted(&["la la bad", "other"], 3, 5), expected.map(|(gram, count)| (gram.to_owned(), count)));
    }

    #[test]
    fn code_points_are_counted_and_not_bytes() {
        assert_eq!(counted(&["নদী"], 5, 5), [(" নদী ".to_owned(), 1.0)]);
        assert_eq!(counted(&[""], 3, 5), []);
    }

    #[test]
    fn many_words_agree_with_one_by_one() {
        let documents: Vec<String> = (0..3000).map(|at| format!("{}x{at}", at % 7)).collect();
        let numbered = word_ids::number(&documents, Segmentation::Words, 1, &BTreeSet::new());
        let (vocabulary, matrix) = count(numbered, 2, 4);
        for (row, text) in documents.iter().enumerate() {
            let mut naive = Vec::new();
            let text = format!(" {text} ");
            for_each_gram(&text, 2, 4, |gram| naive.push(gram));
            naive.sort_unstable();
            let (columns, values) = matrix.row(row);
            let ours = columns.iter().zip(values);
            let ours: Vec<&str> =
                ours.flat_map(|(at, times)| vec![vocabulary.term(*at as usize); *times as usize]).collect();
            assert_eq!(ours, naive);
        }
    }
}
