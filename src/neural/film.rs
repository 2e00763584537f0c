//! Feature-wise linear modulation: what is known of a row (its class) scales and shifts every channel.
//! Perez, Strub, de Vries, Dumoulin, Courville, "FiLM: visual reasoning with a general conditioning layer" (AAAI 2018), equation 2.
//!
//! Written `h · (1 + γ(y)) + β(y)` with γ and β linear in `y` without a bias: a `y` of zeros leaves `h` as it is, and says
//! "not known".

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::cpu::{values, with_all};
use super::params::Params;
use crate::wide::{dot, sum, wide};

/// Scale and shift of `channels` channels for each of `classes` classes.
#[derive(Clone, Debug)]
pub struct Film {
    scale: Tensor,
    shift: Tensor,
}

impl Film {
    /// Parameters `<name>.scale.weight` and `<name>.shift.weight`, `[channels, classes]` as two `Linear`s without bias have
    /// them; zeros, so that at first no class differs from another. None for no classes.
    pub fn new(params: &mut Params, name: &str, classes: usize, channels: usize) -> Result<Option<Film>> {
        if classes == 0 {
            return Ok(None);
        }
        let mut zeros = |part: &str| params.constant(&format!("{name}.{part}.weight"), &[channels, classes], 0.0);
        Ok(Some(Film { scale: zeros("scale")?, shift: zeros("shift")? }))
    }

    /// `h` is `[rows, channels, ...]`, as is the result; `y` `[rows, classes]` has a one at the class of each row.
    pub fn forward(&self, h: &Tensor, y: &Tensor) -> Result<Tensor> {
        let (scale, shift) = (y.matmul(&self.scale.t()?)?, y.matmul(&self.shift.t()?)?);
        if h.device().is_cpu() { h.contiguous()?.apply_op3(&scale, &shift, Modulate) } else { stock(h, &scale, &shift) }
    }
}

/// The same by candle's own operations, for other devices.
fn stock(h: &Tensor, scale: &Tensor, shift: &Tensor) -> Result<Tensor> {
    let shape: Vec<usize> = h.dims().iter().enumerate().map(|(axis, size)| if axis < 2 { *size } else { 1 }).collect();
    let (scale, shift) = (scale.reshape(shape.as_slice())?, shift.reshape(shape.as_slice())?);
    h.broadcast_mul(&(scale + 1.0)?)?.broadcast_add(&shift)
}

struct Modulate;

/// Values of one channel of one row.
fn plane(h: &[usize], scale: &[usize]) -> Result<usize> {
    match h {
        [rows, channels, rest @ ..] if [*rows, *channels] == scale => Ok(rest.iter().product()),
        _ => bail!("scales of {scale:?} do not fit values of {h:?}"),
    }
}

wide! {
    fn forward(scale: f32, shift: f32, h: &[f32], out: &mut [f32]) {
        out.iter_mut().zip(h).for_each(|(out, h)| *out = h * (1.0 + scale) + shift);
    }
}

wide! {
    /// Writes the gradient of `h`; gives those of scale and shift.
    fn backward(scale: f32, h: &[f32], gradient: &[f32], dh: &mut [f32]) -> (f32, f32) {
        dh.iter_mut().zip(gradient).for_each(|(dh, g)| *dh = g * (1.0 + scale));
        (dot(gradient, h), sum(gradient))
    }
}

impl CustomOp3 for Modulate {
    fn name(&self) -> &'static str {
        "film"
    }

    fn cpu_fwd(
        &self,
        h: &CpuStorage,
        h_layout: &Layout,
        scale: &CpuStorage,
        scale_layout: &Layout,
        shift: &CpuStorage,
        shift_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let plane = plane(h_layout.dims(), scale_layout.dims())?.max(1);
        let (h, scale, shift) = (values(h, h_layout)?, values(scale, scale_layout)?, values(shift, shift_layout)?);
        let mut out = vec![0.0; h.len()];
        let parts = out.par_chunks_exact_mut(plane).zip(h.par_chunks_exact(plane)).enumerate();
        parts.for_each(|(at, (out, h))| forward(scale[at], shift[at], h, out));
        Ok((CpuStorage::F32(out), h_layout.shape().clone()))
    }

    fn bwd(
        &self,
        h: &Tensor,
        scale: &Tensor,
        _shift: &Tensor,
        _out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let plane = plane(h.dims(), scale.dims())?.max(1);
        let mut dh = vec![0.0; h.elem_count()];
        let sums: Vec<(f32, f32)> = with_all([h, scale, gradient], |[h, scale, gradient]| {
            let parts =
                dh.par_chunks_exact_mut(plane).zip(h.par_chunks_exact(plane)).zip(gradient.par_chunks_exact(plane));
            parts.enumerate().map(|(at, ((dh, h), gradient))| backward(scale[at], h, gradient, dh)).collect()
        })?;
        let (dscale, dshift): (Vec<f32>, Vec<f32>) = sums.into_iter().unzip();
        let like = |values, tensor: &Tensor| Tensor::from_vec(values, tensor.shape(), h.device()).map(Some);
        Ok((like(dh, h)?, like(dscale, scale)?, like(dshift, scale)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use candle_core::Device;

    fn film(classes: usize, channels: usize) -> (Params, Film) {
        let mut params = Params::new(1, &Device::Cpu);
        let film = Film::new(&mut params, "film", classes, channels).unwrap().unwrap();
        (params, film)
    }

    fn flat(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn an_unknown_class_changes_nothing() {
        let (params, film) = film(3, 4);
        params.vars().iter().for_each(|(name, var)| var.set(&noise(name, var.dims())).unwrap());
        let h = noise("h", &[2, 4, 3, 5]);
        let zeros = Tensor::zeros((2, 3), candle_core::DType::F32, &Device::Cpu).unwrap();
        assert_eq!(flat(&film.forward(&h, &zeros).unwrap()), flat(&h));
    }

    #[test]
    fn candles_own_operations_give_the_same() {
        for shape in [vec![3, 4], vec![3, 4, 5, 2]] {
            let (h, scale, shift) = (noise("h", &shape), noise("scale", &[3, 4]), noise("shift", &[3, 4]));
            let (ours, theirs) = (h.apply_op3(&scale, &shift, Modulate).unwrap(), stock(&h, &scale, &shift).unwrap());
            assert!(flat(&ours).iter().zip(flat(&theirs)).all(|(a, b)| (a - b).abs() < 1e-6));
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(1, &Device::Cpu);
        let film = Film::new(&mut params, "film", 3, 4).unwrap().unwrap();
        let h = params.kaiming("h", &[2, 4, 3, 2], 1).unwrap();
        let y = noise("y", &[2, 3]);
        assert_gradients(&params, || film.forward(&h, &y));
    }

    #[test]
    fn scales_of_another_shape_are_refused() {
        let (_, film) = film(3, 4);
        assert!(film.forward(&noise("h", &[2, 5]), &noise("y", &[2, 3])).is_err());
        assert!(Film::new(&mut Params::new(1, &Device::Cpu), "none", 0, 4).unwrap().is_none());
    }
}
