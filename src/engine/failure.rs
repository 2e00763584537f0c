//! Why a stage did not give a result, and which of the exit codes that is.

use super::BoxError;
use super::inputs::InputError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{self, ErrorKind};

/// The class of a failure. Environment errors are told apart: they say nothing about the experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The stage itself failed: exit 1.
    Stage,
    /// The experiment asks for what cannot be: exit 2.
    Experiment,
    /// The data is wrong or missing: exit 3.
    Data,
    /// Training left the finite numbers: exit 4.
    Diverged,
    /// Disk full, no permission, too many files: exit 5.
    Io,
    /// The stage was asked to stop and put its work aside: exit 75.
    Interrupted,
}

impl FailureKind {
    /// The exit code of the process.
    pub fn exit_code(self) -> u8 {
        match self {
            FailureKind::Stage => 1,
            FailureKind::Experiment => 2,
            FailureKind::Data => 3,
            FailureKind::Diverged => 4,
            FailureKind::Io => 5,
            FailureKind::Interrupted => 75,
        }
    }
}

/// A failure with its class. Any error turns into one by `?`; an I/O error anywhere in its chain makes it
/// [`FailureKind::Io`], unless it speaks of the bytes that were read (cut short, not what was expected) and not of the
/// reading. An input file that is not there is [`FailureKind::Data`].
#[derive(Debug)]
pub struct Failure {
    /// The class.
    pub kind: FailureKind,
    /// What happened.
    pub source: BoxError,
}

impl Failure {
    /// A failure of the given class.
    pub fn new(kind: FailureKind, source: impl Into<BoxError>) -> Failure {
        Failure { kind, source: source.into() }
    }

    /// The data is wrong or missing.
    pub fn data(source: impl Into<BoxError>) -> Failure {
        Failure::new(FailureKind::Data, source)
    }

    /// The experiment asks for what cannot be.
    pub fn experiment(source: impl Into<BoxError>) -> Failure {
        Failure::new(FailureKind::Experiment, source)
    }

    /// From an error of unknown class.
    pub fn classify(source: BoxError) -> Failure {
        Failure { kind: kind_of(source.as_ref()), source }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::classify(Box::new(error))
    }
}

/// The whole chain of causes on one line, each said once.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.source.to_string();
        f.write_str(&said)?;
        let mut cause = self.source.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !said.contains(&text) {
                write!(f, ": {text}")?;
                said = text;
            }
            cause = error.source();
        }
        Ok(())
    }
}

fn kind_of(error: &(dyn std::error::Error + 'static)) -> FailureKind {
    let chain = || std::iter::successors(Some(error), |error| error.source());
    if chain().filter_map(|error| error.downcast_ref::<InputError>()).any(InputError::is_missing) {
        return FailureKind::Data;
    }
    let trouble = chain().filter_map(|error| error.downcast_ref::<io::Error>()).any(is_trouble);
    if trouble { FailureKind::Io } else { FailureKind::Stage }
}

/// Parsers speak of bad bytes by I/O errors too; those are no trouble of the machine.
fn is_trouble(error: &io::Error) -> bool {
    use ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    !matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot write {name}")]
    struct Wrapped {
        name: &'static str,
        source: io::Error,
    }

    #[test]
    fn an_io_error_deep_in_the_chain_makes_it_io() {
        let failure = Failure::from(Wrapped { name: "x", source: io::Error::other("disk full") });
        assert_eq!(failure.kind, FailureKind::Io);
        assert_eq!(failure.to_string(), "cannot write x: disk full");
        assert_eq!(Failure::from(std::fmt::Error).kind, FailureKind::Stage);
    }

    #[test]
    fn every_trouble_of_the_machine_is_io_and_bad_bytes_are_not() {
        for code in [28, 122, 24, 23, 12, 5, 116, 30, 13] {
            // ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EIO, ESTALE, EROFS, EACCES on Linux
            let source = io::Error::from_raw_os_error(code);
            assert_eq!(Failure::from(Wrapped { name: "x", source }).kind, FailureKind::Io, "errno {code}");
        }
        for kind in [ErrorKind::UnexpectedEof, ErrorKind::InvalidData] {
            assert_eq!(Failure::from(Wrapped { name: "x", source: kind.into() }).kind, FailureKind::Stage);
        }
    }
}
