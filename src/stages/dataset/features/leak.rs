//! Columns that tell the label a second time: `label_id`, `genre_encoded`, one-hot columns named after the classes.
//! Learned from, they make every score perfect and worthless.

use super::roles::Roles;
use crate::stages::dataset::conventions::LABELS;
use crate::stages::dataset::sheet::Sheet;
use std::collections::{BTreeMap, BTreeSet};

/// Words in the names of such columns, beside those of labels.
const WORDS: [&str; 3] = ["y", "labelled", "onehot"];

/// Columns of numbers that are named like the label, or like one of its classes, and are constant on each class.
pub(super) fn columns(sheet: &Sheet, roles: &Roles) -> Vec<usize> {
    let Some(label) = roles.facts.label else { return Vec::new() };
    let lower = |text: &str| text.to_lowercase();
    let classes: BTreeSet<String> = sheet.rows.iter().filter_map(|row| row.text(label)).map(lower).collect();
    let own = lower(&sheet.header[label]);
    let is_named_like_it = |column: &usize| {
        let name = lower(&sheet.header[*column]);
        let mut words = name.split(|c: char| !c.is_alphanumeric());
        classes.contains(&name)
            || name.starts_with(&own)
            || words.any(|word| LABELS.contains(&word) || WORDS.contains(&word))
    };
    let of_label = |column: &usize| is_named_like_it(column) && is_constant_on_classes(sheet, label, *column);
    roles.numbers.iter().copied().filter(of_label).collect()
}

/// Each class has one value, and not all have the same.
fn is_constant_on_classes(sheet: &Sheet, label: usize, column: usize) -> bool {
    let mut values = BTreeMap::<Option<&str>, &str>::new();
    let pairs = sheet.rows.iter().filter_map(|row| Some((row.text(label), row.text(column)?)));
    let constant = pairs.into_iter().all(|(class, value)| *values.entry(class).or_insert(value) == value);
    constant && values.values().collect::<BTreeSet<_>>().len() > 1
}
