//! A product of Gaussian experts: each block of columns says by itself where the code lies, and the more certain counts more.
//! Wu and Goodman (NeurIPS 2018), section 2.2: `precision = 1 + Σ 1/σᵢ²`, `mean = (Σ μᵢ/σᵢ²) / precision`; the 1 is the prior's.

use std::ops::Range;

use candle_core::{Result, Tensor};

use crate::model::expert::{Coder, Expert};
use crate::model::presence::{Seen, columns};
use crate::model::{Design, InputShape, ModelError, Posterior};
use crate::neural::params::Params;

/// An encoder and a decoder for each block. A block that a row lacks has no say in its code.
pub struct Experts {
    shape: InputShape,
    /// What each takes, and the columns of a row that are its own.
    experts: Vec<(Expert, InputShape, Range<usize>)>,
}

impl Experts {
    /// One expert for rows of `shape`, or one for each of `blocks` side by side: their parameters are named `blocks.<i>.`
    ///
    /// # Errors
    /// The blocks do not fit the rows, or the backbone cannot take them.
    pub fn new(
        design: &Design,
        shape: InputShape,
        blocks: &[usize],
        params: &mut Params,
    ) -> std::result::Result<Experts, ModelError> {
        if blocks.is_empty() {
            return Ok(Experts {
                shape,
                experts: vec![(Expert::new(design, shape, params)?, shape, 0..shape.values())],
            });
        }
        let widths = blocks.iter().sum();
        if shape != InputShape::Vector(widths) {
            return Err(ModelError::NoBlocks { blocks: blocks.len(), widths });
        }
        let expert = |(at, columns): (usize, Range<usize>)| {
            let shape = InputShape::Vector(columns.len());
            let make = |params: &mut Params| Expert::new(design, shape, params);
            // A single block has the names of a VAE.
            let expert =
                if blocks.len() == 1 { make(params)? } else { params.within(&format!("blocks.{at}"), make)? };
            Ok::<_, ModelError>((expert, shape, columns))
        };
        let experts = columns(blocks).into_iter().enumerate().map(expert).collect::<std::result::Result<_, _>>()?;
        Ok(Experts { shape, experts })
    }
}

impl Coder for Experts {
    fn encode(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Posterior> {
        let (rows, seen) = (x.dim(0)?, Seen::of(&x.flatten_from(1)?)?);
        let mut said = Vec::with_capacity(self.experts.len());
        for (expert, shape, columns) in &self.experts {
            let block = seen.columns(columns)?;
            let q = expert.encode(&block.values.reshape(shape.batch(rows))?, y)?;
            said.push((q, block.rows()?));
        }
        product(&said)
    }

    fn decode(&self, z: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        let blocks = self.experts.iter().map(|(expert, ..)| expert.decode(z, y)?.flatten_from(1));
        let blocks = blocks.collect::<Result<Vec<Tensor>>>()?;
        Tensor::cat(&blocks, 1)?.reshape(self.shape.batch(z.dim(0)?))
    }
}

/// The product of N(0, I) and what each expert says, `[rows, latent]`, where its `[rows, 1]` is 1 and not 0.
fn product(said: &[(Posterior, Tensor)]) -> Result<Posterior> {
    let no_experts = || candle_core::Error::msg("a product of experts has none that draws");
    let (first, _) = said.first().ok_or_else(no_experts)?;
    let (mut precision, mut pull) = (first.mean.ones_like()?, first.mean.zeros_like()?);
    for (q, there) in said {
        let certainty = q.logvar.as_ref().ok_or_else(no_experts)?.neg()?.exp()?.broadcast_mul(there)?;
        precision = (precision + &certainty)?;
        pull = (pull + (certainty * &q.mean)?)?;
    }
    Ok(Posterior { mean: (pull / &precision)?, logvar: Some(precision.log()?.neg()?) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn tensor(values: &[f32]) -> Tensor {
        Tensor::from_slice(values, (1, values.len()), &Device::Cpu).unwrap()
    }

    fn expert(means: &[f32], variances: &[f32], there: f32) -> (Posterior, Tensor) {
        let logvar = tensor(&variances.iter().map(|variance| variance.ln()).collect::<Vec<_>>());
        (Posterior { mean: tensor(means), logvar: Some(logvar) }, tensor(&[there]))
    }

    /// Means and variances.
    fn found(said: &[(Posterior, Tensor)]) -> (Vec<f32>, Vec<f32>) {
        let q = product(said).unwrap();
        let row = |x: Tensor| x.to_vec2::<f32>().unwrap().remove(0);
        (row(q.mean), row(q.logvar.unwrap().exp().unwrap()))
    }

    #[test]
    fn two_gaussians_and_the_prior_multiply_to_the_closed_form() {
        let (means, variances) =
            found(&[expert(&[1.0, -2.0], &[0.5, 4.0], 1.0), expert(&[3.0, 1.0], &[0.25, 1.0], 1.0)]);
        // Precisions 1 + 2 + 4 and 1 + 1/4 + 1.
        let expected = ([(2.0 + 12.0) / 7.0, (-0.5 + 1.0) / 2.25], [1.0 / 7.0, 1.0 / 2.25]);
        for (found, expected) in means.iter().chain(&variances).zip(expected.0.iter().chain(&expected.1)) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    #[test]
    fn an_expert_that_is_not_there_has_no_say_and_without_any_there_is_the_prior() {
        let (here, gone) = (expert(&[1.0], &[0.5], 1.0), expert(&[7.0], &[1e-6], 0.0));
        let alone = found(&[here]);
        assert_eq!(found(&[expert(&[1.0], &[0.5], 1.0), gone]), alone);
        assert!((alone.0[0] - 2.0 / 3.0).abs() < 1e-6 && (alone.1[0] - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(found(&[expert(&[7.0], &[1e-6], 0.0)]), (vec![0.0], vec![1.0]));
        assert!(product(&[]).is_err());
    }
}
