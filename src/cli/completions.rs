//! `runner completions SHELL`.

use super::output::print;
use super::stop::Stop;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Which shell.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the completions.
    ///
    /// # Errors
    /// Stdout that cannot be written.
    pub fn obey(&self) -> Result<(), Stop> {
        print(&script(self.shell))
    }
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::Cli::command(), "runner", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_shell_completes_the_commands() {
        for shell in Shell::value_variants() {
            let script = script(*shell);
            assert!(script.contains("report") && script.contains("completions"), "{shell}");
        }
    }
}
