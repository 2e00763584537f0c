//! Cells of the CSV files we write.

use crate::artifact::Skipped;
use crate::engine::Failure;

/// A cell that a spreadsheet would take for a formula gets a quote before it; numbers are never touched.
pub(in crate::experiment) fn safe(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

/// A table as bytes.
pub(in crate::experiment) fn csv_of(
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(&row)?;
    }
    Ok(writer.into_inner()?)
}

/// What is not used and why, as `skipped.csv`.
pub(in crate::experiment) fn skipped_csv<'a>(all: impl IntoIterator<Item = &'a Skipped>) -> Result<Vec<u8>, Failure> {
    csv_of(&["path", "reason"], all.into_iter().map(|skipped| vec![safe(&skipped.path), safe(&skipped.reason)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_in_a_name_stays_text() {
        assert_eq!(safe("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(safe("blues.00001"), "blues.00001");
    }
}
