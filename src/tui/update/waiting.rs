//! Keys of what waits, of whom to tell, and of what a time was like.

use super::{Effect, Purpose, bad, clients, good};
use crate::ledger::follow_up::{MOST_NUDGES, Stage};
use crate::ledger::notice::Notice;
use crate::ledger::{Errand, Occasion, Person};
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
    Mode::Report(ReportScreen { report: Box::new(state.report(days)), period, page, scroll: 0 })
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
    let item = state.waiting.get(screen.selected).cloned();
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
        (Act::Undo, _) => super::queue::undo(state),
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
    let pages = text::pages(&screen.report, page::report_width(state));
    match act {
        Act::Back => return (Mode::Queue, Vec::new()),
        Act::Next => screen.page = (screen.page + 1).min(pages.len().saturating_sub(1)),
        Act::Previous => screen.page = screen.page.saturating_sub(1),
        Act::Period => {
            return (of_period(state, (screen.period + 1) % PERIODS.len(), screen.page), Vec::new());
        }
        act => {
            // Title and an empty line stand above.
            let lines = pages.get(screen.page).map_or(0, |page| page.lines.len() + 2);
            let scroll = super::scrolled(screen.scroll, act, lines, page::body_height(state));
            screen.scroll = scroll.unwrap_or(screen.scroll);
            return (Mode::Report(screen), Vec::new());
        }
    }
    screen.scroll = 0;
    (Mode::Report(screen), Vec::new())
}
