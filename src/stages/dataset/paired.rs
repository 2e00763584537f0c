//! Sound and lyrics of the same tracks. They are joined by a key that the settings name, and by nothing else: row i of a
//! table of lyrics is not row i of the audio.

mod covariates;
mod join;
mod key;

pub use covariates::Metadata;
pub use key::Key;

use super::lyrics::Lyrics;
use super::lyrics::entry::Entries;
use super::{Dataset, DatasetError, Given, Gives, Read, WhenMissing, features, fma, folder, spectrograms};
use crate::artifact::Corpus;
use crate::engine::Failure;
use crate::engine::inputs::InputFile;
use crate::kinds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

kinds! {
    /// Where sound comes from, or what was computed of it.
    pub enum AudioSource: dyn Dataset {
        "folder" => Folder(folder::Folder), "A folder of audio."
        "fma" => Fma(fma::Fma), "The Free Music Archive set."
        "features" => Features(features::Features), "A table of features made elsewhere."
        "spectrograms" => Spectrograms(spectrograms::Spectrograms), "A folder of spectrograms made elsewhere."
    }
}

/// `[dataset.paired]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paired {
    /// Where the tracks come from: `folder`, `fma`, `features` or `spectrograms`, each with the settings it has as a dataset.
    pub audio: AudioSource,
    /// Where their lyrics come from, with the settings of `[dataset.lyrics]`. Without a path: `dataset.csv` or `lyrics.csv` in
    /// the folder of the audio, else the places that `[dataset.lyrics]` looks into.
    #[serde(default)]
    pub lyrics: Box<Lyrics>,
    /// What says which lyrics belong to which track: `"stem"` (the file's name without ending), `"id"` (the path below the
    /// root without ending), or `{ map = "pairs.csv" }` (a table with columns audio and lyrics). It must be said: row i of the
    /// lyrics is not row i of the audio.
    pub key: Key,
    /// Share of the tracks that may be without lyrics.
    #[serde(default = "max_unmatched_share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_unmatched_share: f64,
    /// Whether more tracks may be without lyrics: `refuse`, or `allow` where lyrics are really missing and that is to be modelled.
    #[serde(default)]
    pub missing: Missing,
    /// Columns that may be learned from beside sound and lyrics.
    #[serde(default)]
    pub metadata: Metadata,
    /// What to do if either side is not there: `fail`, or `synthesize` to use the built-in set in its place.
    #[serde(default)]
    pub when_missing: WhenMissing,
}

/// What to do where many tracks have no lyrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Stop: the keys do not fit.
    #[default]
    Refuse,
    /// Go on: a track without lyrics is what it is.
    Allow,
}

fn max_unmatched_share() -> f64 {
    0.05
}

impl AudioSource {
    fn given_mut(&mut self) -> Given<'_> {
        match self {
            AudioSource::Folder(kind) => kind.given_mut(),
            AudioSource::Fma(kind) => kind.given_mut(),
            AudioSource::Features(kind) => kind.given_mut(),
            AudioSource::Spectrograms(kind) => kind.given_mut(),
        }
    }

    /// The column of the label, if the settings name it.
    fn label(&self) -> Option<&str> {
        match self {
            AudioSource::Folder(kind) => kind.label.as_deref(),
            AudioSource::Fma(kind) => Some(&kind.label),
            AudioSource::Features(kind) => kind.label.as_deref(),
            AudioSource::Spectrograms(kind) => kind.label.as_deref(),
        }
    }
}

impl Paired {
    /// The body of the table.
    pub const EXAMPLE: &str = "audio.folder = { root = \"data/raw/bangla_audio\" }\nlyrics = { path = \"data/raw/bangla_audio/dataset.csv\" }\nkey = \"stem\"";

    /// See [`Source::given_mut`](super::Source::given_mut).
    pub(super) fn given_mut(&mut self) -> Given<'_> {
        let mut given = Given { paths: Vec::new(), missing: vec![&mut self.when_missing] };
        if let Key::Map(path) = &mut self.key {
            given.paths.push(path);
        }
        for part in [self.audio.given_mut(), self.lyrics.given_mut()] {
            given.paths.extend(part.paths);
            given.missing.extend(part.missing);
        }
        given
    }

    /// The lyrics, with the path that holds them if none is named.
    fn words(&self) -> Lyrics {
        let mut words = Lyrics::clone(&self.lyrics);
        if !words.names_files() {
            let beside = |root: &Path| ["dataset.csv", "lyrics.csv"].map(|name| root.join(name));
            words.path = self.audio.root().into_iter().flat_map(beside).find(|path| path.is_file());
        }
        words
    }

    /// The table of pairs: below the folder of the audio, or from the working directory.
    fn map(&self) -> Result<Option<String>, DatasetError> {
        let Key::Map(map) = &self.key else { return Ok(None) };
        let below = self.audio.root().map(|root| root.join(map));
        let place = below.into_iter().chain([map.clone()]).find(|path| path.is_file());
        let place = place
            .and_then(|path| std::path::absolute(path).ok())
            .ok_or_else(|| DatasetError::NoPairs { path: map.clone() })?;
        place.to_str().map(|path| Some(path.to_owned())).ok_or_else(|| DatasetError::Name { path: map.clone() })
    }

    /// The files of the table of pairs, of the lyrics and of the audio, which [`files`](Dataset::files) listed in this order.
    fn parts<'a>(
        &self,
        words: &Lyrics,
        files: &'a [InputFile],
    ) -> (Option<&'a InputFile>, &'a [InputFile], &'a [InputFile]) {
        let has_map = matches!(self.key, Key::Map(_));
        let (map, rest) = files.split_at(usize::from(has_map).min(files.len()));
        // One table may hold the lyrics and the labels of the audio: then it is listed once more, by the audio.
        let is_song =
            |at: &usize| words.holds(&rest[*at]) && rest[..*at].iter().all(|file| file.path != rest[*at].path);
        let songs = (0..rest.len()).take_while(is_song).count();
        (map.first(), &rest[..songs], &rest[songs..])
    }
}

impl Dataset for Paired {
    fn root(&self) -> Option<&Path> {
        self.audio.root()
    }

    fn is_there(&self) -> bool {
        self.audio.is_there() && self.words().is_there()
    }

    fn wanted(&self) -> PathBuf {
        if self.audio.is_there() { self.words().wanted() } else { self.audio.wanted() }
    }

    fn when_missing(&self) -> WhenMissing {
        let all = [self.when_missing, self.audio.when_missing(), self.lyrics.when_missing()];
        all.into_iter().find(|when| *when != WhenMissing::Fail).unwrap_or_default()
    }

    fn gives(&self) -> Vec<Gives> {
        self.audio.gives().into_iter().chain([Gives::Lyrics]).collect()
    }

    fn files(&self) -> Result<Vec<String>, DatasetError> {
        let songs = self.words().listed(None)?;
        Ok(self.map()?.into_iter().chain(songs).chain(self.audio.files()?).collect())
    }

    fn load(&self, files: &[InputFile], read: &Read) -> Result<Corpus, Failure> {
        let words = self.words();
        let (map, songs, sounds) = self.parts(&words, files);
        let corpus = self.audio.load(sounds, read)?;
        let entries = words.entries(None, songs, read, &self.metadata.names())?;
        let map = map.map(|file| Ok::<_, Failure>((file, read(file)?))).transpose()?;
        self.joined(corpus, entries, map).map_err(Failure::data)
    }

    fn version(&self) -> u32 {
        100 + self.audio.version()
    }
}

impl Paired {
    fn joined(
        &self,
        corpus: Corpus,
        mut entries: Entries,
        map: Option<(&InputFile, Vec<u8>)>,
    ) -> Result<Corpus, DatasetError> {
        let pairs = match map {
            Some((file, bytes)) => join::by_map(&corpus, &entries, file, &bytes)?,
            None => join::by_key(&self.key, &corpus, &mut entries)?,
        };
        pairs.check(&corpus, &entries, self)?;
        let of_lyrics = entries.labels.iter().filter(|_| corpus.labels.is_empty()).map(String::as_str);
        let labels: Vec<&str> = of_lyrics.chain(self.audio.label()).collect();
        let mut corpus = pairs.corpus(corpus, &entries);
        self.metadata.choose(&mut corpus, &entries, &pairs, &labels)?;
        Ok(corpus)
    }
}

#[cfg(test)]
mod tests;
