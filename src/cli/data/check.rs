//! `runner data check`: what an experiment's data holds, which tracks have no lyrics, and a table to fill them in.

use super::{Calm, Voice};
use crate::cli::output::{print, print_pretty, say, warn};
use crate::cli::stop::Stop;
use crate::experiment::{self, Coverage, DataReport, LyricsReport};
use clap::Args;
use std::path::PathBuf;

/// Files and rows that are named; `--json` names all.
const MOST_NAMED: usize = 10;

/// Options of the check.
#[derive(Args, Debug)]
pub struct Check {
    /// The experiment
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Overrides, such as dataset.folder.root=data/raw/my_set
    #[arg(value_name = "key=value")]
    settings: Vec<String>,
    /// Write a table of the tracks without lyrics (id, path, title, artist, language, lyrics), to be filled in and read as
    /// lyrics by key = "id"
    #[arg(long, value_name = "CSV")]
    fill_in: Option<PathBuf>,
    /// Where results are cached
    #[arg(long, value_name = "DIR", default_value = "data/cache")]
    cache: PathBuf,
    #[command(flatten)]
    pub(super) voice: Voice,
}

impl Check {
    pub(super) fn obey(&self) -> Result<(), Stop> {
        if let Some(word) = self.settings.iter().find(|word| !word.contains('=')) {
            return Err(Stop::usage(format!(
                "`{word}` is no setting: write it as dataset.folder.root=data/raw/my_set"
            )));
        }
        let screen = self.voice.screen();
        let fill_in = self.fill_in.as_deref();
        let checked = experiment::check_data(&self.file, &self.settings, fill_in, &self.cache, &Calm(&*screen));
        screen.finish();
        let report = checked?;
        if self.voice.json {
            return print_pretty(&report);
        }
        if let Some(missing) = &report.synthetic_in_place_of {
            warn(&format!("{} is not there: this is the built-in SYNTHETIC set", missing.display()));
        }
        report.warnings.iter().for_each(|warning| warn(warning));
        print(&text(&report))?;
        if let (Some(tracks), Some(path)) = (report.to_fill_in, fill_in) {
            say(&format!(
                "{}: {tracks} tracks to fill in. Then name it beside the lyrics that there are, with key = \"id\": lyrics = {{ paths = [\"the old ones\", {:?}] }}, without path",
                path.display(),
                path.display().to_string()
            ));
        }
        Ok(())
    }
}

/// The report for people.
fn text(report: &DataReport) -> String {
    let mut lines = vec![format!(
        "dataset {}: {} of {} tracks can be used, {} groups, {} labels",
        report.kind,
        report.tracks,
        report.total,
        report.groups,
        report.labels.len()
    )];
    match &report.lyrics {
        Some(lyrics) => lines.extend(covered(lyrics, report)),
        None => lines.extend(report.labels.iter().map(|(label, of)| format!("  {label}: {}", of.with + of.without))),
    }
    for (what, list) in [("skipped", &report.skipped), ("left out", &report.left_out)] {
        lines.extend((!list.is_empty()).then(|| format!("{what}: {}", list.len())));
        lines.extend(list.iter().take(MOST_NAMED).map(|one| format!("  {}: {}", one.path, one.reason)));
        let more = list.len().saturating_sub(MOST_NAMED);
        lines.extend((more > 0).then(|| format!("  and {more} more (--json names all)")));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn covered(lyrics: &LyricsReport, report: &DataReport) -> Vec<String> {
    let told = |of: &Coverage| format!("{} with lyrics, {} without", of.with, of.without);
    let languages: Vec<String> =
        lyrics.languages.iter().map(|(language, count)| format!("{language} {count}")).collect();
    let languages = if languages.is_empty() { "none".to_owned() } else { languages.join(", ") };
    let first = [format!("lyrics: {}", told(&lyrics.all)), format!("languages: {languages}")];
    first.into_iter().chain(report.labels.iter().map(|(label, of)| format!("  {label}: {}", told(of)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Skipped;
    use std::collections::BTreeMap;

    #[test]
    fn the_report_says_what_is_missing_and_names_the_first_of_many() {
        let of = Coverage { with: 2, without: 1 };
        let skipped = (0..12).map(|n| Skipped { path: format!("f{n}"), reason: "silent".to_owned() }).collect();
        let report = DataReport {
            kind: "paired",
            tracks: 3,
            total: 15,
            skipped,
            left_out: Vec::new(),
            groups: 3,
            labels: BTreeMap::from([("rock".to_owned(), of)]),
            lyrics: Some(LyricsReport { all: of, languages: BTreeMap::from([("bn".to_owned(), 2)]) }),
            warnings: Vec::new(),
            synthetic_in_place_of: None,
            to_fill_in: None,
        };
        let text = text(&report);
        for words in [
            "3 of 15 tracks",
            "lyrics: 2 with lyrics, 1 without",
            "languages: bn 2",
            "  rock: 2 with",
            "f9: silent",
            "2 more",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("f10") && !text.contains("left out"), "{text}");
    }
}
