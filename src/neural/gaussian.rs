//! Diagonal Gaussian posteriors: reparameterised sampling and the divergence from the standard normal.
//! Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), section 2.4 and appendix B.

use candle_core::{Result, Tensor};

/// Log-variances outside this range overflow or freeze the exponential in single precision.
pub const LOGVAR_RANGE: (f64, f64) = (-30.0, 20.0);

/// `logvar` kept within [`LOGVAR_RANGE`]; its gradient is zero outside.
pub fn clamp_logvar(logvar: &Tensor) -> Result<Tensor> {
    logvar.clamp(LOGVAR_RANGE.0, LOGVAR_RANGE.1)
}

/// `mean + exp(logvar / 2) · noise`. All are `[rows, latent]`; `noise` is standard normal.
pub fn sample(mean: &Tensor, logvar: &Tensor, noise: &Tensor) -> Result<Tensor> {
    mean + ((logvar * 0.5)?.exp()? * noise)?
}

/// `KL(N(mean, exp(logvar)) ‖ N(0, 1)) = ½ (mean² + exp(logvar) − 1 − logvar)` in nats, averaged over rows:
/// `[rows, latent]` give `[latent]`.
pub fn kl_per_dim(mean: &Tensor, logvar: &Tensor) -> Result<Tensor> {
    let twice = ((mean.sqr()? + logvar.exp()?)? - (logvar + 1.0)?)?;
    (twice * 0.5)?.mean(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use crate::neural::params::Params;
    use candle_core::Device;

    fn row(values: &[f32]) -> Tensor {
        Tensor::from_slice(values, (1, values.len()), &Device::Cpu).unwrap()
    }

    #[test]
    fn kl_has_its_known_values() {
        let variance = [1.0f32, 4.0, 1.0, 0.25].map(f32::ln);
        let kl = kl_per_dim(&row(&[0.0, 0.0, 3.0, 1.0]), &row(&variance)).unwrap().to_vec1::<f32>().unwrap();
        let known = [0.0, 0.5 * (4.0 - 1.0 - 4f32.ln()), 4.5, 0.5 * (1.0 + 0.25 - 1.0 - 0.25f32.ln())];
        assert!(kl.iter().zip(known).all(|(a, b)| (a - b).abs() < 1e-6), "{kl:?} against {known:?}");
    }

    #[test]
    fn samples_have_the_posteriors_moments() {
        let (mean, logvar) =
            (row(&[2.0]).broadcast_as((20_000, 1)).unwrap(), row(&[4f32.ln()]).broadcast_as((20_000, 1)).unwrap());
        let z =
            sample(&mean, &logvar, &noise("z", &[20_000, 1])).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let average = z.iter().sum::<f32>() / 2e4;
        let variance = z.iter().map(|v| (v - average).powi(2)).sum::<f32>() / 2e4;
        assert!((average - 2.0).abs() < 0.05 && (variance - 4.0).abs() < 0.15, "mean {average}, variance {variance}");
    }

    #[test]
    fn gradients_of_kl_and_sample_are_those_of_finite_differences() {
        let mut params = Params::new(4, &Device::Cpu);
        let mean = params.kaiming("mean", &[3, 4], 1).unwrap();
        let logvar = params.kaiming("logvar", &[3, 4], 1).unwrap();
        assert_gradients(&params, || kl_per_dim(&mean, &clamp_logvar(&logvar)?));
        let eps = noise("eps", &[3, 4]);
        assert_gradients(&params, || sample(&mean, &logvar, &eps));
    }

    #[test]
    fn extreme_log_variances_stay_finite() {
        let clamped = clamp_logvar(&row(&[-1e9, 1e9])).unwrap();
        assert_eq!(clamped.to_vec2::<f32>().unwrap(), [[-30.0, 20.0]]);
        assert!(
            kl_per_dim(&row(&[0.0, 0.0]), &clamped).unwrap().to_vec1::<f32>().unwrap().iter().all(|kl| kl.is_finite())
        );
    }
}
