//! Seconds, bytes and ages as people write them.

use std::time::Duration;

/// `0.31 s`, `2.1 s`, `34 s`, `3 min 20 s`, `2 h 05 min`.
pub fn seconds(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        _ if seconds < 0.995 => format!("{seconds:.2} s"),
        _ if seconds < 9.95 => format!("{seconds:.1} s"),
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// `512 B`, `1.5 kB`, `12 MB`: powers of 1000.
pub fn bytes(bytes: u64) -> String {
    let names = ["kB", "MB", "GB", "TB", "PB"];
    let mut amount = bytes as f64 / 1e3;
    let mut name = 0;
    while amount >= 999.5 && name + 1 < names.len() {
        amount /= 1e3;
        name += 1;
    }
    match amount {
        _ if bytes < 1000 => format!("{bytes} B"),
        _ if amount < 9.95 => format!("{amount:.1} {}", names[name]),
        _ => format!("{amount:.0} {}", names[name]),
    }
}

/// `3 days ago`, `5 h ago`, `just now`.
pub fn ago(age: Duration) -> String {
    match age.as_secs() {
        0..60 => "just now".to_owned(),
        whole @ 60..3600 => format!("{} min ago", whole / 60),
        whole @ 3600..172_800 => format!("{} h ago", whole / 3600),
        whole => format!("{} days ago", whole / 86_400),
    }
}

/// Bytes from `10GB`, `1.5 GiB`, `800M` or `4096`.
///
/// # Errors
/// A fragment that names the units.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let (amount, unit) = amount_and_unit(text)?;
    let each = match unit.to_ascii_lowercase().trim_end_matches('b') {
        "" => 1.0,
        "k" => 1e3,
        "m" => 1e6,
        "g" => 1e9,
        "t" => 1e12,
        "ki" => f64::from(1 << 10),
        "mi" => f64::from(1 << 20),
        "gi" => f64::from(1 << 30),
        "ti" => (1_u64 << 40) as f64,
        _ => return Err(format!("unknown unit `{unit}`: write it as 500MB, 10GB or 8GiB")),
    };
    Ok((amount * each) as u64)
}

/// A time span from `30d`, `12h`, `45min`, `2w`, `90s`.
///
/// # Errors
/// A fragment that names the units.
pub fn parse_age(text: &str) -> Result<Duration, String> {
    let (amount, unit) = amount_and_unit(text)?;
    let each = match unit {
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        _ => return Err(format!("unknown unit `{unit}`: write it as 30d, 12h or 2w")),
    };
    Duration::try_from_secs_f64(amount * each).map_err(|error| error.to_string())
}

fn amount_and_unit(text: &str) -> Result<(f64, &str), String> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let amount = text[..end].parse().map_err(|_| format!("`{text}` does not begin with a number"))?;
    Ok((amount, text[end..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_two_digits_that_matter() {
        let told = [0.0, 0.312, 2.1, 9.96, 34.4, 200.0, 7500.0].map(seconds);
        assert_eq!(told, ["0.00 s", "0.31 s", "2.1 s", "10 s", "34 s", "3 min 20 s", "2 h 05 min"]);
    }

    #[test]
    fn bytes_come_in_powers_of_a_thousand() {
        assert_eq!([512, 1500, 12_000_000, 999_600].map(bytes), ["512 B", "1.5 kB", "12 MB", "1.0 MB"]);
    }

    #[test]
    fn sizes_are_read_with_and_without_units() {
        let read = ["4096", "10GB", "1.5 GiB", "800M", "1kB"].map(|text| parse_bytes(text).unwrap());
        assert_eq!(read, [4096, 10_000_000_000, 1_610_612_736, 800_000_000, 1000]);
        assert!(parse_bytes("10 apples").unwrap_err().contains("10GB"));
        assert!(parse_bytes("").is_err() && parse_bytes("-3").is_err());
    }

    #[test]
    fn ages_are_read_with_units_only() {
        assert_eq!(parse_age("30d").unwrap(), Duration::from_secs(30 * 86_400));
        assert_eq!(parse_age("45min").unwrap(), Duration::from_secs(2700));
        assert!(parse_age("30").unwrap_err().contains("30d"));
    }

    #[test]
    fn ages_are_told_in_one_unit() {
        assert_eq!(
            [5, 120, 7200, 864_000].map(|each| ago(Duration::from_secs(each))),
            ["just now", "2 min ago", "2 h ago", "10 days ago"]
        );
    }
}
