//! `amicable demo`: the same program on a built-in inbox. Parser, engine, store and composer are the real
//! ones; only the mail is built in, and replies end in a folder.

mod year;

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use jiff::civil::Time;
use jiff::{ToSpan as _, Zoned};

use super::book::{Book, Format};
use super::classify::{EngineChoice, engine};
use super::exit::Exit;
use super::{clients, report, session, waiting};
use crate::boundary::Calendar;
use crate::config::{Config, Environment};
use crate::ledger::{Party, Promise};
use crate::source::demo;
use crate::store::{Given, Store};
use crate::triage::Engine;
use crate::worker::{self, Route, Setup};

/// The configuration of the demo.
const CONFIG: &str = include_str!("../../assets/demo/config.toml");

/// The same on a built-in inbox with the year before it: no account, nothing leaves this machine
#[derive(Debug, Args)]
pub struct DemoArgs {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Report(report::ReportArgs),
    Waiting(waiting::WaitingArgs),
    Notices(waiting::NoticesArgs),
    /// The clients of the demo
    Clients {
        /// How to print them
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

/// Runs the demo.
pub fn run(args: &DemoArgs) -> Result<Exit> {
    if let Some(command) = &args.command {
        return look(command);
    }
    session::demand_terminal()?;
    let folder = tempfile::Builder::new()
        .prefix("amicable-demo-")
        .tempdir()
        .context("can't make a temporary folder for the demo")?;
    let outbox = folder.path().join("outbox");
    play(folder.path(), &outbox)?;
    if outbox.exists() {
        // The replies are worth a look; all else goes.
        let _ = std::fs::remove_dir_all(folder.path().join("data"));
        let _ = folder.keep();
        println!("Your replies are in {}", outbox.display());
    }
    Ok(Exit::Done)
}

/// Two promises from before, so that there is something to keep: one is late, one is due today.
fn promised_before(store: &mut Store, calendar: &Calendar, now: &Zoned) -> Result<()> {
    let rows = [
        ("Opening hours on the page", "the corrected opening hours on the page", -1),
        ("Photos for the web shop", "a day for the photos", 0),
    ];
    for (subject, what, days) in rows {
        let oldest =
            store.rows()?.into_iter().filter(|row| row.subject == subject).min_by_key(|row| row.sent_at);
        let Some(row) = oldest else { continue };
        let date = now.date().saturating_add(days.days());
        let end = date.to_datetime(Time::constant(23, 0, 0, 0)).to_zoned(calendar.zone.clone())?;
        let promise = Promise {
            who: Party::Owner,
            what: what.to_owned(),
            by: date.strftime("%A %-d %B").to_string(),
            condition: None,
        };
        store.promise(row.id, &[Given { promise, due: Some(end.timestamp()) }], row.sent_at)?;
    }
    Ok(())
}

/// Looks at the demo without a session.
fn look(command: &Command) -> Result<Exit> {
    let folder = tempfile::tempdir().context("can't make a temporary folder for the demo")?;
    let now = Zoned::now();
    let engine = Arc::new(engine(Some(&configured(&now)?), EngineChoice::Auto));
    let (config, store) = furnished(folder.path(), &engine, &now)?;
    let own = config.own_addresses();
    let book = Book::of(store, config.calendar, config.policy, own, &now)?;
    let mut out = io::stdout().lock();
    match command {
        Command::Report(args) => report::print(&book, args, YEAR, &mut out)?,
        Command::Waiting(args) => waiting::print(&book, args, &mut out)?,
        Command::Notices(args) => waiting::print_notices(&book, args, &mut out)?,
        Command::Clients { format } => clients::list(&book, *format, &mut out)?,
    }
    Ok(Exit::Done)
}

/// The demo looks back at all of it.
const YEAR: i32 = 365;

/// The configuration of the demo, with its absences as seen from now.
pub fn configured(now: &Zoned) -> Result<Config> {
    let mut config = Config::from_toml(CONFIG, Path::new("the demo's config.toml"), &Environment::default())?;
    year::absences(&mut config, now)?;
    Ok(config)
}

/// A store with the demo's inbox and the year before it, in a folder.
pub fn furnished(folder: &Path, engine: &Engine, now: &Zoned) -> Result<(Config, Store)> {
    let config = configured(now)?;
    let mut store = Store::open(folder)?;
    let account = config.accounts.first().context("the demo's configuration has no account")?;
    year::live(&mut store, &config, now)?;
    worker::take_in_all(&mut store, engine, &account.name, &account.own(), demo::inbox(now))?;
    promised_before(&mut store, &config.calendar, now)?;
    Ok((config, store))
}

fn play(folder: &Path, outbox: &Path) -> Result<()> {
    eprintln!("Reading the demo inbox ...");
    let data = folder.join("data");
    let now = Zoned::now();
    let engine = Arc::new(engine(Some(&configured(&now)?), EngineChoice::Auto));
    let (config, store) = furnished(&data, &engine, &now)?;
    let setup = Setup { config: Arc::new(config), data, route: Route::Folder(outbox.to_owned()), engine };
    session::start(&setup, store, Some(outbox.display().to_string()))
}
