//! Putting sound files into a store, some at a time, and taking songs out of it.

use super::load::LoadError;
use super::recommender::{of_run, refused};
use super::trained::Trained;
use crate::artifact::{Skipped, Song, Store};
use crate::engine::Failure;
use crate::stages::dataset::folder::audio_files;
use ndarray::Array2;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

/// After so long the store is written though more is to come: a crash costs no more.
const EVERY: Duration = Duration::from_secs(30);

/// What is known of the songs that are added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Their genre.
    pub label: Option<String>,
    /// Their genre is the name of the folder that each lies in.
    pub label_of_folder: bool,
    /// Their artist; without it each is its own.
    pub artist: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Embedded {
    /// Songs that were embedded.
    pub added: usize,
    /// How many of them took the place of an older one.
    pub replaced: usize,
    /// Files that cannot be used, and why.
    pub skipped: Vec<Skipped>,
    /// Songs in the store now.
    pub songs: usize,
    /// Values of a song.
    pub dims: usize,
}

/// Songs that cannot be heard again. Nothing that is stored is thrown away for that.
#[derive(Debug, thiserror::Error)]
#[error("{count} songs of {} cannot be heard again (first: {first}, {reason}), so nothing was changed: put the files back, go to the folder that their paths start from, or take the songs out with --remove", store.display())]
struct Lost {
    store: PathBuf,
    count: usize,
    first: String,
    reason: String,
}

/// The sound files among `given`: files as they are, those below folders in order of name. Each once, `./a` as `a`.
///
/// # Errors
/// A folder cannot be read, or holds no sound.
pub fn sound_files(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let (mut files, mut seen) = (Vec::new(), BTreeSet::new());
    for path in given {
        let found = match path.is_dir() {
            true => audio_files(path).map_err(Failure::data)?.iter().map(|below| path.join(below)).collect(),
            false => vec![path.clone()],
        };
        let here = |part: &Component| *part == Component::CurDir;
        let found = found.into_iter().map(|file| file.components().filter(|part| !here(part)).collect::<PathBuf>());
        files.extend(found.filter(|file| seen.insert(file.clone())));
    }
    Ok(files)
}

/// Embeds `files` with the model of `run`, `batch` at a time, and adds them to the store in `out`, which is made if there is
/// none; a song is named by its path as it was given. `progress(done, of)` is told each batch; where it says false, the
/// store is written with what is done.
///
/// # Errors
/// The run has no model that hears sound; the store is damaged or another model's; a file is not there.
pub fn embed_files(
    run: &Path,
    files: &[PathBuf],
    facts: &Facts,
    out: &Path,
    batch: usize,
    progress: &dyn Fn(usize, usize) -> bool,
) -> Result<Embedded, LoadError> {
    let trained = Trained::open(run)?;
    let model = trained.digest()?;
    let (mut told, mut waiting, mut due) = (Embedded::default(), Batch::default(), Instant::now() + EVERY);
    for (at, paths) in files.chunks(batch.max(1)).enumerate() {
        waiting.embed(&trained, paths, facts)?;
        let done = (at * batch.max(1) + paths.len()).min(files.len());
        let go_on = progress(done, files.len());
        if !go_on || done == files.len() || Instant::now() > due {
            waiting.publish(out, model, &mut told)?;
            due = Instant::now() + EVERY;
        }
        if !go_on {
            break;
        }
    }
    Ok(told)
}

/// Adds the tracks that `run` was run on to the store in `out`.
///
/// # Errors
/// As [`embed_files`].
pub fn embed_own(run: &Path, out: &Path) -> Result<Embedded, LoadError> {
    let trained = Trained::open(run)?;
    let (songs, vectors) = of_run(&trained)?;
    let mut told = Embedded::default();
    Batch { songs, vectors: Some(vectors), skipped: Vec::new() }.publish(out, trained.digest()?, &mut told)?;
    Ok(told)
}

/// Puts all songs of the store in `out`, whatever model made it, through the model of `run`, which the store is of from then
/// on; until all are done it stays as it is.
///
/// # Errors
/// There is no store, it is damaged, or one of its songs cannot be heard: then it stays as it is.
pub fn embed_again(
    run: &Path,
    out: &Path,
    batch: usize,
    progress: &dyn Fn(usize, usize) -> bool,
) -> Result<Embedded, LoadError> {
    let trained = Trained::open(run)?;
    let known = Store::songs_in(out).map_err(refused)?;
    let gone = known.iter().filter(|song| !Path::new(&song.path).is_file());
    let gone = gone.map(|song| Skipped { path: song.id.clone(), reason: "its file is not there".to_owned() });
    all_heard(out, &gone.collect::<Vec<_>>())?;
    let mut done = Batch::default();
    for (at, songs) in known.chunks(batch.max(1)).enumerate() {
        let paths: Vec<PathBuf> = songs.iter().map(|song| PathBuf::from(&song.path)).collect();
        done.hear(&trained, &paths, |track| songs[track].clone())?;
        if !progress(at * batch.max(1) + songs.len(), known.len()) {
            return Ok(Embedded::default());
        }
    }
    let Batch { songs, vectors, skipped } = done;
    all_heard(out, &skipped)?;
    let mut told = Embedded::default();
    if let Some(vectors) = vectors {
        (told.added, told.replaced, told.songs, told.dims) = (songs.len(), songs.len(), songs.len(), vectors.ncols());
        Store { model: trained.digest()?, songs, vectors }.replace(out).map_err(refused)?;
    }
    Ok(told)
}

fn all_heard(store: &Path, lost: &[Skipped]) -> Result<(), Failure> {
    let Some(Skipped { path, reason }) = lost.first() else { return Ok(()) };
    let (store, count, first, reason) = (store.to_owned(), lost.len(), path.clone(), reason.clone());
    Err(Failure::data(Lost { store, count, first, reason }))
}

/// Takes the songs with these ids out of the store in `out`; gives those that it does not have, and how many songs are left.
///
/// # Errors
/// The store is not there, damaged, or another model's.
pub fn remove_songs(run: &Path, ids: &[String], out: &Path) -> Result<(Vec<String>, usize), LoadError> {
    let model = Trained::open(run)?.digest()?;
    Store::open(out, model).map_err(refused)?;
    let remove = |store: &mut Store| {
        let unknown = store.remove(ids).into_iter().map(str::to_owned).collect();
        Ok((unknown, store.songs.len()))
    };
    Ok(Store::change(out, model, remove).map_err(refused)?)
}

/// Songs that are embedded and not yet in the store.
#[derive(Default)]
struct Batch {
    songs: Vec<Song>,
    vectors: Option<Array2<f32>>,
    skipped: Vec<Skipped>,
}

impl Batch {
    fn embed(&mut self, trained: &Trained, paths: &[PathBuf], facts: &Facts) -> Result<(), Failure> {
        self.hear(trained, paths, |track| song(&paths[track], facts))
    }

    /// `named` gives the song of a path by its place.
    fn hear(&mut self, trained: &Trained, paths: &[PathBuf], named: impl Fn(usize) -> Song) -> Result<(), Failure> {
        let table = trained.hear(paths)?;
        self.skipped.extend(table.skipped.iter().cloned());
        if table.rows() == 0 {
            return Ok(());
        }
        let latents = trained.embed(&table)?;
        self.songs.extend(latents.tracks.iter().map(|track| named(*track as usize)));
        let new = latents.values.mapv(|value| value as f32);
        self.vectors = Some(match self.vectors.take() {
            Some(old) => ndarray::concatenate(ndarray::Axis(0), &[old.view(), new.view()])?,
            None => new,
        });
        Ok(())
    }

    fn publish(&mut self, out: &Path, model: crate::engine::Key, told: &mut Embedded) -> Result<(), Failure> {
        let Batch { songs, vectors, skipped } = std::mem::take(self);
        told.skipped.extend(skipped);
        let Some(vectors) = vectors else { return Ok(()) };
        told.added += songs.len();
        let add = |store: &mut Store| {
            told.replaced += store.add(songs, &vectors);
            (told.songs, told.dims) = (store.songs.len(), store.vectors.ncols());
            Ok(())
        };
        Store::change(out, model, add).map_err(refused)
    }
}

fn song(path: &Path, facts: &Facts) -> Song {
    let folder = path.parent().and_then(Path::file_name).filter(|_| facts.label_of_folder);
    let label = facts.label.clone().or_else(|| folder.map(|name| name.to_string_lossy().into_owned()));
    let path = path.to_string_lossy().into_owned();
    let group = facts.artist.clone().unwrap_or_else(|| path.clone());
    Song { id: path.clone(), path, label, group }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_song_is_named_by_its_path_and_is_its_own_artist() {
        let facts = Facts { label: Some("jazz".to_owned()), ..Facts::default() };
        let told = song(Path::new("wav/a.wav"), &facts);
        assert_eq!((told.id.as_str(), told.group.as_str()), ("wav/a.wav", "wav/a.wav"));
        let of_folder = Facts { label_of_folder: true, ..Facts::default() };
        assert_eq!(song(Path::new("pop/a.wav"), &of_folder).label.as_deref(), Some("pop"));
        let facts = Facts { artist: Some("x".to_owned()), ..facts };
        assert_eq!(
            (song(Path::new("a"), &facts).group, song(Path::new("a"), &facts).label),
            ("x".into(), Some("jazz".into()))
        );
    }
}
