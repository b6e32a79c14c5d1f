//! `amicable commitments`: who is owed what by when, without a screen; and as a calendar.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use icalendar::Component as _;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::Serialize;

use super::classify::settings;
use super::exit::{Exit, Stop};
use crate::boundary::Calendar;
use crate::config::Config;
use crate::ledger::commitment::{due, lateness};
use crate::ledger::{Commitment, CommitmentState, Party};
use crate::store::Store;

/// Who is owed what by when
#[derive(Debug, Args)]
pub struct CommitmentsArgs {
    #[command(subcommand)]
    command: Option<Command>,
    /// Those that are kept or released, too
    #[arg(long)]
    all: bool,
    /// How to print them; ics is a calendar file
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Ics,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// It is done
    Kept {
        /// Its number in the list
        number: i64,
    },
    /// It is not owed any more
    Released {
        /// Its number in the list
        number: i64,
    },
    /// It is owed after all
    Reopen {
        /// Its number in the list
        number: i64,
    },
    /// It will be done by another day. The client is not told by this
    Move {
        /// Its number in the list
        number: i64,
        /// The new day, such as "Tuesday 1 December 12:00"
        by: String,
    },
}

/// Runs it.
pub fn run(args: &CommitmentsArgs, config: Option<&Path>) -> Result<Exit> {
    let config = settings(config, false)?;
    let calendar = config.map_or_else(
        || Calendar { zone: TimeZone::system(), ..Calendar::default() },
        |config| config.calendar,
    );
    let store = Store::open(&Config::data_dir().map_err(Stop::usage)?)?;
    let now = Zoned::now().with_time_zone(calendar.zone.clone());
    match &args.command {
        Some(Command::Kept { number }) => {
            store.set_commitment(*number, CommitmentState::Kept, now.timestamp())?;
        }
        Some(Command::Released { number }) => {
            store.set_commitment(*number, CommitmentState::Released, now.timestamp())?;
        }
        Some(Command::Reopen { number }) => {
            store.set_commitment(*number, CommitmentState::Open, now.timestamp())?;
        }
        Some(Command::Move { number, by }) => {
            let at = due(by, &now, &calendar).filter(|at| *at > now.timestamp()).ok_or_else(|| {
                Stop::usage(format!(
                    "'{by}' names no day to come; write it as in \"Tuesday 1 December 12:00\""
                ))
            })?;
            store.move_commitment(*number, by, Some(at))?;
        }
        None => {}
    }
    let mut commitments = store.commitments()?;
    commitments.retain(|commitment| args.all || commitment.state == CommitmentState::Open);
    let mut out = io::stdout().lock();
    match args.format {
        Format::Table => {
            for commitment in &commitments {
                writeln!(out, "{}", line(commitment, &now))?;
            }
        }
        Format::Json => {
            let rows: Vec<Row<'_>> = commitments.iter().map(|commitment| row(commitment, &now)).collect();
            writeln!(out, "{}", serde_json::to_string(&rows).context("can't write it as JSON")?)?;
        }
        Format::Ics => write!(out, "{}", calendar_file(&commitments))?,
    }
    Ok(Exit::Done)
}

/// A commitment in one line: number, when, who, what, condition.
fn line(commitment: &Commitment, now: &Zoned) -> String {
    let when = match (commitment.state, commitment.due) {
        (CommitmentState::Open, Some(due)) => lateness(due, now),
        (CommitmentState::Open, None) => commitment.by.clone(),
        (settled, _) => settled.word().to_owned(),
    };
    let to = if commitment.who == Party::Owner { "to" } else { "from" };
    let condition = commitment.condition.as_ref().map(|words| format!(" (if {words})")).unwrap_or_default();
    format!("{:>4}  {when:<18} {to:<4} {}  {}{condition}", commitment.id, commitment.client, commitment.what)
}

/// A commitment as JSON.
#[derive(Serialize)]
struct Row<'a> {
    v: u8,
    id: i64,
    who: Party,
    name: &'a str,
    address: &'a str,
    what: &'a str,
    by: &'a str,
    due: Option<String>,
    condition: Option<&'a str>,
    state: CommitmentState,
    overdue: bool,
    moved: u32,
    made_at: String,
}

fn row<'a>(commitment: &'a Commitment, now: &Zoned) -> Row<'a> {
    let local =
        |at: Timestamp| at.to_zoned(now.time_zone().clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    Row {
        v: 1,
        id: commitment.id,
        who: commitment.who,
        name: &commitment.client.name,
        address: &commitment.client.address,
        what: &commitment.what,
        by: &commitment.by,
        due: commitment.due.map(local),
        condition: commitment.condition.as_deref(),
        state: commitment.state,
        overdue: commitment.is_overdue(now.timestamp()),
        moved: commitment.moved,
        made_at: local(commitment.made_at),
    }
}

/// An iCalendar file (RFC 5545): an event of no length for each commitment that has a day, at the moment that it is due.
fn calendar_file(commitments: &[Commitment]) -> icalendar::Calendar {
    let utc = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut calendar = icalendar::Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//amicable//commitments//EN"));
    for commitment in commitments {
        let Some(due) = commitment.due else { continue };
        let who = commitment.client.label();
        let summary = match commitment.who {
            Party::Owner => format!("{}, for {who}", commitment.what),
            Party::Client => format!("{}, from {who}", commitment.what),
        };
        let mut event = icalendar::Event::new();
        event.uid(&format!("commitment-{}@amicable.invalid", commitment.id));
        event.add_property("DTSTAMP", utc(commitment.made_at));
        event.add_property("DTSTART", utc(due));
        event.summary(&summary);
        if let Some(condition) = &commitment.condition {
            event.description(&format!("If {condition}"));
        }
        calendar.push(event.done());
    }
    calendar.done()
}
