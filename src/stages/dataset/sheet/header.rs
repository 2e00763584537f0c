//! The names of the columns. pandas writes columns of several levels as several rows and then a row that names the
//! index alone; the Free Music Archive's tables (Defferrard, Benzi, Vandergheynst, Bresson, ISMIR 2017) are such:
//! `feature,mfcc,...` / `statistics,mean,...` / `number,01,...` / `track_id,,...` gives `track_id`, `mfcc_mean_01`.

use super::TableError;
use csv::StringRecord;
use std::collections::BTreeSet;

/// Levels of names beyond which no table goes.
const MOST_LEVELS: usize = 4;

type Records<'a> = dyn Iterator<Item = Result<StringRecord, TableError>> + 'a;

/// Names of the columns, and the records that were read and belong to the rows.
pub(super) fn read(records: &mut Records<'_>) -> Result<(Vec<String>, Vec<StringRecord>), TableError> {
    let first = records.next().ok_or(TableError::Empty)??;
    if first.iter().all(|cell| cell.trim().parse::<f64>().is_ok()) {
        return Err(TableError::NoHeader);
    }
    let mut read = vec![first];
    if repeats_names(&read[0]) {
        for record in records.take(MOST_LEVELS) {
            read.push(record?);
            let words = read.iter().all(|level| level.get(0).is_some_and(|name| name.parse::<f64>().is_err()));
            if read.len() > 2 && words && names_the_index(read.last().unwrap_or(&read[0])) {
                return Ok((distinct(levels(&read)), Vec::new()));
            }
        }
    }
    let rows = read.split_off(1);
    Ok((distinct(read[0].iter().map(|name| name.trim().to_owned()).collect()), rows))
}

fn repeats_names(record: &StringRecord) -> bool {
    let mut seen = BTreeSet::new();
    record.iter().filter(|name| !name.is_empty()).any(|name| !seen.insert(name))
}

/// Only the first cell has a name.
fn names_the_index(record: &StringRecord) -> bool {
    record.get(0).is_some_and(|name| !name.is_empty()) && record.iter().skip(1).all(str::is_empty)
}

/// Names of all levels joined; the last record names the first column.
fn levels(records: &[StringRecord]) -> Vec<String> {
    let (index, above) = (&records[records.len() - 1], &records[..records.len() - 1]);
    let joined = |column: usize| {
        let parts = above.iter().filter_map(|level| level.get(column)).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("_")
    };
    let first = index.get(0).unwrap_or_default().to_owned();
    std::iter::once(first).chain((1..records[0].len()).map(joined)).collect()
}

/// A name that stands twice gets a number, as pandas numbers it: `x`, `x.1`.
fn distinct(names: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names
        .into_iter()
        .map(|name| {
            let numbered = (1..).map(|number| format!("{name}.{number}"));
            let free =
                std::iter::once(name.clone()).chain(numbered).find(|name| name.is_empty() || !seen.contains(name));
            let free = free.unwrap_or(name);
            seen.insert(free.clone());
            free
        })
        .collect()
}
