//! What a word that names nothing was probably meant to be.

use std::path::{Path, PathBuf};

/// Where experiments usually are; searched when a bare name is not found.
const USUAL_FOLDER: &str = "experiments";

/// The message for a word that is neither a file nor, if it is the first one, a command.
pub fn not_there(word: &Path, first: bool) -> String {
    let shown = word.display();
    let bare = word.parent().is_none_or(|parent| parent.as_os_str().is_empty()) && word.extension().is_none();
    let command = (first && bare).then(|| nearest_command(&word.to_string_lossy())).flatten();
    let file = nearest_file(word);
    let what = if first && bare { "neither a command nor a file" } else { "not there" };
    let meant: Vec<String> = command
        .map(|name| format!("the command `{name}`"))
        .into_iter()
        .chain(file.map(|path| format!("the file {}", path.display())))
        .collect();
    match meant.as_slice() {
        [] => format!("{shown} is {what}"),
        meant => format!("{shown} is {what}; did you mean {}?", meant.join(" or ")),
    }
}

/// The candidate that differs from `word` in the fewest letters, if those are few; the first of equals.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    let scored = candidates.into_iter().map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate));
    scored.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

fn nearest_command(word: &str) -> Option<String> {
    let names = crate::cli::command_names();
    nearest(word, names.iter().map(String::as_str)).map(str::to_owned)
}

/// The nearest `.toml` beside the word, else in the usual folder; the ending may be left out.
fn nearest_file(word: &Path) -> Option<PathBuf> {
    let stem = word.file_stem()?.to_string_lossy().into_owned();
    let beside = word.parent().map(Path::to_owned).unwrap_or_default();
    let places = [beside, PathBuf::from(USUAL_FOLDER)];
    places.iter().find_map(|folder| {
        let stems = stems(folder);
        nearest(&stem, stems.iter().map(String::as_str)).map(|name| folder.join(format!("{name}.toml")))
    })
}

/// Names of the `.toml` files in `folder`, without the ending, in order.
fn stems(folder: &Path) -> Vec<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let paths = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let tomls = paths.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let mut stems: Vec<String> = tomls.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    stems.sort_unstable();
    stems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_command_is_answered_with_the_command() {
        let message = not_there(Path::new("reprot"), true);
        assert!(message.contains("`report`"), "{message}");
        assert!(!not_there(Path::new("reprot"), false).contains("`report`"), "only a first word can be a command");
    }

    #[test]
    fn a_word_like_nothing_gets_no_suggestion() {
        assert!(!not_there(Path::new("xylophone"), true).contains("did you mean"));
    }

    #[test]
    fn few_letters_may_differ() {
        assert_eq!(nearest("kmean", ["gmm", "kmeans"]), Some("kmeans"));
        assert_eq!(nearest("ab", ["xyz"]), None);
    }
}
