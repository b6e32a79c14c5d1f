//! Arguments, subcommands, exit statuses.

pub mod classify;
pub mod exit;
pub mod explain;
mod in_order;
mod table;
pub mod verdict_row;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// To be merged with the whole command line.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Classify(classify::ClassifyArgs),
    Explain(explain::ExplainArgs),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = arguments.config.as_deref();
    let ended = match &arguments.command {
        Command::Classify(args) => classify::run(args, config),
        Command::Explain(args) => explain::run(args, config),
    };
    ended.unwrap_or_else(|error| exit::tell(&error)).into()
}
