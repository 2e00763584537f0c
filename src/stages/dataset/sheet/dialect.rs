//! How a table is written: byte order mark, encoding, the delimiter between its cells.

use super::TableError;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The text after a byte order mark. UTF-16, which spreadsheets save as "Unicode text", is refused.
pub(super) fn text(bytes: &[u8]) -> Result<&[u8], TableError> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(TableError::NotUtf8 { line: 1 });
    }
    Ok(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}

/// The delimiter that stands most often in the first line that is not blank, outside quotes; a comma if none does.
pub(in crate::stages::dataset) fn delimiter(text: &[u8], quote: u8) -> u8 {
    let first = text.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [0usize; DELIMITERS.len()];
    for byte in first {
        quoted ^= *byte == quote;
        if let Some(place) = DELIMITERS.iter().position(|delimiter| delimiter == byte && !quoted) {
            counts[place] += 1;
        }
    }
    // Of equals the first wins: a comma before all others.
    let most = (0..counts.len()).rev().max_by_key(|place| counts[*place]).unwrap_or(0);
    DELIMITERS[most]
}

/// The reader of a text whose header rows it does not know.
pub(super) fn reader(text: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text)
}

/// The reader's error, with the line of bytes that are no text.
pub(super) fn unreadable(error: csv::Error) -> TableError {
    match error.kind() {
        csv::ErrorKind::Utf8 { pos, .. } => TableError::NotUtf8 { line: pos.as_ref().map_or(0, csv::Position::line) },
        _ => TableError::Csv(error),
    }
}
