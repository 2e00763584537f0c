//! The nearest centre of each point, without looking again at points that cannot have changed theirs.
//! Hamerly, "Making k-means even faster" (SDM 2010): a point keeps a bound above the distance to its own centre and one
//! below the distance to any other; the bounds follow the centres as these move, and while they do not cross, nothing
//! is computed. They carry room for rounding, so that the labels are those of a comparison with every centre.

use super::cloud::Cloud;
use crate::stats::distance::squared;
use crate::stats::tiles::{LANES, products};
use crate::wide::wide;

/// Centres with what a pass over the points needs of them.
pub struct Centres {
    /// `[k, dims]`, row-major.
    pub values: Vec<f64>,
    /// Half the squared length of each.
    halves: Vec<f64>,
    /// Half the distance to the nearest other centre.
    gaps: Vec<f64>,
    /// How far each has moved since the last pass.
    moved: Vec<f64>,
    /// How far any other than the centre itself has moved.
    others_moved: Vec<f64>,
}

impl Centres {
    /// Centres that come from nowhere, `[k, dims]` row-major.
    pub fn new(values: Vec<f64>, dims: usize) -> Centres {
        let rows = || values.chunks_exact(dims);
        let nearest = |(at, row)| {
            let others = rows().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| squared(row, other));
            others.fold(f64::INFINITY, f64::min).sqrt() / 2.0
        };
        let halves: Vec<f64> = rows().map(|row| row.iter().map(|x| x * x).sum::<f64>() / 2.0).collect();
        let gaps = rows().enumerate().map(nearest).collect();
        let still = vec![0.0; halves.len()];
        Centres { gaps, moved: still.clone(), others_moved: still, halves, values }
    }

    /// The centres moved to `values`.
    pub fn moved_to(&self, values: Vec<f64>, dims: usize) -> Centres {
        let steps = self.values.chunks_exact(dims).zip(values.chunks_exact(dims));
        let moved: Vec<f64> = steps.map(|(old, new)| squared(old, new).sqrt()).collect();
        let others =
            |at| moved.iter().enumerate().filter(|(other, _)| *other != at).fold(0.0, |top, (_, m)| m.max(top));
        let others_moved = (0..moved.len()).map(others).collect();
        Centres { moved, others_moved, ..Centres::new(values, dims) }
    }
}

/// What is known of each point; the lanes behind the last point are carried along and mean nothing.
pub struct Known {
    /// Nearest centre of each point, `[8 · tiles]`.
    pub labels: Vec<usize>,
    upper: Vec<f64>,
    lower: Vec<f64>,
}

impl Known {
    /// From a look at every point.
    pub fn of(cloud: &Cloud, centres: &Centres) -> Known {
        let lanes = cloud.norms.len();
        let mut known = Known { labels: vec![0; lanes], upper: vec![f64::INFINITY; lanes], lower: vec![0.0; lanes] };
        known.update(cloud, centres);
        known
    }

    /// Brings the labels up to date with `centres` (the lowest of equally near ones); gives the points that changed.
    pub fn update(&mut self, cloud: &Cloud, centres: &Centres) -> Vec<Move> {
        let mut moves = Vec::new();
        pass(self, cloud, centres, &mut moves);
        moves.retain(|at| at.row < cloud.len());
        moves
    }
}

/// A point that went from one centre to another.
pub struct Move {
    /// The point.
    pub row: usize,
    /// Its centre before.
    pub old: usize,
    /// Its centre now.
    pub new: usize,
}

wide! {
    /// One pass over all tiles; `moves` gets each lane that changed.
    fn pass(known: &mut Known, cloud: &Cloud, centres: &Centres, moves: &mut Vec<Move>) -> () {
        let largest = 2.0 * centres.halves.iter().copied().fold(0.0, f64::max);
        // The error of `|x|² + |c|² - 2 c·x` is at most this share of `|x|² + |c|²`, with room to spare.
        let room = 4.0 * (cloud.dims() + 4) as f64 * f64::EPSILON;
        let (labels, _) = known.labels.as_chunks_mut::<LANES>();
        let (upper, _) = known.upper.as_chunks_mut::<LANES>();
        let (lower, _) = known.lower.as_chunks_mut::<LANES>();
        let norms = cloud.norms.as_chunks::<LANES>().0;
        let mut dots = vec![[0.0; LANES]; centres.halves.len()];
        for (at, (((labels, upper), lower), norms)) in labels.iter_mut().zip(upper).zip(lower).zip(norms).enumerate() {
            if follow(labels, upper, lower, centres) {
                continue;
            }
            let old = *labels;
            products(cloud.tiles.tile(at), &centres.values, &mut dots);
            let (best, second) = nearest_two(&dots, &centres.halves, labels);
            for lane in 0..LANES {
                let room = room * (norms[lane] + largest);
                upper[lane] = root(norms[lane] + 2.0 * best[lane] + room);
                lower[lane] = root(norms[lane] + 2.0 * second[lane] - room);
            }
            if old != *labels {
                let lanes = (0..LANES).filter(|lane| old[*lane] != labels[*lane]);
                moves.extend(lanes.map(|lane| Move { row: at * LANES + lane, old: old[lane], new: labels[lane] }));
            }
        }
    }
}

/// Moves the bounds of a tile as its centres moved; true if every point still has the centre it had.
#[inline(always)]
fn follow(labels: &[usize; LANES], upper: &mut [f64; LANES], lower: &mut [f64; LANES], centres: &Centres) -> bool {
    const GROW: f64 = 1.0 + 8.0 * f64::EPSILON;
    const SHRINK: f64 = 1.0 - 8.0 * f64::EPSILON;
    let mut certain = true;
    for lane in 0..LANES {
        let own = labels[lane];
        upper[lane] = (upper[lane] + centres.moved[own]) * GROW;
        lower[lane] = lower[lane] * SHRINK - centres.others_moved[own] * GROW;
        certain &= upper[lane] * GROW < lower[lane].max(centres.gaps[own]);
    }
    certain
}

/// Square root, of what rounding has made negative zero.
#[inline(always)]
fn root(squared: f64) -> f64 {
    (if squared > 0.0 { squared } else { 0.0 }).sqrt()
}

/// Writes the nearest centre of each point, and gives the least and second least `|c|² / 2 - c·x`; `dots` is `[k, 8]`.
#[inline(always)]
fn nearest_two(dots: &[[f64; LANES]], halves: &[f64], labels: &mut [usize; LANES]) -> ([f64; LANES], [f64; LANES]) {
    let (mut best, mut second) = ([f64::INFINITY; LANES], [f64::INFINITY; LANES]);
    for (centre, (dots, half)) in dots.iter().zip(halves).enumerate() {
        for lane in 0..LANES {
            let score = half - dots[lane];
            let larger = if score > best[lane] { score } else { best[lane] };
            second[lane] = if larger < second[lane] { larger } else { second[lane] };
            labels[lane] = if score < best[lane] { centre } else { labels[lane] };
            best[lane] = if score < best[lane] { score } else { best[lane] };
        }
    }
    (best, second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

    fn cloud(values: Vec<f64>) -> Cloud {
        Cloud::new(Array2::from_shape_vec((values.len() / 3, 3), values).expect("rows of three").view())
    }

    proptest! {
        #[test]
        fn each_point_gets_its_nearest_centre(
            values in prop::collection::vec(-9.0..9.0, 300), centres in prop::collection::vec(-9.0..9.0, 15),
        ) {
            let cloud = cloud(values);
            let known = Known::of(&cloud, &Centres::new(centres.clone(), 3));
            for row in 0..cloud.len() {
                let point = cloud.point(row);
                let distances: Vec<f64> = centres.chunks_exact(3).map(|centre| squared(&point, centre)).collect();
                let least = distances.iter().copied().fold(f64::INFINITY, f64::min);
                prop_assert!(distances[known.labels[row]] <= least + 1e-9);
            }
        }

        #[test]
        fn bounds_give_the_labels_of_a_look_at_every_point(
            // Whole numbers: many points lie on top of one another and many distances are equal.
            values in prop::collection::vec(-2i8..3, 300), start in prop::collection::vec(-2i8..3, 15),
            seed in any::<u64>(),
        ) {
            let cloud = cloud(values.into_iter().map(f64::from).collect());
            let mut stream = crate::random::Stream::new(seed, "steps");
            let mut centres = Centres::new(start.into_iter().map(f64::from).collect(), 3);
            let mut known = Known::of(&cloud, &centres);
            for _ in 0..20 {
                let step = |x: &f64| x + if stream.chance(0.3) { stream.between(-0.2, 0.2) } else { 0.0 };
                centres = centres.moved_to(centres.values.iter().map(step).collect(), 3);
                let before = known.labels.clone();
                let moves = known.update(&cloud, &centres);
                prop_assert_eq!(&known.labels[..100], &Known::of(&cloud, &centres).labels[..100]);
                let changed: Vec<usize> = (0..100).filter(|row| before[*row] != known.labels[*row]).collect();
                prop_assert_eq!(moves.iter().map(|at| at.row).collect::<Vec<_>>(), changed);
            }
        }
    }
}
