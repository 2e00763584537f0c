//! Figures as people compare them.

use super::Summary;

/// Three decimals below 10, fewer above: `0.312`, `12.35`, `345.6`.
pub fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        size if size < 9.9995 => 3,
        size if size < 99.995 => 2,
        _ => 1,
    };
    let text = format!("{value:.decimals$}");
    // Minus nothing is nothing.
    if text.trim_start_matches(['-', '0', '.']).is_empty() { text.trim_start_matches('-').to_owned() } else { text }
}

impl Summary {
    /// `0.312 ± 0.011 (5)`, or `0.312` for one run.
    pub fn mean_text(&self) -> String {
        match self.std {
            Some(std) => format!("{} ± {} ({})", figure(self.mean), figure(std), self.n),
            None => figure(self.mean),
        }
    }

    /// `[0.298, 0.326]`, if there is an interval.
    pub fn interval_text(&self) -> Option<String> {
        self.interval.map(|[low, high]| format!("[{}, {}]", figure(low), figure(high)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_follow_size() {
        let shown = [0.312_34, 9.999_9, 12.345, 345.64, -0.000_1, -0.5].map(figure);
        assert_eq!(shown, ["0.312", "10.00", "12.35", "345.6", "0.000", "-0.500"].map(str::to_owned));
    }

    #[test]
    fn seeds_are_told_as_mean_std_and_count() {
        let summary = Summary { mean: 0.3123, std: Some(0.0114), n: 5, interval: Some([0.298, 0.326_4]) };
        assert_eq!(summary.mean_text(), "0.312 ± 0.011 (5)");
        assert_eq!(summary.interval_text().unwrap(), "[0.298, 0.326]");
    }
}
