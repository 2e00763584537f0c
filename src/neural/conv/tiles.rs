//! The maps of [`super::transform`] on whole planes: kernel 3 at stride 1, and kernel 4 at stride 2, which is a kernel of 2 at
//! stride 1 on the four maps of even and odd rows and columns ("phases").
//!
//! A tile is 2 × 2 coarse values. A padded line is split once into segments of every `2 · stride`-th pixel, so that what a
//! row of tiles needs lies side by side. Points of a plane are `[points][phases · ...]`, each a row of one value a tile.

use super::geometry::Geometry;
use super::segments::{Cut, merge, split, tiles};
use super::transform::{Lanes, Three, Transform, Two, both};
use crate::neural::cpu::Scratch;
use crate::wide::wide;

#[inline(always)]
fn load<const W: usize>(from: &[f32], count: usize) -> Lanes<W> {
    if let (true, Some(lanes)) = (count >= W, from.first_chunk()) {
        return *lanes;
    }
    let mut lanes = [0.0; W];
    lanes.iter_mut().zip(&from[..count]).for_each(|(lane, value)| *lane = *value);
    lanes
}

#[inline(always)]
fn store<const W: usize>(to: &mut [f32], lanes: Lanes<W>, count: usize) {
    match to.first_chunk_mut() {
        Some(whole) if count >= W => *whole = lanes,
        _ => to[..count].iter_mut().zip(lanes).for_each(|(value, lane)| *value = lane),
    }
}

#[inline(always)]
fn unfold_in<X: Transform<P, R>, const P: usize, const R: usize, const W: usize>(
    g: &Geometry,
    map: &[f32],
    points: &mut [&mut [f32]],
    row: usize,
    at: usize,
) {
    let (cut, (down, across), stride) = (Cut::new(g, W), tiles(g), g.window.stride);
    let mut segments = Scratch::new(cut.len());
    if stride == 2 {
        split::<4>(g, cut, map, &mut segments)
    } else {
        split::<2>(g, cut, map, &mut segments)
    }
    for (ty, tx) in (0..down).flat_map(|ty| (0..across).step_by(W).map(move |tx| (ty, tx))) {
        for phase in 0..stride * stride {
            let mut window = [[[0.0; W]; P]; P];
            for (i, line) in window.iter_mut().enumerate() {
                for (j, lanes) in line.iter_mut().enumerate() {
                    let from = cut.at(cut.step * ty + stride * i + phase / stride, stride * j + phase % stride) + tx;
                    *lanes = load(&segments[from..], W);
                }
            }
            let window = both(window, X::input);
            for (point, out) in points.iter_mut().enumerate() {
                store(&mut out[phase * row + at + ty * across + tx..], window[point / P][point % P], across - tx);
            }
        }
    }
}

#[inline(always)]
fn fold_in<X: Transform<P, R>, const P: usize, const R: usize, const W: usize>(
    g: &Geometry,
    points: &[&[f32]],
    row: usize,
    at: usize,
    map: &mut [f32],
) {
    let (cut, (down, across), stride) = (Cut::new(g, W), tiles(g), g.window.stride);
    let mut segments = Scratch::zeros(cut.len());
    for (ty, tx) in (0..down).flat_map(|ty| (0..across).step_by(W).map(move |tx| (ty, tx))) {
        for phase in 0..stride * stride {
            let mut window = [[[0.0; W]; P]; P];
            for (point, values) in points.iter().enumerate() {
                window[point / P][point % P] = load(&values[phase * row + at + ty * across + tx..], across - tx);
            }
            let window = both(window, X::input_t);
            for (i, line) in window.into_iter().enumerate() {
                for (j, lanes) in line.into_iter().enumerate() {
                    let to = cut.at(cut.step * ty + stride * i + phase / stride, stride * j + phase % stride) + tx;
                    for (value, lane) in segments[to..to + W].iter_mut().zip(lanes) {
                        *value += lane;
                    }
                }
            }
        }
    }
    if stride == 2 { merge::<4>(g, cut, &segments, map) } else { merge::<2>(g, cut, &segments, map) }
}

#[inline(always)]
fn gather_in<X: Transform<P, R>, const P: usize, const R: usize, const W: usize>(
    g: &Geometry,
    points: &[&[f32]],
    at: usize,
    map: &mut [f32],
) {
    let ((down, across), (height, width)) = (tiles(g), g.coarse);
    for (ty, tx) in (0..down).flat_map(|ty| (0..across).step_by(W).map(move |tx| (ty, tx))) {
        let mut window = [[[0.0; W]; P]; P];
        for (point, values) in points.iter().enumerate() {
            window[point / P][point % P] = load(&values[at + ty * across + tx..], across - tx);
        }
        let lines = both(window, X::output);
        for (i, line) in lines.iter().enumerate().take(height - 2 * ty) {
            let out = &mut map[(2 * ty + i) * width..][2 * tx..width];
            let (whole, rest) = out.as_chunks_mut::<2>();
            for (pair, (a, b)) in whole.iter_mut().zip(line[0].iter().zip(&line[1])) {
                *pair = [*a, *b];
            }
            if let (Some(last), true) = (rest.first_mut(), whole.len() < W) {
                *last = line[0][whole.len()];
            }
        }
    }
}

#[inline(always)]
fn spread_in<X: Transform<P, R>, const P: usize, const R: usize, const W: usize>(
    g: &Geometry,
    map: &[f32],
    points: &mut [&mut [f32]],
    at: usize,
) {
    let ((down, across), (height, width)) = (tiles(g), g.coarse);
    for (ty, tx) in (0..down).flat_map(|ty| (0..across).step_by(W).map(move |tx| (ty, tx))) {
        let mut window = [[[0.0; W]; 2]; 2];
        for (i, line) in window.iter_mut().enumerate().take(height - 2 * ty) {
            let (whole, rest) = map[(2 * ty + i) * width..][2 * tx..width].as_chunks::<2>();
            let [a, b] = line;
            for ((a, b), pair) in a.iter_mut().zip(b).zip(whole) {
                (*a, *b) = (pair[0], pair[1]);
            }
            if let (Some(last), true) = (rest.first(), whole.len() < W) {
                line[0][whole.len()] = *last;
            }
        }
        let window = both(window, X::output_t);
        for (point, out) in points.iter_mut().enumerate() {
            store(&mut out[at + ty * across + tx..], window[point / P][point % P], across - tx);
        }
    }
}

/// Calls the map for the kernel and for as many lanes as a row of tiles fills.
macro_rules! by_size {
    ($g:ident, $name:ident($($arg:expr),*)) => {
        match (tiles($g).1, $g.window.stride) {
            (16.., 2) => $name::<Two, 3, 2, 16>($($arg),*),
            (8.., 2) => $name::<Two, 3, 2, 8>($($arg),*),
            (_, 2) => $name::<Two, 3, 2, 4>($($arg),*),
            (16.., _) => $name::<Three, 4, 3, 16>($($arg),*),
            (8.., _) => $name::<Three, 4, 3, 8>($($arg),*),
            (_, _) => $name::<Three, 4, 3, 4>($($arg),*),
        }
    };
}

wide! {
    /// `Bᵀ x B` of a fine plane: for each phase a row of tiles, `row` apart, from `at`, in each of the `points`.
    pub(crate) fn unfold(g: &Geometry, map: &[f32], points: &mut [&mut [f32]], row: usize, at: usize) {
        by_size!(g, unfold_in(g, map, points, row, at));
    }
}

wide! {
    /// The transpose of [`unfold`]; writes all of `map`.
    pub(crate) fn fold(g: &Geometry, points: &[&[f32]], row: usize, at: usize, map: &mut [f32]) {
        by_size!(g, fold_in(g, points, row, at, map));
    }
}

wide! {
    /// `Aᵀ m A`: a coarse plane from its tiles, which start at `at` in each of the `points`.
    pub(crate) fn gather(g: &Geometry, points: &[&[f32]], at: usize, map: &mut [f32]) {
        by_size!(g, gather_in(g, points, at, map));
    }
}

wide! {
    /// The transpose of [`gather`].
    pub(crate) fn spread(g: &Geometry, map: &[f32], points: &mut [&mut [f32]], at: usize) {
        by_size!(g, spread_in(g, map, points, at));
    }
}
