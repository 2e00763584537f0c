//! The options that say where and on what to compute; none of them changes a result.

use super::stop::Stop;
use crate::experiment::{DeviceChoice, Setup};
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Where and on what to compute.
#[derive(Args, Debug)]
pub struct Where {
    /// Threads to use; all cores if not given. The results are the same for any number
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// What to train on
    #[arg(long, value_enum, default_value_t)]
    pub device: Device,
    /// Where run folders are
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub runs: PathBuf,
    /// Where results are cached
    #[arg(long, value_name = "DIR", default_value = "data/cache")]
    pub cache: PathBuf,
}

/// What to train on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// A GPU if this build and this machine have one
    #[default]
    Auto,
    /// The processor
    Cpu,
    /// A GPU; an error if there is none
    Cuda,
}

impl Where {
    /// The setup of a study. Sets the number of threads for the whole process.
    ///
    /// # Errors
    /// `--device cuda` in a build that has no CUDA; threads that cannot be started.
    pub fn setup(&self) -> Result<Setup, Stop> {
        if self.device == Device::Cuda && !cfg!(feature = "cuda") {
            return Err(Stop::usage(
                "this build has no CUDA: build it with `cargo build --release --features cuda`, or leave --device out",
            ));
        }
        set_threads(self.jobs)?;
        Ok(Setup { runs: self.runs.clone(), cache: self.cache.clone(), device: self.device.into() })
    }
}

/// `jobs`, else what the user's environment says, else one a core: for rayon and for candle alike.
fn set_threads(jobs: Option<NonZeroUsize>) -> Result<(), Stop> {
    const VARIABLE: &str = "RAYON_NUM_THREADS";
    let asked = std::env::var(VARIABLE).ok().and_then(|text| text.parse().ok());
    let threads = jobs.or(asked).or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    // SAFETY: commands begin with their setup. The only other thread by then waits for signals and reads no environment.
    #[expect(unsafe_code, reason = "without the variable candle counts the cores in /proc/cpuinfo at every product")]
    unsafe {
        std::env::set_var(VARIABLE, threads.to_string());
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
    // A pool that exists already was made by an earlier setup of this process, with the same number.
    if jobs.is_some() {
        pool.map_err(|error| Stop::usage(format!("cannot start {threads} threads: {error}")))
    } else {
        Ok(())
    }
}

impl From<Device> for DeviceChoice {
    fn from(device: Device) -> DeviceChoice {
        match device {
            Device::Auto => DeviceChoice::Auto,
            Device::Cpu => DeviceChoice::Cpu,
            Device::Cuda => DeviceChoice::Cuda,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(not(feature = "cuda"))]
    fn cuda_in_a_build_without_it_names_the_feature() {
        let wanted = Where { jobs: None, device: Device::Cuda, runs: "runs".into(), cache: "cache".into() };
        let Err(stop) = wanted.setup() else { panic!("this build has no CUDA") };
        assert!(stop.to_string().contains("--features cuda") && stop.code() == 2);
    }
}
