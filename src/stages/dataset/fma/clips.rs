//! The clips of the chosen tracks, and the tracks that have none.

use super::metadata::About;
use super::{Fma, Subset, TRACKS, faults};
use crate::artifact::{Audio, Corpus, Skipped};
use crate::engine::inputs::InputFile;
use crate::stages::dataset::DatasetError;
use crate::stages::dataset::conventions::without_ending;
use crate::stages::dataset::facts::{Draft, tracks};
use crate::stages::dataset::listing::{self, AUDIO, without_copies};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Paths of the clips of the subset, from the first folder that is there.
pub(super) fn listed(fma: &Fma) -> Result<Vec<String>, DatasetError> {
    let folders = fma.folders();
    let none =
        || DatasetError::NoClips { root: fma.root.clone(), folders: folders.join(" or "), subset: fma.subset.word() };
    let folder = folders.iter().find(|folder| fma.root.join(folder).is_dir()).ok_or_else(none)?;
    let all = listing::files(&fma.root, folder, &AUDIO)?;
    let chosen = if *folder == fma.subset.folder() || fma.subset == Subset::Large { all } else { of_subset(fma, all)? };
    if chosen.is_empty() { Err(none()) } else { Ok(chosen) }
}

/// A folder of a larger subset holds clips that are not asked for: they are never hashed.
fn of_subset(fma: &Fma, clips: Vec<String>) -> Result<Vec<String>, DatasetError> {
    let path = fma.root.join(TRACKS);
    let bytes = std::fs::read(&path).map_err(|source| DatasetError::Unreadable { path, source })?;
    let wanted: BTreeSet<u32> = fma.table(TRACKS, &bytes)?.below(fma.subset).iter().map(|about| about.id).collect();
    Ok(clips.into_iter().filter(|clip| number(clip).is_some_and(|id| wanted.contains(&id))).collect())
}

/// The track's number in the name of its clip.
fn number(path: &str) -> Option<u32> {
    without_ending(path.rsplit('/').next().unwrap_or(path)).parse().ok()
}

/// The corpus of the tracks in `abouts` whose clips are sound.
pub(super) fn corpus(fma: &Fma, abouts: Vec<About>, files: &[InputFile]) -> Corpus {
    let (mut clips, strays) = by_number(files);
    let (mut found, mut skipped, mut left_out) = (Vec::new(), Vec::new(), strays);
    for about in abouts {
        let clip = clips.remove(&about.id);
        let bad = faults::fault(about.id).or_else(|| clip.is_none().then(|| "there is no clip of it".to_owned()));
        match (fma.unlabelled(&about), bad, clip) {
            (Some(without), ..) => left_out.push(without),
            (None, Some(reason), _) => skipped.push(Skipped { path: about.name(), reason }),
            (None, None, clip) => found.extend(clip.map(|clip| (about, clip.clone()))),
        }
    }
    left_out.extend(clips.into_values().map(stray));
    let (found, copies) = apart(found);
    skipped.extend(copies);
    let (tracks, labels) = tracks(found);
    Corpus { tracks, labels, skipped, left_out, ..Corpus::default() }
}

/// The first clip of each number, and files that are no clip or a second one.
fn by_number(files: &[InputFile]) -> (BTreeMap<u32, &InputFile>, Vec<Skipped>) {
    let (mut clips, mut strays) = (BTreeMap::new(), Vec::new());
    for file in files {
        match number(&file.path).map(|number| clips.entry(number)) {
            Some(Entry::Vacant(place)) => {
                place.insert(file);
            }
            _ => strays.push(stray(file)),
        }
    }
    (clips, strays)
}

fn stray(file: &InputFile) -> Skipped {
    Skipped { path: file.path.clone(), reason: format!("no row of {TRACKS} asks for it") }
}

/// Tracks with clips, copies taken out.
fn apart(found: Vec<(About, InputFile)>) -> (Vec<Draft>, Vec<Skipped>) {
    let files: Vec<InputFile> = found.iter().map(|(_, clip)| clip.clone()).collect();
    let (kept, skipped) = without_copies(&files);
    let kept: BTreeSet<&str> = kept.into_iter().map(|file| file.path.as_str()).collect();
    let draft = |(about, clip): (About, InputFile)| Draft {
        id: about.name(),
        alone: about.name(),
        audio: Some(Audio::File(clip)),
        facts: about.facts,
    };
    let sound = found.into_iter().filter(|(_, clip)| kept.contains(clip.path.as_str())).map(draft).collect();
    (sound, skipped)
}
