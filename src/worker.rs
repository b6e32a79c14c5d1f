//! Job in, report out. Owns the network threads: one that fetches for each account, so that none waits for
//! another, and one that sends; and the one that finds the reasons of verdicts. Never touches the terminal; each thread has its own [`Store`] on the same
//! file, and says what changed.

mod fetch;
mod lessons;
mod outbox;
mod reasons;

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Result;
use jiff::{Timestamp, Zoned};
use secrecy::SecretString;

use crate::config::{Account, Config};
use crate::source::imap::{Connection, FaultKind, Limits};
use crate::store::Store;
use crate::triage::Engine;
use reasons::{Reasoner, Wish};

pub use fetch::{read_signs, take_in_all};
pub use lessons::apply_lessons;
pub use outbox::{Clock, Outbox, Route};

/// New mail is looked for this often.
const FETCH_EVERY: Duration = Duration::from_mins(2);

/// The longest pause after failed looks.
const LONGEST_PAUSE: Duration = Duration::from_mins(30);

/// The outbox is looked at this often: an undo window ends within this time of its moment.
const SEND_EVERY: Duration = Duration::from_millis(250);

/// What a worker thread says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// An account is being looked at.
    Fetching {
        /// Its name.
        account: String,
    },
    /// An account was looked at with success.
    Fetched {
        /// Its name.
        account: String,
        /// How many messages are new here.
        new: usize,
        /// When.
        at: Timestamp,
    },
    /// An account could not be looked at; tried again by itself.
    Failed {
        /// Its name.
        account: String,
        /// Why, and the way out.
        what: String,
    },
    /// Something else that the owner should know.
    Said(String),
    /// There are other messages in the store than before.
    MessagesChanged,
    /// The outbox is another than before.
    OutboxChanged,
}

/// What the threads need to work.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The accounts.
    pub config: Arc<Config>,
    /// Where the store is.
    pub data: PathBuf,
    /// Which way replies go out.
    pub route: Route,
    /// What reads messages.
    pub engine: Arc<Engine>,
}

/// The threads.
#[derive(Debug)]
pub struct Worker {
    wake_fetchers: Vec<Sender<()>>,
    wake_sender: Sender<()>,
    wishes: Sender<Wish>,
    reports: Receiver<Report>,
    stop: Arc<AtomicBool>,
    sender: JoinHandle<()>,
}

impl Worker {
    /// Starts the threads; each account is looked at right away. With no accounts to fetch from (the demo)
    /// only the sender runs.
    pub fn start(setup: &Setup) -> Result<Self> {
        let (say, reports) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let passwords = Arc::new(Passwords::default());
        let mut wake_fetchers = Vec::new();
        let (wishes, asked) = mpsc::channel();
        let accounts = if setup.route.is_local() { &[][..] } else { &setup.config.accounts[..] };
        for account in accounts {
            let (wake, woken) = mpsc::channel();
            let fetcher = fetch::Fetcher {
                account: account.clone(),
                window: setup.config.window,
                own: setup.config.own_addresses(),
                engine: Arc::clone(&setup.engine),
                passwords: Arc::clone(&passwords),
                stop: Arc::clone(&stop),
            };
            let (store, say, stop) = (Store::open(&setup.data)?, say.clone(), Arc::clone(&stop));
            let wishes = wishes.clone();
            // Not joined at the end: whatever it waits for is only reading.
            thread::Builder::new()
                .name(format!("fetch {}", account.name))
                .spawn(move || keep_fetching(&fetcher, store, &say, &wishes, &woken, &stop))?;
            wake_fetchers.push(wake);
        }
        let mut reasoner = Reasoner {
            engine: Arc::clone(&setup.engine),
            store: Store::open(&setup.data)?,
            stop: Arc::clone(&stop),
        };
        let told = say.clone();
        // Not joined at the end: what it has not found yet it finds next time.
        thread::Builder::new().name("reasons".to_owned()).spawn(move || {
            if let Some(Err(fault)) = contained(&told, "finding reasons", || reasoner.work(&asked, &told)) {
                let _ = told.send(Report::Said(format!("can't find reasons: {fault:#}")));
            }
        })?;
        let (wake_sender, woken) = mpsc::channel();
        let mut outbox = Outbox::open(setup, passwords, Arc::clone(&stop))?;
        let stopped = Arc::clone(&stop);
        let sender = thread::Builder::new().name("send".to_owned()).spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                contained(&say, "sending", || outbox.work(&say, Zoned::now));
                if woken.recv_timeout(SEND_EVERY) == Err(RecvTimeoutError::Disconnected) {
                    break;
                }
            }
        })?;
        Ok(Self { wake_fetchers, wake_sender, wishes, reports, stop, sender })
    }

    /// Looks for new mail and at the outbox now.
    pub fn wake(&self) {
        for wake in self.wake_fetchers.iter().chain([&self.wake_sender]) {
            // A thread that ended has said why.
            let _ = wake.send(());
        }
    }

    /// Finds all reasons of a message that was opened, before those of others.
    pub fn opened(&self, message: i64) {
        // A thread that ended has said why.
        let _ = self.wishes.send(Wish::Opened(message));
    }

    /// What was said since last asked.
    pub fn reports(&self) -> impl Iterator<Item = Report> {
        self.reports.try_iter()
    }

    /// Tells the threads to end, once what they are doing is done.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        // Gone already, then.
        let _ = self.wake_sender.send(());
    }

    /// Whether no reply is being handed to a server any more. A program that ends before finds that reply
    /// `unknown` at its next start.
    pub fn has_stopped(&self) -> bool {
        self.sender.is_finished()
    }
}

fn keep_fetching(
    fetcher: &fetch::Fetcher,
    mut store: Store,
    say: &Sender<Report>,
    wishes: &Sender<Wish>,
    woken: &Receiver<()>,
    stop: &AtomicBool,
) {
    contained(say, "reading", || fetcher.read_anew(&mut store, say));
    let mut wait = FETCH_EVERY;
    while !stop.load(Ordering::Relaxed) {
        let went_well = contained(say, "fetching", || fetcher.fetch(&mut store, say));
        let _ = wishes.send(Wish::Look);
        // A server that refuses is asked less and less often, so that it does not lock the account.
        wait = if went_well == Some(true) { FETCH_EVERY } else { (wait * 2).min(LONGEST_PAUSE) };
        match woken.recv_timeout(wait) {
            // Several wishes at once are one.
            Ok(()) => while woken.try_recv().is_ok() {},
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
}

/// Does a round of work; a panic in it is reported, and the next round goes on. What is on the disk is whole:
/// the store's transactions see to that, and a reply that was being sent stays `sending` until the next start
/// makes it `unknown`.
fn contained<T>(say: &Sender<Report>, what: &str, work: impl FnOnce() -> T) -> Option<T> {
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    if let Err(payload) = &done {
        let words = payload.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no words");
        let _ = say.send(Report::Said(format!("a fault of amicable while {what}: {words}")));
    }
    done.ok()
}

/// Passwords, each asked for once: a password command may want a key touched.
#[derive(Debug, Default)]
pub struct Passwords(Mutex<BTreeMap<String, SecretString>>);

impl Passwords {
    /// The password of an account.
    pub fn of(&self, account: &Account) -> Result<SecretString, String> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(password) = known.get(&account.name) {
            return Ok(password.clone());
        }
        let password = account.password()?;
        known.insert(account.name.clone(), password.clone());
        Ok(password)
    }

    /// A connection to the account's IMAP server, which ends within a second once `stop` is set. A refused
    /// password is asked for anew next time.
    fn log_in(&self, account: &Account, stop: &Arc<AtomicBool>) -> Result<Connection> {
        let password = self.of(account).map_err(anyhow::Error::msg)?;
        let (ca_file, stop) = (account.ca_file.as_deref(), Arc::clone(stop));
        let opened = Connection::open_with(&account.imap, &password, ca_file, Limits::default(), stop);
        Ok(opened.inspect_err(|fault| {
            if fault.kind == FaultKind::Login {
                self.forget(account);
            }
        })?)
    }

    /// The server refused it: ask anew next time.
    pub fn forget(&self, account: &Account) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&account.name);
    }
}
