//! The pictures of a run: all of them in `plots/`, and those that the page shows.

use super::Ran;
use super::numbers::Numbers;
use crate::artifact::Figure;
use crate::engine::Failure;
use crate::engine::run_folder::RunFolder;
use crate::report::page;
use crate::report::table::figure as shown_number;
use std::sync::Arc;

/// So many clusterings have all their pictures on the page; with more, those beside the first have two, folded away.
const MOST_CLUSTERINGS: usize = 3;
/// What of them is on the page then.
const KEPT: [&str; 2] = ["contingency", "silhouettes"];
/// Bytes of pictures on the page: what comes after that is linked to. With its map and its fonts the page stays below 5 MB.
const MOST_BYTES: usize = 3_800_000;
/// Scores that head the pictures of a clustering, where they were measured.
const TOLD: [&str; 3] = ["ari", "nmi", "silhouette"];

/// A picture that was drawn.
pub(super) struct Shown {
    name: String,
    clusterer: Option<String>,
    figure: Arc<Figure>,
}

/// Writes the pictures; gives those that were drawn.
pub(super) fn write(ran: &Ran, folder: &RunFolder) -> Result<Vec<Shown>, Failure> {
    let mut shown = Vec::new();
    for drawn in &ran.outline.figures {
        let (figure, name) = (ran.walk.get(&drawn.figure)?, &drawn.name);
        if !figure.is_drawn() {
            continue;
        }
        folder.write(&format!("plots/{name}.svg"), figure.svg.as_bytes())?;
        folder.write(&format!("plots/{name}.png"), &figure.png)?;
        folder.write(&format!("plots/{name}.json"), &super::pretty(&figure.data)?)?;
        shown.push(Shown { name: name.clone(), clusterer: drawn.clusterer.clone(), figure });
    }
    Ok(shown)
}

/// The pictures of the page: first those of the run and of its first clustering, then clustering by clustering.
pub(super) fn on_page(ran: &Ran, numbers: &Numbers, all: &[Shown]) -> Vec<page::Figure> {
    let mut clusterers: Vec<&str> = Vec::new();
    for name in all.iter().filter_map(|shown| shown.clusterer.as_deref()) {
        if !clusterers.contains(&name) {
            clusterers.push(name);
        }
    }
    let folded = clusterers.len() >= MOST_CLUSTERINGS;
    let of = |clusterer: Option<&str>| all.iter().filter(|shown| shown.clusterer.as_deref() == clusterer).collect();
    let sections = clusterers.iter().map(|name| (section(ran, numbers, name), of(Some(*name))));
    let beside: Vec<(String, Vec<&Shown>)> = match folded {
        true => sections.collect(),
        false => vec![(String::new(), all.iter().filter(|shown| shown.clusterer.is_some()).collect())],
    };
    let mut room = MOST_BYTES;
    let mut placed = |section: &str, shown: &Shown| {
        let fits = shown.figure.svg.len() <= room && (section.is_empty() || is_kept(&shown.name));
        room -= if fits { shown.figure.svg.len() } else { 0 };
        picture(section, shown, fits)
    };
    let first: Vec<page::Figure> = of(None).into_iter().map(|shown: &Shown| placed("", shown)).collect();
    let others = beside.iter().flat_map(|(section, shown)| shown.iter().map(move |shown| (section, *shown)));
    first.into_iter().chain(others.map(|(section, shown)| placed(section, shown))).collect()
}

fn is_kept(name: &str) -> bool {
    KEPT.iter().any(|kept| name.starts_with(kept))
}

/// `gmm · ari 0.350 · silhouette 0.110`
fn section(ran: &Ran, numbers: &Numbers, clusterer: &str) -> String {
    let told = |metric: &&str| {
        let value = (*numbers.metrics.get(&format!("{}.{clusterer}.{metric}", ran.outline.shown.name))?)?;
        Some(format!("{metric} {}", shown_number(value)))
    };
    std::iter::once(clusterer.to_owned()).chain(TOLD.iter().filter_map(told)).collect::<Vec<_>>().join(" · ")
}

fn picture(section: &str, shown: &Shown, on_page: bool) -> page::Figure {
    let name = &shown.name;
    let title = shown.figure.data["caption"]["title"].as_str().unwrap_or(name).to_owned();
    let svg = if on_page { shown.figure.svg.clone() } else { String::new() };
    page::Figure {
        id: name.clone(),
        section: section.to_owned(),
        title,
        how_to_read: how_to_read(name).to_owned(),
        svg,
    }
}

/// What a good one looks like, and what to be alarmed by.
fn how_to_read(name: &str) -> &'static str {
    match name {
        _ if name.starts_with("latent_space_genre") => {
            "Good: islands of one genre with musical neighbours. Distances between islands mean nothing in t-SNE."
        }
        _ if name.starts_with("latent_space_language") => {
            "If the islands are languages, the model has learned the language and not the music."
        }
        _ if name.starts_with("latent_space_split") => {
            "Good: train, val and test lie among each other. Held-out tracks that lie apart were learned by heart or are other music."
        }
        _ if name.starts_with("latent_space_cluster") => {
            "The same points, coloured by what the clusterer found without labels."
        }
        "modalities" => {
            "Fusion is worth it if latent beats audio and text, and shuffled does not. Good: accuracy falls slowly as lyrics go missing."
        }
        _ if name.starts_with("top_words") => {
            "What each cluster is about. Good: words of one subject. Alarm: rows of one language each, or fillers."
        }
        "genre_distribution" | "language_distribution" => {
            "How many tracks there are of each. Classes of a handful are found by luck only."
        }
        "training_loss" => {
            "Good: reconstruction falls, KL rises and settles, validation stays close to training. KL falling to 0 is collapse. Where tracks are told apart: the share of chance falls towards 0, accuracies rise."
        }
        "refinement" => {
            "Good: sharpness rises towards 1, the squared error hardly. Alarm: the discriminator's loss at 0, it has won and teaches nothing."
        }
        "reconstructions" => {
            "Good: harmonics and onsets are kept and the difference looks like noise. The same blur for every input is collapse."
        }
        "latent_traversal" => {
            "Good: each row changes one thing, smoothly. A row that does not change is a dead dimension."
        }
        "latent_interpolation" => {
            "Good: the way from one track to the other is smooth, and its middle still looks like music."
        }
        "generated_grid" => {
            "Good: columns share a gesture (the code), rows a sound (the class). Equal rows: the class is ignored. Equal columns: the code is."
        }
        "views" => {
            "Good: you would still know the track in both views. A change that hides what you care about teaches the encoder to ignore it."
        }
        "kl_per_dimension" => "Good: a knee, with several dimensions well above the line. All near 0 is collapse.",
        _ if name.starts_with("contingency") => {
            "Good: one strong cell in each row. One row that holds everything means the clusters are not genres."
        }
        _ if name.starts_with("composition") => {
            "Good: few colours in a bar. Bars that all look like the whole set are no better than chance."
        }
        _ if name.starts_with("silhouettes") => {
            "Good: broad blocks that reach beyond the line. Bars below 0 sit nearer another cluster. It does not rank representations."
        }
        _ if name.starts_with("structure") => {
            "Where the algorithm cut. A tree that joins one genre before others keeps it together; a curve with a clear bend has a natural radius."
        }
        _ if name.starts_with("number_of_clusters") => {
            "Chosen without labels. A flat curve means the data do not prefer a number."
        }
        _ if name.starts_with("metrics") => {
            "Believe a difference only where the whiskers are apart; the grey bars are what luck scores."
        }
        _ => "",
    }
}
