//! Speed of clustering, silhouette and t-SNE on Gaussian blobs: `cargo bench --bench stats`.
//! The same sizes in Python: `KMeans(10, n_init=10)`, `silhouette_score` on 8000 x 32; `TSNE(init="pca")` on 500 x 16.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use runner::random::Stream;
use runner::stages::cluster::kmeans::KMeans;
use runner::stages::project::Projector;
use runner::stages::project::tsne::Tsne;
use runner::stats::silhouette;

const CLUSTERS: usize = 10;

/// Points around ten centres in `[-10, 10)`, with standard deviation 4.
fn blobs(points: usize, dims: usize) -> Array2<f64> {
    let mut stream = Stream::new(0, "bench.blobs");
    let centres = Array2::from_shape_fn((CLUSTERS, dims), |_| stream.between(-10.0, 10.0));
    Array2::from_shape_fn((points, dims), |(row, column)| centres[[row % CLUSTERS, column]] + 4.0 * stream.normal())
}

fn kmeans(criterion: &mut Criterion) {
    let points = blobs(8000, 32);
    criterion.bench_function("k-means 8000x32 k=10", |bencher| {
        bencher.iter(|| KMeans::default().fit(black_box(points.view()), CLUSTERS, 0));
    });
}

fn silhouettes(criterion: &mut Criterion) {
    let points = blobs(8000, 32);
    let labels: Vec<i32> = (0..8000).map(|row| (row % CLUSTERS) as i32).collect();
    criterion.bench_function("silhouette 8000x32", |bencher| {
        bencher.iter(|| silhouette::mean(black_box(points.view()), &labels));
    });
}

fn tsne(criterion: &mut Criterion) {
    let points = blobs(500, 16);
    criterion.bench_function("t-SNE 500x16", |bencher| {
        bencher.iter(|| Tsne::default().project(black_box(points.view()), 0));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = kmeans, silhouettes, tsne
}
criterion_main!(benches);
