//! A second network that follows the first one slowly, without a gradient of its own.
//! He, Fan, Wu, Xie, Girshick, "Momentum contrast for unsupervised visual representation learning" (CVPR 2020), equation 2;
//! Grill et al., "Bootstrap your own latent" (NeurIPS 2020), equation 1. Tarvainen, Valpola (NeurIPS 2017) had it first.

use candle_core::{Result, Var};

use crate::neural::params::Params;

/// What stands before the names of the follower's parameters.
const FOLLOWER: &str = "key";

/// Parameters of the leader, each beside that of its follower.
pub(in crate::model) struct Momentum(Vec<(Var, Var)>);

impl Momentum {
    /// What `make` makes, once more: a follower that begins as a copy of what was made before under the same names.
    ///
    /// # Errors
    /// `make` makes something that was not made before.
    pub fn follower<T, E: From<candle_core::Error>>(
        params: &mut Params,
        make: impl FnOnce(&mut Params) -> std::result::Result<T, E>,
    ) -> std::result::Result<(T, Momentum), E> {
        let made = params.keeping(|params| params.within(FOLLOWER, make))?;
        let leaders = params.vars().iter();
        let pair = |(name, leader): &(String, Var)| {
            let wanted = format!("{FOLLOWER}.{name}");
            let (_, follower) = params.all().find(|(name, _)| *name == wanted)?;
            Some((leader.clone(), follower.clone()))
        };
        let momentum = Momentum(leaders.filter_map(pair).collect());
        momentum.follow(0.0)?;
        Ok((made, momentum))
    }

    /// The follower keeps the share `kept` of what it is; the rest comes from the leader.
    pub fn follow(&self, kept: f64) -> Result<()> {
        self.0.iter().try_for_each(|(leader, follower)| {
            follower.set(&((leader.as_detached_tensor() * (1.0 - kept))? + (follower.as_detached_tensor() * kept)?)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Tensor};

    #[test]
    fn the_follower_begins_as_a_copy_and_comes_nearer() {
        let mut params = Params::new(1, &Device::Cpu);
        let make = |params: &mut Params| params.kaiming("weight", &[2], 1);
        let leader = make(&mut params).unwrap();
        let (follower, momentum) = Momentum::follower(&mut params, make).unwrap();
        let values = |tensor: &Tensor| tensor.to_vec1::<f32>().unwrap();
        assert_eq!(values(&leader), values(&follower));
        params.vars()[0].1.set(&Tensor::new(&[1f32, 3.0], &Device::Cpu).unwrap()).unwrap();
        momentum.follow(0.0).unwrap();
        params.vars()[0].1.set(&Tensor::new(&[2f32, 3.0], &Device::Cpu).unwrap()).unwrap();
        momentum.follow(0.75).unwrap();
        assert_eq!(values(&follower), [1.25, 3.0]);
        assert_eq!(params.vars().len(), 1, "the follower is not learned");
    }
}
