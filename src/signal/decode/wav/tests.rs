//! Every bit depth, every layout seen in the wild, and every way to break a file.

use super::super::{Span, decode as decode_span, decode_bytes as decode};
use super::*;
use crate::random::Stream;

/// A WAV file of `data` with a 16-byte format chunk, or one of 40 bytes if it is extensible.
fn wav(tag: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    packed(tag, channels, rate_hz, bits, channels * (bits / 8), data)
}

fn packed(tag: u16, channels: u16, rate_hz: u32, bits: u16, block: u16, data: &[u8]) -> Vec<u8> {
    let format = [&words(&[tag, channels])[..], &rate_hz.to_le_bytes(), &[0; 4], &words(&[block, bits])].concat();
    let kind = if bits == 32 { FLOAT } else { INTEGER };
    let extension = [&[22, 0, 0, 0, 0, 0, 0, 0][..], &words(&[kind]), &SUBFORMAT].concat();
    let format = if tag == EXTENSIBLE { [format, extension].concat() } else { format };
    let chunks = [chunk(b"fmt ", &format), chunk(b"data", data)].concat();
    [b"RIFF".as_slice(), &(4 + chunks.len() as u32).to_le_bytes(), b"WAVE", &chunks].concat()
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [name, &(body.len() as u32).to_le_bytes()[..], body, &[0][..body.len() % 2]].concat()
}

fn samples(bytes: &[u8]) -> Vec<f32> {
    decode(bytes).expect("a good file").samples
}

#[test]
fn every_depth_is_scaled_to_one() {
    let half = [0.5, -1.0];
    assert_eq!(samples(&wav(1, 1, 8_000, 8, &[192, 0])), half);
    assert_eq!(samples(&wav(1, 1, 8_000, 16, &[0, 0x40, 0, 0x80])), half);
    assert_eq!(samples(&packed(1, 1, 8_000, 12, 2, &[0, 0x40, 0, 0x80])), half);
    assert_eq!(samples(&wav(1, 1, 8_000, 24, &[0, 0, 0x40, 0, 0, 0x80])), half);
    assert_eq!(samples(&packed(1, 1, 8_000, 24, 4, &[0, 0, 0x40, 0, 0, 0, 0x80, 0])), half);
    assert_eq!(samples(&wav(1, 1, 8_000, 32, &[0, 0, 0, 0x40, 0, 0, 0, 0x80])), half);
    assert_eq!(samples(&wav(3, 1, 8_000, 32, &half.map(f32::to_le_bytes).concat())), half);
    assert_eq!(samples(&wav(3, 1, 8_000, 64, &half.map(f64::from).map(f64::to_le_bytes).concat())), half);
    assert_eq!(samples(&wav(EXTENSIBLE, 1, 8_000, 16, &[0, 0x40, 0, 0x80])), half);
    assert_eq!(samples(&wav(EXTENSIBLE, 1, 8_000, 32, &half.map(f32::to_le_bytes).concat())), half);
}

#[test]
fn channels_are_averaged() {
    let frames = words(&[100i16, 300, -100, 7, 7, 7].map(|x| x as u16));
    assert_eq!(samples(&wav(1, 3, 8_000, 16, &frames)), [100.0 / 32_768.0, 7.0 / 32_768.0]);
    assert_eq!(decode(&wav(1, 65, 8_000, 16, &[0; 260])), Err(DecodeError::Channels { channels: 65 }));
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
    let never_closed = [&plain[..4], &[0; 4], &plain[8..40], &[0; 4], &plain[44..]].concat();
    assert_eq!(samples(&never_closed), [0.5, -1.0]);
    let followed = [&plain[..], b"id3 \x04\0\0\0abcd"].concat();
    assert_eq!(samples(&followed), [0.5, -1.0]);
    assert_eq!(samples(&[&plain[..], &[0x12]].concat()), [0.5, -1.0]);
}

#[test]
fn lengths_of_more_than_four_gigabytes_are_read() {
    let plain = wav(1, 1, 8_000, 16, &[0, 0x40, 0, 0x80]);
    let rf64 = |bytes: u64| {
        let sizes = chunk(b"ds64", &[[0; 8], bytes.to_le_bytes(), [0; 8]].concat());
        [b"RF64\xFF\xFF\xFF\xFFWAVE", &sizes[..], &plain[12..40], &[0xFF; 4], &plain[44..], b"junk"].concat()
    };
    assert_eq!(samples(&rf64(4)), [0.5, -1.0]);
    let cut = DecodeError::Truncated { promised_bytes: 1 << 40, present_bytes: 8 };
    assert_eq!(decode(&rf64(1 << 40)), Err(cut));
}

#[test]
fn a_span_holds_what_the_whole_holds_there() {
    let whole =
        Stream::new(3, "span").uniforms(20_000, -1.0, 1.0).iter().map(|x| (x * 32_767.0) as i16 as u16).collect();
    let bytes = wav(1, 2, 1_000, 16, &words(&Vec::<u16>::from_iter::<Vec<u16>>(whole)));
    let all = samples(&bytes);
    let span = |offset_seconds, seconds| decode_span(Cursor::new(&bytes), Span { offset_seconds, seconds });
    assert_eq!(span(2.5, Some(0.1)).expect("inside").samples, all[2_500..2_600]);
    assert_eq!(span(9.0, None).expect("inside").samples, all[9_000..]);
    assert_eq!(span(9.9995, Some(7.0)).expect("inside").samples, all[9_999..]);
    assert_eq!(span(-1.0, Some(0.25)).expect("inside").samples, all[..250]);
    assert_eq!(span(10.0, None), Err(DecodeError::OutsideSpan { offset_seconds: 10.0 }));
    assert!(span(f64::INFINITY, Some(f64::NAN)).is_err());
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
    assert_eq!(broken(&wav(3, 1, 8_000, 64, &1e300f64.to_le_bytes())), DecodeError::BadSample { index: 0 });
    assert_eq!(
        broken(&wav(3, 2, 8_000, 32, &[1e-9f32, 0.0, 0.0, -1e30].map(f32::to_le_bytes).concat())),
        DecodeError::BadSample { index: 3 }
    );
    assert!(matches!(broken(&good[..30]), DecodeError::Header { .. }));
    assert!(matches!(broken(&packed(1, 2, 8_000, 16, 3, &[0; 12])), DecodeError::Header { .. }));
}

#[test]
fn other_codings_are_named() {
    let message = |tag, bits| decode(&wav(tag, 1, 8_000, bits, &[0; 8])).expect_err("not read").to_string();
    let named = [(2, "Microsoft ADPCM"), (6, "A-law"), (7, "mu-law"), (0x11, "IMA ADPCM"), (0x55, "MPEG audio")];
    named.into_iter().for_each(|(tag, name)| assert!(message(tag, 8).starts_with(name), "{}", message(tag, 8)));
    assert!(message(1, 64).starts_with("64-bit samples of format tag 0x0001 in WAV"), "{}", message(1, 64));
}

#[test]
fn no_prefix_and_no_flipped_byte_panics() {
    let good =
        [wav(1, 2, 8_000, 16, &[7; 60]), wav(3, 1, 8_000, 32, &[7; 60]), wav(EXTENSIBLE, 1, 8_000, 24, &[7; 60])];
    let mut stream = Stream::new(5, "damage");
    for bytes in good {
        (0..bytes.len()).for_each(|len| assert!(decode(&bytes[..len]).is_err()));
        for _ in 0..20_000 {
            let mut damaged = bytes.clone();
            (0..=stream.below(3)).for_each(|_| damaged[stream.below(bytes.len())] = stream.next_u32() as u8);
            // Either a sound or an error, but never more samples than bytes.
            assert!(decode(&damaged).map_or(0, |audio| audio.samples.len()) <= bytes.len());
        }
    }
}
