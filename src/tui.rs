//! The daily session: the loop, the terminal, and the effects that `update` asks for.
//!
//! The main thread alone reads keys and draws; the worker's threads never touch the terminal, so it can be
//! handed to the owner's own editor at any time.

mod editor;
pub mod keys;
mod page;
pub mod state;
pub mod theme;
pub mod update;
pub mod view;
mod when;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp, Zoned};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste, KeyEventKind};
use ratatui::crossterm::execute;

use self::state::{Account, Mode, Opened, State};
use self::theme::Theme;
use self::update::{Effect, Event, Purpose, update};
use crate::config::Config;
use crate::deliver;
use crate::mail::Address;
use crate::parse;
use crate::reply::TemplateSet;
use crate::store::{OutboxState, SavedDraft, Store};
use crate::worker::{Report, Worker};

/// The longest that the screen waits before it looks at the clock and at the worker's reports.
const TICK: Duration = Duration::from_millis(100);

/// All that a session needs.
#[derive(Debug)]
pub struct Session {
    /// What is configured.
    pub config: Arc<Config>,
    /// The store.
    pub store: Store,
    /// The network threads.
    pub worker: Worker,
    /// The replies to choose from.
    pub templates: TemplateSet,
    /// A word to begin with: faulty templates, for example.
    pub greeting: Option<String>,
    /// The folder that replies land in, in the demo.
    pub demo_outbox: Option<String>,
}

/// Runs the session until the owner leaves. The terminal is as it was on every way out, a panic and a
/// signal to end included.
pub fn run(mut session: Session) -> Result<()> {
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP, signal_hook::consts::SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&ended)).context("can't watch for signals")?;
    }
    let mut terminal = ratatui::try_init().context("can't use the terminal")?;
    // A terminal without bracketed paste ignores this.
    let _ = execute!(io::stdout(), EnableBracketedPaste);
    let outcome = session.run(&mut terminal, &ended);
    let _ = execute!(io::stdout(), DisableBracketedPaste);
    ratatui::restore();
    session.worker.stop();
    outcome
}

impl Session {
    fn run(&mut self, terminal: &mut DefaultTerminal, ended: &AtomicBool) -> Result<()> {
        let size = terminal.size().context("can't ask the terminal's size")?;
        let mut state = self.state((size.width, size.height))?;
        if let Some(words) = self.greeting.take() {
            update(&mut state, Event::Failed(words));
        }
        loop {
            terminal.draw(|frame| view::view(&state, frame)).context("can't draw")?;
            let mut effects = Vec::new();
            if event::poll(TICK).context("can't read the keyboard")? {
                // All that is waiting, so that a pasted or held key doesn't draw each time.
                while event::poll(Duration::ZERO).context("can't read the keyboard")? {
                    let event = event::read().context("can't read the keyboard")?;
                    effects.extend(terminal_event(event).map(|event| update(&mut state, event)).unwrap_or_default());
                    // What was asked for is done before the next key is read.
                    if !effects.is_empty() {
                        break;
                    }
                }
            }
            effects.extend(update(&mut state, Event::Tick(Zoned::now())));
            effects.extend(self.take_reports(&mut state)?);
            if ended.load(Ordering::Relaxed) {
                effects.extend(update::keep(&state.mode));
                effects.push(Effect::Quit);
            }
            if self.perform_all(&mut state, effects, terminal)? {
                return Ok(());
            }
        }
    }

    fn state(&self, size: (u16, u16)) -> Result<State> {
        let mut accounts = BTreeMap::new();
        for account in &self.config.accounts {
            let aliases = account.aliases.iter().map(|alias| Address::new("", alias.as_str()));
            let shown = Account {
                owner: account.owner.clone(),
                own: [account.owner.clone()].into_iter().chain(aliases).collect(),
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
            accounts,
            templates: self.templates.clone(),
            now: Zoned::now(),
            size,
            notice: None,
            undo_window: self.config.undo_window,
            last_change: None,
            demo_outbox: self.demo_outbox.clone(),
            external_editor: self.config.editor.is_some(),
            theme: Theme::new(std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())),
        };
        update(&mut state, Event::Rows(self.store.rows()?));
        Ok(state)
    }

    /// Passes the worker's reports on, with what they say has changed.
    fn take_reports(&mut self, state: &mut State) -> Result<Vec<Effect>> {
        let reports: Vec<Report> = self.worker.reports().collect();
        let mut effects = Vec::new();
        let outbox = reports.contains(&Report::OutboxChanged);
        if outbox {
            effects.extend(update(state, Event::Outbox(self.store.outbox()?)));
        }
        if outbox || reports.contains(&Report::MessagesChanged) {
            effects.extend(update(state, Event::Rows(self.store.rows()?)));
        }
        for report in reports {
            effects.extend(update(state, Event::Report(report)));
        }
        Ok(effects)
    }

    /// Does what was asked for, and what that leads to; true when the session ends.
    fn perform_all(
        &mut self,
        state: &mut State,
        mut effects: Vec<Effect>,
        terminal: &mut DefaultTerminal,
    ) -> Result<bool> {
        let mut ends = false;
        while !effects.is_empty() {
            let mut next = Vec::new();
            for effect in effects {
                if effect == Effect::Quit {
                    ends = true;
                    continue;
                }
                let event = match effect {
                    Effect::Editor(text) => self.edit(&text, terminal)?,
                    effect => self.perform(state, effect),
                };
                // A store that can't be written must not end the session: the text is still on screen.
                let event = event.unwrap_or_else(|fault| Some(Event::Failed(format!("{fault:#}"))));
                next.extend(event.map(|event| update(state, event)).unwrap_or_default());
            }
            effects = next;
        }
        Ok(ends)
    }

    fn perform(&mut self, state: &mut State, effect: Effect) -> Result<Option<Event>> {
        let now = Timestamp::now();
        match effect {
            Effect::Open(id, purpose) => return self.open(id).map(|opened| Some(Event::Opened(opened, purpose))),
            Effect::SaveDraft(id, saved) => self.store.save_draft(id, &saved, now)?,
            Effect::DiscardDraft(id) => self.store.discard_draft(id)?,
            Effect::Queue(id, saved) => {
                let item = self.queue(id, &saved, state)?;
                self.renew(state)?;
                return Ok(Some(Event::Queued(item)));
            }
            Effect::TakeBack(item) => {
                let taken = self.store.take_back(item, now);
                self.renew(state)?;
                let taken = taken?;
                let Some(id) = taken.reply_to else { return Ok(None) };
                let saved = SavedDraft { account: taken.account, template: None, draft: taken.draft };
                return Ok(Some(Event::TakenBack(self.open(id)?, Box::new(saved))));
            }
            Effect::WentOut(item) => self.settle(item, OutboxState::Sent)?,
            Effect::SendAgain(item) => self.settle(item, OutboxState::Queued)?,
            Effect::Correct(id, correction) => self.store.correct(id, correction.as_ref(), now)?,
            Effect::SetDone(id, done) => self.store.set_done(id, done)?,
            Effect::Fetch => {
                self.store.retry_now(now)?;
                self.worker.wake();
            }
            Effect::Editor(_) | Effect::Quit => {}
        }
        self.renew(state)?;
        Ok(None)
    }

    /// Shows what the store holds now.
    fn renew(&self, state: &mut State) -> Result<()> {
        update(state, Event::Outbox(self.store.outbox()?));
        update(state, Event::Rows(self.store.rows()?));
        Ok(())
    }

    fn open(&self, id: i64) -> Result<Box<Opened>> {
        let raw = self.store.raw(id)?.context("that message is not in the store any more")?;
        Ok(Box::new(Opened { id, message: parse::parse(&raw), draft: self.store.draft(id)? }))
    }

    /// Fixes the bytes of a reply and puts it into the outbox.
    fn queue(&mut self, id: i64, saved: &SavedDraft, state: &State) -> Result<i64> {
        let account = state
            .accounts
            .get(&saved.account)
            .with_context(|| format!("account {} is not in the configuration any more", saved.account))?;
        let now = Zoned::now();
        let moment = now.timestamp();
        let message_id = deliver::new_message_id(&account.owner.address, random(), moment);
        let outgoing = deliver::compose(&saved.draft, &account.owner, message_id, &now)?;
        let window = SignedDuration::try_from(state.undo_window).unwrap_or(SignedDuration::ZERO);
        let not_before = moment.saturating_add(window).unwrap_or(moment);
        self.store.queue(saved, Some(id), &outgoing, not_before, moment)
    }

    /// The owner's word on a reply of which it is not known whether it went out.
    fn settle(&self, item: i64, to: OutboxState) -> Result<()> {
        let now = Timestamp::now();
        self.store.set_outbox_state(item, to, "", now, now)?;
        self.worker.wake();
        Ok(())
    }

    /// Hands the terminal to the owner's own editor.
    fn edit(&self, text: &str, terminal: &mut DefaultTerminal) -> Result<Result<Option<Event>>> {
        let _ = execute!(io::stdout(), DisableBracketedPaste);
        ratatui::restore();
        let edited = editor::edit(text, self.config.editor.as_deref());
        *terminal = ratatui::try_init().context("can't use the terminal")?;
        let _ = execute!(io::stdout(), EnableBracketedPaste);
        terminal.clear().context("can't draw")?;
        Ok(edited.map(|text| Some(Event::Edited(text))))
    }
}

/// What the terminal says, as far as the screen cares.
fn terminal_event(event: event::Event) -> Option<Event> {
    match event {
        event::Event::Key(key) if key.kind != KeyEventKind::Release => Some(Event::Key(keys::Key(key))),
        event::Event::Paste(text) => Some(Event::Paste(text)),
        event::Event::Resize(width, height) => Some(Event::Resize(width, height)),
        _ => None,
    }
}
