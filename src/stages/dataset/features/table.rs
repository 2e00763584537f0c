//! Rows of text become tracks and numbers.

use super::Features;
use super::leak;
use super::roles::Roles;
use crate::artifact::{Corpus, Skipped, Table};
use crate::stages::dataset::facts::{Draft, tracks};
use crate::stages::dataset::names::Names;
use crate::stages::dataset::sheet::{Row, Sheet, TableError};
use ndarray::Array2;

/// The corpus of a table whose numeric columns are the features.
///
/// # Errors
/// No table, no numbers, a cell of a column of numbers that is text.
pub(super) fn corpus(bytes: &[u8], settings: &Features) -> Result<Corpus, TableError> {
    let sheet = Sheet::read(bytes)?;
    let mut roles = Roles::find(&sheet, settings)?;
    let leaks = leak::columns(&sheet, &roles);
    roles.numbers.retain(|column| !leaks.contains(column));
    if roles.numbers.is_empty() {
        return Err(TableError::NoNumbers { known: sheet.known() });
    }
    let (mut gathered, mut seen) = (Gathered::default(), Names::default());
    for (index, row) in sheet.rows.iter().enumerate() {
        gathered.take(&sheet, &roles, row, roles.name(row, index), &mut seen)?;
    }
    let columns: Vec<String> = roles.numbers.iter().map(|column| sheet.header[*column].clone()).collect();
    let shape = (gathered.drafts.len(), columns.len());
    let values = Array2::from_shape_vec(shape, gathered.values).map_err(|error| TableError::Array(error.into()))?;
    let warning = |column: &usize| {
        let name = &sheet.header[*column];
        format!("the column {name} tells the label a second time and is left out of the features")
    };
    let (tracks, labels) = tracks(gathered.drafts);
    Ok(Corpus {
        tracks,
        labels,
        skipped: gathered.skipped,
        anonymous: roles.anonymous(),
        warnings: leaks.iter().map(warning).collect(),
        table: Some(Table { columns, values }),
        ..Corpus::default()
    })
}

/// What has been read so far.
#[derive(Default)]
struct Gathered {
    drafts: Vec<Draft>,
    values: Vec<f64>,
    skipped: Vec<Skipped>,
}

impl Gathered {
    fn take(
        &mut self,
        sheet: &Sheet,
        roles: &Roles,
        row: &Row,
        name: String,
        seen: &mut Names,
    ) -> Result<(), TableError> {
        let cells =
            roles.numbers.iter().map(|column| sheet.number(row, *column)).collect::<Result<Vec<_>, TableError>>()?;
        let missing = cells.iter().position(Option::is_none).map(|place| &sheet.header[roles.numbers[place]]);
        let numbers: Vec<f64> = cells.into_iter().flatten().collect();
        let repeats = || roles.id.and_then(|_| seen.row_like(&name, &numbers));
        let reason = match missing {
            Some(column) => Some(format!("line {}: {column} is missing or not finite", row.line)),
            None => repeats().map(|line| format!("line {}: the same as line {line}", row.line)),
        };
        match reason {
            Some(reason) => self.skipped.push(Skipped { path: name, reason }),
            None => {
                let id = seen.enter(&name, &numbers, row.line);
                self.drafts.push(roles.draft(sheet, row, &name, id));
                self.values.extend(numbers);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
