//! All reasons of the verdicts in the store. Mail that comes in is judged with its strongest reasons, so that the queue is
//! there at once; here the rest is found, for the message that the owner opened before all others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::Report;
use crate::parse;
use crate::store::Store;
use crate::triage::{Depth, Engine};

/// The screen is told of new reasons no more often than this, unless they are those of the message that was opened.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How soon a thread with nothing to do notices that it is to end.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What the thread is woken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// There may be messages without all their reasons.
    Look,
    /// The owner opened this message.
    Opened(i64),
}

/// Finds the reasons of messages.
pub(super) struct Reasoner {
    pub(super) engine: Arc<Engine>,
    pub(super) store: Store,
    pub(super) stop: Arc<AtomicBool>,
}

impl Reasoner {
    /// Works until it is told to stop or nobody can wish for anything any more.
    pub(super) fn work(&mut self, wishes: &Receiver<Wish>, say: &Sender<Report>) -> Result<()> {
        // What is done next stands at the end.
        let mut waiting = self.waiting()?;
        let mut told = Instant::now();
        while !self.stop.load(Ordering::Relaxed) {
            let mut opened = None;
            let patience = if waiting.is_empty() { LOOK_EVERY } else { Duration::ZERO };
            match wishes.recv_timeout(patience) {
                Ok(Wish::Look) => waiting = self.waiting()?,
                Ok(Wish::Opened(id)) => {
                    if let Some(place) = waiting.iter().position(|other| *other == id) {
                        waiting.remove(place);
                        waiting.push(id);
                        opened = Some(id);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            let Some(id) = waiting.pop() else { continue };
            self.find(id)?;
            if opened.is_some() || waiting.is_empty() || told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                // Nobody listens any more once the screen is gone.
                let _ = say.send(Report::MessagesChanged);
            }
        }
        Ok(())
    }

    /// The messages whose reasons are to be found, the oldest first.
    fn waiting(&self) -> Result<Vec<i64>> {
        let mut ids = self.store.without_all_reasons(self.engine.fingerprint())?;
        ids.reverse();
        Ok(ids)
    }

    /// Finds all reasons of a message and keeps them, if it is still there.
    fn find(&mut self, id: i64) -> Result<()> {
        let Some(raw) = self.store.raw(id)? else { return Ok(()) };
        let message = parse::parse(&raw);
        let acquaintance = self.store.acquaintance(&message)?;
        let mut judged = self.engine.judge(&message, acquaintance, Depth::Full);
        // The owner may have taught something meanwhile.
        judged.verdict = self.engine.judge_again(&judged.verdict, &judged.basis);
        self.store.set_verdicts(&[(id, judged)], self.engine.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::demo;
    use crate::triage::{Acquaintance, Settings};
    use crate::worker::take_in_all;
    use jiff::Zoned;
    use std::sync::mpsc;

    #[test]
    fn the_opened_message_has_its_reasons_first_and_in_the_end_all_have_those_that_explain_gives() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        let engine = Arc::new(Engine::new(Settings::default()));
        let inbox = demo::inbox(&Zoned::now()).into_iter().take(8).collect();
        take_in_all(&mut store, &engine, "studio", &[], inbox).unwrap();
        let ids = store.without_all_reasons(engine.fingerprint()).unwrap();
        assert!(ids.len() > 4, "{ids:?}");
        let opened = *ids.last().unwrap();
        let (wish, wishes) = mpsc::channel();
        let (say, reports) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let theirs = Store::open(folder.path()).unwrap();
        let mut reasoner = Reasoner { engine: Arc::clone(&engine), store: theirs, stop };
        wish.send(Wish::Opened(opened)).unwrap();
        let thread = std::thread::spawn(move || reasoner.work(&wishes, &say).unwrap());
        assert_eq!(reports.recv(), Ok(Report::MessagesChanged));
        assert!(!store.without_all_reasons(engine.fingerprint()).unwrap().contains(&opened));
        while !store.without_all_reasons(engine.fingerprint()).unwrap().is_empty() {
            reports.recv().unwrap();
        }
        drop(wish);
        thread.join().unwrap();
        for row in store.rows().unwrap() {
            let message = parse::parse(&store.raw(row.id).unwrap().unwrap());
            let explained = engine.explain(&message, Acquaintance::default()).verdict;
            assert_eq!(row.verdict.evidence, explained.evidence, "{}", row.subject);
        }
    }
}
