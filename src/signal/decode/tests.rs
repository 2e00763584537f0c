//! Packed formats against libsndfile and ffmpeg, spans against the whole, and damage of every kind.
//! The files are made by `tests/golden/make_audio.py`.

use ndarray::Array1;
use ndarray_npy::read_npy;

use super::*;
use crate::random::Stream;

/// Name, format, and how far from the reference a sample may lie: lossless files are exact.
const FILES: [(&str, &str, f32); 5] = [
    ("tone.flac", "FLAC", 0.0),
    ("tone.ogg", "Ogg", 1e-5),
    ("tone.mp3", "MP3", 1e-5),
    ("tone_aac.m4a", "MP4", 1e-5),
    ("tone_alac.m4a", "MP4", 0.0),
];
/// The references hold every so many samples.
const REFERENCE_STEP: usize = 16;

fn path(name: &str) -> String {
    format!("{}/tests/golden/audio/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn span(bytes: &[u8], offset_seconds: f64, seconds: Option<f64>) -> Result<Audio, DecodeError> {
    decode(Cursor::new(bytes), Span { offset_seconds, seconds })
}

#[test]
fn packed_formats_equal_other_decoders() {
    for (name, _, tolerance) in FILES {
        let reference: Array1<f32> = read_npy(path(&name.replace('.', "_")) + ".npy").expect("a reference");
        let ours = decode_bytes(&file(name)).expect("a good file");
        let worst = ours.samples.iter().step_by(REFERENCE_STEP).zip(&reference).map(|(a, b)| (a - b).abs());
        assert!(worst.fold(0.0, f32::max) <= tolerance, "{name}");
        // ffmpeg leaves the silence that fills the last packet of AAC.
        let short = reference.len() - ours.samples.len().div_ceil(REFERENCE_STEP);
        assert!(short == 0 || name == "tone_aac.m4a" && short < 1_024 / REFERENCE_STEP, "{name}: {short}");
        assert_eq!(ours.rate_hz, 22_050);
    }
}

#[test]
fn headers_tell_what_decoding_gives() {
    for (name, format, _) in FILES {
        let audio = decode_bytes(&file(name)).expect("a good file");
        let seconds = Some(audio.seconds());
        let expected = Probe { format, rate_hz: audio.rate_hz, channels: 2, seconds };
        assert_eq!(probe(Cursor::new(file(name))), Ok(expected));
    }
    let wav = encode_wav(&Audio { samples: vec![0.5; 800], rate_hz: 8_000 });
    let expected = Probe { format: "WAV", rate_hz: 8_000, channels: 1, seconds: Some(0.1) };
    assert_eq!(probe(Cursor::new(wav)), Ok(expected));
}

#[test]
fn spans_hold_what_the_whole_holds_there() {
    for (name, _, _) in FILES {
        let whole = decode_bytes(&file(name)).expect("a good file").samples;
        let part = span(&file(name), 0.1, Some(0.05)).expect("inside");
        assert_eq!(part.samples, whole[2_205..3_307], "{name}");
        assert_eq!(span(&file(name), 0.125, None).expect("inside").samples, whole[2_756..], "{name}");
        assert_eq!(span(&file(name), 9.0, None), Err(DecodeError::OutsideSpan { offset_seconds: 9.0 }), "{name}");
        assert_eq!(span(&file(name), 0.0, Some(0.0)), Err(DecodeError::OutsideSpan { offset_seconds: 0.0 }), "{name}");
    }
}

/// An MP3 of many times the tone, entered behind the frames that are decoded to get under way.
#[test]
fn a_span_far_inside_is_entered_by_seeking() {
    let tone = file("tone.mp3");
    // The first frame only tells the length.
    let second = (4..tone.len()).find(|at| tone[*at..].starts_with(&tone[..2])).expect("a second frame");
    let long: Vec<u8> = tone[second..].repeat(16);
    let whole = decode_bytes(&long).expect("a good file").samples;
    assert!(whole.len() > 150_000);
    assert_eq!(span(&long, 5.0, Some(0.5)).expect("inside").samples, whole[110_250..121_275]);
}

/// Counts what is read.
struct Counted<'b>(Cursor<&'b [u8]>, &'b std::sync::atomic::AtomicUsize);

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
        Ok(count)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn no_more_is_read_than_the_span_needs() {
    let wav = encode_wav(&Audio { samples: vec![0.5; 1_000_000], rate_hz: 8_000 });
    let mp3 = file("tone.mp3").repeat(400);
    for bytes in [&wav, &mp3] {
        let count = Default::default();
        let source = Counted(Cursor::new(bytes), &count);
        decode(source, Span { offset_seconds: 0.0, seconds: Some(0.5) }).expect("a good file");
        let count = count.into_inner();
        assert!(count < 150_000 && bytes.len() > 800_000, "{count} of {}", bytes.len());
    }
}

#[test]
fn tags_before_the_sound_are_passed_over() {
    let tag = [b"ID3\x03\0\0\0\0\x02\x00".as_slice(), &[b'x'; 256]].concat();
    for name in ["tone.mp3", "tone.flac"] {
        let bytes = file(name);
        assert_eq!(decode_bytes(&[tag.as_slice(), &bytes].concat()), decode_bytes(&bytes), "{name}");
    }
}

#[test]
fn a_stream_that_is_cut_off_gives_what_is_there() {
    for name in ["tone.flac", "tone.ogg", "tone.mp3", "tone_alac.m4a"] {
        let (bytes, whole) = (file(name), decode_bytes(&file(name)).expect("a good file").samples);
        // The boxes of this MP4 stand behind the sound, so it loses all.
        match decode_bytes(&bytes[..bytes.len() * 9 / 10]) {
            Ok(part) => {
                assert!(part.samples.len() > whole.len() / 5, "{name}: {}", part.samples.len());
                assert_eq!(part.samples, whole[..part.samples.len()], "{name}");
            }
            Err(error) => assert!(name == "tone_alac.m4a" && error.to_string().contains("damaged"), "{error}"),
        }
    }
}

#[test]
fn chained_streams_are_refused_and_not_cut_short() {
    let error = decode_bytes(&file("tone.ogg").repeat(2)).expect_err("two streams").to_string();
    assert!(error.starts_with("a chain of streams in Ogg is not supported; convert"), "{error}");
}

#[test]
fn a_disk_that_fails_is_no_fault_of_the_file() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::PermissionDenied.into())
        }
    }
    impl Seek for Broken {
        fn seek(&mut self, _: std::io::SeekFrom) -> std::io::Result<u64> {
            Ok(100)
        }
    }
    let error = decode(Broken, Span::default()).expect_err("nothing to read");
    assert!(matches!(error, DecodeError::Io { kind: std::io::ErrorKind::PermissionDenied, .. }));
}

/// Bytes flipped, cut off, set to extremes, spliced together.
fn damaged(stream: &mut Stream, files: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = files[stream.below(files.len())].clone();
    let (at, width) = (stream.below(bytes.len()), stream.below(9));
    match stream.below(4) {
        0 => bytes.truncate(at),
        1 => (0..=stream.below(20)).for_each(|_| bytes[stream.below(at + 1)] = stream.next_u32() as u8),
        2 => bytes.iter_mut().skip(at % 600).take(width).for_each(|byte| *byte = if width < 5 { 0 } else { 0xFF }),
        _ => {
            let other = &files[stream.below(files.len())];
            bytes.splice(at.., other[stream.below(other.len())..].iter().copied());
        }
    }
    bytes
}

#[test]
fn no_damage_panics_hangs_or_fills_the_memory() {
    let files: Vec<Vec<u8>> = FILES.iter().map(|(name, _, _)| file(name)).collect();
    let mut stream = Stream::new(11, "damage");
    for _ in 0..1_000 {
        let bytes = damaged(&mut stream, &files);
        let start = std::time::Instant::now();
        let offset = stream.between(0.0, 0.4);
        let (all, part) = (decode_bytes(&bytes), span(&bytes, offset, Some(0.1)));
        assert!(start.elapsed().as_secs() < 2);
        for audio in [all, part].into_iter().flatten() {
            assert!(audio.samples.len() < 3_000_000 && audio.samples.iter().all(|x| x.is_finite()));
            assert!(RATES_HZ.contains(&audio.rate_hz));
        }
    }
}
