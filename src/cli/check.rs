//! `amicable check`: what is wrong with a draft before it goes out, for people who write in an editor or another mail
//! program. Reads the draft and the message that it answers; sends and changes nothing.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
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

/// The largest draft that is read, in bytes.
const LARGEST: u64 = 4 << 20;

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
            for finding in &findings {
                writeln!(out, "{}", line(&text, finding))?;
            }
        }
    }
    Ok(if findings.is_empty() { Exit::Done } else { Exit::Found })
}

fn read(file: Option<&Path>) -> Result<String> {
    let mut bytes = Vec::new();
    match file.filter(|file| *file != Path::new("-")) {
        Some(file) => {
            let opened = fs::File::open(file)
                .map_err(|error| Stop::usage(format!("can't read {}: {error}", file.display())))?;
            opened
                .take(LARGEST)
                .read_to_end(&mut bytes)
                .with_context(|| format!("can't read {}", file.display()))?;
        }
        None => {
            io::stdin().lock().take(LARGEST).read_to_end(&mut bytes).context("can't read standard input")?;
        }
    }
    String::from_utf8(bytes).map_err(|_| Stop::usage("the draft is not UTF-8; save it as UTF-8").into())
}

fn message(file: &Path) -> Result<Message> {
    let bytes =
        fs::read(file).map_err(|error| Stop::usage(format!("can't read {}: {error}", file.display())))?;
    Ok(parse::parse(&bytes))
}

/// A draft with its head taken apart.
struct Head {
    /// Where the text begins, in bytes.
    body: usize,
    to: Option<Vec<Address>>,
    cc: Vec<Address>,
    attachments: usize,
}

/// Header fields that a draft may begin with.
const FIELDS: [&str; 13] = [
    "from",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "reply-to",
    "in-reply-to",
    "references",
    "message-id",
    "attach",
    "fcc",
    "organization",
];

/// Takes the header fields off a draft, where it begins with any.
fn head(text: &str) -> Result<Head> {
    let mut head = Head { body: 0, to: None, cc: Vec::new(), attachments: 0 };
    let name_of = |line: &str| line.split_once(':').map(|(name, _)| name.trim().to_lowercase());
    let is_field = |line: &str| {
        name_of(line).is_some_and(|name| FIELDS.contains(&name.as_str()) || name.starts_with("x-"))
    };
    if !text.lines().next().is_some_and(is_field) {
        return Ok(head);
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        head.body += line.len();
        let trimmed = line.trim_end();
        if trimmed.is_empty() {
            break;
        }
        match (line.starts_with([' ', '\t']), fields.last_mut()) {
            // A folded line goes on with the field above (RFC 5322, 2.2.3).
            (true, Some((_, value))) => value.push_str(trimmed),
            _ if is_field(line) => {
                let (name, value) = trimmed.split_once(':').unwrap_or_default();
                fields.push((name.trim().to_lowercase(), value.trim().to_owned()));
            }
            // Not a head after all.
            _ => return Ok(Head { body: 0, to: None, cc: Vec::new(), attachments: 0 }),
        }
    }
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        let addresses = || parse_recipients(value).map_err(|why| Stop::usage(format!("{name}: {why}")));
        match name.as_str() {
            "to" => head.to = Some(addresses()?),
            "cc" | "bcc" => head.cc.extend(addresses()?),
            "attach" => head.attachments += 1,
            _ => {}
        }
    }
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

/// "3:14: vague-promise: “soon”: this promises something without a day; instead: by a day that you can keep".
fn line(text: &str, finding: &Finding) -> String {
    let place = if finding.end == 0 {
        String::new()
    } else {
        let before = text.get(..finding.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{line}:{column}: ")
    };
    let quote = finding.quote.split_whitespace().collect::<Vec<_>>().join(" ");
    let quote = if quote.is_empty() { String::new() } else { format!("\u{201c}{quote}\u{201d}: ") };
    let instead = finding.instead.as_ref().map(|words| format!("; instead: {words}")).unwrap_or_default();
    format!("{place}{}: {quote}{}{instead}", finding.id.word(), finding.why)
}
