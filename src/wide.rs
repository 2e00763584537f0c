//! Loops compiled for the widest vectors that the processor has, chosen when the program runs: one build serves all machines.
//!
//! Wider vectors do not change a result: nothing is contracted or reordered, and sums run in [`LANES`] fixed partial sums.

/// Partial sums of a sum, whatever the width of the registers.
pub(crate) const LANES: usize = 16;

/// Defines functions three times (AVX-512, AVX2 and plain) and calls the best that the processor has.
/// Everything called in its body that is to profit must be `#[inline(always)]`.
macro_rules! wide {
    ($($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $out:ty)? $body:block)+) => {$(
        $(#[$meta])*
        $vis fn $name($($arg: $type),*) $(-> $out)? {
            #[inline(always)]
            fn plain($($arg: $type),*) $(-> $out)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                fn avx512($($arg: $type),*) $(-> $out)? { plain($($arg),*) }
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $type),*) $(-> $out)? { plain($($arg),*) }
                if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq") && is_x86_feature_detected!("avx512vl")
                {
                    #[expect(unsafe_code, reason = "the processor has just been asked for these instructions")]
                    return unsafe { avx512($($arg),*) };
                }
                if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                    #[expect(unsafe_code, reason = "the processor has just been asked for these instructions")]
                    return unsafe { avx2($($arg),*) };
                }
            }
            plain($($arg),*)
        }
    )+};
}
pub(crate) use wide;

/// `Σ x` in [`LANES`] partial sums.
#[inline(always)]
pub(crate) fn sum(x: &[f32]) -> f32 {
    let (whole, rest) = x.as_chunks::<LANES>();
    let mut partial = [0.0f32; LANES];
    for lanes in whole {
        for at in 0..LANES {
            partial[at] += lanes[at];
        }
    }
    partial.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// `Σ x · y` in [`LANES`] partial sums.
#[inline(always)]
pub(crate) fn dot(x: &[f32], y: &[f32]) -> f32 {
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    let mut partial = [0.0f32; LANES];
    for (x, y) in x.iter().zip(y) {
        for at in 0..LANES {
            partial[at] += x[at] * y[at];
        }
    }
    partial.iter().sum::<f32>() + x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum::<f32>()
}

/// `e^x` within 2 units in the last place, for vectors: Cephes' polynomial, exact powers of two. 0 far below, huge far above.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = (x - whole * 0.693_359_4) + whole * 2.121_944_4e-4;
    let series = [1.987_569_2e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_66, 0.5];
    let mut p = series[0];
    for c in &series[1..] {
        p = p * r + c;
    }
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1f32.to_bits()));
    (p * r * r + r + 1.0) * power
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    wide! {
        fn exps(x: &[f32], y: &mut [f32]) {
            for (y, x) in y.iter_mut().zip(x) {
                *y = exp(*x);
            }
        }
    }

    #[test]
    fn the_exponential_is_that_of_double_precision_in_every_build() {
        let x: Vec<f32> = (-8600..8790).map(|at| at as f32 / 100.0).collect();
        let mut y = vec![0.0; x.len()];
        exps(&x, &mut y);
        for (x, y) in x.iter().zip(y) {
            let exact = f64::from(*x).exp();
            assert!((f64::from(y) / exact - 1.0).abs() < 3e-7, "e^{x} gave {y}");
            assert_eq!(y, exp(*x));
        }
        assert!(exp(-1e9) < 1e-37 && exp(1e9) > 1e38 && exp(f32::NAN).is_nan());
    }

    #[test]
    fn sums_are_those_of_double_precision() {
        let x: Vec<f32> = (0..1003).map(|at| (at as f32).sin()).collect();
        let exact: f64 = x.iter().map(|x| f64::from(*x)).sum();
        let square: f64 = x.iter().map(|x| f64::from(*x).powi(2)).sum();
        assert!((f64::from(sum(&x)) - exact).abs() < 1e-4 && (f64::from(dot(&x, &x)) - square).abs() < 1e-3);
        assert_eq!((sum(&[]), sum(&[2.0])), (0.0, 2.0));
    }
}
