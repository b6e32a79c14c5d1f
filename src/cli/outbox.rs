//! `amicable outbox`: replies on their way, without a screen.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, mpsc};

use anyhow::{Context, Result};
use clap::Args;
use jiff::{Timestamp, Zoned, tz::TimeZone};

use super::classify::{EngineChoice, engine, settings};
use super::exit::{Exit, Stop};
use crate::config::Config;
use crate::store::{OutboxItem, OutboxState, Store};
use crate::worker::{Outbox, Report, Route, Setup};

/// Replies on their way: list them, send what is due, take one back
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 done, 1 failed, or a reply failed or is unknown, 2 wrong usage or configuration, \
                        75 not sent or not filed yet, try again."
)]
pub struct OutboxArgs {
    /// Send what is due and file what was sent, then list
    #[arg(long)]
    send: bool,
    /// Take the reply with this number back; it is a draft again
    #[arg(long, value_name = "NUMBER", conflicts_with = "send")]
    take_back: Option<i64>,
    /// List what has been sent and filed, too
    #[arg(long)]
    all: bool,
}

/// Runs it.
pub fn run(args: &OutboxArgs, config: Option<&Path>) -> Result<Exit> {
    let data = Config::data_dir().map_err(Stop::usage)?;
    let mut store = Store::open(&data)?;
    if let Some(number) = args.take_back {
        let item = store.take_back(number, Timestamp::now())?;
        let warning = match item.state {
            OutboxState::Unknown => " The first one may have gone out: sent again, it is a second mail.",
            _ => "",
        };
        eprintln!("Reply {number} to {} is a draft again.{warning}", item.recipients.join(", "));
    }
    let said = if args.send { send(config, data)? } else { Vec::new() };
    for words in &said {
        eprintln!("amicable: {words}");
    }
    let items = store.outbox()?;
    let mut out = io::stdout().lock();
    for item in items.iter().rev().filter(|item| args.all || item.state != OutboxState::Filed) {
        writeln!(out, "{}", line(item))?;
    }
    Ok(if args.send { status(&items, &said) } else { Exit::Done })
}

/// Sends what is due; what went wrong besides.
fn send(config: Option<&Path>, data: std::path::PathBuf) -> Result<Vec<String>> {
    let config = settings(config, true)?.context("there is no configuration")?;
    let engine = Arc::new(engine(Some(&config), EngineChoice::Auto));
    let setup = Setup { config: Arc::new(config), data, route: Route::Smtp, engine };
    let (say, said) = mpsc::channel();
    Outbox::open(&setup, Arc::default(), Arc::default())?.work(&say, Zoned::now);
    drop(say);
    let words = said.into_iter().filter_map(|report| match report {
        Report::Said(words) => Some(words),
        _ => None,
    });
    Ok(words.collect())
}

fn status(items: &[OutboxItem], said: &[String]) -> Exit {
    let now = Timestamp::now();
    let is_stuck = |item: &OutboxItem| matches!(item.state, OutboxState::Failed | OutboxState::Unknown);
    let is_late = |item: &OutboxItem| match item.state {
        OutboxState::Queued => item.attempts > 0 || item.not_before <= now,
        state => state == OutboxState::Sent,
    };
    if items.iter().any(is_stuck) {
        Exit::Failed
    } else if !said.is_empty() || items.iter().any(is_late) {
        Exit::TryAgain
    } else {
        Exit::Done
    }
}

/// A reply in one line: number, state, since when, to whom, subject, the last words.
fn line(item: &OutboxItem) -> String {
    let since = item.queued_at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string();
    let words = if item.words.is_empty() { String::new() } else { format!("  ({})", item.words) };
    let to = item.recipients.join(", ");
    format!("{:>4}  {:<8} {since}  {to}  {}{words}", item.id, item.state.word(), item.draft.subject)
}
