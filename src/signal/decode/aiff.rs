//! AIFF and AIFF-C: chunks as in WAV, big-endian.
//! Source: Apple, "Audio Interchange File Format: AIFF, version 1.3" (1989) and "AIFF-C, draft 8/26/91".

use super::DecodeError;
use super::content::Format;
use super::pcm::{Coding, Layout, present};
use super::source::{Source, read_at};

const NAME: &str = Format::Aiff.name();
/// Chunks that are looked at: real files have about ten.
const MOST_CHUNKS: usize = 4_096;

/// Finds the samples of a file of `length` bytes that begins with `FORM....AIF`.
pub(super) fn open(source: &mut dyn Source, length: u64) -> Result<Layout, DecodeError> {
    let (mut common, mut sound, mut at) = (None, None, 12);
    for _ in 0..MOST_CHUNKS {
        let mut head = [0; 8 + 22];
        let (name, size, body) = match read_at(source, at, &mut head)? {
            [a, b, c, d, s0, s1, s2, s3, body @ ..] => {
                ([*a, *b, *c, *d], u64::from(u32::from_be_bytes([*s0, *s1, *s2, *s3])), body)
            }
            _ => break,
        };
        match (&name, body.len().min(size as usize)) {
            (b"COMM", 18..) => common = Some(Common::read(&body[..body.len().min(size as usize)])?),
            (b"SSND", 8..) => sound = Some((at + 8, size, be(&body[..4]))),
            _ => {}
        }
        // Chunks begin at even offsets.
        at += 8 + size + size % 2;
    }
    match (common, sound) {
        (Some(common), Some((body, size, offset))) => common.layout(body + 8 + offset, size, offset, length),
        (None, _) => Err(header("no COMM chunk")),
        (_, None) => Err(header("no SSND chunk")),
    }
}

fn header(what: &str) -> DecodeError {
    DecodeError::Header { format: NAME, what: what.into() }
}

fn be(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// What the COMM chunk says.
struct Common {
    channels: usize,
    frames: u64,
    rate_hz: u32,
    coding: Coding,
    is_big_endian: bool,
}

impl Common {
    fn read(body: &[u8]) -> Result<Common, DecodeError> {
        let bits = be(&body[6..8]) as u32;
        let tag: &[u8] = body.get(18..22).unwrap_or(b"NONE");
        let coding = match tag {
            b"NONE" | b"twos" | b"sowt" | b"in24" | b"in32" => Coding::integer(bits),
            b"raw " if bits == 8 => Some(Coding::U8),
            b"fl32" | b"FL32" => Some(Coding::F32),
            b"fl64" | b"FL64" => Some(Coding::F64),
            _ => None,
        };
        let coding = coding.ok_or_else(|| DecodeError::Coding {
            format: NAME,
            coding: format!("{bits}-bit coding \"{}\"", tag.escape_ascii()),
        })?;
        let (channels, frames, rate_hz) = (be(&body[..2]) as usize, be(&body[2..6]), extended(&body[8..18]));
        Ok(Common { channels, frames, rate_hz, coding, is_big_endian: tag != b"sowt" })
    }

    /// `start` and `size` are the SSND chunk's, its own header of 8 bytes and `offset` bytes of nothing left out.
    fn layout(self, start: u64, size: u64, offset: u64, length: u64) -> Result<Layout, DecodeError> {
        let Common { channels, frames, rate_hz, coding, is_big_endian } = self;
        let promised = frames * (channels * coding.bytes()) as u64;
        let in_chunk = size.saturating_sub(8 + offset);
        // Writers of streams leave the chunk's size open; the number of frames is then all there is.
        let promised = if in_chunk == 0 { promised } else { promised.min(in_chunk) };
        let bytes = present(Some(promised), start, length)?;
        Ok(Layout { coding, is_big_endian, channels, rate_hz, start, bytes })
    }
}

/// An 80-bit floating-point number, rounded down; 0 for what is no rate.
fn extended(bytes: &[u8]) -> u32 {
    let exponent = be(&bytes[..2]) as i64 - 16_383;
    let mantissa = be(&bytes[2..10]);
    if (0..32).contains(&exponent) { (mantissa >> (63 - exponent)) as u32 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::super::decode_bytes;
    use super::*;

    fn aiff(tag: &[u8], channels: u16, frames: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        // 8000 Hz = 2^12 · 1.953125
        let rate = [0x40, 0x0B, 0xFA, 0, 0, 0, 0, 0, 0, 0];
        let head = [&channels.to_be_bytes()[..], &frames.to_be_bytes(), &bits.to_be_bytes(), &rate, tag].concat();
        let form: &[u8] = if tag.is_empty() { b"AIFFCOMM" } else { b"AIFCCOMM" };
        let sound = [b"SSND".as_slice(), &(8 + data.len() as u32).to_be_bytes(), &[0; 8], data].concat();
        [b"FORM\0\0\0\0", form, &(head.len() as u32).to_be_bytes(), &head, &sound].concat()
    }

    #[test]
    fn every_depth_is_scaled_to_one() {
        let half = [0.5, -1.0];
        let files: [(&[u8], u16, &[u8]); 7] = [
            (b"", 8, &[0x40, 0x80]),
            (b"", 12, &[0x40, 0, 0x80, 0]),
            (b"NONE", 16, &[0x40, 0, 0x80, 0]),
            (b"sowt", 16, &[0, 0x40, 0, 0x80]),
            (b"", 24, &[0x40, 0, 0, 0x80, 0, 0]),
            (b"", 32, &[0x40, 0, 0, 0, 0x80, 0, 0, 0]),
            (b"fl32", 32, &[0x3F, 0, 0, 0, 0xBF, 0x80, 0, 0]),
        ];
        for (tag, bits, data) in files {
            let audio = decode_bytes(&aiff(tag, 1, 2, bits, data)).expect("a good file");
            assert_eq!((&audio.samples[..], audio.rate_hz), (&half[..], 8_000), "{bits}");
            let stereo = decode_bytes(&aiff(tag, 2, 1, bits, data)).expect("a good file");
            assert_eq!(stereo.samples, [-0.25], "{bits}");
        }
    }

    #[test]
    fn broken_files_are_told_apart() {
        let good = aiff(b"", 1, 50, 16, &[1; 100]);
        let broken = |bytes: &[u8]| decode_bytes(bytes).expect_err("a broken file");
        let cut = DecodeError::Truncated { promised_bytes: 100, present_bytes: 40 };
        assert_eq!(broken(&good[..good.len() - 60]), cut);
        assert_eq!(broken(&aiff(b"", 0, 50, 16, &[1; 100])), DecodeError::NoChannels);
        assert_eq!(broken(&aiff(b"", 65, 1, 16, &[1; 130])), DecodeError::Channels { channels: 65 });
        assert_eq!(broken(&aiff(b"", 1, 0, 16, &[])), DecodeError::NoSamples);
        assert!(broken(&aiff(b"ima4", 1, 50, 16, &[1; 100])).to_string().contains("\"ima4\""));
        assert!(matches!(broken(&good[..38]), DecodeError::Header { .. }));
    }

    #[test]
    fn the_sampling_rate_is_a_long_number() {
        let rate = |bytes: [u8; 10]| extended(&bytes);
        assert_eq!(rate([0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0]), 44_100);
        assert_eq!(rate([0x40, 0x0F, 0xBB, 0x80, 0, 0, 0, 0, 0, 0]), 96_000);
        assert_eq!((rate([0; 10]), rate([0xFF; 10])), (0, 0));
    }
}
