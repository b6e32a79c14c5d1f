//! Fetching: from the server into the store, each message read and judged on the way.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use anyhow::Result;
use jiff::Timestamp;

use super::{Passwords, Report};
use crate::config::Account;
use crate::mail::{Cursor, Message, RawMessage};
use crate::parse;
use crate::source::imap::{Connection, FaultKind};
use crate::store::{Arrival, Store, TakenIn};
use crate::triage::{Engine, Verdict};

/// Messages are kept in batches of this size, a transaction each; the screen shows each batch at once.
const BATCH: usize = 25;

/// Fetches for one account.
#[derive(Debug)]
pub(super) struct Fetcher {
    pub(super) account: Account,
    pub(super) window: u32,
    pub(super) engine: Arc<Engine>,
    pub(super) passwords: Arc<Passwords>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Fetcher {
    /// Looks once; says how it went.
    pub(super) fn fetch(&self, store: &mut Store, say: &Sender<Report>) {
        let account = self.account.name.clone();
        // Nobody listens any more once the screen is gone.
        let _ = say.send(Report::Fetching { account: account.clone() });
        let report = match self.try_fetch(store, say) {
            Ok(new) => Report::Fetched { account, new, at: Timestamp::now() },
            Err(fault) => Report::Failed { what: format!("{account}: {fault:#}"), account },
        };
        let _ = say.send(Report::MessagesChanged);
        let _ = say.send(report);
    }

    fn try_fetch(&self, store: &mut Store, say: &Sender<Report>) -> Result<usize> {
        let account = &self.account;
        let password = self.passwords.of(account).map_err(anyhow::Error::msg)?;
        let mut connection = Connection::open(&account.imap, &password, account.ca_file.as_deref())
            .inspect_err(|fault| {
                if fault.kind == FaultKind::Login {
                    self.passwords.forget(account);
                }
            })?;
        connection.cancel_with(Arc::clone(&self.stop));
        let folder = &account.inbox;
        let selected = connection.examine(folder)?;
        let known = store
            .cursor(&account.name, folder)?
            .filter(|cursor| cursor.uid_validity == selected.uid_validity);
        let seen = known.map_or(0, |cursor| cursor.last_uid);
        let place = Place { account: &account.name, folder, uid_validity: selected.uid_validity };
        let mut intake =
            Intake { place, engine: &self.engine, store, batch: Vec::new(), new: 0, last_uid: seen };
        let mut kept: Result<()> = Ok(());
        connection.fetch_newer(&selected, seen, self.window, &mut |raw| {
            intake.read(raw);
            if intake.batch.len() >= BATCH {
                kept = intake.keep();
                let _ = say.send(Report::MessagesChanged);
            }
            let go_on = kept.is_ok() && !self.stop.load(Ordering::Relaxed);
            if go_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        kept?;
        intake.keep()?;
        let Intake { new, last_uid, store, .. } = intake;
        // Newest first: only a look that came to its end may move the cursor.
        if !self.stop.load(Ordering::Relaxed) {
            let cursor = Cursor { uid_validity: selected.uid_validity, last_uid };
            store.set_cursor(&account.name, folder, cursor, Timestamp::now())?;
        }
        connection.close();
        Ok(new)
    }
}

/// Where messages come from.
#[derive(Debug, Clone, Copy)]
struct Place<'a> {
    account: &'a str,
    folder: &'a str,
    uid_validity: u32,
}

/// Reads and judges messages, and keeps them batch by batch.
struct Intake<'a> {
    place: Place<'a>,
    engine: &'a Engine,
    store: &'a mut Store,
    batch: Vec<(RawMessage, Message, Verdict)>,
    new: usize,
    last_uid: u32,
}

impl Intake<'_> {
    fn read(&mut self, raw: RawMessage) {
        self.last_uid = self.last_uid.max(raw.uid.unwrap_or(0));
        let message = parse::parse(&raw.bytes);
        let verdict = self.engine.read(&message);
        self.batch.push((raw, message, verdict));
    }

    fn keep(&mut self) -> Result<()> {
        let Place { account, folder, uid_validity } = self.place;
        let arrivals: Vec<Arrival<'_>> = self
            .batch
            .iter()
            .map(|(raw, message, verdict)| Arrival { account, folder, uid_validity, raw, message, verdict })
            .collect();
        let taken = self.store.take_in(&arrivals, Timestamp::now())?;
        self.new += taken.iter().filter(|taken| matches!(taken, TakenIn::New(_))).count();
        self.batch.clear();
        Ok(())
    }
}

/// Takes in messages that are at hand already, as the inbox of an account.
pub fn take_in_all(
    store: &mut Store,
    engine: &Engine,
    account: &str,
    messages: Vec<RawMessage>,
) -> Result<()> {
    let place = Place { account, folder: "INBOX", uid_validity: 1 };
    let mut intake = Intake { place, engine, store, batch: Vec::new(), new: 0, last_uid: 0 };
    messages.into_iter().for_each(|raw| intake.read(raw));
    intake.keep()
}

/// Reads again what another version of the engine had read.
pub fn read_anew(store: &Store, engine: &Engine) -> Result<()> {
    for id in store.read_by_other_model(engine.model())? {
        if let Some(raw) = store.raw(id)? {
            store.set_verdict(id, &engine.read(&parse::parse(&raw)))?;
        }
    }
    Ok(())
}
