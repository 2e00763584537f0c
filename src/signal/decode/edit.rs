//! The edit list of an MP4 track: how much the encoder put before and behind the sound.
//! Source: ISO/IEC 14496-12:2022, 4.2 (boxes), 8.2.2 `mvhd`, 8.3.2 `tkhd`, 8.4.2 `mdhd`, 8.6.6 `elst`.

use super::DecodeError;
use super::source::{Source, read_at};

/// Boxes that are looked at: real files have some hundred.
const MOST_BOXES: usize = 10_000;
/// The edit list is three boxes deep.
const MOST_DEPTH: usize = 4;

/// What is played of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edit {
    /// Seconds of encoder delay before the sound, as ticks and ticks a second.
    pub(super) delay: (u64, u32),
    /// Length of the sound, as ticks and ticks a second; none for all of the track.
    pub(super) length: Option<(u64, u32)>,
}

/// The numbers of the tracks that have an edit of one part, and the edits, of a file whose first box begins at `start`.
pub(super) fn edits(source: &mut dyn Source, start: u64, end: u64) -> Result<Vec<(u32, Edit)>, DecodeError> {
    let mut walk = Walk { source, left: MOST_BOXES, movie_hz: 0, tracks: Vec::new() };
    walk.boxes(start, end, 0)?;
    Ok(walk.tracks.iter().filter_map(|track| Some((track.id, track.edit(walk.movie_hz)?))).collect())
}

/// The edit that iTunes writes as a comment: hexadecimal numbers, the second the delay and the fourth the length, both
/// in samples.
pub(super) fn comment(text: &str, rate_hz: u32) -> Option<Edit> {
    let numbers: Vec<u64> = text.split_whitespace().map_while(|word| u64::from_str_radix(word, 16).ok()).collect();
    match numbers[..] {
        [_, delay, _, length, ..] if length > 0 => {
            Some(Edit { delay: (delay, rate_hz), length: Some((length, rate_hz)) })
        }
        _ => None,
    }
}

#[derive(Default)]
struct Track {
    id: u32,
    media_hz: u32,
    /// Length in the film's ticks and first tick of the track's own clock, of the parts that are not empty.
    parts: Vec<(u64, u64)>,
}

impl Track {
    fn edit(&self, movie_hz: u32) -> Option<Edit> {
        match self.parts[..] {
            [(length, delay)] if self.media_hz > 0 => Some(Edit {
                delay: (delay, self.media_hz),
                length: (length > 0 && movie_hz > 0).then_some((length, movie_hz)),
            }),
            _ => None,
        }
    }
}

struct Walk<'s> {
    source: &'s mut dyn Source,
    left: usize,
    movie_hz: u32,
    tracks: Vec<Track>,
}

impl Walk<'_> {
    /// Looks at the boxes from `at` to `end`, and at those in them that lead to an edit list.
    fn boxes(&mut self, mut at: u64, end: u64, depth: usize) -> Result<(), DecodeError> {
        while at < end && self.left > 0 {
            self.left -= 1;
            let mut bytes = [0; 16 + 48];
            let bytes = read_at(self.source, at, &mut bytes)?;
            let Some((name, head, size)) = split(bytes) else { break };
            let box_end = if size == 0 { end } else { at.saturating_add(size).min(end) };
            let body = bytes.get(head..).unwrap_or_default();
            match &name {
                b"trak" => self.tracks.push(Track::default()),
                b"mvhd" => self.movie_hz = ticks(body),
                b"tkhd" => self.last(|track| track.id = ticks(body)),
                b"mdhd" => self.last(|track| track.media_hz = ticks(body)),
                b"elst" => self.last(|track| track.parts = parts(body)),
                _ => {}
            }
            if depth < MOST_DEPTH && matches!(&name, b"moov" | b"trak" | b"edts" | b"mdia") {
                self.boxes(at + head as u64, box_end, depth + 1)?;
            }
            at = box_end.max(at + 8);
        }
        Ok(())
    }

    fn last(&mut self, change: impl FnOnce(&mut Track)) {
        if let Some(track) = self.tracks.last_mut() {
            change(track);
        }
    }
}

/// Name, bytes of the head, bytes of the whole box (0: up to the end).
fn split(bytes: &[u8]) -> Option<([u8; 4], usize, u64)> {
    let (size, name) = (number(bytes, 0, 4)?, *bytes.get(4..)?.first_chunk::<4>()?);
    if size == 1 { Some((name, 16, number(bytes, 8, 8)?)) } else { Some((name, 8, size)) }
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    Some(bytes.get(at..at + width)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// The word behind two dates, which `mvhd`, `mdhd` (ticks a second) and `tkhd` (the track's number) have in one place.
fn ticks(body: &[u8]) -> u32 {
    let at = if body.first() == Some(&1) { 20 } else { 12 };
    number(body, at, 4).unwrap_or(0) as u32
}

/// Up to two parts: more than one is not followed anyway.
fn parts(body: &[u8]) -> Vec<(u64, u64)> {
    let width = if body.first() == Some(&1) { 8 } else { 4 };
    let count = number(body, 4, 4).unwrap_or(0).min(2) as usize;
    let part = |index: usize| {
        let at = 8 + index * (2 * width + 4);
        Some((number(body, at, width)?, number(body, at + width, width)?))
    };
    let is_empty = |start: u64| start == if width == 8 { u64::MAX } else { u64::from(u32::MAX) };
    (0..count).filter_map(part).filter(|(_, start)| !is_empty(*start)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn atom(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(8 + body.len() as u32).to_be_bytes()[..], name, body].concat()
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    fn film(parts: &[u32]) -> Vec<u8> {
        let list = [vec![0, parts.len() as u32 / 3], parts.to_vec()].concat();
        let track = [
            atom(b"tkhd", &words(&[0, 0, 0, 7])),
            atom(b"edts", &atom(b"elst", &words(&list))),
            atom(b"mdia", &atom(b"mdhd", &words(&[0, 0, 0, 44_100]))),
        ];
        let movie = [atom(b"mvhd", &words(&[0, 0, 0, 1_000])), atom(b"trak", &track.concat())];
        [atom(b"ftyp", b"M4A "), atom(b"mdat", &[9; 100]), atom(b"moov", &movie.concat())].concat()
    }

    fn found(film: &[u8], id: u32) -> Option<Edit> {
        let edits = edits(&mut Cursor::new(film), 0, film.len() as u64).expect("memory is readable");
        edits.into_iter().find(|(track, _)| *track == id).map(|(_, edit)| edit)
    }

    #[test]
    fn delay_and_length_are_found() {
        let expected = Some(Edit { delay: (1_024, 44_100), length: Some((3_000, 1_000)) });
        assert_eq!(found(&film(&[3_000, 1_024, 1]), 7), expected);
        assert_eq!(found(&film(&[50, u32::MAX, 1, 3_000, 1_024, 1]), 7), expected);
        assert_eq!(found(&film(&[3_000, 1_024, 1]), 8), None);
        assert_eq!(found(&film(&[3_000, 1_024, 1, 500, 9_000, 1]), 7), None);
        assert_eq!(found(&film(&[]), 7), None);
    }

    #[test]
    fn what_is_cut_off_has_no_edit() {
        let film = film(&[3_000, 1_024, 1]);
        // The clock of the track comes last.
        (0..film.len()).for_each(|len| assert_eq!(found(&film[..len], 7), None));
    }

    #[test]
    fn the_comment_tells_delay_and_length() {
        let text = " 00000000 00000840 000001CA 00000000003F31F6 00000000 00000000";
        let expected = Edit { delay: (2_112, 44_100), length: Some((0x3F31F6, 44_100)) };
        assert_eq!(comment(text, 44_100), Some(expected));
        assert_eq!(comment("00000000 00000840", 44_100), None);
        assert_eq!(comment("", 44_100), None);
    }
}
