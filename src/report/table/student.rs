//! Student's t: how far the mean of few seeds may be from the truth.
//! Gosset 1908; the expansion for many degrees of freedom is Abramowitz and Stegun 26.7.5.

/// The 97.5 % quantile of t for 1 to 30 degrees of freedom.
const TABLE: [f64; 30] = [
    12.706_205, 4.302_653, 3.182_446, 2.776_445, 2.570_582, 2.446_912, 2.364_624, 2.306_004, 2.262_157, 2.228_139,
    2.200_985, 2.178_813, 2.160_369, 2.144_787, 2.131_450, 2.119_905, 2.109_816, 2.100_922, 2.093_024, 2.085_963,
    2.079_614, 2.073_873, 2.068_658, 2.063_899, 2.059_539, 2.055_529, 2.051_831, 2.048_407, 2.045_230, 2.042_272,
];

/// The half width of the 95 % interval of the mean of `n` values with standard deviation `std`; none for one value.
pub fn half_width(n: usize, std: f64) -> Option<f64> {
    (n > 1).then(|| quantile(n - 1) * std / (n as f64).sqrt())
}

/// The 97.5 % quantile of t for `df` degrees of freedom, to four digits.
fn quantile(df: usize) -> f64 {
    TABLE.get(df.wrapping_sub(1)).copied().unwrap_or_else(|| {
        let (z, df) = (1.959_963_985_f64, df as f64);
        let first = (z.powi(3) + z) / 4.0;
        let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
        z + first / df + second / (df * df)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_scipy() {
        // scipy.stats.t.ppf(0.975, df)
        for (df, expected) in [(1, 12.706_205), (4, 2.776_445), (31, 2.039_513), (60, 2.000_298), (1000, 1.962_339)] {
            assert!((quantile(df) - expected).abs() < 1e-4, "{df}: {}", quantile(df));
        }
    }

    #[test]
    fn one_value_has_no_interval_and_equal_values_a_narrow_one() {
        assert_eq!(half_width(1, 0.0), None);
        assert_eq!(half_width(5, 0.0), Some(0.0));
        assert!((half_width(5, 1.0).unwrap() - 1.241_664).abs() < 1e-5);
    }
}
