//! A finished run as a source of sound.

use super::{Trained, TrainedError, wrong};
use crate::artifact::read_npy;
use crate::engine::Failure;
use crate::experiment::load::LoadError;
use crate::experiment::pipeline::acoustics;
use crate::stages::generate::{Acoustics, Codes, Population, Sampler, Settings, Texture};
use ndarray::Array;
use std::fs;

/// Where codes lie, in the run folders of experiments with `[generate]`.
const POPULATION: &str = "artifacts/generated_population.npy";
/// What the decoder leaves out, beside it.
const TEXTURE: &str = "artifacts/generated_texture.npy";

impl Trained {
    /// The sound that its maps stand for.
    ///
    /// # Errors
    /// It learned from something else than log-mel maps.
    pub fn acoustics(&self) -> Result<Acoustics, LoadError> {
        let audio = self.experiment.features.audio.as_ref();
        let found = audio.and_then(acoustics);
        found.ok_or_else(|| wrong(TrainedError::NoSound { run: self.folder.clone() }))
    }

    /// The settings of its `[generate]` table, or the usual ones.
    pub fn generate_settings(&self) -> Settings {
        self.experiment.generate.clone().unwrap_or_default()
    }

    /// Draws sound from it: codes as the run itself drew them where it did, else from the prior.
    ///
    /// # Errors
    /// It learned from something else than log-mel maps, a file is damaged, or a setting of the vocoder is out of range.
    pub fn sampler(&self, settings: Settings) -> Result<Sampler, LoadError> {
        let (acoustics, textured) = (self.acoustics()?, settings.texture > 0.0);
        let fitted = if settings.codes == Codes::Prior { None } else { self.array(POPULATION)? };
        let sampler = Sampler::new(self.network()?, self.weights.scale.clone(), acoustics, settings);
        let sampler = sampler.map_err(Failure::experiment)?;
        let sampler = match fitted {
            Some(normals) => sampler.from_population(Population { normals }),
            None => sampler,
        };
        let texture = if textured { self.array(TEXTURE)? } else { None };
        Ok(match texture {
            Some(bands) => sampler.with_texture(Texture { bands }),
            None => sampler,
        })
    }

    /// An array of the run folder, if it is there.
    fn array<D: ndarray::Dimension>(&self, name: &str) -> Result<Option<Array<f32, D>>, LoadError> {
        let path = self.folder.join(name);
        if !path.is_file() {
            return Ok(None);
        }
        let bytes = fs::read(&path).map_err(Failure::from)?;
        Ok(Some(read_npy(&bytes).map_err(|error| Failure::data(self.damaged(name, error)))?))
    }
}
