//! What is wrong with data, and what helps.

use super::sheet::TableError;
use crate::artifact::SpectrogramError;
use crate::text::TextError;
use std::path::PathBuf;

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
    Text { file: String, problem: TextError },
    #[error("none of the usual places holds lyrics ({places}); name the file or folder with dataset.lyrics.path")]
    NoLyrics { places: String },
    #[error("lyrics: path and paths are both given; name all files in paths and take path out")]
    PathAndPaths,
    #[error("part {part} of the lyrics names no file; give it a path, or take it out of parts")]
    PartWithoutPath { part: usize },
    #[error("{} holds no .txt files; expected one text file a song, or one sub-folder of them for each label", root.display())]
    NoTexts { root: PathBuf },
    #[error("{file} has no column of lyrics (text, lyrics, lyric); name it with text = \"...\"; there are {known}")]
    NoText { file: String, known: String },
    #[error(
        "{file} has no column that names the track, and lyrics row i is not audio row i; name it with id = \"...\"; there are {known}"
    )]
    NoKey { file: String, known: String },
    #[error(
        "{map} labels none of the {tracks} tracks: its rows name tracks such as {row}, and here they are called as {track} is; name another table of labels, or mend its names"
    )]
    NoneLabelled { map: String, tracks: usize, track: String, row: String },
    #[error("{name} = {given:?} cannot divide a table: one ASCII character does, and another than the quote")]
    Divider { name: &'static str, given: char },
    #[error(
        "the {side} have the key {key:?} more than once ({places}){more}; each key may stand once: mend them, or pair by another key"
    )]
    KeyTwice { side: &'static str, key: String, places: String, more: String },
    #[error("there is no {}; name the table of pairs with key = {{ map = \"pairs.csv\" }}", path.display())]
    NoPairs { path: PathBuf },
    #[error(
        "by key = {key} no track has lyrics: tracks{tracks}, lyrics{songs}; pair by another key, or mend the names"
    )]
    NonePaired { key: &'static str, tracks: String, songs: String },
    #[error(
        "audio and lyrics do not match: {without} of {tracks} tracks have no lyrics{tracks_shown}, {unused} of {rows} lyrics have no track{rows_shown}, and max_unmatched_share = {allowed} is allowed; mend the keys, raise it, or set missing = \"allow\" if lyrics are really missing (`runner data check FILE --fill-in missing.csv` writes the table of those)"
    )]
    Unpaired {
        without: usize,
        tracks: usize,
        tracks_shown: String,
        unused: usize,
        rows: usize,
        rows_shown: String,
        allowed: f64,
    },
    #[error("metadata names {name:?}, which tells the label; a network that sees it needs no music: take it out")]
    LabelAsMetadata { name: String },
    #[error("metadata names {name:?}, and neither side has such a column; there are {known}")]
    NoMetadataColumn { name: String, known: String },
    #[error(
        "metadata.numeric names {name:?}, and of track {track} it is {cell:?}; list it under metadata.categorical, or mend the cell"
    )]
    NotNumeric { name: String, track: String, cell: String },
    #[error("{file}: {problem}")]
    Spectrogram { file: String, problem: SpectrogramError },
}
