//! The synthetic set as a corpus: its sound is a recipe, rendered when it is needed.

use super::{GENRES, Synth, SynthTrack};
use crate::artifact::{Audio, Corpus, Track};
use crate::engine::Failure;
use crate::engine::inputs::InputFile;
use crate::stages::dataset::{Dataset, Gives, Read};

impl Dataset for Synth {
    fn gives(&self) -> Vec<Gives> {
        vec![Gives::Sound, Gives::Lyrics]
    }

    fn load(&self, _files: &[InputFile], _read: &Read) -> Result<Corpus, Failure> {
        let labels: Vec<String> = GENRES.iter().map(|genre| (*genre).to_owned()).collect();
        let tracks = self.tracks().into_iter().map(|track| entry(track, &labels)).collect();
        Ok(Corpus { tracks, labels, synthetic: true, ..Corpus::default() })
    }
}

fn entry(track: SynthTrack, labels: &[String]) -> Track {
    let label = labels.iter().position(|label| label == track.genre).map(|place| place as u32);
    let factors = track.factors.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let (audio, language) = (Some(Audio::Recipe(track.recipe)), Some(track.language.to_owned()));
    let (id, group, lyrics) = (track.id, track.group, track.lyrics);
    Track { id, audio, label, language, group, lyrics, factors, ..Track::default() }
}
