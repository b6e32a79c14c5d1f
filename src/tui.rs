//! The daily session: the loop and the terminal.
//!
//! The main thread alone reads keys and draws; the worker's threads never touch the terminal, so it can be
//! handed to the owner's own editor at any time.

mod desk;
mod editor;
pub mod keys;
mod page;
pub mod state;
pub mod theme;
pub mod update;
pub mod view;
mod when;

use std::cell::RefCell;
use std::io;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jiff::Zoned;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste, KeyEventKind};
use ratatui::crossterm::execute;

use self::desk::Desk;
use self::state::State;
use self::theme::Theme;
use self::update::{Effect, Event, update};
use crate::config::Config;
use crate::reply::TemplateSet;
use crate::store::Store;
use crate::worker::Worker;

/// The longest that the screen waits before it looks at the clock and at the worker's reports.
const TICK: Duration = Duration::from_millis(100);

/// How long to wait for keys behind a key. Not zero: crossterm looks at nothing then.
const BEHIND: Duration = Duration::from_millis(1);

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
pub fn run(session: Session) -> Result<()> {
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP, signal_hook::consts::SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&ended)).context("can't watch for signals")?;
    }
    let terminal = take_terminal()?;
    let size = terminal.size().context("can't ask the terminal's size")?;
    let desk = Desk { config: Arc::clone(&session.config), store: session.store, wake: false };
    let theme = Theme::new(std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()));
    let outcome = desk
        .state(session.templates, session.demo_outbox, (size.width, size.height), Zoned::now(), theme)
        .and_then(|state| {
            let screen = Screen { terminal: RefCell::new(terminal), editor: session.config.editor.clone() };
            screen.paste(true);
            let outcome = screen.run(desk, state, session.greeting, &session.worker, &ended);
            screen.paste(false);
            outcome
        });
    ratatui::restore();
    wait_for_sender(&session.worker, &ended);
    outcome
}

/// A reply that is being handed over right now is waited for, so that its state is known; Ctrl-C ends that.
fn wait_for_sender(worker: &Worker, ended: &AtomicBool) {
    worker.stop();
    ended.store(false, Ordering::Relaxed);
    let begun = Instant::now();
    let mut told = false;
    while !worker.has_stopped() && !ended.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(20));
        if !told && begun.elapsed() > Duration::from_secs(1) {
            eprintln!(
                "Waiting for the mail server to answer. Ctrl-C leaves; the reply is then shown as unknown."
            );
            told = true;
        }
    }
}

/// Takes the terminal over, with the hook that gives it back before a panic is printed. Only a panic of this
/// thread ends the session: those of foreign code that the parser contains, and those of the worker's
/// threads, which it reports, must not touch the terminal.
fn take_terminal() -> Result<DefaultTerminal> {
    let terminal = ratatui::try_init().context("can't use the terminal")?;
    let screen = thread::current().id();
    let restoring = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == screen {
            restoring(info);
        }
    }));
    crate::parse::hush_caught_panics();
    Ok(terminal)
}

/// The terminal, which the owner's own editor may borrow.
struct Screen {
    terminal: RefCell<DefaultTerminal>,
    editor: Option<Vec<String>>,
}

impl Screen {
    fn run(
        &self,
        mut desk: Desk,
        mut state: State,
        greeting: Option<String>,
        worker: &Worker,
        ended: &AtomicBool,
    ) -> Result<()> {
        if let Some(words) = greeting {
            update(&mut state, Event::Failed(words));
        }
        loop {
            let turn = self.turn(&desk, &mut state, worker);
            let (mut effects, lost) = match turn {
                Ok(effects) => (effects, None),
                Err(fault) => (Vec::new(), Some(fault)),
            };
            // Whatever the reason to end, what was being written is kept.
            let hung_up = ended.load(Ordering::Relaxed);
            if hung_up || lost.is_some() {
                effects.extend(update::keep(&state.mode));
                effects.push(Effect::Quit);
            }
            if desk.perform_all(&mut state, effects, &mut |text| self.edit(text)) {
                return if hung_up { Ok(()) } else { lost.map_or(Ok(()), Err) };
            }
            if std::mem::take(&mut desk.wake) {
                worker.wake();
            }
        }
    }

    /// Draws, and takes in what happened since.
    fn turn(&self, desk: &Desk, state: &mut State, worker: &Worker) -> Result<Vec<Effect>> {
        self.terminal.borrow_mut().draw(|frame| view::view(state, frame)).context("can't draw")?;
        let mut effects = read_keys(state)?;
        effects.extend(update(state, Event::Tick(Zoned::now())));
        effects.extend(desk.take_reports(state, worker.reports().collect())?);
        Ok(effects)
    }

    /// Hands the terminal to the owner's own editor.
    fn edit(&self, text: &str) -> Result<String> {
        self.paste(false);
        ratatui::restore();
        let edited = editor::edit(text, self.editor.as_deref());
        let mut terminal = self.terminal.borrow_mut();
        *terminal = take_terminal()?;
        self.paste(true);
        // No `clear`: the screen is a fresh one, and ratatui would ask the terminal where its cursor is and fail
        // where no answer comes, and the text with it.
        edited
    }

    /// Whether pasted text comes as text rather than as keys. A terminal without it ignores this.
    #[expect(clippy::unused_self, reason = "it is the terminal's")]
    fn paste(&self, on: bool) {
        let _ = if on {
            execute!(io::stdout(), EnableBracketedPaste)
        } else {
            execute!(io::stdout(), DisableBracketedPaste)
        };
    }
}

/// All keys that are waiting, so that a held key doesn't draw each time; up to one that asks for something,
/// which is done before the next key counts.
fn read_keys(state: &mut State) -> Result<Vec<Effect>> {
    let mut effects = Vec::new();
    let mut wait = TICK;
    while effects.is_empty() && event::poll(wait).context("can't read the keyboard")? {
        wait = BEHIND;
        if let Some(event) = terminal_event(event::read().context("can't read the keyboard")?) {
            effects.extend(update(state, event));
        }
    }
    Ok(effects)
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

#[cfg(test)]
mod tests;
