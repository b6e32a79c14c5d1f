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

use std::io;
use std::panic;
use std::path::PathBuf;
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
use crate::triage::Engine;
use crate::worker::{Report, Worker};

/// The longest that the screen waits before it looks at the clock and at the worker's reports.
const TICK: Duration = Duration::from_millis(100);

/// How long to wait for keys behind a key. Not zero: crossterm looks at nothing then.
const BEHIND: Duration = Duration::from_millis(1);

/// Without anything happening the screen is drawn this often: a countdown runs on it.
const REDRAW: Duration = Duration::from_millis(500);

/// All that a session needs.
#[derive(Debug)]
pub struct Session {
    /// What is configured.
    pub config: Arc<Config>,
    /// What reads messages.
    pub engine: Arc<Engine>,
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
    // The phrases take some tenths of a second to compile; the first message that is opened should not wait for them.
    thread::spawn(crate::reply::signal::prepare);
    let Session { config, engine, store, worker, templates, greeting, demo_outbox } = session;
    let mut desk = Desk { config, engine, store, wake: false, opened: None };
    let theme = Theme::new(std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()));
    let mut screen = Screen::take(desk.config.editor.clone(), Arc::clone(&ended))?;
    let outcome = screen.size().and_then(|size| {
        let mut state = desk.state(templates, demo_outbox, size, Zoned::now(), theme)?;
        if let Some(words) = greeting {
            update(&mut state, Event::Failed(words));
        }
        screen.run(&mut desk, &mut state, &worker)
    });
    give_back_terminal();
    wait_for_sender(&worker, &ended);
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
            marked_paste(false);
            restoring(info);
        }
    }));
    crate::parse::hush_caught_panics();
    marked_paste(true);
    Ok(terminal)
}

fn give_back_terminal() {
    marked_paste(false);
    ratatui::restore();
}

/// Whether pasted text comes as text rather than as keys. A terminal without it ignores this.
fn marked_paste(on: bool) {
    let _ = if on {
        execute!(io::stdout(), EnableBracketedPaste)
    } else {
        execute!(io::stdout(), DisableBracketedPaste)
    };
}

/// The terminal, which the owner's own editor may borrow.
struct Screen {
    terminal: DefaultTerminal,
    editor: Option<Vec<String>>,
    /// A signal said to end.
    ended: Arc<AtomicBool>,
    /// Files that the editor wrote; they stay until the store has surely kept what is in them.
    written: Vec<PathBuf>,
}

impl Screen {
    fn take(editor: Option<Vec<String>>, ended: Arc<AtomicBool>) -> Result<Self> {
        Ok(Self { terminal: take_terminal()?, editor, ended, written: Vec::new() })
    }

    fn size(&self) -> Result<(u16, u16)> {
        let size = self.terminal.size().context("can't ask the terminal's size")?;
        Ok((size.width, size.height))
    }

    fn run(&mut self, desk: &mut Desk, state: &mut State, worker: &Worker) -> Result<()> {
        loop {
            let turn = self.turn(desk, state, worker);
            // Whatever the reason to end, what was being written is kept.
            let hung_up = self.ended.load(Ordering::Relaxed);
            if hung_up || turn.is_err() {
                let effects = update::keep(&state.mode);
                desk.perform_all(state, effects, &mut |_| anyhow::bail!("the session has ended"));
                return turn.map(drop);
            }
            if desk.perform_all(state, turn?, &mut |text| self.edit(text)) {
                // All is kept; otherwise the session goes on.
                for file in self.written.drain(..) {
                    let _ = std::fs::remove_file(file);
                }
                return Ok(());
            }
            if let Some(id) = desk.opened.take() {
                worker.opened(id);
            }
            if std::mem::take(&mut desk.wake) {
                worker.wake();
            }
        }
    }

    /// Draws, and takes in what happens until something does, or the clock on screen has moved on.
    fn turn(&mut self, desk: &Desk, state: &mut State, worker: &Worker) -> Result<Vec<Effect>> {
        let begun = Instant::now();
        self.terminal.draw(|frame| view::view(state, frame)).context("can't draw")?;
        // The one way to show from outside that a panic gives the terminal back; in builds for tests only.
        #[cfg(debug_assertions)]
        assert!(std::env::var_os("AMICABLE_PANIC").is_none(), "asked for by a test");
        let took = begun.elapsed();
        let drawn = Instant::now();
        loop {
            let keys = read_keys(state, took)?;
            let reports: Vec<Report> = worker.reports().collect();
            let happened = keys.is_some() || !reports.is_empty();
            let mut effects = keys.unwrap_or_default();
            effects.extend(update(state, Event::Tick(Zoned::now())));
            effects.extend(desk.take_reports(state, reports)?);
            let ended = self.ended.load(Ordering::Relaxed);
            if happened || ended || !effects.is_empty() || drawn.elapsed() >= REDRAW {
                return Ok(effects);
            }
        }
    }

    /// Hands the terminal to the owner's own editor.
    fn edit(&mut self, text: &str) -> Result<String> {
        give_back_terminal();
        let edited = editor::edit(text, self.editor.as_deref());
        // Ctrl-C over there was meant for the editor.
        self.ended.store(false, Ordering::Relaxed);
        // A terminal that is gone by now shows at the next drawing; the text comes first.
        if let Ok(terminal) = take_terminal() {
            self.terminal = terminal;
        }
        let (text, file) = edited?;
        self.written.push(file);
        Ok(text)
    }
}

/// All keys that are waiting, so that a held key doesn't draw each time; up to one that asks for something,
/// which is done before the next key counts. Nothing if nothing happened. A flood of keys takes at most four
/// times as long as the drawing `took`, so that a long text doesn't make the keys crawl.
fn read_keys(state: &mut State, took: Duration) -> Result<Option<Vec<Effect>>> {
    let begun = Instant::now();
    let longest = TICK.max(took * 4);
    let mut happened = None;
    let mut wait = TICK;
    while event::poll(wait).context("can't read the keyboard")? {
        wait = BEHIND;
        let event = terminal_event(event::read().context("can't read the keyboard")?);
        let effects = event.map(|event| update(state, event)).unwrap_or_default();
        let done = !effects.is_empty() || begun.elapsed() > longest;
        happened = Some(effects);
        if done {
            break;
        }
    }
    Ok(happened)
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
