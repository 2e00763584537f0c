//! Songs that sound alike: a query is embedded by a trained model and looked for among embedded songs.

mod filters;
mod graph;
mod songs;

use super::load::LoadError;
use super::trained::Trained;
use crate::artifact::{Song, Store};
use crate::engine::Failure;
use crate::stats::search::{Directions, Hit, top};
use filters::Allowed;
use ndarray::Array2;
use serde::Serialize;
use std::path::{Path, PathBuf};

pub use filters::Filters;
pub use graph::Recall;
pub(super) use songs::{of_run, refused};

/// A trained model and the songs that it knows.
///
/// ```
/// use runner::Recommender;
/// use runner::experiment::LoadError;
/// use std::path::Path;
///
/// fn tell(run: &Path, song: &Path) -> Result<usize, LoadError> {
///     let songs = Recommender::open(run)?.recommend(song, 3)?;
///     for (path, similarity) in &songs {
///         println!("{similarity:.4} {}", path.display());
///     }
///     Ok(songs.len())
/// }
/// # let folder = std::env::temp_dir().join(format!("runner-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # std::env::set_current_dir(&folder).unwrap();
/// # std::fs::write("tiny.toml", "name = \"tiny\"\n[dataset.folder]\nroot = \"wav\"\n[features.audio.mfcc]\nn_mfcc = 4\n[model.vae]\nlatent_dim = 2\nbackbone.mlp = { hidden = [4] }\n[train]\nsteps = 2\nbatch = 4").unwrap();
/// # let settings = ["tracks_per_genre=4".to_owned(), "seconds=1.0".to_owned()];
/// # runner::experiment::write_synth("wav".as_ref(), &settings, &|_, _| {}).unwrap();
/// # let setup = runner::experiment::Setup { runs: "runs".into(), cache: "cache".into(), device: Default::default() };
/// # let study = runner::experiment::Study::new(runner::experiment::members(&["tiny.toml".into()], &[]).unwrap(), &setup).unwrap();
/// # study.run(&Default::default(), &runner::engine::Silent, &|_| {}).unwrap();
/// # let song = std::fs::read_dir("wav/jazz").unwrap().next().unwrap().unwrap().path();
/// # assert_eq!(tell("runs/latest".as_ref(), &song).unwrap(), 3);
/// # std::env::set_current_dir(std::env::temp_dir()).unwrap();
/// # std::fs::remove_dir_all(&folder).unwrap();
/// ```
pub struct Recommender {
    trained: Trained,
    songs: Vec<Song>,
    rows: Directions,
    graph: Option<graph::Graph>,
}

/// A song that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recommendation {
    /// From 1 on.
    pub rank: usize,
    /// Where its sound is; its id where that is not known.
    pub path: String,
    /// Its cosine with the query, in [-1, 1].
    pub similarity: f64,
    /// Its name in the store.
    pub id: String,
    /// Its genre, if known.
    pub label: Option<String>,
    /// Its artist, else itself.
    pub artist: String,
}

/// Nothing can be recommended.
#[derive(Debug, thiserror::Error)]
pub enum RecommendError {
    /// The query cannot be used as sound.
    #[error("{path} cannot be used as a query: {reason}")]
    Query {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is neither such a file nor such a song.
    #[error("{name} is no file and no song of the store: give a sound file, or an id of the {songs} songs{nearest}")]
    NoSuchSong {
        /// What was asked for.
        name: String,
        /// How many songs there are.
        songs: usize,
        /// ` such as X`, if there is one.
        nearest: String,
    },
    /// A table of the run is not what a run writes.
    #[error("{} cannot be used ({reason}): run the experiment again, what is cached is not computed twice", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Filters name a genre or an artist that no song has.
    #[error("no song has the {what} {name:?}{nearest}")]
    Unknown {
        /// `genre` or `artist`.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// `: did you mean X?`, or nothing.
        nearest: String,
    },
    /// No query was given.
    #[error("a recommendation needs at least one song: give a sound file")]
    NoQuery,
}

impl Recommender {
    /// The model of the run folder `run`, and the tracks that it was run on.
    ///
    /// # Errors
    /// It is no finished run, has no model, or a file of it is damaged.
    pub fn open(run: &Path) -> Result<Recommender, LoadError> {
        let trained = Trained::open(run)?;
        let (songs, vectors) = songs::of_run(&trained)?;
        Ok(Recommender { trained, songs, rows: Directions::of(vectors.view()), graph: None })
    }

    /// The model of `run`, and the songs of the store in `store`, which the same model must have made.
    ///
    /// # Errors
    /// As [`Recommender::open`]; the store is damaged or another model's.
    pub fn with_store(run: &Path, store: &Path) -> Result<Recommender, LoadError> {
        let trained = Trained::open(run)?;
        let Store { songs, vectors, .. } = Store::open(store, trained.digest()?).map_err(songs::refused)?;
        Ok(Recommender { trained, songs, rows: Directions::of(vectors.view()), graph: None })
    }

    /// Searches through a graph from now on (HNSW), which is broad enough to find the share `wanted` of the truly nearest; tells
    /// what it finds. Building takes as long as thousands of exact searches: for processes that answer more.
    pub fn approximate(&mut self, wanted: f64) -> Recall {
        let (graph, recall) = graph::Graph::over(&self.rows, wanted);
        self.graph = Some(graph);
        recall
    }

    /// The songs, in the order in which they were embedded.
    pub fn songs(&self) -> &[Song] {
        &self.songs
    }

    /// The `k` songs most like the sound file `path` and their similarities, best first; the query itself is left out.
    ///
    /// # Errors
    /// The file is not there or is no sound.
    pub fn recommend(&self, path: &Path, k: usize) -> Result<Vec<(PathBuf, f64)>, Failure> {
        let found = self.search(&[path.to_owned()], k, &Filters::default())?;
        Ok(found.into_iter().map(|found| (found.path.into(), found.similarity)).collect())
    }

    /// The `k` songs that `filters` allow which are most like all of `queries`: sound files, or ids of songs that are known.
    /// Several queries stand for the mean of their directions. Equally similar songs come in the order of the store.
    ///
    /// # Errors
    /// A query is neither a sound file nor a known song; a filter names what no song has.
    pub fn search(&self, queries: &[PathBuf], k: usize, filters: &Filters) -> Result<Vec<Recommendation>, Failure> {
        let known: Vec<Vec<usize>> = queries.iter().map(|query| songs::rows_of(&self.songs, query)).collect();
        let allowed = Allowed::of(filters, &self.songs, &known.concat()).map_err(Failure::experiment)?;
        let query = self.direction(queries, &known)?;
        let hits = match &self.graph {
            Some(graph) => graph.top(&query, k, |row| allowed.row(row)),
            None => top(&self.rows, &query, k, |row| allowed.row(row)),
        };
        Ok(hits.iter().enumerate().map(|(at, hit)| self.told(at + 1, hit)).collect())
    }

    fn direction(&self, queries: &[PathBuf], known: &[Vec<usize>]) -> Result<Vec<f32>, Failure> {
        let mut values = Vec::new();
        let mut files = Vec::new();
        for (query, rows) in queries.iter().zip(known) {
            match rows.first() {
                _ if query.is_file() => files.push(query.clone()),
                Some(row) => values.extend_from_slice(self.rows.row(*row)),
                None => return Err(Failure::data(self.no_such_song(query))),
            }
        }
        if !files.is_empty() {
            values.extend_from_slice(Directions::of(points(&self.trained, &files)?.view()).values());
        }
        let dims = values.len().checked_div(queries.len()).unwrap_or(0);
        match queries.len() {
            0 => Err(Failure::experiment(RecommendError::NoQuery)),
            1 => Ok(values),
            _ => Ok(Directions::of_units(values, dims).mean()),
        }
    }

    fn no_such_song(&self, query: &Path) -> RecommendError {
        let nearest = self.songs.first().map_or_else(String::new, |song| format!(" such as {}", song.id));
        RecommendError::NoSuchSong { name: query.display().to_string(), songs: self.songs.len(), nearest }
    }

    fn told(&self, rank: usize, hit: &Hit) -> Recommendation {
        let Song { id, path, label, group } = self.songs[hit.row as usize].clone();
        let path = if path.is_empty() { id.clone() } else { path };
        Recommendation { rank, path, similarity: hit.similarity, id, label, artist: group }
    }
}

/// A row a file, `[files, dims]`. A file that is no sound is an error: it is what was asked for.
fn points(trained: &Trained, files: &[PathBuf]) -> Result<Array2<f32>, Failure> {
    let table = trained.hear(files)?;
    if let Some(skipped) = table.skipped.first() {
        let (path, reason) = (skipped.path.clone(), skipped.reason.clone());
        return Err(Failure::data(RecommendError::Query { path, reason }));
    }
    Ok(trained.embed(&table)?.values.mapv(|value| value as f32))
}
