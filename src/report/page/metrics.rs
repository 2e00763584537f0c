//! The numbers: the headline with its baselines as an interval chart, and the tables, labels apart from label-free.

use crate::plotting::scale::number;
use crate::plotting::svg::escape;

use super::{Metric, Score};

/// The first label-based metric with every representation beside it; else the first label-free one, alone, because
/// label-free metrics do not compare across spaces.
pub fn headline(metrics: &[Metric]) -> String {
    let valued = |metric: &&Metric| metric.scores.first().is_some_and(|score| finite(score).is_some());
    let labelled = metrics.iter().filter(valued).find(|metric| metric.label_based);
    let Some(metric) = labelled.or_else(|| metrics.iter().find(valued)) else { return String::new() };
    let forest = if metric.label_based { forest(metric) } else { String::new() };
    let lead = lead(metric);
    format!("<section class=\"card headline\" aria-label=\"Key number\">{lead}{forest}</section>")
}

/// All representations on one scale; where there are several clusterers, those of the first.
fn forest(metric: &Metric) -> String {
    let first = metric.scores.first().map(clusterer);
    let scores: Vec<&Score> = metric.scores.iter().filter(|score| Some(clusterer(score)) == first).collect();
    let (low, high) = span(&scores);
    let rows: String = scores.iter().map(|score| bar(score, low, high)).collect();
    let name = escape(&metric.name);
    format!("<div class=\"forest\" role=\"table\" aria-label=\"{name} of each representation\">{rows}</div>")
}

/// The large number.
fn lead(metric: &Metric) -> String {
    let score = &metric.scores[0];
    format!(
        "<div class=\"lead\"><p class=\"what\">{} {}</p><p class=\"figure\">{}</p><p class=\"range\">{}</p></div>",
        escape(&score.representation),
        escape(&shown_name(&metric.name)),
        value(score.value),
        interval(score.interval).map(|text| format!("95 % interval {text}")).unwrap_or_default()
    )
}

/// One representation as a dot with a whisker on the common scale.
fn bar(score: &Score, low: f64, high: f64) -> String {
    let place = |value: f64| format!("{:.2}%", 1.0 + 98.0 * (value - low) / (high - low));
    let zero = place(0.0);
    let mut marks = format!("<line class=\"zero\" x1=\"{zero}\" x2=\"{zero}\" y1=\"0\" y2=\"34\"/>");
    if let Some([from, to]) = finite_interval(score) {
        marks += &format!("<line class=\"range\" x1=\"{}\" x2=\"{}\" y1=\"17\" y2=\"17\"/>", place(from), place(to));
    }
    if let Some(value) = finite(score) {
        marks += &format!("<circle cx=\"{}\" cy=\"17\" r=\"5\"/>", place(value));
    }
    format!(
        "<div role=\"row\" class=\"{}\"><span role=\"rowheader\">{}</span><svg aria-hidden=\"true\" height=\"34\">{marks}\
         </svg><span role=\"cell\" class=\"number\"><span>{}</span><small>{}</small></span></div>",
        class(&score.representation),
        escape(&score.representation),
        value(score.value),
        interval(score.interval).unwrap_or_default()
    )
}

/// From 0 (or the lowest end below it) to a little beyond the highest end.
fn span(scores: &[&Score]) -> (f64, f64) {
    let ends = scores.iter().flat_map(|s| finite(s).into_iter().chain(finite_interval(s).into_iter().flatten()));
    let (low, high) = ends.fold((0.0, 0.05), |(low, high), end| (f64::min(low, end), f64::max(high, end)));
    (low, high + 0.04 * (high - low))
}

/// The two tables; nothing without metrics.
pub fn section(metrics: &[Metric]) -> String {
    if metrics.is_empty() {
        return String::new();
    }
    format!("<section id=\"metrics\"><h2>Metrics</h2><div class=\"tables\">{}</div></section>", tables(metrics))
}

fn tables(metrics: &[Metric]) -> String {
    let of = |label_based: bool| metrics.iter().filter(|metric| metric.label_based == label_based).collect::<Vec<_>>();
    let with = table(
        &of(true),
        "label",
        "Against labels",
        "How well clusters agree with the labels. Chance is what a \
        random assignment of the same sizes reaches.",
    );
    let without = table(
        &of(false),
        "free",
        "Without labels",
        "How compact the clusters are, each in its own space. \
        These numbers do not rank representations against each other.",
    );
    format!("{with}{without}")
}

fn table(metrics: &[&Metric], kind: &str, title: &str, note: &str) -> String {
    if metrics.is_empty() {
        return String::new();
    }
    let head: String = metrics.iter().map(|metric| heading(metric)).collect();
    let rows: String = representations(metrics).iter().map(|name| row(name, metrics)).collect();
    format!(
        "<div class=\"card scores {kind}\"><h3>{title}</h3><p class=\"note\">{note}</p><div class=\"scroll\" \
         tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table><thead><tr><th scope=\"col\">representation</th>\
         {head}</tr></thead><tbody>{rows}</tbody></table></div></div>"
    )
}

fn heading(metric: &Metric) -> String {
    let name = escape(&shown_name(&metric.name));
    if metric.definition.is_empty() {
        return format!("<th scope=\"col\">{name}</th>");
    }
    format!("<th scope=\"col\"><abbr title=\"{}\">{name}</abbr></th>", escape(&metric.definition))
}

/// All representations, in the order in which the metrics name them.
fn representations<'a>(metrics: &[&'a Metric]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for score in metrics.iter().flat_map(|metric| &metric.scores) {
        if !names.contains(&score.representation.as_str()) {
            names.push(&score.representation);
        }
    }
    names
}

fn row(representation: &str, metrics: &[&Metric]) -> String {
    let score = |metric: &&Metric| metric.scores.iter().find(|score| score.representation == representation).cloned();
    let cell = |score: Option<Score>| match score {
        None => "<td class=\"number\"></td>".to_string(),
        Some(score) => format!(
            "<td class=\"number\">{}<small>{}</small></td>",
            value(score.value),
            interval(score.interval).unwrap_or_default()
        ),
    };
    let cells: String = metrics.iter().map(score).map(cell).collect();
    let name = escape(representation);
    format!("<tr class=\"{}\"><th scope=\"row\">{name}</th>{cells}</tr>", class(representation))
}

/// `kmeans` of `latent · kmeans`; nothing where there is one clusterer only.
fn clusterer(score: &Score) -> Option<&str> {
    Some(score.representation.split_once(" · ")?.1)
}

/// `latent`, `chance` or nothing, by the first word.
fn class(representation: &str) -> &'static str {
    match representation.split([' ', '.', '·']).next() {
        Some("latent") => "latent",
        Some("chance") => "chance",
        _ => "baseline",
    }
}

/// Abbreviations are written large: `ari` is `ARI`.
fn shown_name(name: &str) -> String {
    match name {
        "ari" | "nmi" | "ami" => name.to_uppercase(),
        other => other.replace('_', " "),
    }
}

fn finite(score: &Score) -> Option<f64> {
    score.value.filter(|value| value.is_finite())
}

fn finite_interval(score: &Score) -> Option<[f64; 2]> {
    score.interval.filter(|ends| ends.iter().all(|end| end.is_finite()))
}

/// Three decimals; fewer for large numbers; a dash where there is none.
fn value(value: Option<f64>) -> String {
    match value.filter(|value| value.is_finite()) {
        None => "–".to_string(),
        Some(value) if value.abs() >= 100.0 => number(value, 1.0),
        Some(value) if value.abs() >= 10.0 => number(value, 0.1),
        Some(value) => number(value, 0.001),
    }
}

fn interval(ends: Option<[f64; 2]>) -> Option<String> {
    let [low, high] = ends.filter(|ends| ends.iter().all(|end| end.is_finite()))?;
    Some(format!("[{}, {}]", value(Some(low)), value(Some(high))))
}
