//! Exact nearest neighbours and neighbours within a radius, by Euclidean distance.
//!
//! Blocks of single-precision matrix products rule out nearly all pairs ([`Screen`]); the few that are left are measured in
//! double precision by differences. So the result is that of the naive double loop, bit for bit, whatever the blocks and
//! the number of threads. Memory: one block a thread and the result.

mod screen;
mod shortlist;
pub(super) mod sift;

use ndarray::ArrayView2;
use rayon::prelude::*;

pub use screen::{BLOCK_ROWS, Screen, Tile, squared};
use shortlist::Shortlist;

/// The nearest other points of every point.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbours {
    /// Neighbours a point: as many as asked for, or all other points where there are fewer.
    pub k: usize,
    /// `[points, k]`, row-major: the neighbours, nearest first, equally near ones by lower index.
    pub rows: Vec<u32>,
    /// `[points, k]`, row-major: their squared Euclidean distances.
    pub squared: Vec<f64>,
}

impl Neighbours {
    /// The neighbours of one point and their squared distances.
    pub fn of(&self, point: usize) -> impl Iterator<Item = (usize, f64)> {
        let span = point * self.k..(point + 1) * self.k;
        self.rows[span.clone()].iter().map(|row| *row as usize).zip(self.squared[span].iter().copied())
    }
}

/// All points within a radius of every point, the point itself among them, by rising index.
#[derive(Clone, Debug, PartialEq)]
pub struct Within {
    /// `[points + 1]`: the neighbours of point `i` are `rows[offsets[i]..offsets[i + 1]]`.
    pub offsets: Vec<usize>,
    /// The neighbours of all points, one point after the other.
    pub rows: Vec<u32>,
}

/// The `k` nearest other points of each of `points` (`[points, dims]`, finite). A point is left out of its own neighbours by
/// its index, so equal points are neighbours at distance 0.
pub fn nearest(points: ArrayView2<f64>, k: usize) -> Neighbours {
    nearest_of(&Screen::new(points), k)
}

/// [`nearest`], of points that are screened already.
pub fn nearest_of(screen: &Screen, k: usize) -> Neighbours {
    let n = screen.len();
    let k = k.min(n.saturating_sub(1));
    let (mut rows, mut squared) = (vec![0; n * k], vec![0.0; n * k]);
    if k > 0 {
        let blocks = rows.par_chunks_mut(BLOCK_ROWS * k).zip(squared.par_chunks_mut(BLOCK_ROWS * k)).enumerate();
        blocks.for_each_init(Tile::default, |tile, (block, (rows, squared))| {
            let lists = nearest_in_block(screen, block * BLOCK_ROWS, rows.len() / k, k, tile);
            rows.iter_mut().zip(squared).zip(lists.into_iter().flatten()).for_each(|((row, squared), near)| {
                (*row, *squared) = near;
            });
        });
    }
    Neighbours { k, rows, squared }
}

/// The `k` nearest of `count` points from `first` on.
fn nearest_in_block(screen: &Screen, first: usize, count: usize, k: usize, tile: &mut Tile) -> Vec<Vec<(u32, f64)>> {
    let mut lists: Vec<Shortlist> = (first..first + count).map(|row| Shortlist::new(row, k)).collect();
    let mut limits = vec![f32::INFINITY; count];
    screen.scan_values(first..first + count, 0..screen.len(), tile, &mut limits, |row, column, value, limit| {
        if row != column {
            lists[row - first].add(screen, column, value, limit);
        }
    });
    lists.into_iter().map(|list| list.finish(screen)).collect()
}

/// All points within `radius` of each of `points` (`[points, dims]`, finite), those at exactly `radius` among them. The
/// result may be as large as points²: see [`each_within`] for a way to look at it without keeping it.
pub fn within(points: ArrayView2<f64>, radius: f64) -> Within {
    let screen = Screen::new(points);
    let lists = each_within(&screen, radius, 0..screen.len(), |_, near| near.to_vec());
    let offsets = std::iter::once(0).chain(lists.iter().scan(0, |end, list| {
        *end += list.len();
        Some(*end)
    }));
    Within { offsets: offsets.collect(), rows: lists.concat() }
}

/// Calls `each(row, points within radius of it)` for `rows`, in parallel, and gives the results in order. The point itself
/// is among its neighbours, which come by rising index.
pub fn each_within<T: Send>(
    screen: &Screen,
    radius: f64,
    rows: std::ops::Range<usize>,
    each: impl Fn(usize, &[u32]) -> T + Sync,
) -> Vec<T> {
    let (last, squared) = (rows.end, radius * radius);
    let blocks: Vec<usize> = rows.step_by(BLOCK_ROWS).collect();
    let block = |tile: &mut Tile, start: &usize| {
        let block = *start..(start + BLOCK_ROWS).min(last);
        let mut limits: Vec<f32> = block.clone().map(|row| screen.limit(row, squared)).collect();
        let surely: Vec<f32> = block.clone().map(|row| screen.surely_within(row, squared)).collect();
        let mut lists = vec![Vec::new(); block.len()];
        screen.scan_values(block.clone(), 0..screen.len(), tile, &mut limits, |row, column, value, _| {
            if value <= surely[row - block.start] || row == column || screen.squared(row, column) <= squared {
                lists[row - block.start].push(column as u32);
            }
        });
        block.zip(&lists).map(|(row, list)| each(row, list)).collect::<Vec<T>>()
    };
    blocks.par_iter().map_init(Tile::default, block).collect::<Vec<_>>().into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use ndarray::{Array2, array};
    use proptest::prelude::{any, prop_assert_eq, proptest};

    /// Points on a coarse grid, so that many are equal or equally far.
    fn grid(seed: u64, n: usize, dims: usize, steps: usize) -> Array2<f64> {
        let mut stream = Stream::new(seed, "test.grid");
        Array2::from_shape_fn((n, dims), |_| 7.0 + 0.1 * stream.below(steps) as f64)
    }

    fn naive(points: &Array2<f64>, row: usize) -> Vec<(f64, usize)> {
        let screen = Screen::new(points.view());
        (0..points.nrows()).map(|other| (screen.squared(row, other), other)).collect()
    }

    fn naive_nearest(points: &Array2<f64>, row: usize, k: usize) -> Vec<(usize, f64)> {
        let mut all: Vec<_> = naive(points, row).into_iter().filter(|(_, other)| *other != row).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all.into_iter().take(k).map(|(squared, other)| (other, squared)).collect()
    }

    proptest! {
        #[test]
        fn they_are_those_of_a_double_loop(
            seed in any::<u64>(), n in 1usize..150, dims in 1usize..20, steps in 1usize..400, k in 0usize..30,
        ) {
            let points = grid(seed, n, dims, steps);
            let found = nearest(points.view(), k);
            prop_assert_eq!(found.k, k.min(n - 1));
            for row in 0..n {
                prop_assert_eq!(found.of(row).collect::<Vec<_>>(), naive_nearest(&points, row, k));
            }
        }

        #[test]
        fn within_a_radius_are_those_of_a_double_loop(
            seed in any::<u64>(), n in 1usize..150, dims in 1usize..9, steps in 1usize..60, radius in 0.0..4.0,
        ) {
            let points = grid(seed, n, dims, steps);
            let found = within(points.view(), radius);
            for row in 0..n {
                let inside = naive(&points, row).into_iter().filter(|(squared, _)| *squared <= radius * radius);
                let inside: Vec<u32> = inside.map(|(_, other)| other as u32).collect();
                prop_assert_eq!(&found.rows[found.offsets[row]..found.offsets[row + 1]], &inside);
            }
        }
    }

    #[test]
    fn blocks_make_no_difference() {
        let points = grid(8, 1100, 6, 50);
        let found = nearest(points.view(), 5);
        for row in (0..1100).step_by(97) {
            assert_eq!(found.of(row).collect::<Vec<_>>(), naive_nearest(&points, row, 5), "{row}");
        }
    }

    #[test]
    fn equal_points_are_neighbours_and_no_point_is_its_own() {
        let found = nearest(array![[1.0], [1.0], [1.0], [5.0]].view(), 2);
        assert_eq!((found.rows, found.squared), (vec![1, 2, 0, 2, 0, 1, 0, 1], vec![0., 0., 0., 0., 0., 0., 16., 16.]));
    }

    #[test]
    fn a_point_at_exactly_the_radius_is_within() {
        let found = within(array![[0.0, 0.0], [3.0, 4.0], [3.0, 4.000_001]].view(), 5.0);
        assert_eq!((found.offsets, found.rows), (vec![0, 2, 5, 7], vec![0, 1, 0, 1, 2, 1, 2]));
    }

    #[test]
    fn few_points_have_few_neighbours() {
        assert_eq!(nearest(Array2::zeros((0, 3)).view(), 5), Neighbours { k: 0, rows: vec![], squared: vec![] });
        assert_eq!(nearest(array![[2.0]].view(), 5), Neighbours { k: 0, rows: vec![], squared: vec![] });
        assert_eq!(
            nearest(Array2::zeros((2, 0)).view(), 5),
            Neighbours { k: 1, rows: vec![1, 0], squared: vec![0.0; 2] }
        );
        assert_eq!(within(Array2::zeros((0, 3)).view(), 1.0), Within { offsets: vec![0], rows: vec![] });
    }

    #[test]
    fn values_that_are_not_finite_are_far_from_all() {
        let found = nearest(array![[1.0], [f64::NAN], [2.0], [f64::INFINITY]].view(), 1);
        assert_eq!((found.rows[0], found.rows[2]), (2, 0));
        assert_eq!(within(array![[1.0], [f64::NAN], [1.5]].view(), 1.0).offsets, [0, 2, 3, 5]);
    }

    #[test]
    fn threads_do_not_change_a_bit() {
        let mut stream = Stream::new(5, "test.threads");
        let points = Array2::from_shape_fn((700, 9), |_| stream.normal());
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| (nearest(points.view(), 12), within(points.view(), 2.0)))
        };
        assert_eq!(run(1), run(4));
    }
}
