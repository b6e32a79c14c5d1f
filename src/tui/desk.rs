//! Does what [`update`](super::update()) asks for, on the store: opens messages, keeps drafts and labels, puts
//! replies into the outbox and takes them back. Never draws, never reads keys, never talks to a server; its
//! clock is the state's.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp, Zoned};

use super::state::{Account, Mode, Opened, State};
use super::theme::Theme;
use super::update::{Effect, Event, update};
use crate::config::Config;
use crate::deliver;
use crate::ledger::{History, Outlook, Records};
use crate::parse;
use crate::reply::{TemplateSet, signal};
use crate::store::{Correction, OutboxState, Pledges, SavedDraft, Store};
use crate::triage::Engine;
use crate::worker::{Report, apply_lessons};

/// What the effects work on.
#[derive(Debug)]
pub struct Desk {
    /// What is configured.
    pub config: Arc<Config>,
    /// What reads messages, and learns from corrections.
    pub engine: Arc<Engine>,
    /// The store.
    pub store: Store,
    /// The worker is wanted: there is something to send, or the owner wants new mail.
    pub wake: bool,
    /// The message that was opened last, until the worker is told.
    pub opened: Option<i64>,
}

/// The owner's own editor: takes a text, gives back what it became.
pub type Editor<'a> = &'a mut dyn FnMut(&str) -> Result<String>;

impl Desk {
    /// The screen to begin with.
    pub fn state(
        &self,
        templates: TemplateSet,
        demo_outbox: Option<String>,
        size: (u16, u16),
        now: Zoned,
        theme: Theme,
    ) -> Result<State> {
        let mut accounts = BTreeMap::new();
        for account in &self.config.accounts {
            let shown = Account {
                owner: account.owner.clone(),
                own: account.own(),
                signature: account.signature.clone(),
                checked: self.store.last_checked(&account.name)?,
                fetching: false,
                fault: None,
            };
            accounts.insert(account.name.clone(), shown);
        }
        let mut state = State {
            mode: Mode::Queue,
            rows: Vec::new(),
            selected: None,
            outbox: self.store.outbox()?,
            commitments: self.store.commitments()?,
            records: Records::default(),
            outlook: Outlook::default(),
            waiting: Vec::new(),
            accounts,
            templates,
            policy: self.config.policy.clone(),
            calendar: self.config.calendar.clone(),
            now,
            size,
            below: None,
            noted: Vec::new(),
            notice: None,
            last_change: None,
            demo_outbox,
            external_editor: self.config.editor.is_some(),
            theme,
        };
        self.renew(&mut state)?;
        Ok(state)
    }

    /// Does what was asked for, and what that leads to; true when the session ends.
    pub fn perform_all(&mut self, state: &mut State, effects: Vec<Effect>, editor: Editor<'_>) -> bool {
        let mut effects = effects;
        let mut ends = false;
        let mut kept = true;
        while !effects.is_empty() {
            let mut next = Vec::new();
            for effect in effects {
                let saves = matches!(effect, Effect::SaveDraft(..));
                let event = match effect {
                    Effect::Quit => {
                        ends = true;
                        continue;
                    }
                    Effect::Editor(text) => editor(&text).map(|text| Some(Event::Edited(text))),
                    effect => self.perform(state, effect),
                };
                // A store that can't be written must not end the session: the text is still on screen.
                kept &= !(saves && event.is_err());
                let event = event.unwrap_or_else(|fault| Some(Event::Failed(format!("{fault:#}"))));
                next.extend(event.map(|event| update(state, event)).unwrap_or_default());
            }
            effects = next;
        }
        ends && kept
    }

    fn perform(&mut self, state: &mut State, effect: Effect) -> Result<Option<Event>> {
        let now = state.now.timestamp();
        match effect {
            Effect::Open(id, purpose) => {
                self.opened = Some(id);
                return self.open(id, state).map(|opened| Some(Event::Opened(opened, purpose)));
            }
            Effect::SaveDraft(id, saved) => {
                self.store.save_draft(id, &saved, now)?;
                // It is kept while the owner writes; nothing but its mark in the queue changes.
                update(state, Event::Rows(self.store.rows()?));
                return Ok(None);
            }
            Effect::DiscardDraft(id) => self.store.discard_draft(id)?,
            Effect::Queue(id, saved, pledges) => {
                let item = self.queue(id, &saved, &pledges, state)?;
                // It is in the outbox now, whatever comes: a second one would be a second mail.
                if let Err(fault) = self.renew(state) {
                    update(state, Event::Failed(format!("{fault:#}")));
                }
                return Ok(Some(Event::Queued(item)));
            }
            Effect::TakeBack(item) => {
                let taken = self.store.take_back(item, now);
                self.renew(state)?;
                let taken = taken?;
                let Some(id) = taken.reply_to else { return Ok(None) };
                let saved = SavedDraft {
                    account: taken.account,
                    template: taken.template,
                    draft: taken.draft,
                    promises: taken.promises,
                    errand: taken.errand,
                };
                return Ok(Some(Event::TakenBack(self.open(id, state)?, Box::new(saved), taken.state)));
            }
            Effect::WentOut(item) => self.settle(item, OutboxState::Sent, now)?,
            Effect::SendAgain(item) => self.settle(item, OutboxState::Queued, now)?,
            Effect::Correct(id, correction) => self.correct(id, correction.as_ref(), now)?,
            Effect::SetDone(id, done) => self.store.set_done(id, done)?,
            Effect::Settle(id, to) => self.store.set_commitment(id, to, now)?,
            Effect::Move(id, said_by, due) => self.store.move_commitment(id, &said_by, due)?,
            Effect::Note(deed) => {
                let entry = self.store.add_entry(&deed, now)?;
                self.renew(state)?;
                return Ok(Some(Event::Noted(entry)));
            }
            Effect::TakeNoteBack(entry) => self.store.remove_entry(entry)?,
            Effect::PutOff(id, Some(snooze)) => self.store.snooze(id, snooze.until, snooze.since)?,
            Effect::PutOff(id, None) => self.store.wake(id)?,
            Effect::Awaits(item, awaits) => self.store.set_awaits(item, awaits)?,
            Effect::Fetch => {
                self.store.retry_now(now)?;
                self.wake = true;
            }
            Effect::Editor(_) | Effect::Quit => {}
        }
        self.renew(state)?;
        Ok(None)
    }

    /// Passes the worker's reports on, with what they say has changed.
    pub fn take_reports(&self, state: &mut State, reports: Vec<Report>) -> Result<Vec<Effect>> {
        let mut effects = Vec::new();
        if reports.iter().any(|report| matches!(report, Report::OutboxChanged | Report::MessagesChanged)) {
            self.renew(state)?;
        }
        for report in reports {
            effects.extend(update(state, Event::Report(report)));
        }
        Ok(effects)
    }

    /// Shows what the store holds now.
    fn renew(&self, state: &mut State) -> Result<()> {
        let (rows, outbox) = (self.store.rows()?, self.store.outbox()?);
        let commitments = self.store.commitments()?;
        let records = self.store.records_of(&rows, &outbox, &commitments)?;
        update(state, Event::Outbox(outbox));
        update(state, Event::Commitments(commitments));
        update(state, Event::Rows(rows));
        update(state, Event::Records(Box::new(records)));
        Ok(())
    }

    fn open(&self, id: i64, state: &State) -> Result<Box<Opened>> {
        let raw = self.store.raw(id)?.context("that message is not in the store any more")?;
        let draft = self.store.draft(id)?;
        let history = state.writer(id).map_or_else(History::default, |client| client.history(id));
        let message = parse::parse(&raw);
        let heard = signal::heard(&message);
        Ok(Box::new(Opened { id, message, draft, history, heard }))
    }

    /// Keeps the owner's word on a message, learns from it, and says anew what like messages are.
    fn correct(&mut self, id: i64, correction: Option<&Correction>, now: Timestamp) -> Result<()> {
        self.store.correct(id, correction, now)?;
        let raw = self.store.raw(id)?.context("that message is not in the store any more")?;
        match correction {
            Some(Correction { sender, concerns }) => {
                let lesson = self.engine.lesson(0, &parse::parse(&raw), *sender, concerns);
                self.store.teach(Some(id), lesson, now)?;
            }
            None => {
                if let Some(lesson) = self.store.lesson_of(id)? {
                    self.store.forget(lesson, now)?;
                }
            }
        }
        apply_lessons(&mut self.store, &self.engine)
    }

    /// Fixes the bytes of a reply and puts it into the outbox.
    fn queue(&mut self, id: i64, saved: &SavedDraft, pledges: &Pledges, state: &State) -> Result<i64> {
        let account = state
            .accounts
            .get(&saved.account)
            .with_context(|| format!("account {} is not in the configuration any more", saved.account))?;
        let moment = state.now.timestamp();
        let domain = account.owner.address.rsplit('@').next().unwrap_or_default();
        let message_id = deliver::new_message_id(domain, random()?, moment);
        let outgoing = deliver::compose(&saved.draft, &account.owner, message_id, &state.now)?;
        let window = SignedDuration::try_from(self.config.undo_window).unwrap_or(SignedDuration::ZERO);
        let not_before = moment.saturating_add(window).unwrap_or(moment);
        self.store.queue(saved, Some(id), &outgoing, pledges, not_before, moment)
    }

    /// The owner's word on a reply of which it is not known whether it went out.
    fn settle(&mut self, item: i64, to: OutboxState, now: Timestamp) -> Result<()> {
        self.wake = true;
        self.store.settle(item, to, now)
    }
}

/// 128 random bits from the system.
fn random() -> Result<u128> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|fault| anyhow::anyhow!("the system gives no random numbers: {fault}"))?;
    Ok(u128::from_ne_bytes(bytes))
}
