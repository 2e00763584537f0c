//! What a network makes of codes that no row gave.

use candle_core::Device;
use ndarray::{Array2, Axis};

use crate::model::rows::{Codes, Labels, array, decode_rows, tensor};
use crate::model::{InputShape, ModelError, Network};
use crate::random::Stream;

/// Draws from the prior.
pub const DRAWS: usize = 64;

/// Rows decoded from draws of the prior, `[64, values]`, under the `labels` of the rows in turn. Where the code is a point
/// there is no prior: draws from a diagonal Gaussian with the moments of the codes.
///
/// # Errors
/// The network cannot decode them.
pub fn samples(
    network: &dyn Network,
    codes: &Codes,
    labels: Labels,
    seed: u64,
    device: &Device,
) -> Result<Array2<f32>, ModelError> {
    let rows = codes.means.nrows().max(1);
    let labels = labels.map(|labels| (0..DRAWS).map(|at| labels[at % rows]).collect::<Vec<_>>());
    let mut draws = draws(codes, seed);
    if codes.logvars.is_some() {
        let noise = tensor(draws.view(), InputShape::Vector(draws.ncols()), device)?;
        draws = array(&network.prior_codes(&noise)?)?;
    }
    decode_rows(network, draws.view(), labels.as_deref(), device)
}

fn draws(codes: &Codes, seed: u64) -> Array2<f32> {
    let latent = codes.means.ncols();
    let noise = Stream::new(seed, "diagnose.prior").normals(DRAWS * latent);
    let z = Array2::from_shape_vec((DRAWS, latent), noise).expect("as many values as asked for");
    match codes.means.mean_axis(Axis(0)) {
        Some(mean) if codes.logvars.is_none() => z * codes.means.std_axis(Axis(0), 0.0) + mean,
        _ => z,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn point_codes_are_drawn_with_their_own_moments() {
        let means = Array2::from_shape_fn((100, 1), |(row, _)| 50.0 + (row % 2) as f32);
        let drawn = draws(&Codes { means: means.clone(), logvars: None }, 1);
        assert!((drawn.mean().unwrap() - 50.5).abs() < 0.2);
        assert!(draws(&Codes { logvars: Some(means.clone()), means }, 1).mean().unwrap().abs() < 0.4);
    }
}
