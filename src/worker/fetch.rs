//! Fetching: from the server into the store, each message read and judged on the way.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use anyhow::{Context, Result};
use jiff::Timestamp;

use super::{Passwords, Report};
use crate::config::Account;
use crate::mail::{Cursor, RawMessage};
use crate::parse;
use crate::source::imap::{Connection, FaultKind};
use crate::store::{Arrival, Store, TakenIn};
use crate::triage::Engine;

/// The screen is told of new messages after this many, so that the first ones show before all are there.
const SAY_AFTER: usize = 20;

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
        let mut last_uid = known.map_or(0, |cursor| cursor.last_uid);
        let mut new = 0;
        let mut kept: Result<()> = Ok(());
        connection.fetch_newer(&selected, last_uid, self.window, &mut |raw| {
            last_uid = last_uid.max(raw.uid.unwrap_or(0));
            match take_in(store, &self.engine, &account.name, folder, selected.uid_validity, &raw) {
                Ok(TakenIn::New(_)) => new += 1,
                Ok(TakenIn::Known(_)) => {}
                Err(fault) => {
                    kept = Err(fault);
                    return ControlFlow::Break(());
                }
            }
            if new % SAY_AFTER == 1 {
                let _ = say.send(Report::MessagesChanged);
            }
            if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        kept?;
        // Newest first: only a look that came to its end may move the cursor.
        if !self.stop.load(Ordering::Relaxed) {
            let cursor = Cursor { uid_validity: selected.uid_validity, last_uid };
            store.set_cursor(&account.name, folder, cursor, Timestamp::now())?;
        }
        connection.close();
        Ok(new)
    }
}

/// Reads, judges and keeps one message.
fn take_in(
    store: &mut Store,
    engine: &Engine,
    account: &str,
    folder: &str,
    uid_validity: u32,
    raw: &RawMessage,
) -> Result<TakenIn> {
    let message = parse::parse(&raw.bytes);
    let verdict = engine.read(&message);
    let arrival = Arrival { account, folder, uid_validity, raw, message: &message, verdict: &verdict };
    store.take_in(&arrival, Timestamp::now()).with_context(|| format!("message {}", raw.place))
}

/// Takes in messages that are at hand already, as one folder of an account.
pub fn take_in_all(store: &mut Store, engine: &Engine, account: &str, messages: &[RawMessage]) -> Result<()> {
    for raw in messages {
        take_in(store, engine, account, "INBOX", 1, raw)?;
    }
    Ok(())
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
