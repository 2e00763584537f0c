//! Lyrics as counts of words: the musiXmatch dataset of the Million Song Dataset (Bertin-Mahieux, Ellis, Whitman, Lamere,
//! ISMIR 2011), which gives no text. Labels come from a table, if there is one.

use super::facts::{Draft, Facts, tracks};
use super::fma::Unlabelled;
use super::label_map::LabelMap;
use super::labelled::Labelling;
use super::{Dataset, DatasetError, Given, Gives, Read, WhenMissing};
use crate::artifact::{Corpus, Skipped};
use crate::engine::Failure;
use crate::engine::inputs::{InputFile, folder_of};
use crate::text::TextError;
use crate::text::counts::Counts;
use crate::text::musixmatch::{Bag, Bags, parse};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// `[dataset.musixmatch]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Musixmatch {
    /// The file as it is unzipped, or with its comments and the `%` taken away.
    pub path: PathBuf,
    /// A table with a header, below the file's folder or from the working directory: each row names a track and its label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<PathBuf>,
    /// The column of the label in that table. Without it: the first of label, genre, category, class, mood, style.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Tracks that the table of labels does not name: `leave_out` lists them, `keep` uses them unlabelled.
    #[serde(default)]
    pub unlabelled: Unlabelled,
    /// What to do if it is not there: `fail`, or `synthesize` to use the built-in set in its place.
    #[serde(default)]
    pub when_missing: WhenMissing,
}

impl Musixmatch {
    /// The body of the table.
    pub const EXAMPLE: &str = "path = \"data/raw/musixmatch/mxm_dataset_train.txt\"";

    /// See [`Source::given_mut`](super::Source::given_mut).
    pub(super) fn given_mut(&mut self) -> Given<'_> {
        let paths = std::iter::once(&mut self.path).chain(&mut self.labels).collect();
        Given { paths, missing: vec![&mut self.when_missing] }
    }

    fn labelling(&self) -> Labelling<'_> {
        Labelling { labels: self.labels.as_deref(), label: self.label.as_deref(), max_unmatched_share: 1.0 }
    }

    fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// What the table of labels says of each track; nothing without one.
    fn facts(&self, bags: &Bags, map: Option<(&InputFile, Vec<u8>)>) -> Result<Vec<Option<Facts>>, DatasetError> {
        let Some((file, bytes)) = map else { return Ok(vec![Some(Facts::default()); bags.tracks.len()]) };
        let name = file.path.rsplit('/').next().unwrap_or(&file.path).to_owned();
        let ids: Vec<&str> = bags.tracks.iter().map(|track| track.id.as_str()).collect();
        let wrong = |problem| DatasetError::Table { file: name.clone(), problem };
        let matched = LabelMap::read(&bytes, self.label.as_deref()).map_err(wrong)?.matched(&ids);
        if matched.facts.iter().any(Option::is_some) {
            return Ok(matched.facts);
        }
        let shown = |name: Option<&str>| name.unwrap_or("none").to_owned();
        let (track, row) = (shown(ids.first().copied()), shown(matched.without_file.first().map(String::as_str)));
        Err(DatasetError::NoneLabelled { map: name, tracks: ids.len(), track, row })
    }

    /// Why a track is not used.
    fn flaw(&self, track: &Bag, facts: Option<&Facts>) -> Option<(bool, String)> {
        let no_label = facts.is_none_or(|facts| facts.label.is_none());
        match () {
            () if track.counts.is_empty() => Some((true, "no words".to_owned())),
            () if self.labels.is_some() && no_label && self.unlabelled == Unlabelled::LeaveOut => {
                Some((false, "no label (dataset.musixmatch.unlabelled = \"keep\" uses it without)".to_owned()))
            }
            () => None,
        }
    }

    fn corpus(&self, bags: Bags, facts: Vec<Option<Facts>>) -> Option<Corpus> {
        let (mut corpus, mut drafts, mut rows) = (Corpus::default(), Vec::new(), Vec::new());
        for (track, facts) in bags.tracks.into_iter().zip(facts) {
            if let Some((is_bad, reason)) = self.flaw(&track, facts.as_ref()) {
                let list = if is_bad { &mut corpus.skipped } else { &mut corpus.left_out };
                list.push(Skipped { path: track.id, reason });
                continue;
            }
            let mut facts = facts.unwrap_or_default();
            facts.metadata.insert("musixmatch_id".to_owned(), track.musixmatch_id);
            drafts.push(Draft { alone: track.id.clone(), id: track.id, audio: None, facts });
            rows.push(track.counts);
        }
        (corpus.tracks, corpus.labels) = tracks(drafts);
        corpus.bags = Some(Counts::of_bags(&bags.words, &rows)?);
        Some(corpus)
    }
}

impl Dataset for Musixmatch {
    fn root(&self) -> Option<&Path> {
        Some(folder_of(&self.path))
    }

    fn is_there(&self) -> bool {
        self.path.is_file()
    }

    fn wanted(&self) -> PathBuf {
        self.path.clone()
    }

    fn when_missing(&self) -> WhenMissing {
        self.when_missing
    }

    fn gives(&self) -> Vec<Gives> {
        vec![Gives::Words]
    }

    fn files(&self) -> Result<Vec<String>, DatasetError> {
        self.labelling().listed(folder_of(&self.path), vec![self.name().to_owned()])
    }

    fn load(&self, files: &[InputFile], read: &Read) -> Result<Corpus, Failure> {
        let wrong = |problem| Failure::data(DatasetError::Text { file: self.name().to_owned(), problem });
        let (map, file) = match files {
            [map, file] => (Some((map, read(map)?)), Some(file)),
            files => (None, files.first()),
        };
        let bytes = file.map_or_else(|| Ok(Vec::new()), read)?;
        let bags = parse(&bytes).map_err(wrong)?;
        let facts = self.facts(&bags, map).map_err(Failure::data)?;
        self.corpus(bags, facts).ok_or_else(|| wrong(TextError::NoWordList { line: 1 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::dataset::listing::tests::file;

    const BAGS: &str = "# testing\n%love,you,rain\nTR1,11,1:2,3:1\nTR2,12,2:4\nTR3,13\n";

    fn load(bags: &str, labels: Option<&str>, unlabelled: &str) -> Result<Corpus, Failure> {
        let settings = serde_json::json!({ "path": "x/bags.txt", "labels": labels, "unlabelled": unlabelled });
        let kind: Musixmatch = serde_json::from_value(settings).unwrap();
        let map = labels.map(|text| file("labels.csv", text.as_bytes()));
        let files: Vec<InputFile> = map.into_iter().chain([file("bags.txt", bags.as_bytes())]).collect();
        let bytes = |file: &InputFile| if file.path == "bags.txt" { bags } else { labels.unwrap_or_default() };
        kind.load(&files, &|file| Ok(bytes(file).as_bytes().to_vec()))
    }

    #[test]
    fn a_track_is_its_counts_of_words() {
        let corpus = load(BAGS, None, "leave_out").unwrap();
        let bags = corpus.bags.unwrap();
        assert_eq!(bags.vocabulary.terms().collect::<Vec<_>>(), ["love", "rain", "you"]);
        assert_eq!(bags.matrix.to_dense(), [2.0, 1.0, 0.0, 0.0, 0.0, 4.0]);
        assert_eq!((corpus.tracks.len(), corpus.tracks[1].id.as_str()), (2, "TR2"));
        assert_eq!((corpus.skipped[0].path.as_str(), corpus.skipped[0].reason.as_str()), ("TR3", "no words"));
        assert_eq!(corpus.tracks[0].metadata["musixmatch_id"], "11");
    }

    #[test]
    fn labels_come_from_a_table_and_rows_stay_with_their_tracks() {
        let corpus = load(BAGS, Some("track_id,genre\nTR2,rock\nTR9,pop\n"), "leave_out").unwrap();
        assert_eq!(
            (corpus.labels[0].as_str(), corpus.tracks.len(), corpus.left_out[0].path.as_str()),
            ("rock", 1, "TR1")
        );
        assert_eq!(corpus.bags.unwrap().matrix.to_dense(), [0.0, 0.0, 4.0]);
        let kept = load(BAGS, Some("track_id,genre\nTR2,rock\n"), "keep").unwrap();
        assert_eq!(kept.tracks.iter().map(|track| track.label).collect::<Vec<_>>(), [None, Some(0)]);
    }

    #[test]
    fn a_table_of_other_tracks_and_a_broken_file_are_told() {
        let told = load(BAGS, Some("track_id,genre\nX1,rock\n"), "keep").unwrap_err().to_string();
        assert!(told.contains("TR1") && told.contains("X1"), "{told}");
        let told = load("%a,b\nTR1,11,3:1\n", None, "keep").unwrap_err();
        assert!(told.to_string().contains("bags.txt: line 2") && told.kind.exit_code() == 3, "{told}");
    }
}
