//! Songs from line patterns whose gaps are filled with words of a genre, of other genres, and of every song.
//! A unigram topic model (Blei, Ng, Jordan, "Latent Dirichlet allocation", 2003) with one topic a song and a shared background.

use super::{bangla, english};
use crate::random::Stream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Share of gaps that take a word of every song.
const SHARED: f64 = 0.45;
const VERSES: usize = 2;
const VERSE_LINES: usize = 4;
const CHORUS_LINES: usize = 2;

/// What a language has to sing with.
pub struct Vocabulary {
    /// Lines with gaps, each written `{}`.
    pub lines: &'static [&'static str],
    /// Words of every song, between spaces.
    pub shared: &'static str,
    /// Words of each genre, between spaces.
    pub genres: [&'static str; 10],
}

/// The language of a song.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Bangla,
}

/// Languages that songs are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Languages {
    /// English and Bangla, half of the songs each.
    #[default]
    Both,
    /// English only.
    English,
    /// Bangla only.
    Bangla,
}

impl Languages {
    /// Whether songs are written in both.
    pub fn are_both(&self) -> bool {
        *self == Languages::Both
    }

    /// The language of a song; `toss` decides where there are two.
    pub fn draw(self, toss: bool) -> Language {
        match self {
            Languages::English => Language::English,
            Languages::Bangla => Language::Bangla,
            Languages::Both if toss => Language::Bangla,
            Languages::Both => Language::English,
        }
    }
}

impl Language {
    /// ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Bangla => "bn",
        }
    }

    fn vocabulary(self) -> &'static Vocabulary {
        match self {
            Language::English => &english::VOCABULARY,
            Language::Bangla => &bangla::VOCABULARY,
        }
    }
}

/// A song of `genre`: verses, each followed by the same chorus. A genre word comes from another genre with
/// probability `noise`.
pub fn write(language: Language, genre: usize, noise: f64, stream: &mut Stream) -> String {
    let vocabulary = language.vocabulary();
    let mut lines = |count: usize| (0..count).map(|_| line(vocabulary, genre, noise, stream)).collect::<Vec<_>>();
    let chorus = lines(CHORUS_LINES);
    let verses: Vec<String> = (0..VERSES).flat_map(|_| [lines(VERSE_LINES), chorus.clone()].concat()).collect();
    verses.join("\n")
}

fn line(vocabulary: &Vocabulary, genre: usize, noise: f64, stream: &mut Stream) -> String {
    let pattern = vocabulary.lines[stream.below(vocabulary.lines.len())];
    let mut parts = pattern.split("{}");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |line, part| line + word(vocabulary, genre, noise, stream) + part)
}

fn word(vocabulary: &Vocabulary, genre: usize, noise: f64, stream: &mut Stream) -> &'static str {
    if stream.chance(SHARED) {
        return any(vocabulary.shared, stream);
    }
    let others = vocabulary.genres.len() - 1;
    let from = if stream.chance(noise) { (genre + 1 + stream.below(others)) % (others + 1) } else { genre };
    any(vocabulary.genres[from], stream)
}

fn any(words: &'static str, stream: &mut Stream) -> &'static str {
    let count = words.split_whitespace().count();
    words.split_whitespace().nth(stream.below(count)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Share of a song's genre words that are of `genre`.
    fn faith(language: Language, genre: usize, noise: f64) -> f64 {
        let song = write(language, genre, noise, &mut Stream::new(3, "song"));
        let count = |of: usize| {
            let words: Vec<&str> = language.vocabulary().genres[of].split_whitespace().collect();
            song.split(|c: char| c.is_whitespace() || c == ',').filter(|word| words.contains(word)).count()
        };
        count(genre) as f64 / (0..10).map(count).sum::<usize>() as f64
    }

    #[test]
    fn words_come_from_the_genre_as_often_as_noise_allows() {
        for language in [Language::English, Language::Bangla] {
            assert_eq!((faith(language, 6, 0.0), faith(language, 6, 1.0)), (1.0, 0.0));
        }
    }

    #[test]
    fn a_song_has_verses_and_a_chorus_that_returns() {
        let song = write(Language::English, 0, 0.3, &mut Stream::new(1, "song"));
        let lines: Vec<&str> = song.lines().collect();
        assert_eq!(lines.len(), 12);
        assert_eq!(lines[4..6], lines[10..12]);
        assert!(!song.contains("{}"));
    }

    #[test]
    fn no_word_belongs_to_two_genres() {
        for language in [Language::English, Language::Bangla] {
            let vocabulary = language.vocabulary();
            let lists = vocabulary.genres.iter().chain([&vocabulary.shared]);
            let mut words: Vec<&str> = lists.flat_map(|list| list.split_whitespace()).collect();
            let all = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), all);
        }
    }
}
