//! The score: which note sounds when, from tempo, key, mode, register and the template's figures.
//! Melody by a random walk on the scale that leans on chord tones (Conklin, "Music generation from statistical models", 2003).

use super::template::Template;
use super::voice::Note;
use super::{LEAD_MIDI, Recipe, TEMPI_BPM, level};
use crate::random::Stream;

const SCALES: [[i32; 7]; 2] = [[0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10]];
const BASS_MIDI: i32 = 29;
const PHRASE: usize = 32;
const MAX_SWING: f64 = 0.33;
const LONGEST_STEPS: usize = 8;

/// A whole track, ready to be played.
pub struct Score {
    /// First sample of every sixteenth note.
    pub steps: Vec<usize>,
    /// Melody.
    pub lead: Vec<Note>,
    /// Chord tones.
    pub comp: Vec<Note>,
    /// Bass line.
    pub bass: Vec<Note>,
}

/// What a part needs to know in order to place a note.
struct Sheet<'a> {
    template: &'a Template,
    steps: Vec<usize>,
    end: usize,
    scale: [i32; 7],
    tonic: i32,
    cents: f32,
}

impl Score {
    /// The score of `recipe` over `len` samples.
    pub fn write(recipe: &Recipe, template: &Template, len: usize, rate_hz: f64) -> Score {
        let sheet = Sheet::new(recipe, template, len, rate_hz);
        let mut stream = Stream::new(recipe.seed, "signal.synth.melody");
        let lead = sheet.lead(level(&LEAD_MIDI, recipe.register), &mut stream);
        let (comp, bass) = (sheet.comp(), sheet.bass());
        Score { steps: sheet.steps, lead, comp, bass }
    }
}

impl Sheet<'_> {
    fn new<'a>(recipe: &Recipe, template: &'a Template, len: usize, rate_hz: f64) -> Sheet<'a> {
        let swing = (template.swing + recipe.artist.swing).clamp(0.0, MAX_SWING);
        Sheet {
            template,
            steps: grid(level(&TEMPI_BPM, recipe.tempo), swing, len, rate_hz),
            end: len,
            scale: level(&SCALES, recipe.mode),
            tonic: 48 + (recipe.key as i32 + 6) % 12 - 6,
            cents: recipe.artist.detune_cents as f32,
        }
    }

    fn comp(&self) -> Vec<Note> {
        let struck = self.struck(self.template.comp);
        let chord = |(step, held, _)| {
            let root = self.root(step);
            let low = self.template.chord_midi;
            self.template.chord.iter().map(move |tone| self.note(step, held, fold(self.pitch(root + tone), low), 1.0))
        };
        struck.into_iter().flat_map(chord).collect()
    }

    fn bass(&self) -> Vec<Note> {
        let tone = |(step, held, degree): (usize, usize, u8)| {
            let degree = i32::from(degree - b'1');
            let pitch = fold(self.pitch(self.root(step) + degree % 7), BASS_MIDI) + 12 * (degree / 7);
            self.note(step, held, pitch, 1.0)
        };
        self.struck(self.template.bass).into_iter().map(tone).collect()
    }

    /// A rhythm of two bars is drawn once and repeated; its pitches walk on.
    fn lead(&self, centre: i32, stream: &mut Stream) -> Vec<Note> {
        let onset = |at: usize| at.is_multiple_of(2) && stream.chance(self.template.density + 0.25 * strong(at));
        let rhythm: Vec<bool> = (0..PHRASE).map(onset).collect();
        let onsets: Vec<usize> = (0..self.steps.len()).filter(|step| rhythm[step % PHRASE]).collect();
        let middle = (centre - self.tonic) * 7 / 12;
        let mut degree = middle;
        let sing = |(at, step): (usize, &usize)| {
            let next = onsets.get(at + 1).copied().unwrap_or(self.steps.len());
            degree = self.walk(degree, middle, *step, stream);
            let level = 0.8 + 0.4 * stream.uniform() as f32;
            self.note(*step, (next - step).min(LONGEST_STEPS), self.pitch(degree), level)
        };
        onsets.iter().enumerate().map(sing).collect()
    }

    /// The next degree: a small step that stays within an octave of `middle`; on strong beats a chord tone.
    fn walk(&self, from: i32, middle: i32, step: usize, stream: &mut Stream) -> i32 {
        let to = from + [-2, -1, -1, 0, 1, 1, 2][stream.below(7)];
        let to = if (to - middle).abs() > 5 { to - 3 * (to - middle).signum() } else { to };
        let root = self.root(step);
        let fits = |degree: i32| self.template.chord.iter().any(|tone| (degree - root - tone).rem_euclid(7) == 0);
        if strong(step) == 0.0 || fits(to) { to } else { to + if fits(to + 1) { 1 } else { -1 } }
    }

    /// Steps at which `figure` strikes, with the steps the note is held and the figure's letter.
    fn struck(&self, figure: &[u8; 16]) -> Vec<(usize, usize, u8)> {
        let held = |step: usize| 1 + (1..16).take_while(|more| figure[(step + more) % 16] == b'-').count();
        let strikes = |step: &usize| !matches!(figure[step % 16], b'-' | b'.');
        (0..self.steps.len()).filter(strikes).map(|step| (step, held(step), figure[step % 16])).collect()
    }

    fn note(&self, step: usize, held: usize, midi: i32, level: f32) -> Note {
        let end = self.steps.get(step + held).copied().unwrap_or(self.end);
        Note { start: self.steps[step], len: end - self.steps[step], midi: midi as f32 + self.cents / 100.0, level }
    }

    fn root(&self, step: usize) -> i32 {
        self.template.progression[step / self.template.chord_steps % 4]
    }

    fn pitch(&self, degree: i32) -> i32 {
        self.tonic + 12 * degree.div_euclid(7) + self.scale[degree.rem_euclid(7) as usize]
    }
}

/// First samples of the sixteenth notes before `len`; off-beat quavers come late by `swing`.
fn grid(bpm: f64, swing: f64, len: usize, rate_hz: f64) -> Vec<usize> {
    let step = 15.0 / bpm * rate_hz;
    let late = |at: usize| if at % 4 == 2 { 2.0 * swing * step } else { 0.0 };
    let start = |at: usize| (at as f64 * step + late(at)) as usize;
    (0..).map(start).take_while(|start| *start < len).collect()
}

/// `midi` moved by octaves into the octave above `low`.
fn fold(midi: i32, low: i32) -> i32 {
    low + (midi - low).rem_euclid(12)
}

fn strong(step: usize) -> f64 {
    if step.is_multiple_of(8) { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grid_has_four_steps_a_beat_and_swing_delays_the_off_beat() {
        assert_eq!(grid(60.0, 0.0, 8, 4.0), [0, 1, 2, 3, 4, 5, 6, 7]);
        let swung = grid(60.0, 0.25, 4000, 4000.0);
        assert_eq!(swung[..4], [0, 1000, 2500, 3000]);
    }

    #[test]
    fn grid_rises_at_full_swing() {
        let steps = grid(120.0, MAX_SWING, 100_000, 22_050.0);
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn fold_keeps_the_pitch_class_within_an_octave() {
        for midi in 0..100 {
            assert!((29..41).contains(&fold(midi, 29)) && (fold(midi, 29) - midi) % 12 == 0);
        }
    }
}
