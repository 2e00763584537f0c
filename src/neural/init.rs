//! Initial weights: PyTorch's default for `Linear`, `Conv2d` and `ConvTranspose2d`.
//! He, Zhang, Ren, Sun, "Delving deep into rectifiers" (ICCV 2015), equation 14, with `a = √5` as in `torch.nn`.

use crate::random::Stream;

/// The half-width `1 / √fan_in` that `kaiming_uniform_(a = √5)` gives weights, and `torch.nn` gives biases.
pub fn kaiming_bound(fan_in: usize) -> f64 {
    1.0 / (fan_in.max(1) as f64).sqrt()
}

/// `len` values uniform in `[-bound, bound)`. The stream carries the parameter's name, so a weight does not depend on
/// which others were made before it.
pub fn uniform(seed: u64, name: &str, len: usize, bound: f64) -> Vec<f32> {
    Stream::new(seed, &format!("neural.init.{name}")).uniforms(len, -bound, bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_fill_the_kaiming_interval_and_depend_on_seed_and_name() {
        let values = uniform(1, "encoder.0.weight", 10_000, kaiming_bound(25));
        let largest = values.iter().fold(0f32, |most, v| most.max(v.abs()));
        assert!(largest <= 0.2 && largest > 0.199, "largest {largest}");
        let variance = values.iter().map(|v| f64::from(v * v)).sum::<f64>() / 1e4;
        assert!((variance - 0.04 / 3.0).abs() < 5e-4, "variance {variance}");
        assert_eq!(values, uniform(1, "encoder.0.weight", 10_000, 0.2));
        assert_ne!(values, uniform(2, "encoder.0.weight", 10_000, 0.2));
        assert_ne!(values, uniform(1, "encoder.2.weight", 10_000, 0.2));
    }
}
