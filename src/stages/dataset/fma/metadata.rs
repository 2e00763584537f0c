//! `tracks.csv`: one row a track, two rows of names above (`album`, `artist`, `set`, `track`, and the columns of each).

use super::Subset;
use crate::stages::dataset::conventions::part;
use crate::stages::dataset::facts::{Facts, judge};
use crate::stages::dataset::sheet::{Row, Sheet, TableError};
use std::collections::BTreeMap;

/// What is kept of a row beside label, group and side.
const KEPT: [&str; 3] = ["track_title", "artist_name", "album_title"];

/// All tracks of the table.
pub(super) struct Metadata(Vec<About>);

/// What is known of one track.
pub(super) struct About {
    /// Its number, which names its clip.
    pub id: u32,
    /// The smallest subset that holds it.
    pub subset: Subset,
    pub facts: Facts,
}

impl About {
    /// Six digits, as in the name of its clip.
    pub(super) fn name(&self) -> String {
        format!("{:06}", self.id)
    }
}

/// Columns of the table.
struct Places {
    id: usize,
    subset: usize,
    label: usize,
    split: Option<usize>,
    artist: Option<usize>,
    language: Option<usize>,
    kept: Vec<usize>,
}

impl Metadata {
    /// The tracks in the bytes of the table; `label` is the name of a column, with or without the word above it.
    pub(super) fn read(bytes: &[u8], label: &str) -> Result<Metadata, TableError> {
        let of_track = format!("track_{label}");
        let fixed = ["track_id", "set_subset", "set_split", "artist_id", "track_language_code"];
        // Biographies make most of the table: only what is needed is held.
        let wanted = |name: &str| fixed.contains(&name) || KEPT.contains(&name) || name == label || name == of_track;
        let sheet = Sheet::read_where(bytes, wanted, |_| true)?;
        let places = Places::find(&sheet, label).or_else(|error| match error {
            TableError::NoColumn { name, .. } => Err(TableError::NoColumn { name, known: Sheet::names(bytes)? }),
            other => Err(other),
        })?;
        judge(&sheet, places.label)?;
        Ok(Metadata(sheet.rows.iter().map(|row| places.about(&sheet, row)).collect::<Result<_, _>>()?))
    }

    /// Tracks of the subset and of those that it holds.
    pub(super) fn below(self, subset: Subset) -> Vec<About> {
        self.0.into_iter().filter(|about| about.subset <= subset).collect()
    }
}

impl Places {
    fn find(sheet: &Sheet, label: &str) -> Result<Places, TableError> {
        let need = |name: &str| sheet.named(Some(name), &[]).map(|place| place.unwrap_or_default());
        let of_track = sheet.find(&[format!("track_{label}").as_str()]);
        let kept = KEPT.iter().filter_map(|name| sheet.find(&[name])).collect();
        Ok(Places {
            id: need("track_id")?,
            subset: need("set_subset")?,
            label: of_track.map_or_else(|| need(label), Ok)?,
            split: sheet.find(&["set_split"]),
            artist: sheet.find(&["artist_id"]),
            language: sheet.find(&["track_language_code"]),
            kept,
        })
    }

    fn about(&self, sheet: &Sheet, row: &Row) -> Result<About, TableError> {
        let text = |place: Option<usize>| place.and_then(|place| row.text(place));
        let wrong = |place: usize| TableError::NotANumber {
            line: row.line,
            column: sheet.header[place].clone(),
            cell: row.text(place).unwrap_or_default().to_owned(),
        };
        let id = text(Some(self.id)).and_then(|text| text.parse().ok()).ok_or_else(|| wrong(self.id))?;
        let kept = |place: &usize| Some((name(&sheet.header[*place]), row.text(*place)?.to_owned()));
        let facts = Facts {
            label: text(Some(self.label)).map(str::to_owned),
            group: text(self.artist).map(|artist| format!("artist {artist}")),
            language: text(self.language).map(str::to_owned),
            part: text(self.split).and_then(part),
            metadata: self.kept.iter().filter_map(kept).collect::<BTreeMap<String, String>>(),
        };
        Ok(About { id, subset: subset(text(Some(self.subset))), facts })
    }
}

/// Tracks of no subset are in the full set only, as are those of `large`.
fn subset(word: Option<&str>) -> Subset {
    let known = |subset: &Subset| word.is_some_and(|word| word.eq_ignore_ascii_case(subset.word()));
    Subset::ALL.into_iter().find(known).unwrap_or(Subset::Large)
}

/// `track_title` is the title; what is above says itself elsewhere.
fn name(column: &str) -> String {
    column.trim_start_matches("track_").trim_end_matches("_name").to_owned()
}
