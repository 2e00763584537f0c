//! Songs become a corpus: each with words is a track. A song that stands there twice would stand on both sides of a split.

use super::entry::{Entries, Entry};
use crate::artifact::{Corpus, Skipped};
use crate::engine::Key;
use crate::stages::dataset::conventions::without_ending;
use crate::stages::dataset::facts::{Draft, tracks};
use crate::stages::dataset::names::Names;
use std::collections::BTreeMap;

/// The corpus of `entries`.
pub(super) fn of(entries: Entries) -> Corpus {
    let (mut drafts, mut texts, mut corpus) = (Vec::new(), Vec::new(), Corpus::default());
    let (mut names, mut first) = (Names::default(), BTreeMap::<Key, String>::new());
    for (index, song) in entries.songs.into_iter().enumerate() {
        let row = || format!("row-{:06}", song.row);
        let name = song.key.as_deref().map_or_else(row, |key| without_ending(key).to_owned());
        let (id, place) = (names.enter(&format!("{}{name}", song.prefix), &[], index as u64), song.place());
        let Entry { text: Some(text), facts, .. } = song else {
            corpus.skipped.push(Skipped { path: id, reason: format!("{place}: no lyrics") });
            continue;
        };
        match first.get(&words(&text)) {
            Some(original) => {
                let reason = format!("{place}: the same words as {original}");
                corpus.left_out.push(Skipped { path: id, reason });
            }
            None => {
                first.insert(words(&text), place);
                drafts.push(Draft { alone: id.clone(), id, audio: None, facts });
                texts.push(text);
            }
        }
    }
    (corpus.tracks, corpus.labels) = tracks(drafts);
    corpus.tracks.iter_mut().zip(texts).for_each(|(track, text)| track.lyrics = Some(text));
    corpus
}

/// Equal for texts that differ in white space only.
fn words(text: &str) -> Key {
    Key::of_bytes(text.split_whitespace().collect::<Vec<_>>().join(" ").as_bytes())
}
