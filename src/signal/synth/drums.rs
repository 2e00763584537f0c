//! Drums: kick, snare and hat as decaying tones and noise bursts, placed by six patterns of sixteen steps.
//! Drum-machine voices after Roland's TR-808 (Werner, Abel, Smith, DAFx 2014), simplified to one oscillator each.

use super::{Recipe, effects, level};
use crate::random::Stream;

/// Number of patterns.
pub const COUNT: u32 = 6;

/// Kick, snare and hat by sixteenth note: `X` loud, `x` plain, `o` soft, `.` none.
const PATTERNS: [[&[u8; 16]; 3]; COUNT as usize] = [
    [b"x...............", b"........o.......", b"................"],
    [b"X.......x.x.....", b"....X.......X...", b"x.x.x.x.x.x.x.x."],
    [b"X...X...X...X...", b"....x.......x...", b"..X...X...X...X."],
    [b"x.......o.......", b"......o.....o...", b"x...x.x.x...x.x."],
    [b"X..x......X.....", b"....X.......X..o", b"x.xox.xxx.xox.xx"],
    [b"........X.......", b"........X.....o.", b"..x...x...x...xo"],
];

/// Level of the three drums against each other.
const BALANCE: [f32; 3] = [1.6, 0.9, 0.35];

/// Adds the recipe's pattern to `mix`, one step at each of `steps` (sample positions of the sixteenth notes).
pub fn play(mix: &mut [f32], recipe: &Recipe, gain_db: f32, steps: &[usize], rate_hz: u32) {
    let tune = (recipe.artist.kit_semitones as f32 / 12.0).exp2();
    let kit = kit(tune, rate_hz as f32, &mut Stream::new(recipe.seed, "signal.synth.drums"));
    let parts = kit.iter().zip(level(&PATTERNS, recipe.drums)).zip(BALANCE);
    for ((drum, pattern), balance) in parts {
        for (step, start) in steps.iter().enumerate() {
            let gain = balance * effects::gain(gain_db) * accent(pattern[step % 16]);
            if gain > 0.0 {
                effects::add(mix, drum, *start, gain);
            }
        }
    }
}

fn accent(step: u8) -> f32 {
    match step {
        b'X' => 1.0,
        b'x' => 0.75,
        b'o' => 0.35,
        _ => 0.0,
    }
}

fn kit(tune: f32, rate_hz: f32, stream: &mut Stream) -> [Vec<f32>; 3] {
    let kick = sweep([140.0 * tune, 46.0 * tune], 0.16, rate_hz);
    let mut snare: Vec<f32> = noise(0.11, rate_hz, stream);
    let body = sweep([240.0 * tune, 180.0 * tune], 0.07, rate_hz);
    snare.iter_mut().zip(&body).for_each(|(snare, body)| *snare += 0.7 * body);
    let hiss = noise(0.035, rate_hz, stream);
    let hat = hiss.windows(2).map(|pair| pair[1] - pair[0]).collect();
    [kick, snare, hat]
}

/// A sine that falls from the first pitch to the second and dies away with time constant `decay_s`.
fn sweep([from_hz, to_hz]: [f32; 2], decay_s: f32, rate_hz: f32) -> Vec<f32> {
    let mut cycles = 0.0f32;
    let tone = |at| {
        let age_s = at as f32 / rate_hz;
        cycles += (to_hz + (from_hz - to_hz) * (-age_s / 0.03).exp()) / rate_hz;
        (std::f32::consts::TAU * cycles).sin() * (-age_s / decay_s).exp()
    };
    (0..samples(decay_s, rate_hz)).map(tone).collect()
}

/// White noise that dies away with time constant `decay_s`.
fn noise(decay_s: f32, rate_hz: f32, stream: &mut Stream) -> Vec<f32> {
    let fade = (-1.0 / (decay_s * rate_hz)).exp();
    let mut level = 1.0;
    let mut sample = || {
        level *= fade;
        level * effects::white(stream)
    };
    (0..samples(decay_s, rate_hz)).map(|_| sample()).collect()
}

/// Five time constants: down by 43 dB.
fn samples(decay_s: f32, rate_hz: f32) -> usize {
    (5.0 * decay_s * rate_hz) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drums_fall_silent() {
        for drum in kit(1.0, 22_050.0, &mut Stream::new(1, "kit")) {
            let power = |part: &[f32]| part.iter().map(|v| v * v).sum::<f32>() / part.len() as f32;
            let tenth = drum.len() / 10;
            assert!(power(&drum[drum.len() - tenth..]) < 1e-3 * power(&drum[..tenth]));
        }
    }

    #[test]
    fn patterns_are_all_different() {
        for (at, pattern) in PATTERNS.iter().enumerate() {
            assert!(PATTERNS[at + 1..].iter().all(|other| other != pattern));
        }
    }
}
