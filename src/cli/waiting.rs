//! `amicable waiting` and `amicable notices`: what waits for an answer, and whom to tell of an absence or a delay. They only
//! list; a letter is looked over and sent in the session.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::book::{Book, Format};
use super::exit::Exit;
use crate::ledger::follow_up::{MOST_NUDGES, Stage, Waiting};
use crate::ledger::notice::{Notice, Spared};

/// Your questions that wait for an answer
#[derive(Debug, Args)]
pub struct WaitingArgs {
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Whom to tell of an absence or a delay, what, and when
#[derive(Debug, Args)]
pub struct NoticesArgs {
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Lists what waits.
pub fn run(args: &WaitingArgs, config: Option<&Path>) -> Result<Exit> {
    print(&Book::open(config)?, args, &mut io::stdout().lock())?;
    Ok(Exit::Done)
}

/// Lists whom to tell.
pub fn run_notices(args: &NoticesArgs, config: Option<&Path>) -> Result<Exit> {
    print_notices(&Book::open(config)?, args, &mut io::stdout().lock())?;
    Ok(Exit::Done)
}

/// A question that waits, as JSON.
#[derive(Serialize)]
struct Row<'a> {
    v: u8,
    name: &'a str,
    address: &'a str,
    subject: &'a str,
    asked_at: String,
    state: &'static str,
    reminder_from: Option<String>,
    reminders: usize,
    automatic_answer: Option<String>,
}

pub(super) fn print(book: &Book, args: &WaitingArgs, out: &mut impl Write) -> Result<()> {
    if args.format == Format::Json {
        let rows: Vec<Row<'_>> = book.outlook.waiting.iter().map(|found| row(book, found)).collect();
        writeln!(out, "{}", serde_json::to_string(&rows).context("can't write it as JSON")?)?;
        return Ok(());
    }
    if book.outlook.waiting.is_empty() {
        // Not among the data.
        eprintln!("No question waits for an answer.");
    }
    for found in &book.outlook.waiting {
        let row = row(book, found);
        let asked = book.day(found.follow_up.sent_at);
        let name = found.follow_up.to.label();
        writeln!(out, "{:<9}  asked {asked:<11}  {name:<24}  {}", row.state, row.subject)?;
    }
    Ok(())
}

fn row<'a>(book: &Book, found: &'a Waiting) -> Row<'a> {
    let (state, from) = match found.stage {
        Stage::Waiting { due } => ("waiting", due),
        Stage::Due { .. } if found.follow_up.nudges.len() >= MOST_NUDGES => ("reminded", None),
        Stage::Due { since } => ("remind", Some(since)),
        Stage::Answered { .. } => ("answered", None),
        Stage::Returned { .. } => ("came back", None),
    };
    let follow_up = &found.follow_up;
    Row {
        v: 1,
        name: &follow_up.to.name,
        address: &follow_up.to.address,
        subject: &follow_up.subject,
        asked_at: book.said(follow_up.sent_at),
        state,
        reminder_from: from.map(|at| book.said(at)),
        reminders: follow_up.nudges.len(),
        automatic_answer: found.automatic.map(|at| book.said(at)),
    }
}

/// Whom to tell, as JSON.
#[derive(Serialize)]
struct ToTell<'a> {
    v: u8,
    name: &'a str,
    address: &'a str,
    why: &'static str,
    occasion: String,
    letter: &'a str,
    from: String,
    promised: Option<&'a str>,
    new_day: Option<String>,
    told: Option<String>,
}

#[derive(Serialize)]
struct NotTold<'a> {
    address: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct Notices<'a> {
    notices: Vec<ToTell<'a>>,
    not_told: Vec<NotTold<'a>>,
}

pub(super) fn print_notices(book: &Book, args: &NoticesArgs, out: &mut impl Write) -> Result<()> {
    let plan = &book.outlook.plan;
    if args.format == Format::Json {
        let not_told = |spared: &'_ Spared| (spared.who.address.clone(), spared.why);
        let spared: Vec<(String, &str)> = plan.spared.iter().map(not_told).collect();
        let all = Notices {
            notices: plan.notices.iter().map(|notice| to_tell(book, notice)).collect(),
            not_told: spared.iter().map(|(address, why)| NotTold { address, why }).collect(),
        };
        writeln!(out, "{}", serde_json::to_string(&all).context("can't write it as JSON")?)?;
        return Ok(());
    }
    if plan.notices.is_empty() {
        eprintln!("Nobody has to be told anything.");
    }
    for notice in &plan.notices {
        let when = match notice.told {
            Some(at) => format!("told on {}", book.day(at)),
            None if notice.from <= book.now.date() => "now".to_owned(),
            None => format!("from {}", notice.from.strftime("%-d %b %Y")),
        };
        let promised = notice.promised.as_ref().map(|what| {
            let day = notice.new_day.map(|day| format!(", new day {}", day.strftime("%-d %b %Y")));
            format!(": {what}{}", day.unwrap_or_default())
        });
        let why = notice.why.says();
        let name = &notice.name;
        writeln!(
            out,
            "{when:<19}  {name:<24}  {why}{}  ({})",
            promised.unwrap_or_default(),
            notice.template
        )?;
    }
    for spared in &plan.spared {
        writeln!(out, "never                {:<24}  {}", spared.who.label(), spared.why)?;
    }
    Ok(())
}

fn to_tell<'a>(book: &Book, notice: &'a Notice) -> ToTell<'a> {
    ToTell {
        v: 1,
        name: &notice.name,
        address: &notice.to.address,
        why: notice.why.says(),
        occasion: notice.occasion.to_string(),
        letter: notice.template,
        from: notice.from.to_string(),
        promised: notice.promised.as_deref(),
        new_day: notice.new_day.map(|day| day.to_string()),
        told: notice.told.map(|at| book.said(at)),
    }
}
