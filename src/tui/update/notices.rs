//! Keys of the list of whom to tell.

use super::{Effect, Purpose, bad, clients, list, queue};
use crate::ledger::Errand;
use crate::tui::keys::Act;
use crate::tui::state::{Mode, NoticesScreen, State};

pub(super) fn screen() -> (Mode, Vec<Effect>) {
    (Mode::Notices(NoticesScreen::default()), Vec::new())
}

pub(super) fn act(state: &mut State, mut screen: NoticesScreen, act: Act) -> (Mode, Vec<Effect>) {
    let last = state.outlook.plan.notices.len().saturating_sub(1);
    if let Some(to) = list::moved(state, screen.selected, act, last) {
        screen.selected = to;
        return (Mode::Notices(screen), Vec::new());
    }
    let notice = state.outlook.plan.notices.get(screen.selected.min(last)).cloned();
    let effects = match (act, notice) {
        (Act::Back, _) => return (Mode::Queue, Vec::new()),
        (Act::Undo, _) => queue::undo(state),
        (Act::Reply, Some(notice)) if notice.told.is_some() => {
            bad(state, format!("{} has been told already, once is enough", notice.name));
            Vec::new()
        }
        (Act::Reply, Some(notice)) => {
            let errand = Errand::Notice(notice.occasion.clone());
            vec![Effect::Open(notice.message, Purpose::Errand(notice.template, errand))]
        }
        (Act::Open, Some(notice)) => vec![Effect::Open(notice.message, Purpose::Read)],
        (Act::Client, Some(notice)) => {
            return clients::open(state, notice.message, Mode::Notices(screen));
        }
        _ => Vec::new(),
    };
    (Mode::Notices(screen), effects)
}
