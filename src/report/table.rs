//! From runs to a table: seeds folded, filtered, sorted, and only the columns that tell rows apart.

mod column;
mod condition;
mod figure;
mod fold;
mod formats;
mod known;
mod latex;
pub mod names;
mod pareto;
mod student;
mod telling;
mod terminal;

pub use column::{Cell, Column};
pub use figure::figure;
pub use fold::{GroupBy, Row, Summary};
pub use formats::{csv, json, markdown};
pub use latex::latex;
pub use terminal::terminal;

use super::runs::Run;
use condition::Condition;
use known::Known;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

/// What a table shall show; empty lists ask for the default.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Names to sort by, `-` before the name for the largest first.
    pub sort: Vec<String>,
    /// Conditions such as `beta>=2`, which all must hold. Figures are compared after folding: to choose among
    /// the seeds of an experiment by their result would bias its mean.
    pub conditions: Vec<String>,
    /// Columns: names, endings of names, patterns.
    pub columns: Vec<String>,
    /// What makes runs seeds of one row.
    pub group_by: GroupBy,
    /// Figures of which only the best compromises are kept, `-` before those that shall be large.
    pub pareto: Vec<String>,
}

/// Rows, and the columns that are worth showing of them.
#[derive(Clone, Debug)]
pub struct Table {
    /// Left to right.
    pub columns: Vec<Column>,
    /// Top to bottom.
    pub rows: Vec<Row>,
    /// Every setting that some row has: short names are unique among them.
    pub settings: Vec<String>,
    /// Label-based figures by which rows were sorted, kept or left out, in the order asked for: a choice by them has seen the labels.
    pub oracle: Vec<String>,
}

/// A table that cannot be made as asked for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// No run has such a name.
    #[error("no run has a setting or metric `{name}`{}", nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
    Unknown {
        /// As it was asked for.
        name: String,
        /// The most similar name.
        nearest: Option<String>,
    },
    /// Several names end so.
    #[error("`{name}` may be any of {}: write more of it", candidates.join(", "))]
    Ambiguous {
        /// As it was asked for.
        name: String,
        /// What it could be.
        candidates: Vec<String>,
    },
    /// A condition that is none.
    #[error("`{0}` is no condition: write it as 'beta>=2' or 'experiment=hard*'")]
    NoCondition(String),
    /// A pattern with a mistake in it.
    #[error("the pattern `{pattern}` is wrong: {reason}")]
    Pattern {
        /// As it was asked for.
        pattern: String,
        /// What is wrong.
        reason: &'static str,
    },
}

impl Table {
    /// The table of `runs` that `request` asks for. Of runs with the same digest and seed the newest counts.
    ///
    /// # Errors
    /// Names that no run has or that mean several things; conditions that are none.
    pub fn of(runs: Vec<Run>, request: &Request) -> Result<Table, TableError> {
        let runs = newest_of_each(runs);
        let known = Known::of(&runs);
        let conditions = Condition::all(&request.conditions, &known)?;
        let oracle = oracle(request, &conditions, &known)?;
        let (figures, settings): (Vec<_>, Vec<_>) = conditions.into_iter().partition(|each| each.column.is_metric());
        let kept: Vec<&Run> =
            runs.iter().filter(|run| settings.iter().all(|each| each.holds(&Row::of(&[run])))).collect();
        let mut rows = fold::fold(&kept, &request.group_by, &known)?;
        rows.retain(|row| figures.iter().all(|each| each.holds(row)));
        pareto::keep_front(&mut rows, &request.pareto, &known)?;
        let columns = match request.columns.as_slice() {
            [] => telling::telling(&rows),
            wanted => wanted.iter().map(|name| known.find_all(name)).collect::<Result<Vec<_>, _>>()?.concat(),
        };
        sort(&mut rows, &request.sort, &columns, &known)?;
        Ok(Table { columns, rows, settings: known.settings.into_iter().collect(), oracle })
    }
}

/// The figures that rows are ordered or chosen by and that were computed from labels.
fn oracle(request: &Request, conditions: &[Condition], known: &Known) -> Result<Vec<String>, TableError> {
    let plain = |key: &String| known.find(key.trim_start_matches(['-', '+']));
    let sorted = request.sort.iter().chain(&request.pareto).map(plain).collect::<Result<Vec<Column>, _>>()?;
    let mut names: Vec<String> = Vec::new();
    for column in sorted.iter().chain(conditions.iter().map(|each| &each.column)).filter(|each| each.is_label_based()) {
        if !names.iter().any(|name| name == column.name()) {
            names.push(column.name().to_owned());
        }
    }
    Ok(names)
}

fn newest_of_each(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_by(|a, b| (Reverse(a.started), &b.id).cmp(&(Reverse(b.started), &a.id)));
    let mut newest = BTreeMap::new();
    for run in runs {
        newest.entry((run.digest, run.seed)).or_insert(run);
    }
    let mut runs: Vec<Run> = newest.into_values().collect();
    runs.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
    runs
}

/// By the keys asked for; rows that are equal in these, by the settings that tell them apart; then by time.
fn sort(rows: &mut [Row], keys: &[String], columns: &[Column], known: &Known) -> Result<(), TableError> {
    let asked = keys.iter().map(|key| match key.strip_prefix('-') {
        Some(name) => Ok((known.find(name)?, true)),
        None => Ok((known.find(key.strip_prefix('+').unwrap_or(key))?, false)),
    });
    let mut order = asked.collect::<Result<Vec<(Column, bool)>, TableError>>()?;
    let settings = columns.iter().filter(|column| matches!(column, Column::Experiment | Column::Setting(_)));
    order.extend(settings.map(|column| (column.clone(), false)));
    rows.sort_by(|a, b| {
        let by = |(column, descending): &(Column, bool)| column.cell(a).order(&column.cell(b), *descending);
        order.iter().map(by).find(|order| *order != Ordering::Equal).unwrap_or_else(|| a.ids.cmp(&b.ids))
    });
    Ok(())
}

#[cfg(test)]
mod tests;
