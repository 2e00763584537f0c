//! One run as one HTML file: opens from disk, loads nothing, plays the clips beside it.
//!
//! The page is a template with named gaps; every gap is filled with escaped text or with markup made here. A content
//! security policy allows the one script and the one style sheet by their hashes, so that text from a data set can never run.

mod figures;
mod listen;
mod map;
mod metrics;
mod neighbours;
mod sections;
mod sha256;
mod template;

use crate::plotting::png::base64;
use crate::plotting::svg::escape;
use crate::plotting::text::{BANGLA, is_bangla};

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// All that the page shows. Every string is plain text and is escaped here, except [`Figure::svg`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the run folder.
    pub run_id: String,
    /// Seed of the run.
    pub seed: u64,
    /// What was learned from.
    pub dataset: Dataset,
    /// Whether the latent space carries anything.
    pub verdict: Option<Verdict>,
    /// Columns of the tables, label-based and label-free ones in any order; the first label-based one heads the page.
    pub metrics: Vec<Metric>,
    /// What the reader must know before believing a number.
    pub warnings: Vec<String>,
    /// What was run.
    pub stages: Vec<Stage>,
    /// The resolved experiment file.
    pub config: String,
    /// Pictures, in order.
    pub figures: Vec<Figure>,
    /// What some tracks find; without any it is left out.
    pub neighbours: Vec<Neighbours>,
    /// Clips that can be listened to, those of a class together.
    pub sounds: Vec<Sound>,
    /// The latent map; without points it is left out.
    pub points: Vec<Point>,
}

/// The data in one line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataset {
    /// Kind or name, such as `folder` or `GTZAN`.
    pub name: String,
    /// Rows used.
    pub n_used: usize,
    /// Rows found.
    pub n_total: usize,
    /// Distinct labels.
    pub n_classes: usize,
    /// Distinct groups (artists).
    pub n_groups: usize,
    /// Whether the data were synthesised.
    pub synthetic: bool,
}

/// What the collapse diagnostics say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// `healthy`, `partial` or `collapsed`.
    pub verdict: String,
    /// The numbers behind it, such as `9 of 16 dimensions active`.
    pub detail: String,
    /// What to change; empty when nothing is wrong.
    pub remedy: String,
}

/// One metric of all representations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metric {
    /// scikit-learn's name: `ari`.
    pub name: String,
    /// Definition, shown on demand.
    pub definition: String,
    /// Whether it compares with labels.
    pub label_based: bool,
    /// One a representation, the learned one first, chance last.
    pub scores: Vec<Score>,
}

/// A metric of one representation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// `latent`, `raw`, `pca`, `chance`; with the clusterer where there are several: `latent · kmeans10`.
    pub representation: String,
    /// The value; none where it is not defined or not finite.
    pub value: Option<f64>,
    /// 95 % interval.
    pub interval: Option<[f64; 2]>,
}

/// One stage of the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Whether its result came from the cache.
    pub hit: bool,
    /// Seconds it took.
    pub seconds: f64,
    /// Why it ran, or was not needed.
    pub why: String,
}

/// One picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// File stem, and the picture's address in the page.
    pub id: String,
    /// The folded part of the page where it stands; empty for those that are seen at once. One part's pictures follow each other.
    pub section: String,
    /// What is shown.
    pub title: String,
    /// How to read it, in a sentence.
    pub how_to_read: String,
    /// The picture, as [`crate::plotting::Drawing`] has it; put into the page as it is. Empty: the page links to `plots/`.
    pub svg: String,
}

/// A track and what is most like it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbours {
    /// The track.
    pub query: Neighbour,
    /// The most similar first.
    pub found: Vec<Neighbour>,
}

/// A track in a table of neighbours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbour {
    /// Id of the track.
    pub id: String,
    /// Its label; may be empty.
    pub label: String,
    /// Its cosine with the query; 1 for the query itself.
    pub similarity: f64,
    /// Its sound: a path relative to the page.
    pub audio: Option<String>,
}

/// One clip that can be listened to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sound {
    /// The class it stands under; may be empty.
    pub class: String,
    /// `generated`, `real`.
    pub what: String,
    /// Its name.
    pub name: String,
    /// What it was made of.
    pub detail: String,
    /// Its spectrogram as a `data:` address; empty for none.
    pub picture: String,
    /// A path relative to the page, not percent-encoded, or a `data:audio/` address.
    pub audio: String,
    /// Whether it is there to be compared with.
    pub is_real: bool,
}

/// One track on the latent map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// First coordinate of the layout.
    pub x: f64,
    /// Second coordinate.
    pub y: f64,
    /// Id of the track.
    pub id: String,
    /// Its label; may be empty.
    pub label: String,
    /// Its language; may be empty.
    pub language: String,
    /// Its cluster; `-1` is noise.
    pub cluster: String,
    /// Its group, such as the artist.
    pub group: String,
    /// Its sound: a path relative to the page, not percent-encoded, or a `data:` address.
    pub audio: Option<String>,
}

/// The page as one HTML document.
pub fn html(page: &Page) -> String {
    let parts = parts(page);
    let style = style(parts.iter().any(|(_, text)| text.contains(is_bangla)));
    template::fill(TEMPLATE, |gap| match gap {
        "policy" => policy(&style),
        "css" => style.clone(),
        "js" => SCRIPT.to_string(),
        _ => parts.iter().find(|(name, _)| *name == gap).map(|(_, text)| text.clone()).unwrap_or_default(),
    })
}

/// The gaps of the template that depend on the run.
fn parts(page: &Page) -> [(&'static str, String); 16] {
    [
        ("experiment", escape(&page.experiment)),
        ("run_id", escape(&page.run_id)),
        ("seed", page.seed.to_string()),
        ("dataset", sections::dataset(&page.dataset)),
        ("banner", sections::banner(&page.dataset)),
        ("menu", sections::menu(page)),
        ("headline", metrics::headline(&page.metrics)),
        ("verdict", sections::verdict(page.verdict.as_ref())),
        ("warnings", sections::warnings(&page.warnings)),
        ("map", map::section(&page.points)),
        ("metrics", metrics::section(&page.metrics)),
        ("neighbours", neighbours::section(&page.neighbours)),
        ("listen", listen::section(&page.sounds)),
        ("figures", figures::section(&page.figures)),
        ("stages", sections::stages(&page.stages)),
        ("config", sections::config(&page.config)),
    ]
}

/// The style sheet; with the Bangla font inside it where the page has Bangla, since many machines have none.
fn style(bangla: bool) -> String {
    if !bangla {
        return STYLE.to_string();
    }
    format!(
        "@font-face {{ font-family: \"Bangla inside\"; unicode-range: U+0964-0965, U+0980-09FF; \
         src: url(data:font/ttf;base64,{}) format(\"truetype\"); }}\n{STYLE}",
        base64(BANGLA)
    )
}

/// Only our script and our style, pictures and fonts inside the page, sounds from beside it; nothing else.
fn policy(style: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", base64(&sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; font-src data:; \
         media-src 'self' file: data:; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(style)
    )
}

#[cfg(test)]
mod tests;
