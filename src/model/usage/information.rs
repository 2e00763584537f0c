//! Mutual information between rows and codes, from the aggregate posterior of the rows themselves.
//! Hoffman and Johnson, "ELBO surgery" (NIPS workshop 2016), equation 8: KL minus the marginal's KL.

use ndarray::{Array2, ArrayView1};

use crate::model::rows::Codes;
use crate::random::Stream;
use crate::stats::evenly;

/// `E[ln q(z|x) − ln q(z)]` in nats, with `q(z)` the mixture of the posteriors of at most `most` evenly taken rows; one draw a
/// row. It cannot exceed the logarithm of that number; the cost is quadratic in it. None where the code is a point.
pub fn mutual_information(codes: &Codes, most: usize, seed: u64) -> Option<f64> {
    let logvars = codes.logvars.as_ref()?;
    let taken = evenly(codes.means.nrows(), most);
    let rows = taken.len();
    let noise = Stream::new(seed, "diagnose.information").normals(rows * codes.means.ncols());
    let noise = Array2::from_shape_vec((rows, codes.means.ncols()), noise).expect("as many values as asked for");
    let excess = |at: usize| {
        let row = taken[at];
        let z = draw(codes.means.row(row), logvars.row(row), noise.row(at));
        let densities: Vec<f64> =
            taken.iter().map(|other| log_density(&z, codes.means.row(*other), logvars.row(*other))).collect();
        densities[at] - log_mean_exp(&densities)
    };
    // It is never negative; the estimate from one draw a row may be, by chance.
    Some(((0..rows).map(excess).sum::<f64>() / rows.max(1) as f64).max(0.0))
}

fn draw(mean: ArrayView1<f32>, logvar: ArrayView1<f32>, noise: ArrayView1<f32>) -> Vec<f64> {
    let value = |((mean, logvar), noise): ((&f32, &f32), &f32)| {
        f64::from(*mean) + (f64::from(*logvar) / 2.0).exp() * f64::from(*noise)
    };
    mean.iter().zip(logvar).zip(noise).map(value).collect()
}

/// Up to a constant that is the same for all rows.
fn log_density(z: &[f64], mean: ArrayView1<f32>, logvar: ArrayView1<f32>) -> f64 {
    let term = |((z, mean), logvar): ((&f64, &f32), &f32)| {
        let logvar = f64::from(*logvar);
        -0.5 * (logvar + (z - f64::from(*mean)).powi(2) / logvar.exp())
    };
    z.iter().zip(mean).zip(logvar).map(term).sum()
}

fn log_mean_exp(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + (values.iter().map(|value| (value - most).exp()).sum::<f64>() / values.len() as f64).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(mean: impl Fn(usize) -> f32, logvar: f32) -> Codes {
        let means = Array2::from_shape_fn((100, 2), |(row, dim)| if dim == 0 { mean(row) } else { 0.0 });
        Codes { logvars: Some(Array2::from_elem((100, 2), logvar)), means }
    }

    #[test]
    fn codes_that_do_not_depend_on_the_row_tell_nothing() {
        assert_eq!(mutual_information(&codes(|_| 0.3, 0.0), 512, 1), Some(0.0));
    }

    #[test]
    fn codes_far_apart_tell_which_row_it_was() {
        let nats = mutual_information(&codes(|row| 10.0 * row as f32, 0.0), 512, 1).unwrap();
        assert!((nats - 100f64.ln()).abs() < 0.01, "{nats}");
    }

    #[test]
    fn two_groups_of_codes_tell_one_bit() {
        let nats = mutual_information(&codes(|row| if row % 2 == 0 { 20.0 } else { -20.0 }, 0.0), 512, 1).unwrap();
        assert!((nats - 2f64.ln()).abs() < 1e-6, "{nats}");
    }

    #[test]
    fn a_point_code_has_none() {
        assert_eq!(mutual_information(&Codes { means: Array2::zeros((3, 2)), logvars: None }, 512, 1), None);
    }
}
