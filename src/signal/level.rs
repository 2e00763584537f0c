//! Level of a sound straight from its samples, a value a frame: how loud, and how often it changes sign.
//!
//! Frames are centred as those of the spectra: frame `t` covers `frame_length` samples from
//! `t · hop − frame_length / 2`.
//! What lies beyond the ends is filled in, by zeros or by the value at the end, but never copied.

mod rms;
mod zero_crossing;

use std::ops::Range;

pub use rms::rms;
pub use zero_crossing::zero_crossing_rate;

/// The part of each centred frame that lies inside a signal of `samples` samples: one frame, and one more for each
/// whole hop (less half a sample where `frame_length` is odd). Frame length and hop count as at least 1.
fn centred_frames(samples: usize, frame_length: usize, hop_samples: usize) -> impl Iterator<Item = Range<usize>> {
    let (frame_length, hop_samples) = (frame_length.max(1), hop_samples.max(1));
    let half = frame_length / 2;
    let frames = (samples + 2 * half).checked_sub(frame_length).map_or(0, |rest| 1 + rest / hop_samples);
    (0..frames).map(move |frame| {
        let start = frame * hop_samples;
        start.saturating_sub(half).min(samples)..(start + frame_length).saturating_sub(half).min(samples)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_cut_at_the_ends() {
        assert_eq!(centred_frames(10, 4, 4).collect::<Vec<_>>(), [0..2, 2..6, 6..10]);
        assert_eq!(centred_frames(3, 8, 2).collect::<Vec<_>>(), [0..3, 0..3]);
        assert_eq!(centred_frames(2, 2, 1).collect::<Vec<_>>(), [0..1, 0..2, 1..2]);
    }

    #[test]
    fn no_samples_and_no_frames_do_no_harm() {
        assert!(centred_frames(0, 2048, 512).eq(std::iter::once(0..0)));
        assert_eq!(centred_frames(0, 3, 1).count(), 0);
        assert_eq!(centred_frames(2, 0, 0).collect::<Vec<_>>(), [0..1, 1..2]);
    }
}
