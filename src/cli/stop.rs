//! Why a command ended before its end, and the exit code of each reason.

use super::output::{Paint, print_json, say};
use super::problems;
use crate::engine::{Failure, FailureKind};
use crate::experiment::LoadError;
use crate::experiment::Problem;
use serde_json::{Value, json};
use std::io;

/// Why a command ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The command line asks for what cannot be.
    #[error("{0}")]
    Usage(String),
    /// Experiment files or overrides are wrong, each at its place.
    #[error("the experiment is wrong in {} place(s)", .0.len())]
    Problems(Vec<Problem>),
    /// Something failed, of the given class.
    #[error("{message}")]
    Failed {
        /// The class.
        kind: FailureKind,
        /// What happened and what to do.
        message: String,
    },
    /// Stdout cannot be written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// Whoever read stdout has seen enough.
    #[error("the output was closed")]
    ClosedPipe,
    /// All has been said already; this is the exit code.
    #[error("ended with code {0}")]
    Told(u8),
}

impl Stop {
    /// A mistake of the command line.
    pub fn usage(message: impl Into<String>) -> Stop {
        Stop::Usage(message.into())
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Stop::ClosedPipe => 0,
            Stop::Usage(_) | Stop::Problems(_) => 2,
            Stop::Failed { kind, .. } => kind.exit_code(),
            Stop::Output(_) => FailureKind::Io.exit_code(),
            Stop::Told(code) => *code,
        }
    }

    /// Says on stderr what happened, as JSON on stdout too if asked for, and gives the exit code.
    pub fn tell(&self, as_json: bool) -> u8 {
        let paint = Paint::for_stderr();
        match self {
            Stop::ClosedPipe | Stop::Told(_) => return self.code(),
            Stop::Problems(problems) => say(problems::render(problems, paint.is_on()).trim_end()),
            other => say(&format!("{} {other}", paint.bad("error:"))),
        }
        if as_json {
            // The exit code tells of the error even where stdout cannot.
            let _ = print_json(&self.as_json());
        }
        self.code()
    }

    fn as_json(&self) -> Value {
        let problems = if let Stop::Problems(problems) = self { problems.as_slice() } else { &[] };
        json!({ "event": "error", "exit_code": self.code(), "message": self.to_string(), "problems": problems })
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failed { kind: failure.kind, message: failure.to_string() }
    }
}

impl From<LoadError> for Stop {
    fn from(error: LoadError) -> Stop {
        match error {
            LoadError::Problems(problems) => Stop::Problems(problems),
            LoadError::Failure(failure) => failure.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_exit_code() {
        assert_eq!(Stop::usage("x").code(), 2);
        assert_eq!(Stop::from(Failure::data("x")).code(), 3);
        assert_eq!(Stop::from(Failure::new(FailureKind::Diverged, "x")).code(), 4);
        assert_eq!(Stop::Output(io::Error::other("disk full")).code(), 5);
        assert_eq!((Stop::ClosedPipe.code(), Stop::Told(75).code()), (0, 75));
    }

    #[test]
    fn an_error_for_machines_tells_its_code_and_message() {
        let told = Stop::usage("no such file").as_json();
        assert_eq!((told["exit_code"].as_u64(), told["message"].as_str()), (Some(2), Some("no such file")));
    }
}
