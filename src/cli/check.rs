//! `amicable check`: what is wrong with a draft before it goes out, for people who write in an editor or another mail
//! program. Reads the draft and the message that it answers; sends and changes nothing.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use jiff::Zoned;
use serde::Serialize;

use super::classify::settings;
use super::exit::{Exit, Stop};
use crate::boundary::{Calendar, Policy};
use crate::config::Config;
use crate::ledger::Load;
use crate::mail::{Address, Message};
use crate::parse;
use crate::reply::check::{Checked, Finding, check};
use crate::reply::{parse_recipients, recipients};
use crate::store::Store;

/// What is wrong with a draft before it goes out
#[derive(Debug, Args)]
#[command(
    after_help = "A draft may begin with header fields (To:, Cc:, Subject:, Attach:) and an empty line, as mail programs hand it \
                  to an editor.\n\nExit status: 0 nothing found, 1 failed, 2 wrong usage or configuration, 3 something was found."
)]
pub struct CheckArgs {
    /// The draft; `-` or nothing: standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The message that it answers, as a file
    #[arg(long, value_name = "MESSAGE.eml")]
    reply_to: Option<PathBuf>,
    /// How many files go with it
    #[arg(long, value_name = "N", default_value_t = 0)]
    attachments: usize,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How the findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Text,
    /// For programs
    Json,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Report {
    v: u8,
    findings: Vec<Finding>,
}

/// The largest draft or message that is read, in bytes: larger than any server takes.
const LARGEST: u64 = 16 << 20;

/// Runs it.
pub fn run(args: &CheckArgs, config: Option<&Path>) -> Result<Exit> {
    let config = settings(config, false)?;
    let text = read(args.file.as_deref())?;
    let original = args.reply_to.as_deref().map(message).transpose()?;
    let findings = findings(args, config.as_ref(), &text, original.as_ref())?;
    let mut out = io::stdout().lock();
    match args.format {
        Format::Json => {
            let report = Report { v: 1, findings: findings.clone() };
            writeln!(out, "{}", serde_json::to_string(&report)?)?;
        }
        Format::Text => {
            let starts: Vec<usize> =
                std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            for finding in &findings {
                writeln!(out, "{}", line(&text, &starts, finding))?;
            }
        }
    }
    Ok(if findings.is_empty() { Exit::Done } else { Exit::Found })
}

/// The whole of something, if it is not too large.
fn read_all(from: impl io::Read, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Stop::usage(format!("can't read {name}: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Stop::usage(format!("{name} is too large; at most {} MB are read", LARGEST >> 20)).into());
    }
    Ok(bytes)
}

fn read_file(file: &Path) -> Result<Vec<u8>> {
    let name = file.display().to_string();
    let opened = fs::File::open(file).map_err(|error| Stop::usage(format!("can't read {name}: {error}")))?;
    read_all(opened, &name)
}

fn read(file: Option<&Path>) -> Result<String> {
    let bytes = match file.filter(|file| *file != Path::new("-")) {
        Some(file) => read_file(file)?,
        None => read_all(io::stdin().lock(), "standard input")?,
    };
    String::from_utf8(bytes).map_err(|_| Stop::usage("the draft is not UTF-8; save it as UTF-8").into())
}

fn message(file: &Path) -> Result<Message> {
    Ok(parse::parse(&read_file(file)?))
}

/// A draft with its head taken apart.
struct Head {
    /// Where the text begins, in bytes.
    body: usize,
    to: Option<Vec<Address>>,
    cc: Vec<Address>,
    attachments: usize,
}

/// A line of a header: a name in its usual letters and a colon.
fn is_field(line: &str) -> bool {
    let name = line.split_once(':').map(|(name, _)| name).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(plain)
}

/// Whether a draft begins with header fields; one of those that every mail program writes is among them.
fn has_head(text: &str) -> bool {
    const KNOWN: [&str; 7] = ["From:", "To:", "Cc:", "Bcc:", "Subject:", "Reply-To:", "In-Reply-To:"];
    let is_known = |line: &str| {
        KNOWN
            .iter()
            .any(|field| line.get(..field.len()).is_some_and(|start| start.eq_ignore_ascii_case(field)))
    };
    let mut lines = text.lines().take_while(|line| !line.is_empty());
    let Some(first) = lines.next() else { return false };
    is_known(first) || (is_field(first) && lines.any(is_known))
}

/// Takes the header fields off a draft, where it begins with any (RFC 5322, 2.2): `To`, `Cc` and so on, each in its line,
/// and an empty line. `Attach` is mutt's.
fn head(text: &str) -> Result<Head> {
    // What an editor on Windows puts before all else.
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut head = Head { body: mark, to: None, cc: Vec::new(), attachments: 0 };
    if !has_head(&text[mark..]) {
        return Ok(head);
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text[mark..].split_inclusive('\n') {
        head.body += line.len();
        let trimmed = line.trim_end();
        if trimmed.is_empty() {
            break;
        }
        match (line.starts_with([' ', '\t']), fields.last_mut()) {
            // A folded line goes on with the field above (RFC 5322, 2.2.3).
            (true, Some((_, value))) => *value = format!("{value} {}", trimmed.trim()),
            _ if is_field(line) => {
                let (name, value) = trimmed.split_once(':').unwrap_or_default();
                fields.push((name.to_lowercase(), value.trim().to_owned()));
            }
            // Not a head after all.
            _ => return Ok(Head { body: mark, to: None, cc: Vec::new(), attachments: 0 }),
        }
    }
    // Names in encoded words are read as in mail.
    let lines: Vec<String> = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let read = parse::parse(format!("{}\r\n", lines.concat()).as_bytes());
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        match name.as_str() {
            "to" | "cc" | "bcc" => {
                parse_recipients(value).map_err(|why| Stop::usage(format!("{name}: {why}")))?;
            }
            "attach" => head.attachments += 1,
            _ => {}
        }
    }
    if fields.iter().any(|(name, value)| name == "to" && !value.is_empty()) {
        head.to = Some(read.to);
    }
    head.cc = read.cc;
    let copies = fields.iter().filter(|(name, value)| name == "bcc" && !value.is_empty());
    head.cc.extend(copies.flat_map(|(_, value)| parse_recipients(value).unwrap_or_default()));
    Ok(head)
}

fn findings(
    args: &CheckArgs,
    config: Option<&Config>,
    text: &str,
    original: Option<&Message>,
) -> Result<Vec<Finding>> {
    let head = head(text)?;
    let own = config.map(Config::own_addresses).unwrap_or_default();
    let calendar = config.map_or_else(
        || Calendar { zone: jiff::tz::TimeZone::system(), ..Calendar::default() },
        |config| config.calendar.clone(),
    );
    let policy = config.map_or_else(Policy::default, |config| config.policy.clone());
    let now = Zoned::now();
    let to =
        head.to.or_else(|| original.map(|original| recipients(original, &own, false).0)).unwrap_or_default();
    let load = load(&calendar)?;
    let body = text.get(head.body..).unwrap_or_default();
    let mut found = check(&Checked {
        private: &[],
        body,
        to: &to,
        cc: &head.cc,
        attachments: args.attachments + head.attachments,
        original,
        own: &own,
        policy: &policy,
        calendar: &calendar,
        load: &load,
        now: &now,
    });
    // Places are those of the file.
    for finding in found.iter_mut().filter(|finding| finding.end > 0) {
        finding.start += head.body;
        finding.end += head.body;
    }
    Ok(found)
}

/// What is promised already, where there is a store.
fn load(calendar: &Calendar) -> Result<Load> {
    let Ok(data) = Config::data_dir() else { return Ok(Load::default()) };
    if !Store::is_there(&data) {
        return Ok(Load::default());
    }
    Ok(Load::of(&Store::open(&data)?.commitments()?, &calendar.zone))
}

/// "3:14: vague-promise: “soon”: this promises something without a day; instead: by a day that you can keep". `starts` are
/// the beginnings of the lines.
fn line(text: &str, starts: &[usize], finding: &Finding) -> String {
    let place = if finding.end == 0 {
        String::new()
    } else {
        let line = starts.partition_point(|start| *start <= finding.start);
        let start = starts.get(line - 1).copied().unwrap_or(0);
        let column = text.get(start..finding.start).unwrap_or_default().chars().count() + 1;
        format!("{line}:{column}: ")
    };
    // The draft may hold whatever it likes; a terminal gets text.
    let plain = |words: &str| parse::wash_text(words).split_whitespace().collect::<Vec<_>>().join(" ");
    let quote = plain(&finding.quote);
    let quote = if quote.is_empty() { String::new() } else { format!("\u{201c}{quote}\u{201d}: ") };
    let instead =
        finding.instead.as_ref().map(|words| format!("; instead: {}", plain(words))).unwrap_or_default();
    format!("{place}{}: {quote}{}{instead}", finding.id.word(), plain(&finding.why))
}
