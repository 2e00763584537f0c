//! Rhythm from log-mel power: how strongly notes start, how fast the beat goes, and where it falls.
//! `librosa.onset.onset_strength`, `librosa.feature.tempo` and `librosa.beat.beat_track` with their defaults. Each step
//! takes what the one before it gives: decibels, then onset strength, then tempo, then beats.

pub mod beat;
pub mod onset;
pub mod tempo;
