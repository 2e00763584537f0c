//! What a learned representation must beat: the features themselves, and their principal components.

use super::per_track;
use crate::artifact::{FeatureTable, Latents, Scale};
use crate::engine::Failure;
use crate::stats::pca::Pca;
use crate::stats::scale::Standardiser;
use ndarray::{Array2, ArrayView2, Axis, concatenate};

/// The standardised features, one row a track.
pub(super) fn raw(table: &FeatureTable) -> Latents {
    let (values, tracks) = standardised(table);
    Latents { active: (0..values.ncols()).collect(), values, tracks }
}

/// Principal components of the standardised features, as many as asked for or as there are.
pub(super) fn pca(table: &FeatureTable, dims: usize) -> Result<Latents, Failure> {
    let (values, tracks) = standardised(table);
    let dims = dims.min(values.ncols()).min(values.nrows());
    let fitted = Pca::fit(values.view(), dims).ok_or_else(|| {
        Failure::data(
            "the principal components of these features cannot be computed: look for values that are not finite",
        )
    })?;
    Ok(Latents { values: fitted.transform(values.view()), tracks, active: (0..dims).collect() })
}

/// Scaled over all tracks: the baseline sees what a user of scikit-learn would give k-means.
fn standardised(table: &FeatureTable) -> (Array2<f64>, Vec<u32>) {
    if !table.blocks.is_empty() {
        // Columns that share a unit keep their proportions, and each modality has its share.
        let scaled = Scale::fit(table, &(0..table.rows()).collect::<Vec<_>>()).apply(table);
        return per_track(scaled.mapv(f64::from).view(), &table.tracks);
    }
    let (values, tracks) = per_track(vectors(table).view(), &table.tracks);
    (Standardiser::fit(values.view()).transform(values.view()), tracks)
}

/// Vectors as they are. A pixel of one clip is not that of another, so maps are told by mean and standard deviation of
/// each bin over time, `[rows, 2 · channels · bins]`.
fn vectors(table: &FeatureTable) -> Array2<f64> {
    let values = table.values.mapv(f64::from);
    let (rows, frames) = (table.rows(), values.shape().last().copied().unwrap_or(1));
    match table.has_maps() {
        false => values.into_shape_with_order((rows, frames)).expect("vectors have two axes"),
        true => {
            let width = values.len() / (rows * frames).max(1);
            let bins = values.into_shape_with_order((rows * width, frames)).expect("maps lie in row order");
            let side =
                |values: ndarray::Array1<f64>| values.into_shape_with_order((rows, width)).expect("one value a bin");
            let (mean, std) = (side(mean(bins.view())), side(bins.std_axis(Axis(1), 0.0)));
            concatenate(Axis(1), &[mean.view(), std.view()]).expect("the same rows on both sides")
        }
    }
}

fn mean(bins: ArrayView2<f64>) -> ndarray::Array1<f64> {
    bins.sum_axis(Axis(1)) / bins.ncols().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn raw_columns_have_mean_zero_and_variance_one() {
        let values = array![[1.0f32, 10.0], [2.0, 20.0], [3.0, 60.0]].into_dyn();
        let table = FeatureTable { values, tracks: vec![0, 1, 2], ..FeatureTable::default() };
        let raw = raw(&table);
        for column in raw.values.columns() {
            assert!(column.sum().abs() < 1e-12 && (column.dot(&column) / 3.0 - 1.0).abs() < 1e-12);
        }
        assert_eq!(pca(&table, 16).unwrap().values.dim(), (3, 2));
    }

    #[test]
    fn a_map_is_told_by_mean_and_spread_of_its_bins() {
        let map = ndarray::Array4::from_shape_vec((1, 1, 2, 2), vec![1.0f32, 3.0, 5.0, 5.0]).unwrap();
        let table = FeatureTable { values: map.into_dyn(), tracks: vec![0], ..FeatureTable::default() };
        assert_eq!(vectors(&table), array![[2.0, 5.0, 1.0, 0.0]]);
    }
}
