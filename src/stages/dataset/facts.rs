//! What a row of a table says of its track beside numbers: label, group, language, side of a split, title and the like.

use super::conventions::{GROUPS, LABELS, LANGUAGES, PARTS, part};
use super::sheet::{Row, Sheet, TableError};
use crate::artifact::{Audio, Part, Track};
use std::collections::{BTreeMap, BTreeSet};

/// Longer texts (lyrics, biographies) are not carried along.
const LONGEST_TEXT_BYTES: usize = 200;
/// From so many rows on, a label that differs in more than half of them is taken for a name.
const FEWEST_ROWS_TO_JUDGE: usize = 20;

/// What a row says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    pub label: Option<String>,
    pub group: Option<String>,
    pub language: Option<String>,
    pub part: Option<Part>,
    pub metadata: BTreeMap<String, String>,
}

/// Which columns say it.
#[derive(Debug, Default)]
pub(super) struct FactColumns {
    pub label: Option<usize>,
    pub group: Option<usize>,
    pub language: Option<usize>,
    pub part: Option<usize>,
    /// Columns of other texts.
    pub texts: Vec<usize>,
}

/// A track before its label has a number.
#[derive(Debug)]
pub(super) struct Draft {
    pub id: String,
    pub audio: Option<Audio>,
    /// The group where the facts name none.
    pub alone: String,
    pub facts: Facts,
}

impl FactColumns {
    /// Columns by the names that the user gave, else by the usual ones. `taken` is what they may not be.
    ///
    /// # Errors
    /// A name that no column has; a label that names rows rather than classes, or that is a list.
    pub(super) fn find(
        sheet: &Sheet,
        label: Option<&str>,
        group: Option<&str>,
        taken: Option<usize>,
    ) -> Result<FactColumns, TableError> {
        let label = sheet.named(label, &LABELS)?;
        let group = sheet.named(group, &GROUPS)?.filter(|column| Some(*column) != label);
        let (language, part) = (sheet.find(&LANGUAGES), sheet.find(&PARTS));
        let known = [label, group, language, part, taken];
        let texts = (0..sheet.header.len())
            .filter(|column| !known.contains(&Some(*column)) && !sheet.header[*column].is_empty())
            .filter(|column| !sheet.is_numeric(*column))
            .collect();
        label.map_or(Ok(()), |column| judge(sheet, column))?;
        Ok(FactColumns { label, group, language, part, texts })
    }

    /// Whether a column is one of those with a meaning of their own.
    pub(super) fn takes(&self, column: usize) -> bool {
        [self.label, self.group, self.language, self.part].contains(&Some(column))
    }

    /// What `row` says.
    pub(super) fn of(&self, sheet: &Sheet, row: &Row) -> Facts {
        let text = |column: Option<usize>| column.and_then(|column| row.text(column)).map(str::to_owned);
        let short = |column: &usize| {
            let text = row.text(*column).filter(|text| text.len() <= LONGEST_TEXT_BYTES)?;
            Some((sheet.header[*column].clone(), text.to_owned()))
        };
        let artist = self.group.filter(|column| !sheet.header[*column].eq_ignore_ascii_case("group"));
        Facts {
            label: text(self.label),
            group: text(self.group),
            language: text(self.language),
            part: self.part.and_then(|column| row.text(column)).and_then(part),
            metadata: self.texts.iter().chain(&artist).filter_map(short).collect(),
        }
    }
}

/// Refuses a label that is a list or names rows.
pub(super) fn judge(sheet: &Sheet, column: usize) -> Result<(), TableError> {
    let cells = || sheet.rows.iter().filter_map(|row| row.text(column));
    let name = || sheet.header[column].clone();
    if let Some(row) = sheet.rows.iter().find(|row| row.text(column).is_some_and(|text| text.starts_with('['))) {
        let cell = row.text(column).unwrap_or_default().to_owned();
        return Err(TableError::LabelIsAList { line: row.line, column: name(), cell });
    }
    let (values, rows) = (cells().collect::<BTreeSet<_>>().len(), cells().count());
    let names_rows = rows >= FEWEST_ROWS_TO_JUDGE && 2 * values > rows;
    if names_rows { Err(TableError::LabelNamesRows { column: name(), values, rows }) } else { Ok(()) }
}

/// The tracks, and the names of their labels: sorted, as numbers if all are.
pub(super) fn tracks(drafts: Vec<Draft>) -> (Vec<Track>, Vec<String>) {
    let (labels, number) = numbered(drafts.iter().filter_map(|draft| draft.facts.label.as_deref()));
    (drafts.into_iter().map(|draft| draft.track(&number)).collect(), labels)
}

/// The names of labels in order, and the number of each.
pub(super) fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> (Vec<String>, BTreeMap<String, u32>) {
    let mut labels: Vec<String> = names.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect();
    let value = |label: &String| label.parse::<f64>().ok();
    if labels.iter().all(|label| value(label).is_some()) {
        labels.sort_by(|a, b| value(a).partial_cmp(&value(b)).unwrap_or(std::cmp::Ordering::Equal));
    }
    let number = labels.iter().cloned().zip(0..).collect();
    (labels, number)
}

impl Draft {
    fn track(self, number: &BTreeMap<String, u32>) -> Track {
        let Facts { label, group, language, part, metadata } = self.facts;
        let label = label.and_then(|label| number.get(&label).copied());
        let (id, audio, group) = (self.id, self.audio, group.unwrap_or(self.alone));
        Track { id, audio, label, language, group, part, metadata, ..Track::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(csv: &str, label: Option<&str>) -> Facts {
        let sheet = Sheet::read(csv.as_bytes()).unwrap();
        FactColumns::find(&sheet, label, None, Some(0)).unwrap().of(&sheet, &sheet.rows[0])
    }

    #[test]
    fn a_row_tells_what_its_columns_are_named_for() {
        let facts = first("id,Genre,artist,lang,split,title,tempo\na,rock,X,bn,validation,Song,120\n", None);
        assert_eq!((facts.label.as_deref(), facts.group.as_deref()), (Some("rock"), Some("X")));
        assert_eq!((facts.language.as_deref(), facts.part), (Some("bn"), Some(Part::Validation)));
        let metadata = [("artist", "X"), ("title", "Song")].map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(facts.metadata, BTreeMap::from(metadata));
    }

    #[test]
    fn any_column_may_be_the_label() {
        let csv = "id,genre,mood,year\na,rock,sad,1999\n";
        assert_eq!(first(csv, Some("mood")).label.as_deref(), Some("sad"));
        assert_eq!(first(csv, Some("year")).label.as_deref(), Some("1999"));
        assert_eq!(first(csv, Some("mood")).metadata.get("genre").map(String::as_str), Some("rock"));
    }

    #[test]
    fn labels_that_are_numbers_are_sorted_as_numbers() {
        let draft = |label: &str| Draft {
            id: label.to_owned(),
            audio: None,
            alone: label.to_owned(),
            facts: Facts { label: Some(label.to_owned()), ..Facts::default() },
        };
        let (found, labels) = tracks(["10", "9", "1"].map(draft).into());
        assert_eq!((labels, found[0].label), (vec!["1".to_owned(), "9".to_owned(), "10".to_owned()], Some(2)));
        assert_eq!(tracks(["b", "10", "9"].map(draft).into()).1, ["10", "9", "b"]);
    }

    #[test]
    fn a_label_that_names_rows_or_is_a_list_is_refused() {
        let rows: String = (0..30).map(|row| format!("{row},song {row}\n")).collect();
        let sheet = Sheet::read(format!("id,label\n{rows}").as_bytes()).unwrap();
        let told = FactColumns::find(&sheet, None, None, None).unwrap_err().to_string();
        assert!(told.contains("30 values in 30 rows"), "{told}");
        let sheet = Sheet::read(b"id,genres\n1,\"[21, 4]\"\n").unwrap();
        let told = FactColumns::find(&sheet, None, None, None).unwrap_err().to_string();
        assert!(told.contains("line 2") && told.contains("genre_top"), "{told}");
    }
}
