//! An array of embeddings and the table of its rows.

use super::Features;
use super::roles::Roles;
use crate::artifact::{Corpus, Skipped, Table, read_npy};
use crate::stages::dataset::facts::tracks;
use crate::stages::dataset::names::Names;
use crate::stages::dataset::sheet::{Sheet, TableError};
use ndarray::{Array2, Axis};

/// The corpus of an array `[tracks, dims]` whose rows follow those of `tracks_csv`.
///
/// # Errors
/// No array of two axes, no table, another number of rows.
pub(super) fn corpus(npy: &[u8], tracks_csv: &[u8], settings: &Features) -> Result<Corpus, TableError> {
    let (values, sheet) = (numbers(npy)?, Sheet::read(tracks_csv)?);
    if sheet.rows.len() != values.nrows() {
        return Err(TableError::RowsDiffer { rows: values.nrows(), lines: sheet.rows.len() });
    }
    let roles = Roles::find(&sheet, settings)?;
    let finite = |row: &usize| values.row(*row).iter().all(|value| value.is_finite());
    let (kept, lost): (Vec<usize>, Vec<usize>) = (0..values.nrows()).partition(finite);
    let name = |row: usize| roles.name(&sheet.rows[row], row);
    let skipped =
        lost.iter().map(|row| Skipped { path: name(*row), reason: "not all numbers are finite".to_owned() }).collect();
    let mut seen = Names::default();
    let draft = |row: &usize| {
        let (line, name) = (&sheet.rows[*row], name(*row));
        let id = seen.enter(&name, &[], line.line);
        roles.draft(&sheet, line, &name, id)
    };
    let (tracks, labels) = tracks(kept.iter().map(draft).collect());
    let columns = (0..values.ncols()).map(|column| format!("dim{column}")).collect();
    let table = Some(Table { columns, values: values.select(Axis(0), &kept) });
    Ok(Corpus { tracks, labels, skipped, anonymous: roles.anonymous(), table, ..Corpus::default() })
}

fn numbers(npy: &[u8]) -> Result<Array2<f64>, TableError> {
    let single = || read_npy::<f32, ndarray::Ix2>(npy).map(|values| values.mapv(f64::from));
    read_npy(npy).or_else(|_| single()).map_err(TableError::Array)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Features {
        serde_json::from_value(serde_json::json!({ "path": "x.npy" })).unwrap()
    }

    #[test]
    fn embeddings_follow_their_tracks() {
        let values = ndarray::array![[1.0f32, 2.0], [f32::NAN, 0.0], [3.0, 4.0]];
        let npy = crate::artifact::write_npy(&values).unwrap();
        let found = corpus(&npy, b"id,label\na,x\nb,y\na,x\n", &settings()).unwrap();
        assert_eq!((found.tracks.len(), found.skipped[0].path.as_str()), (2, "b"));
        assert_eq!((found.tracks[1].id.as_str(), found.groups()), ("a#2", 1));
        assert_eq!(found.table.unwrap().values, ndarray::array![[1.0, 2.0], [3.0, 4.0]]);
        let told = corpus(&npy, b"id,label\na,x\n", &settings()).unwrap_err().to_string();
        assert!(told.contains("row by row"), "{told}");
    }

    #[test]
    fn other_arrays_are_refused() {
        let vector = crate::artifact::write_npy(&ndarray::array![1.0f32]).unwrap();
        let told = corpus(&vector, b"id\na\n", &settings()).unwrap_err().to_string();
        assert!(told.contains("two axes"), "{told}");
    }
}
