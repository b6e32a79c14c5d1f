//! How a command ends: its exit status, and errors that know theirs.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// The exit statuses of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// Wrong usage or configuration; as clap has it.
    Usage = 2,
    /// What was asked about was found (`--fail-on`).
    Found = 3,
    /// A passing fault, such as no network: try again (`EX_TEMPFAIL` of sysexits.h).
    TryAgain = 75,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// An error that decides the exit status.
#[derive(Debug)]
pub struct Stop {
    /// The status.
    pub exit: Exit,
    /// What is wrong and the way out; may have several lines.
    pub what: String,
}

impl Stop {
    /// Wrong usage or configuration.
    pub fn usage(what: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, what: what.into() }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what.trim_end())
    }
}

impl std::error::Error for Stop {}

/// Says an error on standard error and gives the status it asks for. A reader that went away (`| head`) is no
/// error and nothing is said.
pub fn tell(error: &anyhow::Error) -> Exit {
    if is_broken_pipe(error) {
        return Exit::Done;
    }
    // Where standard error is closed nobody can be told.
    let _ = writeln!(io::stderr(), "amicable: {error:#}");
    error.downcast_ref::<Stop>().map_or(Exit::Failed, |stop| stop.exit)
}

/// Whether the reader of the output went away.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kinds = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    kinds.into_iter().any(|kind| kind == io::ErrorKind::BrokenPipe)
}
