//! Arguments, subcommands, exit statuses. Data goes to standard output, everything else to standard error.

pub mod demo;
pub mod outbox;
pub mod session;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::config::{Config, Faults};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// Wrong usage or configuration.
    Usage,
    /// `--fail-on`: such a message was found.
    Found,
    /// A passing fault, of the network for example: try again (`EX_TEMPFAIL` of sysexits.h).
    Passing,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(match status {
            Status::Done => 0,
            Status::Failed => 1,
            Status::Usage => 2,
            Status::Found => 3,
            Status::Passing => 75,
        })
    }
}

/// Triage for the inbox of people who run a business alone: what each client is really asking, why, and a
/// kind, firm reply to start from. Without a command: the daily session.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = false)]
struct Arguments {
    /// The configuration file, in place of ~/.config/amicable/config.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The same on a built-in inbox: no account, nothing leaves this machine
    Demo,
    /// Replies on their way: list them, send what is due, take one back
    Outbox(outbox::OutboxArgs),
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    // Prints help and faults of usage by itself; those end with 2.
    let arguments = Arguments::parse();
    let config = arguments.config.as_deref();
    let outcome = match arguments.command {
        None => session::run(config),
        Some(Command::Demo) => demo::run(),
        Some(Command::Outbox(args)) => outbox::run(&args, config),
    };
    outcome.unwrap_or_else(|fault| report(&fault)).into()
}

/// Says what went wrong; faults of the configuration are faults of usage.
fn report(fault: &anyhow::Error) -> Status {
    match fault.downcast_ref::<Faults>() {
        Some(faults) => {
            eprint!("{faults}");
            Status::Usage
        }
        None => {
            eprintln!("amicable: {fault:#}");
            Status::Failed
        }
    }
}

/// The configuration at the given place, or at the usual one.
fn load_config(path: Option<&std::path::Path>) -> Result<Config> {
    let path = path.map_or_else(Config::default_path, |path| Ok(path.to_owned())).map_err(anyhow::Error::msg)?;
    Ok(Config::load(&path)?)
}
