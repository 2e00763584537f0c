//! Columns, and what stands in their places.

use super::names::is_label_free;
use super::{Row, Summary};
use crate::report::runs::Setting;
use std::cmp::Ordering;

/// What a column shows of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The experiment's name.
    Experiment,
    /// Names of the run folders.
    Id,
    /// The seeds.
    Seed,
    /// How many runs.
    Count,
    /// What was found of posterior collapse.
    Verdict,
    /// A setting; several paths where kinds have a setting of the same name and each row has at most one of them.
    Setting(Vec<String>),
    /// A figure.
    Metric(String),
}

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// The row has no such thing.
    Nothing,
    /// A number, such as a setting.
    Number(f64),
    /// Any text.
    Text(String),
    /// A figure over the row's runs.
    Summary(Summary),
}

/// Columns that are no setting and no figure, by name.
pub(super) const FIXED: [(&str, Column); 7] = [
    ("experiment", Column::Experiment),
    ("name", Column::Experiment),
    ("id", Column::Id),
    ("run", Column::Id),
    ("seed", Column::Seed),
    ("n", Column::Count),
    ("collapse", Column::Verdict),
];

impl Column {
    /// The full name; of several paths what they have in common at the end.
    pub fn name(&self) -> &str {
        match self {
            Column::Setting(paths) => match paths.as_slice() {
                [path] => path,
                paths => paths.first().and_then(|path| path.rsplit('.').next()).unwrap_or_default(),
            },
            Column::Metric(name) => name,
            fixed => FIXED.iter().find(|(_, column)| column == fixed).map_or("", |(name, _)| name),
        }
    }

    /// Whether it is a figure.
    pub fn is_metric(&self) -> bool {
        matches!(self, Column::Metric(_))
    }

    /// Whether it is a figure for which no label was looked at.
    pub fn is_label_free(&self) -> bool {
        matches!(self, Column::Metric(name) if is_label_free(name))
    }

    /// Whether it is a figure for which labels were looked at.
    pub fn is_label_based(&self) -> bool {
        self.is_metric() && !self.is_label_free()
    }

    pub(super) fn is_setting(&self, path: &str) -> bool {
        matches!(self, Column::Setting(paths) if paths.iter().any(|each| each == path))
    }

    /// What the column shows of `row`.
    pub fn cell(&self, row: &Row) -> Cell {
        match self {
            Column::Experiment => Cell::Text(row.experiment.clone()),
            Column::Id => Cell::Text(row.ids.join(" ")),
            Column::Seed => match row.seeds.as_slice() {
                [seed] => Cell::Number(*seed as f64),
                seeds => Cell::Text(seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")),
            },
            Column::Count => Cell::Number(row.ids.len() as f64),
            Column::Verdict => verdict(row),
            Column::Setting(paths) => {
                paths.iter().find_map(|path| row.settings.get(path)).map_or(Cell::Nothing, Cell::of)
            }
            Column::Metric(name) => row.metrics.get(name).map_or(Cell::Nothing, |summary| Cell::Summary(*summary)),
        }
    }
}

fn verdict(row: &Row) -> Cell {
    let texts: Vec<String> = match row.verdicts.len() {
        0 => return Cell::Nothing,
        1 => row.verdicts.keys().cloned().collect(),
        _ => row.verdicts.iter().map(|(verdict, count)| format!("{verdict} ({count})")).collect(),
    };
    Cell::Text(texts.join(", "))
}

impl Cell {
    fn of(setting: &Setting) -> Cell {
        match setting {
            Setting::Number(number) => Cell::Number(*number),
            Setting::Text(text) => Cell::Text(text.clone()),
        }
    }

    /// One line of text; nothing is empty.
    pub fn text(&self) -> String {
        match self {
            Cell::Nothing => String::new(),
            Cell::Number(number) => number.to_string(),
            Cell::Text(text) => text.clone(),
            Cell::Summary(summary) => match summary.interval_text() {
                Some(interval) => format!("{} {interval}", summary.mean_text()),
                None => summary.mean_text(),
            },
        }
    }

    /// The number, or the mean of a figure.
    pub fn number(&self) -> Option<f64> {
        match self {
            Cell::Number(number) => Some(*number),
            Cell::Summary(summary) => Some(summary.mean),
            _ => None,
        }
    }

    /// Numbers by size, before texts; nothing comes last in either direction.
    pub(super) fn order(&self, other: &Cell, descending: bool) -> Ordering {
        let order = match (self, other) {
            (Cell::Nothing, Cell::Nothing) => Ordering::Equal,
            (Cell::Nothing, _) => return Ordering::Greater,
            (_, Cell::Nothing) => return Ordering::Less,
            (a, b) => match (a.number(), b.number()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                (a, b) => (a.is_none(), self.text()).cmp(&(b.is_none(), other.text())),
            },
        };
        if descending { order.reverse() } else { order }
    }
}
