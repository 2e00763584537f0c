//! Speed of search by cosine among 20,000 embeddings of 128 values: `cargo bench --bench search`.
//! The same in Python: `faiss.IndexFlatIP`, `hnswlib.Index("ip")` with M = 16, ef_construction = 200.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use runner::random::Stream;
use runner::stats::hnsw::{Hnsw, Settings};
use runner::stats::search::{Directions, Search, top};

const ROWS: usize = 20_000;
const DIMS: usize = 128;

/// Points around a hundred centres.
fn embeddings(seed: u64, rows: usize) -> Directions {
    let centres = Stream::new(0, "bench.centres").normals(100 * DIMS);
    let mut stream = Stream::new(seed, "bench.embeddings");
    let point = |(row, dim): (usize, usize)| f64::from(centres[row % 100 * DIMS + dim]) + stream.normal();
    Directions::of(Array2::from_shape_fn((rows, DIMS), point).view())
}

fn exact(criterion: &mut Criterion) {
    let (rows, queries) = (embeddings(1, ROWS), embeddings(2, 256));
    let search = Search::new(rows.clone());
    criterion.bench_function("exact, 256 queries", |bencher| {
        bencher.iter(|| search.top_each(black_box(&queries), 10, |_, _| true));
    });
    criterion.bench_function("exact, 1 query", |bencher| {
        bencher.iter(|| search.top(black_box(queries.row(0)), 10, |_| true));
    });
    criterion.bench_function("exact, 1 query, nothing made ready", |bencher| {
        bencher.iter(|| top(&rows, black_box(queries.row(0)), 10, |_| true));
    });
}

fn graph(criterion: &mut Criterion) {
    let (rows, queries) = (embeddings(1, ROWS), embeddings(2, 256));
    criterion.bench_function("HNSW, built", |bencher| {
        bencher.iter(|| Hnsw::new(black_box(rows.clone()), Settings::default()));
    });
    let graph = Hnsw::new(rows, Settings::default());
    criterion.bench_function("HNSW, 256 queries, breadth 32", |bencher| {
        bencher.iter(|| graph.top_each(black_box(&queries), 10, 32));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = exact, graph
}
criterion_main!(benches);
