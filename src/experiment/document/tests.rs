//! Where values come from, what is refused at the door, and that the resolved file gives the same experiment.

use std::time::{Duration, Instant};

use super::*;
use crate::experiment::check::toy::{Toy, VALID, document};

#[test]
fn the_resolved_file_gives_the_same_experiment_and_itself() {
    let toy: Toy = document(VALID).load().unwrap();
    let resolved = resolved_toml(&toy).unwrap();
    assert!(resolved.contains("learning_rate = 0.5") && !resolved.contains("patience"), "{resolved}");
    let again: Toy = document(&resolved).load().unwrap();
    assert_eq!((resolved_toml(&again).unwrap(), again), (resolved, toy));
}

#[test]
fn a_value_is_located_in_the_file_and_on_the_command_line() {
    let mut document = document(VALID);
    document.set(&Assignment::parse("train.steps=12").unwrap()).unwrap();
    document.set(&Assignment::parse("cluster.1.algorithm.kmeans.k=5").unwrap()).unwrap();
    let place = document.locate("cluster.0.algorithm.kmeans.k").unwrap();
    assert_eq!((place.origin, &VALID[place.key], &VALID[place.value]), (Origin::File, "k", "10"));
    let place = document.locate("train.steps").unwrap();
    assert_eq!((place.origin, place.key, place.value), (Origin::Override(0), 6..11, 12..14));
    assert_eq!(document.locate("cluster.1.algorithm.kmeans").unwrap().origin, Origin::Override(1));
    assert_eq!(document.locate("train.learning_rate"), None);
    assert_eq!(document.locate("cluster.1.algorithm.gmm"), None);
}

#[test]
fn a_problem_of_meaning_points_at_its_value_or_at_the_table_that_would_hold_it() {
    let mut document = document(VALID);
    document.set(&Assignment::parse("train.device=auto").unwrap()).unwrap();
    let told = |path: &str| document.problem_at(path, "no", None).to_string();
    assert_eq!(told("cluster.1.name"), "toy.toml:24:8: no");
    assert_eq!(told("train.device"), "command line:1:14: no");
    assert_eq!(told("train.learning_rate"), "toy.toml:15:2: no");
    assert_eq!(told("plots.palette"), "toy.toml:1:1: no");
}

#[test]
fn bytes_that_are_no_text_and_files_too_large_are_refused() {
    let refused = |bytes: &[u8]| Document::<Toy>::from_bytes("toy.toml", bytes).unwrap_err()[0].to_string();
    assert_eq!(refused(b"name = \"\xe9t\xe9\""), "toy.toml:1:9: not UTF-8 text: the byte 0xe9; save the file as UTF-8");
    assert_eq!(
        refused(&vec![b'\n'; LARGEST_FILE_BYTES + 1]),
        "toy.toml:1:1: the file is too large for an experiment: 1048577 bytes, at most 1048576"
    );
}

#[test]
fn hostile_files_are_refused_at_once() {
    let many = |part: &str, count: usize| part.repeat(count);
    let nested = format!("{{{}=", ["a"; 70].join("."));
    let files = [
        format!("a = {}", many("[", 100_000)),
        format!("a = {}1{}", many("[", 79), many("]", 79)),
        format!("a = {}", many("{a=", 100_000)),
        format!("{}b = 1", many("a.", 100_000)),
        format!("[{}b]", many("a.", 100_000)),
        format!("a = {}1", many("-", 100_000)),
        format!("{} = 1", many("k", 1_000_000)),
        format!("name = \"{}\"", many("n", 1_000_000)),
        format!("model = {{{}}}", (0..60_000).map(|at| format!("k{at}=1,")).collect::<String>()),
        (0..60_000).map(|at| format!("k{at}=1\n")).collect(),
        many("name=1\n", 100_000),
        format!("[{}]\nx.{} = {}1{}", ["a"; 79].join("."), ["a"; 70].join("."), many(&nested, 79), many("}", 79)),
    ];
    // Each takes a tenth of a second; the rest of the time is for machines with more to do.
    for file in files {
        let start = Instant::now();
        let problems = Document::<Toy>::parse("toy.toml", &file).and_then(|document| document.load()).unwrap_err();
        assert!(!problems.is_empty() && problems.len() <= MOST_PROBLEMS);
        assert!(start.elapsed() < Duration::from_secs(10), "{:?} {:.60}", start.elapsed(), file);
    }
}
