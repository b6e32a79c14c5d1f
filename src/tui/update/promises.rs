//! Keys of the list of promises: kept, released, moved; and telling the client.

use super::{Effect, Purpose, bad, good, reply};
use crate::ledger::commitment::due;
use crate::ledger::{Commitment, CommitmentState};
use crate::tui::keys::Act;
use crate::tui::state::{Change, Mode, Moving, PromisesScreen, State};

pub(super) fn act(state: &mut State, mut screen: PromisesScreen, act: Act) -> (Mode, Vec<Effect>) {
    let last = state.commitments.len().saturating_sub(1);
    let current = state.commitments.get(screen.selected).cloned();
    let effects = match (act, current) {
        (Act::Back, _) => return (Mode::Queue, Vec::new()),
        (Act::Up, _) => {
            screen.selected = screen.selected.saturating_sub(1);
            Vec::new()
        }
        (Act::Down, _) => {
            screen.selected = (screen.selected + 1).min(last);
            Vec::new()
        }
        (Act::Kept, Some(commitment)) => settle(state, &commitment, CommitmentState::Kept),
        (Act::Released, Some(commitment)) => settle(state, &commitment, CommitmentState::Released),
        (Act::Move, Some(commitment)) => {
            let line = reply::offered(&commitment.by);
            let moving = Moving { id: commitment.id, selected: screen.selected, line, fault: None };
            return (Mode::Move(Box::new(moving)), Vec::new());
        }
        (Act::Reply, Some(Commitment { message: Some(id), .. })) => vec![Effect::Open(id, Purpose::Delay)],
        (Act::Open, Some(Commitment { message: Some(id), .. })) => vec![Effect::Open(id, Purpose::Read)],
        _ => Vec::new(),
    };
    (Mode::Promises(screen), effects)
}

/// To this state, or back to open from it.
fn settle(state: &mut State, commitment: &Commitment, to: CommitmentState) -> Vec<Effect> {
    let to = if commitment.state == to { CommitmentState::Open } else { to };
    state.last_change = Some(Change::Settled(commitment.id, commitment.state));
    good(
        state,
        match to {
            CommitmentState::Open => "It is open again",
            CommitmentState::Kept => "Kept. u in the queue takes it back",
            CommitmentState::Released => "Released. u in the queue takes it back",
        },
    );
    vec![Effect::Settle(commitment.id, to)]
}

pub(super) fn moving(state: &mut State, mut moving: Moving, act: Act) -> (Mode, Vec<Effect>) {
    let back = Mode::Promises(PromisesScreen { selected: moving.selected });
    if act != Act::Accept {
        return (back, Vec::new());
    }
    let said_by = reply::text_of(&moving.line);
    let Some(at) = due(&said_by, &state.now, &state.calendar) else {
        moving.fault = Some("No day is named; write it as in \"Tuesday 1 December 12:00\"".to_owned());
        return (Mode::Move(Box::new(moving)), Vec::new());
    };
    if at < state.now.timestamp() {
        moving.fault = Some(format!("{said_by} is over; name a day to come"));
        return (Mode::Move(Box::new(moving)), Vec::new());
    }
    let local = at.to_zoned(state.calendar.zone.clone());
    if state.calendar.day(local.date()).is_err() {
        bad(state, "Moved to a day on which you don't work. r tells the client");
    } else {
        good(state, "Moved. r tells the client");
    }
    (back, vec![Effect::Move(moving.id, said_by, Some(at))])
}

/// The commitments as the store has them now.
pub(super) fn take(state: &mut State, commitments: Vec<Commitment>) {
    // The cursor stays on its promise, wherever that is now.
    if let Mode::Promises(screen) = &mut state.mode {
        let id = state.commitments.get(screen.selected).map(|commitment| commitment.id);
        let at = commitments.iter().position(|commitment| Some(commitment.id) == id);
        screen.selected = at.unwrap_or(screen.selected).min(commitments.len().saturating_sub(1));
    }
    state.commitments = commitments;
}
