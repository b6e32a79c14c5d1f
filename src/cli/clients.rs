//! `amicable clients`: who is who, what happened, what the owner notes. For the owner alone; nothing of it is ever sent.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde::Serialize;

use super::book::{Book, Format};
use super::exit::{Exit, Stop};
use crate::ledger::client::Kind;
use crate::ledger::commitment::{due, lateness};
use crate::ledger::ladder::{Habit, Step};
use crate::ledger::outlook::StandsOut;
use crate::ledger::{Client, Deed, Entry, Mark, Party, Person, counted, parting};

/// Your clients: what happened with each, who is who, what you note. Never part of any mail
#[derive(Debug, Args)]
pub struct ClientsArgs {
    #[command(subcommand)]
    command: Option<Command>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table, global = true)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What happened with one: WHO is an address or a part of the name
    Show { who: String },
    /// Another address belongs to a client, too
    Join { who: String, address: String },
    /// An address is a client of its own again
    Split { address: String },
    /// Several people write from an address: each name is a client
    Shared {
        address: String,
        /// Only one does, after all
        #[arg(long)]
        not: bool,
    },
    /// Note something, for yourself alone
    Note {
        who: String,
        #[arg(value_parser = words)]
        text: String,
    },
    /// They paid late
    PaidLate { who: String, text: Option<String> },
    /// They wanted another round of changes
    Changes { who: String, text: Option<String> },
    /// They have not paid something
    Unpaid {
        who: String,
        #[arg(value_parser = words)]
        text: String,
    },
    /// You owe them money
    RefundDue {
        who: String,
        #[arg(value_parser = words)]
        text: String,
    },
    /// What an entry said is owed is paid
    Paid {
        who: String,
        /// The entry's number, as `show` lists it
        entry: i64,
    },
    /// You had your yearly talk
    Talked { who: String },
    /// You told them of the next step without a letter: rule, surcharge or review-talk
    Told {
        who: String,
        #[arg(value_parser = step)]
        step: Step,
    },
    /// The work together ends: its last day, such as "Friday 18 December"
    Part { who: String, last_day: String },
    /// It has ended
    Parted { who: String },
    /// It goes on after all
    Resume { who: String },
    /// Take the newest entry back, or the one with this number
    Undo { entry: Option<i64> },
}

/// Runs it.
pub fn run(args: &ClientsArgs, config: Option<&Path>) -> Result<Exit> {
    let mut book = Book::open(config)?;
    let mut shown = None;
    if let Some(command) = &args.command {
        shown = act(&book, command)?;
        book.read()?;
    }
    let mut out = io::stdout().lock();
    match shown {
        Some(person) => {
            let client =
                book.records.ledger.client_of(&person).context("that client is not there any more")?;
            match args.format {
                Format::Table => show(&book, client, &mut out)?,
                Format::Json => writeln!(out, "{}", json(&detail(&book, client))?)?,
            }
        }
        None => list(&book, args.format, &mut out)?,
    }
    Ok(Exit::Done)
}

/// Does what was asked for; gives the client to show, or none for all.
fn act(book: &Book, command: &Command) -> Result<Option<Person>> {
    let now = book.now.timestamp();
    let some = |text: &Option<String>| {
        text.as_deref().map(crate::parse::wash_text).unwrap_or_default().trim().to_owned()
    };
    let (who, mark) = match command {
        Command::Show { who } => return Ok(Some(book.client(who)?.person())),
        Command::Join { who, address } => {
            let (one, other) = (book.client(who)?.person(), person(address)?);
            book.store.add_entry(&Deed::Join { one: one.clone(), other }, now)?;
            return Ok(Some(one));
        }
        Command::Split { address } => {
            let person = person(address)?;
            let joins = |entry: &Entry| matches!(&entry.deed, Deed::Join { one, other } if *one == person || *other == person);
            if !book.store.entries()?.iter().any(joins) {
                return Err(Stop::usage(format!("{person} is joined to no other address")).into());
            }
            book.store.add_entry(&Deed::Split { person }, now)?;
            return Ok(None);
        }
        Command::Shared { address, not } => {
            let address = person(address)?.address().to_owned();
            book.store.add_entry(&Deed::Share { address, shared: !not }, now)?;
            return Ok(None);
        }
        Command::Undo { entry } => {
            let newest = || book.store.entries().map(|entries| entries.last().map(|entry| entry.id));
            let Some(id) = entry.map_or_else(newest, |entry| Ok(Some(entry)))? else {
                return Err(Stop::usage("there is no entry to take back").into());
            };
            book.store.remove_entry(id)?;
            return Ok(None);
        }
        Command::Note { who, text } => (who, Mark::Note { text: text.clone() }),
        Command::PaidLate { who, text } => (who, Mark::LatePayment { text: some(text) }),
        Command::Changes { who, text } => (who, Mark::Redo { text: some(text) }),
        Command::Unpaid { who, text } => (who, Mark::Unpaid { text: text.clone() }),
        Command::RefundDue { who, text } => (who, Mark::RefundDue { text: text.clone() }),
        Command::Paid { who, entry } => {
            if !book.client(who)?.unpaid().any(|(id, ..)| id == entry) {
                let why = format!("entry {entry} says of {who} nothing that is owed; `show` lists what is");
                return Err(Stop::usage(why).into());
            }
            (who, Mark::Paid { entry: *entry })
        }
        Command::Talked { who } => (who, Mark::CheckIn),
        Command::Told { who, step } => (who, Mark::Taken { step: *step }),
        Command::Part { who, last_day } => (who, Mark::Parting { last_day: day(book, last_day)? }),
        Command::Parted { who } => (who, Mark::Parted),
        Command::Resume { who } => (who, Mark::Resumed),
    };
    // Somebody of whom nothing is known yet is a client from now on.
    let person = match Person::parse(who) {
        Some(person) => book.records.ledger.client_of(&person).map_or(person, Client::person),
        None => book.client(who)?.person(),
    };
    book.store.add_entry(&Deed::Mark { person: person.clone(), mark }, now)?;
    Ok(Some(person))
}

/// A step that can be taken without a letter.
fn step(text: &str) -> Result<Step, String> {
    let wanted = text.replace('-', " ");
    let known = [Step::Rule, Step::Surcharge, Step::ReviewTalk];
    known
        .into_iter()
        .find(|step| step.word() == wanted)
        .ok_or_else(|| "expected rule, surcharge or review-talk".to_owned())
}

/// The owner's words.
fn words(text: &str) -> Result<String, String> {
    let text = crate::parse::wash_text(text).trim().to_owned();
    if text.is_empty() { Err("a few words are needed".to_owned()) } else { Ok(text) }
}

fn person(text: &str) -> Result<Person, Stop> {
    Person::parse(text)
        .ok_or_else(|| Stop::usage(format!("\"{text}\" is no mail address: write it as in ann@example.com")))
}

/// A day to come.
fn day(book: &Book, text: &str) -> Result<Date, Stop> {
    let at = due(text, &book.now, &book.calendar).filter(|at| *at > book.now.timestamp());
    let at = at.ok_or_else(|| {
        Stop::usage(format!("'{text}' names no day to come; write it as in \"Friday 18 December\""))
    })?;
    Ok(at.to_zoned(book.calendar.zone.clone()).date())
}

/// All clients, those of whom something happened last first.
pub(super) fn list(book: &Book, format: Format, out: &mut impl Write) -> Result<()> {
    let clients = book.records.ledger.clients();
    match format {
        Format::Json => {
            let rows: Vec<Detail<'_>> = clients.iter().map(|client| detail(book, client)).collect();
            writeln!(out, "{}", json(&rows)?)?;
        }
        Format::Table => {
            if clients.is_empty() {
                // Not among the data.
                eprintln!("No client has written yet.");
            }
            for client in book.outlook.clients(&book.records) {
                let last = client.last().map(|at| book.day(at)).unwrap_or_default();
                let number = client.written().count();
                let (name, what) = (client.name(), stands_out(book, client));
                let line = format!("{number:>4} mails  {last:>11}  {name:<24}  {what}");
                writeln!(out, "{}", line.trim_end())?;
            }
            for address in book.records.ledger.maybe_shared() {
                writeln!(
                    out,
                    "Several names write from {0}: `amicable clients shared {0}` tells them apart",
                    address.address
                )?;
            }
        }
    }
    Ok(())
}

fn stands_out(book: &Book, client: &Client) -> String {
    match book.outlook.stands_out(client) {
        None => String::new(),
        Some(StandsOut::Parting(parting::Stage::Parted { since })) => {
            format!("parted on {}", book.day(since))
        }
        Some(StandsOut::Parting(parting::Stage::Leaving { .. })) => "parting".to_owned(),
        Some(StandsOut::Often(advice)) => advice.line(),
        Some(StandsOut::Talk(since)) => format!("a yearly talk is due since {}", book.day(since)),
    }
}

/// One client.
fn show(book: &Book, client: &Client, out: &mut impl Write) -> Result<()> {
    writeln!(out, "{}", client.name())?;
    for known in &client.known {
        writeln!(out, "  {}{}", known.person, if known.shared { " (shared)" } else { "" })?;
    }
    for kind in Kind::ALL {
        let dates: Vec<String> = client.dates(kind).into_iter().map(|at| book.day(at)).collect();
        if !dates.is_empty() {
            writeln!(out, "{}: {}", kind.count(dates.len()), dates.join(", "))?;
        }
    }
    let (_, outside) = client.hours(&book.calendar);
    let written = counted(client.written().count(), "message", "messages");
    writeln!(out, "{written}, {outside} of them outside your hours")?;
    let unanswered = client.unanswered().count();
    if unanswered > 0 {
        writeln!(out, "{} without an answer of yours", counted(unanswered, "message", "messages"))?;
    }
    if let Some(advice) = book.outlook.advice.get(&client.person()) {
        for habit in &advice.habits {
            writeln!(out, "{}", habit.says())?;
        }
        writeln!(out, "Next step: {} ({})", advice.step.word(), advice.why)?;
    }
    for who in Party::ALL {
        for owed in client.open(who) {
            let name = if who == Party::Owner { "Promised" } else { "Awaited" };
            let when = owed.due.map_or_else(|| owed.by.clone(), |due| lateness(due, &book.now));
            writeln!(out, "{name}: {}, {when}", owed.what)?;
        }
    }
    let list = parting::checklist(client, book.now.timestamp());
    if parting::stage(client).is_some() {
        for letter in &list.letters {
            let sent = letter.sent.map_or_else(|| "not written".to_owned(), |at| book.day(at));
            writeln!(out, "Parting: {}: {sent}", letter.says)?;
        }
    }
    for (id, at, mark) in &client.marks {
        writeln!(out, "{id:>4}  {}  {}", book.day(*at), mark.says())?;
    }
    Ok(())
}

/// A client as JSON.
#[derive(Serialize)]
struct Detail<'a> {
    v: u8,
    name: &'a str,
    addresses: Vec<&'a str>,
    shared: bool,
    messages: usize,
    replies: usize,
    unanswered: usize,
    outside_hours: usize,
    first: Option<String>,
    last: Option<String>,
    counts: Vec<Count>,
    findings: Vec<String>,
    step: Option<&'static str>,
    why: Option<&'a str>,
    parting: Option<&'static str>,
    talk_due: bool,
    marks: Vec<Noted>,
}

#[derive(Serialize)]
struct Count {
    kind: &'static str,
    dates: Vec<String>,
}

#[derive(Serialize)]
struct Noted {
    entry: i64,
    at: String,
    says: String,
}

fn detail<'a>(book: &'a Book, client: &'a Client) -> Detail<'a> {
    let advice = book.outlook.advice.get(&client.person());
    let counts = Kind::ALL.into_iter().map(|kind| Count {
        kind: kind.word(),
        dates: client.dates(kind).into_iter().map(|at| book.said(at)).collect(),
    });
    let marks = client.marks.iter().map(|(entry, at, mark)| Noted {
        entry: *entry,
        at: book.said(*at),
        says: mark.says(),
    });
    Detail {
        v: 1,
        name: client.name(),
        addresses: client.known.iter().map(|known| known.person.as_str()).collect(),
        shared: client.known.iter().any(|known| known.shared),
        messages: client.written().count(),
        replies: client.answers.len(),
        unanswered: client.unanswered().count(),
        outside_hours: client.hours(&book.calendar).1,
        first: client.first().map(|at| book.said(at)),
        last: client.last().map(|at| book.said(at)),
        counts: counts.collect(),
        findings: advice.iter().flat_map(|advice| advice.habits.iter().map(Habit::says)).collect(),
        step: advice.map(|advice| advice.step.word()),
        why: advice.map(|advice| advice.why.as_str()),
        parting: parting::stage(client).map(|standing| match standing {
            parting::Stage::Leaving { .. } => "leaving",
            parting::Stage::Parted { .. } => "parted",
        }),
        talk_due: book.outlook.check_ins.contains_key(&client.person()),
        marks: marks.collect(),
    }
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).context("can't write it as JSON")
}
