//! Every bit depth, every layout seen in the wild, and every way to break a file.

use super::*;
use crate::random::Stream;

/// A WAV file of `data` with a 16-byte format chunk.
fn wav(tag: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let block = usize::from(channels) * usize::from(bits / 8);
    let format =
        Format { tag, channels, rate_hz, block, bits, subformat: *b"\x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71" };
    [&format.header(data.len()), data].concat()
}

fn samples(bytes: &[u8]) -> Vec<f32> {
    decode(bytes).expect("a good file").samples
}

#[test]
fn every_depth_is_scaled_to_one() {
    let half = [0.5, -1.0];
    assert_eq!(samples(&wav(1, 1, 8_000, 8, &[192, 0])), half);
    assert_eq!(samples(&wav(1, 1, 8_000, 16, &[0, 0x40, 0, 0x80])), half);
    assert_eq!(samples(&wav(1, 1, 8_000, 24, &[0, 0, 0x40, 0, 0, 0x80])), half);
    assert_eq!(samples(&wav(1, 1, 8_000, 32, &[0, 0, 0, 0x40, 0, 0, 0, 0x80])), half);
    assert_eq!(samples(&wav(3, 1, 8_000, 32, &[0.5f32, -1.0].map(f32::to_le_bytes).concat())), half);
    assert_eq!(samples(&wav(EXTENSIBLE, 1, 8_000, 16, &[0, 0x40, 0, 0x80])), half);
}

#[test]
fn channels_are_averaged() {
    let frames = [[100i16, 300, -100], [7, 7, 7]].concat().iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>();
    assert_eq!(samples(&wav(1, 3, 8_000, 16, &frames)), [100.0 / 32_768.0, 7.0 / 32_768.0]);
}

#[test]
fn what_was_encoded_is_decoded() {
    let audio = Audio { samples: vec![0.0, 0.25, -1.0, 32_767.0 / 32_768.0], rate_hz: 22_050 };
    assert_eq!(decode(&encode_wav(&audio)), Ok(audio));
    let loud = Audio { samples: vec![1.5, -1.5], rate_hz: 22_050 };
    assert_eq!(samples(&encode_wav(&loud)), [32_767.0 / 32_768.0, -1.0]);
}

#[test]
fn odd_chunks_and_unfinished_lengths_are_read() {
    let plain = wav(1, 1, 8_000, 16, &[0, 0x40, 0, 0x80]);
    let padded = [&plain[..36], b"LIST\x03\0\0\0abc\0", &plain[36..]].concat();
    assert_eq!(samples(&padded), [0.5, -1.0]);
    let streamed = [&plain[..40], &[0xFF; 4], &plain[44..]].concat();
    assert_eq!(samples(&streamed), [0.5, -1.0]);
    let followed = [&plain[..], b"id3 \x04\0\0\0abcd"].concat();
    assert_eq!(samples(&followed), [0.5, -1.0]);
}

#[test]
fn broken_files_are_told_apart() {
    let good = wav(1, 1, 8_000, 16, &[0; 100]);
    let broken = |bytes: &[u8]| decode(bytes).expect_err("a broken file");
    assert_eq!(broken(&good[..94]), DecodeError::Truncated { promised_bytes: 100, present_bytes: 50 });
    assert_eq!(broken(&wav(1, 1, 8_000, 16, &[])), DecodeError::NoSamples);
    assert_eq!(broken(&wav(1, 0, 8_000, 16, &[0; 4])), DecodeError::NoChannels);
    assert_eq!(broken(&wav(1, 1, 0, 16, &[0; 4])), DecodeError::Rate { rate_hz: 0 });
    assert_eq!(broken(&wav(1, 1, u32::MAX, 16, &[0; 4])), DecodeError::Rate { rate_hz: u32::MAX });
    assert_eq!(broken(&wav(3, 1, 8_000, 32, &f32::NAN.to_le_bytes())), DecodeError::BadSample { index: 0 });
    assert_eq!(
        broken(&wav(3, 1, 8_000, 32, &[1e-9f32, -1e30].map(f32::to_le_bytes).concat())),
        DecodeError::BadSample { index: 1 }
    );
    assert!(matches!(broken(&good[..30]), DecodeError::Header { .. }));
    assert!(matches!(broken(&wav(2, 1, 8_000, 8, &[0; 4])), DecodeError::Coding { .. }));
    assert!(broken(&wav(1, 1, 8_000, 64, &[0; 8])).to_string().contains("64-bit"));
}

#[test]
fn no_prefix_and_no_flipped_byte_panics() {
    let good =
        [wav(1, 2, 8_000, 16, &[7; 60]), wav(3, 1, 8_000, 32, &[7; 60]), wav(EXTENSIBLE, 1, 8_000, 24, &[7; 60])];
    let mut stream = Stream::new(5, "damage");
    for bytes in good {
        (0..bytes.len()).for_each(|len| assert!(super::super::decode(&bytes[..len]).is_err()));
        for _ in 0..20_000 {
            let mut damaged = bytes.clone();
            (0..=stream.below(3)).for_each(|_| damaged[stream.below(bytes.len())] = stream.next_u32() as u8);
            // Either a sound or an error, but never more samples than bytes.
            assert!(super::super::decode(&damaged).map_or(0, |audio| audio.samples.len()) <= bytes.len());
        }
    }
}
