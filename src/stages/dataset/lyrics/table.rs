//! A table of lyrics: one song a row, its columns found by name.

use super::Lyrics;
use super::entry::{Entries, Entry};
use super::language::{self, Language};
use crate::stages::dataset::DatasetError;
use crate::stages::dataset::conventions::IDS;
use crate::stages::dataset::facts::FactColumns;
use crate::stages::dataset::sheet::{Row, Sheet, TableError, dialect};
use crate::text::table::{Layout, parse};
use crate::text::utf8;

const TEXTS: [&str; 4] = ["lyrics", "text", "lyric", "lyrics_text"];
const TITLES: [&str; 5] = ["title", "song_title", "track_title", "song_name", "track_name"];

/// Columns by what they are.
struct Columns {
    id: Option<usize>,
    text: usize,
    title: Option<usize>,
    language: Language,
    facts: FactColumns,
}

/// Adds the songs of the table in `bytes`, which `file` names. Cells of the columns `kept` are metadata, whatever they hold.
///
/// # Errors
/// Bytes that are no table, columns that are not there, a label that is none.
pub(super) fn add(
    all: &mut Entries,
    settings: &Lyrics,
    file: &str,
    bytes: &[u8],
    kept: &[String],
) -> Result<(), DatasetError> {
    let wrong = |problem| DatasetError::Table { file: file.to_owned(), problem };
    let text_wrong = |problem| DatasetError::Text { file: file.to_owned(), problem };
    let text = utf8::text(bytes).map_err(text_wrong)?;
    let sheet = Sheet::of(parse(text.as_bytes(), &layout(settings, text)?).map_err(text_wrong)?);
    if sheet.rows.is_empty() {
        return Err(wrong(TableError::Empty));
    }
    let none = || DatasetError::NoText { file: file.to_owned(), known: sheet.known() };
    let text = sheet.named(settings.text.as_deref(), &TEXTS).map_err(wrong)?.ok_or_else(none)?;
    let columns = Columns::find(&sheet, settings, text, kept).map_err(wrong)?;
    all.columns.extend(sheet.header.iter().cloned());
    all.labels.extend(columns.facts.label.map(|column| sheet.header[column].clone()));
    let song = |(row, line): (usize, &Row)| columns.song(&sheet, file, row, line);
    all.songs.extend((1..).zip(&sheet.rows).map(song));
    Ok(())
}

/// How the table is written, as the settings say or as its first row shows.
fn layout(settings: &Lyrics, text: &str) -> Result<Layout, DatasetError> {
    let ascii = |name, given: char| {
        let fit = u8::try_from(given).ok().filter(|byte| byte.is_ascii() && !matches!(byte, b'\n' | b'\r'));
        fit.ok_or(DatasetError::Divider { name, given })
    };
    let quote = ascii("quote", settings.quote.unwrap_or('"'))?;
    let found = || Ok(dialect::delimiter(text.as_bytes(), quote));
    let delimiter = settings.delimiter.map_or_else(found, |given| ascii("delimiter", given))?;
    if delimiter == quote {
        return Err(DatasetError::Divider { name: "delimiter", given: char::from(delimiter) });
    }
    let names = Some(&settings.names).filter(|names| !names.is_empty()).cloned();
    Ok(Layout { delimiter, quote, names })
}

impl Columns {
    fn find(sheet: &Sheet, settings: &Lyrics, text: usize, kept: &[String]) -> Result<Columns, TableError> {
        let id = match &settings.id {
            Some(name) => sheet.named(Some(name), &[])?,
            None => sheet.find(&IDS).filter(|id| *id != text),
        };
        let title = sheet.named(settings.title.as_deref(), &TITLES)?;
        let language = Language::find(sheet, settings)?;
        let label = settings.label.as_deref();
        let mut facts = FactColumns::find(sheet, label, settings.artist.as_deref(), Some(text))?;
        facts.texts.retain(|column| *column != text && Some(*column) != id && Some(*column) != title);
        let kept = kept.iter().filter_map(|name| sheet.find(&[name.as_str()]));
        let new: Vec<usize> = kept.filter(|column| !facts.texts.contains(column)).collect();
        facts.texts.extend(new);
        Ok(Columns { id, text, title, language, facts })
    }

    fn song(&self, sheet: &Sheet, file: &str, row: usize, line: &Row) -> Entry {
        let cell = |column: Option<usize>| column.and_then(|column| line.text(column));
        let text = line.text(self.text).map(str::to_owned);
        let mut facts = self.facts.of(sheet, line);
        let said = match &self.language {
            Language::Column(column) => line.text(*column).map(language::code),
            Language::Code(code) => Some(language::code(code)),
            Language::Unsaid => None,
        };
        facts.language = said.or_else(|| language::detected(text.as_deref()?));
        self.rename_artist(sheet, &mut facts.metadata);
        let title =
            cell(self.title).filter(|title| title.len() <= 200).map(|title| ("title".to_owned(), title.to_owned()));
        facts.metadata.extend(title);
        let key = cell(self.id).map(str::to_owned);
        Entry { key, file: file.to_owned(), row, prefix: String::new(), text, facts }
    }

    /// Who sings is the artist, whatever the column is called.
    fn rename_artist(&self, sheet: &Sheet, metadata: &mut std::collections::BTreeMap<String, String>) {
        let name = self.facts.group.map(|column| sheet.header[column].as_str());
        let artist = name.filter(|name| !name.eq_ignore_ascii_case("group")).and_then(|name| metadata.remove(name));
        metadata.extend(artist.map(|artist| ("artist".to_owned(), artist)));
    }
}
