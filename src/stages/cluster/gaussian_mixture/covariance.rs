//! The four shapes a component may have: estimating its covariance, and the factor that whitens its points.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chunks::{Chunk, Chunks};
use crate::stats::cholesky;
use crate::stats::linalg::dot_products;
use crate::stats::tiles::LANES;
use crate::wide::wide;

/// Shape of the components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Covariance {
    /// Any ellipsoid, each its own.
    #[default]
    Full,
    /// Any ellipsoid, the same for all.
    Tied,
    /// Ellipsoids along the axes.
    Diagonal,
    /// Spheres.
    Spherical,
}

impl Covariance {
    /// Free parameters of the covariances of `k` components.
    pub fn parameters(self, k: usize, dims: usize) -> usize {
        match self {
            Covariance::Full => k * dims * (dims + 1) / 2,
            Covariance::Tied => dims * (dims + 1) / 2,
            Covariance::Diagonal => k * dims,
            Covariance::Spherical => k,
        }
    }

    /// Covariances `[dims, dims]` about `means` `[k, dims]`, with `regularisation` on the diagonal: one a component, or
    /// one. `responsibilities` holds `[k, width]` for each chunk, `masses` `[k]` their sums.
    pub fn estimate(
        self,
        chunks: &Chunks,
        responsibilities: &[Vec<f64>],
        means: &[f64],
        masses: &[f64],
        regularisation: f64,
    ) -> Vec<Vec<f64>> {
        let mut found = match self {
            Covariance::Full => scatters(chunks, responsibilities, means, masses),
            Covariance::Tied => vec![within(chunks, means, masses)],
            Covariance::Diagonal | Covariance::Spherical => variances(chunks, responsibilities, means, masses),
        };
        for matrix in &mut found {
            let diagonal = self.rounded(matrix.iter().copied().step_by(chunks.dims() + 1).collect());
            let variances = matrix.iter_mut().step_by(chunks.dims() + 1).zip(diagonal);
            variances.for_each(|(to, variance)| *to = variance + regularisation);
        }
        found
    }

    /// Variances `[dims]`, all their mean where components are spheres.
    pub fn rounded(self, variances: Vec<f64>) -> Vec<f64> {
        let mean = variances.iter().sum::<f64>() / variances.len() as f64;
        if self == Covariance::Spherical { vec![mean; variances.len()] } else { variances }
    }

    /// True if the axes of the components are those of the space.
    pub fn is_diagonal(self) -> bool {
        matches!(self, Covariance::Diagonal | Covariance::Spherical)
    }

    /// `W` `[dims, dims]` with `W·C·Wᵀ` = 1; None if the covariance `C` is singular.
    pub fn whitening(self, covariance: &[f64], dims: usize) -> Option<Vec<f64>> {
        if !self.is_diagonal() {
            return cholesky::lower(covariance, dims).map(|factor| cholesky::inverse(&factor, dims));
        }
        let mut whitening = vec![0.0; dims * dims];
        for (to, variance) in whitening.iter_mut().zip(covariance).step_by(dims + 1) {
            *to = (*variance > 0.0 && variance.is_finite()).then(|| 1.0 / variance.sqrt())?;
        }
        Some(whitening)
    }
}

/// `Σ r (x - mean)(x - mean)ᵀ / mass` of each component.
fn scatters(chunks: &Chunks, responsibilities: &[Vec<f64>], means: &[f64], masses: &[f64]) -> Vec<Vec<f64>> {
    each_component(chunks, responsibilities, means, masses, |weighted, moved, dims, out| {
        dot_products(weighted, moved, moved.len() / dims, out);
    })
}

/// The diagonal of [`scatters`], in matrices of zeros.
fn variances(chunks: &Chunks, responsibilities: &[Vec<f64>], means: &[f64], masses: &[f64]) -> Vec<Vec<f64>> {
    each_component(chunks, responsibilities, means, masses, |weighted, moved, dims, out| {
        let width = moved.len() / dims;
        let rows = moved.chunks_exact(width).zip(weighted.chunks_exact(width));
        for (variance, (moved, weighted)) in out.iter_mut().step_by(dims + 1).zip(rows) {
            *variance = dot(moved, weighted);
        }
    })
}

/// Sum over the chunks of what `each(weighted, moved, dims, out)` writes to `out` `[dims, dims]` for each component,
/// divided by the mass of the component; `moved` and `weighted` are as [`weigh`] makes them.
fn each_component(
    chunks: &Chunks,
    responsibilities: &[Vec<f64>],
    means: &[f64],
    masses: &[f64],
    each: impl Fn(&[f64], &[f64], usize, &mut [f64]) + Sync,
) -> Vec<Vec<f64>> {
    let dims = chunks.dims();
    let sums = chunks.total(masses.len() * dims * dims, |at, chunk: &Chunk, out| {
        let [mut moved, mut weighted] = [(); 2].map(|()| vec![0.0; chunk.values.len()]);
        let components = responsibilities[at].chunks_exact(chunk.width).zip(means.chunks_exact(dims));
        for ((shares, mean), out) in components.zip(out.chunks_exact_mut(dims * dims)) {
            weigh(&chunk.values, mean, shares, &mut moved, &mut weighted);
            each(&weighted, &moved, dims, out);
        }
    });
    let each = sums.chunks_exact(dims * dims).zip(masses);
    each.map(|(sum, mass)| sum.iter().map(|x| x / mass).collect()).collect()
}

/// Covariance within the components: that of all points less that of the means.
fn within(chunks: &Chunks, means: &[f64], masses: &[f64]) -> Vec<f64> {
    let dims = chunks.dims();
    let mut covariance = chunks.total(dims * dims, |_, chunk, out| {
        dot_products(&chunk.values, &chunk.values, chunk.width, out);
    });
    for (mean, mass) in means.chunks_exact(dims).zip(masses) {
        for (row, left) in covariance.chunks_exact_mut(dims).zip(mean) {
            row.iter_mut().zip(mean).for_each(|(sum, right)| *sum -= mass * left * right);
        }
    }
    let mass: f64 = masses.iter().sum();
    covariance.iter_mut().for_each(|value| *value /= mass);
    covariance
}

wide! {
    fn dot(a: &[f64], b: &[f64]) -> f64 {
        let mut sums = [0.0; LANES];
        for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
            for lane in 0..LANES {
 sums[lane] += a[lane] * b[lane];
}
        }
        sums.iter().sum()
    }

    /// `moved` = points - mean, `weighted` = shares · moved; all `[dims, width]`.
    fn weigh(chunk: &[f64], mean: &[f64], shares: &[f64], moved: &mut [f64], weighted: &mut [f64]) -> () {
        let points = shares.len();
        let out = moved.chunks_exact_mut(points).zip(weighted.chunks_exact_mut(points));
        for ((row, mean), (moved, weighted)) in chunk.chunks_exact(points).zip(mean).zip(out) {
            for (((x, share), moved), weighted) in row.iter().zip(shares).zip(moved).zip(weighted) {
                *moved = x - mean;
                *weighted = *moved * share;
            }
        }
    }
}
