//! The head of a FLAC file without its comments, pictures, cue sheets and seek tables.
//! Source: RFC 9639 (2024), section 8. Damage in what is not sound need not cost the sound.

use super::DecodeError;
use super::content::Content;
use super::source::{Fenced, Source, read_at};

/// Blocks that are passed over: real files have about five.
const MOST_BLOCKS: usize = 4_096;
/// Set in the first byte of the last block before the sound; the other bits are the block's kind, 0 the properties.
const IS_LAST: u8 = 0x80;

/// The file as if it held the properties of the stream and the sound only.
pub(super) fn bare<'s>(source: &'s mut dyn Source, content: &Content) -> Result<Fenced<'s>, DecodeError> {
    let (mut properties, mut at) = (None, content.start + 4);
    for _ in 0..MOST_BLOCKS {
        let mut block = [0; 4 + 34];
        let [kind, s0, s1, s2, body @ ..] = read_at(source, at, &mut block)? else { break };
        if kind & !IS_LAST == 0 && body.len() == 34 {
            properties = Some(body.to_vec());
        }
        at += 4 + (u64::from(*s0) << 16 | u64::from(*s1) << 8 | u64::from(*s2));
        if kind & IS_LAST != 0 {
            let properties = properties.ok_or_else(|| header(content, "it does not tell the stream's properties"))?;
            let head = [b"fLaC".as_slice(), &[IS_LAST, 0, 0, 34], &properties].concat();
            return Ok(Fenced::behind(head, source, at, content.length)?);
        }
    }
    Err(header(content, "it has no end"))
}

fn header(content: &Content, what: &str) -> DecodeError {
    DecodeError::Header { format: content.format.name(), what: what.into() }
}

#[cfg(test)]
mod tests {
    use super::super::content::Format;
    use super::*;
    use std::io::{Cursor, Read};

    fn bared(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let mut source = Cursor::new(bytes);
        let content = Content { format: Format::Flac, start: 0, length: bytes.len() as u64 };
        let mut seen = Vec::new();
        bare(&mut source, &content)?.read_to_end(&mut seen)?;
        Ok(seen)
    }

    #[test]
    fn only_properties_and_sound_are_left() {
        let properties = [&[0, 0, 0, 34][..], &[7; 34]].concat();
        let file = [b"fLaC", &properties[..], &[4, 0, 0, 3], b"abc", &[0x86, 0, 0, 2], b"de", b"sound"].concat();
        let expected = [b"fLaC\x80\0\0\x22", &[7; 34][..], b"sound"].concat();
        assert_eq!(bared(&file), Ok(expected));
        (4..file.len() - 11).for_each(|len| assert!(bared(&file[..len]).is_err(), "{len}"));
        assert!(bared(b"fLaC\x84\0\0\x01xsound").expect_err("no properties").to_string().contains("properties"));
    }
}
