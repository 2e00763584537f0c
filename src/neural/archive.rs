//! Parameters as safetensors, which PyTorch reads with `safetensors.torch.load_file`.
//! Format: <https://github.com/huggingface/safetensors>.

use super::params::Weight;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, SafeTensorError, TensorView, serialize};

/// Bytes are no sound weights.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The container is damaged.
    #[error("not a sound safetensors file")]
    Format(#[from] SafeTensorError),
    /// A tensor is of another type.
    #[error("{name} is {dtype:?}, not F32")]
    Type {
        /// The parameter.
        name: String,
        /// Its type.
        dtype: Dtype,
    },
    /// A value is infinite or not a number: such weights are never loaded.
    #[error("{name} holds values that are not finite")]
    NotFinite {
        /// The parameter.
        name: String,
    },
}

/// The safetensors bytes of `weights`, the same for the same values.
pub fn to_bytes(weights: &[Weight]) -> Result<Vec<u8>, ArchiveError> {
    let raw: Vec<Vec<u8>> =
        weights.iter().map(|weight| weight.values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let views = weights
        .iter()
        .zip(&raw)
        .map(|(weight, bytes)| Ok((&weight.name, TensorView::new(Dtype::F32, weight.shape.clone(), bytes)?)));
    let views: Vec<(&String, TensorView)> = views.collect::<Result<_, SafeTensorError>>()?;
    Ok(serialize(views, None)?)
}

/// The weights in safetensors `bytes`, in order of name.
pub fn from_bytes(bytes: &[u8]) -> Result<Vec<Weight>, ArchiveError> {
    let archive = SafeTensors::deserialize(bytes)?;
    let mut weights =
        archive.tensors().into_iter().map(|(name, view)| weight(name, &view)).collect::<Result<Vec<_>, _>>()?;
    weights.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(weights)
}

fn weight(name: String, view: &TensorView) -> Result<Weight, ArchiveError> {
    if view.dtype() != Dtype::F32 {
        return Err(ArchiveError::Type { name, dtype: view.dtype() });
    }
    let value = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let values: Vec<f32> = view.data().chunks_exact(4).map(value).collect();
    match values.iter().all(|value| value.is_finite()) {
        true => Ok(Weight { name, shape: view.shape().to_vec(), values }),
        false => Err(ArchiveError::NotFinite { name }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(value: f32) -> Vec<Weight> {
        let weight = |name: &str, shape: Vec<usize>| Weight {
            name: name.to_owned(),
            values: vec![value; shape.iter().product()],
            shape,
        };
        vec![weight("a.weight", vec![2, 3]), weight("b.bias", vec![2])]
    }

    #[test]
    fn weights_come_back_as_they_went() {
        assert_eq!(from_bytes(&to_bytes(&weights(0.5)).unwrap()).unwrap(), weights(0.5));
    }

    #[test]
    fn weights_that_are_not_finite_are_refused() {
        let bytes = to_bytes(&weights(f32::NAN)).unwrap();
        assert!(matches!(from_bytes(&bytes), Err(ArchiveError::NotFinite { .. })));
    }

    #[test]
    fn every_shortened_file_is_refused() {
        let bytes = to_bytes(&weights(1.0)).unwrap();
        assert!((0..bytes.len()).all(|length| from_bytes(&bytes[..length]).is_err()));
    }
}
