//! Beats by dynamic programming: frames with strong onsets whose distances are close to the tempo's.
//! `C[t] = s[t] + max_g (C[t − g] − tightness·(ln g − ln p)²)`, g from p/2 to 2p frames, p frames a beat, s the onset
//! strength over its standard deviation, smoothed by `exp(−½·(32·k/p)²)`. Ellis, "Beat tracking by dynamic programming"
//! (Journal of New Music Research 36, 2007); `librosa.beat.beat_track(onset_envelope=...)`.

use super::tempo::{TempoEstimator, TempoPrior};

/// How strictly librosa keeps to the tempo.
pub const TIGHTNESS: f64 = 100.0;

const LANES: usize = 8;

/// A tempo and where its beats fall.
#[derive(Clone, Debug, PartialEq)]
pub struct Beats {
    /// Beats a minute; 0 of silence.
    pub bpm: f64,
    /// Frames of the beats, rising.
    pub frames: Vec<usize>,
}

/// Tempo and beats of onset strength `[frames]` at `rate_hz / hop_samples` frames a second, with librosa's settings.
/// Silence has neither.
pub fn track(onset: &[f32], rate_hz: u32, hop_samples: usize) -> Beats {
    track_with(onset, &TempoEstimator::new(rate_hz, hop_samples, TempoPrior::default()), TIGHTNESS)
}

/// The same with a prior of tempo and a tightness of choice; both must be positive.
pub fn track_with(onset: &[f32], estimator: &TempoEstimator, tightness: f64) -> Beats {
    if onset.iter().all(|x| *x == 0.0) {
        return Beats { bpm: 0.0, frames: Vec::new() };
    }
    let bpm = estimator.bpm(onset);
    Beats { bpm, frames: beats_at(onset, 60.0 * estimator.frame_rate_hz() / bpm, tightness) }
}

/// Frames of the beats of onset strength `[frames]` about `frames_per_beat` apart, which is rounded to a whole number.
/// None if there are less than two frames, or the distance is not a number from 1 to a million.
pub fn beats_at(onset: &[f32], frames_per_beat: f64, tightness: f64) -> Vec<usize> {
    let period = frames_per_beat.round_ties_even();
    if onset.len() < 2 || !(1.0..=1e6).contains(&period) {
        return Vec::new();
    }
    let score = local_score(onset, period as usize);
    let (links, total) = best_links(&score, period as usize, tightness);
    trimmed(&score, path(&links, last_beat(&total)))
}

/// Onset strength over its standard deviation, smoothed to about a sixteenth of a beat, `[frames]`.
fn local_score(onset: &[f32], period: usize) -> Vec<f64> {
    let scale = 1.0 / (deviation(onset) + f64::from(f32::MIN_POSITIVE));
    let mut padded = vec![0.0; onset.len() + 2 * period];
    padded[period..].iter_mut().zip(onset).for_each(|(slot, x)| *slot = f64::from(*x) * scale);
    let mut score = vec![0.0; onset.len()];
    for shift in 0..=2 * period {
        let distance = (shift as f64 - period as f64) * 32.0 / period as f64;
        let weight = (-0.5 * distance * distance).exp();
        score.iter_mut().zip(&padded[2 * period - shift..]).for_each(|(sum, x)| *sum += weight * x);
    }
    score
}

/// Standard deviation, of the sample (over n − 1).
fn deviation(values: &[f32]) -> f64 {
    let mean = values.iter().map(|x| f64::from(*x)).sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// For each frame the beat before it, and the score of the best beats up to it.
fn best_links(score: &[f64], period: usize, tightness: f64) -> (Vec<Option<usize>>, Vec<f64>) {
    let nearest = ((period as f64 / 2.0).round_ties_even() as usize).max(1);
    let penalty = |gap: usize| tightness * ((gap as f64).ln() - (period as f64).ln()).powi(2);
    let penalties: Vec<f64> = (nearest..=2 * period).rev().map(penalty).collect();
    let threshold = 0.01 * score.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (mut links, mut total) = (Vec::with_capacity(score.len()), Vec::with_capacity(score.len()));
    let mut before_first = true;
    for (at, value) in score.iter().enumerate() {
        let best = predecessor(&total, &penalties, (at + 1).saturating_sub(nearest));
        total.push(value + best.map_or(0.0, |(_, sum)| sum));
        before_first &= *value < threshold;
        links.push(best.map(|(beat, _)| beat).filter(|_| !before_first));
    }
    (links, total)
}

/// The best beat among the frames before `end`, the last of several, and what is left of its score.
fn predecessor(total: &[f64], penalties: &[f64], end: usize) -> Option<(usize, f64)> {
    let start = end.saturating_sub(penalties.len());
    let (total, penalties) = (&total[start..end], &penalties[penalties.len() - (end - start)..]);
    let best = largest_difference(total, penalties);
    let at = total.iter().zip(penalties).rposition(|(sum, penalty)| sum - penalty == best)?;
    Some((start + at, best))
}

/// The largest of all `a − b`, eight at a time.
fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    let (left, right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let larger = |x: f64, y: f64| if x > y { x } else { y };
    let rest = left.remainder().iter().zip(right.remainder());
    let rest = rest.fold(f64::NEG_INFINITY, |best, (a, b)| larger(a - b, best));
    let mut best = [f64::NEG_INFINITY; LANES];
    for (a, b) in left.zip(right) {
        best.iter_mut().zip(a.iter().zip(b)).for_each(|(best, (a, b))| *best = larger(a - b, *best));
    }
    best.into_iter().fold(rest, larger)
}

/// The last local maximum that is at least half the median one; the last frame if there is none.
fn last_beat(total: &[f64]) -> usize {
    let rises = |at: usize| total[at] > total[at - 1];
    let holds = |at: usize| total.get(at + 1).is_none_or(|next| total[at] >= *next);
    let maxima: Vec<usize> = (1..total.len()).filter(|at| rises(*at) && holds(*at)).collect();
    let mut sorted: Vec<f64> = maxima.iter().map(|at| total[*at]).collect();
    sorted.sort_by(f64::total_cmp);
    let Some(upper) = sorted.get(sorted.len() / 2) else { return total.len() - 1 };
    let threshold = 0.25 * (sorted[(sorted.len() - 1) / 2] + upper);
    maxima.into_iter().rev().find(|at| total[*at] >= threshold).unwrap_or(total.len() - 1)
}

/// The beats up to `last`, rising.
fn path(links: &[Option<usize>], last: usize) -> Vec<usize> {
    let mut beats: Vec<usize> = std::iter::successors(Some(last), |beat| links[*beat]).collect();
    beats.reverse();
    beats
}

/// Leaves out the beats before the first and behind the last frame whose score is more than half the effective value
/// of the smoothed scores of the beats.
fn trimmed(score: &[f64], beats: Vec<usize>) -> Vec<usize> {
    let at = |i: usize| beats.get(i).map_or(0.0, |beat| score[*beat]);
    let smooth = |i: usize| at(i) + 0.5 * (at(i + 1) + i.checked_sub(1).map_or(0.0, at));
    // librosa counts two values behind the last beat, as far as there are frames.
    let count = (beats.len() + 2).min(score.len());
    let threshold = 0.5 * ((0..count).map(|i| smooth(i).powi(2)).sum::<f64>() / count as f64).sqrt();
    let first = score.iter().position(|s| *s > threshold).unwrap_or(score.len());
    let last = score.iter().rposition(|s| *s > threshold).unwrap_or(0);
    beats.into_iter().filter(|beat| (first..=last).contains(beat)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    /// The recursion in the header of this file, gap by gap; of equal scores the nearest beat wins.
    fn naive_links(score: &[f64], period: usize) -> (Vec<Option<usize>>, Vec<f64>) {
        let (mut links, mut total) = (Vec::new(), Vec::<f64>::new());
        let threshold = 0.01 * score.iter().copied().fold(0.0, f64::max);
        let mut first = true;
        for at in 0..score.len() {
            let mut best: Option<(usize, f64)> = None;
            for gap in ((period as f64 / 2.0).round_ties_even() as usize).max(1)..=(2 * period).min(at) {
                let sum = total[at - gap] - TIGHTNESS * ((gap as f64).ln() - (period as f64).ln()).powi(2);
                if best.is_none_or(|(_, other)| sum > other) {
                    best = Some((at - gap, sum));
                }
            }
            total.push(score[at] + best.map_or(0.0, |(_, sum)| sum));
            first = first && score[at] < threshold;
            links.push(if first { None } else { best.map(|(beat, _)| beat) });
        }
        (links, total)
    }

    proptest! {
        #[test]
        fn fast_and_naive_links_agree(seed in any::<u64>(), frames in 0usize..150, period in 1usize..40) {
            let values = Stream::new(seed, "beat").uniforms(frames, 0.0, 1.0);
            let score: Vec<f64> = values.iter().map(|x| f64::from(*x).powi(4)).collect();
            prop_assert_eq!(best_links(&score, period, TIGHTNESS), naive_links(&score, period));
        }

        #[test]
        fn beats_rise_and_lie_inside(seed in any::<u64>(), frames in 0usize..200, frames_per_beat in 0.0f64..90.0) {
            let onset = Stream::new(seed, "beat").uniforms(frames, 0.0, 1.0);
            let beats = beats_at(&onset, frames_per_beat, TIGHTNESS);
            prop_assert!(beats.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(beats.iter().all(|beat| *beat < frames));
        }
    }

    #[test]
    fn beats_fall_on_the_pulses() {
        let onset: Vec<f32> = (0..600).map(|t| if t % 22 == 5 { 1.0 } else { 0.0 }).collect();
        let beats = track(&onset, 22_050, 512);
        assert!((beats.bpm - 60.0 * 22_050.0 / 512.0 / 22.0).abs() < 1e-9);
        assert!(beats.frames.len() >= 24 && beats.frames.iter().all(|beat| beat % 22 == 5));
    }

    #[test]
    fn silence_and_what_is_too_short_have_no_beats() {
        assert_eq!(track(&[0.0; 100], 22_050, 512), Beats { bpm: 0.0, frames: Vec::new() });
        assert!(beats_at(&[1.0], 20.0, TIGHTNESS).is_empty() && beats_at(&[], 20.0, TIGHTNESS).is_empty());
        assert!(beats_at(&[1.0, 2.0], f64::NAN, TIGHTNESS).is_empty());
        assert!(beats_at(&[1.0, 2.0], 0.0, TIGHTNESS).is_empty());
        assert!(beats_at(&[f32::NAN; 50], 10.0, TIGHTNESS).len() <= 50);
    }
}
