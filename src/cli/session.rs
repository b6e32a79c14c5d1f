//! `amicable`: the daily session on the configured accounts.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::classify::{EngineChoice, engine, settings};
use super::exit::{Exit, Stop};
use crate::config::Config;
use crate::reply::TemplateSet;
use crate::store::Store;
use crate::tui::{self, Session};
use crate::worker::{self, Route, Setup, Worker};

/// Runs the session.
pub fn run(config: Option<&Path>) -> Result<Exit> {
    demand_terminal()?;
    let config = settings(config, true)?.context("there is no configuration")?;
    let data = Config::data_dir().map_err(Stop::usage)?;
    let mut store = Store::open(&data)?;
    let engine = Arc::new(engine(Some(&config), EngineChoice::Auto));
    // Lessons may have been taught from the command line since.
    worker::apply_lessons(&mut store, &engine)?;
    let setup = Setup { config: Arc::new(config), data, route: Route::Smtp, engine };
    start(&setup, store, None)?;
    Ok(Exit::Done)
}

/// Refuses to go on where there is no terminal to show a session on.
pub(super) fn demand_terminal() -> Result<(), Stop> {
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Stop::usage("the daily session needs a terminal; in pipes and cron use `amicable classify`"))
}

/// Starts the threads and runs the screen.
pub(super) fn start(setup: &Setup, store: Store, demo_outbox: Option<String>) -> Result<()> {
    let (templates, faults) = TemplateSet::load(setup.config.templates.as_deref());
    let greeting = faults.first().map(|first| match faults.len() {
        1 => format!("Template {first}"),
        more => format!("Template {first} (and {} more faults)", more - 1),
    });
    let worker = Worker::start(setup)?;
    tui::run(Session {
        config: Arc::clone(&setup.config),
        engine: Arc::clone(&setup.engine),
        store,
        worker,
        templates,
        greeting,
        demo_outbox,
    })
}
