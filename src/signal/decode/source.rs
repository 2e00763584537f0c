//! Bytes that can be read at any place, and a fence around them for third-party readers.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// Anything that sound can be read from.
pub(super) trait Source: Read + Seek + Send + Sync {}

impl<T: Read + Seek + Send + Sync> Source for T {}

/// Fills `buffer` from position `at` and gives the part that was filled: less than all of it only at the file's end.
pub(super) fn read_at<'b>(source: &mut dyn Source, at: u64, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
    source.seek(SeekFrom::Start(at))?;
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(&buffer[..filled])
}

/// The error of a [`Fenced`] source that was read over and over.
pub(super) const IN_CIRCLES: ErrorKind = ErrorKind::FileTooLarge;

/// A file as readers of packed formats see it: without the tags before it, and read a few times over at the most, so
/// that a header that sends its reader back again and again comes to an end.
pub(super) struct Fenced<'s> {
    source: &'s mut dyn Source,
    /// Seen before what the source holds.
    head: Vec<u8>,
    start: u64,
    length: u64,
    position: u64,
    budget: u64,
    /// Whether readers are told that they may seek.
    pub(super) is_seekable: bool,
}

impl Fenced<'_> {
    /// The bytes of `source` from `start` to `end`.
    pub(super) fn new(source: &mut dyn Source, start: u64, end: u64) -> io::Result<Fenced<'_>> {
        Fenced::behind(Vec::new(), source, start, end)
    }

    /// The bytes of `head`, then those of `source` from `start` to `end`.
    pub(super) fn behind(head: Vec<u8>, source: &mut dyn Source, start: u64, end: u64) -> io::Result<Fenced<'_>> {
        source.seek(SeekFrom::Start(start))?;
        let length = head.len() as u64 + end.saturating_sub(start);
        let budget = length.saturating_mul(8).saturating_add(16 << 20);
        Ok(Fenced { source, head, start, length, position: 0, budget, is_seekable: true })
    }
}

impl Read for Fenced<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        let head = self.head.get(self.position as usize..).unwrap_or_default();
        let count = if head.is_empty() { self.source.read(&mut buffer[..count])? } else { (&*head).read(buffer)? };
        self.position += count as u64;
        self.budget = self.budget.checked_sub(count as u64).ok_or(io::Error::from(IN_CIRCLES))?;
        Ok(count)
    }
}

impl Seek for Fenced<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        let position = position.ok_or(io::Error::from(ErrorKind::InvalidInput))?;
        let in_source = position.saturating_sub(self.head.len() as u64);
        let absolute = self.start.checked_add(in_source).ok_or(io::Error::from(ErrorKind::InvalidInput))?;
        // Each seek costs about as much as a block read.
        self.budget = self.budget.checked_sub(512).ok_or(io::Error::from(IN_CIRCLES))?;
        self.source.seek(SeekFrom::Start(absolute))?;
        self.position = position;
        Ok(position)
    }
}

impl MediaSource for Fenced<'_> {
    fn is_seekable(&self) -> bool {
        self.is_seekable
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn reads_stop_at_the_end_only() {
        let (mut source, mut buffer) = (Cursor::new(b"0123456789"), [0; 4]);
        assert_eq!(read_at(&mut source, 2, &mut buffer).expect("memory is readable"), b"2345");
        assert_eq!(read_at(&mut source, 8, &mut buffer).expect("memory is readable"), b"89");
        assert_eq!(read_at(&mut source, 99, &mut buffer).expect("memory is readable"), b"");
    }

    #[test]
    fn a_fence_hides_what_lies_outside() {
        let mut source = Cursor::new(b"tag|sound|tail");
        let mut fenced = Fenced::new(&mut source, 4, 9).expect("memory is readable");
        let mut seen = String::new();
        fenced.read_to_string(&mut seen).expect("memory is readable");
        assert_eq!((seen.as_str(), fenced.byte_len()), ("sound", Some(5)));
        assert_eq!(fenced.seek(SeekFrom::End(-2)).expect("inside"), 3);
        assert!(fenced.seek(SeekFrom::Current(-4)).is_err());
    }

    #[test]
    fn a_head_is_seen_before_the_source() {
        let mut source = Cursor::new(b"tag|sound|tail");
        let mut fenced = Fenced::behind(b"head|".to_vec(), &mut source, 4, 9).expect("memory is readable");
        let mut seen = String::new();
        fenced.read_to_string(&mut seen).expect("memory is readable");
        assert_eq!((seen.as_str(), fenced.byte_len()), ("head|sound", Some(10)));
        fenced.seek(SeekFrom::Start(3)).expect("inside");
        fenced.read_to_string(&mut seen).expect("memory is readable");
        fenced.seek(SeekFrom::Start(7)).expect("inside");
        fenced.read_to_string(&mut seen).expect("memory is readable");
        assert_eq!(seen, "head|soundd|soundund");
    }

    #[test]
    fn reading_in_circles_ends() {
        let mut source = Cursor::new(vec![0; 1 << 16]);
        let mut fenced = Fenced::new(&mut source, 0, 1 << 16).expect("memory is readable");
        let mut block = vec![0; 1 << 16];
        let rounds = (0..10_000).take_while(|_| fenced.rewind().and_then(|()| fenced.read_exact(&mut block)).is_ok());
        assert!(rounds.count() < 300);
    }
}
