//! A table as text: comma, semicolon or tab between cells, one or several header rows, a line number for every row.
//! Formats after RFC 4180 and what pandas writes (`DataFrame.to_csv`), spreadsheets included.

pub(super) mod dialect;
mod header;

use crate::text;
use crate::text::lines::Lines;
use csv::StringRecord;

/// A table is not what it should be. Lines count from 1, as an editor shows them.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("it cannot be read as a table ({0}); save it as comma-separated UTF-8 text")]
    Csv(csv::Error),
    #[error("line {line} is not UTF-8 text; save the table as UTF-8")]
    NotUtf8 { line: u64 },
    #[error("it has no rows below its header")]
    Empty,
    #[error("its first line is all numbers, so the columns have no names; put a line of names above it")]
    NoHeader,
    #[error(
        "line {line} has {cells} cells where the header names {columns} columns; mend the line (a quote or a delimiter is missing or too many)"
    )]
    Ragged { line: u64, cells: usize, columns: usize },
    #[error("no column {name:?}{}; there are {}", meant(name, known), listed(known))]
    NoColumn { name: String, known: Vec<String> },
    #[error(
        "line {line}, column {column:?}: {cell:?} is not a number; mend the cell, or leave the column out: drop = [{column:?}]"
    )]
    NotANumber { line: u64, column: String, cell: String },
    #[error("no column of numbers is left; there are {known}")]
    NoNumbers { known: String },
    #[error(
        "the label {column:?} has {values} values in {rows} rows: it names rows, not classes; name another column with label = \"...\""
    )]
    LabelNamesRows { column: String, values: usize, rows: usize },
    #[error(
        "line {line}, column {column:?}: {cell} is a list, and a track has one label; use label = \"genre_top\", or another column of single values"
    )]
    LabelIsAList { line: u64, column: String, cell: String },
    #[error("no column holds labels; name it with label = \"...\"; there are {known}")]
    NoLabels { known: String },
    #[error("line {line} has {ones} ones in its label columns, and a track has one label; keep one of them")]
    NotOneHot { line: u64, ones: usize },
    #[error("line {line}: {name} stands on line {first} too and has another label or group there; keep one of them")]
    Twice { line: u64, first: u64, name: String },
    #[error("it has {rows} rows and the table beside it has {lines}; they must follow each other row by row")]
    RowsDiffer { rows: usize, lines: usize },
    #[error("it is not an array of float32 or float64 numbers with two axes ({0}); save it with numpy.save")]
    Array(crate::engine::BoxError),
}

/// A whole table in memory.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Names of the columns, each once. A column without a name has the empty name.
    pub header: Vec<String>,
    /// Rows that are not blank.
    pub rows: Vec<Row>,
    /// Whether a comma may be the decimal mark.
    decimal_comma: bool,
}

/// A row.
#[derive(Debug)]
pub(super) struct Row {
    /// Where it begins.
    pub line: u64,
    cells: StringRecord,
}

impl Sheet {
    /// The table in `bytes`.
    pub(super) fn read(bytes: &[u8]) -> Result<Sheet, TableError> {
        Sheet::read_where(bytes, |_| true, |_| true)
    }

    /// Of a large table the columns whose names are wanted, and the rows whose first cell is: others are never held.
    pub(super) fn read_where(
        bytes: &[u8],
        column: impl Fn(&str) -> bool,
        first_cell: impl Fn(&str) -> bool,
    ) -> Result<Sheet, TableError> {
        let text = dialect::text(bytes)?;
        let delimiter = dialect::delimiter(text, b'"');
        let mut reader = dialect::reader(text, delimiter);
        let mut records = reader.records().map(|record| record.map_err(dialect::unreadable));
        let mut lines = Lines::new(text);
        let (names, first) = header::read(&mut records)?;
        let kept: Vec<usize> = (0..names.len()).filter(|place| column(&names[*place])).collect();
        let wanted = |record: &Result<StringRecord, _>| {
            record.as_ref().map_or(true, |record| first_cell(record.get(0).unwrap_or_default()))
        };
        let rows = first.into_iter().map(Ok).chain(records).filter(wanted);
        let rows = rows.filter_map(|record| row(record, names.len(), &kept, &mut lines).transpose());
        let rows = rows.collect::<Result<Vec<Row>, _>>()?;
        let header = kept.iter().map(|place| names[*place].clone()).collect();
        let decimal_comma = delimiter != b',';
        if rows.is_empty() { Err(TableError::Empty) } else { Ok(Sheet { header, rows, decimal_comma }) }
    }

    /// A table that was read already.
    pub(super) fn of(table: text::table::Table) -> Sheet {
        let row = |(cells, line): (Vec<String>, usize)| Row { line: line as u64, cells: StringRecord::from(cells) };
        let rows = table.rows.into_iter().zip(table.lines).map(row).collect();
        Sheet { header: table.names, rows, decimal_comma: false }
    }

    /// The names of the columns of the table in `bytes`, for messages.
    pub(super) fn names(bytes: &[u8]) -> Result<Vec<String>, TableError> {
        let text = dialect::text(bytes)?;
        let mut reader = dialect::reader(text, dialect::delimiter(text, b'"'));
        let (names, _) = header::read(&mut reader.records().map(|record| record.map_err(dialect::unreadable)))?;
        Ok(names)
    }

    /// The place of the first of `names` that is a column, whatever the case of its letters.
    pub(super) fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|column| column.eq_ignore_ascii_case(name)))
    }

    /// The place of the column that the user named, else of the first usual one that is there.
    pub(super) fn named(&self, name: Option<&str>, usual: &[&str]) -> Result<Option<usize>, TableError> {
        let Some(name) = name else { return Ok(self.find(usual)) };
        let exact = self.header.iter().position(|column| column == name.trim());
        let found = exact.or_else(|| self.find(&[name.trim()]));
        found.map(Some).ok_or_else(|| TableError::NoColumn { name: name.to_owned(), known: self.header.clone() })
    }

    /// The names of the columns, for messages.
    pub(super) fn known(&self) -> String {
        listed(&self.header)
    }

    /// The number in a cell; None where it is missing or not finite.
    pub(super) fn number(&self, row: &Row, column: usize) -> Result<Option<f64>, TableError> {
        let Some(text) = row.text(column) else { return Ok(None) };
        let wrong = || TableError::NotANumber {
            line: row.line,
            column: self.header[column].clone(),
            cell: text.chars().take(60).collect(),
        };
        self.parse(text).map(|value| Some(value).filter(|value| value.is_finite())).ok_or_else(wrong)
    }

    /// More than half of the cells that are not missing are numbers.
    pub(super) fn is_numeric(&self, column: usize) -> bool {
        let present = || self.rows.iter().filter_map(|row| row.text(column));
        2 * present().filter(|text| self.parse(text).is_some()).count() > present().count()
    }

    /// librosa gives the tempo as an array of one number, which its users write out as `[123.05]`. `[21]` is a list.
    fn parse(&self, text: &str) -> Option<f64> {
        let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).filter(|text| text.contains('.'));
        let bare = inside.unwrap_or(text).trim();
        let parsed = bare.parse().ok();
        if self.decimal_comma { parsed.or_else(|| bare.replacen(',', ".", 1).parse().ok()) } else { parsed }
    }
}

impl Row {
    /// The text of a cell without spaces around it; None if there is none or it stands for a missing value.
    pub(super) fn text(&self, column: usize) -> Option<&str> {
        self.cells.get(column).map(str::trim).filter(|text| !is_missing(text))
    }
}

/// The known name that the wrong one is nearest to, if it is near at all.
fn meant(wrong: &str, known: &[String]) -> String {
    const NEAR: f64 = 0.8;
    let likeness = |name: &&String| strsim::jaro_winkler(&wrong.to_lowercase(), &name.to_lowercase());
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    nearest.filter(|name| likeness(name) > NEAR).map_or_else(String::new, |name| format!(" (did you mean {name:?}?)"))
}

fn listed(names: &[String]) -> String {
    const MOST: usize = 60;
    let shown: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let more = shown.len().saturating_sub(MOST);
    let listed = shown[..shown.len() - more].join(", ");
    if more == 0 { listed } else { format!("{listed} and {more} more") }
}

/// What pandas reads as missing, and what spreadsheets write for it. `None` is a word that a title may be.
fn is_missing(text: &str) -> bool {
    const MISSING: [&str; 7] = ["", "nan", "-nan", "na", "n/a", "#n/a", "null"];
    MISSING.iter().any(|missing| text.eq_ignore_ascii_case(missing))
}

/// The wanted cells of a record; None where the whole line is blank.
fn row(
    record: Result<StringRecord, TableError>,
    columns: usize,
    kept: &[usize],
    lines: &mut Lines<'_>,
) -> Result<Option<Row>, TableError> {
    let record = record?;
    let line = lines.of(record.position().map_or(0, |position| position.byte() as usize));
    if record.iter().all(|cell| cell.trim().is_empty()) {
        return Ok(None);
    }
    // A delimiter at the end of every line makes empty cells too many.
    if record.len() < columns || record.iter().skip(columns).any(|cell| !cell.trim().is_empty()) {
        return Err(TableError::Ragged { line, cells: record.len(), columns });
    }
    Ok(Some(Row { line, cells: kept.iter().filter_map(|column| record.get(*column)).collect() }))
}

#[cfg(test)]
mod tests;
