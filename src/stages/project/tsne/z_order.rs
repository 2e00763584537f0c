//! Points of the plane along a Z-order curve: near on the curve is near in the plane, and every square of a quadtree is a run.
//! Morton, "A computer oriented geodetic data base" (IBM, 1966).

use super::descent::Layout;

/// Bits of a coordinate, which is as often as the plane can be halved.
pub const BITS: u32 = 16;
/// Bits that one pass of the sort looks at.
const DIGIT_BITS: u32 = 11;

/// Points in the order of the curve.
pub struct ZOrder {
    /// Their places on the curve, rising.
    pub codes: Vec<u32>,
    /// Where each stood before.
    pub origin: Vec<u32>,
    /// The points themselves.
    pub points: Layout,
}

impl ZOrder {
    /// Sorts a layout; points with the same code stay in their order.
    pub fn new(layout: &[[f64; 2]]) -> ZOrder {
        let bound = |axis: usize, f: fn(f64, f64) -> f64, start| layout.iter().map(|at| at[axis]).fold(start, f);
        let low = [0, 1].map(|axis| bound(axis, f64::min, f64::INFINITY));
        let high = [0, 1].map(|axis| bound(axis, f64::max, f64::NEG_INFINITY));
        let width = (high[0] - low[0]).max(high[1] - low[1]);
        let scale = if width > 0.0 { f64::from(u16::MAX) / width } else { 0.0 };
        let sorted = sort(layout.iter().map(|at| code(*at, low, scale)).zip(0..).collect());
        let (codes, origin): (Vec<u32>, Vec<u32>) = sorted.into_iter().unzip();
        let points = origin.iter().map(|at| layout[*at as usize]).collect();
        ZOrder { codes, origin, points }
    }
}

/// Radix sort by code, stable.
fn sort(mut items: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    let mut sorted = vec![(0, 0); items.len()];
    for shift in (0..2 * BITS).step_by(DIGIT_BITS as usize) {
        let digit = |code: u32| (code >> shift) as usize & ((1 << DIGIT_BITS) - 1);
        let mut ends = [0; 1 << DIGIT_BITS];
        items.iter().for_each(|(code, _)| ends[digit(*code)] += 1);
        ends.iter_mut().fold(0, |sum, end| {
            *end += sum;
            *end
        });
        for item in items.iter().rev() {
            let end = &mut ends[digit(item.0)];
            *end -= 1;
            sorted[*end] = *item;
        }
        std::mem::swap(&mut items, &mut sorted);
    }
    items
}

/// Place of a point on the curve: the bits of its two coordinates in turn.
fn code(at: [f64; 2], low: [f64; 2], scale: f64) -> u32 {
    // A conversion from float to integer stays in range.
    let [x, y] = [0, 1].map(|axis| spread(((at[axis] - low[axis]) * scale) as u16));
    x | y << 1
}

/// Puts a zero between any two bits.
fn spread(bits: u16) -> u32 {
    let masks = [0x00FF_00FF, 0x0F0F_0F0F, 0x3333_3333, 0x5555_5555];
    masks.into_iter().zip([8, 4, 2, 1]).fold(u32::from(bits), |x, (mask, shift)| (x | x << shift) & mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn bits_are_interleaved() {
        assert_eq!(spread(0b1011), 0b100_0101);
        assert_eq!(spread(u16::MAX), 0x5555_5555);
    }

    #[test]
    fn codes_rise_and_points_are_those_given() {
        let mut stream = Stream::new(1, "test.z_order");
        let layout: Layout = (0..500).map(|_| [0, 1].map(|_| stream.normal())).collect();
        let order = ZOrder::new(&layout);
        assert!(order.codes.is_sorted());
        assert!(order.origin.iter().zip(&order.points).all(|(at, point)| layout[*at as usize] == *point));
        let mut origin = order.origin;
        origin.sort_unstable();
        assert_eq!(origin, (0..500).collect::<Vec<u32>>());
    }

    #[test]
    fn points_on_one_spot_stay_in_order() {
        assert_eq!(ZOrder::new(&[[3.0, -1.0]; 5]).origin, [0, 1, 2, 3, 4]);
    }
}
