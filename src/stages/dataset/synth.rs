//! The embedded data set: ten genres of procedural music with lyrics, and the truth about how each track was made.
//! Factors after dMelodies (Pati, Gururani, Lerch, ISMIR 2020); genre names after GTZAN (Tzanetakis and Cook, 2002).
//!
//! Nothing is rendered here: a track carries its recipe, and [`render`](crate::signal::synth::render) makes it audible.

mod bangla;
mod corpus;
mod english;
mod lyrics;
mod priors;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::lyrics::Languages;
use self::priors::{Habits, Spread};
use crate::random::Stream;
use crate::signal::synth::{Artist, Recipe};

/// The ten genres; the position of a name is the `template` factor of its tracks.
pub const GENRES: [&str; 10] =
    ["blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock"];

const SMALLEST_GROUP: usize = 4;
const LARGEST_GROUP: usize = 8;

/// Ten genres of procedural music with English and Bangla lyrics and known factors; needs no files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Synth {
    /// Tracks of each of the ten genres.
    #[schemars(range(min = 4, max = 100_000))]
    pub tracks_per_genre: usize,
    /// Length of a track, seconds.
    #[schemars(range(min = 0.5, max = 120.0))]
    pub seconds: f64,
    /// How far apart the genres lie.
    pub difficulty: Difficulty,
    /// Whether genre shapes the other factors.
    pub mode: Mode,
    /// Negative control: labels say nothing about the music or the words.
    pub control: bool,
    /// Languages of the lyrics: `both` (half of the tracks each), `english` or `bangla`.
    #[serde(skip_serializing_if = "Languages::are_both")]
    pub languages: Languages,
    /// Share of the genre words of a song that come from another genre.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub lyrics_noise: f64,
    /// Share of tracks without lyrics.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub missing_lyrics: f64,
    /// Seed of the data set; not the experiment's seed, so that seeds are compared on the same data.
    pub seed: u64,
}

/// How far apart the genres lie; calibrated by k-means and a linear probe on means and deviations of 20 MFCC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// k-means finds the genres: adjusted Rand index above 0.8.
    Easy,
    /// A linear probe finds the genres (accuracy 0.85 to 0.95), k-means half of them (0.30 to 0.50).
    #[default]
    Medium,
    /// As hard for k-means as real music: 0.15 to 0.20.
    Hard,
}

/// Whether genre shapes the other factors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Tempo, timbre, drums and so on follow the habits of genre and artist, as in real collections.
    #[default]
    Natural,
    /// Every factor is drawn uniformly and apart from all others, as disentanglement scores suppose.
    Independent,
}

impl Default for Synth {
    fn default() -> Synth {
        Synth {
            tracks_per_genre: 40,
            seconds: 6.0,
            difficulty: Difficulty::Medium,
            mode: Mode::Natural,
            control: false,
            languages: Languages::Both,
            lyrics_noise: 0.3,
            missing_lyrics: 0.1,
            seed: 0,
        }
    }
}

/// One track: its labels, its words and the recipe of its sound.
#[derive(Clone, Debug, PartialEq)]
pub struct SynthTrack {
    /// `synth.<genre>.<five digits>`.
    pub id: String,
    /// One of [`GENRES`].
    pub genre: &'static str,
    /// Artist, `<genre>.artist<three digits>`; an artist has four to eight tracks of one genre.
    pub group: String,
    /// `en` or `bn`.
    pub language: &'static str,
    /// Lines of a song, or none where the words are missing.
    pub lyrics: Option<String>,
    /// How the track sounds.
    pub recipe: Recipe,
    /// The integer factors by name; see [`FACTORS`](crate::signal::synth::FACTORS) for their numbers of levels.
    pub factors: Vec<(&'static str, u32)>,
}

/// What the tracks of one artist share.
struct Studio {
    name: String,
    bias: Artist,
    habits: Habits,
}

impl Synth {
    /// A table body for `[dataset.synth]`.
    pub const EXAMPLE: &str = "tracks_per_genre = 40\nseconds = 6.0\ndifficulty = \"medium\"";

    /// All tracks, genre by genre and artist by artist. The same settings give the same tracks.
    pub fn tracks(&self) -> Vec<SynthTrack> {
        (0..GENRES.len()).flat_map(|genre| self.genre(genre)).collect()
    }

    fn genre(&self, genre: usize) -> Vec<SynthTrack> {
        let sizes = group_sizes(self.tracks_per_genre, &mut self.stream("groups", genre, 0));
        let artists = sizes.iter().enumerate().flat_map(|(artist, size)| std::iter::repeat_n(artist, *size));
        let studios: Vec<Studio> = (0..sizes.len()).map(|artist| self.studio(genre, artist)).collect();
        artists.enumerate().map(|(index, artist)| self.track(genre, index, &studios[artist])).collect()
    }

    fn studio(&self, genre: usize, artist: usize) -> Studio {
        let mut stream = self.stream("artist", genre, artist);
        let music = if self.control { stream.below(GENRES.len()) } else { genre };
        let spread = self.spread();
        let bias = spread.artist(&mut stream);
        let habits = Habits::draw(music, spread.overlap, &mut stream);
        Studio { name: format!("{}.artist{artist:03}", GENRES[genre]), bias, habits }
    }

    fn track(&self, genre: usize, index: usize, studio: &Studio) -> SynthTrack {
        let mut stream = self.stream("track", genre, index);
        let music = if self.control { stream.below(GENRES.len()) } else { genre };
        let recipe = self.recipe(music, studio, &mut stream);
        let language = self.languages.draw(stream.chance(0.5));
        let missing = stream.chance(self.missing_lyrics);
        let lyrics = (!missing).then(|| lyrics::write(language, music, self.lyrics_noise, &mut stream));
        SynthTrack {
            id: format!("synth.{}.{index:05}", GENRES[genre]),
            genre: GENRES[genre],
            group: studio.name.clone(),
            language: language.code(),
            lyrics,
            factors: recipe.factors(),
            recipe,
        }
    }

    fn recipe(&self, music: usize, studio: &Studio, stream: &mut Stream) -> Recipe {
        let spread = self.spread();
        let habits = match self.mode {
            Mode::Independent => Habits::uniform(stream),
            Mode::Natural => Habits::draw(music, spread.overlap, stream).after(&studio.habits, stream),
        };
        Recipe {
            template: music as u32,
            character: spread.character,
            looseness_db: spread.looseness_db,
            tempo: habits.tempo,
            key: habits.key,
            mode: habits.mode,
            timbre: habits.timbre,
            drums: habits.drums,
            register: habits.register,
            loudness: habits.loudness,
            reverb: habits.reverb,
            noise: habits.noise,
            artist: studio.bias,
            seconds: self.seconds,
            seed: stream.next_u64(),
        }
    }

    fn spread(&self) -> Spread {
        Spread::of(self.difficulty)
    }

    fn stream(&self, purpose: &str, genre: usize, index: usize) -> Stream {
        Stream::at(self.seed, &format!("dataset.synth.{purpose}.{}", GENRES[genre]), index as u64)
    }
}

/// Sizes of artists that add up to `tracks`: each four to eight (one smaller artist if there are fewer than four).
fn group_sizes(tracks: usize, stream: &mut Stream) -> Vec<usize> {
    let (mut sizes, mut left) = (Vec::new(), tracks);
    while left > 0 {
        let fits = |size: &usize| left == *size || left >= *size + SMALLEST_GROUP;
        let choices: Vec<usize> = (SMALLEST_GROUP..=LARGEST_GROUP).filter(fits).collect();
        let size = if choices.is_empty() { left } else { choices[stream.below(choices.len())] };
        sizes.push(size);
        left -= size;
    }
    sizes
}

#[cfg(test)]
mod tests;
