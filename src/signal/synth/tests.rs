//! What every rendered track has in common.

use super::*;

const RATE_HZ: u32 = 22_050;

fn recipe(template: u32) -> Recipe {
    let artist = Artist { tilt_db: 2.0, detune_cents: -12.0, swing: 0.1, brightness: 0.2, kit_semitones: 1.0 };
    Recipe {
        template,
        character: 0.9,
        looseness_db: 2.0,
        tempo: template % 8,
        key: 9,
        mode: template % 2,
        timbre: template % wave::COUNT,
        drums: template % drums::COUNT,
        register: template % 3,
        loudness: 4,
        reverb: template % 3,
        noise: 3,
        artist,
        seconds: 1.5,
        seed: u64::from(template),
    }
}

fn rms(audio: &[f32]) -> f32 {
    (audio.iter().map(|v| v * v).sum::<f32>() / audio.len() as f32).sqrt()
}

#[test]
fn every_template_gives_audio_of_the_length_and_level_asked_for() {
    for template in 0..template::COUNT {
        let audio = render(&recipe(template), RATE_HZ);
        assert_eq!(audio.len(), 33_075);
        assert!(audio.iter().all(|v| v.is_finite() && v.abs() <= 1.0));
        let db = 20.0 * rms(&audio).log10();
        assert!((db - LOUDNESS_DB[4]).abs() < 1.0, "template {template}: {db} dB");
    }
}

#[test]
fn the_same_recipe_gives_the_same_samples() {
    assert_eq!(render(&recipe(3), RATE_HZ), render(&recipe(3), RATE_HZ));
}

#[test]
fn every_factor_is_heard() {
    let base = Recipe { noise: 0, reverb: 0, ..recipe(2) };
    let audio = render(&base, RATE_HZ);
    let others = [
        Recipe { template: 3, ..base.clone() },
        Recipe { character: 0.5, ..base.clone() },
        Recipe { looseness_db: 0.0, ..base.clone() },
        Recipe { tempo: 5, ..base.clone() },
        Recipe { key: 2, ..base.clone() },
        Recipe { mode: 1, ..base.clone() },
        Recipe { timbre: 4, ..base.clone() },
        Recipe { drums: 1, ..base.clone() },
        Recipe { register: 0, ..base.clone() },
        Recipe { loudness: 1, ..base.clone() },
        Recipe { reverb: 2, ..base.clone() },
        Recipe { noise: 3, ..base.clone() },
        Recipe { artist: Artist::default(), ..base.clone() },
        Recipe { seed: 99, ..base.clone() },
    ];
    for (at, other) in others.iter().enumerate() {
        let change: Vec<f32> = render(other, RATE_HZ).iter().zip(&audio).map(|(a, b)| a - b).collect();
        assert!(rms(&change) > 0.01 * rms(&audio), "change {at} is not heard");
    }
}

#[test]
fn levels_beyond_the_last_count_as_the_last() {
    let last = Recipe { tempo: 7, noise: 3, ..recipe(1) };
    let beyond = Recipe { tempo: 70, noise: 30, ..recipe(1) };
    assert_eq!(render(&last, RATE_HZ), render(&beyond, RATE_HZ));
}

#[test]
fn factors_stay_below_their_levels_and_no_time_gives_no_samples() {
    let recipe = recipe(9);
    assert!(recipe.factors().iter().zip(FACTORS).all(|((_, level), (_, levels))| *level < levels));
    assert!(render(&Recipe { seconds: 0.0, ..recipe }, RATE_HZ).is_empty());
}
