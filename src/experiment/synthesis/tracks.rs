//! The tracks of a run and where they lie in its latent space: rows of `tracks.csv` and `latents.npy`.

use crate::artifact::read_npy;
use crate::engine::{BoxError, Failure};
use crate::experiment::load::LoadError;
use crate::experiment::trained::Trained;
use ndarray::{Array1, Array2, Axis};
use std::fs;
use std::path::Path;

/// A track that can be decoded.
pub(super) struct Known {
    /// Its id, or its file's name.
    pub name: String,
    /// Its codes `[windows, latent]`.
    pub codes: Array2<f32>,
    /// Its class, if the model is told classes and knows this one.
    pub class: Option<u32>,
}

impl Known {
    /// The code that stands for all of it `[latent]`.
    pub(super) fn mean(&self) -> Array1<f32> {
        self.codes.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(self.codes.ncols()))
    }
}

/// All tracks of a run.
pub(super) struct Tracks {
    /// Id and label of each.
    rows: Vec<(String, String)>,
    latents: Array2<f32>,
}

/// The lists of a run folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the tracks of {run} cannot be read ({reason}): run the experiment again, or name sound files")]
struct NoTracks {
    run: String,
    reason: String,
}

impl Tracks {
    /// Those of the run `trained` lies in.
    pub(super) fn read(trained: &Trained) -> Result<Tracks, LoadError> {
        let told = |reason: BoxError| {
            let run = trained.folder().display().to_string();
            Failure::data(NoTracks { run, reason: reason.to_string() })
        };
        Ok(read(&trained.folder().join("artifacts")).map_err(told)?)
    }

    /// Their ids.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|(id, _)| id.as_str())
    }

    /// The track of this id.
    pub(super) fn find(&self, id: &str, classes: &[String]) -> Option<Known> {
        let place = self.ids().position(|known| known == id)?;
        let class = classes.iter().position(|class| *class == self.rows[place].1);
        let codes = self.latents.select(Axis(0), &[place]);
        Some(Known { name: id.to_owned(), codes, class: class.map(|class| class as u32) })
    }
}

fn read(artifacts: &Path) -> Result<Tracks, BoxError> {
    let mut table = csv::Reader::from_path(artifacts.join("tracks.csv"))?;
    let header = table.headers()?.clone();
    let column = |name: &str| header.iter().position(|known| known == name).ok_or(format!("no column {name}"));
    let (id, label) = (column("id")?, column("label")?);
    let rows = table.records().map(|record| {
        let record = record?;
        Ok((record[id].to_owned(), record[label].to_owned()))
    });
    let rows = rows.collect::<Result<Vec<_>, csv::Error>>()?;
    let latents: Array2<f32> = read_npy(&fs::read(artifacts.join("latents.npy"))?)?;
    match latents.nrows() == rows.len() {
        true => Ok(Tracks { rows, latents }),
        false => Err(format!("{} tracks and {} latents", rows.len(), latents.nrows()).into()),
    }
}
