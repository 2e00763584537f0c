//! Repulsion with far points taken together: O(n log n).
//! Barnes, Hut (Nature 1986); van der Maaten, "Accelerating t-SNE using tree-based algorithms" (JMLR 2014), section 4.2.
//!
//! The quadtree is a list of cells in depth-first order over points sorted along a Z-order curve (Morton 1966): going into a
//! cell is the next entry, passing it by is a jump.

use rayon::prelude::*;

use super::descent::Repulsion;

/// Cells with no more points are not divided: their points repel one by one.
const LEAF_POINTS: usize = 8;
/// Bits of a coordinate, which is as often as the plane can be halved.
const BITS: u32 = 32;

struct Cell {
    centre: [f64; 2],
    points: f64,
    /// Squared width over squared theta: a point farther away than this (squared) sees the cell as one.
    near: f64,
    first: u32,
    last: u32,
    /// The cell after this one and all in it.
    next: u32,
    is_leaf: bool,
}

struct Tree {
    cells: Vec<Cell>,
    /// Points in Z-order, and where each stood before.
    sorted: Vec<[f64; 2]>,
    codes: Vec<u64>,
    origin: Vec<u32>,
}

/// As `exact::repulsion`, but the points of a cell narrower than `theta` times its distance count as if all were at its
/// centre of mass. `theta` is in `0..=0.7`: beyond, a point could be far from its own cell.
pub fn repulsion(layout: &[[f64; 2]], theta: f64) -> Vec<Repulsion> {
    let tree = Tree::new(layout, theta);
    let sorted: Vec<Repulsion> = (0..layout.len()).into_par_iter().map(|at| tree.repulsion(at)).collect();
    let mut all = vec![Repulsion::default(); layout.len()];
    tree.origin.iter().zip(sorted).for_each(|(origin, one)| all[*origin as usize] = one);
    all
}

impl Tree {
    fn new(layout: &[[f64; 2]], theta: f64) -> Tree {
        let bound = |axis: usize, f: fn(f64, f64) -> f64, start| layout.iter().map(|at| at[axis]).fold(start, f);
        let low = [0, 1].map(|axis| bound(axis, f64::min, f64::INFINITY));
        let high = [0, 1].map(|axis| bound(axis, f64::max, f64::NEG_INFINITY));
        let width = (high[0] - low[0]).max(high[1] - low[1]);
        let mut order: Vec<(u64, u32)> = layout.iter().map(|at| code(*at, low, width)).zip(0..).collect();
        order.par_sort_unstable();
        let (codes, origin): (Vec<u64>, Vec<u32>) = order.into_iter().unzip();
        let sorted = origin.iter().map(|at| layout[*at as usize]).collect();
        let mut tree = Tree { cells: Vec::with_capacity(layout.len()), sorted, codes, origin };
        tree.divide(0, layout.len(), 0, (width / theta).powi(2));
        tree
    }

    /// Adds the cell of the sorted points `first..last`, all in one square at `level`, and the cells in it; gives the sum of
    /// its points. `near` belongs to the width of that square.
    fn divide(&mut self, first: usize, last: usize, mut level: u32, mut near: f64) -> [f64; 2] {
        let apart = (self.codes[first] ^ self.codes[last - 1]).leading_zeros() / 2;
        near /= 4f64.powi((apart - level) as i32);
        level = apart;
        let is_leaf = last - first <= LEAF_POINTS || level == BITS;
        let at = self.cells.len();
        let points = (last - first) as f64;
        let [first32, last32] = [first as u32, last as u32];
        self.cells.push(Cell { centre: [0.0; 2], points, near, first: first32, last: last32, next: 0, is_leaf });
        let sum = if is_leaf { sum(&self.sorted[first..last]) } else { self.quarters(first, last, level, near) };
        self.cells[at].centre = sum.map(|s| s / points);
        self.cells[at].next = self.cells.len() as u32;
        sum
    }

    fn quarters(&mut self, first: usize, last: usize, level: u32, near: f64) -> [f64; 2] {
        let quarter = |code: u64| code >> (2 * (BITS - 1 - level)) & 3;
        let (mut from, mut total) = (first, [0.0; 2]);
        while from < last {
            let own = quarter(self.codes[from]);
            let to = from + self.codes[from..last].partition_point(|code| quarter(*code) == own);
            let sum = self.divide(from, to, level + 1, near / 4.0);
            total = [total[0] + sum[0], total[1] + sum[1]];
            from = to;
        }
        total
    }

    fn repulsion(&self, own: usize) -> Repulsion {
        let at = self.sorted[own];
        let mut sum = Repulsion::default();
        let mut index = 0;
        while let Some(cell) = self.cells.get(index) {
            let far = squared(at, cell.centre) > cell.near;
            match (far, cell.is_leaf) {
                (true, _) => sum.add(at, cell.centre, cell.points),
                (false, true) => self.one_by_one(cell, own, &mut sum),
                (false, false) => {
                    index += 1;
                    continue;
                }
            }
            index = cell.next as usize;
        }
        sum
    }

    fn one_by_one(&self, cell: &Cell, own: usize, sum: &mut Repulsion) {
        let others = (cell.first as usize..cell.last as usize).filter(|other| *other != own);
        others.for_each(|other| sum.add(self.sorted[own], self.sorted[other], 1.0));
    }
}

impl Repulsion {
    /// Adds `points` points at `other`, seen from `at`.
    fn add(&mut self, at: [f64; 2], other: [f64; 2], points: f64) {
        let q = 1.0 / (1.0 + squared(at, other));
        let strength = points * q * q;
        self.force[0] += strength * (at[0] - other[0]);
        self.force[1] += strength * (at[1] - other[1]);
        self.normaliser += points * q;
    }
}

fn squared(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])
}

fn sum(points: &[[f64; 2]]) -> [f64; 2] {
    points.iter().fold([0.0; 2], |sum, at| [sum[0] + at[0], sum[1] + at[1]])
}

/// Place of a point on the Z-order curve: the bits of its two coordinates in turn.
fn code(at: [f64; 2], low: [f64; 2], width: f64) -> u64 {
    let scale = if width > 0.0 { f64::from(u32::MAX) / width } else { 0.0 };
    // A conversion from float to integer stays in range.
    let [x, y] = [0, 1].map(|axis| spread(((at[axis] - low[axis]) * scale) as u32));
    x | y << 1
}

/// Puts a zero between any two bits.
fn spread(bits: u32) -> u64 {
    let masks = [
        0x0000_FFFF_0000_FFFF,
        0x00FF_00FF_00FF_00FF,
        0x0F0F_0F0F_0F0F_0F0F,
        0x3333_3333_3333_3333,
        0x5555_5555_5555_5555,
    ];
    masks.into_iter().zip([16, 8, 4, 2, 1]).fold(u64::from(bits), |x, (mask, shift)| (x | x << shift) & mask)
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
        let layout = layout(1000);
        let slow = exact::repulsion(&layout);
        let (force, normaliser) = errors(&repulsion(&layout, 1e-9), &slow);
        assert!(force < 1e-12 && normaliser < 1e-12, "{force} {normaliser}");
        let (force, normaliser) = errors(&repulsion(&layout, 0.5), &slow);
        assert!(force < 0.05 && normaliser < 0.02, "{force} {normaliser}");
    }

    #[test]
    fn points_on_one_spot_do_not_repel() {
        let all = repulsion(&[[3.0, 3.0]; 40], 0.5);
        assert!(all.iter().all(|one| one.force == [0.0, 0.0] && one.normaliser == 39.0));
    }

    #[test]
    fn bits_are_interleaved() {
        assert_eq!(spread(0b1011), 0b100_0101);
        assert_eq!(spread(u32::MAX), 0x5555_5555_5555_5555);
    }
}
