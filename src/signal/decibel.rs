//! Power to decibels.
//! `librosa.power_to_db`: 10·log10(max(amin, power) / max(amin, reference)), then no lower than the maximum − top_db.

use std::f64::consts::LN_10;

use ndarray::Array2;

/// Powers below this count as this: −100 dB.
pub const AMIN: f32 = 1e-10;

/// What lies further below the loudest value is raised to this distance.
pub const TOP_DB: f32 = 80.0;

/// Decibels over power 1, at most [`TOP_DB`] below the largest value of the whole array: `power_to_db(ref=1.0)`.
/// Values from −100 up, the shape is kept.
pub fn power_to_db(power: Array2<f32>) -> Array2<f32> {
    let floor = decibels(loudest(&power)) - TOP_DB;
    power.mapv_into(|p| decibels(p).max(floor))
}

/// Decibels below the largest value of the whole array, from −80 to 0: `power_to_db(ref=np.max)`. The shape is kept.
/// Silence is 0 throughout, as in librosa.
pub fn power_to_clip_db(power: Array2<f32>) -> Array2<f32> {
    let loudest = decibels(loudest(&power));
    power.mapv_into(|p| (decibels(p) - loudest).max(-TOP_DB))
}

/// By the natural logarithm, which is three times as fast as the decimal one.
fn decibels(power: f32) -> f32 {
    (f64::from(power.max(AMIN).ln()) * (10.0 / LN_10)) as f32
}

fn loudest(power: &Array2<f32>) -> f32 {
    power.iter().copied().fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(convert: fn(Array2<f32>) -> Array2<f32>, power: [f32; 3], decibels: [f32; 3]) {
        let converted = convert(Array2::from_shape_vec((1, 3), power.to_vec()).expect("three values"));
        converted.iter().zip(decibels).for_each(|(a, b)| assert!((a - b).abs() < 1e-5, "{a} {b}"));
    }

    #[test]
    fn ten_times_the_power_is_ten_decibels() {
        check(power_to_db, [1.0, 10.0, 0.001], [0.0, 10.0, -30.0]);
        check(power_to_clip_db, [1.0, 10.0, 0.001], [-10.0, 0.0, -40.0]);
    }

    #[test]
    fn quiet_values_stop_80_db_below_the_loudest() {
        check(power_to_db, [100.0, 0.0, 1e-7], [20.0, -60.0, -60.0]);
        check(power_to_clip_db, [100.0, 0.0, 1e-7], [0.0, -80.0, -80.0]);
    }

    #[test]
    fn silence_is_minus_100_absolute_and_zero_relative() {
        check(power_to_db, [0.0; 3], [-100.0; 3]);
        check(power_to_clip_db, [0.0; 3], [0.0; 3]);
        assert!(power_to_db(Array2::zeros((0, 128))).is_empty());
    }
}
