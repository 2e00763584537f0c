//! Folders that commands write into: new ones only, so that nothing is overwritten.

use crate::engine::Failure;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder holds something already.
#[derive(Debug, thiserror::Error)]
#[error("{} is not empty: name a new folder, nothing is overwritten", folder.display())]
struct NotEmpty {
    folder: PathBuf,
}

/// Refuses a folder that holds something; one that is empty or not there will do.
pub(super) fn must_be_new(folder: &Path) -> Result<(), Failure> {
    match fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        true => Err(Failure::experiment(NotEmpty { folder: folder.to_owned() })),
        false => Ok(()),
    }
}
