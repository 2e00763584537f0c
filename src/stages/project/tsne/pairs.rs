//! The push of many points on a few, sixteen at a time, in single precision.
//! van der Maaten, Hinton (JMLR 2008), equation 5: with `q = 1 / (1 + d²)`, the force is `Σ m q² (y_i - y_j)`.

use crate::wide::{LANES, wide};

/// What pushes: places relative to some origin near the points that are pushed, and how many points stand at each.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    xs: Vec<f32>,
    ys: Vec<f32>,
    masses: Vec<f32>,
}

impl Sources {
    /// Forgets all places.
    pub fn clear(&mut self) {
        self.xs.clear();
        self.ys.clear();
        self.masses.clear();
    }

    /// Adds `mass` points at `at`.
    pub fn add(&mut self, at: [f32; 2], mass: f32) {
        self.xs.push(at[0]);
        self.ys.push(at[1]);
        self.masses.push(mass);
    }

    /// For each target the sums over all sources of `m q² (target - source)`, by axis, and of `m q`, appended to `sums`.
    pub fn push(&mut self, targets: &[[f32; 2]], sums: &mut Vec<[f32; 3]>) {
        let whole = self.xs.len().next_multiple_of(LANES);
        for values in [&mut self.xs, &mut self.ys, &mut self.masses] {
            values.resize(whole, 0.0);
        }
        push(targets, &self.xs, &self.ys, &self.masses, sums);
    }
}

wide! {
    fn push(targets: &[[f32; 2]], xs: &[f32], ys: &[f32], masses: &[f32], sums: &mut Vec<[f32; 3]>) {
        let sources = || xs.as_chunks::<LANES>().0.iter().zip(ys.as_chunks::<LANES>().0).zip(masses.as_chunks::<LANES>().0);
        for [x, y] in targets {
            let mut sum = [[0.0f32; LANES]; 3];
            for ((xs, ys), masses) in sources() {
                for lane in 0..LANES {
                    let (dx, dy) = (x - xs[lane], y - ys[lane]);
                    let q = 1.0 / (1.0 + dx * dx + dy * dy);
                    let near = masses[lane] * q;
                    let strength = near * q;
                    sum[0][lane] += strength * dx;
                    sum[1][lane] += strength * dy;
                    sum[2][lane] += near;
                }
            }
            sums.push(sum.map(|lanes| lanes.iter().sum::<f32>()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn sums_are_those_by_definition() {
        let mut stream = Stream::new(1, "test.pairs");
        for count in [0, 1, 15, 16, 17, 100] {
            let mut place = || [0, 1].map(|_| 3.0 * stream.normal() as f32);
            let (places, target) = ((0..count).map(|_| place()).collect::<Vec<_>>(), place());
            let (mut sources, mut sums, mut expected) = (Sources::default(), Vec::new(), [0.0f64; 3]);
            for (at, mass) in places.iter().zip(1..) {
                sources.add(*at, mass as f32);
                let [dx, dy] = [0, 1].map(|axis| f64::from(target[axis] - at[axis]));
                let q = 1.0 / (1.0 + dx * dx + dy * dy);
                let parts = [q * q * dx, q * q * dy, q].map(|part| f64::from(mass) * part);
                expected.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            }
            sources.push(&[target], &mut sums);
            assert!(sums[0].iter().zip(expected).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-5 * b.abs().max(1.0)));
        }
    }
}
