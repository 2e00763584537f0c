//! The columns that tell rows apart, and the figures that matter most.

use super::Row;
use super::column::{Cell, Column};
use super::names::{ClusterMetric, order_of};
use std::collections::{BTreeMap, BTreeSet};

/// The name, the seed if there is but one a row, settings that differ, the verdict, and the figures that matter most.
pub(super) fn telling(rows: &[Row]) -> Vec<Column> {
    let mut columns = vec![Column::Experiment];
    if rows.iter().all(|row| row.ids.len() == 1) && differ(rows, &Column::Seed) {
        columns.push(Column::Seed);
    }
    columns.extend(settings(rows));
    columns.extend(rows.iter().any(|row| !row.verdicts.is_empty()).then_some(Column::Verdict));
    columns.extend(key_metrics(rows).into_iter().map(Column::Metric));
    columns
}

/// Rooms whose kind has a column of its own.
const NAMED_KINDS: [&str; 2] = ["model.", "dataset."];

/// Tables that come and go with the model.
const WITH_A_MODEL: [&str; 2] = ["train", "split"];

/// Settings that tell rows apart, those too that only some rows have.
fn settings(rows: &[Row]) -> Vec<Column> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let paths: BTreeSet<&String> = rows.iter().flat_map(|row| row.settings.keys()).collect();
    paths.into_iter().for_each(|path| groups.entry(meaning(rows, path)).or_default().push(path.clone()));
    let mut witnessed = BTreeSet::new();
    let columns = groups.into_values().map(Column::Setting);
    columns.filter(|column| present_differ(rows, column) || is_witness(rows, column, &mut witnessed)).collect()
}

/// What makes settings one column: kinds that rows have in place of each other share names (`model.vae.latent_dim` and
/// `model.beta_vae.latent_dim`).
fn meaning(rows: &[Row], path: &str) -> String {
    let room = NAMED_KINDS.iter().find(|room| path.starts_with(*room));
    let everywhere = rows.iter().all(|row| row.settings.contains_key(path));
    match room.and_then(|room| Some((room, path[room.len()..].split_once('.')?.1))) {
        Some((room, rest)) if !everywhere => format!("{room}*.{rest}"),
        _ => path.to_owned(),
    }
}

/// Whether rows that have the setting differ in it.
fn present_differ(rows: &[Row], column: &Column) -> bool {
    let mut cells = rows.iter().map(|row| column.cell(row)).filter(|cell| *cell != Cell::Nothing);
    cells.next().is_some_and(|first| cells.any(|cell| cell != first))
}

/// Whether the column shows that some rows lack something that nothing else tells: a setting alone, or the first one of a
/// table that they do not have. A kind has its own column, and with the model come the tables of its training.
fn is_witness(rows: &[Row], column: &Column, witnessed: &mut BTreeSet<String>) -> bool {
    let Column::Setting(paths) = column else { return false };
    let Some(lacking) = rows.iter().find(|row| column.cell(row) == Cell::Nothing) else { return false };
    let path = &paths[0];
    let table = missing_table(lacking, path);
    let told = NAMED_KINDS.iter().any(|room| table.starts_with(*room)) || WITH_A_MODEL.contains(&table);
    table == path || (!told && witnessed.insert(table.to_owned()))
}

/// The largest part of `path` of which `row` has nothing: a table, or the setting itself.
fn missing_table<'a>(row: &Row, path: &'a str) -> &'a str {
    let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
    let lacks = |table: &&str| {
        !row.settings.keys().any(|key| {
            key.starts_with(*table) && [None, Some(b'.')].contains(&key.as_bytes().get(table.len()).copied())
        })
    };
    ends.map(|end| &path[..end]).find(lacks).unwrap_or(path)
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
    names.sort_by(|a, b| order_of(a).cmp(&order_of(b)));
    names
}
