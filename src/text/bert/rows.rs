//! What a BERT does to rows besides products, in place: layer norm (Ba, Kiros, Hinton, 2016), softmax, and the Gaussian
//! error linear unit `x Φ(x)` (Hendrycks, Gimpel, 2016).

use super::config::Activation;
use super::weights::Norm;
use crate::wide::{LANES, dot, exp, sum, wide};

/// `x = norm(x + residual)` for every row.
pub(super) fn add_and_norm(x: &mut [f32], residual: &[f32], norm: &Norm, epsilon: f32) {
    x.iter_mut().zip(residual).for_each(|(x, residual)| *x += residual);
    normalize(x, &norm.scale, &norm.shift, epsilon);
}

/// `activation(x)` for every value.
pub(super) fn activate(x: &mut [f32], activation: Activation) {
    match activation {
        Activation::Gelu => gelu(x),
        Activation::GeluTanh => gelu_tanh(x),
        Activation::Relu => x.iter_mut().for_each(|x| *x = x.max(0.0)),
    }
}

wide! {
    /// `(x - mean) / sqrt(variance + epsilon) · scale + shift` for every row of `scale.len()` values.
    pub(super) fn normalize(x: &mut [f32], scale: &[f32], shift: &[f32], epsilon: f32) {
        let size = scale.len() as f32;
        for row in x.chunks_exact_mut(scale.len()) {
            let mean = sum(row) / size;
            row.iter_mut().for_each(|x| *x -= mean);
            let over = 1.0 / (dot(row, row) / size + epsilon).sqrt();
            for (x, (scale, shift)) in row.iter_mut().zip(scale.iter().zip(shift)) {
                *x = *x * over * scale + shift;
            }
        }
    }

    /// `e^(factor x) / Σ e^(factor x)` for every row of `width` values; `factor` is above 0.
    pub(super) fn softmax(x: &mut [f32], width: usize, factor: f32) {
        for row in x.chunks_exact_mut(width) {
            let peak = largest(row);
            row.iter_mut().for_each(|x| *x = exp((*x - peak) * factor));
            let over = 1.0 / sum(row);
            row.iter_mut().for_each(|x| *x *= over);
        }
    }

    fn gelu(x: &mut [f32]) {
        for x in x {
            *x = 0.5 * *x * (1.0 + error_function(*x * std::f32::consts::FRAC_1_SQRT_2));
        }
    }

    fn gelu_tanh(x: &mut [f32]) {
        for x in x {
            // (1 + tanh(u)) / 2 = 1 / (1 + e^(-2u))
            let twice = 2.0 * 0.797_884_6 * (*x + 0.044_715 * *x * *x * *x);
            *x /= 1.0 + exp(-twice);
        }
    }
}

#[inline(always)]
fn largest(x: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let (whole, rest) = x.as_chunks::<LANES>();
    let mut partial = [f32::NEG_INFINITY; LANES];
    for lanes in whole {
        for at in 0..LANES {
            partial[at] = larger(partial[at], lanes[at]);
        }
    }
    partial.iter().chain(rest).copied().fold(f32::NEG_INFINITY, larger)
}

/// `erf(x)` within 3e-7: an odd polynomial over an even one, as Eigen and XLA compute it; ±1 in single precision beyond 4.
#[inline(always)]
fn error_function(x: f32) -> f32 {
    let above = [
        -2.726_142_3e-10,
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906_4e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ];
    let below = [-1.456_607_1e-5, -2.133_740_6e-4, -1.682_827e-3, -7.373_329_3e-3, -1.426_473_9e-2];
    let x = x.clamp(-4.0, 4.0);
    let square = x * x;
    let (mut p, mut q) = (above[0], below[0]);
    for c in &above[1..] {
        p = p * square + c;
    }
    for c in &below[1..] {
        q = q * square + c;
    }
    x * p / q
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// Maclaurin series in double precision; it loses 7 of 16 digits at 4.
    fn exact_error_function(x: f64) -> f64 {
        let (mut term, mut total) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            total += term / f64::from(2 * n + 1);
        }
        total * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn the_error_function_is_that_of_double_precision() {
        for x in (-500..=500).map(|at| at as f32 / 100.0) {
            let exact = exact_error_function(f64::from(x));
            assert!((f64::from(error_function(x)) - exact).abs() < 3e-7, "erf({x})");
        }
    }

    #[test]
    fn activations_are_those_by_definition() {
        for (activation, expected) in [
            (Activation::Gelu, [-0.158_655_26, 0.0, 1.954_499_7]),
            (Activation::GeluTanh, [-0.158_808, 0.0, 1.954_597_7]),
            (Activation::Relu, [0.0, 0.0, 2.0]),
        ] {
            let mut x = [-1.0, 0.0, 2.0];
            activate(&mut x, activation);
            assert!(x.iter().zip(expected).all(|(x, expected)| (x - expected).abs() < 1e-6), "{activation:?}: {x:?}");
        }
        let mut far = [-1e30, 1e30];
        activate(&mut far, Activation::Gelu);
        assert!(far[0].abs() < 1e24 && far[1] == 1e30);
    }

    #[test]
    fn a_normalized_row_has_the_mean_and_spread_that_are_asked_for() {
        let mut x = Stream::new(1, "rows").normals(40);
        normalize(&mut x, &[2.0; 20], &[1.0; 20], 1e-12);
        for row in x.chunks(20) {
            let mean = row.iter().sum::<f32>() / 20.0;
            let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 20.0;
            assert!((mean - 1.0).abs() < 1e-5 && (variance - 4.0).abs() < 1e-4);
        }
    }

    #[test]
    fn softmax_shares_one_out_and_does_not_overflow() {
        let mut x = vec![0.0, 2f32.ln(), 1e30, 1e30];
        softmax(&mut x, 2, 1.0);
        let expected = [1.0 / 3.0, 2.0 / 3.0, 0.5, 0.5];
        assert!(x.iter().zip(expected).all(|(x, expected)| (x - expected).abs() < 1e-6), "{x:?}");
        let mut wide: Vec<f32> = (0..37).map(|at| at as f32).collect();
        softmax(&mut wide, 37, 0.5);
        assert!((wide.iter().sum::<f32>() - 1.0).abs() < 1e-6 && (wide[1] / wide[0] - 0.5f32.exp()).abs() < 1e-5);
    }
}
