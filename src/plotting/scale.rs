//! Ranges, ticks and number labels of axes.

/// The lowest and highest finite value; none when there is no finite value.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
    })
}

/// `range` widened by `share` of its length at both ends; a range of no length gets one.
pub fn padded((low, high): (f64, f64), share: f64) -> (f64, f64) {
    let length = high - low;
    if length > f64::EPSILON * low.abs().max(high.abs()).max(1e-300) {
        return (low - share * length, high + share * length);
    }
    let half = if low == 0.0 { 1.0 } else { low.abs() * 0.5 };
    (low - half, high + half)
}

/// `value` with as many decimals as `step` needs, a true minus sign, no `-0`.
pub fn number(value: f64, step: f64) -> String {
    if !value.is_finite() {
        return "–".to_string();
    }
    let size = step.abs().max(f64::MIN_POSITIVE);
    if value.abs() >= 1e6 || (value != 0.0 && size < 1e-5) {
        return format!("{value:.1e}").replace('-', "−");
    }
    let decimals = (-size.log10().floor()).clamp(0.0, 6.0) as usize;
    let plain = format!("{value:.decimals$}");
    let is_zero = plain.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if is_zero { plain.replace('-', "") } else { plain.replace('-', "−") }
}

/// `value` to about three significant digits.
pub fn short(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if size >= 100.0 => number(value, 1.0),
        _ if size >= 10.0 => number(value, 0.1),
        _ if size >= 0.1 || size == 0.0 => number(value, 0.01),
        _ => number(value, 0.001),
    }
}

/// `count` with thin gaps between thousands.
pub fn count(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_a_number_has_no_extent() {
        assert_eq!(extent([f64::NAN, f64::INFINITY]), None);
        assert_eq!(extent([f64::NAN, 2.0, -1.0]), Some((-1.0, 2.0)));
    }

    #[test]
    fn a_range_of_no_length_gets_one() {
        assert_eq!(padded((0.0, 0.0), 0.1), (-1.0, 1.0));
        let (low, high) = padded((5.0, 5.0), 0.1);
        assert!(low < 5.0 && high > 5.0);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(-0.25, 0.05), "−0.25");
        assert_eq!(number(-0.0001, 0.1), "0.0");
        assert_eq!(number(40.0, 20.0), "40");
        assert_eq!(short(0.414), "0.41");
        assert_eq!(count(12345), "12\u{2009}345");
        assert_eq!(count(123), "123");
        assert_eq!(number(f64::NAN, 1.0), "–");
    }
}
