//! Tensors out of a safetensors file, checked against the shapes that the settings give them.
//! Format: <https://github.com/huggingface/safetensors>. Only 32-bit floating point.

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::BertError;

/// The tensors of a file. Some models write `bert.` before every name.
pub(super) struct Weights<'a> {
    file: SafeTensors<'a>,
    layers: usize,
}

/// An affine map `x W + b` of rows: `weight` is `[inputs, outputs]`, turned from how PyTorch stores it.
pub(super) struct Linear {
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

/// Scale and shift of a layer norm, `[hidden]` each.
pub(super) struct Norm {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
}

impl<'a> Weights<'a> {
    /// The tensors in `bytes`; `layers` is what messages say of the settings.
    pub fn from_bytes(bytes: &'a [u8], layers: usize) -> Result<Weights<'a>, BertError> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| BertError::Weights { reason: error.to_string() })?;
        Ok(Weights { file, layers })
    }

    /// The values of the tensor `name`, row by row.
    pub fn tensor(&self, name: &str, expected: &[usize]) -> Result<Vec<f32>, BertError> {
        let found = self.view(name).ok_or_else(|| BertError::Missing { name: name.to_owned(), layers: self.layers })?;
        let name = name.to_owned();
        if found.dtype() != Dtype::F32 {
            return Err(BertError::Type { name, found: format!("{:?}", found.dtype()) });
        }
        if found.shape() != expected {
            return Err(BertError::Shape { name, found: found.shape().to_vec(), expected: expected.to_vec() });
        }
        let (values, _) = found.data().as_chunks::<4>();
        let values: Vec<f32> = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        match values.iter().all(|value| value.is_finite()) {
            true => Ok(values),
            false => Err(BertError::NotFinite { what: name }),
        }
    }

    /// The linear map `name` of `inputs` to `outputs` values.
    pub fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, BertError> {
        let weight = self.tensor(&format!("{name}.weight"), &[outputs, inputs])?;
        Ok(Linear {
            weight: transposed(&weight, outputs, inputs),
            bias: self.tensor(&format!("{name}.bias"), &[outputs])?,
        })
    }

    /// The layer norm `name` of `size` values; old files call its parts gamma and beta.
    pub fn norm(&self, name: &str, size: usize) -> Result<Norm, BertError> {
        let (new, old) = (["weight", "bias"], ["gamma", "beta"]);
        let [scale, shift] = if self.view(&format!("{name}.gamma")).is_some() { old } else { new };
        let part = |part: &str| self.tensor(&format!("{name}.{part}"), &[size]);
        Ok(Norm { scale: part(scale)?, shift: part(shift)? })
    }

    fn view(&self, name: &str) -> Option<TensorView<'a>> {
        self.file.tensor(name).or_else(|_| self.file.tensor(&format!("bert.{name}"))).ok()
    }
}

impl Linear {
    /// Maps of the same input side by side: `[inputs, Σ outputs]`.
    pub fn beside(maps: &[Linear]) -> Linear {
        let bias = maps.iter().flat_map(|map| map.bias.iter().copied()).collect();
        let inputs = maps.first().map_or(0, |map| map.weight.len() / map.bias.len());
        let row = |map: &Linear, at: usize| map.weight[at * map.bias.len()..(at + 1) * map.bias.len()].to_vec();
        let weight = (0..inputs).flat_map(|at| maps.iter().flat_map(move |map| row(map, at))).collect();
        Linear { weight, bias }
    }
}

/// `[rows, columns]` to `[columns, rows]`, in tiles that stay in the first-level cache.
fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    const TILE: usize = 32;
    let mut turned = vec![0.0; values.len()];
    for (top, left) in (0..rows).step_by(TILE).flat_map(|top| (0..columns).step_by(TILE).map(move |left| (top, left))) {
        for row in top..rows.min(top + TILE) {
            for column in left..columns.min(left + TILE) {
                turned[column * rows + row] = values[row * columns + column];
            }
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::tensor::serialize;

    fn file(name: &str, dtype: Dtype, values: &[f32]) -> Vec<u8> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let width = if dtype == Dtype::F32 { values.len() } else { values.len() * 2 };
        serialize([(name, TensorView::new(dtype, vec![1, width], &bytes).unwrap())], None).unwrap()
    }

    #[test]
    fn a_tensor_is_found_with_and_without_its_prefix() {
        for name in ["a", "bert.a"] {
            let bytes = file(name, Dtype::F32, &[1.5, -2.0]);
            assert_eq!(Weights::from_bytes(&bytes, 1).unwrap().tensor("a", &[1, 2]), Ok(vec![1.5, -2.0]));
        }
    }

    #[test]
    fn tensors_that_do_not_fit_are_refused() {
        let of = |bytes: &[u8], shape: &[usize]| Weights::from_bytes(bytes, 1).unwrap().tensor("a", shape).unwrap_err();
        let sound = file("a", Dtype::F32, &[1.0, 2.0]);
        assert!(of(&sound, &[2, 2]).to_string().contains("`a` is [1, 2], config.json makes it [2, 2]"));
        assert!(matches!(of(&file("b", Dtype::F32, &[1.0]), &[1, 1]), BertError::Missing { .. }));
        assert!(matches!(of(&file("a", Dtype::F16, &[1.0]), &[1, 2]), BertError::Type { .. }));
        assert!(matches!(of(&file("a", Dtype::F32, &[f32::NAN]), &[1, 1]), BertError::NotFinite { .. }));
        assert!((0..sound.len()).all(|length| Weights::from_bytes(&sound[..length], 1).is_err()));
    }

    #[test]
    fn every_entry_is_turned() {
        let values: Vec<f32> = (0..33 * 70).map(|at| at as f32).collect();
        let turned = transposed(&values, 33, 70);
        assert!((0..33 * 70).all(|at| turned[at % 70 * 33 + at / 70] == values[at]));
    }

    #[test]
    fn maps_stand_side_by_side() {
        let map = |from: f32| Linear { weight: vec![from, from + 1.0], bias: vec![from] };
        let both = Linear::beside(&[map(0.0), map(10.0)]);
        assert_eq!((both.weight, both.bias), (vec![0.0, 10.0, 1.0, 11.0], vec![0.0, 10.0]));
    }
}
