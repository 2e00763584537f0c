//! What was generated, in the run folder: maps, codes and where they were drawn from, a list, and WAV files beside real clips that went through the same vocoder.

use super::Ran;
use super::cells::{csv_of, safe};
use crate::artifact::{Clips, write_npy};
use crate::engine::run_folder::RunFolder;
use crate::engine::{Failure, Files};

/// Where WAV files lie.
const AUDIO: &str = "artifacts/audio";

/// Writes `generated.npy`, `generated_codes.npy`, `generated.csv` and the first WAV files of each class.
pub(super) fn write(ran: &Ran, folder: &RunFolder) -> Result<(), Failure> {
    let (Some(generated), Some(settings)) = (&ran.outline.generated, &ran.of.experiment.generate) else {
        return Ok(());
    };
    let (clips, vocoded) = (ran.walk.get(&generated.clips)?, ran.walk.get(&generated.vocoded)?);
    let mut audio = Files::new();
    let written = saved(&mut audio, "", &clips, settings.save);
    saved(&mut audio, "vocoded_", &vocoded, settings.save.min(1));
    let files = Files::new()
        .with("generated.npy", write_npy(&clips.maps).map_err(Failure::classify)?)
        .with("generated_codes.npy", write_npy(&clips.codes).map_err(Failure::classify)?)
        .with("generated.csv", listing(&clips, &written, ran.of.experiment.seed.unwrap_or_default())?);
    let files = match clips.population.is_empty() {
        true => files,
        false => files.with("generated_population.npy", write_npy(&clips.population).map_err(Failure::classify)?),
    };
    let files = match clips.texture.is_empty() {
        true => files,
        false => files.with("generated_texture.npy", write_npy(&clips.texture).map_err(Failure::classify)?),
    };
    folder.write_all("artifacts", &files)?;
    Ok(folder.write_all(AUDIO, &audio)?)
}

/// Adds the first `most` clips of each class; tells which were added.
fn saved(files: &mut Files, prefix: &str, clips: &Clips, most: usize) -> Vec<bool> {
    let chosen = first_of_each_class(clips, most);
    for clip in &chosen {
        files.insert(&format!("{prefix}{}.wav", clips.name(*clip)), clips.wav(*clip));
    }
    (0..clips.count()).map(|clip| chosen.contains(&clip)).collect()
}

/// The first `most` clips of each class.
pub(super) fn first_of_each_class(clips: &Clips, most: usize) -> Vec<usize> {
    let place = |clip: usize| clips.labels[..clip].iter().filter(|label| **label == clips.labels[clip]).count();
    // Clips of no class stand for all classes.
    let most = if clips.labels.iter().all(Option::is_none) { most * clips.classes.len().max(1) } else { most };
    (0..clips.count()).filter(|clip| place(*clip) < most).collect()
}

/// A row a clip: its file (none where it was not written), its class, what it was drawn from, the seed.
fn listing(clips: &Clips, written: &[bool], seed: u64) -> Result<Vec<u8>, Failure> {
    let row = |clip: usize| {
        let file = if written[clip] { format!("audio/{}.wav", clips.name(clip)) } else { String::new() };
        let texts = [clips.class_name(clip), clips.origins[clip].as_str()].map(safe);
        [clip.to_string(), file].into_iter().chain(texts).chain([seed.to_string()]).collect()
    };
    csv_of(&["row", "file", "class", "code", "seed"], (0..clips.count()).map(row))
}
