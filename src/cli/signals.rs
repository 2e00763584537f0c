//! Signals: trainings put their work aside and open runs are marked as interrupted, so that the same command continues
//! them; a second signal ends at once.

#[cfg(unix)]
pub use unix::listening;

/// Does `work`. Where there are no signals, a stopped run is known by its lock.
#[cfg(not(unix))]
pub fn listening<T>(
    _open: &(dyn Fn() -> Vec<std::path::PathBuf> + Sync),
    _interrupt: &crate::engine::Interrupt,
    work: impl FnOnce() -> T,
) -> T {
    work()
}

#[cfg(unix)]
mod unix {
    use crate::cli::output::{Paint, say};
    use crate::engine::Interrupt;
    use crate::engine::run_folder::mark_interrupted;
    use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
    use signal_hook::flag;
    use signal_hook::iterator::Signals;
    use std::io;
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    /// Whoever sends SIGTERM commonly kills ten seconds later.
    const PATIENCE: Duration = Duration::from_secs(9);
    const HEARD: [i32; 3] = [SIGINT, SIGTERM, SIGUSR1];

    /// 130 if the user interrupted, 75 (try again later) if the machine did: SIGTERM, and SIGUSR1 as Slurm sends it.
    pub(super) fn code(signal: i32) -> i32 {
        if signal == SIGINT { 130 } else { 75 }
    }

    /// Does `work`; a signal meanwhile asks for `interrupt`, marks the run folders that `open` names and ends the process.
    pub fn listening<T>(
        open: &(dyn Fn() -> Vec<PathBuf> + Sync),
        interrupt: &Interrupt,
        work: impl FnOnce() -> T,
    ) -> T {
        let Ok(mut signals) = arm() else { return work() };
        let handle = signals.handle();
        std::thread::scope(|scope| {
            scope.spawn(move || signals.forever().for_each(|signal| end(signal, open, interrupt)));
            let _closed = Closing(handle);
            work()
        })
    }

    /// The second signal of a kind shuts down inside the signal handler, however stuck the process is.
    fn arm() -> io::Result<Signals> {
        for signal in HEARD {
            let heard = Arc::new(AtomicBool::new(false));
            flag::register_conditional_shutdown(signal, code(signal), Arc::clone(&heard))?;
            flag::register(signal, heard)?;
        }
        Signals::new(HEARD)
    }

    /// Ends the listening thread however `work` ended, a panic included: the scope waits for it.
    struct Closing(signal_hook::iterator::Handle);

    impl Drop for Closing {
        fn drop(&mut self) {
            self.0.close();
        }
    }

    #[expect(clippy::exit, reason = "most stages cannot be asked to stop halfway; what they published is safe")]
    fn end(signal: i32, open: &(dyn Fn() -> Vec<PathBuf> + Sync), interrupt: &Interrupt) {
        let folders = open();
        interrupt.ask();
        interrupt.wait(PATIENCE);
        folders.iter().for_each(|folder| mark_interrupted(folder));
        say(&format!(
            "\n{} the same command continues where this one stopped",
            Paint::for_stderr().warn("interrupted:")
        ));
        std::process::exit(code(signal));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_user_and_the_machine_interrupt_with_codes_of_their_own() {
        assert_eq!(unix::code(signal_hook::consts::SIGINT), 130);
        assert_eq!(unix::code(signal_hook::consts::SIGTERM), 75);
        assert_eq!(unix::code(signal_hook::consts::SIGUSR1), 75);
    }

    #[test]
    fn work_is_done_and_the_listener_ends_with_it() {
        assert_eq!(listening(&Vec::new, &crate::engine::Interrupt::default(), || 7), 7);
    }
}
