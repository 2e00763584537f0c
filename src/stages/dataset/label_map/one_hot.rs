//! Labels one-hot: a column a label, a one in the column of the row's label and zeros in the others. A row of zeros has
//! no label.

use crate::stages::dataset::conventions::LABELS;
use crate::stages::dataset::sheet::{Row, Sheet, TableError};

/// The label of each row. `is_other` tells columns that hold something else; columns of neither zeros nor ones do too.
///
/// # Errors
/// No such columns; a row with several ones.
pub(super) fn labels(sheet: &Sheet, is_other: impl Fn(usize) -> bool) -> Result<Vec<Option<String>>, TableError> {
    let is_bits = |column: &usize| sheet.rows.iter().all(|row| bit(row, *column).is_some());
    let columns: Vec<usize> = (0..sheet.header.len())
        .filter(|column| !is_other(*column) && !sheet.header[*column].is_empty())
        .filter(is_bits)
        .collect();
    if columns.len() < 2 {
        return Err(TableError::NoLabels { known: sheet.known() });
    }
    let names: Vec<&str> = columns.iter().map(|column| sheet.header[*column].as_str()).collect();
    let names = without_prefix(&names);
    let label = |row: &Row| {
        let ones: Vec<usize> = (0..columns.len()).filter(|place| bit(row, columns[*place]) == Some(true)).collect();
        match ones.as_slice() {
            [] => Ok(None),
            [place] => Ok(Some(names[*place].to_owned())),
            _ => Err(TableError::NotOneHot { line: row.line, ones: ones.len() }),
        }
    };
    sheet.rows.iter().map(label).collect()
}

fn bit(row: &Row, column: usize) -> Option<bool> {
    match row.text(column)?.to_ascii_lowercase().as_str() {
        "1" | "1.0" | "true" => Some(true),
        "0" | "0.0" | "false" => Some(false),
        _ => None,
    }
}

/// pandas names the columns `genre_blues`, `genre_rock`: the name of the column that they came from is taken away.
fn without_prefix<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let cut = |prefix: &&str| names.iter().map(|name| name.strip_prefix(prefix)?.strip_prefix('_')).collect();
    LABELS.iter().find_map(cut).unwrap_or_else(|| names.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_prefix_of_all_is_taken_away() {
        assert_eq!(without_prefix(&["genre_blues", "genre_rock"]), ["blues", "rock"]);
        assert_eq!(without_prefix(&["genre_blues", "rock"]), ["genre_blues", "rock"]);
    }

    #[test]
    fn columns_of_other_numbers_are_no_labels_and_zeros_are_none() {
        let sheet = Sheet::read(b"file,tempo,a,b\nx,120,1,0\ny,90,0,1\nz,100,0,0\n").unwrap();
        let found = labels(&sheet, |column| column == 0).unwrap();
        assert_eq!(found, [Some("a".to_owned()), Some("b".to_owned()), None]);
    }

    #[test]
    fn several_ones_are_refused() {
        let sheet = Sheet::read(b"file,a,b\nx,1,0\ny,1,1\n").unwrap();
        assert!(matches!(labels(&sheet, |column| column == 0), Err(TableError::NotOneHot { line: 3, ones: 2 })));
    }
}
