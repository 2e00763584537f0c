//! A look at an experiment's data before anything is computed: what is there, what is not, and which tracks have no lyrics.

use super::export::only_one;
use super::load::{LoadError, members};
use crate::artifact::{Audio, Corpus, Skipped, Track};
use crate::engine::cache::random_name;
use crate::engine::{self, BoxError, Cache, Failure, FailureKind, Goal, Plan, Walk, WalkOptions, Watcher};
use crate::stages::dataset::Gives;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What the data holds.
#[derive(Clone, Debug, Serialize)]
pub struct DataReport {
    /// The kind of dataset.
    pub kind: &'static str,
    /// Tracks that can be used.
    pub tracks: usize,
    /// Tracks in all.
    pub total: usize,
    /// Files and rows that cannot be used, and why.
    pub skipped: Vec<Skipped>,
    /// Files and rows that the settings leave out, and why.
    pub left_out: Vec<Skipped>,
    /// Artists, or tracks where none is known.
    pub groups: usize,
    /// Tracks of each label; none where there are no labels.
    pub labels: BTreeMap<String, Coverage>,
    /// Lyrics; none where the dataset has no place for them.
    pub lyrics: Option<LyricsReport>,
    /// What else the user should know.
    pub warnings: Vec<String>,
    /// The missing data that the built-in synthetic set stood in for.
    pub synthetic_in_place_of: Option<PathBuf>,
    /// Tracks written to the table that is to be filled in.
    pub to_fill_in: Option<usize>,
}

/// Tracks with lyrics and without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// With lyrics, or a bag of words.
    pub with: usize,
    /// Without.
    pub without: usize,
}

/// Which tracks have lyrics.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LyricsReport {
    /// All tracks.
    #[serde(flatten)]
    pub all: Coverage,
    /// Tracks with lyrics of each language; `?` where none is known.
    pub languages: BTreeMap<String, usize>,
}

/// Looks at the dataset of `file` under `assignments`. Tracks without lyrics are written to `fill_in`, a table with columns
/// id, path, title, artist, language and lyrics that `[dataset.lyrics]` reads.
///
/// # Errors
/// A wrong experiment, wrong or missing data, a table that is there already.
pub fn check_data(
    file: &Path,
    assignments: &[String],
    fill_in: Option<&Path>,
    cache: &Path,
    watcher: &dyn Watcher,
) -> Result<DataReport, LoadError> {
    let member = only_one(members(&[file.to_owned()], assignments)?)?;
    let survey = member.experiment.dataset.clone().as_it_is().survey(cache)?;
    let (kind, stands_in_for) = (survey.source.name(), survey.stands_in_for.clone());
    let has_words = survey.source.gives().iter().any(|gives| matches!(gives, Gives::Lyrics | Gives::Words));
    let corpus = corpus(survey.load(), cache, watcher)?;
    let to_fill_in = fill_in.map(|path| write(path, &corpus)).transpose()?;
    let lyrics = has_words.then(|| coverage(&corpus));
    Ok(DataReport { kind, synthetic_in_place_of: stands_in_for, lyrics, to_fill_in, ..report(&corpus) })
}

fn corpus(
    load: impl engine::Stage<Output = Corpus> + 'static,
    cache: &Path,
    watcher: &dyn Watcher,
) -> Result<Arc<Corpus>, Failure> {
    let mut plan = Plan::new();
    let handle = plan.add(load);
    let found = Mutex::new(None);
    let reached = |_, walk: &Walk| *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(walk.get(&handle));
    let goal = Goal { places: vec![plan.place(handle.key())] };
    let ends = engine::walk(&plan, &Cache::at(cache), watcher, &WalkOptions::default(), &[goal], &reached);
    for end in ends {
        if let engine::End::Failed { kind, message } = end {
            return Err(Failure::new(kind, message));
        }
    }
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.unwrap_or_else(|| Err(Failure::new(FailureKind::Stage, "nothing ran")))
}

/// Whether track `at` has words, as text or counted.
fn has_words(corpus: &Corpus, at: usize) -> bool {
    let is_bag = |bags: &crate::text::counts::Counts| at < bags.matrix.rows() && !bags.matrix.row(at).0.is_empty();
    corpus.tracks[at].lyrics.is_some() || corpus.bags.as_ref().is_some_and(is_bag)
}

fn report(corpus: &Corpus) -> DataReport {
    let mut labels = BTreeMap::<String, Coverage>::new();
    for at in 0..corpus.tracks.len() {
        if corpus.classes().is_some() {
            labels.entry(corpus.label_name(at as u32).to_owned()).or_default().count(has_words(corpus, at));
        }
    }
    DataReport {
        kind: "",
        tracks: corpus.tracks.len(),
        total: corpus.n_total(),
        skipped: corpus.skipped.clone(),
        left_out: corpus.left_out.clone(),
        groups: corpus.groups(),
        labels,
        lyrics: None,
        warnings: corpus.warnings.clone(),
        synthetic_in_place_of: None,
        to_fill_in: None,
    }
}

fn coverage(corpus: &Corpus) -> LyricsReport {
    let (mut all, mut languages) = (Coverage::default(), BTreeMap::new());
    for (at, track) in corpus.tracks.iter().enumerate() {
        let has_words = has_words(corpus, at);
        all.count(has_words);
        if has_words {
            *languages.entry(track.language.clone().unwrap_or_else(|| "?".to_owned())).or_default() += 1;
        }
    }
    LyricsReport { all, languages }
}

impl Coverage {
    fn count(&mut self, has_words: bool) {
        let side = if has_words { &mut self.with } else { &mut self.without };
        *side += 1;
    }
}

/// Writes the tracks without lyrics, whole or not at all; how many there are.
fn write(path: &Path, corpus: &Corpus) -> Result<usize, Failure> {
    if path.exists() {
        return Err(Failure::experiment(IsThere { path: path.to_owned() }));
    }
    let without: Vec<&Track> =
        corpus.tracks.iter().enumerate().filter(|(at, _)| !has_words(corpus, *at)).map(|(_, track)| track).collect();
    let text = table(&without).map_err(Failure::classify)?;
    let draft = path.with_file_name(format!(".fill-in-{}", random_name()));
    let written = fs::write(&draft, text).and_then(|()| fs::rename(&draft, path));
    written.inspect_err(|_| drop(fs::remove_file(&draft)))?;
    Ok(without.len())
}

/// There is a table already, and somebody may have filled it in.
#[derive(Debug, thiserror::Error)]
#[error("{} is there already and is not written over; name another file with --fill-in", path.display())]
struct IsThere {
    path: PathBuf,
}

fn table(tracks: &[&Track]) -> Result<Vec<u8>, BoxError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["id", "path", "title", "artist", "language", "lyrics"])?;
    for track in tracks {
        let known = |name: &str| track.metadata.get(name).map_or("", String::as_str);
        let path = track.audio.as_ref().and_then(Audio::path).unwrap_or("");
        let language = track.language.as_deref().unwrap_or("");
        table.write_record([&track.id, path, known("title"), known("artist"), language, ""])?;
    }
    Ok(table.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus() -> Corpus {
        let track = |id: &str, language: &str, lyrics: Option<&str>, label| Track {
            id: id.to_owned(),
            language: Some(language.to_owned()),
            lyrics: lyrics.map(str::to_owned),
            label,
            metadata: BTreeMap::from([("title".to_owned(), "A, \"b\"".to_owned())]),
            ..Track::default()
        };
        let tracks = vec![track("a", "en", Some("love"), Some(0)), track("b", "bn", None, Some(0))];
        Corpus { tracks, labels: vec!["rock".to_owned()], ..Corpus::default() }
    }

    #[test]
    fn lyrics_are_counted_by_language_and_label() {
        let found = coverage(&corpus());
        assert_eq!((found.all, found.languages["en"], found.languages.len()), (Coverage { with: 1, without: 1 }, 1, 1));
        assert_eq!(report(&corpus()).labels["rock"], Coverage { with: 1, without: 1 });
    }

    #[test]
    fn the_table_to_fill_in_has_the_tracks_without_lyrics_and_is_never_written_over() {
        let path = std::env::temp_dir().join(format!("fill-in-{}.csv", random_name()));
        assert_eq!(write(&path, &corpus()).unwrap(), 1);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "id,path,title,artist,language,lyrics\nb,,\"A, \"\"b\"\"\",,bn,\n");
        assert!(write(&path, &corpus()).unwrap_err().to_string().contains("already"));
        fs::remove_file(path).unwrap();
    }
}
