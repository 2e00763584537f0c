//! What is told of lyrics and classes: words of clusters, tracks of each genre and language.

use super::super::Class;
use super::super::distribution::Distribution;
use super::super::top_words::TopWords;
use super::Frame;
use crate::artifact::{Assignment, Latents};
use crate::plotting::{Drawing, PlotError};
use crate::text::counts::{Counting, Terms};
use crate::text::top_words::top_words;
use std::collections::BTreeMap;

/// Words kept of each cluster; as many are drawn as there is room for.
const WORDS: usize = 15;
/// Words of fewer letters say little.
const LEAST_CHARS: usize = 2;

impl Frame<'_> {
    pub fn top_words(
        &self,
        assignment: &Assignment,
        points: &Latents,
        stop_words: &[String],
    ) -> Result<Drawing, PlotError> {
        let mut names = assignment.labels.clone();
        names.sort_unstable();
        names.dedup();
        let place: BTreeMap<i32, usize> = names.iter().copied().zip(0..).collect();
        let lyrics = points.tracks.iter().map(|track| self.corpus.tracks[*track as usize].lyrics.as_deref());
        let read = assignment.labels.iter().zip(lyrics).filter_map(|(label, lyrics)| Some((place[label], lyrics?)));
        let (groups, texts): (Vec<usize>, Vec<&str>) = read.unzip();
        let stop_words = stop_words.iter().cloned().collect();
        let terms = Terms::Words { least: 1, most: 1 };
        let counting = Counting { terms, stop_words, least_chars: LEAST_CHARS, ..Counting::default() };
        let none = |_| PlotError::Empty { plot: "top words", why: "the lyrics cannot be counted" };
        let counts = counting.count(&texts).map_err(none)?;
        let group_of: Vec<Option<usize>> = groups.iter().copied().map(Some).collect();
        let words = top_words(&counts, &group_of, names.len(), WORDS);
        let documents: Vec<usize> =
            (0..names.len()).map(|name| groups.iter().filter(|group| **group == name).count()).collect();
        let clusters: Vec<String> = names.iter().map(|name| named(*name)).collect();
        let caption = self.caption(points.tracks.len());
        TopWords { caption: &caption, clusters: &clusters, documents: &documents, words: &words }.draw()
    }

    pub fn distribution(&self, points: &Latents, by: Class) -> Result<Drawing, PlotError> {
        let (names, of) = match by {
            Class::Genre => (self.genres(points), "genre"),
            Class::Language => (self.languages(points), "language"),
        };
        let mut tracks = BTreeMap::<String, usize>::new();
        names.into_iter().filter(|name| !name.is_empty()).for_each(|name| *tracks.entry(name).or_default() += 1);
        let (labels, counts): (Vec<String>, Vec<usize>) = tracks.into_iter().unzip();
        Distribution { caption: &self.caption(points.tracks.len()), labels: &labels, counts: &counts, of }.draw()
    }
}

fn named(cluster: i32) -> String {
    if cluster < 0 { "noise".to_owned() } else { format!("cluster {cluster}") }
}
