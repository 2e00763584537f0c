//! The rules of the house: floors, names, sizes, forbidden words.

use crate::desk::files_below;
use std::path::{Path, PathBuf};

/// Floors from the bottom. A module names only modules of lower floors; modules of one line never name each other.
const FLOORS: [&[&str]; 8] = [
    &["random", "wide", "product"],
    &["signal", "neural", "stats", "text", "plotting"],
    &["engine"],
    &["artifact"],
    &["model"],
    &["stages"],
    &["report"],
    &["experiment"],
];
/// The top floor may name all.
const TOP: &str = "cli";
const ROOMS: [&str; 13] = [
    "dataset", "features", "fuse", "split", "train", "embed", "diagnose", "cluster", "metrics", "project", "generate",
    "retrieve", "plots",
];
const MOST_LINES: usize = 330;

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<(PathBuf, String)> {
    let rust =
        files_below(&home().join("src")).into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
    rust.map(|path| {
        (path.strip_prefix(home().join("src")).unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
    })
    .collect()
}

/// The code before the tests, without comments.
fn code(text: &str) -> String {
    let before = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    before.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn module_of(path: &Path) -> String {
    path.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned()
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// First parts of every `crate::...` path.
fn named(text: &str) -> Vec<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    text.split("crate::").skip(1).map(word).collect()
}

#[test]
fn modules_name_only_floors_below_their_own() {
    for (path, text) in sources() {
        let module = module_of(&path);
        let Some(floor) = floor_of(&module) else { continue };
        for other in named(&code(&text)) {
            if other == module || ["kinds", "kind_set"].contains(&other.as_str()) {
                continue;
            }
            let below = floor_of(&other).is_some_and(|other| other < floor);
            assert!(below, "{} names {other}, which is not below {module}", path.display());
        }
    }
}

#[test]
fn only_known_modules_stand_at_the_top() {
    for (path, _) in sources() {
        let module = module_of(&path);
        let known = floor_of(&module).is_some() || [TOP, "lib", "main"].contains(&module.as_str());
        assert!(known, "{module} has no floor");
    }
}

#[test]
fn rooms_never_name_each_other() {
    for (path, text) in sources() {
        let parts: Vec<String> =
            path.iter().map(|part| part.to_string_lossy().trim_end_matches(".rs").to_owned()).collect();
        let [stages, room, ..] = parts.as_slice() else { continue };
        if stages != "stages" {
            continue;
        }
        for other in ROOMS.iter().filter(|other| *other != room) {
            assert!(!code(&text).contains(&format!("stages::{other}")), "{} names the room {other}", path.display());
        }
    }
}

#[test]
fn files_are_one_idea_long_and_named_by_it() {
    let odd =
        ["mod.rs", "util.rs", "utils.rs", "helpers.rs", "helper.rs", "common.rs", "misc.rs", "types.rs", "errors.rs"];
    for (path, text) in sources() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!odd.contains(&name.as_str()), "{} says nothing of what is inside", path.display());
        assert!(text.lines().count() <= MOST_LINES, "{} has {} lines", path.display(), text.lines().count());
        assert!(text.starts_with("//!"), "{} does not say what it holds", path.display());
    }
}

#[test]
fn nothing_draws_from_generators_that_cannot_be_seeded() {
    let banned = [
        "Tensor::rand",
        "Tensor::randn",
        "rand_like",
        "randn_like",
        "candle_nn::Dropout",
        "thread_rng",
        "candle_nn::Init",
        "VarMap",
    ];
    for (path, text) in sources() {
        for word in banned {
            assert!(!code(&text).contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn only_the_command_line_prints() {
    for (path, text) in sources().into_iter().filter(|(path, _)| module_of(path) != TOP) {
        let prints = ["println!", "eprintln!", "print!(", "dbg!("];
        assert!(prints.iter().all(|word| !code(&text).contains(word)), "{} prints", path.display());
    }
}

#[test]
fn every_file_is_reached_by_a_mod_line() {
    let all = sources();
    for (path, _) in &all {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if ["lib", "main"].contains(&stem.as_str()) {
            continue;
        }
        let declared = all.iter().any(|(_, text)| {
            let line = |line: &str| {
                line.trim()
                    .trim_start_matches("pub(crate) ")
                    .trim_start_matches("pub(super) ")
                    .trim_start_matches("pub ")
                    .trim_start_matches("pub(in crate::experiment) ")
                    == format!("mod {stem};")
            };
            text.lines().any(|text| line(text) || text.trim().ends_with(&format!(" mod {stem};")))
        });
        assert!(declared, "{} is an orphan", path.display());
    }
}

#[test]
fn no_file_in_the_project_is_over_a_megabyte() {
    for folder in ["src", "tests", "experiments", "benches"] {
        for path in files_below(&home().join(folder)) {
            assert!(path.metadata().unwrap().len() < 1 << 20, "{}", path.display());
        }
    }
}
