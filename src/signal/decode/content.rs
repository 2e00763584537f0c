//! What a file holds, by its first bytes. Names of files are not asked: an MP3 called `.wav` is an MP3.
//! ID3v2 tags (id3.org, "ID3 tag version 2.4.0", 3.1) may stand before any format; four bytes of seven bits tell their length.

use std::io::SeekFrom;

use super::DecodeError;
use super::source::{Source, read_at};

/// Tags one behind the other that are skipped.
const MOST_TAGS: usize = 16;

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Format {
    Wav,
    Aiff,
    Au,
    Flac,
    Ogg,
    Mp3,
    Adts,
    Mp4,
}

impl Format {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Format::Wav => "WAV",
            Format::Aiff => "AIFF",
            Format::Au => "AU",
            Format::Flac => "FLAC",
            Format::Ogg => "Ogg",
            Format::Mp3 => "MP3",
            Format::Adts => "AAC",
            Format::Mp4 => "MP4",
        }
    }
}

/// A file of a known format.
pub(super) struct Content {
    pub(super) format: Format,
    /// Byte at which the format begins, behind the tags.
    pub(super) start: u64,
    /// Bytes of the whole file.
    pub(super) length: u64,
}

/// Finds out what `source` holds.
pub(super) fn recognise(source: &mut dyn Source) -> Result<Content, DecodeError> {
    let length = source.seek(SeekFrom::End(0))?;
    let start = behind_tags(source)?;
    let mut bytes = [0; 48];
    let bytes = read_at(source, start, &mut bytes)?;
    match (format(bytes), other_format(bytes)) {
        _ if length == 0 => Err(DecodeError::Empty),
        (Some(format), _) => Ok(Content { format, start, length }),
        (None, Some(found)) => Err(DecodeError::OtherFormat { found }),
        // Between tag and sound some writers leave a gap, which the reader of MP3 passes over.
        (None, None) if start > 0 && start < length => Ok(Content { format: Format::Mp3, start, length }),
        (None, None) => Err(DecodeError::NotSound { start: bytes[..bytes.len().min(12)].escape_ascii().to_string() }),
    }
}

/// The byte behind all ID3v2 tags. WAV, AIFF and MP4 carry theirs inside and are never behind one.
fn behind_tags(source: &mut dyn Source) -> Result<u64, DecodeError> {
    let (mut start, mut header) = (0, [0; 10]);
    for _ in 0..MOST_TAGS {
        match read_at(source, start, &mut header)? {
            [b'I', b'D', b'3', _, _, flags, size @ ..] if size.len() == 4 && size.iter().all(|byte| *byte < 128) => {
                let size = size.iter().fold(0, |size, byte| size << 7 | u64::from(*byte));
                let footer = if flags & 0x10 == 0 { 0 } else { 10 };
                start += 10 + size + footer;
            }
            _ => break,
        }
    }
    Ok(start)
}

fn format(bytes: &[u8]) -> Option<Format> {
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let known = [
        (Format::Wav, (at(0, b"RIFF") || at(0, b"RF64")) && (at(8, b"WAVE") || bytes.len() < 12)),
        (Format::Aiff, at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC"))),
        (Format::Au, at(0, b".snd")),
        (Format::Flac, at(0, b"fLaC")),
        (Format::Ogg, at(0, b"OggS") && !at(28, b"OpusHead") && !at(28, b"Speex   ")),
        (Format::Mp4, at(4, b"ftyp")),
        (Format::Adts, is_sync(bytes, 0xF6, 0xF0)),
        (Format::Mp3, is_sync(bytes, 0xE6, 0xE2)),
    ];
    known.into_iter().find(|(_, found)| *found).map(|(format, _)| format)
}

/// The name of a format that is known and not read.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let known = [
        ("Opus", at(0, b"OggS") && at(28, b"OpusHead")),
        ("Speex", at(0, b"OggS") && at(28, b"Speex   ")),
        ("AVI", at(0, b"RIFF") && at(8, b"AVI ")),
        ("big-endian WAV (RIFX)", at(0, b"RIFX")),
        ("Wave64", at(0, b"riff\x2E\x91\xCF\x11")),
        ("Core Audio (CAF)", at(0, b"caff")),
        ("WMA", at(0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11")),
        ("Matroska or WebM", at(0, b"\x1A\x45\xDF\xA3")),
        ("WavPack", at(0, b"wvpk")),
        ("Monkey's Audio (APE)", at(0, b"MAC ")),
        ("Musepack", at(0, b"MPCK") || at(0, b"MP+")),
        ("AMR", at(0, b"#!AMR")),
        ("DSD", at(0, b"DSD ") || at(0, b"FRM8")),
        ("MIDI (notes without sound)", at(0, b"MThd")),
        ("MPEG layer II (MP2)", is_sync(bytes, 0xE6, 0xE4)),
    ];
    known.into_iter().find(|(_, found)| *found).map(|(name, _)| name)
}

/// Frame headers of MPEG audio begin with eleven or twelve set bits; version and layer follow.
fn is_sync(bytes: &[u8], mask: u8, pattern: u8) -> bool {
    matches!(bytes, [0xFF, second, third, ..] if second & mask == pattern && third & 0xF0 != 0xF0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn found(bytes: &[u8]) -> Result<(Format, u64), DecodeError> {
        recognise(&mut Cursor::new(bytes)).map(|content| (content.format, content.start))
    }

    #[test]
    fn formats_are_known_by_content() {
        let cases: [(&[u8], Format); 8] = [
            (b"RIFF\0\0\0\0WAVE", Format::Wav),
            (b"FORM\0\0\0\0AIFC", Format::Aiff),
            (b".snd\0\0\0\x18", Format::Au),
            (b"fLaC\0\0\0\x22", Format::Flac),
            (b"OggS\0\x02", Format::Ogg),
            (b"\0\0\0\x20ftypM4A ", Format::Mp4),
            (b"\xFF\xFB\x90\x64", Format::Mp3),
            (b"\xFF\xF1\x50\x80", Format::Adts),
        ];
        cases.into_iter().for_each(|(bytes, format)| assert_eq!(found(bytes), Ok((format, 0))));
    }

    #[test]
    fn tags_are_skipped() {
        let tag = b"ID3\x04\0\0\0\0\x01\x02".iter().copied().chain([b'x'; 130]).collect::<Vec<_>>();
        assert_eq!(found(&[&tag[..], b"fLaC"].concat()), Ok((Format::Flac, 140)));
        assert_eq!(found(&[&tag[..], &tag, b"\xFF\xFB\x90\x64"].concat()), Ok((Format::Mp3, 280)));
        assert_eq!(found(&[&tag[..], b"\0\0\0\0\xFF\xFB\x90\x64"].concat()), Ok((Format::Mp3, 140)));
        assert!(found(&tag).is_err() && found(&tag[..50]).is_err());
    }

    #[test]
    fn other_formats_are_named_and_the_unknown_is_shown() {
        let opus = [b"OggS".as_slice(), &[0; 24], b"OpusHead"].concat();
        assert_eq!(found(&opus), Err(DecodeError::OtherFormat { found: "Opus" }));
        let message = found(b"\x1A\x45\xDF\xA3").expect_err("not read").to_string();
        assert!(message.starts_with("Matroska") && message.ends_with("convert it to WAV or FLAC"), "{message}");
        assert_eq!(found(b""), Err(DecodeError::Empty));
        let message = found(b"<!DOCTYPE html><html>").expect_err("not sound").to_string();
        assert!(message.contains("\"<!DOCTYPE ht\""), "{message}");
        assert_eq!(found(b"\0\xFF"), Err(DecodeError::NotSound { start: "\\x00\\xff".into() }));
    }
}
