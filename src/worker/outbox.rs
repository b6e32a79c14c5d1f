//! Sending: takes what is due out of the outbox, hands it to the one exit, keeps how each step ended, and
//! then files the copy and marks the original. The state on the disk is always ahead of the deed.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp, Zoned};

use super::{Passwords, Report, Setup};
use crate::boundary::Absence;
use crate::config::{Account, Config};
use crate::deliver::smtp::Timeouts;
use crate::deliver::{self, Outcome};
use crate::ledger::follow_up::{Stage, waiting};
use crate::ledger::{Errand, Occasion};
use crate::mail::Outgoing;
use crate::source::imap::{Connection, FaultKind, Flag, SpecialUse};
use crate::store::{OutboxItem, OutboxState, Store};

/// The first wait before another try; doubled with each, up to [`LONGEST_WAIT`].
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);

/// How often the screen looks at what another amicable does to the outbox.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Where filing failed, it is tried again after this time.
const FILE_AGAIN: SignedDuration = SignedDuration::from_mins(10);

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
    /// When the outbox was last looked at while another amicable sends.
    looked: Option<Instant>,
    /// How an attempt ended that is not on the disk yet.
    outcome: Option<Ended>,
    stop: Arc<AtomicBool>,
}

/// How an attempt to send a reply ended.
#[derive(Debug)]
struct Ended {
    id: i64,
    state: OutboxState,
    words: String,
    not_before: Timestamp,
}

impl Outbox {
    /// Gets ready to send; takes no lock yet. With `stop` set nothing new is begun.
    pub fn open(setup: &Setup, passwords: Arc<Passwords>, stop: Arc<AtomicBool>) -> Result<Self> {
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
            looked: None,
            outcome: None,
            stop,
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
        if !self.lock(say, now)? {
            return Ok(());
        }
        self.keep_outcome(say, now)?;
        if self.store.has_due(clock().timestamp())? {
            self.stop_pointless(say, &clock())?;
        }
        while !self.stopping() && self.store.has_due(clock().timestamp())? {
            self.send(say, clock)?;
        }
        for item in self.store.unfiled(clock().timestamp())? {
            if self.stopping() {
                break;
            }
            self.file(&item, clock().timestamp())?;
            let _ = say.send(Report::OutboxChanged);
        }
        Ok(())
    }

    /// A reminder of what was answered meanwhile and a notice of an absence that is over help nobody: they stay here, and
    /// the owner decides.
    fn stop_pointless(&mut self, say: &Sender<Report>, now: &Zoned) -> Result<()> {
        let outbox = self.store.outbox()?;
        let waits = |item: &&OutboxItem| item.state == OutboxState::Queued && item.errand != Errand::Reply;
        if !outbox.iter().any(|item| waits(&item)) {
            return Ok(());
        }
        let records = self.store.records()?;
        let (calendar, patience) = (&self.config.calendar, self.config.policy.reminder_after);
        let answered = |of: i64| {
            let Some(follow_up) = records.follow_ups.iter().find(|follow_up| follow_up.outbox == of) else {
                return Some("the question does not wait any more; nothing was sent");
            };
            let found = waiting(follow_up, &records, calendar, patience, now);
            matches!(found.stage, Stage::Answered { .. })
                .then_some("they have answered meanwhile; nothing was sent")
        };
        let called_off = |occasion: &Occasion| {
            let stands = |absence: &Absence| {
                absence.until >= now.date() && occasion.is_of(absence.from, absence.until)
            };
            match occasion {
                Occasion::Absence { until, .. } if *until < now.date() => {
                    Some("the absence is over; nothing was sent")
                }
                Occasion::Absence { .. } if !calendar.absences.iter().any(stands) => {
                    Some("the absence is not in your calendar any more; nothing was sent")
                }
                _ => None,
            }
        };
        let pointless: Vec<(i64, String)> = outbox
            .iter()
            .filter(waits)
            .filter_map(|item| {
                let why = match &item.errand {
                    Errand::Nudge(of) => answered(*of),
                    Errand::Notice(occasion) => called_off(occasion),
                    Errand::Reply | Errand::Letter => None,
                };
                Some((item.id, why?.to_owned()))
            })
            .collect();
        if self.store.stop(&pointless, now.timestamp())? > 0 {
            let _ = say.send(Report::OutboxChanged);
        }
        Ok(())
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Becomes the sender. What an earlier one left half done is unknown from then on.
    fn lock(&mut self, say: &Sender<Report>, now: Timestamp) -> Result<bool> {
        if self.locked {
            return Ok(true);
        }
        if let Err(fault) = self.lock_file.try_lock() {
            if !self.told {
                let words = match fault {
                    TryLockError::WouldBlock => "Another amicable sends; this one only reads".to_owned(),
                    TryLockError::Error(fault) => {
                        format!("Nothing is sent: can't lock sender.lock in the data folder ({fault})")
                    }
                };
                let _ = say.send(Report::Said(words));
                self.told = true;
            }
            // The other one changes the outbox without a word to us.
            if self.looked.is_none_or(|looked| looked.elapsed() > LOOK_EVERY) {
                self.looked = Some(Instant::now());
                let _ = say.send(Report::OutboxChanged);
            }
            return Ok(false);
        }
        self.locked = true;
        if self.store.interrupt_sending(now)? > 0 {
            let _ = say.send(Report::OutboxChanged);
        }
        Ok(true)
    }

    fn send(&mut self, say: &Sender<Report>, clock: Clock) -> Result<()> {
        let Some((item, outgoing)) = self.store.begin_sending(clock().timestamp())? else { return Ok(()) };
        let _ = say.send(Report::OutboxChanged);
        let outcome = self.hand_over(&item, &outgoing, &clock());
        let now = clock().timestamp();
        let (state, words, not_before) = match outcome {
            Outcome::Accepted(words) => (OutboxState::Sent, words, now),
            Outcome::Refused(words) => (OutboxState::Failed, words, now),
            Outcome::NotSent(words) => (OutboxState::Queued, words, after(now, wait(item.attempts))),
            Outcome::Unknown(words) => (OutboxState::Unknown, words, now),
        };
        self.outcome = Some(Ended { id: item.id, state, words, not_before });
        self.keep_outcome(say, now)
    }

    /// Keeps how the last attempt ended. Where the disk can't take it (it may be full), it is kept in mind and
    /// written before anything else is sent.
    fn keep_outcome(&mut self, say: &Sender<Report>, now: Timestamp) -> Result<()> {
        let Some(ended) = &self.outcome else { return Ok(()) };
        self.store.set_outbox_state(ended.id, ended.state, &ended.words, ended.not_before, now)?;
        self.outcome = None;
        let _ = say.send(Report::OutboxChanged);
        Ok(())
    }

    fn hand_over(&self, item: &OutboxItem, outgoing: &Outgoing, now: &Zoned) -> Outcome {
        if let Route::Folder(folder) = &self.route {
            return deliver::folder::send(outgoing, &item.draft.subject, now, folder);
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
            outgoing,
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
            let later = after(now, FILE_AGAIN);
            self.store.set_outbox_state(item.id, state, &format!("{fault:#}"), later, now)?;
        }
        Ok(())
    }

    fn try_file(&mut self, item: &OutboxItem, now: Timestamp) -> Result<()> {
        let account = self
            .account(item)
            .with_context(|| format!("account {} is not configured any more", item.account))?;
        let mut connection = self.passwords.log_in(account, &self.stop)?;
        if item.state == OutboxState::Sent {
            let folder = sent_folder(&mut connection, account)?;
            // It is there already if the server files by itself, or if an earlier try broke off late.
            let there = connection.find_by_message_id(&folder, &item.message_id);
            if there.map_or(true, |uids| uids.is_empty()) {
                connection.append(&folder, &self.store.outgoing(item.id)?.bytes, &[Flag::Seen])?;
            }
            let words = format!("Sent; its copy is in {folder}");
            self.store.set_outbox_state(item.id, OutboxState::Filed, &words, now, now)?;
        }
        // A reminder or a notice answers nothing.
        if item.errand != Errand::Reply {
            connection.close();
            return self.store.set_answered(item.id);
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
