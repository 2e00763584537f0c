//! The classes of a column of labels: sorted, so that a label has the same colour in every picture.

use std::cmp::Ordering;

use super::marker::Marker;
use super::palette::{NEUTRAL, Rgb, categorical};

/// Sorted distinct labels, each with its colour and shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Classes {
    names: Vec<String>,
}

impl Classes {
    /// The classes of `labels`, sorted; whole numbers sort by value. Empty labels and `-1` (noise) are no class.
    pub fn of(labels: &[String]) -> Classes {
        let mut names: Vec<String> = labels.iter().filter(|label| !is_none(label)).cloned().collect();
        names.sort_by(|a, b| natural(a, b));
        names.dedup();
        Classes { names }
    }

    /// The names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of `label` in the order; none for noise and unknown labels.
    pub fn index(&self, label: &str) -> Option<usize> {
        self.names.binary_search_by(|name| natural(name, label)).ok()
    }

    /// Colour and shape of `label`.
    pub fn look(&self, label: &str) -> (Rgb, Marker) {
        match self.index(label) {
            Some(index) => (categorical(index), Marker::of(index, self.names.len())),
            None => (NEUTRAL, Marker::Circle),
        }
    }
}

/// Whether `label` says that there is none.
pub fn is_none(label: &str) -> bool {
    matches!(label, "" | "-1")
}

/// How a label is shown.
pub fn shown(label: &str) -> &str {
    match label {
        "" => "unlabelled",
        "-1" => "noise",
        other => other,
    }
}

/// Whole numbers by value and before words; words by code point.
fn natural(a: &str, b: &str) -> Ordering {
    match (a.parse::<i64>(), b.parse::<i64>()) {
        (Ok(one), Ok(two)) => one.cmp(&two).then_with(|| a.cmp(b)),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(labels: &[&str]) -> Vec<String> {
        labels.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn numbers_sort_by_value_and_noise_is_no_class() {
        let classes = Classes::of(&texts(&["10", "2", "-1", "2", "", "0"]));
        assert_eq!(classes.names(), texts(&["0", "2", "10"]));
        assert_eq!(classes.look("-1").0, NEUTRAL);
        assert_eq!(classes.index("10"), Some(2));
    }

    #[test]
    fn order_of_rows_does_not_change_a_colour() {
        let one = Classes::of(&texts(&["rock", "jazz", "বাংলা"]));
        let two = Classes::of(&texts(&["বাংলা", "rock", "jazz", "jazz"]));
        assert_eq!(one, two);
        assert_eq!(one.look("jazz").0, categorical(0));
    }
}
