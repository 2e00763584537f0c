//! The names that columns are asked for by: full ones, endings, patterns.

use super::TableError;
use super::column::{Column, FIXED};
use super::names::{ends_with, order_of};
use crate::report::runs::Run;
use std::collections::BTreeSet;

/// Every name that some run has.
pub(super) struct Known {
    pub settings: BTreeSet<String>,
    metrics: BTreeSet<String>,
    /// Settings that stand together in one run.
    together: Vec<BTreeSet<String>>,
}

impl Known {
    pub fn of(runs: &[Run]) -> Known {
        let mut together: Vec<BTreeSet<String>> =
            runs.iter().map(|run| run.settings.keys().cloned().collect()).collect();
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
        metrics.sort_by(|a, b| order_of(a.name()).cmp(&order_of(b.name())));
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
