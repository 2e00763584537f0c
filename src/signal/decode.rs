//! File bytes to mono samples. WAV only for now; other formats are told by their content and refused with a remedy.
//! Scaling as in libsndfile: an n-bit integer x is x / 2^(n-1). Mono as in `librosa.to_mono`: the mean of the channels.

mod wav;

use std::ops::RangeInclusive;

pub use wav::encode_wav;

/// Sampling rates that are believed. A damaged header can claim any 32-bit number, and resampling from 1 Hz would
/// multiply the memory needed by the rate.
pub const RATES_HZ: RangeInclusive<u32> = 1_000..=768_000;

/// One channel of sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Audio {
    /// Amplitudes, nominally in `[-1, 1]` (floating-point files may go beyond), all finite.
    pub samples: Vec<f32>,
    /// Samples a second, in [`RATES_HZ`].
    pub rate_hz: u32,
}

impl Audio {
    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate_hz)
    }
}

/// Why bytes are not sound, and what to do about it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// There is nothing in the file.
    #[error("the file is empty; copy or download it again")]
    Empty,
    /// The content is sound (or film) of another format, whatever the file is called.
    #[error("{found} is not supported yet; convert it to WAV")]
    OtherFormat {
        /// The format's name.
        found: &'static str,
    },
    /// The content is not known at all.
    #[error("not a WAV file: it begins with \"{start}\"; convert it to WAV or remove it")]
    NotWav {
        /// The first bytes, escaped.
        start: String,
    },
    /// The header cannot be believed.
    #[error("the WAV header is damaged ({what}); copy or download the file again")]
    Header {
        /// What is wrong with it.
        what: String,
    },
    /// A sound WAV file, but its samples are coded in a way that is not read.
    #[error("{coding} in WAV is not supported; convert the file to 16-bit PCM")]
    Coding {
        /// The format tag and bit depth.
        coding: String,
    },
    /// Fewer bytes of sound than the header promises.
    #[error("the file is cut off: {promised_bytes} bytes of sound promised, {present_bytes} there; copy it again")]
    Truncated {
        /// Length of the data chunk as its header has it.
        promised_bytes: usize,
        /// Bytes that are there.
        present_bytes: usize,
    },
    /// The header says that there are no channels.
    #[error("the file has zero channels; record or convert it again")]
    NoChannels,
    /// A header and no sound.
    #[error("the file holds no samples; remove it or record it again")]
    NoSamples,
    /// The header's rate is outside [`RATES_HZ`].
    #[error("a sampling rate of {rate_hz} Hz is not believable; the header is damaged or the file needs converting")]
    Rate {
        /// The rate in the header.
        rate_hz: u32,
    },
    /// A floating-point sample is infinite, not a number, or beyond all measure.
    #[error("sample {index} is not a number in a believable range; export the file again")]
    BadSample {
        /// Index of the sample, counted over all channels.
        index: usize,
    },
}

/// Decodes a whole file. Never panics, whatever the bytes; memory used is at most about seven times theirs.
pub fn decode(bytes: &[u8]) -> Result<Audio, DecodeError> {
    match (bytes.is_empty(), other_format(bytes)) {
        (true, _) => Err(DecodeError::Empty),
        (_, Some(found)) => Err(DecodeError::OtherFormat { found }),
        _ if is_wav(bytes) => wav::decode(bytes),
        _ => Err(DecodeError::NotWav { start: bytes[..bytes.len().min(12)].escape_ascii().to_string() }),
    }
}

fn is_wav(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12).is_none_or(|kind| kind == b"WAVE")
}

/// The name of a known format by its magic number, none for WAV and for the unknown.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let known: [(&'static str, bool); 12] = [
        ("FLAC", at(0, b"fLaC")),
        ("Ogg (Vorbis or Opus)", at(0, b"OggS")),
        ("MP3", at(0, b"ID3")),
        ("AIFF", at(0, b"FORM") && at(8, b"AIF")),
        ("MP4 (AAC or ALAC)", at(4, b"ftyp")),
        ("AVI", at(0, b"RIFF") && at(8, b"AVI ")),
        ("WAV of over 4 GiB (RF64)", at(0, b"RF64")),
        ("big-endian WAV (RIFX)", at(0, b"RIFX")),
        ("Sun audio (AU)", at(0, b".snd")),
        ("Core Audio (CAF)", at(0, b"caff")),
        ("AAC", is_sync(bytes, 0xF6, 0xF0)),
        ("MP3", is_sync(bytes, 0xE0, 0xE0) && !is_sync(bytes, 0xFE, 0xFE)),
    ];
    known.into_iter().find(|(_, found)| *found).map(|(name, _)| name)
}

/// Frame headers of MPEG audio begin with eleven or twelve set bits.
fn is_sync(bytes: &[u8], mask: u8, pattern: u8) -> bool {
    matches!(bytes, [0xFF, second, ..] if second & mask == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_content() {
        let cases: [(&[u8], &str); 5] = [
            (b"fLaC\0\0\0\x22", "FLAC"),
            (b"OggS\0\x02", "Ogg"),
            (b"ID3\x03\0", "MP3"),
            (b"\xFF\xFB\x90\x64", "MP3"),
            (b"\xFF\xF1\x50\x80", "AAC"),
        ];
        for (bytes, name) in cases {
            let message = decode(bytes).expect_err("not WAV").to_string();
            assert!(message.starts_with(name) && message.ends_with("convert it to WAV"), "{message}");
        }
    }

    #[test]
    fn unknown_bytes_are_shown() {
        assert_eq!(decode(b""), Err(DecodeError::Empty));
        let message = decode(b"<!DOCTYPE html><html>").expect_err("not sound").to_string();
        assert!(message.contains("\"<!DOCTYPE ht\""), "{message}");
        assert_eq!(decode(b"\0\xFF"), Err(DecodeError::NotWav { start: "\\x00\\xff".into() }));
    }
}
