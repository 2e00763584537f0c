//! The words that people type, the exit code they get back, and nothing else: one file a command.
//!
//! Data goes to stdout, everything else to stderr. Nothing here computes; nothing below here prints.

// What is typed and what is said.
mod arguments;
mod output;
mod problems;
mod setup;
mod signals;
mod stop;
mod units;

// The commands, in the order of the help text.
mod run;

mod members;
mod outcome;
mod progress;

mod plan;

mod status;

mod report;

mod diff;

mod repro;

mod embed;
mod generate;
mod recommend;

mod cache;

mod data;
mod datasets;

mod completions;
mod init;
mod kinds;

use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;
use stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  runner experiments/quickstart.toml
  runner experiments/hard_beta4.toml model.beta_vae.beta=8
  runner 'experiments/sweep_beta/*.toml' seed=[1,2,3]
  runner plan experiments/hard_beta4.toml
  runner report --sort -ari

Exit codes: 0 done, 1 a stage failed, 2 the experiment or the command line is wrong,
3 the data is wrong or missing, 4 training diverged, 5 input or output (disk full, permission),
75 interrupted and resumable, 130 interrupted by the user.
A file that is named like a command is reached by ./NAME.";

/// Music representation-learning experiments: one TOML file in, a finished, cached, reproducible run out
#[derive(Parser)]
#[command(name = "runner", version, arg_required_else_help = true, args_conflicts_with_subcommands = true)]
#[command(after_help = AFTER_HELP, override_usage = "runner FILES... [key=value...] [OPTIONS]\n       runner <COMMAND>")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Run,
}

#[derive(Subcommand)]
enum Command {
    /// Run experiments; the word `run` may be left out
    #[command(hide = true)]
    Run(run::Run),
    /// Show what a run would do and why, and run nothing
    Plan(plan::Plan),
    /// What is running, what stopped, what failed and why
    Status(status::Status),
    /// Compare runs in a table
    Report(report::Report),
    /// What two or more runs do not share: settings, data, code, figures, with a paired test on the same tracks
    Diff(diff::Diff),
    /// Run a run folder's own experiment again without the cache: are the results bit-identical?
    Repro(repro::Repro),
    /// Make sound with a trained run: clips of a genre, a track under another genre, a way between two tracks
    Generate(generate::Generate),
    /// Put sound files through the model of a run, into a store of songs
    Embed(embed::Embed),
    /// The songs that sound most like one, or like several together
    Recommend(recommend::Recommend),
    /// List, check or collect what is cached
    #[command(subcommand)]
    Cache(cache::Cache),
    /// Write the built-in dataset, list the known ones
    #[command(subcommand)]
    Data(data::Data),
    /// Write a new experiment file
    Init(init::Init),
    /// Every kind that an experiment may name, with an example
    Kinds(kinds::Kinds),
    /// Print the JSON Schema of experiment files
    Schema,
    /// Print the completions of a shell
    Completions(completions::Completions),
}

impl Command {
    fn obey(&self) -> Result<(), Stop> {
        match self {
            Command::Run(run) => run.obey(),
            Command::Plan(plan) => plan.obey(),
            Command::Status(status) => status.obey(),
            Command::Report(report) => report.obey(),
            Command::Diff(diff) => diff.obey(),
            Command::Repro(repro) => repro.obey(),
            Command::Generate(generate) => generate.obey(),
            Command::Embed(embed) => embed.obey(),
            Command::Recommend(recommend) => recommend.obey(),
            Command::Cache(cache) => cache.obey(),
            Command::Data(data) => data.obey(),
            Command::Init(init) => init.obey(),
            Command::Kinds(kinds) => kinds.obey(),
            Command::Schema => output::print(&crate::experiment::schema()),
            Command::Completions(completions) => completions.obey(),
        }
    }

    fn json(&self) -> bool {
        match self {
            Command::Run(run) => run.json,
            Command::Plan(plan) => plan.json,
            Command::Status(status) => status.json,
            Command::Report(report) => report.json(),
            Command::Diff(diff) => diff.json,
            Command::Repro(repro) => repro.json,
            Command::Generate(generate) => generate.json,
            Command::Embed(embed) => embed.json,
            Command::Recommend(recommend) => recommend.json,
            Command::Cache(cache) => cache.json(),
            Command::Data(data) => data.json(),
            Command::Init(init) => init.json,
            Command::Kinds(kinds) => kinds.json,
            Command::Schema | Command::Completions(_) => false,
        }
    }
}

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    hush_decoders();
    ExitCode::from(code_of(std::env::args_os()))
}

/// A decoder of a third party may panic on a broken file. That is caught and told as the file's fault, so the trace of it
/// is nothing that a user should see. All other panics are ours and are shown.
fn hush_decoders() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let of_decoder = panic.location().is_some_and(|place| place.file().contains("symphonia"));
        if !of_decoder {
            usual(panic);
        }
    }));
}

/// The exit code of the program for `arguments`, the program's name first.
fn code_of(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let command = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli.command.unwrap_or(Command::Run(cli.run)),
        Err(error) => return not_understood(&error),
    };
    match command.obey() {
        Ok(()) => 0,
        Err(stop) => stop.tell(command.json()),
    }
}

/// Help and version are data; everything else that clap says is a mistake.
fn not_understood(error: &clap::Error) -> u8 {
    // A closed pipe ends quietly here too.
    let _ = error.print();
    if error.use_stderr() { 2 } else { 0 }
}

/// The names of all commands that are shown.
fn command_names() -> Vec<String> {
    let shown = |command: &&clap::Command| !command.is_hide_set();
    Cli::command().get_subcommands().filter(shown).map(|command| command.get_name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn clap_finds_no_fault_in_the_commands() {
        Cli::command().debug_assert();
    }

    #[test]
    fn files_without_a_command_are_run() {
        let cli = parsed("runner a.toml b.toml model.beta=4 --jobs 2 --dry-run").unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.run.words, ["a.toml", "b.toml", "model.beta=4"]);
        assert!(cli.run.dry_run);
    }

    #[test]
    fn a_first_word_that_is_a_command_is_the_command() {
        assert!(matches!(parsed("runner plan a.toml").unwrap().command, Some(Command::Plan(_))));
        let file = parsed("runner ./plan").unwrap();
        assert!(file.command.is_none() && file.run.words == ["./plan"]);
    }

    #[test]
    fn a_leading_minus_sorts_the_other_way_round() {
        let cli = parsed("runner report --sort -ari,nmi --where beta>=2 --format md").unwrap();
        assert!(matches!(cli.command, Some(Command::Report(_))));
    }

    #[test]
    fn unknown_options_and_values_end_with_two() {
        let code = |line: &str| code_of(line.split(' ').map(OsString::from));
        assert_eq!(code("runner --lauchner x"), 2);
        assert_eq!(code("runner a.toml --jobs 0"), 2);
        assert_eq!(code("runner a.toml --device tpu"), 2);
        assert_eq!(code("runner definitely_not_there.toml"), 2);
    }
}
