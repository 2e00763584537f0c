//! A graph over the songs, for processes that live long and answer many queries, and how much of the truth it finds.

use crate::stats::evenly;
use crate::stats::hnsw::{Hnsw, Settings};
use crate::stats::search::{Directions, Hit, Search};
use rayon::prelude::*;
use serde::Serialize;

/// Songs that are asked with to measure what is found.
const QUERIES: usize = 200;
/// Neighbours that they are to find.
const NEAREST: usize = 10;
/// Breadths that are tried.
const BREADTHS: [usize; 6] = [16, 32, 64, 128, 256, 512];

/// How much an approximate search finds, against the exact one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Recall {
    /// Songs that were asked with, evenly taken.
    pub queries: usize,
    /// How many nearest they were to find.
    pub nearest: usize,
    /// Candidates that a walk keeps: the least of those tried that finds enough, else the most.
    pub breadth: usize,
    /// Share of the truly nearest that was found.
    pub recall: f64,
}

/// A graph and the breadth of its walks.
pub struct Graph {
    graph: Hnsw,
    breadth: usize,
}

impl Graph {
    /// Over `rows`, walked broadly enough to find the share `wanted` of the nearest.
    pub fn over(rows: &Directions, wanted: f64) -> (Graph, Recall) {
        let (graph, exact) = (Hnsw::new(rows.clone(), Settings::default()), Search::new(rows.clone()));
        let queries = evenly(rows.len(), QUERIES);
        let told = |breadth| Recall {
            queries: queries.len(),
            nearest: NEAREST,
            breadth,
            recall: recall(&graph, &exact, &queries, breadth),
        };
        let last = BREADTHS.len() - 1;
        let enough = BREADTHS[..last].iter().map(|breadth| told(*breadth)).find(|told| told.recall >= wanted);
        let recall = enough.unwrap_or_else(|| told(BREADTHS[last]));
        (Graph { graph, breadth: recall.breadth }, recall)
    }

    /// The `k` rows found to be most like `query`, of those that are allowed.
    pub fn top(&self, query: &[f32], k: usize, allowed: impl Fn(usize) -> bool) -> Vec<Hit> {
        self.graph.top(query, k, self.breadth, allowed)
    }
}

/// Each query is a row that must find others, not itself.
fn recall(graph: &Hnsw, exact: &Search, queries: &[usize], breadth: usize) -> f64 {
    let one = |query: &usize| {
        let (row, others) = (exact.rows().row(*query), |row: usize| row != *query);
        let truth = exact.top(row, NEAREST, others);
        let least = truth.last().map_or(f64::INFINITY, |last| last.similarity);
        let found = graph.top(row, NEAREST, breadth, others);
        found.iter().filter(|hit| hit.similarity >= least).count() as f64 / truth.len().max(1) as f64
    };
    let shares: Vec<f64> = queries.par_iter().map(one).collect();
    shares.iter().sum::<f64>() / queries.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use ndarray::Array2;

    #[test]
    fn what_is_found_is_measured_and_enough() {
        let mut stream = Stream::new(1, "test.graph");
        let rows = Directions::of(Array2::from_shape_fn((900, 12), |_| stream.normal()).view());
        let (graph, told) = Graph::over(&rows, 0.95);
        assert!(told.recall >= 0.95 && told.recall <= 1.0 && told.queries == 200, "{told:?}");
        let found = graph.top(rows.row(3), 5, |row| row != 3);
        assert!(found.len() == 5 && found.iter().all(|hit| hit.row != 3));
    }
}
