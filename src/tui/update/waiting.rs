//! Keys of what waits, of whom to tell, and of what a time was like.

use super::{Effect, Purpose, bad, clients, good};
use crate::ledger::Errand;
use crate::ledger::follow_up::{MOST_NUDGES, Standing};
use crate::report::text;
use crate::tui::keys::Act;
use crate::tui::page;
use crate::tui::state::{
    Change, Mode, NoticesScreen, PERIODS, ReportScreen, State, WaitingItem, WaitingScreen,
};

pub(super) fn screen() -> (Mode, Vec<Effect>) {
    (Mode::Waiting(WaitingScreen::default()), Vec::new())
}

pub(super) fn notices_screen() -> (Mode, Vec<Effect>) {
    (Mode::Notices(NoticesScreen::default()), Vec::new())
}

/// The last week.
pub(super) fn report_screen(state: &State) -> (Mode, Vec<Effect>) {
    (of_period(state, 0, 0), Vec::new())
}

fn of_period(state: &State, period: usize, page: usize) -> Mode {
    let days = PERIODS.get(period).map_or(7, |(days, _)| *days);
    Mode::Report(ReportScreen { report: Box::new(state.report(days)), period, page })
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
    let item = state.waiting_items().into_iter().nth(screen.selected);
    match (act, item) {
        (Act::Open | Act::Reply | Act::Client | Act::Done, None) => false,
        (Act::Undo, _) => super::queue::undoable(state).is_some(),
        _ => true,
    }
}

pub(super) fn act(state: &mut State, mut screen: WaitingScreen, act: Act) -> (Mode, Vec<Effect>) {
    let items = state.waiting_items();
    let last = items.len().saturating_sub(1);
    screen.selected = screen.selected.min(last);
    let item = items.get(screen.selected).cloned();
    let message = item.as_ref().and_then(|item| message_of(state, item));
    let effects = match (act, item) {
        (Act::Back, _) => return (Mode::Queue, Vec::new()),
        (Act::Up, _) => {
            screen.selected = screen.selected.saturating_sub(1);
            Vec::new()
        }
        (Act::Down, _) => {
            screen.selected = (screen.selected + 1).min(last);
            Vec::new()
        }
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
        WaitingItem::Answer(waiting) if matches!(waiting.standing, Standing::Returned { .. }) => {
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
            let deed =
                crate::ledger::Deed::Mark { person: person.clone(), mark: crate::ledger::Mark::CheckIn };
            good(state, "Noted: the next yearly talk is a year from today. u takes it back");
            vec![Effect::Note(deed)]
        }
    }
}

pub(super) fn notices(state: &mut State, mut screen: NoticesScreen, act: Act) -> (Mode, Vec<Effect>) {
    let last = state.outlook.plan.notices.len().saturating_sub(1);
    let notice = state.outlook.plan.notices.get(screen.selected.min(last)).cloned();
    let effects = match (act, notice) {
        (Act::Back, _) => return (Mode::Queue, Vec::new()),
        (Act::Up, _) => {
            screen.selected = screen.selected.saturating_sub(1);
            Vec::new()
        }
        (Act::Down, _) => {
            screen.selected = (screen.selected + 1).min(last);
            Vec::new()
        }
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

pub(super) fn report(state: &mut State, mut screen: ReportScreen, act: Act) -> (Mode, Vec<Effect>) {
    let pages = text::pages(&screen.report, page::report_width(state)).len();
    match act {
        Act::Back => return (Mode::Queue, Vec::new()),
        Act::Next => screen.page = (screen.page + 1).min(pages.saturating_sub(1)),
        Act::Previous => screen.page = screen.page.saturating_sub(1),
        Act::Period => {
            return (of_period(state, (screen.period + 1) % PERIODS.len(), screen.page), Vec::new());
        }
        _ => {}
    }
    (Mode::Report(screen), Vec::new())
}
