//! Keys of what waits: for an answer, for a moment, for a talk.

use super::{Effect, Purpose, clients, good, list};
use crate::ledger::follow_up::{MOST_NUDGES, Stage};
use crate::ledger::{Deed, Errand, Mark};
use crate::tui::keys::Act;
use crate::tui::state::{Change, Mode, State, WaitingItem, WaitingScreen};

pub(super) fn screen() -> (Mode, Vec<Effect>) {
    (Mode::Waiting(WaitingScreen::default()), Vec::new())
}

/// The message that a line of what waits is about.
fn message_of(state: &State, item: &WaitingItem) -> Option<i64> {
    match item {
        WaitingItem::Answer(waiting) => waiting.follow_up.message,
        WaitingItem::PutOff(id) => Some(*id),
        WaitingItem::CheckIn(person, _) => {
            let client = state.records.ledger.client_of(person)?;
            client.written().next_back().map(|past| past.message)
        }
    }
}

pub(super) fn enabled(state: &State, screen: &WaitingScreen, act: Act) -> bool {
    match (act, state.waiting.get(screen.selected)) {
        (Act::Open | Act::Reply | Act::Client | Act::Done, None) => false,
        (Act::Undo, _) => super::queue::undoable(state).is_some(),
        _ => true,
    }
}

pub(super) fn act(state: &mut State, mut screen: WaitingScreen, act: Act) -> (Mode, Vec<Effect>) {
    let last = state.waiting.len().saturating_sub(1);
    screen.selected = screen.selected.min(last);
    if let Some(to) = list::moved(state, screen.selected, act, last) {
        screen.selected = to;
        return (Mode::Waiting(screen), Vec::new());
    }
    let item = state.waiting.get(screen.selected).cloned();
    let message = item.as_ref().and_then(|item| message_of(state, item));
    let effects = match (act, item) {
        (Act::Back, _) => return (Mode::Queue, Vec::new()),
        (Act::Undo, _) => super::queue::undo(state),
        (Act::Client, Some(_)) => {
            let Some(id) = message else { return (Mode::Waiting(screen), Vec::new()) };
            return clients::open(state, id, Mode::Waiting(screen));
        }
        (Act::Open, Some(_)) => message.map(|id| Effect::Open(id, Purpose::Read)).into_iter().collect(),
        (Act::Reply, Some(item)) => write(state, &item, message).into_iter().collect(),
        (Act::Done, Some(item)) => done(state, &item),
        _ => Vec::new(),
    };
    (Mode::Waiting(screen), effects)
}

/// The letter that fits what waits.
fn write(state: &State, item: &WaitingItem, message: Option<i64>) -> Option<Effect> {
    let purpose = match item {
        // They never had it: the address is to be looked at, not the question to be repeated.
        WaitingItem::Answer(waiting) if matches!(waiting.stage, Stage::Returned { .. }) => {
            Purpose::Reply { all: false }
        }
        WaitingItem::Answer(waiting) => {
            let template =
                if waiting.follow_up.nudges.is_empty() { "follow-up-nudge" } else { "follow-up-last" };
            let errand = Errand::Nudge(waiting.follow_up.outbox);
            // After two reminders the owner writes in their own words.
            if waiting.follow_up.nudges.len() >= MOST_NUDGES {
                Purpose::Reply { all: false }
            } else {
                Purpose::Errand(template, errand)
            }
        }
        WaitingItem::PutOff(_) => Purpose::Reply { all: false },
        WaitingItem::CheckIn(person, _) => {
            clients::next_letter(state, state.records.ledger.client_of(person)?)
        }
    };
    Some(Effect::Open(message?, purpose))
}

/// It waits no more.
fn done(state: &mut State, item: &WaitingItem) -> Vec<Effect> {
    match item {
        WaitingItem::Answer(waiting) => {
            state.last_change = Some(Change::Awaits(waiting.follow_up.outbox));
            good(state, "It does not wait any more. u takes it back");
            vec![Effect::Awaits(waiting.follow_up.outbox, false)]
        }
        WaitingItem::PutOff(id) => {
            state.last_change = Some(Change::PutOff(*id, state.row(*id).and_then(|row| row.snooze)));
            good(state, "It is in the queue again. u takes it back");
            vec![Effect::PutOff(*id, None)]
        }
        WaitingItem::CheckIn(person, _) => {
            let deed = Deed::Mark { person: person.clone(), mark: Mark::CheckIn };
            good(state, "Noted: the next yearly talk is a year from today. u takes it back");
            vec![Effect::Note(deed)]
        }
    }
}
