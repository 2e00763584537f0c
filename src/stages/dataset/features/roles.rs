//! What each column of a table of features is: a name, a fact, a feature, or nothing to learn from.

use super::Features;
use crate::stages::dataset::conventions::{IDS, LABELS, track_of_segment, without_ending};
use crate::stages::dataset::facts::{Draft, FactColumns};
use crate::stages::dataset::sheet::{Row, Sheet, TableError};

/// Columns by what they are.
pub(super) struct Roles {
    pub id: Option<usize>,
    pub facts: FactColumns,
    /// Columns of numbers that may be learned from.
    pub numbers: Vec<usize>,
}

impl Roles {
    /// Finds every column's role.
    ///
    /// # Errors
    /// A setting that names a column which is not there; a label that is none.
    pub(super) fn find(sheet: &Sheet, settings: &Features) -> Result<Roles, TableError> {
        let id = sheet.named(settings.id.as_deref(), &IDS)?;
        let id = id.filter(|id| settings.label.as_deref().is_none_or(|label| label != sheet.header[*id]));
        let facts = FactColumns::find(sheet, settings.label.as_deref(), settings.group.as_deref(), id)?;
        let dropped = settings
            .drop
            .iter()
            .map(|name| sheet.named(Some(name), &[]))
            .collect::<Result<Vec<Option<usize>>, TableError>>()?;
        let taken = |column: usize| Some(column) == id || facts.takes(column) || dropped.contains(&Some(column));
        let is_feature =
            |column: &usize| !taken(*column) && !says_nothing(&sheet.header[*column]) && sheet.is_numeric(*column);
        let numbers = (0..sheet.header.len()).filter(is_feature).collect();
        Ok(Roles { id, facts, numbers })
    }

    /// Whether nothing tells which rows belong to one track.
    pub(super) fn anonymous(&self) -> bool {
        self.id.is_none() && self.facts.group.is_none()
    }

    /// The track's name, else the number of its row.
    pub(super) fn name(&self, row: &Row, index: usize) -> String {
        let named = self.id.and_then(|column| row.text(column));
        named.map_or_else(|| format!("row-{:06}", index + 1), |name| without_ending(name).to_owned())
    }

    /// The track of `row`, called `id`; `name` is what the table calls it.
    pub(super) fn draft(&self, sheet: &Sheet, row: &Row, name: &str, id: String) -> Draft {
        Draft { id, audio: None, alone: track_of_segment(name).to_owned(), facts: self.facts.of(sheet, row) }
    }
}

/// Numbers of files, rows and catalogues; and labels, whichever of them is the one that is asked for.
fn says_nothing(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let exact = ["", "length", "index", "level_0"];
    exact.contains(&name.as_str())
        || name.starts_with("unnamed:")
        || name.ends_with("_id")
        || IDS.contains(&name.as_str())
        || LABELS.contains(&name.as_str())
}
