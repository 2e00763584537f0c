//! What the page lets one listen to: generated clips of each class beside real ones, small enough to be mailed.
//!
//! Of a synthetic set sounds are put into the page as short previews, as far as there is room; of real music none is, and the
//! page plays the files of the run folder and of the data set.

use super::{Ran, page, sounds};
use crate::artifact::{Audio, Clips, Corpus, Track};
use crate::engine::Failure;
use crate::plotting::canvas::Frame;
use crate::plotting::heat::Shades;
use crate::plotting::palette::MAGMA;
use crate::plotting::png::{address, base64, encode};
use crate::report::page::Sound;
use crate::signal::decode::{Audio as Samples, encode_wav};
use crate::signal::resample::at_rate;
use crate::signal::synth::render;
use ndarray::{Array2, ArrayView2, Axis, s};
use std::collections::BTreeMap;
use std::path::Path;

/// Generated clips of a class that are shown.
const MOST_OF_A_CLASS: usize = 3;
/// Bytes of previews in the page: with its pictures it stays below 10 MB.
const MOST_BYTES: usize = 4_000_000;
/// Sampling rate of a preview, Hz, and its length at most, seconds.
const PREVIEW: (u32, f64) = (11_025, 4.0);
/// Rows and columns of a picture at most.
const PICTURE: (usize, usize) = (64, 128);
/// dB below the loudest band that pictures reach down to: log-mel maps end there.
const FLOOR_DB: f64 = -80.0;

/// All clips of the page, class by class: generated, real through the vocoder, real.
pub(super) fn sounds(ran: &Ran, corpus: &Corpus, way: Option<&Path>) -> Result<Vec<Sound>, Failure> {
    let (Some(generated), Some(settings)) = (&ran.outline.generated, &ran.of.experiment.generate) else {
        return Ok(Vec::new());
    };
    let (clips, vocoded) = (ran.walk.get(&generated.clips)?, ran.walk.get(&generated.vocoded)?);
    let mut shelf = Shelf { corpus, way, room: MOST_BYTES, by_class: BTreeMap::new() };
    let shown = settings.save.min(MOST_OF_A_CLASS);
    for clip in sounds::first_of_each_class(&clips, shown) {
        shelf.clip(&clips, clip, ("generated", ""), format!("code: {}", clips.origins[clip]));
    }
    for clip in sounds::first_of_each_class(&vocoded, settings.save.min(1)) {
        let track = corpus.tracks.iter().find(|track| track.id == vocoded.origins[clip]);
        shelf.clip(&vocoded, clip, ("real, through the vocoder", "vocoded_"), format!("of {}", vocoded.origins[clip]));
        track.into_iter().for_each(|track| shelf.track(track, vocoded.class_name(clip), vocoded.rate_hz));
    }
    Ok(shelf.by_class.into_values().flatten().collect())
}

struct Shelf<'a> {
    corpus: &'a Corpus,
    way: Option<&'a Path>,
    room: usize,
    by_class: BTreeMap<String, Vec<Sound>>,
}

impl Shelf<'_> {
    fn clip(&mut self, clips: &Clips, clip: usize, (what, prefix): (&str, &str), detail: String) {
        let name = clips.name(clip);
        let audio = match self.preview(clips.samples(clip), clips.rate_hz) {
            Some(preview) => preview,
            None => format!("artifacts/audio/{prefix}{name}.wav"),
        };
        let picture = if clips.maps.is_empty() { String::new() } else { picture(clips.maps.index_axis(Axis(0), clip)) };
        let class = clips.class_name(clip).to_owned();
        let is_real = !prefix.is_empty();
        let sound = Sound { class: class.clone(), what: what.to_owned(), name, detail, picture, audio, is_real };
        self.by_class.entry(class).or_default().push(sound);
    }

    /// The beginning of a track as it is; nothing where it cannot be played from here.
    fn track(&mut self, track: &Track, class: &str, rate_hz: u32) {
        let audio = match &track.audio {
            Some(Audio::Recipe(recipe)) => self.preview(render(recipe, rate_hz), rate_hz),
            _ => page::sound(track, self.way),
        };
        let Some(audio) = audio else { return };
        let (what, detail) = ("real".to_owned(), "the track from its beginning".to_owned());
        let (class, name) = (class.to_owned(), track.id.clone());
        let sound = Sound { class: class.clone(), what, name, detail, picture: String::new(), audio, is_real: true };
        self.by_class.entry(class).or_default().push(sound);
    }

    /// Samples as a small WAV file inside the page, if they may be there and there is room.
    fn preview(&mut self, mut samples: Vec<f32>, rate_hz: u32) -> Option<String> {
        if !self.corpus.synthetic {
            return None;
        }
        samples.truncate((PREVIEW.1 * f64::from(rate_hz)) as usize);
        let rate = PREVIEW.0.min(rate_hz);
        let samples = at_rate(Samples { samples, rate_hz }, rate).ok()?;
        let coded = base64(&encode_wav(&Samples { samples, rate_hz: rate }));
        self.room = self.room.checked_sub(coded.len())?;
        Some(format!("data:audio/wav;base64,{coded}"))
    }
}

/// A map `[bins, frames]` in dB as a `data:` address, low bins at the bottom.
fn picture(map: ArrayView2<f32>) -> String {
    let small = pooled(map);
    let shades = Shades { map: MAGMA, low: FLOOR_DB, high: 0.0 };
    let heat = shades.heat(small.view(), Frame::new(0.0, 0.0, 1.0, 1.0));
    encode(&heat.pixels, heat.columns).map_or_else(|_| String::new(), |png| address(&png))
}

/// Means over blocks, so that no side is longer than a picture's.
fn pooled(map: ArrayView2<f32>) -> Array2<f64> {
    let (high, wide) = (map.nrows().div_ceil(PICTURE.0).max(1), map.ncols().div_ceil(PICTURE.1).max(1));
    let shape = (map.nrows().div_ceil(high), map.ncols().div_ceil(wide));
    Array2::from_shape_fn(shape, |(row, column)| {
        let rows = row * high..((row + 1) * high).min(map.nrows());
        let columns = column * wide..((column + 1) * wide).min(map.ncols());
        f64::from(map.slice(s![rows, columns]).mean().unwrap_or(FLOOR_DB as f32))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_small_and_blocks_are_their_means() {
        let map = Array2::from_shape_fn((128, 300), |(bin, frame)| -((bin / 2) as f32) - (frame / 3) as f32);
        let small = pooled(map.view());
        assert_eq!(small.dim(), (64, 100));
        assert!((small[(5, 7)] + 12.0).abs() < 1e-4, "{}", small[(5, 7)]);
        assert!(picture(map.view()).starts_with("data:image/png;base64,"));
        assert_eq!(pooled(Array2::zeros((3, 2)).view()).dim(), (3, 2));
    }

    #[test]
    fn real_music_is_never_put_into_the_page_and_previews_stop_where_the_room_ends() {
        let mut corpus = Corpus { synthetic: true, ..Corpus::default() };
        let second = vec![0.25f32; 22_050];
        let mut shelf = Shelf { corpus: &corpus, way: None, room: 60_000, by_class: BTreeMap::new() };
        let preview = shelf.preview(second.clone(), 22_050).unwrap();
        assert!(preview.starts_with("data:audio/wav;base64,") && (29_000..31_000).contains(&preview.len()));
        assert!(shelf.preview(second.clone(), 22_050).is_some() && shelf.preview(second.clone(), 22_050).is_none());
        corpus.synthetic = false;
        let mut shelf = Shelf { corpus: &corpus, way: None, room: 60_000, by_class: BTreeMap::new() };
        assert!(shelf.preview(second, 22_050).is_none());
    }
}
