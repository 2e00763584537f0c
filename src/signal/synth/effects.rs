//! Effects: distortion, tilt equaliser, reverberation, noise floor, limiter.
//! Reverberator of parallel combs and serial all-passes: Schroeder, "Natural sounding artificial reverberation" (1962).

use crate::random::Stream;

const COMBS_S: [f32; 4] = [0.0297, 0.0371, 0.0411, 0.0437];
const ALLPASSES_S: [f32; 2] = [0.0050, 0.0017];
/// Share of wet sound and time to fall by 60 dB, for dry, room and hall.
const ROOMS: [(f32, f32); 3] = [(0.0, 0.1), (0.18, 0.6), (0.40, 1.8)];
const TILT_HZ: f32 = 900.0;
const KNEE: f32 = 0.75;

/// The factor of `db` decibels.
pub fn gain(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}

/// Uniform noise of root mean square 1.
pub fn white(stream: &mut Stream) -> f32 {
    3f32.sqrt() * (stream.next_u32() as f32 / (1u32 << 31) as f32 - 1.0)
}

/// Adds `sound` to `mix` from sample `start` on, as far as it fits.
pub fn add(mix: &mut [f32], sound: &[f32], start: usize, gain: f32) {
    let to = mix.iter_mut().skip(start);
    to.zip(sound).for_each(|(to, from)| *to += gain * from);
}

/// Soft clipping by `amount` (0 none, 1 heavy), at unchanged power.
pub fn drive(mix: &mut [f32], amount: f32) {
    let before = rms(mix);
    if amount > 0.0 && before > 0.0 {
        let push = (0.3 + 8.0 * amount) / before;
        mix.iter_mut().for_each(|v| *v = squash(push * *v));
        scale_to(mix, before);
    }
}

/// Raises treble over bass by `tilt_db`, half of it on either side of 900 Hz.
pub fn tilt(mix: &mut [f32], tilt_db: f32, rate_hz: f32) {
    let share = 1.0 - (-std::f32::consts::TAU * TILT_HZ / rate_hz).exp();
    let [bass, treble] = [gain(-tilt_db / 2.0), gain(tilt_db / 2.0)];
    let mut low = 0.0;
    for sample in mix {
        low += share * (*sample - low);
        *sample = bass * low + treble * (*sample - low);
    }
}

/// Adds the sound of `room` (0 dry, 1 room, 2 hall).
pub fn reverb(mix: &mut [f32], room: usize, rate_hz: f32) {
    let (wet, fall_s) = ROOMS[room];
    if wet == 0.0 {
        return;
    }
    let mut tail = vec![0.0; mix.len()];
    for delay_s in COMBS_S {
        comb(&mut tail, mix, samples(delay_s, rate_hz), gain(-60.0 * delay_s / fall_s));
    }
    for delay_s in ALLPASSES_S {
        allpass(&mut tail, samples(delay_s, rate_hz), 0.7);
    }
    mix.iter_mut().zip(&tail).for_each(|(dry, tail)| *dry = (1.0 - wet) * *dry + wet * tail);
}

/// y[n] = x[n] + g y[n - d], a quarter of it added to `tail`.
fn comb(tail: &mut [f32], input: &[f32], delay: usize, feedback: f32) {
    let mut line = vec![0.0; delay];
    for (tail, input) in tail.chunks_mut(delay).zip(input.chunks(delay)) {
        for ((tail, input), kept) in tail.iter_mut().zip(input).zip(&mut line) {
            *kept = input + feedback * *kept;
            *tail += 0.25 * *kept;
        }
    }
}

/// y[n] = -g x[n] + x[n - d] + g y[n - d], in place.
fn allpass(sound: &mut [f32], delay: usize, feedback: f32) {
    let mut line = vec![0.0; delay];
    for sound in sound.chunks_mut(delay) {
        for (sample, kept) in sound.iter_mut().zip(&mut line) {
            let held = *sample + feedback * *kept;
            *sample = *kept - feedback * held;
            *kept = held;
        }
    }
}

/// Adds white noise of root mean square `level`.
pub fn hiss(mix: &mut [f32], level: f32, stream: &mut Stream) {
    mix.iter_mut().for_each(|v| *v += level * white(stream));
}

/// Gives `mix` the root mean square `target`; silence stays silence.
pub fn scale_to(mix: &mut [f32], target: f32) {
    let now = rms(mix);
    if now > 0.0 {
        mix.iter_mut().for_each(|v| *v *= target / now);
    }
}

/// Bends what lies beyond the knee into -1 to 1.
pub fn limit(mix: &mut [f32]) {
    for sample in mix.iter_mut().filter(|v| v.abs() > KNEE) {
        let beyond = (sample.abs() - KNEE) / (1.0 - KNEE);
        *sample = sample.signum() * (KNEE + (1.0 - KNEE) * squash(beyond));
    }
}

/// A cheap tanh: odd, rising, within -1 and 1 (Padé approximant, cut where it reaches 1).
fn squash(x: f32) -> f32 {
    let x = x.clamp(-3.0, 3.0);
    x * (27.0 + x * x) / (27.0 + 9.0 * x * x)
}

fn rms(mix: &[f32]) -> f32 {
    let power = mix.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / mix.len().max(1) as f64;
    power.sqrt() as f32
}

fn samples(seconds: f32, rate_hz: f32) -> usize {
    ((seconds * rate_hz) as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comb_and_allpass_equal_their_recursions() {
        let input: Vec<f32> = (0..200).map(|at| ((at * 37) % 11) as f32 - 5.0).collect();
        let (mut tail, mut passed) = (vec![0.0; 200], input.clone());
        comb(&mut tail, &input, 7, 0.5);
        allpass(&mut passed, 7, 0.6);
        let (mut slow_tail, mut slow_passed) = (vec![0.0f32; 200], vec![0.0f32; 200]);
        for n in 0..200 {
            let [x, y, a] = [&input, &slow_tail, &slow_passed].map(|v| if n < 7 { 0.0 } else { v[n - 7] });
            (slow_tail[n], slow_passed[n]) = (input[n] + 0.5 * y, -0.6 * input[n] + x + 0.6 * a);
        }
        assert!(tail.iter().zip(&slow_tail).all(|(fast, slow)| (fast - 0.25 * slow).abs() < 1e-4));
        assert!(passed.iter().zip(&slow_passed).all(|(fast, slow)| (fast - slow).abs() < 1e-4));
    }

    #[test]
    fn limiter_keeps_quiet_samples_and_bounds_loud_ones() {
        let mut mix = [0.0, 0.5, -0.7, 3.0, -1e6];
        limit(&mut mix);
        assert_eq!(mix[..3], [0.0, 0.5, -0.7]);
        assert!(mix[3] > KNEE && mix.iter().all(|v| v.abs() <= 1.0));
    }

    #[test]
    fn flat_tilt_changes_nothing_and_drive_keeps_the_power() {
        let mut mix: Vec<f32> = (0..500).map(|at| (at as f32 * 0.1).sin()).collect();
        let before = mix.clone();
        tilt(&mut mix, 0.0, 22_050.0);
        assert!(mix.iter().zip(&before).all(|(a, b)| (a - b).abs() < 1e-5));
        drive(&mut mix, 1.0);
        assert!((rms(&mix) - rms(&before)).abs() < 1e-4 && mix != before);
    }
}
