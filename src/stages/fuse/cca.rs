//! What sound and words have in common: canonical correlation analysis. Each track is where it most likely stands on the
//! axes that both share, given what there is of it.
//! Bach, Jordan, "A probabilistic interpretation of canonical correlation analysis" (2005): with scores u, v of a pair of
//! directions of correlation ρ, E[z | u, v] = √ρ (u + v) / (1 + ρ), and E[z | u] = √ρ u where the words are missing.

use super::{Fit, FuseError, Fuser};
use crate::artifact::{Block, FeatureTable, Modality, Scale, Scaling};
use crate::stats::cca;
use ndarray::{Array2, Axis, s};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[fusion.cca]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cca {
    /// Pairs of directions, or as many as there are.
    #[schemars(range(min = 1, max = 4096))]
    pub dims: usize,
    /// What is added to each column's variance of 1: more of it holds back what few tracks only seem to say.
    #[schemars(range(min = 0.0))]
    pub ridge: f64,
}

impl Default for Cca {
    fn default() -> Cca {
        Cca { dims: 12, ridge: 0.1 }
    }
}

impl Cca {
    /// The body of the table.
    pub const EXAMPLE: &str = "dims = 12\nridge = 0.1";
}

impl Fuser for Cca {
    fn is_fitted(&self) -> bool {
        true
    }

    fn fuse(&self, table: &FeatureTable, fit: Fit) -> Result<Option<FeatureTable>, FuseError> {
        let Some(words) = words(table) else { return Ok(None) };
        let scale = Scale::fit_apart(fit.table, fit.rows);
        let fitted = Sides::of(&scale, fit.table, words);
        let pairs: Vec<usize> = fit.rows.iter().copied().filter(|row| fitted.has_both(*row)).collect();
        let (x, y) = (fitted.x.select(Axis(0), &pairs), fitted.y.select(Axis(0), &pairs));
        let none = FuseError::NotRelated { pairs: pairs.len() };
        let cca = cca::Cca::fit(x.view(), y.view(), self.dims, self.ridge).ok_or(none)?;
        Ok(Some(shared(table, Sides::of(&scale, table, words).expected(&cca))))
    }
}

/// Where the columns of lyrics begin: all others stand before them.
fn words(table: &FeatureTable) -> Option<usize> {
    let modalities = table.modalities();
    modalities.iter().find(|(modality, _)| *modality == Modality::Text).map(|(_, columns)| columns.start)
}

/// Sound and words of each track, scaled; zeros where there are none.
struct Sides {
    x: Array2<f64>,
    y: Array2<f64>,
    /// Which sides each track has.
    has: Vec<[bool; 2]>,
}

impl Sides {
    fn of(scale: &Scale, table: &FeatureTable, words: usize) -> Sides {
        let scaled = scale.apply(table).mapv(f64::from);
        let has = scaled.rows().into_iter().map(|row| [!row[0].is_nan(), !row[words].is_nan()]).collect();
        let there = scaled.mapv(|value| if value.is_nan() { 0.0 } else { value });
        Sides { x: there.slice(s![.., ..words]).to_owned(), y: there.slice(s![.., words..]).to_owned(), has }
    }

    fn has_both(&self, row: usize) -> bool {
        self.has[row] == [true, true]
    }

    /// Where each track stands on the shared axes, given what there is of it: `[tracks, pairs]`.
    fn expected(&self, cca: &cca::Cca) -> Array2<f64> {
        let (u, v) = (cca.transform_x(self.x.view()), cca.transform_y(self.y.view()));
        Array2::from_shape_fn(u.dim(), |at| {
            let rho = cca.correlations()[at.1].clamp(0.0, 1.0);
            rho.sqrt()
                * match self.has[at.0] {
                    [true, true] => (u[at] + v[at]) / (1.0 + rho),
                    [true, false] => u[at],
                    [false, true] => v[at],
                    [false, false] => 0.0,
                }
        })
    }
}

fn shared(table: &FeatureTable, values: Array2<f64>) -> FeatureTable {
    let columns = (1..=values.ncols()).map(|pair| format!("shared{pair}")).collect();
    let (dims, modality, scaling) = (values.ncols(), Modality::Audio, Scaling::Together);
    let block = Block { name: "cca".to_owned(), modality, dims, scaling };
    FeatureTable {
        values: values.mapv(|value| value as f32).into_dyn(),
        columns,
        tracks: table.tracks.clone(),
        skipped: table.skipped.clone(),
        blocks: vec![block],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// Three columns of sound and four of words that share one factor; every fifth track has no words.
    fn table() -> (FeatureTable, Vec<f32>) {
        let mut stream = Stream::new(1, "shared");
        let factor = stream.normals(400);
        let values = Array2::from_shape_fn((400, 7), |(row, column)| match column {
            0 | 3 => factor[row] + 0.5 * stream.normal() as f32,
            3.. if row % 5 == 0 => f32::NAN,
            _ => stream.normal() as f32,
        });
        let mut values = values;
        (0..400).step_by(5).for_each(|row| values[(row, 3)] = f32::NAN);
        let block = |modality, dims| Block { name: "b".to_owned(), modality, dims, scaling: Scaling::Columns };
        let blocks = vec![block(Modality::Audio, 3), block(Modality::Text, 4)];
        let tracks = (0..400).collect();
        (FeatureTable { values: values.into_dyn(), tracks, blocks, ..FeatureTable::default() }, factor)
    }

    fn correlation(a: &[f32], b: &[f32]) -> f32 {
        let mean = |x: &[f32]| x.iter().sum::<f32>() / x.len() as f32;
        let (ma, mb) = (mean(a), mean(b));
        let product =
            |x: &[f32], mx: f32, y: &[f32], my: f32| x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f32>();
        product(a, ma, b, mb) / (product(a, ma, a, ma) * product(b, mb, b, mb)).sqrt()
    }

    #[test]
    fn the_shared_factor_is_found_and_told_better_by_both() {
        let (table, factor) = table();
        let fit_on: Vec<usize> = (0..300).collect();
        let fused = Cca { dims: 2, ridge: 0.01 }.fuse(&table, Fit { table: &table, rows: &fit_on }).unwrap().unwrap();
        let first: Vec<f32> = fused.flat().column(0).to_vec();
        let of = |keep: &dyn Fn(usize) -> bool| {
            let rows: Vec<usize> = (300..400).filter(|row| keep(*row)).collect();
            let pick = |from: &[f32]| rows.iter().map(|row| from[*row]).collect::<Vec<f32>>();
            correlation(&pick(&first), &pick(&factor)).abs()
        };
        let (both, sound) = (of(&|row| row % 5 != 0), of(&|row| row % 5 == 0));
        assert!(both > 0.9 && sound > 0.75 && both > sound, "{both} {sound}");
        assert!(fused.flat().iter().all(|value| value.is_finite()) && fused.width() == 2);
    }

    #[test]
    fn too_few_pairs_are_refused() {
        let (table, _) = table();
        assert!(matches!(
            Cca::default().fuse(&table, Fit { table: &table, rows: &[0, 1, 5] }),
            Err(FuseError::NotRelated { pairs: 1 })
        ));
    }
}
