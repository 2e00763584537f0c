//! Tables of lyrics (RFC 4180, with any delimiter and quote): one song a row, lyrics over several lines within quotes.

use std::io::Read;

use super::lines::Lines;
use super::{TextError, shortened, utf8};

/// Longest row that is read, in bytes: a hundred times the longest songs.
pub const LONGEST_ROW: usize = 4 << 20;
/// Most columns that are read.
pub const MOST_COLUMNS: usize = 4096;
/// Stands behind the last row. It is no UTF-8, and so in no table.
const END: &[u8] = b"\xFF";

/// How a table is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields that hold delimiters, line ends or quotes (written twice).
    pub quote: u8,
    /// Names of the columns where the first row does not say them.
    pub names: Option<Vec<String>>,
}

impl Default for Layout {
    /// Commas, double quotes, names in the first row.
    fn default() -> Layout {
        Layout { delimiter: b',', quote: b'"', names: None }
    }
}

/// A table, all as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns, each once.
    pub names: Vec<String>,
    /// `[rows, columns]`.
    pub rows: Vec<Vec<String>>,
    /// The line on which each row begins, as an editor counts.
    pub lines: Vec<usize>,
}

impl Table {
    /// The column called `name`, top to bottom.
    ///
    /// # Errors
    /// [`TextError::NoColumn`], with the names there are.
    pub fn column(&self, name: &str) -> Result<impl Iterator<Item = &str>, TextError> {
        let Some(at) = self.names.iter().position(|known| known == name) else {
            let known: Vec<String> = self.names.iter().take(40).map(|known| shortened(known)).collect();
            return Err(TextError::NoColumn { name: shortened(name), known: known.join(", ") });
        };
        Ok(self.rows.iter().map(move |row| row[at].as_str()))
    }
}

/// Reads a table. Lines may end in `\n`, `\r\n` or `\r`; empty lines between rows are passed over.
///
/// # Errors
/// Bytes that are no text, rows that do not fit the header, quotes that are not closed, more than [`MOST_COLUMNS`] columns
/// or [`LONGEST_ROW`] bytes in a row.
pub fn parse(bytes: &[u8], layout: &Layout) -> Result<Table, TextError> {
    let text = utf8::text(bytes)?;
    let mut records = Records::new(text.as_bytes(), layout);
    let names = match &layout.names {
        Some(names) => names.clone(),
        None => records.next()?.ok_or(TextError::NoHeader)?.iter().map(|name| name.trim().to_owned()).collect(),
    };
    let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
    if let Some((_, name)) = twice {
        return Err(TextError::ColumnTwice { name: shortened(name) });
    }
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    records.row = 0;
    loop {
        records.row += 1;
        let Some(fields) = records.next()? else { break };
        if fields.len() != names.len() {
            let (row, line) = (records.row, records.line);
            return Err(TextError::FieldCount { row, line, found: fields.len(), expected: names.len() });
        }
        rows.push(fields);
        lines.push(records.line);
    }
    Ok(Table { names, rows, lines })
}

/// The records of a table, one after the other.
struct Records<'a> {
    reader: csv::Reader<Box<dyn Read + 'a>>,
    record: csv::ByteRecord,
    lines: Lines<'a>,
    row: usize,
    line: usize,
}

impl<'a> Records<'a> {
    fn new(bytes: &'a [u8], layout: &Layout) -> Records<'a> {
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(layout.delimiter).quote(layout.quote).flexible(true).has_headers(false);
        // A quote that is still open takes the end mark into its field.
        let stream: Box<dyn Read> = Box::new(bytes.chain(&b"\n"[..]).chain(END));
        let (reader, lines) = (builder.from_reader(stream), Lines::new(bytes));
        Records { reader, record: csv::ByteRecord::new(), lines, row: 0, line: 1 }
    }

    /// The fields of the next record; None at the end.
    fn next(&mut self) -> Result<Option<Vec<String>>, TextError> {
        // Reading from memory cannot fail, and rows of any length are allowed: what is left is the end.
        let is_read = self.reader.read_byte_record(&mut self.record).unwrap_or(false);
        let line = self.lines.of(self.record.position().map_or(0, |start| start.byte() as usize)) as usize;
        self.line = line;
        let (row, bytes, found) = (self.row, self.record.as_slice().len(), self.record.len());
        if !is_read || found == 1 && self.record.as_slice() == END {
            return Ok(None);
        }
        if self.record.as_slice().ends_with(END) {
            return Err(TextError::UnclosedQuote { row, line });
        }
        if found > MOST_COLUMNS {
            return Err(TextError::TooManyColumns { row, found, most: MOST_COLUMNS });
        }
        if bytes > LONGEST_ROW {
            return Err(TextError::RowTooLong { row, line, bytes, most: LONGEST_ROW });
        }
        Ok(Some(self.record.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    fn read(text: &str) -> Result<Table, TextError> {
        parse(text.as_bytes(), &Layout::default())
    }

    fn column(table: Result<Table, TextError>, name: &str) -> Result<Vec<String>, TextError> {
        table.and_then(|table| table.column(name).map(|fields| fields.map(String::from).collect()))
    }

    #[test]
    fn lyrics_keep_their_lines_quotes_and_commas() {
        let text = "\u{FEFF}title,lyrics\r\nA,\"one\r\ntwo, \"\"three\"\"\"\r\n\r\nB,গান";
        assert_eq!(column(read(text), "lyrics"), Ok(vec!["one\r\ntwo, \"three\"".to_owned(), "গান".to_owned()]));
        assert_eq!(column(read(text), "title"), Ok(vec!["A".to_owned(), "B".to_owned()]));
    }

    #[test]
    fn other_delimiters_quotes_and_names_are_taken() {
        let layout = Layout { delimiter: b';', quote: b'\'', names: Some(vec!["a".into(), "b".into()]) };
        assert_eq!(column(parse(b"'x;y';'\n'\n", &layout), "b"), Ok(vec!["\n".to_owned()]));
    }

    #[test]
    fn faults_say_their_row_and_line() {
        let fault = |text: &str| read(text).map(|_| ());
        let fields = TextError::FieldCount { row: 2, line: 4, found: 3, expected: 2 };
        assert_eq!(fault("a,b\n1,\"x\ny\"\n1,2,3\n"), Err(fields));
        assert_eq!(fault("a,b\n1,2\n3,\"x\n4,5\n"), Err(TextError::UnclosedQuote { row: 2, line: 3 }));
        assert_eq!(fault("a,\"b"), Err(TextError::UnclosedQuote { row: 0, line: 1 }));
        assert_eq!(fault(""), Err(TextError::NoHeader));
        assert_eq!(fault("a,b,a\n"), Err(TextError::ColumnTwice { name: "a".into() }));
        assert_eq!(fault("a\nx\0\n"), Err(TextError::ZeroByte { line: 2 }));
        let none = TextError::NoColumn { name: "c".into(), known: "a, b".into() };
        assert_eq!(column(read("a,b\n"), "c"), Err(none));
    }

    #[test]
    fn tables_without_bounds_are_refused() {
        let columns = ",".repeat(1_000_000);
        let found = TextError::TooManyColumns { row: 0, found: 1_000_001, most: MOST_COLUMNS };
        assert_eq!(read(&columns), Err(found));
        let long = format!("a\n{}\n", "x".repeat(LONGEST_ROW + 1));
        let bytes = TextError::RowTooLong { row: 1, line: 2, bytes: LONGEST_ROW + 1, most: LONGEST_ROW };
        assert_eq!(read(&long), Err(bytes));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(fields in proptest::collection::vec("[a,;\"' \r\nগ]{0,6}", 1..20)) {
            let quoted = fields.iter().map(|field| format!("\"{}\",1\n", field.replace('"', "\"\"")));
            prop_assert_eq!(column(read(&format!("x,y\n{}", quoted.collect::<String>())), "x"), Ok(fields));
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, start in "(a,b\n)?[\"a,\n]{0,9}") {
            let _ = parse(&[start.as_bytes(), &bytes].concat(), &Layout::default());
            let _ = parse(start.as_bytes(), &Layout { quote: b',', ..Layout::default() });
        }
    }
}
