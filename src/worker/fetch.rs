//! Fetching: from the server into the store, each message read and judged on the way.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use anyhow::Result;
use jiff::Timestamp;

use super::{Passwords, Report};
use crate::config::Account;
use crate::ledger::Signs;
use crate::mail::{Address, Message, RawMessage};
use crate::parse;
use crate::source::imap::{Connection, Selected, Taken};
use crate::store::{Arrival, Store, TakenIn};
use crate::triage::{Depth, Engine, Judged};

/// Messages are kept in batches of this size, a transaction each; the screen shows each batch at once.
const BATCH: usize = 25;

/// A batch is kept earlier once it holds so many bytes: photographers' clients send large mail.
const BATCH_BYTES: usize = 16 << 20;

/// Fetches for one account.
#[derive(Debug)]
pub(super) struct Fetcher {
    pub(super) account: Account,
    pub(super) window: u32,
    /// The owner's addresses, of all accounts.
    pub(super) own: Vec<Address>,
    pub(super) engine: Arc<Engine>,
    pub(super) passwords: Arc<Passwords>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Fetcher {
    /// Looks once; says how it went, and returns whether it went well.
    pub(super) fn fetch(&self, store: &mut Store, say: &Sender<Report>) -> bool {
        let account = self.account.name.clone();
        // Nobody listens any more once the screen is gone.
        let _ = say.send(Report::Fetching { account: account.clone() });
        let report = match self.try_fetch(store, say) {
            Ok(new) => Report::Fetched { account, new, at: Timestamp::now() },
            Err(fault) => Report::Failed { what: format!("{account}: {fault:#}"), account },
        };
        let went_well = matches!(report, Report::Fetched { .. });
        let _ = say.send(Report::MessagesChanged);
        let _ = say.send(report);
        went_well
    }

    /// Reads again what is in the store, if the engine or its settings are others than then.
    pub(super) fn read_anew(&self, store: &mut Store, say: &Sender<Report>) {
        let account = self.account.name.clone();
        let mut tell = || drop(say.send(Report::MessagesChanged));
        let signs = read_signs(store, &self.own);
        let anew = signs.and_then(|()| read_anew(store, &self.engine, &account, &self.stop, &mut tell));
        if let Err(fault) = anew {
            // Nobody listens any more once the screen is gone.
            let _ = say.send(Report::Failed { what: format!("{account}: {fault:#}"), account });
        }
    }

    fn try_fetch(&self, store: &mut Store, say: &Sender<Report>) -> Result<usize> {
        let account = &self.account;
        let mut connection = self.passwords.log_in(account, &self.stop)?;
        let folder = &account.inbox;
        let selected = connection.examine(folder)?;
        let seen = selected.resume(store.cursor(&account.name, folder)?);
        let place = Place { account: &account.name, folder, uid_validity: selected.uid_validity };
        let mut intake =
            Intake { place, engine: &self.engine, store, own: &self.own, batch: Vec::new(), new: 0 };
        let mut kept: Result<()> = Ok(());
        // The window is for the first look; later everything that is new counts.
        let window = if seen == 0 { self.window } else { u32::MAX };
        let taken = connection.fetch_newer(&selected, seen, window, &mut |raw| {
            intake.read(raw);
            if intake.is_full() {
                kept = intake.keep();
                let _ = say.send(Report::MessagesChanged);
            }
            if kept.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        kept?;
        intake.keep()?;
        let Intake { new, store, .. } = intake;
        if seen > 0 {
            renew_flags(&mut connection, &selected, store, place, seen)?;
        }
        // Newest first: only a look that came to its end has a cursor.
        if let Some(cursor) = taken.cursor {
            store.set_cursor(&account.name, folder, cursor, Timestamp::now())?;
        }
        connection.close();
        if let Some(words) = left_out(account, &taken) {
            let _ = say.send(Report::Said(words));
        }
        Ok(new)
    }
}

/// Takes over the flags of messages that are here already: one may have been answered from a telephone.
fn renew_flags(
    connection: &mut Connection,
    selected: &Selected,
    store: &mut Store,
    place: Place<'_>,
    last: u32,
) -> Result<()> {
    let Place { account, folder, uid_validity } = place;
    let Some(first) = store.first_uid(account, folder, uid_validity)?.filter(|first| *first <= last) else {
        return Ok(());
    };
    let flags = connection.flags(selected, first..=last)?;
    store.set_flags(account, folder, uid_validity, &flags)
}

/// What of the folder is not here, or not whole.
fn left_out(account: &Account, taken: &Taken) -> Option<String> {
    let name = &account.name;
    match (taken.skipped.len(), taken.cut.len()) {
        (0, 0) => None,
        (0, cut) => Some(format!("{name}: of {cut} very large messages only the beginning was fetched")),
        (skipped, _) => {
            Some(format!("{name}: the server did not give {skipped} messages: UIDs {:?}", taken.skipped))
        }
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
    /// The owner's addresses.
    own: &'a [Address],
    batch: Vec<(RawMessage, Message, Judged, Signs)>,
    new: usize,
}

impl Intake<'_> {
    fn read(&mut self, raw: RawMessage) {
        let message = parse::parse(&raw.bytes);
        // A store that can't be read fails when the batch is kept.
        let acquaintance = self.store.acquaintance(&message).unwrap_or_default();
        // All reasons take ten readings more; `reasons` finds them afterwards.
        let judged = self.engine.judge(&message, acquaintance, Depth::Brief);
        let signs = Signs::of(&message, &raw.bytes, self.own);
        self.batch.push((raw, message, judged, signs));
    }

    fn is_full(&self) -> bool {
        let bytes: usize = self.batch.iter().map(|(raw, ..)| raw.bytes.len()).sum();
        self.batch.len() >= BATCH || bytes >= BATCH_BYTES
    }

    fn keep(&mut self) -> Result<()> {
        let Place { account, folder, uid_validity } = self.place;
        let reader = self.engine.fingerprint();
        let arrivals: Vec<Arrival<'_>> = self
            .batch
            .iter()
            .map(|(raw, message, judged, signs)| Arrival {
                account,
                folder,
                uid_validity,
                raw,
                message,
                judged,
                reader,
                signs,
            })
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
    own: &[Address],
    messages: Vec<RawMessage>,
) -> Result<()> {
    let place = Place { account, folder: "INBOX", uid_validity: 1 };
    let mut intake = Intake { place, engine, store, own, batch: Vec::new(), new: 0 };
    for raw in messages {
        intake.read(raw);
    }
    intake.keep()
}

/// Reads again what another engine had read of an account, or one with other settings, until it is told to stop. After
/// each batch `say` is called.
fn read_anew(
    store: &mut Store,
    engine: &Engine,
    account: &str,
    stop: &AtomicBool,
    say: &mut dyn FnMut(),
) -> Result<()> {
    let ids = store.read_by_another(account, engine.fingerprint())?;
    for some in ids.chunks(BATCH) {
        let mut verdicts = Vec::new();
        for id in some {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            if let Some(raw) = store.raw(*id)? {
                let message = parse::parse(&raw);
                let acquaintance = store.acquaintance(&message)?;
                verdicts.push((*id, engine.judge(&message, acquaintance, Depth::Brief)));
            }
        }
        store.set_verdicts(&verdicts, engine.fingerprint())?;
        say();
    }
    Ok(())
}

/// Tells for the ledger what there is to tell of messages that came in before there was one.
pub fn read_signs(store: &mut Store, own: &[Address]) -> Result<()> {
    let ids = store.without_signs()?;
    for some in ids.chunks(BATCH) {
        let mut told = Vec::new();
        for id in some {
            if let Some(raw) = store.raw(*id)? {
                told.push((*id, Signs::of(&parse::parse(&raw), &raw, own)));
            }
        }
        store.set_signs(&told)?;
    }
    Ok(())
}
