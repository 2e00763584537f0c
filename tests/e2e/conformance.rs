//! What every kind of every table must keep, looped over the tables.

use ndarray::Array2;
use runner::artifact::{NOISE, Over, Refit, Refits};
use runner::experiment;
use runner::model;
use runner::random::Stream;
use runner::signal::analysis::Analysis;
use runner::signal::plans::{Framing, Plans};
use runner::stages::cluster::Algorithm;
use runner::stages::dataset::Source;
use runner::stages::features::{AudioFeatures, Description, Form};
use runner::stages::metrics::{Evaluation, METRICS};
use runner::stages::project::Projection;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The settings in a table's example, as the kind `name`.
fn example<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(name: &str, body: &str) -> T {
    let text = format!("[{name}]\n{body}");
    let kind: T = toml::from_str(&text).unwrap_or_else(|error| panic!("{text}\n{error}"));
    let again: T = toml::from_str(&toml::to_string(&kind).unwrap()).unwrap();
    assert_eq!(kind, again, "settings of {name} do not come back");
    kind
}

/// Three clumps of points.
fn clumps(points: usize, dims: usize) -> Array2<f64> {
    let mut stream = Stream::new(5, "clumps");
    Array2::from_shape_fn((points, dims), |(row, column)| {
        (row % 3 * 5) as f64 * f64::from(u8::from(column == 0)) + stream.normal()
    })
}

fn on<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn every_example_parses_and_comes_back() {
    for line in Source::TABLE {
        example::<Source>(line.name, line.example);
    }
    for line in model::Kind::TABLE {
        example::<model::Kind>(line.name, line.example);
    }
    for line in model::Backbone::TABLE {
        example::<model::Backbone>(line.name, line.example);
    }
    for line in Algorithm::TABLE {
        example::<Algorithm>(line.name, line.example);
    }
    for line in Projection::TABLE {
        example::<Projection>(line.name, line.example);
    }
    for line in AudioFeatures::TABLE {
        example::<AudioFeatures>(line.name, line.example);
    }
}

#[test]
fn every_table_is_told_and_every_kind_has_words() {
    for (room, place, lines) in experiment::kinds() {
        assert!(!lines.is_empty() && !place.is_empty(), "{room}");
        assert!(lines.iter().all(|line| line.about.len() > 10 && !line.name.is_empty()), "{room}");
    }
}

#[test]
fn every_clusterer_labels_every_point_alike_on_any_number_of_threads() {
    for line in Algorithm::TABLE {
        let (kind, points) = (example::<Algorithm>(line.name, line.example), clumps(60, 4));
        let assign = || kind.assign(points.view(), Some(3), 7).unwrap();
        let (one, eight) = (on(1, assign), on(8, assign));
        assert_eq!(one, eight, "{}", line.name);
        assert_eq!(one.labels.len(), 60);
        assert!(one.labels.iter().all(|label| *label == NOISE || (0..one.k as i32).contains(label)), "{}", line.name);
    }
}

#[test]
fn every_clusterer_meets_odd_points_with_an_answer_or_an_error() {
    for line in Algorithm::TABLE {
        let kind = example::<Algorithm>(line.name, line.example);
        // Density needs neighbours: one point is then an error, not a cluster.
        let counts = line.example.contains("classes");
        let one = kind.assign(clumps(1, 3).view(), Some(1), 1);
        assert!(one.is_ok() || !counts, "{}: one point", line.name);
        assert!(kind.assign(Array2::zeros((20, 3)).view(), Some(2), 1).is_ok(), "{}: all alike", line.name);
        let few = kind.assign(clumps(2, 3).view(), Some(5), 1);
        assert!(few.is_err() || !counts, "{}: fewer points than clusters", line.name);
        let mut broken = clumps(20, 3);
        broken[[4, 1]] = f64::NAN;
        assert!(kind.assign(broken.view(), Some(2), 1).is_err(), "{}: NaN", line.name);
        let unlabelled = kind.assign(clumps(20, 3).view(), None, 1);
        assert!(unlabelled.is_err() == counts, "{}: k = \"classes\" without labels", line.name);
    }
}

#[test]
fn every_projection_is_finite_and_alike_on_any_number_of_threads() {
    for line in Projection::TABLE {
        let (kind, points) = (example::<Projection>(line.name, line.example), clumps(80, 5));
        let project = || kind.project(points.view(), 3).unwrap();
        let (one, eight) = (on(1, project), on(8, project));
        assert_eq!(one, eight, "{}", line.name);
        assert_eq!(one.dim(), (80, kind.dims(5)), "{}", line.name);
        assert!(one.iter().all(|value| value.is_finite()), "{}", line.name);
    }
}

#[test]
fn every_feature_gives_the_shape_it_promises_and_finite_numbers() {
    let mut stream = Stream::new(2, "tone");
    let samples: Vec<f32> =
        (0..44_100).map(|n| ((n as f32 * 0.05).sin() * 0.5) + 0.05 * stream.normal() as f32).collect();
    let plans = Plans::new(Framing::standard(22_050));
    for line in AudioFeatures::TABLE {
        let set = example::<AudioFeatures>(line.name, line.example);
        for (name, feature) in set.chosen() {
            let names = feature.names().len();
            let values: Vec<f32> = match feature.describe(&Analysis::new(&samples, &plans)).unwrap() {
                Description::Frames(frames) => {
                    assert_eq!((frames.ncols(), feature.form()), (names, Form::Frames), "{name}");
                    frames.into_iter().collect()
                }
                Description::Track(values) => {
                    assert_eq!((values.len(), feature.form()), (names, Form::Track), "{name}");
                    values
                }
                Description::Maps(maps) => {
                    assert_eq!((0, feature.form()), (names, Form::Maps), "{name}");
                    maps.into_iter().collect()
                }
            };
            assert!(values.iter().all(|value| value.is_finite()), "{name}");
        }
    }
}

#[test]
fn every_metric_knows_the_perfect_clustering_and_needs_what_it_says() {
    let (points, truth) = (clumps(60, 4), (0..60).map(|n| n % 3).collect::<Vec<u32>>());
    let assigned: Vec<i32> = truth.iter().map(|label| (*label as i32 + 1) % 3).collect();
    let refit = Refit { rows: (0..60).collect(), labels: assigned.clone() };
    let refits = Refits { over: Over::Seeds, fits: vec![refit.clone(), refit] };
    for metric in METRICS {
        let score = |truth: Option<&[u32]>| {
            metric.score(&Evaluation { truth, assigned: &assigned, points: points.view(), refits: Some(&refits) })
        };
        let perfect = score(Some(&truth)).unwrap();
        let [least, most] = metric.range();
        assert!(perfect.is_finite() && (least..=most).contains(&perfect), "{}", metric.name());
        assert_eq!(score(None).is_none(), metric.needs_labels(), "{}", metric.name());
        assert!(!metric.needs_labels() || (perfect - 1.0).abs() < 1e-12, "{}: {perfect}", metric.name());
        assert!(metric.definition().ends_with('.'), "{}", metric.name());
    }
}
