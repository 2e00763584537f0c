//! Lloyd's iteration: assign each point to the nearest centre, move each centre to the mean of its points.
//! Lloyd, "Least squares quantization in PCM" (1982).

use ndarray::Array2;

use super::Fit;
use super::bounds::{Centres, Known, Move};
use super::cloud::Cloud;
use crate::stats::distance::squared;

/// Iterates from `centres` (`[k, dims]`, row-major, moved as the cloud) until no label changes, or the centres move by
/// less than `tolerance` (sum of squares), or `max_iterations` is reached. Labels always belong to the final centres.
pub fn run(cloud: &Cloud, centres: Vec<f64>, max_iterations: usize, tolerance: f64) -> Fit {
    let (k, dims) = (centres.len() / cloud.dims(), cloud.dims());
    let mut centres = Centres::new(centres, dims);
    let mut known = Known::of(cloud, &centres);
    let mut sums = Sums::of(cloud, &known.labels, k);
    let (mut iterations, mut settled) = (1, false);
    loop {
        let moved = sums.means(cloud, &centres.values, &known.labels);
        let shift = squared(&moved, &centres.values);
        centres = centres.moved_to(moved, dims);
        if settled || shift <= tolerance || iterations >= max_iterations {
            break;
        }
        iterations += 1;
        settled = sums.follow(cloud, known.update(cloud, &centres));
    }
    match settled {
        // The sums, kept up to date by differences, have lost some digits on the way.
        true => centres.values = Sums::of(cloud, &known.labels, k).means(cloud, &centres.values, &known.labels),
        false => drop(known.update(cloud, &centres)),
    }
    finish(cloud, centres.values, known.labels, iterations)
}

fn finish(cloud: &Cloud, centres: Vec<f64>, mut labels: Vec<usize>, iterations: usize) -> Fit {
    labels.truncate(cloud.len());
    let inertia = distances(cloud, &centres, &labels).iter().sum();
    let labels = labels.into_iter().map(|label| label as i32).collect();
    let centres =
        Array2::from_shape_vec((centres.len() / cloud.dims(), cloud.dims()), centres).expect("k rows of dims values");
    Fit { labels, centres, inertia, iterations }
}

/// Index of the nearest centre of each point (the lowest of equals).
pub fn assign(cloud: &Cloud, centres: &[f64]) -> Vec<usize> {
    let mut labels = Known::of(cloud, &Centres::new(centres.to_vec(), cloud.dims())).labels;
    labels.truncate(cloud.len());
    labels
}

/// Squared distance of each point to its centre, by differences.
pub fn distances(cloud: &Cloud, centres: &[f64], labels: &[usize]) -> Vec<f64> {
    let dims = cloud.dims();
    let distance = |(row, own): (usize, &usize)| -> f64 {
        let centre = &centres[own * dims..(own + 1) * dims];
        cloud.tiles.point(row).zip(centre).map(|(x, c)| (x - c) * (x - c)).sum()
    };
    labels.iter().enumerate().map(distance).collect()
}

/// Sum and number of the points of each centre.
#[derive(Clone)]
struct Sums {
    values: Vec<f64>,
    sizes: Vec<usize>,
    dims: usize,
}

impl Sums {
    /// Over all points, in order.
    fn of(cloud: &Cloud, labels: &[usize], k: usize) -> Sums {
        let mut sums = Sums { values: vec![0.0; k * cloud.dims()], sizes: vec![0; k], dims: cloud.dims() };
        labels[..cloud.len()].iter().enumerate().for_each(|(row, label)| sums.add(cloud, row, *label));
        sums
    }

    fn add(&mut self, cloud: &Cloud, row: usize, label: usize) {
        self.sizes[label] += 1;
        let sum = &mut self.values[label * self.dims..(label + 1) * self.dims];
        sum.iter_mut().zip(cloud.tiles.point(row)).for_each(|(sum, x)| *sum += x);
    }

    fn remove(&mut self, cloud: &Cloud, row: usize, label: usize) {
        self.sizes[label] -= 1;
        let sum = &mut self.values[label * self.dims..(label + 1) * self.dims];
        sum.iter_mut().zip(cloud.tiles.point(row)).for_each(|(sum, x)| *sum -= x);
    }

    /// Takes over the points that went to another centre; true if there are none.
    fn follow(&mut self, cloud: &Cloud, moves: Vec<Move>) -> bool {
        for Move { row, old, new } in &moves {
            self.remove(cloud, *row, *old);
            self.add(cloud, *row, *new);
        }
        moves.is_empty()
    }

    /// Mean of the points of each centre, after giving each empty centre a far point of its own; the old centre where
    /// there is none to give.
    fn means(&self, cloud: &Cloud, centres: &[f64], labels: &[usize]) -> Vec<f64> {
        let mut sums = self.clone();
        let empty: Vec<usize> = (0..sums.sizes.len()).filter(|centre| sums.sizes[*centre] == 0).collect();
        if !empty.is_empty() {
            sums.relocate(cloud, centres, &labels[..cloud.len()], &empty);
        }
        let rows = sums.values.chunks_exact_mut(sums.dims).zip(centres.chunks_exact(sums.dims));
        for ((mean, old), size) in rows.zip(&sums.sizes) {
            match size {
                0 => mean.copy_from_slice(old),
                _ => mean.iter_mut().for_each(|x| *x /= *size as f64),
            }
        }
        sums.values
    }

    /// Moves the points farthest from their centres to the empty ones, as scikit-learn does; nothing where all points
    /// lie on their centres, for then there are fewer distinct points than clusters.
    fn relocate(&mut self, cloud: &Cloud, centres: &[f64], labels: &[usize], empty: &[usize]) {
        let distances = distances(cloud, centres, labels);
        let mut farthest: Vec<usize> = (0..labels.len()).filter(|row| distances[*row] > 0.0).collect();
        farthest.sort_by(|a, b| distances[*b].total_cmp(&distances[*a]));
        for (centre, row) in empty.iter().zip(farthest) {
            self.remove(cloud, row, labels[row]);
            self.add(cloud, row, *centre);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Axis, array};
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, prop_assume, proptest};

    /// The definition, with a look at every centre; None where a centre loses all its points.
    fn naive(points: &Array2<f64>, mut centres: Array2<f64>) -> Option<(Vec<i32>, Array2<f64>, usize)> {
        let mut labels = vec![-1; points.nrows()];
        for iteration in 1.. {
            let nearest = |point: ndarray::ArrayView1<f64>| {
                let distance = |c: ndarray::ArrayView1<f64>| (&point - &c).mapv(|x| x * x).sum();
                let distances: Vec<f64> = centres.rows().into_iter().map(distance).collect();
                (0..distances.len()).min_by(|a, b| distances[*a].total_cmp(&distances[*b])).expect("a centre") as i32
            };
            let found: Vec<i32> = points.rows().into_iter().map(nearest).collect();
            if found == labels {
                return Some((labels, centres, iteration));
            }
            labels = found;
            for (at, mut centre) in centres.rows_mut().into_iter().enumerate() {
                let own: Vec<usize> = (0..labels.len()).filter(|row| labels[*row] == at as i32).collect();
                centre.assign(&points.select(Axis(0), &own).mean_axis(Axis(0))?);
            }
        }
        None
    }

    proptest! {
        #[test]
        fn the_iteration_is_that_of_the_definition(values in prop::collection::vec(-9.0..9.0, 240)) {
            let points = Array2::from_shape_vec((120, 2), values).expect("120 points");
            let start = points.slice(ndarray::s![..6, ..]);
            let expected = naive(&points, start.to_owned());
            prop_assume!(expected.is_some());
            let (labels, centres, iterations) = expected.expect("just looked at");
            let cloud = Cloud::new(points.view()).sorted(&(0..120).map(|row| row % 5).collect::<Vec<_>>());
            let fit = cloud.move_back(run(&cloud, cloud.centred(start), 500, 0.0));
            prop_assert_eq!((fit.labels, fit.iterations), (labels, iterations));
            prop_assert!(fit.centres.iter().zip(&centres).all(|(a, b)| (a - b).abs() < 1e-12));
        }
    }

    #[test]
    fn an_empty_centre_takes_the_farthest_point() {
        let cloud = Cloud::new(array![[-11.0], [1.0], [10.0]].view());
        let fit = run(&cloud, vec![0.0, 99.0], 1, 0.0);
        assert_eq!(fit.centres.into_raw_vec_and_offset().0, [5.5, -11.0]);
    }
}
