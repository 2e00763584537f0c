//! `history.csv` and `artifacts/`: everything Python reads without this project.

use super::cells::{csv_of, safe, skipped_csv};
use super::{Ran, sounds};
use crate::artifact::{Assignment, Audio, Corpus, HistoryRow, Latents, RefinementRow, Side, Split, write_npy};
use crate::engine::run_folder::RunFolder;
use crate::engine::{Artifact, Failure, Files};
use crate::experiment::pipeline::Learned;
use crate::model::Input;
use crate::neural::archive::to_bytes;
use crate::stages::train::Checkpoint;
use std::sync::Arc;

/// Weights of the best step and of the last one.
const CHECKPOINTS: &str = "artifacts/checkpoints";

/// Writes all tables, arrays and weights of the member.
pub(super) fn write(ran: &Ran, folder: &RunFolder) -> Result<(), Failure> {
    let outline = ran.outline;
    let (corpus, latents) = (ran.walk.get(&outline.corpus)?, ran.walk.get(&outline.shown.points)?);
    let split = outline.learned.first().map(|learned| ran.walk.get(&learned.split)).transpose()?;
    let mut files = Files::new();
    files.insert(
        &format!("{}s.npy", if outline.shown.name == "latent" { "latent" } else { "feature" }),
        write_npy(&latents.values.mapv(|value| value as f32)).map_err(Failure::classify)?,
    );
    files.insert("tracks.csv", tracks(&corpus, &latents, split.as_deref())?);
    files.insert("skipped.csv", skipped_csv(ran.walk.get(&outline.features)?.unused(&corpus))?);
    files.insert("assignments.csv", assignments(ran, &corpus, &latents)?);
    super::searches::tables(ran, &corpus, &mut files)?;
    for (name, layout) in &outline.layouts {
        files.insert(&format!("{name}.npy"), write_npy(&ran.walk.get(layout)?.points).map_err(Failure::classify)?);
    }
    for learned in &outline.learned {
        let (weights, end) = (ran.walk.get(&learned.weights)?, ending(learned));
        files.insert(&format!("model{end}.safetensors"), weights.best.clone());
        files.insert(&format!("scale{end}.json"), serde_json::to_vec_pretty(&weights.scale)?);
        let input = Input::of(ran.walk.get(&learned.features)?.as_ref(), weights.classes.len());
        files.insert(&format!("input{end}.json"), serde_json::to_vec_pretty(&input)?);
        if !weights.classes.is_empty() {
            files.insert("classes.json", serde_json::to_vec_pretty(&weights.classes)?);
        }
        folder.write_all(CHECKPOINTS, &checkpoints(Some(weights.best.clone()), weights.last.clone(), &end))?;
        folder.write(&format!("history{end}.csv"), &history(&weights.history)?)?;
        if let Some(refinement) = &weights.refinement {
            let trained = ran.walk.get(&learned.trained)?.best.clone();
            folder.write_all(CHECKPOINTS, &Files::new().with(&format!("unrefined{end}.safetensors"), trained))?;
            folder.write(&format!("history_refine{end}.csv"), &refinement_history(&refinement.history)?)?;
        }
    }
    folder.write_all("artifacts", &files)?;
    sounds::write(ran, folder)
}

/// Writes what a training that diverged leaves: its record, its last healthy weights and its best ones. Of a refinement that
/// diverged these are the weights as they were trained.
pub(super) fn write_remains(ran: &Ran, folder: &RunFolder) -> Result<(), Failure> {
    for learned in &ran.outline.learned {
        let end = ending(learned);
        if let Ok(trained) = ran.walk.get(&learned.trained) {
            folder.write_all(CHECKPOINTS, &checkpoints(Some(trained.best.clone()), trained.last.clone(), &end))?;
            folder.write(&format!("history{end}.csv"), &history(&trained.history)?)?;
            continue;
        }
        let Some(files) = ran.walk.unfinished(&learned.trained) else { continue };
        let Checkpoint { weights, best, state } = Checkpoint::load(&files).map_err(Failure::classify)?;
        let best = best.as_deref().map(to_bytes).transpose()?;
        folder.write_all(CHECKPOINTS, &checkpoints(best, to_bytes(&weights)?, &end))?;
        folder.write(&format!("history{end}.csv"), &history(&state.history)?)?;
    }
    Ok(())
}

/// What file names of a model end in: nothing, or the modality that it learned from.
fn ending(learned: &Learned) -> String {
    learned.of.map_or_else(String::new, |modality| format!("_{}", modality.word()))
}

fn checkpoints(best: Option<Vec<u8>>, last: Vec<u8>, end: &str) -> Files {
    let files = Files::new().with(&format!("last{end}.safetensors"), last);
    match best {
        Some(best) => files.with(&format!("best{end}.safetensors"), best),
        None => files,
    }
}

fn tracks(corpus: &Corpus, latents: &Latents, split: Option<&Split>) -> Result<Vec<u8>, Failure> {
    let factors: Vec<&String> = corpus.tracks.first().map(|track| track.factors.keys().collect()).unwrap_or_default();
    let fixed = ["id", "path", "label", "language", "group", "split"];
    let header: Vec<&str> = fixed.iter().copied().chain(factors.iter().map(|name| name.as_str())).collect();
    let row = |place: &u32| {
        let track = &corpus.tracks[*place as usize];
        let path = track.audio.as_ref().and_then(Audio::path).unwrap_or("");
        let label = if track.label.is_some() { corpus.label_name(*place) } else { "" };
        let part = split.map_or("", |split| split.parts[*place as usize].word());
        let texts =
            [track.id.as_str(), path, label, track.language.as_deref().unwrap_or(""), &track.group, part].map(safe);
        let known = factors.iter().map(|name| track.factors.get(*name).map_or_else(String::new, u32::to_string));
        texts.into_iter().chain(known).collect()
    };
    csv_of(&header, latents.tracks.iter().map(row))
}

fn assignments(ran: &Ran, corpus: &Corpus, latents: &Latents) -> Result<Vec<u8>, Failure> {
    let of = |clustering: &crate::experiment::pipeline::Clustering| {
        Ok((clustering.full_name(), ran.walk.get(&clustering.assignment)?))
    };
    let columns: Vec<(String, Arc<Assignment>)> =
        ran.outline.clusterings.iter().map(of).collect::<Result<_, Failure>>()?;
    let header: Vec<&str> = std::iter::once("id").chain(columns.iter().map(|(name, _)| name.as_str())).collect();
    let row = |(row, track): (usize, &u32)| {
        let clusters = columns.iter().map(|(_, assignment)| assignment.labels[row].to_string());
        std::iter::once(safe(&corpus.tracks[*track as usize].id)).chain(clusters).collect()
    };
    csv_of(&header, latents.tracks.iter().enumerate().map(row))
}

fn refinement_history(rows: &[RefinementRow]) -> Result<Vec<u8>, Failure> {
    let header =
        ["step", "discriminator", "adversarial", "feature_matching", "mse", "told_apart", "val_mse", "val_sharpness"];
    let line = |row: &RefinementRow| {
        let RefinementRow {
            discriminator, adversarial, feature_matching, mse, told_apart, val_mse, val_sharpness, ..
        } = *row;
        let numbers = [discriminator, adversarial, feature_matching, mse, told_apart, val_mse, val_sharpness];
        let numbers = numbers.map(|value| value.map_or_else(String::new, |value| value.to_string()));
        std::iter::once(row.step.to_string()).chain(numbers).collect()
    };
    csv_of(&header, rows.iter().map(line))
}

fn history(rows: &[HistoryRow]) -> Result<Vec<u8>, Failure> {
    let terms = ["step", "epoch", "split", "loss", "recon", "mse", "kl", "learning_rate", "beta"];
    let usage = ["active_units", "kl_dims", "mutual_information", "r2", "shuffle_gap"];
    let told = |row: &HistoryRow| [row.normalised_loss, row.knn, row.probe];
    // Columns of models that tell tracks apart; the others' tables stay as they are.
    let has = rows.iter().any(|row| told(row).iter().any(Option::is_some));
    let apart: &[&str] = if has { &["normalised_loss", "knn", "probe"] } else { &[] };
    fn text<T: ToString>(value: Option<T>) -> String {
        value.map_or_else(String::new, |value| value.to_string())
    }
    let line = |row: &HistoryRow| {
        let side = if row.split == Side::Train { "train" } else { "val" };
        let numbers = [row.loss.to_string(), text(row.recon), text(row.mse)];
        let rates = [text(row.kl), row.learning_rate.to_string(), row.beta.to_string(), row.active_units.to_string()];
        let usage = [text(row.kl_dims), text(row.mutual_information), text(row.r2), text(row.shuffle_gap)];
        let place = [row.step.to_string(), row.epoch.to_string(), side.to_owned()];
        let apart = told(row).into_iter().filter(|_| has).map(text);
        place.into_iter().chain(numbers).chain(rates).chain(usage).chain(apart).collect()
    };
    csv_of(&[&terms[..], &usage[..], apart].concat(), rows.iter().map(line))
}
