//! WAV files: chunks to samples and samples to chunks.
//! Layout: IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991), section "WAVE";
//! RF64: EBU Tech 3306 (2009); the extensible format chunk: Microsoft, "Multiple channel audio data and WAVE files" (2007).
//!
//! Real files break the letter of the format: padding bytes, long format chunks, a data length never filled in.

use std::io::Cursor;

use super::content::Format as Container;
use super::pcm::{Coding, Layout, present};
use super::source::{Source, read_at};
use super::{Audio, DecodeError};

const NAME: &str = Container::Wav.name();
/// Recorders and pipes that cannot seek back leave a length at or above this one.
const STREAMED_BYTES: u32 = 0x7FFF_0000;
const INTEGER: u16 = 1;
const FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xFFFE;
/// The kinds of an extensible format are 16-byte numbers: a format tag and this.
const SUBFORMAT: [u8; 14] = *b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71";
/// Chunks that are looked at: real files have about ten.
const MOST_CHUNKS: usize = 4_096;

/// Finds the samples of a file of `length` bytes that begins with `RIFF....WAVE` or `RF64....WAVE`.
pub(super) fn open(source: &mut dyn Source, length: u64) -> Result<Layout, DecodeError> {
    let (mut format, mut long_data) = (None, None);
    let mut at = 12;
    for _ in 0..MOST_CHUNKS {
        let mut head = [0; 8 + 40];
        let Some((name, promised, body)) = split_chunk(read_at(source, at, &mut head)?) else { break };
        let body_start = at + 8;
        match (name, format) {
            (b"data", Some(format)) => {
                let promised = data_bytes(promised, long_data, body_start, riff_bytes(source)?);
                return layout(&format, body_start, present(promised, body_start, length)?);
            }
            (b"fmt ", _) => format = Some(Format::read(&body[..body.len().min(promised as usize)])?),
            (b"ds64", _) => long_data = body.get(8..16).and_then(|size| size.try_into().ok()).map(u64::from_le_bytes),
            _ => {}
        }
        // Chunks begin at even offsets.
        at = body_start + u64::from(promised) + u64::from(promised % 2);
    }
    Err(header(if format.is_none() { "no fmt chunk before the data" } else { "no data chunk" }))
}

fn header(what: &str) -> DecodeError {
    DecodeError::Header { format: NAME, what: what.into() }
}

fn split_chunk(bytes: &[u8]) -> Option<(&[u8; 4], u32, &[u8])> {
    let (name, rest) = bytes.split_first_chunk::<4>()?;
    let (length, body) = rest.split_first_chunk::<4>()?;
    Some((name, u32::from_le_bytes(*length), body))
}

fn riff_bytes(source: &mut dyn Source) -> Result<u32, DecodeError> {
    let mut bytes = [0; 8];
    Ok(split_chunk(read_at(source, 0, &mut bytes)?).map_or(0, |(_, bytes, _)| bytes))
}

/// Bytes of sound that the header promises, none if it left them open: at the largest number, or at 0 where the length
/// of the whole file was not filled in either.
fn data_bytes(promised: u32, long_data: Option<u64>, start: u64, riff_bytes: u32) -> Option<u64> {
    match (promised, long_data) {
        (u32::MAX, Some(long)) => Some(long),
        (STREAMED_BYTES.., _) => None,
        (0, _) if u64::from(riff_bytes) < start - 8 => None,
        _ => Some(u64::from(promised)),
    }
}

fn layout(format: &Format, start: u64, bytes: u64) -> Result<Layout, DecodeError> {
    let Format { channels, rate_hz, .. } = *format;
    // An impossible rate or number of channels is told first, for it is the plainer sign of a damaged header.
    let coding = if channels == 0 { Coding::U8 } else { format.coding()? };
    Ok(Layout { coding, is_big_endian: false, channels: usize::from(channels), rate_hz, start, bytes })
}

/// What the format chunk says.
#[derive(Clone, Copy)]
struct Format {
    tag: u16,
    channels: u16,
    rate_hz: u32,
    /// Bytes of one sample of all channels.
    block: u16,
    bits: u16,
    /// The kind of samples if the tag is `EXTENSIBLE`.
    subformat: [u8; 16],
}

impl Format {
    /// Bytes a second and "valid bits" are not looked at: the first follows from the rest, and the second is no more
    /// than a hint about zeros at the low end of each sample.
    fn read(body: &[u8]) -> Result<Format, DecodeError> {
        let Some(basic) = body.first_chunk::<16>() else {
            return Err(header("the fmt chunk is too short"));
        };
        let word = |at: usize| u16::from_le_bytes([basic[at], basic[at + 1]]);
        let rate_hz = u32::from(word(4)) | u32::from(word(6)) << 16;
        let subformat = body.get(24..40).and_then(|guid| guid.try_into().ok()).unwrap_or_default();
        Ok(Format { tag: word(0), channels: word(2), rate_hz, block: word(12), bits: word(14), subformat })
    }

    fn coding(&self) -> Result<Coding, DecodeError> {
        if self.block == 0 || !self.block.is_multiple_of(self.channels) {
            return Err(header("frames are no whole number of samples"));
        }
        match (self.tag(), self.bits, self.block / self.channels) {
            (Some(INTEGER), 1..=8, 1) => Ok(Coding::U8),
            (Some(INTEGER), 9..=16, 2) => Ok(Coding::S16),
            (Some(INTEGER), 17..=24, 3) => Ok(Coding::S24),
            (Some(INTEGER), 24, 4) => Ok(Coding::S24In4),
            (Some(INTEGER), 25..=32, 4) => Ok(Coding::S32),
            (Some(FLOAT), 32, 4) => Ok(Coding::F32),
            (Some(FLOAT), 64, 8) => Ok(Coding::F64),
            _ => Err(DecodeError::Coding { format: NAME, coding: self.describe() }),
        }
    }

    /// The format tag, also of an extensible format of a known kind.
    fn tag(&self) -> Option<u16> {
        let [low, high, kind @ ..] = self.subformat;
        match self.tag {
            EXTENSIBLE => (kind == SUBFORMAT).then_some(u16::from_le_bytes([low, high])),
            tag => Some(tag),
        }
    }

    fn describe(&self) -> String {
        match self.tag() {
            Some(0x02) => "Microsoft ADPCM".into(),
            Some(0x06) => "A-law".into(),
            Some(0x07) => "mu-law".into(),
            Some(0x11) => "IMA ADPCM".into(),
            Some(0x31) => "GSM 6.10".into(),
            Some(0x50 | 0x55) => "MPEG audio".into(),
            Some(0xFF | 0x1600 | 0x1610) => "AAC".into(),
            Some(0x160..=0x163) => "Windows Media Audio".into(),
            tag => format!("{}-bit samples of format tag {:#06x}", self.bits, tag.unwrap_or(self.tag)),
        }
    }
}

/// The bytes of a 16-bit mono WAV file. Samples beyond `[-1, 1)` are clipped.
pub fn encode_wav(audio: &Audio) -> Vec<u8> {
    let sample_format = hound::SampleFormat::Int;
    let spec = hound::WavSpec { channels: 1, sample_rate: audio.rate_hz, bits_per_sample: 16, sample_format };
    let mut bytes = Cursor::new(Vec::with_capacity(44 + 2 * audio.samples.len()));
    let mut writer = hound::WavWriter::new(&mut bytes, spec).expect("memory takes a header");
    let mut block = writer.get_i16_writer(audio.samples.len() as u32);
    audio.samples.iter().for_each(|x| block.write_sample((x * 32_768.0).round() as i16));
    block.flush().expect("memory takes samples");
    writer.finalize().expect("memory can be written twice");
    bytes.into_inner()
}

#[cfg(test)]
mod tests;
