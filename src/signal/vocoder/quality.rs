//! How well a sound survives a vocoder.
//! Spectral convergence, `20·log10(‖S − Ŝ‖ / ‖S‖)` over magnitudes (Sturmel and Daudet, "Signal reconstruction from STFT
//! magnitude: a state of the art", DAFx 2011), 0 dB or more where nothing is right; and the mean absolute difference of
//! log-mel maps, dB.

use ndarray::{ArrayView2, Zip};

use super::VocoderError;

/// `20·log10(‖reference − found‖ / ‖reference‖)` of two magnitude spectrograms of one shape, in dB: the lower the better.
/// −∞ where both are equal, +∞ where only the reference is silent. Level counts.
///
/// # Errors
/// Spectrograms of two shapes.
pub fn spectral_convergence_db(reference: ArrayView2<f32>, found: ArrayView2<f32>) -> Result<f64, VocoderError> {
    let distance = sum(reference, found, |a, b| (a - b) * (a - b))?;
    let energy = sum(reference, reference, |a, _| a * a)?;
    Ok(if distance == 0.0 { f64::NEG_INFINITY } else { 10.0 * (distance / energy).log10() })
}

/// The mean of `|reference − found|` over all cells of two log-mel maps of one shape, dB. 0 where there are no cells.
///
/// # Errors
/// Maps of two shapes.
pub fn log_mel_error_db(reference: ArrayView2<f32>, found: ArrayView2<f32>) -> Result<f64, VocoderError> {
    let total = sum(reference, found, |a, b| (a - b).abs())?;
    Ok(total / reference.len().max(1) as f64)
}

/// The sum of `term` over all pairs of cells, in double precision.
fn sum(a: ArrayView2<f32>, b: ArrayView2<f32>, term: impl Fn(f64, f64) -> f64) -> Result<f64, VocoderError> {
    if a.dim() != b.dim() {
        return Err(VocoderError::Shapes { expected: a.dim(), found: b.dim() });
    }
    Ok(Zip::from(a).and(b).fold(0.0, |sum, a, b| sum + term(f64::from(*a), f64::from(*b))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn a_tenth_of_the_norm_is_minus_20_db() {
        let reference = array![[3.0f32, 0.0], [0.0, 4.0]];
        let found = array![[3.0f32, 0.5], [0.0, 4.0]];
        let db = spectral_convergence_db(reference.view(), found.view()).expect("one shape");
        assert!((db + 20.0).abs() < 1e-9, "{db}");
        assert_eq!(spectral_convergence_db(reference.view(), Array2::zeros((2, 2)).view()), Ok(0.0));
    }

    #[test]
    fn equal_is_minus_infinity_and_a_silent_reference_plus_infinity() {
        let (sound, silence) = (array![[1.0f32, 2.0]], array![[0.0f32, 0.0]]);
        assert_eq!(spectral_convergence_db(sound.view(), sound.view()), Ok(f64::NEG_INFINITY));
        assert_eq!(spectral_convergence_db(silence.view(), silence.view()), Ok(f64::NEG_INFINITY));
        assert_eq!(spectral_convergence_db(silence.view(), sound.view()), Ok(f64::INFINITY));
    }

    #[test]
    fn maps_two_db_apart_are_two_db_apart() {
        let map = array![[0.0f32, -80.0], [-20.0, -30.0]];
        let other = array![[-2.0f32, -78.0], [-22.0, -28.0]];
        assert_eq!(log_mel_error_db(map.view(), other.view()), Ok(2.0));
        assert_eq!(log_mel_error_db(Array2::zeros((0, 4)).view(), Array2::zeros((0, 4)).view()), Ok(0.0));
    }

    #[test]
    fn two_shapes_are_refused() {
        let (wide, high) = (Array2::zeros((1, 2)), Array2::zeros((2, 1)));
        let refused = VocoderError::Shapes { expected: (1, 2), found: (2, 1) };
        assert_eq!(spectral_convergence_db(wide.view(), high.view()), Err(refused.clone()));
        assert_eq!(log_mel_error_db(wide.view(), high.view()), Err(refused));
    }
}
