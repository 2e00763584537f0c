//! Files with labels: from the folders they lie in, or from a label map.

use super::conventions::{track_of_segment, without_ending};
use super::facts::{Draft, Facts, tracks};
use super::label_map::LabelMap;
use super::listing::{label_of, without_copies};
use super::{DatasetError, Read};
use crate::artifact::{Audio, Corpus, Skipped};
use crate::engine::Failure;
use crate::engine::inputs::InputFile;
use std::path::Path;

/// Examples in a message.
const SHOWN: usize = 3;

/// Where the labels of files come from: the settings that kinds of files share.
#[derive(Clone, Copy)]
pub(super) struct Labelling<'a> {
    /// The label map, below the root or else from the working directory.
    pub labels: Option<&'a Path>,
    /// Its column.
    pub label: Option<&'a str>,
    /// Share of files without a row, and of rows without a file, that is allowed.
    pub max_unmatched_share: f64,
}

impl Labelling<'_> {
    /// The label map, if there is one, before `files`.
    pub(super) fn listed(&self, root: &Path, files: Vec<String>) -> Result<Vec<String>, DatasetError> {
        let Some(labels) = self.labels else {
            return if self.label.is_some() { Err(DatasetError::LabelWithoutMap) } else { Ok(files) };
        };
        let missing = || DatasetError::NoMap { path: labels.to_owned(), root: root.to_owned() };
        // A path from the working directory is made absolute: what is read is joined to the root.
        let beside = root.join(labels).is_file().then(|| labels.to_owned());
        let elsewhere = || std::path::absolute(labels).ok().filter(|path| path.is_file());
        let place = beside.or_else(elsewhere).ok_or_else(missing)?;
        let place = place.to_str().ok_or_else(|| DatasetError::Name { path: labels.to_owned() })?.to_owned();
        Ok(std::iter::once(place).chain(files).collect())
    }

    /// The corpus of what [`listed`](Labelling::listed) listed; `audio` says what a file is.
    pub(super) fn corpus(
        &self,
        files: &[InputFile],
        read: &Read,
        audio: impl Fn(InputFile) -> Audio,
    ) -> Result<Corpus, Failure> {
        let (map, files) = match (self.labels, files) {
            (Some(_), [map, files @ ..]) => (Some(map), files),
            _ => (None, files),
        };
        let (kept, skipped) = without_copies(files);
        let (facts, left_out) = match map {
            Some(map) => self.mapped(map, &read(map)?, &kept).map_err(Failure::data)?,
            None => (kept.iter().map(|file| Some(from_folder(&file.path))).collect(), Vec::new()),
        };
        let draft = |(file, facts): (&&InputFile, Option<Facts>)| {
            let id = without_ending(&file.path).to_owned();
            let alone = track_of_segment(&id).to_owned();
            Some(Draft { id, audio: Some(audio((*file).clone())), alone, facts: facts? })
        };
        let (tracks, labels) = tracks(kept.iter().zip(facts).filter_map(draft).collect());
        Ok(Corpus { tracks, labels, skipped, left_out, ..Corpus::default() })
    }

    /// What the map says of each file, and what stands on one side only.
    fn mapped(
        &self,
        map: &InputFile,
        bytes: &[u8],
        files: &[&InputFile],
    ) -> Result<(Vec<Option<Facts>>, Vec<Skipped>), DatasetError> {
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let name = Path::new(&map.path).file_name().and_then(|name| name.to_str()).unwrap_or(&map.path);
        let table = |problem| DatasetError::Table { file: name.to_owned(), problem };
        let matched = LabelMap::read(bytes, self.label).map_err(table)?.matched(&paths);
        let without_row: Vec<&str> =
            paths.iter().zip(&matched.facts).filter(|(_, facts)| facts.is_none()).map(|(path, _)| *path).collect();
        let without_file: Vec<&str> = matched.without_file.iter().map(String::as_str).collect();
        let rows = paths.len() - without_row.len() + without_file.len();
        let over = |bad: usize, of: usize| bad as f64 > self.max_unmatched_share * of as f64;
        if over(without_row.len(), paths.len()) || over(without_file.len(), rows) || without_row.len() == paths.len() {
            return Err(DatasetError::Unmatched {
                map: name.to_owned(),
                files: format!("{} of {}{}", without_row.len(), paths.len(), examples(&without_row)),
                rows: format!("{} of {rows}{}", without_file.len(), examples(&without_file)),
                allowed: self.max_unmatched_share,
            });
        }
        let left = |path: &&str, reason: String| Skipped { path: (*path).to_owned(), reason };
        let rowless = without_row.iter().map(|path| left(path, format!("no row in {name}")));
        let fileless = without_file.iter().map(|path| left(path, format!("a row in {name}, and no such file")));
        let left_out = rowless.chain(fileless).collect();
        Ok((matched.facts, left_out))
    }
}

fn from_folder(path: &str) -> Facts {
    Facts { label: label_of(path).map(str::to_owned), ..Facts::default() }
}

fn examples(names: &[&str]) -> String {
    let more = if names.len() > SHOWN { ", ..." } else { "" };
    let shown = names[..names.len().min(SHOWN)].join(", ");
    if names.is_empty() { String::new() } else { format!(" ({shown}{more})") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::dataset::listing::tests::file;

    fn corpus(map: &str, max_unmatched_share: f64) -> Result<Corpus, Failure> {
        let files = [file("labels.csv", map.as_bytes()), file("a.wav", b"1"), file("b.wav", b"2"), file("c.wav", b"1")];
        let labelling = Labelling { labels: Some(Path::new("labels.csv")), label: None, max_unmatched_share };
        labelling.corpus(&files, &|_| Ok(map.as_bytes().to_vec()), Audio::File)
    }

    #[test]
    fn labels_groups_and_languages_come_from_the_map() {
        let corpus = corpus("file,label,artist,language\na,rock,X,en\nb,pop,X,bn\n", 0.0).unwrap();
        assert_eq!((corpus.labels, corpus.skipped.len()), (vec!["pop".to_owned(), "rock".to_owned()], 1));
        let told = corpus.tracks.iter().map(|track| (track.group.as_str(), track.language.as_deref()));
        assert_eq!(told.collect::<Vec<_>>(), [("X", Some("en")), ("X", Some("bn"))]);
    }

    #[test]
    fn up_to_a_share_what_has_no_partner_is_left_out_and_told() {
        let map = "file,label\na,rock\ngone,pop\n";
        let left_out = corpus(map, 0.5).unwrap().left_out;
        let reasons: Vec<String> = left_out.iter().map(|left| format!("{}: {}", left.path, left.reason)).collect();
        assert_eq!(reasons, ["b.wav: no row in labels.csv", "gone: a row in labels.csv, and no such file"]);
        let told = corpus(map, 0.4).unwrap_err().to_string();
        assert!(told.contains("1 of 2 (b.wav)") && told.contains("1 of 2 (gone)") && told.contains("0.4"), "{told}");
    }

    #[test]
    fn a_map_of_other_files_is_refused_whatever_is_allowed() {
        assert!(corpus("file,label\nx,rock\n", 1.0).is_err());
    }

    #[test]
    fn a_map_that_is_not_there_and_a_label_without_a_map_are_told() {
        let root = std::env::temp_dir();
        let with = |labels, label| Labelling { labels, label, max_unmatched_share: 0.0 }.listed(&root, Vec::new());
        let missing = with(Some(Path::new("no such map.csv")), None).unwrap_err().to_string();
        assert!(missing.contains("no such map.csv"), "{missing}");
        assert!(with(None, Some("mood")).unwrap_err().to_string().contains("labels = "));
    }
}
