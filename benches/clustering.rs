//! Clusterers, metrics and projections on ten clumps of points, as a table of medians in milliseconds.
//!
//!     cargo bench --bench clustering -- 8000 32            # points and dimensions
//!     cargo bench --bench clustering -- points.npy         # or an array, to compare with another program on the same

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

use std::time::Instant;

use ndarray::Array2;
use runner::random::Stream;
use runner::stages::cluster::Algorithm;
use runner::stages::metrics::{Evaluation, METRICS};
use runner::stages::project::Projection;

/// Seconds after which a line is not repeated.
const PATIENCE: f64 = 10.0;
const REPEATS: usize = 5;
/// More points than this have no map made of them: minutes.
const MOST_ON_A_MAP: usize = 20_000;

fn clumps(points: usize, dims: usize) -> Array2<f64> {
    let mut stream = Stream::new(1, "bench");
    let centres = Array2::from_shape_fn((10, dims), |_| stream.between(-10.0, 10.0));
    Array2::from_shape_fn((points, dims), |(row, column)| centres[[row % 10, column]] + 4.0 * stream.normal())
}

fn given() -> Array2<f64> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let number = |at: usize, usual: usize| words.get(at).and_then(|word| word.parse().ok()).unwrap_or(usual);
    match words.first().filter(|word| word.ends_with(".npy")) {
        Some(path) => {
            let bytes = std::fs::read(path).expect("the array can be read");
            runner::artifact::read_npy(&bytes).expect("a two-dimensional array of float64")
        }
        None => clumps(number(0, 8000), number(1, 32)),
    }
}

fn time(name: &str, mut work: impl FnMut()) {
    let mut seconds = Vec::new();
    while seconds.len() < REPEATS && seconds.iter().sum::<f64>() < PATIENCE {
        let begun = Instant::now();
        work();
        seconds.push(begun.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    println!("{name:<24} {:>10.2} ms   ({} runs)", 1e3 * seconds[seconds.len() / 2], seconds.len());
}

fn algorithm(text: &str) -> Algorithm {
    toml::from_str(text).expect("a kind and its settings")
}

fn main() {
    let points = given();
    let view = points.view();
    println!("{} points of {} dimensions, {} threads", points.nrows(), points.ncols(), rayon::current_num_threads());
    let radius = 4.0 * (2.0 * points.ncols() as f64).sqrt() * 0.8;
    let dbscan = format!("dbscan = {{ eps = {radius:?}, min_samples = 10 }}");
    let clusterers = [
        "kmeans = { k = 10 }",
        "minibatch_kmeans = { k = 10 }",
        "agglomerative = { k = 10 }",
        dbscan.as_str(),
        "hdbscan = { min_cluster_size = 15 }",
        "gmm = { k = 10 }",
        "spectral = { k = 10 }",
    ];
    for kind in clusterers.map(algorithm) {
        time(kind.name(), || drop(kind.assign(view, None, 1).expect("these points can be clustered")));
    }
    let assigned =
        algorithm("kmeans = { k = 10 }").assign(view, None, 1).expect("these points can be clustered").labels;
    let truth: Vec<u32> = (0..points.nrows() as u32).map(|row| row % 10).collect();
    for metric in METRICS {
        let of = Evaluation { truth: Some(&truth), assigned: &assigned, points: view, refits: None };
        time(metric.name(), || {
            std::hint::black_box(metric.score(&of));
        });
    }
    for text in ["pca = { dims = 10 }", "tsne = {}", "umap = {}"] {
        let kind: Projection = toml::from_str(text).expect("a kind and its settings");
        if kind.name() == "pca" || points.nrows() <= MOST_ON_A_MAP {
            time(kind.name(), || drop(kind.project(view, 1).expect("these points can be projected")));
        }
    }
}
