//! The two linear maps behind a convolution of kernel 4, stride 2, padding 1: unfold an image into columns, fold them back.
//! Chellapilla, Puri, Simard, "High performance convolutional neural networks for document processing" (2006), section 2.
//!
//! Each is the other's transpose, so each is the other's gradient. candle's own convolutions are several times slower here.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

/// Kernel height and width.
pub const KERNEL: usize = 4;
const TAPS: usize = KERNEL * KERNEL;

/// Images of `fine = (height, width)` beside maps half as high and wide, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Images, for each channel.
    pub rows: usize,
    /// Height and width of the images.
    pub fine: (usize, usize),
}

impl Grid {
    /// Height and width after the stride.
    pub fn coarse(&self) -> (usize, usize) {
        (self.fine.0 / 2, self.fine.1 / 2)
    }

    fn fine_len(&self) -> usize {
        self.fine.0 * self.fine.1
    }

    fn coarse_len(&self) -> usize {
        self.coarse().0 * self.coarse().1
    }

    /// `[channels, rows, height, width]` to `[channels · 16, rows · height/2 · width/2]`: below each other the 16 values
    /// under the kernel, zero outside the image.
    pub fn unfold(self, images: &Tensor) -> Result<Tensor> {
        images.contiguous()?.apply_op1(Unfold(self))
    }

    /// The transpose of [`Grid::unfold`]: adds each of the 16 values to the pixel it came from.
    pub fn fold(self, columns: &Tensor) -> Result<Tensor> {
        columns.contiguous()?.apply_op1(Fold(self))
    }

    fn unfold_into(self, channel: &[f32], tap: usize, columns: &mut [f32]) {
        let planes = channel.chunks_exact(self.fine_len());
        for (image, map) in planes.zip(columns.chunks_exact_mut(self.coarse_len())) {
            for (row, out) in map.chunks_exact_mut(self.coarse().1).enumerate() {
                if let Some((from, to)) = self.reach(tap, row) {
                    let pixels = image[from.0..from.1].chunks(2);
                    out[to..].iter_mut().zip(pixels).for_each(|(out, pair)| *out = pair[0]);
                }
            }
        }
    }

    fn fold_into(self, map: &[f32], tap: usize, image: &mut [f32]) {
        for (row, values) in map.chunks_exact(self.coarse().1).enumerate() {
            if let Some((from, to)) = self.reach(tap, row) {
                let pixels = image[from.0..from.1].chunks_mut(2);
                values[to..].iter().zip(pixels).for_each(|(value, pair)| pair[0] += value);
            }
        }
    }

    /// For one kernel tap and one row of the coarse map: the span of the image in which every second pixel is met, and the
    /// first coarse column that meets one. None where the tap hangs over the upper or lower edge.
    fn reach(self, tap: usize, row: usize) -> Option<((usize, usize), usize)> {
        let (height, width) = self.fine;
        let line = (2 * row + tap / KERNEL).checked_sub(1).filter(|line| *line < height)?;
        let first = usize::from(tap.is_multiple_of(KERNEL));
        let start = 2 * first + tap % KERNEL - 1;
        (start < width).then_some(((line * width + start, (line + 1) * width), first))
    }
}

struct Unfold(Grid);

impl CustomOp1 for Unfold {
    fn name(&self) -> &'static str {
        "unfold"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (grid, images) = (self.0, values(storage, layout)?);
        let channel_len = grid.rows * grid.fine_len();
        let (channels, width) = (images.len() / channel_len, grid.rows * grid.coarse_len());
        let mut columns = vec![0.0; channels * TAPS * width];
        columns.par_chunks_mut(width).enumerate().for_each(|(at, columns)| {
            grid.unfold_into(&images[at / TAPS * channel_len..][..channel_len], at % TAPS, columns);
        });
        Ok((CpuStorage::F32(columns), (channels * TAPS, width).into()))
    }

    fn bwd(&self, _images: &Tensor, _columns: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        self.0.fold(gradient).map(Some)
    }
}

struct Fold(Grid);

impl CustomOp1 for Fold {
    fn name(&self) -> &'static str {
        "fold"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (grid, columns) = (self.0, values(storage, layout)?);
        let map = |channel: usize, tap: usize, row: usize| {
            &columns[((channel * TAPS + tap) * grid.rows + row) * grid.coarse_len()..][..grid.coarse_len()]
        };
        let channels = columns.len() / (TAPS * grid.rows * grid.coarse_len());
        let mut images = vec![0.0; channels * grid.rows * grid.fine_len()];
        images.par_chunks_mut(grid.fine_len()).enumerate().for_each(|(at, image)| {
            (0..TAPS).for_each(|tap| grid.fold_into(map(at / grid.rows, tap, at % grid.rows), tap, image));
        });
        Ok((CpuStorage::F32(images), (channels, grid.rows, grid.fine.0, grid.fine.1).into()))
    }

    fn bwd(&self, _columns: &Tensor, _images: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        self.0.unfold(gradient).map(Some)
    }
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => bail!("fold and unfold need contiguous tensors"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::noise;
    use proptest::prelude::{ProptestConfig, proptest};

    fn flat(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn dot(a: &Tensor, b: &Tensor) -> f64 {
        flat(a).iter().zip(flat(b)).map(|(a, b)| f64::from(*a) * f64::from(b)).sum()
    }

    /// Pixel by pixel, from the definition.
    fn naive_unfold(grid: Grid, images: &Tensor) -> Vec<f32> {
        let (channels, rows, height, width) = images.dims4().unwrap();
        let (pixels, (high, wide)) = (flat(images), grid.coarse());
        let mut columns = Vec::new();
        for (channel, tap, row) in (0..channels * TAPS * rows).map(|at| (at / rows / TAPS, at / rows % TAPS, at % rows))
        {
            for (y, x) in (0..high * wide).map(|at| (2 * (at / wide) + tap / 4, 2 * (at % wide) + tap % 4)) {
                let inside = (1..=height).contains(&y) && (1..=width).contains(&x);
                columns.push(if inside {
                    pixels[((channel * rows + row) * height + y - 1) * width + x - 1]
                } else {
                    0.0
                });
            }
        }
        columns
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn unfold_equals_its_definition_and_fold_is_its_transpose(channels in 1usize..4, rows in 1usize..4, height in 2usize..9, width in 2usize..9) {
            let grid = Grid { rows, fine: (height, width) };
            let images = noise("images", &[channels, rows, height, width]);
            let columns = grid.unfold(&images).unwrap();
            assert_eq!(flat(&columns), naive_unfold(grid, &images));
            let other = noise("columns", columns.dims());
            let (left, right) = (dot(&columns, &other), dot(&images, &grid.fold(&other).unwrap()));
            assert!((left - right).abs() < 1e-3, "{left} against {right}");
        }
    }
}
