//! Group normalisation, `torch.nn.GroupNorm`, for activations in channels-first-of-all layout.
//! Wu and He, "Group normalization" (ECCV 2018), equations 2 and 7.

use candle_core::{Result, Tensor};

use super::params::Params;

const EPSILON: f64 = 1e-5;
const MOST_GROUPS: usize = 8;

/// Normalises each row over groups of channels, then scales and shifts each channel.
#[derive(Clone, Debug)]
pub struct GroupNorm {
    groups: usize,
    weight: Tensor,
    bias: Tensor,
}

impl GroupNorm {
    /// For `channels` channels, in the largest number of groups up to 8 that divides them.
    pub fn new(params: &mut Params, name: &str, channels: usize) -> Result<GroupNorm> {
        let weight = params.constant(&format!("{name}.weight"), &[channels], 1.0)?;
        let bias = params.constant(&format!("{name}.bias"), &[channels], 0.0)?;
        Ok(GroupNorm { groups: groups(channels), weight, bias })
    }

    /// `x` is `[channels, rows, bins, frames]`, as is the result.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (channels, rows, bins, frames) = x.dims4()?;
        let planes = x.reshape((channels * rows, bins * frames))?;
        let centred = planes.broadcast_sub(&self.group_mean(&planes, channels, rows)?)?;
        let variance = self.group_mean(&centred.sqr()?, channels, rows)?;
        // One factor a plane, the channel's weight in it, saves a pass over the whole activation.
        let scale = (variance + EPSILON)?.sqrt()?.recip()?.mul(&per_plane(&self.weight, rows)?)?;
        centred.broadcast_mul(&scale)?.broadcast_add(&per_plane(&self.bias, rows)?)?.reshape(x.shape())
    }

    /// The mean over each group and row, `[channels · rows, 1]`, of `planes` `[channels · rows, values]`.
    fn group_mean(&self, planes: &Tensor, channels: usize, rows: usize) -> Result<Tensor> {
        let grouped = (self.groups, channels / self.groups, rows);
        let means = planes.mean_keepdim(1)?.reshape(grouped)?.mean_keepdim(1)?;
        means.broadcast_as(grouped)?.reshape((channels * rows, 1))
    }
}

/// The number of groups for `channels` channels: PyTorch needs the same to load the weights.
pub fn groups(channels: usize) -> usize {
    (1..=MOST_GROUPS).rev().find(|groups| channels.is_multiple_of(*groups)).unwrap_or(1)
}

/// `[channels]` repeated for each row: `[channels · rows, 1]`.
fn per_plane(values: &Tensor, rows: usize) -> Result<Tensor> {
    let channels = values.elem_count();
    values.reshape((channels, 1))?.broadcast_as((channels, rows))?.reshape((channels * rows, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use candle_core::Device;

    #[test]
    fn candles_own_layer_gives_the_same() {
        let mut params = Params::new(1, &Device::Cpu);
        let ours = GroupNorm::new(&mut params, "norm", 12).unwrap();
        let [weight, bias] = ["w", "b"].map(|name| noise(name, &[12]));
        params.vars()[0].1.set(&weight).unwrap();
        params.vars()[1].1.set(&bias).unwrap();
        let stock = candle_nn::GroupNorm::new(weight, bias, 12, groups(12), EPSILON).unwrap();
        let x = noise("x", &[12, 3, 4, 5]);
        let y = ours.forward(&x).unwrap().transpose(0, 1).unwrap();
        let theirs = candle_nn::Module::forward(&stock, &x.transpose(0, 1).unwrap().contiguous().unwrap()).unwrap();
        let gap =
            (y - theirs).unwrap().abs().unwrap().flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
        assert!(gap < 1e-5, "gap {gap}");
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(1, &Device::Cpu);
        let x = params.kaiming("x", &[4, 2, 3, 3], 1).unwrap();
        let norm = GroupNorm::new(&mut params, "norm", 4).unwrap();
        assert_gradients(&params, || norm.forward(&x));
    }

    #[test]
    fn groups_divide_the_channels() {
        assert_eq!([1, 6, 8, 12, 13, 256].map(groups), [1, 6, 8, 6, 1, 8]);
    }
}
