//! Numbers to levels: the distinct values of a discrete factor, bins of equal width for what is continuous.
//! As `histogram_discretizer` of disentanglement_lib: numpy's 20 edges from the least to the largest value.

use super::Factor;

/// Bins of a continuous quantity.
pub const BINS: usize = 20;

/// One level for each point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Level of each point, below `count`; every level occurs.
    pub of: Vec<u32>,
    /// Number of levels.
    pub count: usize,
}

impl Levels {
    /// Levels of a factor: its values, or bins if it is continuous.
    pub fn of(factor: &Factor) -> Levels {
        match factor.discrete {
            true => Levels::distinct(&factor.values),
            false => Levels::distinct(&bins(&factor.values)),
        }
    }

    fn distinct(values: &[f64]) -> Levels {
        // Adding 0 turns -0 into 0.
        let mut sorted: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.dedup();
        let level = |value: &f64| sorted.partition_point(|other| other < value) as u32;
        Levels { of: values.iter().map(level).collect(), count: sorted.len() }
    }

    /// The points of each level.
    pub fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.count];
        self.of.iter().enumerate().for_each(|(point, level)| members[*level as usize].push(point));
        members
    }
}

/// Number of the bin of each finite value, 0 to 19. Values that are all equal share a bin.
pub fn bins(values: &[f64]) -> Vec<f64> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let step = (high - low) / BINS as f64;
    let edges: Vec<f64> = (1..BINS).map(|edge| low + edge as f64 * step).collect();
    let bin = |value: &f64| if step > 0.0 { edges.partition_point(|edge| edge <= value) } else { 0 };
    values.iter().map(|value| bin(value) as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_values_are_numbered_by_rising_value() {
        let levels = Levels::distinct(&[7.0, -1.0, 7.0, 0.0, -0.0]);
        assert_eq!((levels.of, levels.count), (vec![2, 0, 2, 1, 1], 3));
    }

    #[test]
    fn bins_are_those_of_numpy() {
        // numpy.digitize(x, numpy.histogram(x, 20)[1][:-1]) - 1
        assert_eq!(bins(&[0.0, 1.0, 0.5, 0.049, 0.05, 0.999]), [0.0, 19.0, 10.0, 0.0, 1.0, 19.0]);
        assert_eq!(bins(&[-3.0, 17.0, -2.0]), [0.0, 19.0, 1.0]);
    }

    #[test]
    fn what_does_not_vary_is_one_bin() {
        assert_eq!(bins(&[0.3; 3]), [0.0; 3]);
        assert_eq!(bins(&[]), [0.0; 0]);
        assert_eq!(bins(&[0.0, 5e-324]), [0.0; 2]);
    }

    #[test]
    fn members_stand_by_level() {
        assert_eq!(Levels::distinct(&[2.0, 1.0, 2.0]).members(), [vec![1], vec![0, 2]]);
        let continuous = Factor { name: String::new(), values: vec![0.0, 0.01, 1.0], discrete: false };
        assert_eq!(Levels::of(&continuous).of, [0, 0, 1]);
    }
}
