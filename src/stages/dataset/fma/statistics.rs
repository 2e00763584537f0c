//! `features.csv`: seven statistics of each of eleven features of every track, 518 columns under three rows of names.

use super::Fma;
use super::metadata::About;
use crate::artifact::{Corpus, Skipped, Table};
use crate::stages::dataset::facts::{Draft, tracks};
use crate::stages::dataset::sheet::{Row, Sheet, TableError};
use ndarray::Array2;
use std::collections::{BTreeMap, BTreeSet};

/// The corpus of the tracks in `abouts`, with the rows of the table that are theirs.
pub(super) fn corpus(fma: &Fma, abouts: Vec<About>, bytes: &[u8]) -> Result<Corpus, TableError> {
    let wanted: BTreeSet<u32> = abouts.iter().map(|about| about.id).collect();
    let is_wanted = |id: &str| id.trim().parse().is_ok_and(|id| wanted.contains(&id));
    let sheet = Sheet::read_where(bytes, |_| true, is_wanted)?;
    let id = sheet.named(Some("track_id"), &[])?.unwrap_or_default();
    let rows: BTreeMap<u32, &Row> =
        sheet.rows.iter().filter_map(|row| Some((row.text(id)?.parse().ok()?, row))).collect();
    let numbers: Vec<usize> = (0..sheet.header.len()).filter(|column| *column != id).collect();
    let (mut found, mut values, mut skipped, mut left_out) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for about in abouts {
        if let Some(without) = fma.unlabelled(&about) {
            left_out.push(without);
            continue;
        }
        match cells(&sheet, rows.get(&about.id).copied(), &numbers)? {
            Ok(cells) => {
                values.extend(cells);
                found.push(Draft { id: about.name(), alone: about.name(), audio: None, facts: about.facts });
            }
            Err(reason) => skipped.push(Skipped { path: about.name(), reason }),
        }
    }
    let columns: Vec<String> = numbers.iter().map(|column| sheet.header[*column].clone()).collect();
    let values = Array2::from_shape_vec((found.len(), columns.len()), values)
        .map_err(|error| TableError::Array(error.into()))?;
    let (tracks, labels) = tracks(found);
    Ok(Corpus { tracks, labels, skipped, left_out, table: Some(Table { columns, values }), ..Corpus::default() })
}

/// The numbers of a row, or why they are of no use.
fn cells(sheet: &Sheet, row: Option<&Row>, numbers: &[usize]) -> Result<Result<Vec<f64>, String>, TableError> {
    let Some(row) = row else { return Ok(Err("it has no statistics".to_owned())) };
    let found = numbers.iter().map(|column| sheet.number(row, *column)).collect::<Result<Vec<_>, _>>()?;
    let missing = found.iter().position(Option::is_none).map(|place| &sheet.header[numbers[place]]);
    let reason = missing.map(|column| format!("line {}: {column} is missing or not finite", row.line));
    Ok(reason.map_or_else(|| Ok(found.into_iter().flatten().collect()), Err))
}
