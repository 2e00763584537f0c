//! What was found when tracks were searched: `neighbours.csv`, `retrieval_by_label.csv` and the table of the page.

use super::Ran;
use super::cells::{csv_of, safe};
use super::page::sound;
use crate::artifact::{Corpus, Retrieval};
use crate::engine::{Failure, Files};
use crate::report::page::{Neighbour, Neighbours};
use crate::stats::evenly;
use std::path::Path;
use std::sync::Arc;

/// Queries on the page.
const SHOWN: usize = 12;

/// Adds the tables of the search that is looked at; nothing where nothing was searched.
pub(super) fn tables(ran: &Ran, corpus: &Corpus, files: &mut Files) -> Result<(), Failure> {
    let Some(found) = first(ran)? else { return Ok(()) };
    files.insert("neighbours.csv", neighbours(corpus, &found)?);
    if !found.by_label.is_empty() {
        files.insert("retrieval_by_label.csv", by_label(corpus, &found)?);
    }
    Ok(())
}

fn first(ran: &Ran) -> Result<Option<Arc<Retrieval>>, Failure> {
    ran.outline.searches.first().map(|(_, found)| ran.walk.get(found)).transpose()
}

fn neighbours(corpus: &Corpus, found: &Retrieval) -> Result<Vec<u8>, Failure> {
    let id = |track: u32| safe(&corpus.tracks[track as usize].id);
    let lines = found.neighbours.iter().flat_map(|near| {
        near.nearest.iter().enumerate().map(move |(at, (track, similarity))| {
            vec![id(near.track), (at + 1).to_string(), id(*track), format!("{similarity:.6}")]
        })
    });
    csv_of(&["id", "rank", "neighbour", "similarity"], lines)
}

fn by_label(corpus: &Corpus, found: &Retrieval) -> Result<Vec<u8>, Failure> {
    let names = found.by_label.first().map(|line| line.scores.iter().map(|(name, _)| name.as_str()).collect());
    let names: Vec<&str> = names.unwrap_or_default();
    let header: Vec<&str> = ["label", "queries"].into_iter().chain(names).collect();
    let lines = found.by_label.iter().map(|line| {
        let label = corpus.labels.get(line.label as usize).map_or_else(String::new, |label| safe(label));
        let scores = line.scores.iter().map(|(_, value)| value.to_string());
        [label, line.queries.to_string()].into_iter().chain(scores).collect()
    });
    csv_of(&header, lines)
}

/// A few queries, evenly taken, with what they found.
pub(super) fn on_page(ran: &Ran, way: Option<&Path>, corpus: &Corpus) -> Result<Vec<Neighbours>, Failure> {
    let Some(found) = first(ran)? else { return Ok(Vec::new()) };
    let line = |track: u32, similarity: f64| {
        let of = &corpus.tracks[track as usize];
        let label = if of.label.is_some() { corpus.label_name(track).to_owned() } else { String::new() };
        Neighbour { id: of.id.clone(), label, similarity, audio: sound(of, way) }
    };
    let one = |at: usize| {
        let near = &found.neighbours[at];
        let found = near.nearest.iter().map(|(track, similarity)| line(*track, *similarity)).collect();
        Neighbours { query: line(near.track, 1.0), found }
    };
    Ok(evenly(found.neighbours.len(), SHOWN).into_iter().map(one).collect())
}
