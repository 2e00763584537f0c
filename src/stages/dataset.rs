//! The dataset room: files, tables or a seed become a [`Corpus`].

pub mod features;
pub mod fma;
pub mod folder;
pub mod lyrics;
pub mod musixmatch;
pub mod paired;
pub mod spectrograms;
pub mod synth;

mod conventions;
mod error;
mod facts;
mod label_map;
mod labelled;
mod listing;
mod names;
mod sheet;

pub use error::DatasetError;

use crate::artifact::Corpus;
use crate::engine::inputs::{InputFile, hash_inputs, read_input};
use crate::engine::{Ctx, Failure, Key, Stage, Version};
use crate::kinds;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A source of tracks.
pub trait Dataset {
    /// The folder below which its files lie; None if it reads nothing.
    fn root(&self) -> Option<&Path> {
        None
    }

    /// Whether what it reads is there.
    fn is_there(&self) -> bool {
        self.root().is_none_or(Path::exists)
    }

    /// What is named as missing where it is not there.
    fn wanted(&self) -> PathBuf {
        self.root().unwrap_or(Path::new("")).to_owned()
    }

    /// Whether an absent root may be stood in for.
    fn when_missing(&self) -> WhenMissing {
        WhenMissing::Fail
    }

    /// What its tracks are made of, the usual first.
    fn gives(&self) -> Vec<Gives> {
        vec![Gives::Sound]
    }

    /// Paths below the root of every file that counts, with `/`: tables first, then the others, sorted.
    fn files(&self) -> Result<Vec<String>, DatasetError> {
        Ok(Vec::new())
    }

    /// The corpus of `files`; `read` gives the bytes of one, verified.
    fn load(&self, files: &[InputFile], read: &Read) -> Result<Corpus, Failure>;

    /// Raised when the corpus of the same files changes.
    fn version(&self) -> u32 {
        1
    }
}

/// Reads one of the files a dataset asked for.
pub type Read<'a> = dyn Fn(&InputFile) -> Result<Vec<u8>, Failure> + 'a;

/// What features can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Audio: all kinds of `features.audio`.
    Sound,
    /// Columns of numbers: `features.table`.
    Table,
    /// Spectrograms made elsewhere.
    Maps,
    /// Lyrics as text: [`Track::lyrics`](crate::artifact::Track::lyrics), None where a track has none.
    Lyrics,
    /// Words counted elsewhere: [`Corpus::bags`].
    Words,
}

/// What the user gave that is not of the data: paths, and what to do where nothing is there.
pub struct Given<'a> {
    /// Where the data lies.
    pub paths: Vec<&'a mut PathBuf>,
    /// Whether it may be stood in for.
    pub missing: Vec<&'a mut WhenMissing>,
}

/// What to do where the data is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenMissing {
    /// Stop and say where it should be (exit 3).
    #[default]
    Fail,
    /// Use the built-in synthetic set in its place, and say so loudly everywhere.
    Synthesize,
}

kinds! {
    /// Where the tracks come from.
    pub enum Source: dyn Dataset {
        "folder" => Folder(folder::Folder), "A folder of audio: one sub-folder a label (GTZAN's own layout), or files side by side with a table of labels or none."
        "fma" => Fma(fma::Fma), "The Free Music Archive set as it is unzipped: fma_metadata/tracks.csv with clips in fma_small, fma_medium or fma_large, or its 518 statistics; artists kept together, faulty clips known."
        "features" => Features(features::Features), "A table of features made elsewhere: GTZAN's features_30_sec.csv and its variants, or an .npy with a tracks.csv beside it."
        "lyrics" => Lyrics(lyrics::Lyrics), "Lyrics without sound: tables, a JSON map or folders of text files, in English, Bangla or both; labels where there are any."
        "musixmatch" => Musixmatch(musixmatch::Musixmatch), "Lyrics as counts of words, as the musiXmatch dataset of the Million Song Dataset has them, with a table of labels or none."
        "paired" => Paired(paired::Paired), "Sound and lyrics of the same tracks, joined by a key: file name, id, or a table of pairs."
        "spectrograms" => Spectrograms(spectrograms::Spectrograms), "A folder of spectrograms made elsewhere, one .npy a track, labelled by sub-folder or by a table."
        "synth" => Synth(synth::Synth), "The built-in synthetic set: ten genres of procedural music with lyrics, known factors, nothing to download."
    }
}

impl Default for Source {
    fn default() -> Source {
        Source::Synth(synth::Synth::default())
    }
}

impl Source {
    /// The paths that the user gave, and what to do if there is nothing: for those who read the command line.
    pub fn given_mut(&mut self) -> Given<'_> {
        match self {
            Source::Folder(kind) => kind.given_mut(),
            Source::Fma(kind) => kind.given_mut(),
            Source::Features(kind) => kind.given_mut(),
            Source::Lyrics(kind) => kind.given_mut(),
            Source::Musixmatch(kind) => kind.given_mut(),
            Source::Paired(kind) => kind.given_mut(),
            Source::Spectrograms(kind) => kind.given_mut(),
            Source::Synth(_) => Given { paths: Vec::new(), missing: Vec::new() },
        }
    }
}

/// What a look at the file system gave: which files there are, by content.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The source; the synthetic set where the data was missing and might be stood in for.
    pub source: Source,
    /// The root that was missing.
    pub stands_in_for: Option<PathBuf>,
    root: PathBuf,
    files: Vec<InputFile>,
}

impl Survey {
    /// Whether every track's generative factors are known and were drawn apart from each other.
    pub fn has_independent_factors(&self) -> bool {
        matches!(&self.source, Source::Synth(synth) if synth.mode == synth::Mode::Independent)
    }
}

impl Source {
    /// The same source, with whatever lyrics are missing: for a look at which they are.
    pub fn as_it_is(mut self) -> Source {
        if let Source::Paired(paired) = &mut self {
            paired.missing = paired::Missing::Allow;
        }
        self
    }

    /// Where its files lie, if it has any.
    pub fn folder(&self) -> Option<&Path> {
        self.root()
    }

    /// Looks at the file system and hashes every input file; `cache_root` keeps a memo of the hashes.
    pub fn survey(&self, cache_root: &Path) -> Result<Survey, Failure> {
        let Some(root) = self.root() else { return Ok(Survey::of(self.clone())) };
        match (self.is_there(), self.when_missing()) {
            (true, _) => self.survey_files(root, cache_root),
            (false, WhenMissing::Fail) => Err(Failure::data(DatasetError::Missing { root: self.wanted() })),
            (false, WhenMissing::Synthesize) => {
                Ok(Survey { stands_in_for: Some(self.wanted()), ..Survey::of(Source::default()) })
            }
        }
    }

    fn survey_files(&self, root: &Path, cache_root: &Path) -> Result<Survey, Failure> {
        let paths = self.files().map_err(Failure::data)?;
        let files = hash_inputs(root, &paths, cache_root)?;
        Ok(Survey { root: root.to_owned(), files, ..Survey::of(self.clone()) })
    }
}

impl Survey {
    fn of(source: Source) -> Survey {
        Survey { source, stands_in_for: None, root: PathBuf::new(), files: Vec::new() }
    }

    /// Where relative paths of audio start.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The stage that loads what was seen.
    pub fn load(self) -> Load {
        let counted: Vec<InputFile> = self.files.iter().map(by_name).collect();
        let listing = Key::of(&serde_json::json!(counted));
        Load { settings: counting(&self.source), files: self.files.len(), listing, survey: self }
    }
}

/// A file that lies elsewhere counts by its name: where it lies is the machine's business. Folders of texts say labels.
fn by_name(file: &InputFile) -> InputFile {
    let elsewhere = Path::new(&file.path).is_absolute() && !file.path.ends_with(".txt");
    let name = file.path.rsplit('/').next().filter(|_| elsewhere).unwrap_or(&file.path);
    InputFile { path: name.to_owned(), ..file.clone() }
}

/// The settings that count: paths do not, the content of the files below them does.
fn counting(source: &Source) -> serde_json::Value {
    let mut settings = serde_json::to_value(source).unwrap_or_default();
    drop_paths(&mut settings);
    settings
}

fn drop_paths(settings: &mut serde_json::Value) {
    match settings {
        serde_json::Value::Object(fields) => {
            ["root", "path", "paths", "labels", "map", "when_missing"]
                .iter()
                .for_each(|field| drop(fields.remove(*field)));
            fields.values_mut().for_each(drop_paths);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(drop_paths),
        _ => {}
    }
}

/// () → [`Corpus`].
#[derive(Serialize)]
pub struct Load {
    settings: serde_json::Value,
    files: usize,
    listing: Key,
    #[serde(skip)]
    survey: Survey,
}

impl Stage for Load {
    type Output = Corpus;
    const NAME: &'static str = "dataset";

    fn version(&self) -> Version {
        Version { room: 1, kind: self.survey.source.version() }
    }

    fn title(&self) -> String {
        format!("dataset {}", self.survey.source.name())
    }

    fn run(&self, _ctx: &Ctx) -> Result<Corpus, Failure> {
        let survey = &self.survey;
        survey.source.load(&survey.files, &|file| read_input(&survey.root, file))
    }
}
