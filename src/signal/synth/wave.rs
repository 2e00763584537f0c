//! Instrument timbres and the band-limited single-cycle tables that sound them.
//! Additive synthesis with harmonics that fall off as n^-p (Risset and Mathews, "Analysis of musical-instrument tones", 1969).

/// Number of lead timbres.
pub const COUNT: u32 = 6;
/// Samples in one cycle.
pub const TABLE: usize = 1024;
const HARMONICS: usize = 28;

/// Spectrum and envelope of an instrument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timbre {
    /// Exponent p of the harmonics' amplitudes n^-p, at the onset of a note.
    pub rolloff: f32,
    /// What is added to the exponent as the note ages.
    pub dulling: f32,
    /// Weight of the even harmonics, 0 to 1.
    pub even: f32,
    /// Weight of the harmonics other than 1, 4, 7 ..., 0 to 1: low is bell-like.
    pub dense: f32,
    /// Time to full level, seconds.
    pub attack_s: f32,
    /// Time constant of the fall towards `sustain`, seconds.
    pub decay_s: f32,
    /// Level that a held note keeps, 0 to 1.
    pub sustain: f32,
    /// Depth of the vibrato, cents.
    pub vibrato_cents: f32,
}

/// Lead timbres: flute, organ, strings, plucked, brass, bell.
pub const TIMBRES: [Timbre; COUNT as usize] = [
    timbre([2.3, 0.2, 0.5, 1.0, 0.050, 0.5, 0.85, 14.0]),
    timbre([1.3, 0.0, 0.1, 1.0, 0.015, 0.5, 0.95, 0.0]),
    timbre([1.0, 0.3, 1.0, 1.0, 0.090, 0.6, 0.85, 18.0]),
    timbre([1.1, 1.2, 1.0, 1.0, 0.004, 0.25, 0.05, 0.0]),
    timbre([0.7, 0.7, 0.9, 1.0, 0.030, 0.2, 0.70, 6.0]),
    timbre([0.9, 0.8, 1.0, 0.1, 0.004, 0.50, 0.05, 0.0]),
];
/// The bass of every band.
pub const BASS: Timbre = timbre([1.6, 0.6, 0.8, 1.0, 0.008, 0.30, 0.45, 0.0]);
/// The chord instrument between all chord instruments: what is left of them when the template is not heard.
pub const COMMON: Timbre = timbre([1.3, 0.5, 0.8, 0.9, 0.020, 0.35, 0.50, 4.0]);

const fn timbre(of: [f32; 8]) -> Timbre {
    let [rolloff, dulling, even, dense, attack_s, decay_s, sustain, vibrato_cents] = of;
    Timbre { rolloff, dulling, even, dense, attack_s, decay_s, sustain, vibrato_cents }
}

impl Timbre {
    /// `share` of this timbre, the rest of [`COMMON`].
    pub fn blended(&self, share: f32) -> Timbre {
        let pairs = self.fields().into_iter().zip(COMMON.fields());
        let mut mixed = [0.0; 8];
        mixed.iter_mut().zip(pairs).for_each(|(to, (own, common))| *to = common + share * (own - common));
        timbre(mixed)
    }

    /// The same instrument with `amount` less roll-off.
    pub fn brighter(&self, amount: f32) -> Timbre {
        Timbre { rolloff: (self.rolloff - amount).max(0.3), ..*self }
    }

    fn fields(&self) -> [f32; 8] {
        let sound = [self.rolloff, self.dulling, self.even, self.dense];
        let shape = [self.attack_s, self.decay_s, self.sustain, self.vibrato_cents];
        std::array::from_fn(|at| if at < 4 { sound[at] } else { shape[at - 4] })
    }

    fn amplitude(&self, harmonic: usize, age: f32) -> f32 {
        let even = if harmonic.is_multiple_of(2) { self.even } else { 1.0 };
        let dense = if harmonic % 3 == 1 { 1.0 } else { self.dense };
        even * dense * (harmonic as f32).powf(-self.rolloff - age * self.dulling)
    }
}

/// One cycle of a sine, the source of all tables.
pub fn sine() -> [f32; TABLE] {
    std::array::from_fn(|at| (std::f32::consts::TAU * at as f32 / TABLE as f32).sin())
}

/// One cycle of `timbre` at `age` (0 onset, 1 old) with harmonics up to `highest`, of root mean square 1; the first
/// sample is repeated at the end so that interpolation needs no wrap.
pub fn cycle(timbre: &Timbre, age: f32, highest: usize, sine: &[f32; TABLE]) -> Vec<f32> {
    let weights: Vec<f32> = (1..=highest.clamp(1, HARMONICS)).map(|n| timbre.amplitude(n, age)).collect();
    let scale = (2.0 / weights.iter().map(|w| w * w).sum::<f32>()).sqrt();
    let mut table = vec![0.0; TABLE + 1];
    for (harmonic, weight) in (1..).zip(&weights) {
        let gain = scale * weight;
        table.iter_mut().enumerate().for_each(|(at, value)| *value += gain * sine[at * harmonic % TABLE]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_have_unit_power_and_close() {
        for timbre in TIMBRES {
            let table = cycle(&timbre, 0.5, 20, &sine());
            let power = table[..TABLE].iter().map(|v| v * v).sum::<f32>() / TABLE as f32;
            assert!((power - 1.0).abs() < 1e-3, "{power}");
            assert_eq!(table[0], table[TABLE]);
        }
    }

    #[test]
    fn one_harmonic_is_a_sine() {
        let table = cycle(&TIMBRES[2], 0.0, 1, &sine());
        assert!((table[TABLE / 4] - 2f32.sqrt()).abs() < 1e-5 && table[TABLE / 2].abs() < 1e-5);
    }

    #[test]
    fn a_blend_of_nothing_is_common() {
        assert_eq!(TIMBRES[0].blended(0.0), COMMON);
        assert_eq!(TIMBRES[4].blended(1.0).sustain, TIMBRES[4].sustain);
    }
}
