//! Problems of experiment files as a person reads them (the line, a caret, a remedy) and as JSON.

use super::output::printable;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::experiment::Problem;

/// Characters that are shown from the start of a mistake on.
const SHOWN_CHARACTERS: usize = 80;
/// A line is cut before its mistake when that stands behind so many bytes.
const LONGEST_START_BYTES: usize = 1000;

/// All problems, one below the other, and their count. `coloured` asks for terminal colours.
pub fn render(problems: &[Problem], coloured: bool) -> String {
    let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
    let mut text: String = problems.iter().map(|problem| one(&renderer, problem) + "\n\n").collect();
    text.push_str(&tally(problems));
    text.push('\n');
    text
}

/// `3 problems in experiments/x.toml`, or in the several places they come from.
fn tally(problems: &[Problem]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for problem in problems {
        if !names.contains(&&*problem.source_name) {
            names.push(&problem.source_name);
        }
    }
    let names: Vec<String> = names.into_iter().map(printable).collect();
    let noun = if problems.len() == 1 { "problem" } else { "problems" };
    let places = match names.as_slice() {
        [names @ .., last] if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        names => names.concat(),
    };
    format!("{} {noun} in {places}", problems.len())
}

fn one(renderer: &Renderer, problem: &Problem) -> String {
    let path = printable(&problem.source_name);
    let title = Level::ERROR.primary_title(printable(&problem.message));
    let help = problem.help.iter().map(|help| Level::HELP.message(printable(help)));
    let origin = || Origin::path(path.clone()).line(problem.line).char_column(problem.column);
    let (line, span, whole) = excerpt(&problem.text, &problem.span);
    let snippet = Snippet::source(line).line_start(problem.line).annotation(AnnotationKind::Primary.span(span));
    let group = match (problem.text.is_empty(), whole) {
        (true, _) => title.element(origin()),
        (false, true) => title.element(snippet.path(path.clone())),
        (false, false) => title.element(origin()).element(snippet),
    };
    renderer.render(&[group.elements(help)])
}

/// The line a span begins in, the span inside it, and whether the line is whole up to the span: a very long one is cut.
fn excerpt(text: &str, span: &Range<usize>) -> (String, Range<usize>, bool) {
    let start = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[span.start..].find(['\n', '\r']).map_or(text.len(), |newline| span.start + newline);
    let whole = span.start - start <= LONGEST_START_BYTES;
    let tail = text[start..span.start].char_indices().rev().nth(SHOWN_CHARACTERS);
    let from = tail.filter(|_| !whole).map_or(start, |(at, _)| start + at);
    let to = text[span.start..end].char_indices().nth(SHOWN_CHARACTERS).map_or(end, |(at, _)| span.start + at);
    let shown = format!("{}{}", &text[from..to], if to < end { "..." } else { "" });
    (shown, span.start - from..span.end.clamp(span.start, to) - from, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The problem of `marked`, which stands in `text` once.
    fn problem(source_name: &str, text: &str, marked: &str, message: &str, help: Option<&str>) -> Problem {
        let start = text.find(marked).unwrap();
        let before = &text[..start];
        Problem {
            source_name: source_name.into(),
            text: text.into(),
            span: start..start + marked.len(),
            line: before.matches('\n').count() + 1,
            column: before.chars().rev().take_while(|&letter| letter != '\n').count() + 1,
            key: "train.stps".into(),
            message: message.into(),
            help: help.map(str::to_owned),
        }
    }

    fn misspelt() -> Problem {
        problem("x.toml", "[train]\nstps = 1\n", "stps", "unknown key `stps`", Some("did you mean `steps`?"))
    }

    #[test]
    fn a_problem_shows_its_line_a_caret_and_a_remedy() {
        let bangla = problem("x.toml", "\r\na = \"গান\" # ক\r\n", "ক", "no", None);
        let typed = problem("command line", "train.steps=eight", "eight", "expected a number", None);
        let expected = [
            "error: unknown key `stps`",
            " --> x.toml:2:1",
            "  |",
            "2 | stps = 1",
            "  | ^^^^",
            "  |",
            "  = help: did you mean `steps`?",
            "",
            "error: no",
            " --> x.toml:2:13",
            "  |",
            "2 | a = \"গান\" # ক",
            "  |            ^",
            "",
            "error: expected a number",
            " --> command line:1:13",
            "  |",
            "1 | train.steps=eight",
            "  |             ^^^^^",
            "",
            "3 problems in x.toml and command line",
            "",
        ];
        assert_eq!(render(&[misspelt(), bangla, typed], false), expected.join("\n"));
    }

    #[test]
    fn one_problem_is_counted_as_one_and_colours_come_when_asked_for() {
        let plain = render(&[misspelt()], false);
        assert!(plain.ends_with("\n1 problem in x.toml\n") && !plain.contains('\u{1b}'), "{plain}");
        assert!(render(&[misspelt()], true).contains("\u{1b}["));
    }

    #[test]
    fn a_long_line_and_control_characters_are_kept_from_the_terminal() {
        let key = "k".repeat(1 << 19);
        let start = render(&[problem("x.toml", &format!("{key} = 1"), &key, "no", None)], false);
        assert!(start.len() < 1000 && start.contains("..."), "{start}");
        let end = render(&[problem("x.toml", &format!("{key} = 1"), "1", "no", None)], false);
        assert!(end.len() < 1000 && end.contains(&format!("x.toml:1:{}", key.len() + 4)), "{end}");
        let escape = problem("\u{1b}[31m.toml", "\u{1b}[31m = \"\u{1b}]0;\"", "]0", "a\u{1b}b", Some("c\u{1b}d"));
        assert!(!render(&[escape], false).contains('\u{1b}'));
    }

    #[test]
    fn a_problem_of_a_file_without_text_names_the_file_alone() {
        let problem = Problem { text: "".into(), span: 0..0, line: 1, column: 1, help: None, ..misspelt() };
        assert_eq!(render(&[problem], false), "error: unknown key `stps`\n--> x.toml:1:1\n\n1 problem in x.toml\n");
    }
}
