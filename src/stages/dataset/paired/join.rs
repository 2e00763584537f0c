//! Which song each track has. A key that stands twice on a side could mean two things, and is refused.

use super::{Key, Missing, Paired};
use crate::artifact::{Corpus, Skipped, Track};
use crate::engine::inputs::InputFile;
use crate::stages::dataset::DatasetError;
use crate::stages::dataset::conventions::track_of_segment;
use crate::stages::dataset::facts::numbered;
use crate::stages::dataset::lyrics::entry::{Entries, Entry};
use crate::stages::dataset::sheet::Sheet;
use std::collections::{BTreeMap, BTreeSet};

/// Examples in a message.
const SHOWN: usize = 3;

/// Tracks and their songs.
#[derive(Debug)]
pub(super) struct Pairs {
    /// For each track the place of its song.
    pub song_of: Vec<Option<usize>>,
    /// Rows of a table of pairs that name nothing.
    pub left_out: Vec<Skipped>,
}

/// Pairs by the names of both sides.
///
/// # Errors
/// Lyrics that nothing names; a name that stands twice on one side.
pub(super) fn by_key(key: &Key, corpus: &Corpus, entries: &mut Entries) -> Result<Pairs, DatasetError> {
    let track_keys: Vec<String> = corpus.tracks.iter().map(|track| key.of_track(track)).collect();
    let tracks = only("tracks", &track_keys, |track| corpus.tracks[track].id.clone())?;
    let mut song_keys = Vec::new();
    for song in &entries.songs {
        let [name, stem] = key.of_lyrics(named(song, entries)?);
        song_keys.push(if tracks.contains_key(&name) { name } else { stem });
    }
    fill_blanks(&mut entries.songs, &mut song_keys);
    let songs = only("lyrics", &song_keys, |song| entries.songs[song].place())?;
    let song_of = track_keys.iter().map(|key| songs.get(key).copied()).collect();
    Ok(Pairs { song_of, left_out: Vec::new() })
}

/// Pairs by a table that names both sides.
///
/// # Errors
/// No table of two columns; a track that stands in it twice; a name that could mean several.
pub(super) fn by_map(
    corpus: &Corpus,
    entries: &Entries,
    file: &InputFile,
    bytes: &[u8],
) -> Result<Pairs, DatasetError> {
    let map = file.path.rsplit('/').next().unwrap_or(&file.path);
    let sheet = Sheet::read(bytes).map_err(|problem| DatasetError::Table { file: map.to_owned(), problem })?;
    let audio = sheet.find(&["audio", "audio_file", "audio_id", "track", "track_id"]).unwrap_or(0);
    let lyrics = sheet.find(&["lyrics", "lyrics_file", "lyrics_id", "song", "song_id"]).unwrap_or(1 - audio.min(1));
    let mut names = Vec::new();
    for song in &entries.songs {
        names.push(named(song, entries)?);
    }
    let tracks = [Key::Id, Key::Stem].map(|key| places(corpus.tracks.iter().map(|track| vec![key.of_track(track)])));
    let songs = [Key::Id, Key::Stem].map(|key| places(names.iter().map(|name| key.of_lyrics(name).into())));
    let mut pairs = Pairs { song_of: vec![None; corpus.tracks.len()], left_out: Vec::new() };
    let mut rows = BTreeMap::<usize, u64>::new();
    for row in &sheet.rows {
        let cells = [audio, lyrics].map(|column| row.text(column).unwrap_or_default());
        match (found(&tracks, cells[0]), found(&songs, cells[1])) {
            (Some(track), Some(song)) => {
                if let Some(first) = rows.insert(track, row.line) {
                    let places = format!("{map} lines {first} and {}", row.line);
                    let key = cells[0].to_owned();
                    return Err(DatasetError::KeyTwice { side: "tracks", key, places, more: String::new() });
                }
                pairs.song_of[track] = Some(song);
            }
            (track, _) => {
                let side = if track.is_none() { "no track" } else { "no lyrics" };
                let reason = format!("{map} line {}: {side} of this name, or several", row.line);
                let path = cells[usize::from(track.is_some())].to_owned();
                pairs.left_out.push(Skipped { path, reason });
            }
        }
    }
    Ok(pairs)
}

/// Rows without words give way to a row of the same key that has them: so a table of what was missing fills in another.
fn fill_blanks(songs: &mut Vec<Entry>, keys: &mut Vec<String>) {
    let filled: BTreeSet<String> =
        songs.iter().zip(keys.iter()).filter(|(song, _)| song.text.is_some()).map(|(_, key)| key.clone()).collect();
    let is_kept: Vec<bool> =
        songs.iter().zip(keys.iter()).map(|(song, key)| song.text.is_some() || !filled.contains(key)).collect();
    let mut kept = is_kept.iter();
    songs.retain(|_| kept.next() == Some(&true));
    let mut kept = is_kept.iter();
    keys.retain(|_| kept.next() == Some(&true));
}

fn named<'a>(song: &'a Entry, entries: &Entries) -> Result<&'a str, DatasetError> {
    let known = || entries.columns.iter().cloned().collect::<Vec<_>>().join(", ");
    song.key.as_deref().ok_or_else(|| match song.row {
        _ if entries.columns.is_empty() => DatasetError::NoKey { file: song.file.clone(), known: "none".to_owned() },
        _ => DatasetError::NoKey { file: song.place(), known: known() },
    })
}

/// The place of each key; an error if one stands twice.
fn only(
    side: &'static str,
    keys: &[String],
    place: impl Fn(usize) -> String,
) -> Result<BTreeMap<String, usize>, DatasetError> {
    let all = places(keys.iter().map(|key| vec![key.clone()]));
    let twice: Vec<(&String, &Vec<usize>)> = all.iter().filter(|(_, places)| places.len() > 1).collect();
    let Some((key, stand)) = twice.first() else {
        return Ok(all.into_iter().filter_map(|(key, places)| Some((key, *places.first()?))).collect());
    };
    let places: Vec<String> = stand.iter().take(SHOWN).map(|at| place(*at)).collect();
    let more = if twice.len() > 1 { format!(", and so have {} other keys", twice.len() - 1) } else { String::new() };
    Err(DatasetError::KeyTwice { side, key: (*key).clone(), places: places.join(", "), more })
}

/// For every name the places of what is called so.
fn places(names: impl Iterator<Item = Vec<String>>) -> BTreeMap<String, Vec<usize>> {
    let mut places = BTreeMap::<String, Vec<usize>>::new();
    for (at, names) in names.enumerate() {
        let names: BTreeSet<String> = names.into_iter().collect();
        names.into_iter().for_each(|name| places.entry(name).or_default().push(at));
    }
    places
}

/// The only place of a name, by id else by stem.
fn found([ids, stems]: &[BTreeMap<String, Vec<usize>>; 2], name: &str) -> Option<usize> {
    let by = |places: &BTreeMap<String, Vec<usize>>, key: Key| {
        let found = key.of_lyrics(name).into_iter().find_map(|name| places.get(&name).cloned())?;
        if let [place] = found.as_slice() { Some(*place) } else { None }
    };
    by(ids, Key::Id).or_else(|| by(stems, Key::Stem))
}

impl Pairs {
    /// The song of a track, if it has words.
    pub(super) fn song<'a>(&self, track: usize, entries: &'a Entries) -> Option<&'a Entry> {
        self.song_of[track].map(|song| &entries.songs[song]).filter(|song| song.text.is_some())
    }

    /// Songs of no track.
    fn unused<'a>(&self, entries: &'a Entries) -> Vec<&'a Entry> {
        let used: BTreeSet<usize> = self.song_of.iter().flatten().copied().collect();
        entries.songs.iter().enumerate().filter(|(at, _)| !used.contains(at)).map(|(_, song)| song).collect()
    }

    /// Refuses sides that do not fit each other.
    ///
    /// # Errors
    /// No pair at all; more tracks without lyrics than the settings allow.
    pub(super) fn check(&self, corpus: &Corpus, entries: &Entries, settings: &Paired) -> Result<(), DatasetError> {
        let without: Vec<&str> = (0..corpus.tracks.len())
            .filter(|track| self.song(*track, entries).is_none())
            .map(|track| corpus.tracks[track].id.as_str())
            .collect();
        let unused = self.unused(entries);
        let name = |song: &Entry| format!("{} in {}", song.key.as_deref().unwrap_or_default(), song.place());
        let songs: Vec<String> = unused.iter().take(SHOWN + 1).map(|song| name(song)).collect();
        let (tracks, allowed) = (corpus.tracks.len(), settings.max_unmatched_share);
        let shown = |names: &[&str]| examples(names);
        let songs: Vec<&str> = songs.iter().map(String::as_str).collect();
        if without.len() == tracks {
            let key = settings.key.word();
            return Err(DatasetError::NonePaired { key, tracks: shown(&without), songs: shown(&songs) });
        }
        if settings.missing == Missing::Allow || without.len() as f64 <= allowed * tracks as f64 {
            return Ok(());
        }
        let (tracks_shown, rows_shown) = (shown(&without), shown(&songs));
        let (without, unused, rows) = (without.len(), unused.len(), entries.songs.len());
        Err(DatasetError::Unpaired { without, tracks, tracks_shown, unused, rows, rows_shown, allowed })
    }

    /// The audio's corpus with the lyrics in it. Its labels are the audio's, or the lyrics' if the audio has none.
    pub(super) fn corpus(&self, mut corpus: Corpus, entries: &Entries) -> Corpus {
        for at in 0..corpus.tracks.len() {
            let song = self.song_of[at].map(|song| &entries.songs[song]);
            song.into_iter().for_each(|song| add(&mut corpus.tracks[at], song));
        }
        if corpus.labels.is_empty() {
            let label = |at: usize| entries.songs[self.song_of[at]?].facts.label.as_deref();
            let found: Vec<Option<&str>> = (0..corpus.tracks.len()).map(label).collect();
            let (labels, number) = numbered(found.iter().copied().flatten());
            let numbers = found.iter().map(|label| label.and_then(|label| number.get(label).copied()));
            corpus.tracks.iter_mut().zip(numbers).for_each(|(track, label)| track.label = label);
            corpus.labels = labels;
        }
        let without = corpus.tracks.iter().filter(|track| track.lyrics.is_none()).count();
        let told = format!("{without} of {} tracks have no lyrics", corpus.tracks.len());
        corpus.warnings.extend((without > 0).then_some(told));
        let left = |song: &Entry| {
            let path = song.key.clone().unwrap_or_default();
            Skipped { path, reason: format!("{}: lyrics of no track", song.place()) }
        };
        corpus.left_out.extend(self.left_out.iter().cloned().chain(self.unused(entries).into_iter().map(left)));
        corpus
    }
}

/// What the song says, where the audio says nothing.
fn add(track: &mut Track, song: &Entry) {
    let is_alone = track.group == track_of_segment(track.id.split('#').next().unwrap_or(&track.id));
    if let Some(artist) = song.facts.group.as_ref().filter(|_| is_alone) {
        track.group.clone_from(artist);
    }
    track.lyrics.clone_from(&song.text);
    track.language = track.language.take().or_else(|| song.facts.language.clone());
    track.part = track.part.or(song.facts.part);
    for (name, value) in &song.facts.metadata {
        track.metadata.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

fn examples(names: &[&str]) -> String {
    let more = if names.len() > SHOWN { ", ..." } else { "" };
    let shown = names[..names.len().min(SHOWN)].join(", ");
    if names.is_empty() { String::new() } else { format!(" ({shown}{more})") }
}
