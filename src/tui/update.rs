//! What happens when something happens: [`update`] changes the [`State`] and asks for [`Effect`]s.
//! Nothing in here waits, draws, or does I/O.

mod clients;
mod label;
mod list;
mod notices;
mod outbox;
mod promises;
mod prompt;
mod queue;
mod reader;
mod reply;
mod report;
mod waiting;

use jiff::{SignedDuration, Timestamp, Zoned};

pub(super) use reply::{keep, known_values};

use super::keys::{self, Act, Key};
use super::state::{
    Change, Help, Leaving, Mode, Notice, Opened, OutboxScreen, Pick, Reader, Reply, Review, State,
};
use crate::ledger::{Commitment, CommitmentState, Deed, Errand, Records, Snooze};
use crate::store::{Correction, OutboxItem, OutboxState, Pledges, Row, SavedDraft};
use crate::worker::Report;

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The screen has another size: columns, rows.
    Resize(u16, u16),
    /// Time went on.
    Tick(Zoned),
    /// The worker has something to say.
    Report(Report),
    /// The store's messages changed.
    Rows(Vec<Row>),
    /// The outbox changed.
    Outbox(Vec<OutboxItem>),
    /// What is promised changed.
    Commitments(Vec<Commitment>),
    /// What the store holds about clients changed.
    Records(Box<Records>),
    /// Something was noted of a client, under this number.
    Noted(i64),
    /// A message was opened, to do something with it.
    Opened(Box<Opened>, Purpose),
    /// The reply is in the outbox, under this number.
    Queued(i64),
    /// A reply was taken back from this state; it is a draft again.
    TakenBack(Box<Opened>, Box<SavedDraft>, OutboxState),
    /// The owner's own editor is done with the text.
    Edited(String),
    /// An effect failed, in plain words.
    Failed(String),
}

/// What a message is opened for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To read it.
    Read,
    /// To correct its label.
    Label,
    /// To answer it, or everybody.
    Reply {
        /// To all recipients.
        all: bool,
    },
    /// To write a letter to its writer: the template that is offered first.
    Letter(&'static str),
    /// To tell its writer something, or to remind them: the template, and the errand. What is known is filled in at once.
    Errand(&'static str, Errand),
}

/// What is to be done outside the state.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Read a message from the store; answered by [`Event::Opened`].
    Open(i64, Purpose),
    /// Keep the draft of the reply to a message.
    SaveDraft(i64, Box<SavedDraft>),
    /// Throw the draft of the reply to a message away.
    DiscardDraft(i64),
    /// Put a confirmed reply to a message into the outbox, and record what it promises and which commitments it keeps;
    /// answered by [`Event::Queued`].
    Queue(i64, Box<SavedDraft>, Pledges),
    /// Keep where a commitment stands.
    Settle(i64, CommitmentState),
    /// Keep what the owner says of a client; answered by [`Event::Noted`].
    Note(Deed),
    /// Take back what the owner said of a client, by its number.
    TakeNoteBack(i64),
    /// Put a message off, or take it out again.
    PutOff(i64, Option<Snooze>),
    /// Whether a reply, by its number in the outbox, waits for an answer.
    Awaits(i64, bool),
    /// Give a commitment another time: its number, "by when", and the moment that this is.
    Move(i64, String, Option<Timestamp>),
    /// Make a reply in the outbox a draft again; answered by [`Event::TakenBack`].
    TakeBack(i64),
    /// The owner says that an unknown reply did go out.
    WentOut(i64),
    /// The owner says that an unknown reply did not go out.
    SendAgain(i64),
    /// Keep what the owner says a message is.
    Correct(i64, Option<Correction>),
    /// Put a message away or take it out again.
    SetDone(i64, bool),
    /// Hand a text to the owner's own editor; answered by [`Event::Edited`].
    Editor(String),
    /// Look for new mail, and try what waits in the outbox.
    Fetch,
    /// End the program.
    Quit,
}

/// How long a notice stays.
const NOTICE: SignedDuration = SignedDuration::from_secs(8);

/// Takes in an event.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key) => return press(state, key),
        Event::Paste(text) => reply::paste(state, &text),
        Event::Resize(width, height) => state.size = (width, height),
        Event::Tick(now) => return tick(state, now),
        Event::Report(report) => take_report(state, report),
        Event::Rows(rows) => queue::take_rows(state, rows),
        Event::Outbox(items) => outbox::take_items(state, items),
        Event::Commitments(commitments) => promises::take(state, commitments),
        Event::Records(records) => {
            state.records = *records;
            look_out(state);
        }
        Event::Noted(entry) => {
            state.noted.push(entry);
            state.last_change = Some(Change::Noted(entry));
        }
        Event::Opened(opened, purpose) => return open(state, *opened, purpose),
        Event::Queued(item) => return queued(state, item),
        Event::TakenBack(opened, saved, was) => taken_back(state, *opened, *saved, was),
        Event::Edited(text) => return reply::edited(state, &text),
        Event::Failed(what) => bad(state, what),
    }
    Vec::new()
}

/// A key: the table says what it does; on screens where text is written, all other keys write.
fn press(state: &mut State, key: Key) -> Vec<Effect> {
    let Some(act) = keys::act(state.mode.scope(), key) else {
        reply::write(state, key);
        return Vec::new();
    };
    if !enabled(state, act) {
        return Vec::new();
    }
    let mode = std::mem::replace(&mut state.mode, Mode::Queue);
    let (mode, effects) = match (act, mode) {
        (Act::Help, below) => (Mode::Help(Box::new(Help { below, scroll: 0 })), Vec::new()),
        (Act::Quit, mode) => quit(state, mode),
        (act, Mode::Queue) => queue::act(state, act),
        (act, Mode::Reader(reader)) => reader::act(state, reader, act),
        (act, Mode::Label(label)) => label::act(state, label, act),
        (act, Mode::Pick(pick)) => reply::pick(state, pick, act),
        (act, Mode::Ask(asking)) => reply::ask(state, *asking, act),
        (act, Mode::Edit(editing)) => reply::edit(state, *editing, act),
        (act, Mode::Review(review)) => reply::review(state, *review, act),
        (act, Mode::Field(editing)) => reply::field(state, *editing, act),
        (act, Mode::Outbox(screen)) => outbox::act(state, screen, act),
        (act, Mode::Promises(screen)) => promises::act(state, screen, act),
        (act, Mode::Clients(screen)) => clients::list(state, screen, act),
        (act, Mode::Client(screen)) => clients::act(state, screen, act),
        (act, Mode::Waiting(screen)) => waiting::act(state, screen, act),
        (act, Mode::Notices(screen)) => notices::act(state, screen, act),
        (act, Mode::Report(screen)) => report::act(state, screen, act),
        (act, Mode::Prompt(prompt)) => prompt::act(state, *prompt, act),
        (act, Mode::Help(help)) => (help_page(state, *help, act), Vec::new()),
        (act, Mode::Leaving(leaving)) => leave(state, *leaving, act),
    };
    state.mode = mode;
    effects
}

/// Whether an act can do something now; the footer greys it otherwise.
pub fn enabled(state: &State, act: Act) -> bool {
    let has_message = state.current().is_some();
    match (&state.mode, act) {
        (Mode::Queue, Act::Open | Act::Reply | Act::Label | Act::Done | Act::PutOff) => has_message,
        (Mode::Queue, Act::Client) => state.current().is_some_and(|row| state.writer(row.id).is_some()),
        (Mode::Reader(reader), Act::Client) => state.writer(reader.opened.id).is_some(),
        (Mode::Clients(_), Act::Open) => !state.records.ledger.clients().is_empty(),
        (Mode::Client(screen), act) => clients::enabled(state, screen, act),
        (Mode::Waiting(screen), act) => waiting::enabled(state, screen, act),
        (Mode::Notices(screen), Act::Reply | Act::Open | Act::Client) => {
            state.outlook.plan.notices.get(screen.selected).is_some()
        }
        (Mode::Queue | Mode::Notices(_), Act::Undo) => queue::undoable(state).is_some(),
        (Mode::Leaving(_), Act::Undo) => queue::newest_queued(state).is_some(),
        (Mode::Reader(reader), Act::ReplyAll) => reply::has_other_recipients(state, &reader.opened),
        (Mode::Reader(reader), Act::History) => super::page::has_folded(&reader.opened.message),
        (Mode::Pick(pick), Act::ReplyAll) => {
            // A kept draft has its recipients already.
            pick.opened.draft.is_none() && reply::has_other_recipients(state, &pick.opened)
        }
        (Mode::Pick(pick), Act::Discard) => pick.opened.draft.is_some(),
        (Mode::Review(review), Act::Record) => !review.given.is_empty(),
        (Mode::Review(review), Act::Keeps) => review.reply.open_promises().next().is_some(),
        (Mode::Promises(_), Act::Kept | Act::Released | Act::Move) => !state.commitments.is_empty(),
        (Mode::Promises(screen), Act::Reply | Act::Open) => {
            state.commitments.get(screen.selected).is_some_and(|commitment| commitment.message.is_some())
        }
        (Mode::Review(review), Act::Send) => super::page::hindrances(&review.reply).is_empty(),
        (Mode::Outbox(screen), Act::Undo) => outbox::state_of(state, screen).is_some_and(|item_state| {
            matches!(item_state, OutboxState::Queued | OutboxState::Failed | OutboxState::Unknown)
        }),
        (Mode::Outbox(screen), Act::WentOut | Act::SendAgain) => {
            outbox::state_of(state, screen) == Some(OutboxState::Unknown)
        }
        (Mode::Label(label), Act::Reset) => {
            state.row(label.opened.id).is_some_and(|row| row.correction.is_some())
        }
        (
            Mode::Label(label),
            Act::ToggleEmergency | Act::ToggleRefund | Act::ToggleComplaint | Act::ToggleUnusual,
        ) => label.chosen.sender == crate::triage::Sender::Client,
        _ => true,
    }
}

fn open(state: &mut State, opened: Opened, purpose: Purpose) -> Vec<Effect> {
    state.selected = Some(opened.id);
    match std::mem::replace(&mut state.mode, Mode::Queue) {
        Mode::Queue => state.below = None,
        below @ (Mode::Promises(_)
        | Mode::Waiting(_)
        | Mode::Notices(_)
        | Mode::Clients(_)
        | Mode::Client(_)) => state.below = Some(Box::new(below)),
        _ => {}
    }
    state.mode = match purpose {
        Purpose::Read => Mode::Reader(Reader::new(opened)),
        Purpose::Label => label::start(state, opened, false),
        Purpose::Reply { all } => direct(reply::start(state, opened, all, None)),
        Purpose::Letter(template) => direct(reply::start(state, opened, false, Some(template))),
        Purpose::Errand(template, errand) => {
            let (mode, effects) = reply::errand(state, opened, template, errand);
            state.mode = mode;
            return effects;
        }
    };
    Vec::new()
}

/// A choice for which the message was opened.
fn direct(pick: Pick) -> Mode {
    Mode::Pick(Pick { direct: true, ..pick })
}

/// Back to the list or page from which a message was opened.
fn home(state: &mut State) -> Mode {
    state.below.take().map_or(Mode::Queue, |below| *below)
}

fn queued(state: &mut State, item: i64) -> Vec<Effect> {
    state.last_change = Some(Change::Queued(item));
    // The status line counts down from here, see `view`.
    state.notice = None;
    // Whoever tells one client goes on to tell the next.
    state.mode = home(state);
    queue::select_first_needing(state);
    vec![]
}

fn taken_back(state: &mut State, opened: Opened, saved: SavedDraft, was: OutboxState) {
    state.selected = Some(opened.id);
    let reply = Reply::kept(opened, saved);
    state.mode = Mode::Review(Box::new(Review::new(state, reply)));
    if was == OutboxState::Unknown {
        bad(state, "It is a draft again. The first one may have gone out: sent again, it is a second mail");
    } else {
        good(state, "Taken back: nothing was sent. It is a draft again");
    }
}

fn quit(state: &mut State, mode: Mode) -> (Mode, Vec<Effect>) {
    let mut effects = reply::keep(&mode);
    if state.waiting_replies() > 0 {
        return (Mode::Leaving(Box::new(Leaving { below: mode, waiting: false })), effects);
    }
    effects.push(Effect::Quit);
    (mode, effects)
}

fn leave(state: &mut State, mut leaving: Leaving, act: Act) -> (Mode, Vec<Effect>) {
    match act {
        Act::WaitAndSend => leaving.waiting = true,
        Act::Leave => return (leaving.below, vec![Effect::Quit]),
        Act::Undo => {
            let effects = queue::newest_queued(state).map(Effect::TakeBack).into_iter().collect();
            return (Mode::Queue, effects);
        }
        _ => return (leaving.below, Vec::new()),
    }
    (Mode::Leaving(Box::new(leaving)), Vec::new())
}

fn help_page(state: &State, mut help: Help, act: Act) -> Mode {
    let lines = super::view::help_lines(state, help.below.scope()).len();
    match scrolled(help.scroll, act, lines, super::page::body_height(state)) {
        Some(scroll) => help.scroll = scroll,
        None => return help.below,
    }
    Mode::Help(Box::new(help))
}

/// The new first line for an act that scrolls a text of `lines` lines in a window of `height`; nothing for
/// any other act.
fn scrolled(scroll: usize, act: Act, lines: usize, height: usize) -> Option<usize> {
    let last = lines.saturating_sub(height);
    // One line of the old screen stays in sight.
    let page = height.saturating_sub(1).max(1);
    let to = match act {
        Act::Up => scroll.saturating_sub(1),
        Act::Down => scroll + 1,
        Act::PageUp => scroll.saturating_sub(page),
        Act::PageDown => scroll + page,
        Act::Top => 0,
        Act::Bottom => last,
        _ => return None,
    };
    Some(to.min(last))
}

/// Reckons anew what follows from the records and the clock; the cursor of a list stays on its line.
fn look_out(state: &mut State) {
    let held = list::held(state);
    state.look_out();
    list::hold(state, held);
}

fn tick(state: &mut State, now: Zoned) -> Vec<Effect> {
    let moment = now.timestamp();
    // What waits and what is due is said in minutes.
    let minute = |at: &Zoned| at.timestamp().as_second().div_euclid(60);
    let later = minute(&state.now) != minute(&now);
    state.now = now;
    if later {
        look_out(state);
    }
    if state.notice.as_ref().is_some_and(|notice| notice.until <= moment) {
        state.notice = None;
    }
    if let Mode::Leaving(leaving) = &state.mode
        && leaving.waiting
        && state.waiting_replies() == 0
    {
        return vec![Effect::Quit];
    }
    reply::autosave(state)
}

fn take_report(state: &mut State, report: Report) {
    match report {
        Report::Fetching { account } => {
            if let Some(account) = state.accounts.get_mut(&account) {
                account.fetching = true;
            }
        }
        Report::Fetched { account, new, at } => {
            if let Some(account) = state.accounts.get_mut(&account) {
                account.fetching = false;
                account.fault = None;
                account.checked = Some(at);
            }
            if new > 0 {
                good(state, format!("{new} new {}", if new == 1 { "message" } else { "messages" }));
            }
        }
        Report::Failed { account, what } => {
            if let Some(account) = state.accounts.get_mut(&account) {
                account.fetching = false;
                account.fault = Some(what.clone());
            }
            bad(state, what);
        }
        Report::Said(what) => bad(state, what),
        Report::MessagesChanged | Report::OutboxChanged => {}
    }
}

fn good(state: &mut State, text: impl Into<String>) {
    note(state, text.into(), false);
}

fn bad(state: &mut State, text: impl Into<String>) {
    note(state, text.into(), true);
}

fn note(state: &mut State, text: String, bad: bool) {
    let until = state.now.timestamp().saturating_add(NOTICE).unwrap_or(jiff::Timestamp::MAX);
    state.notice = Some(Notice { text, bad, until });
}

fn outbox_screen() -> (Mode, Vec<Effect>) {
    (Mode::Outbox(OutboxScreen::default()), Vec::new())
}
