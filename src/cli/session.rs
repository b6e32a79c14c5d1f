//! `amicable`: the daily session on the configured accounts.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use super::{Status, load_config};
use crate::config::Config;
use crate::reply::TemplateSet;
use crate::store::Store;
use crate::triage::Engine;
use crate::tui::{self, Session};
use crate::worker::{self, Exit, Setup, Worker};

/// Runs the session.
pub fn run(config: Option<&Path>) -> Result<Status> {
    if !has_terminal() {
        return Ok(Status::Usage);
    }
    let config = Arc::new(load_config(config)?);
    let data = Config::data_dir().map_err(anyhow::Error::msg)?;
    let store = Store::open(&data)?;
    let engine = Arc::new(engine(&config));
    worker::read_anew(&store, &engine)?;
    let setup = Setup { config, data, exit: Exit::Smtp, engine };
    start(&setup, store, None)?;
    Ok(Status::Done)
}

/// Whether there is a terminal to show a session on; says what to do otherwise.
pub(super) fn has_terminal() -> bool {
    let both = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !both {
        eprintln!("amicable: the daily session needs a terminal; in pipes and cron use 'amicable classify'");
    }
    both
}

/// The engine for the owner of these accounts.
pub(super) fn engine(config: &Config) -> Engine {
    Engine::new(config.thresholds, config.own_addresses())
}

/// Starts the threads and runs the screen.
pub(super) fn start(setup: &Setup, store: Store, demo_outbox: Option<String>) -> Result<()> {
    let (templates, faults) = TemplateSet::load(setup.config.templates.as_deref());
    let greeting = faults.first().map(|first| match faults.len() {
        1 => format!("Template {first}"),
        more => format!("Template {first} (and {} more faults)", more - 1),
    });
    let worker = Worker::start(setup)?;
    tui::run(Session { config: Arc::clone(&setup.config), store, worker, templates, greeting, demo_outbox })
}
