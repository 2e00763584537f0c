//! Columns, the names they are asked for by, and the columns that tell rows apart.

use super::names::{ClusterMetric, ends_with, is_label_free};
use super::{Row, Summary, TableError};
use crate::report::runs::{Run, Setting};
use std::cmp::Ordering;
use std::collections::BTreeSet;

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
const FIXED: [(&str, Column); 7] = [
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
            Column::Setting(paths) => paths.iter().find_map(|path| row.settings.get(path)).map_or(Cell::Nothing, Cell::of),
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

/// Every name that some run has.
pub(super) struct Known {
    pub settings: BTreeSet<String>,
    metrics: BTreeSet<String>,
    /// Settings that stand together in one run.
    together: Vec<BTreeSet<String>>,
}

impl Known {
    pub fn of(runs: &[Run]) -> Known {
        let mut together: Vec<BTreeSet<String>> = runs.iter().map(|run| run.settings.keys().cloned().collect()).collect();
        together.sort_unstable();
        together.dedup();
        Known {
            settings: together.iter().flatten().cloned().collect(),
            metrics: runs.iter().flat_map(|run| run.metrics.keys().cloned()).collect(),
            together,
        }
    }

    /// The column that `name` means: a full name, or an ending that means one thing.
    pub fn find(&self, name: &str) -> Result<Column, TableError> {
        let found = self.find_all(name)?;
        let latent = |column: &&Column| matches!(column, Column::Metric(name) if name.starts_with("latent."));
        let mut preferred = found.iter().filter(latent);
        match (found.as_slice(), preferred.next(), preferred.next()) {
            ([only], ..) => Ok(only.clone()),
            (_, Some(only), None) => Ok(only.clone()),
            _ => Err(TableError::Ambiguous {
                name: name.to_owned(),
                candidates: found.iter().map(|column| column.name().to_owned()).collect(),
            }),
        }
    }

    /// All columns that `name` means: a full name, an ending of names, or a pattern.
    pub fn find_all(&self, name: &str) -> Result<Vec<Column>, TableError> {
        if let Some((_, fixed)) = FIXED.iter().find(|(known, _)| *known == name) {
            return Ok(vec![fixed.clone()]);
        }
        let matches = matcher(name, self.settings.contains(name) || self.metrics.contains(name))?;
        let settings: Vec<String> = self.settings.iter().filter(|path| matches(path)).cloned().collect();
        let mut metrics: Vec<Column> =
            self.metrics.iter().filter(|each| matches(each)).cloned().map(Column::Metric).collect();
        metrics.sort_by(|a, b| metric_order(a.name()).cmp(&metric_order(b.name())));
        let mut found = self.columns(settings);
        found.extend(metrics);
        if found.is_empty() { Err(self.unknown(name)) } else { Ok(found) }
    }

    /// One column if no run has two of them, else one each.
    fn columns(&self, paths: Vec<String>) -> Vec<Column> {
        let apart = |run: &BTreeSet<String>| paths.iter().filter(|path| run.contains(*path)).count() <= 1;
        let last = |path: &String| path.rsplit('.').next().map(str::to_owned);
        let same_name = paths.windows(2).all(|two| last(&two[0]) == last(&two[1]));
        match paths.len() {
            0 => Vec::new(),
            _ if same_name && self.together.iter().all(apart) => vec![Column::Setting(paths)],
            _ => paths.into_iter().map(|path| Column::Setting(vec![path])).collect(),
        }
    }

    fn unknown(&self, name: &str) -> TableError {
        let all = self.settings.iter().chain(&self.metrics);
        let last = |each: &str| each.rsplit('.').next().unwrap_or_default().to_owned();
        let distance = |each: &&String| strsim::damerau_levenshtein(&last(each), &last(name));
        let nearest = all.min_by_key(distance).filter(|each| distance(each) <= 2).cloned();
        TableError::Unknown { name: name.to_owned(), nearest }
    }
}

type Matcher<'a> = Box<dyn Fn(&str) -> bool + 'a>;

fn matcher(name: &str, exact: bool) -> Result<Matcher<'_>, TableError> {
    if exact {
        return Ok(Box::new(move |each| each == name));
    }
    if !name.contains(['*', '?', '[']) {
        return Ok(Box::new(move |each| ends_with(each, name)));
    }
    let wrong = |error: glob::PatternError| TableError::Pattern { pattern: name.to_owned(), reason: error.msg };
    let pattern = glob::Pattern::new(name).map_err(wrong)?;
    Ok(Box::new(move |each| pattern.matches(each)))
}

type Order<'a> = (bool, Option<(usize, &'a str, &'a str, usize, &'a str)>, &'a str);

fn metric_order(name: &str) -> Order<'_> {
    (is_label_free(name), ClusterMetric::parse(name).map(|parts| parts.order()), name)
}

/// The name, the seed if there is but one a row, settings that differ, the verdict, and the figures that matter most.
pub(super) fn telling(rows: &[Row]) -> Vec<Column> {
    let mut columns = vec![Column::Experiment];
    if rows.iter().all(|row| row.ids.len() == 1) && differ(rows, &Column::Seed) {
        columns.push(Column::Seed);
    }
    let paths: BTreeSet<&String> = rows.iter().flat_map(|row| row.settings.keys()).collect();
    let settings = paths.into_iter().map(|path| Column::Setting(vec![path.clone()]));
    columns.extend(settings.filter(|column| differ(rows, column)));
    columns.extend(rows.iter().any(|row| !row.verdicts.is_empty()).then_some(Column::Verdict));
    columns.extend(key_metrics(rows).into_iter().map(Column::Metric));
    columns
}

fn differ(rows: &[Row], column: &Column) -> bool {
    rows.windows(2).any(|two| column.cell(&two[0]) != column.cell(&two[1]))
}

/// Figures of the latents, the adjusted Rand index of what they compete with; label-free ones last. If there are
/// no latents, all figures.
fn key_metrics(rows: &[Row]) -> Vec<String> {
    let all: BTreeSet<&String> = rows.iter().flat_map(|row| row.metrics.keys()).collect();
    let matters = |name: &&&String| match ClusterMetric::parse(name) {
        Some(parts) if parts.representation == "latent" => {
            ["ari", "nmi", "accuracy", "silhouette"].contains(&parts.metric)
        }
        Some(parts) => parts.metric == "ari",
        None => ["chance.ari", "train.val_recon"].contains(&name.as_str()),
    };
    let mut names: Vec<String> = all.iter().filter(matters).map(|name| (*name).clone()).collect();
    if names.is_empty() {
        names = all.into_iter().cloned().collect();
    }
    // Chance stands behind what it is compared with.
    names.sort_by(|a, b| (a.starts_with("chance."), metric_order(a)).cmp(&(b.starts_with("chance."), metric_order(b))));
    names.sort_by_key(|name| is_label_free(name));
    names
}
