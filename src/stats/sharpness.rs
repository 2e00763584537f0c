//! How sharp pictures are: the mean absolute difference between neighbouring values, beside that of real ones.
//! A decoder that averages over what it cannot tell gives pictures below 1; Brenner et al., "An automated microscope for
//! cytologic research" (J. Histochem. Cytochem. 1976), measures focus so.

use ndarray::{ArrayView1, ArrayView3, Axis};

/// `roughness(made) / roughness(real)` of maps `[maps, bins, frames]` in one unit: below 1 is blurred, above 1 is noisy.
/// Not a number where the real ones are flat.
pub fn sharpness(made: ArrayView3<f32>, real: ArrayView3<f32>) -> f64 {
    let real = roughness(real);
    if real > 0.0 { roughness(made) / real } else { f64::NAN }
}

/// The mean absolute difference between neighbours along frequency plus that along time, in the unit of `maps`
/// `[maps, bins, frames]`; 0 where there are no neighbours.
pub fn roughness(maps: ArrayView3<f32>) -> f64 {
    along(maps, Axis(1)) + along(maps, Axis(2))
}

/// Summed map by map in order, so that the number of maps costs no precision.
fn along(maps: ArrayView3<f32>, axis: Axis) -> f64 {
    let line = |line: ArrayView1<f32>| {
        line.iter().zip(line.iter().skip(1)).map(|(a, b)| f64::from((b - a).abs())).sum::<f64>()
    };
    let total: f64 = maps.lanes(axis).into_iter().map(line).sum();
    let pairs = maps.len() / maps.len_of(axis).max(1) * maps.len_of(axis).saturating_sub(1);
    if pairs > 0 { total / pairs as f64 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    #[test]
    fn slopes_are_their_steepness_and_flat_maps_are_not_rough() {
        let slope = Array3::from_shape_fn((2, 5, 7), |(_, bin, frame)| 3.0 * bin as f32 - 0.5 * frame as f32);
        assert!((roughness(slope.view()) - 3.5).abs() < 1e-6);
        let flat = Array3::from_elem((2, 5, 7), 4.0f32);
        assert_eq!(roughness(flat.view()), 0.0);
        assert_eq!(sharpness(flat.view(), slope.view()), 0.0);
        assert!(sharpness(slope.view(), flat.view()).is_nan());
        assert_eq!(roughness(Array3::zeros((3, 1, 1)).view()), 0.0);
    }

    #[test]
    fn a_blurred_map_is_less_sharp_and_a_noisy_one_more() {
        let noise = crate::random::Stream::new(1, "noise").normals(4 * 16 * 16);
        let real = Array3::from_shape_vec((4, 16, 16), noise.clone()).unwrap();
        let blurred = Array3::from_shape_fn((4, 16, 16), |(map, bin, frame)| {
            (real[(map, bin, frame)] + real[(map, (bin + 1) % 16, frame)] + real[(map, bin, (frame + 1) % 16)]) / 3.0
        });
        assert!(sharpness(blurred.view(), real.view()) < 0.8);
        assert!((sharpness(real.view(), real.view()) - 1.0).abs() < 1e-12);
        assert!((sharpness((&real * 2.0).view(), real.view()) - 2.0).abs() < 1e-6);
    }
}
