//! A multilayer perceptron: `Linear`, activation, `Linear`, ... as a `torch.nn.Sequential`.

use candle_core::{Result, Tensor};

pub use super::activation::Activation;
use super::film::Film;
use super::linear::Linear;
use super::params::Params;

/// A stack of fully connected layers with an activation after each but, if so built, the last.
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
    activation: Activation,
    activate_last: bool,
}

impl Mlp {
    /// Layers of `widths[0] -> widths[1] -> ...` values, named `<name>.0`, `<name>.2`, ... as in a `Sequential` where the
    /// activations take the odd places.
    pub fn new(
        params: &mut Params,
        name: &str,
        widths: &[usize],
        activation: Activation,
        activate_last: bool,
    ) -> Result<Mlp> {
        let layer =
            |(at, pair): (usize, &[usize])| Linear::new(params, &format!("{name}.{}", 2 * at), pair[0], pair[1]);
        let layers = widths.windows(2).enumerate().map(layer).collect::<Result<_>>()?;
        Ok(Mlp { layers, activation, activate_last })
    }

    /// `x` is `[rows, widths.first]`; gives `[rows, widths.last]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let last = self.layers.len().saturating_sub(1);
        self.layers.iter().enumerate().try_fold(x.clone(), |x, (at, layer)| {
            match (at < last || self.activate_last, self.activation) {
                (false, _) => layer.forward(&x),
                (true, Activation::Relu) => layer.forward_relu(&x),
                (true, activation) => activation.forward(&layer.forward(&x)?),
            }
        })
    }

    /// The same with what each layer gives scaled and shifted before its activation by the class `y` `[rows, classes]`;
    /// one of `films` a layer, from the first.
    pub fn modulated(&self, x: &Tensor, films: &[Film], y: &Tensor) -> Result<Tensor> {
        let last = self.layers.len().saturating_sub(1);
        self.layers.iter().enumerate().try_fold(x.clone(), |x, (at, layer)| {
            let x = layer.forward(&x)?;
            let x = films.get(at).map_or(Ok(x.clone()), |film| film.forward(&x, y))?;
            if at < last || self.activate_last { self.activation.forward(&x) } else { Ok(x) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use candle_core::Device;

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(1, &Device::Cpu);
        let mlp = Mlp::new(&mut params, "net", &[5, 7, 6, 3], Activation::Silu, false).unwrap();
        let x = noise("x", &[4, 5]);
        assert_gradients(&params, || mlp.forward(&x));
    }

    #[test]
    fn relu_gradients_are_those_of_finite_differences() {
        let mut params = Params::new(2, &Device::Cpu);
        let mlp = Mlp::new(&mut params, "net", &[5, 7, 3], Activation::Relu, false).unwrap();
        let x = noise("x", &[4, 5]);
        assert_gradients(&params, || mlp.forward(&x));
    }

    #[test]
    fn activations_take_the_odd_places_of_the_sequential() {
        let mut params = Params::new(1, &Device::Cpu);
        Mlp::new(&mut params, "net", &[5, 7, 3], Activation::Silu, true).unwrap();
        let names: Vec<&str> = params.vars().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["net.0.weight", "net.0.bias", "net.2.weight", "net.2.bias"]);
    }

    #[test]
    fn a_last_activation_bounds_the_output_from_below() {
        let mut params = Params::new(1, &Device::Cpu);
        let mlp = Mlp::new(&mut params, "net", &[5, 40], Activation::Relu, true).unwrap();
        let y = mlp.forward(&noise("x", &[4, 5])).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(y.iter().all(|v| *v >= 0.0) && y.iter().any(|v| *v > 0.0));
    }
}
