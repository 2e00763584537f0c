//! Where the codes of each class lie: a normal distribution a class, fitted to the codes of training rows.
//! Ghosh et al., "From variational to deterministic autoencoders" (ICLR 2020), section 4: density estimation afterwards. For a
//! conditional model a class has codes of its own, because its encoder does not forget the class altogether.
//!
//! A class has the mean of its posterior means; its covariance is that of the means plus the mean posterior variance, which is
//! the covariance of codes as they are drawn.

use ndarray::{Array1, Array2, Array3, ArrayView1, Axis, s};

use crate::model::rows::Codes;
use crate::stats::cholesky;

/// Fewer rows than this tell no spread: the codes of all rows stand in.
const LEAST: usize = 2;
/// What is added to each variance, so that codes that do not vary can be drawn, too.
const FLOOR: f64 = 1e-6;

/// For each class, and at the end for all rows together, a mean and the lower factor of a covariance.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// `[classes + 1, 1 + latent, latent]`: of each the first row is the mean, the others are the factor `L` of `L·Lᵀ`.
    pub normals: Array3<f32>,
}

impl Population {
    /// Fitted to `codes`, of which `labels` are the classes; for a model that is told none `classes` is 0.
    pub fn fit(codes: &Codes, labels: &[Option<u32>], classes: usize) -> Population {
        let latent = codes.means.ncols();
        let mut normals = Array3::zeros((classes + 1, 1 + latent, latent));
        for (class, mut slot) in normals.outer_iter_mut().enumerate() {
            let own: Vec<usize> =
                (0..codes.means.nrows()).filter(|row| labels.get(*row) == Some(&Some(class as u32))).collect();
            let all = class == classes || own.len() < LEAST;
            let rows = if all { (0..codes.means.nrows()).collect() } else { own };
            let (mean, factor) = normal(codes, &rows);
            slot.row_mut(0).assign(&mean);
            slot.slice_mut(s![1.., ..]).assign(&factor);
        }
        Population { normals }
    }

    /// A code for standard normal `noise` `[latent]` whose spread is multiplied with `temperature`: of a class, or of all.
    pub fn code(&self, class: Option<u32>, noise: ArrayView1<f32>, temperature: f32) -> Array1<f32> {
        let last = self.normals.len_of(Axis(0)) - 1;
        let normal = self.normals.index_axis(Axis(0), class.map_or(last, |class| (class as usize).min(last)));
        let spread = normal.slice(s![1.., ..]).dot(&noise);
        &normal.row(0) + &(spread * temperature)
    }
}

/// Mean `[latent]` and lower factor `[latent, latent]` of the covariance of some rows.
fn normal(codes: &Codes, rows: &[usize]) -> (Array1<f32>, Array2<f32>) {
    let (means, latent) = (codes.means.select(Axis(0), rows).mapv(f64::from), codes.means.ncols());
    let Some(mean) = means.mean_axis(Axis(0)) else {
        return (Array1::zeros(latent), Array2::eye(latent));
    };
    let centred = &means - &mean;
    let mut covariance = centred.t().dot(&centred) / rows.len() as f64;
    let noise = codes.logvars.as_ref().map(|logvars| logvars.select(Axis(0), rows).mapv(|x| f64::from(x).exp()));
    let noise = noise.and_then(|variances| variances.mean_axis(Axis(0))).unwrap_or_else(|| Array1::zeros(latent));
    covariance.diag_mut().zip_mut_with(&noise, |slot, variance| *slot += variance + FLOOR);
    let factor = cholesky::lower(covariance.as_slice().unwrap_or_default(), latent);
    let factor = factor.and_then(|factor| Array2::from_shape_vec((latent, latent), factor).ok());
    // Codes that are not finite have no covariance: their deviations alone.
    let factor = factor.unwrap_or_else(|| Array2::from_diag(&covariance.diag().mapv(|x| x.max(0.0).sqrt())));
    (mean.mapv(|x| x as f32), factor.mapv(|x| x as f32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use ndarray::array;

    fn codes() -> Codes {
        Codes { means: array![[0.0f32, 0.0], [2.0, 2.0], [10.0, 0.0], [10.0, 2.0], [10.0, 4.0]], logvars: None }
    }

    fn labels() -> Vec<Option<u32>> {
        vec![Some(0), Some(0), Some(1), Some(1), Some(1)]
    }

    #[test]
    fn each_class_has_its_mean_and_temperature_0_gives_it() {
        let population = Population::fit(&codes(), &labels(), 2);
        let at = |class| population.code(class, array![3.0f32, -2.0].view(), 0.0);
        assert_eq!((at(Some(0)), at(Some(1)), at(None)), (array![1.0f32, 1.0], array![10.0, 2.0], array![6.4f32, 1.6]));
    }

    #[test]
    fn draws_have_the_covariance_of_the_codes_and_of_their_noise() {
        let logvars = Some(Array2::from_elem((5, 2), 4f32.ln()));
        let population = Population::fit(&Codes { logvars, ..codes() }, &labels(), 2);
        let mut stream = Stream::new(1, "test");
        let draws: Vec<Array1<f32>> =
            (0..4000).map(|_| population.code(Some(1), Array1::from(stream.normals(2)).view(), 1.0)).collect();
        let variance = |dim: usize| {
            let mean = draws.iter().map(|code| code[dim]).sum::<f32>() / 4000.0;
            draws.iter().map(|code| (code[dim] - mean).powi(2)).sum::<f32>() / 4000.0
        };
        assert!((variance(0) - 4.0).abs() < 0.4 && (variance(1) - (8.0 / 3.0 + 4.0)).abs() < 0.6);
    }

    #[test]
    fn a_class_that_nobody_has_is_drawn_from_all() {
        let population = Population::fit(&codes(), &labels(), 3);
        let zero = Array1::zeros(2);
        assert_eq!(population.code(Some(2), zero.view(), 1.0), population.code(None, zero.view(), 1.0));
    }
}
