//! How inputs of a network are scaled: fitted on the rows it learns from, and on no others.

use super::FeatureTable;
use super::block::{Block, Scaling};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What is subtracted, then divided by: one a column for vectors, one in all for maps, whose pixels share a unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Means; smallest values where inputs are scaled to 0..1.
    pub mean: Vec<f32>,
    /// Standard deviations, ranges where inputs are scaled to 0..1; 1 where a column is constant.
    pub std: Vec<f32>,
    /// Whether cells of an absent block stay NaN, for a network that knows what to do without; else they become 0, the mean.
    #[serde(default, skip_serializing_if = "is_false")]
    pub keeps_absent: bool,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// What is taken off values, and what they are then divided by.
type Moments = (f64, f64);

impl Scale {
    /// Mean 0 and variance 1 over `rows` (places in the table). Where several modalities stand side by side each has the
    /// same variance in sum, however many columns it has: else the widest would be all that is learned.
    pub fn fit(table: &FeatureTable, rows: &[usize]) -> Scale {
        Scale::by(table, rows, moments).balanced(table)
    }

    /// From 0 to 1 over `rows` (places in the table); other rows may lie outside.
    pub fn fit_range(table: &FeatureTable, rows: &[usize]) -> Scale {
        Scale::by(table, rows, range)
    }

    /// As [`Scale::fit`] for a network that sees each modality by itself: none is weighed, and what is absent stays so.
    pub fn fit_apart(table: &FeatureTable, rows: &[usize]) -> Scale {
        Scale { keeps_absent: true, ..Scale::by(table, rows, moments) }
    }

    fn by(table: &FeatureTable, rows: &[usize], of: fn(&[f32]) -> Moments) -> Scale {
        let values = table.flat().select(Axis(0), rows);
        let moments: Vec<Moments> = match table.has_maps() {
            true => vec![of(values.as_slice().unwrap_or_default())],
            false => {
                table.parts().iter().flat_map(|(block, columns)| block_moments(block, columns, &values, of)).collect()
            }
        };
        let std = |std: f64| if std > 0.0 { std as f32 } else { 1.0 };
        Scale {
            mean: moments.iter().map(|(mean, _)| *mean as f32).collect(),
            std: moments.iter().map(|(_, sd)| std(*sd)).collect(),
            keeps_absent: false,
        }
    }

    fn balanced(mut self, table: &FeatureTable) -> Scale {
        let modalities = table.modalities();
        for (_, columns) in modalities.iter().filter(|_| modalities.len() > 1) {
            let share = columns.len() as f32 * modalities.len() as f32 / table.width() as f32;
            self.std[columns.clone()].iter_mut().for_each(|std| *std *= share.sqrt());
        }
        self
    }

    /// The whole table scaled, `[rows, values]`.
    pub fn apply(&self, table: &FeatureTable) -> Array2<f32> {
        self.scaled(table.flat().to_owned())
    }

    /// Some rows of the table (places in it) scaled, `[rows, values]`: the others are not copied.
    pub fn apply_to(&self, table: &FeatureTable, rows: &[usize]) -> Array2<f32> {
        self.scaled(table.flat().select(Axis(0), rows))
    }

    fn scaled(&self, mut values: Array2<f32>) -> Array2<f32> {
        for mut row in values.rows_mut() {
            row.iter_mut().enumerate().for_each(|(column, value)| {
                let scaled = (*value - self.at(&self.mean, column)) / self.at(&self.std, column);
                *value = if scaled.is_nan() && !self.keeps_absent { 0.0 } else { scaled };
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

/// One pair a column of `block`. Columns that share a unit are divided by the same number.
fn block_moments(
    block: &Block,
    columns: &Range<usize>,
    values: &Array2<f32>,
    of: fn(&[f32]) -> Moments,
) -> Vec<Moments> {
    let there = |column: usize| values.column(column).iter().copied().filter(|x| !x.is_nan()).collect::<Vec<f32>>();
    let mut each: Vec<Moments> = columns.clone().map(|column| of(&there(column))).collect();
    if block.scaling == Scaling::Together {
        let mean_square = each.iter().map(|(_, std)| std * std).sum::<f64>() / each.len().max(1) as f64;
        each.iter_mut().for_each(|(_, std)| *std = mean_square.sqrt());
    }
    each
}

/// Mean and standard deviation (of the population), summed in float64.
fn moments(values: &[f32]) -> Moments {
    let n = values.len().max(1) as f64;
    let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / n;
    let variance = values.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

/// Smallest value, and how far the largest is from it.
fn range(values: &[f32]) -> Moments {
    let (low, high) =
        values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    if low > high { (0.0, 0.0) } else { (f64::from(low), f64::from(high - low)) }
}

#[cfg(test)]
mod tests {
    use super::super::block::Modality;
    use super::*;
    use ndarray::array;

    fn table(values: ndarray::ArrayD<f32>) -> FeatureTable {
        FeatureTable { tracks: (0..values.len_of(Axis(0)) as u32).collect(), values, ..FeatureTable::default() }
    }

    #[test]
    fn columns_of_vectors_are_scaled_each_and_constant_ones_not() {
        let table = table(array![[0.0f32, 5.0], [2.0, 5.0], [100.0, 7.0]].into_dyn());
        let scale = Scale::fit(&table, &[0, 1]);
        assert_eq!((scale.mean.clone(), scale.std.clone()), (vec![1.0, 5.0], vec![1.0, 1.0]));
        assert_eq!(scale.apply(&table).row(2).to_vec(), [99.0, 2.0]);
        assert_eq!(scale.undo(scale.apply(&table)).row(2).to_vec(), [100.0, 7.0]);
    }

    fn fused() -> FeatureTable {
        let block = |modality, dims, scaling| Block { name: "b".to_owned(), modality, dims, scaling };
        let blocks = vec![block(Modality::Audio, 1, Scaling::Columns), block(Modality::Text, 3, Scaling::Together)];
        let none = f32::NAN;
        let values = array![[0.0f32, 1.0, 0.0, 0.0], [2.0, 3.0, 0.5, 0.0], [4.0, none, none, none]];
        FeatureTable { blocks, ..table(values.into_dyn()) }
    }

    #[test]
    fn each_modality_has_the_same_variance_in_sum() {
        let scaled = Scale::fit(&fused(), &[0, 1]).apply(&fused());
        let variance = |columns: std::ops::Range<usize>| -> f32 {
            columns.map(|c| scaled.slice(ndarray::s![..2, c]).var(0.0)).sum()
        };
        assert!((variance(0..1) - 2.0).abs() < 1e-5 && (variance(1..4) - 2.0).abs() < 1e-5, "{scaled}");
        assert!((scaled[(1, 1)] / scaled[(1, 2)] - 4.0).abs() < 1e-5, "columns of text keep their proportions");
    }

    #[test]
    fn an_absent_block_is_the_mean_or_stays_absent() {
        assert_eq!(Scale::fit(&fused(), &[0, 1, 2]).apply(&fused()).row(2).to_vec()[1..], [0.0; 3]);
        let kept = Scale::fit_apart(&fused(), &[0, 1, 2]).apply(&fused());
        assert!(kept.row(2).iter().skip(1).all(|x| x.is_nan()) && kept[(2, 0)].is_finite());
    }

    #[test]
    fn maps_have_one_scale() {
        let table = table(ndarray::Array4::from_shape_fn((2, 1, 2, 2), |(r, _, b, f)| (r + b + f) as f32).into_dyn());
        assert_eq!(Scale::fit(&table, &[0, 1]).mean.len(), 1);
        assert_eq!(Scale::fit(&table, &[0, 1]).apply(&table).dim(), (2, 4));
    }
}
