//! AU, the format of Sun and NeXT: six big-endian words and the samples.
//! Source: the manual page au(4) of SunOS 4.1.

use super::DecodeError;
use super::content::Format;
use super::pcm::{Coding, Layout, present};
use super::source::{Source, read_at};

const NAME: &str = Format::Au.name();

/// Finds the samples of a file of `length` bytes that begins with `.snd`.
pub(super) fn open(source: &mut dyn Source, length: u64) -> Result<Layout, DecodeError> {
    let mut head = [0; 24];
    let Some((words, _)) = read_at(source, 0, &mut head)?.as_chunks::<4>().0.split_first_chunk::<6>() else {
        return Err(DecodeError::Header { format: NAME, what: "it is shorter than 24 bytes".into() });
    };
    let [_, start, promised, coding, rate_hz, channels] = words.map(u32::from_be_bytes);
    let coding = coding_of(coding)?;
    let promised = (promised != u32::MAX).then_some(u64::from(promised));
    let bytes = present(promised, u64::from(start), length)?;
    Ok(Layout { coding, is_big_endian: true, channels: channels as usize, rate_hz, start: u64::from(start), bytes })
}

fn coding_of(number: u32) -> Result<Coding, DecodeError> {
    let refuse = |coding: String| Err(DecodeError::Coding { format: NAME, coding });
    match number {
        2 => Ok(Coding::S8),
        3 => Ok(Coding::S16),
        4 => Ok(Coding::S24),
        5 => Ok(Coding::S32),
        6 => Ok(Coding::F32),
        7 => Ok(Coding::F64),
        1 => refuse("mu-law".into()),
        27 => refuse("A-law".into()),
        _ => refuse(format!("coding {number}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode_bytes;
    use super::*;

    fn au(promised: u32, coding: u32, data: &[u8]) -> Vec<u8> {
        let words = [24, promised, coding, 8_000, 1].map(u32::to_be_bytes).concat();
        [b".snd", &words[..], data].concat()
    }

    #[test]
    fn samples_are_big_endian() {
        let data = [0x40, 0, 0x80, 0];
        assert_eq!(decode_bytes(&au(4, 3, &data)).expect("a good file").samples, [0.5, -1.0]);
        assert_eq!(decode_bytes(&au(u32::MAX, 2, &data)).expect("a stream").samples, [0.5, 0.0, -1.0, 0.0]);
    }

    #[test]
    fn broken_files_are_told_apart() {
        let cut = DecodeError::Truncated { promised_bytes: 6, present_bytes: 4 };
        assert_eq!(decode_bytes(&au(6, 3, &[0; 4])), Err(cut));
        assert!(decode_bytes(&au(4, 1, &[0; 4])).expect_err("mu-law").to_string().starts_with("mu-law in AU"));
        assert!(matches!(decode_bytes(b".snd\0\0\0\x18"), Err(DecodeError::Header { .. })));
    }
}
