//! Keys of the queue.

use super::{Effect, Purpose, clients, good, notices, outbox_screen, prompt, report, waiting};
use crate::store::{OutboxState, Row};
use crate::tui::keys::Act;
use crate::tui::page;
use crate::tui::state::{Change, Group, Mode, PromisesScreen, State};

pub(super) fn act(state: &mut State, act: Act) -> (Mode, Vec<Effect>) {
    let current = state.current().map(|row| row.id);
    let effects = match (act, current) {
        (Act::Outbox, _) => return outbox_screen(),
        (Act::Promises, _) => return (Mode::Promises(PromisesScreen::default()), Vec::new()),
        (Act::Waiting, _) => return waiting::screen(),
        (Act::Notices, _) => return notices::screen(),
        (Act::Report, _) => return report::screen(state),
        (Act::Clients, _) => return clients::screen(),
        (Act::Client, Some(id)) => return clients::open(state, id, Mode::Queue),
        (Act::PutOff, Some(id)) => return prompt::put_off(state, id, Mode::Queue),
        (Act::Undo, _) => undo(state),
        (Act::Fetch, _) => {
            good(state, "Looking for new mail");
            vec![Effect::Fetch]
        }
        (Act::Open, Some(id)) => vec![Effect::Open(id, Purpose::Read)],
        (Act::Reply, Some(id)) => vec![Effect::Open(id, Purpose::Reply { all: false })],
        (Act::Label, Some(id)) => vec![Effect::Open(id, Purpose::Label)],
        (Act::Done, Some(id)) => done(state, id),
        (act, Some(_)) => {
            move_cursor(state, act);
            Vec::new()
        }
        (_, None) => Vec::new(),
    };
    (Mode::Queue, effects)
}

/// Puts a message away or takes it out again, and goes on to the one that follows it.
pub(super) fn done(state: &mut State, id: i64) -> Vec<Effect> {
    let Some(was) = state.row(id).map(|row| row.done) else { return Vec::new() };
    state.selected = neighbour(state, id);
    state.last_change = Some(Change::Done(id, was));
    good(state, if was { "Taken out again" } else { "Done. u takes it back" });
    vec![Effect::SetDone(id, !was)]
}

/// What `u` would take back: the last change, as long as it can be taken back, else the newest reply that
/// still waits.
pub(super) fn undoable(state: &State) -> Option<Change> {
    let is_queued =
        |id: i64| state.outbox.iter().any(|item| item.id == id && item.state == OutboxState::Queued);
    match &state.last_change {
        Some(change) if !matches!(change, Change::Queued(id) if !is_queued(*id)) => Some(change.clone()),
        _ => newest_queued(state).map(Change::Queued),
    }
}

/// The newest reply that still waits.
pub(super) fn newest_queued(state: &State) -> Option<i64> {
    state.outbox.iter().find(|item| item.state == OutboxState::Queued).map(|item| item.id)
}

pub(super) fn undo(state: &mut State) -> Vec<Effect> {
    let Some(change) = undoable(state) else { return Vec::new() };
    state.last_change = None;
    match change {
        Change::Queued(item) => vec![Effect::TakeBack(item)],
        Change::Done(id, was) => {
            state.selected = Some(id);
            good(state, if was { "Put away again" } else { "Taken out again" });
            vec![Effect::SetDone(id, was)]
        }
        Change::Label(id, was) => {
            state.selected = Some(id);
            good(state, "The label is as it was");
            vec![Effect::Correct(id, was)]
        }
        Change::Settled(id, was) => {
            good(state, "The promise is as it was");
            vec![Effect::Settle(id, was)]
        }
        Change::Noted(entry) => {
            good(state, "Taken back");
            vec![Effect::TakeNoteBack(entry)]
        }
        Change::PutOff(id, was) => {
            state.selected = Some(id);
            good(state, "It is where it was");
            vec![Effect::PutOff(id, was)]
        }
        Change::Awaits(item) => {
            good(state, "It waits for an answer again");
            vec![Effect::Awaits(item, true)]
        }
        Change::Discarded(id, saved) => {
            state.selected = Some(id);
            good(state, "The draft is there again");
            vec![Effect::SaveDraft(id, saved)]
        }
    }
}

fn move_cursor(state: &mut State, act: Act) {
    let queue = state.queue();
    let Some(at) = position(state, &queue) else { return };
    // Rows take up to two lines.
    let page = (page::body_height(state) / 2).max(1);
    let to = match act {
        Act::Down => at + 1,
        Act::Up => at.saturating_sub(1),
        Act::PageDown => at + page,
        Act::PageUp => at.saturating_sub(page),
        Act::Top => 0,
        Act::Bottom => queue.len(),
        Act::NextGroup => next_group(&queue, at),
        _ => at,
    };
    state.selected = queue.get(to.min(queue.len() - 1)).map(|(_, row)| row.id);
}

/// The first message of the group after that of the message at `at`, or the very first.
fn next_group(queue: &[(Group, &Row)], at: usize) -> usize {
    let Some((here, _)) = queue.get(at) else { return 0 };
    queue.iter().position(|(group, _)| group > here).unwrap_or(0)
}

fn position(state: &State, queue: &[(Group, &Row)]) -> Option<usize> {
    let current = state.current()?.id;
    queue.iter().position(|(_, row)| row.id == current)
}

/// The message after `id` in the queue, else the one before it.
pub(super) fn neighbour(state: &State, id: i64) -> Option<i64> {
    let queue = state.queue();
    let at = queue.iter().position(|(_, row)| row.id == id)?;
    queue.get(at + 1).or_else(|| queue.get(at.checked_sub(1)?)).map(|(_, row)| row.id)
}

/// The message `step` places further in the queue.
pub(super) fn beside(state: &State, id: i64, step: isize) -> Option<i64> {
    let queue = state.queue();
    let at = queue.iter().position(|(_, row)| row.id == id)?;
    queue.get(at.checked_add_signed(step)?).map(|(_, row)| row.id)
}

/// After a decision: on to the first message that still needs one.
pub(super) fn select_first_needing(state: &mut State) {
    state.selected = state.queue().first().map(|(_, row)| row.id);
}

/// New rows from the store; the cursor stays on its message, or at its place if that is gone.
pub(super) fn take_rows(state: &mut State, rows: Vec<Row>) {
    let fallback = state.selected.and_then(|id| neighbour(state, id));
    state.rows = rows;
    if state.selected.is_some_and(|id| state.row(id).is_none()) {
        state.selected = fallback.filter(|id| state.row(*id).is_some());
    }
    if state.selected.is_none() {
        select_first_needing(state);
    }
}
