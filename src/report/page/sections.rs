//! The parts of the page that are words: data, banner, verdict, warnings, stages, experiment file.

use crate::plotting::scale::count;
use crate::plotting::svg::escape;

use super::{Dataset, Page, Stage, Verdict};

/// `GTZAN · 991 of 1 000 tracks · 10 classes · 312 groups`.
pub fn dataset(data: &Dataset) -> String {
    let rows = if data.n_used == data.n_total {
        format!("{} tracks", count(data.n_used))
    } else {
        format!("{} of {} tracks", count(data.n_used), count(data.n_total))
    };
    let parts = [
        escape(&data.name),
        rows,
        plural(data.n_classes, "class", "classes"),
        plural(data.n_groups, "group", "groups"),
    ];
    parts.map(|part| format!("<li>{part}</li>")).concat()
}

pub(super) fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// The warning that nothing here is about real music.
pub fn banner(data: &Dataset) -> String {
    if !data.synthetic {
        return String::new();
    }
    "<div class=\"banner\" role=\"note\"><strong>Synthetic data</strong><span>The tracks were generated, not recorded. \
     The numbers show that the experiment works; they say nothing about real music.</span></div>"
        .to_string()
}

/// The collapse verdict with its remedy.
pub fn verdict(verdict: Option<&Verdict>) -> String {
    let Some(verdict) = verdict else { return String::new() };
    let class = match verdict.verdict.as_str() {
        "healthy" => "good",
        "partial" => "fair",
        "collapsed" => "bad",
        _ => "unknown",
    };
    let remedy = match verdict.remedy.as_str() {
        "" => String::new(),
        words => format!("<p class=\"remedy\"><b>What to do</b> {}</p>", escape(words)),
    };
    format!(
        "<section class=\"card verdict {class}\" aria-label=\"Collapse verdict\"><p class=\"what\">latent space</p>\
         <p class=\"word\">{}</p><p class=\"detail\">{}</p>{remedy}</section>",
        escape(&verdict.verdict),
        escape(&verdict.detail)
    )
}

/// All warnings; nothing without any.
pub fn warnings(warnings: &[String]) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let items: String = warnings.iter().map(|words| format!("<li>{}</li>", escape(words))).collect();
    let title = plural(warnings.len(), "warning", "warnings");
    format!("<section class=\"warnings\" id=\"warnings\"><h2>{title}</h2><ul>{items}</ul></section>")
}

/// The way to the parts that are there.
pub fn menu(page: &Page) -> String {
    let parts = [
        (!page.points.is_empty(), "map", "Map"),
        (!page.metrics.is_empty(), "metrics", "Metrics"),
        (!page.neighbours.is_empty(), "neighbours", "Neighbours"),
        (!page.sounds.is_empty(), "listen", "Listen"),
        (!page.figures.is_empty(), "figures", "Figures"),
        (!page.stages.is_empty(), "stages", "Stages"),
        (!page.config.is_empty(), "config", "Experiment"),
    ];
    let link = |(_, id, name): (bool, &str, &str)| format!("<a href=\"#{id}\">{name}</a>");
    parts.into_iter().filter(|part| part.0).map(link).collect()
}

/// What ran and what did not, folded away.
pub fn stages(stages: &[Stage]) -> String {
    if stages.is_empty() {
        return String::new();
    }
    let longest = stages.iter().map(|stage| stage.seconds).filter(|s| s.is_finite()).fold(0.0, f64::max);
    let rows: String = stages.iter().map(|stage| stage_row(stage, longest)).collect();
    let hits = stages.iter().filter(|stage| stage.hit).count();
    let total: f64 = stages.iter().map(|stage| stage.seconds).filter(|s| s.is_finite()).sum();
    format!(
        "<details class=\"card\" id=\"stages\"><summary><h2>Stages</h2><span>{} · {hits} from the cache · {}</span>\
         </summary><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Stages\"><table class=\"stages\">\
         <thead><tr><th scope=\"col\">stage</th><th scope=\"col\">result</th><th scope=\"col\" class=\"number\">time</th>\
         <th scope=\"col\"><span class=\"unseen\">share</span></th><th scope=\"col\">why</th></tr></thead>\
         <tbody>{rows}</tbody></table></div></details>",
        plural(stages.len(), "stage", "stages"),
        time(total)
    )
}

fn stage_row(stage: &Stage, longest: f64) -> String {
    let share = if longest > 0.0 && stage.seconds.is_finite() { 100.0 * stage.seconds / longest } else { 0.0 };
    let (class, word) = if stage.hit { ("hit", "cached") } else { ("ran", "ran") };
    format!(
        "<tr class=\"{class}\"><th scope=\"row\">{}</th><td><span class=\"tag\">{word}</span></td>\
         <td class=\"number\">{}</td><td class=\"time\"><svg aria-hidden=\"true\" width=\"100%\" height=\"8\">\
         <rect width=\"{share:.1}%\" height=\"8\" rx=\"2\"/></svg></td><td class=\"why\">{}</td></tr>",
        escape(&stage.name),
        time(stage.seconds),
        escape(&stage.why)
    )
}

/// `0.02 s`, `12.4 s`, `3 min 20 s`.
fn time(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => "–".to_string(),
        s if s < 10.0 => format!("{s:.2} s"),
        s if s < 60.0 => format!("{s:.1} s"),
        s => format!("{} min {:02} s", (s / 60.0).floor(), (s % 60.0).floor()),
    }
}

/// The experiment file, folded away.
pub fn config(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!(
        "<details class=\"card\" id=\"config\"><summary><h2>Experiment</h2><span>the resolved file; it gives this run \
         again</span></summary><pre tabindex=\"0\"><code>{}</code></pre></details>",
        escape(text)
    )
}
