//! Ids for rows whose names repeat.

use std::collections::{BTreeMap, BTreeSet};

/// Names that have been met. Rows of one name are segments of one track: `blues.00000`, `blues.00000#2`.
#[derive(Default)]
pub(super) struct Names {
    lines: BTreeMap<(String, Vec<u64>), u64>,
    counts: BTreeMap<String, usize>,
    ids: BTreeSet<String>,
}

impl Names {
    /// The line of a row of the same name and the same numbers.
    pub(super) fn row_like(&self, name: &str, numbers: &[f64]) -> Option<u64> {
        self.counts.get(name)?;
        self.lines.get(&(name.to_owned(), bits(numbers))).copied()
    }

    /// An id that no other row has; the row counts as met.
    pub(super) fn enter(&mut self, name: &str, numbers: &[f64], line: u64) -> String {
        self.lines.insert((name.to_owned(), bits(numbers)), line);
        loop {
            let count = self.counts.entry(name.to_owned()).or_default();
            *count += 1;
            let id = if *count == 1 { name.to_owned() } else { format!("{name}#{count}") };
            if self.ids.insert(id.clone()) {
                return id;
            }
        }
    }
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_get_numbers_that_no_other_row_has() {
        let mut names = Names::default();
        let ids = ["a", "a#2", "a", "a", "b"].map(|name| names.enter(name, &[], 1));
        assert_eq!(ids, ["a", "a#2", "a#3", "a#4", "b"]);
    }

    #[test]
    fn a_row_is_known_by_its_name_and_its_numbers() {
        let mut names = Names::default();
        names.enter("a", &[1.0, 2.0], 7);
        assert_eq!(names.row_like("a", &[1.0, 2.0]), Some(7));
        assert_eq!((names.row_like("a", &[1.0, 3.0]), names.row_like("b", &[1.0, 2.0])), (None, None));
    }
}
