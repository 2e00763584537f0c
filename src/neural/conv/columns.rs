//! The linear map behind any convolution, and its transpose: unfold a map into one row for each kernel tap, fold it back.
//! Chellapilla, Puri, Simard, "High performance convolutional neural networks for document processing" (2006), section 2.

use super::geometry::Geometry;
use crate::wide::wide;

wide! {
    /// `map` `[height, width]` to `taps` rows of `coarse` values, `stride` apart in `rows`, each from `at`.
    pub(crate) fn unfold(g: &Geometry, map: &[f32], rows: &mut [f32], stride: usize, at: usize) {
        for tap in 0..g.taps() {
            let row = &mut rows[tap * stride + at..][..g.planes().1];
            let (ky, kx) = (tap / g.kernel.1, tap % g.kernel.1);
            let (top, bottom) = g.reach(ky, g.fine.0, g.coarse.0);
            let reach = g.reach(kx, g.fine.1, g.coarse.1);
            row[..top * g.coarse.1].fill(0.0);
            row[bottom * g.coarse.1..].fill(0.0);
            for y in top..bottom {
                let line = &map[(y * g.window.stride + ky - g.window.padding) * g.fine.1..][..g.fine.1];
                take(line, g, kx, reach, &mut row[y * g.coarse.1..][..g.coarse.1]);
            }
        }
    }
}

#[inline(always)]
fn take(line: &[f32], g: &Geometry, tap: usize, (from, to): (usize, usize), out: &mut [f32]) {
    out[..from].fill(0.0);
    out[to..].fill(0.0);
    if from == to {
        return;
    }
    let (line, out) = (&line[from * g.window.stride + tap - g.window.padding..], &mut out[from..to]);
    match g.window.stride {
        1 => out.copy_from_slice(&line[..to - from]),
        2 => out.iter_mut().zip(line.chunks(2)).for_each(|(out, pair)| *out = pair[0]),
        stride => out.iter_mut().zip(line.iter().step_by(stride)).for_each(|(out, pixel)| *out = *pixel),
    }
}

wide! {
    /// The transpose of [`unfold`]: adds each of the rows' values to the pixel it came from, in a `map` that starts at 0.
    pub(crate) fn fold(g: &Geometry, rows: &[f32], stride: usize, at: usize, map: &mut [f32]) {
        map.fill(0.0);
        for tap in 0..g.taps() {
            let row = &rows[tap * stride + at..][..g.planes().1];
            let (ky, kx) = (tap / g.kernel.1, tap % g.kernel.1);
            let (top, bottom) = g.reach(ky, g.fine.0, g.coarse.0);
            let reach = g.reach(kx, g.fine.1, g.coarse.1);
            for y in top..bottom {
                let line = &mut map[(y * g.window.stride + ky - g.window.padding) * g.fine.1..][..g.fine.1];
                add(&row[y * g.coarse.1..][..g.coarse.1], g, kx, reach, line);
            }
        }
    }
}

#[inline(always)]
fn add(values: &[f32], g: &Geometry, tap: usize, (from, to): (usize, usize), line: &mut [f32]) {
    if from == to {
        return;
    }
    let (values, line) = (&values[from..to], &mut line[from * g.window.stride + tap - g.window.padding..]);
    match g.window.stride {
        1 => line.iter_mut().zip(values).for_each(|(pixel, value)| *pixel += value),
        2 => line.chunks_mut(2).zip(values).for_each(|(pair, value)| pair[0] += value),
        stride => line.iter_mut().step_by(stride).zip(values).for_each(|(pixel, value)| *pixel += value),
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Window;
    use super::*;
    use crate::random::Stream;
    use proptest::prelude::{ProptestConfig, proptest};

    fn naive(g: &Geometry, map: &[f32]) -> Vec<f32> {
        let pixel = |at: usize| {
            let (tap, place) = (at / g.planes().1, at % g.planes().1);
            let y = (place / g.coarse.1 * g.window.stride + tap / g.kernel.1).checked_sub(g.window.padding)?;
            let x = (place % g.coarse.1 * g.window.stride + tap % g.kernel.1).checked_sub(g.window.padding)?;
            (y < g.fine.0 && x < g.fine.1).then(|| map[y * g.fine.1 + x])
        };
        (0..g.taps() * g.planes().1).map(|at| pixel(at).unwrap_or(0.0)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(80))]
        #[test]
        fn unfold_equals_its_definition_and_fold_is_its_transpose(
            fine in (5usize..12, 5usize..12), kernel in (1usize..6, 1usize..6), stride in 1usize..4, padding in 0usize..3,
        ) {
            let g = Geometry::of_conv(fine, kernel, Window { stride, padding }).unwrap();
            let draw = |name: &str, len| Stream::new(1, name).normals(len);
            let (map, len) = (draw("map", g.planes().0), g.planes().1);
            let mut rows = vec![9.0; g.taps() * len];
            unfold(&g, &map, &mut rows, len, 0);
            assert_eq!(rows, naive(&g, &map));
            let (other, mut back) = (draw("rows", rows.len()), vec![9.0; map.len()]);
            fold(&g, &other, len, 0, &mut back);
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
            assert!((dot(&rows, &other) - dot(&map, &back)).abs() < 1e-3);
        }
    }
}
