//! The pictures of the page: those that are seen at once, and folded parts with those of one clustering each.

use crate::plotting::svg::escape;

use super::Figure;
use super::sections::plural;

/// All pictures, each with its line on how to read it.
pub fn section(figures: &[Figure]) -> String {
    if figures.is_empty() {
        return String::new();
    }
    let parts: String = figures.chunk_by(|a, b| a.section == b.section).map(part).collect();
    format!("<section id=\"figures\"><h2>Figures</h2>{parts}</section>")
}

/// The pictures of one part; what is not in the page is linked to.
fn part(figures: &[Figure]) -> String {
    let (inside, outside): (Vec<&Figure>, Vec<&Figure>) = figures.iter().partition(|figure| !figure.svg.is_empty());
    let drawn: String = inside.iter().map(|figure| picture(figure)).collect();
    let body = format!("<div class=\"figures\">{drawn}</div>{}", links(&outside));
    let name = &figures[0].section;
    if name.is_empty() {
        return body;
    }
    format!(
        "<details class=\"card\"><summary><h2>{}</h2><span>{}</span></summary>{body}</details>",
        escape(name),
        plural(figures.len(), "picture", "pictures")
    )
}

fn picture(figure: &Figure) -> String {
    format!(
        "<figure class=\"card\" id=\"figure-{}\"><h3 class=\"unseen\">{}</h3>{}<figcaption>{}</figcaption></figure>",
        plain(&figure.id),
        escape(&figure.title),
        figure.svg,
        escape(&figure.how_to_read)
    )
}

fn links(figures: &[&Figure]) -> String {
    if figures.is_empty() {
        return String::new();
    }
    let link = |figure: &&Figure| format!("<a href=\"plots/{}.svg\">{}</a>", plain(&figure.id), escape(&figure.title));
    let links: Vec<String> = figures.iter().map(link).collect();
    format!("<p class=\"note links\">In plots/: {}</p>", links.join(" · "))
}

/// A name that may stand in an address: letters, digits, `_` and `-`, as clusterings are named.
fn plain(id: &str) -> String {
    id.replace(|c: char| !c.is_alphanumeric() && c != '_' && c != '-', "-")
}
