//! What stream, adapter and session share about one connection: the limits, the clock of the running command,
//! the wish to cancel, and why it stopped. The crate between them loses such reasons on the way.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Limits;
use super::adapter::Untagged;

/// How long a wait may last before cancel flag and clock are looked at again.
pub(super) const SLICE: Duration = Duration::from_millis(250);

/// Why we stopped listening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// The cancel flag was raised.
    Cancelled,
    /// Too slow; in words.
    Late(String),
    /// Too much or not understandable; in words.
    Protocol(String),
}

/// See the head of this file.
pub(super) struct Guard {
    pub limits: Limits,
    cancel: Arc<AtomicBool>,
    running: Mutex<Running>,
}

/// The state of the running command.
pub(super) struct Running {
    deadline: Instant,
    allowed: Duration,
    /// The untagged responses so far, in order.
    pub untagged: Vec<Untagged>,
    /// The last tagged line, as it came.
    pub tagged: Vec<u8>,
    /// The server's last words (BYE).
    pub bye: Option<Vec<u8>>,
    pub bytes: usize,
    stop: Option<Stop>,
}

impl Guard {
    pub fn new(limits: Limits, cancel: Arc<AtomicBool>) -> Arc<Self> {
        let running = Running {
            deadline: Instant::now() + limits.connect,
            allowed: limits.connect,
            untagged: Vec::new(),
            tagged: Vec::new(),
            bye: None,
            bytes: 0,
            stop: None,
        };
        Arc::new(Self { limits, cancel, running: Mutex::new(running) })
    }

    /// A command starts: the clock and the counts too.
    pub fn start(&self, allowed: Duration) {
        let mut running = self.running();
        running.deadline = Instant::now() + allowed;
        running.allowed = allowed;
        running.untagged.clear();
        running.tagged.clear();
        running.bytes = 0;
    }

    pub fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether to go on waiting.
    pub fn check(&self) -> io::Result<()> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(self.stop(Stop::Cancelled));
        }
        let running = self.running();
        let (late, allowed) = (Instant::now() >= running.deadline, running.allowed);
        drop(running);
        if late {
            return Err(self.stop(Stop::Late(format!("not done after {}", seconds(allowed)))));
        }
        Ok(())
    }

    /// Remembers why, and gives an error for the way up through the crates.
    pub fn stop(&self, why: Stop) -> io::Error {
        let text = format!("{why:?}");
        self.running().stop = Some(why);
        io::Error::other(text)
    }

    pub fn stopped(&self) -> Option<Stop> {
        self.running().stop.clone()
    }
}

/// A duration for people.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f32())
}
