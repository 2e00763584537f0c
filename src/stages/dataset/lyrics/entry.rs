//! Songs as they are read: what names each, where it stands, its words and what else is known.

use super::sources::Source;
use super::{Lyrics, language, table};
use crate::engine::Failure;
use crate::engine::inputs::InputFile;
use crate::stages::dataset::facts::Facts;
use crate::stages::dataset::listing::label_of;
use crate::stages::dataset::{DatasetError, Read};
use crate::text::{json, utf8};
use std::collections::BTreeSet;
use std::path::Path;

/// One song.
#[derive(Debug)]
pub(in crate::stages::dataset) struct Entry {
    /// What names it, as it is written; None in a table without such a column.
    pub key: Option<String>,
    /// The file's name, as far as messages need it.
    pub file: String,
    /// Its row or entry, from 1; 0 for a file of its own.
    pub row: usize,
    /// Before its id where there are several sources, with a `/`.
    pub prefix: String,
    pub text: Option<String>,
    pub facts: Facts,
}

/// All songs.
#[derive(Debug, Default)]
pub(in crate::stages::dataset) struct Entries {
    pub songs: Vec<Entry>,
    /// Names of the columns of tables.
    pub columns: BTreeSet<String>,
    /// Those of labels.
    pub labels: BTreeSet<String>,
}

impl Entry {
    /// Where it stands, for messages.
    pub(in crate::stages::dataset) fn place(&self) -> String {
        if self.row == 0 { self.file.clone() } else { format!("{} row {}", self.file, self.row) }
    }
}

impl Lyrics {
    /// The songs in `files`, which [`listed`](Lyrics::listed) listed below the same `base`. Cells of the columns `kept` are
    /// metadata, whatever they hold.
    ///
    /// # Errors
    /// Bytes that are no text, tables and maps that cannot be read, with file and row.
    pub(in crate::stages::dataset) fn entries(
        &self,
        base: Option<&Path>,
        files: &[InputFile],
        read: &Read,
        kept: &[String],
    ) -> Result<Entries, Failure> {
        let (sources, mut all) = (self.sources(), Entries::default());
        let is_met = |source: &&Source| files.iter().any(|file| source.holds(base, file).is_some());
        let are_several = sources.iter().filter(is_met).count() > 1;
        for source in &sources {
            for (file, below) in files.iter().filter_map(|file| Some((file, source.holds(base, file)?))) {
                let (bytes, before) = (read(file)?, all.songs.len());
                add(&mut all, source.settings, file, below, &bytes, kept).map_err(Failure::data)?;
                let prefix = if are_several { format!("{}/", source.stem()) } else { String::new() };
                all.songs[before..].iter_mut().for_each(|song| song.prefix.clone_from(&prefix));
            }
        }
        Ok(all)
    }
}

/// Adds the songs of one file: a text below a folder, a map, or a table.
fn add(
    all: &mut Entries,
    settings: &Lyrics,
    file: &InputFile,
    below: &str,
    bytes: &[u8],
    kept: &[String],
) -> Result<(), DatasetError> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let wrong = |problem| DatasetError::Text { file: name.to_owned(), problem };
    match below {
        "" if name.to_ascii_lowercase().ends_with(".json") => {
            let entries = json::parse(bytes).map_err(wrong)?;
            all.songs.extend((1..).zip(entries).map(|(row, (id, text))| alone(settings, name, row, &id, None, &text)));
        }
        "" => table::add(all, settings, name, bytes, kept)?,
        below => {
            let text = utf8::text(bytes).map_err(wrong)?;
            all.songs.push(alone(settings, below, 0, below, label_of(below), text));
        }
    }
    Ok(())
}

/// A song of which only its name is known, and perhaps a label.
fn alone(settings: &Lyrics, file: &str, row: usize, key: &str, label: Option<&str>, text: &str) -> Entry {
    let text = Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let code = settings.language.as_deref().filter(|word| language::is_code(word)).map(language::code);
    let language = code.or_else(|| language::detected(text.as_deref()?));
    let facts = Facts { label: label.map(str::to_owned), language, ..Facts::default() };
    Entry { key: Some(key.to_owned()), file: file.to_owned(), row, prefix: String::new(), text, facts }
}
