//! `runner recommend RUN AUDIO...`: the songs that sound most like one, or like several together.

use super::embed::run_folder;
use super::output::{Paint, print, print_pretty, printable, say};
use super::stop::Stop;
use crate::experiment::{Filters, Recall, Recommendation, Recommender};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Share of the truly nearest that an approximate search is to find.
const WANTED: f64 = 0.99;

/// Options of a recommendation.
#[derive(Args, Debug)]
pub struct Recommend {
    /// The run folder whose model listens, or its name
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Sound files, or ids of songs that are known; several stand for what they share
    #[arg(value_name = "AUDIO", required = true)]
    audio: Vec<PathBuf>,
    /// How many songs to name
    #[arg(long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    top_k: u16,
    /// Look among the songs of this store (see `runner embed`); without it among the tracks of the run
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Only songs of this genre; may be repeated
    #[arg(long, value_name = "NAME")]
    genre: Vec<String>,
    /// No songs of this artist; may be repeated
    #[arg(long, value_name = "NAME")]
    exclude_artist: Vec<String>,
    /// No songs of the query's own artist, where it is known
    #[arg(long)]
    other_artists: bool,
    /// The query itself may be named, too
    #[arg(long)]
    keep_query: bool,
    /// Search through a graph (HNSW) in place of looking at every song, and say how much of the truth it finds; for one query
    /// the exact search is faster
    #[arg(long)]
    approximate: bool,
    /// Where run folders are
    #[arg(long, value_name = "DIR", default_value = "runs")]
    runs: PathBuf,
    /// Print the songs as JSON
    #[arg(long)]
    pub json: bool,
}

impl Recommend {
    /// Prints rank, similarity (cosine) and path of each song, best first.
    ///
    /// # Errors
    /// A run without a model that hears sound; a store that is damaged or another model's; a query that is no sound; a filter
    /// that names what no song has.
    pub fn obey(&self) -> Result<(), Stop> {
        let run = run_folder(&self.run, &self.runs);
        let mut recommender = match &self.store {
            Some(store) => Recommender::with_store(&run, store)?,
            None => Recommender::open(&run)?,
        };
        if self.approximate {
            let Recall { queries, nearest, breadth, recall } = recommender.approximate(WANTED);
            say(&format!("approximate: recall@{nearest} is {recall:.4} on {queries} songs, breadth {breadth}"));
        }
        let found = recommender.search(&self.audio, usize::from(self.top_k), &self.filters())?;
        if self.json {
            return print_pretty(&json!({ "query": self.audio, "songs": recommender.songs().len(), "results": found }));
        }
        if found.len() < usize::from(self.top_k) {
            say(&format!("{} songs are left to name", found.len()));
        }
        print(&found.iter().map(line).collect::<String>())
    }

    fn filters(&self) -> Filters {
        Filters {
            genres: self.genre.clone(),
            not_artists: self.exclude_artist.clone(),
            other_artists: self.other_artists,
            keep_query: self.keep_query,
        }
    }
}

/// `  1  0.9873  data/jazz/a.wav  jazz`
fn line(song: &Recommendation) -> String {
    let paint = Paint::for_stdout();
    let label = song.label.as_deref().map_or_else(String::new, |label| format!("  {}", paint.dim(&printable(label))));
    format!("{:>3}  {:.4}  {}{label}\n", song.rank, song.similarity, printable(&song.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_rank_similarity_and_path() {
        let song = Recommendation {
            rank: 2,
            path: "a\u{1b}b.wav".to_owned(),
            similarity: 0.98765,
            id: "a".to_owned(),
            label: None,
            artist: "x".to_owned(),
        };
        assert_eq!(line(&song), "  2  0.9877  a\\u{1b}b.wav\n");
    }
}
