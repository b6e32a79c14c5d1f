//! `amicable explain`: one message, its verdict and every reason for it. It judges with the engine of `classify` and
//! changes nothing.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;
use serde::Serialize;

use super::classify::{engine, settings};
use super::exit::{Exit, Stop};
use super::table;
use super::verdict_row::{self, Read, Row};
use crate::mail::{Zone, ZoneKind};
use crate::parse::wash_line;
use crate::source::RawMessage;
use crate::source::files::{self, SourceFault};
use crate::triage::{Concern, Evidence, Sender, Thresholds, Topic};

/// Say what one message is asking, and every reason for saying so
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A message: a file, FILE:N for the N-th message of an mbox, or - for standard input
    #[arg(value_name = "SOURCE")]
    pub source: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// The object of `classify --format jsonl` with the thresholds and zones
    Json,
}

/// A row with what `classify` leaves out.
#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    row: &'a Row,
    thresholds: serde_json::Value,
    zones: &'a [Zone],
}

/// Runs the command. `config` is the file that the owner named, if one was named.
pub fn run(args: &ExplainArgs, config: Option<&Path>) -> anyhow::Result<Exit> {
    let settings = settings(config, false)?;
    let thresholds = settings.as_ref().map(|config| config.thresholds).unwrap_or_default();
    let zone = TimeZone::system();
    let engine = engine(settings.as_ref());
    let read = verdict_row::read(&engine, Ok(the_message(&args.source)?), &zone);
    let text = match args.format {
        Format::Text => {
            let width = if io::stdout().is_terminal() { textwrap::termwidth() } else { 100 };
            text(&read, &engine.read_ranges(&read.message), &thresholds, width)
        }
        Format::Json => {
            let by_word =
                Concern::ALL.map(|c| (c.word().to_owned(), serde_json::json!(threshold(&thresholds, c))));
            let thresholds = serde_json::Value::Object(by_word.into_iter().collect());
            let explained = Explained { row: &read.row, thresholds, zones: &read.message.body.zones };
            serde_json::to_string_pretty(&explained)? + "\n"
        }
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

/// The one message of a source; with several, the owner is shown how to name one.
fn the_message(source: &Path) -> anyhow::Result<RawMessage> {
    let place = |given: &Result<RawMessage, SourceFault>| match given {
        Ok(raw) => wash_line(&raw.place),
        Err(fault) => wash_line(&fault.place),
    };
    let mut messages = files::open(source).map_err(|fault| Stop::usage(wash_line(&fault.to_string())))?;
    let shown = wash_line(&source.display().to_string());
    let Some(first) = messages.next() else {
        return Err(Stop::usage(format!("{shown}: there is no message in it")).into());
    };
    if messages.next().is_some() {
        let what = format!("{shown}: there are several messages in it; name one, such as {}", place(&first));
        return Err(Stop::usage(what).into());
    }
    first.map_err(|fault| anyhow!("{}", wash_line(&fault.to_string())))
}

fn threshold(thresholds: &Thresholds, concern: Concern) -> f32 {
    match concern {
        Concern::Emergency => thresholds.emergency,
        Concern::Refund => thresholds.refund,
        Concern::Complaint => thresholds.complaint,
        Concern::Unusual => thresholds.unusual,
    }
}

/// The explanation as text of lines no longer than `width`, where words allow. `counted` are the ranges that
/// the engine read.
fn text(read: &Read, counted: &[Range<usize>], thresholds: &Thresholds, width: usize) -> String {
    let row = &read.row;
    let sender = match row.sender {
        Sender::Client => "a client",
        Sender::Other => "not a client",
    };
    let from = row.from.as_ref().map_or_else(|| "(nobody)".to_owned(), ToString::to_string);
    let mut out = Paper { text: String::new(), width };
    out.line(&format!("Message   {}", row.source));
    out.line(&format!("From      {from}"));
    out.line(&format!("Subject   {}", row.subject));
    out.line(&format!("Date      {}", row.date().unwrap_or("(none)")));
    out.line(&format!("Sender    {sender} ({:.2} that a client writes)", read.verdict.sender_score));
    reasons(&mut out, &read.verdict.evidence, Topic::Sender);
    out.title("Concerns");
    for concern in Concern::ALL {
        let (score, from) = (row.scores.of(concern), threshold(thresholds, concern));
        let counts = if row.concerns.contains(&concern) { "yes" } else { "no" };
        out.line(&format!("  {:<10} {counts:<4} score {score:.2}, counts from {from:.2}", concern.word()));
        reasons(&mut out, &read.verdict.evidence, topic_of(concern));
    }
    zones(&mut out, read, counted);
    if !row.notes.is_empty() {
        out.title("Notes");
        row.notes.iter().for_each(|note| out.line(&format!("  {note}")));
    }
    let language = read.verdict.language.as_deref().unwrap_or("not told");
    out.title(&format!("Language {language}, judged by {}", read.verdict.model));
    out.text
}

fn topic_of(concern: Concern) -> Topic {
    match concern {
        Concern::Emergency => Topic::Emergency,
        Concern::Refund => Topic::Refund,
        Concern::Complaint => Topic::Complaint,
        Concern::Unusual => Topic::Unusual,
    }
}

fn reasons(out: &mut Paper, evidence: &[Evidence], topic: Topic) {
    for one in evidence.iter().filter(|one| one.concern == topic) {
        out.line(&format!("      {}", table::reason(one)));
    }
}

/// What was read and what was left out, with the beginning of each stretch.
fn zones(out: &mut Paper, read: &Read, counted: &[Range<usize>]) {
    let body = &read.message.body;
    if body.zones.is_empty() {
        return out.title("There was no text to read.");
    }
    out.title(if body.from_html { "Text, made from HTML" } else { "Text" });
    for zone in &body.zones {
        let text = body.text.get(zone.range()).unwrap_or_default();
        let what = match zone.kind {
            ZoneKind::New => "newly written",
            ZoneKind::Quoted => "quoted history",
            ZoneKind::Forwarded => "forwarded",
            ZoneKind::Signature => "signature",
            ZoneKind::Disclaimer => "legal text",
        };
        let read = match counted.binary_search_by_key(&zone.start, |range| range.start) {
            Ok(at) if counted[at].end < zone.end => "partly read",
            Ok(_) => "read",
            Err(_) => "not read",
        };
        let words: Vec<&str> = text.split_whitespace().take(8).collect();
        let more = if text.split_whitespace().nth(8).is_some() { " …" } else { "" };
        out.line(&format!(
            "  {what:<15} {read:<11} {} lines: {}{more}",
            text.trim().lines().count(),
            words.join(" ")
        ));
    }
}

/// Text that grows line by line.
struct Paper {
    text: String,
    width: usize,
}

impl Paper {
    fn line(&mut self, line: &str) {
        let indent = " ".repeat(line.len() - line.trim_start().len());
        let deeper = format!("{indent}    ");
        let options = textwrap::Options::new(self.width).initial_indent(&indent).subsequent_indent(&deeper);
        writeln!(self.text, "{}", textwrap::fill(line.trim(), options))
            .expect("writing to a String never fails");
    }

    fn title(&mut self, title: &str) {
        self.text.push('\n');
        self.line(title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::Engine;

    /// The lines on the zones of a mail of Ann's.
    fn zones_of(body: &str) -> String {
        let bytes = format!("From: Ann <ann@example.org>\nSubject: Fwd: Flowers\n\n{body}").into_bytes();
        let raw =
            RawMessage { place: "a.eml".to_owned(), uid: None, received: None, flags: Vec::new(), bytes };
        let engine = Engine::new(Thresholds::default(), Vec::new());
        let read = verdict_row::read(&engine, Ok(raw), &TimeZone::UTC);
        let mut out = Paper { text: String::new(), width: 100 };
        zones(&mut out, &read, &engine.read_ranges(&read.message));
        out.text
    }

    #[test]
    fn a_forwarded_zone_is_said_to_be_read_where_it_was() {
        let forwarded = "---------- Forwarded message ---------\nFrom: Bo <bo@example.org>\nSubject: Flowers\n\n\
                         The flowers were dead.\n";
        let passed_on = zones_of(&format!("This came for you.\n\n{forwarded}"));
        assert!(passed_on.contains("forwarded       not read"), "{passed_on}");
        let adopted = zones_of(&format!("See below, I want the same.\n\n{forwarded}"));
        assert!(adopted.contains("forwarded       read "), "{adopted}");
    }

    #[test]
    fn a_zone_that_was_cut_is_said_to_be_read_in_part() {
        let long = zones_of(&"Some words without end.\n".repeat(20_000));
        assert!(long.contains("newly written   partly read"), "{long}");
    }
}
