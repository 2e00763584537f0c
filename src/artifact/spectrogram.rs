//! Spectrograms that others made: `.npy` arrays of two axes, as `numpy.save` writes what `librosa.stft` or
//! `librosa.feature.melspectrogram` give (`[bins, frames]`), or turned.

use ndarray::{Array2, ArrayD, Axis, Ix2};
use ndarray_npy::{ReadNpyError, ReadNpyExt};
use serde::{Deserialize, Serialize};

/// What the two axes of an array are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Axes {
    /// `[bins, frames]`: librosa's own order.
    #[default]
    BinsFrames,
    /// `[frames, bins]`: the order of torch and tensorflow batches.
    FramesBins,
}

/// An array is no spectrogram.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages tell the fields")]
pub enum SpectrogramError {
    #[error(
        "it holds complex numbers, whose phase says nothing to a network; save magnitudes: np.save(path, np.abs(stft).astype(np.float32))"
    )]
    Complex,
    #[error("it holds {kind}, not float32 or float64; save it again: np.save(path, array.astype(np.float32))")]
    Kind { kind: String },
    #[error("it has the shape {shape:?}; two axes are needed, bins and frames: save one array a track")]
    Shape { shape: Vec<usize> },
    #[error("it is empty: its shape is {shape:?}")]
    Empty { shape: Vec<usize> },
    #[error("not all its numbers are finite; a logarithm of zero? Use librosa.amplitude_to_db or np.log1p")]
    NotFinite,
    #[error("it is no sound .npy file ({0}); save the array again with np.save")]
    Npy(ReadNpyError),
}

/// The spectrogram `[frames, bins]` in the bytes of an `.npy`. Leading axes of length one are taken away.
///
/// # Errors
/// Anything but float32 or float64, other than two axes, an empty array, numbers that are not finite.
pub fn read_spectrogram(bytes: &[u8], axes: Axes) -> Result<Array2<f32>, SpectrogramError> {
    let map = two_axes(numbers(bytes)?)?;
    if map.is_empty() {
        return Err(SpectrogramError::Empty { shape: map.shape().to_vec() });
    }
    if !map.iter().all(|value| value.is_finite()) {
        return Err(SpectrogramError::NotFinite);
    }
    Ok(match axes {
        Axes::FramesBins => map,
        Axes::BinsFrames => map.reversed_axes().as_standard_layout().into_owned(),
    })
}

fn numbers(bytes: &[u8]) -> Result<ArrayD<f32>, SpectrogramError> {
    match ArrayD::<f32>::read_npy(bytes) {
        Err(ReadNpyError::WrongDescriptor(_)) => match ArrayD::<f64>::read_npy(bytes) {
            Ok(wide) => Ok(wide.mapv(|value| value as f32)),
            Err(ReadNpyError::WrongDescriptor(kind)) => Err(refused(&kind.to_string())),
            Err(error) => Err(SpectrogramError::Npy(error)),
        },
        read => read.map_err(SpectrogramError::Npy),
    }
}

/// NumPy's type descriptor: byte order, letter, bytes; `<c8` is complex64.
fn refused(descriptor: &str) -> SpectrogramError {
    let kind = descriptor.trim_matches(|c: char| "'\"<>=|".contains(c)).to_owned();
    if kind.starts_with('c') { SpectrogramError::Complex } else { SpectrogramError::Kind { kind } }
}

fn two_axes(mut array: ArrayD<f32>) -> Result<Array2<f32>, SpectrogramError> {
    let shape = array.shape().to_vec();
    while array.ndim() > 2 && array.len_of(Axis(0)) == 1 {
        array = array.index_axis_move(Axis(0), 0);
    }
    array.into_dimensionality::<Ix2>().map_err(|_| SpectrogramError::Shape { shape })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::write_npy;
    use ndarray::{Array3, array};

    /// The bytes of an `.npy` of `shape` whose elements are zero bytes.
    fn npy(descriptor: &str, shape: &str, data_bytes: usize) -> Vec<u8> {
        let header = format!("{{'descr': '{descriptor}', 'fortran_order': False, 'shape': {shape}, }}");
        let padded = format!("{header:<117}\n");
        let start = [b"\x93NUMPY\x01\x00".as_slice(), &(padded.len() as u16).to_le_bytes(), padded.as_bytes()];
        [start.concat(), vec![0; data_bytes]].concat()
    }

    #[test]
    fn frames_come_first_whatever_the_file_says() {
        let map = array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let bytes = write_npy(&map).unwrap();
        assert_eq!(read_spectrogram(&bytes, Axes::FramesBins).unwrap(), map);
        let turned = read_spectrogram(&bytes, Axes::BinsFrames).unwrap();
        assert_eq!(turned, map.t());
        assert!(turned.is_standard_layout());
    }

    #[test]
    fn doubles_and_a_leading_axis_are_read() {
        let bytes = write_npy(&Array3::<f64>::ones((1, 4, 7))).unwrap();
        assert_eq!(read_spectrogram(&bytes, Axes::BinsFrames).unwrap().dim(), (7, 4));
    }

    #[test]
    fn what_is_no_spectrogram_is_refused_with_a_remedy() {
        let told = |bytes: &[u8]| read_spectrogram(bytes, Axes::BinsFrames).unwrap_err().to_string();
        assert!(told(&npy("<c8", "(2, 3)", 48)).contains("np.abs"));
        assert!(told(&npy("<i8", "(2, 3)", 48)).contains("i8, not float32"));
        assert!(told(&write_npy(&Array3::<f32>::ones((2, 4, 7))).unwrap()).contains("[2, 4, 7]"));
        assert!(told(&write_npy(&array![1.0f32, 2.0]).unwrap()).contains("[2]"));
        assert!(told(&write_npy(&Array2::<f32>::ones((0, 3))).unwrap()).contains("empty"));
        assert!(told(&write_npy(&array![[f32::NEG_INFINITY]]).unwrap()).contains("finite"));
        assert!(told(b"junk").contains("np.save"));
        assert!(told(&npy("<f4", "(2, 3)", 5)).contains("np.save"));
    }
}
