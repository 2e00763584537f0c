//! Columns of a pre-extracted table.

use crate::artifact::{Corpus, FeatureTable};
use ndarray::{Array2, Axis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.table]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Columns {
    /// Columns to use; all if empty.
    pub columns: Vec<String>,
    /// Take the natural logarithm of columns whose name ends in `_var`: variances are far from normal, their logarithms are not.
    pub log_variance: bool,
}

impl Columns {
    /// The body of the table.
    pub const EXAMPLE: &str = "log_variance = true";
}

/// The dataset does not have what the experiment asks for.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages tell the fields")]
pub enum TableError {
    #[error("features.table needs a dataset with a table: use dataset.features, or features.audio")]
    NoTable,
    #[error("features.table.columns: no column {name:?}; there are {known}")]
    NoColumn { name: String, known: String },
}

/// `[tracks, chosen columns]`.
pub(super) fn select(corpus: &Corpus, settings: &Columns) -> Result<FeatureTable, TableError> {
    let table = corpus.table.as_ref().ok_or(TableError::NoTable)?;
    let place = |name: &String| {
        let missing = || TableError::NoColumn { name: name.clone(), known: table.columns.join(", ") };
        table.columns.iter().position(|column| column == name).ok_or_else(missing)
    };
    let chosen: Vec<usize> = match settings.columns.as_slice() {
        [] => (0..table.columns.len()).collect(),
        names => names.iter().map(place).collect::<Result<_, _>>()?,
    };
    let columns: Vec<String> = chosen.iter().map(|column| table.columns[*column].clone()).collect();
    let mut values = table.values.select(Axis(1), &chosen);
    if settings.log_variance {
        log_variances(&mut values, &columns);
    }
    let tracks = (0..corpus.tracks.len() as u32).collect();
    Ok(FeatureTable {
        values: values.mapv(|value| value as f32).into_dyn(),
        columns,
        tracks,
        ..FeatureTable::default()
    })
}

fn log_variances(values: &mut Array2<f64>, columns: &[String]) {
    let variances = columns.iter().enumerate().filter(|(_, name)| name.ends_with("_var"));
    for (column, _) in variances {
        values.column_mut(column).mapv_inplace(|value| value.max(f64::MIN_POSITIVE).ln());
    }
}
