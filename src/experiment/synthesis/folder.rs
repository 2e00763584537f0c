//! Clips as a folder: WAV files, and what each is as CSV and JSON.

use super::Made;
use crate::engine::cache::random_name;
use crate::engine::{Failure, Files};
use crate::experiment::export::publish;
use crate::experiment::load::LoadError;
use crate::experiment::new_folder::must_be_new;
use crate::experiment::outcome::cells::{csv_of, safe};
use std::fs;
use std::path::Path;

/// Writes `made` into `folder` with `generated.csv` and `generated.json`. A new folder appears whole or not at all; into one
/// that holds something nothing is written unless `replace`, and then each file is replaced in one step.
///
/// # Errors
/// The folder holds something, or cannot be written.
pub fn write_generated(made: &[Made], folder: &Path, replace: bool) -> Result<(), LoadError> {
    let files = files(made)?;
    match must_be_new(folder) {
        Ok(()) => Ok(publish(folder, &files)?),
        Err(_) if replace => Ok(replaced(folder, &files)?),
        Err(taken) => Err(taken.into()),
    }
}

/// Refuses `folder` before anything is computed.
///
/// # Errors
/// It holds something and nothing is to be replaced.
pub fn check_generated(folder: &Path, replace: bool) -> Result<(), LoadError> {
    if replace { Ok(()) } else { Ok(must_be_new(folder)?) }
}

fn files(made: &[Made]) -> Result<Files, Failure> {
    let row = |each: &Made| {
        let texts = [safe(each.genre.as_deref().unwrap_or("")), safe(&each.code)];
        let numbers = [format!("{:.3}", each.seconds), each.rate_hz.to_string()];
        std::iter::once(each.file.clone()).chain(texts).chain(numbers).collect()
    };
    let listing = csv_of(&["file", "genre", "code", "seconds", "rate_hz"], made.iter().map(row))?;
    let mut files = Files::new().with("generated.csv", listing);
    files = files.with_json("generated.json", &made).map_err(Failure::classify)?;
    made.iter().for_each(|each| files.insert(&each.file, each.wav.clone()));
    Ok(files)
}

/// Each file is written beside and renamed: what is there is whole at any time.
fn replaced(folder: &Path, files: &Files) -> Result<(), Failure> {
    for (name, bytes) in files.iter() {
        let draft = folder.join(format!(".{name}-{}", random_name()));
        let write = fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, folder.join(name)));
        write.inspect_err(|_| drop(fs::remove_file(&draft)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(wav: &[u8]) -> Vec<Made> {
        let (file, code) = ("jazz_00.wav".to_owned(), "=draw".to_owned());
        vec![Made { file, genre: Some("jazz".into()), code, seconds: 1.5, rate_hz: 8000, wav: wav.to_vec() }]
    }

    #[test]
    fn a_folder_appears_whole_and_nothing_is_written_over_unasked() {
        let parent = std::env::temp_dir().join(format!("runner-generated-{}", random_name()));
        let folder = parent.join("out");
        write_generated(&made(b"first"), &folder, false).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
        let listing = fs::read_to_string(folder.join("generated.csv")).unwrap();
        assert_eq!(listing, "file,genre,code,seconds,rate_hz\njazz_00.wav,jazz,'=draw,1.500,8000\n");
        assert!(write_generated(&made(b"second"), &folder, false).is_err());
        assert_eq!(fs::read(folder.join("jazz_00.wav")).unwrap(), b"first");
        fs::write(folder.join("mine.txt"), "kept").unwrap();
        write_generated(&made(b"second"), &folder, true).unwrap();
        assert_eq!(fs::read(folder.join("jazz_00.wav")).unwrap(), b"second");
        assert_eq!((fs::read_dir(&folder).unwrap().count(), fs::read_dir(&parent).unwrap().count()), (4, 1));
        fs::remove_dir_all(parent).unwrap();
    }
}
