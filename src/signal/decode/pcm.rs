//! Samples that lie in a file one by one: where, how wide, in which order of bytes.
//! An n-bit integer x is x / 2^(n−1), as in libsndfile; mono is the mean of the channels.

use std::io::SeekFrom;

use super::source::Source;
use super::{Audio, DecodeError, MOST_CHANNELS, Probe, RATES_HZ, Span};

/// Amplitudes beyond this, which only damaged floating-point files have, would overflow in the power spectrum.
const LOUDEST: f32 = 4_294_967_296.0;
/// Bytes that are converted at a time: they stay in the processor's cache.
const BLOCK_BYTES: usize = 1 << 15;

/// How one sample is coded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Coding {
    U8,
    S8,
    S16,
    S24,
    /// 24 bits at the low end of four bytes.
    S24In4,
    S32,
    F32,
    F64,
}

impl Coding {
    /// Bytes of one sample.
    pub(super) fn bytes(self) -> usize {
        match self {
            Coding::U8 | Coding::S8 => 1,
            Coding::S16 => 2,
            Coding::S24 => 3,
            Coding::S24In4 | Coding::S32 | Coding::F32 => 4,
            Coding::F64 => 8,
        }
    }

    /// Integers of `bits`, which fill the high end of as few bytes as hold them.
    pub(super) fn integer(bits: u32) -> Option<Coding> {
        match bits {
            1..=8 => Some(Coding::S8),
            9..=16 => Some(Coding::S16),
            17..=24 => Some(Coding::S24),
            25..=32 => Some(Coding::S32),
            _ => None,
        }
    }

    /// Appends the samples of little-endian `data`, scaled to `[-1, 1)`.
    fn append(self, data: &[u8], samples: &mut Vec<f32>) {
        let high = |bytes| i32::from_le_bytes(bytes) as f32 / 2_147_483_648.0;
        match self {
            Coding::U8 => each(data, samples, |[x]| (f32::from(x) - 128.0) / 128.0),
            Coding::S8 => each(data, samples, |x| f32::from(i8::from_le_bytes(x)) / 128.0),
            Coding::S16 => each(data, samples, |x| f32::from(i16::from_le_bytes(x)) / 32_768.0),
            Coding::S24 => each(data, samples, |[a, b, c]| high([0, a, b, c])),
            Coding::S24In4 => each(data, samples, |[a, b, c, _]| high([0, a, b, c])),
            Coding::S32 => each(data, samples, high),
            Coding::F32 => each(data, samples, f32::from_le_bytes),
            Coding::F64 => each(data, samples, |x| f64::from_le_bytes(x) as f32),
        }
    }
}

fn each<const BYTES: usize>(data: &[u8], samples: &mut Vec<f32>, value: impl Fn([u8; BYTES]) -> f32) {
    samples.extend(data.as_chunks().0.iter().map(|bytes| value(*bytes)));
}

/// Where the samples of a file lie. Frames, one sample of each channel, follow one another without a gap.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) coding: Coding,
    pub(super) is_big_endian: bool,
    pub(super) channels: usize,
    pub(super) rate_hz: u32,
    /// First byte of the sound.
    pub(super) start: u64,
    /// Bytes of sound, all of them in the file.
    pub(super) bytes: u64,
}

impl Layout {
    /// The same, if it can be believed.
    pub(super) fn check(self) -> Result<Layout, DecodeError> {
        match self {
            Layout { channels: 0, .. } => Err(DecodeError::NoChannels),
            Layout { channels, .. } if channels > MOST_CHANNELS => Err(DecodeError::Channels { channels }),
            Layout { rate_hz, .. } if !RATES_HZ.contains(&rate_hz) => Err(DecodeError::Rate { rate_hz }),
            _ => Ok(self),
        }
    }

    pub(super) fn probe(&self, format: &'static str) -> Probe {
        let seconds = self.frames() as f64 / f64::from(self.rate_hz);
        Probe { format, rate_hz: self.rate_hz, channels: self.channels, seconds: Some(seconds) }
    }

    fn frame_bytes(&self) -> usize {
        self.channels * self.coding.bytes()
    }

    fn frames(&self) -> u64 {
        self.bytes / self.frame_bytes() as u64
    }
}

/// The bytes of sound: what the header promises if that is there, all that is there if it left the length open.
pub(super) fn present(promised: Option<u64>, start: u64, length: u64) -> Result<u64, DecodeError> {
    let present_bytes = length.saturating_sub(start);
    match promised {
        Some(promised_bytes) if promised_bytes > present_bytes => {
            Err(DecodeError::Truncated { promised_bytes, present_bytes })
        }
        promised => Ok(promised.unwrap_or(present_bytes)),
    }
}

/// Reads the frames of `span`, a block at a time.
pub(super) fn read(source: &mut dyn Source, layout: &Layout, span: Span) -> Result<Audio, DecodeError> {
    let (start, end) = span.frames(layout.rate_hz);
    let frames = end.unwrap_or(u64::MAX).min(layout.frames()).saturating_sub(start);
    match (layout.frames(), frames) {
        (0, _) => return Err(DecodeError::NoSamples),
        (_, 0) => return Err(DecodeError::OutsideSpan { offset_seconds: span.offset_seconds }),
        _ => source.seek(SeekFrom::Start(layout.start + start * layout.frame_bytes() as u64))?,
    };
    // No more than eight times the bytes that are there.
    let mut mono = Mono::with_capacity(frames as usize);
    let mut left = frames as usize * layout.frame_bytes();
    let mut block = vec![0; left.min(BLOCK_BYTES / layout.frame_bytes() * layout.frame_bytes())];
    while left > 0 {
        let count = left.min(block.len());
        source.read_exact(&mut block[..count])?;
        mono.append(layout, &mut block[..count])?;
        left -= count;
    }
    Ok(Audio { samples: mono.samples, rate_hz: layout.rate_hz })
}

/// One channel under way.
pub(super) struct Mono {
    pub(super) samples: Vec<f32>,
    interleaved: Vec<f32>,
    /// Samples of all channels so far.
    count: u64,
}

impl Mono {
    pub(super) fn with_capacity(frames: usize) -> Mono {
        Mono { samples: Vec::with_capacity(frames), interleaved: Vec::new(), count: 0 }
    }

    fn append(&mut self, layout: &Layout, block: &mut [u8]) -> Result<(), DecodeError> {
        if layout.is_big_endian {
            block.chunks_exact_mut(layout.coding.bytes()).for_each(<[u8]>::reverse);
        }
        let mut interleaved = std::mem::take(&mut self.interleaved);
        interleaved.clear();
        layout.coding.append(block, &mut interleaved);
        let done = self.mix(&interleaved, layout.channels);
        self.interleaved = interleaved;
        done
    }

    /// Appends the means of frames of `channels` samples, or nothing if one of them is bad.
    pub(super) fn mix(&mut self, interleaved: &[f32], channels: usize) -> Result<(), DecodeError> {
        if let Some(at) = first_bad(interleaved) {
            return Err(DecodeError::BadSample { index: self.count + at as u64 });
        }
        self.count += interleaved.len() as u64;
        let frames = interleaved.chunks_exact(channels);
        match channels {
            1 => self.samples.extend_from_slice(interleaved),
            _ => self.samples.extend(frames.map(|frame| frame.iter().sum::<f32>() / channels as f32)),
        }
        Ok(())
    }
}

/// The comparison is false for what is no number, too.
fn first_bad(samples: &[f32]) -> Option<usize> {
    let is_good = |x: &f32| x.abs() <= LOUDEST;
    let all_good = samples.iter().fold(true, |good, x| good & is_good(x));
    if all_good { None } else { samples.iter().position(|x| !is_good(x)) }
}
