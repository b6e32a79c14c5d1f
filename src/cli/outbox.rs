//! `amicable outbox`: replies on their way, without a screen.

use std::path::Path;
use std::sync::{Arc, mpsc};

use anyhow::{Context, Result};
use clap::Args;
use jiff::{Timestamp, Zoned, tz::TimeZone};

use super::classify::{engine, settings};
use super::exit::{Exit, Stop};
use crate::config::Config;
use crate::store::{OutboxItem, OutboxState, Store};
use crate::worker::{Outbox, Passwords, Report, Route, Setup};

/// Replies on their way: list them, send what is due, take one back
#[derive(Debug, Args)]
pub struct OutboxArgs {
    /// Send what is due, file what was sent, then list
    #[arg(long)]
    send: bool,
    /// Take the reply with this number back; it is a draft again
    #[arg(long, value_name = "NUMBER", conflicts_with = "send")]
    take_back: Option<i64>,
}

/// Runs it.
pub fn run(args: &OutboxArgs, config: Option<&Path>) -> Result<Exit> {
    let data = Config::data_dir().map_err(Stop::usage)?;
    let mut store = Store::open(&data)?;
    if let Some(number) = args.take_back {
        let item = store.take_back(number, Timestamp::now())?;
        eprintln!("Reply {number} to {} is a draft again.", recipients(&item));
    }
    let mut status = Exit::Done;
    if args.send {
        let config = settings(config, true)?.context("there is no configuration")?;
        let engine = Arc::new(engine(Some(&config)));
        let setup = Setup { config: Arc::new(config), data, route: Route::Smtp, engine };
        let (say, said) = mpsc::channel();
        Outbox::open(&setup, Arc::new(Passwords::default()))?.work(&say, Zoned::now);
        drop(say);
        for report in said {
            if let Report::Said(words) = report {
                eprintln!("amicable: {words}");
                status = Exit::Failed;
            }
        }
    }
    let items = store.outbox()?;
    for item in items.iter().rev() {
        println!("{}", line(item));
    }
    let now = Timestamp::now();
    let stuck = |item: &OutboxItem| match item.state {
        OutboxState::Queued => item.attempts > 0 && item.not_before > now,
        state => state == OutboxState::Sent,
    };
    if args.send && status == Exit::Done && items.iter().any(stuck) {
        status = Exit::TryAgain;
    }
    Ok(status)
}

/// A reply in one line: number, state, since when, to whom, subject, the last words.
fn line(item: &OutboxItem) -> String {
    let since = item.queued_at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string();
    let words = if item.words.is_empty() { String::new() } else { format!("  ({})", item.words) };
    format!("{:>4}  {:<8} {since}  {}  {}{words}", item.id, item.state, recipients(item), item.draft.subject)
}

fn recipients(item: &OutboxItem) -> String {
    item.outgoing.recipients.join(", ")
}
