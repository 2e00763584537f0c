//! Adam with decoupled weight decay on plain vectors, and clipping of gradients by their global norm.
//! Kingma and Ba (ICLR 2015), algorithm 1; Loshchilov and Hutter (ICLR 2019), algorithm 2; figures as `torch.optim.AdamW`.
//!
//! candle's own AdamW keeps its moments private; here they are data, so a training can be saved and continued exactly.

use std::sync::Mutex;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp1, Layout, Result, Tensor, Var, bail};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::cpu::with;
use super::params::Params;
use crate::wide::wide;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f32 = 1e-8;
/// Values a task; a smaller parameter stays on one thread.
const CHUNK: usize = 64 * 1024;

/// The optimiser's state: steps taken and both moments of each parameter, in the order of [`Params`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Adam {
    steps: u64,
    weight_decay: f64,
    #[serde(default = "usual_momentum")]
    momentum: f64,
    first: Vec<Vec<f32>>,
    second: Vec<Vec<f32>>,
}

impl Adam {
    /// A fresh state for `params`. `weight_decay` 0 is Adam, above 0 AdamW.
    pub fn new(params: &Params, weight_decay: f64) -> Adam {
        let zeros = || params.vars().iter().map(|(_, var)| vec![0.0; var.elem_count()]).collect();
        Adam { steps: 0, weight_decay, momentum: BETA1, first: zeros(), second: zeros() }
    }

    /// With another decay of the first moment than 0.9: two networks that learn against each other want less.
    #[must_use]
    pub fn with_momentum(self, momentum: f64) -> Adam {
        Adam { momentum, ..self }
    }

    /// Moves `params` one step down `gradients` (as [`gradients`] gives them).
    pub fn step(&mut self, params: &Params, gradients: &[Vec<f32>], learning_rate: f64) -> Result<()> {
        self.steps += 1;
        let update = Update::at(self.steps, learning_rate, self);
        let moments = self.first.iter_mut().zip(&mut self.second);
        params.vars().iter().zip(gradients).zip(moments).try_for_each(|(((_, var), gradient), (first, second))| {
            Move { update, gradient, moments: Mutex::new((first, second)) }.of(var)
        })
    }
}

fn usual_momentum() -> f64 {
    BETA1
}

/// The scalars of one step.
#[derive(Clone, Copy)]
struct Update {
    momentum: f32,
    rate: f32,
    second_correction: f32,
    keep: f32,
}

impl Update {
    fn at(step: u64, learning_rate: f64, adam: &Adam) -> Update {
        let left = |beta: f64| 1.0 - beta.powf(step as f64);
        Update {
            momentum: adam.momentum as f32,
            rate: (learning_rate / left(adam.momentum)) as f32,
            second_correction: left(BETA2).sqrt() as f32,
            keep: (1.0 - learning_rate * adam.weight_decay) as f32,
        }
    }
}

wide! {
    fn apply(update: Update, values: &mut [f32], gradients: &[f32], first: &mut [f32], second: &mut [f32]) {
        let (beta1, beta2) = (update.momentum, BETA2 as f32);
        for (((value, g), m), v) in values.iter_mut().zip(gradients).zip(first).zip(second) {
            *m = beta1 * *m + (1.0 - beta1) * g;
            *v = beta2 * *v + (1.0 - beta2) * g * g;
            *value = update.keep * *value - update.rate * *m / (v.sqrt() / update.second_correction + EPSILON);
        }
    }
}

/// The step of one parameter, in its own memory where that can be reached.
struct Move<'a> {
    update: Update,
    gradient: &'a [f32],
    moments: Mutex<(&'a mut Vec<f32>, &'a mut Vec<f32>)>,
}

impl Move<'_> {
    fn of(&self, var: &Var) -> Result<()> {
        if var.device().is_cpu() {
            return var.inplace_op1(self);
        }
        let mut values: Vec<f32> = var.flatten_all()?.to_vec1()?;
        self.apply(&mut values)?;
        var.set(&Tensor::from_vec(values, var.shape(), var.device())?)
    }

    fn apply(&self, values: &mut [f32]) -> Result<()> {
        let Ok(mut moments) = self.moments.lock() else { bail!("a step of the optimiser was broken off") };
        let (first, second) = &mut *moments;
        if values.len() != self.gradient.len() || values.len() != first.len() || values.len() != second.len() {
            bail!("a parameter of {} values has a gradient of {}", values.len(), self.gradient.len());
        }
        let parts = values.par_chunks_mut(CHUNK).zip(self.gradient.par_chunks(CHUNK));
        let moments = first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK));
        parts.zip(moments).for_each(|((values, g), (first, second))| apply(self.update, values, g, first, second));
        Ok(())
    }
}

impl InplaceOp1 for Move<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        match (storage, layout.contiguous_offsets()) {
            (CpuStorage::F32(values), Some((start, end))) => self.apply(&mut values[start..end]),
            _ => bail!("parameters are contiguous and of single precision"),
        }
    }
}

/// The gradient of each parameter, in the order of `params`.
///
/// # Errors
/// A parameter has no gradient: some operation on its path has no backward pass, and training would leave it as it is.
pub fn gradients(params: &Params, store: &GradStore) -> Result<Vec<Vec<f32>>> {
    let gradient = |(name, var): &(String, candle_core::Var)| match store.get(var) {
        Some(gradient) if gradient.device().is_cpu() => with(gradient, <[f32]>::to_vec),
        Some(gradient) => gradient.flatten_all()?.to_vec1(),
        None => bail!("no gradient reaches the parameter `{name}`"),
    };
    params.vars().iter().map(gradient).collect()
}

/// Scales `gradients` so that their global norm is at most `limit`; gives the norm before. Summed in fixed order.
pub fn clip(gradients: &mut [Vec<f32>], limit: f64) -> f64 {
    let norm = gradients.iter().map(|g| g.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>()).sum::<f64>().sqrt();
    if norm > limit {
        let scale = (limit / norm) as f32;
        gradients.iter_mut().flatten().for_each(|v| *v *= scale);
    }
    norm
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn at(value: f32) -> Params {
        let mut params = Params::new(0, &Device::Cpu);
        params.constant("x", &[2], value).unwrap();
        params
    }

    fn value(params: &Params) -> f32 {
        params.snapshot().unwrap()[0].values[0]
    }

    #[test]
    fn the_first_steps_are_those_of_pytorch() {
        // torch.optim.Adam([tensor([1.0])], lr=0.1) with gradients 0.5, -1.0: by algorithm 1, in double precision.
        let params = at(1.0);
        let mut adam = Adam::new(&params, 0.0);
        adam.step(&params, &[vec![0.5; 2]], 0.1).unwrap();
        assert!((value(&params) - 0.9).abs() < 1e-6);
        adam.step(&params, &[vec![-1.0; 2]], 0.1).unwrap();
        let (m, v) = ((0.9 * 0.05 - 0.1) / 0.19, (0.999 * 0.00025 + 0.001) / (1.0 - 0.999f64 * 0.999));
        assert!((f64::from(value(&params)) - (0.9 - 0.1 * m / v.sqrt())).abs() < 1e-5);
    }

    #[test]
    fn a_state_that_went_through_json_goes_on_to_the_same_bits() {
        let (whole, parts) = (at(1.0), at(1.0));
        let (mut straight, mut saved) = (Adam::new(&whole, 0.01), Adam::new(&parts, 0.01));
        let gradient = |step: usize| vec![vec![(step as f32).sin(), 0.3]];
        (0..5).for_each(|step| straight.step(&whole, &gradient(step), 0.01).unwrap());
        (0..3).for_each(|step| saved.step(&parts, &gradient(step), 0.01).unwrap());
        let mut resumed: Adam = serde_json::from_str(&serde_json::to_string(&saved).unwrap()).unwrap();
        (3..5).for_each(|step| resumed.step(&parts, &gradient(step), 0.01).unwrap());
        assert_eq!(resumed, straight);
        assert_eq!(parts.snapshot().unwrap(), whole.snapshot().unwrap());
    }

    #[test]
    fn clipping_keeps_the_direction_and_bounds_the_norm() {
        let mut gradients = vec![vec![3.0], vec![4.0]];
        assert_eq!(clip(&mut gradients, 10.0), 5.0);
        assert_eq!(gradients, [[3.0], [4.0]]);
        assert_eq!(clip(&mut gradients, 1.0), 5.0);
        assert!((gradients[0][0] - 0.6).abs() < 1e-6 && (gradients[1][0] - 0.8).abs() < 1e-6);
        assert!(clip(&mut [vec![f32::NAN]], 1.0).is_nan());
    }

    #[test]
    fn a_parameter_without_a_gradient_is_an_error() {
        let params = at(1.0);
        let other = Tensor::from_slice(&[1f32], 1, &Device::Cpu).unwrap();
        let store = other.sum_all().unwrap().backward().unwrap();
        assert!(gradients(&params, &store).unwrap_err().to_string().contains("`x`"));
    }
}
