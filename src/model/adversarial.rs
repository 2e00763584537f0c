//! What a discriminator and the decoder that it judges cost: hinge losses and feature matching.
//! Lim and Ye, "Geometric GAN" (arXiv 1705.02894), equations 8 and 9, for the hinge; Larsen, Sønderby, Larochelle, Winther,
//! "Autoencoding beyond pixels using a learned similarity metric" (ICML 2016), equation 7, for matched features.

use candle_core::{Result, Tensor};

use crate::neural::activation::relu;

/// Keeps the share of a level whose features are all 0 finite.
const SMALLEST: f64 = 1e-6;

/// What the discriminator pays: `mean max(0, 1 - real) + mean max(0, 1 + made)`, 2 where it knows nothing, 0 where it tells all
/// apart with room to spare. Both are its answers, of any shape.
pub fn judging_loss(real: &Tensor, made: &Tensor) -> Result<Tensor> {
    relu(&real.affine(-1.0, 1.0)?)?.mean_all()? + relu(&(made + 1.0)?)?.mean_all()?
}

/// What the decoder pays: `-mean made`.
pub fn fooling_loss(made: &Tensor) -> Result<Tensor> {
    made.mean_all()?.neg()
}

/// How far what the discriminator sees in made rows is from what it sees in the real ones that they stand for: the mean
/// absolute difference at each level as a share of the mean absolute value, averaged over levels. The real ones are constants.
pub fn feature_matching(real: &[Tensor], made: &[Tensor]) -> Result<Tensor> {
    let level = |(real, made): (&Tensor, &Tensor)| {
        let real = real.detach();
        (&real - made)?.abs()?.mean_all()? / (f64::from(real.abs()?.mean_all()?.to_scalar::<f32>()?) + SMALLEST)
    };
    let levels: Vec<Tensor> = real.iter().zip(made).map(level).collect::<Result<_>>()?;
    Tensor::stack(&levels, 0)?.mean_all()
}

/// Share of the answers that are right: above 0 for real rows, below 0 for made ones, each side counting half.
pub fn told_apart(real: &Tensor, made: &Tensor) -> Result<f64> {
    let share = |answers: &Tensor, sign: f32| -> Result<f64> {
        let answers: Vec<f32> = answers.flatten_all()?.to_vec1()?;
        Ok(answers.iter().filter(|answer| **answer * sign > 0.0).count() as f64 / answers.len().max(1) as f64)
    };
    Ok(0.5 * (share(real, 1.0)? + share(made, -1.0)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use crate::neural::params::Params;
    use candle_core::Device;

    fn tensor(values: &[f32]) -> Tensor {
        Tensor::from_slice(values, (values.len(), 1), &Device::Cpu).unwrap()
    }

    fn number(tensor: Result<Tensor>) -> f32 {
        tensor.unwrap().to_scalar().unwrap()
    }

    #[test]
    fn losses_are_those_by_hand() {
        let (real, made) = (tensor(&[2.0, 0.5]), tensor(&[-3.0, 0.0]));
        assert_eq!(number(judging_loss(&real, &made)), 0.25 + 0.5);
        assert_eq!(number(judging_loss(&tensor(&[0.0]), &tensor(&[0.0]))), 2.0);
        assert_eq!(number(fooling_loss(&made)), 1.5);
        assert_eq!(told_apart(&real, &made).unwrap(), 0.75);
    }

    #[test]
    fn equal_features_match_and_no_features_are_a_whole_apart() {
        let features = [noise("a", &[2, 3, 4, 4]), noise("b", &[2, 5, 2, 2])];
        assert_eq!(number(feature_matching(&features, &features)), 0.0);
        let nothing = features.each_ref().map(|level| level.zeros_like().unwrap());
        assert!((number(feature_matching(&features, &nothing)) - 1.0).abs() < 1e-5);
        assert!(number(feature_matching(&nothing, &nothing)).is_finite());
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(3, &Device::Cpu);
        let (real, made) = (params.kaiming("real", &[7], 1).unwrap(), params.kaiming("made", &[7], 1).unwrap());
        assert_gradients(&params, || judging_loss(&(&real * 3.0)?, &(&made * 3.0)?)?.reshape(1));
        let mut params = Params::new(3, &Device::Cpu);
        let made = params.kaiming("made", &[2, 3], 1).unwrap();
        assert_gradients(&params, || fooling_loss(&made)?.reshape(1));
        let real = (noise("real", &[2, 3]).sign().unwrap() * 5.0).unwrap();
        assert_gradients(&params, || {
            feature_matching(std::slice::from_ref(&real), std::slice::from_ref(&made))?.reshape(1)
        });
    }
}
