//! How inputs of a network are scaled: fitted on the rows it learns from, and on no others.

use super::FeatureTable;
use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// What is subtracted, then divided by: one a column for vectors, one in all for maps, whose pixels share a unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Means; smallest values where inputs are scaled to 0..1.
    pub mean: Vec<f32>,
    /// Standard deviations, ranges where inputs are scaled to 0..1; 1 where a column is constant.
    pub std: Vec<f32>,
}

impl Scale {
    /// Mean 0 and variance 1 over `rows` (places in the table).
    pub fn fit(table: &FeatureTable, rows: &[usize]) -> Scale {
        Scale::by(table, rows, moments)
    }

    /// From 0 to 1 over `rows` (places in the table); other rows may lie outside.
    pub fn fit_range(table: &FeatureTable, rows: &[usize]) -> Scale {
        Scale::by(table, rows, range)
    }

    fn by(table: &FeatureTable, rows: &[usize], of: fn(Vec<f32>) -> (f64, f64)) -> Scale {
        let values = flat(table).select(Axis(0), rows);
        let moments: Vec<(f64, f64)> = match table.has_maps() {
            true => vec![of(values.iter().copied().collect())],
            false => values.columns().into_iter().map(|column| of(column.to_vec())).collect(),
        };
        let std = |std: f64| if std > 0.0 { std as f32 } else { 1.0 };
        Scale {
            mean: moments.iter().map(|(mean, _)| *mean as f32).collect(),
            std: moments.iter().map(|(_, sd)| std(*sd)).collect(),
        }
    }

    /// The whole table scaled, `[rows, values]`.
    pub fn apply(&self, table: &FeatureTable) -> Array2<f32> {
        self.scaled(flat(table).to_owned())
    }

    /// Some rows of the table (places in it) scaled, `[rows, values]`: the others are not copied.
    pub fn apply_to(&self, table: &FeatureTable, rows: &[usize]) -> Array2<f32> {
        self.scaled(flat(table).select(Axis(0), rows))
    }

    fn scaled(&self, mut values: Array2<f32>) -> Array2<f32> {
        for mut row in values.rows_mut() {
            row.iter_mut().enumerate().for_each(|(column, value)| {
                *value = (*value - self.at(&self.mean, column)) / self.at(&self.std, column)
            });
        }
        values
    }

    /// `[rows, values]` back in the units of the table.
    pub fn undo(&self, mut values: Array2<f32>) -> Array2<f32> {
        for mut row in values.rows_mut() {
            row.iter_mut()
                .enumerate()
                .for_each(|(column, value)| *value = *value * self.at(&self.std, column) + self.at(&self.mean, column));
        }
        values
    }

    fn at(&self, values: &[f32], column: usize) -> f32 {
        if values.len() == 1 { values[0] } else { values[column] }
    }
}

/// `[rows, values]`.
fn flat(table: &FeatureTable) -> ArrayView2<'_, f32> {
    let rows = table.rows();
    let width = table.values.len().checked_div(rows).unwrap_or(0);
    table.values.view().into_shape_with_order((rows, width)).expect("feature tables lie in row order")
}

/// Mean and standard deviation (of the population), summed in float64.
fn moments(values: Vec<f32>) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / n;
    let variance = values.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

/// Smallest value, and how far the largest is from it.
fn range(values: Vec<f32>) -> (f64, f64) {
    let (low, high) =
        values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    if low > high { (0.0, 0.0) } else { (f64::from(low), f64::from(high - low)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn table(values: ndarray::ArrayD<f32>) -> FeatureTable {
        FeatureTable {
            tracks: (0..values.len_of(Axis(0)) as u32).collect(),
            values,
            columns: Vec::new(),
            skipped: Vec::new(),
        }
    }

    #[test]
    fn columns_of_vectors_are_scaled_each_and_constant_ones_not() {
        let table = table(array![[0.0f32, 5.0], [2.0, 5.0], [100.0, 7.0]].into_dyn());
        let scale = Scale::fit(&table, &[0, 1]);
        assert_eq!((scale.mean.clone(), scale.std.clone()), (vec![1.0, 5.0], vec![1.0, 1.0]));
        assert_eq!(scale.apply(&table).row(2).to_vec(), [99.0, 2.0]);
        assert_eq!(scale.undo(scale.apply(&table)).row(2).to_vec(), [100.0, 7.0]);
    }

    #[test]
    fn maps_have_one_scale() {
        let table = table(ndarray::Array4::from_shape_fn((2, 1, 2, 2), |(r, _, b, f)| (r + b + f) as f32).into_dyn());
        assert_eq!(Scale::fit(&table, &[0, 1]).mean.len(), 1);
        assert_eq!(Scale::fit(&table, &[0, 1]).apply(&table).dim(), (2, 4));
    }
}
