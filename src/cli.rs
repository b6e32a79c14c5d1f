//! Arguments, subcommands, exit statuses. Data goes to standard output, everything else to standard error.

mod book;
pub mod check;
pub mod classify;
pub mod clients;
pub mod commitments;
pub mod demo;
pub mod exit;
pub mod explain;
mod in_order;
pub mod model;
pub mod outbox;
pub mod policy;
pub mod reflect;
pub mod report;
pub mod session;
mod table;
pub mod templates;
pub mod verdict_row;
pub mod waiting;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Triage for the inbox of people who run a business alone: what each client is really asking, why, and a
/// kind, firm reply to start from. Without a command: the daily session
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file, in place of ~/.config/amicable/config.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Classify(classify::ClassifyArgs),
    Explain(explain::ExplainArgs),
    Check(check::CheckArgs),
    Outbox(outbox::OutboxArgs),
    Commitments(commitments::CommitmentsArgs),
    Clients(clients::ClientsArgs),
    Waiting(waiting::WaitingArgs),
    Notices(waiting::NoticesArgs),
    Report(report::ReportArgs),
    Reflect(reflect::ReflectArgs),
    Policy(policy::PolicyArgs),
    Templates(templates::TemplatesArgs),
    Model(model::ModelArgs),
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    // Prints help and faults of usage by itself; those end with 2.
    let arguments = Arguments::parse();
    let config = arguments.config.as_deref();
    let ended = match &arguments.command {
        None => session::run(config),
        Some(Command::Demo(args)) => demo::run(args),
        Some(Command::Classify(args)) => classify::run(args, config),
        Some(Command::Explain(args)) => explain::run(args, config),
        Some(Command::Check(args)) => check::run(args, config),
        Some(Command::Outbox(args)) => outbox::run(args, config),
        Some(Command::Commitments(args)) => commitments::run(args, config),
        Some(Command::Clients(args)) => clients::run(args, config),
        Some(Command::Waiting(args)) => waiting::run(args, config),
        Some(Command::Notices(args)) => waiting::run_notices(args, config),
        Some(Command::Report(args)) => report::run(args, config),
        Some(Command::Reflect(args)) => reflect::run(args, config),
        Some(Command::Policy(args)) => policy::run(args, config),
        Some(Command::Templates(args)) => templates::run(args, config),
        Some(Command::Model(args)) => model::run(args, config),
    };
    ended.unwrap_or_else(|error| exit::tell(&error)).into()
}
