//! Procedural music: a recipe of small integers becomes six seconds of lead, chords, bass and drums.
//! Factors after Pati, Gururani, Lerch, "dMelodies: a music dataset for disentanglement learning" (ISMIR 2020), in audio.
//!
//! Deliberately absent: names of genres and the drawing of recipes. Here a genre is a template number, and a recipe
//! sounds the same whoever drew it.

mod drums;
mod effects;
mod score;
mod template;
mod voice;
mod wave;

use serde::{Deserialize, Serialize};

use self::score::Score;
use self::template::Template;
use self::voice::Instrument;
use crate::random::Stream;

/// Every integer factor of a recipe with its number of levels, in the order of [`Recipe::factors`].
pub const FACTORS: [(&str, u32); 10] = [
    ("template", template::COUNT),
    ("tempo", 8),
    ("key", 12),
    ("mode", 2),
    ("timbre", wave::COUNT),
    ("drums", drums::COUNT),
    ("register", 3),
    ("loudness", 5),
    ("reverb", 3),
    ("noise", 4),
];

const TEMPI_BPM: [f64; 8] = [64.0, 76.0, 88.0, 100.0, 114.0, 130.0, 148.0, 168.0];
const LEAD_MIDI: [i32; 3] = [55, 65, 75];
const LOUDNESS_DB: [f32; 5] = [-30.0, -27.0, -24.0, -21.0, -18.0];
const NOISE_DB: [f32; 4] = [-60.0, -50.0, -40.0, -32.0];

/// All that decides how one track sounds. A level above its factor's last (see [`FACTORS`]) counts as the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Genre template, 0 to 9: chords, comping, bass line, balance and distortion.
    pub template: u32,
    /// How much of the template's sound is heard, from 0 (the band that all templates share) to 1.
    pub character: f64,
    /// Standard deviation of the track's own mix around its template's, dB.
    pub looseness_db: f64,
    /// Tempo level, 0 to 7: 64 to 168 beats a minute.
    pub tempo: u32,
    /// Tonic, 0 (C) to 11 (B).
    pub key: u32,
    /// 0 major, 1 minor.
    pub mode: u32,
    /// Lead instrument: 0 flute, 1 organ, 2 strings, 3 plucked, 4 brass, 5 bell.
    pub timbre: u32,
    /// Drum pattern: 0 sparse, 1 backbeat, 2 four on the floor, 3 swing, 4 boom bap, 5 one drop.
    pub drums: u32,
    /// Octave of the lead, 0 to 2: centred on MIDI 55, 65 or 75.
    pub register: u32,
    /// Root mean square level, 0 to 4: -30 to -18 dB of full scale.
    pub loudness: u32,
    /// 0 dry, 1 room, 2 hall.
    pub reverb: u32,
    /// Noise level, 0 to 3: signal-to-noise ratio of 60, 50, 40 or 32 dB.
    pub noise: u32,
    /// The bias that all tracks of one artist share.
    pub artist: Artist,
    /// Length, seconds.
    pub seconds: f64,
    /// Seed of melody, mix and noise.
    pub seed: u64,
}

/// What stays the same in every track of an artist: taste, instruments and studio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Artist {
    /// Treble above bass, dB, on either side of 900 Hz.
    pub tilt_db: f64,
    /// Distance from concert pitch, cents.
    pub detune_cents: f64,
    /// Delay of off-beat quavers as a share of a quaver, 0 to 0.33.
    pub swing: f64,
    /// Subtracted from the exponent by which harmonics fall off.
    pub brightness: f64,
    /// Pitch of the drum kit, in semitones.
    pub kit_semitones: f64,
}

impl Recipe {
    /// The integer factors by name, in the order of [`FACTORS`].
    pub fn factors(&self) -> Vec<(&'static str, u32)> {
        FACTORS.iter().zip(self.levels()).map(|((name, _), level)| (*name, level)).collect()
    }

    fn levels(&self) -> [u32; FACTORS.len()] {
        let all = [self.template, self.tempo, self.key, self.mode, self.timbre];
        let rest = [self.drums, self.register, self.loudness, self.reverb, self.noise];
        std::array::from_fn(|at| if at < 5 { all[at] } else { rest[at - 5] })
    }
}

/// Audio of `recipe`, mono, `[recipe.seconds * rate_hz]`, within -1 and 1. The same recipe gives the same samples.
pub fn render(recipe: &Recipe, rate_hz: u32) -> Vec<f32> {
    let len = (recipe.seconds.max(0.0) * f64::from(rate_hz)).round() as usize;
    let mut template = Template::of(level(&template::ALL, recipe.template), recipe.character);
    template.loosen(recipe.looseness_db, &mut Stream::new(recipe.seed, "signal.synth.mix"));
    let score = Score::write(recipe, &template, len, f64::from(rate_hz));
    let mut mix = band(recipe, &template, &score, len, rate_hz);
    drums::play(&mut mix, recipe, template.drums_db, &score.steps, rate_hz);
    effects::tilt(&mut mix, recipe.artist.tilt_db as f32, rate_hz as f32);
    effects::reverb(&mut mix, recipe.reverb.min(2) as usize, rate_hz as f32);
    finish(&mut mix, recipe);
    mix
}

/// Lead and chords through the template's distortion, over the bass.
fn band(recipe: &Recipe, template: &Template, score: &Score, len: usize, rate_hz: u32) -> Vec<f32> {
    let lead = level(&wave::TIMBRES, recipe.timbre);
    let brightness = recipe.artist.brightness as f32;
    let voices = [
        (lead, template.lead_db, &score.lead),
        (template.comp_timbre, template.comp_db, &score.comp),
        (wave::BASS, template.bass_db, &score.bass),
    ];
    let mut mix = vec![0.0; len];
    for (part, (timbre, gain_db, notes)) in voices.into_iter().enumerate() {
        if part == 2 {
            effects::drive(&mut mix, template.drive);
        }
        let gain = effects::gain(gain_db);
        Instrument::build(&timbre.brighter(brightness), notes, rate_hz).play(&mut mix, notes, gain);
    }
    mix
}

/// Level, noise floor and limiter: what the studio does last.
fn finish(mix: &mut [f32], recipe: &Recipe) {
    let target = effects::gain(level(&LOUDNESS_DB, recipe.loudness));
    effects::scale_to(mix, target);
    let noise = target * effects::gain(level(&NOISE_DB, recipe.noise));
    effects::hiss(mix, noise, &mut Stream::new(recipe.seed, "signal.synth.noise"));
    effects::limit(mix);
}

/// The entry of `table` at `index`, or its last.
fn level<T: Copy>(table: &[T], index: u32) -> T {
    table[(index as usize).min(table.len() - 1)]
}

#[cfg(test)]
mod tests;
