//! The one way to stdout and stderr, and the colours of what is said there.

use super::stop::Stop;
use serde::Serialize;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// Writes data to stdout. A closed pipe is no error to talk about: it is [`Stop::ClosedPipe`].
pub fn print(text: &str) -> Result<(), Stop> {
    write_to(&mut io::stdout().lock(), text)
}

/// Writes `value` to stdout as one line of JSON.
pub fn print_json(value: &impl Serialize) -> Result<(), Stop> {
    print(&(serde_json::to_string(value).expect("what commands tell is plain data") + "\n"))
}

/// Writes `value` to stdout as JSON that people can read.
pub fn print_pretty(value: &impl Serialize) -> Result<(), Stop> {
    print(&(serde_json::to_string_pretty(value).expect("what commands tell is plain data") + "\n"))
}

/// Writes a line to stderr. If nobody can hear it, the work still goes on.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Says what the user should know, in yellow.
pub fn warn(message: &str) {
    say(&format!("{} {message}", Paint::for_stderr().warn("warning:")));
}

/// Control characters escaped, so that no file name and no key can command the terminal.
pub fn printable(name: &str) -> String {
    name.chars()
        .flat_map(|letter| if letter.is_control() { letter.escape_default().collect() } else { vec![letter] })
        .collect()
}

fn write_to(out: &mut dyn Write, text: &str) -> Result<(), Stop> {
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Stop::ClosedPipe,
        _ => Stop::Output(error),
    })
}

/// Colours, or none: on a terminal only, and not where `NO_COLOR` is set (<https://no-color.org>).
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// For what is said on stderr.
    pub fn for_stderr() -> Paint {
        Paint { on: io::stderr().is_terminal() && colours_are_welcome() }
    }

    /// For what is printed on stdout.
    pub fn for_stdout() -> Paint {
        Paint { on: io::stdout().is_terminal() && colours_are_welcome() }
    }

    /// No colours.
    #[cfg(test)]
    pub fn none() -> Paint {
        Paint { on: false }
    }

    /// Whether there are colours.
    pub fn is_on(self) -> bool {
        self.on
    }

    /// Green: it went well.
    pub fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    /// Yellow: look at this.
    pub fn warn(self, text: &str) -> String {
        self.with("1;33", text)
    }

    /// Red: it went wrong.
    pub fn bad(self, text: &str) -> String {
        self.with("1;31", text)
    }

    /// Bold: the heading.
    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// Grey: beside the point.
    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Whether stderr is a terminal on which lines can be drawn over.
pub fn can_redraw() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn colours_are_welcome() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_ends_quietly_and_a_full_disk_does_not() {
        assert!(matches!(write_to(&mut Broken(ErrorKind::BrokenPipe), "x"), Err(Stop::ClosedPipe)));
        assert!(matches!(write_to(&mut Broken(ErrorKind::StorageFull), "x"), Err(Stop::Output(_))));
    }

    #[test]
    fn text_arrives_whole() {
        let mut out = Vec::new();
        write_to(&mut out, "latent গান\n").unwrap();
        assert_eq!(out, "latent গান\n".as_bytes());
    }

    #[test]
    fn no_colours_leave_the_text_alone() {
        assert_eq!(Paint::none().bad("x"), "x");
        assert_eq!(Paint { on: true }.good("x"), "\x1b[32mx\x1b[0m");
    }
}
