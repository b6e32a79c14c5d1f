//! The cursor of a list: where it goes, and that it stays on its line while the list changes below it.

use crate::ledger::notice::Notice;
use crate::ledger::{Occasion, Person};
use crate::tui::keys::Act;
use crate::tui::page;
use crate::tui::state::{Mode, State, WaitingItem};

/// Where the cursor of a list goes whose last line is `last`; nothing for an act that moves none.
pub(super) fn moved(state: &State, selected: usize, act: Act, last: usize) -> Option<usize> {
    // A line of the old screen stays in sight, below a heading.
    let page = page::body_height(state).saturating_sub(2).max(1);
    let to = match act {
        Act::Up => selected.saturating_sub(1),
        Act::Down => selected + 1,
        Act::PageUp => selected.saturating_sub(page),
        Act::PageDown => selected + page,
        Act::Top => 0,
        Act::Bottom => last,
        _ => return None,
    };
    Some(to.min(last))
}

/// The line under the cursor of a list that may change below it.
#[derive(Debug)]
pub(super) enum Held {
    Client(Person),
    Waiting(WaitingItem),
    Notice(Occasion, Person),
}

/// The line under the cursor.
pub(super) fn held(state: &State) -> Option<Held> {
    match &state.mode {
        Mode::Clients(screen) => {
            state.clients().get(screen.selected).map(|client| Held::Client(client.person()))
        }
        Mode::Waiting(screen) => state.waiting.get(screen.selected).cloned().map(Held::Waiting),
        Mode::Notices(screen) => {
            let notice = state.outlook.plan.notices.get(screen.selected)?;
            Some(Held::Notice(notice.occasion.clone(), notice.client.clone()))
        }
        _ => None,
    }
}

/// The cursor on the same line again, wherever it is now; where it is gone, on what has taken its place.
pub(super) fn hold(state: &mut State, held: Option<Held>) {
    let Some(held) = held else { return };
    let (at, count) = match &held {
        Held::Client(person) => {
            let clients = state.clients();
            (clients.iter().position(|client| client.person() == *person), clients.len())
        }
        Held::Waiting(item) => {
            let same = |other: &WaitingItem| match (other, item) {
                (WaitingItem::Answer(one), WaitingItem::Answer(other)) => {
                    one.follow_up.outbox == other.follow_up.outbox
                }
                (one, other) => one == other,
            };
            (state.waiting.iter().position(same), state.waiting.len())
        }
        Held::Notice(occasion, person) => {
            let notices = &state.outlook.plan.notices;
            let same = |notice: &Notice| notice.occasion == *occasion && notice.client == *person;
            (notices.iter().position(same), notices.len())
        }
    };
    let selected = match &mut state.mode {
        Mode::Clients(screen) => &mut screen.selected,
        Mode::Waiting(screen) => &mut screen.selected,
        Mode::Notices(screen) => &mut screen.selected,
        _ => return,
    };
    *selected = at.unwrap_or(*selected).min(count.saturating_sub(1));
}
