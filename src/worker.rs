//! Job in, report out. Owns the network threads: one that fetches for each account, so that none waits for
//! another, and one that sends. Never touches the terminal; each thread has its own [`Store`] on the same
//! file, and says what changed.

mod fetch;
mod outbox;

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
use crate::store::Store;
use crate::triage::Engine;

pub use fetch::{read_anew, take_in_all};
pub use outbox::{Clock, Outbox, Route};

/// New mail is looked for this often.
const FETCH_EVERY: Duration = Duration::from_mins(2);

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
        let accounts = if setup.route.is_local() { &[][..] } else { &setup.config.accounts[..] };
        for account in accounts {
            let (wake, woken) = mpsc::channel();
            let fetcher = fetch::Fetcher {
                account: account.clone(),
                window: setup.config.window,
                engine: Arc::clone(&setup.engine),
                passwords: Arc::clone(&passwords),
                stop: Arc::clone(&stop),
            };
            let (store, say, stop) = (Store::open(&setup.data)?, say.clone(), Arc::clone(&stop));
            // Not joined at the end: whatever it waits for is only reading.
            thread::Builder::new()
                .name(format!("fetch {}", account.name))
                .spawn(move || keep_fetching(&fetcher, store, &say, &woken, &stop))?;
            wake_fetchers.push(wake);
        }
        let (wake_sender, woken) = mpsc::channel();
        let mut outbox = Outbox::open(setup, passwords)?;
        let stopped = Arc::clone(&stop);
        let sender = thread::Builder::new().name("send".to_owned()).spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                contained(&say, "sending", || outbox.work(&say, Zoned::now));
                if woken.recv_timeout(SEND_EVERY) == Err(RecvTimeoutError::Disconnected) {
                    break;
                }
            }
        })?;
        Ok(Self { wake_fetchers, wake_sender, reports, stop, sender })
    }

    /// Looks for new mail and at the outbox now.
    pub fn wake(&self) {
        for wake in self.wake_fetchers.iter().chain([&self.wake_sender]) {
            // A thread that ended has said why.
            let _ = wake.send(());
        }
    }

    /// What was said since last asked.
    pub fn reports(&self) -> impl Iterator<Item = Report> {
        self.reports.try_iter()
    }

    /// Ends the threads. Waits for a reply that is being sent right now, so that its state is known.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.wake_sender);
        // A panic over there has been reported.
        let _ = self.sender.join();
    }
}

fn keep_fetching(
    fetcher: &fetch::Fetcher,
    mut store: Store,
    say: &Sender<Report>,
    woken: &Receiver<()>,
    stop: &AtomicBool,
) {
    while !stop.load(Ordering::Relaxed) {
        contained(say, "fetching", || fetcher.fetch(&mut store, say));
        match woken.recv_timeout(FETCH_EVERY) {
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
fn contained(say: &Sender<Report>, what: &str, work: impl FnOnce()) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(work)) {
        let words = payload.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no words");
        let _ = say.send(Report::Said(format!("a fault of amicable while {what}: {words}")));
    }
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

    /// The server refused it: ask anew next time.
    pub fn forget(&self, account: &Account) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&account.name);
    }
}
