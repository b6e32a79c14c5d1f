//! `amicable report`: what a time was like, as text, JSON or one HTML file. For the owner alone.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::book::Book;
use super::classify::since;
use super::exit::Exit;
use crate::report::{html, text};

/// What the last week, or any other time, was like: who asked for what, answers, promises, evenings
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// From when on: a length of time such as 7d or "3 weeks", or a date such as 2026-11-01
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<Timestamp>,
    /// How to print it; html is one file that needs no network
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Html,
}

/// Columns of the text: those of the smallest terminal that is common.
const WIDTH: usize = 78;

/// Runs it.
pub fn run(args: &ReportArgs, config: Option<&Path>) -> Result<Exit> {
    print(&Book::open(config)?, args, 7, &mut io::stdout().lock())?;
    Ok(Exit::Done)
}

/// Prints the report on the last days, `usual` many where the owner does not say.
pub(super) fn print(book: &Book, args: &ReportArgs, usual: i32, out: &mut impl Write) -> Result<()> {
    let from = match args.since {
        Some(since) => since.to_zoned(book.calendar.zone.clone()).date(),
        None => book.days_back(usual),
    };
    let report = book.report(from);
    match args.format {
        Format::Text => write!(out, "{}", text::text(&report, WIDTH))?,
        Format::Json => {
            writeln!(out, "{}", serde_json::to_string(&report).context("can't write it as JSON")?)?;
        }
        Format::Html => write!(out, "{}", html::html(&report))?,
    }
    Ok(())
}
