//! Keys of the list of promises: kept, released, moved; and telling the client.

use super::{Effect, Purpose, good, list, prompt};
use crate::ledger::{Commitment, CommitmentState};
use crate::tui::keys::Act;
use crate::tui::state::{Change, Mode, PromisesScreen, PromptFor, State};

pub(super) fn act(state: &mut State, mut screen: PromisesScreen, act: Act) -> (Mode, Vec<Effect>) {
    let last = state.commitments.len().saturating_sub(1);
    if let Some(to) = list::moved(state, screen.selected, act, last) {
        screen.selected = to;
        return (Mode::Promises(screen), Vec::new());
    }
    let current = state.commitments.get(screen.selected).cloned();
    let effects = match (act, current) {
        (Act::Back, _) => return (Mode::Queue, Vec::new()),
        (Act::Kept, Some(commitment)) => settle(state, &commitment, CommitmentState::Kept),
        (Act::Released, Some(commitment)) => settle(state, &commitment, CommitmentState::Released),
        (Act::Move, Some(commitment)) => {
            let question = format!("By when now? ({})", commitment.what);
            let purpose = PromptFor::Move(commitment.id);
            return prompt::open(purpose, &question, &commitment.by, Mode::Promises(screen));
        }
        (Act::Reply, Some(Commitment { message: Some(id), due, .. })) => {
            let over = due.is_some_and(|due| due < state.now.timestamp());
            let letter = if over { "relationship-overdue" } else { "relationship-later" };
            vec![Effect::Open(id, Purpose::Letter(letter))]
        }
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
