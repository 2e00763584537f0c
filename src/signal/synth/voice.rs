//! Notes: wavetables read at a pitch, under an envelope, with a timbre that darkens as the note ages.
//! Table-lookup oscillator with a 32-bit phase accumulator and linear interpolation (Moore, "Elements of computer music", 1990).

use super::wave::{self, TABLE, Timbre};

const BLOCK: usize = 64;
const RELEASE_S: f32 = 0.03;
const VIBRATO_HZ: f32 = 5.3;
const PHASE_BITS: u32 = 32 - TABLE.ilog2();
const OCTAVES: usize = 11;

/// One note of one part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    /// First sample.
    pub start: usize,
    /// Length, samples.
    pub len: usize,
    /// Pitch, MIDI number; fractions are cents.
    pub midi: f32,
    /// Amplitude, 1 for a plain note.
    pub level: f32,
}

/// A timbre with its tables, at one sample rate.
pub struct Instrument {
    timbre: Timbre,
    tables: [Option<[Vec<f32>; 2]>; OCTAVES],
    rate_hz: f32,
}

impl Instrument {
    /// Tables of `timbre` for the octaves in which `notes` lie, without harmonics above the Nyquist frequency.
    pub fn build(timbre: &Timbre, notes: &[Note], rate_hz: u32) -> Instrument {
        let (sine, rate_hz) = (wave::sine(), rate_hz as f32);
        let mut tables = [const { None }; OCTAVES];
        for note in notes {
            let octave = octave(note.midi);
            let highest = (0.45 * rate_hz / hz(12.0 * (octave + 1) as f32)) as usize;
            tables[octave].get_or_insert_with(|| [0.0, 1.0].map(|age| wave::cycle(timbre, age, highest, &sine)));
        }
        Instrument { timbre: *timbre, tables, rate_hz }
    }

    /// Adds `notes` to `mix`.
    pub fn play(&self, mix: &mut [f32], notes: &[Note], gain: f32) {
        for note in notes {
            let end = mix.len().min(note.start + note.len);
            if let Some(tables) = &self.tables[octave(note.midi)] {
                self.sound(&mut mix[note.start..end], note, tables, gain);
            }
        }
    }

    /// One note, in blocks over which pitch is constant and level and age are straight lines.
    fn sound(&self, out: &mut [f32], note: &Note, [young, old]: &[Vec<f32>; 2], gain: f32) {
        let length_s = note.len as f32 / self.rate_hz;
        let mut phase = 0u32;
        for (block, samples) in out.chunks_mut(BLOCK).enumerate() {
            let [from_s, to_s] = [block, block + 1].map(|b| (b * BLOCK) as f32 / self.rate_hz);
            let step = self.increment(note.midi, from_s);
            let (mut level, to) = (self.envelope(from_s, length_s), self.envelope(to_s, length_s));
            let (mut age, age_to) = (self.age(from_s), self.age(to_s));
            let [rise, aging] = [to - level, age_to - age].map(|change| change / BLOCK as f32);
            for sample in samples {
                let (at, part) = split(phase);
                let fresh = young[at] + part * (young[at + 1] - young[at]);
                let stale = old[at] + part * (old[at + 1] - old[at]);
                *sample += gain * note.level * level * (fresh + age * (stale - fresh));
                (phase, level, age) = (phase.wrapping_add(step), level + rise, age + aging);
            }
        }
    }

    fn increment(&self, midi: f32, at_s: f32) -> u32 {
        let vibrato = self.timbre.vibrato_cents / 100.0 * (std::f32::consts::TAU * VIBRATO_HZ * at_s).sin();
        (f64::from(hz(midi + vibrato) / self.rate_hz) * 2f64.powi(32)) as u32
    }

    fn envelope(&self, at_s: f32, length_s: f32) -> f32 {
        let Timbre { attack_s, decay_s, sustain, .. } = self.timbre;
        let release = ((length_s - at_s) / RELEASE_S).clamp(0.0, 1.0);
        let body = match at_s < attack_s {
            true => at_s / attack_s,
            false => sustain + (1.0 - sustain) * ((attack_s - at_s) / decay_s).exp(),
        };
        release * body
    }

    fn age(&self, at_s: f32) -> f32 {
        1.0 - (-at_s / self.timbre.decay_s).exp()
    }
}

/// Frequency of a MIDI pitch: 440 Hz at 69.
pub fn hz(midi: f32) -> f32 {
    440.0 * ((midi - 69.0) / 12.0).exp2()
}

fn octave(midi: f32) -> usize {
    (midi.max(0.0) / 12.0) as usize % OCTAVES
}

fn split(phase: u32) -> (usize, f32) {
    let fraction = phase & ((1 << PHASE_BITS) - 1);
    ((phase >> PHASE_BITS) as usize, fraction as f32 / (1u32 << PHASE_BITS) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concert_pitch_is_440_hz() {
        assert_eq!((hz(69.0), hz(57.0)), (440.0, 220.0));
    }

    #[test]
    fn a_note_crosses_zero_at_its_pitch_and_ends_silent() {
        let note = Note { start: 100, len: 8000, midi: 69.0, level: 1.0 };
        let mut mix = vec![0.0; 8200];
        Instrument::build(&wave::TIMBRES[1], &[note], 8000).play(&mut mix, &[note], 1.0);
        let rising = mix.windows(2).filter(|w| w[0] <= 0.0 && w[1] > 0.0).count();
        assert!((437..=443).contains(&rising), "{rising}");
        assert!(mix[..100].iter().chain(&mix[8100..]).all(|v| *v == 0.0));
    }
}
