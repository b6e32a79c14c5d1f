//! Keys of the outbox, and what becomes of replies on their way.

use super::{Effect, bad, good, list};
use crate::store::{OutboxItem, OutboxState};
use crate::tui::keys::Act;
use crate::tui::state::{Mode, OutboxScreen, State};

pub(super) fn act(state: &mut State, mut screen: OutboxScreen, act: Act) -> (Mode, Vec<Effect>) {
    let last = state.outbox.len().saturating_sub(1);
    if let Some(to) = list::moved(state, screen.selected, act, last) {
        screen.selected = to;
        return (Mode::Outbox(screen), Vec::new());
    }
    let item = state.outbox.get(screen.selected).map(|item| item.id);
    let effects = match (act, item) {
        (Act::Back, _) => return (Mode::Queue, Vec::new()),
        (Act::Fetch, _) => vec![Effect::Fetch],
        (Act::Undo, Some(id)) => vec![Effect::TakeBack(id)],
        (Act::WentOut, Some(id)) => vec![Effect::WentOut(id)],
        (Act::SendAgain, Some(id)) => vec![Effect::SendAgain(id)],
        _ => Vec::new(),
    };
    (Mode::Outbox(screen), effects)
}

pub(super) fn state_of(state: &State, screen: &OutboxScreen) -> Option<OutboxState> {
    state.outbox.get(screen.selected).map(|item| item.state)
}

/// The outbox as the store has it now; says what became of replies since.
pub(super) fn take_items(state: &mut State, items: Vec<OutboxItem>) {
    let before = std::mem::replace(&mut state.outbox, items);
    for item in state.outbox.clone() {
        let was = before.iter().find(|old| old.id == item.id).map(|old| old.state);
        if was.is_some() && was != Some(item.state) {
            say(state, &item);
        }
    }
    if let Mode::Outbox(screen) = &mut state.mode {
        screen.selected = screen.selected.min(state.outbox.len().saturating_sub(1));
    }
}

fn say(state: &mut State, item: &OutboxItem) {
    let to = item.draft.to.first().map_or("", |address| address.label()).to_owned();
    match (item.state, &state.demo_outbox) {
        (OutboxState::Sent, None) => good(state, format!("Sent to {to}")),
        (OutboxState::Filed, None) => good(state, format!("Sent to {to}, and filed in Sent")),
        (OutboxState::Sent | OutboxState::Filed, Some(folder)) => {
            let words = format!("Reply to {to} is in {folder}");
            good(state, words);
        }
        (OutboxState::Failed, _) => bad(state, format!("Not sent to {to}: {}. o shows it", item.words)),
        (OutboxState::Unknown, _) => {
            bad(state, format!("It is not known whether the reply to {to} went out. o shows it"));
        }
        (OutboxState::Queued, _) if item.attempts > 0 => {
            bad(state, format!("Not sent to {to} yet: {}", item.words));
        }
        (OutboxState::Queued | OutboxState::Sending, _) => {}
    }
}
