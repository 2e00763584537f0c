//! Bytes as text: UTF-8, with or without a byte order mark. Anything else is refused with the line it stands on.

use super::TextError;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";
const UTF16_MARKS: [&[u8]; 2] = [b"\xFF\xFE", b"\xFE\xFF"];

/// `bytes` as text, without a byte order mark.
///
/// # Errors
/// [`TextError::Utf16`], [`TextError::ZeroByte`] or [`TextError::NotUtf8`].
pub fn text(bytes: &[u8]) -> Result<&str, TextError> {
    if UTF16_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
        return Err(TextError::Utf16);
    }
    let bytes = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(TextError::ZeroByte { line: line(bytes, at) });
    }
    std::str::from_utf8(bytes).map_err(|error| TextError::NotUtf8 { line: line(bytes, error.valid_up_to()) })
}

/// The line that byte `at` stands on.
fn line(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_dropped_once() {
        assert_eq!(text(b"\xEF\xBB\xBFa"), Ok("a"));
        assert_eq!(text("গান".as_bytes()), Ok("গান"));
        assert_eq!(text(b""), Ok(""));
    }

    #[test]
    fn other_encodings_are_named_with_their_line() {
        assert_eq!(text(b"\xFF\xFEa\0"), Err(TextError::Utf16));
        assert_eq!(text(b"a\n\0b"), Err(TextError::ZeroByte { line: 2 }));
        assert_eq!(text(b"a\n\nb\xC3("), Err(TextError::NotUtf8 { line: 3 }));
    }
}
