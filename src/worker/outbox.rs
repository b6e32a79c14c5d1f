//! Sending: takes what is due out of the outbox, hands it to the one exit, keeps how each step ended, and
//! then files the copy and marks the original. The state on the disk is always ahead of the deed.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp, Zoned};

use super::{Passwords, Report, Setup};
use crate::config::{Account, Config};
use crate::deliver::smtp::Timeouts;
use crate::deliver::{self, Outcome};
use crate::source::imap::{Connection, FaultKind, Flag, SpecialUse};
use crate::store::{OutboxItem, OutboxState, Store};

/// The first wait before another try; doubled with each, up to [`LONGEST_WAIT`].
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);

/// The longest wait before another try.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(30);

/// Tells the time, in the owner's zone.
pub type Clock = fn() -> Zoned;

/// Which way replies go out.
#[derive(Debug, Clone)]
pub enum Route {
    /// Over each account's SMTP server.
    Smtp,
    /// Into a local folder (the demo).
    Folder(PathBuf),
}

impl Route {
    /// Nothing leaves the machine.
    pub fn is_local(&self) -> bool {
        matches!(self, Route::Folder(_))
    }
}

/// The sender.
#[derive(Debug)]
pub struct Outbox {
    config: Arc<Config>,
    passwords: Arc<Passwords>,
    route: Route,
    store: Store,
    lock_file: File,
    /// Held for as long as this program may send: one sender at a time on a store.
    locked: bool,
    /// The owner was told that another amicable sends.
    told: bool,
}

impl Outbox {
    /// Gets ready to send; takes no lock yet.
    pub fn open(setup: &Setup, passwords: Arc<Passwords>) -> Result<Self> {
        let path = setup.data.join("sender.lock");
        let lock_file = File::create(&path).with_context(|| format!("can't write {}", path.display()))?;
        Ok(Self {
            config: Arc::clone(&setup.config),
            passwords,
            route: setup.route.clone(),
            store: Store::open(&setup.data)?,
            lock_file,
            locked: false,
            told: false,
        })
    }

    /// Sends what is due and files what was sent. A fault is said, and what it hit stays in the store.
    pub fn work(&mut self, say: &Sender<Report>, clock: Clock) {
        if let Err(fault) = self.try_work(say, clock) {
            // Nobody listens any more once the screen is gone.
            let _ = say.send(Report::Said(format!("{fault:#}")));
        }
    }

    fn try_work(&mut self, say: &Sender<Report>, clock: Clock) -> Result<()> {
        let now = clock().timestamp();
        let (due, unfiled) = (self.store.due(now)?, self.store.unfiled(now)?);
        if due.is_empty() && unfiled.is_empty() && self.locked {
            return Ok(());
        }
        if !self.lock(say, now)? {
            return Ok(());
        }
        for item in due {
            self.send(&item, say, clock)?;
        }
        for item in self.store.unfiled(clock().timestamp())? {
            self.file(&item, clock().timestamp())?;
            let _ = say.send(Report::OutboxChanged);
        }
        Ok(())
    }

    /// Becomes the sender. What an earlier one left half done is unknown from then on.
    fn lock(&mut self, say: &Sender<Report>, now: Timestamp) -> Result<bool> {
        if self.locked {
            return Ok(true);
        }
        if self.lock_file.try_lock().is_err() {
            if !self.told {
                let _ = say.send(Report::Said("Another amicable sends; this one only reads".to_owned()));
                self.told = true;
            }
            return Ok(false);
        }
        self.locked = true;
        if self.store.interrupt_sending(now)? > 0 {
            let _ = say.send(Report::OutboxChanged);
        }
        Ok(true)
    }

    fn send(&mut self, item: &OutboxItem, say: &Sender<Report>, clock: Clock) -> Result<()> {
        if !self.store.begin_sending(item.id, clock().timestamp())? {
            return Ok(());
        }
        let _ = say.send(Report::OutboxChanged);
        let outcome = self.hand_over(item, &clock());
        let now = clock().timestamp();
        let (state, words, not_before) = match outcome {
            Outcome::Accepted(words) => (OutboxState::Sent, words, now),
            Outcome::Refused(words) => (OutboxState::Failed, words, now),
            Outcome::NotSent(words) => (OutboxState::Queued, words, after(now, wait(item.attempts))),
            Outcome::Unknown(words) => (OutboxState::Unknown, words, now),
        };
        self.store.set_outbox_state(item.id, state, &words, not_before, now)?;
        let _ = say.send(Report::OutboxChanged);
        Ok(())
    }

    fn hand_over(&self, item: &OutboxItem, now: &Zoned) -> Outcome {
        if let Route::Folder(folder) = &self.route {
            return deliver::folder::send(&item.outgoing, &item.draft.subject, now, folder);
        }
        let Some(account) = self.account(item) else {
            return Outcome::NotSent(format!(
                "account {} is not in the configuration any more",
                item.account
            ));
        };
        let password = match self.passwords.of(account) {
            Ok(password) => password,
            Err(fault) => return Outcome::NotSent(fault),
        };
        let outcome = deliver::smtp::send(
            &item.outgoing,
            &account.smtp,
            &password,
            account.ca_file.as_deref(),
            Timeouts::default(),
        );
        if matches!(outcome, Outcome::NotSent(_)) {
            // It may have been the password; asking again does no harm.
            self.passwords.forget(account);
        }
        outcome
    }

    fn account(&self, item: &OutboxItem) -> Option<&Account> {
        self.config.accounts.iter().find(|account| account.name == item.account)
    }

    /// Files the copy in Sent and marks the original as answered. A fault here is no fault of the mail,
    /// which has gone out: it is kept beside the state, and this alone is tried again.
    fn file(&mut self, item: &OutboxItem, now: Timestamp) -> Result<()> {
        if self.route.is_local() {
            self.store.set_outbox_state(item.id, OutboxState::Filed, &item.words, now, now)?;
            return self.store.set_answered(item.id);
        }
        if let Err(fault) = self.try_file(item, now) {
            let state = self.store.outbox_item(item.id)?.map_or(item.state, |item| item.state);
            let later = after(now, FIRST_WAIT * 4);
            self.store.set_outbox_state(item.id, state, &format!("{fault:#}"), later, now)?;
        }
        Ok(())
    }

    fn try_file(&mut self, item: &OutboxItem, now: Timestamp) -> Result<()> {
        let account = self
            .account(item)
            .with_context(|| format!("account {} is not configured any more", item.account))?;
        let password = self.passwords.of(account).map_err(anyhow::Error::msg)?;
        let mut connection = Connection::open(&account.imap, &password, account.ca_file.as_deref())?;
        if item.state == OutboxState::Sent {
            let folder = sent_folder(&mut connection, account)?;
            // It is there already if the server files by itself, or if an earlier try broke off late.
            let there = connection.find_by_message_id(&folder, &item.outgoing.message_id);
            if there.map_or(true, |uids| uids.is_empty()) {
                connection.append(&folder, &item.outgoing.bytes, &[Flag::Seen])?;
            }
            let words = format!("Sent; its copy is in {folder}");
            self.store.set_outbox_state(item.id, OutboxState::Filed, &words, now, now)?;
        }
        if let Some((_, folder, uid_validity, uid)) =
            item.reply_to.map(|id| self.store.location(id)).transpose()?.flatten()
        {
            match connection.add_flag(&folder, uid_validity, uid, &Flag::Answered) {
                // The message may have moved, or been given another UID, which the next fetch tells.
                Err(fault) if matches!(fault.kind, FaultKind::UidsChanged | FaultKind::NoSuchFolder) => {}
                added => drop(added?),
            }
        }
        connection.close();
        self.store.set_answered(item.id)
    }
}

/// Where copies of sent mail belong: as configured, as the server says, or `Sent`.
fn sent_folder(connection: &mut Connection, account: &Account) -> Result<String> {
    if let Some(folder) = &account.sent {
        return Ok(folder.clone());
    }
    Ok(connection.special(SpecialUse::Sent)?.map_or_else(|| "Sent".to_owned(), |folder| folder.name))
}

/// How long to wait after so many failed tries.
fn wait(attempts: u32) -> SignedDuration {
    FIRST_WAIT.saturating_mul(1 << attempts.min(10)).min(LONGEST_WAIT)
}

fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(now)
}
