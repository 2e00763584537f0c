//! Sound files to mono samples: a whole file, or only the seconds asked for.
//!
//! A file is known by its content, never by its name. Only the span is read and kept: WAV, AIFF and AU are entered at
//! the right byte, packed formats at a packet shortly before it, so a span holds the very samples that the whole would
//! (AAC but for the noise that its decoder draws, about -100 dB).
//!
//! | Format | Read | Refused, with the remedy |
//! |---|---|---|
//! | WAV, RF64 | 8, 16, 24, 32-bit integers, 24 in 4 bytes, 32 and 64-bit floats | A-law, mu-law, ADPCM, big-endian RIFX |
//! | AIFF, AIFF-C | 1 to 32-bit integers, 32 and 64-bit floats, either byte order | compressed AIFF-C |
//! | AU | 8 to 32-bit integers, 32 and 64-bit floats | mu-law, A-law, G.72x |
//! | FLAC | native and in Ogg | |
//! | Ogg | Vorbis | Opus, Speex, chained streams |
//! | MP3 | MPEG 1, 2 and 2.5, layer III | layers I and II |
//! | AAC (ADTS), MP4 | AAC-LC of one or two channels, ALAC | HE-AAC, more channels, protected files |
//!
//! An n-bit integer x is x / 2^(n−1), as in libsndfile. Mono is the mean of the channels in single precision, as in
//! `librosa.to_mono`. Encoder delay and padding are cut where the file tells them: LAME tag, Ogg granules, MP4 edit list,
//! `iTunSMPB`. AAC in ADTS tells none, so its first 1,024 or so samples are the encoder's. HE-AAC that does not announce
//! itself is decoded as its AAC-LC core, at half the rate. A packed file that is cut off gives what is there, and damaged
//! packets are left out while they are few; WAV, AIFF and AU, whose headers state the length, are refused if cut off.

mod aiff;
mod au;
mod content;
mod edit;
mod error;
mod flac;
mod gather;
mod packed;
mod pcm;
mod source;
mod wav;

use std::io::{Cursor, Read, Seek};
use std::ops::RangeInclusive;

use content::Format;
use source::Source;

pub use error::DecodeError;
pub use wav::encode_wav;

/// Sampling rates that are believed. A damaged header can claim any 32-bit number, and resampling from 1 Hz would
/// multiply the memory needed by the rate.
pub const RATES_HZ: RangeInclusive<u32> = 1_000..=768_000;

/// The most channels that are believed.
pub const MOST_CHANNELS: usize = 64;

/// Endings of file names that are taken for sound, in lower case. What a file really holds is found out by its content.
pub const ENDINGS: [&str; 15] =
    ["wav", "wave", "rf64", "mp3", "flac", "ogg", "oga", "m4a", "m4b", "mp4", "aac", "aif", "aiff", "aifc", "au"];

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

/// The part of a file that is wanted. Seconds become frames by cutting off the fraction, as `librosa.load` does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Span {
    /// Where it begins; what is negative or no number counts as 0.
    pub offset_seconds: f64,
    /// Its length, none for all that follows. A file that ends earlier gives less.
    pub seconds: Option<f64>,
}

impl Span {
    /// Frame at which the span begins, and the one at which it ends if that is not the file's end.
    fn frames(&self, rate_hz: u32) -> (u64, Option<u64>) {
        let frames = |seconds: f64| (seconds * f64::from(rate_hz)) as u64;
        let start = frames(self.offset_seconds);
        (start, self.seconds.map(|seconds| start.saturating_add(frames(seconds))))
    }
}

/// What a header says.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The format's name.
    pub format: &'static str,
    /// Frames a second.
    pub rate_hz: u32,
    /// Number of channels.
    pub channels: usize,
    /// Length, none if the header does not tell. An estimate for MP3 without a Xing header and for ADTS.
    pub seconds: Option<f64>,
}

/// Decodes the `span` of a file, reading no more than it needs. Never panics, whatever the bytes: panics of the third
/// party's decoders become [`DecodeError::Decoder`].
pub fn decode(mut source: impl Read + Seek + Send + Sync, span: Span) -> Result<Audio, DecodeError> {
    let source: &mut dyn Source = &mut source;
    let content = content::recognise(source)?;
    match content.format {
        Format::Wav | Format::Aiff | Format::Au => {
            let layout = layout(source, &content)?;
            pcm::read(source, &layout, span)
        }
        _ => packed::decode(source, &content, span),
    }
}

/// Decodes all of a file that is in memory.
pub fn decode_bytes(bytes: &[u8]) -> Result<Audio, DecodeError> {
    decode(Cursor::new(bytes), Span::default())
}

/// Reads the header only. That it is good does not mean that the sound is.
pub fn probe(mut source: impl Read + Seek + Send + Sync) -> Result<Probe, DecodeError> {
    let source: &mut dyn Source = &mut source;
    let content = content::recognise(source)?;
    match content.format {
        Format::Wav | Format::Aiff | Format::Au => Ok(layout(source, &content)?.probe(content.format.name())),
        _ => packed::probe(source, &content),
    }
}

fn layout(source: &mut dyn Source, content: &content::Content) -> Result<pcm::Layout, DecodeError> {
    let layout = match content.format {
        Format::Aiff => aiff::open(source, content.length),
        Format::Au => au::open(source, content.length),
        _ => wav::open(source, content.length),
    }?;
    layout.check()
}

#[cfg(test)]
mod tests;
