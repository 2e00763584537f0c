//! The columns that tell rows apart, and the figures that matter most.

use super::Row;
use super::column::Column;
use super::names::{ClusterMetric, metric_order};
use std::collections::BTreeSet;

/// The name, the seed if there is but one a row, settings that differ, the verdict, and the figures that matter most.
pub(super) fn telling(rows: &[Row]) -> Vec<Column> {
    let mut columns = vec![Column::Experiment];
    if rows.iter().all(|row| row.ids.len() == 1) && differ(rows, &Column::Seed) {
        columns.push(Column::Seed);
    }
    let paths: BTreeSet<&String> =
        rows.iter().flat_map(|row| row.settings.keys()).filter(|path| shared(rows, path)).collect();
    let settings = paths.into_iter().map(|path| Column::Setting(vec![path.clone()]));
    columns.extend(settings.filter(|column| differ(rows, column)));
    columns.extend(rows.iter().any(|row| !row.verdicts.is_empty()).then_some(Column::Verdict));
    columns.extend(key_metrics(rows).into_iter().map(Column::Metric));
    columns
}

/// A setting that some runs do not have belongs to a kind that others do not use: the column of the kind tells that.
fn shared(rows: &[Row], path: &str) -> bool {
    rows.iter().all(|row| row.settings.contains_key(path))
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
    names.sort_by(|a, b| metric_order(a).cmp(&metric_order(b)));
    names
}
