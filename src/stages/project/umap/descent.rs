//! Stochastic gradient descent on a graph: each edge pulls as often as it is heavy, and with each pull five random points
//! push. McInnes et al. (2018), algorithm 5 and appendix C.
//!
//! Edges move points one after the other, so that the result does not depend on threads; a second thread draws the edges
//! and points of the next epoch meanwhile.

use ndarray::Array2;

use super::curve::Curve;
use super::simplices::Graph;
use crate::random::Stream;
use crate::wide::{exp, wide};

/// Random points that push for each pull.
const PUSHES: usize = 5;
/// Points that one point is moved by at once: the pull first, then the pushes, then itself, to fill a vector.
const LANES: usize = 8;
/// No single move along an axis is longer than this times the rate.
const LONGEST: f32 = 4.0;
/// Keeps the push of near points finite.
const SOFTENING: f32 = 1e-3;

/// One pull: an edge, and the points that push its head.
struct Pull {
    head: u32,
    others: [u32; LANES],
}

/// When each edge pulls next.
struct Schedule {
    points: usize,
    /// Head and tail of each edge.
    ends: Vec<[u32; 2]>,
    /// Epochs from one pull to the next.
    every: Vec<f64>,
    next: Vec<f64>,
    seed: u64,
}

impl Schedule {
    /// The first edges of all points, then the second ones, and so on: pulls on one point would wait for each other.
    fn new(graph: &Graph, seed: u64) -> Schedule {
        let heaviest = graph.weights.iter().copied().fold(0.0, f64::max);
        let rows = (0..graph.len()).map(|head| graph.edges(head).enumerate().map(move |(at, edge)| (at, head, edge)));
        let mut edges: Vec<(usize, usize, (usize, f64))> = rows.flatten().collect();
        edges.sort_by_key(|(at, head, _)| (*at, *head));
        let every: Vec<f64> = edges.iter().map(|(_, _, (_, weight))| heaviest / weight).collect();
        let ends = edges.iter().map(|(_, head, (tail, _))| [*head as u32, *tail as u32]).collect();
        Schedule { points: graph.len(), ends, next: every.clone(), every, seed }
    }

    /// The pulls of an epoch.
    fn pulls(&mut self, epoch: usize) -> Vec<Pull> {
        let mut stream = Stream::at(self.seed, "project.umap", epoch as u64);
        let (points, mut pulls) = (self.points as u64, Vec::with_capacity(self.ends.len()));
        for (edge, (next, every)) in self.next.iter_mut().zip(&self.every).enumerate() {
            if *next <= epoch as f64 {
                *next += every;
                let [head, tail] = self.ends[edge];
                let mut others = [head; LANES];
                others[0] = tail;
                // A multiplication in place of an unbiased draw: the bias is below points / 2³².
                others[1..=PUSHES].fill_with(|| ((u64::from(stream.next_u32()) * points) >> 32) as u32);
                pulls.push(Pull { head, others });
            }
        }
        pulls
    }
}

/// Moves `start` `[points, dims]` for `epochs` epochs.
pub fn run(start: Array2<f64>, graph: &Graph, curve: Curve, epochs: usize, seed: u64) -> Array2<f64> {
    match start.ncols() {
        0..=2 => run_in::<2>(start, graph, curve, epochs, seed),
        3..=4 => run_in::<4>(start, graph, curve, epochs, seed),
        5..=8 => run_in::<8>(start, graph, curve, epochs, seed),
        9..=12 => run_in::<12>(start, graph, curve, epochs, seed),
        13..=16 => run_in::<16>(start, graph, curve, epochs, seed),
        17..=32 => run_in::<32>(start, graph, curve, epochs, seed),
        _ => run_in::<64>(start, graph, curve, epochs, seed),
    }
}

/// In `D` dimensions, or in fewer with zeros in the others.
fn run_in<const D: usize>(start: Array2<f64>, graph: &Graph, curve: Curve, epochs: usize, seed: u64) -> Array2<f64> {
    let place = |row: ndarray::ArrayView1<f64>| std::array::from_fn(|axis| row.get(axis).map_or(0.0, |x| *x as f32));
    let mut places: Vec<[f32; D]> = start.rows().into_iter().map(place).collect();
    let mut schedule = Schedule::new(graph, seed);
    let mut pulls = schedule.pulls(0);
    for epoch in 0..epochs {
        let rate = 1.0 - epoch as f32 / epochs as f32;
        let (_, next) = rayon::join(
            || move_all(&mut places, &pulls, [curve.a as f32, curve.b as f32], rate),
            || schedule.pulls(epoch + 1),
        );
        pulls = next;
    }
    Array2::from_shape_fn(start.dim(), |(row, axis)| places[row].get(axis).map_or(0.0, |x| f64::from(*x)))
}

fn move_all<const D: usize>(places: &mut [[f32; D]], pulls: &[Pull], curve: [f32; 2], rate: f32) {
    match D {
        2 => move_in_2(places.as_flattened_mut(), pulls, curve, rate),
        12 => move_in_12(places.as_flattened_mut(), pulls, curve, rate),
        _ => pulls.iter().for_each(|pull| move_one(places, pull, curve, rate)),
    }
}

wide! {
    fn move_in_2(places: &mut [f32], pulls: &[Pull], curve: [f32; 2], rate: f32) {
        let (places, _) = places.as_chunks_mut::<2>();
        for pull in pulls {
            move_one(places, pull, curve, rate);
        }
    }
}

wide! {
    fn move_in_12(places: &mut [f32], pulls: &[Pull], curve: [f32; 2], rate: f32) {
        let (places, _) = places.as_chunks_mut::<12>();
        for pull in pulls {
            move_one(places, pull, curve, rate);
        }
    }
}

/// Moves the head of an edge and its tail towards each other, and the head away from the points drawn.
#[inline(always)]
fn move_one<const D: usize>(places: &mut [[f32; D]], pull: &Pull, curve: [f32; 2], rate: f32) {
    let head = places[pull.head as usize];
    let (mut ways, mut squared) = ([[0.0f32; LANES]; D], [0.0f32; LANES]);
    for lane in 0..LANES {
        let other = &places[pull.others[lane] as usize];
        for axis in 0..D {
            ways[axis][lane] = head[axis] - other[axis];
        }
    }
    for way in &ways {
        for lane in 0..LANES {
            squared[lane] += way[lane] * way[lane];
        }
    }
    let strengths = strengths(&squared, curve);
    for axis in 0..D {
        let way = &mut ways[axis];
        for lane in 0..LANES {
            way[lane] = (strengths[lane] * way[lane]).clamp(-LONGEST, LONGEST) * rate;
        }
        let step = ((way[0] + way[4]) + (way[2] + way[6])) + ((way[1] + way[5]) + (way[3] + way[7]));
        places[pull.head as usize][axis] = head[axis] + step;
        places[pull.others[0] as usize][axis] -= ways[axis][0];
    }
}

/// Of the pull `-2 a b d^(2b - 2) / (1 + a d^(2b))` in the first place, and of the pushes
/// `2 b / ((0.001 + d²) (1 + a d^(2b)))`, by squared distances.
#[inline(always)]
fn strengths(squared: &[f32; LANES], [a, b]: [f32; 2]) -> [f32; LANES] {
    let (mut constant, mut slope, mut softening) = ([2.0 * b; LANES], [0.0; LANES], [SOFTENING; LANES]);
    (constant[0], slope[0], softening[0]) = (0.0, -2.0 * a * b, f32::MIN_POSITIVE);
    let mut strengths = [0.0; LANES];
    for lane in 0..LANES {
        let power = exp(b * ln(squared[lane]));
        let above = constant[lane] + slope[lane] * power;
        strengths[lane] = above / ((squared[lane] + softening[lane]) * (1.0 + a * power));
    }
    strengths
}

/// Natural logarithm within a few units in the last place, for vectors: `x = 2^e m`, `ln m = 2 artanh((m - 1) / (m + 1))`.
/// About -88 at 0.
#[inline(always)]
fn ln(x: f32) -> f32 {
    const SERIES: [f32; 5] = [1.0 / 9.0, 1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0, 1.0];
    let offset = x.to_bits().wrapping_sub(std::f32::consts::FRAC_1_SQRT_2.to_bits());
    let exponent = (offset as i32 >> 23) as f32;
    let mantissa = f32::from_bits((offset & 0x007F_FFFF).wrapping_add(std::f32::consts::FRAC_1_SQRT_2.to_bits()));
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let mut series = 0.0;
    for term in SERIES {
        series = series * t * t + term;
    }
    exponent * std::f32::consts::LN_2 + 2.0 * t * series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_that_of_double_precision() {
        for at in -800..800 {
            let x = 1.1f64.powi(at / 2) as f32;
            if x > 1e-30 && x < 1e30 {
                assert!((f64::from(ln(x)) - f64::from(x).ln()).abs() < 1e-6 * f64::from(x).ln().abs().max(1.0), "{x}");
            }
        }
        assert!(ln(0.0) < -80.0 && ln(0.0).is_finite());
    }

    #[test]
    fn strengths_are_the_slopes_of_the_divergence() {
        let (a, b) = (1.577f64, 0.895f64);
        for squared in [1e-4f32, 0.3, 1.0, 7.0, 400.0] {
            let d2 = f64::from(squared);
            let power = d2.powf(b);
            let expected =
                [-2.0 * a * b * power / d2 / (1.0 + a * power), 2.0 * b / ((0.001 + d2) * (1.0 + a * power))];
            let found = strengths(&[squared; LANES], [a as f32, b as f32]);
            for (found, expected) in found.iter().zip(expected) {
                assert!((f64::from(*found) / expected - 1.0).abs() < 1e-4, "{found} {expected}");
            }
        }
    }

    #[test]
    fn heavy_edges_pull_often_and_light_ones_in_proportion() {
        let graph = Graph { starts: vec![0, 1, 3, 4], tails: vec![1, 0, 2, 1], weights: vec![1.0, 1.0, 0.25, 0.25] };
        let mut schedule = Schedule::new(&graph, 0);
        let mut counts = [0; 2];
        for pull in (0..=100).flat_map(|epoch| schedule.pulls(epoch)) {
            counts[usize::from(pull.head + pull.others[0] > 1)] += 1;
            assert!(pull.others[1..=PUSHES].iter().all(|other| *other < 3) && pull.others[6] == pull.head);
        }
        assert_eq!(counts, [200, 50]);
    }

    #[test]
    fn equal_places_stay_and_far_neighbours_come_near() {
        let pull = Pull { head: 0, others: [1, 0, 0, 0, 0, 0, 0, 0] };
        let mut places = [[2.0f32, 1.0], [2.0, 1.0]];
        move_one(&mut places, &pull, [1.577, 0.895], 1.0);
        assert_eq!(places, [[2.0, 1.0], [2.0, 1.0]]);
        let mut places = [[10.0f32, 0.0], [0.0, 0.0]];
        move_one(&mut places, &pull, [1.577, 0.895], 1.0);
        assert!(places[0][0] < 10.0 && (places[0][0] + places[1][0] - 10.0).abs() < 1e-5, "{places:?}");
    }
}
