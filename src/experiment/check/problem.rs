//! One thing that is wrong with an experiment, and the place where it is written.

use std::fmt::{Display, Formatter};
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

/// A mistake, before it is known whether its place lies in the file or on the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Bytes, counted over the file and the overrides laid end to end.
    pub span: Range<usize>,
    /// The dotted path of the value, `model.beta_vae.beta`; empty for the whole file.
    pub key: String,
    /// What is wrong, a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// A mistake with the text it stands in, ready to be shown. Boxed strings keep it small beside the values of a `Result`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// The file as it was named by the user, or `command line`.
    #[serde(rename = "file")]
    pub source_name: Box<str>,
    /// The whole text that `span` points into.
    #[serde(skip)]
    pub text: Arc<str>,
    /// Bytes of `text`.
    #[serde(skip)]
    pub span: Range<usize>,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The dotted path of the value, `model.beta_vae.beta`; empty for the whole file.
    pub key: Box<str>,
    /// What is wrong, a lower-case fragment.
    pub message: Box<str>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// The finding at its place in `text`; `finding.span` counts from the start of `text`.
    pub fn new(source_name: &str, text: &Arc<str>, finding: Finding) -> Problem {
        let span = inside(text, finding.span);
        let before = &text[..span.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Problem {
            source_name: source_name.into(),
            text: Arc::clone(text),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span,
            key: finding.key.into(),
            message: finding.message.into(),
            help: finding.help,
        }
    }
}

/// `path:line:column: message; help`, for logs and for tools that read one line a problem.
impl Display for Problem {
    fn fmt(&self, to: &mut Formatter<'_>) -> std::fmt::Result {
        write!(to, "{}:{}:{}: {}", self.source_name, self.line, self.column, self.message)?;
        self.help.iter().try_for_each(|help| write!(to, "; {help}"))
    }
}

impl std::error::Error for Problem {}

/// The span, cut to the text and moved to character boundaries.
fn inside(text: &str, span: Range<usize>) -> Range<usize> {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, span: Range<usize>) -> (usize, usize) {
        let finding = Finding { span, key: String::new(), message: String::new(), help: None };
        let problem = Problem::new("x.toml", &text.into(), finding);
        (problem.line, problem.column)
    }

    #[test]
    fn columns_are_counted_in_characters() {
        assert_eq!(place("a = 1\nশ = \"গান\" # b", 0..1), (1, 1));
        assert_eq!(place("a = 1\nশ = \"গান\" # b", 9..10), (2, 2));
    }

    #[test]
    fn spans_outside_the_text_are_cut() {
        assert_eq!(place("a\r\nb", 99..120), (2, 2));
        assert_eq!(place("শ", 1..2), (1, 1));
        assert_eq!(place("", 0..0), (1, 1));
    }
}
