//! Spectral normalisation: a layer's weights divided by their largest singular value, so that the layer stretches nothing.
//! Miyato, Kataoka, Koyama, Yoshida, "Spectral normalization for generative adversarial networks" (ICLR 2018), equations 8 and 12.
//!
//! The singular vectors are found anew at each call, by power iteration from a fixed start: there is no state to keep.

use candle_core::{Result, Tensor};

use crate::random::Stream;

const ITERATIONS: usize = 12;
/// Weights of zeros have no direction and stay zeros.
const SMALLEST: f64 = 1e-12;

/// `weight` `[out, ...]`, read as a matrix of `out` rows, divided by its largest singular value; its gradient is that of the
/// whole (the singular vectors hold still where the value is largest).
pub fn spectrally_normalised(weight: &Tensor) -> Result<Tensor> {
    let outer = outer_product(&weight.flatten_from(1)?)?.reshape(weight.shape())?;
    let largest = (weight * outer)?.sum_all()?;
    weight.broadcast_div(&(largest + SMALLEST)?)
}

/// `u vᵀ` of the first singular pair of `matrix` `[out, in]`, as a constant.
fn outer_product(matrix: &Tensor) -> Result<Tensor> {
    let (rows, columns) = matrix.dims2()?;
    let values: Vec<f32> = matrix.flatten_all()?.to_vec1()?;
    let mut u: Vec<f64> = Stream::new(0, "spectral_norm").normals(rows).into_iter().map(f64::from).collect();
    let mut v = vec![0.0; columns];
    for _ in 0..ITERATIONS {
        v.fill(0.0);
        for (row, u) in values.chunks_exact(columns).zip(&u) {
            v.iter_mut().zip(row).for_each(|(v, w)| *v += u * f64::from(*w));
        }
        to_unit_length(&mut v);
        for (row, u) in values.chunks_exact(columns).zip(&mut u) {
            *u = row.iter().zip(&v).map(|(w, v)| f64::from(*w) * v).sum();
        }
        to_unit_length(&mut u);
    }
    let outer: Vec<f32> = u.iter().flat_map(|u| v.iter().map(move |v| (u * v) as f32)).collect();
    Tensor::from_vec(outer, (rows, columns), matrix.device())
}

fn to_unit_length(vector: &mut [f64]) {
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt().max(SMALLEST);
    vector.iter_mut().for_each(|x| *x /= length);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use crate::neural::params::Params;
    use candle_core::Device;

    fn flat(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn the_largest_singular_value_becomes_one() {
        // diag(3, 1) turned: singular values 3 and 1.
        let (c, s) = (0.6f32, 0.8f32);
        let matrix = Tensor::from_slice(&[3.0 * c, 3.0 * s, -s, c], (2, 2), &Device::Cpu).unwrap();
        let normalised = spectrally_normalised(&matrix).unwrap();
        assert!(flat(&normalised).iter().zip(flat(&matrix)).all(|(a, b)| (a - b / 3.0).abs() < 1e-5));
        let again = spectrally_normalised(&(&matrix * 50.0).unwrap()).unwrap();
        assert!(flat(&normalised).iter().zip(flat(&again)).all(|(a, b)| (a - b).abs() < 1e-5), "size does not matter");
    }

    #[test]
    fn zeros_stay_zeros() {
        let zeros = Tensor::zeros((3, 2), candle_core::DType::F32, &Device::Cpu).unwrap();
        assert!(flat(&spectrally_normalised(&zeros).unwrap()).iter().all(|value| *value == 0.0));
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(2, &Device::Cpu);
        let weight = params.kaiming("weight", &[3, 2, 2, 2], 8).unwrap();
        // One direction stands out, so that the iteration has ended.
        let first = noise("first", &[3, 1]).matmul(&noise("second", &[1, 8])).unwrap().reshape((3, 2, 2, 2)).unwrap();
        assert_gradients(&params, || spectrally_normalised(&(&weight + &first)?));
    }
}
