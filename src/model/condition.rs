//! What a conditional network is told of a row: its class, or nothing.
//! Sohn, Lee, Yan, "Learning structured output representation using deep conditional generative models" (NeurIPS 2015).
//!
//! A class is a row of zeros with a one; zeros alone are the null condition, "not known". Where the encoder is told the
//! class too, training hides it now and then (Ho and Salimans 2022, section 3.2), so that null is a condition it has met.

use candle_core::{Device, Result, Tensor};

/// What a network is told: the number of classes for each half (0: nothing), and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Told {
    /// The encoder's.
    pub encoder: usize,
    /// The decoder's.
    pub decoder: usize,
    /// Share of the rows whose class is hidden while training.
    pub hidden: f64,
}

/// `[rows, classes]` with a one at each known class.
pub fn one_hot(labels: &[Option<u32>], classes: usize, device: &Device) -> Result<Tensor> {
    let mut values = vec![0f32; labels.len() * classes];
    for (row, label) in labels.iter().enumerate() {
        if let Some(label) = label.filter(|label| (*label as usize) < classes) {
            values[row * classes + label as usize] = 1.0;
        }
    }
    Tensor::from_vec(values, (labels.len(), classes), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_zeros() {
        let y = one_hot(&[Some(1), None, Some(0)], 2, &Device::Cpu).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(y, [[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]]);
    }

    #[test]
    fn a_class_that_the_network_does_not_know_is_not_known() {
        assert_eq!(one_hot(&[Some(7)], 2, &Device::Cpu).unwrap().to_vec2::<f32>().unwrap(), [[0.0, 0.0]]);
    }
}
