//! Counts of single words and of pairs of neighbours, `[documents, terms]`.
//!
//! A word is the key `word << 32`, a pair `word << 32 | next word + 1`. Words are numbered in rising order and hold no
//! white space, so keys rise as the terms "word" and "word next" do.

use rayon::prelude::*;

use super::csr::Csr;
use super::vocabulary::Vocabulary;
use super::word_ids::{Chunk, WordIds};

/// Keys of the documents of a chunk, rising in each, and how often each occurs.
struct Keys {
    keys: Vec<u64>,
    counts: Vec<f64>,
    lengths: Vec<usize>,
}

/// Different terms, rising, and their counts. Words are counted if `singles`, pairs of neighbours if `pairs`.
pub(super) fn count(documents: WordIds, singles: bool, pairs: bool) -> (Vocabulary, Csr) {
    let WordIds { vocabulary, chunks } = documents;
    let counted: Vec<Keys> = chunks.into_par_iter().map(|chunk| count_chunk(&chunk, singles, pairs)).collect();
    if !pairs {
        let columns = |keys: Vec<u64>| keys.into_iter().map(|key| (key >> 32) as u32).collect();
        let pieces = counted.into_iter().map(|piece| (piece.lengths, columns(piece.keys), piece.counts)).collect();
        let width = vocabulary.len();
        return (vocabulary, Csr::of_pieces(pieces, width));
    }
    let terms = different(&counted);
    let starts = starts(&terms, vocabulary.len());
    let column = |key: &u64| {
        let (word, start) = ((key >> 32) as usize, starts[(key >> 32) as usize]);
        (start + terms[start..starts[word + 1]].partition_point(|term| term < key)) as u32
    };
    let piece = |piece: Keys| (piece.lengths, piece.keys.iter().map(column).collect(), piece.counts);
    let matrix = Csr::of_pieces(counted.into_par_iter().map(piece).collect(), terms.len());
    (written(&terms, &vocabulary), matrix)
}

fn count_chunk(chunk: &Chunk, singles: bool, pairs: bool) -> Keys {
    let (mut all, mut own) = (Keys { keys: Vec::new(), counts: Vec::new(), lengths: Vec::new() }, Vec::new());
    for words in chunk.documents() {
        own.clear();
        own.extend(words.iter().filter(|_| singles).map(|word| u64::from(*word) << 32));
        let following = words.windows(2).filter(|_| pairs);
        own.extend(following.map(|pair| (u64::from(pair[0]) << 32) | (u64::from(pair[1]) + 1)));
        own.sort_unstable();
        let before = all.keys.len();
        for same in own.chunk_by(|a, b| a == b) {
            all.keys.push(same[0]);
            all.counts.push(same.len() as f64);
        }
        all.lengths.push(all.keys.len() - before);
    }
    all
}

/// All keys that occur, rising.
fn different(counted: &[Keys]) -> Vec<u64> {
    let once = |piece: &Keys| {
        let mut keys = piece.keys.clone();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    let mut keys: Vec<u64> = counted.par_iter().map(once).collect::<Vec<_>>().concat();
    keys.par_sort_unstable();
    keys.dedup();
    keys
}

/// Where the keys of each of `words` words start among `terms`: `[words + 1]`.
fn starts(terms: &[u64], words: usize) -> Vec<usize> {
    let mut starts = vec![0; words + 1];
    terms.iter().for_each(|key| starts[(key >> 32) as usize + 1] += 1);
    (0..words).for_each(|word| starts[word + 1] += starts[word]);
    starts
}

/// The terms as text.
fn written(terms: &[u64], words: &Vocabulary) -> Vocabulary {
    let piece = |terms: &[u64]| {
        let mut piece = Vocabulary::default();
        for key in terms {
            let word = words.term((key >> 32) as usize);
            match (key & 0xFFFF_FFFF) as usize {
                0 => piece.push([word]),
                next => piece.push([word, " ", words.term(next - 1)]),
            }
        }
        piece
    };
    let pieces: Vec<Vocabulary> = terms.par_chunks(1 << 14).map(piece).collect();
    let mut all = Vocabulary::default();
    pieces.iter().for_each(|piece| all.append(piece));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::word_ids::number;
    use crate::text::words::Segmentation;
    use proptest::prelude::{prop_assert_eq, proptest};
    use std::collections::{BTreeMap, BTreeSet};

    /// Counts of a document, by a map.
    fn naive(document: &str, singles: bool, pairs: bool) -> BTreeMap<String, f64> {
        let (words, mut counts) = (document.split_whitespace().collect::<Vec<_>>(), BTreeMap::new());
        let mut add = |term: String| *counts.entry(term).or_insert(0.0) += 1.0;
        words.iter().filter(|_| singles).for_each(|word| add((*word).to_owned()));
        words.windows(2).filter(|_| pairs).for_each(|pair| add(pair.join(" ")));
        counts
    }

    proptest! {
        #[test]
        fn counts_are_those_of_a_map(documents in proptest::collection::vec("[abগআ ]{0,20}", 0..300)) {
            for (singles, pairs) in [(true, false), (true, true), (false, true)] {
                let numbered = number(&documents, Segmentation::Words, 1, &BTreeSet::new());
                let (vocabulary, matrix) = count(numbered, singles, pairs);
                let maps: Vec<_> = documents.iter().map(|text| naive(text, singles, pairs)).collect();
                let terms: BTreeSet<&String> = maps.iter().flat_map(BTreeMap::keys).collect();
                prop_assert_eq!(vocabulary.terms().collect::<Vec<_>>(), terms.into_iter().collect::<Vec<_>>());
                for (row, map) in maps.iter().enumerate() {
                    let (columns, values) = matrix.row(row);
                    let named = columns.iter().map(|at| vocabulary.term(*at as usize).to_owned());
                    prop_assert_eq!(&named.zip(values.iter().copied()).collect::<BTreeMap<_, _>>(), map);
                }
            }
        }
    }
}
