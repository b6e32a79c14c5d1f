//! `amicable explain`: one message, its verdict and every reason for it. It judges with the engine of `classify` and
//! changes nothing.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;
use serde::Serialize;

use super::classify::{settings, taught_engine};
use super::exit::{Exit, Stop};
use super::table;
use super::verdict_row::{self, Read, Row};
use crate::mail::{Zone, ZoneKind};
use crate::parse::wash_line;
use crate::source::RawMessage;
use crate::source::files::{self, SourceFault};
use crate::triage::training::Scored;
use crate::triage::{Acquaintance, Concern, Evidence, Explanation, Flip, Sender, Thresholds, Topic};

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
    thresholds: Thresholds,
    zones: &'a [Zone],
    facts: &'a [Evidence],
    fast: Scored,
    both: Option<Scored>,
    runner_up: Option<(Concern, f32)>,
    flips: &'a [Flip],
}

/// Runs the command. `config` is the file that the owner named, if one was named.
pub fn run(args: &ExplainArgs, config: Option<&Path>) -> anyhow::Result<Exit> {
    let settings = settings(config, false)?;
    let zone = TimeZone::system();
    let engine = taught_engine(settings.as_ref())?;
    let thresholds = engine.thresholds();
    let mut explained = None;
    let read = verdict_row::read(Ok(the_message(&args.source)?), &zone, |message| {
        explained.insert(engine.explain(message, Acquaintance::default())).verdict.clone()
    });
    let why = explained.context("the message was not judged")?;
    let text = match args.format {
        Format::Text => {
            let width = if io::stdout().is_terminal() { textwrap::termwidth() } else { 100 };
            text(&read, &why, &engine.read_ranges(&read.message), &thresholds, width)
        }
        Format::Json => {
            let explained = Explained {
                row: &read.row,
                thresholds,
                zones: &read.message.body.zones,
                facts: &why.facts,
                fast: why.fast,
                both: why.both,
                runner_up: why.runner_up,
                flips: &why.flips,
            };
            serde_json::to_string_pretty(&explained)? + "\n"
        }
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

/// The one message of a source; with several, the owner is shown how to name one.
pub(super) fn the_message(source: &Path) -> anyhow::Result<RawMessage> {
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

/// The explanation as text of lines no longer than `width`, where words allow. `counted` are the ranges that
/// the engine read.
fn text(
    read: &Read,
    why: &Explanation,
    counted: &[Range<usize>],
    thresholds: &Thresholds,
    width: usize,
) -> String {
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
        let (score, from) = (row.scores.of(concern), thresholds.of(concern));
        let counts = if row.concerns.contains(&concern) { "yes" } else { "no" };
        out.line(&format!("  {:<10} {counts:<4} score {score:.2}, counts from {from:.2}", concern.word()));
        reasons(&mut out, &read.verdict.evidence, Topic::from(concern));
    }
    changes(&mut out, why, thresholds);
    facts(&mut out, read, why);
    readers(&mut out, why);
    zones(&mut out, read, counted);
    if !row.notes.is_empty() {
        out.title("Notes");
        row.notes.iter().for_each(|note| out.line(&format!("  {note}")));
    }
    let language = read.verdict.language.as_deref().unwrap_or("not told");
    out.title(&format!("Language {language}, judged by {}", read.verdict.model));
    out.text
}

/// What would have changed the verdict.
fn changes(out: &mut Paper, why: &Explanation, thresholds: &Thresholds) {
    out.title("What would have changed it");
    for flip in &why.flips {
        let topic = table::topic(flip.topic);
        let quotes: Vec<String> =
            flip.without.iter().map(|quote| format!("\"{}\"", one_line(quote))).collect();
        out.line(&if quotes.is_empty() {
            format!("  {topic}: no few words; it is in the whole of the message")
        } else {
            format!("  {topic}: without {} the score were {:.2}", quotes.join(" and "), flip.score)
        });
    }
    if let Some((concern, score)) = why.runner_up {
        let from = thresholds.of(concern);
        out.line(&format!(
            "  nearest that does not count: {} with {score:.2}, from {from:.2} it would",
            concern.word()
        ));
    }
}

/// What stands in the text, whatever the readers made of it.
fn facts(out: &mut Paper, read: &Read, why: &Explanation) {
    out.title("Facts in the text");
    if let Some(due) = &read.verdict.deadline {
        let hours =
            due.working_hours.map_or_else(String::new, |hours| format!(", {hours:.1} of your working hours"));
        let after =
            due.hours.map_or_else(String::new, |all| format!(", {all:.1} hours after it was sent{hours}"));
        out.line(&format!("  wanted: {} (\"{}\"){after}", due.when, one_line(&due.quote)));
    }
    if !read.verdict.amounts.is_empty() {
        out.line(&format!("  money: {}", read.verdict.amounts.join(", ")));
    }
    for fact in &why.facts {
        let sign = if fact.weight < 0.0 { "against" } else { "for" };
        out.line(&format!(
            "  \"{}\" {sign} {}: {}",
            one_line(&fact.quote),
            table::topic(fact.concern),
            fact.says
        ));
    }
    if read.verdict.deadline.is_none() && read.verdict.amounts.is_empty() && why.facts.is_empty() {
        out.line("  none");
    }
}

/// What each reader said.
fn readers(out: &mut Paper, why: &Explanation) {
    out.title("Readers");
    let mut said = |name: &str, scored: &Scored| {
        let each = Concern::ALL.map(|concern| format!("{} {:.2}", concern.word(), scored.scores.of(concern)));
        out.line(&format!("  {name:<20} client {:.2}, {}", scored.client, each.join(", ")));
    };
    said("fast pass alone", &why.fast);
    match &why.both {
        Some(both) => said("with the careful one", both),
        None => out.line("  the fast pass settled it"),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
    use crate::triage::{Engine, Settings};

    /// The lines on the zones of a mail of Ann's.
    fn zones_of(body: &str) -> String {
        let bytes = format!("From: Ann <ann@example.org>\nSubject: Fwd: Flowers\n\n{body}").into_bytes();
        let raw =
            RawMessage { place: "a.eml".to_owned(), uid: None, received: None, flags: Vec::new(), bytes };
        let engine = Engine::new(Settings::default());
        let read = verdict_row::read(Ok(raw), &TimeZone::UTC, |message| engine.read(message));
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
