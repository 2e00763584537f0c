//! Bags of words as the musiXmatch dataset has them (Bertin-Mahieux, Ellis, Whitman, Lamere, "The Million Song Dataset",
//! ISMIR 2011): `#` comments, one line `%word,word,...`, then tracks `id,musixmatch id,word number:count,...`, the words
//! numbered from 1. Files from which comments and `%` were taken away are read too: their first line is the list of words.

use std::collections::BTreeSet;

use super::counts::Counts;
use super::{TextError, shortened, utf8};

/// Longest list of words that is read; the dataset has 5,000.
pub const MOST_WORDS: usize = 1 << 20;

/// Bags of words.
#[derive(Clone, Debug, PartialEq)]
pub struct Bags {
    /// The words, in the order of the file.
    pub words: Vec<String>,
    /// The tracks, in the order of the file.
    pub tracks: Vec<Bag>,
}

/// The words of one track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bag {
    /// Its id in the Million Song Dataset.
    pub id: String,
    /// Its id at musiXmatch.
    pub musixmatch_id: String,
    /// `(word, count)`: words counted from 0, rising; counts above 0.
    pub counts: Vec<(u32, u32)>,
}

impl Bags {
    /// The counts `[tracks, words]`, words rising; None if they were changed so that they do not fit.
    pub fn counts(&self) -> Option<Counts> {
        let rows: Vec<Vec<(u32, u32)>> = self.tracks.iter().map(|track| track.counts.clone()).collect();
        Counts::of_bags(&self.words, &rows)
    }
}

/// Reads bags of words.
///
/// # Errors
/// Bytes that are no text, [`TextError::NoWordList`], [`TextError::WordList`], [`TextError::BagEntry`] and
/// [`TextError::IdTwice`], all with their line.
pub fn parse(bytes: &[u8]) -> Result<Bags, TextError> {
    let lines = (1..).zip(utf8::text(bytes)?.lines());
    let mut lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let (at, first) = lines.next().ok_or(TextError::NoWordList { line: 1 })?;
    let words = word_list(at, first)?;
    let (mut tracks, mut known) = (Vec::new(), BTreeSet::new());
    for (line, text) in lines {
        let track = track(line, text, words.len())?;
        if !known.insert(track.id.clone()) {
            return Err(TextError::IdTwice { row: tracks.len() + 1, id: shortened(&track.id) });
        }
        tracks.push(track);
    }
    Ok(Bags { words, tracks })
}

fn word_list(line: usize, text: &str) -> Result<Vec<String>, TextError> {
    let list = text.strip_prefix('%');
    let is_track = text.split(',').nth(2).is_some_and(|entry| entry.split_once(':').is_some_and(are_numbers));
    if list.is_none() && is_track {
        return Err(TextError::NoWordList { line });
    }
    let list = list.unwrap_or(text);
    let found = 1 + list.bytes().filter(|byte| *byte == b',').count();
    if found > MOST_WORDS {
        return Err(TextError::TooManyColumns { row: 0, found, most: MOST_WORDS });
    }
    let words: Vec<&str> = list.split(',').map(str::trim).collect();
    let mut known = BTreeSet::new();
    match words.iter().position(|word| word.is_empty() || !known.insert(word)) {
        Some(at) => Err(TextError::WordList { line, at: at + 1, word: shortened(words[at]) }),
        None => Ok(words.into_iter().map(String::from).collect()),
    }
}

fn are_numbers((left, right): (&str, &str)) -> bool {
    [left, right].iter().all(|part| part.trim().parse::<u32>().is_ok())
}

fn track(line: usize, text: &str, words: usize) -> Result<Bag, TextError> {
    let fault = |entry: &str, reason| TextError::BagEntry { line, entry: shortened(entry), reason };
    let mut fields = text.split(',').map(str::trim);
    let (Some(id), Some(musixmatch_id)) = (fields.next().filter(|id| !id.is_empty()), fields.next()) else {
        return Err(fault(text, "has no ids"));
    };
    let mut counts = Vec::new();
    for entry in fields.filter(|entry| !entry.is_empty()) {
        counts.push(word_count(entry, words).map_err(|reason| fault(entry, reason))?);
    }
    counts.sort_unstable();
    match counts.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(fault(&format!("{}:{}", pair[1].0 + 1, pair[1].1), "counts a word twice")),
        None => Ok(Bag { id: id.to_owned(), musixmatch_id: musixmatch_id.to_owned(), counts }),
    }
}

/// `(word from 0, count)` of `word from 1:count`.
fn word_count(entry: &str, words: usize) -> Result<(u32, u32), &'static str> {
    let (word, count) = entry.split_once(':').ok_or("has no colon")?;
    let word: u32 = word.trim().parse().map_err(|_| "does not begin with a word number")?;
    let count: u32 = count.trim().parse().map_err(|_| "does not end with a count")?;
    match (word, count) {
        (0, _) => Err("names word 0, but words count from 1"),
        (_, 0) => Err("counts no word"),
        (word, _) if word as usize > words => Err("names a word beyond the end of the list"),
        (word, count) => Ok((word - 1, count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    const PLAIN: &str = "the,rain,sun\nTR1,7,3:2,1:1\nTR2,8\n";

    #[test]
    fn both_layouts_say_the_same() {
        let bags = parse(PLAIN.as_bytes()).expect("sound");
        let official = format!("# FORMAT:\r\n#\r\n%{}", PLAIN.replace('\n', "\r\n"));
        assert_eq!(parse(official.as_bytes()).as_ref(), Ok(&bags));
        assert_eq!(bags.words, ["the", "rain", "sun"]);
        let ids: Vec<(&str, &str)> = bags.tracks.iter().map(|t| (t.id.as_str(), t.musixmatch_id.as_str())).collect();
        assert_eq!(ids, [("TR1", "7"), ("TR2", "8")]);
        assert_eq!(bags.tracks[0].counts, [(0, 1), (2, 2)]);
        let counts = bags.counts().expect("fits");
        assert_eq!(counts.vocabulary.terms().collect::<Vec<_>>(), ["rain", "sun", "the"]);
        assert_eq!(counts.matrix.to_dense(), [0.0, 2.0, 1.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn faults_say_their_line_and_entry() {
        let reason = |track: &str| match parse(format!("# x\n%a,b\nT0,0,1:1\n{track}\n").as_bytes()) {
            Err(TextError::BagEntry { line: 4, reason, .. }) => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason("T,1,3:1"), "names a word beyond the end of the list");
        assert_eq!(reason("T,1,0:1"), "names word 0, but words count from 1");
        assert_eq!(reason("T,1,1:0"), "counts no word");
        assert_eq!(reason("T,1,1"), "has no colon");
        assert_eq!(reason("T,1,x:1"), "does not begin with a word number");
        assert_eq!(reason("T,1,1:-1"), "does not end with a count");
        assert_eq!(reason("T,1,2:1,2:5"), "counts a word twice");
        assert_eq!(reason("T"), "has no ids");
    }

    #[test]
    fn a_list_of_words_is_asked_for() {
        let fault = |text: &str| parse(text.as_bytes()).map(|_| ());
        assert_eq!(fault("# only\n"), Err(TextError::NoWordList { line: 1 }));
        assert_eq!(fault("#\nTR1,7,3:2\n"), Err(TextError::NoWordList { line: 2 }));
        assert_eq!(fault("%a,b,a\n"), Err(TextError::WordList { line: 1, at: 3, word: "a".into() }));
        assert_eq!(fault("%a,,b\n"), Err(TextError::WordList { line: 1, at: 2, word: "".into() }));
        assert_eq!(fault("%a\nT,1\nT,2\n"), Err(TextError::IdTwice { row: 2, id: "T".into() }));
        let many = TextError::TooManyColumns { row: 0, found: MOST_WORDS + 1, most: MOST_WORDS };
        assert_eq!(fault(&format!("%{}", ",".repeat(MOST_WORDS))), Err(many));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[%#a,:0-9\n]{0,40}") {
            let _ = parse(text.as_bytes()).map(|bags| bags.counts().expect("fits"));
        }
    }
}
