//! From codes to sound: drawn for a class, decoded to log-mel maps, joined to longer ones, vocoded. It knows no engine and no
//! files: a finished run is enough.
//!
//! A clip of several windows has one draw; the noise of each later window is that of the first turned a little,
//! `sqrt(1 − d²)·e₁ + d·e_w` with d = [`DRIFT`], so that windows differ and stay one piece.

use candle_core::{Device, Tensor};
use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, Axis, Slice, concatenate};
use rayon::prelude::*;

use super::population::Population;
use super::settings::{Acoustics, Codes, Settings};
use super::texture::Texture;
use crate::artifact::{FeatureTable, Scale};
use crate::model::rows::{self, decode_rows, encode_rows};
use crate::model::{InputShape, ModelError, Network};
use crate::random::Stream;
use crate::signal::vocoder::joining::join;
use crate::signal::vocoder::{Vocoder, VocoderError};
use crate::stats::evenly;

/// How far the noise of a later window is turned from that of the first.
const DRIFT: f64 = 0.3;

/// Rows that tell what the decoder leaves out.
const TEXTURE_ROWS: usize = 256;

/// Why nothing can be generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The maps stand for no sound.
    #[error(transparent)]
    Vocoder(#[from] VocoderError),
    /// The network does not take these codes.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Rows that are not maps of one plane.
    #[error(
        "this model makes rows of {found:?}, and sound is made of maps of {bins} bands and {frames} frames: train on [features.audio.log_mel]"
    )]
    NoMaps {
        /// What its rows are.
        found: InputShape,
        /// Bands of a map.
        bins: usize,
        /// Frames of a map.
        frames: usize,
    },
    /// A class was asked for that the model was never told.
    #[error(
        "class {class} was asked for, and this model is told {classes} classes: ask for a smaller one, or for none"
    )]
    NoClass {
        /// What was asked for.
        class: u32,
        /// How many there are.
        classes: usize,
    },
}

/// Where codes come from.
enum Source {
    Prior,
    Fitted(Population),
    /// Posteriors of rows, and their classes.
    Tracks(rows::Codes, Vec<Option<u32>>),
}

/// A piece that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    /// Log-mel `[bins, frames]`, dB below its loudest band.
    pub map: Array2<f32>,
    /// The code of its first window `[latent]`.
    pub code: Array1<f32>,
    /// Mono samples, full scale 1.
    pub samples: Vec<f32>,
}

/// A trained network that is listened to.
pub struct Sampler {
    network: Box<dyn Network>,
    scale: Scale,
    acoustics: Acoustics,
    settings: Settings,
    vocoder: Vocoder,
    source: Source,
    texture: Option<Texture>,
}

impl Sampler {
    /// Draws codes from the prior until it is shown others.
    ///
    /// # Errors
    /// The network makes no maps of these acoustics, or the vocoder's settings are out of range.
    pub fn new(
        network: Box<dyn Network>,
        scale: Scale,
        acoustics: Acoustics,
        settings: Settings,
    ) -> Result<Sampler, GenerateError> {
        let (found, Acoustics { n_mels: bins, frames, .. }) = (network.body().shape(), acoustics);
        if found != (InputShape::Map { channels: 1, bins, frames }) {
            return Err(GenerateError::NoMaps { found, bins, frames });
        }
        let vocoder = Vocoder::new(&acoustics.vocoder(&settings.vocoder))?;
        Ok(Sampler { network, scale, acoustics, settings, vocoder, source: Source::Prior, texture: None })
    }

    /// Draws codes from normal distributions that were fitted before.
    #[must_use]
    pub fn from_population(self, population: Population) -> Sampler {
        Sampler { source: Source::Fitted(population), ..self }
    }

    /// Draws around the decoder's mean, as was fitted before.
    #[must_use]
    pub fn with_texture(self, texture: Texture) -> Sampler {
        Sampler { texture: Some(texture), ..self }
    }

    /// What the decoder leaves out, if that was fitted.
    pub fn texture(&self) -> Option<&Texture> {
        self.texture.as_ref()
    }

    /// Learns what the decoder leaves out and where codes lie from training rows `[rows, values]`, standardised, if the settings
    /// ask for that; an encoder that is told labels hears them.
    ///
    /// # Errors
    /// The rows are not as wide as the network's input.
    pub fn having_heard(self, rows: ArrayView2<f32>, labels: &[Option<u32>]) -> Result<Sampler, GenerateError> {
        let told = (self.classes() > 0).then_some(labels);
        let codes = || encode_rows(self.network.as_ref(), rows, told, &Device::Cpu);
        let source = match self.settings.codes {
            Codes::Prior => Source::Prior,
            Codes::Fitted => Source::Fitted(Population::fit(&codes()?, labels, self.classes())),
            Codes::Tracks => Source::Tracks(codes()?, labels.to_vec()),
        };
        let texture = if self.settings.texture > 0.0 { Some(self.missed(rows, labels)?) } else { None };
        Ok(Sampler { source, texture, ..self })
    }

    /// What decoding the codes of some rows leaves out.
    fn missed(&self, rows: ArrayView2<f32>, labels: &[Option<u32>]) -> Result<Texture, GenerateError> {
        let chosen = evenly(rows.nrows(), TEXTURE_ROWS);
        let labels: Vec<Option<u32>> = chosen.iter().map(|row| labels.get(*row).copied().flatten()).collect();
        let (told, rows) = ((self.classes() > 0).then_some(labels.as_slice()), rows.select(Axis(0), &chosen));
        let codes = encode_rows(self.network.as_ref(), rows.view(), told, &Device::Cpu)?.means;
        let decoded = decode_rows(self.network.as_ref(), codes.view(), told, &Device::Cpu)?;
        Ok(Texture::fit(self.maps(rows).view(), self.maps(decoded).view()))
    }

    /// Standardised rows as maps `[rows, bins, frames]` in dB.
    fn maps(&self, rows: Array2<f32>) -> Array3<f32> {
        let shape = (rows.nrows(), self.acoustics.n_mels, self.acoustics.frames);
        let maps = self.scale.undo(rows).into_shape_with_order(shape);
        maps.expect("the sampler was made for rows of this shape")
    }

    /// Classes that the decoder is told; 0 for a model that is told nothing.
    pub fn classes(&self) -> usize {
        self.network.body().told().decoder
    }

    /// What was fitted, if anything: with it another process draws the same.
    pub fn population(&self) -> Option<&Population> {
        if let Source::Fitted(population) = &self.source { Some(population) } else { None }
    }

    /// `n` clips of a class, or of none. The clip at a place is the same for every `n`.
    ///
    /// # Errors
    /// The network has no such class.
    pub fn draw(&self, class: Option<u32>, n: usize, seed: u64) -> Result<Vec<Clip>, GenerateError> {
        let windows = self.acoustics.windows(self.settings.seconds);
        let codes = self.codes(class, n, windows, seed)?;
        self.sound(codes.view(), class, windows, self.acoustics.step(), seed)
    }

    /// Codes `[n · windows, latent]` of `n` clips.
    ///
    /// # Errors
    /// The prior's codes cannot be computed.
    pub fn codes(&self, class: Option<u32>, n: usize, windows: usize, seed: u64) -> Result<Array2<f32>, GenerateError> {
        let mut drawn = Array2::zeros((n * windows, self.network.body().latent_dim()));
        for clip in 0..n {
            let place = (u64::from(class.map_or(u32::MAX, |class| class)) << 32) | clip as u64;
            let mut stream = Stream::at(seed, "generate.codes", place);
            let chosen = stream.next_u64();
            let noise = self.noise(&mut stream, windows);
            for (window, noise) in noise.rows().into_iter().enumerate() {
                drawn.row_mut(clip * windows + window).assign(&self.code(class, noise, chosen));
            }
        }
        match self.source {
            Source::Prior => self.by_prior(drawn),
            _ => Ok(drawn),
        }
    }

    /// Noise `[windows, latent]` of one clip.
    fn noise(&self, stream: &mut Stream, windows: usize) -> Array2<f32> {
        let latent = self.network.body().latent_dim();
        let first = Array1::from(stream.normals(latent));
        let (kept, turned) = ((1.0 - DRIFT * DRIFT).sqrt() as f32, DRIFT as f32);
        let mut noise = Array2::zeros((windows, latent));
        for (window, mut row) in noise.rows_mut().into_iter().enumerate() {
            let own = Array1::from(stream.normals(latent));
            row.assign(&if window == 0 { first.clone() } else { &first * kept + own * turned });
        }
        noise
    }

    fn code(&self, class: Option<u32>, noise: ArrayView1<f32>, chosen: u64) -> Array1<f32> {
        let temperature = self.settings.temperature as f32;
        match &self.source {
            Source::Prior => &noise * temperature,
            Source::Fitted(population) => population.code(class, noise, temperature),
            Source::Tracks(codes, labels) => {
                let of_class = |row: &usize| class.is_none() || labels.get(*row) == Some(&class);
                let own: Vec<usize> = (0..codes.means.nrows()).filter(of_class).collect();
                let Some(row) = own.get((chosen % own.len().max(1) as u64) as usize) else {
                    return &noise * temperature;
                };
                let spread = codes.logvars.as_ref().map(|logvars| logvars.row(*row).mapv(|x| (x / 2.0).exp()));
                spread.map_or_else(
                    || codes.means.row(*row).to_owned(),
                    |spread| &codes.means.row(*row) + &(spread * noise * temperature),
                )
            }
        }
    }

    fn by_prior(&self, noise: Array2<f32>) -> Result<Array2<f32>, GenerateError> {
        let of = |tensor: Tensor| rows::array(&self.network.prior_codes(&tensor)?.detach());
        let tensor = rows::tensor(noise.view(), InputShape::Vector(noise.ncols()), &Device::Cpu)?;
        Ok(of(tensor).map_err(ModelError::from)?)
    }

    /// Codes `[rows, latent]` of the rows of a table: their posterior means, without a label.
    ///
    /// # Errors
    /// The rows are not as wide as the network's input.
    pub fn codes_of(&self, table: &FeatureTable) -> Result<Array2<f32>, GenerateError> {
        Ok(encode_rows(self.network.as_ref(), self.scale.apply(table).view(), None, &Device::Cpu)?.means)
    }

    /// Maps `[codes, bins, frames]` in dB that the decoder makes of codes `[codes, latent]` under a class, or none.
    ///
    /// # Errors
    /// The network has no such class, or the codes are of another width.
    pub fn decode(&self, codes: ArrayView2<f32>, class: Option<u32>) -> Result<Array3<f32>, GenerateError> {
        let classes = self.classes();
        if let Some(class) = class.filter(|class| *class as usize >= classes) {
            return Err(GenerateError::NoClass { class, classes });
        }
        let labels = vec![class; codes.nrows()];
        let decoded = decode_rows(self.network.as_ref(), codes, Some(&labels), &Device::Cpu)?;
        Ok(self.maps(decoded))
    }

    /// The clips of codes `[clips · windows, latent]` under a class; windows of a clip are `step` frames apart (as many as a map
    /// has: side by side). The sound is cut to the seconds of the settings, if they are given.
    ///
    /// # Errors
    /// The network has no such class, or windows that leave gaps.
    pub fn sound(
        &self,
        codes: ArrayView2<f32>,
        class: Option<u32>,
        windows: usize,
        step: usize,
        seed: u64,
    ) -> Result<Vec<Clip>, GenerateError> {
        let windows = windows.max(1);
        let joined = |clip: usize| {
            // One clip at a time: sums of a batch round by its size, and a clip must not depend on how many are asked for.
            let own = codes.slice_axis(Axis(0), Slice::from(clip * windows..(clip + 1) * windows));
            let decoded = self.decode(own, class)?;
            let views: Vec<ArrayView2<f32>> = decoded.outer_iter().collect();
            let mut map = join(&views, step)?;
            if let Some(texture) = &self.texture {
                let place = (u64::from(class.unwrap_or(u32::MAX)) << 32) | clip as u64;
                texture.add(&mut map, self.settings.texture, &mut Stream::at(seed, "generate.texture", place));
            }
            Ok(map)
        };
        let clips = codes.nrows() / windows;
        let maps = (0..clips).map(joined).collect::<Result<Vec<_>, GenerateError>>()?;
        let sounds = self.heard(&maps, seed)?;
        let clip = |(at, (map, samples))| Clip { map, code: codes.row(at * windows).to_owned(), samples };
        Ok(maps.into_iter().zip(sounds).enumerate().map(clip).collect())
    }

    fn heard(&self, maps: &[Array2<f32>], seed: u64) -> Result<Vec<Vec<f32>>, GenerateError> {
        let most = self.settings.seconds.map_or(usize::MAX, |seconds| self.acoustics.samples(Some(seconds)));
        let one = |(at, map): (usize, &Array2<f32>)| {
            let mut sound = self.vocoder.sound(map.view(), seed.wrapping_add(at as u64))?;
            sound.truncate(most);
            Ok(sound)
        };
        maps.par_iter().enumerate().map(one).collect()
    }
}

/// The way from one code to another in `steps` equal steps, both ends included: `[steps, latent]`.
pub fn between(from: ArrayView1<f32>, to: ArrayView1<f32>, steps: usize) -> Array2<f32> {
    let share = |step: usize| step as f32 / steps.saturating_sub(1).max(1) as f32;
    let rows: Vec<Array2<f32>> =
        (0..steps).map(|step| (&from * (1.0 - share(step)) + &to * share(step)).insert_axis(Axis(0))).collect();
    let views: Vec<_> = rows.iter().map(|row| row.view()).collect();
    concatenate(Axis(0), &views).unwrap_or_else(|_| Array2::zeros((0, from.len())))
}

#[cfg(test)]
mod tests;
