//! `runner repro RUN`: the same experiment again without the cache, byte for byte.

use super::output::{Paint, print, print_pretty};
use super::progress;
use super::setup::Where;
use super::signals;
use super::stop::Stop;
use crate::engine::Interrupt;
use crate::experiment;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Options of a reproduction.
#[derive(Args, Debug)]
pub struct Repro {
    /// The run folder, or its name
    #[arg(value_name = "RUN")]
    run: PathBuf,
    #[command(flatten)]
    place: Where,
    /// Say only what is wrong and the answer
    #[arg(long)]
    quiet: bool,
    /// Print the answer as JSON
    #[arg(long)]
    pub json: bool,
}

impl Repro {
    /// Computes the run again and says whether it is bit-identical; if not, the exit code is 1.
    ///
    /// # Errors
    /// A folder that is no run; data that is missing; a stage that fails; a difference.
    pub fn obey(&self) -> Result<(), Stop> {
        let setup = self.place.setup()?;
        let screen = if self.quiet || self.json { progress::quiet() } else { progress::for_people(&[]) };
        let outcome = signals::listening(&Vec::new, &Interrupt::default(), || {
            experiment::repro(&self.folder(), &setup, &*screen)
        });
        screen.finish();
        let repro = outcome?;
        self.answer(repro.identical, &repro.differences)?;
        if repro.identical { Ok(()) } else { Err(Stop::Told(1)) }
    }

    /// The run by its path, or by its name below `--runs`.
    fn folder(&self) -> PathBuf {
        let below = self.place.runs.join(&self.run);
        if !self.run.exists() && below.exists() { below } else { self.run.clone() }
    }

    fn answer(&self, identical: bool, differences: &[String]) -> Result<(), Stop> {
        if self.json {
            return print_pretty(&json!({ "run": self.run, "identical": identical, "differences": differences }));
        }
        let paint = Paint::for_stdout();
        let answer = if identical { paint.good("yes") } else { paint.bad("no") };
        let differences: String = differences.iter().map(|difference| format!("  {difference}\n")).collect();
        print(&format!("bit-identical: {answer}\n{differences}"))
    }
}
