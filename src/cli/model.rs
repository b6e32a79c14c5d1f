//! `amicable model`: how the readers are trained and measured, and what the owner taught them. Each subcommand is a
//! file in `src/cli/model`.

mod eval;
mod labelled;
mod lessons;
mod train;

use std::path::Path;

use clap::{Args, Subcommand};

use super::exit::Exit;

/// Train, measure and teach the readers
#[derive(Debug, Args)]
pub struct ModelArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Eval(eval::EvalArgs),
    Learn(lessons::LearnArgs),
    Lessons(lessons::ListArgs),
    Forget(lessons::ForgetArgs),
    Reset(lessons::ResetArgs),
    Export(lessons::ExportArgs),
    Import(lessons::ImportArgs),
    Texts(train::TextsArgs),
    Train(train::TrainArgs),
}

/// Runs the command. `config` is the file that the owner named, if one was named.
pub fn run(args: &ModelArgs, config: Option<&Path>) -> anyhow::Result<Exit> {
    match &args.command {
        Command::Eval(args) => eval::run(args, config),
        Command::Learn(args) => lessons::learn(args, config),
        Command::Lessons(args) => lessons::list(args, config),
        Command::Forget(args) => lessons::forget(args, config),
        Command::Reset(args) => lessons::reset(args, config),
        Command::Export(args) => lessons::export(args, config),
        Command::Import(args) => lessons::import(args, config),
        Command::Texts(args) => train::texts(args),
        Command::Train(args) => train::train(args),
    }
}
