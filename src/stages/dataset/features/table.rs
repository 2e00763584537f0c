//! Rows of text become tracks and numbers.

use super::Features;
use crate::artifact::{Corpus, Skipped, Table, Track, read_npy};
use ndarray::{Array2, Axis};
use std::collections::{BTreeMap, BTreeSet};

const IDS: [&str; 6] = ["filename", "file_name", "track_id", "id", "file", "path"];
const LABELS: [&str; 5] = ["label", "genre", "genre_top", "category", "class"];
const GROUPS: [&str; 2] = ["artist", "group"];
const LANGUAGES: [&str; 2] = ["language", "lang"];
/// A property of the file, not of the music.
const NEVER: &str = "length";

/// What each column is.
struct Roles {
    id: Option<usize>,
    label: Option<usize>,
    group: Option<usize>,
    language: Option<usize>,
    numbers: Vec<usize>,
}

/// A whole CSV in memory.
struct Sheet {
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

/// The corpus of a CSV whose numeric columns are the features.
pub(super) fn from_csv(bytes: &[u8], settings: &Features) -> Result<Corpus, String> {
    let sheet = Sheet::read(bytes)?;
    let roles = Roles::find(&sheet, settings)?;
    if roles.numbers.is_empty() {
        return Err("no column of numbers".to_owned());
    }
    let (mut tracks, mut values, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    let labels = roles.label_names(&sheet);
    for (index, row) in sheet.rows.iter().enumerate() {
        match roles.numbers.iter().map(|column| number(&sheet, row, *column)).collect::<Result<Vec<f64>, String>>() {
            Ok(numbers) => {
                tracks.push(roles.track(row, index, &labels));
                values.extend(numbers);
            }
            Err(reason) => {
                skipped.push(Skipped { path: roles.id(row, index), reason: format!("line {}: {reason}", index + 2) })
            }
        }
    }
    let columns: Vec<String> = roles.numbers.iter().map(|column| sheet.header[*column].clone()).collect();
    let values = Array2::from_shape_vec((tracks.len(), columns.len()), values).map_err(|error| error.to_string())?;
    corpus(tracks, labels, skipped, Table { columns, values })
}

/// The corpus of an array `[tracks, dims]` and the table of its rows.
pub(super) fn from_npy(npy: &[u8], tracks_csv: &[u8], settings: &Features) -> Result<Corpus, String> {
    let values = numbers_of(npy)?;
    let sheet = Sheet::read(tracks_csv).map_err(|problem| format!("tracks.csv: {problem}"))?;
    if sheet.rows.len() != values.nrows() {
        return Err(format!(
            "it has {} rows, tracks.csv beside it has {}: they must follow each other row by row",
            values.nrows(),
            sheet.rows.len()
        ));
    }
    let roles = Roles::find(&sheet, settings)?;
    let labels = roles.label_names(&sheet);
    let finite = |row: usize| values.row(row).iter().all(|value| value.is_finite());
    let (kept, lost): (Vec<usize>, Vec<usize>) = (0..values.nrows()).partition(|row| finite(*row));
    let skipped = lost
        .iter()
        .map(|row| Skipped { path: roles.id(&sheet.rows[*row], *row), reason: "not all numbers are finite".to_owned() })
        .collect();
    let tracks = kept.iter().map(|row| roles.track(&sheet.rows[*row], *row, &labels)).collect();
    let columns = (0..values.ncols()).map(|column| format!("dim{column}")).collect();
    corpus(tracks, labels, skipped, Table { columns, values: values.select(Axis(0), &kept) })
}

fn numbers_of(npy: &[u8]) -> Result<Array2<f64>, String> {
    let single = || read_npy::<f32, ndarray::Ix2>(npy).map(|values| values.mapv(f64::from));
    read_npy(npy).or_else(|_| single()).map_err(|error| format!("not a table of float32 or float64 numbers: {error}"))
}

fn corpus(tracks: Vec<Track>, labels: Vec<String>, skipped: Vec<Skipped>, table: Table) -> Result<Corpus, String> {
    let mut seen = BTreeSet::new();
    match tracks.iter().find(|track| !seen.insert(track.id.as_str())) {
        Some(twice) => Err(format!("{} stands in it twice", twice.id)),
        None => Ok(Corpus { tracks, labels, skipped, synthetic: false, table: Some(table) }),
    }
}

fn number(sheet: &Sheet, row: &csv::StringRecord, column: usize) -> Result<f64, String> {
    let text = row.get(column).unwrap_or_default().trim();
    let value: f64 = text.parse().map_err(|_| format!("{} is {text:?}, not a number", sheet.header[column]))?;
    if value.is_finite() { Ok(value) } else { Err(format!("{} is {text}, not finite", sheet.header[column])) }
}

impl Sheet {
    fn read(bytes: &[u8]) -> Result<Sheet, String> {
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(text);
        let header = reader.headers().map_err(|error| error.to_string())?.iter().map(str::to_owned).collect();
        let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
        if rows.is_empty() { Err("it has no rows".to_owned()) } else { Ok(Sheet { header, rows }) }
    }

    fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|column| column.eq_ignore_ascii_case(name)))
    }

    fn named(&self, name: &Option<String>, usual: &[&str]) -> Result<Option<usize>, String> {
        let Some(name) = name else { return Ok(self.find(usual)) };
        let found = self.header.iter().position(|column| column == name);
        found.map(Some).ok_or_else(|| format!("no column {name:?}; there are {}", self.header.join(", ")))
    }

    /// Most cells of a column of numbers are numbers; a bad cell costs its row, not the column.
    fn is_numeric(&self, column: usize) -> bool {
        let numbers =
            self.rows.iter().filter(|row| row.get(column).unwrap_or_default().trim().parse::<f64>().is_ok()).count();
        2 * numbers > self.rows.len()
    }
}

impl Roles {
    fn find(sheet: &Sheet, settings: &Features) -> Result<Roles, String> {
        let label = sheet.named(&settings.label, &LABELS)?;
        let group = sheet.named(&settings.group, &GROUPS)?;
        let (id, language) = (sheet.find(&IDS), sheet.find(&LANGUAGES));
        if let Some(unknown) = settings.drop.iter().find(|name| !sheet.header.contains(name)) {
            return Err(format!("no column {unknown:?} to drop; there are {}", sheet.header.join(", ")));
        }
        let taken = [label, group, id, language];
        let dropped = |column: usize| {
            sheet.header[column] == NEVER
                || sheet.header[column].is_empty()
                || settings.drop.contains(&sheet.header[column])
        };
        let is_feature =
            |column: &usize| !taken.contains(&Some(*column)) && !dropped(*column) && sheet.is_numeric(*column);
        let numbers = (0..sheet.header.len()).filter(is_feature).collect();
        Ok(Roles { id, label, group, language, numbers })
    }

    fn label_names(&self, sheet: &Sheet) -> Vec<String> {
        let names: BTreeSet<&str> = sheet.rows.iter().filter_map(|row| cell(row, self.label)).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    fn id(&self, row: &csv::StringRecord, index: usize) -> String {
        cell(row, self.id).map_or_else(|| format!("row-{:06}", index + 1), without_ending)
    }

    fn track(&self, row: &csv::StringRecord, index: usize, labels: &[String]) -> Track {
        let id = self.id(row, index);
        let label = cell(row, self.label)
            .and_then(|name| labels.iter().position(|label| label == name))
            .map(|place| place as u32);
        let group = cell(row, self.group).map_or_else(|| track_of_clip(&id), str::to_owned);
        let language = cell(row, self.language).map(str::to_owned);
        Track { id, audio: None, label, language, group, lyrics: None, factors: BTreeMap::new() }
    }
}

fn cell(row: &csv::StringRecord, column: Option<usize>) -> Option<&str> {
    row.get(column?).map(str::trim).filter(|text| !text.is_empty())
}

fn without_ending(name: &str) -> String {
    let ending = name
        .rsplit_once('.')
        .filter(|(_, ending)| ending.len() <= 4 && ending.chars().any(|c| c.is_ascii_alphabetic()));
    ending.map_or(name, |(stem, _)| stem).to_owned()
}

/// `blues.00000.3` is clip 3 of `blues.00000`: clips of a track share its group.
fn track_of_clip(id: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    match id.rsplit_once('.') {
        Some((track, clip))
            if digits(clip) && clip.len() <= 3 && track.rsplit_once('.').is_some_and(|(_, number)| digits(number)) =>
        {
            track.to_owned()
        }
        _ => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Features {
        serde_json::from_value(serde_json::json!({ "path": "x.csv" })).unwrap()
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let csv =
            "\u{FEFF}label,tempo,filename,length\nrock,120.5,rock.00001.wav,661794\nblues,99,blues.00000.wav,661794\n";
        let corpus = from_csv(csv.as_bytes(), &settings()).unwrap();
        assert_eq!(corpus.labels, ["blues", "rock"]);
        assert_eq!(corpus.tracks[0].id, "rock.00001");
        assert_eq!(
            corpus.table.unwrap(),
            Table { columns: vec!["tempo".to_owned()], values: ndarray::array![[120.5], [99.0]] }
        );
    }

    #[test]
    fn clips_of_a_track_share_its_group() {
        let corpus =
            from_csv(b"filename,x,label\nblues.00000.0.wav,1,blues\nblues.00000.1.wav,2,blues\n", &settings()).unwrap();
        assert_eq!(corpus.tracks.iter().map(|track| track.group.as_str()).collect::<Vec<_>>(), ["blues.00000"; 2]);
        assert_ne!(corpus.tracks[0].id, corpus.tracks[1].id);
    }

    #[test]
    fn a_bad_cell_costs_its_row_and_names_the_line() {
        let corpus = from_csv(b"id,x\na,1\nb,oops\nc,3\nd,nan\n", &settings()).unwrap();
        assert_eq!((corpus.tracks.len(), corpus.skipped.len()), (2, 2));
        assert_eq!(corpus.skipped[0].reason, "line 3: x is \"oops\", not a number");
    }

    #[test]
    fn an_unknown_column_is_an_error_that_lists_the_columns() {
        let named = Features { label: Some("gerne".to_owned()), ..settings() };
        assert_eq!(from_csv(b"genre,x\nrock,1\n", &named).unwrap_err(), "no column \"gerne\"; there are genre, x");
    }

    #[test]
    fn embeddings_follow_their_tracks() {
        let values = ndarray::array![[1.0f32, 2.0], [f32::NAN, 0.0]];
        let npy = crate::artifact::write_npy(&values).unwrap();
        let corpus = from_npy(&npy, b"id,label\na,x\nb,y\n", &settings()).unwrap();
        assert_eq!((corpus.tracks.len(), corpus.skipped.len()), (1, 1));
        assert!(from_npy(&npy, b"id,label\na,x\n", &settings()).unwrap_err().contains("row by row"));
    }
}
