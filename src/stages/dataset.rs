//! The dataset room: files, tables or a seed become a [`Corpus`].

pub mod features;
pub mod fma;
pub mod folder;
pub mod spectrograms;
pub mod synth;

mod conventions;
mod facts;
mod label_map;
mod labelled;
mod listing;
mod sheet;

use crate::artifact::{Corpus, SpectrogramError};
use crate::engine::inputs::{InputFile, hash_inputs, read_input};
use crate::engine::{Ctx, Failure, Key, Stage, Version};
use crate::kinds;
use serde::{Deserialize, Serialize};
use sheet::TableError;
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

    /// What its tracks are made of.
    fn gives(&self) -> Gives {
        Gives::Sound
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

/// The data is wrong or missing.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages tell the fields")]
pub enum DatasetError {
    #[error("{} is not there: put the dataset there, name another place, or set when_missing = \"synthesize\" (`runner data list` tells where known datasets come from)", root.display())]
    Missing { root: PathBuf },
    #[error("cannot list {}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}: a file name that is no Unicode text; rename it", path.display())]
    Name { path: PathBuf },
    #[error("{} holds no audio files; expected one sub-folder of audio files for each label, or audio files side by side", root.display())]
    Empty { root: PathBuf },
    #[error("{} holds no .npy files; expected one sub-folder of spectrograms for each label, or .npy files side by side with labels = \"labels.csv\"", root.display())]
    NoArrays { root: PathBuf },
    #[error("{} holds no {path}; unzip fma_metadata.zip there (`runner data list` tells where it comes from)", root.display())]
    NoMetadata { root: PathBuf, path: String },
    #[error("{} holds no clips in {folders}; unzip fma_{subset}.zip there, or name another folder with audio = \"...\"", root.display())]
    NoClips { root: PathBuf, folders: String, subset: &'static str },
    #[error("there is no {}, neither below {} nor from the working directory; name the table of labels with labels = \"...\"", path.display(), root.display())]
    NoMap { path: PathBuf, root: PathBuf },
    #[error(
        "label names a column of a table of labels, and there is no such table; name it with labels = \"labels.csv\", or take label out"
    )]
    LabelWithoutMap,
    #[error(
        "{map} and the files do not match: no row for {files} files, no file for {rows} rows, and max_unmatched_share = {allowed} is allowed; rows name files by their path below the root, file name or stem: mend them, or raise max_unmatched_share"
    )]
    Unmatched { map: String, files: String, rows: String, allowed: f64 },
    #[error("{file}: {problem}")]
    Table { file: String, problem: TableError },
    #[error("{file}: {problem}")]
    Spectrogram { file: String, problem: SpectrogramError },
}

kinds! {
    /// Where the tracks come from.
    pub enum Source: dyn Dataset {
        "folder" => Folder(folder::Folder), "A folder of audio: one sub-folder a label (GTZAN's own layout), or files side by side with a table of labels or none."
        "fma" => Fma(fma::Fma), "The Free Music Archive set as it is unzipped: fma_metadata/tracks.csv with clips in fma_small, fma_medium or fma_large, or its 518 statistics; artists kept together, faulty clips known."
        "features" => Features(features::Features), "A table of features made elsewhere: GTZAN's features_30_sec.csv and its variants, or an .npy with a tracks.csv beside it."
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
    pub fn given_mut(&mut self) -> (Vec<&mut PathBuf>, Option<&mut WhenMissing>) {
        match self {
            Source::Folder(kind) => {
                (std::iter::once(&mut kind.root).chain(&mut kind.labels).collect(), Some(&mut kind.when_missing))
            }
            Source::Spectrograms(kind) => {
                (std::iter::once(&mut kind.root).chain(&mut kind.labels).collect(), Some(&mut kind.when_missing))
            }
            Source::Fma(kind) => (vec![&mut kind.root], Some(&mut kind.when_missing)),
            Source::Features(kind) => (vec![&mut kind.path], Some(&mut kind.when_missing)),
            Source::Synth(_) => (Vec::new(), None),
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
    /// Looks at the file system and hashes every input file; `cache_root` keeps a memo of the hashes.
    pub fn survey(&self, cache_root: &Path) -> Result<Survey, Failure> {
        let Some(root) = self.root() else { return Ok(Survey::of(self.clone())) };
        match (self.is_there(), self.when_missing()) {
            (true, _) => self.survey_files(root, cache_root),
            (false, WhenMissing::Fail) => Err(Failure::data(DatasetError::Missing { root: self.wanted() })),
            (false, WhenMissing::Synthesize) => {
                Ok(Survey { stands_in_for: Some(root.to_owned()), ..Survey::of(Source::default()) })
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
        let listing = Key::of(&serde_json::json!(self.files));
        Load { settings: counting(&self.source), files: self.files.len(), listing, survey: self }
    }
}

/// The settings that count: paths do not, the content of the files below them does.
fn counting(source: &Source) -> serde_json::Value {
    let mut settings = serde_json::to_value(source).unwrap_or_default();
    if let Some(kind) = settings.get_mut(source.name()).and_then(|kind| kind.as_object_mut()) {
        ["root", "path", "labels", "when_missing"].iter().for_each(|field| drop(kind.remove(*field)));
    }
    settings
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
