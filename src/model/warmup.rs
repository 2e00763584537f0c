//! Where a training is, and how much of the divergence counts there.
//! Bowman et al., "Generating sentences from a continuous space" (CoNLL 2016), section 3.1: annealing from 0.

/// How far a training is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Steps done.
    pub step: usize,
    /// Steps in all.
    pub of: usize,
}

impl Progress {
    /// The end of a training, where every ramp has ended.
    pub const END: Progress = Progress { step: 1, of: 1 };

    /// From 0 to 1.
    pub fn fraction(self) -> f64 {
        self.step as f64 / self.of.max(1) as f64
    }

    /// A linear ramp from 0 to 1 over the first `share` of the training; 1 throughout for a share of 0.
    pub fn ramp(self, share: f64) -> f64 {
        if share <= 0.0 { 1.0 } else { (self.fraction() / share).min(1.0) }
    }
}

/// How the weight of the divergence rises from 0 to 1: once, or again and again (Fu et al., "Cyclical annealing schedule: a
/// simple approach to mitigating KL vanishing", NAACL 2019, equation 6).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warmup {
    /// Share of each cycle over which it rises.
    pub share: f64,
    /// Cycles of equal length; the training ends at 1.
    pub cycles: usize,
}

impl Warmup {
    /// Between 0 and 1.
    pub fn weight(self, at: Progress) -> f64 {
        let (step, cycles) = (at.step * self.cycles.max(1), at.of.max(1));
        if at.step >= at.of { 1.0 } else { Progress { step: step % cycles, of: at.of }.ramp(self.share) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_rise_again_and_end_at_one() {
        let warmup = Warmup { share: 0.5, cycles: 2 };
        let at = |step| warmup.weight(Progress { step, of: 100 });
        assert_eq!([0, 10, 25, 49, 50, 60, 75, 99, 100].map(at), [0.0, 0.4, 1.0, 1.0, 0.0, 0.4, 1.0, 1.0, 1.0]);
        let once = Warmup { share: 0.2, cycles: 1 };
        assert!((0..=50).all(|step| once.weight(Progress { step, of: 50 }) == Progress { step, of: 50 }.ramp(0.2)));
    }

    #[test]
    fn the_ramp_is_linear_and_ends_at_its_share() {
        let at = |step| Progress { step, of: 1000 };
        assert_eq!([0, 100, 200, 1000].map(|step| at(step).ramp(0.2)), [0.0, 0.5, 1.0, 1.0]);
        assert_eq!(at(0).ramp(0.0), 1.0);
        assert_eq!(Progress::END.ramp(1.0), 1.0);
    }
}
