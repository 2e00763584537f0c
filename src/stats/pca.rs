//! Principal component analysis, in full.
//! Pearson (1901), Hotelling (1933). Eigenvectors of the covariance, or of the Gram matrix where points are fewer than dims.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::stats::linalg::{Eigen, dot_products, eigen_symmetric, product};

/// Columns of the covariance that are computed together. A constant, because the blocks decide the order of the sums.
const BLOCK_COLUMNS: usize = 128;

/// Directions of largest variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// Mean of each column, `[dims]`.
    pub mean: Vec<f64>,
    /// `[components, dims]`, of length one, by falling variance; the largest loading of each is positive
    /// (scikit-learn's convention since 1.5). A direction without variance may be all zeros.
    pub components: Array2<f64>,
    /// Variance along each component (ddof 1).
    pub explained_variance: Vec<f64>,
    /// The same as a share of the variance in all.
    pub explained_variance_ratio: Vec<f64>,
}

impl Pca {
    /// The first `components` principal components of `points` `[points, dims]`: at most `min(points, dims)` of them.
    /// None for fewer than two points, no dims, or values that are not finite.
    pub fn fit(points: ArrayView2<f64>, components: usize) -> Option<Pca> {
        let (n, dims) = points.dim();
        if n < 2 || dims == 0 {
            return None;
        }
        let mean: Vec<f64> = points.columns().into_iter().map(|column| column.sum() / n as f64).collect();
        let centred = centre(points, &mean);
        let eigen = if dims <= n { by_covariance(&centred, dims)? } else { by_gram(&centred, n, dims)? };
        let degrees = (n - 1) as f64;
        let total = centred.iter().map(|x| x * x).sum::<f64>() / degrees;
        let kept = components.min(n).min(dims);
        let explained_variance: Vec<f64> = eigen.values[..kept].iter().map(|v| v.max(0.0) / degrees).collect();
        let explained_variance_ratio =
            explained_variance.iter().map(|v| if total > 0.0 { v / total } else { 0.0 }).collect();
        let rows: Vec<f64> = eigen.vectors.into_iter().take(kept).flat_map(flip_sign).collect();
        let components = Array2::from_shape_vec((kept, dims), rows).expect("each eigenvector has dims values");
        Some(Pca { mean, components, explained_variance, explained_variance_ratio })
    }

    /// Coordinates of `points` `[points, dims]` along the components: `[points, components]`.
    pub fn transform(&self, points: ArrayView2<f64>) -> Array2<f64> {
        let centred = centre(points, &self.mean);
        let components: Vec<f64> = self.components.iter().copied().collect();
        let mut scores = vec![0.0; points.nrows() * self.components.nrows()];
        dot_products(&centred, &components, self.mean.len(), &mut scores);
        Array2::from_shape_vec((points.nrows(), self.components.nrows()), scores).expect("as many scores as asked for")
    }
}

fn centre(points: ArrayView2<f64>, mean: &[f64]) -> Vec<f64> {
    points.rows().into_iter().flat_map(|row| row.iter().zip(mean).map(|(x, m)| x - m).collect::<Vec<_>>()).collect()
}

/// Eigenvectors of `Xᵀ X`.
fn by_covariance(centred: &[f64], dims: usize) -> Option<Eigen> {
    let n = centred.len() / dims;
    let columns = transpose(centred, n, dims);
    eigen_symmetric(&gram(&columns, n), dims)
}

/// Eigenvectors of `Xᵀ X` from those of `X Xᵀ`: if `X Xᵀ u = λ u`, then `Xᵀ u / sqrt(λ)` is one of `Xᵀ X` for the same λ.
fn by_gram(centred: &[f64], n: usize, dims: usize) -> Option<Eigen> {
    let small = eigen_symmetric(&gram(centred, dims), n)?;
    let noise = small.values[0].max(0.0) * f64::EPSILON * dims as f64;
    let lift = |(value, vector): (&f64, &Vec<f64>)| match *value > noise {
        true => product(vector, centred, n).iter().map(|x| x / value.sqrt()).collect(),
        false => vec![0.0; dims],
    };
    let vectors = small.values.iter().zip(&small.vectors).map(lift).collect();
    Some(Eigen { vectors, values: small.values })
}

/// Dot products of all rows with all rows, `[rows, rows]`, block by block.
fn gram(rows: &[f64], width: usize) -> Vec<f64> {
    let count = rows.len() / width;
    let block = |left: &[f64]| {
        let mut out = vec![0.0; left.len() / width * count];
        dot_products(left, rows, width, &mut out);
        out
    };
    rows.par_chunks(BLOCK_COLUMNS * width).map(block).collect::<Vec<_>>().concat()
}

fn transpose(matrix: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    (0..columns).flat_map(|column| (0..rows).map(move |row| matrix[row * columns + column])).collect()
}

/// Makes the loading with the largest magnitude positive (the first of equals).
fn flip_sign(mut vector: Vec<f64>) -> Vec<f64> {
    let largest = vector.iter().fold(0.0f64, |best, x| if x.abs() > best.abs() { *x } else { best });
    if largest < 0.0 {
        vector.iter_mut().for_each(|x| *x = -*x);
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::stats::golden;
    use ndarray::array;

    #[test]
    fn a_line_has_one_component() {
        let points = array![[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]];
        let pca = Pca::fit(points.view(), 2).expect("two points and more");
        assert!((pca.components[[0, 0]] - 0.6).abs() < 1e-12 && (pca.components[[0, 1]] - 0.8).abs() < 1e-12);
        assert!((pca.explained_variance_ratio[0] - 1.0).abs() < 1e-12);
        assert!((pca.transform(points.view())[[2, 0]] - 5.0).abs() < 1e-12);
    }

    #[test]
    fn more_dims_than_points_give_the_same_by_either_matrix() {
        let mut stream = Stream::new(1, "test.pca");
        let wide = Array2::from_shape_fn((6, 10), |_| stream.normal());
        let gram = Pca::fit(wide.view(), 5).expect("six points");
        let centred = centre(wide.view(), &gram.mean);
        let covariance = by_covariance(&centred, 10).expect("finite");
        for (at, vector) in covariance.vectors.into_iter().take(5).enumerate() {
            let vector = flip_sign(vector);
            assert!(gram.components.row(at).iter().zip(&vector).all(|(a, b)| (a - b).abs() < 1e-9), "component {at}");
        }
    }

    #[test]
    fn constant_points_have_no_variance_and_no_nan() {
        let pca = Pca::fit(Array2::ones((4, 6)).view(), 3).expect("four points");
        assert!(pca.transform(Array2::ones((2, 6)).view()).iter().all(|x| *x == 0.0));
        assert!(pca.explained_variance_ratio.iter().all(|x| *x == 0.0));
    }

    #[test]
    fn too_few_points_or_values_that_are_not_finite_give_none() {
        assert!(Pca::fit(Array2::zeros((1, 3)).view(), 1).is_none());
        assert!(Pca::fit(array![[f64::NAN, 1.0], [0.0, 1.0]].view(), 1).is_none());
    }

    #[test]
    fn agrees_with_scikit_learn() {
        for set in golden::sets() {
            let pca = Pca::fit(set.points.view(), set.pca.components.nrows()).expect("many points");
            golden::assert_close(&set.name, pca.components.iter(), set.pca.components.iter(), 1e-9);
            golden::assert_close(&set.name, &pca.explained_variance, &set.pca.explained_variance, 1e-9);
        }
    }
}
