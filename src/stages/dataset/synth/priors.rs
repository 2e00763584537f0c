//! What each genre prefers, and how loosely tracks and artists keep to it.
//! Difficulties are calibrated on means and deviations of 20 MFCC: k-means as pessimist, a linear probe as optimist.

use super::Difficulty;
use crate::random::Stream;
use crate::signal::synth::{Artist, FACTORS};

/// Probability that a track does what its artist usually does.
const LOYALTY: f64 = 0.35;

/// How far tracks stray from their genre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Probability of a level against that of the next one nearer to the genre's taste, 0 to 1.
    pub overlap: f64,
    /// Share of the genre's own sound; see [`Recipe::character`](crate::signal::synth::Recipe::character).
    pub character: f64,
    /// Standard deviation of instrument levels, dB.
    pub looseness_db: f64,
    /// Size of the artists' biases, 1 for the full range.
    pub bias: f64,
}

impl Spread {
    /// The calibrated spread of a difficulty.
    pub fn of(difficulty: Difficulty) -> Spread {
        let [overlap, character, looseness_db, bias] = match difficulty {
            Difficulty::Easy => [0.01, 1.0, 0.3, 0.15],
            Difficulty::Medium => [0.5, 0.85, 1.5, 1.5],
            Difficulty::Hard => [0.8, 0.2, 3.5, 1.4],
        };
        Spread { overlap, character, looseness_db, bias }
    }

    /// The bias of one artist.
    pub fn artist(&self, stream: &mut Stream) -> Artist {
        Artist {
            tilt_db: self.bias * stream.between(-5.0, 5.0),
            detune_cents: self.bias * stream.between(-30.0, 30.0),
            swing: self.bias * stream.between(0.0, 0.12),
            brightness: self.bias * stream.between(-0.3, 0.3),
            kit_semitones: self.bias * stream.between(-4.0, 4.0),
        }
    }
}

/// The levels of one track, or the usual levels of one artist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    pub tempo: u32,
    pub key: u32,
    pub mode: u32,
    pub timbre: u32,
    pub drums: u32,
    pub register: u32,
    pub loudness: u32,
    pub reverb: u32,
    pub noise: u32,
}

/// What a genre prefers: a level, or a first and a second choice.
struct Taste {
    tempo: u32,
    key: u32,
    minor: f64,
    timbre: [u32; 2],
    drums: [u32; 2],
    register: u32,
    loudness: u32,
    reverb: u32,
    noise: u32,
}

/// Blues, classical, country, disco, hip hop, jazz, metal, pop, reggae, rock.
const TASTES: [Taste; 10] = [
    taste(2, 4, 0.50, [1, 3], [3, 1], [0, 2, 1, 3]),
    taste(3, 2, 0.40, [2, 0], [0, 3], [2, 0, 2, 2]),
    taste(4, 7, 0.10, [3, 2], [1, 0], [1, 2, 0, 2]),
    taste(4, 5, 0.40, [4, 2], [2, 1], [2, 3, 1, 1]),
    taste(2, 1, 0.70, [5, 1], [4, 1], [0, 4, 0, 2]),
    taste(5, 10, 0.30, [4, 0], [3, 0], [1, 1, 1, 2]),
    taste(6, 4, 0.95, [2, 4], [1, 2], [0, 4, 0, 0]),
    taste(4, 0, 0.20, [1, 5], [2, 1], [1, 3, 1, 0]),
    taste(1, 9, 0.30, [1, 0], [5, 4], [0, 2, 2, 1]),
    taste(5, 9, 0.40, [4, 2], [1, 2], [1, 4, 0, 1]),
];

const fn taste(tempo: u32, key: u32, minor: f64, timbre: [u32; 2], drums: [u32; 2], rest: [u32; 4]) -> Taste {
    let [register, loudness, reverb, noise] = rest;
    Taste { tempo, key, minor, timbre, drums, register, loudness, reverb, noise }
}

impl Habits {
    /// Levels drawn from the prior of `genre`: every step away from its taste costs a factor `overlap`.
    pub fn draw(genre: usize, overlap: f64, stream: &mut Stream) -> Habits {
        let taste = &TASTES[genre];
        let minor = (1.0 - overlap) * taste.minor + overlap * 0.5;
        Habits {
            tempo: near("tempo", taste.tempo, overlap, stream),
            key: draw("key", overlap, |key| fifths(key, taste.key), stream),
            mode: u32::from(stream.chance(minor)),
            timbre: choice("timbre", taste.timbre, overlap, stream),
            drums: choice("drums", taste.drums, overlap, stream),
            register: near("register", taste.register, overlap, stream),
            loudness: near("loudness", taste.loudness, overlap, stream),
            reverb: near("reverb", taste.reverb, overlap, stream),
            noise: near("noise", taste.noise, overlap, stream),
        }
    }

    /// Levels drawn uniformly and independently.
    pub fn uniform(stream: &mut Stream) -> Habits {
        Habits::draw(0, 1.0, stream)
    }

    /// These levels, each replaced by the artist's usual one as often as an artist does the usual.
    pub fn after(self, artist: &Habits, stream: &mut Stream) -> Habits {
        let mut keep = |own: u32, usual: u32| if stream.chance(LOYALTY) { usual } else { own };
        Habits {
            tempo: keep(self.tempo, artist.tempo),
            key: keep(self.key, artist.key),
            mode: keep(self.mode, artist.mode),
            timbre: keep(self.timbre, artist.timbre),
            drums: keep(self.drums, artist.drums),
            register: keep(self.register, artist.register),
            loudness: keep(self.loudness, artist.loudness),
            reverb: keep(self.reverb, artist.reverb),
            noise: keep(self.noise, artist.noise),
        }
    }
}

/// A level around `centre`.
fn near(factor: &str, centre: u32, overlap: f64, stream: &mut Stream) -> u32 {
    draw(factor, overlap, |level| level.abs_diff(centre), stream)
}

/// A first choice, a second choice, or one step further any other level.
fn choice(factor: &str, [first, second]: [u32; 2], overlap: f64, stream: &mut Stream) -> u32 {
    let others = |level| if level == second { 1 } else { 2 };
    draw(factor, overlap, |level| if level == first { 0 } else { others(level) }, stream)
}

/// Steps between two keys on the circle of fifths.
fn fifths(a: u32, b: u32) -> u32 {
    let clockwise = 7 * (a + 12 - b) % 12;
    clockwise.min(12 - clockwise)
}

/// Draws a level in proportion to `overlap` to the power of its distance: 0 is certain, 1 uniform.
fn draw(factor: &str, overlap: f64, distance: impl Fn(u32) -> u32, stream: &mut Stream) -> u32 {
    let weights: Vec<f64> = (0..levels(factor)).map(|level| overlap.powi(distance(level) as i32)).collect();
    stream.weighted(&weights) as u32
}

fn levels(factor: &str) -> u32 {
    let found = FACTORS.iter().find(|(name, _)| *name == factor);
    found.expect("priors name factors of the recipe").1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_overlap_a_genre_keeps_to_its_taste() {
        let mut stream = Stream::new(1, "habits");
        for (genre, taste) in TASTES.iter().enumerate() {
            let habits = Habits::draw(genre, 0.0, &mut stream);
            let drawn = [habits.tempo, habits.timbre, habits.drums, habits.register, habits.noise];
            assert_eq!(drawn, [taste.tempo, taste.timbre[0], taste.drums[0], taste.register, taste.noise]);
        }
    }

    #[test]
    fn with_full_overlap_every_level_is_as_likely() {
        let mut stream = Stream::new(2, "habits");
        let mut counts = [0; 8];
        (0..8000).for_each(|_| counts[Habits::uniform(&mut stream).tempo as usize] += 1);
        assert!(counts.iter().all(|count| (880..1120).contains(count)), "{counts:?}");
    }

    #[test]
    fn fifths_are_counted_the_shorter_way_round() {
        assert_eq!([fifths(7, 0), fifths(0, 7), fifths(6, 0), fifths(10, 0), fifths(4, 4)], [1, 1, 6, 2, 0]);
    }

    #[test]
    fn genres_have_different_tastes() {
        let key = |taste: &Taste| (taste.tempo, taste.timbre, taste.drums, taste.loudness, taste.noise);
        for (at, taste) in TASTES.iter().enumerate() {
            assert!(TASTES[at + 1..].iter().all(|other| key(other) != key(taste)));
        }
    }
}
