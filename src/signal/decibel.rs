//! Power to decibels.
//! `librosa.power_to_db`: 10·log10(max(amin, power) / max(amin, reference)), then no lower than the maximum − top_db.

use std::f64::consts::LN_10;

use ndarray::Array2;

use super::lanes::vectorised;

/// Powers below this count as this: −100 dB.
pub const AMIN: f32 = 1e-10;

/// What lies further below the loudest value is raised to this distance.
pub const TOP_DB: f32 = 80.0;

/// Decibels over power 1, at most [`TOP_DB`] below the largest value of the whole array: `power_to_db(ref=1.0)`.
/// Values from −100 up, the shape is kept.
pub fn power_to_db(power: Array2<f32>) -> Array2<f32> {
    let floor = decibels(loudest(&power)) - TOP_DB;
    converted(power, 0.0, floor)
}

/// Decibels below the largest value of the whole array, from −80 to 0: `power_to_db(ref=np.max)`. The shape is kept.
/// Silence is 0 throughout, as in librosa.
pub fn power_to_clip_db(power: Array2<f32>) -> Array2<f32> {
    let loudest = decibels(loudest(&power));
    converted(power, loudest, -TOP_DB)
}

fn converted(mut power: Array2<f32>, reference: f32, floor: f32) -> Array2<f32> {
    match power.as_slice_memory_order_mut() {
        Some(values) => convert(values, reference, floor),
        None => power.mapv_inplace(|p| (decibels(p) - reference).max(floor)),
    }
    power
}

vectorised! {
    fn convert(values: &mut [f32], reference: f32, floor: f32) -> () {
        values.iter_mut().for_each(|p| *p = (decibels(*p) - reference).max(floor));
    }
}

#[inline(always)]
fn decibels(power: f32) -> f32 {
    ln(power.max(AMIN)) * (10.0 / LN_10) as f32
}

/// Natural logarithm of a positive normal number, within 2 units in the last place of the larger of it and 1. Unlike
/// the standard library's it has no branch and no call, so the processor takes several at once.
/// x = 2^e·m, √½ ≤ m < √2; ln m = 2·artanh s = 2(s + s³/3 + s⁵/5 + s⁷/7 + s⁹/9), s = (m − 1)/(m + 1), |s| < 0.172.
#[inline(always)]
fn ln(x: f32) -> f32 {
    const ROOT_HALF: i32 = 0x3F35_04F3;
    let above = x.to_bits() as i32 - ROOT_HALF;
    let (exponent, mantissa) = ((above >> 23) as f32, f32::from_bits(((above & 0x007F_FFFF) + ROOT_HALF) as u32));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = 2.0 / 3.0 + square * (2.0 / 5.0 + square * (2.0 / 7.0 + square * (2.0 / 9.0)));
    // ln 2 in two parts: the first times any exponent is exact.
    exponent * 0.693_359_4 + (2.0 * s + (s * square * series + exponent * -0.000_212_194_44))
}

fn loudest(power: &Array2<f32>) -> f32 {
    power.iter().copied().fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

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

    proptest! {
        #[test]
        fn fast_and_exact_logarithm_agree(exponent in -33.0f64..60.0) {
            let x = exponent.exp2() as f32;
            let exact = f64::from(x).ln();
            prop_assert!((f64::from(ln(x)) - exact).abs() <= 2.4e-7 * exact.abs().max(1.0), "{x}: {} {exact}", ln(x));
        }
    }

    #[test]
    fn the_logarithm_of_one_is_zero() {
        assert_eq!((ln(1.0), decibels(1.0)), (0.0, 0.0));
    }

    #[test]
    fn silence_is_minus_100_absolute_and_zero_relative() {
        check(power_to_db, [0.0; 3], [-100.0; 3]);
        check(power_to_clip_db, [0.0; 3], [0.0; 3]);
        assert!(power_to_db(Array2::zeros((0, 128))).is_empty());
    }
}
