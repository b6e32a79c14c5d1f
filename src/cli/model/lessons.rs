//! What the owner taught: `amicable model learn`, `lessons`, `forget`, `reset`, `export` and `import`.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::labelled::{self, Labelled};
use crate::cli::classify::{EngineChoice, engine, settings};
use crate::cli::exit::{Exit, Stop};
use crate::cli::explain::the_message;
use crate::config::Config;
use crate::parse::{parse, wash_line};
use crate::store::Store;
use crate::triage::{Lesson, Sender};

/// Teach what one message is: it counts at once for messages like it
#[derive(Debug, Args)]
pub struct LearnArgs {
    /// A message: a file, FILE:N for the N-th message of an mbox, or - for standard input
    #[arg(value_name = "SOURCE")]
    source: PathBuf,
    /// What it is: other, routine, or concerns such as emergency or complaint+refund
    #[arg(value_name = "LABEL")]
    label: String,
}

/// List what you taught
#[derive(Debug, Args)]
pub struct ListArgs {}

/// Take a lesson back
#[derive(Debug, Args)]
pub struct ForgetArgs {
    /// Its number, as `amicable model lessons` shows it
    #[arg(value_name = "NUMBER")]
    number: i64,
}

/// Take all lessons back
#[derive(Debug, Args)]
pub struct ResetArgs {
    /// Yes, all of them
    #[arg(long)]
    yes: bool,
}

/// Print the lessons in force, a line of JSON each
#[derive(Debug, Args)]
pub struct ExportArgs {}

/// Take in lessons that `amicable model export` printed
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

fn store() -> anyhow::Result<Store> {
    Store::open(&Config::data_dir().map_err(Stop::usage)?)
}

/// Runs `model learn`.
pub(super) fn learn(args: &LearnArgs, config: Option<&Path>) -> anyhow::Result<Exit> {
    let (sender, concerns) = labelled::label(&args.label)
        .map_err(|why| Stop::usage(format!("'{}': {why}", wash_line(&args.label))))?;
    let settings = settings(config, false)?;
    let message = parse(&the_message(&args.source)?.bytes);
    let lesson = engine(settings.as_ref(), EngineChoice::Auto).lesson(0, &message, sender, &concerns);
    if lesson.subject.is_empty() && lesson.body.is_empty() {
        return Err(
            Stop::usage(format!("{}: there is nothing in it to learn from", args.source.display())).into()
        );
    }
    let number = store()?.teach(None, lesson, Timestamp::now())?;
    println!("lesson {number}: {}", said(sender, &args.label));
    Ok(Exit::Done)
}

/// Runs `model lessons`.
pub(super) fn list(_: &ListArgs, _: Option<&Path>) -> anyhow::Result<Exit> {
    let zone = TimeZone::system();
    let mut out = io::stdout().lock();
    for kept in store()?.lessons()? {
        let Lesson { id, address, subject, body, sender, concerns, .. } = &kept.lesson;
        let label: Vec<&str> = concerns.iter().map(|concern| concern.word()).collect();
        let words: Vec<&str> =
            subject.split(' ').chain(body.split(' ')).filter(|word| !word.is_empty()).take(9).collect();
        let day = kept.at.to_zoned(zone.clone()).strftime("%Y-%m-%d");
        writeln!(
            out,
            "{id:>4}  {day}  {:<20} {address}: {}",
            said(*sender, &label.join("+")),
            words.join(" ")
        )?;
    }
    Ok(Exit::Done)
}

/// Runs `model forget`.
pub(super) fn forget(args: &ForgetArgs, _: Option<&Path>) -> anyhow::Result<Exit> {
    if store()?.forget(args.number, Timestamp::now())? {
        return Ok(Exit::Done);
    }
    let way_out = "`amicable model lessons` shows their numbers";
    Err(Stop::usage(format!("there is no lesson {}; {way_out}", args.number)).into())
}

/// Runs `model reset`.
pub(super) fn reset(args: &ResetArgs, _: Option<&Path>) -> anyhow::Result<Exit> {
    let mut store = store()?;
    let lessons = store.lessons()?;
    if !args.yes {
        let what = format!(
            "this takes {} lessons back; say --yes (`amicable model export` keeps a copy)",
            lessons.len()
        );
        return Err(Stop::usage(what).into());
    }
    for kept in &lessons {
        store.forget(kept.lesson.id, Timestamp::now())?;
    }
    println!("{} lessons taken back", lessons.len());
    Ok(Exit::Done)
}

/// Runs `model export`.
pub(super) fn export(_: &ExportArgs, _: Option<&Path>) -> anyhow::Result<Exit> {
    let mut out = io::stdout().lock();
    for kept in store()?.lessons()? {
        writeln!(out, "{}", serde_json::to_string(&kept.lesson)?)?;
    }
    Ok(Exit::Done)
}

/// Runs `model import`: all lines or none.
pub(super) fn import(args: &ImportArgs, _: Option<&Path>) -> anyhow::Result<Exit> {
    let shown = wash_line(&args.file.display().to_string());
    let mut text = String::new();
    if args.file.as_os_str() == "-" {
        io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Stop::usage(format!("standard input: {error}")))?;
    } else {
        text = fs::read_to_string(&args.file).map_err(|error| Stop::usage(format!("{shown}: {error}")))?;
    }
    let mut lessons: Vec<Lesson> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let lesson: Lesson = serde_json::from_str(line)
            .map_err(|error| Stop::usage(format!("{shown}:{}: {error}", number + 1)))?;
        if lesson.sender == Sender::Other && !lesson.concerns.is_empty() {
            return Err(
                Stop::usage(format!("{shown}:{}: a message of an other has no concern", number + 1)).into()
            );
        }
        lessons.push(lesson);
    }
    let mut store = store()?;
    let known = store.lessons()?;
    let is_known =
        |lesson: &Lesson| known.iter().any(|kept| Lesson { id: lesson.id, ..kept.lesson.clone() } == *lesson);
    let new: Vec<Lesson> = lessons.into_iter().filter(|lesson| !is_known(lesson)).collect();
    let count = new.len();
    for lesson in new {
        store.teach(None, lesson, Timestamp::now())?;
    }
    println!("{count} lessons taken in");
    Ok(Exit::Done)
}

/// The messages that the owner corrected, with their word as the label.
pub(super) fn corrected(config: Option<&Config>) -> anyhow::Result<Vec<Labelled>> {
    config.context("there is no configuration")?;
    let store = store()?;
    let mut found = Vec::new();
    for row in store.rows()? {
        let (Some(correction), Some(raw)) = (row.correction, store.raw(row.id)?) else { continue };
        found.push(Labelled {
            id: format!("{}/{}", row.account, row.id),
            sender: correction.sender,
            concerns: correction.concerns,
            message: parse(&raw),
        });
    }
    if found.is_empty() {
        let way_out = "name labelled files or folders, or correct some labels on screen (c)";
        return Err(Stop::usage(format!("you have corrected no label yet; {way_out}")).into());
    }
    Ok(found)
}

fn said(sender: Sender, concerns: &str) -> String {
    match sender {
        Sender::Other => "no client".to_owned(),
        Sender::Client if concerns.is_empty() || concerns == "routine" => "client, routine".to_owned(),
        Sender::Client => format!("client, {concerns}"),
    }
}
