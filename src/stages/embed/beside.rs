//! Late fusion: latents of several models side by side, each with the same variance in sum.

use crate::artifact::Latents;
use crate::engine::{Ctx, Failure, Handle, Stage};
use ndarray::{Array2, Axis, concatenate};
use serde::Serialize;

/// [`Latents`] of the same tracks → [`Latents`]: dimensions in use, one set after the other.
#[derive(Serialize)]
pub struct Beside {
    /// One for each modality.
    pub points: Vec<Handle<Latents>>,
}

/// The models do not stand for the same tracks.
#[derive(Debug, thiserror::Error)]
#[error("latents of different tracks cannot stand side by side")]
struct OtherTracks;

impl Stage for Beside {
    type Output = Latents;
    const NAME: &'static str = "beside";

    fn title(&self) -> String {
        "latents side by side".to_owned()
    }

    fn run(&self, ctx: &Ctx) -> Result<Latents, Failure> {
        let points = self.points.iter().map(|points| ctx.get(points)).collect::<Result<Vec<_>, _>>()?;
        let tracks = points.first().map_or_else(Vec::new, |first| first.tracks.clone());
        if points.iter().any(|points| points.tracks != tracks) {
            return Err(Failure::data(OtherTracks));
        }
        let parts: Vec<Array2<f64>> = points.iter().map(|points| of_variance_one(points.in_use())).collect();
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        let values = concatenate(Axis(1), &views)?;
        Ok(Latents { active: (0..values.ncols()).collect(), values, tracks })
    }
}

/// Centred, and divided by the root of the sum of its variances: what each set says weighs the same.
fn of_variance_one(mut values: Array2<f64>) -> Array2<f64> {
    if values.nrows() == 0 {
        return values;
    }
    values -= &values.mean_axis(Axis(0)).unwrap_or_default();
    let total = values.var_axis(Axis(0), 0.0).sum();
    if total > 0.0 {
        values /= total.sqrt();
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn each_set_weighs_the_same_however_wide_it_is() {
        let wide = of_variance_one(array![[1.0, 5.0, 9.0], [3.0, 5.0, 1.0], [8.0, 5.0, 4.0]]);
        let narrow = of_variance_one(array![[100.0], [200.0], [600.0]]);
        for part in [wide, narrow] {
            assert!((part.var_axis(Axis(0), 0.0).sum() - 1.0).abs() < 1e-12);
            assert!(part.sum().abs() < 1e-12);
        }
        assert_eq!(of_variance_one(array![[2.0], [2.0]]), array![[0.0], [0.0]]);
    }
}
