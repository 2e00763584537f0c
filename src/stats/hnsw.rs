//! Approximate search by cosine in a graph of neighbours, for more vectors than an exact search looks through in time.
//! Malkov, Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable small world
//! graphs" (2016), algorithms 1 to 5; numbers in comments are theirs.
//!
//! The graph is walked on one byte a value ([`codes`]); what is found is measured again in double precision. Points are put in
//! by batches that see the graph as it was before them (Manohar et al., "ParlayANN", PPoPP 2024), so that the graph is the
//! same for any number of threads. How much is missed is measured ([`Hnsw::recall`]), not assumed.

mod build;
mod codes;
mod links;
mod walk;

use super::search::{Directions, Hit, Search};
use codes::Codes;
use links::Links;
use rayon::prelude::*;
use walk::Walker;

/// Rows that are measured again, beside those wanted.
const SPARE: usize = 16;

/// How a graph is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Links of a point on the upper levels (M); twice as many on the lowest.
    pub links: usize,
    /// Candidates that are kept while the links of a point are looked for (efConstruction).
    pub breadth: usize,
    /// Seed of the levels and of the order.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { links: 16, breadth: 200, seed: 0 }
    }
}

/// A graph over directions.
pub struct Hnsw {
    rows: Directions,
    codes: Codes,
    links: Links,
}

impl Hnsw {
    /// Builds the graph of `rows`.
    pub fn new(rows: Directions, settings: Settings) -> Hnsw {
        let codes = Codes::of(&rows);
        let links = build::build(&codes, settings);
        Hnsw { rows, codes, links }
    }

    /// The directions themselves.
    pub fn rows(&self) -> &Directions {
        &self.rows
    }

    /// The `k` rows found to be most like `query`, of those that are allowed. `breadth` (ef), at least `k`, is how many
    /// candidates are kept on the way: more find more and take longer.
    pub fn top(&self, query: &[f32], k: usize, breadth: usize, allowed: impl Fn(usize) -> bool) -> Vec<Hit> {
        self.found(&mut Walker::new(self.rows.len()), query, k, breadth, &allowed)
    }

    /// [`Hnsw::top`] for each of `queries`.
    pub fn top_each(&self, queries: &Directions, k: usize, breadth: usize) -> Vec<Vec<Hit>> {
        let one = |walker: &mut Walker, at: usize| self.found(walker, queries.row(at), k, breadth, &|_| true);
        (0..queries.len()).into_par_iter().map_init(|| Walker::new(self.rows.len()), one).collect()
    }

    fn found(
        &self,
        walker: &mut Walker,
        query: &[f32],
        k: usize,
        breadth: usize,
        allowed: &dyn Fn(usize) -> bool,
    ) -> Vec<Hit> {
        let code = self.codes.code(query);
        let near = walker.nearest(&self.codes, &self.links, &code, breadth.max(k), allowed);
        let measured = |row: u32| Hit { row, similarity: self.rows.similarity(row as usize, query) };
        let mut hits: Vec<Hit> = near.into_iter().take(k + SPARE).map(measured).collect();
        hits.sort_unstable_by(Hit::order);
        hits.truncate(k);
        hits
    }

    /// Share of the `k` truly most similar rows that are found, over `queries`; those equally similar as the last count too.
    pub fn recall(&self, exact: &Search, queries: &Directions, k: usize, breadth: usize) -> f64 {
        let (truth, found) = (exact.top_each(queries, k, |_, _| true), self.top_each(queries, k, breadth));
        let share = |(truth, found): (&Vec<Hit>, &Vec<Hit>)| {
            let least = truth.last().map_or(f64::INFINITY, |last| last.similarity);
            found.iter().filter(|hit| hit.similarity >= least).count() as f64 / truth.len().max(1) as f64
        };
        truth.iter().zip(&found).map(share).sum::<f64>() / queries.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use ndarray::Array2;

    /// Directions around some centres, as embeddings lie.
    fn clustered(seed: u64, rows: usize, dims: usize) -> Directions {
        let centres: Vec<f64> = Stream::new(7, "test.centres").normals(20 * dims).into_iter().map(f64::from).collect();
        let mut stream = Stream::new(seed, "test.points");
        let point = |(row, dim): (usize, usize)| 1.5 * centres[row % 20 * dims + dim] + stream.normal();
        Directions::of(Array2::from_shape_fn((rows, dims), point).view())
    }

    #[test]
    fn nearly_all_of_the_nearest_are_found_and_broader_walks_find_more() {
        let (rows, queries) = (clustered(1, 3000, 24), clustered(2, 100, 24));
        let (exact, graph) = (Search::new(rows.clone()), Hnsw::new(rows, Settings::default()));
        let recall = |breadth| graph.recall(&exact, &queries, 10, breadth);
        assert!(recall(10) > 0.8 && recall(128) > 0.99 && recall(10) <= recall(128), "{} {}", recall(10), recall(128));
    }

    #[test]
    fn every_point_finds_itself_and_filters_hold() {
        let rows = clustered(3, 1200, 16);
        let graph = Hnsw::new(rows.clone(), Settings::default());
        let itself = |row: &usize| graph.top(rows.row(*row), 1, 64, |_| true)[0].row as usize == *row;
        assert!((0..1200).filter(itself).count() >= 1198);
        let found = graph.top(rows.row(5), 10, 200, |row| row % 2 == 0);
        assert!(found.len() == 10 && found.iter().all(|hit| hit.row % 2 == 0));
        assert!(found.windows(2).all(|two| Hit::order(&two[0], &two[1]).is_lt()));
    }

    #[test]
    fn few_and_equal_points_are_all_found() {
        let none = Hnsw::new(Directions::of(Array2::<f64>::zeros((0, 3)).view()), Settings::default());
        assert!(none.top(&[1.0, 0.0, 0.0], 3, 10, |_| true).is_empty());
        let equal = Hnsw::new(Directions::of(Array2::<f64>::ones((5, 3)).view()), Settings::default());
        let found = equal.top(&[1.0, 0.0, 0.0], 5, 10, |_| true);
        assert_eq!(found.iter().map(|hit| hit.row).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn threads_do_not_change_the_graph() {
        let rows = clustered(4, 1500, 8);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| Hnsw::new(rows.clone(), Settings::default()).links)
        };
        assert_eq!(run(1), run(4));
    }
}
