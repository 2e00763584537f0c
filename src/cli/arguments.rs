//! The words of a run: which are files, which are patterns, which are `key=value`.

mod nearest;

use super::stop::Stop;
pub use nearest::nearest;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The words of a run, told apart.
#[derive(Debug, PartialEq)]
pub struct Words {
    /// Experiment files, each once, in the order named; those of a pattern by name.
    pub files: Vec<PathBuf>,
    /// `key=value`, in the order given.
    pub assignments: Vec<String>,
}

/// Tells files and assignments apart and expands patterns that no shell expanded.
///
/// # Errors
/// A file that is not there (with the nearest that is), a folder, a pattern that matches nothing, no file at all.
pub fn told_apart(words: &[OsString]) -> Result<Words, Stop> {
    let mut told = Words { files: Vec::new(), assignments: Vec::new() };
    for (place, word) in words.iter().enumerate() {
        match assignment(word) {
            Some(assignment) => told.assignments.push(assignment),
            None => files(word, place == 0)?.into_iter().for_each(|file| add(&mut told.files, file)),
        }
    }
    if told.files.is_empty() {
        return Err(Stop::usage("no experiment file is named, only overrides: runner FILES... [key=value...]"));
    }
    Ok(told)
}

fn add(files: &mut Vec<PathBuf>, file: PathBuf) {
    if !files.contains(&file) {
        files.push(file);
    }
}

/// The word as an assignment: it has a `=` after what can be a key, and no file has that name.
fn assignment(word: &OsString) -> Option<String> {
    let text = word.to_str()?;
    let (key, _) = text.split_once('=')?;
    let is_path = key.contains(['/', '\\', '*', '?']) || Path::new(word).exists();
    (!is_path).then(|| text.to_owned())
}

fn files(word: &OsString, first: bool) -> Result<Vec<PathBuf>, Stop> {
    let path = Path::new(word);
    match word.to_str() {
        _ if path.is_dir() => Err(Stop::usage(format!(
            "{} is a folder; all experiments in it are '{}'",
            path.display(),
            path.join("*.toml").display()
        ))),
        // Pipes and devices are files too: `runner <(generate-experiment)`.
        _ if path.exists() => Ok(vec![path.to_owned()]),
        Some(pattern) if pattern.contains(['*', '?', '[']) => matches(pattern),
        _ => Err(Stop::usage(nearest::not_there(path, first))),
    }
}

fn matches(pattern: &str) -> Result<Vec<PathBuf>, Stop> {
    let found =
        glob::glob(pattern).map_err(|error| Stop::usage(format!("the pattern '{pattern}' is wrong: {error}")))?;
    let mut files: Vec<PathBuf> = found.flatten().filter(|path| path.is_file()).collect();
    files.sort_unstable();
    match files.is_empty() {
        true => Err(Stop::usage(format!("no file matches the pattern '{pattern}'"))),
        false => Ok(files),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cache::random_name;
    use std::fs;

    struct Folder(PathBuf);

    impl Folder {
        fn with(names: &[&str]) -> Folder {
            let path = std::env::temp_dir().join(format!("runner-words-{}", random_name()));
            fs::create_dir_all(&path).unwrap();
            names.iter().for_each(|name| fs::write(path.join(name), "").unwrap());
            Folder(path)
        }

        fn word(&self, name: &str) -> OsString {
            self.0.join(name).into_os_string()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn files_and_assignments_are_told_apart() {
        let folder = Folder::with(&["a.toml"]);
        let words = told_apart(&[folder.word("a.toml"), "model.beta_vae.beta=[1,4]".into(), "seed=3".into()]).unwrap();
        assert_eq!(words.files, [folder.0.join("a.toml")]);
        assert_eq!(words.assignments, ["model.beta_vae.beta=[1,4]", "seed=3"]);
    }

    #[test]
    fn a_file_with_an_equals_sign_in_its_name_is_a_file() {
        let folder = Folder::with(&["beta=4.toml"]);
        assert_eq!(told_apart(&[folder.word("beta=4.toml")]).unwrap().files, [folder.0.join("beta=4.toml")]);
        assert_eq!(told_apart(&[folder.word("beta=*.toml")]).unwrap().files, [folder.0.join("beta=4.toml")]);
    }

    #[test]
    fn patterns_are_expanded_in_order_and_each_file_comes_once() {
        let folder = Folder::with(&["b.toml", "a.toml", "notes.md"]);
        let words = told_apart(&[folder.word("b.toml"), folder.word("*.toml")]).unwrap();
        assert_eq!(words.files, [folder.0.join("b.toml"), folder.0.join("a.toml")]);
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_named() {
        let error = told_apart(&["nowhere/*.toml".into()]).unwrap_err();
        assert!(error.to_string().contains("'nowhere/*.toml'") && error.code() == 2);
    }

    #[test]
    fn a_folder_is_answered_with_its_pattern() {
        let folder = Folder::with(&[]);
        assert!(told_apart(&[folder.0.clone().into()]).unwrap_err().to_string().contains("*.toml'"));
    }

    #[test]
    fn overrides_alone_are_not_a_run() {
        assert_eq!(told_apart(&["seed=3".into()]).unwrap_err().code(), 2);
    }

    #[test]
    fn a_misspelt_file_is_answered_with_the_nearest() {
        let folder = Folder::with(&["hard_beta4.toml", "quickstart.toml"]);
        let error = told_apart(&[folder.word("hrad_beta4.toml")]).unwrap_err().to_string();
        assert!(error.contains("hard_beta4.toml") && !error.contains("quickstart"), "{error}");
    }
}
