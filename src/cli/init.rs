//! `runner init`: a new experiment file that runs at once.

use super::output::{print, print_json, say};
use super::stop::Stop;
use crate::engine::FailureKind;
use crate::engine::inputs::folder_of;
use crate::experiment;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The schema beside the experiment, so that editors complete and check it without a network.
const SCHEMA: &str = "schema.json";
/// What stands in templates for the experiment's name.
const NAME: &str = "NAME";

/// Options of a new experiment.
#[derive(Args, Debug)]
pub struct Init {
    /// Where to write; `-` for stdout
    #[arg(value_name = "PATH", default_value = "experiment.toml")]
    path: PathBuf,
    /// What to begin with
    #[arg(long, value_enum, default_value_t)]
    template: Template,
    /// Print what was written as JSON
    #[arg(long)]
    pub json: bool,
}

/// Experiments to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// Seconds: MFCC statistics of the built-in set, a small β-VAE
    #[default]
    Quickstart,
    /// β-VAE with an MLP on MFCC statistics of a folder of WAV files
    BetaVae,
    /// VAE with convolutions on log-mel spectrograms
    ConvVae,
    /// SimCLR: an encoder that learns without labels which songs sound alike
    Contrastive,
    /// Autoencoder without noise, the baseline of the VAEs
    Autoencoder,
    /// VAE on a table of features computed elsewhere, such as GTZAN's
    FeatureTable,
    /// VAE on a table of lyrics
    Lyrics,
    /// Sound and lyrics of the same tracks, joined by a key
    Fusion,
}

impl Template {
    fn text(self) -> &'static str {
        match self {
            Template::Quickstart => include_str!("templates/quickstart.toml"),
            Template::BetaVae => include_str!("templates/beta_vae.toml"),
            Template::ConvVae => include_str!("templates/conv_vae.toml"),
            Template::Autoencoder => include_str!("templates/autoencoder.toml"),
            Template::Contrastive => include_str!("templates/contrastive.toml"),
            Template::FeatureTable => include_str!("templates/feature_table.toml"),
            Template::Lyrics => include_str!("templates/lyrics.toml"),
            Template::Fusion => include_str!("templates/fusion.toml"),
        }
    }

    /// The experiment, called `name`.
    fn experiment(self, name: &str) -> String {
        self.text().replace(NAME, name)
    }
}

impl Init {
    /// Writes the experiment, and the schema beside it if none is there.
    ///
    /// # Errors
    /// A file of that name that is there already: nothing is ever overwritten.
    pub fn obey(&self) -> Result<(), Stop> {
        if self.path == Path::new("-") {
            return print(&self.template.experiment("experiment"));
        }
        create(&self.path, &self.template.experiment(&name_of(&self.path)))?;
        let schema = self.path.with_file_name(SCHEMA);
        if !schema.exists() {
            create(&schema, &experiment::schema())?;
        }
        if self.json {
            return print_json(&json!({ "experiment": self.path, "schema": schema }));
        }
        say(&format!("wrote {}; run it with: runner {}", self.path.display(), self.path.display()));
        Ok(())
    }
}

/// The file's name as that of an experiment: run folders are named by it.
fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || "_-".contains(letter) { letter } else { '_' };
    let name: String = stem.chars().map(plain).collect();
    if name.is_empty() { "experiment".to_owned() } else { name }
}

fn create(path: &Path, text: &str) -> Result<(), Stop> {
    let folder = folder_of(path);
    let written = fs::create_dir_all(folder)
        .and_then(|()| File::create_new(path))
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| not_written(path, &error))
}

fn not_written(path: &Path, error: &io::Error) -> Stop {
    match error.kind() {
        ErrorKind::AlreadyExists => Stop::usage(format!("{} is there already: name another file", path.display())),
        _ => Stop::Failed { kind: FailureKind::Io, message: format!("cannot write {}: {error}", path.display()) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cache::random_name;

    #[test]
    fn every_template_is_an_experiment() {
        let folder = std::env::temp_dir().join(format!("runner-init-{}", random_name()));
        for template in Template::value_variants() {
            let path = folder.join(format!("{template:?}.toml"));
            Init { path: path.clone(), template: *template, json: false }.obey().unwrap();
            let Ok(members) = experiment::members(&[path], &[]) else { panic!("{template:?} is wrong") };
            assert_eq!(members[0].name, format!("{template:?}"));
        }
        assert!(folder.join(SCHEMA).is_file());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn nothing_is_overwritten() {
        let path = std::env::temp_dir().join(format!("runner-init-{}.toml", random_name()));
        fs::write(&path, "mine").unwrap();
        let stop = Init { path: path.clone(), template: Template::default(), json: false }.obey().unwrap_err();
        assert_eq!((stop.code(), fs::read_to_string(&path).unwrap().as_str()), (2, "mine"));
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn names_are_fit_for_folders() {
        assert_eq!(name_of(Path::new("a b/গান 4.toml")), "____4");
        assert_eq!(name_of(Path::new("experiments/hard_beta4.toml")), "hard_beta4");
    }
}
