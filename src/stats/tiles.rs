//! Points in tiles of eight, for loops that compare many points with a few centres.
//!
//! A tile holds eight points side by side, `[dims, 8]`: the processor works on the eight at once, and no sum runs
//! across its lanes. Products are sums in the order of the dimensions, with multiplication and addition never fused, so
//! that every processor gives the same bits.

use ndarray::ArrayView2;

/// Points of one tile: a 512-bit register of double precision.
pub const LANES: usize = 8;

/// Centres worked on together, whose sums stay in registers.
const BLOCK: usize = 4;

/// Points in tiles; the lanes behind the last point hold zeros.
#[derive(Clone, Debug)]
pub struct Tiles {
    values: Vec<f64>,
    dims: usize,
    len: usize,
}

impl Tiles {
    /// Tiles of some `rows` of `points` `[points, dims]`, each minus `mean` (`dims` values).
    pub fn gathered(points: ArrayView2<f64>, rows: &[usize], mean: &[f64]) -> Tiles {
        let mut tiles = Tiles::zeros(rows.len(), points.ncols());
        let points = points.as_standard_layout();
        let values = points.as_slice().expect("the standard layout is one slice");
        let point = |row: usize| &values[row * mean.len()..(row + 1) * mean.len()];
        for (at, rows) in rows.chunks(LANES).enumerate() {
            // Behind the last point its values stand in, and are wiped out below.
            let lanes: [&[f64]; LANES] = std::array::from_fn(|lane| point(rows[lane.min(rows.len() - 1)]));
            for ((dim, out), mean) in tiles.tile_mut(at).iter_mut().enumerate().zip(mean) {
                *out = lanes.map(|point| point[dim] - mean);
                out[rows.len()..].fill(0.0);
            }
        }
        tiles
    }

    /// The same points in another order: row `i` is what row `order[i]` was.
    pub fn select(&self, order: &[usize]) -> Tiles {
        let mut tiles = Tiles::zeros(order.len(), self.dims);
        for (to, from) in order.iter().enumerate() {
            let (tile, lane) = (tiles.tile_mut(to / LANES), to % LANES);
            for (lanes, values) in tile.iter_mut().zip(self.tile(from / LANES)) {
                lanes[lane] = values[from % LANES];
            }
        }
        tiles
    }

    fn zeros(len: usize, dims: usize) -> Tiles {
        Tiles { values: vec![0.0; len.div_ceil(LANES) * LANES * dims], dims, len }
    }

    fn tile_mut(&mut self, at: usize) -> &mut [[f64; LANES]] {
        self.values[at * LANES * self.dims..(at + 1) * LANES * self.dims].as_chunks_mut().0
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True without points.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Values a point has.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// The values of one point, in order.
    #[inline]
    pub fn point(&self, row: usize) -> impl ExactSizeIterator<Item = f64> {
        self.tile(row / LANES).iter().map(move |lanes| lanes[row % LANES])
    }

    /// One tile, `[dims, 8]`.
    #[inline(always)]
    pub fn tile(&self, at: usize) -> &[[f64; LANES]] {
        let values = &self.values[at * LANES * self.dims..(at + 1) * LANES * self.dims];
        values.as_chunks().0
    }

    /// Number of tiles.
    pub fn count(&self) -> usize {
        self.len.div_ceil(LANES)
    }

    /// Squared length of each point, and zeros for the lanes behind the last: `[8 · tiles]`.
    pub fn norms(&self) -> Vec<f64> {
        let mut norms = vec![0.0; self.count() * LANES];
        for (at, norms) in norms.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            for values in self.tile(at) {
                for lane in 0..LANES {
                    norms[lane] += values[lane] * values[lane];
                }
            }
        }
        norms
    }
}

/// Writes the products of each centre with the eight points of a tile; `centres` is `[centres, dims]`, row-major, `out`
/// `[centres, 8]`. Worth its speed only within a `wide!` function.
#[inline(always)]
pub fn products(tile: &[[f64; LANES]], centres: &[f64], out: &mut [[f64; LANES]]) {
    let dims = tile.len();
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    let (first, last) = centres.split_at(blocks.len() * BLOCK * dims);
    for (block, centres) in blocks.iter_mut().zip(first.chunks_exact(BLOCK * dims)) {
        *block = block_products(tile, centres);
    }
    let (pairs, rest) = rest.as_chunks_mut::<2>();
    if let [pair] = pairs {
        *pair = block_products(tile, last);
    }
    if let [single] = rest {
        [*single] = block_products(tile, &last[last.len() - dims..]);
    }
}

#[inline(always)]
fn block_products<const N: usize>(tile: &[[f64; LANES]], centres: &[f64]) -> [[f64; LANES]; N] {
    let dims = tile.len();
    let rows: [&[f64]; N] = std::array::from_fn(|at| &centres[at * dims..(at + 1) * dims]);
    let mut sums = [[0.0; LANES]; N];
    for (dim, values) in tile.iter().enumerate() {
        for (sums, row) in sums.iter_mut().zip(&rows) {
            let factor = row[dim];
            for lane in 0..LANES {
                sums[lane] += values[lane] * factor;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wide::wide;
    use ndarray::Array2;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    wide! {
        fn all_products(tiles: &Tiles, centres: &[f64], out: &mut [[[f64; LANES]; 7]]) -> () {
            out.iter_mut().enumerate().for_each(|(at, out)| products(tiles.tile(at), centres, out));
        }
    }

    proptest! {
        #[test]
        fn products_are_sums_in_the_order_of_the_dimensions(
            values in prop::collection::vec(-9.0..9.0, 11 * 3), centres in prop::collection::vec(-9.0..9.0, 7 * 3),
        ) {
            let points = Array2::from_shape_vec((11, 3), values).expect("33 values");
            let tiles = Tiles::gathered(points.view(), &(0..11).collect::<Vec<_>>(), &[0.0; 3]);
            let mut found = vec![[[9.0; LANES]; 7]; 2];
            all_products(&tiles, &centres, &mut found);
            for row in 0..11 {
                for (centre, dots) in found[row / LANES].iter().enumerate() {
                    let dot = dots[row % LANES];
                    let naive = points.row(row).iter().zip(&centres[3 * centre..]).fold(0.0, |sum, (x, c)| sum + x * c);
                    prop_assert_eq!(dot.to_bits(), (naive + 0.0).to_bits());
                }
            }
        }
    }

    #[test]
    fn points_come_back_moved_and_in_order() {
        let points = Array2::from_shape_fn((10, 2), |(row, dim)| (10 * dim + row) as f64);
        let tiles = Tiles::gathered(points.view(), &(0..10).collect::<Vec<_>>(), &[1.0, 10.0]);
        assert_eq!(tiles.point(9).collect::<Vec<_>>(), [8.0, 9.0]);
        assert_eq!(tiles.select(&[9, 0]).point(1).collect::<Vec<_>>(), [-1.0, 0.0]);
        let turned = points.t().as_standard_layout().into_owned();
        assert_eq!(Tiles::gathered(turned.t(), &[9], &[1.0, 10.0]).point(0).collect::<Vec<_>>(), [8.0, 9.0]);
        assert_eq!(tiles.norms()[8..], [7.0 * 7.0 + 64.0, 64.0 + 81.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
