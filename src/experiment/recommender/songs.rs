//! The songs of a run: rows of `latents.npy` with their names from `tracks.csv`.

use super::RecommendError;
use crate::artifact::{Song, StoreError, read_npy};
use crate::engine::Failure;
use crate::experiment::trained::Trained;
use ndarray::Array2;
use serde::Deserialize;
use std::fs;
use std::path::Path;

const LATENTS: &str = "artifacts/latents.npy";
const TRACKS: &str = "artifacts/tracks.csv";

#[derive(Deserialize)]
struct Line {
    id: String,
    path: String,
    label: String,
    group: String,
}

/// The tracks that a run was run on, and their latents, `[songs, dims]`.
pub fn of_run(trained: &Trained) -> Result<(Vec<Song>, Array2<f32>), Failure> {
    let file = |name: &str| trained.folder().join(name);
    let damaged = |name: &str, reason: String| Failure::data(RecommendError::Damaged { file: file(name), reason });
    let read = |name: &str| fs::read(file(name)).map_err(|error| damaged(name, error.to_string()));
    let latents: Array2<f32> = read_npy(&read(LATENTS)?).map_err(|error| damaged(LATENTS, error.to_string()))?;
    let root = trained.experiment().dataset.folder();
    let table = read(TRACKS)?;
    let mut lines = csv::Reader::from_reader(table.as_slice());
    let songs: Result<Vec<Song>, csv::Error> =
        lines.deserialize().map(|line| line.map(|line: Line| song(line, root))).collect();
    let songs = songs.map_err(|error| damaged(TRACKS, error.to_string()))?;
    if songs.len() != latents.nrows() {
        return Err(damaged(TRACKS, format!("it has {} rows, {LATENTS} has {}", songs.len(), latents.nrows())));
    }
    Ok((songs, latents))
}

/// Paths in the table start where the dataset lies.
fn song(line: Line, root: Option<&Path>) -> Song {
    let path = unquoted(line.path);
    let path = match root {
        Some(root) if !path.is_empty() => root.join(path).to_string_lossy().into_owned(),
        _ => path,
    };
    let (id, label, group) = (unquoted(line.id), unquoted(line.label), unquoted(line.group));
    Song { id, path, label: Some(label).filter(|label| !label.is_empty()), group }
}

/// Tables have a quote before what a spreadsheet would take for a formula.
fn unquoted(text: String) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => rest.to_owned(),
        _ => text,
    }
}

/// The rows of songs that `query` names: by id, by path as it is written, or because both lead to one file.
pub fn rows_of(songs: &[Song], query: &Path) -> Vec<usize> {
    let text = query.to_string_lossy();
    let file = query.canonicalize().ok();
    let same_file = |path: &str| {
        // Asking the file system is slow: only where the names are equal.
        let path = Path::new(path);
        path.file_name() == query.file_name() && file.is_some() && path.canonicalize().ok() == file
    };
    let named =
        |song: &Song| song.id == text || (!song.path.is_empty() && (song.path == text || same_file(&song.path)));
    (0..songs.len()).filter(|row| named(&songs[*row])).collect()
}

/// A store that cannot be used is the user's to choose another; trouble of the machine is not.
pub fn refused(error: StoreError) -> Failure {
    match error {
        StoreError::Io { .. } => Failure::from(error),
        StoreError::Damaged { .. } => Failure::data(error),
        _ => Failure::experiment(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_song_is_known_by_id_and_by_path() {
        let song = |id: &str, path: &str| Song { id: id.into(), path: path.into(), label: None, group: id.into() };
        let songs = [song("a", ""), song("b", "wav/b.wav"), song("Cargo", "./Cargo.toml")];
        let rows = |query: &str| rows_of(&songs, Path::new(query));
        assert_eq!((rows("a"), rows("wav/b.wav"), rows("Cargo.toml")), (vec![0], vec![1], vec![2]));
        assert!(rows("c.wav").is_empty() && rows("").is_empty());
    }

    #[test]
    fn lines_of_the_table_become_songs() {
        let line = |path: &str, label: &str| Line {
            id: "'=x".into(),
            path: path.into(),
            label: label.into(),
            group: "it's".into(),
        };
        let told = song(line("jazz/1.wav", "jazz"), Some(Path::new("data")));
        assert_eq!((told.id.as_str(), told.path.as_str(), told.group.as_str()), ("=x", "data/jazz/1.wav", "it's"));
        assert_eq!(
            song(line("", ""), Some(Path::new("data"))),
            Song { id: "=x".into(), path: String::new(), label: None, group: "it's".into() }
        );
    }
}
