//! How planes and matrices of a convolution lie in memory, and what is done to a plane on its way in and out.

use crate::wide::wide;

/// Planes `[images, channels, height, width]`; where there is a `mask`, 0 wherever that is not above 0.
#[derive(Clone, Copy)]
pub(crate) struct Planes<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) mask: Option<&'a [f32]>,
}

/// `v` or `m`: `[blocks, points, rows, columns]`, `rows` for each of `channels`, lines `line` apart.
#[derive(Clone, Copy)]
pub(crate) struct Lay {
    pub(crate) points: usize,
    pub(crate) channels: usize,
    pub(crate) rows: usize,
    pub(crate) line: usize,
}

impl Lay {
    /// Values of one point of one block.
    pub(crate) fn matrix(self) -> usize {
        self.channels * self.rows * self.line
    }

    /// For each block and channel its part of each point.
    pub(crate) fn parts(self, values: &mut [f32]) -> Vec<Vec<&mut [f32]>> {
        let parts = |block| {
            let mut parts: Vec<Vec<&mut [f32]>> = (0..self.channels).map(|_| Vec::with_capacity(self.points)).collect();
            let rows = <[f32]>::chunks_exact_mut(block, self.rows * self.line);
            rows.enumerate().for_each(|(at, rows)| parts[at % self.channels].push(rows));
            parts
        };
        values.chunks_exact_mut(self.points * self.matrix()).flat_map(parts).collect()
    }

    /// Of one block and channel, its part of each point.
    pub(crate) fn part(self, values: &[f32], block: usize, channel: usize) -> Vec<&[f32]> {
        let part = |point: usize| {
            &values[(block * self.points + point) * self.matrix() + channel * self.rows * self.line..]
                [..self.rows * self.line]
        };
        (0..self.points).map(part).collect()
    }
}

impl<'a> Planes<'a> {
    /// One plane, from value `from` on; `masked` is where it is put if there is a mask.
    pub(crate) fn read<'b>(&self, from: usize, masked: &'b mut [f32]) -> &'b [f32]
    where
        'a: 'b,
    {
        let values = &self.values[from..][..masked.len()];
        let Some(mask) = self.mask else { return values };
        apply_mask(values, &mask[from..][..masked.len()], masked);
        masked
    }
}

wide! {
    fn apply_mask(values: &[f32], mask: &[f32], out: &mut [f32]) {
        for ((out, value), mask) in out.iter_mut().zip(values).zip(mask) {
            *out = if *mask > 0.0 { *value } else { 0.0 };
        }
    }
}

wide! {
    /// Adds `bias`, then `max(·, 0)` if `relu`.
    pub(crate) fn complete(plane: &mut [f32], bias: f32, relu: bool) {
        match relu {
            // Not `max`, which would hide values that are not numbers.
            true => plane.iter_mut().for_each(|value| *value = if *value + bias < 0.0 { 0.0 } else { *value + bias }),
            false if bias != 0.0 => plane.iter_mut().for_each(|value| *value += bias),
            false => (),
        }
    }
}
