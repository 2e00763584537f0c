//! Convolution, transposed convolution and the gradient of their kernels on plain slices, in three kinds of steps: planes into
//! `v` and `m`, matrix products, planes out of them. See [`super::scheme`].
//!
//! Images are taken in blocks that make good products and blocks in groups that stay in the cache. Groups follow each other;
//! within one, planes and products are divided among threads. The cuts depend on sizes alone, so every sum is in fixed order.

use std::ops::Range;

use rayon::prelude::*;

use super::geometry::Geometry;
use super::lay::{Lay, Planes, complete};
use super::scheme::Scheme;
use crate::neural::cpu::Scratch;
use crate::product::{Matrix, multiply};
use crate::wide::sum;

/// Columns of one product, at least where there are enough images.
const COLUMNS: usize = 256;
/// Values of `v` and `m` that one group holds.
const GROUP: usize = 2 << 20;
/// Lines a power of two apart fight over the same lines of the cache.
const PAD: usize = 16;
/// Rows of one product are split only where there are fewer products than this.
const PIECES: usize = 8;

/// A convolution of known sizes from `inputs` fine to `outputs` coarse channels.
pub(crate) struct Engine {
    g: Geometry,
    scheme: Scheme,
    inputs: usize,
    outputs: usize,
    images: usize,
}

/// What follows a convolution: `bias` for each channel, and `max(·, 0)` if `relu`.
#[derive(Clone, Copy)]
pub(crate) struct Finish<'a> {
    pub(crate) bias: Option<&'a [f32]>,
    pub(crate) relu: bool,
}

/// The side of which a gradient is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Fine,
    Coarse,
}

/// Gradients of the kernels `[outputs, inputs, kernel, kernel]`, of the other side if asked for, and the sums over all pixels
/// of each fine and each coarse channel: one of the two is the gradient of the bias.
pub(crate) struct Gradients {
    pub(crate) weight: Vec<f32>,
    pub(crate) side: Option<Vec<f32>>,
    pub(crate) bias: Vec<f32>,
}

impl Engine {
    pub(crate) fn new(g: Geometry, images: usize, inputs: usize, outputs: usize) -> Engine {
        Engine { g, scheme: Scheme::of(&g, inputs, outputs), inputs, outputs, images }
    }

    /// Images whose columns make one product.
    fn block(&self) -> usize {
        (COLUMNS / self.scheme.width(&self.g).max(1)).clamp(1, self.images.max(1))
    }

    fn lay(&self, side: Side) -> Lay {
        let (channels, rows) = match side {
            Side::Fine => (self.inputs, self.scheme.rows(&self.g)),
            Side::Coarse => (self.outputs, 1),
        };
        let line = (self.block() * self.scheme.width(&self.g)).next_multiple_of(PAD) + PAD;
        Lay { points: self.scheme.points(&self.g), channels, rows, line }
    }

    /// Blocks of one group.
    fn blocks(&self) -> usize {
        let (fine, coarse) = (self.lay(Side::Fine), self.lay(Side::Coarse));
        let most = GROUP / (fine.points * (fine.matrix() + coarse.matrix())).max(1);
        most.clamp(1, self.images.div_ceil(self.block()).max(1))
    }

    fn groups(&self) -> impl Iterator<Item = Range<usize>> {
        let (step, images) = (self.blocks() * self.block(), self.images);
        (0..images).step_by(step).map(move |from| from..(from + step).min(images))
    }

    fn scratch(&self, side: Side) -> Scratch {
        let lay = self.lay(side);
        Scratch::new(self.blocks() * lay.points * lay.matrix())
    }

    /// Images of the group that are in block `at`.
    fn in_block(&self, group: &Range<usize>, at: usize) -> Range<usize> {
        let from = group.start + at * self.block();
        from.min(group.end)..(from + self.block()).min(group.end)
    }

    fn plane(&self, side: Side) -> usize {
        if side == Side::Fine { self.g.planes().0 } else { self.g.planes().1 }
    }

    /// Writes the planes of a group into `v` or `m`; gives the sum of each channel in each block, if asked for.
    fn enter(&self, side: Side, group: &Range<usize>, planes: Planes, sums: bool, to: &mut [f32]) -> Vec<f32> {
        let (lay, len) = (self.lay(side), self.plane(side));
        let width = self.scheme.width(&self.g);
        let enter = |(at, mut points): (usize, Vec<&mut [f32]>)| {
            let (images, mut masked) = (self.in_block(group, at / lay.channels), Scratch::new(len));
            let one = |(place, image): (usize, usize)| {
                let from = (image * lay.channels + at % lay.channels) * len;
                let plane = planes.read(from, &mut masked);
                match side {
                    Side::Fine => self.scheme.unfold(&self.g, plane, &mut points, lay.line, place * width),
                    Side::Coarse => self.scheme.spread(&self.g, plane, &mut points, place * width),
                }
                if sums { sum(plane) } else { 0.0 }
            };
            images.enumerate().map(one).sum()
        };
        lay.parts(to).into_par_iter().enumerate().map(enter).collect()
    }

    /// Writes the planes of a group from `v` or `m`.
    fn leave(&self, side: Side, from: &[f32], finish: Finish, planes: &mut [f32]) {
        let (lay, width) = (self.lay(side), self.scheme.width(&self.g));
        planes.par_chunks_mut(self.plane(side)).enumerate().for_each(|(at, plane)| {
            let (image, channel) = (at / lay.channels, at % lay.channels);
            let points = lay.part(from, image / self.block(), channel);
            let place = image % self.block() * width;
            match side {
                Side::Fine => self.scheme.fold(&self.g, &points, lay.line, place, plane),
                Side::Coarse => self.scheme.gather(&self.g, &points, place, plane),
            }
            complete(plane, finish.bias.map_or(0.0, |bias| bias[channel]), finish.relu);
        });
    }

    /// `m = u v` for [`Side::Coarse`], `v = uᵀ m` for [`Side::Fine`].
    fn products(&self, to: Side, group: &Range<usize>, u: &[f32], from: &[f32], out: &mut [f32]) {
        let other = if to == Side::Fine { Side::Coarse } else { Side::Fine };
        let (lay, source) = (self.lay(to), self.lay(other));
        let (rows, inner) = (lay.channels * lay.rows, source.channels * source.rows);
        let piece = self.piece(rows, self.blocks() * lay.points);
        out.par_chunks_exact_mut(lay.matrix()).enumerate().for_each(|(at, out)| {
            let (block, point) = (at / lay.points, at % lay.points);
            let columns = self.in_block(group, block).len() * self.scheme.width(&self.g);
            let u = &u[point * rows * inner..][..rows * inner];
            let u = if to == Side::Fine {
                Matrix::new(u, (inner, rows), rows).t()
            } else {
                Matrix::new(u, (rows, inner), inner)
            };
            let from = Matrix::new(&from[at * source.matrix()..][..source.matrix()], (inner, columns), source.line);
            out.par_chunks_mut(piece * lay.line).enumerate().for_each(|(at, out)| {
                let count = out.len() / lay.line;
                multiply(out, lay.line, u.rows(at * piece, count), from, false);
            });
        });
    }

    /// `u += m vᵀ`, the blocks in order; the first group starts it.
    fn weight_products(&self, group: &Range<usize>, m: &[f32], v: &[f32], u: &mut [f32]) {
        let (coarse, fine) = (self.lay(Side::Coarse), self.lay(Side::Fine));
        let (rows, columns) = (coarse.channels, fine.channels * fine.rows);
        let piece = self.piece(rows, coarse.points);
        u.par_chunks_exact_mut(rows * columns).enumerate().for_each(|(point, u)| {
            u.par_chunks_mut(piece * columns).enumerate().for_each(|(at, u)| {
                for block in 0..self.blocks() {
                    let (inner, place) =
                        (self.in_block(group, block).len() * self.scheme.width(&self.g), block * coarse.points + point);
                    let m = Matrix::new(&m[place * coarse.matrix()..][..coarse.matrix()], (rows, inner), coarse.line);
                    let v = Matrix::new(&v[place * fine.matrix()..][..fine.matrix()], (columns, inner), fine.line);
                    let count = u.len() / columns;
                    let started = group.start > 0 || block > 0;
                    multiply(u, columns, m.rows(at * piece, count), v.t(), started);
                }
            });
        });
    }

    /// Rows of a piece of work.
    fn piece(&self, rows: usize, products: usize) -> usize {
        rows.div_ceil(PIECES.div_ceil(products)).max(1)
    }

    fn weights(&self, weight: &[f32]) -> Scratch {
        let (points, row) = (self.scheme.points(&self.g), self.inputs * self.scheme.rows(&self.g));
        let mut u = Scratch::new(points * self.outputs * row);
        let lay = Lay { points, channels: self.outputs, rows: 1, line: row };
        let kernels = weight.par_chunks_exact(self.inputs * self.g.taps());
        lay.parts(&mut u).into_par_iter().zip(kernels).for_each(|(mut points, kernels)| {
            self.scheme.weights(&self.g, kernels, &mut points);
        });
        u
    }

    fn weights_t(&self, u: &[f32]) -> Vec<f32> {
        let row = self.inputs * self.scheme.rows(&self.g);
        let lay = Lay { points: self.scheme.points(&self.g), channels: self.outputs, rows: 1, line: row };
        let mut weight = vec![0.0; self.outputs * self.inputs * self.g.taps()];
        weight.par_chunks_exact_mut(self.inputs * self.g.taps()).enumerate().for_each(|(channel, kernels)| {
            self.scheme.weights_t(&self.g, &lay.part(u, 0, channel), kernels);
        });
        weight
    }

    /// The convolution of `fine` for [`Side::Coarse`], the transposed one of `coarse` for [`Side::Fine`].
    pub(crate) fn forward(&self, to: Side, planes: &[f32], weight: &[f32], finish: Finish) -> Vec<f32> {
        let (from, channels) = if to == Side::Fine { (Side::Coarse, self.inputs) } else { (Side::Fine, self.outputs) };
        let (u, mut source, mut result) = (self.weights(weight), self.scratch(from), self.scratch(to));
        let image = channels * self.plane(to);
        let mut out = vec![0.0; self.images * image];
        for group in self.groups() {
            self.enter(from, &group, Planes { values: planes, mask: None }, false, &mut source);
            self.products(to, &group, &u, &source, &mut result);
            self.leave(to, &result, finish, &mut out[group.start * image..group.end * image]);
        }
        out
    }

    /// Gradients, where `gradient` says which side is the gradient of the output; the other is the input. `weight` is needed
    /// for the gradient of the input.
    pub(crate) fn gradients(&self, gradient: Side, fine: Planes, coarse: Planes, weight: Option<&[f32]>) -> Gradients {
        let (mut v, mut m) = (self.scratch(Side::Fine), self.scratch(Side::Coarse));
        let (points, row) = (self.scheme.points(&self.g), self.inputs * self.scheme.rows(&self.g));
        let mut du = Scratch::new(points * self.outputs * row);
        if self.images == 0 {
            du.fill(0.0);
        }
        let (u, to) =
            (weight.map(|weight| self.weights(weight)), if gradient == Side::Fine { Side::Coarse } else { Side::Fine });
        let (image, channels) = match to {
            Side::Fine => (self.inputs * self.plane(to), self.outputs),
            Side::Coarse => (self.outputs * self.plane(to), self.inputs),
        };
        let mut side = weight.map(|_| vec![0.0; self.images * image]);
        let mut bias = vec![0.0; channels];
        for group in self.groups() {
            let fine_sums = self.enter(Side::Fine, &group, fine, gradient == Side::Fine, &mut v);
            let coarse_sums = self.enter(Side::Coarse, &group, coarse, gradient == Side::Coarse, &mut m);
            let sums = if gradient == Side::Fine { fine_sums } else { coarse_sums };
            sums.iter().enumerate().for_each(|(at, sum)| bias[at % channels] += sum);
            self.weight_products(&group, &m, &v, &mut du);
            if let (Some(u), Some(side)) = (&u, &mut side) {
                let (from, result) = if to == Side::Fine { (&m, &mut v) } else { (&v, &mut m) };
                self.products(to, &group, u, from, result);
                self.leave(
                    to,
                    result,
                    Finish { bias: None, relu: false },
                    &mut side[group.start * image..group.end * image],
                );
            }
        }
        Gradients { weight: self.weights_t(&du), side, bias }
    }
}
