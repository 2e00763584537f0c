//! Files that settings of text features name: lists of stop words. They count by content, not by place.

use super::text::TextFeatures;
use crate::engine::Failure;
use crate::engine::inputs::{InputFile, hash_inputs, read_input};
use crate::text::{TextError, utf8};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was found where the settings say.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TextInputs {
    /// The file of stop words, if one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_words: Option<InputFile>,
    #[serde(skip)]
    root: PathBuf,
}

impl TextInputs {
    /// Hashes the files that `text` names; `cache_root` keeps the memo.
    ///
    /// # Errors
    /// A file is not there, or cannot be read.
    pub fn of(text: &TextFeatures, cache_root: &Path) -> Result<TextInputs, Failure> {
        let Some(path) = text.stop_words.file() else { return Ok(TextInputs::default()) };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let root = path.parent().filter(|root| !root.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let stop_words = hash_inputs(&root, &[name], cache_root)?.into_iter().next();
        Ok(TextInputs { stop_words, root })
    }

    /// The text of the file of stop words; empty if none is named.
    ///
    /// # Errors
    /// It has changed since it was hashed, or is no text.
    pub(super) fn stop_words(&self) -> Result<String, Failure> {
        let Some(file) = &self.stop_words else { return Ok(String::new()) };
        let bytes = read_input(&self.root, file)?;
        let told = |problem| Failure::data(NoList { file: file.path.clone(), problem });
        Ok(utf8::text(&bytes).map_err(told)?.to_owned())
    }
}

/// A list of stop words cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("features.text.stop_words: {file}: {problem}")]
struct NoList {
    file: String,
    problem: TextError,
}
