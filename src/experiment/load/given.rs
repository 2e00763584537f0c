//! Paths as people type them: `~` is the home folder, and a path named on the command line is meant.

use crate::experiment::overrides::Assignment;
use crate::stages::dataset::{Given, Source, WhenMissing};
use std::path::{Path, PathBuf};

/// The source with its path expanded. A path that was given on the command line must be there: nothing stands in for it,
/// unless the command line says that too.
pub(super) fn source(source: &Source, overrides: &[Assignment]) -> Source {
    let named = |field: &str| overrides.iter().any(|assignment| assignment.key().ends_with(field));
    let meant = named(".root") || [".path", ".paths"].iter().any(|field| named(field));
    let when = |written: WhenMissing| if meant && !named(".when_missing") { WhenMissing::Fail } else { written };
    let mut source = source.clone();
    let Given { paths, missing } = source.given_mut();
    paths.into_iter().for_each(|path| *path = expanded(path));
    missing.into_iter().for_each(|missing| *missing = when(*missing));
    source
}

/// `~/music` below the home folder: shells do not expand it after `key=`.
fn expanded(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(below), Some(home)) => home.join(below),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::dataset::folder::Folder;

    fn folder(root: &str) -> Source {
        let settings = serde_json::json!({ "root": root, "when_missing": "synthesize" });
        Source::Folder(serde_json::from_value::<Folder>(settings).unwrap())
    }

    fn given(root: &str, overrides: &[&str]) -> (PathBuf, WhenMissing) {
        let overrides: Vec<Assignment> = overrides.iter().map(|text| Assignment::parse(text).unwrap()).collect();
        match source(&folder(root), &overrides) {
            Source::Folder(folder) => (folder.root, folder.when_missing),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_path_from_the_command_line_is_never_stood_in_for() {
        assert_eq!(given("x", &[]).1, WhenMissing::Synthesize);
        assert_eq!(given("x", &["dataset.folder.root=x"]).1, WhenMissing::Fail);
        let both = ["dataset.folder.root=x", "dataset.folder.when_missing=synthesize"];
        assert_eq!(given("x", &both).1, WhenMissing::Synthesize);
    }

    #[test]
    fn a_tilde_is_the_home_folder() {
        let home = std::env::home_dir().unwrap();
        assert_eq!(given("~/music", &[]).0, home.join("music"));
        assert_eq!(given("a/~b", &[]).0, PathBuf::from("a/~b"));
    }
}
