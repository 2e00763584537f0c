//! Lyrics without sound: tables with a column of lyrics, JSON maps from id to text, folders of text files. English, Bangla
//! or both side by side; the language comes from a column, from the settings, or from the script.

pub(super) mod entry;

mod corpus;
mod language;
mod sources;
mod table;

use super::{Dataset, DatasetError, Given, Gives, Read, WhenMissing};
use crate::artifact::Corpus;
use crate::engine::Failure;
use crate::engine::inputs::InputFile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// `[dataset.lyrics]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lyrics {
    /// A table (`.csv`, `.tsv`), a `.json` map from id to text, or a folder of `.txt` files whose sub-folders are labels.
    /// Without any path: those of data/raw/english_lyrics.csv, data/raw/bangla_lyrics.csv and data/lyrics.json that are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Several such files side by side, all read by the settings below; an id begins with the name of its file then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<PathBuf>,
    /// Files that are read by settings of their own, each written as this table is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Lyrics>,
    /// The column of the lyrics. Without it: the first of lyrics, text, lyric that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The column of the label. Without it: the first of label, genre, category, class, mood that is there; none is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The column that names the track. Without it: the first of filename, track_id, id, file, path that is there, else the
    /// number of the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The column of the title. Without it: title, if there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The column of the artist, whose songs stay on one side of a split. Without it: the first of artist, group, vocal,
    /// singer that is there, else each row is alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artist: Option<String>,
    /// The column of the language, or one code for all rows, such as `en` or `bn`. Without it: language or lang if there,
    /// else the script of the words tells it: `en` for Latin, `bn` for Bengali, `mixed` for both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What stands between the cells of a table. Without it: a comma, semicolon, tab or bar, as the first row has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// What stands around cells with delimiters or line ends in them. Without it: `"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<char>,
    /// Names of the columns of a table whose first row does not say them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// What to do if a file is not there: `fail`, or `synthesize` to use the built-in set in its place.
    pub when_missing: WhenMissing,
}

impl Lyrics {
    /// The body of the table.
    pub const EXAMPLE: &str = "paths = [\"data/raw/english_lyrics.csv\", \"data/raw/bangla_lyrics.csv\"]";

    /// See [`Source::given_mut`](super::Source::given_mut).
    pub(super) fn given_mut(&mut self) -> Given<'_> {
        let mut given = Given { paths: Vec::new(), missing: vec![&mut self.when_missing] };
        given.paths.extend(self.path.iter_mut().chain(&mut self.paths));
        for part in self.parts.iter_mut().map(Lyrics::given_mut) {
            given.paths.extend(part.paths);
            given.missing.extend(part.missing);
        }
        given
    }
}

impl Dataset for Lyrics {
    fn root(&self) -> Option<&Path> {
        let base = self.base();
        Some(if base.as_os_str().is_empty() { Path::new(".") } else { base })
    }

    fn is_there(&self) -> bool {
        let sources = self.sources();
        let there = sources.iter().filter(|source| source.path.exists()).count();
        there == sources.len() || there > 0 && sources[0].is_usual
    }

    fn wanted(&self) -> PathBuf {
        let missing = self.sources().into_iter().find(|source| !source.path.exists());
        missing.map_or_else(PathBuf::new, |source| source.path.to_owned())
    }

    fn when_missing(&self) -> WhenMissing {
        let parts = self.parts.iter().map(Lyrics::when_missing);
        parts.chain([self.when_missing]).find(|when| *when != WhenMissing::Fail).unwrap_or_default()
    }

    fn gives(&self) -> Vec<Gives> {
        vec![Gives::Lyrics]
    }

    fn files(&self) -> Result<Vec<String>, DatasetError> {
        self.listed(Some(self.base()))
    }

    fn load(&self, files: &[InputFile], read: &Read) -> Result<Corpus, Failure> {
        self.entries(Some(self.base()), files, read, &[]).map(corpus::of)
    }
}

#[cfg(test)]
mod tests;
