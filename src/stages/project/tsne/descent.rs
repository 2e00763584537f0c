//! Gradient descent with momentum, gains and early exaggeration.
//! van der Maaten, Hinton (JMLR 2008), section 3.4; gains: Jacobs (1988); learning rate n / 12: Belkina et al. (2019).

use super::affinity::Affinities;

/// A place for each point.
pub type Layout = Vec<[f64; 2]>;

/// Affinities are multiplied by this in the first steps, so that clusters form early and apart.
const EXAGGERATION: f64 = 12.0;
const EXAGGERATED_STEPS: usize = 250;
const MOMENTUM: [f64; 2] = [0.5, 0.8];
const LEAST_GAIN: f64 = 0.01;
const LEAST_RATE: f64 = 50.0;

/// What pushes one point away from all others: `q = 1 / (1 + distance²)`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Repulsion {
    /// Sum of `q²` times the way from the other point.
    pub force: [f64; 2],
    /// Sum of `q`.
    pub normaliser: f64,
}

/// Moves `layout` for `steps` steps. The learning rate is that of scikit-learn's "auto", for its gradient with the factor 4.
pub fn run(
    mut layout: Layout,
    affinities: &Affinities,
    steps: usize,
    repulsion: impl Fn(&[[f64; 2]]) -> Vec<Repulsion>,
) -> Layout {
    let rate = (layout.len() as f64 / EXAGGERATION / 4.0).max(LEAST_RATE);
    let early = EXAGGERATED_STEPS.min(steps);
    let phases = [(early, EXAGGERATION, MOMENTUM[0]), (steps - early, 1.0, MOMENTUM[1])];
    for (steps, exaggeration, momentum) in phases {
        let mut motion = Motion::new(layout.len(), rate, momentum);
        for _ in 0..steps {
            let gradient = gradient(&layout, affinities, exaggeration, &repulsion(&layout));
            motion.step(&mut layout, &gradient);
        }
    }
    layout
}

/// Gradient of the divergence: `4 (exaggeration · Σ p q (y_i - y_j) - Σ q² (y_i - y_j) / Z)`, Z the sum of all `q`.
pub fn gradient(layout: &[[f64; 2]], affinities: &Affinities, exaggeration: f64, repulsion: &[Repulsion]) -> Layout {
    let z = repulsion.iter().map(|one| one.normaliser).sum::<f64>().max(f64::MIN_POSITIVE);
    let of_point = |(pull, push): ([f32; 2], &Repulsion)| {
        [0, 1].map(|axis| 4.0 * (exaggeration * f64::from(pull[axis]) - push.force[axis] / z))
    };
    affinities.attraction(layout).into_iter().zip(repulsion).map(of_point).collect()
}

/// Speed and gain of each coordinate.
struct Motion {
    rate: f64,
    momentum: f64,
    speeds: Layout,
    gains: Layout,
}

impl Motion {
    fn new(points: usize, rate: f64, momentum: f64) -> Motion {
        Motion { rate, momentum, speeds: vec![[0.0; 2]; points], gains: vec![[1.0; 2]; points] }
    }

    /// A coordinate that keeps its direction gains speed, one that turns back loses it.
    fn step(&mut self, layout: &mut Layout, gradient: &Layout) {
        let coordinates = layout.as_flattened_mut().iter_mut().zip(gradient.as_flattened());
        let motions = self.speeds.as_flattened_mut().iter_mut().zip(self.gains.as_flattened_mut());
        for ((at, slope), (speed, gain)) in coordinates.zip(motions) {
            *gain = if *speed * slope < 0.0 { *gain + 0.2 } else { *gain * 0.8 }.max(LEAST_GAIN);
            *speed = self.momentum * *speed - self.rate * *gain * slope;
            *at += *speed;
        }
    }
}
