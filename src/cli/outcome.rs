//! How a run ended: a block for one, a line for a member of a sweep, an object for machines.

use super::output::Paint;
use super::units;
use crate::engine::run_folder::State;
use crate::experiment::{Member, MemberEnd};
use crate::report::table::figure;
use crate::report::table::names::{ClusterMetric, is_label_free};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Different warnings told of a sweep; the others are counted.
const MOST_WARNINGS: usize = 12;
/// Figures told of a member of a sweep.
const SHORT: [&str; 2] = ["ari", "nmi"];

/// One line. `label` is what the member is called.
pub fn line(label: &str, end: &MemberEnd, paint: Paint) -> String {
    let told = match end.state {
        State::Done => headline(end),
        _ => failure(end),
    };
    let time = units::seconds(end.seconds);
    let line = [mark(end, paint) + " " + label, told, verdict(end, paint), count_of_warnings(end, paint), time];
    let line: Vec<String> = line.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}  {}\n", line.join("  "), paint.dim(&end.folder.display().to_string()))
}

/// Several lines: the verdict, the figures beside their baselines, the report.
pub fn block(label: &str, end: &MemberEnd, paint: Paint) -> String {
    let stages = end.hits + end.ran;
    let name = paint.bold(label);
    let time = units::seconds(end.seconds);
    let mut lines = vec![format!("{} {name}  {time}, {} of {stages} stages cached", mark(end, paint), end.hits)];
    match end.state {
        State::Done => lines.extend(figures(end, paint).into_iter().chain(fused(end))),
        _ => lines.push(format!("  {}", failure(end))),
    }
    let verdict = verdict(end, paint);
    lines.extend((!verdict.is_empty()).then(|| format!("  collapse: {verdict}")));
    lines.extend(end.warnings.iter().map(|warning| format!("  {} {warning}", paint.warn("warning:"))));
    lines.push(format!("  {}", page(end)));
    lines.join("\n") + "\n"
}

/// Everything.
pub fn json(member: &Member, end: &MemberEnd) -> Value {
    let failure = end.failure.as_ref().map(|(kind, message)| json!({ "kind": kind, "message": message }));
    json!({
        "event": "run", "member": end.member, "name": member.name, "seed": member.seed, "source": member.source,
        "overrides": member.overrides, "digest": member.digest, "folder": end.folder, "state": end.state,
        "failure": failure, "seconds": end.seconds, "hits": end.hits, "ran": end.ran, "metrics": end.metrics,
        "intervals": end.intervals, "verdict": end.verdict, "warnings": end.warnings,
    })
}

fn mark(end: &MemberEnd, paint: Paint) -> String {
    if end.state == State::Done { paint.good("✓") } else { paint.bad("✗") }
}

fn verdict(end: &MemberEnd, paint: Paint) -> String {
    match end.verdict.as_deref() {
        None => String::new(),
        Some("healthy") => paint.good("healthy"),
        Some(other) => paint.warn(other),
    }
}

fn count_of_warnings(end: &MemberEnd, paint: Paint) -> String {
    match end.warnings.len() {
        0 => String::new(),
        1 => paint.warn("1 warning"),
        some => paint.warn(&format!("{some} warnings")),
    }
}

/// The warnings of all members of a sweep, each once, with how many members have it: a line a member only counts them.
pub fn all_warnings(ends: &[MemberEnd]) -> Vec<String> {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for warning in ends.iter().flat_map(|end| &end.warnings) {
        match counted.iter_mut().find(|(text, _)| text == warning) {
            Some((_, count)) => *count += 1,
            None => counted.push((warning, 1)),
        }
    }
    let told = |(text, count): &(&str, usize)| format!("{text} ({count} of {} runs)", ends.len());
    let more = counted.len().saturating_sub(MOST_WARNINGS);
    let rest =
        (more > 0).then(|| format!("{more} more; `warnings` in each run's metrics.json and report.html has all"));
    counted.iter().take(MOST_WARNINGS).map(told).chain(rest).collect()
}

fn failure(end: &MemberEnd) -> String {
    let state = if end.state == State::Diverged { "diverged" } else { "failed" };
    let message = end.failure.as_ref().map_or("it was not run to its end", |(_, message)| message);
    format!("{state}: {message}")
}

/// The page to look at; of a run that failed, its folder.
fn page(end: &MemberEnd) -> String {
    let page = end.folder.join("report.html");
    if end.state == State::Done { page.display().to_string() } else { end.folder.display().to_string() }
}

fn headline(end: &MemberEnd) -> String {
    let told = |metric: &&str| {
        let is_it = |name: &&String| {
            ClusterMetric::parse(name).is_some_and(|it| it.representation == "latent" && it.metric == *metric)
        };
        let name = end.metrics.keys().find(is_it)?;
        Some(format!("{metric} {}", with_interval(end, name)))
    };
    SHORT.iter().filter_map(told).collect::<Vec<_>>().join("  ")
}

fn with_interval(end: &MemberEnd, name: &str) -> String {
    let value = end.metrics.get(name).copied().flatten().map_or("–".to_owned(), figure);
    match end.intervals.get(name) {
        Some([low, high]) => format!("{value} [{}, {}]", figure(*low), figure(*high)),
        None => value,
    }
}

/// One row a metric, one column a representation: first what was computed with labels, then what was computed without.
fn figures(end: &MemberEnd, paint: Paint) -> Vec<String> {
    let parsed: Vec<(&String, ClusterMetric)> =
        end.metrics.keys().filter_map(|name| Some((name, ClusterMetric::parse(name)?))).collect();
    let mut columns: Vec<_> = parsed.iter().map(|(_, it)| (it.order().0, it.representation)).collect();
    columns.sort_unstable();
    columns.dedup();
    let columns: Vec<&str> = columns.into_iter().map(|(_, name)| name).collect();
    let mut rows = BTreeMap::new();
    for (name, it) in &parsed {
        let (.., order, _) = it.order();
        rows.insert((is_label_free(name), it.clusterer, order, it.metric), ());
    }
    let cells: Vec<(bool, Vec<String>)> =
        rows.keys().map(|(free, clusterer, _, metric)| (*free, row(end, clusterer, metric, &columns, *free))).collect();
    drawn(&columns, &cells, paint)
}

/// What fusing modalities is worth, a line each: the gain, what a probe reads, and what it reads as lyrics go missing.
fn fused(end: &MemberEnd) -> Vec<String> {
    let families = [
        ("gain.", "gain over the best single modality", ".ari"),
        ("probe.", "accuracy of a linear probe", ".accuracy"),
        ("missing.", "the same with lyrics missing", ".accuracy"),
    ];
    let line = |(family, words, ending): (&str, &str, &str)| {
        let mut of: Vec<&String> = end.metrics.keys().filter(|name| name.starts_with(family)).collect();
        if of.iter().any(|name| name.ends_with(ending)) {
            of.retain(|name| name.ends_with(ending));
        }
        // 25 % before 100 %.
        of.sort_by_key(|name| name.len());
        let told = of.into_iter().map(|name| {
            let short = name.trim_start_matches(family).trim_end_matches(".accuracy");
            let short = short.strip_prefix("lyrics_").map_or(short.to_owned(), |percent| format!("{percent} %"));
            format!("{short} {}", with_interval(end, name))
        });
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| format!("  {words}: {}", told.join(", ")))
    };
    families.into_iter().filter_map(line).collect()
}

fn row(end: &MemberEnd, clusterer: &str, metric: &str, columns: &[&str], label_free: bool) -> Vec<String> {
    let of = |representation: &&str| {
        let name = format!("{representation}.{clusterer}.{metric}");
        if end.metrics.contains_key(&name) { with_interval(end, &name) } else { String::new() }
    };
    let of_luck = |name: String| end.metrics.get(&name).copied().flatten();
    let own = of_luck(format!("chance.{clusterer}.{metric}"));
    let chance = own.or_else(|| of_luck(format!("chance.{metric}")));
    let chance = if label_free { String::new() } else { chance.map(figure).unwrap_or_default() };
    let values = columns.iter().map(of).chain([chance]);
    std::iter::once(format!("{clusterer}.{metric}")).chain(values).collect()
}

fn drawn(columns: &[&str], rows: &[(bool, Vec<String>)], paint: Paint) -> Vec<String> {
    let heading: Vec<String> = [""].iter().chain(columns).chain(&["chance"]).map(|name| (*name).to_owned()).collect();
    let widest = |at: usize| {
        let column = rows.iter().map(|(_, cells)| &cells[at]).chain([&heading[at]]);
        column.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(widest).collect();
    let padded = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let of =
        |free: bool| rows.iter().filter(move |(it, _)| *it == free).map(|(_, cells)| format!("  {}", padded(cells)));
    let mut lines: Vec<String> = Vec::new();
    if !rows.is_empty() {
        lines.push(paint.dim(&format!("  {}", padded(&heading))));
    }
    lines.extend(of(false));
    let free: Vec<String> = of(true).collect();
    lines.extend((!free.is_empty()).then(|| paint.dim("  without labels (not to rank representations by)")));
    lines.extend(free);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::FailureKind;

    fn end() -> MemberEnd {
        let figures = [("latent.kmeans.ari", 0.3123), ("latent.kmeans.silhouette", 0.11), ("pca.kmeans.ari", 0.29)];
        let more = [("raw.kmeans.ari", 0.3), ("chance.ari", 0.0), ("latent.kmeans.nmi", 0.42), ("train.loss", 123.4)];
        MemberEnd {
            member: 0,
            folder: "runs/x".into(),
            state: State::Done,
            failure: None,
            seconds: 84.2,
            metrics: figures.into_iter().chain(more).map(|(name, value)| (name.to_owned(), Some(value))).collect(),
            intervals: BTreeMap::from([("latent.kmeans.ari".to_owned(), [0.28, 0.35])]),
            verdict: Some("healthy".to_owned()),
            warnings: Vec::new(),
            hits: 12,
            ran: 8,
        }
    }

    #[test]
    fn the_block_shows_latents_beside_their_baselines_and_label_free_figures_apart() {
        let block = block("hard_beta4 seed 7", &end(), Paint::none());
        let expected = "\
✓ hard_beta4 seed 7  1 min 24 s, 12 of 20 stages cached
                     latent                raw    pca    chance
  kmeans.ari         0.312 [0.280, 0.350]  0.300  0.290  0.000
  kmeans.nmi         0.420
  without labels (not to rank representations by)
  kmeans.silhouette  0.110
  collapse: healthy
  runs/x/report.html
";
        assert_eq!(block, expected);
    }

    #[test]
    fn a_member_of_a_sweep_gets_one_line() {
        let line = line("hard_beta4 seed 7", &end(), Paint::none());
        let told = "✓ hard_beta4 seed 7  ari 0.312 [0.280, 0.350]  nmi 0.420  healthy  1 min 24 s  runs/x\n";
        assert_eq!(line, told);
    }

    #[test]
    fn a_failure_tells_why_and_where() {
        let failure = Some((FailureKind::Diverged, "the loss is no number".to_owned()));
        let failed = MemberEnd { state: State::Diverged, failure, verdict: None, ..end() };
        let told = block("hard_beta4 seed 7", &failed, Paint::none());
        assert!(told.contains("diverged: the loss is no number") && told.ends_with("  runs/x\n"), "{told}");
    }

    #[test]
    fn what_must_be_known_before_believing_a_number_stands_beside_it() {
        let warned = MemberEnd { warnings: vec!["the loss was still falling".to_owned()], ..end() };
        assert!(
            block("hard_beta4 seed 7", &warned, Paint::none()).contains("\n  warning: the loss was still falling\n")
        );
        assert!(line("hard_beta4 seed 7", &warned, Paint::none()).contains("  1 warning  "));
    }

    #[test]
    fn warnings_of_a_sweep_are_told_once_each() {
        let warned =
            |texts: &[&str]| MemberEnd { warnings: texts.iter().map(|text| (*text).to_owned()).collect(), ..end() };
        let ends = [warned(&["a", "b"]), warned(&["b"]), end()];
        assert_eq!(all_warnings(&ends), ["a (1 of 3 runs)", "b (2 of 3 runs)"]);
        let many: Vec<String> = (0..20).map(|n| n.to_string()).collect();
        let told = all_warnings(&[MemberEnd { warnings: many, ..end() }]);
        assert!(told.len() == 13 && told[12].starts_with("8 more"), "{told:?}");
    }

    #[test]
    fn a_figure_that_is_no_number_is_a_dash() {
        let mut none = end();
        none.metrics.insert("latent.kmeans.ari".to_owned(), None);
        none.intervals.clear();
        assert!(line("hard_beta4 seed 7", &none, Paint::none()).contains("ari –"));
    }
}
