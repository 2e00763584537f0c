//! What tracks and lyrics are called by, in one spelling: `/` between folders, no zeros before a number.

use crate::artifact::{Audio, Track};
use crate::stages::dataset::conventions::without_ending;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What says which lyrics belong to which track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// The file's name without folders and ending.
    Stem,
    /// The whole id: for files the path below the root without ending.
    Id,
    /// A table with a header, below the folder of the audio or from the working directory: columns audio and lyrics (else the
    /// first two) say what each is called, by id or by stem.
    Map(PathBuf),
}

impl Key {
    /// What a track is called.
    pub(super) fn of_track(&self, track: &Track) -> String {
        match (self, track.audio.as_ref().and_then(Audio::path)) {
            (Key::Stem, Some(path)) => plain(without_ending(last(path))),
            (Key::Stem, None) => plain(last(&track.id)),
            _ => plain(&track.id),
        }
    }

    /// What lyrics may be called, the most exact first: the name, and the name without ending.
    pub(super) fn of_lyrics(&self, name: &str) -> [String; 2] {
        let name = name.trim().replace('\\', "/");
        let name = if matches!(self, Key::Stem) { last(&name) } else { name.trim_start_matches("./") };
        [name, without_ending(name)].map(plain)
    }

    /// The words that the settings have for it.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Key::Stem => "\"stem\"",
            Key::Id => "\"id\"",
            Key::Map(_) => "{ map = ... }",
        }
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `000002` is `2`.
fn plain(name: &str) -> String {
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let number = name.trim_start_matches('0');
    if is_number { if number.is_empty() { "0" } else { number }.to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::dataset::listing::tests::file;

    #[test]
    fn tracks_and_lyrics_meet_in_one_spelling() {
        let id = "pop/pop.00001".to_owned();
        let audio = Some(Audio::File(file("pop/pop.00001.wav", b"1")));
        let track = Track { id, audio, ..Track::default() };
        assert_eq!(
            (Key::Stem.of_track(&track).as_str(), Key::Id.of_track(&track).as_str()),
            ("pop.00001", "pop/pop.00001")
        );
        assert_eq!(Key::Stem.of_lyrics("C:\\music\\pop.00001.mp3"), ["pop.00001.mp3", "pop.00001"]);
        assert_eq!(Key::Id.of_lyrics("./pop/pop.00001"), ["pop/pop.00001", "pop/pop.00001"]);
    }

    #[test]
    fn numbers_are_equal_whatever_their_zeros() {
        assert_eq!(["000002", "2", "0", "00", "02a", ""].map(plain), ["2", "2", "0", "0", "02a", ""]);
    }
}
