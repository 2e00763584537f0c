//! Putting rows into the graph, a batch at a time (algorithms 1 and 4).
//!
//! All rows of a batch look for their neighbours in the graph as it was before the batch; then they are linked to them, and
//! these back to them. Both are pure functions of the graph and the batch, so the order of threads changes nothing.

use super::Settings;
use super::codes::Codes;
use super::links::Links;
use super::walk::{Met, Walker};
use crate::random::Stream;
use rayon::prelude::*;

/// A batch is at most this share of the rows that are in the graph already...
const SHARE: usize = 16;
/// ...and at most so many rows.
const MOST: usize = 1024;

/// A row and what it is to be linked to, level by level.
type Wanted = (u32, Vec<Vec<u32>>);

/// The graph of all rows.
pub fn build(codes: &Codes, settings: Settings) -> Links {
    let most = settings.links.max(2);
    let levels = levels(codes.len(), most, settings.seed);
    let mut order: Vec<u32> = (0..codes.len() as u32).collect();
    // Rows of one class often lie together: in their order the first links would all lead to one corner.
    Stream::new(settings.seed, "hnsw.order").shuffle(&mut order);
    let mut links = Links::new(&levels, most);
    let mut done = 0;
    while done < order.len() {
        let batch = &order[done..order.len().min(done + (done / SHARE).clamp(1, MOST))];
        put(codes, &mut links, batch, settings.breadth);
        done += batch.len();
    }
    links
}

/// Levels fall off exponentially: one row in `most` reaches the next.
fn levels(rows: usize, most: usize, seed: u64) -> Vec<u8> {
    let mut stream = Stream::new(seed, "hnsw.levels");
    let scale = 1.0 / (most as f64).ln();
    (0..rows).map(|_| (-(1.0 - stream.uniform()).ln() * scale).min(30.0) as u8).collect()
}

fn put(codes: &Codes, links: &mut Links, batch: &[u32], breadth: usize) {
    let look = |walker: &mut Walker, row: &u32| (*row, wanted(walker, codes, links, *row, breadth));
    let found: Vec<Wanted> = batch.par_iter().map_init(|| Walker::new(codes.len()), look).collect();
    for (row, levels) in &found {
        levels.iter().enumerate().for_each(|(level, others)| links.set(*row, level, others));
    }
    for (row, level, others) in linked_back(codes, links, &found) {
        links.set(row, level, &others);
    }
    batch.iter().for_each(|row| links.enter(*row));
}

/// What `row` is to be linked to on each of its levels that the graph has.
fn wanted(walker: &mut Walker, codes: &Codes, links: &Links, row: u32, breadth: usize) -> Vec<Vec<u32>> {
    let (code, own) = (codes.row(row), links.level(row));
    let Some(start) = walker.descend(codes, links, &code, own) else { return Vec::new() };
    let highest = links.entry().map_or(0, |(_, level)| level).min(own);
    let mut from = vec![start];
    let mut wanted = vec![Vec::new(); highest + 1];
    for level in (0..=highest).rev() {
        from = walker.level(codes, links, &code, &from, (level, breadth), &|_| true);
        wanted[level] = selected(codes, &from, links.most(1));
    }
    wanted
}

/// Of candidates, best first, those that are not more similar to one chosen before than to the row (algorithm 4): links that
/// lead into different directions.
fn selected(codes: &Codes, candidates: &[Met], most: usize) -> Vec<u32> {
    let mut chosen: Vec<u32> = Vec::with_capacity(most);
    for candidate in candidates {
        if chosen.len() == most {
            break;
        }
        if !codes.any_above(candidate.row(), &chosen, candidate.similarity()) {
            chosen.push(candidate.row());
        }
    }
    chosen
}

/// The new links of all rows that rows of the batch are linked to, by level and row.
fn linked_back(codes: &Codes, links: &Links, found: &[Wanted]) -> Vec<(u32, usize, Vec<u32>)> {
    let mut back: Vec<(usize, u32, u32)> = Vec::new();
    for (row, levels) in found {
        for (level, others) in levels.iter().enumerate() {
            back.extend(others.iter().map(|other| (level, *other, *row)));
        }
    }
    back.sort_unstable();
    let groups: Vec<&[(usize, u32, u32)]> = back.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).collect();
    let one = |group: &&[(usize, u32, u32)]| {
        let (level, row, _) = group[0];
        let mut others = links.of(row, level).to_vec();
        others.extend(group.iter().map(|(_, _, new)| *new));
        if others.len() > links.most(level) {
            others = best(codes, row, &others, links.most(level));
        }
        (row, level, others)
    };
    groups.par_iter().map(one).collect()
}

fn best(codes: &Codes, row: u32, others: &[u32], most: usize) -> Vec<u32> {
    let mut similarities = Vec::new();
    codes.similarities(&codes.row(row), others, &mut similarities);
    let met = others.iter().zip(similarities).map(|(other, similarity)| Met::new(*other, similarity));
    let mut met: Vec<Met> = met.collect();
    met.sort_unstable_by(|a, b| b.cmp(a));
    selected(codes, &met, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::search::Directions;

    #[test]
    fn one_row_in_so_many_reaches_the_next_level() {
        let levels = levels(100_000, 16, 1);
        let share = levels.iter().filter(|level| **level > 0).count() as f64 / 1e5;
        assert!((share - 1.0 / 16.0).abs() < 0.004, "{share}");
    }

    #[test]
    fn links_lead_into_different_directions() {
        // Of three rows on one side the nearest stands for all; the one on the other side is taken, too.
        let rows = Directions::of(ndarray::array![[1.0, 0.0], [1.0, 0.3], [1.0, 0.4], [1.0, 0.5], [1.0, -0.6]].view());
        assert_eq!(best(&Codes::of(&rows), 0, &[1, 2, 3, 4], 4), [1, 4]);
    }

    #[test]
    fn no_row_is_linked_to_itself_or_to_too_many() {
        let rows = ndarray::Array2::from_shape_fn((400, 3), |(row, dim)| ((row * (dim + 3)) % 17) as f64 - 8.0);
        let codes = Codes::of(&Directions::of(rows.view()));
        let links = build(&codes, Settings { links: 4, ..Settings::default() });
        for row in 0..400 {
            for level in 0..=links.level(row) {
                let others = links.of(row, level);
                assert!(
                    !others.contains(&row) && others.len() <= links.most(level) && others.iter().all(|at| *at < 400)
                );
            }
        }
    }
}
