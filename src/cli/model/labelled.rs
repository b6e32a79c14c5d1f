//! Labelled mail: lines of JSON as in `assets/corpus`, or folders whose names are the labels. Judges nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cli::exit::Stop;
use crate::mail::Message;
use crate::parse::{parse, wash_line};
use crate::source::files;
use crate::triage::training::Example;
use crate::triage::{Concern, Sender};

/// A message with its label.
#[derive(Debug)]
pub(super) struct Labelled {
    pub id: String,
    pub sender: Sender,
    pub concerns: Vec<Concern>,
    pub message: Message,
}

/// A line of JSON. Further fields, such as trade and voice, are for people.
#[derive(Deserialize)]
struct Line {
    id: String,
    sender: Sender,
    concerns: Vec<Concern>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// The folds of a validation: writers are shared out among so many.
pub(super) const FOLDS: usize = 3;

/// All labelled messages of these files and folders, in order.
pub(super) fn read(places: &[PathBuf]) -> Result<Vec<Labelled>, Stop> {
    let mut found = Vec::new();
    for place in places {
        if place.is_dir() { folder(place, &mut found)? } else { lines(place, &mut found)? }
    }
    if found.is_empty() {
        return Err(Stop::usage("there is no labelled message in it"));
    }
    Ok(found)
}

/// The examples of labelled messages. All of one writer (what stands before the first `-` of the name) are in one fold.
pub(super) fn examples(labelled: Vec<Labelled>) -> Vec<Example> {
    let writer = |id: &str| id.split('-').next().unwrap_or_default().to_owned();
    let mut writers: Vec<String> = labelled.iter().map(|one| writer(&one.id)).collect();
    writers.sort();
    writers.dedup();
    let example = |one: Labelled| {
        let fold = writers.binary_search(&writer(&one.id)).unwrap_or_default() % FOLDS;
        Example::of(one.id, fold, one.sender, one.concerns, &one.message)
    };
    labelled.into_iter().map(example).collect()
}

fn lines(file: &Path, found: &mut Vec<Labelled>) -> Result<(), Stop> {
    let shown = wash_line(&file.display().to_string());
    let text = fs::read_to_string(file).map_err(|error| Stop::usage(format!("{shown}: {error}")))?;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fault = |error: serde_json::Error| {
            Stop::usage(format!(
                "{shown}:{}: {error}; expected a line such as {{\"id\":\"a-1\",\"sender\":\"client\",\"concerns\":[\"refund\"],\
                 \"subject\":\"..\",\"body\":\"..\"}}",
                number + 1
            ))
        };
        let line: Line = serde_json::from_str(line).map_err(fault)?;
        if line.sender == Sender::Other && !line.concerns.is_empty() {
            return Err(Stop::usage(format!("{shown}:{}: a message of an other has no concern", number + 1)));
        }
        found.push(Labelled {
            message: message(&line),
            id: line.id,
            sender: line.sender,
            concerns: line.concerns,
        });
    }
    Ok(())
}

/// The message as it would come in: the same parser reads it as any mail.
fn message(line: &Line) -> Message {
    let one_line = |text: &str| text.split(['\r', '\n']).collect::<Vec<_>>().join(" ");
    let mut raw = format!("From: {}\n", one_line(line.from.as_deref().unwrap_or("someone@example.org")));
    for (name, value) in &line.headers {
        raw.extend([&one_line(name), ": ", &one_line(value), "\n"]);
    }
    raw.extend([
        "Subject: ",
        &one_line(&line.subject),
        "\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n",
        &line.body,
        "\n",
    ]);
    parse(raw.as_bytes())
}

/// Each folder in it whose name is a label: `other`, `routine`, `emergency`, `complaint+refund`.
fn folder(folder: &Path, found: &mut Vec<Labelled>) -> Result<(), Stop> {
    let shown = wash_line(&folder.display().to_string());
    let entries = fs::read_dir(folder).map_err(|error| Stop::usage(format!("{shown}: {error}")))?;
    let mut inner: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    inner.sort();
    for place in inner.into_iter().filter(|path| path.is_dir()) {
        let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (sender, concerns) =
            label(&name).map_err(|why| Stop::usage(format!("{shown}/{}: {why}", wash_line(&name))))?;
        let messages = files::open(&place).map_err(|fault| Stop::usage(wash_line(&fault.to_string())))?;
        for raw in messages {
            let raw = raw.map_err(|fault| Stop::usage(wash_line(&fault.to_string())))?;
            found.push(Labelled {
                id: raw.place,
                sender,
                concerns: concerns.clone(),
                message: parse(&raw.bytes),
            });
        }
    }
    Ok(())
}

/// What a label says.
pub(super) fn label(name: &str) -> Result<(Sender, Vec<Concern>), String> {
    match name {
        "other" => return Ok((Sender::Other, Vec::new())),
        "routine" => return Ok((Sender::Client, Vec::new())),
        _ => {}
    }
    let concern = |word: &str| Concern::ALL.into_iter().find(|concern| concern.word() == word);
    let concerns: Option<Vec<Concern>> = name.split('+').map(concern).collect();
    concerns.map(|concerns| (Sender::Client, concerns)).ok_or_else(|| {
        "that is no label; expected other, routine, or concerns such as emergency or complaint+refund"
            .to_owned()
    })
}
