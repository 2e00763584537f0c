//! WAV files: chunks to samples and samples to chunks.
//! Layout: IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991), section "WAVE".
//!
//! Real files break the letter of the format: padding bytes, long format chunks, a data length never filled in. So the
//! chunks are found here, and hound, which is strict, judges a clean header. Samples are converted here too: hound
//! reads them one by one, which took as long as the spectrum of the same sound.

use std::io::Cursor;

use super::{Audio, DecodeError, RATES_HZ};

/// Recorders and pipes that cannot seek back leave a length at or above this one.
const STREAMED_BYTES: usize = 0x7FFF_0000;
const EXTENSIBLE: u16 = 0xFFFE;
/// Amplitudes beyond this, which only damaged floating-point files have, would overflow in the power spectrum.
const LOUDEST: f32 = 4_294_967_296.0;

/// Decodes bytes that begin with `RIFF....WAVE`.
pub(super) fn decode(bytes: &[u8]) -> Result<Audio, DecodeError> {
    let (format, data) = chunks(bytes)?;
    let format = Format::read(format)?;
    let samples = format.samples(&data[..data.len() / format.block * format.block])?;
    match samples.iter().position(|x| x.is_nan() || x.abs() > LOUDEST) {
        _ if samples.is_empty() => Err(DecodeError::NoSamples),
        Some(index) => Err(DecodeError::BadSample { index }),
        None => Ok(Audio { samples: mean_of_channels(samples, usize::from(format.channels)), rate_hz: format.rate_hz }),
    }
}

/// The bodies of the format and data chunks.
fn chunks(bytes: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let mut format: Option<&[u8]> = None;
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let Some((name, promised, body)) = split_chunk(rest) {
        match (name, format) {
            (b"fmt ", _) => format = Some(&body[..promised.min(body.len())]),
            (b"data", Some(format)) => return Ok((format, data(promised, body)?)),
            _ => {}
        }
        // Chunks begin at even offsets.
        rest = body.get(promised + promised % 2..).unwrap_or_default();
    }
    let missing = if format.is_none() { "no fmt chunk before the data" } else { "no data chunk" };
    Err(DecodeError::Header { what: missing.into() })
}

fn split_chunk(bytes: &[u8]) -> Option<(&[u8; 4], usize, &[u8])> {
    let (name, rest) = bytes.split_first_chunk::<4>()?;
    let (length, body) = rest.split_first_chunk::<4>()?;
    Some((name, u32::from_le_bytes(*length) as usize, body))
}

fn data(promised_bytes: usize, body: &[u8]) -> Result<&[u8], DecodeError> {
    let present_bytes = body.len();
    if promised_bytes > present_bytes && promised_bytes < STREAMED_BYTES {
        return Err(DecodeError::Truncated { promised_bytes, present_bytes });
    }
    Ok(&body[..promised_bytes.min(present_bytes)])
}

/// What the format chunk says.
struct Format {
    tag: u16,
    channels: u16,
    rate_hz: u32,
    /// Bytes of one sample of all channels.
    block: usize,
    bits: u16,
    /// The kind of samples if the tag is `EXTENSIBLE`.
    subformat: [u8; 16],
}

impl Format {
    fn read(body: &[u8]) -> Result<Format, DecodeError> {
        let Some(basic) = body.first_chunk::<16>() else {
            return Err(DecodeError::Header { what: "the fmt chunk is too short".into() });
        };
        let word = |at: usize| u16::from_le_bytes([basic[at], basic[at + 1]]);
        let rate_hz = u32::from(word(4)) | u32::from(word(6)) << 16;
        let subformat = body.get(24..40).and_then(|guid| guid.try_into().ok()).unwrap_or_default();
        let block = usize::from(word(12));
        let format = Format { tag: word(0), channels: word(2), rate_hz, block, bits: word(14), subformat };
        format.check()
    }

    fn check(self) -> Result<Format, DecodeError> {
        match self {
            Format { channels: 0, .. } => Err(DecodeError::NoChannels),
            Format { rate_hz, .. } if !RATES_HZ.contains(&rate_hz) => Err(DecodeError::Rate { rate_hz }),
            Format { block, channels, .. } if block == 0 || block % usize::from(channels) != 0 => {
                Err(DecodeError::Header { what: "frames are no whole number of samples".into() })
            }
            _ => Ok(self),
        }
    }

    /// A whole header for `data_bytes` of sound. Bytes a second and "valid bits" are set to what they must be: other
    /// readers ignore the first, and the second is no more than a hint about zeros at the low end of each sample.
    fn header(&self, data_bytes: usize) -> Vec<u8> {
        let extension = self.extension();
        let format_bytes = 16 + extension.len() as u32;
        let data_bytes = data_bytes as u32;
        let bytes_a_second = self.rate_hz.wrapping_mul(self.block as u32);
        let sizes = [self.rate_hz, bytes_a_second].map(u32::to_le_bytes).concat();
        let depth = [self.block as u16, self.bits].map(u16::to_le_bytes).concat();
        let riff = [b"RIFF".as_slice(), &(20 + format_bytes).wrapping_add(data_bytes).to_le_bytes(), b"WAVEfmt "];
        let format = [&format_bytes.to_le_bytes(), &[self.tag, self.channels].map(u16::to_le_bytes).concat()[..]];
        let data = [&sizes[..], &depth, &extension, b"data", &data_bytes.to_le_bytes()];
        [&riff[..], &format, &data].concat().concat()
    }

    fn extension(&self) -> Vec<u8> {
        let length_bits_and_mask = [22, 0, 0, 0, 0, 0, 0, 0];
        let is_extensible = self.tag == EXTENSIBLE;
        if is_extensible { [&length_bits_and_mask[..], &self.subformat].concat() } else { Vec::new() }
    }

    /// All samples of `data`, channels interleaved, scaled to `[-1, 1)`.
    fn samples(&self, data: &[u8]) -> Result<Vec<f32>, DecodeError> {
        let header = self.header(data.len());
        let reader = hound::WavReader::new(header.as_slice()).map_err(|_| self.refuse())?;
        let hound::WavSpec { sample_format, bits_per_sample, .. } = reader.spec();
        let high = |bytes| i32::from_le_bytes(bytes) as f32 / 2_147_483_648.0;
        Ok(match (sample_format, bits_per_sample, self.block / usize::from(self.channels)) {
            (hound::SampleFormat::Float, 32, 4) => each(data, f32::from_le_bytes),
            (hound::SampleFormat::Int, 8, 1) => each(data, |[x]| (f32::from(x) - 128.0) / 128.0),
            (hound::SampleFormat::Int, 16, 2) => each(data, |x| f32::from(i16::from_le_bytes(x)) / 32_768.0),
            (hound::SampleFormat::Int, 24, 3) => each(data, |[a, b, c]| high([0, a, b, c])),
            (hound::SampleFormat::Int, 24, 4) => each(data, |[a, b, c, _]| high([0, a, b, c])),
            (hound::SampleFormat::Int, 32, 4) => each(data, high),
            _ => return Err(self.refuse()),
        })
    }

    fn refuse(&self) -> DecodeError {
        DecodeError::Coding { coding: format!("{}-bit samples of format tag {:#06x}", self.bits, self.tag) }
    }
}

fn each<const BYTES: usize>(data: &[u8], value: impl Fn([u8; BYTES]) -> f32) -> Vec<f32> {
    data.as_chunks().0.iter().map(|bytes| value(*bytes)).collect()
}

fn mean_of_channels(samples: Vec<f32>, channels: usize) -> Vec<f32> {
    match channels {
        1 => samples,
        _ => samples.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32).collect(),
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
