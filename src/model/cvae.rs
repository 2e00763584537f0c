//! The conditional VAE and β-VAE: the decoder is told the label, so that the code need not carry it.
//! Sohn, Lee, Yan, "Learning structured output representation using deep conditional generative models" (NeurIPS 2015).
//!
//! The label scales and shifts the decoder's channels (FiLM). The encoder is told nothing by default: then no label can leak
//! into the code that is clustered. If it is told, codes are clustered as encoded without the label.

use super::Told;
use super::regularizer::Divergence;
use super::vae::variational;

variational! {
    /// Settings of the conditional VAE.
    pub struct Cvae {
        /// Nats of each dimension that cost nothing (free bits); 0 for none.
        #[schemars(range(min = 0.0))]
        free_bits: f64 = 0.0,
        /// Share of the rows whose label is hidden while training, so that "not known" is a condition too.
        #[schemars(range(min = 0.0, max = 1.0))]
        condition_dropout: f64 = 0.1,
        /// Whether the encoder is told the label as well.
        condition_encoder: bool = false,
    }
    example: "latent_dim = 16\ncondition_dropout = 0.1\nbackbone.mlp = { hidden = [256, 128] }",
    told: |settings, classes| told(settings.condition_encoder, settings.condition_dropout, classes),
    regularizer: |settings| Divergence { beta: 1.0, warmup: settings.warmup(), free_bits: settings.free_bits },
}

variational! {
    /// Settings of the conditional β-VAE.
    pub struct BetaCvae {
        /// What the divergence from the prior is multiplied with once warm-up has ended; 1 is the conditional VAE.
        #[schemars(range(min = 0.0))]
        beta: f64 = 4.0,
        /// Nats of each dimension that cost nothing (free bits); 0 for none.
        #[schemars(range(min = 0.0))]
        free_bits: f64 = 0.0,
        /// Share of the rows whose label is hidden while training, so that "not known" is a condition too.
        #[schemars(range(min = 0.0, max = 1.0))]
        condition_dropout: f64 = 0.1,
        /// Whether the encoder is told the label as well.
        condition_encoder: bool = false,
    }
    example: "latent_dim = 16\nbeta = 4.0\nbackbone.mlp = { hidden = [256, 128] }",
    told: |settings, classes| told(settings.condition_encoder, settings.condition_dropout, classes),
    regularizer: |settings| Divergence { beta: settings.beta, warmup: settings.warmup(), free_bits: settings.free_bits },
}

fn told(encoder: bool, hidden: f64, classes: usize) -> Told {
    Told { encoder: if encoder { classes } else { 0 }, decoder: classes, hidden }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::condition::one_hot;
    use crate::model::{Input, InputShape, Model, ModelError, Network};
    use crate::neural::gradcheck::noise;
    use crate::neural::params::Params;
    use candle_core::{Device, Tensor};

    /// A network whose modulations are no longer the zeros that they begin with.
    fn network(condition_encoder: bool) -> Box<dyn Network> {
        let mut params = Params::new(1, &Device::Cpu);
        let model = Cvae { latent_dim: 3, condition_encoder, ..Cvae::default() };
        let input = Input { classes: 2, ..InputShape::Vector(5).into() };
        let network = model.build(input, &mut params).unwrap();
        let films = params.vars().iter().filter(|(name, _)| name.contains("film"));
        films.for_each(|(name, var)| var.set(&noise(name, var.dims())).unwrap());
        network
    }

    fn gap(a: &Tensor, b: &Tensor) -> f32 {
        (a - b).unwrap().abs().unwrap().max_all().unwrap().to_scalar().unwrap()
    }

    #[test]
    fn the_decoder_listens_and_the_encoder_only_where_it_is_told() {
        let (x, z) = (noise("x", &[1, 5]), noise("z", &[1, 3]));
        let labels = [0, 1].map(|label| one_hot(&[Some(label)], 2, &Device::Cpu).unwrap());
        for told in [false, true] {
            let network = network(told);
            let [a, b] = labels.each_ref().map(|y| network.decode(&z, Some(y)).unwrap());
            assert!(gap(&a, &b) > 1e-3);
            let [a, b] = labels.each_ref().map(|y| network.encode(&x, Some(y)).unwrap().mean);
            assert_eq!(gap(&a, &b) > 1e-3, told);
        }
    }

    #[test]
    fn without_labels_there_is_nothing_to_be_told() {
        let error =
            Cvae::default().build(InputShape::Vector(5).into(), &mut Params::new(1, &Device::Cpu)).err().unwrap();
        assert!(matches!(error, ModelError::NoClasses) && Cvae::default().is_conditional());
    }
}
