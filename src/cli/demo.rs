//! `amicable demo`: the same program on a built-in inbox. Parser, engine, store and composer are the real
//! ones; only the mail is built in, and replies end in a folder.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::civil::Time;
use jiff::{ToSpan as _, Zoned};

use super::classify::{EngineChoice, engine};
use super::exit::Exit;
use super::session;
use crate::boundary::Calendar;
use crate::config::{Config, Environment};
use crate::ledger::{Party, Promise};
use crate::source::demo;
use crate::store::{Given, Store};
use crate::worker::{self, Route, Setup};

/// The configuration of the demo.
const CONFIG: &str = include_str!("../../assets/demo/config.toml");

/// Runs the demo.
pub fn run() -> Result<Exit> {
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

fn play(folder: &Path, outbox: &Path) -> Result<()> {
    let config = Config::from_toml(CONFIG, Path::new("the demo's config.toml"), &Environment::default())?;
    eprintln!("Reading the demo inbox ...");
    let data = folder.join("data");
    let mut store = Store::open(&data)?;
    let engine = Arc::new(engine(Some(&config), EngineChoice::Auto));
    let account = config.accounts.first().context("the demo's configuration has no account")?;
    worker::take_in_all(&mut store, &engine, &account.name, demo::inbox(&Zoned::now()))?;
    promised_before(&mut store, &config.calendar, &Zoned::now())?;
    let setup = Setup { config: Arc::new(config), data, route: Route::Folder(outbox.to_owned()), engine };
    session::start(&setup, store, Some(outbox.display().to_string()))
}
