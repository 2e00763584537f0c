//! Repulsion with far points taken together: O(n log n).
//! Barnes, Hut (Nature 1986); van der Maaten, "Accelerating t-SNE using tree-based algorithms" (JMLR 2014), section 4.2;
//! one walk through the tree for a group of near points: Barnes, "A modified tree code" (J. Comp. Phys. 1990).
//!
//! The quadtree is a list of cells in depth-first order over points sorted along a Z-order curve: going into a cell is the
//! next entry, passing it by is a jump.

use std::ops::Range;

use rayon::prelude::*;

use super::descent::Repulsion;
use super::pairs::Sources;
use super::z_order::{BITS, ZOrder};

/// Cells with no more points are not divided: their points repel one by one.
const LEAF_POINTS: usize = 16;
/// Cells with no more points are pushed by the same sources. Larger groups save walks and see more sources.
const GROUP_POINTS: usize = 96;

/// The rectangle around some points, and their sum.
#[derive(Clone, Copy)]
struct Extent {
    low: [f64; 2],
    high: [f64; 2],
    sum: [f64; 2],
}

struct Cell {
    /// Centre of mass.
    centre: [f64; 2],
    /// Squared width over squared theta: points farther away than this (squared) see the cell as one.
    near: f64,
    points: Range<u32>,
    /// The cell after this one and all in it.
    next: u32,
    is_leaf: bool,
}

/// A cell's points, pushed together.
struct Group {
    points: Range<usize>,
    extent: Extent,
}

struct Tree {
    cells: Vec<Cell>,
    groups: Vec<Group>,
    order: ZOrder,
    theta: f64,
}

/// As `exact::repulsion`, but the points of a cell narrower than `theta` times its distance count as if all were at its
/// centre of mass. `theta` is in `0..=0.7`: beyond, a point could be far from its own cell.
pub fn repulsion(layout: &[[f64; 2]], theta: f64) -> Vec<Repulsion> {
    let tree = Tree::new(layout, theta);
    let sorted: Vec<Vec<[f32; 3]>> =
        tree.groups.par_iter().map_init(Sources::default, |sources, group| tree.push(group, sources)).collect();
    let mut all = vec![Repulsion::default(); layout.len()];
    for (origin, [fx, fy, normaliser]) in tree.order.origin.iter().zip(sorted.into_iter().flatten()) {
        all[*origin as usize] = Repulsion { force: [fx, fy].map(f64::from), normaliser: f64::from(normaliser) - 1.0 };
    }
    all
}

impl Tree {
    fn new(layout: &[[f64; 2]], theta: f64) -> Tree {
        let (cells, groups) = (Vec::with_capacity(layout.len()), Vec::new());
        let mut tree = Tree { cells, groups, order: ZOrder::new(layout), theta };
        tree.divide(0..layout.len(), 0, false);
        tree
    }

    /// Adds the cell of the sorted `points`, all in one square at `level`, and the cells in it.
    fn divide(&mut self, points: Range<usize>, level: u32, in_group: bool) -> Extent {
        let apart = self.order.codes[points.start] ^ self.order.codes[points.end - 1];
        let level = level.max(apart.leading_zeros() / 2);
        let is_leaf = points.len() <= LEAF_POINTS || level == BITS;
        let is_group = !in_group && (points.len() <= GROUP_POINTS || is_leaf);
        let at = self.cells.len();
        let indices = points.start as u32..points.end as u32;
        self.cells.push(Cell { centre: [0.0; 2], near: 0.0, points: indices, next: 0, is_leaf });
        let extent = match is_leaf {
            true => Extent::of(&self.order.points[points.clone()]),
            false => self.quarters(points.clone(), level, in_group || is_group),
        };
        let next = self.cells.len() as u32;
        let cell = &mut self.cells[at];
        cell.centre = extent.sum.map(|sum| sum / points.len() as f64);
        cell.near = (extent.width() / self.theta).powi(2);
        cell.next = next;
        if is_group {
            self.groups.push(Group { points, extent });
        }
        extent
    }

    fn quarters(&mut self, points: Range<usize>, level: u32, in_group: bool) -> Extent {
        let quarter = |code: u32| code >> (2 * (BITS - 1 - level)) & 3;
        let (mut from, mut total) = (points.start, Extent::of(&[]));
        while from < points.end {
            let own = quarter(self.order.codes[from]);
            let to = from + self.order.codes[from..points.end].partition_point(|code| quarter(*code) == own);
            total = total.with(self.divide(from..to, level + 1, in_group));
            from = to;
        }
        total
    }

    /// What pushes each point of a group, itself included.
    fn push(&self, group: &Group, sources: &mut Sources) -> Vec<[f32; 3]> {
        let origin = group.extent.low;
        let local = |at: [f64; 2]| [0, 1].map(|axis| (at[axis] - origin[axis]) as f32);
        self.gather(group, local, sources);
        let targets: Vec<[f32; 2]> = self.order.points[group.points.clone()].iter().map(|at| local(*at)).collect();
        let mut sums = Vec::with_capacity(targets.len());
        sources.push(&targets, &mut sums);
        sums
    }

    /// Far cells and near points, seen from a group.
    fn gather(&self, group: &Group, local: impl Fn([f64; 2]) -> [f32; 2], sources: &mut Sources) {
        sources.clear();
        let mut index = 0;
        while let Some(cell) = self.cells.get(index) {
            let points = cell.points.start as usize..cell.points.end as usize;
            match (group.extent.squared_distance(cell.centre) > cell.near, cell.is_leaf) {
                (true, _) => sources.add(local(cell.centre), points.len() as f32),
                (false, true) => self.order.points[points].iter().for_each(|at| sources.add(local(*at), 1.0)),
                (false, false) => {
                    index += 1;
                    continue;
                }
            }
            index = cell.next as usize;
        }
    }
}

impl Extent {
    fn of(points: &[[f64; 2]]) -> Extent {
        let none = Extent { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2], sum: [0.0; 2] };
        points.iter().fold(none, |all, at| all.with(Extent { low: *at, high: *at, sum: *at }))
    }

    fn with(self, other: Extent) -> Extent {
        let both = |axis: usize| {
            let low = self.low[axis].min(other.low[axis]);
            (low, self.high[axis].max(other.high[axis]), self.sum[axis] + other.sum[axis])
        };
        let [x, y] = [both(0), both(1)];
        Extent { low: [x.0, y.0], high: [x.1, y.1], sum: [x.2, y.2] }
    }

    fn width(&self) -> f64 {
        (self.high[0] - self.low[0]).max(self.high[1] - self.low[1])
    }

    /// Of a place from the rectangle; 0 inside.
    fn squared_distance(&self, at: [f64; 2]) -> f64 {
        let [x, y] = [0, 1].map(|axis| (self.low[axis] - at[axis]).max(at[axis] - self.high[axis]).max(0.0));
        x * x + y * y
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::stages::project::tsne::exact;

    fn layout(n: usize) -> Vec<[f64; 2]> {
        let mut stream = Stream::new(1, "test");
        (0..n).map(|i| [0, 1].map(|_| (i % 5) as f64 * 9.0 + 3.0 * stream.normal())).collect()
    }

    /// Largest difference of forces over the largest force, and the relative difference of the normalisers' sums.
    fn errors(fast: &[Repulsion], slow: &[Repulsion]) -> (f64, f64) {
        let peak = slow.iter().flat_map(|r| r.force).fold(0.0, |peak: f64, f| peak.max(f.abs()));
        let pairs = fast.iter().zip(slow).flat_map(|(f, s)| [0, 1].map(|axis| (f.force[axis] - s.force[axis]).abs()));
        let [z, expected] = [fast, slow].map(|all| all.iter().map(|r| r.normaliser).sum::<f64>());
        (pairs.fold(0.0, f64::max) / peak, (z / expected - 1.0).abs())
    }

    #[test]
    fn a_small_theta_is_exact_and_half_is_close() {
        let layout = layout(3000);
        let slow = exact::repulsion(&layout);
        let (force, normaliser) = errors(&repulsion(&layout, 1e-9), &slow);
        assert!(force < 1e-5 && normaliser < 1e-6, "{force} {normaliser}");
        let (force, normaliser) = errors(&repulsion(&layout, 0.5), &slow);
        assert!(1e-6 < force && force < 0.03 && normaliser < 0.01, "{force} {normaliser}");
    }

    #[test]
    fn tiny_and_shifted_layouts_lose_no_digits() {
        for (scale, shift) in [(1e-5, 0.0), (1.0, 1e4)] {
            let layout: Vec<_> = layout(400).iter().map(|at| at.map(|x| scale * x + shift)).collect();
            let (force, normaliser) = errors(&repulsion(&layout, 0.3), &exact::repulsion(&layout));
            assert!(force < 0.03 && normaliser < 0.01, "{force} {normaliser}");
        }
    }

    #[test]
    fn points_on_one_spot_do_not_repel() {
        let all = repulsion(&[[3.0, 3.0]; 100], 0.5);
        assert!(all.iter().all(|one| one.force == [0.0, 0.0] && one.normaliser == 99.0));
    }
}
