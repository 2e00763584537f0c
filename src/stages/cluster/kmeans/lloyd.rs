//! Lloyd's iteration: assign each point to the nearest centre, move each centre to the mean of its points.
//! Lloyd, "Least squares quantization in PCM" (1982). Distances come from matrix products: `|c|² - 2 c·x` ranks centres.

use ndarray::{Array2, ArrayView2, Axis};

use super::Fit;
use crate::stats::distance::squared;
use crate::stats::linalg::dot_products;

/// Points assigned together: their products with the centres stay in the first-level cache.
const CHUNK: usize = 256;

/// Points as rows one after another, moved so that their mean is the origin (differences keep more digits there).
pub struct Cloud {
    values: Vec<f64>,
    mean: Vec<f64>,
    dims: usize,
}

impl Cloud {
    /// `points` is `[points, dims]`, at least one. Points without columns get one of zeros.
    pub fn new(points: ArrayView2<f64>) -> Cloud {
        if points.ncols() == 0 {
            return Cloud { values: vec![0.0; points.nrows()], mean: vec![], dims: 1 };
        }
        let mean = points.mean_axis(Axis(0)).map(|mean| mean.to_vec()).unwrap_or_default();
        let mut cloud = Cloud { values: Vec::new(), mean, dims: points.ncols() };
        cloud.values = cloud.centred(points);
        cloud
    }

    /// Rows of `points` moved as the cloud was.
    pub fn centred(&self, points: ArrayView2<f64>) -> Vec<f64> {
        let rows = points.rows().into_iter();
        rows.flat_map(|row| row.iter().zip(&self.mean).map(|(x, m)| x - m).collect::<Vec<_>>()).collect()
    }

    /// The fit with its centres where the points were.
    pub fn move_back(&self, mut fit: Fit) -> Fit {
        fit.centres
            .rows_mut()
            .into_iter()
            .for_each(|mut row| row.iter_mut().zip(&self.mean).for_each(|(x, m)| *x += m));
        fit
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.values.len() / self.dims
    }

    /// Values a point has.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// One point.
    pub fn point(&self, row: usize) -> &[f64] {
        &self.values[row * self.dims..(row + 1) * self.dims]
    }

    /// All points, one after another.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.dims)
    }

    /// All points, in chunks of `rows` rows.
    pub fn chunks(&self, rows: usize) -> impl Iterator<Item = &[f64]> {
        self.values.chunks(rows * self.dims)
    }
}

/// Iterates from `centres` (`[k, dims]`, row-major, moved as the cloud) until no label changes, or the centres move by less
/// than `tolerance` (sum of squares), or `max_iterations` is reached. Labels always belong to the final centres.
pub fn run(cloud: &Cloud, mut centres: Vec<f64>, max_iterations: usize, tolerance: f64) -> Fit {
    let mut labels = vec![0; cloud.len()];
    let (mut iterations, mut settled) = (0, false);
    while iterations < max_iterations {
        let before = (iterations > 0).then(|| labels.clone());
        assign(cloud, &centres, &mut labels);
        let moved = means(cloud, &centres, &mut labels.clone());
        let shift = squared(&moved, &centres);
        centres = moved;
        iterations += 1;
        settled = before.as_ref() == Some(&labels);
        if settled || shift <= tolerance {
            break;
        }
    }
    if !settled {
        assign(cloud, &centres, &mut labels);
    }
    finish(cloud, centres, labels, iterations)
}

fn finish(cloud: &Cloud, centres: Vec<f64>, labels: Vec<usize>, iterations: usize) -> Fit {
    let dims = cloud.dims();
    let distances =
        cloud.rows().zip(&labels).map(|(point, own)| squared(point, &centres[own * dims..(own + 1) * dims]));
    let inertia = distances.sum();
    let labels = labels.into_iter().map(|label| label as i32).collect();
    let centres = Array2::from_shape_vec((centres.len() / dims, dims), centres).expect("k rows of dims values");
    Fit { labels, centres, inertia, iterations }
}

/// Writes the index of the nearest centre of each point (the lowest of equals).
pub fn assign(cloud: &Cloud, centres: &[f64], labels: &mut [usize]) {
    let k = centres.len() / cloud.dims();
    let halves: Vec<f64> =
        centres.chunks_exact(cloud.dims()).map(|c| c.iter().map(|x| x * x).sum::<f64>() / 2.0).collect();
    let mut dots = vec![0.0; k * CHUNK];
    for (chunk, labels) in cloud.chunks(CHUNK).zip(labels.chunks_mut(CHUNK)) {
        let dots = &mut dots[..k * labels.len()];
        dot_products(centres, chunk, cloud.dims(), dots);
        nearest(dots, &halves, labels);
    }
}

/// `dots` is `[k, points]`; the nearest centre has the least `|c|² / 2 - c·x`.
fn nearest(dots: &[f64], halves: &[f64], labels: &mut [usize]) {
    let mut least = [f64::INFINITY; CHUNK];
    for (centre, (dots, half)) in dots.chunks_exact(labels.len()).zip(halves).enumerate() {
        for ((least, label), dot) in least.iter_mut().zip(labels.iter_mut()).zip(dots) {
            let score = half - dot;
            *label = if score < *least { centre } else { *label };
            *least = if score < *least { score } else { *least };
        }
    }
}

/// Mean of the points of each centre, after giving each empty centre a far point of its own.
fn means(cloud: &Cloud, centres: &[f64], labels: &mut [usize]) -> Vec<f64> {
    let (dims, k) = (cloud.dims(), centres.len() / cloud.dims());
    let mut sizes = vec![0usize; k];
    labels.iter().for_each(|label| sizes[*label] += 1);
    relocate(cloud, centres, labels, &mut sizes);
    let mut means = vec![0.0; centres.len()];
    for (point, label) in cloud.rows().zip(labels.iter()) {
        means[label * dims..(label + 1) * dims].iter_mut().zip(point).for_each(|(sum, x)| *sum += x);
    }
    for ((mean, old), size) in means.chunks_exact_mut(dims).zip(centres.chunks_exact(dims)).zip(&sizes) {
        match size {
            0 => mean.copy_from_slice(old),
            _ => mean.iter_mut().for_each(|x| *x /= *size as f64),
        }
    }
    means
}

/// Moves the points farthest from their centres to the empty ones, as scikit-learn does; nothing where all points lie on
/// their centres, for then there are fewer distinct points than clusters.
fn relocate(cloud: &Cloud, centres: &[f64], labels: &mut [usize], sizes: &mut [usize]) {
    let empty: Vec<usize> = (0..sizes.len()).filter(|centre| sizes[*centre] == 0).collect();
    if empty.is_empty() {
        return;
    }
    let centre = |label: usize| &centres[label * cloud.dims()..(label + 1) * cloud.dims()];
    let distances: Vec<f64> =
        cloud.rows().zip(labels.iter()).map(|(point, label)| squared(point, centre(*label))).collect();
    let mut farthest: Vec<usize> = (0..labels.len()).filter(|row| distances[*row] > 0.0).collect();
    farthest.sort_by(|a, b| distances[*b].total_cmp(&distances[*a]));
    for (centre, row) in empty.into_iter().zip(farthest) {
        sizes[labels[row]] -= 1;
        sizes[centre] = 1;
        labels[row] = centre;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert, proptest};

    proptest! {
        #[test]
        fn each_point_gets_its_nearest_centre(
            values in prop::collection::vec(-9.0..9.0, 900), centres in prop::collection::vec(-9.0..9.0, 15),
        ) {
            let cloud = Cloud::new(Array2::from_shape_vec((300, 3), values).expect("900 values").view());
            let mut labels = vec![9; 300];
            assign(&cloud, &centres, &mut labels);
            for (point, label) in cloud.rows().zip(labels) {
                let distances: Vec<f64> = centres.chunks_exact(3).map(|centre| squared(point, centre)).collect();
                let least = distances.iter().copied().fold(f64::INFINITY, f64::min);
                prop_assert!(distances[label] <= least + 1e-9);
            }
        }
    }

    #[test]
    fn an_empty_centre_takes_the_farthest_point() {
        let cloud = Cloud { values: vec![0.0, 1.0, 10.0], mean: vec![0.0], dims: 1 };
        let fit = run(&cloud, vec![0.0, 99.0], 1, 0.0);
        assert_eq!(fit.centres.into_raw_vec_and_offset().0, [0.5, 10.0]);
    }
}
